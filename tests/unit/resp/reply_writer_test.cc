#include "server/resp/reply_writer.h"

#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "server/resp/replies.h"

namespace nuthatch::resp {
namespace {

std::string Write(int version, const std::function<void(ReplyWriter&)>& write) {
  base::Buffer buffer;
  ReplyWriter writer(&buffer, version);
  write(writer);
  return std::string(buffer.view());
}

// Both versions in one expectation.
void ExpectReplies(const std::string& resp2, const std::string& resp3,
                   const std::function<void(ReplyWriter&)>& write) {
  EXPECT_EQ(Write(2, write), resp2);
  EXPECT_EQ(Write(3, write), resp3);
}

void ExpectSame(const std::string& reply, const std::function<void(ReplyWriter&)>& write) {
  ExpectReplies(reply, reply, write);
}

TEST(ReplyWriter, WritesLines) {
  ExpectSame("+OK\r\n", [](ReplyWriter& w) { w.SimpleString("OK"); });
  ExpectSame("+\r\n", [](ReplyWriter& w) { w.SimpleString(""); });
  ExpectSame("+OK\r\n:0\r\n", [](ReplyWriter& w) {
    w.Raw(kOkReply);
    w.Raw(kZeroReply);
  });
}

TEST(ReplyWriter, ReplacesLineEndsInErrors) {
  ExpectSame("-ERR no\r\n", [](ReplyWriter& w) { w.Error("ERR no"); });
  ExpectSame("-ERR a  b \r\n+\r\n", [](ReplyWriter& w) {
    w.Error("ERR a\r\nb\n");
    w.SimpleString("");
  });
}

TEST(ReplyWriter, WritesIntegersOfEveryLength) {
  for (int64_t value :
       {int64_t{0}, int64_t{9}, int64_t{10}, int64_t{99}, int64_t{100}, int64_t{511}, int64_t{512},
        int64_t{12345}, int64_t{-1}, INT64_MAX, INT64_MIN}) {
    std::string text = std::to_string(value);
    ExpectSame(":" + text + "\r\n", [&](ReplyWriter& w) { w.Integer(value); });
    ExpectSame("$" + std::to_string(text.size()) + "\r\n" + text + "\r\n",
               [&](ReplyWriter& w) { w.BulkInteger(value); });
  }
  for (int64_t value = 0; value < 1100; ++value) {
    ASSERT_EQ(Write(2, [&](ReplyWriter& w) { w.Integer(value); }),
              ":" + std::to_string(value) + "\r\n");
  }
}

TEST(ReplyWriter, WritesBulksOfEveryLength) {
  ExpectSame("$0\r\n\r\n", [](ReplyWriter& w) { w.Bulk({}); });
  for (size_t size : {size_t{1}, size_t{9}, size_t{10}, size_t{99}, size_t{100}, size_t{511},
                      size_t{512}, size_t{1000}, size_t{100'000}}) {
    std::string bytes(size, '\r');
    ExpectSame("$" + std::to_string(size) + "\r\n" + bytes + "\r\n",
               [&](ReplyWriter& w) { w.Bulk(bytes); });
  }
}

TEST(ReplyWriter, WritesNulls) {
  ExpectReplies("$-1\r\n", "_\r\n", [](ReplyWriter& w) { w.Null(); });
  ExpectReplies("*-1\r\n", "_\r\n", [](ReplyWriter& w) { w.NullArray(); });
}

TEST(ReplyWriter, WritesHeadersOfAggregates) {
  ExpectSame("*3\r\n", [](ReplyWriter& w) { w.Array(3); });
  ExpectSame("*1000000\r\n", [](ReplyWriter& w) { w.Array(1'000'000); });
  ExpectReplies("*6\r\n", "%3\r\n", [](ReplyWriter& w) { w.Map(3); });
  ExpectReplies("*3\r\n", "~3\r\n", [](ReplyWriter& w) { w.Set(3); });
  ExpectReplies("*3\r\n", ">3\r\n", [](ReplyWriter& w) { w.Push(3); });
  EXPECT_EQ(Write(3, [](ReplyWriter& w) { w.Attribute(1); }), "|1\r\n");
}

TEST(ReplyWriter, WritesBooleansAndBigNumbers) {
  ExpectReplies(":1\r\n", "#t\r\n", [](ReplyWriter& w) { w.Bool(true); });
  ExpectReplies(":0\r\n", "#f\r\n", [](ReplyWriter& w) { w.Bool(false); });
  ExpectReplies("$5\r\n12345\r\n", "(12345\r\n", [](ReplyWriter& w) { w.BigNumber("12345"); });
}

TEST(ReplyWriter, WritesVerbatimStrings) {
  ExpectReplies("$4\r\na\r\nb\r\n", "=8\r\ntxt:a\r\nb\r\n",
                [](ReplyWriter& w) { w.Verbatim("txt", "a\r\nb"); });
  ExpectReplies("$1\r\n#\r\n", "=5\r\nmar:#\r\n",
                [](ReplyWriter& w) { w.Verbatim("markdown", "#"); });
}

// The texts are what redis-server 7.0 printed for ZADD and ZRANGE WITHSCORES.
TEST(ReplyWriter, WritesDoublesAsRedis) {
  struct {
    double value;
    std::string text;
  } cases[] = {
      {3, "3"},
      {0.1, "0.10000000000000001"},
      {3.141, "3.141"},
      {-0.0, "-0"},
      {1e-4, "0.0001"},
      {1e-5, "1.0000000000000001e-05"},
      {123456.789, "123456.789"},
      {1e16, "10000000000000000"},
      {1e17, "1e+17"},
      {123456789012345680.0, "1.2345678901234568e+17"},
      {1e300, "1.0000000000000001e+300"},
      {std::numeric_limits<double>::infinity(), "inf"},
      {-std::numeric_limits<double>::infinity(), "-inf"},
      {std::numeric_limits<double>::quiet_NaN(), "nan"},
      {std::numeric_limits<double>::denorm_min(), "4.9406564584124654e-324"},
      {-std::numeric_limits<double>::max(), "-1.7976931348623157e+308"},
  };
  for (const auto& c : cases) {
    ExpectReplies("$" + std::to_string(c.text.size()) + "\r\n" + c.text + "\r\n",
                  "," + c.text + "\r\n", [&](ReplyWriter& w) { w.Double(c.value); });
  }
  ExpectReplies("$20\r\n13.36138933897018433\r\n", ",13.36138933897018433\r\n",
                [](ReplyWriter& w) { w.HumanLongDouble(13.36138933897018433L); });
}

TEST(ReplyWriter, WritesDeferredAggregates) {
  for (size_t count : {size_t{0}, size_t{3}, size_t{10}, size_t{12345}}) {
    std::string values;
    for (size_t i = 0; i < count; ++i) values += ":" + std::to_string(i) + "\r\n";
    std::string expected = "+a\r\n*" + std::to_string(count) + "\r\n" + values + "+b\r\n";
    ExpectSame(expected, [&](ReplyWriter& w) {
      w.SimpleString("a");
      size_t mark = w.BeginDeferred();
      for (size_t i = 0; i < count; ++i) w.Integer(static_cast<int64_t>(i));
      w.EndDeferredArray(mark, count);
      w.SimpleString("b");
    });
  }
}

TEST(ReplyWriter, NestsAndCancelsDeferredAggregates) {
  std::string inner = "~12\r\n";
  for (int i = 0; i < 12; ++i) inner += ":7\r\n";
  EXPECT_EQ(Write(3,
                  [](ReplyWriter& w) {
                    size_t outer = w.BeginDeferred();
                    w.Bulk("key");
                    size_t mark = w.BeginDeferred();
                    for (int i = 0; i < 12; ++i) w.Integer(7);
                    w.EndDeferredSet(mark, 12);
                    size_t cancelled = w.BeginDeferred();
                    w.Bulk("gone");
                    w.CancelDeferred(cancelled);
                    w.EndDeferredMap(outer, 1);
                  }),
            "%1\r\n$3\r\nkey\r\n" + inner);
}

}  // namespace
}  // namespace nuthatch::resp
