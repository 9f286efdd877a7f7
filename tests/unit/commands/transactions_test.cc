// MULTI, EXEC, DISCARD, WATCH and UNWATCH with real shards, one, two and four of them.
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "server/commands/groups.h"
#include "tests/support/shard_harness.h"

namespace nuthatch::commands {
namespace {

using runtime::CommandSpec;
using runtime::MemoryClient;
using Words = std::vector<std::string_view>;

constexpr std::string_view kOk = "+OK\r\n";
constexpr std::string_view kQueued = "+QUEUED\r\n";
constexpr std::string_view kNil = "*-1\r\n";

std::string Bulk(std::string_view text) {
  return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}

std::span<const CommandSpec> Rows() {
  static const std::vector<CommandSpec> rows = [] {
    std::vector<CommandSpec> all;
    for (auto group : {ClientCommands(), ConfigCommands(), ConnectionCommands(), GenericCommands(),
                       KeyspaceCommands(), StringCommands(), TransactionCommands()}) {
      all.insert(all.end(), group.begin(), group.end());
    }
    return all;
  }();
  return rows;
}

class TransactionsTest : public testing::TestWithParam<size_t> {
 protected:
  size_t count() const { return GetParam(); }
  std::string Far(int number = 0) { return harness_.KeyOn(count() - 1, number); }
  std::string Near(int number = 0) { return harness_.KeyOn(0, number); }

  // MULTI with these commands, and the reply to EXEC.
  static std::string Exec(MemoryClient& client, const std::vector<Words>& commands) {
    EXPECT_EQ(client.Ask({"MULTI"}), kOk);
    for (const Words& words : commands) EXPECT_EQ(client.Ask(words), kQueued);
    return client.Ask({"EXEC"});
  }
  size_t WatchCount() {
    size_t sum = 0;
    for (size_t i = 0; i < count(); ++i) {
      sum += harness_.Figure(i, [&] { return harness_.shard(i).keyspace().WatchCount(); });
    }
    return sum;
  }
  void AwaitNoWatches() {
    while (WatchCount() > 0) std::this_thread::yield();
  }
  static void SetConfig(MemoryClient& client, std::string_view name, std::string_view value) {
    EXPECT_EQ(client.Ask({"CONFIG", "SET", name, value}), kOk);
  }

