#include "server/base/glob.h"

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace nuthatch::base {
namespace {

std::string Unescape(const std::string& text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      plain += text[i];
      continue;
    }
    char code = text[++i];
    if (code == '\\') plain += '\\';
    if (code == 'f') plain += '\xff';
    if (code == '8') plain += '\x80';
  }
  return plain;
}

std::vector<std::string> SplitAt(const std::string& line, char separator) {
  std::vector<std::string> fields(1);
  for (char c : line) {
    if (c == separator) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

TEST(GlobMatch, FindsWhatKeysFindsInRedis) {
  const char* path = NUTHATCH_TESTS "/unit/base/redis_7_0_15_glob.txt";
  std::ifstream file(path);
  std::vector<std::string> texts;
  int patterns = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("# ", 0) == 0) continue;
    if (texts.empty()) {
      for (const std::string& text : SplitAt(line, '\t')) texts.push_back(Unescape(text));
      continue;
    }
    std::vector<std::string> fields = SplitAt(line, '\t');
    std::string pattern = Unescape(fields[0]);
    std::string found;
    for (size_t i = 0; i < texts.size(); ++i) {
      // KEYS takes "*" alone without matching at all.
      if (pattern != "*" && !GlobMatch(pattern, texts[i])) continue;
      if (!found.empty()) found += ' ';
      found += std::to_string(i);
    }
    EXPECT_EQ(found, fields[1]) << fields[0];
    ++patterns;
  }
  EXPECT_GT(patterns, 400);
}

TEST(GlobMatch, IgnoresCaseWhenAsked) {
  EXPECT_TRUE(GlobMatch("MaxMem*", "maxmemory", true));
  EXPECT_FALSE(GlobMatch("MaxMem*", "maxmemory", false));
  EXPECT_TRUE(GlobMatch("[A-C]x", "bX", true));
  EXPECT_TRUE(GlobMatch("[B]", "b", true));
  EXPECT_FALSE(GlobMatch("[\\B]", "b", true));
  EXPECT_TRUE(GlobMatch("\\B", "b", true));
}

TEST(GlobMatch, DoesNotBlowUpWithManyStars) {
  std::string text(3000, 'a');
  std::string pattern;
  for (int i = 0; i < 500; ++i) pattern += "a*";
  EXPECT_TRUE(GlobMatch(pattern, text));
  EXPECT_FALSE(GlobMatch(pattern + "b", text));
}

TEST(GlobMatch, LooksBehindAThousandStarsAtMost) {
  const std::string text(3000, 'a');
  std::string pattern;
  for (int i = 0; i < 1000; ++i) pattern += "**?";
  EXPECT_TRUE(GlobMatch(pattern, text));
  EXPECT_TRUE(GlobMatch(pattern + "*", text));
  EXPECT_TRUE(GlobMatch("\\a[*]" + pattern, "a*" + text));
  EXPECT_FALSE(GlobMatch("*" + pattern + "*a", text));
  EXPECT_FALSE(GlobMatch(pattern + "*a", text));
}

}  // namespace
}  // namespace nuthatch::base
