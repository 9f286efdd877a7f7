#include <gtest/gtest.h>

#include "tests/unit/commands/test_server.h"

namespace nuthatch::commands {
namespace {

TEST(Set, KeepsWhatItWasGiven) {
  TestServer server;
  EXPECT_EQ(server.Ask("SET k v"), "OK");
  EXPECT_EQ(server.Ask("GET k"), "\"v\"");
  EXPECT_EQ(server.AskWords({"SET", std::string("a\0b", 3), std::string("\r\n\0", 3)}), "OK");
  EXPECT_EQ(server.Raw({"GET", std::string("a\0b", 3)}), std::string("$3\r\n\r\n\0\r\n", 9));
}

TEST(Set, ChoosesTheEncodingAsRedisDoes) {
  TestServer server;
  const std::pair<std::string, std::string> cases[] = {
      {"1", "int"},
      {"-9223372036854775808", "int"},
      {"9223372036854775807", "int"},
      {"9223372036854775808", "embstr"},
      {"01", "embstr"},
      {"-0", "embstr"},
      {"", "embstr"},
      {std::string(44, 'x'), "embstr"},
      {std::string(45, 'x'), "raw"},
  };
  for (const auto& [value, encoding] : cases) {
    server.AskWords({"SET", "k", value});
    EXPECT_EQ(server.Ask("OBJECT ENCODING k"), '"' + encoding + '"') << value;
    EXPECT_EQ(server.Ask("GET k"), '"' + value + '"');
  }
}

TEST(Set, ReplacesTheDeadlineUnlessToldToKeepIt) {
  TestServer server;
  server.Ask("SET k v EX 100");
  EXPECT_EQ(server.Ask("TTL k"), "100");
  server.Ask("SET k w KEEPTTL");
  EXPECT_EQ(server.Ask("TTL k"), "100");
  server.Ask("SET k w");
  EXPECT_EQ(server.Ask("TTL k"), "-1");
}

TEST(Set, TakesEachFormOfExpiry) {
  TestServer server;
  std::string in_50_s = std::to_string(server.now_ms() + 50'000);
  server.Ask("SET k v EX 50");
  EXPECT_EQ(server.Ask("PTTL k"), "50000");
  server.Ask("SET k v PX 50");
  EXPECT_EQ(server.Ask("PTTL k"), "50");
  server.Ask("SET k v PXAT " + in_50_s);
  EXPECT_EQ(server.Ask("PTTL k"), "50000");
  server.Ask("SET k v EXAT 1700000050");
  EXPECT_EQ(server.Ask("PTTL k"), "50000");
  server.Ask("SET k v EX 10 EX 20");
  EXPECT_EQ(server.Ask("TTL k"), "20");
}

TEST(Set, RefusesBadExpiry) {
  TestServer server;
  const std::string invalid = "-ERR invalid expire time in 'set' command";
  EXPECT_EQ(server.Ask("SET k v EX 0"), invalid);
  EXPECT_EQ(server.Ask("SET k v PX -1"), invalid);
  EXPECT_EQ(server.Ask("SET k v EX 9223372036854775807"), invalid);
  EXPECT_EQ(server.Ask("SET k v EX 9223372036854775"), invalid);
  EXPECT_EQ(server.Ask("SET k v PX 9223372036854775807"), invalid);
  EXPECT_EQ(server.Ask("SET k v EX x"), "-ERR value is not an integer or out of range");
  EXPECT_EQ(server.Ask("SETEX k 0 v"), "-ERR invalid expire time in 'setex' command");
  EXPECT_EQ(server.Ask("PSETEX k 0 v"), "-ERR invalid expire time in 'psetex' command");
  EXPECT_EQ(server.Ask("GET k"), "nil");
}

TEST(Set, RefusesOptionsThatContradict) {
  TestServer server;
  for (const char* options : {"NX XX", "XX NX", "EX 1 PX 1", "EX 1 KEEPTTL", "KEEPTTL EX 1", "EX",
                              "PERSIST", "NOSUCH", "EXAT 1 EX 1"}) {
    EXPECT_EQ(server.Ask(std::string("SET k v ") + options), "-ERR syntax error") << options;
  }
}

TEST(Set, HonoursNxXxAndGet) {
  TestServer server;
  EXPECT_EQ(server.Ask("SET k v XX"), "nil");
  EXPECT_EQ(server.Ask("SET k v nx"), "OK");
  EXPECT_EQ(server.Ask("SET k w NX"), "nil");
  EXPECT_EQ(server.Ask("SET k w NX GET"), "\"v\"");
  EXPECT_EQ(server.Ask("SET k w XX GET"), "\"v\"");
  EXPECT_EQ(server.Ask("GET k"), "\"w\"");
  EXPECT_EQ(server.Ask("SET j 1 GET"), "nil");
  EXPECT_EQ(server.Ask("SET i 1 NX GET"), "nil");
  EXPECT_EQ(server.Ask("GET i"), "\"1\"");
}

TEST(Set, IsGoneWhenItsTimeHasCome) {
  TestServer server;
  server.Ask("SET k v PX 100");
  server.Advance(99);
  EXPECT_EQ(server.Ask("GET k"), "\"v\"");
  server.Advance(1);
  EXPECT_EQ(server.Ask("GET k"), "nil");
  server.Ask("SET k v PXAT 1");
  EXPECT_EQ(server.Ask("GET k"), "nil");
}

TEST(SetNx, SetsOnce) {
  TestServer server;
  EXPECT_EQ(server.Ask("SETNX k 1"), "1");
  EXPECT_EQ(server.Ask("SETNX k 2"), "0");
  EXPECT_EQ(server.Ask("GET k"), "\"1\"");
}

TEST(SetEx, SetsValueAndTime) {
  TestServer server;
  EXPECT_EQ(server.Ask("SETEX k 10 v"), "OK");
  EXPECT_EQ(server.Ask("PTTL k"), "10000");
  EXPECT_EQ(server.Ask("PSETEX k 10 w"), "OK");
  EXPECT_EQ(server.Ask("PTTL k"), "10");
  EXPECT_EQ(server.Ask("GET k"), "\"w\"");
}

TEST(GetSet, AnswersTheOldValueAndDropsTheDeadline) {
  TestServer server;
  EXPECT_EQ(server.Ask("GETSET k 1"), "nil");
  server.Ask("EXPIRE k 10");
  EXPECT_EQ(server.Ask("GETSET k 2"), "\"1\"");
  EXPECT_EQ(server.Ask("TTL k"), "-1");
}

class SeveralShards : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Shards, SeveralShards, testing::Values(1, 2, 4));

TEST_P(SeveralShards, MSetAndMGetKeepTheOrderOfKeys) {
  TestServer server(GetParam());
  EXPECT_EQ(server.Ask("MSET a 1 b 2 c 3 d 4 a 5"), "OK");
  EXPECT_EQ(server.Ask("MGET d c nokey b a d"), "[\"4\", \"3\", nil, \"2\", \"5\", \"4\"]");
  EXPECT_EQ(server.Sum(&runtime::ShardStats::keyspace_hits), 5u);
  EXPECT_EQ(server.Sum(&runtime::ShardStats::keyspace_misses), 1u);
}

TEST_P(SeveralShards, ManyKeysInOneCommand) {
  TestServer server(GetParam());
  std::vector<std::string> set = {"MSET"};
  std::vector<std::string> get = {"MGET"};
  std::string expected = "*1000\r\n";
  for (int i = 0; i < 1000; ++i) {
    std::string key = "key:" + std::to_string(i);
    std::string value = "value:" + std::to_string(i * 7);
    set.insert(set.end(), {key, value});
    get.push_back(key);
    expected += "$" + std::to_string(value.size()) + "\r\n" + value + "\r\n";
  }
  EXPECT_EQ(server.AskWords(set), "OK");
  EXPECT_EQ(server.Raw(get), expected);
  EXPECT_EQ(server.Sum(&runtime::ShardStats::dirty), 1000u);
}

TEST_P(SeveralShards, MSetRefusesHalfAPairWithoutSettingAny) {
  TestServer server(GetParam());
  EXPECT_EQ(server.Ask("MSET a 1 b"), "-ERR wrong number of arguments for 'mset' command");
  EXPECT_EQ(server.Ask("MSETNX a 1 b"), "-ERR wrong number of arguments for 'msetnx' command");
  EXPECT_EQ(server.Ask("DBSIZE"), "0");
}

TEST_P(SeveralShards, MSetNxSetsAllOrNone) {
  TestServer server(GetParam());
  EXPECT_EQ(server.Ask("MSETNX a 1 b 2 c 3"), "1");
  EXPECT_EQ(server.Ask("MSETNX x 1 y 2 c 9"), "0");
  EXPECT_EQ(server.Ask("MGET a b c x y"), "[\"1\", \"2\", \"3\", nil, nil]");
}

}  // namespace
}  // namespace nuthatch::commands
