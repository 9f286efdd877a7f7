// A single pair is set where it is. Several are set in a copy of the listpack that has room to
// grow, which is then written back at once: the entry is resized once however many they are. (A
// copy of some kilobytes costs less than a second reallocation.)
#include "server/commands/hash_access.h"

#include <cstring>
#include <memory>
#include <utility>

#include "server/base/buffer.h"
#include "server/keyspace/edit.h"
#include "server/values/byte_store.h"
#include "server/values/listpack_edit.h"

namespace nuthatch::commands {
namespace {

namespace listpack = values::listpack;
using keyspace::CompactEdit;
using keyspace::Encoding;
using keyspace::Ttl;
using keyspace::Type;
using values::Hashed;
using values::HashValue;
using values::Listpack;
using HashEdit = keyspace::ObjectEdit<HashValue>;

// A listpack in the making: room that the thread keeps, unless it has become large.
class Scratch {
 public:
  Scratch() { bytes().Clear(); }
  ~Scratch() {
    if (bytes().capacity() > kKeptBytes) bytes().Release();
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  char* data() { return bytes().data(); }
  size_t size() const { return bytes().size(); }
  char* Resize(size_t size) {
    base::Buffer& buffer = bytes();
    if (size > buffer.size()) {
      const size_t more = size - buffer.size();
      buffer.Prepare(more);
      buffer.Commit(more);
    } else {
      buffer.Truncate(size);
    }
    return buffer.data();
  }
  std::string_view view() const { return bytes().view(); }

 private:
  static constexpr size_t kKeptBytes = size_t{64} * 1024;

  static base::Buffer& bytes() {
    thread_local base::Buffer buffer;
    return buffer;
  }
};
static_assert(values::ByteStore<Scratch>);

size_t FindField(Listpack list, std::string_view field) {
  return list.Find(field, list.First(), 1);
}

// Sets the value at `value_at`, or, if there is none, appends both.
template <values::ByteStore Store>
void PutPair(Store& store, size_t value_at, bool found, std::string_view field,
             std::string_view value) {
  if (found) return listpack::Replace(store, value_at, listpack::Item(value));
  const listpack::Item items[] = {listpack::Item(field), listpack::Item(value)};
  listpack::Append(store, items);
}

}  // namespace

HashPicker::HashPicker(HashView view) : view_(view) {
  if (view.table() != nullptr) return;
  const Listpack list = view.listpack();
  offsets_.reserve(list.Count() / 2);
  for (size_t at = list.First(); at != list.End(); at = list.Next(list.Next(at))) {
    offsets_.push_back(static_cast<uint32_t>(at));
  }
}

// --- Looking ---

HashKey::Spot HashKey::Find(std::string_view field) const {
  Spot spot;
  const HashView hash = view();
  if (hash.is_listpack()) {
    const Listpack list = hash.listpack();
    const size_t at = FindField(list, field);
    spot.found_ = at != list.End();
    if (spot.found_) spot.value_at_ = list.Next(at);
  } else if (hash.table() != nullptr) {
    spot.name_ = Hashed(field);
    spot.place_ = hash.table()->Find(spot.name_);
    spot.found_ = static_cast<bool>(spot.place_);
  }
  return spot;
}

values::Element HashKey::ValueAt(const Spot& spot) const {
  const HashView hash = view();
  if (hash.is_listpack()) return hash.listpack().At(spot.value_at_);
  return {.text = hash.table()->ValueAt(spot.place_)};
}

// --- Setting ---

// What Redis looks at before it sets anything.
bool HashKey::FitsListpack(Pairs pairs) const {
  size_t sum = 0;
  for (std::string_view text : pairs) {
    if (TooLong(text)) return false;
    sum += text.size();
  }
  return listpack::SafeToAdd(ref_ ? ref_->bytes().size() : 0, sum);
}

bool HashKey::TooMany() const { return view().size() > config_.hash_max_listpack_entries; }

void HashKey::SetAt(const Spot& spot, std::string_view field, std::string_view value) {
  if (view().table() != nullptr) {
    HashEdit edit(keys_, db_, key_, ref_);
    spot ? edit->SetAt(spot.place_, value) : edit->Insert(spot.name_, value);
    return;
  }
  const std::string_view pair[] = {field, value};
  if (!FitsListpack(pair)) {
    MakeTable(ref_ ? ref_->bytes() : std::string_view());
    SetEachInTable(pair);
    return;
  }
  SetPacked(spot.value_at_, spot.found_, field, value);
}

void HashKey::SetPacked(size_t value_at, bool found, std::string_view field,
                        std::string_view value) {
  if (!ref_) {
    Scratch fresh;
    listpack::MakeEmpty(fresh);
    PutPair(fresh, 0, false, field, value);
    ref_ = keys_.SetCompact(db_, key_, ref_, Type::kHash, Encoding::kListpack, fresh.view(),
                            Ttl::None());
  } else {
    CompactEdit edit(keys_, db_, key_, ref_);
    PutPair(edit, value_at, found, field, value);
  }
  if (TooMany()) MakeTable(ref_->bytes());
}

size_t HashKey::SetEach(Pairs pairs) {
  if (pairs.size() == 2) {
    const Spot spot = Find(pairs[0]);
    SetAt(spot, pairs[0], pairs[1]);
    return spot ? 0 : 1;
  }
  size_t created = 0;
  size_t done = 0;
  if (view().table() == nullptr) {
    if (FitsListpack(pairs)) {
      created = SetEachPacked(pairs, &done);
    } else {
      MakeTable(ref_ ? ref_->bytes() : std::string_view());
    }
  }
  if (done == pairs.size()) return created;
  return created + SetEachInTable(pairs.subspan(done));
}

// Until all is set, or the hash has become a table: `*done` says how far. Returns how many fields
// are new.
size_t HashKey::SetEachPacked(Pairs pairs, size_t* done) {
  Scratch work;
  if (ref_) {
    const std::string_view old = ref_->bytes();
    std::memcpy(work.Resize(old.size()), old.data(), old.size());
  } else {
    listpack::MakeEmpty(work);
  }
  size_t created = 0;
  bool too_many = false;
  for (; *done < pairs.size() && !too_many; *done += 2) {
    std::string_view field = pairs[*done];
    const Listpack list = listpack::ViewOf(work);
    const size_t at = FindField(list, field);
    const bool found = at != list.End();
    PutPair(work, found ? list.Next(at) : 0, found, field, pairs[*done + 1]);
    if (!found) ++created;
    too_many = listpack::ViewOf(work).Count() / 2 > config_.hash_max_listpack_entries;
  }
  const std::string_view bytes = work.view();
  if (too_many) {
    MakeTable(bytes);
  } else if (ref_) {
    CompactEdit edit(keys_, db_, key_, ref_);
    std::memcpy(edit.Resize(bytes.size()), bytes.data(), bytes.size());
  } else {
    ref_ = keys_.SetCompact(db_, key_, ref_, Type::kHash, Encoding::kListpack, bytes, Ttl::None());
  }
  return created;
}

size_t HashKey::SetEachInTable(Pairs pairs) {
  constexpr size_t kBatch = HashValue::kMaxBatch;
  Hashed names[kBatch];
  size_t created = 0;
  HashEdit edit(keys_, db_, key_, ref_);
  while (!pairs.empty()) {
    const size_t count = std::min(kBatch, pairs.size() / 2);
    for (size_t i = 0; i < count; ++i) names[i] = Hashed(pairs[2 * i]);
    edit->Prefetch({names, count});
    for (size_t i = 0; i < count; ++i) {
      if (edit->Set(names[i], pairs[2 * i + 1])) ++created;
    }
    pairs = pairs.subspan(2 * count);
    if (!pairs.empty()) context_.Breathe();
  }
  return created;
}

// Makes the key, which may not be there yet, a table with what `packed` holds, if anything.
void HashKey::MakeTable(std::string_view packed) {
  auto table = std::make_unique<HashValue>();
  if (!packed.empty()) {
    const Listpack list(packed);
    values::NumberText numbers[2];
    for (size_t at = list.First(); at != list.End();) {
      std::string_view field = list.Read(&at).Text(numbers[0]);
      std::string_view value = list.Read(&at).Text(numbers[1]);
      // Not Insert(): a listpack that came by RESTORE may hold a field twice.
      table->Set(Hashed(field), value);
    }
  }
  ref_ = keys_.SetObject(db_, key_, ref_, Type::kHash, Encoding::kHashtable, std::move(table),
                         Ttl::Keep());
}

// --- Deleting ---

size_t HashKey::EraseEach(std::span<const std::string_view> fields) {
  const HashView hash = view();
  size_t erased = 0;
  if (hash.is_listpack()) erased = ErasePacked(fields);
  if (hash.table() != nullptr) erased = EraseFromTable(fields);
  if (erased > 0 && view().size() == 0) {
    keys_.Erase(db_, key_, ref_);
    ref_ = {};
  }
  return erased;
}

size_t HashKey::ErasePacked(std::span<const std::string_view> fields) {
  size_t erased = 0;
  for (std::string_view field : fields) {
    const Listpack list(ref_->bytes());
    const size_t at = FindField(list, field);
    if (at == list.End()) continue;
    const size_t end = list.Next(list.Next(at));
    ++erased;
    CompactEdit edit(keys_, db_, key_, ref_);
    listpack::DeleteBetween(edit, at, end, 2);
  }
  return erased;
}

size_t HashKey::EraseFromTable(std::span<const std::string_view> fields) {
  constexpr size_t kBatch = HashValue::kMaxBatch;
  Hashed names[kBatch];
  size_t erased = 0;
  std::optional<HashEdit> edit;  // made when there is something to erase: it tells the watchers
  const HashValue& table = keyspace::ObjectOf<HashValue>(ref_);
  while (!fields.empty() && !table.empty()) {
    const size_t count = std::min(kBatch, fields.size());
    for (size_t i = 0; i < count; ++i) names[i] = Hashed(fields[i]);
    table.Prefetch({names, count});
    for (size_t i = 0; i < count; ++i) {
      if (!table.Find(names[i])) continue;
      if (!edit.has_value()) edit.emplace(keys_, db_, key_, ref_);
      (*edit)->Erase(names[i]);
      ++erased;
    }
    fields = fields.subspan(count);
    if (!fields.empty()) context_.Breathe();
  }
  return erased;
}

}  // namespace nuthatch::commands
