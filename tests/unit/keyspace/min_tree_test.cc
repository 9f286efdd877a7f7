#include "server/keyspace/min_tree.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "server/base/random.h"

namespace nuthatch::keyspace {
namespace {

TEST(MinTree, AgreesWithAPlainRow) {
  for (size_t leaves : {1, 15, 16, 17, 256, 257, 5462, 16384}) {
    base::Random random(leaves);
    MinTree tree(leaves);
    std::vector<int64_t> row(leaves, MinTree::kNothing);
    for (int step = 0; step < 3000; ++step) {
      size_t leaf = random.Below(leaves);
      auto value = static_cast<int64_t>(random.Below(1000));
      if (random.Below(3) == 0) {
        if (random.Below(2) == 0) value = MinTree::kNothing;
        tree.Set(leaf, value);
        row[leaf] = value;
      } else {
        tree.Lower(leaf, value);
        row[leaf] = std::min(row[leaf], value);
      }
      ASSERT_EQ(tree.at(leaf), row[leaf]);
      int64_t least = *std::min_element(row.begin(), row.end());
      ASSERT_EQ(tree.least(), least);
      if (least == MinTree::kNothing) continue;
      int64_t limit = least + static_cast<int64_t>(random.Below(50));
      ASSERT_LE(row[tree.FindAtMost(limit)], limit);
    }
  }
}

TEST(MinTree, TakesLittleMemoryForFewNumbers) {
  MinTree tree(16384);
  EXPECT_LE(tree.MemoryBytes(), 18'000u);
  size_t empty = tree.MemoryBytes();
  for (size_t leaf = 0; leaf < 16; ++leaf) tree.Lower(leaf, 5);
  EXPECT_EQ(tree.MemoryBytes(), empty + 128);
  tree.Set(16000, MinTree::kNothing);
  EXPECT_EQ(tree.MemoryBytes(), empty + 128);
  for (size_t leaf = 0; leaf < 16384; ++leaf) tree.Lower(leaf, 5);
  EXPECT_EQ(tree.MemoryBytes(), empty + 16384 * sizeof(int64_t));
}

}  // namespace
}  // namespace nuthatch::keyspace
