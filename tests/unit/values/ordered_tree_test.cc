#include "server/values/ordered_tree.h"

#include <cstdint>
#include <memory>
#include <set>

#include <gtest/gtest.h>

#include "server/base/random.h"

namespace nuthatch::values {
namespace {

// Narrow, so that there are many levels.
struct NarrowShape {
  using Item = uint64_t;
  using Key = uint64_t;
  static Key KeyOf(const Item& item) { return item; }
  static constexpr size_t kLeafBytes = 24 + 5 * sizeof(uint64_t);
  static constexpr unsigned kChildren = 4;
};
struct WideShape : NarrowShape {
  static constexpr size_t kLeafBytes = 2048;
  static constexpr unsigned kChildren = 42;
};

template <typename Shape>
void ExpectSame(const OrderedTree<Shape>& tree, const std::set<uint64_t>& model) {
  tree.CheckInvariants();
  ASSERT_EQ(tree.size(), model.size());
  auto at = tree.First();
  for (uint64_t key : model) {
    ASSERT_TRUE(static_cast<bool>(at));
    ASSERT_EQ(tree.At(at), key);
    at = tree.Next(at);
  }
  ASSERT_FALSE(static_cast<bool>(at));
  at = tree.Last();
  for (auto key = model.rbegin(); key != model.rend(); ++key, at = tree.Previous(at)) {
    ASSERT_EQ(tree.At(at), *key);
  }
  ASSERT_FALSE(static_cast<bool>(at));
}

template <typename Shape>
void ExpectFinds(const OrderedTree<Shape>& tree, const std::set<uint64_t>& model, uint64_t key) {
  ASSERT_EQ(static_cast<bool>(tree.Find(key)), model.contains(key));
  auto ceiling = model.lower_bound(key);
  auto found = tree.Ceiling(key);
  ASSERT_EQ(static_cast<bool>(found), ceiling != model.end());
  if (found) {
    ASSERT_EQ(tree.At(found), *ceiling);
  }
  auto floor = model.upper_bound(key);
  found = tree.Floor(key);
  ASSERT_EQ(static_cast<bool>(found), floor != model.begin());
  if (found) {
    ASSERT_EQ(tree.At(found), *--floor);
  }
}

template <typename Shape>
void RunRandomly(uint64_t seed) {
  base::Random random(seed);
  ByteCounter bytes;
  OrderedTree<Shape> tree(bytes);
  std::set<uint64_t> model;
  for (int step = 0; step < 20'000; ++step) {
    uint64_t key = random.Below(1500);
    // It grows for a while, then it shrinks.
    bool growing = step / 2500 % 2 == 0;
    if (random.Below(100) < (growing ? 70 : 30)) {
      if (random.Below(4) == 0 && !model.empty()) key = *model.rbegin() + 1;
      if (model.insert(key).second) {
        auto at = tree.Insert(key);
        ASSERT_EQ(tree.At(at), key);
      }
    } else if (!model.empty()) {
      auto victim = model.lower_bound(key);
      if (victim == model.end()) victim = model.begin();
      tree.Erase(*victim);
      model.erase(victim);
    }
    ExpectFinds(tree, model, random.Below(1600));
    if (step % 97 == 0) ExpectSame(tree, model);
    if (step % 1999 == 0 && !model.empty()) {
      size_t dropped = 0;
      tree.ForEachOfLastLeaf([&](uint64_t item) {
        model.erase(item);
        ++dropped;
      });
      ASSERT_GT(dropped, 0U);
      ASSERT_EQ(tree.DropLastLeaf(), model.empty());
    }
  }
  ExpectSame(tree, model);
  while (!tree.DropLastLeaf()) tree.CheckInvariants();
  ExpectSame(tree, {});
  EXPECT_EQ(bytes.bytes, 0U);
}

TEST(OrderedTree, AgreesWithASetWhenNarrow) {
  for (uint64_t seed = 1; seed <= 4; ++seed) RunRandomly<NarrowShape>(seed);
}

TEST(OrderedTree, AgreesWithASetWhenWide) { RunRandomly<WideShape>(1); }

TEST(OrderedTree, IsSmallWhileItIsSmall) {
  ByteCounter bytes;
  OrderedTree<WideShape> tree(bytes);
  EXPECT_EQ(bytes.bytes, 0U);
  for (uint64_t i = 0; i < 5; ++i) tree.Insert(i);
  EXPECT_EQ(bytes.bytes, 64U);
  for (uint64_t i = 5; i < 13; ++i) tree.Insert(i);
  EXPECT_EQ(bytes.bytes, 128U);
  for (uint64_t i = 13; i < 253; ++i) tree.Insert(i);
  EXPECT_EQ(bytes.bytes, 2048U);
  for (uint64_t i = 2; i < 253; ++i) tree.Erase(i);
  EXPECT_EQ(bytes.bytes, 64U);
  tree.Erase(0);
  tree.Erase(1);
  EXPECT_EQ(bytes.bytes, 0U);
}

TEST(OrderedTree, LeavesFullLeavesBehindWhenItemsComeInOrder) {
  ByteCounter bytes;
  OrderedTree<WideShape> tree(bytes);
  constexpr uint64_t kCount = 100'000;
  for (uint64_t i = 0; i < kCount; ++i) tree.Insert(i);
  tree.CheckInvariants();
  EXPECT_LT(bytes.bytes, kCount * 8 * 105 / 100);
}

TEST(OrderedTree, ShrinksWithAQueue) {
  ByteCounter bytes;
  OrderedTree<NarrowShape> tree(bytes);
  for (uint64_t i = 0; i < 10'000; ++i) {
    tree.Insert(i);
    if (i >= 100) tree.Erase(i - 100);
  }
  tree.CheckInvariants();
  EXPECT_EQ(tree.size(), 100U);
  EXPECT_LT(bytes.bytes, 100U * 8 * 8);
}

}  // namespace
}  // namespace nuthatch::values