  runtime::ShardHarness harness_{GetParam(), Rows()};
  MemoryClient& first_ = harness_.Connect(0);
  MemoryClient& second_ = harness_.Connect(GetParam() - 1);
};

INSTANTIATE_TEST_SUITE_P(Counts, TransactionsTest, testing::Values(1, 2, 4),
                         [](const auto& info) { return std::to_string(info.param) + "Shards"; });

TEST_P(TransactionsTest, RunWhatWasQueuedWhereverItsKeysAre) {
  for (MemoryClient* client : {&first_, &second_}) {
    for (size_t shard = 0; shard < count(); ++shard) {
      std::string key = harness_.KeyOn(shard);
      std::string other = harness_.KeyOn((shard + 1) % count(), 1);
      EXPECT_EQ(Exec(*client, {{"SET", key, "1"}, {"INCR", key}, {"GET", key}}),
                "*3\r\n+OK\r\n:2\r\n" + Bulk("2"));
      EXPECT_EQ(Exec(*client, {{"MSET", key, "3", other, "4"},
                               {"RENAME", key, other},
                               {"MGET", key, other},
                               {"DEL", key, other}}),
                "*4\r\n+OK\r\n+OK\r\n*2\r\n$-1\r\n" + Bulk("3") + ":1\r\n");
    }
    EXPECT_EQ(Exec(*client, {}), "*0\r\n");
  }
}

TEST_P(TransactionsTest, NothingIsSeenBeforeExec) {
  EXPECT_EQ(first_.Ask({"MULTI"}), kOk);
  EXPECT_EQ(first_.Ask({"SET", Near(), "1"}), kQueued);
  EXPECT_EQ(first_.Ask({"SET", Far(1), "1"}), kQueued);
  EXPECT_EQ(second_.Ask({"EXISTS", Near(), Far(1)}), ":0\r\n");
  EXPECT_EQ(first_.Ask({"EXEC"}), "*2\r\n+OK\r\n+OK\r\n");
  EXPECT_EQ(second_.Ask({"EXISTS", Near(), Far(1)}), ":2\r\n");
}

TEST_P(TransactionsTest, PipelinesKeepTheirOrder) {
  std::string far = Far();
  std::string near = Near(1);
  std::string expected;
  std::string request;
  for (int i = 0; i < 100; ++i) {
    std::string value = std::to_string(i);
    for (const Words& words : std::vector<Words>{{"SET", near, value},
                                                 {"MULTI"},
                                                 {"GET", near},
                                                 {"SET", far, value},
                                                 {"EXEC"},
                                                 {"GET", far},
                                                 {"MULTI"},
                                                 {"SELECT", i % 2 == 0 ? "1" : "0"},
                                                 {"GET", far},
                                                 {"EXEC"},
                                                 {"GET", far},
                                                 {"SELECT", "0"}}) {
      request += MemoryClient::Encode(words);
    }
    std::string there = i % 2 == 0 ? "$-1\r\n" : Bulk(value);
    expected += "+OK\r\n+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n" + Bulk(value) + "+OK\r\n" +
                Bulk(value) + "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n" + there + there +
                "+OK\r\n";
  }
  first_.Send(request);
  EXPECT_EQ(first_.Next(1200), expected);
}

TEST_P(TransactionsTest, AChangedKeyEndsThem) {
  for (const std::string& key : {Near(), Far()}) {
    std::string other = Far(7);
    const std::vector<Words> changes = {{"SET", key, "1"},
                                        {"APPEND", key, ""},
                                        {"PEXPIREAT", key, "1"},
                                        {"SET", key, "1"},
                                        {"GETDEL", key},
                                        {"SET", key, "1"},
                                        {"RENAME", key, other},
                                        {"RENAME", other, key},
                                        {"COPY", key, other, "REPLACE"},
                                        {"COPY", other, key, "REPLACE"},
                                        {"MOVE", key, "1"},
                                        {"SWAPDB", "0", "1"},
                                        {"FLUSHDB"},
                                        {"SET", key, "1"},
                                        {"FLUSHALL"},
                                        {"MSET", key, "1", other, "2"},
                                        {"PERSIST", key},
                                        {"EXPIRE", key, "100"},
                                        {"PERSIST", key},
                                        {"GETEX", key},
                                        {"TOUCH", key},
                                        {"BLESS", "SET", key},
                                        {"UNLINK", other, key}};
    first_.Ask({"FLUSHALL"});
    for (const Words& change : changes) {
      SCOPED_TRACE(std::string(change[0]));
      std::string before = first_.Ask({"GET", key});
      std::string ttl = first_.Ask({"EXPIRETIME", key});
      EXPECT_EQ(first_.Ask({"WATCH", key, Near(9)}), kOk);
      second_.Ask(change);
      // These are changes though what is there looks the same.
      bool same = change[0] == "APPEND" || change[0] == "SET" || change[0] == "MSET" ||
                  (change[0] == "COPY" && change[2] == key);
      bool changed =
          same || before != first_.Ask({"GET", key}) || ttl != first_.Ask({"EXPIRETIME", key});
      EXPECT_EQ(Exec(first_, {{"PING"}}), changed ? std::string(kNil) : "*1\r\n+PONG\r\n");
    }
  }
  EXPECT_EQ(WatchCount(), 0U);
}

TEST_P(TransactionsTest, AnOwnChangeEndsThemToo) {
  std::string key = Far();
  EXPECT_EQ(first_.Ask({"WATCH", key}), kOk);
  EXPECT_EQ(first_.Ask({"SET", key, "1"}), kOk);
  EXPECT_EQ(Exec(first_, {{"GET", key}}), kNil);
  EXPECT_EQ(Exec(first_, {{"GET", key}}), "*1\r\n" + Bulk("1"));
}

TEST_P(TransactionsTest, DatabasesAreWatchedByThemselves) {
  std::string key = Far();
  EXPECT_EQ(first_.Ask({"WATCH", key}), kOk);
  EXPECT_EQ(second_.Ask({"SELECT", "1"}), kOk);
  EXPECT_EQ(second_.Ask({"SET", key, "1"}), kOk);
  EXPECT_EQ(Exec(first_, {{"EXISTS", key}}), "*1\r\n:0\r\n");
  EXPECT_EQ(first_.Ask({"WATCH", key}), kOk);
  EXPECT_EQ(first_.Ask({"SELECT", "1"}), kOk);
  EXPECT_EQ(first_.Ask({"WATCH", key}), kOk);
  EXPECT_EQ(second_.Ask({"SET", key, "2"}), kOk);
  EXPECT_EQ(Exec(first_, {{"EXISTS", key}}), kNil);
}

TEST_P(TransactionsTest, MarksGoWithWhoForgetsThem) {
  std::vector<std::string> keys;
  for (size_t i = 0; i < 3 * count(); ++i) keys.push_back(harness_.KeyOn(i % count(), 20 + i));
  Words watch = {"WATCH"};
  watch.insert(watch.end(), keys.begin(), keys.end());
  auto forgets = [&](const std::vector<Words>& words) {
    SCOPED_TRACE(std::string(words.back()[0]));
    EXPECT_EQ(first_.Ask(watch), kOk);
    EXPECT_EQ(first_.Ask(watch), kOk);
    EXPECT_EQ(WatchCount(), keys.size());
    for (const Words& command : words) first_.Ask(command);
    AwaitNoWatches();
    EXPECT_FALSE(harness_.Figure(0, [&] { return first_.session().client().multi != nullptr; }));
  };
  forgets({{"UNWATCH"}});
  forgets({{"MULTI"}, {"DISCARD"}});
  forgets({{"MULTI"}, {"EXEC"}});
  forgets({{"MULTI"}, {"GET", keys[0]}, {"EXEC"}});
  forgets({{"MULTI"}, {"nosuch"}, {"EXEC"}});
  forgets({{"MULTI"}, {"EXEC", "x"}});
  forgets({{"EXEC", "x"}});
  forgets({{"MULTI"}, {"RESET"}});
  forgets({{"RESET"}});
  EXPECT_EQ(first_.Ask(watch), kOk);
  harness_.On(0, [&] { first_.session().Abandon(); });
  AwaitNoWatches();
}

TEST_P(TransactionsTest, RefusedCommandsEndThem) {
  EXPECT_EQ(first_.Ask({"EXEC"}), "-ERR EXEC without MULTI\r\n");
  EXPECT_EQ(first_.Ask({"DISCARD"}), "-ERR DISCARD without MULTI\r\n");
  for (const Words& wrong : std::vector<Words>{{"nosuch"}, {"GET"}, {"CLIENT", "nosuch"}}) {
    EXPECT_EQ(first_.Ask({"MULTI"}), kOk);
    EXPECT_EQ(first_.Ask({"SET", Far(), "1"}), kQueued);
    EXPECT_EQ(first_.Ask(wrong).substr(0, 5), "-ERR ");
    EXPECT_EQ(first_.Ask({"SET", Far(), "1"}), kQueued);
    EXPECT_EQ(first_.Ask({"EXEC"}),
              "-EXECABORT Transaction discarded because of previous errors.\r\n");
  }
  EXPECT_EQ(first_.Ask({"EXISTS", Far()}), ":0\r\n");
  EXPECT_EQ(first_.Ask({"MULTI"}), kOk);
  EXPECT_EQ(first_.Ask({"MULTI"}), "-ERR MULTI calls can not be nested\r\n");
  EXPECT_EQ(first_.Ask({"WATCH", Near(), Far()}), "-ERR WATCH inside MULTI is not allowed\r\n");
  EXPECT_EQ(first_.Ask({"UNWATCH"}), kQueued);
  EXPECT_EQ(first_.Ask({"EXEC"}), "*1\r\n+OK\r\n");
  EXPECT_EQ(WatchCount(), 0U);
}

TEST_P(TransactionsTest, CommandsOfTheConnectionRunAmongTheOthers) {
  for (MemoryClient* client : {&first_, &second_}) {
    std::string key = harness_.KeyOn(client == &first_ ? count() - 1 : 0);
    EXPECT_EQ(Exec(*client, {{"SELECT", "3"},
                             {"SET", key, "in3"},
                             {"CLIENT", "SETNAME", "me"},
                             {"SELECT", "0"},
                             {"GET", key},
                             {"CLIENT", "GETNAME"},
                             {"SELECT", "3"}}),
              "*7\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n$-1\r\n" + Bulk("me") + "+OK\r\n");
    EXPECT_EQ(client->Ask({"GET", key}), Bulk("in3"));
    EXPECT_EQ(Exec(*client, {{"HELLO", "3"}, {"GET", "nothing"}}).substr(0, 8), "*2\r\n%7\r\n");
    EXPECT_EQ(client->Ask({"GET", "nothing"}), "_\r\n");
    EXPECT_EQ(client->Ask({"WATCH", key}), kOk);
    EXPECT_EQ(client->Ask({"DEL", key}), ":1\r\n");
    EXPECT_EQ(Exec(*client, {{"GET", key}}), "_\r\n");
    EXPECT_EQ(client->Ask({"RESET"}), "+RESET\r\n");
  }
}

TEST_P(TransactionsTest, RepliesAreSilentAsClientReplySays) {
  std::string key = Far();
  // Like Redis, EXEC has said how many there would be, and what comes next counts for one of them.
  EXPECT_EQ(first_.Ask({"MULTI"}), kOk);
  EXPECT_EQ(first_.Ask({"CLIENT", "REPLY", "SKIP"}), kQueued);
  EXPECT_EQ(first_.Ask({"EXISTS", key}), kQueued);
  first_.Command({"EXEC"});
  first_.Command({"EXISTS", key});
  EXPECT_EQ(first_.Ask({"ECHO", "heard"}), "*2\r\n:0\r\n" + Bulk("heard"));

  first_.Command({"CLIENT", "REPLY", "OFF"});
  first_.Command({"MULTI"});
  first_.Command({"EXISTS", key});
  first_.Command({"CLIENT", "REPLY", "ON"});
  first_.Command({"EXISTS", key});
  EXPECT_EQ(first_.Ask({"EXEC"}), kOk);
  EXPECT_EQ(first_.Next(), ":0\r\n");

  EXPECT_EQ(first_.Ask({"MULTI"}), kOk);
  EXPECT_EQ(first_.Ask({"CLIENT", "REPLY", "OFF"}), kQueued);
  EXPECT_EQ(first_.Ask({"EXISTS", key}), kQueued);
  first_.Command({"EXEC"});
  first_.Command({"EXISTS", key});
  first_.Command({"CLIENT", "REPLY", "ON"});
  EXPECT_EQ(first_.Ask({"ECHO", "x"}), "*2\r\n+OK\r\n" + Bulk("x"));
}

TEST_P(TransactionsTest, AllShardsTakePartWhereACommandNeedsThem) {
  std::vector<Words> commands;
  std::vector<std::string> keys;
  for (size_t i = 0; i < 2 * count(); ++i) keys.push_back(harness_.KeyOn(i % count(), 40 + i));
  for (const std::string& key : keys) commands.push_back({"SET", key, "1"});
  commands.push_back({"DBSIZE"});
  commands.push_back({"CONFIG", "SET", "slowlog-max-len", "77"});
  commands.push_back({"CONFIG", "GET", "slowlog-max-len"});
  commands.push_back({"CLIENT", "LIST"});
  commands.push_back({"FLUSHALL"});
  commands.push_back({"DBSIZE"});
  std::string reply = Exec(second_, commands);
  std::string expected = "*" + std::to_string(commands.size()) + "\r\n";
  for (size_t i = 0; i < keys.size(); ++i) expected += kOk;
  expected += ":" + std::to_string(keys.size()) + "\r\n+OK\r\n*2\r\n" + Bulk("slowlog-max-len") +
              Bulk("77");
  EXPECT_EQ(reply.substr(0, expected.size()), expected);
  EXPECT_NE(reply.find(" flags=x "), std::string::npos) << reply;
  EXPECT_NE(reply.find(" multi=" + std::to_string(commands.size()) + " "), std::string::npos);
  EXPECT_NE(reply.find(" cmd=exec "), std::string::npos);
  EXPECT_TRUE(reply.ends_with("\r\n+OK\r\n:0\r\n"));
  EXPECT_EQ(second_.Ask({"CLIENT", "LIST"}).find("flags=x"), std::string::npos);
}

TEST_P(TransactionsTest, ClientListShowsThem) {
  std::string key = Far();
  auto line = [&] {
    std::string list = second_.Ask({"CLIENT", "LIST"});
    size_t begin = list.find('\n') + 1;
    return list.substr(begin, list.find('\n', begin) - begin);
  };
  auto shows = [&](std::string_view part) {
    EXPECT_NE(line().find(part), std::string::npos) << part << " is not in " << line();
  };
  shows(" multi=-1 ");
  first_.Ask({"WATCH", key});
  shows(" flags=N ");
  first_.Ask({"MULTI"});
  shows(" flags=x ");
  shows(" multi=0 ");
  shows(" multi-mem=0 ");
  first_.Ask({"SET", "aaa", "bbbb"});
  first_.Ask({"GET", "aaa"});
  shows(" multi=2 ");
  shows(" multi-mem=56 ");
  second_.Ask({"SET", key, "1"});
  shows(" flags=xd ");
  // What can't be executed any more isn't kept.
  first_.Ask({"GET", "aaa"});
  shows(" multi=2 ");
  EXPECT_EQ(first_.Ask({"EXEC"}), kNil);
  shows(" flags=N ");
  shows(" multi=-1 ");
}

TEST_P(TransactionsTest, ClientInfoAndListShowWhatStandsBeforeThem) {
  std::string key = Far();
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    requests += MemoryClient::Encode({"WATCH", key}) + MemoryClient::Encode({"SET", key, "1"}) +
                MemoryClient::Encode({"CLIENT", i % 2 == 0 ? "INFO" : "LIST"}) +
                MemoryClient::Encode({"UNWATCH"}) + MemoryClient::Encode({"CLIENT", "INFO"});
  }
  first_.Send(requests);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(first_.Next(2), "+OK\r\n+OK\r\n");
    EXPECT_NE(first_.Next().find(" flags=d "), std::string::npos);
    EXPECT_EQ(first_.Next(), kOk);
    EXPECT_NE(first_.Next().find(" flags=N "), std::string::npos);
  }
}

