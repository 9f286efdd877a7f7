// MemoryLimit: a shard's share in keeping the node within maxmemory.
//
// One a shard. The limit is the whole process's, and who needs room need not be who holds what is
// worth least. So what is too much becomes debts: it is divided among all shards in proportion to
// what they hold that could go, and each works its own off. Thus a shard's share of the memory
// settles at its share of the new keys, as in one cache with one queue: one that is idle gives its
// room to one that is busy. (A shard that always evicted from itself would stay as small as it
// happened to be: with two shards that cost 16 points of hit ratio on a Zipf trace.)
//
// Invariants
//   1. The node's `owed_bytes` is the sum of all debts: what is owed is not claimed again.
//   2. A debt is paid back only after the memory that it freed was published.
//   3. A large argument is taken in only as fast as room is made for it (HasRoomForInput).
//   4. Who needs room waits for the others only while the process is within the slack; beyond it,
//      it evicts from itself, and what it still can't free it awaits, for one slice at the most.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "server/base/random.h"
#include "server/config/config.h"
#include "server/keyspace/evictor.h"
#include "server/keyspace/keyspace.h"
#include "server/runtime/stats.h"

namespace nuthatch::runtime {

class Node;

class MemoryLimit {
 public:
  // `index` is the shard's. All must outlive it.
  MemoryLimit(Node* node, size_t index, keyspace::Keyspace* keyspace);
  MemoryLimit(const MemoryLimit&) = delete;
  MemoryLimit& operator=(const MemoryLimit&) = delete;

  // What of this shard could be evicted, in bytes, as of its last turn. Any thread.
  uint64_t weight() const { return weight_.load(std::memory_order_relaxed); }
  // What this shard has been asked to free, and has not yet. Any thread.
  uint64_t debt() const { return debt_.load(std::memory_order_relaxed); }

  // The rest is for the shard's thread, while its keyspace is not held by others.

  // Brings limit and eviction policy in line with the configuration, if it is another one. To be
  // called before any of the following.
  void Apply(const std::shared_ptr<const config::Config>& config);
  // Once a turn: tells the others what there is here, and looks at what they have.
  void Publish();
  // Before a command that can grow: makes room for at most a slice of time. False: over maxmemory,
  // and nothing can go.
  bool MakeRoom(int64_t now_ms);
  // Whether a connection may take in more of a large argument now: not while the process is over
  // its limit by more than the slack and something can still go.
  bool HasRoomForInput() const;
  // Between turns: works off debts, and what is too much though nobody writes. True: there is more
  // to do.
  bool Work(int64_t now_ms, int64_t budget_ns);
  // Whether Work() has something to do.
  bool HasWork() const;
  // The policy's ten ticks a second; about once a second it is told how much this shard may hold.
  void Tick(int64_t now_ms);
  const EvictionStats& stats() const { return stats_; }
  void ResetStats() { stats_ = {}; }
  // Whether the process is over this limit, as far as can be told without the keyspace.
  bool Over(uint64_t maxmemory) const { return Counted() > maxmemory; }
  bool evicts() const { return keyspace_.policy_choice().row->evicts; }

 private:
  using Outcome = keyspace::Evictor::Outcome;

  uint64_t Counted() const;
  uint64_t Slack() const;
  MemoryLimit& Of(size_t shard) const;
  // Makes debts of what is too much and not yet owed by anybody.
  void Claim(uint64_t excess);
  void Distribute(uint64_t bytes);
  void AddDebt(size_t shard, uint64_t bytes);
  void Forgive(uint64_t bytes);
  keyspace::Evictor::Result Evict(uint64_t bytes, int64_t now_ms, int64_t budget_ns,
                                  EvictionStats::Reason reason);
  Outcome WorkOff(int64_t now_ms, int64_t budget_ns, EvictionStats::Reason reason);
  bool MakeRoomFor(int64_t now_ms);
  void NoteUse(uint64_t counted);
  void TellCapacity();
  bool SomebodyHasWeight() const;

  Node* node_;
  size_t index_;
  keyspace::Keyspace& keyspace_;
  keyspace::Evictor evictor_;
  std::shared_ptr<const config::Config> config_;  // as of the last Apply()
  base::Random random_;
  std::vector<uint64_t> weights_;  // of all shards, as of this one's last turn
  uint64_t weights_sum_ = 0;
  EvictionStats stats_;
  unsigned ticks_ = 0;
  uint64_t told_bytes_ = 0;  // of the last SetCapacity
  uint64_t told_keys_ = 0;
  // maxmemory was lowered, and what is too much since then has not gone yet.
  bool lowered_ = false;
  uint64_t pending_ = 0;  // published of this shard's bytes that wait to be freed

  alignas(64) std::atomic<uint64_t> weight_{0};
  std::atomic<uint64_t> debt_{0};
  std::atomic<uint64_t> debt_to_others_{0};  // of that, what other shards made of it; for stats_
};

}  // namespace nuthatch::runtime
