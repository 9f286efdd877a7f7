#include "server/runtime/memory_limit.h"

#include <string>

#include <gtest/gtest.h>

#include "server/base/memory.h"
#include "tests/support/fake_node.h"

namespace nuthatch::runtime {
namespace {

constexpr uint64_t kMegabyte = 1024 * 1024;
constexpr size_t kValueBytes = 1000;
constexpr int64_t kLongNs = 60'000'000'000;

// Two shards whose threads do not run, played by this one.
class MemoryLimitTest : public testing::Test {
 protected:
  // `count` new keys of about a kilobyte.
  void Fill(size_t shard, size_t count) {
    keyspace::Keyspace& keyspace = node_.shard(shard).keyspace();
    const std::string value(kValueBytes, 'x');
    for (size_t added = 0; added < count;) {
      std::string name = "key:" + std::to_string(next_key_++);
      keyspace::Key key = keyspace::Key::Of(name);
      if (node_.shard(shard).slot_map().ShardOf(key.slot) != shard) continue;
      keyspace.SetString(0, key, {}, value, keyspace::Ttl::None());
      ++added;
    }
  }
  size_t Keys(size_t shard) { return node_.shard(shard).keyspace().Count(0); }
  MemoryLimit& Limit(size_t shard) { return node_.shard(shard).memory_limit(); }

  // Lets the process use so much less (or more) than now.
  void SetLimit(int64_t difference, const char* policy = "allkeys-random") {
    auto config = std::make_shared<config::Config>(*config::DefaultConfig());
    config->maxmemory_policy_name = policy;
    config->maxmemory = base::UsedMemory() + static_cast<uint64_t>(difference);
    limit_ = config->maxmemory;
    for (size_t i = 0; i < node_.shard_count(); ++i) {
      Limit(i).Apply(config);
      Limit(i).Publish();
    }
    // A shard knows the others' weights as of its own last turn.
    for (size_t i = 0; i < node_.shard_count(); ++i) Limit(i).Publish();
  }

  bool IsOver() { return Limit(0).Over(limit_); }

