// OrderedTree: items in the order of their keys: a B+ tree that is small while it is small.
//
// One owner, one thread at a time. Finding, inserting and erasing are O(log n), walking is along
// chained leaves. Items that come in order leave full leaves behind. A tree of one leaf is one
// allocation that doubles from kSmallestLeaf bytes on; leaves of a larger tree have kLeafBytes.
//
//   struct Shape {
//     using Item = ...;                      // plain data: it is moved about by memmove
//     using Key = ...;                       // plain data, ordered by <
//     static Key KeyOf(const Item&);
//     static constexpr size_t kLeafBytes = 2048;
//     static constexpr unsigned kChildren = 42;  // at least 4
//   };
//
// Invariants
// 1. All leaves have the same depth and are chained in order; none is empty. An inner node has at
//    least one child, the root at least two.
// 2. Of an inner node's children but the first, `keys` has a bound: not above any key below the
//    child, and above all keys below the child before it. (The first one's key is not used.)
// 3. No two items have the same key.
// 4. A Place is good until the next call that isn't const.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <type_traits>

#include "server/base/check.h"
#include "server/base/memory.h"
#include "server/values/byte_counter.h"

namespace nuthatch::values {

template <typename Shape>
class OrderedTree {
 public:
  using Item = typename Shape::Item;
  using Key = typename Shape::Key;
  struct Leaf;
  // Where an item is; false for none.
  struct Place {
    Leaf* leaf = nullptr;
    uint32_t index = 0;
    explicit operator bool() const { return leaf != nullptr; }
    bool operator==(const Place&) const = default;
  };

  // Counts what it takes in `bytes`, which must outlive it.
  explicit OrderedTree(ByteCounter& bytes) : bytes_(bytes) {}
  ~OrderedTree() {
    while (!DropLastLeaf()) {
    }
  }
  OrderedTree(const OrderedTree&) = delete;
  OrderedTree& operator=(const OrderedTree&) = delete;

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // --- Finding: no place where there is none ---
  Place First() const { return {first_, 0}; }
  Place Last() const { return last_ == nullptr ? Place{} : Place{last_, last_->count - 1}; }
  Place Find(const Key& key) const;
  // The first item whose key is not below `key`.
  Place Ceiling(const Key& key) const;
  // The last item whose key is not above `key`.
  Place Floor(const Key& key) const;
  // REQUIRES, here and below: `at` is a place.
  Place Next(Place at) const {
    if (at.index + 1 < at.leaf->count) return {at.leaf, at.index + 1};
    return {at.leaf->next, 0};
  }
  Place Previous(Place at) const {
    if (at.index > 0) return {at.leaf, at.index - 1};
    Leaf* leaf = at.leaf->previous;
    return leaf == nullptr ? Place{} : Place{leaf, leaf->count - 1};
  }
  const Item& At(Place at) const { return at.leaf->items()[at.index]; }
  // Its key must stay.
  Item& At(Place at) { return at.leaf->items()[at.index]; }

  // --- Changing ---
  // Where the item is then. REQUIRES: its key isn't there.
  Place Insert(const Item& item);
  // REQUIRES: its key is there.
  void Erase(const Key& key);
  // Erases the items of the last leaf; true when the tree is empty then.
  bool DropLastLeaf();
  // Calls visit(item) for the items of the last leaf. REQUIRES: !empty().
  template <typename Visit>
  void ForEachOfLastLeaf(Visit&& visit) {
    std::for_each_n(last_->items(), last_->count, visit);
  }

  // Checks every invariant; for tests. Aborts if one does not hold.
  void CheckInvariants() const;

  struct Leaf {
    Leaf* previous;
    Leaf* next;
    uint32_t count;
    uint32_t bytes;  // of the allocation
    Item* items() { return reinterpret_cast<Item*>(this + 1); }
    const Item* items() const { return reinterpret_cast<const Item*>(this + 1); }
    uint32_t capacity() const { return CapacityOf(bytes); }
  };

