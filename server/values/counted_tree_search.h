// Finding in a CountedTree, and walking through it. Included by counted_tree.h only.
#pragma once

#include "server/values/counted_tree.h"

namespace nuthatch::values {

// --- Walking ---

template <typename Shape>
inline void CountedTree<Shape>::Position::Next() {
  ++index_;
  if (index_ < leaf_->count) [[likely]] {
    if (index_ + kAhead < leaf_->count) base::Prefetch(leaf_->elements[index_ + kAhead]);
    return;
  }
  if (leaf_->next == nullptr) return;
  leaf_ = leaf_->next;
  index_ = 0;
  if (leaf_->next != nullptr) PrefetchLeaf(leaf_->next);
  for (unsigned i = 0; i <= kAhead && i < leaf_->count; ++i) base::Prefetch(leaf_->elements[i]);
}

template <typename Shape>
inline void CountedTree<Shape>::Position::Previous() {
  if (index_ > 0) [[likely]] {
    --index_;
    if (index_ >= kAhead && index_ < leaf_->count) {
      base::Prefetch(leaf_->elements[index_ - kAhead]);
    }
    return;
  }
  if (leaf_->previous == nullptr) {
    index_ = ~0U;
    return;
  }
  leaf_ = leaf_->previous;
  index_ = leaf_->count - 1;
  if (leaf_->previous != nullptr) PrefetchLeaf(leaf_->previous);
  for (unsigned i = 0; i <= kAhead && i < leaf_->count; ++i) {
    base::Prefetch(leaf_->elements[index_ - i]);
  }
}

template <typename Shape>
inline void CountedTree<Shape>::PrefetchLeaf(const Leaf* leaf) {
  const char* line = reinterpret_cast<const char*>(leaf);
  for (size_t at = 0; at < sizeof(Leaf); at += 64) base::Prefetch(line + at);
}

// --- By element ---

// The child whose leaves the element belongs to, as if its score were `score`: the last one whose
// first entry isn't behind it.
template <typename Shape>
inline unsigned CountedTree<Shape>::ChildFor(const Inner& inner, double score,
                                             const Element* element) {
  unsigned child = tree::CountLess(inner.scores + 1, inner.count - 1, score) + 1;
  if (child < inner.count && inner.scores[child] == score) [[unlikely]] {
    std::string_view member = element->member();
    child = tree::PartitionPoint(child, inner.count, [&](unsigned i) {
      return inner.scores[i] == score &&
             (inner.firsts[i] == element || inner.firsts[i]->member() <= member);
    });
  }
  return child - 1;
}

// How many entries of the leaf the element goes behind, as if its score were `score`.
template <typename Shape>
inline unsigned CountedTree<Shape>::PlaceIn(const Leaf& leaf, double score,
                                            const Element* element) {
  unsigned at = tree::CountLess(leaf.scores, leaf.count, score);
  if (at < leaf.count && leaf.scores[at] == score) [[unlikely]] {
    std::string_view member = element->member();
    at = tree::PartitionPoint(at, leaf.count, [&](unsigned i) {
      return leaf.scores[i] == score && leaf.elements[i]->member() < member;
    });
  }
  return at;
}

// Where the element stands in its leaf.
template <typename Shape>
inline unsigned CountedTree<Shape>::IndexOf(const Leaf& leaf, double score,
                                            const Element* element) {
  unsigned at = tree::CountLess(leaf.scores, leaf.count, score);
  while (leaf.elements[at] != element) {
    ++at;
    CHECK(at < leaf.count);
  }
  return at;
}

// Leaves `position` open.
template <typename Shape>
inline void CountedTree<Shape>::FindPlace(double score, const Element* element, Path& path) const {
  void* node = root_;
  for (unsigned level = 0; level < height_; ++level) {
    auto* inner = static_cast<Inner*>(node);
    unsigned child = ChildFor(*inner, score, element);
    path.nodes[level] = inner;
    path.index[level] = child;
    node = inner->children[child];
  }
  path.leaf = static_cast<Leaf*>(node);
}

template <typename Shape>
inline size_t CountedTree<Shape>::SumBelow(const Inner& inner, unsigned children) {
  size_t sum = 0;
  for (unsigned i = 0; i < children; ++i) sum += inner.below[i];
  return sum;
}

template <typename Shape>
size_t CountedTree<Shape>::Rank(const Element* element) const {
  double score = element->score();
  size_t rank = 0;
  const void* node = root_;
  for (unsigned level = 0; level < height_; ++level) {
    const auto* inner = static_cast<const Inner*>(node);
    unsigned child = ChildFor(*inner, score, element);
    node = inner->children[child];
    if (level + 1 == height_) PrefetchLeaf(static_cast<const Leaf*>(node));
    rank += SumBelow(*inner, child);
  }
  return rank + IndexOf(*static_cast<const Leaf*>(node), score, element);
}

// --- By rank, score and member ---

// REQUIRES: rank < size().
template <typename Shape>
void CountedTree<Shape>::FindRank(size_t rank, Path& path) const {
  void* node = root_;
  for (unsigned level = 0; level < height_; ++level) {
    auto* inner = static_cast<Inner*>(node);
    unsigned child = 0;
    while (rank >= inner->below[child]) rank -= inner->below[child++];
    path.nodes[level] = inner;
    path.index[level] = child;
    node = inner->children[child];
  }
  path.leaf = static_cast<Leaf*>(node);
  path.position = static_cast<unsigned>(rank);
}

template <typename Shape>
typename CountedTree<Shape>::Position CountedTree<Shape>::At(size_t rank) const {
  if (size_ == 0) return {};
  Path path;
  if (rank < size_) {
    FindRank(rank, path);
    return {path.leaf, path.position};
  }
  FindRank(size_ - 1, path);
  return {path.leaf, path.leaf->count};
}

// Descends to the child that `choose(inner)` says, and in the leaf to `place(leaf)`.
template <typename Shape>
template <typename Choose, typename Place>
typename CountedTree<Shape>::Spot CountedTree<Shape>::Seek(Choose&& choose, Place&& place) const {
  if (size_ == 0) return {};
  size_t rank = 0;
  const void* node = root_;
  for (unsigned level = 0; level < height_; ++level) {
    const auto* inner = static_cast<const Inner*>(node);
    unsigned child = choose(*inner);
    node = inner->children[child];
    if (level + 1 == height_) PrefetchLeaf(static_cast<const Leaf*>(node));
    rank += SumBelow(*inner, child);
  }
  const auto* leaf = static_cast<const Leaf*>(node);
  unsigned at = place(*leaf);
  rank += at;
  if (at == leaf->count && leaf->next != nullptr) return {Position(leaf->next, 0), rank};
  return {Position(leaf, at), rank};
}

template <typename Shape>
typename CountedTree<Shape>::Spot CountedTree<Shape>::SeekScore(double score, bool after) const {
  auto count = [&](const double* scores, unsigned n) {
    return after ? tree::CountBefore<true>(scores, n, score)
                 : tree::CountBefore<false>(scores, n, score);
  };
  return Seek([&](const Inner& inner) { return count(inner.scores + 1, inner.count - 1); },
              [&](const Leaf& leaf) { return count(leaf.scores, leaf.count); });
}

template <typename Shape>
typename CountedTree<Shape>::Spot CountedTree<Shape>::SeekMember(std::string_view member,
                                                                 bool after) const {
  auto before = [&](const Element* element) {
    int order = element->member().compare(member);
    return order < 0 || (after && order == 0);
  };
  return Seek(
      [&](const Inner& inner) {
        return tree::PartitionPoint(1, inner.count,
                                    [&](unsigned i) { return before(inner.firsts[i]); }) -
               1;
      },
      [&](const Leaf& leaf) {
        return tree::PartitionPoint(0, leaf.count,
                                    [&](unsigned i) { return before(leaf.elements[i]); });
      });
}

// --- Checking ---

template <typename Shape>
struct CountedTree<Shape>::Extent {
  size_t entries = 0;
  size_t leaves = 0;
  size_t inners = 0;
  const Leaf* last_leaf = nullptr;
  const Element* last = nullptr;  // the entry before
};

template <typename Shape>
void CountedTree<Shape>::CheckNode(const void* node, unsigned level, Extent& extent) const {
  if (level == height_) {
    const auto& leaf = *static_cast<const Leaf*>(node);
    CHECK(leaf.count >= 1 && leaf.count <= kLeafEntries);
    CHECK(leaf.previous == extent.last_leaf);
    if (extent.last_leaf != nullptr) CHECK(extent.last_leaf->next == &leaf);
    for (unsigned i = 0; i < leaf.count; ++i) {
      const Element* element = leaf.elements[i];
      CHECK(leaf.scores[i] == element->score());
      if (extent.last != nullptr) {
        double before = extent.last->score();
        CHECK(before < element->score() ||
              (before == element->score() && extent.last->member() < element->member()));
      }
      extent.last = element;
    }
    extent.entries += leaf.count;
    extent.last_leaf = &leaf;
    ++extent.leaves;
    return;
  }
  const auto& inner = *static_cast<const Inner*>(node);
  CHECK(inner.count >= 2 && inner.count <= kInnerEntries);
  for (unsigned i = 0; i < inner.count; ++i) {
    size_t before = extent.entries;
    CheckNode(inner.children[i], level + 1, extent);
    CHECK(inner.below[i] == extent.entries - before);
    const Element* first = At(before).element();
    CHECK(inner.firsts[i] == first && inner.scores[i] == first->score());
  }
  ++extent.inners;
}

template <typename Shape>
void CountedTree<Shape>::CheckInvariants() const {
  Extent extent;
  if (root_ != nullptr) CheckNode(root_, 0, extent);
  CHECK(extent.entries == size_ && extent.leaves == leaves_ && extent.inners == inners_);
  if (extent.last_leaf != nullptr) CHECK(extent.last_leaf->next == nullptr);
}

}  // namespace nuthatch::values
