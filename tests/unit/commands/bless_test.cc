// BLESS, as the documentation of Redis 8.12 describes it.
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/commands/test_server.h"

namespace nuthatch::commands {
namespace {

const std::string kNoSuchKey = "-ERR no such key";
const std::string kSyntax = "-ERR syntax error";
const std::string kBlessed = "[\"NO-EVICT\"]";

TEST(Bless, SetsAndClearsTheMark) {
  TestServer server;
  EXPECT_EQ(server.Ask("SET k v"), "OK");
  EXPECT_EQ(server.Ask("BLESS GET k"), "[]");
  EXPECT_EQ(server.Ask("BLESS SET k NO-EVICT"), "1");
  EXPECT_EQ(server.Ask("BLESS SET k no-evict"), "0");
  EXPECT_EQ(server.Ask("BLESS GET k"), kBlessed);
  EXPECT_EQ(server.Ask("BLESS CLEAR k no-evict"), "1");
  EXPECT_EQ(server.Ask("BLESS CLEAR k NO-EVICT"), "0");
  EXPECT_EQ(server.Ask("BLESS GET k"), "[]");
}

TEST(Bless, RefusesWhatItDoesNotKnow) {
  TestServer server;
  EXPECT_EQ(server.Ask("BLESS SET no NO-EVICT"), kNoSuchKey);
  EXPECT_EQ(server.Ask("BLESS CLEAR no NO-EVICT"), kNoSuchKey);
  EXPECT_EQ(server.Ask("BLESS GET no"), kNoSuchKey);
  server.Ask("SET k v");
  EXPECT_EQ(server.Ask("BLESS SET k none"), kSyntax);
  EXPECT_EQ(server.Ask("BLESS CLEAR k bogus"), kSyntax);
  EXPECT_EQ(server.Ask("BLESS SCAN 0 bogus"), kSyntax);
  EXPECT_EQ(server.Ask("BLESS SCAN 0 NO-EVICT COUNT"), kSyntax);
  EXPECT_EQ(server.Ask("BLESS SCAN 0 NO-EVICT COUNT 0"), kSyntax);
  EXPECT_EQ(server.Ask("BLESS SCAN 0 NO-EVICT MATCH *"), kSyntax);
  EXPECT_EQ(server.Ask("BLESS SCAN 0 NO-EVICT COUNT x"),
            "-ERR value is not an integer or out of range");
  EXPECT_EQ(server.Ask("BLESS SCAN x NO-EVICT"), "-ERR invalid cursor");
  EXPECT_EQ(server.Ask("BLESS GET k"), "[]");
}

TEST(Bless, StaysWithAValueThatChangesOrIsReplaced) {
  TestServer server;
  server.Ask("SET k v");
  server.Ask("BLESS SET k NO-EVICT");
  for (const char* change :
       {"SET k other", "SET k 12", "INCR k", "APPEND k tail", "SETRANGE k 900 x", "GETSET k short",
        "MSET k much", "EXPIRE k 100", "PERSIST k", "SETEX k 100 x", "GETEX k PERSIST"}) {
    server.Ask(change);
    EXPECT_EQ(server.Ask("BLESS GET k"), kBlessed) << change;
  }
}

TEST(Bless, FollowsTheKey) {
  for (int shards : {1, 3}) {
    TestServer server(shards);
    server.Ask("MSET a 1 plain 2");
    server.Ask("BLESS SET a NO-EVICT");
    EXPECT_EQ(server.Ask("COPY a b"), "1");
    EXPECT_EQ(server.Ask("BLESS GET a"), kBlessed);
    EXPECT_EQ(server.Ask("BLESS GET b"), kBlessed);
    EXPECT_EQ(server.Ask("RENAME b c"), "OK");
    EXPECT_EQ(server.Ask("BLESS GET c"), kBlessed);
    EXPECT_EQ(server.Ask("MOVE c 5"), "1");
    server.Select(5);
    EXPECT_EQ(server.Ask("BLESS GET c"), kBlessed);
    server.Select(0);
    EXPECT_EQ(server.Ask("SWAPDB 0 5"), "OK");
    EXPECT_EQ(server.Ask("BLESS GET c"), kBlessed);
    server.Ask("SWAPDB 0 5");
    // What takes the place of a blessed key by its name is another key.
    EXPECT_EQ(server.Ask("RENAME plain a"), "OK");
    EXPECT_EQ(server.Ask("BLESS GET a"), "[]");
  }
}

TEST(Bless, EndsWithTheKey) {
  TestServer server;
  for (const char* end : {"DEL k", "UNLINK k", "GETDEL k", "EXPIRE k -1", "FLUSHDB", "FLUSHALL"}) {
    server.Ask("SET k v");
    EXPECT_EQ(server.Ask("BLESS SET k NO-EVICT"), "1") << end;
    server.Ask(end);
    EXPECT_EQ(server.keyspace(0).PinnedCount(0), 0U) << end;
    server.Ask("SET k v");
    EXPECT_EQ(server.Ask("BLESS GET k"), "[]") << end;
  }
  server.Ask("BLESS SET k NO-EVICT");
  server.Ask("PEXPIRE k 10");
  server.Advance(10);
  EXPECT_EQ(server.Ask("BLESS GET k"), kNoSuchKey);
}

TEST(Bless, IsNoPartOfADump) {
  TestServer server;
  server.Ask("SET k v");
  server.Ask("BLESS SET k NO-EVICT");
  std::string payload = server.Raw({"DUMP", "k"});
  payload = payload.substr(payload.find("\r\n") + 2);
  payload.resize(payload.size() - 2);
  EXPECT_EQ(server.AskWords({"RESTORE", "new", "0", payload}), "OK");
  EXPECT_EQ(server.Ask("BLESS GET new"), "[]");
  EXPECT_EQ(server.AskWords({"RESTORE", "k", "0", payload, "REPLACE"}), "OK");
  EXPECT_EQ(server.Ask("BLESS GET k"), kBlessed);
}

TEST(Bless, ScanGoesThroughAllShards) {
  for (int shards : {1, 2, 4}) {
    TestServer server(shards);
    std::set<std::string> blessed;
    for (int i = 0; i < 3000; ++i) {
      std::string name = "key:" + std::to_string(i);
      server.Ask("SET " + name + " v");
      if (i % 10 != 0) continue;
      server.Ask("BLESS SET " + name + " NO-EVICT");
      blessed.insert(name);
    }
    EXPECT_EQ(server.Ask("BLESS SCAN 0 NO-EVICT").substr(0, 6), "[\"0\", ");
    for (const char* count : {"", " COUNT 7", " COUNT 100000"}) {
      std::multiset<std::string> seen;
      std::string cursor = "0";
      do {
        std::string page = server.Ask("BLESS SCAN " + cursor + " NO-EVICT" + count);
        size_t quote = page.find('"', 2);
        cursor = page.substr(2, quote - 2);
        for (size_t at = page.find("\"key:"); at != std::string::npos;) {
          size_t end = page.find('"', at + 1);
          seen.insert(page.substr(at + 1, end - at - 1));
          at = page.find("\"key:", end);
        }
      } while (cursor != "0");
      EXPECT_TRUE(seen == std::multiset<std::string>(blessed.begin(), blessed.end())) << count;
    }
    server.Select(1);
    EXPECT_EQ(server.Ask("BLESS SCAN 0 NO-EVICT"), "[\"0\", []]");
  }
}

TEST(Bless, HelpNamesItsSubcommands) {
  TestServer server;
  std::string help = server.Ask("BLESS HELP");
  for (const char* word : {"SET <key> NO-EVICT", "CLEAR <key>", "GET <key>", "SCAN <cursor>"}) {
    EXPECT_NE(help.find(word), std::string::npos) << word;
  }
}

TEST(Bless, ChangesCountAsWrites) {
  TestServer server;
  server.Ask("SET k v");
  uint64_t before = server.Sum(&runtime::ShardStats::dirty);
  server.Ask("BLESS SET k NO-EVICT");
  server.Ask("BLESS SET k NO-EVICT");
  server.Ask("BLESS CLEAR k NO-EVICT");
  EXPECT_EQ(server.Sum(&runtime::ShardStats::dirty), before + 2);
}

}  // namespace
}  // namespace nuthatch::commands
