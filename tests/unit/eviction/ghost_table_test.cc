#include "eviction/ghost_table.h"

#include <gtest/gtest.h>

#include "server/base/random.h"

namespace nuthatch::eviction {
namespace {

uint64_t HashOf(uint64_t key) { return base::Random(key).Next(); }

// How many of the keys [from, until) are remembered; takes them.
uint64_t Taken(GhostTable& ghosts, uint64_t from, uint64_t until) {
  uint64_t taken = 0;
  for (uint64_t key = from; key < until; ++key) taken += ghosts.Take(HashOf(key)) ? 1 : 0;
  return taken;
}

TEST(GhostTable, AllocatesNothingUntilItRemembers) {
  GhostTable ghosts;
  EXPECT_FALSE(ghosts.Take(HashOf(1)));
  ghosts.Remember(HashOf(1));
  EXPECT_FALSE(ghosts.Take(HashOf(1)));
  ghosts.SetCapacity(1'000'000);
  EXPECT_FALSE(ghosts.Take(HashOf(1)));
  EXPECT_EQ(ghosts.bytes(), 0);
  ghosts.Remember(HashOf(1));
  EXPECT_GT(ghosts.bytes(), 0);
  EXPECT_TRUE(ghosts.Take(HashOf(1)));
  ghosts.Clear();
  EXPECT_EQ(ghosts.bytes(), 0);
}

TEST(GhostTable, TakesAGhostOnce) {
  GhostTable ghosts;
  ghosts.SetCapacity(100);
  ghosts.Remember(HashOf(5));
  EXPECT_TRUE(ghosts.Take(HashOf(5)));
  EXPECT_FALSE(ghosts.Take(HashOf(5)));
}

TEST(GhostTable, KeepsTheNewestUpToItsCapacity) {
  constexpr uint64_t kCapacity = 20'000;
  GhostTable ghosts;
  ghosts.SetCapacity(kCapacity);
  for (uint64_t key = 0; key < 5 * kCapacity; ++key) ghosts.Remember(HashOf(key));
  // Rings of 31 are not all equally full, so the border is not sharp.
  EXPECT_GT(Taken(ghosts, 5 * kCapacity - kCapacity / 2, 5 * kCapacity), kCapacity / 2 * 98 / 100);
  EXPECT_LT(Taken(ghosts, 0, 3 * kCapacity), kCapacity / 100);
  EXPECT_NEAR(static_cast<double>(Taken(ghosts, 3 * kCapacity, 5 * kCapacity)), kCapacity / 2.0,
              kCapacity / 20.0);
}

TEST(GhostTable, TakesFewStrangersForGhosts) {
  GhostTable ghosts;
  ghosts.SetCapacity(50'000);
  for (uint64_t key = 0; key < 100'000; ++key) ghosts.Remember(HashOf(key));
  EXPECT_LT(Taken(ghosts, 1'000'000, 1'100'000), 100'000 / 1000);
}

TEST(GhostTable, CarriesAValue) {
  GhostTable ghosts(3);
  ghosts.SetCapacity(1000);
  for (uint64_t key = 0; key < 500; ++key) {
    ghosts.Remember(HashOf(key), static_cast<uint32_t>(key % 8));
  }
  int wrong = 0;
  for (uint64_t key = 0; key < 500; ++key) {
    std::optional<uint32_t> value = ghosts.Take(HashOf(key));
    wrong += value.has_value() && *value == key % 8 ? 0 : 1;
  }
  EXPECT_LE(wrong, 5);
}

TEST(GhostTable, TakesAboutTwoBytesAKey) {
  for (uint64_t capacity : {1000U, 31'744U, 1'000'000U}) {
    GhostTable ghosts;
    ghosts.SetCapacity(capacity);
    for (uint64_t key = 0; key < 2 * capacity; ++key) ghosts.Remember(HashOf(key));
    EXPECT_LT(static_cast<double>(ghosts.bytes()) / static_cast<double>(capacity), 2.15);
  }
}

// A change of size works step by step, and loses nobody whom the new size has room for.
TEST(GhostTable, KeepsTheNewestThroughAChangeOfSize) {
  for (uint64_t second : {5000U, 15'000U, 40'000U, 100'000U, 300'000U}) {
    constexpr uint64_t kFirst = 20'000;
    GhostTable ghosts;
    ghosts.SetCapacity(kFirst);
    uint64_t key = 0;
    for (; key < 3 * kFirst; ++key) ghosts.Remember(HashOf(key));
    ghosts.SetCapacity(second);
    uint64_t newest = std::min<uint64_t>(kFirst, second) / 4;
    // In the middle of the change.
    for (int i = 0; i < 50; ++i) ghosts.Remember(HashOf(key++));
    EXPECT_GT(Taken(ghosts, key - newest, key), newest * 95 / 100) << second;
    for (uint64_t i = 0; i < 4 * second; ++i) ghosts.Remember(HashOf(key++));
    EXPECT_GT(Taken(ghosts, key - second / 2, key), second / 2 * 97 / 100) << second;
    EXPECT_LT(ghosts.bytes(), second * 5 / 2 + 256) << second;
  }
}

TEST(GhostTable, StaysAsItIsForASmallChange) {
  GhostTable ghosts;
  ghosts.SetCapacity(1000);
  ghosts.SetCapacity(1100);
  EXPECT_EQ(ghosts.capacity(), 1000);
  ghosts.SetCapacity(1200);
  EXPECT_EQ(ghosts.capacity(), 1200);
}

}  // namespace
}  // namespace nuthatch::eviction
