// A cache in miniature to run a policy in: for contract tests, golden miss counts, benchmarks and
// the replay of traces. The server does not use it.
//
// SimulatedCache keeps keys in buckets by hash, as a keyspace does, and gives the policy a View of
// them. One owner, one thread.
//
// Invariants
// 1. Buckets stand in the order of the hashes they hold, before and after growth, so that a
//    WalkPosition survives it.
// 2. After each call the cache holds at most its capacity, or one key that is larger.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "eviction/registry.h"
#include "eviction/trace.h"
#include "eviction/view.h"

namespace nuthatch::eviction {

// How much a cache holds: whichever is reached first.
struct Capacity {
  uint64_t keys = std::numeric_limits<uint64_t>::max();
  uint64_t bytes = std::numeric_limits<uint64_t>::max();
};

class SimulatedCache final : public View {
 public:
  SimulatedCache(const PolicyChoice& choice, const Parameters& parameters,
                 const Capacity& capacity);

  // --- What a client does; times never fall ---

  // A GET: whether the key was there.
  bool Get(uint64_t key, int64_t now_ms);
  // A SET of a key that may be there; evicts first until it fits. False if it did not fit, because
  // the policy has nobody to evict.
  bool Set(uint64_t key, uint64_t bytes, int64_t now_ms, int64_t deadline_ms = kNeverExpires);
  // A DEL: whether the key was there.
  bool Remove(uint64_t key, RemoveReason reason);
  // Evicts one key; its number, or nothing if there is nobody. Up to kMaxSteps calls of the policy.
  std::optional<uint64_t> Evict(int64_t now_ms);
  // Whether a new key of that size fits without an eviction, or the cache is empty.
  bool HasRoomFor(uint64_t bytes) const { return size_ == 0 || Fits(bytes, 1); }
  // Calls the policy's Tick.
  void Tick(int64_t now_ms);

  // The cache gets larger or smaller, and evicts until it fits.
  void SetCapacity(const Capacity& capacity, int64_t now_ms);
  // Another policy takes over, with its own scope.
  void SwitchTo(const PolicyChoice& choice, const Parameters& parameters);

  // --- Figures ---

  bool Contains(uint64_t key) const { return Locate(key).slot != nullptr; }
  // The key's meta, to look at and to tamper with. REQUIRES: Contains(key).
  KeyMeta& meta(uint64_t key) { return Locate(key).slot->meta; }
  uint64_t key_of(const Candidate& candidate) const { return SlotOf(candidate.handle).key; }
  uint64_t size() const { return size_; }
  uint64_t bytes() const { return bytes_; }
  uint64_t evictions() const { return evictions_; }
  // Calls of PickVictim that ended with kTryAgain.
  uint64_t retries() const { return retries_; }
  Policy& policy() { return *policy_; }
  const Scope& scope() const { return scope_; }
  static uint64_t HashOf(uint64_t key);

  // --- View ---
  size_t Count(const Scope& scope) const override;
  size_t Sample(const Scope& scope, Fields fields, base::Random& random,
                std::span<Candidate> out) override;
  size_t Walk(WalkPosition& position, const Scope& scope, Fields fields, std::span<Candidate> out,
              bool* wrapped) override;
  bool Find(const KeyRef& ref, const Scope& scope, Fields fields, Candidate& out) override;
  void Store(const Candidate& candidate, Changed changed) override;

  // Calls of PickVictim for one eviction, before it counts as failed.
  static constexpr int kMaxSteps = 1'000'000;

 private:
  // As the keyspace's table: eight keys fill a line, it grows by a quarter when 0.85 of it are
  // taken, and it shrinks when many have gone. There are more slots, so that no bucket ever is the
  // reason to grow.
  static constexpr size_t kFirstBuckets = 4;
  static constexpr double kFullest = 6.8;  // keys a bucket on average
  static constexpr double kEmptiest = 4;
  static constexpr size_t kBucketSlots = 32;

  struct Slot {
    uint64_t key = 0;
    uint64_t hash = 0;
    uint64_t bytes = 0;
    int64_t deadline_ms = kNeverExpires;
    KeyMeta meta;
  };
  struct Bucket {
    uint32_t size = 0;
    Slot slots[kBucketSlots];
  };
  struct Place {
    Slot* slot = nullptr;
    size_t bucket = 0;
  };

  size_t BucketOf(uint64_t hash) const {
    return static_cast<size_t>((static_cast<unsigned __int128>(hash) * buckets_.size()) >> 64);
  }
  Slot& SlotOf(uint64_t handle) const {
    return const_cast<Slot&>(buckets_[handle / kBucketSlots].slots[handle % kBucketSlots]);
  }
  Place Locate(uint64_t key) const;
  static bool Eligible(const Slot& slot, const Scope& scope) {
    return !scope.volatile_only || slot.deadline_ms != kNeverExpires;
  }
  Candidate CandidateAt(size_t bucket, size_t index, Fields fields) const;
  void StartBatch(int64_t now_ms);
  void Touch(Slot& slot, AccessKind kind);
  bool Fits(uint64_t bytes, uint64_t keys) const {
    return size_ + keys <= capacity_.keys && bytes_ + bytes <= capacity_.bytes;
  }
  bool MakeRoom(uint64_t bytes, uint64_t keys, int64_t now_ms);
  void Insert(const Slot& slot);
  void Erase(const Place& place);
  void Grow();
  bool Resize(size_t buckets);

  std::unique_ptr<Policy> policy_;
  Scope scope_;
  Capacity capacity_;
  std::vector<Bucket> buckets_;
  base::Random walk_random_{1};
  uint64_t shrink_below_ = 0;  // keys, at which to try
  AccessHook hook_;
  int64_t batch_ms_ = -1;
  uint64_t size_ = 0;
  uint64_t volatile_size_ = 0;
  uint64_t bytes_ = 0;
  uint64_t evictions_ = 0;
  uint64_t retries_ = 0;
};

struct SimulationOptions {
  Parameters parameters;
  Capacity capacity;
  // 0: the trace's own time. Otherwise the trace is replayed at this speed.
  uint64_t requests_per_second = 0;
  // Size of a key where the trace has none.
  uint32_t default_size = 1;
  // Every key gets a deadline by its hash, so far away that it never comes: for policies of
  // volatile keys.
  bool with_deadlines = false;
  // So many caches, each with its part of the capacity and of the keys, by hash.
  uint32_t shards = 1;
  // Measures how long accesses and evictions take, of a sample.
  bool measure = false;
};

struct SimulationResult {
  uint64_t requests = 0;
  uint64_t hits = 0;
  uint64_t bytes_requested = 0;
  uint64_t bytes_hit = 0;
  uint64_t evictions = 0;
  uint64_t most_metadata_bytes = 0;
  uint64_t most_keys = 0;  // that were in the cache
  // Mean nanoseconds, if measured: a hit (hash, look-up and policy), and an eviction (the same, and
  // the removal).
  double access_ns = 0;
  double eviction_ns = 0;
  std::vector<std::pair<std::string, std::string>> info;  // the first shard's policy's, at the end
  uint64_t misses() const { return requests - hits; }
  // In percent.
  double hit_ratio() const;
  double byte_hit_ratio() const;
};

// Runs the trace through a cache of that policy: GET, and SET on a miss.
SimulationResult Simulate(const PolicyChoice& choice, const Trace& trace,
                          const SimulationOptions& options);

}  // namespace nuthatch::eviction