 private:
  static_assert(std::is_trivially_copyable_v<Item> && std::is_trivially_copyable_v<Key>);
  static_assert(alignof(Item) <= alignof(Leaf*) && sizeof(Leaf) % alignof(Item) == 0);
  static constexpr uint32_t kSmallestLeaf = 64;
  static constexpr uint32_t kLeafBytes = Shape::kLeafBytes;
  static constexpr unsigned kChildren = Shape::kChildren;
  static constexpr unsigned kMaxHeight = 20;  // enough for the narrowest shape that tests use
  static constexpr uint32_t CapacityOf(size_t bytes) {
    return static_cast<uint32_t>((bytes - sizeof(Leaf)) / sizeof(Item));
  }
  static constexpr uint32_t kLeafItems = CapacityOf(kLeafBytes);
  // Below these, a node joins a neighbour if both together leave an eighth of the room free.
  static constexpr uint32_t kLeafLow = kLeafItems / 4;
  static constexpr uint32_t kLeafJoined = kLeafItems - kLeafItems / 8;
  static constexpr uint32_t kInnerLow = kChildren / 4;
  static constexpr uint32_t kInnerJoined = kChildren - kChildren / 8;
  static_assert(kLeafItems >= 4 && kChildren >= 4 && CapacityOf(kSmallestLeaf) >= 1);

  struct Inner {
    uint32_t count;
    Key keys[kChildren];
    void* children[kChildren];
  };
  // The way to a leaf: inner[level] is at height `level`, from the root, level height_, down to 1.
  struct Path {
    Inner* inner[kMaxHeight + 1] = {};
    uint32_t index[kMaxHeight + 1] = {};
  };

  static Leaf* AsLeaf(void* node) { return static_cast<Leaf*>(node); }
  static Inner* AsInner(void* node) { return static_cast<Inner*>(node); }

  Leaf* NewLeaf(uint32_t bytes) {
    auto* leaf = static_cast<Leaf*>(base::Allocate(bytes));
    bytes_.Add(base::SizeClass(bytes));
    leaf->previous = leaf->next = nullptr;
    leaf->count = 0;
    leaf->bytes = bytes;
    return leaf;
  }
  void FreeLeaf(Leaf* leaf) {
    bytes_.Subtract(base::SizeClass(leaf->bytes));
    base::Free(leaf, leaf->bytes);
  }
  Inner* NewInner() {
    auto* inner = static_cast<Inner*>(base::Allocate(sizeof(Inner)));
    bytes_.Add(base::SizeClass(sizeof(Inner)));
    inner->count = 0;
    return inner;
  }
  void FreeInner(Inner* inner) {
    bytes_.Subtract(base::SizeClass(sizeof(Inner)));
    base::Free(inner, sizeof(Inner));
  }

  // How many of the leaf's keys are below `key`; with `or_equal`, equal ones count too.
  static uint32_t CountBelow(const Leaf& leaf, const Key& key, bool or_equal);
  static uint32_t ChildFor(const Inner& inner, const Key& key);
  Leaf* Descend(const Key& key) const;
  // Inlined, for gcc 12 takes the path for unchanged by the call otherwise.
  [[gnu::always_inline]] Leaf* Descend(const Key& key, Path& path) const;
  [[gnu::always_inline]] void LastPath(Path& path) const;

  Leaf* ResizeRootLeaf(uint32_t bytes);
  Leaf* SplitLeaf(Path& path, Leaf* leaf, uint32_t* at, const Key& key);
  void AddChild(Path& path, unsigned level, void* child, const Key& key, bool at_end);
  void RemoveChild(Path& path, unsigned level, uint32_t index);
  void Unlink(Leaf* leaf);
  void RelieveLeaf(Path& path, Leaf* leaf);
  void RelieveInner(Path& path, unsigned level);
  void JoinLeaves(Leaf* left, Leaf* right);

  struct Extent {
    std::optional<Key> first;
    std::optional<Key> last;
  };
  Extent Check(void* node, unsigned height, const Leaf** previous, size_t* items,
               size_t* bytes) const;

  ByteCounter& bytes_;
  void* root_ = nullptr;  // a Leaf if height_ == 0; null: empty
  Leaf* first_ = nullptr;
  Leaf* last_ = nullptr;
  size_t size_ = 0;
  unsigned height_ = 0;  // inner levels
};

}  // namespace nuthatch::values

#include "server/values/ordered_tree_impl.h"
