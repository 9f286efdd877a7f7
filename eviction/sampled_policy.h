// SampledPolicy: what the policies have in common that rank a few random keys (lru, lrm, lfu,
// ttl).
//
// A policy derives from it and says which fields it reads and how it scores a candidate; the
// higher, the sooner it goes. Costs a pick: the lines of one bucket or two, of `samples` entries,
// and of the victim.
#pragma once

#include <array>

#include "eviction/candidate_pool.h"
#include "eviction/policy.h"

namespace nuthatch::eviction {

class SampledPolicy : public Policy {
 public:
  SampledPolicy(const Parameters& parameters, Fields fields)
      : Policy(parameters), fields_(fields) {}

  Pick PickVictim(View& view, const Scope& scope, int64_t now_ms) final;

 protected:
  // Comparable over time: two calls for an unused key at different times give about the same.
  virtual uint64_t Score(const Candidate& candidate, int64_t now_ms) const = 0;

 private:
  // Buckets that one pick looks into at random, beyond one a sample, before it walks.
  static constexpr size_t kExtraTries = 8;
  // Buckets that one pick walks along where eligible keys are rare.
  static constexpr size_t kMaxWalk = 64;

  // Up to parameters().samples candidates into sample_; returns their number.
  size_t Gather(View& view, const Scope& scope);

  const Fields fields_;
  CandidatePool pool_;
  WalkPosition walk_;
  std::array<Candidate, kMaxSamples> sample_;
};

}  // namespace nuthatch::eviction
