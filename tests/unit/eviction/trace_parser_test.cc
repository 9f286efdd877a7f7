#include "eviction/trace_parser.h"

#include <cstdio>
#include <cstring>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nuthatch::eviction {
namespace {

using ::testing::HasSubstr;

base::Result<Trace> Parse(std::string_view text, uint64_t limit = 0) {
  TraceParser parser(limit);
  base::Result<void> fed = parser.Feed(text);
  if (!fed.ok()) return base::Error(fed.error());
  return parser.Finish();
}

std::string ErrorOf(std::string_view text) {
  base::Result<Trace> trace = Parse(text);
  return trace.ok() ? "" : trace.error();
}

std::string Bytes(const Trace& trace) {
  return {reinterpret_cast<const char*>(trace.data()), trace.size() * sizeof(TraceRecord)};
}

TEST(TraceParser, ReadsRecordsAsTheyStand) {
  Trace trace = {{.key = 7, .size = 100, .time_s = 0}, {.key = ~uint64_t{0}, .time_s = 9}};
  base::Result<Trace> read = Parse(Bytes(trace));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(Bytes(read.value()), Bytes(trace));
}

TEST(TraceParser, TellsHowMuchOfARecordIsLeft) {
  std::string bytes = Bytes(Trace(3));
  EXPECT_THAT(ErrorOf(bytes.substr(0, 40)), HasSubstr("truncated: 8 bytes follow request 2"));
  // The part that is asked for is whole.
  EXPECT_TRUE(Parse(bytes.substr(0, 40), 2).ok());
}

TEST(TraceParser, ReadsAKeyALine) {
  base::Result<Trace> trace = Parse("user:1\nuser:2\r\n\nuser:1\nlast");
  ASSERT_TRUE(trace.ok());
  ASSERT_EQ(trace.value().size(), 4U);
  EXPECT_EQ(trace.value()[0].key, trace.value()[2].key);
  EXPECT_NE(trace.value()[0].key, trace.value()[1].key);
  EXPECT_EQ(trace.value()[0].size, 0U);
}

TEST(TraceParser, GivesUntimedRequestsAPace) {
  std::string text;
  for (int i = 0; i < 2500; ++i) text += "a\n";
  base::Result<Trace> trace = Parse(text);
  ASSERT_TRUE(trace.ok());
  EXPECT_EQ(trace.value()[999].time_s, 0U);
  EXPECT_EQ(trace.value()[1000].time_s, 1U);
  EXPECT_EQ(trace.value().back().time_s, 2U);
}

TEST(TraceParser, ReadsSizesWithAndWithoutAHeading) {
  for (const char* text : {"key,size\na,100\nb, 0\na,4294967295\n", "a,100\nb,0\na,4294967295",
                           "object,Size\r\na,100\r\nb,0 \r\na,4294967295\r\n"}) {
    base::Result<Trace> trace = Parse(text);
    ASSERT_TRUE(trace.ok()) << trace.error();
    ASSERT_EQ(trace.value().size(), 3U);
    EXPECT_EQ(trace.value()[0].size, 100U);
    EXPECT_EQ(trace.value()[1].size, 0U);
    EXPECT_EQ(trace.value()[2].size, 4294967295U);
    EXPECT_EQ(trace.value()[0].key, trace.value()[2].key);
  }
}

TEST(TraceParser, KeepsCommasThatArePartOfAKey) {
  base::Result<Trace> sized = Parse("a,b,5\na,c,5\na,b,6\n");
  ASSERT_TRUE(sized.ok());
  EXPECT_EQ(sized.value()[0].key, sized.value()[2].key);
  EXPECT_NE(sized.value()[0].key, sized.value()[1].key);
  // The first line decides.
  base::Result<Trace> keys = Parse("a,b\na,5\na,b\na,6\n");
  ASSERT_TRUE(keys.ok());
  EXPECT_EQ(keys.value()[0].key, keys.value()[2].key);
  EXPECT_NE(keys.value()[1].key, keys.value()[3].key);
  EXPECT_EQ(keys.value()[1].size, 0U);
}

TEST(TraceParser, NamesTheLineThatIsWrong) {
  for (const char* line : {"b", "b,", "b,x", "b,-1", "b,4294967296", "b,1.5", "b,0x10"}) {
    EXPECT_THAT(ErrorOf("key,size\n\na,100\n" + std::string(line) + "\n"),
                HasSubstr("line 4 is not KEY,SIZE"))
        << line;
  }
  std::string long_line = "a\n";
  long_line.append(TraceParser::kMostLineBytes + 1, 'x');
  EXPECT_THAT(ErrorOf(long_line), HasSubstr("line 2 is longer"));
  std::string with_end(TraceParser::kMostLineBytes, 'x');
  with_end.append("\r\n");
  EXPECT_EQ(ErrorOf(with_end), "line 1 is longer than 65536 bytes");
  std::string late(TraceParser::kHeadBytes, '\n');
  late.append("a\0b\n", 4);
  EXPECT_THAT(ErrorOf(late), HasSubstr("line 4097 has a zero byte"));
}

TEST(TraceParser, RefusesATraceWithoutRequests) {
  for (const char* text : {"", "\n\r\n", "key,size\n"}) {
    EXPECT_EQ(ErrorOf(text), "the trace has no requests");
  }
}

TEST(TraceParser, StopsAtTheLimitWhateverFollows) {
  base::Result<Trace> trace = Parse("a,1\nb,2\nnonsense\n", 2);
  ASSERT_TRUE(trace.ok());
  EXPECT_EQ(trace.value().size(), 2U);
}

TEST(LoadTrace, SaysWhyAFileIsNotRead) {
  EXPECT_EQ(LoadTrace("/does/not/exist").error(),
            "Can't read the trace /does/not/exist: No such file or directory");
  EXPECT_EQ(LoadTrace("/tmp").error(), "Can't read the trace /tmp: Is a directory");
}

TEST(LoadTrace, ReadsAFileInPieces) {
  std::string path = ::testing::TempDir() + "load_trace_test.csv";
  {
    std::ofstream file(path);
    for (int i = 0; i < 50'000; ++i) file << "key:" << i % 1000 << "," << i % 1000 << "\n";
  }
  base::Result<Trace> trace = LoadTrace(path);
  base::Result<Trace> first = LoadTrace(path, 1234);
  std::remove(path.c_str());
  ASSERT_TRUE(trace.ok() && first.ok());
  EXPECT_EQ(trace.value().size(), 50'000U);
  EXPECT_EQ(CountUniqueKeys(trace.value()), 1000U);
  EXPECT_EQ(trace.value().back().size, 999U);
  EXPECT_EQ(first.value().size(), 1234U);
}

TEST(LoadTrace, GeneratesZipf) {
  EXPECT_EQ(LoadTrace("zipf:0.9:10:1000").value().size(), 1000U);
  EXPECT_EQ(LoadTrace("zipf:0.9:10:1000", 7).value().size(), 7U);
  for (const char* name : {"zipf:", "zipf:x", "zipf:-1", "zipf:1:0", "zipf:1:0.5", "zipf:1:5:5:5",
                           "zipf:1:1e12", "zipf:1:5:1e12", "zipf:nan", "zipf:inf"}) {
    EXPECT_EQ(LoadTrace(name).error(), "Not zipf:EXPONENT[:KEYS[:REQUESTS]]: " + std::string(name));
  }
}

}  // namespace
}  // namespace nuthatch::eviction
