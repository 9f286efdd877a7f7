// Lists as commands work with them, whichever of two forms they are kept in: a small one is the
// bytes of one listpack in its key's entry (one allocation), a larger one a values::Quicklist. The
// encoding says quicklist for both.
//
// Invariants
// 1. The bytes stand for a quicklist of one packed node and of the fill kCompactFill, the default
//    of list-max-listpack-size. A list that is made under another setting is an object from the
//    start: a list keeps its fill, whatever CONFIG SET does later, and there is no room for it
//    beside the bytes. So no client can tell the forms apart, DUMP included.
// 2. The bytes are kMaxCompactBytes at most, where every fill of bytes leaves room: it plays no
//    part in what happens to them. A list that has become an object stays one.
// 3. No list is empty: who takes the last element deletes the key.
//
// Views (ListView, cursors, elements) are good until the next change of the keyspace, and so is a
// ListKey, but for its own changes. For the thread that holds the keyspace.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "server/commands/lookup.h"
#include "server/keyspace/edit.h"
#include "server/values/listpack.h"
#include "server/values/quicklist.h"

namespace nuthatch::commands {

enum class ListEnd : uint8_t { kLeft, kRight };

// Forward is from left to right.
using ListDirection = values::Quicklist::Direction;
constexpr ListDirection DirectionFrom(ListEnd end) {
  return end == ListEnd::kLeft ? ListDirection::kForward : ListDirection::kBackward;
}

constexpr int64_t kCompactFill = -2;
constexpr size_t kMaxCompactBytes = keyspace::Entry::kMaxEmbedded;

// A list to be read.
class ListView {
 public:
  // Where an element is.
  class Cursor {
   public:
    Cursor() = default;
    explicit operator bool() const { return there_; }

   private:
    friend class ListView;
    friend class ListKey;
    Cursor(values::Quicklist::Cursor place, bool there) : place_(place), there_(there) {}
    values::Quicklist::Cursor place_;  // of bytes: `at` alone says it
    bool there_ = false;
  };

  // REQUIRES: the entry is a list.
  explicit ListView(const keyspace::Entry& entry)
      : quicklist_(entry.kind() == keyspace::ValueKind::kObject
                       ? static_cast<const values::Quicklist*>(entry.object())
                       : nullptr),
        listpack_(quicklist_ != nullptr ? std::string_view() : entry.bytes()) {}

  uint64_t size() const { return quicklist_ != nullptr ? quicklist_->size() : listpack_.Count(); }

  // The element at an end.
  Cursor Edge(ListEnd end) const;
  // The element of an index, from 0, or from the end: -1 is the last. No cursor if there is none.
  Cursor Seek(int64_t index) const;
  // To the neighbour; false, and no cursor any more, if there is none.
  bool Advance(Cursor* cursor, ListDirection direction) const;
  // REQUIRES: `cursor` is one.
  values::Element At(const Cursor& cursor) const {
    return quicklist_ != nullptr ? quicklist_->At(cursor.place_) : listpack_.At(cursor.place_.at);
  }
  // Calls visit(Element) for the element at `cursor` and those in that direction from it, as long
  // as it returns true; for none if it is no cursor.
  template <typename Visit>
  void Walk(const Cursor& cursor, ListDirection direction, Visit&& visit) const;

 private:
  friend class ListKey;
  const values::Quicklist* quicklist_;  // null: it is the listpack
  values::Listpack listpack_;
};

// A list that is made element by element, for a key that gets it in the end. 600 bytes of the
// stack; copies what it is given.
class ListBuilder {
 public:
  // `fill` as list-max-listpack-size; limits are the Quicklist's.
  explicit ListBuilder(int64_t fill);

  void Push(ListEnd end, std::string_view element);
  uint64_t size() const;
  // Makes the key this list, in place of what was there (`found`, as for Keyspace::SetCompact).
  // REQUIRES: it is not empty. The builder is empty then.
  EntryRef Store(Keyspace& keys, int db, const Key& key, EntryRef found, keyspace::Ttl ttl);

 private:
  // A ByteStore.
  class StackBytes {
   public:
    char* data() { return bytes_; }
    size_t size() const { return size_; }
    char* Resize(size_t size) {
      DCHECK(size <= sizeof bytes_);
      size_ = size;
      return bytes_;
    }
    std::string_view view() const { return {bytes_, size_}; }

   private:
    size_t size_ = 0;
    char bytes_[kMaxCompactBytes];
  };

