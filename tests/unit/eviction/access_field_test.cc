#include "eviction/access_field.h"

#include <gtest/gtest.h>

namespace nuthatch::eviction {
namespace {

constexpr int64_t kNow = 1'700'000'000'000;

TEST(AccessField, TellsItsTwoFormsApart) {
  EXPECT_FALSE(IsFrequency(StampAt(kNow)));
  EXPECT_TRUE(IsFrequency(MakeFrequency(FrequencyTimeAt(kNow), 0)));
}

TEST(AccessField, MeasuresAgesInEitherForm) {
  EXPECT_EQ(AccessAgeMs(StampAt(kNow), kNow + 12'340), 12'340);
  EXPECT_NEAR(
      static_cast<double>(AccessAgeMs(MakeFrequency(FrequencyTimeAt(kNow), 7), kNow + 12'340)),
      12'340, 500);
}

TEST(AccessField, TakesTimesAheadOfNowForNow) {
  EXPECT_EQ(AccessAgeMs(StampAt(kNow + 3'600'000), kNow), 0);
  EXPECT_EQ(AccessAgeMs(MakeFrequency(FrequencyTimeAt(kNow + 3'600'000), 7), kNow), 0);
  EXPECT_EQ(
      DecayedCounter(MakeFrequency(FrequencyTimeAt(kNow + 3'600'000), 7), FrequencyTimeAt(kNow), 1),
      7);
}

TEST(AccessField, KeepsMinutesInTheUpperBitsOfAFrequencysTime) {
  for (int64_t t = kNow; t < kNow + 200'000; t += 77) {
    ASSERT_EQ(FrequencyTimeAt(t) >> 7, t / 60'000 & 0xFFFF);
  }
}

TEST(AccessField, ConvertsBackAndForthWithinItsResolution) {
  uint32_t stamp = StampAt(kNow - 100'000);
  uint32_t there = ToFrequency(stamp, kNow);
  EXPECT_TRUE(IsFrequency(there));
  EXPECT_NEAR(static_cast<double>(AccessAgeMs(ToStamp(there, kNow), kNow)), 100'000, 1000);
  EXPECT_EQ(ToStamp(stamp, kNow), stamp);
  EXPECT_EQ(ToFrequency(there, kNow), there);
}

}  // namespace
}  // namespace nuthatch::eviction
