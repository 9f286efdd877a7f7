// noeviction: nobody goes; a write that needs room is refused.
#include <memory>

#include "eviction/policy.h"

namespace nuthatch::eviction {
namespace {

class NoEviction final : public Policy {
 public:
  using Policy::Policy;
  Pick PickVictim(View& /*view*/, const Scope& /*scope*/, int64_t /*now_ms*/) override {
    return {};
  }
};

}  // namespace

std::unique_ptr<Policy> MakeNone(const Parameters& parameters) {
  return std::make_unique<NoEviction>(parameters);
}

}  // namespace nuthatch::eviction
