#include <gtest/gtest.h>

#include "eviction/registry.h"
#include "eviction/simulate.h"

namespace nuthatch::eviction {
namespace {

constexpr int64_t kNow = 1'700'000'000'000;

PolicyChoice Lru() { return *ParsePolicyName("allkeys-lru"); }

TEST(Lru, EvictsTheOldestWhenItSamplesAll) {
  SimulatedCache cache(Lru(), {.samples = kMaxSamples}, {.keys = 8});
  for (uint64_t key = 0; key < 8; ++key) cache.Set(key, 1, kNow + 10 * static_cast<int64_t>(key));
  cache.Get(0, kNow + 100);
  cache.Set(1, 1, kNow + 110);
  EXPECT_EQ(cache.Evict(kNow + 120), 2);
  EXPECT_EQ(cache.Evict(kNow + 120), 3);
  // Used since it came into the pool: it is not evicted for what it was.
  cache.Get(4, kNow + 120);
  EXPECT_EQ(cache.Evict(kNow + 130), 5);
}

TEST(Lru, KeepsTheOrderOfUsesTenMillisecondsApart) {
  SimulatedCache cache(Lru(), {.samples = kMaxSamples}, {.keys = 30});
  for (uint64_t key = 0; key < 30; ++key) cache.Set(key, 1, kNow + 10 * static_cast<int64_t>(key));
  for (uint64_t key = 0; key < 30; ++key) EXPECT_EQ(cache.Evict(kNow + 300), key);
}

TEST(Lru, WritesNothingTwiceInOneTick) {
  std::unique_ptr<Policy> policy = Lru().Make({});
  KeyMeta meta = policy->OnInsert(1, 1, kNow);
  EXPECT_EQ(policy->BeginBatch(kNow + 9).OnAccess(1, meta, AccessKind::kRead), Changed::kNothing);
  EXPECT_EQ(policy->BeginBatch(kNow + 10).OnAccess(1, meta, AccessKind::kRead), Changed::kAccess);
  EXPECT_EQ(policy->IdleMs(meta.access, kNow + 2010), 2000);
}

TEST(Lru, OrdersAcrossTheWrapOfItsClock) {
  constexpr int64_t kWrap = (int64_t{1} << 31) * kStampTickMs;
  constexpr int64_t kStart = kWrap * 7 - 50;
  SimulatedCache cache(Lru(), {.samples = kMaxSamples}, {.keys = 10});
  for (uint64_t key = 0; key < 10; ++key) {
    cache.Set(key, 1, kStart + 10 * static_cast<int64_t>(key));
  }
  for (uint64_t key = 0; key < 10; ++key) EXPECT_EQ(cache.Evict(kStart + 100), key);
}

}  // namespace
}  // namespace nuthatch::eviction