TEST_P(TransactionsTest, RoomIsAskedForBeforeTheyRun) {
  std::string near = Near();
  std::string far = Far(1);
  EXPECT_EQ(first_.Ask({"MULTI"}), kOk);
  EXPECT_EQ(first_.Ask({"SET", near, "1"}), kQueued);
  EXPECT_EQ(first_.Ask({"SET", far, "1"}), kQueued);
  SetConfig(second_, "maxmemory", "1");
  EXPECT_EQ(first_.Ask({"EXEC"}),
            "-EXECABORT Transaction discarded because of: OOM command not allowed when used memory "
            "> 'maxmemory'.\r\n");
  EXPECT_EQ(first_.Ask({"EXEC"}), "-ERR EXEC without MULTI\r\n");
  EXPECT_EQ(first_.Ask({"MULTI"}), kOk);
  EXPECT_EQ(first_.Ask({"GET", near}),
            "-OOM command not allowed when used memory > 'maxmemory'.\r\n");
  EXPECT_EQ(first_.Ask({"DISCARD"}), kOk);
  SetConfig(second_, "maxmemory", "0");
  // Inside nothing is refused, whatever it does to the limit.
  EXPECT_EQ(Exec(first_, {{"CONFIG", "SET", "maxmemory", "1"}, {"SET", far, "1"}, {"GET", far}}),
            "*3\r\n+OK\r\n+OK\r\n" + Bulk("1"));
  SetConfig(second_, "maxmemory", "0");
  EXPECT_EQ(first_.Ask({"EXISTS", near}), ":0\r\n");
}

