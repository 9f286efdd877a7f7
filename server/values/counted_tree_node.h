// The nodes of CountedTree (counted_tree.h): plain arrays beside each other, one allocation a node,
// and how scores are searched in them.
//
// A leaf keeps the scores beside the pointers to the elements, so that a search by score touches no
// element. An inner node keeps of each child its first (least) entry and how many entries are below
// it. All arrays are in order; [0, count) is in use.
#pragma once

#include <algorithm>
#include <cstdint>

#include "server/base/check.h"
#include "server/base/prefetch.h"
#include "server/values/sorted_set_element.h"

namespace nuthatch::values::tree {

using Element = SortedSetElement;

template <unsigned kEntries>
struct alignas(64) LeafNode {
  LeafNode* previous;  // the neighbours in order, across parents
  LeafNode* next;
  uint32_t count;
  double scores[kEntries];
  Element* elements[kEntries];
};

template <unsigned kEntries>
struct alignas(64) InnerNode {
  uint32_t count;
  uint32_t below[kEntries];  // entries in the leaves below the child
  double scores[kEntries];
  Element* firsts[kEntries];
  void* children[kEntries];
};

// How many of the `count` scores, which are in order, are before `score`; with `kOrEqual`, equal
// ones count too. Without branches that could be mispredicted.
template <bool kOrEqual>
inline unsigned CountBefore(const double* scores, unsigned count, double score) {
  const double* at = scores;
  for (unsigned left = count; left > 0;) {
    unsigned half = (left + 1) / 2;
    bool before = kOrEqual ? at[half - 1] <= score : at[half - 1] < score;
    at += before ? half : 0;
    left -= half;
  }
  return static_cast<unsigned>(at - scores);
}
inline unsigned CountLess(const double* scores, unsigned count, double score) {
  return CountBefore<false>(scores, count, score);
}

// The first of [from, to) for which `before(i)` is false. REQUIRES: it is true up to some i, and
// false from there on.
template <typename Before>
unsigned PartitionPoint(unsigned from, unsigned to, Before&& before) {
  while (from < to) {
    unsigned middle = from + (to - from) / 2;
    if (before(middle)) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  return from;
}

// Makes room for `n` items at `at` of an array of `count`; or closes a gap of `n`.
template <typename T>
void OpenGap(T* array, unsigned count, unsigned at, unsigned n) {
  std::copy_backward(array + at, array + count, array + count + n);
}
template <typename T>
void CloseGap(T* array, unsigned count, unsigned at, unsigned n) {
  std::copy(array + at + n, array + count, array + at);
}

// Calls `each(to_array, from_array)` for the arrays that two nodes of a kind consist of.
template <unsigned kEntries, typename Each>
void ForArrays(LeafNode<kEntries>& a, LeafNode<kEntries>& b, Each&& each) {
  each(a.scores, b.scores);
  each(a.elements, b.elements);
}
template <unsigned kEntries, typename Each>
void ForArrays(InnerNode<kEntries>& a, InnerNode<kEntries>& b, Each&& each) {
  each(a.below, b.below);
  each(a.scores, b.scores);
  each(a.firsts, b.firsts);
  each(a.children, b.children);
}

// Moves entries between two neighbours, the left and the right one, so that `left_count` of what
// both hold stands in the left one.
template <typename Node>
void Share(Node& left, Node& right, unsigned left_count) {
  if (left_count < left.count) {
    unsigned n = left.count - left_count;
    ForArrays(left, right, [&](auto* l, auto* r) {
      OpenGap(r, right.count, 0, n);
      std::copy_n(l + left_count, n, r);
    });
    right.count += n;
  } else if (left_count > left.count) {
    unsigned n = left_count - left.count;
    ForArrays(left, right, [&](auto* l, auto* r) {
      std::copy_n(r, n, l + left.count);
      CloseGap(r, right.count, 0, n);
    });
    right.count -= n;
  }
  left.count = left_count;
}

}  // namespace nuthatch::values::tree
