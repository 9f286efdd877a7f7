#include "server/resp/parser.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/base/random.h"
#include "tests/unit/resp/parse_in_pieces.h"

namespace nuthatch::resp {
namespace {

using Status = RequestParser::Status;
using Commands = std::vector<std::vector<std::string>>;

constexpr char kPing[] = "*1\r\n$4\r\nPING\r\n";

// A literal with its NUL bytes.
template <size_t size>
std::string Bytes(const char (&text)[size]) {
  return std::string(text, size - 1);
}

ParseOutcome Parse(const std::string& input, const RequestParser::Limits& limits = {}) {
  std::string broken;
  ParseOutcome outcome = ParseInPieces(input, limits, {}, &broken);
  EXPECT_EQ(broken, "") << input;
  return outcome;
}

Commands CommandsOf(const std::string& input) {
  ParseOutcome outcome = Parse(input);
  EXPECT_EQ(outcome.error, "") << input;
  EXPECT_EQ(outcome.consumed, input.size()) << input;
  return outcome.commands;
}

std::string ErrorOf(const std::string& input, const RequestParser::Limits& limits = {}) {
  return Parse(input, limits).error;
}

bool IsIncomplete(const std::string& input, const RequestParser::Limits& limits = {}) {
  ParseOutcome outcome = Parse(input, limits);
  return outcome.error.empty() && outcome.consumed == 0;
}

TEST(RespParser, TakesAnArrayOfBulkStrings) {
  EXPECT_EQ(CommandsOf(kPing), (Commands{{"PING"}}));
  EXPECT_EQ(CommandsOf(Bytes("*3\r\n$3\r\nSET\r\n$3\r\nk\0\n\r\n$0\r\n\r\n")),
            (Commands{{"SET", Bytes("k\0\n"), ""}}));
}

TEST(RespParser, TakesPipelinedCommandsOneByOne) {
  std::string input = std::string(kPing) + "*2\r\n$4\r\nECHO\r\n$12\r\nhello, world\r\n" + kPing;
  EXPECT_EQ(CommandsOf(input), (Commands{{"PING"}, {"ECHO", "hello, world"}, {"PING"}}));
}

TEST(RespParser, AppendsViewsIntoTheData) {
  std::string data = std::string(kPing) + "ping 'a\\'b'\n";
  RequestParser parser;
  std::vector<std::string_view> args;
  size_t consumed = 0;
  ASSERT_EQ(parser.Next(data.data(), data.size(), {}, &consumed, &args), Status::kCommand);
  ASSERT_EQ(consumed, sizeof kPing - 1);
  ASSERT_EQ(parser.Next(data.data() + consumed, data.size() - consumed, {}, &consumed, &args),
            Status::kCommand);
  EXPECT_THAT(args, testing::ElementsAre("PING", "ping", "a'b"));
  for (std::string_view arg : args) {
    EXPECT_GE(arg.data(), data.data());
    EXPECT_LE(arg.data() + arg.size(), data.data() + data.size());
  }
}

TEST(RespParser, TakesEmptyCommands) {
  for (const char* empty : {"\r\n", "\n", "   \r\n", " \r \n", "*0\r\n", "*-1\r\n", "*-5\r\n",
                            "*-9223372036854775808\r\n"}) {
    EXPECT_EQ(CommandsOf(std::string(empty) + kPing), (Commands{{}, {"PING"}})) << empty;
  }
}

TEST(RespParser, DoesNotLookAtTheByteBehindCrNorBehindABulk) {
  EXPECT_EQ(CommandsOf("*1\rx$4\r\nPING\r\n"), (Commands{{"PING"}}));
  EXPECT_EQ(CommandsOf("*1\r\n$4\rxPING\r\n"), (Commands{{"PING"}}));
  EXPECT_EQ(CommandsOf(std::string("*1\r\n$4\r\nPINGxx") + kPing), (Commands{{"PING"}, {"PING"}}));
}

TEST(RespParser, RejectsBadMultibulkLengths) {
  for (const char* bad : {"*\r\n", "*+1\r\n", "*01\r\n", "*-0\r\n", "*-\r\n", "* 1\r\n", "*1 \r\n",
                          "*abc\r\n", "*1\n$4\r\nPING\r\n", "*2147483648\r\n", "*1000000000000\r\n",
                          "*99999999999999999999\r\n", "*111111111111111111111\r\n"}) {
    EXPECT_EQ(ErrorOf(bad), "Protocol error: invalid multibulk length") << bad;
    EXPECT_EQ(ErrorOf(std::string(bad) + kPing + kPing), ErrorOf(bad)) << bad;
  }
  EXPECT_TRUE(IsIncomplete("*2147483647\r\n"));
  EXPECT_TRUE(IsIncomplete("*999999999\r\n"));
}

TEST(RespParser, RejectsBadBulkLengths) {
  for (const char* bad :
       {"$\r\n", "$-1\r\n", "$-0\r\n", "$abc\r\n", "$04\r\nPING\r\n", "$+4\r\nPING\r\n", "$4 \r\n",
        "$536870913\r\n", "$99999999999999999999\r\n", "$4\n\r\n"}) {
    std::string input = std::string("*1\r\n") + bad;
    EXPECT_EQ(ErrorOf(input), "Protocol error: invalid bulk length") << bad;
    EXPECT_EQ(ErrorOf(input + kPing + kPing), ErrorOf(input)) << bad;
  }
  EXPECT_TRUE(IsIncomplete("*1\r\n$536870912\r\n"));
}

TEST(RespParser, TakesTheLimitOfBulksFromTheConfiguration) {
  EXPECT_EQ(ErrorOf("*1\r\n$5\r\n", {.max_bulk_bytes = 4}), "Protocol error: invalid bulk length");
  EXPECT_EQ(ErrorOf("*1\r\n$5\r\nabcde\r\n", {.max_bulk_bytes = 4}),
            "Protocol error: invalid bulk length");
  EXPECT_EQ(ErrorOf("*1\r\n$4\r\nPING\r\n", {.max_bulk_bytes = 4}), "");
  EXPECT_TRUE(IsIncomplete("*1\r\n$9223372036854775807\r\n", {.max_bulk_bytes = INT64_MAX}));
}

TEST(RespParser, NamesTheByteInPlaceOfTheDollar) {
  EXPECT_EQ(ErrorOf("*1\r\nx\r\n"), "Protocol error: expected '$', got 'x'");
  EXPECT_EQ(ErrorOf("*1\r\n:1\r\n"), "Protocol error: expected '$', got ':'");
  EXPECT_EQ(ErrorOf("*1\r\n\xff\r\n"), "Protocol error: expected '$', got '\xff'");
  EXPECT_EQ(ErrorOf("*1\r\n\r\n"), "Protocol error: expected '$', got ' '");
  EXPECT_EQ(ErrorOf("*1\r\n\n\r\n"), "Protocol error: expected '$', got ' '");
  EXPECT_EQ(ErrorOf("*2\r\n$1\r\na\r\n*\r\n"), "Protocol error: expected '$', got '*'");
  EXPECT_TRUE(IsIncomplete("*1\r\nx"));
  EXPECT_TRUE(IsIncomplete("*1\r\nx\r"));
}

TEST(RespParser, LimitsWhatAnUnauthenticatedConnectionAnnounces) {
  RequestParser::Limits limits{.authenticated = false};
  EXPECT_EQ(ErrorOf("*11\r\n", limits), "Protocol error: unauthenticated multibulk length");
  EXPECT_EQ(ErrorOf("*2147483648\r\n", limits), "Protocol error: invalid multibulk length");
  EXPECT_TRUE(IsIncomplete("*10\r\n", limits));
  EXPECT_EQ(ErrorOf("*1\r\n$16385\r\n", limits), "Protocol error: unauthenticated bulk length");
  EXPECT_EQ(ErrorOf("*1\r\n$16385\r\n" + std::string(16387, 'x'), limits),
            "Protocol error: unauthenticated bulk length");
  EXPECT_EQ(ErrorOf("*1\r\n$536870913\r\n", limits), "Protocol error: invalid bulk length");
  EXPECT_TRUE(IsIncomplete("*1\r\n$16384\r\n", limits));
}

TEST(RespParser, LimitsLines) {
  std::string ones(70000, '1');
  EXPECT_TRUE(IsIncomplete("*" + ones.substr(0, 65535)));
  EXPECT_EQ(ErrorOf("*" + ones.substr(0, 65536)), "Protocol error: too big mbulk count string");
  EXPECT_TRUE(IsIncomplete("*1\r\n$" + ones.substr(0, 65535)));
  EXPECT_EQ(ErrorOf("*1\r\n$" + ones.substr(0, 65536)),
            "Protocol error: too big bulk count string");
  EXPECT_TRUE(IsIncomplete(ones.substr(0, 65536)));
  EXPECT_EQ(ErrorOf(ones.substr(0, 65537)), "Protocol error: too big inline request");
  EXPECT_EQ(CommandsOf(ones.substr(0, 65536) + "\n"), (Commands{{ones.substr(0, 65536)}}));
  EXPECT_EQ(ErrorOf(ones.substr(0, 65537) + "\n"), "Protocol error: too big inline request");
}

TEST(RespParser, ANulHidesTheEndOfItsLine) {
  EXPECT_TRUE(IsIncomplete(Bytes("echo a\0b\r\n") + kPing));
  EXPECT_TRUE(IsIncomplete(Bytes("\0\n") + kPing));
  EXPECT_TRUE(IsIncomplete(Bytes("*1\0\r\n") + kPing));
  EXPECT_TRUE(IsIncomplete(Bytes("*1\r\n$1\0\r\n") + std::string(65531, 'a')));
  EXPECT_EQ(ErrorOf(Bytes("*1\r\n$1\0\r\n") + std::string(65532, '\r')),
            "Protocol error: too big bulk count string");
  EXPECT_EQ(ErrorOf(Bytes("\0") + std::string(65536, '\n')),
            "Protocol error: too big inline request");
  EXPECT_EQ(ErrorOf(Bytes("*\0") + std::string(65535, '\r')),
            "Protocol error: too big mbulk count string");
}

TEST(RespParser, SplitsInlineCommandsAtSpaces) {
  EXPECT_EQ(CommandsOf("ping\n"), (Commands{{"ping"}}));
  EXPECT_EQ(CommandsOf("\tping\t\v\r\n"), (Commands{{"ping"}}));
  EXPECT_EQ(CommandsOf("  set  k v \r\n"), (Commands{{"set", "k", "v"}}));
  EXPECT_EQ(CommandsOf("echo a\rb\n"), (Commands{{"echo", "a", "b"}}));
  EXPECT_EQ(CommandsOf("echo a\r\r\n"), (Commands{{"echo", "a"}}));
  EXPECT_EQ(CommandsOf("echo a\vb\fc \vd\n"), (Commands{{"echo", "a\vb\fc", "d"}}));
  EXPECT_EQ(CommandsOf("$4\r\nPING\r\n"), (Commands{{"$4"}, {"PING"}}));
  EXPECT_TRUE(IsIncomplete("ping\r"));
}

TEST(RespParser, UnescapesQuotedWords) {
  EXPECT_EQ(CommandsOf("e \"a\\x41b\"\n"), (Commands{{"e", "aAb"}}));
  EXPECT_EQ(CommandsOf("e \"\\x00\\xfF\"\n"), (Commands{{"e", Bytes("\0\xff")}}));
  EXPECT_EQ(CommandsOf("e \"\\xzz\\x4\"\n"), (Commands{{"e", "xzzx4"}}));
  EXPECT_EQ(CommandsOf("e \"\\n\\r\\t\\b\\a\\q\\\"\\\\\"\n"), (Commands{{"e", "\n\r\t\b\aq\"\\"}}));
  EXPECT_EQ(CommandsOf("e 'a\\'b' 'a\\\\b' 'a\\nb'\n"),
            (Commands{{"e", "a'b", "a\\\\b", "a\\nb"}}));
  EXPECT_EQ(CommandsOf("e a\\nb \"\" ''\n"), (Commands{{"e", "a\\nb", "", ""}}));
  EXPECT_EQ(CommandsOf("e a\"b c\" d'e f'\n"), (Commands{{"e", "ab c", "de f"}}));
  EXPECT_EQ(CommandsOf("e \"a\"\vb \"c\rd\"\n"), (Commands{{"e", "a", "b", "c\rd"}}));
}

TEST(RespParser, RejectsUnbalancedQuotes) {
  for (const char* bad : {"e \"a\n", "e 'a\n", "e \"a\"b\n", "e 'a'b\n", "e a'b'c\n",
                          "e a\"b\"'c'\n", "e \"a\\\n", "e 'a\\\n", "e \"a\\\"\n", "e a\"\n"}) {
    EXPECT_EQ(ErrorOf(bad), "Protocol error: unbalanced quotes in request") << bad;
  }
  EXPECT_TRUE(IsIncomplete("e \"a"));
}

TEST(RespParser, SaysTheSameErrorAgain) {
  std::string data = "*x\r\n";
  RequestParser parser;
  std::vector<std::string_view> args;
  size_t consumed = 0;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(parser.Next(data.data(), data.size(), {}, &consumed, &args), Status::kError);
    EXPECT_EQ(parser.error(), "Protocol error: invalid multibulk length");
    EXPECT_EQ(consumed, 0u);
  }
}

TEST(RespParser, SaysHowManyBytesItWants) {
  std::string data = "*2\r\n$3\r\nGET\r\n$100\r\n";
  RequestParser parser;
  std::vector<std::string_view> args;
  size_t consumed = 0;
  auto wanted = [&](size_t size) {
    EXPECT_EQ(parser.Next(data.data(), size, {}, &consumed, &args), Status::kIncomplete);
    return parser.wanted();
  };
  EXPECT_EQ(wanted(0), 1u);
  EXPECT_EQ(wanted(2), 0u);
  EXPECT_EQ(wanted(3), 4u);
  EXPECT_EQ(wanted(4), 0u);
  EXPECT_EQ(wanted(8), 13u);
  EXPECT_EQ(wanted(13), 0u);
  EXPECT_EQ(wanted(19), 121u);
  EXPECT_EQ(wanted(20), 121u);
  data.append(102, 'x');
  EXPECT_EQ(parser.Next(data.data(), data.size(), {}, &consumed, &args), Status::kCommand);
  EXPECT_EQ(consumed, 121u);
}

TEST(RespParser, ReservesNothingForAnAnnouncedCount) {
  RequestParser parser;
  std::vector<std::string_view> args;
  size_t consumed = 0;
  std::string data = "*2147483647\r\n$1\r\na\r\n$500000000\r\n";
  EXPECT_EQ(parser.Next(data.data(), data.size(), {}, &consumed, &args), Status::kIncomplete);
  EXPECT_LT(parser.MemoryBytes() + args.capacity() * sizeof(std::string_view), 256u);
}

TEST(RespParser, TakesAMillionArgumentsByteByByte) {
  constexpr int kCount = 1'000'000;
  std::string data = "*" + std::to_string(kCount) + "\r\n";
  for (int i = 0; i < kCount; ++i) data += "$1\r\n" + std::to_string(i % 10) + "\r\n";
  RequestParser parser;
  std::vector<std::string_view> args;
  size_t consumed = 0;
  for (size_t size = 1; size < data.size(); ++size) {
    ASSERT_EQ(parser.Next(data.data(), size, {}, &consumed, &args), Status::kIncomplete);
  }
  ASSERT_EQ(parser.Next(data.data(), data.size(), {}, &consumed, &args), Status::kCommand);
  EXPECT_EQ(consumed, data.size());
  ASSERT_EQ(args.size(), static_cast<size_t>(kCount));
  EXPECT_EQ(args[999'993], "3");
  EXPECT_EQ(parser.MemoryBytes(), 0u);
}

std::string Command(const std::vector<std::string>& args) {
  std::string command = "*" + std::to_string(args.size()) + "\r\n";
  for (const std::string& arg : args) {
    command += "$" + std::to_string(arg.size()) + "\r\n" + arg + "\r\n";
  }
  return command;
}

// Inputs where each kind of thing happens, for the tests of cutting.
std::vector<std::string> Samples() {
  return {
      kPing,
      std::string(kPing) + kPing + "*0\r\n" + kPing,
      Command({"SET", "key:000000000001", "0123456789"}) + Command({"GET", "k"}),
      std::string(kPing) + "\nping\n" + kPing,
      "*2\r\n$4\r\nECHO\r\n$120\r\n" + std::string(120, 'x') + "\r\nping\r\n" + kPing,
      "set k \"a\\x41\\n b\" 'it\\'s'\r\n\r\n\n*1\r\n$0\r\n\r\nquit\n",
      "*-1\r\n*1\rx$4\rxPINGxxping\n*1\r\n\r\n",
      // More than an unauthenticated connection may send.
      Command({"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"}) + "ping\r\n",
      Bytes("ping\r\necho a\0b\r\nping and forty bytes more, and more...\r\n"),
      Bytes("*1\r\n$4\0\r\nPINGPINGPINGPINGPINGPINGPINGPINGPING\r\n"),
      "*2\r\n$3\r\nGET\r\n$99999999999999999999999999999999999999999\r\n",
      "*1\r\n$17000\r\n",
      "ping\n*2147483648\r\n",
      "echo 'a'b\n",
      "this line is longer than the limit that the test sets\n",
  };
}

// A short limit of lines, so that the samples reach it.
const RequestParser::Limits kShortLines{.authenticated = false, .max_line_bytes = 40};

TEST(RespParser, AgreesWithTheReferenceAtEverySplitPoint) {
  for (const std::string& sample : Samples()) {
    for (const RequestParser::Limits& limits : {RequestParser::Limits{}, kShortLines}) {
      ParseOutcome expected = ReferenceParser(sample, limits).Run();
      std::string broken;
      EXPECT_EQ(ParseInPieces(sample, limits, {}, &broken), expected) << sample;
      for (size_t one = 0; one <= sample.size(); ++one) {
        for (size_t two = one; two <= sample.size(); ++two) {
          size_t cuts[] = {one, two};
          ASSERT_EQ(ParseInPieces(sample, limits, cuts, &broken), expected)
              << sample << " cut at " << one << ", " << two;
        }
      }
      EXPECT_EQ(broken, "") << sample;
    }
  }
}

TEST(RespParser, AgreesWithTheReferenceByteByByte) {
  for (const std::string& sample : Samples()) {
    for (const RequestParser::Limits& limits : {RequestParser::Limits{}, kShortLines}) {
      std::vector<size_t> cuts;
      for (size_t i = 1; i < sample.size(); ++i) cuts.push_back(i);
      std::string broken;
      EXPECT_EQ(ParseInPieces(sample, limits, cuts, &broken), ReferenceParser(sample, limits).Run())
          << sample;
      EXPECT_EQ(broken, "") << sample;
    }
  }
}

}  // namespace
}  // namespace nuthatch::resp
