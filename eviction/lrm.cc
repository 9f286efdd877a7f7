// lrm: the least recently modified of a sample goes (Redis 8.6 has it).
//
// As lru, but only writes stamp a key: for data that goes stale, where a read should not prolong
// what no writer cares for any more. OBJECT IDLETIME is the time since the last write then.
#include <memory>

#include "eviction/sampled_policy.h"

namespace nuthatch::eviction {
namespace {

class LrmPolicy final : public SampledPolicy {
 public:
  explicit LrmPolicy(const Parameters& parameters) : SampledPolicy(parameters, kAccess) {}

  AccessHook BeginBatch(int64_t now_ms) override {
    return AccessHook().Stamp(StampAt(now_ms), static_cast<uint8_t>(AccessKind::kWrite));
  }

 private:
  uint64_t Score(const Candidate& candidate, int64_t now_ms) const override {
    return StampScore(candidate.meta.access, now_ms);
  }
};

}  // namespace

std::unique_ptr<Policy> MakeLrm(const Parameters& parameters) {
  return std::make_unique<LrmPolicy>(parameters);
}

}  // namespace nuthatch::eviction