  StackBytes bytes_;
  std::unique_ptr<values::Quicklist> object_;  // in place of the bytes
};

// The list of a key, to be read and changed; perhaps there is none yet. Each change tells who
// watches the key and keeps the accounts. Texts that are given must not be views of the list.
class ListKey {
 public:
  // `ref` is what Find(db, key) has just given. `fill` is list-max-listpack-size as it is now, for
  // a list that is about to be made. REQUIRES: `ref` is none or a list.
  ListKey(Keyspace& keys, int db, const Key& key, EntryRef ref, int64_t fill)
      : keys_(&keys), db_(db), key_(&key), ref_(ref), fill_(fill) {}

  // Whether there is a list.
  explicit operator bool() const { return static_cast<bool>(ref_); }
  const Key& key() const { return *key_; }
  // REQUIRES of all below, but Push: there is a list.
  ListView view() const { return ListView(*ref_); }
  uint64_t size() const { return view().size(); }

  // Adds the elements one after the other, so that the last one ends up outermost. Makes the list,
  // without a deadline, if there is none.
  void Push(ListEnd end, std::span<const std::string_view> elements);
  void Push(ListEnd end, std::string_view element) { Push(end, {&element, 1}); }
  // `cursor` comes from view(), and there was no change since.
  void Insert(const ListView::Cursor& cursor, bool after, std::string_view text);
  void Replace(const ListView::Cursor& cursor, std::string_view text);

  // What erases the last element deletes the key.
  void EraseEdge(ListEnd end);
  // `count` elements from the one of an index on, as far as there are any. O(log n), beside two
  // nodes; what was cut out is freed in slices later.
  void EraseRange(uint64_t index, uint64_t count);
  // Up to `count` elements that are `text`, first those that come first in that direction; returns
  // how many. `pause` is called now and then.
  uint64_t EraseEqual(std::string_view text, uint64_t count, ListDirection direction,
                      const std::function<void()>& pause = {});
  // Takes the element at an end and puts it to an end of the same list.
  void Rotate(ListEnd from, ListEnd to);

  // Tells who watches the key, though nothing has changed.
  void NoteChange() { keys_->NoteChange(db_, *key_); }

 private:
  using Quicklist = values::Quicklist;

  bool compact() const { return ref_->kind() != keyspace::ValueKind::kObject; }
  keyspace::CompactEdit EditBytes() { return {*keys_, db_, *key_, ref_}; }
  keyspace::ObjectEdit<Quicklist> EditObject() { return {*keys_, db_, *key_, ref_}; }
  // Whether the bytes have room for so many more.
  bool HasRoom(size_t more) const { return ref_->bytes().size() + more <= kMaxCompactBytes; }
  bool InsertIntoBytes(size_t at, std::string_view text);
  size_t PushToBytes(ListEnd end, std::span<const std::string_view> elements);
  std::unique_ptr<Quicklist> MakeObject() const;
  // The same element in the object that MakeObject() has given. REQUIRES: compact().
  Quicklist::Cursor InObject(const Quicklist& object, const ListView::Cursor& cursor) const;
  void BecomeObject(std::unique_ptr<Quicklist> object);
  uint64_t EraseEqualBytes(std::string_view text, uint64_t count, ListDirection direction);
  uint64_t EraseEqualNodes(std::string_view text, uint64_t count, ListDirection direction,
                           const std::function<void()>& pause);
  void EraseKey();

  Keyspace* keys_;
  int db_;
  const Key* key_;
  EntryRef ref_;
  int64_t fill_;
};

// The list of the command's key, for a change; WRONGTYPE and nothing if it is something else.
std::optional<ListKey> OpenListOrReply(CommandContext& context, const Key& key);

template <typename Visit>
void ListView::Walk(const Cursor& cursor, ListDirection direction, Visit&& visit) const {
  if (!cursor) return;
  if (quicklist_ != nullptr) {
    quicklist_->Walk(cursor.place_, direction, std::forward<Visit>(visit));
  } else if (direction == ListDirection::kForward) {
    for (size_t at = cursor.place_.at; at != listpack_.End();) {
      if (!visit(listpack_.Read(&at))) return;
    }
  } else {
    for (size_t at = cursor.place_.at; visit(listpack_.At(at)) && at != listpack_.First();) {
      at = listpack_.Previous(at);
    }
  }
}

}  // namespace nuthatch::commands
