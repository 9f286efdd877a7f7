// Quicklist: a list as a sequence of listpacks, with Redis's borders between them.
//
// Owned by one entry; no threads. A node is a listpack of as many neighbours as the limit allows
// (list-max-listpack-size, as it was when the list was made), or one big element by itself, a
// "plain" node. Which elements share a node shows in DUMP; so it is decided as Redis decides it, by
// pushes, insertions, replacements and deletions alike. Unlike Redis's chain, the nodes stand in a
// counted tree (node_tree.h): an index is found in O(log n), and ranges are cut out in it.
//
// Inner nodes are not compressed, whatever list-compress-depth is: that would be seen in the memory
// taken, and in DUMP, where Redis writes nodes compressed that are so.
//
// Invariants: no node is empty. A Cursor, and every view, is good until the next call that isn't
// const. What is given must not be a view of the list itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "server/values/listpack.h"
#include "server/values/node_tree.h"
#include "server/values/object.h"

namespace nuthatch::values {

class Quicklist final : public Object {
 public:
  // Where an element is.
  struct Cursor {
    NodeTree::Place node;
    size_t at = 0;     // in its listpack
    size_t index = 0;  // the how manyth it is there
    explicit operator bool() const { return static_cast<bool>(node); }
  };
  enum class Direction : uint8_t { kForward, kBackward };

  // `fill` is list-max-listpack-size: -1 to -5 stand for nodes of 4 to 64 KB; others for so many
  // elements, in at most 8 KB.
  explicit Quicklist(int64_t fill);
  ~Quicklist() override;
  Quicklist(const Quicklist&) = delete;
  Quicklist& operator=(const Quicklist&) = delete;

  // Elements of at least this size get a plain node, in all lists of the process: 1 GB (and so
  // with 0), unless a test says otherwise (DEBUG QUICKLIST-PACKED-THRESHOLD). False, and nothing is
  // changed, if it is above 4 GB less 1 MB. Any thread.
  static bool SetPackedThreshold(uint64_t bytes);
  // Whether an element of so many bytes gets a plain node.
  static bool IsLarge(size_t bytes);

  uint64_t size() const { return nodes_.sum().elements; }
  bool empty() const { return nodes_.empty(); }
  int64_t fill() const { return fill_; }

  void PushFront(std::string_view text);
  void PushBack(std::string_view text);

  // --- Reading ---
  // No cursor if it is empty.
  Cursor First() const;
  Cursor Last() const;
  // The element of an index, from 0, or from the end: -1 is the last. No cursor if there is none.
  Cursor Seek(int64_t index) const;
  // To the neighbour; false, and no cursor any more, if there is none.
  bool Advance(Cursor* cursor, Direction direction) const;
  // REQUIRES: `cursor` is one.
  Element At(const Cursor& cursor) const;
  // Calls visit(Element) for the element at `cursor` and those in that direction from it, as long
  // as it returns true; for none if it is no cursor.
  template <typename Visit>
  void Walk(Cursor cursor, Direction direction, Visit&& visit) const;

  // --- Editing, at an element ---
  void InsertBefore(const Cursor& cursor, std::string_view text);
  void InsertAfter(const Cursor& cursor, std::string_view text);
  void Replace(const Cursor& cursor, std::string_view text);
  // The cursor is at the next element of that direction then, if there is one.
  void Erase(Cursor* cursor, Direction direction = Direction::kForward);

  // Erases `count` elements from the one of an index on, as far as there are any. O(log n) beside
  // two nodes: the nodes between are not freed, but returned if there are many, for whoever can
  // free them in slices; null if there is nothing of the kind.
  [[nodiscard]] std::unique_ptr<Quicklist> EraseRange(uint64_t index, uint64_t count);
  // Erases up to `count` elements that are `text`, first those that come first in that direction;
  // returns how many. One pass; `pause`, if there is one, is called before each node.
  uint64_t EraseEqual(std::string_view text, uint64_t count, Direction direction,
                      const std::function<void()>& pause = {});

  // --- Whole nodes ---
  // Adds a node at the end, in an allocation of its own. REQUIRES: `listpack` is one with elements.
  void AppendListpack(std::string_view listpack);
  void AppendPlain(std::string_view text);
  // Calls visit(bool plain, std::string_view bytes) for each node, in order.
  template <typename Visit>
  void ForEachNode(Visit&& visit) const;
  // O(nodes / 30).
  size_t CountNodes() const { return nodes_.CountNodes(); }
  // Whether it is a single listpack, within the limit: all of the list is in these bytes then.
  bool IsOneSmallNode() const;

  // --- Object ---
  std::unique_ptr<Object> Duplicate() const override;
  size_t MemoryBytes() const override { return base::SizeClass(sizeof *this) + nodes_.sum().bytes; }
  // A piece is a node.
  bool FreeSome(size_t pieces) override;

  // Checks every invariant; for tests. Aborts if one does not hold.
  void CheckInvariants() const;

 private:
  bool HasRoom(NodeTree::Place node, size_t bytes) const;
  bool Fits(size_t bytes, size_t count) const;
  void Insert(const Cursor& cursor, std::string_view text, bool after);
  void PushInto(NodeTree::Place node, std::string_view text, bool front);
  NodeTree::Place SplitNode(const Cursor& cursor, bool after);
  void InsertSplitting(const Cursor& cursor, std::string_view text, bool after);
  void MergeAround(NodeTree::Place center);
  NodeTree::Place TryMerge(NodeTree::Place left);
  void EraseNode(NodeTree::Place* node);
  void EraseInNode(NodeTree::Place* node, size_t index, size_t count);
  Cursor EdgeOf(NodeTree::Place node, Direction direction) const;
  Listpack ListpackOf(NodeTree::Place node) const {
    const ListNode& found = nodes_.At(node);
    return Listpack({found.bytes(), found.size()});
  }

  NodeTree nodes_;
  int64_t fill_;
};

template <typename Visit>
void Quicklist::Walk(Cursor cursor, Direction direction, Visit&& visit) const {
  const bool forward = direction == Direction::kForward;
  while (cursor) {
    const ListNode& node = nodes_.At(cursor.node);
    if (node.plain()) {
      if (!visit(Element{.text = {node.bytes(), node.size()}})) return;
    } else {
      Listpack listpack({node.bytes(), node.size()});
      size_t left = forward ? node.count() - cursor.index : cursor.index + 1;
      for (size_t at = cursor.at;;) {
        if (!visit(listpack.At(at))) return;
        if (--left == 0) break;
        at = forward ? listpack.Next(at) : listpack.Previous(at);
      }
    }
    cursor = EdgeOf(forward ? nodes_.Next(cursor.node) : nodes_.Previous(cursor.node), direction);
  }
}

template <typename Visit>
void Quicklist::ForEachNode(Visit&& visit) const {
  for (NodeTree::Place at = nodes_.Head(); at; at = nodes_.Next(at)) {
    const ListNode& node = nodes_.At(at);
    visit(node.plain(), std::string_view(node.bytes(), node.size()));
  }
}

}  // namespace nuthatch::values
