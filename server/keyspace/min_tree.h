// MinTree: the least of many numbers, and where it stands, in a few steps.
//
// Leaves under levels of minima, sixteen to one. The leaves stand in blocks that are made when
// something is put into them, so that a tree of few numbers takes little memory. One owner, one
// thread. Changing a leaf and finding one at or below a limit cost O(log16 leaves).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "server/base/check.h"
#include "server/base/memory.h"

namespace nuthatch::keyspace {

class MinTree {
 public:
  static constexpr int64_t kNothing = std::numeric_limits<int64_t>::max();

  explicit MinTree(size_t leaves) : blocks_((leaves + kFanOut - 1) / kFanOut) {
    size_t size = blocks_.size();
    for (;;) {
      levels_.emplace_back((size + kFanOut - 1) / kFanOut * kFanOut, kNothing);
      if (size <= kFanOut) break;
      size = (size + kFanOut - 1) / kFanOut;
    }
    memory_bytes_ = base::SizeClass(blocks_.size() * sizeof(blocks_[0]));
    for (const std::vector<int64_t>& level : levels_) {
      memory_bytes_ += base::SizeClass(level.size() * sizeof(int64_t));
    }
  }

  int64_t least() const { return LeastOf(levels_.back().data()); }
  int64_t at(size_t leaf) const {
    const std::unique_ptr<Block>& block = blocks_[leaf / kFanOut];
    return block == nullptr ? kNothing : block->leaves[leaf % kFanOut];
  }

  void Set(size_t leaf, int64_t value) {
    if (at(leaf) == value) return;
    Block& block = BlockOf(leaf);
    block.leaves[leaf % kFanOut] = value;
    value = LeastOf(block.leaves);
    for (std::vector<int64_t>& level : levels_) {
      leaf /= kFanOut;
      if (level[leaf] == value) return;
      level[leaf] = value;
      value = LeastOf(level.data() + leaf / kFanOut * kFanOut);
    }
  }
  // Takes the leaf down to `value` if it is higher.
  void Lower(size_t leaf, int64_t value) {
    if (at(leaf) <= value) return;
    BlockOf(leaf).leaves[leaf % kFanOut] = value;
    for (std::vector<int64_t>& level : levels_) {
      leaf /= kFanOut;
      if (level[leaf] <= value) return;
      level[leaf] = value;
    }
  }
  // Some leaf at or below `limit`. REQUIRES: least() <= limit.
  size_t FindAtMost(int64_t limit) const {
    size_t at = 0;
    for (size_t level = levels_.size(); level-- > 0;) {
      at = FirstAtMost(levels_[level].data() + at * kFanOut, limit) + at * kFanOut;
      DCHECK(at < levels_[level].size());
    }
    return at * kFanOut + FirstAtMost(blocks_[at]->leaves, limit);
  }
  // By size class; grows with the blocks.
  size_t MemoryBytes() const { return memory_bytes_; }

 private:
  static constexpr size_t kFanOut = 16;
  struct Block {
    int64_t leaves[kFanOut];
  };

  static int64_t LeastOf(const int64_t* row) { return *std::min_element(row, row + kFanOut); }
  static size_t FirstAtMost(const int64_t* row, int64_t limit) {
    size_t at = 0;
    while (row[at] > limit) {
      ++at;
      DCHECK(at < kFanOut);
    }
    return at;
  }
  Block& BlockOf(size_t leaf) {
    std::unique_ptr<Block>& block = blocks_[leaf / kFanOut];
    if (block == nullptr) {
      block = std::make_unique<Block>();
      std::fill_n(block->leaves, kFanOut, kNothing);
      memory_bytes_ += base::SizeClass(sizeof(Block));
    }
    return *block;
  }

  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<std::vector<int64_t>> levels_;  // minima: of the blocks first
  size_t memory_bytes_ = 0;
};

}  // namespace nuthatch::keyspace
