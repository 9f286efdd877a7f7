// CountedTree: the elements of a large sorted set in order, with ranks: a B+ tree whose inner nodes
// know how many entries stand below each child.
//
// One owner, one thread at a time. It holds pointers to elements that belong to its owner. Search,
// insert, remove, the rank of an element and the element of a rank are O(log n), with a base of
// some 25: a million elements are four levels, of which all but the leaves (4% of the bytes) stay
// in the processor's cache. No call allocates or frees more than two nodes a level.
//
// A leaf that is full shares with a neighbour that has room, and is split only if neither has; one
// that gets emptier than kLeafLow is merged with a neighbour, or shares with it. So leaves are
// about 0.8 full, whether elements come in random order, or move around. Those that come in order,
// at either end, leave full leaves behind.
//
//   struct Shape {
//     static constexpr unsigned kLeafEntries = 62;   // at least 4
//     static constexpr unsigned kInnerEntries = 36;  // at least 4
//   };
//
// Invariants
// 1. All leaves have the same depth, and 1 .. kLeafEntries entries; an inner node has 2 ..
//    kInnerEntries children.
// 2. Entries are in the order of elements; an inner node's key of a child is the child's first
//    entry, exactly; `below` is exact.
// 3. An entry's score is the element's.
// 4. A Position is valid until the next call that isn't const.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "server/base/check.h"
#include "server/base/memory.h"
#include "server/values/counted_tree_node.h"
#include "server/values/sorted_set_element.h"

namespace nuthatch::values {

template <typename Shape>
class CountedTree {
  using Leaf = tree::LeafNode<Shape::kLeafEntries>;
  using Inner = tree::InnerNode<Shape::kInnerEntries>;

 public:
  using Element = SortedSetElement;

  // A place in the order: an element's, or the one before the first or behind the last, from where
  // it can come back.
  class Position {
   public:
    Position() = default;
    explicit operator bool() const { return leaf_ != nullptr && index_ < leaf_->count; }
    // REQUIRES of all below: there was an element, here or a step away.
    Element* element() const { return leaf_->elements[index_]; }
    double score() const { return leaf_->scores[index_]; }
    std::string_view member() const { return element()->member(); }
    void Next();
    void Previous();

   private:
    friend class CountedTree;
    static constexpr unsigned kAhead = 8;  // how far to prefetch elements
    Position(const Leaf* leaf, unsigned index) : leaf_(leaf), index_(index) {}

    const Leaf* leaf_ = nullptr;
    unsigned index_ = 0;  // before the first: ~0U
  };
  // A position, and its rank: how many elements stand before it.
  struct Spot {
    Position position;
    size_t rank = 0;
  };

  CountedTree() = default;
  CountedTree(const CountedTree&) = delete;
  CountedTree& operator=(const CountedTree&) = delete;
  ~CountedTree() {
    while (!FreeSome(SIZE_MAX)) {
    }
  }

  size_t size() const { return size_; }

  // Adds an element at its place. REQUIRES: it isn't there.
  void Insert(Element* element);
  // Takes it out. REQUIRES, here and below: it is there, with its score.
  void Remove(const Element* element);
  // Gives the element another score, and its place.
  void Move(Element* element, double score);

  size_t Rank(const Element* element) const;
  // The element of this rank; behind the last one if there are no more than `rank`.
  Position At(size_t rank) const;
  // The first element whose score is at least `score`; with `after`, greater than it.
  Spot SeekScore(double score, bool after) const;
  // The first element whose member is at least `member`; with `after`, greater than it. The scores
  // are not looked at: any place may come out if they are not all the same.
  Spot SeekMember(std::string_view member, bool after) const;

  // Takes out the elements of the ranks [begin, end), and calls `visit(Element* const*, n)` for
  // runs of them, whose elements may be freed then. REQUIRES: begin <= end <= size().
  template <typename Visit>
  void RemoveRange(size_t begin, size_t end, Visit&& visit);

  // Fills the tree with elements that are in order, in O(n), its nodes nearly full. REQUIRES: it is
  // empty.
  void Build(Element* const* elements, size_t count);

  // Frees up to `nodes` nodes, no elements (it touches none); true when none is left. REQUIRES:
  // nothing else is called any more until it returned true; then the tree is empty.
  bool FreeSome(size_t nodes);

