// WatchList: which connections watch which keys of one shard (WATCH), and telling them of changes.
//
// Part of a Keyspace, used by whoever holds that. Lists marks, not connections: a mark refers to a
// Watcher, which all marks of one connection share, over all shards.
//
// Invariant: a mark stays until Remove(). Whoever touches a key that is marked sets its watchers'
// flags, and leaves the marks.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "server/keyspace/key.h"

namespace nuthatch::keyspace {

// What one connection watches from its first WATCH until EXEC, DISCARD or UNWATCH: whether one of
// its keys was changed. Set by the shards of the keys, in any thread; never taken back: the next
// WATCH begins with another one, so that marks which are still to be removed do no harm.
struct Watcher {
  std::atomic<bool> touched{false};
};
using WatcherRef = std::shared_ptr<Watcher>;

class WatchList {
 public:
  struct Mark {
    int db;
    std::string name;
    uint64_t hash;
    uint16_t slot;
    WatcherRef watcher;
    // The key's time had come when it was watched, but it has not been removed yet. That it goes
    // changes nothing then.
    bool expired;
    Key key() const { return {name, hash, slot}; }
  };

  bool empty() const { return marks_.empty(); }
  size_t size() const { return marks_.size(); }

  // Marks the key, once for each watcher.
  void Add(int db, const Key& key, const WatcherRef& watcher, bool expired);
  void Remove(int db, const Key& key, const Watcher& watcher);
  // The watcher's mark on the key, or null.
  const Mark* Find(int db, const Key& key, const Watcher& watcher) const;

  // The key has changed; `present`: it is still there.
  void Touch(int db, const Key& key, bool present);
  // All marks, in no order; they may be changed but for what they stand at.
  void ForEach(const std::function<void(Mark&)>& visit) {
    for (auto& [place, mark] : marks_) visit(mark);
  }

 private:
  using Marks = std::unordered_multimap<uint64_t, Mark>;
  static uint64_t Place(int db, const Key& key) {
    return key.hash + static_cast<uint64_t>(db) * 0x9E3779B97F4A7C15U;
  }
  static bool IsOf(const Mark& mark, int db, const Key& key) {
    return mark.db == db && mark.name == key.name;
  }

  Marks marks_;
};

}  // namespace nuthatch::keyspace
