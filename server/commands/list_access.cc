#include "server/commands/list_access.h"

#include <algorithm>
#include <array>
#include <string>

#include "server/keyspace/entry.h"
#include "server/values/listpack_edit.h"

namespace nuthatch::commands {

using keyspace::CompactEdit;
using keyspace::Encoding;
using keyspace::ObjectEdit;
using keyspace::Ttl;
using keyspace::Type;
using values::Element;
using values::Listpack;
using values::Quicklist;
using values::Wanted;
namespace listpack = values::listpack;

namespace {

// So many elements are written into bytes at a time.
constexpr size_t kItemsAtOnce = 16;

// Whether an element may be among the bytes at all.
bool MayBeCompact(std::string_view element) {
  return element.size() < kMaxCompactBytes && !Quicklist::IsLarge(element.size());
}

void PushTo(Quicklist& list, ListEnd end, std::string_view element) {
  end == ListEnd::kLeft ? list.PushFront(element) : list.PushBack(element);
}

}  // namespace

// --- ListView ---

ListView::Cursor ListView::Edge(ListEnd end) const {
  const bool left = end == ListEnd::kLeft;
  if (quicklist_ != nullptr) return {left ? quicklist_->First() : quicklist_->Last(), true};
  return {{.node = {}, .at = left ? listpack_.First() : listpack_.Last()}, true};
}

ListView::Cursor ListView::Seek(int64_t index) const {
  if (quicklist_ != nullptr) {
    Quicklist::Cursor place = quicklist_->Seek(index);
    return {place, static_cast<bool>(place)};
  }
  size_t at = listpack_.Seek(index);
  return {{.node = {}, .at = at}, at != listpack_.End()};
}

bool ListView::Advance(Cursor* cursor, ListDirection direction) const {
  if (quicklist_ != nullptr) {
    cursor->there_ = quicklist_->Advance(&cursor->place_, direction);
  } else if (direction == ListDirection::kForward) {
    cursor->place_.at = listpack_.Next(cursor->place_.at);
    cursor->there_ = cursor->place_.at != listpack_.End();
  } else {
    cursor->there_ = cursor->place_.at != listpack_.First();
    if (cursor->there_) cursor->place_.at = listpack_.Previous(cursor->place_.at);
  }
  return cursor->there_;
}

// --- ListBuilder ---

ListBuilder::ListBuilder(int64_t fill) {
  if (fill == kCompactFill) {
    listpack::MakeEmpty(bytes_);
  } else {
    object_ = std::make_unique<Quicklist>(fill);
  }
}

void ListBuilder::Push(ListEnd end, std::string_view element) {
  if (object_ == nullptr) {
    if (MayBeCompact(element)) {
      listpack::Item item(element);
      if (bytes_.size() + item.size() <= kMaxCompactBytes) {
        end == ListEnd::kLeft ? listpack::Prepend(bytes_, item) : listpack::Append(bytes_, item);
        return;
      }
    }
    object_ = std::make_unique<Quicklist>(kCompactFill);
    if (bytes_.size() > listpack::kEmptySize) object_->AppendListpack(bytes_.view());
  }
  PushTo(*object_, end, element);
}

uint64_t ListBuilder::size() const {
  return object_ != nullptr ? object_->size() : Listpack(bytes_.view()).Count();
}

EntryRef ListBuilder::Store(Keyspace& keys, int db, const Key& key, EntryRef found, Ttl ttl) {
  DCHECK(size() > 0);
  if (object_ != nullptr) {
    return keys.SetObject(db, key, found, Type::kList, Encoding::kQuicklist, std::move(object_),
                          ttl);
  }
  EntryRef ref =
      keys.SetCompact(db, key, found, Type::kList, Encoding::kQuicklist, bytes_.view(), ttl);
  listpack::MakeEmpty(bytes_);
  return ref;
}

// --- ListKey: from bytes to object ---

std::unique_ptr<Quicklist> ListKey::MakeObject() const {
  auto object = std::make_unique<Quicklist>(kCompactFill);
  object->AppendListpack(ref_->bytes());
  return object;
}

Quicklist::Cursor ListKey::InObject(const Quicklist& object, const ListView::Cursor& cursor) const {
  Listpack bytes(ref_->bytes());
  int64_t index = 0;
  for (size_t at = bytes.First(); at != cursor.place_.at; at = bytes.Next(at)) ++index;
  return object.Seek(index);
}

void ListKey::BecomeObject(std::unique_ptr<Quicklist> object) {
  ref_ = keys_->SetObject(db_, *key_, ref_, Type::kList, Encoding::kQuicklist, std::move(object),
                          Ttl::Keep());
}

// --- Adding and replacing ---

// False, and nothing is done, if the bytes can't take it.
bool ListKey::InsertIntoBytes(size_t at, std::string_view text) {
  if (!MayBeCompact(text)) return false;
  listpack::Item item(text);
  if (!HasRoom(item.size())) return false;
  CompactEdit edit = EditBytes();
  listpack::Insert(edit, at, item);
  return true;
}

// Pushes as many of the first elements as fit; returns how many.
size_t ListKey::PushToBytes(ListEnd end, std::span<const std::string_view> elements) {
  auto edge = [&] {
    return end == ListEnd::kLeft ? listpack::kHeaderSize : ref_->bytes().size() - 1;
  };
  if (elements.size() == 1) return InsertIntoBytes(edge(), elements.front()) ? 1 : 0;
  size_t pushed = 0;
  while (pushed < elements.size()) {
    std::array<listpack::Item, kItemsAtOnce> items;
    size_t count = 0;
    size_t growth = 0;
    for (std::string_view element : elements.subspan(pushed)) {
      if (count == items.size() || !MayBeCompact(element)) break;
      items[count] = listpack::Item(element);
      if (!HasRoom(growth + items[count].size())) break;
      growth += items[count++].size();
    }
    if (count == 0) break;
    if (end == ListEnd::kLeft) std::reverse(items.begin(), items.begin() + count);
    CompactEdit edit = EditBytes();
    listpack::Insert(edit, edge(), std::span<const listpack::Item>(items.data(), count));
    pushed += count;
  }
  return pushed;
}

void ListKey::Push(ListEnd end, std::span<const std::string_view> elements) {
  if (!ref_) {
    ListBuilder builder(fill_);
    for (std::string_view element : elements) builder.Push(end, element);
    ref_ = builder.Store(*keys_, db_, *key_, ref_, Ttl::None());
    return;
  }
  if (compact()) {
    elements = elements.subspan(PushToBytes(end, elements));
    if (elements.empty()) return;
    std::unique_ptr<Quicklist> object = MakeObject();
    for (std::string_view element : elements) PushTo(*object, end, element);
    BecomeObject(std::move(object));
    return;
  }
  ObjectEdit<Quicklist> edit = EditObject();
  for (std::string_view element : elements) PushTo(*edit, end, element);
}

void ListKey::Insert(const ListView::Cursor& cursor, bool after, std::string_view text) {
  auto insert = [&](Quicklist& object, const Quicklist::Cursor& place) {
    after ? object.InsertAfter(place, text) : object.InsertBefore(place, text);
  };
  if (!compact()) return insert(*EditObject(), cursor.place_);
  size_t at = cursor.place_.at;
  if (InsertIntoBytes(after ? Listpack(ref_->bytes()).Next(at) : at, text)) return;
  std::unique_ptr<Quicklist> object = MakeObject();
  insert(*object, InObject(*object, cursor));
  BecomeObject(std::move(object));
}

void ListKey::Replace(const ListView::Cursor& cursor, std::string_view text) {
  if (!compact()) return EditObject()->Replace(cursor.place_, text);
  if (MayBeCompact(text)) {
    listpack::Item item(text);
    size_t at = cursor.place_.at;
    size_t removed = Listpack(ref_->bytes()).Next(at) - at;
    if (item.size() <= removed || HasRoom(item.size() - removed)) {
      CompactEdit edit = EditBytes();
      listpack::Replace(edit, at, item);
      return;
    }
  }
  std::unique_ptr<Quicklist> object = MakeObject();
  object->Replace(InObject(*object, cursor), text);
  BecomeObject(std::move(object));
}

// --- Erasing ---

void ListKey::EraseKey() {
  keys_->Erase(db_, *key_, ref_);
  ref_ = {};
}

void ListKey::EraseEdge(ListEnd end) {
  if (size() == 1) return EraseKey();
  const bool left = end == ListEnd::kLeft;
  if (compact()) {
    size_t at = view().Edge(end).place_.at;
    CompactEdit edit = EditBytes();
    listpack::Delete(edit, at);
    return;
  }
  ObjectEdit<Quicklist> edit = EditObject();
  Quicklist::Cursor cursor = left ? edit->First() : edit->Last();
  edit->Erase(&cursor);
}

void ListKey::EraseRange(uint64_t index, uint64_t count) {
  uint64_t size = this->size();
  if (index >= size || count == 0) return;
  if (index == 0 && count >= size) return EraseKey();
  if (compact()) {
    CompactEdit edit = EditBytes();
    listpack::DeleteRange(edit, static_cast<int64_t>(index), count);
    return;
  }
  std::unique_ptr<Quicklist> erased = EditObject()->EraseRange(index, count);
  keys_->FreeLater(std::move(erased));
}

uint64_t ListKey::EraseEqual(std::string_view text, uint64_t count, ListDirection direction,
                             const std::function<void()>& pause) {
  return compact() ? EraseEqualBytes(text, count, direction)
                   : EraseEqualNodes(text, count, direction, pause);
}

// In both, nothing is said to those who watch the key unless something goes.
uint64_t ListKey::EraseEqualBytes(std::string_view text, uint64_t count, ListDirection direction) {
  Wanted wanted(text);
  Listpack bytes(ref_->bytes());
  uint64_t matches = 0;
  for (size_t at = bytes.First(); at != bytes.End();) {
    if (wanted.Matches(bytes.Read(&at))) ++matches;
  }
  uint64_t erased = std::min(count, matches);
  if (erased == 0) return 0;
  if (erased == bytes.Count()) {
    EraseKey();
    return erased;
  }
  uint64_t passed = direction == ListDirection::kForward ? 0 : matches - erased;
  uint64_t left = erased;
  CompactEdit edit = EditBytes();
  listpack::DeleteIf(edit, [&](const Element& element) {
    if (left == 0 || !wanted.Matches(element)) return false;
    if (passed > 0) {
      --passed;
      return false;
    }
    --left;
    return true;
  });
  return erased;
}

uint64_t ListKey::EraseEqualNodes(std::string_view text, uint64_t count, ListDirection direction,
                                  const std::function<void()>& pause) {
  auto& list = static_cast<Quicklist&>(*ref_->object());
  const uint64_t before = ref_->MemoryBytes();
  const uint64_t erased = list.EraseEqual(text, count, direction, pause);
  if (erased == 0) return 0;
  keys_->AccountObject(db_, *key_, ref_, before);
  if (list.empty()) {
    EraseKey();
  } else {
    NoteChange();
  }
  return erased;
}

void ListKey::Rotate(ListEnd from, ListEnd to) {
  values::NumberText number;
  const std::string text(view().At(view().Edge(from)).Text(number));
  if (size() > 1) {
    EraseEdge(from);
    return Push(to, text);
  }
  // Not by way of an empty list: what comes out is a list of one node that has just been made.
  ListBuilder builder(compact() ? kCompactFill : keyspace::ObjectOf<Quicklist>(ref_).fill());
  builder.Push(to, text);
  ref_ = builder.Store(*keys_, db_, *key_, ref_, Ttl::Keep());
}

// --- Opening ---

std::optional<ListKey> OpenListOrReply(CommandContext& context, const Key& key) {
  Keyspace& keys = context.keyspace_of(key);
  EntryRef ref = FindForWrite(context, keys, key);
  if (ref && !IsTypeOrReply(context, ref, Type::kList)) return std::nullopt;
  return ListKey(keys, context.db(), key, ref, context.config().list_max_listpack_size);
}

}  // namespace nuthatch::commands
