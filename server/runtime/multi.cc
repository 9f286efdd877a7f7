#include "server/runtime/multi.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

namespace nuthatch::runtime {

void Watches::Add(int db, std::span<const keyspace::Key> keys) {
  if (watcher_ == nullptr) watcher_ = std::make_shared<keyspace::Watcher>();
  for (const keyspace::Key& key : keys) {
    auto [place, added] = keys_.insert({db, std::string(key.name), key.hash, key.slot});
    if (added) bytes_ += sizeof(WatchedKey) + key.name.size();
  }
}

void CommandQueue::Add(const CommandEntry& entry, std::span<const std::string_view> args,
                       std::span<const keyspace::Key> keys) {
  const CommandSpec& spec = *entry.spec;
  commands_.push_back({&entry, args_.size(), args.size(), keys_.size(), keys.size()});
  flags_ |= spec.flags;
  at_home_ |= spec.where == Where::kHome;
  on_all_ |= RunsOnAll(spec, args);

  size_t bytes = 0;
  for (std::string_view arg : args) bytes += arg.size();
  argument_bytes_ += bytes;
  blocks_.push_back(std::make_unique_for_overwrite<char[]>(bytes));
  char* to = blocks_.back().get();
  for (std::string_view arg : args) {
    if (!arg.empty()) std::memcpy(to, arg.data(), arg.size());
    args_.emplace_back(to, arg.size());
    to += arg.size();
  }
  // A key is found again by where its name stood; mostly they stand in order.
  size_t at = 0;
  for (keyspace::Key key : keys) {
    for (size_t tries = 0; tries < args.size(); ++tries, at = (at + 1) % args.size()) {
      if (args[at].data() == key.name.data() && args[at].size() == key.name.size()) break;
    }
    key.name = args_[commands_.back().arg_begin + at];
    keys_.push_back(key);
  }
}

void MultiState::ReleaseWatches() {
  if (!watches.empty()) released.push_back(std::move(watches));
  watches = {};
}

void MultiState::End() {
  open = failed = false;
  queue = {};
  ReleaseWatches();
}

std::vector<uint16_t> MultiPlan::ShardsNeeded(const keyspace::SlotMap& slots, uint16_t home) const {
  std::vector<uint16_t> shards;
  if (queue.on_all()) {
    shards.resize(slots.shards());
    std::iota(shards.begin(), shards.end(), uint16_t{0});
    return shards;
  }
  for (const keyspace::Key& key : queue.all_keys()) shards.push_back(slots.ShardOf(key.slot));
  for (const WatchedKey& key : watches.keys()) shards.push_back(slots.ShardOf(key.slot));
  if (queue.at_home() || shards.empty()) shards.push_back(home);
  std::sort(shards.begin(), shards.end());
  shards.erase(std::unique(shards.begin(), shards.end()), shards.end());
  return shards;
}

}  // namespace nuthatch::runtime
