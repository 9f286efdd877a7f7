// The state of a transaction by itself.
#include "server/runtime/multi.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/runtime/world.h"

namespace nuthatch::runtime {
namespace {

class MultiTest : public testing::Test {
 protected:
  MultiTest() { table_.Register(World::Commands()); }

  void Add(CommandQueue& queue, std::vector<std::string> words) {
    std::vector<std::string_view> args(words.begin(), words.end());
    const CommandEntry& entry = *table_.Find(args[0]);
    KeyPositions positions;
    std::vector<keyspace::Key> keys;
    if (!entry.spec->key_specs.empty()) {
      ASSERT_TRUE(FindKeys(*entry.spec, args, positions));
      for (const auto& position : positions.positions()) {
        keys.push_back(keyspace::Key::Of(args[position.position]));
      }
    }
    queue.Add(entry, args, keys);
    // What was queued owes nothing to what it was made of.
    for (std::string& word : words) word.assign(word.size(), '?');
  }
  static std::string KeyOn(const keyspace::SlotMap& slots, size_t shard) {
    for (int i = 0;; ++i) {
      std::string name = "k" + std::to_string(i);
      if (slots.ShardOf(keyspace::Key::Of(name).slot) == shard) return name;
    }
  }

  CommandTable table_;
};

TEST_F(MultiTest, QueueKeepsArgumentsAndKeys) {
  CommandQueue queue;
  Add(queue, {"mput", "a", "", "b", "two", "a", "three"});
  Add(queue, {"say", ""});
  Add(queue, {"copy", "from", "to"});
  ASSERT_EQ(queue.size(), 3U);
  EXPECT_EQ(queue.entry(0).spec->name, "mput");
  EXPECT_EQ(std::vector(queue.args(0).begin(), queue.args(0).end()),
            (std::vector<std::string_view>{"mput", "a", "", "b", "two", "a", "three"}));
  EXPECT_EQ(queue.args(1)[1], "");
  ASSERT_EQ(queue.keys(0).size(), 3U);
  EXPECT_EQ(queue.keys(0)[0].name, "a");
  EXPECT_EQ(queue.keys(0)[1].name, "b");
  EXPECT_EQ(queue.keys(0)[2].name, "a");
  EXPECT_EQ(queue.keys(0)[2].hash, keyspace::Key::Of("a").hash);
  EXPECT_TRUE(queue.keys(1).empty());
  ASSERT_EQ(queue.keys(2).size(), 2U);
  EXPECT_EQ(queue.keys(2)[1].name, "to");
  EXPECT_EQ(queue.flags() & kDenyOom, static_cast<uint64_t>(kDenyOom));
  EXPECT_TRUE(queue.at_home());
  EXPECT_FALSE(queue.on_all());
  // Redis counts the bytes of the arguments, and a pointer for each.
  EXPECT_EQ(queue.multi_memory(), 15U + 3 + 10 + 12 * 8);
}

TEST_F(MultiTest, ExecNeedsTheShardsOfItsKeysAndOfWhatIsWatched) {
  const keyspace::SlotMap slots(4);
  std::string on1 = KeyOn(slots, 1);
  std::string on3 = KeyOn(slots, 3);
  MultiPlan plan;
  EXPECT_EQ(plan.ShardsNeeded(slots, 2), (std::vector<uint16_t>{2}));
  Add(plan.queue, {"put", on3, "value"});
  EXPECT_EQ(plan.ShardsNeeded(slots, 2), (std::vector<uint16_t>{3}));
  keyspace::Key watched = keyspace::Key::Of(on1);
  plan.watches.Add(0, {&watched, 1});
  EXPECT_EQ(plan.ShardsNeeded(slots, 2), (std::vector<uint16_t>{1, 3}));
  Add(plan.queue, {"say", "x"});
  EXPECT_EQ(plan.ShardsNeeded(slots, 2), (std::vector<uint16_t>{1, 2, 3}));
  Add(plan.queue, {"count"});
  EXPECT_EQ(plan.ShardsNeeded(slots, 2), (std::vector<uint16_t>{0, 1, 2, 3}));
}

TEST_F(MultiTest, ExecNeedsAllShardsWhereTheArgumentsOfACommandAskForThat) {
  const keyspace::SlotMap slots(3);
  std::string key = KeyOn(slots, 1);
  MultiPlan plan;
  Add(plan.queue, {"sum", key});
  EXPECT_FALSE(plan.queue.on_all());
  EXPECT_EQ(plan.ShardsNeeded(slots, 0), (std::vector<uint16_t>{1}));
  Add(plan.queue, {"sum", key, "all"});
  EXPECT_TRUE(plan.queue.on_all());
  EXPECT_EQ(plan.ShardsNeeded(slots, 0), (std::vector<uint16_t>{0, 1, 2}));
}

TEST_F(MultiTest, WatchesAreReleasedWithTheTransaction) {
  MultiState multi;
  EXPECT_TRUE(multi.idle());
  keyspace::Key key = keyspace::Key::Of("a");
  multi.watches.Add(0, {&key, 1});
  multi.watches.Add(0, {&key, 1});
  multi.watches.Add(1, {&key, 1});
  EXPECT_EQ(multi.watches.keys().size(), 2U);
  keyspace::WatcherRef first = multi.watches.watcher();
  multi.open = multi.failed = true;
  Add(multi.queue, {"get", "a"});
  multi.End();
  EXPECT_FALSE(multi.open || multi.failed);
  EXPECT_EQ(multi.queue.size(), 0U);
  ASSERT_EQ(multi.released.size(), 1U);
  EXPECT_EQ(multi.released[0].watcher(), first);
  EXPECT_FALSE(multi.idle());
  multi.released.clear();
  EXPECT_TRUE(multi.idle());
  // Marks that are still to be removed are no concern of the next WATCH.
  multi.watches.Add(0, {&key, 1});
  EXPECT_NE(multi.watches.watcher(), first);
  first->touched = true;
  EXPECT_FALSE(multi.watches.touched());
}

}  // namespace
}  // namespace nuthatch::runtime
