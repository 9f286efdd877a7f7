#include "server/config/values.h"

#include <gtest/gtest.h>

namespace nuthatch::config {
namespace {

using Words = std::vector<std::string>;

TEST(SplitWords, KnowsQuotesAndEscapes) {
  struct Case {
    std::string_view line;
    std::optional<Words> words;
  };
  const Case kCases[] = {
      {"", Words{}},
      {"  \t ", Words{}},
      {"port 6379", Words{"port", "6379"}},
      {"\tport\t6379\r", Words{"port", "6379"}},
      {"a \"b c\" 'd e'", Words{"a", "b c", "d e"}},
      {"a \"\" ''", Words{"a", "", ""}},
      {R"("\x41\n\r\t\b\a\q\"\\")", Words{"A\n\r\t\b\aq\"\\"}},
      {R"("\x4")", Words{"x4"}},
      {R"('\'\n')", Words{"'\\n"}},
      {R"(a\b)", Words{"a\\b"}},
      {"a\"b c\" d", Words{"ab c", "d"}},
      {"it's", std::nullopt},
      {"\"a", std::nullopt},
      {"\"a\"b", std::nullopt},
      {"'a'\"b\"", std::nullopt},
      {"\"a\\\"", std::nullopt},
      {std::string_view("a\0b", 3), Words{"a"}},
  };
  for (const Case& c : kCases) EXPECT_EQ(SplitWords(c.line), c.words) << c.line;
}

TEST(Quote, IsUndoneBySplitWords) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(SplitWords(Quote(all)), Words{all});
  EXPECT_EQ(Quote("a\"\n\x01"), "\"a\\\"\\n\\x01\"");
}

TEST(ParseMemory, KnowsUnits) {
  EXPECT_EQ(ParseMemory("100"), 100u);
  EXPECT_EQ(ParseMemory("1k"), 1000u);
  EXPECT_EQ(ParseMemory("1Kb"), 1024u);
  EXPECT_EQ(ParseMemory("2GB"), 2ull << 30);
  EXPECT_EQ(ParseMemory("kb"), 0u);
  EXPECT_EQ(ParseMemory("18446744073709551616"), UINT64_MAX);
  EXPECT_EQ(ParseMemory("99999999999gb"), std::nullopt);
  for (const char* bad : {"-1", "1tb", "1.5gb", " 1", "1 kb", "0x1", "+1"}) {
    EXPECT_EQ(ParseMemory(bad), std::nullopt) << bad;
  }
}

TEST(FormatMemory, UsesTheLargestUnitWithoutRest) {
  EXPECT_EQ(FormatMemory(0), "0");
  EXPECT_EQ(FormatMemory(1000), "1000");
  EXPECT_EQ(FormatMemory(1024), "1kb");
  EXPECT_EQ(FormatMemory(100 << 20), "100mb");
  EXPECT_EQ(FormatMemory(1ull << 40), "1024gb");
}

TEST(SplitAtSpaces, KeepsEmptyPieces) {
  EXPECT_EQ(SplitAtSpaces(""), Words{});
  EXPECT_EQ(SplitAtSpaces(" a  b"), (Words{"", "a", "", "b"}));
}

}  // namespace
}  // namespace nuthatch::config
