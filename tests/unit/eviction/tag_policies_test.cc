// What s3fifo, s3fifo-size, auto, sieve, tinylfu and lrm do, each by its own idea.
#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "eviction/reference.h"
#include "eviction/registry.h"
#include "eviction/simulate.h"
#include "server/base/random.h"

namespace nuthatch::eviction {
namespace {

constexpr int64_t kNow = 1'700'000'000'000;

PolicyChoice Choice(const std::string& name) { return *ParsePolicyName("allkeys-" + name); }

double HitRatio(const std::string& name, const Trace& trace, uint64_t keys, uint32_t shards = 1) {
  SimulationOptions options;
  options.capacity.keys = keys;
  options.shards = shards;
  return Simulate(Choice(name), trace, options).hit_ratio();
}

// A working set of hot keys, and cold keys that come by once: so many of each hot one.
uint64_t HotKeysAfterAScan(const std::string& name) {
  constexpr uint64_t kCapacity = 5000;
  constexpr uint64_t kHot = 2000;
  SimulatedCache cache(Choice(name), {}, {.keys = kCapacity});
  int64_t now_ms = kNow;
  auto request = [&](uint64_t key) {
    if (!cache.Get(key, ++now_ms)) cache.Set(key, 1, now_ms);
  };
  uint64_t cold = 1'000'000;
  for (int round = 0; round < 12; ++round) {
    for (uint64_t key = 0; key < kHot; ++key) {
      request(key);
      if (key % 4 == 0) request(cold++);
    }
  }
  for (uint64_t i = 0; i < 2 * kCapacity; ++i) request(cold++);
  uint64_t hot = 0;
  for (uint64_t key = 0; key < kHot; ++key) hot += cache.Contains(key) ? 1 : 0;
  return hot;
}

TEST(TagPolicies, KeepWhatIsUsedThroughAScanThatEmptiesLru) {
  EXPECT_LT(HotKeysAfterAScan("lru"), 50);
  for (const char* name : {"s3fifo", "s3fifo-size", "auto", "sieve", "tinylfu"}) {
    EXPECT_GT(HotKeysAfterAScan(name), 1900) << name;
  }
}

TEST(TagPolicies, ComeCloseToTheExactForms) {
  for (const Trace& trace : {MakeZipfTrace(50'000, 0.9, 500'000, 7),
                             MakeZipfScanTrace(50'000, 0.8, 500'000, 20'000, 8)}) {
    for (uint64_t keys : {1000U, 5000U}) {
      double s3fifo = SimulateExactS3Fifo(trace, keys).hit_ratio();
      EXPECT_NEAR(HitRatio("s3fifo", trace, keys), s3fifo, 0.5);
      EXPECT_NEAR(HitRatio("s3fifo-size", trace, keys), s3fifo, 0.8);  // all keys are as large
      EXPECT_GT(HitRatio("auto", trace, keys), s3fifo - 0.5);
      EXPECT_NEAR(HitRatio("sieve", trace, keys), SimulateExactSieve(trace, keys).hit_ratio(), 1.0);
      EXPECT_GT(HitRatio("tinylfu", trace, keys), SimulateExactLru(trace, keys).hit_ratio() + 2);
    }
  }
}

TEST(TagPolicies, WorkInShardsAsWellAsInOne) {
  Trace trace = MakeZipfTrace(50'000, 0.9, 500'000, 7);
  for (const char* name : {"s3fifo", "auto", "sieve", "tinylfu"}) {
    double one = HitRatio(name, trace, 4000);
    EXPECT_NEAR(HitRatio(name, trace, 4000, 2), one, 0.8) << name;
    EXPECT_NEAR(HitRatio(name, trace, 4000, 4), one, 0.8) << name;
  }
}

// Fewer than a third of the keys may go, and the policy is told of all. A bucket then shows a third
// as many candidates, so the order is less exact.
TEST(TagPolicies, EvictVolatileKeysAmongOthersAsWell) {
  Trace trace = MakeZipfTrace(30'000, 0.9, 400'000, 7);
  for (const char* name : {"s3fifo", "auto", "sieve", "tinylfu"}) {
    SimulatedCache cache(*ParsePolicyName(std::string("volatile-") + name), {}, {.keys = 14'000});
    SimulatedCache alone(Choice(name), {}, {.keys = 4000});
    for (uint64_t key = 0; key < 10'000; ++key) cache.Set(1'000'000 + key, 1, kNow);
    uint64_t hits = 0;
    uint64_t hits_alone = 0;
    for (size_t i = 0; i < trace.size(); ++i) {
      int64_t now_ms = kNow + static_cast<int64_t>(i);
      uint64_t key = trace[i].key;
      if (cache.Get(key, now_ms))
        ++hits;
      else
        ASSERT_TRUE(cache.Set(key, 1, now_ms, kNow * 2));
      if (alone.Get(key, now_ms))
        ++hits_alone;
      else
        ASSERT_TRUE(alone.Set(key, 1, now_ms));
    }
    EXPECT_NEAR(static_cast<double>(hits), static_cast<double>(hits_alone), 6000) << name;  // 1.5%
  }
}

// A view may hand out keys that its owner will not remove; then others must come.
TEST(TagPolicies, DoNotInsistOnAKeyThatIsNotRemoved) {
  for (const char* name : {"s3fifo", "s3fifo-size", "auto", "sieve", "tinylfu"}) {
    SimulatedCache cache(Choice(name), {}, {});
    for (uint64_t key = 0; key < 2000; ++key) cache.Set(key, 1, kNow);
    std::set<uint64_t> picked;
    for (int i = 0; i < 200; ++i) {
      Pick pick = cache.policy().PickVictim(cache, cache.scope(), kNow);
      if (pick.outcome == Pick::Outcome::kVictim) picked.insert(cache.key_of(pick.victim));
    }
    EXPECT_GT(picked.size(), 20) << name;
  }
}

TEST(S3Fifo, LetsAGhostIntoTheMainQueue) {
  constexpr uint64_t kKeys = 1000;
  SimulatedCache cache(Choice("s3fifo"), {}, {.keys = kKeys});
  for (uint64_t key = 0; key < kKeys + 500; ++key) cache.Set(key, 1, kNow);
  // Some of the first came back: now they outlast all the others that come by once.
  std::vector<uint64_t> returned;
  for (uint64_t key = 0; key < 300 && returned.size() < 100; ++key) {
    if (cache.Contains(key)) continue;
    cache.Set(key, 1, kNow);
    returned.push_back(key);
  }
  ASSERT_EQ(returned.size(), 100);
  for (uint64_t key = 10'000; key < 10'000 + kKeys; ++key) cache.Set(key, 1, kNow);
  uint64_t there = 0;
  for (uint64_t key : returned) there += cache.Contains(key) ? 1 : 0;
  EXPECT_GT(there, 90);
}

TEST(S3Fifo, EvictsTheSmallQueueInTheOrderOfEntry) {
  constexpr uint64_t kKeys = 10'000;
  SimulatedCache cache(Choice("s3fifo"), {}, {.keys = kKeys});
  // All enter the main queue but those that come last.
  for (uint64_t key = 0; key < 6 * kKeys; ++key) cache.Set(key, 1, kNow);
  double sum = 0;
  for (int i = 0; i < 500; ++i) sum += static_cast<double>(*cache.Evict(kNow));
  // Of the keys there the oldest is about 5 * kKeys.
  EXPECT_NEAR(sum / 500, 5.0 * kKeys, 0.25 * kKeys);
}

TEST(S3FifoSize, KeepsManySmallKeysRatherThanFewBigOnes) {
  base::Random random(3);
  Trace trace = MakeZipfTrace(20'000, 0.8, 400'000, 3);
  for (TraceRecord& record : trace) {
    uint64_t hash = SimulatedCache::HashOf(record.key + 7);
    record.size = hash % 10 == 0 ? 5000 : 100;
  }
  SimulationOptions options;
  options.capacity.bytes = 1'500'000;
  double plain = Simulate(Choice("s3fifo"), trace, options).hit_ratio();
  double by_size = Simulate(Choice("s3fifo-size"), trace, options).hit_ratio();
  EXPECT_GT(by_size, plain + 3);
}

TEST(S3FifoSize, NotesThatAKeyHasGrown) {
  std::unique_ptr<Policy> policy = Choice("s3fifo-size").Make({});
  for (uint64_t key = 0; key < 100; ++key) policy->OnInsert(key, 100, kNow);
  KeyMeta meta = policy->OnInsert(200, 100, kNow);
  KeyMeta before = meta;
  EXPECT_EQ(policy->OnUpdate(200, meta, 100, 120), Changed::kNothing);
  EXPECT_EQ(meta.tag, before.tag);
  EXPECT_EQ(policy->OnUpdate(200, meta, 120, 100'000), Changed::kTag);
  EXPECT_NE(meta.tag, before.tag);
  EXPECT_EQ(policy->OnUpdate(200, meta, 100'000, 100), Changed::kTag);
  EXPECT_EQ(meta.tag, before.tag);
}

// Every key comes a few times within a while, and then no more: what is new matters, not what was
// used often. A window that were fixed at a few percent would lose all of it.
Trace Drifting() {
  Trace trace;
  base::Random random(6);
  for (uint64_t i = 0; i < 400'000; ++i) {
    trace.push_back({.key = i / 4 + random.Below(1500), .size = 1, .time_s = 0});
  }
  return trace;
}

TEST(TagPolicies, TunedOnesStayNearLruWhereRecencyIsAll) {
  Trace trace = Drifting();
  double lru = SimulateExactLru(trace, 1200).hit_ratio();
  EXPECT_GT(HitRatio("auto", trace, 1200), lru - 3);
  EXPECT_GT(HitRatio("tinylfu", trace, 1200), lru - 9);
  EXPECT_LT(HitRatio("s3fifo", trace, 1200), lru - 14);
}

TEST(TagPolicies, TellWhatTheyHaveTuned) {
  SimulationOptions options;
  options.capacity.keys = 1000;
  Trace trace = MakeZipfTrace(10'000, 0.9, 100'000, 7);
  auto has = [](const SimulationResult& result, std::string_view name) {
    return std::ranges::any_of(result.info, [&](const auto& line) { return line.first == name; });
  };
  SimulationResult tuned = Simulate(Choice("auto"), trace, options);
  EXPECT_TRUE(has(tuned, "ghost_hits"));
  EXPECT_TRUE(has(tuned, "tuner_small_share"));
  EXPECT_TRUE(has(tuned, "tuner_shadow_0.10_2"));
  EXPECT_TRUE(has(Simulate(Choice("tinylfu"), trace, options), "tuner_window_share"));
}

TEST(Lrm, EvictsTheLeastRecentlyWritten) {
  SimulatedCache cache(Choice("lrm"), {.samples = kMaxSamples}, {});
  for (uint64_t key = 0; key < 5; ++key) cache.Set(key, 1, kNow + 10 * static_cast<int64_t>(key));
  cache.Get(0, kNow + 100);  // a read is no reason to stay
  cache.Set(1, 1, kNow + 200);
  for (uint64_t key : {0, 2, 3, 4, 1}) EXPECT_EQ(cache.Evict(kNow + 300), key);
}

TEST(Lrm, SaysTheTimeSinceTheLastWriteIsIdle) {
  std::unique_ptr<Policy> policy = Choice("lrm").Make({});
  KeyMeta meta = policy->OnInsert(1, 1, kNow);
  EXPECT_EQ(policy->BeginBatch(kNow + 5000).OnAccess(1, meta, AccessKind::kRead),
            Changed::kNothing);
  EXPECT_EQ(policy->IdleMs(meta.access, kNow + 6000), 6000);
}

}  // namespace
}  // namespace nuthatch::eviction
