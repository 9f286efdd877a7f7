#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/commands/list_pop.h"
#include "server/keyspace/keyspace.h"
#include "server/runtime/stats.h"
#include "tests/unit/commands/test_server.h"

namespace nuthatch::commands {
namespace {

const std::string kWrongType = "-WRONGTYPE Operation against a key holding the wrong kind of value";
const std::string kNotAnInteger = "-ERR value is not an integer or out of range";

uint64_t Dirty(const TestServer& server) { return server.Sum(&runtime::ShardStats::dirty); }

// RPUSH key 0 1 2 ... size - 1.
void Fill(TestServer& server, const std::string& key, size_t size) {
  std::vector<std::string> words = {"RPUSH", key};
  for (size_t i = 0; i < size; ++i) words.push_back(std::to_string(i));
  ASSERT_EQ(server.AskWords(words), std::to_string(size));
}

TEST(ListPush, AddsOneElementAfterTheOther) {
  TestServer server;
  EXPECT_EQ(server.Ask("RPUSH l a b"), "2");
  EXPECT_EQ(server.Ask("LPUSH l 1 2 3"), "5");
  EXPECT_EQ(server.Ask("LPUSHX l x"), "6");
  EXPECT_EQ(server.Ask("RPUSHX l y z"), "8");
  EXPECT_EQ(server.Ask("LRANGE l 0 -1"),
            "[\"x\", \"3\", \"2\", \"1\", \"a\", \"b\", \"y\", \"z\"]");
  EXPECT_EQ(server.Ask("TYPE l"), "list");
  EXPECT_EQ(server.Ask("OBJECT ENCODING l"), "\"quicklist\"");
  EXPECT_EQ(Dirty(server), 8U);
}

TEST(ListPush, WithXMakesNoList) {
  TestServer server;
  EXPECT_EQ(server.Ask("LPUSHX l a"), "0");
  EXPECT_EQ(server.Ask("RPUSHX l a"), "0");
  EXPECT_EQ(server.Ask("EXISTS l"), "0");
  EXPECT_EQ(Dirty(server), 0U);
}

TEST(ListCommands, RefuseOtherTypes) {
  TestServer server;
  server.Ask("SET s v");
  server.Ask("RPUSH l a");
  for (const char* line :
       {"LPUSH s a", "RPUSH s a", "LPUSHX s a", "RPUSHX s a", "LPOP s", "RPOP s 1", "LLEN s",
        "LINDEX s x", "LSET s x a", "LRANGE s 0 1", "LTRIM s 0 1", "LREM s 0 a", "LPOS s a",
        "LINSERT s BEFORE a b", "LMOVE s l LEFT LEFT", "LMOVE l s LEFT LEFT", "RPOPLPUSH s l",
        "RPOPLPUSH l s", "LMPOP 2 nokey s LEFT"}) {
    EXPECT_EQ(server.Ask(line), kWrongType) << line;
  }
  for (const char* line : {"GET l", "APPEND l x", "INCR l", "SETRANGE l 0 x", "PFADD l a"}) {
    EXPECT_EQ(server.Ask(line), kWrongType) << line;
  }
  EXPECT_EQ(server.Ask("LRANGE l 0 -1"), "[\"a\"]");
  server.Ask("SET l over");
  EXPECT_EQ(server.Ask("GET l"), "\"over\"");
}

TEST(ListPop, TakesElementsFromItsEnd) {
  TestServer server;
  Fill(server, "l", 6);
  EXPECT_EQ(server.Ask("LPOP l"), "\"0\"");
  EXPECT_EQ(server.Ask("RPOP l"), "\"5\"");
  EXPECT_EQ(server.Ask("RPOP l 2"), "[\"4\", \"3\"]");
  EXPECT_EQ(server.Ask("LPOP l 0"), "[]");
  EXPECT_EQ(server.Ask("LPOP l 100"), "[\"1\", \"2\"]");
  EXPECT_EQ(server.Ask("EXISTS l"), "0");
  EXPECT_EQ(Dirty(server), 12U);
}

TEST(ListPop, TellsAMissingListByTheKindOfNull) {
  TestServer server;
  EXPECT_EQ(server.Raw({"LPOP", "l"}), "$-1\r\n");
  EXPECT_EQ(server.Raw({"RPOP", "l", "0"}), "*-1\r\n");
  server.UseProtocol(3);
  EXPECT_EQ(server.Raw({"LPOP", "l"}), "_\r\n");
  EXPECT_EQ(server.Raw({"LPOP", "l", "1"}), "_\r\n");
}

TEST(ListPop, RefusesACountBelowZeroAndMoreArguments) {
  TestServer server;
  for (const char* count : {"-1", "x", "", "01", "9223372036854775808"}) {
    EXPECT_EQ(server.AskWords({"LPOP", "l", count}),
              "-ERR value is out of range, must be positive");
  }
  EXPECT_EQ(server.Ask("RPOP l 1 2"), "-ERR wrong number of arguments for 'rpop' command");
}

TEST(LMPop, TakesFromTheFirstListThatIsThere) {
  TestServer server(4);
  Fill(server, "b", 5);
  server.Ask("RPUSH c x");
  EXPECT_EQ(server.Ask("LMPOP 3 a b c LEFT"), "[\"b\", [\"0\"]]");
  EXPECT_EQ(server.Ask("LMPOP 3 a b c right COUNT 2"), "[\"b\", [\"4\", \"3\"]]");
  EXPECT_EQ(server.Ask("LMPOP 2 b c LEFT COUNT 9223372036854775807"), "[\"b\", [\"1\", \"2\"]]");
  EXPECT_EQ(server.Ask("LMPOP 3 a b c LEFT COUNT 2"), "[\"c\", [\"x\"]]");
  EXPECT_EQ(server.Raw({"LMPOP", "3", "a", "b", "c", "LEFT"}), "*-1\r\n");
  EXPECT_EQ(Dirty(server), 12U);
}

TEST(LMPop, RefusesWhatItCannotRead) {
  TestServer server;
  const std::string syntax = "-ERR syntax error";
  for (const char* line : {"LMPOP 1 l FOO", "LMPOP 1 l LEFT COUNT", "LMPOP 1 l LEFT FOO 1",
                           "LMPOP 1 l LEFT COUNT 1 COUNT 1", "LMPOP 2 l LEFT"}) {
    EXPECT_EQ(server.Ask(line), syntax) << line;
  }
  for (const char* line : {"LMPOP 1 l LEFT COUNT 0", "LMPOP 1 l LEFT COUNT x"}) {
    EXPECT_EQ(server.Ask(line), "-ERR count should be greater than 0") << line;
  }
}

TEST(LMove, MovesBetweenAllEnds) {
  TestServer server(4);
  Fill(server, "a", 5);
  EXPECT_EQ(server.Ask("LMOVE a b LEFT RIGHT"), "\"0\"");
  EXPECT_EQ(server.Ask("LMOVE a b left left"), "\"1\"");
  EXPECT_EQ(server.Ask("LMOVE a b RIGHT RIGHT"), "\"4\"");
  EXPECT_EQ(server.Ask("RPOPLPUSH a b"), "\"3\"");
  EXPECT_EQ(server.Ask("LRANGE b 0 -1"), "[\"3\", \"1\", \"0\", \"4\"]");
  EXPECT_EQ(server.Ask("RPOPLPUSH a b"), "\"2\"");
  EXPECT_EQ(server.Ask("EXISTS a"), "0");
  EXPECT_EQ(server.Ask("LMOVE a b LEFT LEFT"), "nil");
  EXPECT_EQ(server.Ask("LMOVE a b LEFT UP"), "-ERR syntax error");
  EXPECT_EQ(Dirty(server), 10U);
}

TEST(LMove, TurnsAListAround) {
  TestServer server;
  Fill(server, "l", 3);
  EXPECT_EQ(server.Ask("LMOVE l l LEFT RIGHT"), "\"0\"");
  EXPECT_EQ(server.Ask("LRANGE l 0 -1"), "[\"1\", \"2\", \"0\"]");
  EXPECT_EQ(server.Ask("RPOPLPUSH l l"), "\"0\"");
  EXPECT_EQ(server.Ask("LMOVE l l RIGHT RIGHT"), "\"2\"");
  EXPECT_EQ(server.Ask("LRANGE l 0 -1"), "[\"0\", \"1\", \"2\"]");
  server.Ask("RPUSH one x");
  server.Ask("EXPIRE one 100");
  EXPECT_EQ(server.Ask("LMOVE one one LEFT RIGHT"), "\"x\"");
  EXPECT_EQ(server.Ask("TTL one"), "100");
}

TEST(LMove, TakesFromTheLastOfAListBesideADestinationThatHasExpired) {
  TestServer server;
  Fill(server, "{t}a", 1);
  Fill(server, "{t}b", 3);
  server.Ask("PEXPIRE {t}b 10");
  server.Advance(10);
  EXPECT_EQ(server.Ask("LMOVE {t}a {t}b LEFT LEFT"), "\"0\"");
  EXPECT_EQ(server.Ask("LRANGE {t}b 0 -1"), "[\"0\"]");
  EXPECT_EQ(server.Ask("DBSIZE"), "1");
}

TEST(LRange, CutsAtTheEnds) {
  for (size_t size : {4U, 4000U}) {
    TestServer server;
    Fill(server, "l", size);
    const std::string last = std::to_string(size - 1);
    EXPECT_EQ(server.Ask("LRANGE l 1 2"), "[\"1\", \"2\"]");
    EXPECT_EQ(server.Ask("LRANGE l -1 100000"), "[\"" + last + "\"]");
    EXPECT_EQ(server.Ask("LRANGE l -9223372036854775808 0"), "[\"0\"]");
    EXPECT_EQ(server.Ask("LRANGE l 2 1"), "[]");
    EXPECT_EQ(server.Ask("LRANGE l " + std::to_string(size) + " 9223372036854775807"), "[]");
    EXPECT_EQ(server.Ask("LRANGE nokey 0 -1"), "[]");
    EXPECT_EQ(server.Ask("LRANGE nokey x 0"), kNotAnInteger);
    EXPECT_EQ(server.Ask("LRANGE nokey 0 x"), kNotAnInteger);
  }
}

TEST(LIndex, CountsFromBothEnds) {
  for (size_t size : {10U, 10'000U}) {
    TestServer server;
    Fill(server, "l", size);
    EXPECT_EQ(server.Ask("LINDEX l 7"), "\"7\"");
    EXPECT_EQ(server.Ask("LINDEX l -2"), '"' + std::to_string(size - 2) + '"');
    EXPECT_EQ(server.Ask("LINDEX l " + std::to_string(size)), "nil");
    EXPECT_EQ(server.Ask("LINDEX l -9223372036854775808"), "nil");
    EXPECT_EQ(server.Ask("LINDEX l x"), kNotAnInteger);
    EXPECT_EQ(server.Ask("LINDEX nokey x"), "nil");
    EXPECT_EQ(server.Ask("LLEN l"), std::to_string(size));
  }
  TestServer server;
  EXPECT_EQ(server.Ask("LLEN nokey"), "0");
}

TEST(LSet, ReplacesAnElement) {
  TestServer server;
  Fill(server, "l", 3);
  EXPECT_EQ(server.Ask("LSET l -1 x"), "OK");
  EXPECT_EQ(server.Ask("LSET l 0 y"), "OK");
  EXPECT_EQ(server.Ask("LRANGE l 0 -1"), "[\"y\", \"1\", \"x\"]");
  EXPECT_EQ(Dirty(server), 5U);
  EXPECT_EQ(server.Ask("LSET l 3 x"), "-ERR index out of range");
  EXPECT_EQ(server.Ask("LSET l x x"), kNotAnInteger);
  EXPECT_EQ(server.Ask("LSET nokey x x"), "-ERR no such key");
}

TEST(LInsert, FindsThePivotFromTheLeft) {
  TestServer server;
  server.Ask("RPUSH l 1 2 1 2");
  EXPECT_EQ(server.Ask("LINSERT l BEFORE 2 a"), "5");
  EXPECT_EQ(server.Ask("LINSERT l after 2 b"), "6");
  EXPECT_EQ(server.Ask("LRANGE l 0 -1"), "[\"1\", \"a\", \"2\", \"b\", \"1\", \"2\"]");
  EXPECT_EQ(server.Ask("LINSERT l AFTER x b"), "-1");
  EXPECT_EQ(server.Ask("LINSERT l AFTER 02 b"), "-1");
  EXPECT_EQ(server.Ask("LINSERT nokey AFTER x b"), "0");
  EXPECT_EQ(server.Ask("LINSERT nokey BEHIND x b"), "-ERR syntax error");
  EXPECT_EQ(Dirty(server), 6U);
}

TEST(LRem, ErasesFromTheEndThatTheSignSays) {
  TestServer server;
  server.Ask("RPUSH l a b a c a a");
  EXPECT_EQ(server.Ask("LREM l 1 a"), "1");
  EXPECT_EQ(server.Ask("LREM l -2 a"), "2");
  EXPECT_EQ(server.Ask("LRANGE l 0 -1"), "[\"b\", \"a\", \"c\"]");
  EXPECT_EQ(server.Ask("LREM l 0 x"), "0");
  EXPECT_EQ(Dirty(server), 9U);
  server.Ask("RPUSH l a a");
  EXPECT_EQ(server.Ask("LREM l -9223372036854775808 a"), "3");
  EXPECT_EQ(server.Ask("LREM nokey x a"), kNotAnInteger);
  EXPECT_EQ(server.Ask("LREM nokey 0 a"), "0");
  server.Ask("RPUSH m 7 7");
  EXPECT_EQ(server.Ask("LREM m 0 7"), "2");
  EXPECT_EQ(server.Ask("EXISTS m"), "0");
}

TEST(LTrim, KeepsARange) {
  for (size_t size : {6U, 6000U}) {
    TestServer server;
    Fill(server, "l", size);
    EXPECT_EQ(server.Ask("LTRIM l 1 -2"), "OK");
    EXPECT_EQ(server.Ask("LLEN l"), std::to_string(size - 2));
    EXPECT_EQ(server.Ask("LTRIM l 1 2"), "OK");
    EXPECT_EQ(server.Ask("LRANGE l 0 -1"), "[\"2\", \"3\"]");
    EXPECT_EQ(Dirty(server), 2 * size - 2);
    EXPECT_EQ(server.Ask("LTRIM l 2 1"), "OK");
    EXPECT_EQ(server.Ask("EXISTS l"), "0");
    EXPECT_EQ(server.Ask("LTRIM l 0 0"), "OK");
    EXPECT_EQ(Dirty(server), 2 * size);
  }
}

TEST(LPos, PassesOverMatchesAndLooksAtSoMany) {
  TestServer server;
  server.Ask("RPUSH l a b c 1 2 3 c c");
  EXPECT_EQ(server.Ask("LPOS l c"), "2");
  EXPECT_EQ(server.Ask("LPOS l c RANK 2"), "6");
  EXPECT_EQ(server.Ask("LPOS l c RANK -1"), "7");
  EXPECT_EQ(server.Ask("LPOS l c COUNT 2"), "[2, 6]");
  EXPECT_EQ(server.Ask("LPOS l c COUNT 0 RANK -2"), "[6, 2]");
  EXPECT_EQ(server.Ask("LPOS l c COUNT 0 MAXLEN 7"), "[2, 6]");
  EXPECT_EQ(server.Ask("LPOS l c MAXLEN 2"), "nil");
  EXPECT_EQ(server.Ask("LPOS l c RANK -1 MAXLEN 0 RANK 3"), "7");
  EXPECT_EQ(server.Ask("LPOS l c RANK 4"), "nil");
  EXPECT_EQ(server.Ask("LPOS l c RANK 4 COUNT 1"), "[]");
  // It has no counterpart above zero: no match is passed over.
  EXPECT_EQ(server.Ask("LPOS l c RANK -9223372036854775808 COUNT 0"), "[7, 6, 2]");
  EXPECT_EQ(server.Ask("LPOS l c RANK -9223372036854775807"), "nil");
  EXPECT_EQ(server.Ask("LPOS nokey c"), "nil");
  EXPECT_EQ(server.Ask("LPOS nokey c COUNT 0"), "[]");
}

TEST(LPos, RefusesItsOptionsInTheirOrder) {
  TestServer server;
  EXPECT_EQ(server.Ask("LPOS nokey c RANK 0 COUNT -1"),
            "-ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... "
            "or use negative to start from the end of the list");
  EXPECT_EQ(server.Ask("LPOS nokey c RANK x"), kNotAnInteger);
  EXPECT_EQ(server.Ask("LPOS nokey c COUNT -1 RANK 0"), "-ERR COUNT can't be negative");
  EXPECT_EQ(server.Ask("LPOS nokey c COUNT x"), "-ERR COUNT can't be negative");
  EXPECT_EQ(server.Ask("LPOS nokey c MAXLEN -1"), "-ERR MAXLEN can't be negative");
  EXPECT_EQ(server.Ask("LPOS nokey c MAXLEN"), "-ERR syntax error");
  EXPECT_EQ(server.Ask("LPOS nokey c FOO 1"), "-ERR syntax error");
}

// --- Values that move whole ---

TEST(ListCommands, CopyAndRenameListsOfEitherForm) {
  for (size_t size : {3U, 3000U}) {
    TestServer server(4);
    Fill(server, "l", size);
    EXPECT_EQ(server.Ask("COPY l copy"), "1");
    EXPECT_EQ(server.Ask("RENAME l other"), "OK");
    EXPECT_EQ(server.Ask("RPUSH copy x"), std::to_string(size + 1));
    EXPECT_EQ(server.Ask("LLEN other"), std::to_string(size));
    EXPECT_EQ(server.Ask("LRANGE other 0 -1"), server.Ask("LRANGE copy 0 -2"));
    EXPECT_EQ(server.Ask("DEL copy other"), "2");
  }
}

TEST(ListCommands, CountHitsAndMisses) {
  TestServer server;
  server.Ask("RPUSH l a");
  for (const char* line : {"LLEN l", "LINDEX l 0", "LRANGE l 0 0", "LPOS l a"}) server.Ask(line);
  for (const char* line : {"LLEN n", "LINDEX n 0", "LRANGE n 0 0", "LPOS n a"}) server.Ask(line);
  for (const char* line : {"LPOP n", "LSET n 0 a", "LREM n 0 a", "LTRIM n 0 0"}) server.Ask(line);
  EXPECT_EQ(server.Sum(&runtime::ShardStats::keyspace_hits), 4U);
  EXPECT_EQ(server.Sum(&runtime::ShardStats::keyspace_misses), 4U);
}

// --- No cliffs ---

// What is dropped from a long list waits to be freed in slices.
TEST(ListCommands, DropManyElementsAtOnce) {
  constexpr size_t kElements = 500'000;
  TestServer server;
  keyspace::Keyspace& keys = server.keyspace(0);
  for (const char* line : {"LTRIM l 0 9", "LTRIM l -10 -1", "LTRIM l 1 0", "DEL l"}) {
    Fill(server, "l", kElements);
    while (keys.BackgroundStep(1'000'000)) {
    }
    uint64_t before = keys.memory().entries;
    server.Ask(line);
    EXPECT_LT(keys.memory().entries, before / 10) << line;
    EXPECT_GT(keys.memory().pending, before / 10 * 9) << line;
    server.Ask("DEL l");
  }
}

}  // namespace
}  // namespace nuthatch::commands
