// What is refused, and when; where a command goes, and over how many mailboxes.
#include "server/runtime/dispatcher.h"

#include <string>

#include <gtest/gtest.h>

#include "server/config/edit.h"
#include "tests/support/shard_harness.h"
#include "tests/unit/runtime/world.h"

namespace nuthatch::runtime {
namespace {

const std::string kNoAuth = "-NOAUTH Authentication required.\r\n";

std::string Bulk(std::string_view text) {
  return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}

class DispatcherTest : public testing::Test {
 protected:
  MemoryClient& ConnectUnauthenticated() {
    MemoryClient& client = shards_.Connect(0);
    shards_.On(0, [&] { client.session().client().authenticated = false; });
    return client;
  }
  void AwaitInFlight(MemoryClient& client, size_t postings) {
    shards_.Await(0, [&] { return client.session().postings_in_flight() == postings; });
  }
  void Settle() {
    for (int i = 0; i < 4; ++i) shards_.On(0, [] {});
  }
  // Messages that shard 0 has put into mailboxes.
  uint64_t Hops() {
    return shards_.Figure(0, [&] { return shards_.shard(0).stats().posted_messages; });
  }
  uint64_t Calls(size_t shard, std::string_view name) {
    return shards_.Figure(shard, [&]() -> uint64_t {
      const auto& commands = shards_.shard(shard).stats().commands;
      size_t id = shards_.node().commands().Find(name)->id;
      return id < commands.size() ? commands[id].calls : 0;
    });
  }

