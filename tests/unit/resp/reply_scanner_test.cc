#include "server/resp/reply_scanner.h"

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/resp/reply_writer.h"

namespace nuthatch::resp {
namespace {

using Status = ReplyScanner::Status;

// One of each kind.
std::vector<std::string> Replies() {
  return {
      "+OK\r\n",
      "+\r\n",
      "-ERR no\r\n",
      ":-12\r\n",
      "$0\r\n\r\n",
      "$7\r\n+a\r\n:1\r\r\n",
      "$-1\r\n",
      "*-1\r\n",
      "*0\r\n",
      "*2\r\n$1\r\na\r\n:1\r\n",
      "*2\r\n*1\r\n*0\r\n*2\r\n+a\r\n$-1\r\n",
      "_\r\n",
      "#t\r\n",
      "#f\r\n",
      ",3.25\r\n",
      ",inf\r\n",
      "(-123456789012345678901234567890\r\n",
      "!5\r\nERR a\r\n",
      "=8\r\ntxt:a\r\nb\r\n",
      "%2\r\n+a\r\n:1\r\n+b\r\n*2\r\n:1\r\n:2\r\n",
      "~2\r\n:1\r\n:2\r\n",
      ">2\r\n+message\r\n+hello\r\n",
      "|1\r\n+a\r\n*1\r\n:1\r\n$1\r\nx\r\n",
      "|0\r\n|1\r\n+k\r\n%0\r\n>1\r\n+x\r\n",
      "*2\r\n|1\r\n+k\r\n+v\r\n:1\r\n:2\r\n",
  };
}

TEST(ReplyScanner, FindsTheEndOfEachReplyHoweverItIsCut) {
  for (const std::string& reply : Replies()) {
    std::string more = reply + "+next\r\n";
    for (size_t one = 0; one < reply.size(); ++one) {
      for (size_t two = one; two < reply.size(); ++two) {
        ReplyScanner scanner;
        size_t consumed = 1;
        for (size_t size : {one, two}) {
          ASSERT_EQ(scanner.Next(std::string(reply, 0, size).c_str(), size, &consumed),
                    Status::kIncomplete)
              << reply << size;
          EXPECT_EQ(consumed, 0u);
          EXPECT_TRUE(scanner.wanted() == 0 || scanner.wanted() > size) << reply << size;
        }
        ASSERT_EQ(scanner.Next(more.data(), more.size(), &consumed), Status::kReply) << reply;
        EXPECT_EQ(consumed, reply.size()) << reply;
        ASSERT_EQ(scanner.Next(more.data() + consumed, more.size() - consumed, &consumed),
                  Status::kReply);
        EXPECT_EQ(scanner.type(), '+');
      }
    }
  }
}

char TypeOf(const std::string& reply) {
  ReplyScanner scanner;
  size_t consumed = 0;
  EXPECT_EQ(scanner.Next(reply.data(), reply.size(), &consumed), Status::kReply) << reply;
  return scanner.type();
}

TEST(ReplyScanner, KnowsTheTypeOfTheReplyBehindItsAttributes) {
  EXPECT_EQ(TypeOf("*1\r\n-ERR\r\n"), '*');
  EXPECT_EQ(TypeOf("|1\r\n+a\r\n*1\r\n:1\r\n$1\r\nx\r\n"), '$');
  EXPECT_EQ(TypeOf("|0\r\n|1\r\n+k\r\n%0\r\n>1\r\n+x\r\n"), '>');
  EXPECT_EQ(TypeOf("|1\r\n-a\r\n>1\r\n:1\r\n*1\r\n|0\r\n:1\r\n"), '*');
  ReplyScanner scanner;
  size_t consumed = 0;
  std::string data = ">1\r\n:1\r\n-ERR\r\n!1\r\nx\r\n";
  ASSERT_EQ(scanner.Next(data.data(), data.size(), &consumed), Status::kReply);
  EXPECT_TRUE(scanner.is_push());
  EXPECT_FALSE(scanner.is_error());
  for (int i = 0; i < 2; ++i) {
    data.erase(0, consumed);
    ASSERT_EQ(scanner.Next(data.data(), data.size(), &consumed), Status::kReply);
    EXPECT_FALSE(scanner.is_push());
    EXPECT_TRUE(scanner.is_error());
  }
}

TEST(ReplyScanner, RejectsWhatIsNotResp) {
  for (const char* bad : {"OK\r\n",
                          "\r\n",
                          "+OK\n",
                          ":\r\n",
                          ":1x\r\n",
                          ":+1\r\n",
                          "$-2\r\n",
                          "$x\r\n",
                          "$1\r\nabc\r\n",
                          "$1\r\na\n\n",
                          "*-2\r\n",
                          "*x\r\n",
                          "%-1\r\n",
                          "~-1\r\n",
                          "_x\r\n",
                          "#x\r\n",
                          "#\r\n",
                          ",\r\n",
                          "(1.5\r\n",
                          "(\r\n",
                          "=3\r\ntxt\r\n",
                          "!-1\r\n",
                          "*1\r\nx\r\n",
                          "\n",
                          "*9223372036854775807\r\n"}) {
    ReplyScanner scanner;
    size_t consumed = 1;
    std::string data = bad;
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(scanner.Next(data.data(), data.size(), &consumed), Status::kError) << bad;
      EXPECT_EQ(consumed, 0u);
      EXPECT_FALSE(scanner.error().empty());
    }
  }
}

TEST(ReplyScanner, LimitsNestingAndLines) {
  auto status = [](const std::string& data) {
    ReplyScanner scanner;
    size_t consumed = 0;
    return scanner.Next(data.data(), data.size(), &consumed);
  };
  std::string nested;
  for (size_t i = 0; i < ReplyScanner::kMaxDepth; ++i) nested += "*1\r\n";
  EXPECT_EQ(status(nested + ":1\r\n"), Status::kReply);
  EXPECT_EQ(status(nested + "*0\r\n"), Status::kReply);
  EXPECT_EQ(status(nested + "*1\r\n"), Status::kError);
  std::string line(ReplyScanner::kMaxLineBytes, '+');
  EXPECT_EQ(status(line), Status::kIncomplete);
  EXPECT_EQ(status(line + "+"), Status::kError);
}

TEST(ReplyScanner, SaysHowManyBytesItWants) {
  ReplyScanner scanner;
  size_t consumed = 0;
  std::string data = "*2\r\n$5\r\nab";
  ASSERT_EQ(scanner.Next(data.data(), data.size(), &consumed), Status::kIncomplete);
  EXPECT_EQ(scanner.wanted(), 15u);
  data += "cde\r\n";
  ASSERT_EQ(scanner.Next(data.data(), data.size(), &consumed), Status::kIncomplete);
  EXPECT_EQ(scanner.wanted(), 16u);
}

TEST(ReplyScanner, TakesAMillionValuesByteByByte) {
  std::string data = "*1000000\r\n";
  for (int i = 0; i < 1'000'000; ++i) data += ":1\r\n";
  ReplyScanner scanner;
  size_t consumed = 0;
  for (size_t size = 0; size < data.size(); ++size) {
    ASSERT_EQ(scanner.Next(data.data(), size, &consumed), Status::kIncomplete);
  }
  ASSERT_EQ(scanner.Next(data.data(), data.size(), &consumed), Status::kReply);
  EXPECT_EQ(consumed, data.size());
}

TEST(ReplyScanner, TakesWhatTheWriterWrites) {
  for (int version : {2, 3}) {
    base::Buffer buffer;
    ReplyWriter writer(&buffer, version);
    const std::function<void()> writes[] = {
        [&] { writer.SimpleString("OK"); },
        [&] { writer.Error("ERR a\r\nb"); },
        [&] { writer.Integer(-5); },
        [&] { writer.Bulk("a\r\nb"); },
        [&] { writer.BulkInteger(5); },
        [&] { writer.Null(); },
        [&] { writer.NullArray(); },
        [&] { writer.Bool(true); },
        [&] { writer.Double(0.1); },
        [&] { writer.HumanLongDouble(0.5L); },
        [&] { writer.BigNumber("123"); },
        [&] { writer.Verbatim("txt", "a\nb"); },
        [&] {
          writer.Map(1);
          writer.Bulk("k");
          writer.Set(2);
          writer.Integer(1);
          writer.Array(0);
        },
    };
    for (const auto& write : writes) {
      buffer.Clear();
      write();
      ReplyScanner scanner;
      size_t consumed = 0;
      EXPECT_EQ(scanner.Next(buffer.data(), buffer.size(), &consumed), Status::kReply)
          << buffer.view();
      EXPECT_EQ(consumed, buffer.size()) << buffer.view();
    }
  }
}

}  // namespace
}  // namespace nuthatch::resp
