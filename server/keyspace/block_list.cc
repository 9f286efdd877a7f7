#include "server/keyspace/block_list.h"

#include <algorithm>
#include <utility>

#include "server/base/check.h"

namespace nuthatch::keyspace {

BlockList::Lines::iterator BlockList::Find(int db, const Key& key) {
  auto [begin, end] = lines_.equal_range(Hash(db, key));
  auto found = std::find_if(begin, end, [&](const auto& line) {
    return line.second.key.db == db && line.second.key.name == key.name;
  });
  return found == end ? lines_.end() : found;
}

BlockList::Lines::const_iterator BlockList::Find(int db, const Key& key) const {
  return const_cast<BlockList*>(this)->Find(db, key);
}

void BlockList::Add(int db, const Key& key, const std::shared_ptr<Waiter>& waiter,
                    uint32_t key_index) {
  auto found = Find(db, key);
  if (found == lines_.end()) {
    found = lines_.emplace(Hash(db, key), Line{});
    found->second.key = {db, std::string(key.name), key.hash, key.slot};
  }
  std::deque<Place>& places = found->second.places;
  // A command names a key twice at once, or never.
  if (!places.empty() && places.back().waiter == waiter) return;
  places.push_back({waiter, key_index});
}

void BlockList::Remove(int db, const Key& key, const Waiter& waiter) {
  auto found = Find(db, key);
  if (found == lines_.end()) return;
  std::deque<Place>& places = found->second.places;
  auto place = std::find_if(places.begin(), places.end(),
                            [&](const Place& p) { return p.waiter.get() == &waiter; });
  if (place != places.end()) places.erase(place);
  if (places.empty()) lines_.erase(found);
}

const BlockList::Place* BlockList::At(int db, const Key& key, size_t i) const {
  auto found = Find(db, key);
  if (found == lines_.end() || i >= found->second.places.size()) return nullptr;
  return &found->second.places[i];
}

void BlockList::RemoveAt(int db, const Key& key, size_t i) {
  auto found = Find(db, key);
  CHECK(found != lines_.end() && i < found->second.places.size());
  std::deque<Place>& places = found->second.places;
  places.erase(places.begin() + static_cast<std::ptrdiff_t>(i));
  if (places.empty()) lines_.erase(found);
}

void BlockList::AddDeadline(int64_t deadline_ms, const std::shared_ptr<Waiter>& waiter) {
  deadlines_.emplace(deadline_ms, waiter);
}

void BlockList::RemoveDeadline(int64_t deadline_ms, const Waiter& waiter) {
  auto [begin, end] = deadlines_.equal_range(deadline_ms);
  auto found =
      std::find_if(begin, end, [&](const auto& entry) { return entry.second.get() == &waiter; });
  if (found != end) deadlines_.erase(found);
}

std::shared_ptr<Waiter> BlockList::TakeDue(int64_t now_ms) {
  if (deadlines_.empty() || deadlines_.begin()->first > now_ms) return nullptr;
  std::shared_ptr<Waiter> waiter = std::move(deadlines_.begin()->second);
  deadlines_.erase(deadlines_.begin());
  return waiter;
}

void BlockList::MarkReady(Line& line) {
  if (line.ready) return;
  line.ready = true;
  ready_.push_back(line.key);
}

void BlockList::NoteChange(int db, const Key& key) {
  auto found = Find(db, key);
  if (found != lines_.end()) MarkReady(found->second);
}

void BlockList::NoteReplaced(int db) {
  for (auto& [hash, line] : lines_) {
    if (line.key.db == db) MarkReady(line);
  }
}

std::optional<BlockList::ReadyKey> BlockList::TakeReady() {
  if (ready_.empty()) return std::nullopt;
  ReadyKey key = std::move(ready_.front());
  ready_.pop_front();
  auto found = Find(key.db, key.key());
  if (found != lines_.end()) found->second.ready = false;
  return key;
}

void BlockList::Sweep() {
  for (auto it = lines_.begin(); it != lines_.end();) {
    std::erase_if(it->second.places, [](const Place& place) { return place.waiter->gone(); });
    it = it->second.places.empty() ? lines_.erase(it) : std::next(it);
  }
  std::erase_if(deadlines_, [](const auto& entry) { return entry.second->gone(); });
}

}  // namespace nuthatch::keyspace
