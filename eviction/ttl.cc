// ttl: of a sample of keys with a deadline, the one that would expire first goes first.
#include <memory>

#include "eviction/sampled_policy.h"

namespace nuthatch::eviction {
namespace {

class TtlPolicy final : public SampledPolicy {
 public:
  explicit TtlPolicy(const Parameters& parameters) : SampledPolicy(parameters, kDeadline) {}

 private:
  uint64_t Score(const Candidate& candidate, int64_t /*now_ms*/) const override {
    // A key without a deadline (kNeverExpires is -1) comes last.
    return candidate.deadline_ms < 0 ? 0 : ~static_cast<uint64_t>(candidate.deadline_ms);
  }
};

}  // namespace

std::unique_ptr<Policy> MakeTtl(const Parameters& parameters) {
  return std::make_unique<TtlPolicy>(parameters);
}

}  // namespace nuthatch::eviction
