#include "eviction/shadow_caches.h"

#include <gtest/gtest.h>

#include "eviction/reference.h"
#include "server/base/random.h"

namespace nuthatch::eviction {
namespace {

uint64_t HashOf(uint64_t key) { return base::Random(key).Next(); }

void Feed(ShadowCaches& shadows, const Trace& trace) {
  for (const TraceRecord& record : trace) {
    uint64_t hash = HashOf(record.key);
    if (shadows.Samples(hash)) shadows.OnRequest(hash);
  }
}

TEST(ShadowCaches, DoNothingBeforeTheyKnowTheSize) {
  ShadowCaches shadows;
  for (uint64_t key = 0; key < 1000; ++key) EXPECT_FALSE(shadows.Samples(HashOf(key)));
  EXPECT_EQ(shadows.bytes(), 0);
}

TEST(ShadowCaches, SampleSoManyKeysThatTheyHoldTheirMost) {
  for (uint64_t keys : {100U, 256U, 1000U, 100'000U, 10'000'000U}) {
    ShadowCaches shadows;
    shadows.SetKeys(keys);
    uint64_t sampled = 0;
    constexpr uint64_t kDrawn = 2'000'000;
    for (uint64_t key = 0; key < kDrawn; ++key) sampled += shadows.Samples(HashOf(key)) ? 1 : 0;
    double shadow_keys = static_cast<double>(keys) * static_cast<double>(sampled) / kDrawn;
    EXPECT_LE(shadow_keys, ShadowCaches::kMostKeys * 1.3) << keys;
    if (keys >= ShadowCaches::kMostKeys) {
      EXPECT_GT(shadow_keys, ShadowCaches::kMostKeys * 0.4) << keys;
    }
    EXPECT_LT(shadows.bytes(), 56 * 1024);
  }
}

// At full size a shadow is the exact S3-FIFO of its shape.
TEST(ShadowCaches, HitAsOftenAsTheExactForm) {
  constexpr uint64_t kKeys = 200;
  Trace trace = MakeZipfScanTrace(2000, 0.9, 200'000, 5000, 4);
  ShadowCaches shadows;
  shadows.SetKeys(kKeys);
  Feed(shadows, trace);
  for (size_t i = 0; i < ShadowCaches::kShadows; ++i) {
    const ShadowCaches::Shape& shape = ShadowCaches::kShapes[i];
    double exact =
        SimulateExactS3Fifo(trace, kKeys,
                            {.small_share = shape.small_share, .promote_at = shape.promote_at})
            .hit_ratio();
    EXPECT_NEAR(shadows.hit_ratio(i), exact, 1.5) << i;
  }
}

TEST(ShadowCaches, KnowTheHitRatioOfACacheFarLarger) {
  constexpr uint64_t kKeys = 20'000;
  Trace trace = MakeZipfTrace(200'000, 0.7, 2'000'000, 4);
  ShadowCaches shadows;
  shadows.SetKeys(kKeys);
  Feed(shadows, trace);
  // They all miss or have the same hot keys, so what counts is the difference.
  auto exact = [&](size_t i) {
    const ShadowCaches::Shape& shape = ShadowCaches::kShapes[i];
    return SimulateExactS3Fifo(trace, kKeys,
                               {.small_share = shape.small_share, .promote_at = shape.promote_at})
        .hit_ratio();
  };
  EXPECT_NEAR(shadows.hit_ratio(0) - shadows.hit_ratio(3), exact(0) - exact(3), 2.0);
  EXPECT_GT(exact(0) - exact(3), 4.0);
}

TEST(ShadowCaches, ChooseAShapeThatSuitsTheRequests) {
  // Independent draws: a small queue, and no more, pays.
  ShadowCaches stable;
  stable.SetKeys(250);
  Feed(stable, MakeZipfTrace(5000, 0.9, 300'000, 5));
  EXPECT_EQ(stable.shape().small_share, 0.10);

  // Each key comes three times within a window that a tenth of the cache can't span, and never
  // again: a large small queue pays.
  Trace bursts;
  base::Random random(6);
  for (uint64_t i = 0; i < 300'000; ++i) {
    uint64_t key = i / 3 + random.Below(80);
    bursts.push_back({.key = key, .size = 1, .time_s = 0});
  }
  ShadowCaches bursty;
  bursty.SetKeys(120);
  Feed(bursty, bursts);
  EXPECT_GE(bursty.shape().small_share, 0.40);
}

TEST(ShadowCaches, KeepTheirChoiceWhenTheSizeChanges) {
  Trace bursts;
  base::Random random(6);
  for (uint64_t i = 0; i < 300'000; ++i) {
    bursts.push_back({.key = i / 3 + random.Below(80), .size = 1, .time_s = 0});
  }
  ShadowCaches shadows;
  shadows.SetKeys(120);
  Feed(shadows, bursts);
  size_t choice = shadows.choice();
  shadows.SetKeys(120'000);
  EXPECT_EQ(shadows.choice(), choice);
  shadows.SetKeys(3);
  EXPECT_EQ(shadows.choice(), choice);
  Feed(shadows, bursts);
}

}  // namespace
}  // namespace nuthatch::eviction