// Each adds one to both numbers, and sees them alike, whatever the others do.
TEST_P(TransactionsTest, NobodyComesBetween) {
  std::string near = Near();
  std::string far = Far(1);
  constexpr int kTimes = 2000;
  std::string request = MemoryClient::Encode({"MULTI"}) + MemoryClient::Encode({"INCR", near}) +
                        MemoryClient::Encode({"INCR", far}) + MemoryClient::Encode({"EXEC"});
  std::string requests;
  for (int i = 0; i < kTimes; ++i) requests += request;
  std::vector<MemoryClient*> clients = {&first_, &second_};
  for (size_t i = 0; i < count(); ++i) clients.push_back(&harness_.Connect(i));
  for (MemoryClient* client : clients) client->Send(requests);
  for (MemoryClient* client : clients) {
    for (int i = 0; i < kTimes; ++i) {
      EXPECT_EQ(client->Next(3), "+OK\r\n+QUEUED\r\n+QUEUED\r\n");
      std::string reply = client->Next();
      std::string number = reply.substr(4, (reply.size() - 4) / 2);
      ASSERT_EQ(reply, "*2\r\n" + number + number);
    }
  }
  std::string sum = std::to_string(kTimes * clients.size());
  EXPECT_EQ(first_.Ask({"MGET", near, far}), "*2\r\n" + Bulk(sum) + Bulk(sum));
}

