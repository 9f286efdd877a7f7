#include <gtest/gtest.h>

#include "eviction/registry.h"
#include "eviction/simulate.h"

namespace nuthatch::eviction {
namespace {

// The begin of a minute.
constexpr int64_t kNow = 1'700'000'040'000;
constexpr int64_t kMinute = 60'000;
static_assert(kNow % kMinute == 0);

PolicyChoice Lfu() { return *ParsePolicyName("allkeys-lfu"); }

// The counter of a new key after so many uses at one time.
uint32_t CounterAfter(Policy& policy, int uses) {
  AccessHook hook = policy.BeginBatch(kNow);
  KeyMeta meta = policy.OnInsert(1, 1, kNow);
  for (int i = 0; i < uses; ++i) hook.OnAccess(1, meta, AccessKind::kRead);
  return policy.Frequency(meta.access, kNow);
}

TEST(Lfu, StartsAtFiveAndCountsTheFirstUse) {
  std::unique_ptr<Policy> policy = Lfu().Make({});
  EXPECT_EQ(CounterAfter(*policy, 0), 5);
  EXPECT_EQ(CounterAfter(*policy, 1), 6);
}

// The table of redis.conf: the counter after 100, 1,000, 100,000 uses by log factor.
TEST(Lfu, GrowsAsTheTableInRedisConfSays) {
  struct Row {
    uint32_t factor;
    uint32_t after_100, after_1000, after_100000;
  };
  for (const Row& row :
       {Row{0, 104, 255, 255}, Row{1, 18, 49, 255}, Row{10, 10, 18, 142}, Row{100, 8, 11, 49}}) {
    Parameters parameters;
    parameters.lfu_log_factor = row.factor;
    double sums[3] = {};
    constexpr int kRuns = 20;
    for (int run = 0; run < kRuns; ++run) {
      parameters.seed = static_cast<uint64_t>(run) + 1;
      std::unique_ptr<Policy> policy = Lfu().Make(parameters);
      sums[0] += CounterAfter(*policy, 100);
      sums[1] += CounterAfter(*policy, 1000);
      sums[2] += CounterAfter(*policy, 100'000);
    }
    EXPECT_NEAR(sums[0] / kRuns, row.after_100, 2.0) << "factor " << row.factor;
    EXPECT_NEAR(sums[1] / kRuns, row.after_1000, 2.5) << "factor " << row.factor;
    EXPECT_NEAR(sums[2] / kRuns, row.after_100000, 4.0) << "factor " << row.factor;
  }
}

TEST(Lfu, LosesOneAtEachTurnOfTheMinute) {
  std::unique_ptr<Policy> policy = Lfu().Make({});
  uint32_t access = Policy::AccessOfFrequency(8, kNow + kMinute - 1000);
  EXPECT_EQ(policy->Frequency(access, kNow + kMinute - 1), 8);
  EXPECT_EQ(policy->Frequency(access, kNow + kMinute), 7);
  EXPECT_EQ(policy->Frequency(access, kNow + 2 * kMinute - 1), 7);
  EXPECT_EQ(policy->Frequency(access, kNow + 4 * kMinute), 4);
  EXPECT_EQ(policy->Frequency(access, kNow + 50 * kMinute), 0);
}

TEST(Lfu, DecaysByTheConfiguredPeriodOrNever) {
  Parameters parameters;
  parameters.lfu_decay_minutes = 3;
  std::unique_ptr<Policy> policy = Lfu().Make(parameters);
  uint32_t access = Policy::AccessOfFrequency(100, kNow);
  EXPECT_EQ(policy->Frequency(access, kNow + 2 * kMinute), 100);
  EXPECT_EQ(policy->Frequency(access, kNow + 3 * kMinute), 99);
  EXPECT_EQ(policy->Frequency(access, kNow + 30 * kMinute), 90);
  parameters.lfu_decay_minutes = 0;
  policy->SetParameters(parameters);
  EXPECT_EQ(policy->Frequency(access, kNow + 10'000 * kMinute), 100);
}

TEST(Lfu, DecaysAcrossTheWrapOfItsTime) {
  std::unique_ptr<Policy> policy = Lfu().Make({});
  constexpr int64_t kWrap = int64_t{65536} * kMinute * 400;
  uint32_t access = Policy::AccessOfFrequency(50, kWrap - kMinute);
  EXPECT_EQ(policy->Frequency(access, kWrap + 2 * kMinute), 47);
}

TEST(Lfu, AppliesTheDecayAtTheNextUse) {
  Parameters parameters;
  parameters.lfu_log_factor = 4'000'000'000U;  // above 5 nothing is ever counted
  std::unique_ptr<Policy> policy = Lfu().Make(parameters);
  KeyMeta meta{.tag = 0, .access = Policy::AccessOfFrequency(20, kNow)};
  policy->BeginBatch(kNow + 4 * kMinute).OnAccess(1, meta, AccessKind::kRead);
  EXPECT_EQ(policy->Frequency(meta.access, kNow + 4 * kMinute), 16);
  EXPECT_EQ(policy->Frequency(meta.access, kNow + 5 * kMinute), 15);
}

TEST(Lfu, EvictsTheLeastFrequentThenTheLeastRecent) {
  SimulatedCache cache(Lfu(), {.samples = kMaxSamples}, {});
  for (uint64_t key = 0; key < 6; ++key) cache.Set(key, 1, kNow);
  cache.meta(0).access = Policy::AccessOfFrequency(9, kNow);
  cache.meta(1).access = Policy::AccessOfFrequency(7, kNow);
  cache.meta(2).access = Policy::AccessOfFrequency(8, kNow);
  cache.meta(3).access = Policy::AccessOfFrequency(8, kNow - 1000);
  cache.meta(4).access = Policy::AccessOfFrequency(20, kNow);
  cache.meta(5).access = Policy::AccessOfFrequency(200, kNow - 100 * kMinute);
  for (uint64_t key : {1, 3, 2, 0, 4, 5}) EXPECT_EQ(cache.Evict(kNow + 1000), key);
}

TEST(Lfu, CountsAKeyOfLruAsUsedOnceBackThen) {
  SimulatedCache cache(*ParsePolicyName("allkeys-lru"), {.samples = kMaxSamples}, {});
  cache.Set(1, 1, kNow);
  cache.Set(2, 1, kNow + 2 * kMinute);
  cache.SwitchTo(Lfu(), {.samples = kMaxSamples});
  EXPECT_EQ(cache.policy().Frequency(cache.meta(1).access, kNow + 4 * kMinute), 1);
  EXPECT_EQ(cache.policy().Frequency(cache.meta(2).access, kNow + 4 * kMinute), 3);
  cache.Get(2, kNow + 4 * kMinute);
  EXPECT_EQ(cache.Evict(kNow + 4 * kMinute), 1);
}

TEST(Lfu, HandsTimesOfLastUseBackToLru) {
  SimulatedCache cache(Lfu(), {}, {});
  cache.Set(1, 1, kNow);
  cache.Set(2, 1, kNow + 10'000);
  cache.SwitchTo(*ParsePolicyName("allkeys-lru"), {.samples = kMaxSamples});
  EXPECT_NEAR(static_cast<double>(cache.policy().IdleMs(cache.meta(1).access, kNow + 20'000)),
              20'000, 500);
  cache.Get(1, kNow + 20'000);
  EXPECT_EQ(cache.Evict(kNow + 20'000), 2);
}

}  // namespace
}  // namespace nuthatch::eviction
