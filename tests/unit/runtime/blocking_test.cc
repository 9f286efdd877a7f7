// Commands that wait, with commands of the test's own over strings:
//   set k v, setnx k v   one shard                    mset k v ...   scatter
//   take k ... timeout   the first value that is there, which goes; waits in milliseconds
//   hand from to         moves a value, and waits for one
#include "server/runtime/blocking.h"

#include <optional>
#include <string>
#include <vector>

#include "server/runtime/context.h"
#include "tests/support/shard_harness.h"

namespace nuthatch::runtime {
namespace {

using keyspace::EntryRef;
using keyspace::Key;
using keyspace::Touch;

constexpr std::string_view kOk = "+OK\r\n";
constexpr std::string_view kNothing = "*-1\r\n";

EntryRef Find(CommandContext& context, size_t i) {
  return context.keyspace_of(context.key(i))
      .Find(context.db(), context.key(i), context.now_ms(), Touch::kNone);
}

void SetKey(CommandContext& context, size_t i, std::string_view value) {
  context.keyspace_of(context.key(i))
      .SetString(context.db(), context.key(i), Find(context, i), value, keyspace::Ttl::None());
}

// The value of keys()[i], which goes; nothing if there is none.
std::optional<std::string> TakeKey(CommandContext& context, size_t i) {
  EntryRef ref = Find(context, i);
  if (!ref) return std::nullopt;
  keyspace::NumberText number;
  std::string value(ref->Text(number));
  context.keyspace_of(context.key(i)).Erase(context.db(), context.key(i), ref);
  return value;
}

void Set(CommandContext& context) {
  SetKey(context, 0, context.arg(2));
  context.reply().SimpleString("OK");
}

void SetNx(CommandContext& context) {
  const bool there = static_cast<bool>(Find(context, 0));
  if (!there) SetKey(context, 0, context.arg(2));
  context.reply().Integer(there ? 0 : 1);
}

void MsetFragment(CommandContext& context) {
  for (size_t i = 0; i < context.keys().size(); ++i) {
    if (context.Owns(i)) SetKey(context, i, context.arg(2 * i + 2));
  }
}
void MsetCombine(CommandContext& context) { context.reply().SimpleString("OK"); }

void Take(CommandContext& context) {
  const auto count = static_cast<uint32_t>(context.keys().size());
  const uint32_t begin = context.ready_key().value_or(0);
  const uint32_t end = context.ready_key().has_value() ? begin + 1 : count;
  for (uint32_t i = begin; i < end; ++i) {
    if (std::optional<std::string> value = TakeKey(context, i)) {
      context.reply().Array(2);
      context.reply().Bulk(context.key(i).name);
      context.reply().Bulk(*value);
      return;
    }
  }
  const int64_t timeout_ms = std::stoll(std::string(context.arg(context.argc() - 1)));
  if (!context.Wait(
          {.type = values::Type::kString, .key_count = count, .timeout_ms = timeout_ms})) {
    context.reply().NullArray();
  }
}

void Hand(CommandContext& context) {
  if (std::optional<std::string> value = TakeKey(context, 0)) {
    SetKey(context, 1, *value);
    context.reply().Bulk(*value);
  } else if (!context.Wait({.type = values::Type::kString, .key_count = 1})) {
    context.reply().Null();
  }
}

constexpr KeySpec kOne[] = {KeySpec::Range(1, kKeyRW)};
constexpr KeySpec kTwo[] = {KeySpec::Range(1, kKeyRW, 1)};
constexpr KeySpec kPairs[] = {KeySpec::Range(1, kKeyRW, -1, 2)};
constexpr KeySpec kButLast[] = {KeySpec::Range(1, kKeyRW, -2)};

constexpr CommandSpec kCommands[] = {
    {.name = "set", .arity = 3, .key_specs = kOne, .where = Where::kByKeys, .run = Set},
    {.name = "setnx", .arity = 3, .key_specs = kOne, .where = Where::kByKeys, .run = SetNx},
    {.name = "mset",
     .arity = -3,
     .key_specs = kPairs,
     .where = Where::kByKeys,
     .several = Several::kScatter,
     .scatter = {MsetFragment, MsetCombine}},
    {.name = "take",
     .arity = -3,
     .flags = kBlocking | kBarrier,
     .key_specs = kButLast,
     .where = Where::kByKeys,
     .run = Take},
    {.name = "hand",
     .arity = 3,
     .flags = kBlocking | kBarrier,
     .key_specs = kTwo,
     .where = Where::kByKeys,
     .run = Hand},
};

std::string Taken(std::string_view key, std::string_view value) {
  return MemoryClient::Encode({key, value});
}

class BlockingTest : public testing::TestWithParam<size_t> {
 protected:
  // Waits until so many clients of that shard are blocked.
  void AwaitBlocked(MemoryClient& client, size_t home) {
    harness_.Await(home, [&] { return client.session().blocked(); });
  }
  // A client that waits by `words`.
  MemoryClient& Blocked(size_t home, const std::vector<std::string_view>& words) {
    MemoryClient& client = harness_.Connect(home);
    client.Command(words);
    AwaitBlocked(client, home);
    return client;
  }
  bool End(MemoryClient& client, size_t home, WaitEnd end) {
    return harness_.Figure(home, [&] { return client.session().EndWait(end); });
  }
  size_t last() { return GetParam() - 1; }