TEST_P(TransactionsTest, CountEachCommandAndTheWhole) {
  auto calls = [&](std::string_view name, uint64_t runtime::CommandStats::*counter) {
    uint64_t sum = 0;
    const uint32_t id = harness_.node().commands().Find(name)->id;
    for (size_t i = 0; i < count(); ++i) {
      sum += harness_.Figure(i, [&]() -> uint64_t {
        const auto& commands = harness_.shard(i).stats().commands;
        return id < commands.size() ? commands[id].*counter : 0;
      });
    }
    return sum;
  };
  Exec(first_, {{"SET", Near(), "a"}, {"INCR", Near()}, {"GET", Far()}});
  EXPECT_EQ(calls("multi", &runtime::CommandStats::calls), 1U);
  EXPECT_EQ(calls("set", &runtime::CommandStats::calls), 1U);
  EXPECT_EQ(calls("get", &runtime::CommandStats::calls), 1U);
  EXPECT_EQ(calls("incr", &runtime::CommandStats::failed_calls), 1U);
  EXPECT_EQ(calls("exec", &runtime::CommandStats::calls), 1U);
  EXPECT_EQ(calls("exec", &runtime::CommandStats::failed_calls), 0U);
  EXPECT_GE(calls("exec", &runtime::CommandStats::nanoseconds),
            calls("set", &runtime::CommandStats::nanoseconds) +
                calls("get", &runtime::CommandStats::nanoseconds));
  first_.Ask({"EXEC"});
  EXPECT_EQ(calls("exec", &runtime::CommandStats::calls), 2U);
  EXPECT_EQ(calls("exec", &runtime::CommandStats::failed_calls), 1U);
  first_.Ask({"EXEC", "x"});
  EXPECT_EQ(calls("exec", &runtime::CommandStats::rejected_calls), 1U);
}

}  // namespace
}  // namespace nuthatch::commands
