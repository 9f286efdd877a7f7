#include "eviction/sampled_policy.h"

#include <span>

namespace nuthatch::eviction {

static_assert(View::kMaxPerStep <= kMaxSamples);

size_t SampledPolicy::Gather(View& view, const Scope& scope) {
  size_t wanted = parameters().samples;
  size_t count = 0;
  for (size_t tries = 0; count < wanted && tries < wanted + kExtraTries; ++tries) {
    count +=
        view.Sample(scope, fields_, random(), std::span(sample_).subspan(count, wanted - count));
  }
  // Eligible keys are rare: search in order, from where the last search ended.
  for (size_t steps = 0; count == 0 && steps < kMaxWalk; ++steps) {
    count = view.Walk(walk_, scope, fields_, sample_, nullptr);
  }
  return count;
}

Pick SampledPolicy::PickVictim(View& view, const Scope& scope, int64_t now_ms) {
  if (view.Count(scope) == 0) return {};
  size_t count = Gather(view, scope);
  for (size_t i = 0; i < count; ++i) pool_.Offer(sample_[i].ref, Score(sample_[i], now_ms));

  // A key that was used since it entered the pool goes back once with its new score: two rounds.
  Pick pick;
  for (size_t rounds = 0; !pool_.empty() && rounds < 2 * CandidatePool::kCapacity; ++rounds) {
    CandidatePool::Entry best = pool_.best();
    pool_.DropBest();
    if (!view.Find(best.ref, scope, fields_, pick.victim)) continue;
    uint64_t score = Score(pick.victim, now_ms);
    if (score >= best.score) {
      pick.outcome = Pick::Outcome::kVictim;
      return pick;
    }
    pool_.Offer(pick.victim.ref, score);
  }
  pick.outcome = Pick::Outcome::kTryAgain;
  return pick;
}

}  // namespace nuthatch::eviction
