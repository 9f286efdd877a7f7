// What every policy of the registry promises (eviction/policy.h), for each name in
// maxmemory-policy.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "eviction/registry.h"
#include "eviction/simulate.h"
#include "server/base/random.h"

namespace nuthatch::eviction {
namespace {

constexpr int64_t kNow = 1'700'000'000'000;
constexpr int64_t kDeadline = kNow * 2;

class Contract : public testing::TestWithParam<PolicyChoice> {
 protected:
  PolicyChoice choice() const { return GetParam(); }
  bool evicts() const { return choice().row->evicts; }

  // Keys 0 to count - 1; every `volatile_every`-th has a deadline.
  static void Fill(SimulatedCache& cache, uint64_t count, uint64_t volatile_every = 1) {
    for (uint64_t key = 0; key < count; ++key) {
      int64_t deadline_ms =
          key % volatile_every == 0 ? kDeadline + static_cast<int64_t>(key) : kNeverExpires;
      ASSERT_TRUE(cache.Set(key, 1, kNow + static_cast<int64_t>(key), deadline_ms));
    }
  }
};

std::string TestName(const testing::TestParamInfo<PolicyChoice>& info) {
  std::string name = PolicyName(info.param);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

template <typename Accept>
std::vector<PolicyChoice> ChoicesThat(Accept accept) {
  std::vector<PolicyChoice> choices = PolicyChoices();
  std::erase_if(choices, [&](const PolicyChoice& choice) { return !accept(choice); });
  return choices;
}

INSTANTIATE_TEST_SUITE_P(Policies, Contract, testing::ValuesIn(PolicyChoices()), TestName);

// Those that evict at all, those of volatile keys, and those with a clock.
class EvictingContract : public Contract {};
INSTANTIATE_TEST_SUITE_P(Policies, EvictingContract,
                         testing::ValuesIn(ChoicesThat([](const PolicyChoice& choice) {
                           return choice.row->evicts;
                         })),
                         TestName);
class VolatileContract : public Contract {};
INSTANTIATE_TEST_SUITE_P(Policies, VolatileContract,
                         testing::ValuesIn(ChoicesThat([](const PolicyChoice& choice) {
                           return choice.volatile_only;
                         })),
                         TestName);
class ClockContract : public Contract {};
INSTANTIATE_TEST_SUITE_P(Policies, ClockContract,
                         testing::ValuesIn(ChoicesThat([](const PolicyChoice& choice) {
                           return choice.row->access == AccessMeaning::kClock;
                         })),
                         TestName);

TEST_P(Contract, EvictsEverythingInScopeAndNothingElse) {
  SimulatedCache cache(choice(), {}, {});
  Fill(cache, 1000, 4);
  std::set<uint64_t> gone;
  while (std::optional<uint64_t> key = cache.Evict(kNow + 5000)) {
    EXPECT_TRUE(gone.insert(*key).second);
    EXPECT_FALSE(cache.Contains(*key));
    if (choice().volatile_only) {
      EXPECT_EQ(*key % 4, 0);
    }
  }
  EXPECT_EQ(gone.size(), !evicts() ? 0 : choice().volatile_only ? 250 : 1000);
}

TEST_P(Contract, SaysNoneAtOnceWhenNothingIsEligible) {
  SimulatedCache cache(choice(), {}, {});
  EXPECT_EQ(cache.policy().PickVictim(cache, cache.scope(), kNow).outcome, Pick::Outcome::kNone);
  ASSERT_TRUE(cache.Set(1, 1, kNow));
  if (choice().volatile_only) {
    EXPECT_EQ(cache.policy().PickVictim(cache, cache.scope(), kNow).outcome, Pick::Outcome::kNone);
  }
}

TEST_P(VolatileContract, FindsTheOneEligibleKeyAmongMany) {
  SimulatedCache cache(choice(), {}, {});
  Fill(cache, 20'000, 20'000);
  EXPECT_EQ(cache.Evict(kNow + 30'000), 0);
  EXPECT_EQ(cache.Evict(kNow + 30'000), std::nullopt);
  EXPECT_EQ(cache.size(), 19'999);
}

TEST_P(Contract, NeverPicksWhatIsGone) {
  SimulatedCache cache(choice(), {}, {});
  base::Random random(1);
  int64_t now_ms = kNow;
  // SimulatedCache checks that each victim is there.
  for (int i = 0; i < 50'000; ++i) {
    now_ms += static_cast<int64_t>(random.Below(20));
    uint64_t key = random.Below(500);
    switch (random.Below(4)) {
      case 0:
        cache.Set(key, 1 + random.Below(100), now_ms, kDeadline);
        break;
      case 1:
        cache.Get(key, now_ms);
        break;
      case 2:
        cache.Remove(key, random.Below(2) == 0 ? RemoveReason::kDeleted : RemoveReason::kExpired);
        break;
      default:
        cache.Evict(now_ms);
    }
  }
}

TEST_P(EvictingContract, HoldsItsCapacityInBytes) {
  constexpr uint64_t kBytes = 10'000;
  SimulatedCache cache(choice(), {}, {.bytes = kBytes});
  base::Random random(2);
  for (int i = 0; i < 20'000; ++i) {
    ASSERT_TRUE(cache.Set(random.Below(3000), 1 + random.Below(500), kNow + i, kDeadline + i));
    ASSERT_LE(cache.bytes(), kBytes);
  }
  EXPECT_GT(cache.bytes(), kBytes - 1000);
}

TEST_P(Contract, LeavesNoMetadataBehind) {
  constexpr RemoveReason kReasons[] = {RemoveReason::kDeleted, RemoveReason::kExpired,
                                       RemoveReason::kReplaced, RemoveReason::kFlushed};
  SimulatedCache cache(choice(), {}, {});
  Fill(cache, 5000);
  for (uint64_t key = 0; key < 5000; ++key) {
    ASSERT_TRUE(cache.Remove(key, kReasons[key % std::size(kReasons)]));
  }
  EXPECT_EQ(cache.policy().metadata_bytes(), 0);
}

TEST_P(Contract, SaysExactlyWhatAnAccessChanges) {
  std::unique_ptr<Policy> policy = choice().Make({});
  base::Random random(3);
  int64_t now_ms = kNow;
  for (int i = 0; i < 100'000; ++i) {
    now_ms += random.Below(4) == 0 ? static_cast<int64_t>(random.Below(100'000)) : 0;
    AccessHook hook = policy->BeginBatch(now_ms);
    KeyMeta before{.tag = static_cast<uint8_t>(random.Next()),
                   .access = static_cast<uint32_t>(random.Next())};
    if (random.Below(2) == 0) before = policy->OnInsert(random.Next(), 10, now_ms);
    KeyMeta after = before;
    AccessKind kind = random.Below(2) == 0 ? AccessKind::kRead : AccessKind::kWrite;
    Changed changed = hook.OnAccess(random.Next(), after, kind);
    ASSERT_EQ(ChangedTag(changed), before.tag != after.tag);
    ASSERT_EQ(ChangedAccess(changed), before.access != after.access);
  }
}

TEST_P(Contract, StopsWritingToAKeyThatIsUsedAgainAtOnce) {
  std::unique_ptr<Policy> policy = choice().Make({});
  AccessHook hook = policy->BeginBatch(kNow);
  KeyMeta meta = policy->OnInsert(1, 1, kNow);
  int writes = 0;
  for (int i = 0; i < 1000; ++i) {
    writes += hook.OnAccess(1, meta, AccessKind::kRead) == Changed::kNothing ? 0 : 1;
  }
  EXPECT_LE(writes, 50);
}

TEST_P(Contract, BearsAnyMeta) {
  SimulatedCache cache(choice(), {}, {});
  base::Random random(4);
  Fill(cache, 2000);
  for (uint64_t key = 0; key < 2000; ++key) {
    cache.meta(key) = {.tag = static_cast<uint8_t>(random.Next()),
                       .access = static_cast<uint32_t>(random.Next())};
    if (key % 3 == 0) cache.Get(key, kNow + 3000);
  }
  size_t evicted = 0;
  while (cache.Evict(kNow + 4000)) ++evicted;
  EXPECT_EQ(evicted, evicts() ? 2000 : 0);
}

TEST_P(Contract, TakesOverFromEveryOtherPolicyAndHandsBack) {
  for (const PolicyChoice& other : PolicyChoices()) {
    SimulatedCache cache(choice(), {}, {});
    Fill(cache, 500);
    int64_t now_ms = kNow + 1000;
    for (const PolicyChoice& next : {other, choice(), other}) {
      cache.SwitchTo(next, {});
      for (uint64_t key = 0; key < 400; ++key) {
        ++now_ms;
        cache.Get(key % 500, now_ms);
        cache.Set(1000 + key % 100, 1, now_ms, kDeadline);
        if (key % 10 == 0) cache.Evict(now_ms);
      }
      EXPECT_EQ(cache.Evict(now_ms).has_value(), next.row->evicts);
    }
    while (cache.Evict(now_ms)) {
    }
    EXPECT_EQ(cache.size() == 0, other.row->evicts) << PolicyName(other);
  }
}

TEST_P(Contract, TakesParametersAtRunTime) {
  SimulatedCache cache(choice(), {}, {});
  Fill(cache, 2000);
  for (uint32_t samples : {1U, 64U, 0U, 4'000'000'000U}) {
    for (uint32_t factor : {0U, 1U, 10U, 4'000'000'000U}) {
      for (uint32_t decay : {0U, 1U, 4'000'000'000U}) {
        Parameters parameters;
        parameters.samples = samples;
        parameters.lfu_log_factor = factor;
        parameters.lfu_decay_minutes = decay;
        cache.policy().SetParameters(parameters);
        for (uint64_t key = 0; key < 2000; key += 7) cache.Get(key, kNow + 10'000);
        EXPECT_EQ(cache.Evict(kNow + 10'000).has_value(), evicts());
      }
    }
  }
}

// Tags of another policy, and counts of keys that nobody told: what is known recovers while the
// hand goes round, so that the policy works as if it had been there from the start.
TEST_P(EvictingContract, RecoversFromTheTagsOfAnother) {
  Trace trace = MakeZipfTrace(20'000, 0.9, 300'000, 3);
  uint64_t misses[2] = {};
  for (bool spoilt : {false, true}) {
    SimulatedCache cache(choice(), {}, {.keys = 2000});
    base::Random random(6);
    for (size_t i = 0; i < trace.size(); ++i) {
      int64_t now_ms = kNow + static_cast<int64_t>(i);
      if (spoilt && i == trace.size() / 3) {
        for (uint64_t key = 0; key < 20'000; ++key) {
          if (!cache.Contains(key)) continue;
          cache.meta(key).tag = static_cast<uint8_t>(random.Next());
        }
      }
      bool counts = i > trace.size() / 2;
      if (cache.Get(trace[i].key, now_ms)) continue;
      misses[spoilt ? 1 : 0] += counts ? 1 : 0;
      ASSERT_TRUE(cache.Set(trace[i].key, 1, now_ms, kDeadline));
    }
  }
  EXPECT_NEAR(static_cast<double>(misses[0]), static_cast<double>(misses[1]), 1500);  // a point
}

// Whatever the size was before, some turnovers later the policy works as if it had been the same
// all the time.
TEST_P(EvictingContract, FollowsAChangeOfCapacity) {
  Trace trace = MakeZipfTrace(20'000, 0.9, 300'000, 3);
  uint64_t misses[3] = {};
  for (int run = 0; run < 3; ++run) {
    constexpr uint64_t kFirst[] = {2000, 500, 8000};
    SimulatedCache cache(choice(), {}, {.keys = kFirst[run]});
    for (size_t i = 0; i < trace.size(); ++i) {
      int64_t now_ms = kNow + static_cast<int64_t>(i);
      if (i == trace.size() / 3) cache.SetCapacity({.keys = 2000}, now_ms);
      if (cache.Get(trace[i].key, now_ms)) continue;
      misses[run] += i > trace.size() / 2 ? 1 : 0;
      ASSERT_TRUE(cache.Set(trace[i].key, 1, now_ms, kDeadline));
    }
    EXPECT_NEAR(static_cast<double>(misses[0]), static_cast<double>(misses[run]), 1500);  // a point
  }
}

TEST_P(Contract, KeepsItsMetadataUnderThreeBytesAKey) {
  // The shadow caches of a tuned policy are a constant besides.
  constexpr size_t kConstant = 56 * 1024;
  constexpr uint64_t kKeys = 100'000;
  SimulatedCache cache(choice(), {}, {.keys = kKeys});
  for (uint64_t key = 0; key < 4 * kKeys; ++key) {
    if (!cache.Set(key, 1, kNow + static_cast<int64_t>(key / 100), kDeadline)) break;
  }
  size_t tags = choice().row->uses_tag ? cache.size() : 0;
  EXPECT_LT(tags + cache.policy().metadata_bytes(), 3 * cache.size() + kConstant);
}

TEST_P(Contract, RepeatsItselfFromASeed) {
  Parameters parameters;
  std::vector<uint64_t> victims[3];
  for (int run = 0; run < 3; ++run) {
    parameters.seed = run == 2 ? 8 : 7;
    SimulatedCache cache(choice(), parameters, {});
    Fill(cache, 1000);
    for (int i = 0; i < 100; ++i) victims[run].push_back(cache.Evict(kNow + 2000).value_or(0));
  }
  EXPECT_EQ(victims[0], victims[1]);
}

// Counts the buckets and keys that a pick looks at.
class CountingView final : public View {
 public:
  explicit CountingView(View& view) : view_(view) {}
  size_t Count(const Scope& scope) const override { return view_.Count(scope); }
  size_t Sample(const Scope& scope, Fields fields, base::Random& random,
                std::span<Candidate> out) override {
    ++buckets;
    size_t count = view_.Sample(scope, fields, random, out);
    keys += fields == kTagOnly ? 0 : count;
    return count;
  }
  size_t Walk(WalkPosition& position, const Scope& scope, Fields fields, std::span<Candidate> out,
              bool* wrapped) override {
    ++buckets;
    size_t count = view_.Walk(position, scope, fields, out, wrapped);
    keys += fields == kTagOnly ? 0 : count;
    return count;
  }
  bool Find(const KeyRef& ref, const Scope& scope, Fields fields, Candidate& out) override {
    ++buckets;
    ++keys;
    return view_.Find(ref, scope, fields, out);
  }
  void Store(const Candidate& candidate, Changed changed) override {
    view_.Store(candidate, changed);
  }

  size_t buckets = 0;
  size_t keys = 0;

 private:
  View& view_;
};

TEST_P(EvictingContract, TouchesFewCacheLinesAPick) {
  SimulatedCache cache(choice(), {}, {});
  Fill(cache, 100'000);
  CountingView view(cache);
  constexpr int kPicks = 10'000;
  for (int i = 0; i < kPicks; ++i) {
    Pick pick = cache.policy().PickVictim(view, cache.scope(), kNow + 200'000);
    ASSERT_EQ(pick.outcome, Pick::Outcome::kVictim);
    cache.Remove(cache.key_of(pick.victim), RemoveReason::kEvicted);
  }
  // Two or three buckets and five keys to look at, and the victim.
  EXPECT_LE(view.buckets, kPicks * 6);
  EXPECT_LE(view.keys, kPicks * 9);
  // What is ranked by tags touches three lines, and no key.
  if (choice().row->uses_tag) {
    EXPECT_LE(view.buckets, kPicks * 3);
    EXPECT_EQ(view.keys, 0);
  }
}

TEST_P(Contract, BoundsTheWorkOfOneCall) {
  SimulatedCache cache(choice(), {}, {});
  Fill(cache, 100'000, 100'000);
  CountingView view(cache);
  for (int i = 0; i < 100; ++i) {
    view.buckets = 0;
    cache.policy().PickVictim(view, cache.scope(), kNow + 200'000);
    EXPECT_LE(view.buckets, 128);
  }
}

TEST_P(Contract, KeepsTheIdleTimeOrTheFrequencyThatRestoreGives) {
  std::unique_ptr<Policy> policy = choice().Make({});
  if (choice().row->access == AccessMeaning::kClock) {
    for (int64_t seconds : {0, 1, 59, 1000, 1'000'000}) {
      uint32_t access = Policy::AccessOfIdleMs(seconds * 1000, kNow);
      EXPECT_EQ(policy->IdleMs(access, kNow) / 1000, seconds);
      EXPECT_EQ(policy->IdleMs(access, kNow + 5000) / 1000, seconds + 5);
    }
  } else {
    for (uint32_t frequency : {0U, 1U, 5U, 128U, 255U}) {
      EXPECT_EQ(policy->Frequency(Policy::AccessOfFrequency(frequency, kNow), kNow), frequency);
    }
  }
}

TEST_P(ClockContract, KnowsTheIdleTimeOfAKeyThatIsUsed) {
  std::unique_ptr<Policy> policy = choice().Make({});
  KeyMeta meta = policy->OnInsert(1, 1, kNow);
  EXPECT_EQ(policy->IdleMs(meta.access, kNow + 3000), 3000);
  policy->BeginBatch(kNow + 4000).OnAccess(1, meta, AccessKind::kWrite);
  EXPECT_EQ(policy->IdleMs(meta.access, kNow + 4500), 500);
}

}  // namespace
}  // namespace nuthatch::eviction
