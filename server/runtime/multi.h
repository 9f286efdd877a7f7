// What a connection has asked for with MULTI and WATCH, and what of it travels with a posting.
//
// MultiState is the connection's, used by its home shard's thread. At EXEC its commands and watches
// move into a MultiPlan, which is written at home and, once posted, belongs to whoever holds the
// shards that it concerns.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "server/keyspace/key.h"
#include "server/keyspace/slot_map.h"
#include "server/keyspace/watch_list.h"
#include "server/runtime/command_table.h"

namespace nuthatch::runtime {

struct WatchedKey {
  int db;
  std::string name;
  uint64_t hash;
  uint16_t slot;
  keyspace::Key key() const { return {name, hash, slot}; }
  bool operator==(const WatchedKey& other) const { return db == other.db && name == other.name; }
};

// The keys that a connection watches, and the flag that all their marks share.
class Watches {
 public:
  void Add(int db, std::span<const keyspace::Key> keys);
  bool empty() const { return keys_.empty(); }
  // Whether one of the keys was changed. True once, true for good.
  bool touched() const {
    return watcher_ != nullptr && watcher_->touched.load(std::memory_order_acquire);
  }
  // Null before the first Add.
  const keyspace::WatcherRef& watcher() const { return watcher_; }
  const auto& keys() const { return keys_; }
  size_t bytes() const { return bytes_; }

 private:
  struct HashOf {
    size_t operator()(const WatchedKey& key) const {
      return key.hash + static_cast<size_t>(key.db);
    }
  };
  keyspace::WatcherRef watcher_;
  std::unordered_set<WatchedKey, HashOf> keys_;
  size_t bytes_ = 0;
};

// Commands that wait for EXEC, with their arguments.
class CommandQueue {
 public:
  // Copies the arguments. `keys` are views of some of them.
  void Add(const CommandEntry& entry, std::span<const std::string_view> args,
           std::span<const keyspace::Key> keys);
  size_t size() const { return commands_.size(); }
  const CommandEntry& entry(size_t i) const { return *commands_[i].entry; }
  std::span<const std::string_view> args(size_t i) const {
    return std::span(args_).subspan(commands_[i].arg_begin, commands_[i].arg_count);
  }
  std::span<const keyspace::Key> keys(size_t i) const {
    return std::span(keys_).subspan(commands_[i].key_begin, commands_[i].key_count);
  }
  std::span<const keyspace::Key> all_keys() const { return keys_; }
  // The flags of all commands together.
  uint64_t flags() const { return flags_; }
  // Whether one of them belongs to the connection (Where::kHome), or to all shards.
  bool at_home() const { return at_home_; }
  bool on_all() const { return on_all_; }
  // As CLIENT LIST counts it (multi-mem).
  size_t multi_memory() const { return argument_bytes_ + args_.size() * sizeof(void*); }

 private:
  struct Queued {
    const CommandEntry* entry;
    size_t arg_begin;
    size_t arg_count;
    size_t key_begin;
    size_t key_count;
  };
  std::vector<Queued> commands_;
  std::vector<std::string_view> args_;
  std::vector<keyspace::Key> keys_;
  std::vector<std::unique_ptr<char[]>> blocks_;  // the arguments' bytes, one a command
  uint64_t flags_ = 0;
  size_t argument_bytes_ = 0;
  bool at_home_ = false;
  bool on_all_ = false;
};

struct MultiState {
  bool open = false;    // between MULTI and EXEC
  bool failed = false;  // a command was refused: EXEC will be
  CommandQueue queue;
  Watches watches;
  std::vector<Watches> released;  // to be unmarked in their shards: the dispatcher posts that
  // While an EXEC runs behind which the connection waits: what CLIENT LIST shows.
  bool executing = false;
  size_t executing_commands = 0;
  size_t executing_memory = 0;

  // Ends the transaction and forgets the watches.
  void End();
  void ReleaseWatches();
  // Nothing is left to be remembered.
  bool idle() const { return !open && !executing && watches.empty() && released.empty(); }
  size_t MemoryBytes() const {
    return (open ? queue.multi_memory() : executing_memory) + watches.bytes();
  }
};

// What an item of a posting does beyond its command.
struct MultiPlan {
  enum class Kind : uint8_t { kExec, kWatch, kUnwatch };
  Kind kind = Kind::kExec;
  CommandQueue queue;            // kExec
  Watches watches;               // kExec, kUnwatch
  keyspace::WatcherRef watcher;  // kWatch
  bool barrier = false;          // kExec: it may decide how what is behind it runs

  // The shards that it needs, ascending: those of its keys and watched keys, `home` where a command
  // belongs to the connection or nothing else is needed, or all.
  std::vector<uint16_t> ShardsNeeded(const keyspace::SlotMap& slots, uint16_t home) const;
};

}  // namespace nuthatch::runtime
