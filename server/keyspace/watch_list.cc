#include "server/keyspace/watch_list.h"

#include <utility>

namespace nuthatch::keyspace {

void WatchList::Add(int db, const Key& key, const WatcherRef& watcher, bool expired) {
  if (Find(db, key, *watcher) != nullptr) return;
  marks_.emplace(Place(db, key),
                 Mark{db, std::string(key.name), key.hash, key.slot, watcher, expired});
}

void WatchList::Remove(int db, const Key& key, const Watcher& watcher) {
  auto [begin, end] = marks_.equal_range(Place(db, key));
  for (auto it = begin; it != end; ++it) {
    if (it->second.watcher.get() != &watcher || !IsOf(it->second, db, key)) continue;
    marks_.erase(it);
    return;
  }
}

const WatchList::Mark* WatchList::Find(int db, const Key& key, const Watcher& watcher) const {
  auto [begin, end] = marks_.equal_range(Place(db, key));
  for (auto it = begin; it != end; ++it) {
    if (it->second.watcher.get() == &watcher && IsOf(it->second, db, key)) return &it->second;
  }
  return nullptr;
}

void WatchList::Touch(int db, const Key& key, bool present) {
  auto [begin, end] = marks_.equal_range(Place(db, key));
  for (auto it = begin; it != end; ++it) {
    Mark& mark = it->second;
    if (!IsOf(mark, db, key)) continue;
    if (std::exchange(mark.expired, false) && !present) continue;
    mark.watcher->touched.store(true, std::memory_order_release);
  }
}

}  // namespace nuthatch::keyspace
