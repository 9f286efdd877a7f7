// LruPolicy: the least recently stamped of a sample goes; lru and lrm differ in what stamps a key.
//
// Redis's approximation (a sample and a pool, see candidate_pool.h) over a clock of 10 ms instead
// of a second: a cache that turns over within seconds keeps its order.
#pragma once

#include "eviction/sampled_policy.h"

namespace nuthatch::eviction {

class LruPolicy final : public SampledPolicy {
 public:
  // `kinds`: a mask of AccessKind.
  LruPolicy(const Parameters& parameters, uint8_t kinds)
      : SampledPolicy(parameters, kAccess), kinds_(kinds) {}

  AccessHook BeginBatch(int64_t now_ms) override {
    return AccessHook().Stamp(StampAt(now_ms), kinds_);
  }

 private:
  uint64_t Score(const Candidate& candidate, int64_t now_ms) const override {
    // The tick of the last use, not wrapped: it stays the same as time goes on.
    uint32_t stamp = ToStamp(candidate.meta.access, now_ms);
    int64_t last_use = now_ms / kStampTickMs - StampAge(stamp, StampAt(now_ms));
    return ~static_cast<uint64_t>(last_use + (int64_t{1} << 48));
  }

  const uint8_t kinds_;
};

}  // namespace nuthatch::eviction
