#include "tools/replay/report.h"

#include <algorithm>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/replay/units.h"

namespace nuthatch::replay {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Advice Example(bool has_sizes) {
  eviction::Trace trace = eviction::MakeZipfTrace(1000, 0.9, 20'000, 5);
  for (eviction::TraceRecord& record : trace) {
    if (has_sizes) record.size = 10 + static_cast<uint32_t>(record.key % 90);
  }
  return *Advise(
      trace, {}, [](uint64_t) {}, false);
}

TEST(Units, AreAsMaxmemoryIsWritten) {
  EXPECT_EQ(FormatBytes(0), "0b");
  EXPECT_EQ(FormatBytes(1023), "1023b");
  EXPECT_EQ(FormatBytes(1024), "1kb");
  EXPECT_EQ(FormatBytes(1536 * 1024), "1.5mb");
  EXPECT_EQ(FormatBytes(1024 * 1024 - 1), "1mb");
  EXPECT_EQ(FormatBytes(~uint64_t{0}), "16777216tb");
  EXPECT_EQ(FormatCount(999), "999");
  EXPECT_EQ(FormatCount(1000), "1,000");
  EXPECT_EQ(FormatCount(12345678), "12,345,678");
}

TEST(Csv, QuotesWhatNeedsIt) {
  EXPECT_EQ(CsvLine({"a", "", "b c"}), "a,,b c\n");
  EXPECT_EQ(CsvLine({"", "a,b", "say \"x\"", "l\nm"}), ",\"a,b\",\"say \"\"x\"\"\",\"l\nm\"\n");
}

TEST(Csv, SaysWhyThereIsNoFile) {
  EXPECT_EQ(CsvFile::Create("/does/not/exist.csv").error(),
            "Can't write /does/not/exist.csv: No such file or directory");
  base::Result<CsvFile> full = CsvFile::Create("/dev/full");
  ASSERT_TRUE(full.ok());
  EXPECT_EQ(full.value().Write({"a"}).error(), "Can't write /dev/full: No space left on device");
}

TEST(ReplayCsv, HasAFieldForEachHeading) {
  ReplayResult result;
  result.server = "h:1";
  result.policy = "allkeys-lru";
  result.requests = 400;
  result.hits = 100;
  result.bytes_requested = 1000;
  result.bytes_hit = 125;
  result.used_memory = 77;
  result.keys = 3;
  result.seconds = 0.5;
  EXPECT_EQ(CsvLine(ReplayCsvHead()),
            "policy,requests,hits,misses,hit_ratio,byte_hit_ratio,used_memory,keys,seconds,"
            "requests_per_second,server\n");
  EXPECT_EQ(CsvLine(ReplayCsvRow(result)),
            "allkeys-lru,400,100,300,25.000,12.500,77,3,0.500,800,h:1\n");
  EXPECT_EQ(std::ranges::count(ReplayTableRow(result), '|'),
            std::ranges::count(ReplayTableHead(), '|') / 2);
}

TEST(AdviceReport, NamesEveryPolicyAndTheRecommendedOne) {
  Advice advice = Example(false);
  std::string text = AdviceReport(advice, "my.trace", 78, true);
  EXPECT_THAT(text, HasSubstr("my.trace: 20,000 requests for"));
  for (const AdviceRow& row : advice.policies) EXPECT_THAT(text, HasSubstr("\n" + row.name));
  EXPECT_THAT(text, HasSubstr("\nbelady "));
  EXPECT_THAT(text, HasSubstr("Recommended: maxmemory-policy " +
                              advice.policies[advice.recommended].name + "\n"));
  EXPECT_THAT(text, Not(HasSubstr("bytes hit")));
  std::stringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 80U) << line;
    EXPECT_FALSE(line.ends_with(' ')) << line;
  }
}

TEST(AdviceReport, ShowsByteHitRatiosOfATraceWithSizes) {
  EXPECT_THAT(AdviceReport(Example(true), "t", 78, true), HasSubstr("\nbytes hit, %"));
}

TEST(AdviceCsv, HasARowForEachPolicyAndSize) {
  Advice advice = Example(true);
  std::vector<std::vector<std::string>> lines = AdviceCsv(advice);
  ASSERT_EQ(lines.size(), 1 + (advice.policies.size() + advice.bounds.size()) * 4);
  for (const auto& line : lines) EXPECT_EQ(line.size(), lines[0].size());
  EXPECT_EQ(lines[2][0], advice.policies[0].name);
  EXPECT_EQ(lines[2][1], "5%");
  EXPECT_EQ(lines[2][2], "");
  EXPECT_EQ(lines[2][3], std::to_string(advice.sizes[1].capacity.bytes));
  EXPECT_EQ(lines[2][5], std::to_string(advice.policies[0].results[1].hits));
}

}  // namespace
}  // namespace nuthatch::replay