  FakeNode node_{2, {}};
  uint64_t limit_ = 0;
  int next_key_ = 0;
};

TEST_F(MemoryLimitTest, TakesFromEachShardInProportionToWhatItHolds) {
  Fill(0, 9000);
  Fill(1, 3000);
  SetLimit(-4 * static_cast<int64_t>(kMegabyte));
  while (Limit(0).HasWork() || Limit(1).HasWork()) {
    Limit(1).Work(0, kLongNs);
    Limit(0).Work(0, kLongNs);
  }
  EXPECT_FALSE(IsOver());
  double from_first = static_cast<double>(9000 - Keys(0));
  double from_second = static_cast<double>(3000 - Keys(1));
  EXPECT_NEAR(from_first / (from_first + from_second), 0.75, 0.03);
  // What one claims the other does not claim again.
  double freed = (from_first + from_second) * kValueBytes;
  EXPECT_GT(freed, 3.0 * kMegabyte);
  EXPECT_LT(freed, 4.5 * kMegabyte);
  EXPECT_EQ(node_.owed_bytes.load(), 0U);
}

TEST_F(MemoryLimitTest, DrawsTheDebtorOfASmallClaimByWeight) {
  Fill(0, 9000);
  Fill(1, 3000);
  SetLimit(0);
  // The second shard is the one that writes, yet most of the room comes from the first.
  for (int i = 0; i < 2000; ++i) {
    Fill(1, 1);
    ASSERT_TRUE(Limit(1).MakeRoom(0));
    Limit(0).Work(0, kLongNs);
  }
  EXPECT_FALSE(IsOver() && !Limit(0).HasWork() && !Limit(1).HasWork());
  double from_first = static_cast<double>(9000 - Keys(0));
  EXPECT_GT(from_first / 2000, 0.55);
  EXPECT_LT(from_first / 2000, 0.9);
}

TEST_F(MemoryLimitTest, GetsRoomFromAnotherShardWhereThisOneHasNothing) {
  Fill(1, 4000);
  SetLimit(-static_cast<int64_t>(kMegabyte) / 4);
  EXPECT_TRUE(Limit(0).MakeRoom(0));
  EXPECT_GT(Limit(1).debt(), 0U);
  EXPECT_EQ(Limit(0).debt(), 0U);
  Limit(1).Work(0, kLongNs);
  EXPECT_FALSE(IsOver());
  EXPECT_EQ(Limit(1).debt(), 0U);
}

TEST_F(MemoryLimitTest, RefusesWhenNobodyHasAnythingThatMayGo) {
  Fill(0, 2000);
  Fill(1, 2000);
  SetLimit(-static_cast<int64_t>(kMegabyte), "volatile-lru");
  EXPECT_FALSE(Limit(0).MakeRoom(0));
  SetLimit(-static_cast<int64_t>(kMegabyte), "noeviction");
  EXPECT_FALSE(Limit(0).MakeRoom(0));
  EXPECT_EQ(Keys(0), 2000U);
  EXPECT_EQ(Keys(1), 2000U);
}

TEST_F(MemoryLimitTest, DoesNotWaitForOthersBeyondTheSlack) {
  Fill(0, 4000);
  Fill(1, 4000);
  SetLimit(-2 * static_cast<int64_t>(kMegabyte));
  // The other shard does nothing at all; a few slices of this one do.
  for (int i = 0; i < 1000 && IsOver(); ++i) ASSERT_TRUE(Limit(0).MakeRoom(0));
  EXPECT_LT(Keys(0), 4000U);
  EXPECT_EQ(Keys(1), 4000U);
  // Half of it is the other's debt; what is above the slack (a tenth of a megabyte here) went.
  EXPECT_GT(4000 - Keys(0), 1500U);
}

TEST_F(MemoryLimitTest, ForgetsDebtsOnceThereIsRoom) {
  Fill(1, 4000);
  SetLimit(-static_cast<int64_t>(kMegabyte) / 4);
  EXPECT_TRUE(Limit(0).MakeRoom(0));
  EXPECT_GT(Limit(1).debt(), 0U);
  SetLimit(100 * static_cast<int64_t>(kMegabyte));
  Limit(1).Work(0, kLongNs);
  EXPECT_EQ(Limit(1).debt(), 0U);
  EXPECT_EQ(node_.owed_bytes.load(), 0U);
  EXPECT_EQ(Keys(1), 4000U);
}

TEST_F(MemoryLimitTest, RefusesWhenAllThatIsThereIsPinned) {
  Fill(0, 2000);
  Fill(1, 2000);
  for (size_t shard : {0, 1}) {
    keyspace::Keyspace& keyspace = node_.shard(shard).keyspace();
    keyspace.ForEach(0, [&](keyspace::Entry& entry) {
      std::string name(entry.name());
      keyspace::Key key = keyspace::Key::Of(name);
      ASSERT_TRUE(keyspace.SetPinned(0, key, keyspace.Find(0, key, 0), true));
    });
  }
  for (const char* policy : {"allkeys-lru", "allkeys-lfu", "allkeys-s3fifo", "allkeys-sieve"}) {
    SetLimit(-static_cast<int64_t>(kMegabyte), policy);
    EXPECT_EQ(Limit(0).weight(), 0U);
    uint64_t refused = Limit(0).stats().refused_writes;
    EXPECT_FALSE(Limit(0).MakeRoom(0)) << policy;
    EXPECT_EQ(Limit(0).stats().refused_writes, refused + 1);
  }
  EXPECT_EQ(Keys(0), 2000U);
  EXPECT_EQ(Keys(1), 2000U);
  // One that may go makes a write possible again.
  Fill(0, 200);
  SetLimit(-static_cast<int64_t>(kMegabyte) / 16, "allkeys-lru");
  EXPECT_TRUE(Limit(0).MakeRoom(0));
  EXPECT_GE(Keys(0), 2000U);
}

TEST_F(MemoryLimitTest, CountsEvictionsByWhoAskedForThem) {
  using Reason = EvictionStats::Reason;
  const EvictionStats& first = Limit(0).stats();
  const EvictionStats& second = Limit(1).stats();
  Fill(0, 4000);
  Fill(1, 4000);
  SetLimit(-static_cast<int64_t>(kMegabyte));
  EXPECT_GE(first.over_limit_max_bytes, kMegabyte - kMegabyte / 8);
  // Nobody writes: the second shard finds that too much is used, and divides it.
  Limit(1).Work(0, kLongNs);
  EXPECT_GT(second.evicted[Reason::kInBackground], 0U);
  EXPECT_EQ(second.evicted[Reason::kInBackground], 4000 - Keys(1));
  ASSERT_GT(Limit(0).debt(), 0U);
  Limit(0).Work(0, kLongNs);
  EXPECT_GT(first.evicted[Reason::kForOtherShard], 0U);
  EXPECT_EQ(first.evicted[Reason::kForOtherShard], 4000 - Keys(0));

  SetLimit(-static_cast<int64_t>(kMegabyte) / 2);
  size_t before = Keys(0);
  ASSERT_TRUE(Limit(0).MakeRoom(0));
  EXPECT_GT(first.evicted[Reason::kForWrite], 0U);
  EXPECT_EQ(first.evicted[Reason::kForWrite], before - Keys(0));
  EXPECT_EQ(first.evicted[Reason::kInBackground], 0U);
  EXPECT_GT(first.slices, 1U);
  EXPECT_GE(first.slice_ns, first.slice_max_ns);
  EXPECT_GT(first.slice_max_ns, 0U);
  Limit(0).ResetStats();
  EXPECT_EQ(first.evicted[Reason::kForWrite] + first.slices + first.over_limit_max_bytes, 0U);
}

TEST_F(MemoryLimitTest, TakesLargeArgumentsInOnlyWhileThereIsRoom) {
  Fill(0, 2000);
  Fill(1, 2000);
  SetLimit(static_cast<int64_t>(kMegabyte));
  EXPECT_TRUE(Limit(0).HasRoomForInput());
  SetLimit(-static_cast<int64_t>(kMegabyte));
  EXPECT_FALSE(Limit(0).HasRoomForInput());
  while (Limit(0).HasWork() || Limit(1).HasWork()) {
    Limit(0).Work(0, kLongNs);
    Limit(1).Work(0, kLongNs);
  }
  EXPECT_TRUE(Limit(0).HasRoomForInput());
  // Where nothing can go, waiting would be for ever: the command is refused instead.
  SetLimit(-static_cast<int64_t>(kMegabyte), "volatile-lru");
  EXPECT_TRUE(Limit(0).HasRoomForInput());
  SetLimit(-static_cast<int64_t>(kMegabyte), "noeviction");
  EXPECT_TRUE(Limit(0).HasRoomForInput());
}

TEST_F(MemoryLimitTest, DoesNotCountALoweredLimitAsExceeded) {
  Fill(0, 4000);
  SetLimit(static_cast<int64_t>(kMegabyte));
  SetLimit(-static_cast<int64_t>(kMegabyte));
  EXPECT_EQ(Limit(0).stats().over_limit_max_bytes, 0U);
  while (Limit(0).HasWork()) Limit(0).Work(0, kLongNs);
  EXPECT_EQ(Limit(0).stats().over_limit_max_bytes, 0U);
  // From then on what is too much counts again.
  Limit(0).Publish();
  Fill(0, 2000);
  Limit(0).Publish();
  EXPECT_GT(Limit(0).stats().over_limit_max_bytes, kMegabyte);
}

TEST_F(MemoryLimitTest, CountsHitsFromTheChoiceOfThePolicyOn) {
  ShardStats& stats = node_.shard(0).stats();
  stats.keyspace_hits = 10;
  stats.keyspace_misses = 4;
  SetLimit(static_cast<int64_t>(kMegabyte), "allkeys-lru");
  EXPECT_EQ(stats.hits_before_policy, 10U);
  EXPECT_EQ(stats.misses_before_policy, 4U);
  stats.keyspace_hits = 30;
  SetLimit(static_cast<int64_t>(kMegabyte) * 2, "allkeys-lru");
  EXPECT_EQ(stats.hits_before_policy, 10U);
}

}  // namespace
}  // namespace nuthatch::runtime
