#include <gtest/gtest.h>

#include "tests/unit/commands/test_server.h"

namespace nuthatch::commands {
namespace {

constexpr char kNotAnInteger[] = "-ERR value is not an integer or out of range";

TEST(Get, CountsHitsAndMisses) {
  TestServer server;
  server.Ask("SET k v");
  server.Ask("GET k");
  server.Ask("GET nokey");
  server.Ask("STRLEN nokey");
  EXPECT_EQ(server.Sum(&runtime::ShardStats::keyspace_hits), 1u);
  EXPECT_EQ(server.Sum(&runtime::ShardStats::keyspace_misses), 2u);
}

TEST(Get, AnswersNullInTheClientsProtocol) {
  TestServer server;
  EXPECT_EQ(server.Raw({"GET", "nokey"}), "$-1\r\n");
  server.UseProtocol(3);
  EXPECT_EQ(server.Raw({"GET", "nokey"}), "_\r\n");
}

TEST(GetDel, TakesTheKeyAway) {
  TestServer server;
  server.Ask("SET k v");
  EXPECT_EQ(server.Ask("GETDEL k"), "\"v\"");
  EXPECT_EQ(server.Ask("GETDEL k"), "nil");
}

TEST(GetEx, ChangesTheDeadline) {
  TestServer server;
  server.Ask("SET k v");
  EXPECT_EQ(server.Ask("GETEX k"), "\"v\"");
  EXPECT_EQ(server.Ask("TTL k"), "-1");
  EXPECT_EQ(server.Ask("GETEX k EX 10"), "\"v\"");
  EXPECT_EQ(server.Ask("TTL k"), "10");
  EXPECT_EQ(server.Ask("GETEX k PERSIST"), "\"v\"");
  EXPECT_EQ(server.Ask("TTL k"), "-1");
  EXPECT_EQ(server.Ask("GETEX k EXAT 1"), "\"v\"");
  EXPECT_EQ(server.Ask("EXISTS k"), "0");
}

TEST(GetEx, RefusesBadOptions) {
  TestServer server;
  server.Ask("SET k v");
  for (const char* options : {"PERSIST EX 1", "EX 1 PERSIST", "KEEPTTL", "NX", "GET", "EX"}) {
    EXPECT_EQ(server.Ask(std::string("GETEX k ") + options), "-ERR syntax error") << options;
  }
  EXPECT_EQ(server.Ask("GETEX k EX 0"), "-ERR invalid expire time in 'getex' command");
  EXPECT_EQ(server.Ask("GETEX nokey EX 0"), "nil");
}

TEST(GetRange, CutsLikeRedis) {
  TestServer server;
  server.Ask("SET k nuthatch");
  EXPECT_EQ(server.Ask("GETRANGE k 0 2"), "\"nut\"");
  EXPECT_EQ(server.Ask("GETRANGE k -5 -1"), "\"hatch\"");
  EXPECT_EQ(server.Ask("GETRANGE k 0 100"), "\"nuthatch\"");
  EXPECT_EQ(server.Ask("GETRANGE k -100 2"), "\"nut\"");
  EXPECT_EQ(server.Ask("GETRANGE k 5 2"), "\"\"");
  EXPECT_EQ(server.Ask("GETRANGE k -1 -3"), "\"\"");
  EXPECT_EQ(server.Ask("GETRANGE k 9 20"), "\"\"");
  EXPECT_EQ(server.Ask("GETRANGE k -9223372036854775808 9223372036854775807"), "\"nuthatch\"");
  EXPECT_EQ(server.Ask("GETRANGE k a 1"), kNotAnInteger);
  EXPECT_EQ(server.Ask("SUBSTR k 3 5"), "\"hat\"");
  server.Ask("SET k 12345");
  EXPECT_EQ(server.Ask("GETRANGE k 1 2"), "\"23\"");
}

TEST(StrLen, CountsBytes) {
  TestServer server;
  server.Ask("SET k -123");
  EXPECT_EQ(server.Ask("STRLEN k"), "4");
  server.Ask("APPEND k 45");
  EXPECT_EQ(server.Ask("STRLEN k"), "6");
  EXPECT_EQ(server.Ask("STRLEN nokey"), "0");
}

TEST(Incr, CountsFromNothing) {
  TestServer server;
  EXPECT_EQ(server.Ask("INCR k"), "1");
  EXPECT_EQ(server.Ask("INCRBY k 41"), "42");
  EXPECT_EQ(server.Ask("DECR k"), "41");
  EXPECT_EQ(server.Ask("DECRBY k 50"), "-9");
  EXPECT_EQ(server.Ask("OBJECT ENCODING k"), "\"int\"");
}

TEST(Incr, KeepsTheDeadline) {
  TestServer server;
  server.Ask("SET k 1 EX 100");
  server.Ask("INCR k");
  server.Ask("INCRBYFLOAT k 1.5");
  server.Ask("APPEND k 0");
  EXPECT_EQ(server.Ask("GET k"), "\"3.50\"");
  EXPECT_EQ(server.Ask("TTL k"), "100");
}

TEST(Incr, ReadsARawStringThatIsANumber) {
  TestServer server;
  server.Ask("APPEND k 1");
  server.Ask("APPEND k 0");
  EXPECT_EQ(server.Ask("OBJECT ENCODING k"), "\"raw\"");
  EXPECT_EQ(server.Ask("INCR k"), "11");
  EXPECT_EQ(server.Ask("OBJECT ENCODING k"), "\"int\"");
}

TEST(Incr, RefusesWhatIsNoNumberOrTooLarge) {
  TestServer server;
  server.Ask("SET k 9223372036854775807");
  EXPECT_EQ(server.Ask("INCR k"), "-ERR increment or decrement would overflow");
  EXPECT_EQ(server.Ask("DECRBY k -9223372036854775808"), "-ERR decrement would overflow");
  EXPECT_EQ(server.Ask("INCRBY k 1x"), kNotAnInteger);
  EXPECT_EQ(server.Ask("GET k"), "\"9223372036854775807\"");
  server.Ask("SET k -9223372036854775808");
  EXPECT_EQ(server.Ask("DECR k"), "-ERR increment or decrement would overflow");
  server.Ask("SET k 01");
  EXPECT_EQ(server.Ask("INCR k"), kNotAnInteger);
}

TEST(IncrByFloat, PrintsWithoutExponent) {
  TestServer server;
  EXPECT_EQ(server.Ask("INCRBYFLOAT k 10.50"), "\"10.5\"");
  EXPECT_EQ(server.Ask("INCRBYFLOAT k 0.1"), "\"10.6\"");
  EXPECT_EQ(server.Ask("INCRBYFLOAT k -5e1"), "\"-39.4\"");
  EXPECT_EQ(server.Ask("INCRBYFLOAT k 39.4"), "\"0\"");
  EXPECT_EQ(server.Ask("OBJECT ENCODING k"), "\"embstr\"");
  EXPECT_EQ(server.Ask("INCRBYFLOAT k inf"), "-ERR increment would produce NaN or Infinity");
  EXPECT_EQ(server.Ask("INCRBYFLOAT k x"), "-ERR value is not a valid float");
  server.Ask("SET k x");
  EXPECT_EQ(server.Ask("INCRBYFLOAT k 1"), "-ERR value is not a valid float");
}

TEST(Append, MakesARawString) {
  TestServer server;
  EXPECT_EQ(server.Ask("APPEND k 12"), "2");
  EXPECT_EQ(server.Ask("OBJECT ENCODING k"), "\"int\"");
  EXPECT_EQ(server.AskWords({"APPEND", "k", ""}), "2");
  EXPECT_EQ(server.Ask("OBJECT ENCODING k"), "\"raw\"");
  EXPECT_EQ(server.Ask("APPEND k ab"), "4");
  EXPECT_EQ(server.Ask("GET k"), "\"12ab\"");
}

TEST(Append, GrowsFarBeyondAnEntry) {
  TestServer server;
  std::string expected;
  for (int i = 0; i < 500; ++i) {
    std::string piece = "<" + std::to_string(i) + ">";
    expected += piece;
    EXPECT_EQ(server.AskWords({"APPEND", "k", piece}), std::to_string(expected.size()));
  }
  EXPECT_EQ(server.Ask("GET k"), '"' + expected + '"');
}

TEST(Append, RefusesToGrowBeyondTheLimit) {
  TestServer server(1, {{"proto-max-bulk-len", "1mb"}});
  const std::string too_long = "-ERR string exceeds maximum allowed size (proto-max-bulk-len)";
  EXPECT_EQ(server.Ask("SETRANGE k 1048575 x"), "1048576");
  EXPECT_EQ(server.Ask("APPEND k y"), too_long);
  EXPECT_EQ(server.Ask("SETRANGE k 1048576 x"), too_long);
  EXPECT_EQ(server.Ask("SETRANGE k 9223372036854775807 x"), too_long);
  EXPECT_EQ(server.Ask("STRLEN k"), "1048576");
}

TEST(SetRange, FillsWithZerosAndOverwrites) {
  TestServer server;
  EXPECT_EQ(server.Ask("SETRANGE k 3 ab"), "5");
  EXPECT_EQ(server.Raw({"GET", "k"}), std::string("$5\r\n\0\0\0ab\r\n", 11));
  EXPECT_EQ(server.Ask("SETRANGE k 0 nut"), "5");
  EXPECT_EQ(server.Ask("GET k"), "\"nutab\"");
  EXPECT_EQ(server.Ask("OBJECT ENCODING k"), "\"raw\"");
  server.Ask("SET n 12345");
  EXPECT_EQ(server.AskWords({"SETRANGE", "n", "1", ""}), "5");
  EXPECT_EQ(server.Ask("OBJECT ENCODING n"), "\"int\"");
  EXPECT_EQ(server.Ask("SETRANGE n 1 x"), "5");
  EXPECT_EQ(server.Ask("GET n"), "\"1x345\"");
  EXPECT_EQ(server.AskWords({"SETRANGE", "nokey", "5", ""}), "0");
  EXPECT_EQ(server.Ask("EXISTS nokey"), "0");
  EXPECT_EQ(server.Ask("SETRANGE k -1 x"), "-ERR offset is out of range");
}

class LcsShards : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Shards, LcsShards, testing::Values(1, 4));

TEST_P(LcsShards, FindsTheSubsequence) {
  TestServer server(GetParam());
  server.Ask("MSET key1 ohmytext key2 mynewtext");
  EXPECT_EQ(server.Ask("LCS key1 key2"), "\"mytext\"");
  EXPECT_EQ(server.Ask("LCS key1 key2 LEN"), "6");
  EXPECT_EQ(server.Ask("LCS key1 key2 IDX"),
            "[\"matches\", [[[4, 7], [5, 8]], [[2, 3], [0, 1]]], \"len\", 6]");
  EXPECT_EQ(server.Ask("LCS key1 key2 IDX MINMATCHLEN 4 WITHMATCHLEN"),
            "[\"matches\", [[[4, 7], [5, 8], 4]], \"len\", 6]");
  EXPECT_EQ(server.Ask("LCS key1 nokey"), "\"\"");
  server.UseProtocol(3);
  EXPECT_EQ(server.Ask("LCS nokey key2 IDX"), "{\"matches\": [], \"len\": 0}");
}

TEST_P(LcsShards, RefusesBadOptions) {
  TestServer server(GetParam(), {{"proto-max-bulk-len", "1mb"}});
  EXPECT_EQ(server.Ask("LCS a b IDX LEN"),
            "-ERR If you want both the length and indexes, please just use IDX.");
  EXPECT_EQ(server.Ask("LCS a b NOSUCH"), "-ERR syntax error");
  EXPECT_EQ(server.Ask("LCS a b MINMATCHLEN"), "-ERR syntax error");
  EXPECT_EQ(server.Ask("LCS a b MINMATCHLEN x"), kNotAnInteger);
  server.AskWords({"SET", "a", std::string(1000, 'x')});
  server.AskWords({"SET", "b", std::string(1000, 'x')});
  EXPECT_EQ(server.Ask("LCS a b LEN"),
            "-ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
}

}  // namespace
}  // namespace nuthatch::commands
