// Real shards, one, two and four of them: what they do for each other.
#include "server/runtime/shard.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "server/base/clock.h"
#include "server/base/random.h"
#include "server/runtime/poster.h"
#include "server/runtime/relax.h"
#include "tests/support/fake_node.h"
#include "tests/support/shard_harness.h"
#include "tests/unit/runtime/world.h"

namespace nuthatch::runtime {
namespace {

constexpr std::string_view kOk = "+OK\r\n";
constexpr std::string_view kNull = "$-1\r\n";

std::string Bulk(std::string_view text) {
  return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}
std::string Number(size_t number) { return ":" + std::to_string(number) + "\r\n"; }
int64_t NumberOf(std::string_view reply) { return std::stoll(std::string(reply.substr(1))); }

struct Shards {
  explicit Shards(size_t count) : world(count), harness(count, World::Commands()) {}

  Shard& operator[](size_t index) { return harness.shard(index); }
  // Waits until that shard's mailbox holds an operation.
  void AwaitOperation(size_t index) {
    while (!harness.shard(index).mailbox().HasOperations()) std::this_thread::yield();
  }
  void AwaitHeld(size_t index) {
    harness.Await(index, [&] { return harness.shard(index).held(); });
  }
  void Settle(size_t index) {
    for (int i = 0; i < 4; ++i) harness.On(index, [] {});
  }
  bool TimeFell() {
    bool fell = false;
    for (size_t i = 0; i < harness.shard_count(); ++i) {
      fell |= harness.Figure(i, [&] { return world.part(i).time_fell; });
    }
    return fell;
  }

  World world;
  ShardHarness harness;
};

class ShardTest : public testing::TestWithParam<size_t> {
 protected:
  size_t count() const { return GetParam(); }
  // A key of the last shard: another one than shard 0, if there are several.
  std::string FarKey(int number = 0) { return shards_.harness.KeyOn(count() - 1, number); }
  std::string NearKey(int number = 0) { return shards_.harness.KeyOn(0, number); }

