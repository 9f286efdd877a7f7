#include "server/runtime/stats.h"

#include <gtest/gtest.h>

namespace nuthatch::runtime {
namespace {

TEST(LatencyHistogram, SaysNothingWithoutRecords) {
  LatencyHistogram histogram;
  EXPECT_EQ(histogram.total(), 0U);
  EXPECT_EQ(histogram.ValueAt(50), 0U);
  EXPECT_EQ(histogram.CountUpTo(UINT64_MAX), 0U);
}

TEST(LatencyHistogram, KeepsValuesToSixPercent) {
  for (uint64_t ns = 1024; ns < (uint64_t{1} << 30); ns += ns / 7 + 1) {
    LatencyHistogram histogram;
    histogram.Record(ns);
    uint64_t value = histogram.ValueAt(50);
    EXPECT_GE(value, ns);
    EXPECT_LE(static_cast<double>(value), static_cast<double>(ns) * 1.0625);
    EXPECT_EQ(histogram.CountUpTo(value), 1U);
    EXPECT_EQ(histogram.CountUpTo(value - 1), 0U);
  }
}

TEST(LatencyHistogram, CountsWhatLiesOutsideAtTheEnds) {
  LatencyHistogram histogram;
  histogram.Record(0);
  histogram.Record(1);
  histogram.Record(uint64_t{1} << 40);
  histogram.Record(UINT64_MAX);
  EXPECT_EQ(histogram.total(), 4U);
  EXPECT_EQ(histogram.CountUpTo(1023), 2U);
  EXPECT_EQ(histogram.ValueAt(100), (uint64_t{1} << 30) - 1);
}

TEST(LatencyHistogram, FindsPercentiles) {
  LatencyHistogram histogram;
  for (uint64_t us = 1; us <= 1000; ++us) histogram.Record(us * 1000);
  EXPECT_NEAR(static_cast<double>(histogram.ValueAt(50)), 500e3, 500e3 * 0.07);
  EXPECT_NEAR(static_cast<double>(histogram.ValueAt(99)), 990e3, 990e3 * 0.07);
  EXPECT_GE(histogram.ValueAt(100), 1000000U);
  EXPECT_LE(histogram.ValueAt(0), 1100U);
}

TEST(LatencyHistogram, SumsUp) {
  LatencyHistogram a;
  LatencyHistogram b;
  a.Record(5000);
  b.Record(5000);
  b.Record(2000000);
  a.MergeInto(b);
  EXPECT_EQ(b.total(), 3U);
  EXPECT_EQ(b.CountUpTo(6000), 2U);
}

}  // namespace
}  // namespace nuthatch::runtime
