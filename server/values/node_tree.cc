#include "server/values/node_tree.h"

#include <algorithm>
#include <cstring>

#include "server/base/check.h"

namespace nuthatch::values {
namespace {

// A leaf takes 512 bytes, the only one of a small list less.
constexpr uint32_t kLeafNodes = 30;
constexpr uint32_t kChildren = 20;
// What is left with at most this many is joined with a neighbour, if both then have at most that.
constexpr uint32_t kFewNodes = kLeafNodes / 4;
constexpr uint32_t kFewChildren = kChildren / 4;
constexpr uint32_t kRoomyNodes = kLeafNodes * 4 / 5;
constexpr uint32_t kRoomyChildren = kChildren * 4 / 5;

template <typename T>
void Shift(T* from, T* to, size_t count) {
  if (count > 0) std::memmove(static_cast<void*>(to), from, count * sizeof(T));
}

}  // namespace

struct NodeTree::Header {
  Inner* parent;
  uint32_t used;
  uint32_t capacity;
};

struct NodeTree::Leaf : Header {
  Leaf* previous;
  Leaf* next;

  ListNode* nodes() { return reinterpret_cast<ListNode*>(this + 1); }
  const ListNode* nodes() const { return reinterpret_cast<const ListNode*>(this + 1); }
  static size_t SizeOf(uint32_t capacity) { return sizeof(Leaf) + capacity * sizeof(ListNode); }
};

struct NodeTree::Child {
  Header* item;
  Sum sum;
};

struct NodeTree::Inner : Header {
  Child children[kChildren];
};

// --- Parts ---

NodeTree::Leaf* NodeTree::MakeLeaf(uint32_t capacity) {
  static_assert(sizeof(Leaf) + kLeafNodes * sizeof(ListNode) == 512);
  auto* leaf = static_cast<Leaf*>(base::Allocate(Leaf::SizeOf(capacity)));
  leaf->parent = nullptr;
  leaf->used = 0;
  leaf->capacity = capacity;
  leaf->previous = leaf->next = nullptr;
  return leaf;
}

uint64_t NodeTree::OwnBytes(const Header* item, uint32_t height) {
  return base::SizeClass(height == 0 ? Leaf::SizeOf(item->capacity) : sizeof(Inner));
}

void NodeTree::Free(Header* item, uint32_t height) {
  base::Free(item, height == 0 ? Leaf::SizeOf(item->capacity) : sizeof(Inner));
}

uint32_t NodeTree::SlotOf(const Header* child) {
  const Inner* parent = child->parent;
  // The ends of a list are where most happens.
  uint32_t last = parent->used - 1;
  if (parent->children[last].item == child) return last;
  uint32_t slot = 0;
  while (parent->children[slot].item != child) ++slot;
  return slot;
}

// Adds to the sums of all that is above `below`, and of the tree.
void NodeTree::Add(const Header* below, const Sum& change) {
  for (; below->parent != nullptr; below = below->parent) {
    below->parent->children[SlotOf(below)].sum += change;
  }
  sum_ += change;
}

// Of an item with all that is below it, by what it has itself.
NodeTree::Sum NodeTree::SumOf(const Header* item, uint32_t height) {
  Sum sum{0, OwnBytes(item, height)};
  if (height == 0) {
    const auto* leaf = static_cast<const Leaf*>(item);
    for (uint32_t i = 0; i < leaf->used; ++i) {
      sum += {leaf->nodes()[i].count(), leaf->nodes()[i].MemoryBytes()};
    }
  } else {
    const auto* inner = static_cast<const Inner*>(item);
    for (uint32_t i = 0; i < inner->used; ++i) sum += inner->children[i].sum;
  }
  return sum;
}

// The first or last item of a level.
NodeTree::Header* NodeTree::Outermost(Header* item, uint32_t height, uint32_t down_to, bool last) {
  for (; height > down_to; --height) {
    auto* inner = static_cast<Inner*>(item);
    item = inner->children[last ? inner->used - 1 : 0].item;
  }
  return item;
}

NodeTree::~NodeTree() { DCHECK(root_ == nullptr); }

// --- Finding ---

NodeTree::Place NodeTree::Head() const {
  if (root_ == nullptr) return {};
  return {static_cast<Leaf*>(Outermost(root_, height_, 0, false)), 0};
}

NodeTree::Place NodeTree::Tail() const {
  if (root_ == nullptr) return {};
  auto* leaf = static_cast<Leaf*>(Outermost(root_, height_, 0, true));
  return {leaf, leaf->used - 1};
}

NodeTree::Place NodeTree::Next(Place at) const {
  if (at.slot + 1 < at.leaf->used) return {at.leaf, at.slot + 1};
  return {at.leaf->next, 0};
}

NodeTree::Place NodeTree::Previous(Place at) const {
  if (at.slot > 0) return {at.leaf, at.slot - 1};
  Leaf* previous = at.leaf->previous;
  if (previous == nullptr) return {};
  return {previous, previous->used - 1};
}

const ListNode& NodeTree::At(Place at) const { return at.leaf->nodes()[at.slot]; }

NodeTree::Place NodeTree::Find(uint64_t* index) const {
  CHECK(*index < sum_.elements);
  Header* item = root_;
  for (uint32_t height = height_; height > 0; --height) {
    const Child* child = static_cast<Inner*>(item)->children;
    for (; *index >= child->sum.elements; ++child) *index -= child->sum.elements;
    item = child->item;
  }
  auto* leaf = static_cast<Leaf*>(item);
  uint32_t slot = 0;
  for (; *index >= leaf->nodes()[slot].count(); ++slot) *index -= leaf->nodes()[slot].count();
  return {leaf, slot};
}

size_t NodeTree::CountNodes() const {
  size_t count = 0;
  for (const Leaf* leaf = Head().leaf; leaf != nullptr; leaf = leaf->next) count += leaf->used;
  return count;
}

// --- Inserting ---

NodeTree::Place NodeTree::Insert(Place before, const ListNode& node) {
  if (root_ == nullptr) {
    root_ = MakeLeaf(2);
    sum_.bytes += OwnBytes(root_, 0);
    before = {static_cast<Leaf*>(root_), 0};
  } else if (!before) {
    before = Tail();
    ++before.slot;
  } else if (before.slot == 0 && before.leaf->previous != nullptr &&
             before.leaf->previous->used < before.leaf->previous->capacity) {
    // Behind another is as good.
    before = {before.leaf->previous, before.leaf->previous->used};
  }
  if (before.leaf->used == before.leaf->capacity) {
    if (before.leaf->capacity < kLeafNodes) {
      before.leaf = Resize(before.leaf, 2 * before.leaf->capacity + 2);
    } else {
      before = SplitLeaf(before);
    }
  }
  Leaf* leaf = before.leaf;
  ListNode* slot = leaf->nodes() + before.slot;
  Shift(slot, slot + 1, leaf->used - before.slot);
  *slot = node;
  ++leaf->used;
  Add(leaf, {node.count(), node.MemoryBytes()});
  return before;
}

// The leaf with room for another number of nodes. A list has but one leaf as long as it has less
// than 30 nodes: it grows and shrinks over 2, 6 and 14, that is 64 to 512 bytes.
NodeTree::Leaf* NodeTree::Resize(Leaf* leaf, uint32_t capacity) {
  DCHECK(leaf->used <= capacity);
  Leaf* other = MakeLeaf(capacity);
  Shift(leaf->nodes(), other->nodes(), leaf->used);
  other->used = leaf->used;
  other->previous = leaf->previous;
  other->next = leaf->next;
  if (leaf->previous != nullptr) leaf->previous->next = other;
  if (leaf->next != nullptr) leaf->next->previous = other;
  other->parent = leaf->parent;
  if (leaf->parent == nullptr) {
    root_ = other;
  } else {
    leaf->parent->children[SlotOf(leaf)].item = other;
  }
  Sum change{0, OwnBytes(other, 0)};
  change += -Sum{0, OwnBytes(leaf, 0)};
  Add(other, change);
  Free(leaf, 0);
  return other;
}

// Makes room in a full leaf, for a node at `at`, whose place is another then.
NodeTree::Place NodeTree::SplitLeaf(Place at) {
  Leaf* left = at.leaf;
  Leaf* right = MakeLeaf(kLeafNodes);
  // What is appended or prepended gets a leaf of its own, and leaves full ones behind.
  uint32_t keep = left->used / 2;
  if (at.slot == left->used && left->next == nullptr) keep = left->used;
  if (at.slot == 0 && left->previous == nullptr) keep = 0;
  Sum moved;
  for (uint32_t i = keep; i < left->used; ++i) {
    moved += {left->nodes()[i].count(), left->nodes()[i].MemoryBytes()};
  }
  Shift(left->nodes() + keep, right->nodes(), left->used - keep);
  right->used = left->used - keep;
  left->used = keep;
  right->next = left->next;
  right->previous = left;
  if (right->next != nullptr) right->next->previous = right;
  left->next = right;
  if (left->parent == nullptr) GrowRoot();
  Add(left, -moved);
  InsertChild(left->parent, SlotOf(left) + 1, right, 0);
  moved.bytes += OwnBytes(right, 0);
  Add(right, moved);
  if (at.slot > keep || keep == kLeafNodes) return {right, at.slot - keep};
  return at;
}

// An inner level above the root.
void NodeTree::GrowRoot() {
  auto* inner = static_cast<Inner*>(base::Allocate(sizeof(Inner)));
  inner->parent = nullptr;
  inner->used = 1;
  inner->capacity = kChildren;
  inner->children[0] = {root_, sum_};
  root_->parent = inner;
  root_ = inner;
  ++height_;
  sum_.bytes += OwnBytes(inner, height_);
}

// Adds a child, of a height, with sums of 0, which the caller adds.
void NodeTree::InsertChild(Inner* parent, uint32_t slot, Header* child, uint32_t height) {
  if (parent->used == kChildren) {
    Inner* right = SplitInner(parent, slot, height + 1);
    if (slot > parent->used || parent->used == kChildren) {
      slot -= parent->used;
      parent = right;
    }
  }
  Child* place = parent->children + slot;
  Shift(place, place + 1, parent->used - slot);
  *place = {child, {}};
  child->parent = parent;
  ++parent->used;
}

// Splits a full inner level, in which a child is to be added at `slot`, and returns the part to the
// right, which is empty if that is at the end.
NodeTree::Inner* NodeTree::SplitInner(Inner* inner, uint32_t slot, uint32_t height) {
  auto* right = static_cast<Inner*>(base::Allocate(sizeof(Inner)));
  uint32_t keep = inner->used / 2;
  if (slot == inner->used) keep = inner->used;
  if (slot <= 1) keep = 1;
  right->used = inner->used - keep;
  right->capacity = kChildren;
  inner->used = keep;
  Shift(inner->children + keep, right->children, right->used);
  Sum moved;
  for (uint32_t i = 0; i < right->used; ++i) {
    right->children[i].item->parent = right;
    moved += right->children[i].sum;
  }
  if (inner->parent == nullptr) GrowRoot();
  Add(inner, -moved);
  InsertChild(inner->parent, SlotOf(inner) + 1, right, height);
  moved.bytes += OwnBytes(right, height);
  Add(right, moved);
  return right;
}

// --- Changing and erasing ---

void NodeTree::Update(Place at, const ListNode& node) {
  ListNode& old = at.leaf->nodes()[at.slot];
  Sum change = -Sum{old.count(), old.MemoryBytes()};
  change += {node.count(), node.MemoryBytes()};
  old = node;
  if (change.elements != 0 || change.bytes != 0) Add(at.leaf, change);
}

NodeTree::Place NodeTree::Erase(Place at) {
  Leaf* leaf = at.leaf;
  ListNode* slot = leaf->nodes() + at.slot;
  Add(leaf, -Sum{slot->count(), slot->MemoryBytes()});
  --leaf->used;
  Shift(slot + 1, slot, leaf->used - at.slot);
  if (leaf->used == 0) {
    Place next{leaf->next, 0};
    Remove(leaf, 0);
    return next;
  }
  if (at.slot == leaf->used) at = {leaf->next, 0};
  if (leaf != root_) {
    if (leaf->used <= kFewNodes) Shrink(leaf, 0, &at);
  } else if (leaf->used <= leaf->capacity / 4 && leaf->capacity > 2) {
    Leaf* smaller = Resize(leaf, leaf->capacity / 2 - 1);
    if (at.leaf == leaf) at.leaf = smaller;
  }
  return at;
}

// Takes an empty item out of its parent, and the parent too if that was its last child.
void NodeTree::Remove(Header* item, uint32_t height) {
  if (height == 0) {
    auto* leaf = static_cast<Leaf*>(item);
    if (leaf->previous != nullptr) leaf->previous->next = leaf->next;
    if (leaf->next != nullptr) leaf->next->previous = leaf->previous;
  }
  Add(item, -Sum{0, OwnBytes(item, height)});
  Inner* parent = item->parent;
  if (parent == nullptr) {
    Free(item, height);
    root_ = nullptr;
    height_ = 0;
    DCHECK(sum_.elements == 0 && sum_.bytes == 0);
    return;
  }
  Child* place = parent->children + SlotOf(item);
  Free(item, height);
  --parent->used;
  Shift(place + 1, place, static_cast<size_t>(parent->children + parent->used - place));
  if (parent->used == 0) {
    Remove(parent, height + 1);
  } else if (parent == root_) {
    CollapseRoot();
  } else if (parent->used <= kFewChildren) {
    Shrink(parent, height + 1, nullptr);
  }
}

// Joins an item that has little left with a neighbour under the same parent, if there is room.
// `follow` is a place that goes along.
void NodeTree::Shrink(Header* item, uint32_t height, Place* follow) {
  Inner* parent = item->parent;
  uint32_t slot = SlotOf(item);
  uint32_t room = height == 0 ? kRoomyNodes : kRoomyChildren;
  auto fits = [&](uint32_t left) {
    const Header* to = parent->children[left].item;
    return to->used + parent->children[left + 1].item->used <= std::min(room, to->capacity);
  };
  if (slot > 0 && fits(slot - 1)) {
    MergeInto(parent->children[slot - 1].item, item, height, follow);
  } else if (slot + 1 < parent->used && fits(slot)) {
    MergeInto(item, parent->children[slot + 1].item, height, follow);
  }
}

void NodeTree::MergeInto(Header* left, Header* right, uint32_t height, Place* follow) {
  Sum moved = right->parent->children[SlotOf(right)].sum;
  moved.bytes -= OwnBytes(right, height);
  Add(right, -moved);
  if (height == 0) {
    auto* to = static_cast<Leaf*>(left);
    auto* from = static_cast<Leaf*>(right);
    if (follow != nullptr && follow->leaf == from) *follow = {to, to->used + follow->slot};
    Shift(from->nodes(), to->nodes() + to->used, from->used);
  } else {
    auto* to = static_cast<Inner*>(left);
    auto* from = static_cast<Inner*>(right);
    Shift(from->children, to->children + to->used, from->used);
    for (uint32_t i = 0; i < from->used; ++i) from->children[i].item->parent = to;
  }
  left->used += right->used;
  right->used = 0;
  Add(left, moved);
  Remove(right, height);
}

// While the root has but one child, that is the root.
void NodeTree::CollapseRoot() {
  while (height_ > 0 && root_->used == 1) {
    Header* child = static_cast<Inner*>(root_)->children[0].item;
    sum_.bytes -= OwnBytes(root_, height_);
    Free(root_, height_);
    root_ = child;
    child->parent = nullptr;
    --height_;
  }
}

// --- Cutting and joining ---

// Moves the nodes from `at` on to a new leaf, and all leaves behind.
NodeTree::Header* NodeTree::CutLeaf(Place at) {
  Leaf* fresh = MakeLeaf(kLeafNodes);
  fresh->used = at.leaf->used - at.slot;
  Shift(at.leaf->nodes() + at.slot, fresh->nodes(), fresh->used);
  at.leaf->used = at.slot;
  fresh->next = std::exchange(at.leaf->next, nullptr);
  if (fresh->next != nullptr) fresh->next->previous = fresh;
  return fresh;
}

// Moves the children from `keep` on to a new inner level, behind `first` if there is one.
NodeTree::Header* NodeTree::CutInner(Inner* inner, uint32_t keep, Header* first, uint32_t height) {
  auto* fresh = static_cast<Inner*>(base::Allocate(sizeof(Inner)));
  fresh->parent = nullptr;
  fresh->capacity = kChildren;
  fresh->used = 0;
  if (first != nullptr) fresh->children[fresh->used++] = {first, SumOf(first, height - 1)};
  uint32_t over = inner->used - keep;
  Shift(inner->children + keep, fresh->children + fresh->used, over);
  fresh->used += over;
  inner->used = keep;
  for (uint32_t i = 0; i < fresh->used; ++i) fresh->children[i].item->parent = fresh;
  return fresh;
}

NodeTree NodeTree::Split(Place at) {
  NodeTree rest;
  if (!at) return rest;
  if (at == Head()) {
    rest.Swap(*this);
    return rest;
  }
  // On each level the tree is cut beside or through one item: `left`, of which `right` has been cut
  // off; or `left` goes over as a whole.
  Header* left = at.leaf;
  Header* right = nullptr;
  if (at.slot > 0) {
    right = CutLeaf(at);
  } else {
    at.leaf->previous->next = nullptr;
    at.leaf->previous = nullptr;
  }
  for (uint32_t height = 0; height < height_; ++height) {
    Inner* parent = left->parent;
    uint32_t slot = SlotOf(left);
    uint32_t keep = right != nullptr ? slot + 1 : slot;
    if (keep > 0) {
      if (right != nullptr) parent->children[slot].sum = SumOf(left, height);
      right = CutInner(parent, keep, right, height + 1);
    }
    left = parent;
  }
  rest.root_ = right;
  rest.height_ = height_;
  rest.sum_ = SumOf(rest.root_, height_);
  sum_ = SumOf(root_, height_);
  CollapseRoot();
  rest.CollapseRoot();
  return rest;
}

void NodeTree::Join(NodeTree&& other) {
  if (other.root_ == nullptr) return;
  if (root_ == nullptr) {
    Swap(other);
    return;
  }
  Place tail = Tail();
  Place head = other.Head();
  tail.leaf->next = head.leaf;
  head.leaf->previous = tail.leaf;
  // The lower one becomes a child at the edge of the higher one.
  bool behind = height_ >= other.height_;
  if (!behind) Swap(other);
  if (height_ == other.height_) GrowRoot();
  Header* neighbour = Outermost(root_, height_, other.height_, behind);
  Header* child = other.root_;
  InsertChild(neighbour->parent, SlotOf(neighbour) + (behind ? 1 : 0), child, other.height_);
  Add(child, other.sum_);
  other.root_ = nullptr;
  other.height_ = 0;
  other.sum_ = {};
}

// --- Checking ---

NodeTree::Sum NodeTree::Check(const Header* item, uint32_t height, const Leaf** last) const {
  CHECK(item->used > 0 && item->used <= item->capacity);
  if (height == 0) {
    const auto* leaf = static_cast<const Leaf*>(item);
    CHECK(leaf->previous == *last);
    CHECK(*last == nullptr || (*last)->next == leaf);
    *last = leaf;
  } else {
    const auto* inner = static_cast<const Inner*>(item);
    CHECK(item != root_ || inner->used > 1);
    for (uint32_t i = 0; i < inner->used; ++i) {
      const Child& child = inner->children[i];
      CHECK(child.item->parent == inner);
      Sum sum = Check(child.item, height - 1, last);
      CHECK(sum.elements == child.sum.elements && sum.bytes == child.sum.bytes);
    }
  }
  return SumOf(item, height);
}

void NodeTree::CheckInvariants() const {
  if (root_ == nullptr) {
    CHECK(height_ == 0 && sum_.elements == 0 && sum_.bytes == 0);
    return;
  }
  CHECK(root_->parent == nullptr);
  const Leaf* last = nullptr;
  Sum sum = Check(root_, height_, &last);
  CHECK(sum.elements == sum_.elements && sum.bytes == sum_.bytes);
  CHECK(last->next == nullptr);
}

}  // namespace nuthatch::values
