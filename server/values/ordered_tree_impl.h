// OrderedTree's functions (ordered_tree.h); included by it alone.
#pragma once

#include "server/values/ordered_tree.h"

namespace nuthatch::values {

// --- Finding ---

template <typename Shape>
uint32_t OrderedTree<Shape>::CountBelow(const Leaf& leaf, const Key& key, bool or_equal) {
  auto below = [&](const Item& item) {
    const Key its = Shape::KeyOf(item);
    return or_equal ? !(key < its) : its < key;
  };
  const Item* items = leaf.items();
  return static_cast<uint32_t>(std::partition_point(items, items + leaf.count, below) - items);
}

template <typename Shape>
uint32_t OrderedTree<Shape>::ChildFor(const Inner& inner, const Key& key) {
  const Key* bounds = inner.keys + 1;
  return static_cast<uint32_t>(std::upper_bound(bounds, inner.keys + inner.count, key) - bounds);
}

template <typename Shape>
auto OrderedTree<Shape>::Descend(const Key& key) const -> Leaf* {
  void* node = root_;
  for (unsigned level = height_; level > 0; --level) {
    node = AsInner(node)->children[ChildFor(*AsInner(node), key)];
  }
  return AsLeaf(node);
}

template <typename Shape>
inline auto OrderedTree<Shape>::Descend(const Key& key, Path& path) const -> Leaf* {
  void* node = root_;
  for (unsigned level = height_; level > 0; --level) {
    path.inner[level] = AsInner(node);
    path.index[level] = ChildFor(*AsInner(node), key);
    node = AsInner(node)->children[path.index[level]];
  }
  return AsLeaf(node);
}

template <typename Shape>
inline void OrderedTree<Shape>::LastPath(Path& path) const {
  void* node = root_;
  for (unsigned level = height_; level > 0; --level) {
    path.inner[level] = AsInner(node);
    path.index[level] = AsInner(node)->count - 1;
    node = AsInner(node)->children[path.index[level]];
  }
}

template <typename Shape>
auto OrderedTree<Shape>::Ceiling(const Key& key) const -> Place {
  if (empty() || Shape::KeyOf(At(Last())) < key) return {};
  Leaf* leaf = Descend(key);
  uint32_t at = CountBelow(*leaf, key, false);
  return at < leaf->count ? Place{leaf, at} : Place{leaf->next, 0};
}

template <typename Shape>
auto OrderedTree<Shape>::Floor(const Key& key) const -> Place {
  if (empty()) return {};
  // What is at the end is asked for most.
  if (!(key < Shape::KeyOf(At(Last())))) return Last();
  Leaf* leaf = Descend(key);
  uint32_t at = CountBelow(*leaf, key, true);
  return at > 0 ? Place{leaf, at - 1} : Previous({leaf, 0});
}

template <typename Shape>
auto OrderedTree<Shape>::Find(const Key& key) const -> Place {
  Place at = Ceiling(key);
  return at && !(key < Shape::KeyOf(At(at))) ? at : Place{};
}

// --- Inserting ---

template <typename Shape>
auto OrderedTree<Shape>::Insert(const Item& item) -> Place {
  const Key key = Shape::KeyOf(item);
  if (root_ == nullptr) {
    root_ = first_ = last_ = NewLeaf(kSmallestLeaf);
    height_ = 0;
  }
  bool append = last_->count > 0 && Shape::KeyOf(last_->items()[last_->count - 1]) < key;
  Leaf* leaf = last_;
  uint32_t at = leaf->count;
  if (!append || leaf->count == leaf->capacity()) {
    Path path;
    leaf = Descend(key, path);
    at = CountBelow(*leaf, key, false);
    if (leaf->count == leaf->capacity()) {
      leaf = leaf->bytes < kLeafBytes
                 ? ResizeRootLeaf(std::min<uint32_t>(leaf->bytes * 2, kLeafBytes))
                 : SplitLeaf(path, leaf, &at, key);
    }
  }
  Item* items = leaf->items();
  std::memmove(static_cast<void*>(items + at + 1), items + at, (leaf->count - at) * sizeof(Item));
  std::memcpy(static_cast<void*>(items + at), &item, sizeof(Item));
  ++leaf->count;
  ++size_;
  return {leaf, at};
}

template <typename Shape>
auto OrderedTree<Shape>::ResizeRootLeaf(uint32_t bytes) -> Leaf* {
  Leaf* old = AsLeaf(root_);
  Leaf* leaf = NewLeaf(bytes);
  leaf->count = old->count;
  std::memcpy(static_cast<void*>(leaf->items()), old->items(), old->count * sizeof(Item));
  FreeLeaf(old);
  root_ = first_ = last_ = leaf;
  return leaf;
}

// Splits a full leaf where an item of `key` is to come to `*at`; returns the part where it belongs,
// and its place there. What is added at the very end leaves a full leaf behind.
template <typename Shape>
auto OrderedTree<Shape>::SplitLeaf(Path& path, Leaf* leaf, uint32_t* at, const Key& key) -> Leaf* {
  bool at_end = leaf == last_ && *at == leaf->count;
  uint32_t kept = at_end ? leaf->count : leaf->count / 2;
  Leaf* right = NewLeaf(kLeafBytes);
  right->count = leaf->count - kept;
  std::memcpy(static_cast<void*>(right->items()), leaf->items() + kept,
              right->count * sizeof(Item));
  leaf->count = kept;
  right->previous = leaf;
  right->next = leaf->next;
  (leaf->next != nullptr ? leaf->next->previous : last_) = right;
  leaf->next = right;
  AddChild(path, 1, right, at_end ? key : Shape::KeyOf(right->items()[0]), at_end);
  if (!at_end && *at <= kept) return leaf;
  *at -= kept;
  return right;
}

// Adds a child behind the one that the path goes through at `level`.
template <typename Shape>
void OrderedTree<Shape>::AddChild(Path& path, unsigned level, void* child, const Key& key,
                                  bool at_end) {
  if (level > height_) {
    CHECK(height_ < kMaxHeight);
    Inner* root = NewInner();
    root->count = 2;
    root->keys[0] = root->keys[1] = key;
    root->children[0] = root_;
    root->children[1] = child;
    root_ = root;
    ++height_;
    return;
  }
  Inner* inner = path.inner[level];
  uint32_t index = path.index[level] + 1;
  if (inner->count == kChildren) {
    uint32_t kept = at_end ? inner->count : inner->count / 2;
    Inner* right = NewInner();
    right->count = inner->count - kept;
    std::copy_n(inner->keys + kept, right->count, right->keys);
    std::copy_n(inner->children + kept, right->count, right->children);
    inner->count = kept;
    AddChild(path, level + 1, right, at_end ? key : right->keys[0], at_end);
    if (at_end || index > kept) {
      inner = right;
      index -= kept;
    }
  }
  std::copy_backward(inner->keys + index, inner->keys + inner->count,
                     inner->keys + inner->count + 1);
  std::copy_backward(inner->children + index, inner->children + inner->count,
                     inner->children + inner->count + 1);
  inner->keys[index] = key;
  inner->children[index] = child;
  ++inner->count;
}

// --- Erasing ---

template <typename Shape>
void OrderedTree<Shape>::Erase(const Key& key) {
  CHECK(root_ != nullptr);
  Path path;
  Leaf* leaf = Descend(key, path);
  uint32_t at = CountBelow(*leaf, key, false);
  Item* items = leaf->items();
  CHECK(at < leaf->count && !(key < Shape::KeyOf(items[at])));
  --leaf->count;
  --size_;
  std::memmove(static_cast<void*>(items + at), items + at + 1, (leaf->count - at) * sizeof(Item));
  RelieveLeaf(path, leaf);
}

template <typename Shape>
bool OrderedTree<Shape>::DropLastLeaf() {
  if (root_ == nullptr) return true;
  Path path;
  LastPath(path);
  size_ -= last_->count;
  last_->count = 0;
  RelieveLeaf(path, last_);
  return root_ == nullptr;
}

template <typename Shape>
void OrderedTree<Shape>::Unlink(Leaf* leaf) {
  (leaf->previous != nullptr ? leaf->previous->next : first_) = leaf->next;
  (leaf->next != nullptr ? leaf->next->previous : last_) = leaf->previous;
  FreeLeaf(leaf);
}

// Moves what is in `right` behind what is in `left`, and frees it.
template <typename Shape>
void OrderedTree<Shape>::JoinLeaves(Leaf* left, Leaf* right) {
  std::memcpy(static_cast<void*>(left->items() + left->count), right->items(),
              right->count * sizeof(Item));
  left->count += right->count;
  Unlink(right);
}

// Puts a leaf that has lost items in order: frees it, joins it with a neighbour, or makes it
// smaller.
template <typename Shape>
void OrderedTree<Shape>::RelieveLeaf(Path& path, Leaf* leaf) {
  if (height_ == 0) {
    if (leaf->count == 0) {
      FreeLeaf(leaf);
      root_ = first_ = last_ = nullptr;
    } else if (leaf->bytes > kSmallestLeaf && leaf->count * 4 <= leaf->capacity()) {
      uint32_t half = std::max(kSmallestLeaf, leaf->bytes / 2);
      if (CapacityOf(half) >= leaf->count) ResizeRootLeaf(half);
    }
    return;
  }
  if (leaf->count > kLeafLow) return;
  Inner* parent = path.inner[1];
  uint32_t index = path.index[1];
  if (leaf->count == 0) {
    Unlink(leaf);
    return RemoveChild(path, 1, index);
  }
  if (index + 1 < parent->count &&
      leaf->count + AsLeaf(parent->children[index + 1])->count <= kLeafJoined) {
    JoinLeaves(leaf, AsLeaf(parent->children[index + 1]));
    RemoveChild(path, 1, index + 1);
  } else if (index > 0 && leaf->count + AsLeaf(parent->children[index - 1])->count <= kLeafJoined) {
    JoinLeaves(AsLeaf(parent->children[index - 1]), leaf);
    RemoveChild(path, 1, index);
  }
}

// Removes a child, gone already, of the inner node at `level`.
template <typename Shape>
void OrderedTree<Shape>::RemoveChild(Path& path, unsigned level, uint32_t index) {
  Inner* inner = path.inner[level];
  std::copy(inner->keys + index + 1, inner->keys + inner->count, inner->keys + index);
  std::copy(inner->children + index + 1, inner->children + inner->count, inner->children + index);
  --inner->count;
  if (level < height_) return RelieveInner(path, level);
  while (height_ > 0 && AsInner(root_)->count == 1) {
    Inner* old = AsInner(root_);
    root_ = old->children[0];
    FreeInner(old);
    --height_;
  }
}

template <typename Shape>
void OrderedTree<Shape>::RelieveInner(Path& path, unsigned level) {
  Inner* inner = path.inner[level];
  if (inner->count > kInnerLow) return;
  Inner* parent = path.inner[level + 1];
  uint32_t index = path.index[level + 1];
  if (inner->count == 0) {
    FreeInner(inner);
    return RemoveChild(path, level + 1, index);
  }
  auto join = [&](uint32_t left_index) {
    Inner* left = AsInner(parent->children[left_index]);
    Inner* right = AsInner(parent->children[left_index + 1]);
    if (left->count + right->count > kInnerJoined) return false;
    right->keys[0] = parent->keys[left_index + 1];
    std::copy_n(right->keys, right->count, left->keys + left->count);
    std::copy_n(right->children, right->count, left->children + left->count);
    left->count += right->count;
    FreeInner(right);
    RemoveChild(path, level + 1, left_index + 1);
    return true;
  };
  if (index + 1 < parent->count && join(index)) return;
  if (index > 0) join(index - 1);
}

// --- Checking ---

template <typename Shape>
auto OrderedTree<Shape>::Check(void* node, unsigned height, const Leaf** previous, size_t* items,
                               size_t* bytes) const -> Extent {
  if (height == 0) {
    const Leaf* leaf = AsLeaf(node);
    CHECK(leaf->count > 0 && leaf->count <= leaf->capacity());
    CHECK(height_ == 0 || leaf->bytes == kLeafBytes);
    CHECK(leaf->previous == *previous);
    CHECK((*previous == nullptr ? first_ : (*previous)->next) == leaf);
    for (uint32_t i = 1; i < leaf->count; ++i) {
      CHECK(Shape::KeyOf(leaf->items()[i - 1]) < Shape::KeyOf(leaf->items()[i]));
    }
    *previous = leaf;
    *items += leaf->count;
    *bytes += base::SizeClass(leaf->bytes);
    return {Shape::KeyOf(leaf->items()[0]), Shape::KeyOf(leaf->items()[leaf->count - 1])};
  }
  Inner* inner = AsInner(node);
  CHECK(inner->count >= (height == height_ ? 2 : 1) && inner->count <= kChildren);
  *bytes += base::SizeClass(sizeof(Inner));
  Extent whole;
  for (uint32_t i = 0; i < inner->count; ++i) {
    Extent part = Check(inner->children[i], height - 1, previous, items, bytes);
    if (i > 0) CHECK(*whole.last < inner->keys[i] && !(*part.first < inner->keys[i]));
    if (i == 0) whole.first = part.first;
    whole.last = part.last;
  }
  return whole;
}

template <typename Shape>
void OrderedTree<Shape>::CheckInvariants() const {
  const Leaf* last = nullptr;
  size_t items = 0;
  size_t bytes = 0;
  if (root_ != nullptr) Check(root_, height_, &last, &items, &bytes);
  CHECK(last == last_ && (last == nullptr || last->next == nullptr));
  CHECK(items == size_ && bytes <= bytes_.bytes);
  CHECK(root_ != nullptr || (first_ == nullptr && height_ == 0));
}

}  // namespace nuthatch::values
