// Editing a listpack in whatever store of bytes holds it (see byte_store.h and listpack.h).
//
// A new element becomes an integer if its bytes are what that integer prints as. Elements are named
// by their offset; an edit moves those behind it. Each edit resizes its store once, and costs a
// move of the bytes behind the place. Views that are given must not be of the store itself.
//
// The count in the header is kept as Redis keeps it: at 65535 it becomes unknown and stays so until
// somebody counts (StoreCount).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "server/base/check.h"
#include "server/values/byte_store.h"
#include "server/values/listpack.h"

namespace nuthatch::values::listpack {

// An element that is about to be written. Holds a view of the string that it was made of.
class Item {
 public:
  // None yet: to be assigned to.
  Item() = default;
  explicit Item(std::string_view text);
  explicit Item(int64_t integer) { EncodeInteger(integer); }

  // All its bytes in the listpack, back length included.
  size_t size() const { return encoded_size() + BackLengthSize(encoded_size()); }
  // Writes them, and returns where they end.
  char* WriteTo(char* out) const;

 private:
  static constexpr size_t kMaxLead = 9;

  size_t encoded_size() const { return lead_size_ + content_.size(); }
  void EncodeInteger(int64_t value);

  char lead_[kMaxLead];
  uint8_t lead_size_ = 0;
  std::string_view content_;
};

// Whether a listpack of `bytes` (0 if there is none yet) may be given `more` bytes.
constexpr bool SafeToAdd(size_t bytes, size_t more) {
  return bytes <= kMaxSafeBytes && more <= kMaxSafeBytes - bytes;
}

template <ByteStore Store>
Listpack ViewOf(Store& store) {
  return Listpack({store.data(), store.size()});
}

namespace internal {
void WriteEmpty(char* bytes);
// Writes the total and adds `change` to the count, if it is known.
void UpdateHeader(char* bytes, size_t total, int64_t change);

template <ByteStore Store>
void Update(Store& store, int64_t change) {
  UpdateHeader(store.data(), store.size(), change);
}
}  // namespace internal

// Makes the store an empty listpack.
template <ByteStore Store>
void MakeEmpty(Store& store) {
  internal::WriteEmpty(store.Resize(kEmptySize));
}

// Inserts before the element at `at`, or at the end of all where `at` is End().
// REQUIRES: the total stays below 4 GB; SafeToAdd() keeps it far from there.
template <ByteStore Store>
void Insert(Store& store, size_t at, std::span<const Item> items) {
  size_t added = 0;
  for (const Item& item : items) added += item.size();
  CHECK(store.size() + added <= UINT32_MAX);
  char* out = Splice(store, at, 0, added);
  for (const Item& item : items) out = item.WriteTo(out);
  internal::Update(store, static_cast<int64_t>(items.size()));
}
template <ByteStore Store>
void Insert(Store& store, size_t at, const Item& item) {
  Insert(store, at, std::span<const Item>(&item, 1));
}
template <ByteStore Store>
void InsertAfter(Store& store, size_t at, const Item& item) {
  Insert(store, ViewOf(store).Next(at), item);
}
template <ByteStore Store>
void Append(Store& store, std::span<const Item> items) {
  Insert(store, store.size() - 1, items);
}
template <ByteStore Store>
void Append(Store& store, const Item& item) {
  Insert(store, store.size() - 1, item);
}
template <ByteStore Store>
void Prepend(Store& store, const Item& item) {
  Insert(store, kHeaderSize, item);
}

// Puts `item` in the place of the element at `at`.
template <ByteStore Store>
void Replace(Store& store, size_t at, const Item& item) {
  size_t removed = ViewOf(store).Next(at) - at;
  CHECK(store.size() - removed + item.size() <= UINT32_MAX);
  item.WriteTo(Splice(store, at, removed, item.size()));
  internal::Update(store, 0);
}

// Deletes what stands in [at, end), `count` elements; what was behind it is at `at` then.
template <ByteStore Store>
void DeleteBetween(Store& store, size_t at, size_t end, size_t count) {
  Splice(store, at, end - at, 0);
  internal::Update(store, -static_cast<int64_t>(count));
}
// Deletes up to `count` elements from `at` on; returns how many.
template <ByteStore Store>
size_t Delete(Store& store, size_t at, size_t count = 1) {
  Listpack view = ViewOf(store);
  size_t end = at;
  size_t deleted = 0;
  for (; deleted < count && end != view.End(); ++deleted) end = view.Next(end);
  if (deleted > 0) DeleteBetween(store, at, end, deleted);
  return deleted;
}
// Deletes up to `count` elements from the one of an index on (see Listpack::Seek); returns how
// many.
template <ByteStore Store>
size_t DeleteRange(Store& store, int64_t index, size_t count) {
  return Delete(store, ViewOf(store).Seek(index), count);
}

// Deletes the elements for which `matches(Element)` is true; returns how many. One pass.
template <ByteStore Store, typename Matches>
size_t DeleteIf(Store& store, Matches&& matches) {
  Listpack view = ViewOf(store);
  char* data = store.data();
  size_t kept = view.First();  // where what stays ends
  size_t run = view.First();   // what stays, but has not been moved yet, begins here
  size_t deleted = 0;
  for (size_t at = view.First(); at != view.End();) {
    size_t here = at;
    if (!matches(view.Read(&at))) continue;
    ++deleted;
    std::memmove(data + kept, data + run, here - run);
    kept += here - run;
    run = at;
  }
  if (deleted > 0) DeleteBetween(store, kept, run, deleted);
  return deleted;
}

// Moves the elements from `at` on, of which there are `count`, to a store of their own.
template <ByteStore Store, ByteStore Other>
void SplitOff(Store& store, size_t at, size_t count, Other& other) {
  bool known = ViewOf(store).stored_count() != kUnknownCount;
  size_t bytes = store.size() - 1 - at;
  MakeEmpty(other);
  std::memcpy(Splice(other, kHeaderSize, 0, bytes), store.data() + at, bytes);
  // Unknown stays unknown, as if either had been made by deleting.
  internal::Update(other, known ? static_cast<int64_t>(count) : int64_t{kUnknownCount});
  DeleteBetween(store, at, store.size() - 1, count);
}

// Adds all elements of another listpack behind (or before) those that are there.
template <ByteStore Store>
void Merge(Store& store, Listpack other, bool before = false) {
  std::string_view elements = other.bytes().substr(kHeaderSize, other.End() - kHeaderSize);
  CHECK(store.size() + elements.size() <= UINT32_MAX);
  // Counted as Redis does for a merger, even if the headers don't say.
  size_t count = ViewOf(store).Count() + other.Count();
  char* out = Splice(store, before ? kHeaderSize : store.size() - 1, 0, elements.size());
  if (!elements.empty()) std::memcpy(out, elements.data(), elements.size());
  internal::Update(store, 0);
  auto stored = static_cast<uint16_t>(count < kUnknownCount ? count : kUnknownCount);
  std::memcpy(store.data() + kCountOffset, &stored, sizeof stored);
}

// Counts, and notes the count in the header if it is unknown there and small enough: what Redis
// does wherever it asks for the length.
template <ByteStore Store>
size_t StoreCount(Store& store) {
  Listpack view = ViewOf(store);
  size_t count = view.Count();
  if (view.stored_count() == kUnknownCount && count < kUnknownCount) {
    auto stored = static_cast<uint16_t>(count);
    std::memcpy(store.data() + kCountOffset, &stored, sizeof stored);
  }
  return count;
}

}  // namespace nuthatch::values::listpack
