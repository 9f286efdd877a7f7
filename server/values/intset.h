// Intset: a sorted set of 64-bit integers in one run of bytes, as Redis lays it out.
//
// A view (see byte_store.h for where the bytes are; Add() and Remove() below change them). Layout,
// little-endian: width of a member in bytes (4 bytes: 2, 4 or 8), count (4 bytes), then the members
// in ascending order. The width is that of the widest member there has been: it never goes back.
//
// No function that is not said to take hostile bytes may be called before Validate() has accepted
// them. Pure functions; any thread.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "server/base/check.h"
#include "server/base/random.h"
#include "server/values/byte_store.h"

namespace nuthatch::values {

static_assert(std::endian::native == std::endian::little);

class Intset {
 public:
  static constexpr size_t kHeaderSize = 8;

  // REQUIRES: Validate(bytes), unless they were made by this library.
  explicit Intset(std::string_view bytes) : bytes_(bytes) {}

  std::string_view bytes() const { return bytes_; }
  size_t width() const { return LoadHeader(0); }
  size_t Count() const { return LoadHeader(4); }
  bool empty() const { return Count() == 0; }

  // Members in ascending order. REQUIRES: index < Count().
  int64_t At(size_t index) const { return LoadMember(width(), index); }
  // REQUIRES: !empty().
  int64_t Min() const { return At(0); }
  int64_t Max() const { return At(Count() - 1); }
  int64_t RandomMember(base::Random& random) const { return At(random.Below(Count())); }

  bool Contains(int64_t value) const {
    size_t index = LowerBound(value);
    return index < Count() && At(index) == value;
  }
  // The index of the first member that is not below `value`; Count() if there is none. O(log n).
  size_t LowerBound(int64_t value) const;

  // For hostile bytes: whether they are an intset with at least one member, sorted and without
  // doubles (which only a `deep` look sees: every other function is safe without it).
  static bool Validate(std::string_view bytes, bool deep = true);

  // The least width that `value` fits into.
  static constexpr size_t WidthOf(int64_t value) {
    if (value == static_cast<int16_t>(value)) return 2;
    return value == static_cast<int32_t>(value) ? 4 : 8;
  }
  static int64_t Load(const char* members, size_t width, size_t index) {
    const char* p = members + index * width;
    if (width == 2) return LoadAs<int16_t>(p);
    if (width == 4) return LoadAs<int32_t>(p);
    return LoadAs<int64_t>(p);
  }

 private:
  template <typename T>
  static T LoadAs(const char* p) {
    T value;
    std::memcpy(&value, p, sizeof value);
    return value;
  }
  uint32_t LoadHeader(size_t offset) const { return LoadAs<uint32_t>(bytes_.data() + offset); }
  int64_t LoadMember(size_t width, size_t index) const {
    return Load(bytes_.data() + kHeaderSize, width, index);
  }
  template <typename T>
  size_t LowerBoundAs(int64_t value, size_t count) const;

  std::string_view bytes_;
};

namespace intset {

namespace internal {
void WriteHeader(char* bytes, size_t width, size_t count);
void WriteMember(char* bytes, size_t width, size_t index, int64_t value);
// Spreads `count` members of `from` bytes each, which stand behind the header, to `to` bytes each,
// leaving room for another in front of them if `shift`.
void Widen(char* bytes, size_t from, size_t to, size_t count, bool shift);
}  // namespace internal

// Makes the store an empty intset.
template <ByteStore Store>
void MakeEmpty(Store& store) {
  internal::WriteHeader(store.Resize(Intset::kHeaderSize), 2, 0);
}

// Makes the store an intset of these members, which ascend, in `width` bytes each. O(n).
// REQUIRES: they fit; there are less than 2^32.
template <ByteStore Store>
void MakeOf(Store& store, std::span<const int64_t> members, size_t width) {
  CHECK(members.size() <= UINT32_MAX);
  char* bytes = store.Resize(Intset::kHeaderSize + members.size() * width);
  internal::WriteHeader(bytes, width, members.size());
  for (size_t i = 0; i < members.size(); ++i) internal::WriteMember(bytes, width, i, members[i]);
}

// Adds a member; false if it is there already. O(n), with one resize.
// REQUIRES: there are less than 2^32 - 1.
template <ByteStore Store>
bool Add(Store& store, int64_t value) {
  Intset view({store.data(), store.size()});
  size_t count = view.Count();
  size_t width = view.width();
  CHECK(count < UINT32_MAX);
  if (size_t wide = Intset::WidthOf(value); wide > width) {
    // Beyond all that are there: the new one is the first or the last.
    char* bytes = store.Resize(Intset::kHeaderSize + (count + 1) * wide);
    internal::Widen(bytes, width, wide, count, value < 0);
    internal::WriteMember(bytes, wide, value < 0 ? 0 : count, value);
    internal::WriteHeader(bytes, wide, count + 1);
    return true;
  }
  size_t index = view.LowerBound(value);
  if (index < count && view.At(index) == value) return false;
  Splice(store, Intset::kHeaderSize + index * width, 0, width);
  internal::WriteMember(store.data(), width, index, value);
  internal::WriteHeader(store.data(), width, count + 1);
  return true;
}

// Removes the member of an index. REQUIRES: index < Count().
template <ByteStore Store>
void RemoveAt(Store& store, size_t index) {
  Intset view({store.data(), store.size()});
  size_t count = view.Count();
  size_t width = view.width();
  CHECK(index < count);
  Splice(store, Intset::kHeaderSize + index * width, width, 0);
  internal::WriteHeader(store.data(), width, count - 1);
}

// Removes the members of these indices, which ascend. O(n), with one resize.
// REQUIRES: they are below Count().
template <ByteStore Store>
void RemoveEachAt(Store& store, std::span<const uint32_t> indices) {
  if (indices.empty()) return;
  Intset view({store.data(), store.size()});
  const size_t count = view.Count();
  const size_t width = view.width();
  char* members = store.data() + Intset::kHeaderSize;
  char* out = members + indices.front() * width;
  for (size_t i = 0; i < indices.size(); ++i) {
    size_t begin = size_t{indices[i]} + 1;
    size_t end = i + 1 < indices.size() ? indices[i + 1] : count;
    CHECK(begin <= end && end <= count);
    std::memmove(out, members + begin * width, (end - begin) * width);
    out += (end - begin) * width;
  }
  const size_t left = count - indices.size();
  internal::WriteHeader(store.Resize(Intset::kHeaderSize + left * width), width, left);
}

// Removes a member; false if it isn't there. O(n), with one resize.
template <ByteStore Store>
bool Remove(Store& store, int64_t value) {
  Intset view({store.data(), store.size()});
  size_t index = view.LowerBound(value);
  if (index == view.Count() || view.At(index) != value) return false;
  RemoveAt(store, index);
  return true;
}

}  // namespace intset
}  // namespace nuthatch::values
