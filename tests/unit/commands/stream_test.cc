// Streams. That each option and error is Redis's, the oracle checks; here is what it can't see: the
// accounts, changes and watchers, the clock.
#include "server/values/stream.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/unit/commands/test_server.h"

namespace nuthatch::commands {
namespace {

uint64_t Changes(const TestServer& server) { return server.Sum(&runtime::ShardStats::dirty); }

class StreamShards : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Shards, StreamShards, testing::Values(1, 2, 4));

TEST(XAdd, TakesIdsFromTheClock) {
  TestServer server;
  std::string now = std::to_string(server.now_ms());
  EXPECT_EQ(server.Ask("XADD s * a b"), '"' + now + "-0\"");
  EXPECT_EQ(server.Ask("XADD s * a b"), '"' + now + "-1\"");
  server.Advance(-5000);
  EXPECT_EQ(server.Ask("XADD s * a b"), '"' + now + "-2\"");
  server.Advance(5001);
  EXPECT_EQ(server.Ask("XADD s * a b"), '"' + std::to_string(server.now_ms()) + "-0\"");
  EXPECT_EQ(server.Ask("XADD s 1-1 a b"),
            "-ERR The ID specified in XADD is equal or smaller than the target stream top item");
}

TEST(XAdd, MakesNoKeyThatItDoesNotFill) {
  TestServer server;
  EXPECT_EQ(server.Ask("XADD s NOMKSTREAM * a b"), "nil");
  EXPECT_EQ(server.Ask("XADD s 0-0 a b"), "-ERR The ID specified in XADD must be greater than 0-0");
  EXPECT_EQ(server.Ask("EXISTS s"), "0");
  EXPECT_EQ(server.Ask("XADD s 0-* a b"), "\"0-1\"");
  EXPECT_EQ(server.Ask("TYPE s"), "stream");
  EXPECT_EQ(server.Ask("OBJECT ENCODING s"), "\"stream\"");
}

TEST(XAdd, CutsNodesAsConfigured) {
  TestServer server(1, {{"stream-node-max-entries", "2"}});
  for (int i = 1; i <= 5; ++i) server.Ask("XADD s " + std::to_string(i) + " a b");
  EXPECT_NE(server.Ask("XINFO STREAM s").find("\"radix-tree-keys\", 3"), std::string::npos);
  EXPECT_EQ(server.Ask("XADD s MAXLEN ~ 3 6 a b"), "\"6-0\"");
  EXPECT_EQ(server.Ask("XLEN s"), "4");
}

// One change each, whatever was trimmed; what finds nothing changes nothing.
TEST(Stream, CountsChangesAsRedisDoes) {
  TestServer server;
  auto change = [&](const std::string& line) {
    uint64_t before = Changes(server);
    server.Ask(line);
    return Changes(server) - before;
  };
  EXPECT_EQ(change("XGROUP CREATE s g 0 MKSTREAM"), 1U);
  for (int i = 1; i <= 5; ++i) EXPECT_EQ(change("XADD s " + std::to_string(i) + " a b"), 1U);
  EXPECT_EQ(change("XREADGROUP GROUP g c COUNT 3 STREAMS s >"), 2U);
  EXPECT_EQ(change("XREADGROUP GROUP g c STREAMS s 0"), 1U);
  EXPECT_EQ(change("XACK s g 1 9"), 1U);
  EXPECT_EQ(change("XCLAIM s g d 0 2 3"), 3U);
  EXPECT_EQ(change("XCLAIM s g d 100 2 3"), 0U);
  EXPECT_EQ(change("XCLAIM s g d 0 9 LASTID 4"), 1U);
  EXPECT_EQ(change("XAUTOCLAIM s g c 0 0"), 2U);
  EXPECT_EQ(change("XDEL s 1 9"), 1U);
  EXPECT_EQ(change("XTRIM s MAXLEN 10"), 0U);
  EXPECT_EQ(change("XTRIM s MAXLEN 2"), 2U);
  EXPECT_EQ(change("XADD s MAXLEN 0 6 a b"), 1U);
  EXPECT_EQ(change("XGROUP CREATECONSUMER s g c"), 0U);
  EXPECT_EQ(change("XGROUP DELCONSUMER s g c"), 1U);
  EXPECT_EQ(change("XGROUP DESTROY s g"), 1U);
  EXPECT_EQ(change("XGROUP DESTROY s g"), 0U);
  EXPECT_EQ(change("XSETID s 10"), 1U);
}

TEST(Stream, KeepsTheAccountsOfTheKeyspace) {
  TestServer server;
  auto bytes = [&] { return server.keyspace(0).memory().entries; };
  server.Ask("XGROUP CREATE s g 0 MKSTREAM");
  for (int i = 1; i <= 3000; ++i) {
    server.Ask("XADD s " + std::to_string(i) + " field value");
    if (i % 10 == 0) server.Ask("XREADGROUP GROUP g c STREAMS s >");
  }
  EXPECT_GT(bytes(), 3000U * 60);
  server.Ask("XGROUP DELCONSUMER s g c");
  server.Ask("XTRIM s MAXLEN 10");
  EXPECT_LT(bytes(), 6000U);
  server.Ask("DEL s");
  EXPECT_EQ(server.Ask("DBSIZE"), "0");
  EXPECT_EQ(bytes(), 0U);
}

TEST(XPending, TellsHowLongEntriesAreIdle) {
  TestServer server;
  server.Ask("XGROUP CREATE s g 0 MKSTREAM");
  server.Ask("XADD s 1 a b");
  server.Ask("XADD s 2 a b");
  server.Ask("XREADGROUP GROUP g c STREAMS s >");
  server.Advance(500);
  EXPECT_EQ(server.Ask("XPENDING s g - + 10"),
            "[[\"1-0\", \"c\", 500, 1], [\"2-0\", \"c\", 500, 1]]");
  EXPECT_EQ(server.Ask("XCLAIM s g d 501 1"), "[]");
  EXPECT_EQ(server.Ask("XCLAIM s g d 500 1 JUSTID"), "[\"1-0\"]");
  EXPECT_EQ(server.Ask("XPENDING s g IDLE 100 - + 10"), "[[\"2-0\", \"c\", 500, 1]]");
  EXPECT_EQ(server.Ask("XCLAIM s g d 0 2 IDLE 100"), "[[\"2-0\", [\"a\", \"b\"]]]");
  EXPECT_EQ(server.Ask("XPENDING s g - + 10 d"),
            "[[\"1-0\", \"d\", 0, 1], [\"2-0\", \"d\", 100, 2]]");
  EXPECT_EQ(server.Ask("XAUTOCLAIM s g e 50 0"), "[\"0-0\", [[\"2-0\", [\"a\", \"b\"]]], []]");
  EXPECT_EQ(server.Ask("XINFO CONSUMERS s g"),
            "[[\"name\", \"c\", \"pending\", 0, \"idle\", 500], [\"name\", \"d\", \"pending\", 1, "
            "\"idle\", 0], [\"name\", \"e\", \"pending\", 1, \"idle\", 0]]");
}

TEST(XAutoClaim, GoesOnWhereItStopped) {
  TestServer server;
  server.Ask("XGROUP CREATE s g 0 MKSTREAM");
  for (int i = 1; i <= 30; ++i) server.Ask("XADD s " + std::to_string(i) + " a b");
  server.Ask("XREADGROUP GROUP g c STREAMS s >");
  server.Ask("XDEL s 2 3");
  EXPECT_EQ(server.Ask("XAUTOCLAIM s g d 0 0 COUNT 3 JUSTID"),
            "[\"4-0\", [\"1-0\"], [\"2-0\", \"3-0\"]]");
  // Ten are looked at for each that is wanted.
  EXPECT_EQ(server.Ask("XAUTOCLAIM s g d 1000 4 COUNT 1"), "[\"14-0\", [], []]");
  EXPECT_EQ(server.Ask("XAUTOCLAIM s g d 0 30 JUSTID"), "[\"0-0\", [\"30-0\"], []]");
}

TEST_P(StreamShards, XReadLooksAtSeveralShards) {
  TestServer server(GetParam());
  for (const char* key : {"a", "b", "c", "d"}) {
    server.Ask(std::string("XADD ") + key + " 1-0 field " + key);
    server.Ask(std::string("XGROUP CREATE ") + key + " g 0");
  }
  EXPECT_EQ(server.Ask("XREAD STREAMS a nokey d 0 0 0"),
            "[[\"a\", [[\"1-0\", [\"field\", \"a\"]]]], [\"d\", [[\"1-0\", [\"field\", \"d\"]]]]]");
  EXPECT_EQ(server.Ask("XREAD STREAMS a b $ $"), "nil");
  EXPECT_EQ(server.Ask("XREADGROUP GROUP g c NOACK STREAMS b c > >"),
            "[[\"b\", [[\"1-0\", [\"field\", \"b\"]]]], [\"c\", [[\"1-0\", [\"field\", \"c\"]]]]]");
  EXPECT_EQ(server.Ask("XREADGROUP GROUP g c STREAMS b c > >"), "nil");
  EXPECT_EQ(server.Ask("XREADGROUP GROUP g c STREAMS b a 0 >"),
            "[[\"b\", []], [\"a\", [[\"1-0\", [\"field\", \"a\"]]]]]");
  server.UseProtocol(3);
  EXPECT_EQ(server.Ask("XREAD STREAMS c 0"), "{\"c\": [[\"1-0\", [\"field\", \"c\"]]]}");
}

TEST(XReadGroup, ShowsDeletedEntriesOfTheHistoryAsNull) {
  TestServer server;
  server.Ask("XGROUP CREATE s g 0 MKSTREAM");
  server.Ask("XADD s 1 a b");
  server.Ask("XADD s 2 a b");
  server.Ask("XREADGROUP GROUP g c STREAMS s >");
  server.Ask("XDEL s 1");
  EXPECT_EQ(server.Ask("XREADGROUP GROUP g c STREAMS s 0"),
            "[[\"s\", [[\"1-0\", nil], [\"2-0\", [\"a\", \"b\"]]]]]");
  EXPECT_EQ(server.Ask("XPENDING s g - + 10"), "[[\"1-0\", \"c\", 0, 1], [\"2-0\", \"c\", 0, 2]]");
}

// What the keys are called like must not matter.
TEST(XReadGroup, FindsKeysBehindTheOptionStreams) {
  TestServer server(4);
  server.Ask("XADD streams 1 a b");
  server.Ask("XGROUP CREATE streams streams 0");
  EXPECT_EQ(server.Ask("XREADGROUP NOACK NOACK GROUP streams streams STREAMS streams >"),
            "[[\"streams\", [[\"1-0\", [\"a\", \"b\"]]]]]");
}

TEST(Stream, OfManyEntriesGoesInSlices) {
  TestServer server(1, {{"stream-node-max-entries", "1"}});
  server.Ask("XGROUP CREATE s g 0 MKSTREAM");
  for (int i = 1; i <= 5000; ++i) server.Ask("XADD s " + std::to_string(i) + " a b");
  server.Ask("XREADGROUP GROUP g c STREAMS s >");
  EXPECT_EQ(server.Ask("XGROUP DELCONSUMER s g c"), "5000");
  EXPECT_EQ(server.Ask("XPENDING s g"), "[0, nil, nil, nil]");
  EXPECT_EQ(server.Ask("XTRIM s MAXLEN 100"), "4900");
  EXPECT_EQ(server.Ask("XLEN s"), "100");
  EXPECT_EQ(server.Ask("XRANGE s - + COUNT 1"), "[[\"4901-0\", [\"a\", \"b\"]]]");
}

}  // namespace
}  // namespace nuthatch::commands