  World world_{3};
  ShardHarness shards_{3, World::Commands()};
  const std::string on0_ = shards_.KeyOn(0);
  const std::string on1_ = shards_.KeyOn(1);
  const std::string on2_ = shards_.KeyOn(2);
};

// --- Hops ---

TEST_F(DispatcherTest, PutsAOneKeyCommandIntoAtMostOneMailbox) {
  MemoryClient& client = shards_.Connect(0);
  for (int number = 0; number < 20; ++number) {
    for (size_t shard = 0; shard < 3; ++shard) {
      std::string key = shards_.KeyOn(shard, number);
      uint64_t before = Hops();
      EXPECT_EQ(client.Ask({"put", key, "value"}), "+OK\r\n");
      EXPECT_EQ(client.Ask({"where", key}), ":" + std::to_string(shard) + "\r\n");
      // Two commands, each sent alone.
      EXPECT_EQ(Hops() - before, shard == 0 ? 0U : 2U);
    }
  }
}

TEST_F(DispatcherTest, LeavesTheOtherMailboxesOfAOneKeyCommandAlone) {
  MemoryClient& client = shards_.Connect(0);
  shards_.Hold(1);
  shards_.Hold(2);
  client.Command({"put", on1_, "value"});
  AwaitInFlight(client, 1);
  EXPECT_TRUE(shards_.shard(1).mailbox().HasOperations());
  EXPECT_FALSE(shards_.shard(2).mailbox().HasOperations());
  EXPECT_FALSE(shards_.shard(0).mailbox().HasOperations());
  shards_.Release(1);
  EXPECT_EQ(client.Next(), "+OK\r\n");
  shards_.Release(2);
}

TEST_F(DispatcherTest, PutsAWholePipelineIntoEachMailboxOnce) {
  MemoryClient& client = shards_.Connect(0);
  // Known to have small replies, it is posted whole.
  EXPECT_EQ(client.Ask({"get", on1_}), "$-1\r\n");
  uint64_t before = Hops();
  std::string pipeline;
  for (int i = 0; i < 2; ++i) {
    for (const std::string* key : {&on0_, &on1_, &on2_}) {
      pipeline += MemoryClient::Encode({"put", *key, "value"});
    }
  }
  client.Send(pipeline);
  client.Next(6);
  EXPECT_EQ(Hops() - before, 2U);
}

TEST_F(DispatcherTest, PutsASeveralKeyCommandOfOneShardIntoOneMailbox) {
  MemoryClient& client = shards_.Connect(0);
  std::string second = shards_.KeyOn(1, 1);
  EXPECT_EQ(client.Ask({"mput", on1_, "1", second, "2"}), "+OK\r\n");
  EXPECT_EQ(client.Ask({"mget", on1_, second}), "*2\r\n" + Bulk("1") + Bulk("2"));
  EXPECT_EQ(client.Ask({"copy", on1_, second}), ":1\r\n");
  EXPECT_EQ(Hops(), 3U);
}

TEST_F(DispatcherTest, RunsAtHomeWithoutAHop) {
  MemoryClient& client = shards_.Connect(0);
  EXPECT_EQ(client.Ask({"say", "hello"}), Bulk("hello"));
  EXPECT_EQ(client.Ask({"here"}), ":0\r\n");
  EXPECT_EQ(Hops(), 0U);
  EXPECT_EQ(shards_.Connect(2).Ask({"here"}), ":2\r\n");
}

TEST_F(DispatcherTest, SendsASeveralKeyCommandToItsShardsOnly) {
  MemoryClient& client = shards_.Connect(0);
  shards_.Hold(2);
  EXPECT_EQ(client.Ask({"mput", on0_, "1", on1_, "2"}), "+OK\r\n");
  EXPECT_EQ(client.Ask({"copy", on0_, on1_}), ":1\r\n");
  EXPECT_FALSE(shards_.shard(2).mailbox().HasOperations());
  shards_.Release(2);
}

TEST_F(DispatcherTest, SendsACommandOfOneKeyToAllShardsWhereItsArgumentsAskForThat) {
  MemoryClient& client = shards_.Connect(0);
  EXPECT_EQ(client.Ask({"mput", on0_, "1", on1_, "2", on2_, "3"}), "+OK\r\n");
  uint64_t before = Hops();
  EXPECT_EQ(client.Ask({"sum", on0_}), ":1\r\n");
  EXPECT_EQ(Hops() - before, 0U);
  EXPECT_EQ(client.Ask({"sum", on1_}), ":1\r\n");
  EXPECT_EQ(Hops() - before, 1U);
  EXPECT_EQ(client.Ask({"sum", on1_, "all"}), ":3\r\n");
  EXPECT_EQ(Hops() - before, 3U);
  shards_.Hold(2);
  client.Command({"sum", on0_, "all"});
  AwaitInFlight(client, 1);
  EXPECT_TRUE(shards_.shard(2).mailbox().HasOperations());
  shards_.Release(2);
  EXPECT_EQ(client.Next(), ":3\r\n");
}

// --- Refusals ---

TEST_F(DispatcherTest, RefusesWhatItsWordsRefuse) {
  MemoryClient& client = shards_.Connect(0);
  EXPECT_EQ(client.Ask({"nonsense", "a"}),
            "-ERR unknown command 'nonsense', with args beginning with: 'a' \r\n");
  EXPECT_EQ(client.Ask({"get"}), "-ERR wrong number of arguments for 'get' command\r\n");
  EXPECT_EQ(client.Ask({"get", "a", "b"}), "-ERR wrong number of arguments for 'get' command\r\n");
  EXPECT_EQ(client.Ask({"GET", on0_}), "$-1\r\n");
}

TEST_F(DispatcherTest, KeepsRefusalsOfWordsInTheirOrder) {
  MemoryClient& client = shards_.Connect(0);
  EXPECT_EQ(client.Ask({"get", on1_}), "$-1\r\n");
  shards_.Hold(1);
  client.Send(MemoryClient::Encode({"put", on1_, "1"}) + MemoryClient::Encode({"get"}) +
              MemoryClient::Encode({"put", on2_, "2"}));
  // They depend on nothing, and keep nothing waiting.
  while (shards_.Connect(2).Ask({"get", on2_}) != Bulk("2")) {
  }
  EXPECT_FALSE(client.HasReply());
  shards_.Release(1);
  EXPECT_EQ(client.Next(3), "+OK\r\n-ERR wrong number of arguments for 'get' command\r\n+OK\r\n");
}

TEST_F(DispatcherTest, RefusesAtOnceWhenNothingIsInFlight) {
  MemoryClient& client = ConnectUnauthenticated();
  EXPECT_EQ(client.Ask({"get", on1_}), "$-1\r\n");
  EXPECT_EQ(client.Ask({"secure", "password"}), "+OK\r\n");
  for (const std::string* key : {&on0_, &on1_}) {
    EXPECT_EQ(client.Ask({"get", *key}), kNoAuth);
    EXPECT_EQ(client.Ask({"mget", on0_, on2_}), kNoAuth);
  }
  EXPECT_EQ(client.Ask({"say", "x"}), kNoAuth);
}

TEST_F(DispatcherTest, LetsARefusalWaitForWhatIsInFlight) {
  MemoryClient& client = ConnectUnauthenticated();
  EXPECT_EQ(client.Ask({"secure", "password"}), "+OK\r\n");
  shards_.Hold(1);
  client.Send(MemoryClient::Encode({"login", on1_}) + MemoryClient::Encode({"put", on2_, "2"}) +
              MemoryClient::Encode({"say", "3"}));
  AwaitInFlight(client, 1);
  Settle();
  EXPECT_GT(shards_.Figure(0, [&] { return client.session().input_bytes(); }), 0U);
  // What is in flight turns out to let it in.
  shards_.On(0, [&] { client.session().client().authenticated = true; });
  shards_.Release(1);
  EXPECT_EQ(client.Next().front(), ':');
  EXPECT_EQ(client.Next(2), "+OK\r\n" + Bulk("3"));
}

TEST_F(DispatcherTest, RefusesWhenWhatWasInFlightChangedNothing) {
  MemoryClient& client = ConnectUnauthenticated();
  EXPECT_EQ(client.Ask({"secure", "password"}), "+OK\r\n");
  shards_.Hold(1);
  client.Send(MemoryClient::Encode({"login", on1_}) + MemoryClient::Encode({"put", on2_, "2"}) +
              MemoryClient::Encode({"login", on2_}));
  AwaitInFlight(client, 1);
  Settle();
  shards_.Release(1);
  EXPECT_EQ(client.Next().front(), ':');
  EXPECT_EQ(client.Next(), kNoAuth);
  EXPECT_EQ(client.Next().front(), ':');
  EXPECT_EQ(Calls(2, "put"), 0U);
}

// --- Versions ---

TEST_F(DispatcherTest, DecidesAgainWhatWasDecidedUnderAnOlderVersion) {
  MemoryClient& client = ConnectUnauthenticated();
  EXPECT_EQ(client.Ask({"get", on1_}), "$-1\r\n");
  // The password is set while the posting is made.
  client.Send(MemoryClient::Encode({"put", on1_, "1"}) + MemoryClient::Encode({"login", on2_}) +
              MemoryClient::Encode({"mput", on1_, "3", on2_, "3"}) +
              MemoryClient::Encode({"secure", "password"}));
  EXPECT_EQ(client.Next(), kNoAuth);
  EXPECT_EQ(client.Next().front(), ':');
  EXPECT_EQ(client.Next(2), kNoAuth + "+OK\r\n");
  EXPECT_EQ(Calls(1, "put"), 0U);
  EXPECT_EQ(shards_.Connect(1).Ask({"mget", on1_, on2_}), "*2\r\n$-1\r\n$-1\r\n");
}

TEST_F(DispatcherTest, AnswersWhenNothingIsLeftToPost) {
  MemoryClient& client = ConnectUnauthenticated();
  EXPECT_EQ(client.Ask({"get", on1_}), "$-1\r\n");
  uint64_t before = Hops();
  client.Send(MemoryClient::Encode({"put", on1_, "1"}) +
              MemoryClient::Encode({"secure", "password"}) +
              MemoryClient::Encode({"copy", on1_, on2_}));
  EXPECT_EQ(client.Next(3), kNoAuth + ("+OK\r\n" + kNoAuth));
  EXPECT_EQ(Hops(), before);
  AwaitInFlight(client, 0);
  // It goes on.
  EXPECT_EQ(client.Ask({"login", on1_}).front(), ':');
}

TEST_F(DispatcherTest, PostsUnderTheNewVersionWhatItStillAllows) {
  MemoryClient& client = shards_.Connect(0);
  EXPECT_EQ(client.Ask({"get", on1_}), "$-1\r\n");
  client.Send(MemoryClient::Encode({"put", on1_, "1"}) +
              MemoryClient::Encode({"mput", on0_, "2", on2_, "2"}) +
              MemoryClient::Encode({"secure", "password"}));
  EXPECT_EQ(client.Next(3), "+OK\r\n+OK\r\n+OK\r\n");
  EXPECT_EQ(client.Ask({"mget", on0_, on1_, on2_}), "*3\r\n" + Bulk("2") + Bulk("1") + Bulk("2"));
}

// --- Memory ---

TEST(DispatcherMemory, RefusesACommandOfSeveralShardsBeforeAnyPartOfItIsPosted) {
  World world(2);
  config::ConfigEdit edit(config::DefaultConfig());
  ASSERT_TRUE(edit.Set({{"maxmemory", "1"}}, {.local = true}).ok());
  ShardHarness shards(2, World::Commands(), {.config = edit.config()});
  std::string on0 = shards.KeyOn(0);
  std::string on1 = shards.KeyOn(1);
  constexpr std::string_view kOom = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
  MemoryClient& client = shards.Connect(0);
  EXPECT_EQ(client.Ask({"mput", on0, "1", on1, "1"}), kOom);
  EXPECT_EQ(client.Ask({"mput", on1, "1"}), kOom);
  EXPECT_EQ(client.Ask({"mput", on0, "1"}), kOom);
  EXPECT_EQ(client.Ask({"put", on0, "2"}), "+OK\r\n");
  EXPECT_EQ(client.Ask({"mget", on0, on1}), "*2\r\n" + Bulk("2") + "$-1\r\n");
}

}  // namespace
}  // namespace nuthatch::runtime
