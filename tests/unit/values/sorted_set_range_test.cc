#include "server/values/sorted_set_range.h"

#include <cmath>
#include <limits>
#include <string>

namespace nuthatch::values {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(ScoreRange, ReadsWhatRedisReads) {
  struct Case {
    std::string text;
    double score;
    bool exclusive;
  };
  const Case kCases[] = {
      {"1", 1, false},
      {"(1", 1, true},
      {"-1.5e3", -1500, false},
      {"(-inf", -kInf, true},
      {"+inf", kInf, false},
      {"Infinity", kInf, false},
      {" 5", 5, false},
      {"( 5", 5, true},
      {"0x10", 16, false},
      {"", 0, false},
      {"(", 0, true},
      {std::string("5\0abc", 5), 5, false},
      {std::string("\0abc", 4), 0, false},
      {"1e400", kInf, false},
  };
  for (const Case& c : kCases) {
    auto as_min = ParseScoreRange(c.text, "7");
    ASSERT_TRUE(as_min.has_value()) << c.text;
    EXPECT_EQ(as_min->min, c.score) << c.text;
    EXPECT_EQ(as_min->min_exclusive, c.exclusive) << c.text;
    EXPECT_EQ(as_min->max, 7);
    EXPECT_FALSE(as_min->max_exclusive);
    auto as_max = ParseScoreRange("7", c.text);
    ASSERT_TRUE(as_max.has_value()) << c.text;
    EXPECT_EQ(as_max->max, c.score) << c.text;
    EXPECT_EQ(as_max->max_exclusive, c.exclusive) << c.text;
  }
}

TEST(ScoreRange, RefusesWhatRedisRefuses) {
  for (const char* text : {"nan", "(nan", "-nan", "abc", "1x", "1 ", "((1", "[1", "1,5", " "}) {
    EXPECT_FALSE(ParseScoreRange(text, "1").has_value()) << text;
    EXPECT_FALSE(ParseScoreRange("1", text).has_value()) << text;
  }
}

TEST(LexRange, ReadsWhatRedisReads) {
  auto range = ParseLexRange("-", "+");
  ASSERT_TRUE(range.has_value());
  EXPECT_EQ(range->min.kind, LexBound::Kind::kLowest);
  EXPECT_EQ(range->max.kind, LexBound::Kind::kHighest);
  range = ParseLexRange("+", "-");
  ASSERT_TRUE(range.has_value());
  EXPECT_EQ(range->min.kind, LexBound::Kind::kHighest);
  EXPECT_EQ(range->max.kind, LexBound::Kind::kLowest);
  range = ParseLexRange("[a", "(");
  ASSERT_TRUE(range.has_value());
  EXPECT_EQ(range->min.kind, LexBound::Kind::kInclusive);
  EXPECT_EQ(range->min.member, "a");
  EXPECT_EQ(range->max.kind, LexBound::Kind::kExclusive);
  EXPECT_EQ(range->max.member, "");
  range = ParseLexRange(std::string_view("-\0x", 3), std::string_view("[\0x", 3));
  ASSERT_TRUE(range.has_value());
  EXPECT_EQ(range->min.kind, LexBound::Kind::kLowest);
  EXPECT_EQ(range->max.member, std::string_view("\0x", 2));
}

TEST(LexRange, RefusesWhatRedisRefuses) {
  for (const char* text : {"", "a", "-a", "+a", "--", "5", " [a", "inf"}) {
    EXPECT_FALSE(ParseLexRange(text, "+").has_value()) << text;
    EXPECT_FALSE(ParseLexRange("-", text).has_value()) << text;
  }
}

}  // namespace
}  // namespace nuthatch::values
