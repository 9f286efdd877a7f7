#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "tests/unit/commands/test_server.h"

namespace nuthatch::commands {
namespace {

class Generic : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Shards, Generic, testing::Values(1, 2, 4));

TEST_P(Generic, DelAndUnlinkCountWhatWasThere) {
  TestServer server(GetParam());
  server.Ask("MSET a 1 b 2 c 3 d 4");
  EXPECT_EQ(server.Ask("DEL a b nokey a"), "2");
  EXPECT_EQ(server.Ask("UNLINK c d"), "2");
  EXPECT_EQ(server.Ask("DBSIZE"), "0");
}

TEST_P(Generic, ExistsAndTouchCountEachMention) {
  TestServer server(GetParam());
  server.Ask("MSET a 1 b 2");
  EXPECT_EQ(server.Ask("EXISTS a b a nokey"), "3");
  EXPECT_EQ(server.Ask("TOUCH a b a nokey"), "3");
  EXPECT_EQ(server.Ask("EXISTS nokey"), "0");
}

TEST_P(Generic, TypeNamesTheType) {
  TestServer server(GetParam());
  server.Ask("SET k v");
  EXPECT_EQ(server.Ask("TYPE k"), "string");
  EXPECT_EQ(server.Ask("TYPE nokey"), "none");
}

TEST_P(Generic, KeysMatchesAndLeavesOutWhatHasExpired) {
  TestServer server(GetParam());
  server.Ask("MSET k1 1 k2 2 other 3");
  server.Ask("SET k3 1 PX 10");
  EXPECT_EQ(server.Ask("KEYS k3"), "[\"k3\"]");
  server.Advance(10);
  EXPECT_EQ(server.Ask("KEYS k3"), "[]");
  std::string both = server.Ask("KEYS k?");
  EXPECT_TRUE(both == "[\"k1\", \"k2\"]" || both == "[\"k2\", \"k1\"]") << both;
  std::string all = server.Ask("KEYS *");
  EXPECT_EQ(std::count(all.begin(), all.end(), '"'), 6);
}

TEST_P(Generic, RandomKeyIsFairOverTheShards) {
  TestServer server(GetParam());
  EXPECT_EQ(server.Ask("RANDOMKEY"), "nil");
  for (int i = 0; i < 8; ++i) server.Ask("SET key:" + std::to_string(i) + " v");
  std::map<std::string, int> seen;
  for (int i = 0; i < 4000; ++i) ++seen[server.Ask("RANDOMKEY")];
  EXPECT_EQ(seen.size(), 8u);
  for (const auto& [key, count] : seen) {
    EXPECT_GT(count, 350) << key;  // 500 expected, standard deviation 21
    EXPECT_LT(count, 650) << key;
  }
}

TEST_P(Generic, RenameTakesValueAndDeadlineAlong) {
  TestServer server(GetParam());
  server.Ask("SET a 1 EX 100");
  server.Ask("SET b 2");
  EXPECT_EQ(server.Ask("RENAME a b"), "OK");
  EXPECT_EQ(server.Ask("GET b"), "\"1\"");
  EXPECT_EQ(server.Ask("TTL b"), "100");
  EXPECT_EQ(server.Ask("EXISTS a"), "0");
  EXPECT_EQ(server.Ask("RENAME nokey b"), "-ERR no such key");
  EXPECT_EQ(server.Ask("RENAME b b"), "OK");
  EXPECT_EQ(server.Ask("RENAMENX b b"), "0");
  server.Ask("SET c 3");
  EXPECT_EQ(server.Ask("RENAMENX b c"), "0");
  EXPECT_EQ(server.Ask("RENAMENX b d"), "1");
  EXPECT_EQ(server.Ask("TTL d"), "100");
  EXPECT_EQ(server.Ask("RENAMENX nokey d"), "-ERR no such key");
}

TEST_P(Generic, RenameKeepsTheEncoding) {
  TestServer server(GetParam());
  server.Ask("SET a 1");
  server.Ask("APPEND a 2");
  server.Ask("RENAME a bcd");
  EXPECT_EQ(server.Ask("OBJECT ENCODING bcd"), "\"raw\"");
  server.Ask("COPY bcd efg");
  EXPECT_EQ(server.Ask("OBJECT ENCODING efg"), "\"raw\"");
}

TEST_P(Generic, CopyCopiesWithinAndAcrossDatabases) {
  TestServer server(GetParam());
  server.Ask("SET a 1 EX 100");
  EXPECT_EQ(server.Ask("COPY a b"), "1");
  EXPECT_EQ(server.Ask("TTL b"), "100");
  EXPECT_EQ(server.Ask("COPY a b"), "0");
  server.Ask("SET a 2");
  EXPECT_EQ(server.Ask("COPY a b REPLACE"), "1");
  EXPECT_EQ(server.Ask("GET b"), "\"2\"");
  EXPECT_EQ(server.Ask("COPY a a DB 3"), "1");
  server.Select(3);
  EXPECT_EQ(server.Ask("GET a"), "\"2\"");
  EXPECT_EQ(server.Ask("COPY a a"), "-ERR source and destination objects are the same");
  EXPECT_EQ(server.Ask("COPY a b DB 16"), "-ERR DB index is out of range");
  EXPECT_EQ(server.Ask("COPY a b DB x"), "-ERR value is not an integer or out of range");
  EXPECT_EQ(server.Ask("COPY a b DB"), "-ERR syntax error");
  EXPECT_EQ(server.Ask("COPY nokey b"), "0");
}

TEST_P(Generic, MoveTakesAKeyToAnotherDatabase) {
  TestServer server(GetParam());
  server.Ask("SET a 1 EX 100");
  EXPECT_EQ(server.Ask("MOVE a 1"), "1");
  EXPECT_EQ(server.Ask("MOVE a 1"), "0");
  server.Ask("SET a 2");
  EXPECT_EQ(server.Ask("MOVE a 1"), "0");
  server.Select(1);
  EXPECT_EQ(server.Ask("GET a"), "\"1\"");
  EXPECT_EQ(server.Ask("TTL a"), "100");
  EXPECT_EQ(server.Ask("MOVE a 1"), "-ERR source and destination objects are the same");
  EXPECT_EQ(server.Ask("MOVE a 16"), "-ERR DB index is out of range");
  EXPECT_EQ(server.Ask("MOVE a 99999999999"),
            "-ERR value is out of range, value must between -2147483648 and 2147483647");
}

TEST(Expire, SetsAndTellsDeadlines) {
  TestServer server;
  server.Ask("SET k v");
  EXPECT_EQ(server.Ask("EXPIRE k 10"), "1");
  EXPECT_EQ(server.Ask("PTTL k"), "10000");
  EXPECT_EQ(server.Ask("PEXPIRE k 1499"), "1");
  EXPECT_EQ(server.Ask("TTL k"), "1");
  server.Ask("PEXPIRE k 1500");
  EXPECT_EQ(server.Ask("TTL k"), "2");
  EXPECT_EQ(server.Ask("EXPIREAT k 1700000100"), "1");
  EXPECT_EQ(server.Ask("EXPIRETIME k"), "1700000100");
  EXPECT_EQ(server.Ask("PEXPIREAT k 1700000100123"), "1");
  EXPECT_EQ(server.Ask("PEXPIRETIME k"), "1700000100123");
  EXPECT_EQ(server.Ask("PERSIST k"), "1");
  EXPECT_EQ(server.Ask("PERSIST k"), "0");
  EXPECT_EQ(server.Ask("TTL k"), "-1");
  EXPECT_EQ(server.Ask("TTL nokey"), "-2");
  EXPECT_EQ(server.Ask("EXPIRE nokey 10"), "0");
}

TEST(Expire, DeletesWhatIsDue) {
  TestServer server;
  for (const char* command : {"EXPIRE k 0", "EXPIRE k -1", "PEXPIREAT k 1", "EXPIREAT k -5",
                              "PEXPIRE k -9223372036854775808"}) {
    server.Ask("SET k v");
    EXPECT_EQ(server.Ask(command), "1");
    EXPECT_EQ(server.Ask("EXISTS k"), "0") << command;
  }
}

TEST(Expire, HonoursConditions) {
  TestServer server;
  server.Ask("SET k v");
  EXPECT_EQ(server.Ask("EXPIRE k 100 XX"), "0");
  EXPECT_EQ(server.Ask("EXPIRE k 100 GT"), "0");
  EXPECT_EQ(server.Ask("EXPIRE k 100 LT"), "1");
  EXPECT_EQ(server.Ask("EXPIRE k 200 NX"), "0");
  EXPECT_EQ(server.Ask("EXPIRE k 100 GT"), "0");
  EXPECT_EQ(server.Ask("EXPIRE k 200 GT"), "1");
  EXPECT_EQ(server.Ask("EXPIRE k 200 LT"), "0");
  EXPECT_EQ(server.Ask("EXPIRE k 100 XX LT"), "1");
  EXPECT_EQ(server.Ask("EXPIRE k 100 NX XX"),
            "-ERR NX and XX, GT or LT options at the same time are not compatible");
  EXPECT_EQ(server.Ask("EXPIRE k 100 GT LT"),
            "-ERR GT and LT options at the same time are not compatible");
  EXPECT_EQ(server.Ask("EXPIRE k x NOSUCH"), "-ERR Unsupported option NOSUCH");
  EXPECT_EQ(server.AskWords({"EXPIRE", "k", "x", "a\r\nb\r\n"}), "-ERR Unsupported option a  b");
  EXPECT_EQ(server.Ask("EXPIRE k x"), "-ERR value is not an integer or out of range");
}

TEST(Expire, RefusesTimesThatCannotBe) {
  TestServer server;
  EXPECT_EQ(server.Ask("EXPIRE k 9223372036854775"),
            "-ERR invalid expire time in 'expire' command");
  EXPECT_EQ(server.Ask("PEXPIRE k 9223372036854775807"),
            "-ERR invalid expire time in 'pexpire' command");
  EXPECT_EQ(server.Ask("EXPIREAT k -9223372036854776"),
            "-ERR invalid expire time in 'expireat' command");
  server.Ask("SET k v");
  EXPECT_EQ(server.Ask("PEXPIREAT k 9223372036854775807"), "1");
  EXPECT_EQ(server.Ask("PEXPIRETIME k"), "9223372036854775807");
  EXPECT_EQ(server.Ask("EXPIRETIME k"), "9223372036854776");
}

TEST(Object, TellsReferencesAsRedisDoes) {
  TestServer server;
  server.Ask("SET k 9999");
  EXPECT_EQ(server.Ask("OBJECT REFCOUNT k"), "2147483647");
  server.Ask("SET k 10000");
  EXPECT_EQ(server.Ask("OBJECT REFCOUNT k"), "1");
  EXPECT_EQ(server.Ask("OBJECT REFCOUNT nokey"), "nil");
}

TEST(Object, ExplainsItself) {
  TestServer server;
  std::string help = server.Ask("OBJECT HELP");
  EXPECT_TRUE(help.starts_with("[OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"));
  EXPECT_TRUE(help.ends_with("    Prints this help.]"));
}

TEST(Object, ChoosesBetweenIdleTimeAndFrequencyByPolicy) {
  TestServer lru(1, {{"maxmemory-policy", "allkeys-lru"}});
  lru.Ask("SET k v");
  EXPECT_TRUE(lru.Ask("OBJECT FREQ k").starts_with("-ERR An LFU maxmemory policy is not selected"));
  EXPECT_EQ(lru.Ask("OBJECT FREQ nokey"), "nil");
  EXPECT_EQ(lru.Ask("OBJECT IDLETIME nokey"), "nil");
  TestServer lfu(1, {{"maxmemory-policy", "allkeys-lfu"}});
  lfu.Ask("SET k v");
  EXPECT_TRUE(lfu.Ask("OBJECT IDLETIME k").starts_with("-ERR An LFU maxmemory policy is selected"));
}

std::string HelloPayload() {
  return std::string("\x00\x05hello\x0a\x00\x63\x72\xdf\x76\x65\x34\x20\x0a", 17);
}

TEST(Restore, BringsBackWhatDumpTook) {
  TestServer server;
  server.Ask("SET k hello");
  EXPECT_EQ(server.Ask("DUMP k"), '"' + HelloPayload() + '"');
  EXPECT_EQ(server.Ask("DUMP nokey"), "nil");
  EXPECT_EQ(server.AskWords({"RESTORE", "copy", "0", HelloPayload()}), "OK");
  EXPECT_EQ(server.Ask("GET copy"), "\"hello\"");
  EXPECT_EQ(server.AskWords({"RESTORE", "copy", "0", HelloPayload()}),
            "-BUSYKEY Target key name already exists.");
  EXPECT_EQ(server.AskWords({"RESTORE", "copy", "5000", HelloPayload(), "REPLACE"}), "OK");
  EXPECT_EQ(server.Ask("PTTL copy"), "5000");
  EXPECT_EQ(server.AskWords({"RESTORE", "copy", "1", HelloPayload(), "REPLACE", "ABSTTL"}), "OK");
  EXPECT_EQ(server.Ask("EXISTS copy"), "0");
}

TEST(Restore, RefusesBadPayloadsAndOptions) {
  TestServer server;
  std::string bad = HelloPayload();
  bad[3] = 'x';
  EXPECT_EQ(server.AskWords({"RESTORE", "k", "0", bad}),
            "-ERR DUMP payload version or checksum are wrong");
  EXPECT_EQ(server.Ask("RESTORE k -1 x"), "-ERR Invalid TTL value, must be >= 0");
  EXPECT_EQ(server.Ask("RESTORE k 0 x FREQ 256"),
            "-ERR Invalid FREQ value, must be >= 0 and <= 255");
  EXPECT_EQ(server.Ask("RESTORE k 0 x IDLETIME -1"), "-ERR Invalid IDLETIME value, must be >= 0");
  EXPECT_EQ(server.Ask("RESTORE k 0 x IDLETIME 1 FREQ 1"), "-ERR syntax error");
  // A list, which is no string, with a right footer.
  EXPECT_EQ(server.AskWords({"RESTORE", "k", "0", std::string("\x05\x00\x0a\x00", 4)}),
            "-ERR DUMP payload version or checksum are wrong");
  EXPECT_EQ(server.Ask("EXISTS k"), "0");
}

// The length says 11 where 4 bytes precede the footer.
TEST(Restore, ReadsAForgedStringIntoTheFooterLikeRedis) {
  TestServer server;
  std::string forged("\x00\x0bhell\n\x00\x0f=Ct\xb5\xc5\xfa\x99", 16);
  EXPECT_EQ(server.AskWords({"RESTORE", "k", "0", forged}), "OK");
  EXPECT_EQ(server.Raw({"GET", "k"}), "$11\r\n" + forged.substr(2, 11) + "\r\n");
}

TEST(Restore, SetsTheIdleTime) {
  TestServer server(1, {{"maxmemory-policy", "allkeys-lru"}});
  EXPECT_EQ(server.AskWords({"RESTORE", "k", "0", HelloPayload(), "IDLETIME", "1000"}), "OK");
  EXPECT_EQ(server.Ask("OBJECT IDLETIME k"), "1000");
  TestServer lfu(1, {{"maxmemory-policy", "allkeys-lfu"}});
  EXPECT_EQ(lfu.AskWords({"RESTORE", "k", "0", HelloPayload(), "FREQ", "200"}), "OK");
  EXPECT_EQ(lfu.Ask("OBJECT FREQ k"), "200");
}

}  // namespace
}  // namespace nuthatch::commands
