// Small claims are most: a key of some kilobytes that makes the process exceed its limit by as
// much. They go whole to one shard, drawn with odds in proportion to the weights; to divide each
// would write to every shard's cache lines at every command. Large ones (the limit was lowered) are
// divided.
#include "server/runtime/memory_limit.h"

#include <algorithm>
#include <optional>

#include "server/base/clock.h"
#include "server/base/memory.h"
#include "server/runtime/node.h"
#include "server/runtime/relax.h"
#include "server/runtime/shard.h"

namespace nuthatch::runtime {
namespace {

// What a write that needs room pays before it goes on: 0.5 ms at the most with the last victims.
constexpr int64_t kSliceNs = 400'000;
// Claims below this go to one shard.
constexpr uint64_t kWholeClaim = 64 * 1024;
// How far the process may be over its limit while other shards are still to pay.
constexpr uint64_t kLeastSlack = 64 * 1024;
constexpr uint64_t kMostSlack = 512 * 1024;
constexpr uint64_t kSlackDivisor = 200;
// Ticks of the policy from one word about its capacity to the next: a second.
constexpr unsigned kTicksToCapacity = 10;

}  // namespace

MemoryLimit::MemoryLimit(Node* node, size_t index, keyspace::Keyspace* keyspace)
    : node_(node), index_(index), keyspace_(*keyspace), evictor_(*keyspace), random_(index + 1) {}

MemoryLimit& MemoryLimit::Of(size_t shard) const { return node_->shard(shard).memory_limit(); }

void MemoryLimit::Apply(const std::shared_ptr<const config::Config>& config) {
  if (config == config_) return;
  if (config_ != nullptr && config->maxmemory != 0 &&
      (config_->maxmemory == 0 || config->maxmemory < config_->maxmemory)) {
    lowered_ = true;
  }
  config_ = config;
  eviction::Parameters parameters;
  parameters.samples = config->maxmemory_samples;
  parameters.lfu_log_factor = config->lfu_log_factor;
  parameters.lfu_decay_minutes = config->lfu_decay_time;
  parameters.seed = index_ + 1;
  std::optional<eviction::PolicyChoice> choice =
      eviction::ParsePolicyName(config->maxmemory_policy_name);
  CHECK(choice.has_value());
  if (*choice == keyspace_.policy_choice()) {
    keyspace_.SetPolicyParameters(parameters);
  } else {
    keyspace_.SetPolicy(*choice, parameters);
    told_bytes_ = told_keys_ = 0;
    ShardStats& stats = node_->shard(index_).stats();
    stats.hits_before_policy = stats.keyspace_hits;
    stats.misses_before_policy = stats.keyspace_misses;
  }
  TellCapacity();
}

uint64_t MemoryLimit::Counted() const {
  // What waits to be freed is as good as free.
  uint64_t used = base::UsedMemory();
  uint64_t pending = node_->pending_free_bytes.load(std::memory_order_relaxed);
  return used > pending ? used - pending : 0;
}

uint64_t MemoryLimit::Slack() const {
  return std::clamp(config_->maxmemory / kSlackDivisor, kLeastSlack, kMostSlack);
}

void MemoryLimit::Publish() {
  uint64_t pending = keyspace_.pending_bytes();
  if (pending != pending_) {
    node_->pending_free_bytes.fetch_add(pending - pending_, std::memory_order_relaxed);
    pending_ = pending;
  }
  if (config_->maxmemory == 0) return;
  uint64_t weight = 0;
  if (evicts()) {
    uint64_t keys = 0;
    for (int db = 0; db < keyspace_.databases(); ++db) keys += keyspace_.Count(db);
    uint64_t evictable = evictor_.Count(keyspace_.policy_choice().scope());
    if (evictable > 0) {
      weight = std::max<uint64_t>(
          1, static_cast<uint64_t>(static_cast<double>(keyspace_.memory().total()) *
                                   static_cast<double>(evictable) / static_cast<double>(keys)));
    }
  }
  weight_.store(weight, std::memory_order_relaxed);
  weights_.resize(node_->shard_count());
  weights_sum_ = 0;
  NoteUse(Counted());
  for (size_t i = 0; i < weights_.size(); ++i) {
    weights_[i] = i == index_ ? weight : Of(i).weight();
    weights_sum_ += weights_[i];
  }
}

void MemoryLimit::AddDebt(size_t shard, uint64_t bytes) {
  MemoryLimit& debtor = Of(shard);
  if (shard != index_) debtor.debt_to_others_.fetch_add(bytes, std::memory_order_relaxed);
  debtor.debt_.fetch_add(bytes, std::memory_order_seq_cst);
  if (shard != index_) node_->shard(shard).mailbox().Wake();
}

void MemoryLimit::Distribute(uint64_t bytes) {
  if (weights_sum_ == 0) {
    AddDebt(index_, bytes);
    return;
  }
  if (bytes < kWholeClaim) {
    uint64_t at = random_.Below(weights_sum_);
    size_t shard = 0;
    while (at >= weights_[shard]) at -= weights_[shard++];
    AddDebt(shard, bytes);
    return;
  }
  uint64_t left = bytes;
  for (size_t i = 0; i < weights_.size(); ++i) {
    auto share =
        static_cast<uint64_t>(static_cast<unsigned __int128>(bytes) * weights_[i] / weights_sum_);
    left -= share;
    if (i != index_ && share > 0) AddDebt(i, share);
    if (i == index_) left += share;
  }
  AddDebt(index_, left);
}

void MemoryLimit::Claim(uint64_t excess) {
  uint64_t owed = node_->owed_bytes.load(std::memory_order_seq_cst);
  do {
    if (excess <= owed) return;
  } while (!node_->owed_bytes.compare_exchange_weak(owed, excess));
  Distribute(excess - owed);
}

void MemoryLimit::Forgive(uint64_t bytes) {
  // Only this shard takes away from its debts, so what was read is there to be taken.
  uint64_t to_others = debt_to_others_.load(std::memory_order_relaxed);
  debt_to_others_.fetch_sub(std::min(bytes, to_others), std::memory_order_relaxed);
  debt_.fetch_sub(bytes, std::memory_order_seq_cst);
  node_->owed_bytes.fetch_sub(bytes, std::memory_order_seq_cst);
}

void MemoryLimit::NoteUse(uint64_t counted) {
  uint64_t limit = config_->maxmemory;
  if (counted <= limit) {
    lowered_ = false;
  } else if (!lowered_) {
    stats_.over_limit_max_bytes = std::max(stats_.over_limit_max_bytes, counted - limit);
  }
}

// A slice of eviction, with its books.
keyspace::Evictor::Result MemoryLimit::Evict(uint64_t bytes, int64_t now_ms, int64_t budget_ns,
                                             EvictionStats::Reason reason) {
  const keyspace::Stats before = keyspace_.stats();
  const int64_t start_ns = base::MonotonicNs();
  keyspace::Evictor::Result result = evictor_.Evict(bytes, now_ms, budget_ns);
  auto taken_ns = static_cast<uint64_t>(base::MonotonicNs() - start_ns);
  stats_.evicted[reason] += keyspace_.stats().evicted - before.evicted;
  stats_.expired[reason] += keyspace_.stats().expired - before.expired;
  ++stats_.slices;
  stats_.slice_ns += taken_ns;
  stats_.slice_max_ns = std::max(stats_.slice_max_ns, taken_ns);
  if (result.outcome == Outcome::kTimeUp) ++stats_.slices_out_of_time;
  return result;
}

MemoryLimit::Outcome MemoryLimit::WorkOff(int64_t now_ms, int64_t budget_ns,
                                          EvictionStats::Reason reason) {
  uint64_t debt = debt_.load(std::memory_order_seq_cst);
  if (debt == 0) return Outcome::kFreed;
  keyspace::Evictor::Result result = Evict(debt, now_ms, budget_ns, reason);
  base::RefreshThread();
  Publish();
  // What it can't free is claimed again from those who can.
  Forgive(result.outcome == Outcome::kTimeUp ? std::min(result.bytes, debt) : debt);
  return result.outcome;
}

bool MemoryLimit::SomebodyHasWeight() const {
  for (size_t i = 0; i < node_->shard_count(); ++i) {
    if (i != index_ && Of(i).weight() > 0) return true;
  }
  return false;
}

bool MemoryLimit::MakeRoom(int64_t now_ms) {
  if (MakeRoomFor(now_ms)) return true;
  ++stats_.refused_writes;
  return false;
}

bool MemoryLimit::MakeRoomFor(int64_t now_ms) {
  const uint64_t limit = config_->maxmemory;
  uint64_t counted = Counted();
  NoteUse(counted);
  if (counted <= limit) return true;
  if (!evicts()) return false;
  const int64_t until_ns = base::MonotonicNs() + kSliceNs;
  Claim(counted - limit);
  bool empty = WorkOff(now_ms, kSliceNs, EvictionStats::kForWrite) == Outcome::kNothing;
  counted = Counted();
  if (counted > limit + Slack() && !empty) {
    int64_t left_ns = until_ns - base::MonotonicNs();
    if (left_ns > 0) {
      empty = Evict(counted - limit, now_ms, left_ns, EvictionStats::kForWrite).outcome ==
              Outcome::kNothing;
    }
  }
  if (!empty) return true;
  if (!SomebodyHasWeight()) return false;
  // This shard has nothing to give; the others are woken, and have this slice to do something.
  counted = Counted();
  if (counted > limit) Claim(counted - limit);
  while (Counted() > limit + Slack() && base::MonotonicNs() < until_ns) Relax();
  return true;
}

bool MemoryLimit::HasRoomForInput() const {
  const uint64_t limit = config_->maxmemory;
  if (limit == 0 || !evicts() || Counted() <= limit + Slack()) return true;
  return weight() == 0 && !SomebodyHasWeight();
}

bool MemoryLimit::HasWork() const {
  if (debt() > 0) return true;
  const uint64_t limit = config_->maxmemory;
  if (limit == 0 || !evicts()) return false;
  return Counted() > limit + node_->owed_bytes.load(std::memory_order_relaxed);
}

bool MemoryLimit::Work(int64_t now_ms, int64_t budget_ns) {
  const uint64_t limit = config_->maxmemory;
  uint64_t counted = Counted();
  if (limit == 0 || counted <= limit || !evicts()) {
    Forgive(debt());
    return false;
  }
  EvictionStats::Reason reason = debt_to_others_.load(std::memory_order_relaxed) > 0
                                     ? EvictionStats::kForOtherShard
                                     : EvictionStats::kInBackground;
  Claim(counted - limit);
  return WorkOff(now_ms, budget_ns, reason) == Outcome::kTimeUp;
}

void MemoryLimit::Tick(int64_t now_ms) {
  evictor_.Tick(now_ms);
  if (++ticks_ % kTicksToCapacity == 0) TellCapacity();
}

// The share of the limit that this shard has at present: it moves with the load. While there is
// room, its keys stand for how many will fit.
void MemoryLimit::TellCapacity() {
  if (config_->maxmemory == 0 || !evicts()) return;
  uint64_t own = keyspace_.memory().total();
  auto keys = static_cast<double>(evictor_.Count(keyspace_.policy_choice().scope()));
  double share = 1.0 / static_cast<double>(node_->shard_count());
  if (weights_sum_ > 0) {
    share = static_cast<double>(weight()) / static_cast<double>(weights_sum_);
  }
  auto bytes = static_cast<uint64_t>(share * static_cast<double>(config_->maxmemory));
  if (own > 0) keys = keys * static_cast<double>(bytes) / static_cast<double>(own);
  auto fitting = static_cast<uint64_t>(keys);
  if (bytes == told_bytes_ && fitting == told_keys_) return;
  told_bytes_ = bytes;
  told_keys_ = fitting;
  keyspace_.policy().SetCapacity(bytes, fitting);
}

}  // namespace nuthatch::runtime
