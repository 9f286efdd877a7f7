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
    // The tick of the last use, not wrapped: it stays the same as time goes on.
    uint32_t stamp = ToStamp(candidate.meta.access, now_ms);
    int64_t last_use = now_ms / kStampTickMs - StampAge(stamp, StampAt(now_ms));
    return ~static_cast<uint64_t>(last_use + (int64_t{1} << 48));
  }
};

}  // namespace

std::unique_ptr<Policy> MakeLru(const Parameters& parameters) {
  return std::make_unique<LruPolicy>(parameters);
}

}  // namespace nuthatch::eviction
