// Commands that wait for keys (BLPOP and its kin): registering, serving and ending them.
//
// A blocking command is the last item of its posting, and a barrier. One that finds nothing leaves
// its posting unfinished: it holds a share of Posting::parts_left, and a Waiter stands on each of
// its keys, in the block lists of their shards. Arguments and keys stay where they are, for the
// posting is in flight until the waiter is served or ended: then the reply is written into the
// posting, which goes home like any other.
//
// Serving is running the command's function again, for a key that has changed (WaitFor). A waiter
// all of whose keys lie in one shard is served at the end of the very command, EXEC or fragment
// that changed a key. For one whose keys lie in several the claim posts a rendezvous of them; who
// stands behind it on that key waits until the claim has run.
//
// A waiter is claimed, or ended, by one compare-and-swap: whoever wins does it. An end that
// was asked for while it was claimed is carried out by the claim if that finds nothing.
#pragma once

#include <any>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "server/keyspace/block_list.h"
#include "server/keyspace/keyspace.h"
#include "server/values/types.h"

namespace nuthatch::runtime {

class Node;
class Shard;
struct Posting;
struct PostingItem;

// What a command waits for.
struct WaitFor {
  values::Type type;          // a key of this type; others don't wake it
  bool also_removal = false;  // nor does a key that is gone, without this
  uint32_t first_key = 0;     // of CommandContext::keys()
  uint32_t key_count = 0;
  int64_t timeout_ms = 0;  // 0: for ever
};

// Why a waiter ends unserved.
enum class WaitEnd : uint8_t { kNone, kTimeout, kError, kClosed };

class CommandWaiter final : public keyspace::Waiter {
 public:
  // Of an item that is about to be posted. The posting outlives the wait.
  CommandWaiter(Posting* posting, uint32_t item) : posting_(posting), item_(item) {}

  bool gone() const override { return state_.load(std::memory_order_acquire) == State::kDone; }
  // Whether its command waits now. Any thread.
  bool waiting() const {
    State state = state_.load(std::memory_order_acquire);
    return state == State::kWaiting || state == State::kClaimed;
  }
  // Which of the posting's items it is.
  uint32_t item() const { return item_; }
  // Whether its command has begun to wait, on the thread that ran it.
  bool registered() const { return registered_; }
  // What the command remembers from its first look to the next ones.
  std::any& memory() { return memory_; }

 private:
  friend class Blocking;
  enum class State : uint8_t { kAsked, kWaiting, kClaimed, kEnding, kDone };

  bool Leave(State next) {
    State expected = State::kWaiting;
    return state_.compare_exchange_strong(expected, next);
  }
  bool Claim() { return Leave(State::kClaimed); }

  Posting* posting_;
  uint32_t item_;
  std::atomic<State> state_{State::kAsked};
  std::atomic<WaitEnd> wanted_end_{WaitEnd::kNone};
  // Fixed when it is registered:
  bool registered_ = false;
  WaitFor wait_{};
  int64_t deadline_ms_ = 0;       // of the monotonic clock; 0: none. Kept by shards_.front()
  uint16_t keeper_ = 0;           // the shard that keeps the deadline
  std::vector<uint16_t> shards_;  // of all keys of the command, ascending
  std::any memory_;
};

class Blocking {
 public:
  // The item's command has found nothing: it waits. REQUIRES: the thread holds the shards of its
  // keys.
  static void Register(Shard& runner, const std::shared_ptr<CommandWaiter>& waiter,
                       const WaitFor& wait);
  // Serves who waits for keys of `shards` that have changed. REQUIRES: the thread holds these.
  static void ServeReady(Shard& runner, std::span<const uint16_t> shards);
  // Ends the wait, now or as soon as a claim lets go of it. Any thread. False if it doesn't wait;
  // one that has not run yet won't begin to after kClosed.
  static bool End(Node& node, const std::shared_ptr<CommandWaiter>& waiter, WaitEnd end);
  // Ends waits of this shard whose time has come, or all of them. REQUIRES: the shard isn't held.
  static void EndDue(Shard& shard, int64_t now_ms);
  static void EndAll(Shard& shard);

 private:
  using WaiterRef = std::shared_ptr<CommandWaiter>;
  static keyspace::BlockList& ListOf(Node& node, uint16_t shard);
  // Serves those on the key, or those of them that stand behind a waiter.
  static void ServeKey(Shard& runner, const keyspace::BlockList::ReadyKey& ready,
                       const CommandWaiter* behind);
  static bool Wakes(Shard& runner, const keyspace::BlockList::ReadyKey& ready,
                    const CommandWaiter& waiter);
  static bool Retry(Shard& runner, const WaiterRef& waiter, uint32_t key_index);
  static void PostClaim(Shard& runner, const WaiterRef& waiter, uint32_t key_index);
  static void RunClaim(Shard& runner, const WaiterRef& waiter, uint32_t key_index);
  static void Unclaim(Node& node, const WaiterRef& waiter);
  static bool TryEnd(Node& node, const WaiterRef& waiter);
  static void Forget(Node& node, const CommandWaiter& waiter);
  static void Finish(Node& node, CommandWaiter& waiter, std::string_view reply);
};

}  // namespace nuthatch::runtime