  Shards shards_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Counts, ShardTest, testing::Values(1, 2, 4),
                         [](const auto& info) { return std::to_string(info.param) + "Shards"; });

TEST_P(ShardTest, RunsACommandOnTheShardOfItsKeyWhereverItCameIn) {
  for (size_t home = 0; home < count(); ++home) {
    MemoryClient& client = shards_.harness.Connect(home);
    for (size_t owner = 0; owner < count(); ++owner) {
      std::string key = shards_.harness.KeyOn(owner, static_cast<int>(home));
      EXPECT_EQ(client.Ask({"where", key}), Number(owner));
      EXPECT_EQ(client.Ask({"get", key}), kNull);
      EXPECT_EQ(client.Ask({"put", key, "value"}), kOk);
      EXPECT_EQ(client.Ask({"get", key}), Bulk("value"));
      EXPECT_TRUE(shards_.harness.Figure(
          owner, [&] { return shards_.world.part(owner).values.contains(key); }));
    }
    EXPECT_EQ(client.Ask({"here"}), Number(home));
  }
}

TEST_P(ShardTest, CombinesAScatterInTheOrderOfItsKeys) {
  MemoryClient& client = shards_.harness.Connect(0);
  std::vector<std::string> keys;
  for (int i = 0; i < 9; ++i) {
    keys.push_back(shards_.harness.KeyOn(static_cast<size_t>(i * 7) % count(), i));
  }
  std::vector<std::string_view> mput = {"mput"};
  std::vector<std::string_view> mget = {"mget"};
  std::string expected = "*9\r\n";
  for (const std::string& key : keys) {
    mput.insert(mput.end(), {key, key});
    mget.push_back(key);
    expected += Bulk(key);
  }
  EXPECT_EQ(client.Ask(mput), kOk);
  EXPECT_EQ(client.Ask(mget), expected);
  EXPECT_EQ(client.Ask({"count"}), Number(9));
}

TEST_P(ShardTest, RunsARendezvousOnceWithAllItsShards) {
  for (size_t home = 0; home < count(); ++home) {
    MemoryClient& client = shards_.harness.Connect(home);
    std::string from = NearKey(static_cast<int>(home));
    std::string to = FarKey(static_cast<int>(home) + 100);
    EXPECT_EQ(client.Ask({"copy", from, to}), ":0\r\n");
    EXPECT_EQ(client.Ask({"put", from, "value"}), kOk);
    EXPECT_EQ(client.Ask({"copy", from, to}), ":1\r\n");
    EXPECT_EQ(client.Ask({"mget", from, to}), "*2\r\n" + Bulk("value") + Bulk("value"));
    EXPECT_EQ(client.Ask({"total"}), Number(2 * (home + 1)));
  }
}

TEST_P(ShardTest, RunsNothingBehindABarrierBeforeIt) {
  MemoryClient& client = shards_.harness.Connect(0);
  std::string pipeline;
  for (int i = 0; i < 50; ++i) {
    pipeline += MemoryClient::Encode({"put!", FarKey(), std::to_string(i)});
    pipeline += MemoryClient::Encode({"get", FarKey()});
    pipeline += MemoryClient::Encode({"put", NearKey(), std::to_string(i)});
  }
  client.Send(pipeline);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(client.Next(3), std::string(kOk) + Bulk(std::to_string(i)) + std::string(kOk));
  }
}

TEST_P(ShardTest, RunsCallsInTheirOrder) {
  std::vector<int> order;
  for (int i = 0; i < 100; ++i) shards_[0].Call([&order, i] { order.push_back(i); });
  shards_.harness.On(0, [] {});
  ASSERT_EQ(order.size(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[i], i);
}

TEST_P(ShardTest, HoldsWritesWhilePausedAndRunsThemThen) {
  MemoryClient& client = shards_.harness.Connect(0);
  shards_.harness.On(0, [&] { shards_[0].SetPause(INT64_MAX, true); });
  client.Send(MemoryClient::Encode({"get", FarKey()}) + MemoryClient::Encode({"say", "x"}) +
              MemoryClient::Encode({"put", FarKey(), "1"}) +
              MemoryClient::Encode({"get", FarKey()}));
  EXPECT_EQ(client.Next(2), std::string(kNull) + Bulk("x"));
  shards_.harness.Await(0, [&] { return client.session().paused(); });
  EXPECT_FALSE(client.HasReply());
  shards_.harness.On(0, [&] { shards_[0].SetPause(0, false); });
  EXPECT_EQ(client.Next(2), std::string(kOk) + Bulk("1"));
}

// --- Breathing ---

TEST_P(ShardTest, ServesOthersWhileACommandBreathes) {
  MemoryClient& client = shards_.harness.Connect(0);
  MemoryClient& other = shards_.harness.Connect(0);
  MemoryClient& third = shards_.harness.Connect(0);
  client.Send(MemoryClient::Encode({"breathe", NearKey(), World::GateName(0)}) +
              MemoryClient::Encode({"get", NearKey()}));
  shards_.world.came(0).Wait();

  EXPECT_EQ(other.Ask({"say", "hello"}), Bulk("hello"));
  EXPECT_EQ(other.Ask({"nonsense"}),
            "-ERR unknown command 'nonsense', with args beginning with: \r\n");
  if (count() > 1) {
    EXPECT_EQ(other.Ask({"put", FarKey(), "far"}), kOk);
  }
  // Its own keyspace is in use.
  third.Command({"put", NearKey(), "third"});
  shards_.AwaitOperation(0);
  EXPECT_EQ(other.Ask({"say", "again"}), Bulk("again"));
  EXPECT_FALSE(third.HasReply());
  EXPECT_FALSE(client.HasReply());

  shards_.world.gate(0).Open();
  // What was posted meanwhile stands before what the client itself sent behind its command.
  EXPECT_EQ(client.Next(2), std::string(kOk) + Bulk("third"));
  EXPECT_EQ(third.Next(), kOk);
}

TEST_P(ShardTest, LetsACommandOfAnotherShardsClientBreathe) {
  MemoryClient& client = shards_.harness.Connect(count() - 1);
  MemoryClient& other = shards_.harness.Connect(0);
  client.Command({"breathe", NearKey(), World::GateName(0)});
  shards_.world.came(0).Wait();
  EXPECT_EQ(other.Ask({"say", "hello"}), Bulk("hello"));
  // A command of all shards has to wait for it, and nobody else for that one.
  other.Command({"mput", NearKey(), "1", FarKey(), "1"});
  shards_.AwaitOperation(0);
  MemoryClient& third = shards_.harness.Connect(0);
  EXPECT_EQ(third.Ask({"say", "hello"}), Bulk("hello"));
  EXPECT_FALSE(other.HasReply());
  shards_.world.gate(0).Open();
  EXPECT_EQ(client.Next(), kOk);
  EXPECT_EQ(other.Next(), kOk);
}

// --- Parking ---

TEST(ShardParking, LendsItsKeyspaceNotItsLoop) {
  Shards shards(3);
  ShardHarness& harness = shards.harness;
  std::string on0 = harness.KeyOn(0);
  std::string on1 = harness.KeyOn(1);
  std::string on2 = harness.KeyOn(2);
  MemoryClient& client = harness.Connect(0);
  MemoryClient& other = harness.Connect(0);
  MemoryClient& third = harness.Connect(0);
  MemoryClient& far = harness.Connect(2);
  EXPECT_EQ(far.Ask({"mput", on0, "0", on1, "1", on2, "2"}), kOk);

  harness.Hold(1);
  client.Command({"copy", on1, on0});
  shards.AwaitHeld(0);
  // What touches nothing but its connection runs, and what is elsewhere is posted and answered.
  EXPECT_EQ(other.Ask({"say", "hello"}), Bulk("hello"));
  EXPECT_EQ(other.Ask({"get", on2}), Bulk("2"));
  EXPECT_EQ(far.Ask({"get", on2}), Bulk("2"));
  // What needs the keyspace stands in the mailbox, in its order.
  third.Command({"put", on0, "third"});
  shards.AwaitOperation(0);
  other.Command({"get", on0});
  harness.Await(0, [&] { return other.session().postings_in_flight() == 1; });
  far.Command({"get", on0});
  harness.Await(2, [&] { return far.session().postings_in_flight() == 1; });
  EXPECT_FALSE(third.HasReply());
  EXPECT_FALSE(other.HasReply());

  harness.Release(1);
  EXPECT_EQ(client.Next(), ":1\r\n");
  EXPECT_EQ(third.Next(), kOk);
  EXPECT_EQ(other.Next(), Bulk("third"));
  EXPECT_EQ(far.Next(), Bulk("third"));
  harness.On(1, [&] { EXPECT_EQ(shards.world.part(1).puts, (std::vector<std::string>{"1"})); });
  harness.On(0, [&] {
    EXPECT_EQ(shards.world.part(0).puts, (std::vector<std::string>{"0", "1", "third"}));
    EXPECT_FALSE(shards[0].held());
  });
}

TEST(ShardParking, GoesOnWithTheRestOfItsPart) {
  Shards shards(2);
  ShardHarness& harness = shards.harness;
  std::string on0 = harness.KeyOn(0);
  std::string on1 = harness.KeyOn(1);
  MemoryClient& client = harness.Connect(0);
  EXPECT_EQ(client.Ask({"get", on1}), kNull);
  harness.Hold(1);
  client.Send(MemoryClient::Encode({"put", on0, "1"}) + MemoryClient::Encode({"copy", on0, on1}) +
              MemoryClient::Encode({"put", on0, "2"}) + MemoryClient::Encode({"copy", on0, on1}) +
              MemoryClient::Encode({"mput", on0, "3", on1, "3"}) + MemoryClient::Encode({"total"}));
  shards.AwaitHeld(0);
  harness.Release(1);
  EXPECT_EQ(client.Next(6), "+OK\r\n:1\r\n+OK\r\n:1\r\n+OK\r\n:2\r\n");
  harness.On(1, [&] {
    EXPECT_EQ(shards.world.part(1).puts, (std::vector<std::string>{"1", "2", "3"}));
  });
}

TEST(ShardParking, RunsASystemCallOnceWithAllShardsHeld) {
  Shards shards(2);
  for (int round = 1; round <= 20; ++round) {
    auto* posting = new Posting;
    posting->home = 0;
    PostingItem& item = posting->items.emplace_back();
    item.kind = PostingItem::Kind::kTransaction;
    item.caller = posting->CallerIndex({});
    Transaction& transaction = posting->NewTransaction();
    transaction.rendezvous = true;
    transaction.remaining = 2;
    for (uint16_t i = 0; i < 2; ++i) {
      transaction.shards.push_back(i);
      posting->PartOf(i).items.push_back(0);
    }
    Gate ran;
    posting->system_call = [&](Shard&) {
      // Both are this thread's for the time being.
      shards.world.part(0).puts.emplace_back("call");
      shards.world.part(1).puts.emplace_back("call");
      ran.Open();
    };
    Post(shards.harness.node(), nullptr, 0, 0, *posting);
    ran.Wait();
    for (size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(shards.harness.Connect(i).Ask({"put", shards.harness.KeyOn(i), "x"}), kOk);
      EXPECT_EQ(shards.harness.Figure(i, [&] { return shards.world.part(i).puts.size(); }),
                static_cast<size_t>(2 * round));
    }
  }
}

// --- The order of posting ---

// Between two commands of a connection somebody else's posting lands in the mailbox: it is before
// what the connection runs next. The first command posts it, as another thread might have done.
class ShardOrder : public testing::Test {
 protected:
  // A posting of `put key far` for each key, of nobody's connection. The keys outlive it.
  Posting* NewPuts(const std::vector<std::string_view>& keys) {
    auto* posting = new Posting;
    for (std::string_view key : keys) {
      PostingItem& item = posting->items.emplace_back();
      item.kind = PostingItem::Kind::kOneShard;
      item.caller = posting->CallerIndex({});
      item.where = posting->PartIndex(keyspace::Key::Of(key).slot % 2);
      item.command.entry = shards_.harness.node().commands().Find("put");
      item.command.arg_begin = static_cast<uint32_t>(posting->args.size());
      item.command.arg_count = 3;
      item.command.key_begin = static_cast<uint32_t>(posting->keys.size());
      item.command.key_count = 1;
      posting->args.insert(posting->args.end(), {"put", key, "far"});
      posting->keys.push_back(keyspace::Key::Of(key));
      posting->parts[item.where]->items.push_back(static_cast<uint32_t>(posting->items.size() - 1));
    }
    return posting;
  }

  Shards shards_{2};
  const std::string on0_ = shards_.harness.KeyOn(0);
  const std::string on1_ = shards_.harness.KeyOn(1);
};

TEST_F(ShardOrder, RunsNothingLocalPastItsMailbox) {
  MemoryClient& client = shards_.harness.Connect(0);
  // Several times: where a turn ends between the two commands, nothing is shown.
  for (int round = 0; round < 30; ++round) {
    std::string key = shards_.harness.KeyOn(0, round);
    Posting* posting = NewPuts({key});
    shards_.world.hook() = [&] { Post(shards_.harness.node(), nullptr, 0, 0, *posting); };
    client.Send(MemoryClient::Encode({"hook!"}) + MemoryClient::Encode({"get", key}));
    EXPECT_EQ(client.Next(2), std::string(kOk) + Bulk("far"));
  }
}

TEST_F(ShardOrder, PutsItsOwnPartBehindWhatStandsInItsMailbox) {
  MemoryClient& client = shards_.harness.Connect(0);
  shards_.world.hook() = [&] {
    Post(shards_.harness.node(), nullptr, 0, 0, *NewPuts({on0_, on1_}));
  };
  client.Send(MemoryClient::Encode({"hook!"}) +
              MemoryClient::Encode({"mput", on0_, "near", on1_, "near"}));
  EXPECT_EQ(client.Next(2), "+OK\r\n+OK\r\n");
  for (size_t i = 0; i < 2; ++i) {
    shards_.harness.On(i, [&] {
      EXPECT_EQ(shards_.world.part(i).puts, (std::vector<std::string>{"far", "near"}));
    });
  }
}

TEST_F(ShardOrder, LocalRunsPassNoMailbox) {
  MemoryClient& client = shards_.harness.Connect(0);
  std::string pipeline;
  for (int i = 0; i < 300; ++i) {
    pipeline += MemoryClient::Encode({"put", shards_.harness.KeyOn(0, i), "value"});
  }
  client.Send(pipeline);
  client.Next(300);
  EXPECT_EQ(shards_.harness.Figure(0, [&] { return shards_[0].stats().posted_messages; }), 0U);
}

// Clients of all shards write pairs of keys, always both with one value, copy within pairs and
// count, in pipelines; each also reads back what it alone writes.
TEST_P(ShardTest, KeepsOneOrderUnderLoad) {
  constexpr int kRounds = 10;
  constexpr int kCommands = 300;
  const std::string a = NearKey();
  const std::string b = FarKey(1);
  struct Talker {
    MemoryClient* client = nullptr;
    std::string own;
    // What each reply must be; empty: the two values of a pair, which are the same.
    std::vector<std::string> expected;
  };
  std::vector<Talker> talkers(2 * count());
  base::Random random(7);
  for (size_t i = 0; i < talkers.size(); ++i) {
    talkers[i].client = &shards_.harness.Connect(i % count());
    talkers[i].own = shards_.harness.KeyOn(random.Below(count()), static_cast<int>(i) + 10);
  }
  ASSERT_EQ(talkers[0].client->Ask({"mput", a, "0", b, "0"}), kOk);
  for (int round = 0; round < kRounds; ++round) {
    for (Talker& talker : talkers) {
      std::string pipeline;
      std::string last(kNull);
      auto say = [&](const std::vector<std::string_view>& words, std::string_view expected) {
        pipeline += MemoryClient::Encode(words);
        talker.expected.emplace_back(expected);
      };
      talker.expected.clear();
      say({"put", talker.own, "first"}, kOk);
      last = Bulk("first");
      for (int i = 0; i < kCommands; ++i) {
        std::string value = talker.own + "/" + std::to_string(round * kCommands + i);
        switch (random.Below(7)) {
          case 0:
            say({"mput", a, value, b, value}, kOk);
            break;
          case 1:
            say({"mput", b, value, a, value}, kOk);
            break;
          case 2:
            say({"copy", a, b}, ":1\r\n");
            break;
          case 3:
            say({"copy", b, a}, ":1\r\n");
            break;
          case 4:
            say({"mget", a, b}, "");
            break;
          case 5:
            say({"put", talker.own, value}, kOk);
            last = Bulk(value);
            break;
          default:
            say({"get", talker.own}, last);
        }
      }
      talker.client->Send(pipeline);
    }
    for (Talker& talker : talkers) {
      for (const std::string& expected : talker.expected) {
        std::string reply = talker.client->Next();
        if (!expected.empty()) {
          ASSERT_EQ(reply, expected);
          continue;
        }
        size_t half = (reply.size() - 4) / 2;
        ASSERT_EQ(reply.substr(4, half), reply.substr(4 + half));
      }
    }
  }
  MemoryClient& client = *talkers[0].client;
  EXPECT_EQ(client.Ask({"count"}), Number(2 + talkers.size()));
  EXPECT_EQ(client.Ask({"total"}), Number(2 + talkers.size()));
  EXPECT_FALSE(shards_.TimeFell());
}

// --- Time ---

TEST(ShardTime, GivesATransactionOneTimeAndNeverFallsBehindIt) {
  Shards shards(3);
  ShardHarness& harness = shards.harness;
  std::string on0 = harness.KeyOn(0);
  std::string on1 = harness.KeyOn(1);
  std::string on2 = harness.KeyOn(2);
  MemoryClient& near = harness.Connect(0);
  MemoryClient& other = harness.Connect(2);
  int64_t now = NumberOf(near.Ask({"time", on0}));
  // As if a shard whose clock is ahead had posted there.
  const int64_t ahead = now + 3'600'000;
  shards[1].mailbox().Lock();
  shards[1].mailbox().set_time(ahead);
  shards[1].mailbox().Unlock();
  EXPECT_LT(NumberOf(near.Ask({"time", on0})), ahead);

  std::string time = std::to_string(ahead);
  EXPECT_EQ(near.Ask({"times", on0, on1}), "*2\r\n:" + time + "\r\n:" + time + "\r\n");
  // It was left in the mailbox that it met: local runs have it too.
  EXPECT_EQ(NumberOf(near.Ask({"time", on0})), ahead);
  EXPECT_LT(NumberOf(other.Ask({"time", on2})), ahead);
  EXPECT_EQ(NumberOf(other.Ask({"time2", on0, on2})), ahead);
  EXPECT_EQ(NumberOf(other.Ask({"time", on2})), ahead);
  EXPECT_EQ(NumberOf(harness.Connect(1).Ask({"time", on1})), ahead);
  EXPECT_FALSE(shards.TimeFell());
}

TEST(ShardTime, PostsNotBeforeWhatItRanItself) {
  Shards shards(2);
  ShardHarness& harness = shards.harness;
  std::string on0 = harness.KeyOn(0);
  std::string on1 = harness.KeyOn(1);
  MemoryClient& client = harness.Connect(0);
  for (int i = 0; i < 200; ++i) {
    int64_t local = NumberOf(client.Ask({"time", on0}));
    int64_t both = NumberOf(client.Ask({"time2", on0, on1}));
    int64_t far = NumberOf(client.Ask({"time", on1}));
    EXPECT_LE(local, both);
    EXPECT_LE(both, far);
  }
  EXPECT_FALSE(shards.TimeFell());
}

// --- The end ---

TEST(ShardEnd, IsNotQuietWhileItsPostingsAreInFlight) {
  Shards shards(2);
  ShardHarness& harness = shards.harness;
  MemoryClient& client = harness.Connect(0);
  harness.Hold(1);
  client.Command({"put", harness.KeyOn(1), "value"});
  harness.Await(0, [&] { return client.session().postings_in_flight() == 1; });
  shards[0].Stop();
  shards[1].Stop();
  shards.Settle(0);
  EXPECT_FALSE(shards[0].quiet());
  EXPECT_FALSE(shards[1].quiet());
  harness.Release(1);
  while (!shards[0].quiet() || !shards[1].quiet()) std::this_thread::yield();
  EXPECT_EQ(client.Next(), kOk);
  harness.node().End();
  EXPECT_EQ(shards.world.part(1).puts.size(), 1U);
}

TEST(ShardEnd, IsNotQuietWhileItIsParked) {
  Shards shards(3);
  ShardHarness& harness = shards.harness;
  MemoryClient& client = harness.Connect(2);
  harness.Hold(1);
  client.Command({"copy", harness.KeyOn(0), harness.KeyOn(1)});
  shards.AwaitHeld(0);
  for (size_t i = 0; i < 3; ++i) shards[i].Stop();
  shards.Settle(0);
  shards.Settle(2);
  for (size_t i = 0; i < 3; ++i) EXPECT_FALSE(shards[i].quiet());
  harness.Release(1);
  EXPECT_EQ(client.Next(), ":0\r\n");
  harness.node().End();
}

TEST(ShardEnd, TakesNothingMoreFromConnectionsOnceStopped) {
  Shards shards(1);
  MemoryClient& client = shards.harness.Connect(0);
  shards[0].Stop();
  while (!shards[0].quiet()) std::this_thread::yield();
  client.Command({"put", shards.harness.KeyOn(0), "value"});
  // Calls are still run: shards work for each other until the end.
  shards.Settle(0);
  EXPECT_GT(client.unread(), 0U);
  shards.harness.node().End();
  EXPECT_TRUE(shards.world.part(0).puts.empty());
}

TEST(ShardEnd, DropsCallsThatComeTooLate) {
  auto marker = std::make_shared<int>(0);
  {
    Shards shards(2);
    shards.harness.node().End();
    shards[1].Call([marker] { ++*marker; });
    EXPECT_EQ(marker.use_count(), 2);
  }
  EXPECT_EQ(marker.use_count(), 1);
  EXPECT_EQ(*marker, 0);
}

// Spends so much of its thread's CPU time in every Cron().
class BusyCron : public NoConnections {
 public:
  static constexpr int64_t kSpentUs = 3000;

  BusyCron(Shard* shard, std::atomic<uint64_t>* measured) : shard_(shard), measured_(measured) {}
  void Cron() override {
    // The turn of an earlier call has ended.
    if (calls_++ > 0) measured_->store(shard_->stats().loop_stall_cpu_max_us + 1);
    int64_t end = base::ThreadCpuNs() + kSpentUs * 1000;
    while (base::ThreadCpuNs() < end) Relax();
  }

 private:
  Shard* shard_;
  std::atomic<uint64_t>* measured_;
  int calls_ = 0;
};

TEST(ShardTurns, CountWhatTheTimerDoesBetweenTwoSleeps) {
  std::atomic<uint64_t> measured = 0;  // one more than the figure; 0: not yet
  FakeNode node(1, {});
  node.Start(
      0, [&](Shard* shard, uv_loop_t*) { return std::make_unique<BusyCron>(shard, &measured); });
  while (measured.load() == 0) std::this_thread::yield();
  EXPECT_GT(measured.load(), BusyCron::kSpentUs);
}

}  // namespace
}  // namespace nuthatch::runtime
