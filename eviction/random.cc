// random: any key may go; keys of all slots and databases are equally likely.
#include <memory>
#include <span>

#include "eviction/policy.h"

namespace nuthatch::eviction {
namespace {

class RandomPolicy final : public Policy {
 public:
  using Policy::Policy;

  Pick PickVictim(View& view, const Scope& scope, int64_t /*now_ms*/) override {
    Pick pick;
    if (view.Count(scope) == 0) return pick;
    for (size_t tries = 0; tries < kMaxTries; ++tries) {
      if (view.Sample(scope, kTagOnly, random(), std::span(&pick.victim, 1)) == 1) {
        pick.outcome = Pick::Outcome::kVictim;
        return pick;
      }
    }
    return Search(view, scope);
  }

 private:
  static constexpr size_t kMaxTries = 8;
  static constexpr size_t kMaxWalk = 64;

  // Eligible keys are rare: the next one in hash order, from where the last search ended.
  Pick Search(View& view, const Scope& scope) {
    Pick pick;
    Candidate found[View::kMaxPerStep];
    for (size_t steps = 0; steps < kMaxWalk; ++steps) {
      size_t count = view.Walk(walk_, scope, kTagOnly, found, nullptr);
      if (count == 0) continue;
      pick.outcome = Pick::Outcome::kVictim;
      pick.victim = found[random().Below(count)];
      return pick;
    }
    pick.outcome = Pick::Outcome::kTryAgain;
    return pick;
  }

  WalkPosition walk_;
};

}  // namespace

std::unique_ptr<Policy> MakeRandom(const Parameters& parameters) {
  return std::make_unique<RandomPolicy>(parameters);
}

}  // namespace nuthatch::eviction
