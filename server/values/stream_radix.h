// How many nodes Redis's radix tree would have for a stream: XINFO STREAM tells it.
//
// Redis keeps a stream's nodes in a radix tree over the 16 bytes of their IDs, in which a run of
// bytes without a branch is one node. Its shape depends on the keys alone: a leaf a key, a node
// where keys part, and one for the bytes, if any, between such a node (or the beginning) and the
// next one below. For keys in order that is counted with a stack of the branches above the last
// key, by how many bytes it shares with the one before: O(1) a key, amortized.
//
// Pure; any thread.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "server/values/stream_id.h"

namespace nuthatch::values {

class RadixNodeCounter {
 public:
  // REQUIRES: `id` is above the one before.
  void Add(StreamId id) {
    if (keys_++ == 0) {
      last_ = id;
      return;
    }
    int shared = SharedBytes(last_, id);
    last_ = id;
    int below = Close(shared);
    if (depth_ == 0 || branches_[depth_ - 1] < shared) {
      branches_[depth_++] = shared;
      ++nodes_;
    }
    CountEdge(shared + 1, below);
  }
  // Of all keys that were added, the root included.
  uint64_t Count() const {
    if (keys_ == 0) return 1;
    RadixNodeCounter rest = *this;
    rest.CountEdge(0, rest.Close(-1));
    return rest.nodes_ + keys_;
  }

 private:
  static constexpr int kBytes = kStreamIdBytes;

  static int SharedBytes(StreamId a, StreamId b) {
    if (a.ms != b.ms) return std::countl_zero(a.ms ^ b.ms) / 8;
    return 8 + std::countl_zero(a.seq ^ b.seq) / 8;
  }
  // The bytes [from, to) between two nodes are a node, if there are any.
  void CountEdge(int from, int to) { nodes_ += to > from ? 1 : 0; }
  // Leaves the branches that are deeper than `depth`; returns how deep the topmost of them is, or
  // the last key if there are none.
  int Close(int depth) {
    int below = kBytes;
    while (depth_ > 0 && branches_[depth_ - 1] > depth) {
      CountEdge(branches_[depth_ - 1] + 1, below);
      below = branches_[--depth_];
    }
    return below;
  }

  uint64_t keys_ = 0;
  uint64_t nodes_ = 0;  // beside the leaves
  StreamId last_;
  int branches_[kBytes];  // the depths of the branches above the last key
  int depth_ = 0;
};

}  // namespace nuthatch::values
