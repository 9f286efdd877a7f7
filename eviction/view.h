// View: a shard's keys as an eviction policy sees them. The keyspace implements it; so do the
// simulator and the tests.
//
// Used within one call of the policy, on the shard's thread. "The policy ranks, the view filters":
// no function here hands out a key that is outside of the scope, pinned, or already expired (the
// keyspace deletes those by itself, and first).
//
// Invariants
// 1. Keys are spread over buckets by their hash; what a bucket holds is independent of how its keys
//    are used. So a bucket is a random sample.
// 2. A handle is good until the keyspace changes; a KeyRef is good for ever, as a question.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "server/base/random.h"

namespace nuthatch::eviction {

// What the policy remembers about a key, kept for it by the keyspace: the tag beside the
// fingerprint in the table's word, and the access bits in the entry's header (access_field.h).
struct KeyMeta {
  uint8_t tag = 0;
  uint32_t access = 0;
};

// Which parts of a KeyMeta a call has changed, so that the caller stores nothing else.
enum class Changed : uint8_t { kNothing = 0, kTag = 1, kAccess = 2, kBoth = 3 };
constexpr Changed operator|(Changed a, Changed b) {
  return static_cast<Changed>(static_cast<uint8_t>(a) | static_cast<uint8_t>(b));
}
constexpr bool ChangedTag(Changed c) { return (static_cast<uint8_t>(c) & 1) != 0; }
constexpr bool ChangedAccess(Changed c) { return (static_cast<uint8_t>(c) & 2) != 0; }

// Which keys may go.
struct Scope {
  bool volatile_only = false;
  int database = -1;  // -1: any
};

// What a candidate must carry besides its tag. The tag costs the bucket's cache line; everything
// else costs one of the entry's, so ask for no more than is used.
enum Fields : uint8_t {
  kTagOnly = 0,
  kAccess = 1,
  kDeadline = 2,
  kBytes = 4,
  kHash = 8,  // the key's whole hash: the view may have to compute it
};

// A key's place by value: what it means is the view's affair. It never dangles; the key may be
// gone.
struct KeyRef {
  uint64_t where = 0;
  uint64_t hash = 0;
  friend bool operator==(const KeyRef&, const KeyRef&) = default;
};

constexpr int64_t kNeverExpires = -1;

struct Candidate {
  uint64_t handle = 0;  // the view's own: finds the key at once
  KeyRef ref;
  KeyMeta meta;  // access only if asked for
  // The rest only if asked for.
  int64_t deadline_ms = kNeverExpires;
  uint64_t bytes = 0;  // as given to OnInsert or OnUpdate
  uint64_t hash = 0;   // as given to OnInsert
};

// A place in the hash order of all the shard's keys; survives every change of the keyspace, growth
// included.
struct WalkPosition {
  uint64_t where = 0;
  uint64_t hash = 0;
};

class View {
 public:
  // The most keys that one step of Walk hands out.
  static constexpr size_t kMaxPerStep = 16;

  virtual ~View() = default;

  // How many keys are in `scope`, give or take those that are pinned or expired.
  virtual size_t Count(const Scope& scope) const = 0;

  // Eligible keys of one random bucket, at most out.size() (a random run of them if there are
  // more); every eligible key is equally likely. Returns their number; 0 is bad luck, not the end.
  virtual size_t Sample(const Scope& scope, Fields fields, base::Random& random,
                        std::span<Candidate> out) = 0;

  // Eligible keys of the bucket at `position`, which moves on by one bucket and wraps around.
  // Returns their number, which may be 0. Sets *wrapped (may be null) when the walk began again at
  // the start. REQUIRES: out.size() >= kMaxPerStep.
  virtual size_t Walk(WalkPosition& position, const Scope& scope, Fields fields,
                      std::span<Candidate> out, bool* wrapped) = 0;

  // The key that `ref` meant, if it is still there and eligible. (A view may know only a part of
  // its hash and give another key with the same part: the caller ranks what it gets.)
  virtual bool Find(const KeyRef& ref, const Scope& scope, Fields fields, Candidate& out) = 0;

  // Writes back what a policy changed in candidate.meta. REQUIRES: a handle of this very call.
  virtual void Store(const Candidate& candidate, Changed changed) = 0;
};

}  // namespace nuthatch::eviction
