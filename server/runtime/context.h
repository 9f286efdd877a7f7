// CommandContext: all that a command's function works with. A command does not know whether it runs
// locally, in a message or in a rendezvous.
//
// Made by the runtime for one run of one command on one thread; the function keeps nothing of it.
// `args` are views that live until the function returns. Where the row says kByKeys or all, the
// keyspaces that keyspace_of() gives are held by this thread for the time of the run.
#pragma once

#include <any>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/buffer.h"
#include "server/config/config.h"
#include "server/keyspace/key.h"
#include "server/keyspace/keyspace.h"
#include "server/resp/reply_writer.h"
#include "server/runtime/blocking.h"
#include "server/runtime/client.h"
#include "server/runtime/command_spec.h"

namespace nuthatch::runtime {

class Node;
class Shard;

// What the fragments of one scatter command leave for its combine function; one a shard.
struct ScatterPart {
  base::Buffer bytes;        // e.g. formatted replies, in the order of this shard's keys
  std::vector<size_t> ends;  // where each reply in `bytes` ends
  int64_t number = 0;        // e.g. a count
  std::any extra;            // anything else
  // For the next use; what is large is given back, for there is a part for each shard in each
  // transaction that a shard keeps.
  void Clear() {
    if (bytes.capacity() > kKeptBytes) {
      bytes.Release();
    } else {
      bytes.Clear();
    }
    if (ends.capacity() > kKeptEnds) {
      std::vector<size_t>().swap(ends);
    } else {
      ends.clear();
    }
    number = 0;
    extra.reset();
  }

 private:
  static constexpr size_t kKeptBytes = size_t{4} * 1024;
  static constexpr size_t kKeptEnds = 512;
};

class CommandContext {
 public:
  // --- What was asked ---
  const CommandSpec& spec() const { return *spec_; }
  // args()[0] is the command's name as it was sent.
  std::span<const std::string_view> args() const { return args_; }
  std::string_view arg(size_t i) const { return args_[i]; }
  size_t argc() const { return args_.size(); }
  // The keys among the arguments, hashed, in the order in which the key specifications find them.
  std::span<const keyspace::Key> keys() const { return keys_; }
  const keyspace::Key& key(size_t i) const { return keys_[i]; }

  // --- Who asked ---
  const CallerInfo& caller() const { return *caller_; }
  int db() const { return caller_->db; }
  // The connection's own state. REQUIRES: the row says Where::kHome, or the fragment runs in the
  // caller's home shard.
  ClientState& client() const {
    CHECK(client_ != nullptr);
    return *client_;
  }
  bool has_client() const { return client_ != nullptr; }
  // Whether it is one of EXEC's: it must not block.
  bool in_exec() const { return in_exec_; }
  // Of WATCH: whom the marks are for.
  const keyspace::WatcherRef& watcher() const { return *watcher_; }

  // --- When: the posting's one time, milliseconds of wall time since the epoch ---
  int64_t now_ms() const { return now_ms_; }

  // --- Where ---
  // The keyspace that owns `slot`. REQUIRES: the command holds its shard.
  keyspace::Keyspace& keyspace_of(uint16_t slot) const;
  keyspace::Keyspace& keyspace_of(const keyspace::Key& key) const { return keyspace_of(key.slot); }
  // This thread's shard. In a fragment: the one whose part it is.
  Shard& shard() const { return *shard_; }
  Node& node() const { return *node_; }
  const config::Config& config() const { return *config_; }
  // In a fragment of a by-keys command: whether keys()[i] is this shard's.
  bool Owns(size_t i) const;

  // --- Scatter ---
  ScatterPart& part() const { return *part_; }  // in a fragment
  std::span<ScatterPart> parts() const {
    return parts_;
  }  // in combine: one for each shard of the server
  // In combine: the shard number that owns `slot`, an index into parts().
  size_t ShardOf(uint16_t slot) const;

  // --- Waiting (blocking.h) ---
  // Makes the command wait: true, and no reply may be written. False: it can't (in EXEC), and has
  // to reply at once as if its time were up. To be called when a look has found nothing.
  bool Wait(const WaitFor& wait) {
    if (waiter_ == nullptr) return false;
    if (!ready_key_.has_value()) wait_ = wait;
    return true;
  }
  // Of a command that waits and looks again: the index of the key that has changed. It looks at no
  // other, takes another type there for nothing, and replies only if it has found something.
  std::optional<uint32_t> ready_key() const { return ready_key_; }
  // What it keeps from one look to the next; null if it can't wait.
  std::any* wait_memory() const { return waiter_ == nullptr ? nullptr : &waiter_->memory(); }

  // --- The answer ---
  resp::ReplyWriter& reply() const { return *reply_; }

  // A long command calls this now and then: sockets are served meanwhile, the keyspace is not.
  void Breathe();

 private:
  friend class Executor;
  const CommandSpec* spec_ = nullptr;
  std::span<const std::string_view> args_;
  std::span<const keyspace::Key> keys_;
  const CallerInfo* caller_ = nullptr;
  ClientState* client_ = nullptr;
  const keyspace::WatcherRef* watcher_ = nullptr;
  bool in_exec_ = false;
  CommandWaiter* waiter_ = nullptr;
  std::optional<uint32_t> ready_key_;
  std::optional<WaitFor> wait_;  // what was asked for by Wait()
  int64_t now_ms_ = 0;
  Shard* shard_ = nullptr;
  Node* node_ = nullptr;
  const config::Config* config_ = nullptr;
  ScatterPart* part_ = nullptr;
  std::span<ScatterPart> parts_;
  resp::ReplyWriter* reply_ = nullptr;
};

}  // namespace nuthatch::runtime
