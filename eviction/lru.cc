// lru: the least recently used of a sample goes.
//
// Redis's approximation (a sample and a pool, see candidate_pool.h) over a clock of 10 ms instead
// of a second: a cache that turns over within seconds keeps its order.
#include <memory>

#include "eviction/sampled_policy.h"

namespace nuthatch::eviction {
namespace {

class LruPolicy final : public SampledPolicy {
 public:
  explicit LruPolicy(const Parameters& parameters) : SampledPolicy(parameters, kAccess) {}

 private:
  uint64_t Score(const Candidate& candidate, int64_t now_ms) const override {
    return StampScore(candidate.meta.access, now_ms);
  }
};

}  // namespace

std::unique_ptr<Policy> MakeLru(const Parameters& parameters) {
  return std::make_unique<LruPolicy>(parameters);
}

}  // namespace nuthatch::eviction
