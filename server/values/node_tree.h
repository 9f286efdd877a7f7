// NodeTree: the nodes of a quicklist in their order, counted: a B+ tree whose inner levels know how
// many elements, and how many bytes, lie below each child.
//
// Redis chains its nodes, so that the way to an index is as long as there are nodes. Here it takes
// O(log nodes), as does cutting a tree in two or joining two, whatever their size: so nothing that
// is done to a list of millions takes long. Neighbours are found in O(1): leaves are chained.
//
// Owned by a quicklist; no threads. It owns leaves and inner levels, not the bytes that the nodes
// point to. Plain data: its owner empties it.
//
// Invariants
// 1. All leaves are at the same depth; none is empty. An inner level has at least one child, the
//    root at least two.
// 2. The sums of a child are those of what lies below it: elements, and the bytes of nodes, leaves
//    and inner levels by size class.
// 3. A Place is good until the next call that isn't const and does not say otherwise.
//
// Appending and prepending fill the leaves; inserting in the middle splits them in halves. A leaf
// or inner level that is left with a quarter is joined with a neighbour that has room for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "server/base/memory.h"

namespace nuthatch::values {

// A node: an allocation of size() bytes that is a listpack of count() elements, or one plain
// element.
class ListNode {
 public:
  ListNode() = default;
  static ListNode Packed(char* bytes, size_t size, size_t count) {
    return {bytes, (uint64_t{size} << kCountBits) | count};
  }
  static ListNode Plain(char* bytes, size_t size) { return {bytes, kPlain | uint64_t{size}}; }

  char* bytes() const { return bytes_; }
  bool plain() const { return (word_ & kPlain) != 0; }
  size_t size() const { return plain() ? word_ & ~kPlain : word_ >> kCountBits; }
  size_t count() const { return plain() ? 1 : word_ & ((uint64_t{1} << kCountBits) - 1); }
  // What its bytes take from the allocator. (An empty plain element has none.)
  size_t MemoryBytes() const { return size() == 0 ? 0 : base::SizeClass(size()); }

 private:
  // A listpack has less than 2^32 bytes and so less than 2^31 elements.
  static constexpr int kCountBits = 31;
  static constexpr uint64_t kPlain = uint64_t{1} << 63;
  ListNode(char* bytes, uint64_t word) : bytes_(bytes), word_(word) {}

  char* bytes_ = nullptr;
  uint64_t word_ = 0;
};
static_assert(sizeof(ListNode) == 16);

class NodeTree {
 public:
  struct Sum {
    uint64_t elements = 0;
    uint64_t bytes = 0;
    Sum& operator+=(const Sum& other) {
      elements += other.elements;
      bytes += other.bytes;
      return *this;
    }
    // Sums that fall are added as their complement.
    Sum operator-() const { return {~elements + 1, ~bytes + 1}; }
  };
  struct Leaf;
  struct Place {
    Leaf* leaf = nullptr;
    uint32_t slot = 0;
    explicit operator bool() const { return leaf != nullptr; }
    bool operator==(const Place&) const = default;
  };

  NodeTree() = default;
  NodeTree(NodeTree&& other) noexcept { Swap(other); }
  NodeTree& operator=(NodeTree&& other) noexcept {
    Swap(other);
    return *this;
  }
  // REQUIRES: empty().
  ~NodeTree();

  bool empty() const { return root_ == nullptr; }
  const Sum& sum() const { return sum_; }
  // O(leaves).
  size_t CountNodes() const;

  // The ends; no place if it is empty.
  Place Head() const;
  Place Tail() const;
  // REQUIRES: `at` is a place. No place beyond the ends.
  Place Next(Place at) const;
  Place Previous(Place at) const;
  const ListNode& At(Place at) const;
  // The node that has the element of an index; `*index` becomes the index in that node.
  // REQUIRES: *index < sum().elements.
  Place Find(uint64_t* index) const;

  // Where the node is then. `before` no place: at the end.
  Place Insert(Place before, const ListNode& node);
  // Puts a node in the place of another, whose bytes it takes over or which its owner frees. Places
  // stay good.
  void Update(Place at, const ListNode& node);
  // Takes a node out; the place of the one behind it.
  Place Erase(Place at);

  // Cuts off `at` and all behind it.
  NodeTree Split(Place at);
  // Puts all of `other` behind its own.
  void Join(NodeTree&& other);

  // Checks every invariant; for tests. Aborts if one does not hold.
  void CheckInvariants() const;

 private:
  struct Header;
  struct Inner;
  struct Child;

  static Leaf* MakeLeaf(uint32_t capacity);
  static uint32_t SlotOf(const Header* child);
  static uint64_t OwnBytes(const Header* item, uint32_t height);
  static Header* Outermost(Header* item, uint32_t height, uint32_t down_to, bool last);
  static Sum SumOf(const Header* item, uint32_t height);
  void Swap(NodeTree& other) {
    std::swap(root_, other.root_);
    std::swap(height_, other.height_);
    std::swap(sum_, other.sum_);
  }
  void Free(Header* item, uint32_t height);
  void Add(const Header* below, const Sum& change);
  Leaf* Resize(Leaf* leaf, uint32_t capacity);
  Place SplitLeaf(Place at);
  void InsertChild(Inner* parent, uint32_t slot, Header* child, uint32_t height);
  Inner* SplitInner(Inner* inner, uint32_t slot, uint32_t height);
  void GrowRoot();
  void Remove(Header* item, uint32_t height);
  void Shrink(Header* item, uint32_t height, Place* follow);
  void MergeInto(Header* left, Header* right, uint32_t height, Place* follow);
  void CollapseRoot();
  static Header* CutLeaf(Place at);
  static Header* CutInner(Inner* inner, uint32_t keep, Header* first, uint32_t height);
  Sum Check(const Header* item, uint32_t height, const Leaf** last) const;

  Header* root_ = nullptr;
  uint32_t height_ = 0;  // inner levels above the leaves
  Sum sum_;
};

}  // namespace nuthatch::values
