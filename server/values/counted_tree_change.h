// Changing a CountedTree. Included by counted_tree.h only.
//
// An insert into a full leaf first makes room by one local step (share with a neighbour, split the
// leaf, split the nearest ancestor without room, grow a root), and then looks for its place anew,
// until there is room: no step has to follow an entry through another one. A removal repairs the
// nodes on its way from the leaf upwards.
#pragma once

#include <algorithm>
#include <vector>

#include "server/values/counted_tree.h"

namespace nuthatch::values {

// --- Nodes ---

template <typename Shape>
typename CountedTree<Shape>::Leaf* CountedTree<Shape>::NewLeaf() {
  auto* leaf = static_cast<Leaf*>(base::AllocateLines(sizeof(Leaf)));
  leaf->previous = leaf->next = nullptr;
  leaf->count = 0;
  ++leaves_;
  return leaf;
}

template <typename Shape>
typename CountedTree<Shape>::Inner* CountedTree<Shape>::NewInner() {
  auto* inner = static_cast<Inner*>(base::AllocateLines(sizeof(Inner)));
  inner->count = 0;
  ++inners_;
  return inner;
}

template <typename Shape>
void CountedTree<Shape>::FreeLeaf(Leaf* leaf) {
  base::Free(leaf, sizeof(Leaf));
  --leaves_;
}

template <typename Shape>
void CountedTree<Shape>::FreeInner(Inner* inner) {
  base::Free(inner, sizeof(Inner));
  --inners_;
}

template <typename Shape>
unsigned CountedTree<Shape>::ChildCount(const Inner& parent, unsigned child, bool leaf) {
  return leaf ? static_cast<const Leaf*>(parent.children[child])->count
              : static_cast<const Inner*>(parent.children[child])->count;
}

// Sets the key of a child from the child. REQUIRES: it isn't empty.
template <typename Shape>
inline void CountedTree<Shape>::SetKey(Inner& parent, unsigned child, bool leaf) {
  if (leaf) {
    const auto& node = *static_cast<const Leaf*>(parent.children[child]);
    parent.scores[child] = node.scores[0];
    parent.firsts[child] = node.elements[0];
  } else {
    const auto& node = *static_cast<const Inner*>(parent.children[child]);
    parent.scores[child] = node.scores[0];
    parent.firsts[child] = node.firsts[0];
  }
}

// The first entry of a child of the path's node at `level` is another one: tells it to that node,
// and to those above whose first entry it is too.
template <typename Shape>
void CountedTree<Shape>::RefreshKey(const Path& path, unsigned level, unsigned child) {
  SetKey(*path.nodes[level], child, level + 1 == height_);
  while (child == 0 && level > 0) {
    --level;
    child = path.index[level];
    SetKey(*path.nodes[level], child, false);
  }
}

template <typename Shape>
inline void CountedTree<Shape>::AddBelow(const Path& path, int32_t difference) {
  for (unsigned level = 0; level < height_; ++level) {
    path.nodes[level]->below[path.index[level]] += static_cast<uint32_t>(difference);
  }
  size_ += static_cast<size_t>(static_cast<int64_t>(difference));
}

// --- Steps between neighbours ---

// Moves entries between the children `left` and `left + 1` until `left` has `left_count`. The keys
// are the caller's to set.
template <typename Shape>
void CountedTree<Shape>::ShareChildren(Inner& parent, unsigned left, unsigned left_count,
                                       bool leaves) {
  uint32_t both = parent.below[left] + parent.below[left + 1];
  if (leaves) {
    tree::Share(*static_cast<Leaf*>(parent.children[left]),
                *static_cast<Leaf*>(parent.children[left + 1]), left_count);
    parent.below[left] = left_count;
  } else {
    auto& node = *static_cast<Inner*>(parent.children[left]);
    tree::Share(node, *static_cast<Inner*>(parent.children[left + 1]), left_count);
    parent.below[left] = static_cast<uint32_t>(SumBelow(node, node.count));
  }
  parent.below[left + 1] = both - parent.below[left];
}

// Moves all of the right one's entries to the left one, and frees it.
template <typename Shape>
void CountedTree<Shape>::MergeChildren(Inner& parent, unsigned left, bool leaves) {
  unsigned right = left + 1;
  ShareChildren(parent, left, ChildCount(parent, left, leaves) + ChildCount(parent, right, leaves),
                leaves);
  if (leaves) {
    auto* leaf = static_cast<Leaf*>(parent.children[right]);
    leaf->previous->next = leaf->next;
    if (leaf->next != nullptr) leaf->next->previous = leaf->previous;
    FreeLeaf(leaf);
  } else {
    FreeInner(static_cast<Inner*>(parent.children[right]));
  }
  tree::ForArrays(parent, parent,
                  [&](auto* array, auto*) { tree::CloseGap(array, parent.count, right, 1); });
  --parent.count;
}

// Splits a child: what stands from `at` on goes into a new one behind it. REQUIRES: the parent has
// room.
template <typename Shape>
void CountedTree<Shape>::SplitChild(Inner& parent, unsigned child, unsigned at, bool leaves) {
  unsigned fresh = child + 1;
  tree::ForArrays(parent, parent,
                  [&](auto* array, auto*) { tree::OpenGap(array, parent.count, fresh, 1); });
  ++parent.count;
  parent.below[fresh] = 0;
  if (leaves) {
    auto* left = static_cast<Leaf*>(parent.children[child]);
    Leaf* right = NewLeaf();
    right->previous = left;
    right->next = left->next;
    left->next = right;
    if (right->next != nullptr) right->next->previous = right;
    parent.children[fresh] = right;
  } else {
    parent.children[fresh] = NewInner();
  }
  ShareChildren(parent, child, at, leaves);
  SetKey(parent, fresh, leaves);
}

template <typename Shape>
unsigned CountedTree<Shape>::LesserNeighbour(const Inner& parent, unsigned child, bool leaves) {
  if (child == 0) return 1;
  if (child + 1 == parent.count) return child - 1;
  bool left = ChildCount(parent, child - 1, leaves) <= ChildCount(parent, child + 1, leaves);
  return left ? child - 1 : child + 1;
}

// --- Inserting ---

template <typename Shape>
void CountedTree<Shape>::GrowRoot() {
  CHECK(height_ < kMaxHeight);
  Inner* root = NewInner();
  root->count = 1;
  root->children[0] = root_;
  root->below[0] = static_cast<uint32_t>(size_);
  SetKey(*root, 0, height_ == 0);
  root_ = root;
  ++height_;
}

// One step towards room for an entry at the path's place, whose leaf is full. The path is void.
template <typename Shape>
void CountedTree<Shape>::MakeRoom(Path& path) {
  if (height_ == 0) {
    GrowRoot();
    path.nodes[0] = static_cast<Inner*>(root_);
    path.index[0] = 0;
  }
  Inner& parent = *path.nodes[height_ - 1];
  unsigned child = path.index[height_ - 1];
  bool at_end = path.leaf->next == nullptr && path.position == kLeafEntries;
  bool at_front = path.leaf->previous == nullptr && path.position == 0;
  if (!at_end && !at_front && parent.count > 1) {
    unsigned other = LesserNeighbour(parent, child, true);
    unsigned its_count = ChildCount(parent, other, true);
    if (its_count + kShareRoom <= kLeafEntries) {
      unsigned left = std::min(child, other);
      ShareChildren(parent, left, (its_count + kLeafEntries) / 2, true);
      SetKey(parent, left + 1, true);
      return;
    }
  }
  if (parent.count == kInnerEntries) {
    SplitInner(path, height_ - 1);
    return;
  }
  SplitChild(parent, child, at_end ? kLeafEntries - 1 : at_front ? 1 : kLeafEntries / 2, true);
}

// Splits the path's node at `level`, which is full, or the nearest one above without room for that.
template <typename Shape>
void CountedTree<Shape>::SplitInner(Path& path, unsigned level) {
  unsigned at = path.leaf->next == nullptr       ? kInnerEntries - 2
                : path.leaf->previous == nullptr ? 2
                                                 : kInnerEntries / 2;
  while (level > 0 && path.nodes[level - 1]->count == kInnerEntries) --level;
  if (level == 0) {
    GrowRoot();
    SplitChild(*static_cast<Inner*>(root_), 0, at, false);
  } else {
    SplitChild(*path.nodes[level - 1], path.index[level - 1], at, false);
  }
}

// REQUIRES: the leaf has room.
template <typename Shape>
inline void CountedTree<Shape>::Put(Path& path, double score, Element* element) {
  Leaf& leaf = *path.leaf;
  tree::OpenGap(leaf.scores, leaf.count, path.position, 1);
  tree::OpenGap(leaf.elements, leaf.count, path.position, 1);
  leaf.scores[path.position] = score;
  leaf.elements[path.position] = element;
  ++leaf.count;
  AddBelow(path, 1);
  if (path.position == 0 && height_ > 0) RefreshKey(path, height_ - 1, path.index[height_ - 1]);
}

template <typename Shape>
inline void CountedTree<Shape>::PutWithRoom(Path& path, double score, Element* element) {
  while (path.leaf->count == kLeafEntries) [[unlikely]] {
      MakeRoom(path);
      FindPlace(score, element, path);
      path.position = PlaceIn(*path.leaf, score, element);
    }
  Put(path, score, element);
}

template <typename Shape>
void CountedTree<Shape>::Insert(Element* element) {
  if (root_ == nullptr) root_ = NewLeaf();
  double score = element->score();
  Path path;
  FindPlace(score, element, path);
  PrefetchLeaf(path.leaf);
  path.position = PlaceIn(*path.leaf, score, element);
  PutWithRoom(path, score, element);
}

// --- Removing ---

// Takes out `n` entries at the path's place, all in its leaf. True if nodes had to be repaired:
// then other paths are void.
template <typename Shape>
inline bool CountedTree<Shape>::TakeOut(Path& path, unsigned n) {
  Leaf& leaf = *path.leaf;
  tree::CloseGap(leaf.scores, leaf.count, path.position, n);
  tree::CloseGap(leaf.elements, leaf.count, path.position, n);
  leaf.count -= n;
  AddBelow(path, -static_cast<int32_t>(n));
  if (path.position == 0 && leaf.count > 0 && height_ > 0) {
    RefreshKey(path, height_ - 1, path.index[height_ - 1]);
  }
  if (leaf.count >= kLeafLow) [[likely]]
    return false;
  return Relieve(path);
}

// The path's leaf has fewer entries than it should, perhaps none: merges nodes with neighbours from
// there upwards, or shares. True if it changed anything.
template <typename Shape>
bool CountedTree<Shape>::Relieve(Path& path) {
  if (height_ == 0) {
    if (path.leaf->count > 0) return false;
    FreeLeaf(path.leaf);
    root_ = nullptr;
    return true;
  }
  for (unsigned level = height_; level-- > 0;) {
    bool leaves = level + 1 == height_;
    Inner& parent = *path.nodes[level];
    unsigned child = path.index[level];
    unsigned its_count = ChildCount(parent, child, leaves);
    if (its_count >= (leaves ? kLeafLow : kInnerLow)) break;
    unsigned other = LesserNeighbour(parent, child, leaves);
    unsigned left = std::min(child, other);
    unsigned sum = its_count + ChildCount(parent, other, leaves);
    if (its_count == 0 || sum <= (leaves ? kLeafMerge : kInnerMerge)) {
      MergeChildren(parent, left, leaves);
    } else {
      ShareChildren(parent, left, sum / 2, leaves);
      SetKey(parent, left + 1, leaves);
    }
    if (its_count == 0) RefreshKey(path, level, left);
  }
  while (height_ > 0 && static_cast<Inner*>(root_)->count == 1) {
    auto* root = static_cast<Inner*>(root_);
    root_ = root->children[0];
    FreeInner(root);
    --height_;
  }
  return true;
}

template <typename Shape>
void CountedTree<Shape>::Remove(const Element* element) {
  double score = element->score();
  Path path;
  FindPlace(score, element, path);
  PrefetchLeaf(path.leaf);
  path.position = IndexOf(*path.leaf, score, element);
  TakeOut(path, 1);
}

template <typename Shape>
template <typename Visit>
void CountedTree<Shape>::RemoveRange(size_t begin, size_t end, Visit&& visit) {
  CHECK(begin <= end && end <= size_);
  Element* run[kLeafEntries];
  for (size_t left = end - begin; left > 0;) {
    Path path;
    FindRank(begin, path);
    auto n = static_cast<unsigned>(std::min<size_t>(left, path.leaf->count - path.position));
    std::copy_n(path.leaf->elements + path.position, n, run);
    TakeOut(path, n);
    visit(static_cast<Element* const*>(run), n);
    left -= n;
  }
}

// --- Moving ---

// Gives the entry at the path's place another score and place in its leaf.
template <typename Shape>
void CountedTree<Shape>::MoveWithin(Path& path, unsigned to, double score) {
  Leaf& leaf = *path.leaf;
  unsigned from = path.position;
  Element* element = leaf.elements[from];
  auto slide = [&](auto* array) {
    if (to < from) {
      std::copy_backward(array + to, array + from, array + from + 1);
    } else {
      std::copy(array + from + 1, array + to + 1, array + from);
    }
  };
  slide(leaf.scores);
  slide(leaf.elements);
  leaf.scores[to] = score;
  leaf.elements[to] = element;
  if ((from == 0 || to == 0) && height_ > 0) {
    RefreshKey(path, height_ - 1, path.index[height_ - 1]);
  }
}

// Both ways are looked for before anything changes, level by level side by side, so that the memory
// misses of the two leaves overlap; the second stays good as long as no node has to be repaired.
template <typename Shape>
void CountedTree<Shape>::Move(Element* element, double score) {
  double old = element->score();
  Path from;
  Path to;
  void* from_node = root_;
  void* to_node = root_;
  for (unsigned level = 0; level < height_; ++level) {
    auto* from_inner = static_cast<Inner*>(from_node);
    auto* to_inner = static_cast<Inner*>(to_node);
    from.nodes[level] = from_inner;
    to.nodes[level] = to_inner;
    from.index[level] = ChildFor(*from_inner, old, element);
    to.index[level] = ChildFor(*to_inner, score, element);
    from_node = from_inner->children[from.index[level]];
    to_node = to_inner->children[to.index[level]];
  }
  from.leaf = static_cast<Leaf*>(from_node);
  to.leaf = static_cast<Leaf*>(to_node);
  PrefetchLeaf(from.leaf);
  if (to.leaf != from.leaf) PrefetchLeaf(to.leaf);
  from.position = IndexOf(*from.leaf, old, element);
  to.position = PlaceIn(*to.leaf, score, element);
  element->set_score(score);
  if (from.leaf == to.leaf) {
    MoveWithin(from, to.position > from.position ? to.position - 1 : to.position, score);
    return;
  }
  if (TakeOut(from, 1)) [[unlikely]] {
    FindPlace(score, element, to);
    to.position = PlaceIn(*to.leaf, score, element);
  }
  PutWithRoom(to, score, element);
}

// --- All at once ---

// Level by level, from the leaves up; the entries are dealt out evenly over the nodes of a level,
// so that none has too few.
template <typename Shape>
void CountedTree<Shape>::Build(Element* const* elements, size_t count) {
  CHECK(size_ == 0 && root_ == nullptr);
  if (count == 0) return;
  std::vector<void*> nodes;
  size_t parts = (count + kLeafBuilt - 1) / kLeafBuilt;
  nodes.reserve(parts);
  Leaf* last = nullptr;
  for (size_t part = 0, from = 0; part < parts; ++part) {
    size_t until = count * (part + 1) / parts;
    Leaf* leaf = NewLeaf();
    for (; from < until; ++from) {
      leaf->scores[leaf->count] = elements[from]->score();
      leaf->elements[leaf->count++] = elements[from];
    }
    leaf->previous = last;
    if (last != nullptr) last->next = leaf;
    last = leaf;
    nodes.push_back(leaf);
  }
  for (bool leaves = true; nodes.size() > 1; leaves = false, ++height_) {
    std::vector<void*> above;
    parts = (nodes.size() + kInnerBuilt - 1) / kInnerBuilt;
    for (size_t part = 0, from = 0; part < parts; ++part) {
      size_t until = nodes.size() * (part + 1) / parts;
      Inner* inner = NewInner();
      for (; from < until; ++from) {
        unsigned i = inner->count++;
        inner->children[i] = nodes[from];
        inner->below[i] =
            leaves ? static_cast<Leaf*>(nodes[from])->count
                   : static_cast<uint32_t>(SumBelow(*static_cast<Inner*>(nodes[from]),
                                                    static_cast<Inner*>(nodes[from])->count));
        SetKey(*inner, i, leaves);
      }
      above.push_back(inner);
    }
    nodes.swap(above);
  }
  root_ = nodes[0];
  size_ = count;
}

template <typename Shape>
bool CountedTree<Shape>::FreeSome(size_t nodes) {
  size_ = 0;
  while (root_ != nullptr && nodes > 0) {
    // Down along the last children.
    Inner* way[kMaxHeight];
    void* node = root_;
    for (unsigned level = 0; level < height_; ++level) {
      way[level] = static_cast<Inner*>(node);
      node = way[level]->children[way[level]->count - 1];
    }
    FreeLeaf(static_cast<Leaf*>(node));
    --nodes;
    unsigned level = height_;
    while (level > 0 && --way[level - 1]->count == 0) {
      --level;
      FreeInner(way[level]);
      if (nodes > 0) --nodes;
    }
    if (level == 0) {
      root_ = nullptr;
      height_ = 0;
    }
  }
  return root_ == nullptr;
}

}  // namespace nuthatch::values
