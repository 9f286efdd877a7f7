#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "server/base/random.h"
#include "server/keyspace/key.h"
#include "server/keyspace/keyspace.h"
#include "server/keyspace/watch_list.h"
#include "tests/unit/commands/test_server.h"

namespace nuthatch::commands {
namespace {

using keyspace::Key;

const std::string kWrongType = "-WRONGTYPE Operation against a key holding the wrong kind of value";

uint64_t Changes(const TestServer& server) { return server.Sum(&runtime::ShardStats::dirty); }

// All accounts of the only shard are exact.
void CheckAccounts(TestServer& server) {
  uint64_t bytes = 0;
  server.keyspace(0).ForEach(0, [&](keyspace::Entry& entry) { bytes += entry.MemoryBytes(); });
  EXPECT_EQ(server.keyspace(0).memory().entries, bytes);
}

// --- Adding and removing ---

TEST(ZAdd, AddsAndUpdatesByItsRules) {
  TestServer server;
  EXPECT_EQ(server.Ask("ZADD z 1 a 2 b 3 c 2 b"), "3");
  EXPECT_EQ(Changes(server), 3U);
  EXPECT_EQ(server.Ask("ZADD z CH 1 a 5 b 6 d"), "2");
  EXPECT_EQ(server.Ask("ZADD z XX 7 a 7 new"), "0");
  EXPECT_EQ(server.Ask("ZADD z NX CH 8 a 8 e"), "1");
  EXPECT_EQ(server.Ask("ZADD z GT CH 1 a 9 b"), "1");
  EXPECT_EQ(server.Ask("ZADD z LT CH 1 a 10 b"), "1");
  EXPECT_EQ(server.Ask("ZADD z INCR 2 a"), "\"3\"");
  EXPECT_EQ(server.Ask("ZADD z NX INCR 2 a"), "nil");
  EXPECT_EQ(server.Ask("ZADD z XX INCR 2 nobody"), "nil");
  EXPECT_EQ(server.Ask("ZADD z GT INCR -1 a"), "nil");
  EXPECT_EQ(server.Ask("ZRANGE z 0 -1 WITHSCORES"),
            R"(["a", "3", "c", "3", "d", "6", "e", "8", "b", "9"])");
  EXPECT_EQ(server.Ask("ZADD none XX 1 a"), "0");
  EXPECT_EQ(server.Ask("EXISTS none"), "0");
}

TEST(ZAdd, ReadsAllScoresBeforeItChangesAnything) {
  TestServer server;
  EXPECT_EQ(server.Ask("ZADD z 1 a x b"), "-ERR value is not a valid float");
  EXPECT_EQ(server.Ask("ZADD z 1 a nan b"), "-ERR value is not a valid float");
  EXPECT_EQ(server.Ask("EXISTS z"), "0");
  EXPECT_EQ(server.Ask("ZADD z NX XX 1 a"),
            "-ERR XX and NX options at the same time are not compatible");
  EXPECT_EQ(server.Ask("ZADD z GT LT 1 a"),
            "-ERR GT, LT, and/or NX options at the same time are not compatible");
  EXPECT_EQ(server.Ask("ZADD z INCR 1 a 2 b"),
            "-ERR INCR option supports a single increment-element pair");
  EXPECT_EQ(server.Ask("ZADD z CH 1"), "-ERR syntax error");
}

TEST(ZIncrBy, RefusesSumsThatAreNoNumbers) {
  TestServer server;
  EXPECT_EQ(server.Ask("ZINCRBY z inf a"), "\"inf\"");
  EXPECT_EQ(server.Ask("ZINCRBY z -inf a"), "-ERR resulting score is not a number (NaN)");
  EXPECT_EQ(server.Ask("ZSCORE z a"), "\"inf\"");
  EXPECT_EQ(server.Ask("ZINCRBY z nx a"), "-ERR syntax error");
  server.UseProtocol(3);
  EXPECT_EQ(server.Raw({"ZINCRBY", "z", "0.1", "b"}), ",0.10000000000000001\r\n");
}

TEST(SortedSets, BecomeLargeAtTheirLimits) {
  TestServer server(1, {{"zset-max-listpack-entries", "3"}, {"zset-max-listpack-value", "5"}});
  server.Ask("ZADD z 1 a 2 b 3 c");
  server.Ask("EXPIRE z 100");
  EXPECT_EQ(server.Ask("OBJECT ENCODING z"), "\"listpack\"");
  server.Ask("ZADD z 9 a");
  EXPECT_EQ(server.Ask("OBJECT ENCODING z"), "\"listpack\"");
  server.Ask("ZADD z 4 d");
  EXPECT_EQ(server.Ask("OBJECT ENCODING z"), "\"skiplist\"");
  EXPECT_EQ(server.Ask("TTL z"), "100");
  EXPECT_EQ(server.Ask("ZREM z a b c"), "3");
  EXPECT_EQ(server.Ask("OBJECT ENCODING z"), "\"skiplist\"");
  server.Ask("ZADD y 1 abcde");
  EXPECT_EQ(server.Ask("OBJECT ENCODING y"), "\"listpack\"");
  server.Ask("ZADD y 1 abcdef");
  EXPECT_EQ(server.Ask("OBJECT ENCODING y"), "\"skiplist\"");
  server.Ask("ZADD x 1 abcdef");
  EXPECT_EQ(server.Ask("OBJECT ENCODING x"), "\"skiplist\"");
  // What is stored is made anew.
  server.Ask("ZREM y abcdef");
  server.Ask("ZUNIONSTORE y 1 y");
  EXPECT_EQ(server.Ask("OBJECT ENCODING y"), "\"listpack\"");
  server.Ask("ZRANGESTORE y x 0 -1");
  EXPECT_EQ(server.Ask("OBJECT ENCODING y"), "\"skiplist\"");
  CheckAccounts(server);
}

TEST(SortedSets, GoWithTheirLastMember) {
  for (const char* entries : {"128", "0"}) {
    TestServer server(1, {{"zset-max-listpack-entries", entries}});
    for (const char* command :
         {"ZREM z a b", "ZREMRANGEBYRANK z 0 -1", "ZREMRANGEBYSCORE z 1 2", "ZREMRANGEBYLEX z - +",
          "ZPOPMIN z 5", "ZPOPMAX z 2", "ZMPOP 1 z MIN COUNT 2", "ZRANGESTORE z nokey 0 1",
          "ZDIFFSTORE z 1 nokey"}) {
      server.Ask("ZADD z 1 a 2 b");
      server.Ask(command);
      EXPECT_EQ(server.Ask("EXISTS z"), "0") << command;
      CheckAccounts(server);
    }
  }
}

TEST(SortedSets, BothFormsAnswerAlike) {
  TestServer small(1);
  TestServer large(1, {{"zset-max-listpack-entries", "0"}});
  base::Random random(5);
  auto number = [&random](uint64_t below) { return std::to_string(random.Below(below)); };
  auto score = [&] { return number(7) + (random.Below(4) == 0 ? ".25" : ""); };
  for (int step = 0; step < 4000; ++step) {
    std::string line;
    switch (random.Below(16)) {
      case 0:
        line = "ZREM z m" + number(30) + " m" + number(30);
        break;
      case 1:
        line = "ZRANGE z " + number(9) + " -" + number(9) + " REV WITHSCORES";
        break;
      case 2:
        line = "ZRANGEBYSCORE z (" + score() + " " + score() + " LIMIT " + number(3) + " 4";
        break;
      case 3:
        line = "ZREVRANGEBYSCORE z " + score() + " " + score() + " WITHSCORES LIMIT 1 3";
        break;
      case 4:
        line = "ZREMRANGEBYSCORE z " + score() + " (" + score();
        break;
      case 5:
        line = "ZRANK z m" + number(30);
        break;
      case 6:
        line = "ZREVRANK z m" + number(30);
        break;
      case 7:
        line = "ZPOPMIN z " + number(2);
        break;
      case 8:
        line = "ZREMRANGEBYRANK z " + number(30) + " " + number(30);
        break;
      case 9:
        line = "ZCOUNT z " + score() + " " + score();
        break;
      case 10:
        line = "ZUNIONSTORE y 2 z y AGGREGATE MAX WEIGHTS 0.5 1";
        break;
      case 11:
        line = "ZMSCORE z m" + number(30) + " m" + number(30);
        break;
      case 12:
        line = "ZINCRBY z " + score() + " m" + number(30);
        break;
      default:
        line = "ZADD z " + score() + " m" + number(30) + " " + score() + " m" + number(30);
    }
    ASSERT_EQ(small.Ask(line), large.Ask(line)) << line;
  }
  EXPECT_EQ(small.Ask("ZRANGE y 0 -1 WITHSCORES"), large.Ask("ZRANGE y 0 -1 WITHSCORES"));
  EXPECT_EQ(Changes(small), Changes(large));
  CheckAccounts(small);
  CheckAccounts(large);
}

TEST(SortedSets, TellWhoWatchesOnlyWhenTheyChange) {
  TestServer server;
  server.Ask("ZADD z 1 a");
  keyspace::Keyspace& keys = server.keyspace(0);
  Key key = Key::Of("z");
  for (const auto& [line, changes] :
       std::initializer_list<std::pair<const char*, bool>>{{"ZADD z 1 a", false},
                                                           {"ZADD z NX 2 a", false},
                                                           {"ZINCRBY z 0 a", false},
                                                           {"ZREM z b", false},
                                                           {"ZREMRANGEBYSCORE z 5 6", false},
                                                           {"ZPOPMIN z 0", false},
                                                           {"ZADD z 2 a", true},
                                                           {"ZADD z 2 b", true},
                                                           {"ZREM z b", true},
                                                           {"ZPOPMIN z", true}}) {
    auto watcher = std::make_shared<keyspace::Watcher>();
    keys.Watch(0, key, watcher, server.now_ms());
    server.Ask(line);
    EXPECT_EQ(watcher->touched.load(), changes) << line;
    keys.Unwatch(0, key, *watcher);
  }
}

// --- Ranges ---

TEST(ZRange, KnowsItsOptions) {
  TestServer server;
  server.Ask("ZADD z 1 a 2 b 2 bb 3 c 4 d");
  EXPECT_EQ(server.Ask("ZRANGE z -2 100"), R"(["c", "d"])");
  EXPECT_EQ(server.Ask("ZRANGE z 0 1 REV"), R"(["d", "c"])");
  EXPECT_EQ(server.Ask("ZRANGE z (1 (3 BYSCORE LIMIT 1 1"), R"(["bb"])");
  EXPECT_EQ(server.Ask("ZRANGE z 3 (1 BYSCORE REV WITHSCORES"),
            R"(["c", "3", "bb", "2", "b", "2"])");
  EXPECT_EQ(server.Ask("ZRANGE z -inf inf BYSCORE LIMIT -1 2"), "[]");
  EXPECT_EQ(server.Ask("ZRANGE z -inf inf BYSCORE LIMIT 3 -7"), R"(["c", "d"])");
  EXPECT_EQ(server.Ask("ZRANGE z 0 -1 REV REV"), "-ERR syntax error");
  EXPECT_EQ(server.Ask("ZRANGE z 0 -1 LIMIT 0 1"),
            "-ERR syntax error, LIMIT is only supported in combination with either BYSCORE or "
            "BYLEX");
  EXPECT_EQ(server.Ask("ZRANGE z 0 -1 LIMIT 0 -1"), R"(["a", "b", "bb", "c", "d"])");
  EXPECT_EQ(server.Ask("ZRANGE z - + BYLEX WITHSCORES"),
            "-ERR syntax error, WITHSCORES not supported in combination with BYLEX");
  EXPECT_EQ(server.Ask("ZRANGE z a b BYSCORE"), "-ERR min or max is not a float");
  EXPECT_EQ(server.Ask("ZRANGE z a b BYLEX"), "-ERR min or max not valid string range item");
  EXPECT_EQ(server.Ask("ZREVRANGE z 0 1"), R"(["d", "c"])");
  EXPECT_EQ(server.Ask("ZCOUNT z 2 (4"), "3");
  server.UseProtocol(3);
  EXPECT_EQ(server.Raw({"ZRANGE", "z", "0", "1", "WITHSCORES"}),
            "*2\r\n*2\r\n$1\r\na\r\n,1\r\n*2\r\n$1\r\nb\r\n,2\r\n");
}

TEST(ZRangeByLex, TakesMembersInOrder) {
  TestServer server;
  server.Ask("ZADD l 0 a 0 b 0 c 0 d");
  EXPECT_EQ(server.Ask("ZRANGEBYLEX l [b (d"), R"(["b", "c"])");
  EXPECT_EQ(server.Ask("ZREVRANGEBYLEX l + - LIMIT 1 2"), R"(["c", "b"])");
  EXPECT_EQ(server.Ask("ZLEXCOUNT l (a +"), "3");
  EXPECT_EQ(server.Ask("ZREMRANGEBYLEX l [b [c"), "2");
  EXPECT_EQ(server.Ask("ZRANGE l 0 -1"), R"(["a", "d"])");
}

// --- Random members and scans ---

TEST(ZRandMember, DrawsWhatIsThere) {
  for (const char* entries : {"128", "0"}) {
    TestServer server(1, {{"zset-max-listpack-entries", entries}});
    server.Ask("ZADD z 1 a 2 b 3 c");
    EXPECT_EQ(server.Ask("ZRANDMEMBER z 5 WITHSCORES"), R"(["c", "3", "b", "2", "a", "1"])");
    server.Ask("ZREM z b c");
    EXPECT_EQ(server.Ask("ZRANDMEMBER z"), "\"a\"");
    EXPECT_EQ(server.Ask("ZRANDMEMBER z -2 WITHSCORES"), R"(["a", "1", "a", "1"])");
    EXPECT_EQ(server.Ask("ZRANDMEMBER z 0"), "[]");
    EXPECT_EQ(server.Ask("ZRANDMEMBER nokey"), "nil");
    EXPECT_EQ(server.Ask("ZRANDMEMBER z -1000000000000"), "-ERR value is out of range");
  }
}

TEST(ZScan, ReturnsEveryMemberOnce) {
  TestServer server(1, {{"zset-max-listpack-entries", "3"}});
  server.Ask("ZADD z 1 a 1e17 b");
  EXPECT_EQ(server.Ask("ZSCAN z 0 COUNT 1"), R"(["0", ["a", "1", "b", "100000000000000000"]])");
  EXPECT_EQ(server.Ask("ZSCAN z 0 MATCH b*"), R"(["0", ["b", "100000000000000000"]])");
  server.Ask("ZADD z 3 c 4 d");
  EXPECT_EQ(server.Ask("ZSCAN z 0 MATCH b* COUNT 1000"), R"(["0", ["b", "1e+17"]])");
  EXPECT_EQ(server.Ask("ZSCAN nokey 0 FOO"), R"(["0", []])");
  EXPECT_EQ(server.Ask("ZSCAN z 0 TYPE zset"), "-ERR syntax error");
  EXPECT_EQ(server.Ask("ZSCAN z x"), "-ERR invalid cursor");
}

// --- Several keys ---

class SortedSetShards : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Shards, SortedSetShards, testing::Values(1, 2, 4));

TEST_P(SortedSetShards, AreCombined) {
  TestServer server(GetParam());
  server.Ask("ZADD a 1 x 2 y 3 z");
  server.Ask("ZADD b 10 y 20 z 30 w");
  EXPECT_EQ(server.Ask("ZUNION 2 a b WITHSCORES"),
            R"(["x", "1", "y", "12", "z", "23", "w", "30"])");
  EXPECT_EQ(server.Ask("ZINTER 2 a b WEIGHTS 2 1 AGGREGATE MIN WITHSCORES"),
            R"(["y", "4", "z", "6"])");
  EXPECT_EQ(server.Ask("ZDIFF 3 a nokey b WITHSCORES"), R"(["x", "1"])");
  EXPECT_EQ(server.Ask("ZINTERCARD 3 a b a LIMIT 1"), "1");
  EXPECT_EQ(server.Ask("ZUNIONSTORE d 2 a b"), "4");
  EXPECT_EQ(server.Ask("ZINTERSTORE d 2 d b"), "3");
  EXPECT_EQ(server.Ask("ZRANGE d 0 -1 WITHSCORES"), R"(["y", "22", "z", "43", "w", "60"])");
  EXPECT_EQ(server.Ask("ZDIFFSTORE d 2 a a"), "0");
  EXPECT_EQ(server.Ask("EXISTS d"), "0");
  EXPECT_EQ(server.Ask("ZMPOP 3 nokey a b MAX COUNT 2"), R"(["a", [["z", "3"], ["y", "2"]]])");
  EXPECT_EQ(server.Ask("ZMPOP 2 nokey none MAX"), "nil");
  EXPECT_EQ(server.Ask("ZRANGESTORE d b 1 2"), "2");
  EXPECT_EQ(server.Ask("ZRANGE d 0 -1"), R"(["z", "w"])");
  server.Ask("SET str value");
  EXPECT_EQ(server.Ask("ZUNIONSTORE d 2 a str FOO"), kWrongType);
  EXPECT_EQ(server.Ask("ZUNIONSTORE str 1 a"), "1");
  EXPECT_EQ(server.Ask("TYPE str"), "zset");
}

TEST(SortedSets, InfinitiesOfBothSignsAddUpToZero) {
  TestServer server;
  server.Ask("ZADD i inf x -inf y 1 z");
  server.Ask("ZADD j -inf x inf y inf z");
  EXPECT_EQ(server.Ask("ZUNION 2 i j WITHSCORES"), R"(["x", "0", "y", "0", "z", "inf"])");
  EXPECT_EQ(server.Ask("ZINTER 2 i j WEIGHTS 1 0 AGGREGATE MIN WITHSCORES"),
            R"(["y", "-inf", "z", "1", "x", "inf"])");
}

// Differences over inputs of all sizes, so that each way to compute them is taken.
TEST(ZDiff, LeavesWhatNoOtherHas) {
  TestServer server;
  for (int i = 0; i < 300; ++i) {
    server.Ask("ZADD all 1 " + std::to_string(i));
    server.Ask("ZADD k" + std::to_string(i % 3) + " 1 " + std::to_string(i));
  }
  EXPECT_EQ(server.Ask("ZDIFFSTORE d 3 all k0 k1"), "100");
  EXPECT_EQ(server.Ask("ZDIFFSTORE e 2 d k2"), "0");
  server.Ask("ZADD few 1 7 1 8");
  server.Ask("ZADD fewer 1 9");
  EXPECT_EQ(server.Ask("ZDIFFSTORE d 3 all few fewer"), "297");
  EXPECT_EQ(server.Ask("ZMSCORE d 6 7 8 9 10"), R"(["1", nil, nil, nil, "1"])");
  EXPECT_EQ(server.Ask("ZDIFFSTORE d 5 few all all all all"), "0");
}

// Sets are operands, with 1 as the score of each member.
TEST(SortedSets, AreCombinedWithSets) {
  TestServer server;
  server.Ask("SADD small 1 2 3");
  server.Ask("SADD large 2 3 x");
  server.Ask("ZADD z 10 2 20 x 30 y");
  EXPECT_EQ(server.Ask("ZUNION 3 z small large WITHSCORES"),
            R"(["1", "1", "3", "2", "2", "12", "x", "21", "y", "30"])");
  EXPECT_EQ(server.Ask("ZINTER 3 z small large WITHSCORES"), R"(["2", "12"])");
  EXPECT_EQ(server.Ask("ZDIFF 2 small z WITHSCORES"), R"(["1", "1", "3", "1"])");
  EXPECT_EQ(server.Ask("ZDIFF 2 large small"), R"(["x"])");
  EXPECT_EQ(server.Ask("ZINTERCARD 2 small large"), "2");
  EXPECT_EQ(server.Ask("ZADD small 1 a"), kWrongType);
}

// --- Popping ---

TEST(ZPop, TakesFromEitherEnd) {
  TestServer server;
  server.Ask("ZADD z 1 a 2 b 3 c 4 d");
  uint64_t before = Changes(server);
  EXPECT_EQ(server.Ask("ZPOPMIN z"), R"(["a", "1"])");
  EXPECT_EQ(server.Ask("ZPOPMAX z 2"), R"(["d", "4", "c", "3"])");
  EXPECT_EQ(Changes(server), before + 3);
  EXPECT_EQ(server.Ask("ZPOPMIN z 0"), "[]");
  EXPECT_EQ(server.Ask("ZPOPMIN z -1"), "-ERR value is out of range, must be positive");
  EXPECT_EQ(server.Ask("ZPOPMIN nokey"), "[]");
  server.UseProtocol(3);
  server.Ask("ZADD z 5 e");
  EXPECT_EQ(server.Raw({"ZPOPMIN", "z"}), "*2\r\n$1\r\nb\r\n,2\r\n");
  EXPECT_EQ(server.Raw({"ZPOPMIN", "z", "1"}), "*1\r\n*2\r\n$1\r\ne\r\n,5\r\n");
}

TEST(SortedSets, RefuseOtherTypes) {
  TestServer server;
  server.Ask("SET s value");
  for (const char* line : {"ZADD s 1 a",
                           "ZCARD s",
                           "ZCOUNT s 1 2",
                           "ZINCRBY s 1 a",
                           "ZLEXCOUNT s - +",
                           "ZMPOP 1 s MIN",
                           "ZMSCORE s a",
                           "ZPOPMAX s",
                           "ZPOPMIN s 0",
                           "ZRANDMEMBER s",
                           "ZRANDMEMBER s 1",
                           "ZRANGE s 0 1",
                           "ZRANGEBYLEX s - +",
                           "ZRANGEBYSCORE s 1 2",
                           "ZRANGESTORE d s 0 1",
                           "ZRANK s a",
                           "ZREM s a",
                           "ZREMRANGEBYLEX s - +",
                           "ZREMRANGEBYRANK s 0 1",
                           "ZREMRANGEBYSCORE s 1 2",
                           "ZREVRANGE s 0 1",
                           "ZREVRANGEBYLEX s + -",
                           "ZREVRANGEBYSCORE s 2 1",
                           "ZREVRANK s a",
                           "ZSCAN s 0",
                           "ZSCORE s a",
                           "ZUNION 1 s",
                           "ZINTER 1 s",
                           "ZINTERCARD 1 s",
                           "ZDIFF 1 s",
                           "ZUNIONSTORE d 1 s",
                           "ZINTERSTORE d 1 s",
                           "ZDIFFSTORE d 1 s"}) {
    EXPECT_EQ(server.Ask(line), kWrongType) << line;
  }
}

}  // namespace
}  // namespace nuthatch::commands
