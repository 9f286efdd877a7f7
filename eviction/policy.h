// Policy: who has to go when memory is full. The interface that each eviction policy implements.
//
// One instance a shard, used by whoever may touch that shard's keyspace; nothing is shared. A
// policy knows tags, access bits, hashes and sizes, never keys or values. The keyspace keeps a
// KeyMeta for each key on its behalf, calls a hook at each event of the key's life, and asks for a
// victim when it needs room.
//
// The one hook that is hot, OnAccess, is not virtual: the caller fetches an AccessHook once for a
// batch of commands, by BeginBatch(), and calls that inline.
//
// Invariants
// 1. A policy bears any KeyMeta, also one that another policy or an earlier parameter left behind:
//    it may rank such a key badly, never fail on it.
// 2. Without a change nothing is written: hooks say what they changed.
// 3. PickVictim touches a bounded number of cache lines and never loops until it is lucky; its
//    caller holds the time budget and calls again.
// 4. metadata_bytes() is 0 once all keys are removed (excepted are ghosts and a tuner's shadows,
// which
//    come with the first pick; they are bounded by the number of keys at a pick, and by a
//    constant).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eviction/access_field.h"
#include "eviction/view.h"

namespace nuthatch::eviction {

class Policy;

enum class AccessKind : uint8_t { kRead = 1, kWrite = 2 };

enum class RemoveReason : uint8_t {
  kDeleted,
  kExpired,
  kEvicted,   // the only one that feeds a ghost queue
  kReplaced,  // another key takes the name (RENAME, COPY REPLACE)
  kFlushed,   // with its whole database, where that is told key by key: the hash given is 0
};

// maxmemory-samples and the like, and the seed of the policy's random numbers.
struct Parameters {
  uint32_t samples = 5;  // clamped to 1 ... kMaxSamples
  uint32_t lfu_log_factor = 10;
  uint32_t lfu_decay_minutes = 1;  // 0: never
  uint64_t seed = 1;
};
constexpr uint32_t kMaxSamples = 64;

// What to do at each access during one batch of commands. It is data rather than a call where
// possible, because most policies do one of two things: stamp the time, or step the tag through a
// small automaton.
class AccessHook {
 public:
  using Function = Changed (*)(Policy* policy, uint64_t hash, KeyMeta& meta, AccessKind kind);

  // Does nothing.
  AccessHook() = default;

  // On accesses of these kinds (a mask of AccessKind), access becomes `stamp`.
  AccessHook& Stamp(uint32_t stamp, uint8_t kinds) {
    stamp_ = stamp;
    stamp_kinds_ = kinds;
    return *this;
  }
  // At every access, tag becomes next[tag]; `next` has 256 elements and outlives the batch.
  AccessHook& StepTag(const uint8_t* next) {
    next_tag_ = next;
    return *this;
  }
  // At every access, `function`, and nothing else.
  AccessHook& Call(Function function, Policy* policy) {
    function_ = function;
    policy_ = policy;
    return *this;
  }

  // `hash` is the key's hash as in OnInsert; `meta` a copy of the key's, of which the caller stores
  // what has changed.
  Changed OnAccess(uint64_t hash, KeyMeta& meta, AccessKind kind) const {
    if (function_ != nullptr) return function_(policy_, hash, meta, kind);
    Changed changed = Changed::kNothing;
    if ((stamp_kinds_ & static_cast<uint8_t>(kind)) != 0 && meta.access != stamp_) {
      meta.access = stamp_;
      changed = Changed::kAccess;
    }
    if (next_tag_ != nullptr && next_tag_[meta.tag] != meta.tag) {
      meta.tag = next_tag_[meta.tag];
      changed = changed | Changed::kTag;
    }
    return changed;
  }

 private:
  Function function_ = nullptr;
  Policy* policy_ = nullptr;
  const uint8_t* next_tag_ = nullptr;
  uint32_t stamp_ = 0;
  uint8_t stamp_kinds_ = 0;
};
constexpr uint8_t kAnyAccess = 3;

// The answer to "who goes?".
struct Pick {
  enum class Outcome : uint8_t {
    kVictim,    // `victim` goes; the caller removes it and calls OnRemove(..., kEvicted)
    kTryAgain,  // nothing found in this step; calling again goes on searching
    kNone,      // there is nothing to evict
  };
  Outcome outcome = Outcome::kNone;
  Candidate victim;
};

class Policy {
 public:
  explicit Policy(const Parameters& parameters);
  virtual ~Policy() = default;
  Policy(const Policy&) = delete;
  Policy& operator=(const Policy&) = delete;

  // --- A key's life. `now_ms` is wall time and never falls; `bytes` is the whole cost of a key.
  // ---

  // The hook for accesses until the next call of BeginBatch or SetParameters.
  virtual AccessHook BeginBatch(int64_t now_ms);
  // A new key: its first meta. Not called when a value replaces another: that is a write access and
  // OnUpdate.
  virtual KeyMeta OnInsert(uint64_t hash, uint64_t bytes, int64_t now_ms);
  // A key's size has changed.
  virtual Changed OnUpdate(uint64_t hash, KeyMeta& meta, uint64_t old_bytes, uint64_t new_bytes);
  virtual void OnRemove(uint64_t hash, const KeyMeta& meta, uint64_t bytes, RemoveReason reason);
  // So many keys are gone at once, with their databases, and so many are left; instead of as many
  // calls of OnRemove.
  virtual void OnFlush(uint64_t removed, uint64_t left);

  // --- Victims ---

  // The best to go of those in `scope`, as far as a bounded look can tell.
  virtual Pick PickVictim(View& view, const Scope& scope, int64_t now_ms) = 0;

  // --- Beside the keys ---

  // About ten times a second: room for background work, at most some microseconds of it.
  virtual void Tick(View& view, int64_t now_ms);
  // How much the shard may hold: bytes, and about how many keys these are. A hint: a policy works
  // as well without, for at a pick the shard is full and View::Count says how many keys that is.
  virtual void SetCapacity(uint64_t bytes, uint64_t keys);
  // Before the first use, when keys are there already: `former` has ranked them so far.
  virtual void SwitchFrom(const Policy& former);
  // At run time, any number of times.
  virtual void SetParameters(const Parameters& parameters);
  const Parameters& parameters() const { return parameters_; }

  // --- What OBJECT and RESTORE ask; the same for all policies, for access bits describe themselves
  // ---

  // OBJECT FREQ: the decayed counter, 0 to 255.
  uint32_t Frequency(uint32_t access, int64_t now_ms) const;
  // Milliseconds since the last use; OBJECT IDLETIME shows whole seconds.
  int64_t IdleMs(uint32_t access, int64_t now_ms) const { return AccessAgeMs(access, now_ms); }
  // Access bits of a key that RESTORE gives an idle time, or a frequency (0 to 255).
  static uint32_t AccessOfIdleMs(int64_t idle_ms, int64_t now_ms);
  static uint32_t AccessOfFrequency(uint32_t frequency, int64_t now_ms);

  // --- Figures ---

  // Memory that grows with keys or ghosts, besides tag and access bits.
  virtual size_t metadata_bytes() const { return 0; }
  // Further lines for INFO: names and values. What begins with "tuner_" is a state; the others are
  // counts, whole numbers that can be summed up over the shards, and that ResetCounts() zeroes.
  virtual std::vector<std::pair<std::string, std::string>> Info() const { return {}; }
  virtual void ResetCounts() {}

 protected:
  base::Random& random() { return random_; }

 private:
  Parameters parameters_;
  base::Random random_;
};

}  // namespace nuthatch::eviction