  ShardHarness harness_{GetParam(), kCommands};
  const std::string a_ = harness_.KeyOn(0);
  const std::string b_ = harness_.KeyOn(last(), 1);
  MemoryClient& other_ = harness_.Connect(last());
};

TEST_P(BlockingTest, TakesWhatIsThereWithoutWaiting) {
  MemoryClient& client = harness_.Connect(0);
  other_.Ask({"set", b_, "one"});
  EXPECT_EQ(client.Ask({"take", a_, b_, "0"}), Taken(b_, "one"));
}

TEST_P(BlockingTest, WaitsForOneKey) {
  for (size_t home : {size_t{0}, last()}) {
    MemoryClient& client = Blocked(home, {"take", a_, "0"});
    EXPECT_EQ(other_.Ask({"set", b_, "no"}), kOk);
    EXPECT_FALSE(client.HasReply());
    EXPECT_EQ(other_.Ask({"set", a_, "yes"}), kOk);
    EXPECT_EQ(client.Next(), Taken(a_, "yes"));
    EXPECT_EQ(other_.Ask({"take", b_, "0"}), Taken(b_, "no"));
    // The connection goes on, and nothing is left of the wait.
    EXPECT_EQ(client.Ask({"set", a_, "kept"}), kOk);
    EXPECT_EQ(other_.Ask({"take", a_, "0"}), Taken(a_, "kept"));
  }
}

TEST_P(BlockingTest, WaitsForKeysOfSeveralShards) {
  MemoryClient& client = Blocked(0, {"take", a_, b_, "0"});
  other_.Ask({"set", b_, "one"});
  EXPECT_EQ(client.Next(), Taken(b_, "one"));
  client.Command({"take", a_, b_, "0"});
  AwaitBlocked(client, 0);
  other_.Ask({"mset", a_, "two", b_, "three"});
  const std::string reply = client.Next();
  EXPECT_TRUE(reply == Taken(a_, "two") || reply == Taken(b_, "three")) << reply;
}

TEST_P(BlockingTest, ServesInTheOrderOfArrival) {
  MemoryClient& first = Blocked(0, {"take", a_, b_, "0"});
  MemoryClient& second = Blocked(last(), {"take", a_, "0"});
  MemoryClient& third = Blocked(0, {"take", b_, a_, "0"});
  other_.Ask({"set", a_, "1"});
  EXPECT_EQ(first.Next(), Taken(a_, "1"));
  other_.Ask({"set", a_, "2"});
  EXPECT_EQ(second.Next(), Taken(a_, "2"));
  other_.Ask({"set", a_, "3"});
  EXPECT_EQ(third.Next(), Taken(a_, "3"));
}

TEST_P(BlockingTest, AnElementGoesFromHandToHand) {
  MemoryClient& taker = Blocked(0, {"take", b_, "0"});
  MemoryClient& hander = Blocked(last(), {"hand", a_, b_});
  other_.Ask({"set", a_, "x"});
  EXPECT_EQ(hander.Next(), "$1\r\nx\r\n");
  EXPECT_EQ(taker.Next(), Taken(b_, "x"));
}

TEST_P(BlockingTest, EndsWhenItsTimeIsUp) {
  MemoryClient& one = harness_.Connect(0);
  one.Command({"take", b_, "1"});
  EXPECT_EQ(one.Next(), kNothing);
  one.Command({"take", a_, b_, "1"});
  EXPECT_EQ(one.Next(), kNothing);
  // Who has waited takes nothing any more.
  other_.Ask({"mset", a_, "1", b_, "2"});
  EXPECT_EQ(other_.Ask({"take", a_, "0"}), Taken(a_, "1"));
  EXPECT_EQ(other_.Ask({"take", b_, "0"}), Taken(b_, "2"));
}

TEST_P(BlockingTest, CanBeEndedFromElsewhere) {
  MemoryClient& client = harness_.Connect(0);
  EXPECT_FALSE(End(client, 0, WaitEnd::kError));
  for (const auto& words : {std::vector<std::string_view>{"take", b_, "0"},
                            std::vector<std::string_view>{"take", a_, b_, "1000000"}}) {
    client.Command(words);
    AwaitBlocked(client, 0);
    EXPECT_TRUE(End(client, 0, WaitEnd::kError));
    EXPECT_EQ(client.Next(), "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n");
    EXPECT_FALSE(End(client, 0, WaitEnd::kTimeout));
    client.Command(words);
    AwaitBlocked(client, 0);
    EXPECT_TRUE(End(client, 0, WaitEnd::kTimeout));
    EXPECT_EQ(client.Next(), kNothing);
  }
  // Their places are swept, and so are their deadlines.
  for (size_t i = 0; i < GetParam(); ++i) {
    harness_.Await(i, [&] {
      keyspace::BlockList& list = harness_.shard(i).keyspace().block_list();
      return list.empty() && list.deadline_count() == 0;
    });
  }
}

TEST_P(BlockingTest, AClosedConnectionTakesNothing) {
  MemoryClient& client = Blocked(0, {"take", b_, "0"});
  MemoryClient& another = Blocked(0, {"take", a_, b_, "0"});
  for (MemoryClient* gone : {&client, &another}) {
    harness_.On(0, [&] { gone->session().Abandon(); });
    harness_.Await(0, [&] { return gone->session().postings_in_flight() == 0; });
  }
  other_.Ask({"set", b_, "kept"});
  EXPECT_EQ(other_.Ask({"take", b_, "0"}), Taken(b_, "kept"));
}

TEST_P(BlockingTest, WhoSendsNothingMoreDoesNotWait) {
  MemoryClient& client = Blocked(0, {"take", b_, "0"});
  harness_.On(0, [&] { client.session().NoteInputEnd(); });
  harness_.Await(0, [&] { return client.session().idle(); });
  // Nor does it begin to.
  client.Command({"take", a_, b_, "0"});
  harness_.Await(0, [&] { return client.unread() == 0 && client.session().idle(); });
  other_.Ask({"set", b_, "kept"});
  EXPECT_EQ(other_.Ask({"take", b_, "0"}), Taken(b_, "kept"));
}

// Who waits for one key and who waits for keys of all shards; nothing may be lost or taken twice.
TEST_P(BlockingTest, EveryValueIsTakenOnce) {
  constexpr size_t kTakers = 12;
  constexpr size_t kRounds = 200;
  std::vector<std::string> keys;
  std::vector<std::string> shared;
  std::vector<MemoryClient*> takers;
  for (size_t i = 0; i < 4; ++i) {
    shared.push_back(harness_.KeyOn(i % GetParam(), 100 + static_cast<int>(i)));
  }
  for (size_t i = 0; i < kTakers; ++i) {
    keys.push_back(harness_.KeyOn(i % GetParam(), 10 + static_cast<int>(i)));
    takers.push_back(&harness_.Connect(i / 2 % GetParam()));
  }
  std::vector<int> taken(kRounds * kTakers);
  for (size_t round = 0; round < kRounds; ++round) {
    // Every third waits for a key of its own, the others for four that they share.
    for (size_t i = 0; i < kTakers; ++i) {
      if (i % 3 == 0) {
        takers[i]->Command({"take", keys[i], "0"});
        continue;
      }
      const size_t first = (i + round) % 4;
      takers[i]->Command(
          {"take", shared[first], shared[first ^ 1], shared[first ^ 2], shared[first ^ 3], "0"});
    }
    for (size_t i = 0; i < kTakers; ++i) {
      std::string_view key = i % 3 == 0 ? keys[i] : shared[(i + round) % 4];
      const std::string value = std::to_string(round * kTakers + i);
      while (other_.Ask({"setnx", key, value}) == ":0\r\n") std::this_thread::yield();
    }
    for (MemoryClient* taker : takers) {
      std::string reply = taker->Next();
      reply.resize(reply.size() - 2);
      ++taken[std::stoul(reply.substr(reply.rfind('\n') + 1))];
    }
  }
  for (size_t i = 0; i < taken.size(); ++i) EXPECT_EQ(taken[i], 1) << i;
}

INSTANTIATE_TEST_SUITE_P(Shards, BlockingTest, testing::Values(1, 2, 4));

}  // namespace
}  // namespace nuthatch::runtime
