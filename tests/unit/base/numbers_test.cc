#include "server/base/numbers.h"

#include <bit>
#include <cmath>
#include <cstdio>

#include <gtest/gtest.h>

#include "server/base/random.h"

namespace nuthatch::base {
namespace {

TEST(ParseInt64, TakesOnlyTheCanonicalForm) {
  EXPECT_EQ(ParseInt64("0"), 0);
  EXPECT_EQ(ParseInt64("-1"), -1);
  EXPECT_EQ(ParseInt64("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(ParseInt64("-9223372036854775808"), INT64_MIN);
  for (const char* bad : {"", "-", "+1", "01", "-0", "-01", " 1", "1 ", "1a", "9223372036854775808",
                          "-9223372036854775809", "123456789012345678901"}) {
    EXPECT_EQ(ParseInt64(bad), std::nullopt) << bad;
  }
}

TEST(ParseMemorySize, KnowsRedisUnits) {
  EXPECT_EQ(ParseMemorySize("100"), 100u);
  EXPECT_EQ(ParseMemorySize("1K"), 1000u);
  EXPECT_EQ(ParseMemorySize("1kb"), 1024u);
  EXPECT_EQ(ParseMemorySize("100mb"), 100u << 20);
  EXPECT_EQ(ParseMemorySize("2GB"), 2ull << 30);
  EXPECT_EQ(ParseMemorySize("1tb"), std::nullopt);
  EXPECT_EQ(ParseMemorySize("mb"), std::nullopt);
  EXPECT_EQ(ParseMemorySize("99999999999gb"), std::nullopt);
}

TEST(FormatLongDoubleHuman, DropsTrailingZeros) {
  EXPECT_EQ(FormatLongDoubleHuman(10.5L), "10.5");
  EXPECT_EQ(FormatLongDoubleHuman(3.0L), "3");
  EXPECT_EQ(FormatLongDoubleHuman(-0.0L), "0");
}

TEST(FormatDouble, IsPrintfWithSeventeenDigits) {
  auto expect_printf = [](double value) {
    char text[64];
    std::snprintf(text, sizeof text, "%.17g", value);
    ASSERT_EQ(FormatDouble(value), text);
  };
  Random random(1);
  for (int i = 0; i < 100'000; ++i) {
    auto any = std::bit_cast<double>(random.Next());
    if (!std::isnan(any)) expect_printf(any);
    auto whole = static_cast<double>(static_cast<int64_t>(random.Next()) >> random.Below(64));
    expect_printf(whole);
    expect_printf(whole / 100);
  }
  for (double value : {0.0, -0.0, 1e15, -1e15, 1e17, HUGE_VAL, -HUGE_VAL}) expect_printf(value);
  EXPECT_EQ(FormatDouble(NAN), "nan");
}

TEST(ParseLongDouble, RefusesSpaceAndNan) {
  EXPECT_EQ(ParseLongDouble("1.5"), 1.5L);
  EXPECT_EQ(ParseLongDouble(" 1.5"), std::nullopt);
  EXPECT_EQ(ParseLongDouble("1.5 "), std::nullopt);
  EXPECT_EQ(ParseLongDouble("nan"), std::nullopt);
}

}  // namespace
}  // namespace nuthatch::base