  // The bytes of all nodes, by size class.
  size_t MemoryBytes() const {
    return leaves_ * base::SizeClass(sizeof(Leaf)) + inners_ * base::SizeClass(sizeof(Inner));
  }
  // Entries in relation to the room for them in the leaves; for tests.
  double LeafFill() const {
    return static_cast<double>(size_) / static_cast<double>(leaves_ * kLeafEntries);
  }
  // Checks every invariant; for tests. Aborts if one does not hold.
  void CheckInvariants() const;

 private:
  static constexpr unsigned kLeafEntries = Shape::kLeafEntries;
  static constexpr unsigned kInnerEntries = Shape::kInnerEntries;
  static_assert(kLeafEntries >= 4 && kInnerEntries >= 4);
  // Two leaves become one of at most so many entries: there is room for some more then.
  static constexpr unsigned kLeafMerge = kLeafEntries - kLeafEntries / 8;
  static constexpr unsigned kLeafLow = kLeafMerge / 2;
  // A full leaf shares with a neighbour that has room for at least so many: two, so that both have
  // room afterwards.
  static constexpr unsigned kShareRoom = kLeafEntries / 8 > 2 ? kLeafEntries / 8 : 2;
  static constexpr unsigned kInnerMerge = kInnerEntries - kInnerEntries / 8;
  static constexpr unsigned kInnerLow = kInnerMerge / 2 > 2 ? kInnerMerge / 2 : 2;
  // Filled so far by Build().
  static constexpr unsigned kLeafBuilt = kLeafEntries - kLeafEntries / 16;
  static constexpr unsigned kInnerBuilt = kInnerEntries - kInnerEntries / 16;
  // Enough for the narrowest shape that tests use; of the usual one, 2^32 entries take 8.
  static constexpr unsigned kMaxHeight = 32;

  // The way to an entry, or to where one would be.
  struct Path {
    Inner* nodes[kMaxHeight];  // from the root on, height_ of them
    unsigned index[kMaxHeight];
    Leaf* leaf;
    unsigned position;
  };

  Leaf* NewLeaf();
  Inner* NewInner();
  void FreeLeaf(Leaf* leaf);
  void FreeInner(Inner* inner);

  static unsigned ChildFor(const Inner& inner, double score, const Element* element);
  static unsigned PlaceIn(const Leaf& leaf, double score, const Element* element);
  static unsigned IndexOf(const Leaf& leaf, double score, const Element* element);
  static void PrefetchLeaf(const Leaf* leaf);
  void FindPlace(double score, const Element* element, Path& path) const;
  void FindRank(size_t rank, Path& path) const;
  template <typename Choose, typename Place>
  Spot Seek(Choose&& choose, Place&& place) const;
  static size_t SumBelow(const Inner& inner, unsigned children);

  void Put(Path& path, double score, Element* element);
  void PutWithRoom(Path& path, double score, Element* element);
  bool TakeOut(Path& path, unsigned n);
  void MoveWithin(Path& path, unsigned to, double score);

  void RefreshKey(const Path& path, unsigned level, unsigned child);
  void AddBelow(const Path& path, int32_t difference);

  void MakeRoom(Path& path);
  void SplitInner(Path& path, unsigned level);
  void GrowRoot();
  void SplitChild(Inner& parent, unsigned child, unsigned at, bool leaves);
  void ShareChildren(Inner& parent, unsigned left, unsigned left_count, bool leaves);
  void MergeChildren(Inner& parent, unsigned left, bool leaves);
  static void SetKey(Inner& parent, unsigned child, bool leaf);
  static unsigned ChildCount(const Inner& parent, unsigned child, bool leaf);
  static unsigned LesserNeighbour(const Inner& parent, unsigned child, bool leaves);
  bool Relieve(Path& path);

  struct Extent;
  void CheckNode(const void* node, unsigned level, Extent& extent) const;

  void* root_ = nullptr;  // a Leaf if height_ == 0; null: empty
  unsigned height_ = 0;   // inner levels
  size_t size_ = 0;
  size_t leaves_ = 0;
  size_t inners_ = 0;
};

}  // namespace nuthatch::values

#include "server/values/counted_tree_change.h"
#include "server/values/counted_tree_search.h"
