// The rules by which elements share nodes are those of Redis 7.0, found by asking it: a node takes
// an element if its size, the element's text and 8 bytes stay within the limit. A push makes a new
// node where the outermost one has no room; an insertion into a full node splits it and then joins
// small neighbours; a deletion joins nothing; a replacement does not look at the limit.
#include "server/values/quicklist.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

#include "server/base/check.h"
#include "server/values/byte_store.h"
#include "server/values/listpack_edit.h"

namespace nuthatch::values {
namespace {

constexpr int64_t kMostFill = 32767;
constexpr int64_t kLeastFill = -5;
// Of a node whose limit is a number of elements.
constexpr size_t kMostBytes = 8192;
// By how much the size of an element is overestimated.
constexpr size_t kElementOverhead = 8;
constexpr uint64_t kDefaultPackedThreshold = uint64_t{1} << 30;
constexpr uint64_t kMostPackedThreshold = (uint64_t{1} << 32) - (uint64_t{1} << 20);
// So many nodes are erased one by one; of more the tree is cut.
constexpr size_t kFewNodes = 32;

// (Process-wide state, as the setting is.)
std::atomic<uint64_t> g_packed_threshold{kDefaultPackedThreshold};

ListNode MakePacked(HeapBytes bytes, size_t count) {
  size_t size = bytes.size();
  return ListNode::Packed(bytes.Release(), size, count);
}

ListNode MakePlain(std::string_view text) {
  return ListNode::Plain(HeapBytes(text).Release(), text.size());
}

ListNode MakeNode(std::string_view text) {
  if (Quicklist::IsLarge(text.size())) return MakePlain(text);
  HeapBytes bytes;
  listpack::MakeEmpty(bytes);
  listpack::Append(bytes, listpack::Item(text));
  return MakePacked(std::move(bytes), 1);
}

void FreeBytes(const ListNode& node) { HeapBytes gone(node.bytes(), node.size()); }

// Edits the listpack of a node; `edit(HeapBytes&)` returns how many elements there are more.
template <typename Edit>
void EditNode(NodeTree& nodes, NodeTree::Place at, Edit&& edit) {
  const ListNode& node = nodes.At(at);
  HeapBytes bytes(node.bytes(), node.size());
  int64_t change = edit(bytes);
  size_t count = node.count() + static_cast<size_t>(change);
  nodes.Update(at, MakePacked(std::move(bytes), count));
}

}  // namespace

Quicklist::Quicklist(int64_t fill) : fill_(std::clamp(fill, kLeastFill, kMostFill)) {}

Quicklist::~Quicklist() {
  while (!FreeSome(SIZE_MAX)) {
  }
}

bool Quicklist::SetPackedThreshold(uint64_t bytes) {
  if (bytes > kMostPackedThreshold) return false;
  g_packed_threshold.store(bytes == 0 ? kDefaultPackedThreshold : bytes, std::memory_order_relaxed);
  return true;
}

bool Quicklist::IsLarge(size_t bytes) {
  return bytes >= g_packed_threshold.load(std::memory_order_relaxed);
}

// --- Limits ---

bool Quicklist::Fits(size_t bytes, size_t count) const {
  if (fill_ < 0) return bytes <= size_t{2048} << -fill_;
  return bytes <= kMostBytes && count <= static_cast<size_t>(fill_);
}

// Whether a node, if it is one, takes another element of so many bytes.
bool Quicklist::HasRoom(NodeTree::Place node, size_t bytes) const {
  if (!node) return false;
  const ListNode& found = nodes_.At(node);
  if (found.plain() || IsLarge(bytes)) return false;
  return Fits(found.size() + bytes + kElementOverhead, found.count() + 1);
}

// --- Pushing ---

void Quicklist::PushInto(NodeTree::Place node, std::string_view text, bool front) {
  EditNode(nodes_, node, [&](HeapBytes& bytes) {
    listpack::Item item(text);
    front ? listpack::Prepend(bytes, item) : listpack::Append(bytes, item);
    return 1;
  });
}

void Quicklist::PushFront(std::string_view text) {
  NodeTree::Place head = nodes_.Head();
  if (HasRoom(head, text.size())) {
    PushInto(head, text, /*front=*/true);
  } else {
    nodes_.Insert(head, MakeNode(text));
  }
}

void Quicklist::PushBack(std::string_view text) {
  NodeTree::Place tail = nodes_.Tail();
  if (HasRoom(tail, text.size())) {
    PushInto(tail, text, /*front=*/false);
  } else {
    nodes_.Insert({}, MakeNode(text));
  }
}

void Quicklist::AppendListpack(std::string_view listpack) {
  size_t count = Listpack(listpack).Count();
  CHECK(count > 0);
  nodes_.Insert({}, MakePacked(HeapBytes(listpack), count));
}

std::string_view Quicklist::OnlyListpack() const {
  NodeTree::Place head = nodes_.Head();
  if (!head || head != nodes_.Tail() || nodes_.At(head).plain()) return {};
  return ListpackOf(head).bytes();
}

void Quicklist::AppendPlain(std::string_view text) { nodes_.Insert({}, MakePlain(text)); }

// --- Reading ---

Quicklist::Cursor Quicklist::EdgeOf(NodeTree::Place node, Direction direction) const {
  Cursor cursor{.node = node};
  if (!node || nodes_.At(node).plain()) return cursor;
  Listpack listpack = ListpackOf(node);
  bool forward = direction == Direction::kForward;
  cursor.at = forward ? listpack.First() : listpack.Last();
  cursor.index = forward ? 0 : nodes_.At(node).count() - 1;
  return cursor;
}

Quicklist::Cursor Quicklist::First() const { return EdgeOf(nodes_.Head(), Direction::kForward); }
Quicklist::Cursor Quicklist::Last() const { return EdgeOf(nodes_.Tail(), Direction::kBackward); }

Quicklist::Cursor Quicklist::Seek(int64_t index) const {
  uint64_t count = size();
  uint64_t place = index < 0 ? count + static_cast<uint64_t>(index) : static_cast<uint64_t>(index);
  if (place >= count) return {};
  Cursor cursor;
  cursor.node = nodes_.Find(&place);
  cursor.index = place;
  const ListNode& node = nodes_.At(cursor.node);
  if (node.plain()) return cursor;
  // The count of the node is known even if the listpack's is not.
  bool backward = cursor.index > node.count() / 2;
  auto from_end = static_cast<int64_t>(cursor.index) - static_cast<int64_t>(node.count());
  cursor.at = ListpackOf(cursor.node).Seek(backward ? from_end : static_cast<int64_t>(place));
  return cursor;
}

bool Quicklist::Advance(Cursor* cursor, Direction direction) const {
  const ListNode& node = nodes_.At(cursor->node);
  if (direction == Direction::kForward) {
    if (cursor->index + 1 < node.count()) {
      cursor->at = ListpackOf(cursor->node).Next(cursor->at);
      ++cursor->index;
      return true;
    }
    *cursor = EdgeOf(nodes_.Next(cursor->node), direction);
  } else {
    if (cursor->index > 0) {
      cursor->at = ListpackOf(cursor->node).Previous(cursor->at);
      --cursor->index;
      return true;
    }
    *cursor = EdgeOf(nodes_.Previous(cursor->node), direction);
  }
  return static_cast<bool>(*cursor);
}

Element Quicklist::At(const Cursor& cursor) const {
  const ListNode& node = nodes_.At(cursor.node);
  if (node.plain()) return {.text = {node.bytes(), node.size()}};
  return ListpackOf(cursor.node).At(cursor.at);
}

// --- Inserting and replacing ---

void Quicklist::InsertBefore(const Cursor& cursor, std::string_view text) {
  Insert(cursor, text, /*after=*/false);
}

void Quicklist::InsertAfter(const Cursor& cursor, std::string_view text) {
  Insert(cursor, text, /*after=*/true);
}

void Quicklist::Insert(const Cursor& cursor, std::string_view text, bool after) {
  NodeTree::Place node = cursor.node;
  if (HasRoom(node, text.size())) {
    EditNode(nodes_, node, [&](HeapBytes& bytes) {
      listpack::Item item(text);
      after ? listpack::InsertAfter(bytes, cursor.at, item)
            : listpack::Insert(bytes, cursor.at, item);
      return 1;
    });
    return;
  }
  bool at_edge = cursor.index == (after ? nodes_.At(node).count() - 1 : 0);
  if (!at_edge) {
    InsertSplitting(cursor, text, after);
    return;
  }
  NodeTree::Place next = after ? nodes_.Next(node) : node;
  NodeTree::Place neighbour = after ? next : nodes_.Previous(node);
  if (HasRoom(neighbour, text.size())) {
    PushInto(neighbour, text, /*front=*/after);
  } else {
    nodes_.Insert(next, MakeNode(text));
  }
}

// Cuts a node before the element at `cursor`, or behind it; returns the part to the left. Both have
// elements. REQUIRES: the node is no plain one, and that is not at its edge.
NodeTree::Place Quicklist::SplitNode(const Cursor& cursor, bool after) {
  size_t at = after ? ListpackOf(cursor.node).Next(cursor.at) : cursor.at;
  size_t left = after ? cursor.index + 1 : cursor.index;
  size_t right = nodes_.At(cursor.node).count() - left;
  HeapBytes rest;
  EditNode(nodes_, cursor.node, [&](HeapBytes& bytes) {
    listpack::SplitOff(bytes, at, right, rest);
    return -static_cast<int64_t>(right);
  });
  NodeTree::Place next = nodes_.Next(cursor.node);
  return nodes_.Previous(nodes_.Insert(next, MakePacked(std::move(rest), right)));
}

void Quicklist::InsertSplitting(const Cursor& cursor, std::string_view text, bool after) {
  NodeTree::Place left = SplitNode(cursor, after);
  NodeTree::Place right = nodes_.Next(left);
  if (IsLarge(text.size())) {
    nodes_.Insert(right, MakePlain(text));
    return;
  }
  // The new element goes with the part that does not hold its neighbour.
  PushInto(after ? right : left, text, /*front=*/after);
  MergeAround(after ? left : right);
}

// Joins a node with the next one if both fit into one; returns it, or no place if nothing is done.
NodeTree::Place Quicklist::TryMerge(NodeTree::Place left) {
  if (!left) return {};
  NodeTree::Place right = nodes_.Next(left);
  if (!right) return {};
  const ListNode& first = nodes_.At(left);
  const ListNode& second = nodes_.At(right);
  if (first.plain() || second.plain()) return {};
  // Redis takes the header and end of a ziplist off, though they are listpacks: what is joined may
  // be 4 bytes over the limit.
  constexpr size_t kZiplistEmptySize = 11;
  const size_t bytes = first.size() + second.size() - kZiplistEmptySize;
  if (!Fits(bytes, first.count() + second.count())) return {};
  EditNode(nodes_, left, [&](HeapBytes& target) {
    listpack::Merge(target, ListpackOf(right));
    return static_cast<int64_t>(second.count());
  });
  FreeBytes(nodes_.At(right));
  NodeTree::Place next = nodes_.Erase(right);
  return next ? nodes_.Previous(next) : nodes_.Tail();
}

// The pairs of neighbours around a node that has been split, in Redis's order: the two before it,
// the two behind it, itself with the one before, and with the one behind.
void Quicklist::MergeAround(NodeTree::Place center) {
  NodeTree::Place previous = nodes_.Previous(center);
  if (previous && nodes_.Previous(previous)) {
    NodeTree::Place merged = TryMerge(nodes_.Previous(previous));
    if (merged) center = nodes_.Next(merged);
  }
  if (NodeTree::Place merged = TryMerge(nodes_.Next(center))) center = nodes_.Previous(merged);
  if (NodeTree::Place merged = TryMerge(nodes_.Previous(center))) center = merged;
  TryMerge(center);
}

void Quicklist::Replace(const Cursor& cursor, std::string_view text) {
  NodeTree::Place node = cursor.node;
  const ListNode& old = nodes_.At(node);
  bool large = IsLarge(text.size());
  if (old.plain()) {
    NodeTree::Place next = nodes_.Next(node);
    if (!large && HasRoom(next, text.size())) {
      PushInto(next, text, /*front=*/true);
      EraseNode(&node);
    } else {
      FreeBytes(old);
      nodes_.Update(node, MakeNode(text));
    }
    return;
  }
  Listpack listpack = ListpackOf(node);
  listpack::Item item(text);
  size_t removed = listpack.Next(cursor.at) - cursor.at;
  // What would not fit into any listpack gets one of its own.
  bool replaceable = !large && old.size() - removed + item.size() <= UINT32_MAX;
  if (replaceable) {
    EditNode(nodes_, node, [&](HeapBytes& bytes) {
      listpack::Replace(bytes, cursor.at, item);
      return 0;
    });
    return;
  }
  if (cursor.index + 1 < old.count()) node = SplitNode(cursor, /*after=*/true);
  node = nodes_.Previous(nodes_.Insert(nodes_.Next(node), MakeNode(text)));
  EraseInNode(&node, cursor.index, 1);
}

// --- Erasing ---

// `*node` becomes the next one.
void Quicklist::EraseNode(NodeTree::Place* node) {
  FreeBytes(nodes_.At(*node));
  *node = nodes_.Erase(*node);
}

// Erases elements of a node from an index on; `*node` becomes the next one if none are left.
// REQUIRES: there are so many.
void Quicklist::EraseInNode(NodeTree::Place* node, size_t index, size_t count) {
  if (count == nodes_.At(*node).count()) {
    EraseNode(node);
    return;
  }
  EditNode(nodes_, *node, [&](HeapBytes& bytes) {
    listpack::DeleteRange(bytes, static_cast<int64_t>(index), count);
    return -static_cast<int64_t>(count);
  });
}

void Quicklist::Erase(Cursor* cursor, Direction direction) {
  NodeTree::Place node = cursor->node;
  bool forward = direction == Direction::kForward;
  if (nodes_.At(node).count() == 1) {
    EraseNode(&node);
    if (!forward) node = node ? nodes_.Previous(node) : nodes_.Tail();
    *cursor = EdgeOf(node, direction);
    return;
  }
  EditNode(nodes_, node, [&](HeapBytes& bytes) {
    listpack::Delete(bytes, cursor->at);
    return -1;
  });
  // The cursor is at what was behind the element.
  if (forward && cursor->index == nodes_.At(node).count()) {
    *cursor = EdgeOf(nodes_.Next(node), direction);
  } else if (!forward && cursor->index == 0) {
    *cursor = EdgeOf(nodes_.Previous(node), direction);
  } else if (!forward) {
    cursor->at = ListpackOf(node).Previous(cursor->at);
    --cursor->index;
  }
}

std::unique_ptr<Quicklist> Quicklist::EraseRange(uint64_t index, uint64_t count) {
  if (index >= size() || count == 0) return nullptr;
  count = std::min(count, size() - index);
  uint64_t first = index;
  NodeTree::Place node = nodes_.Find(&first);
  if (first > 0) {
    // The rest of a node, or a part of it.
    size_t here = std::min<uint64_t>(count, nodes_.At(node).count() - first);
    EraseInNode(&node, first, here);
    count -= here;
    if (count == 0) return nullptr;
    node = nodes_.Next(node);
  }
  NodeTree::Place end;  // the node that the rest of the list begins in, if there is a rest
  if (index + count < size()) {
    uint64_t last = index + count;
    end = nodes_.Find(&last);
    if (last > 0) EraseInNode(&end, 0, last);
  }
  // Now whole nodes, up to `end`.
  size_t whole = 0;
  for (NodeTree::Place at = node; at != end && whole <= kFewNodes; ++whole) at = nodes_.Next(at);
  if (whole <= kFewNodes) {
    for (; whole > 0; --whole) EraseNode(&node);
    return nullptr;
  }
  NodeTree rest = nodes_.Split(end);
  auto erased = std::make_unique<Quicklist>(fill_);
  erased->nodes_ = nodes_.Split(node);
  nodes_.Join(std::move(rest));
  return erased;
}

uint64_t Quicklist::EraseEqual(std::string_view text, uint64_t count, Direction direction,
                               const std::function<void()>& pause) {
  bool forward = direction == Direction::kForward;
  Wanted wanted(text);
  uint64_t left = count;
  NodeTree::Place node = forward ? nodes_.Head() : nodes_.Tail();
  while (node && left > 0) {
    if (pause) pause();
    // How many go of this node, and how many that are equal stay before these.
    size_t going = 0;
    size_t staying = 0;
    if (nodes_.At(node).plain()) {
      going = text == std::string_view(nodes_.At(node).bytes(), nodes_.At(node).size()) ? 1 : 0;
    } else {
      Listpack listpack = ListpackOf(node);
      uint64_t most = forward ? left : UINT64_MAX;
      for (size_t at = listpack.Find(text, listpack.First()); at != listpack.End() && going < most;
           at = listpack.Find(text, listpack.Next(at))) {
        ++going;
      }
      if (going > left) {
        staying = going - left;
        going = left;
      }
    }
    left -= going;
    if (going == nodes_.At(node).count()) {
      EraseNode(&node);
      if (!forward) node = node ? nodes_.Previous(node) : nodes_.Tail();
      continue;
    }
    if (going > 0) {
      EditNode(nodes_, node, [&](HeapBytes& bytes) {
        size_t more = going;
        listpack::DeleteIf(bytes, [&](const Element& element) {
          if (more == 0 || !wanted.Matches(element)) return false;
          if (staying > 0) {
            --staying;
            return false;
          }
          --more;
          return true;
        });
        return -static_cast<int64_t>(going);
      });
    }
    node = forward ? nodes_.Next(node) : nodes_.Previous(node);
  }
  return count - left;
}

// --- Object ---

std::unique_ptr<Object> Quicklist::Duplicate() const {
  auto copy = std::make_unique<Quicklist>(fill_);
  for (NodeTree::Place at = nodes_.Head(); at; at = nodes_.Next(at)) {
    const ListNode& node = nodes_.At(at);
    std::string_view bytes(node.bytes(), node.size());
    copy->nodes_.Insert(
        {}, node.plain() ? MakePlain(bytes) : MakePacked(HeapBytes(bytes), node.count()));
  }
  return copy;
}

bool Quicklist::FreeSome(size_t pieces) {
  for (; pieces > 0 && !nodes_.empty(); --pieces) {
    NodeTree::Place tail = nodes_.Tail();
    EraseNode(&tail);
  }
  return nodes_.empty();
}

void Quicklist::CheckInvariants() const {
  nodes_.CheckInvariants();
  ForEachNode([](bool plain, std::string_view bytes) {
    CHECK(plain || (Listpack::Validate(bytes) && !Listpack(bytes).empty()));
  });
  for (NodeTree::Place at = nodes_.Head(); at; at = nodes_.Next(at)) {
    const ListNode& node = nodes_.At(at);
    CHECK(node.plain() || ListpackOf(at).Count() == node.count());
  }
}

}  // namespace nuthatch::values
