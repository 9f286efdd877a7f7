// MinTree: the least of many numbers, and where it stands, in a few steps.
//
// A row of leaves under levels of minima, sixteen to one. One owner, one thread. Changing a leaf
// and finding one at or below a limit cost O(log16 leaves).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "server/base/check.h"

namespace nuthatch::keyspace {

class MinTree {
 public:
  static constexpr int64_t kNothing = std::numeric_limits<int64_t>::max();

  explicit MinTree(size_t leaves) {
    size_t size = leaves;
    for (;;) {
      levels_.emplace_back((size + kFanOut - 1) / kFanOut * kFanOut, kNothing);
      if (size <= kFanOut) break;
      size = (size + kFanOut - 1) / kFanOut;
    }
  }

  int64_t least() const {
    const std::vector<int64_t>& top = levels_.back();
    return *std::min_element(top.begin(), top.end());
  }
  int64_t at(size_t leaf) const { return levels_[0][leaf]; }

  void Set(size_t leaf, int64_t value) {
    for (size_t level = 0; level < levels_.size(); ++level) {
      int64_t& here = levels_[level][leaf];
      if (here == value) return;
      here = value;
      size_t first = leaf / kFanOut * kFanOut;
      const int64_t* row = levels_[level].data() + first;
      value = *std::min_element(row, row + kFanOut);
      leaf /= kFanOut;
    }
  }
  // Takes the leaf down to `value` if it is higher.
  void Lower(size_t leaf, int64_t value) {
    for (std::vector<int64_t>& level : levels_) {
      if (level[leaf] <= value) return;
      level[leaf] = value;
      leaf /= kFanOut;
    }
  }
  // Some leaf at or below `limit`. REQUIRES: least() <= limit.
  size_t FindAtMost(int64_t limit) const {
    size_t at = 0;
    for (size_t level = levels_.size(); level-- > 0;) {
      const std::vector<int64_t>& row = levels_[level];
      at *= kFanOut;
      while (row[at] > limit) {
        ++at;
        DCHECK(at < row.size());
      }
    }
    return at;
  }
  size_t MemoryBytes() const {
    size_t bytes = 0;
    for (const std::vector<int64_t>& level : levels_) bytes += level.capacity() * sizeof(int64_t);
    return bytes;
  }

 private:
  static constexpr size_t kFanOut = 16;
  std::vector<std::vector<int64_t>> levels_;  // the leaves first
};

}  // namespace nuthatch::keyspace
