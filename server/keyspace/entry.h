// Entry: one key with its value, in one allocation while the value is small.
//
// Owned by the slot table that points to it (or by a detached Value); touched by whoever may touch
// the keyspace. Layout, without padding:
//
//   access          4 bytes  the eviction policy's (LRU clock, LFU counter)
//   bits            4 bytes  type, encoding, flags, lengths: see the masks below
//   name length     4 bytes  only if the name has 256 bytes or more
//   deadline        6 bytes  only if there is one; 8 if it doesn't fit into 48 bits
//   name
//   value           embedded bytes, or a 64-bit integer, or a pointer: see ValueKind
//
// Invariants: memory is allocated by base::Allocate(AllocationSize()), so a size class never needs
// to be stored; an entry is aligned to 16 bytes; name and deadline field never change in place
// except for the deadline's value. A 16-byte name with a 32-byte value takes 56 bytes, 62 with a
// deadline: both in the size class of 64.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "server/base/check.h"
#include "server/base/memory.h"
#include "server/base/numbers.h"
#include "server/values/object.h"
#include "server/values/string_value.h"
#include "server/values/types.h"

namespace nuthatch::keyspace {

using values::Encoding;
using values::Type;

// No deadline: the key lives until somebody removes it.
constexpr int64_t kNoDeadline = -1;

// Where the value is.
enum class ValueKind : uint8_t {
  kEmbedded = 0,  // bytes behind the name
  kInt = 1,       // an int64_t behind the name
  kBlob = 2,      // a values::Blob* behind the name
  kObject = 3,    // a values::Object* behind the name
};

// Room for an integer's text; see Entry::Text.
struct NumberText {
  char bytes[base::kMaxInt64Chars];
};

class Entry {
 public:
  // A value of up to this many bytes is embedded, unless it is about to grow.
  static constexpr size_t kMaxEmbedded = 512;

  // What Make() lays out. `value_size` is the size of the embedded bytes; 8 is taken otherwise, and
  // with an integer it is 1 if it was copied.
  struct Shape {
    std::string_view name;
    int64_t deadline_ms = kNoDeadline;
    Type type = Type::kString;
    Encoding encoding = Encoding::kRaw;
    ValueKind kind = ValueKind::kEmbedded;
    size_t value_size = 0;
  };
  // An entry with header, deadline and name set, whose value is still to be written to
  // value_bytes() or by SetInt, SetBlob, SetObject. Free it by Release().
  static Entry* Make(const Shape& shape);
  // The size class that Make(shape) would take.
  static size_t ClassOf(const Shape& shape) { return base::SizeClass(SizeOf(shape)); }
  // Frees the entry itself, not what its value points to.
  static void Release(Entry* entry) { base::Free(entry, entry->AllocationSize()); }
  // Lays another shape with the same name into this allocation. REQUIRES: ClassOf(shape) ==
  // OwnBytes(), and shape.name is not a view of this entry.
  void Remake(const Shape& shape);

  Type type() const { return static_cast<Type>(Field<kTypeShift, kTypeBits>()); }
  Encoding encoding() const {
    return static_cast<Encoding>(Field<kEncodingShift, kEncodingBits>());
  }
  ValueKind kind() const { return static_cast<ValueKind>(Field<kKindShift, kKindBits>()); }
  bool has_deadline() const { return (bits_ & kHasDeadline) != 0; }
  // A pinned entry is never evicted.
  bool pinned() const { return (bits_ & kPinned) != 0; }
  void set_pinned(bool pinned) { bits_ = pinned ? bits_ | kPinned : bits_ & ~kPinned; }
  void set_encoding(Encoding encoding) {
    SetField<kEncodingShift, kEncodingBits>(static_cast<uint32_t>(encoding));
  }
  // The eviction policy's own 32 bits.
  uint32_t access() const { return access_; }
  uint32_t& access() { return access_; }

  std::string_view name() const { return {Bytes() + NameOffset(), name_size()}; }
  bool HasName(std::string_view name) const {
    return name_size() == name.size() &&
           std::memcmp(Bytes() + NameOffset(), name.data(), name.size()) == 0;
  }
  // Milliseconds of wall time, or kNoDeadline.
  int64_t deadline_ms() const;
  bool ExpiredAt(int64_t now_ms) const { return has_deadline() && deadline_ms() <= now_ms; }
  // Whether `deadline_ms` can be written into the field that is there.
  bool DeadlineFits(int64_t deadline_ms) const;
  // REQUIRES: DeadlineFits(deadline_ms).
  void SetDeadline(int64_t deadline_ms);

  // --- The value ---
  // Embedded bytes. REQUIRES: kind() == kEmbedded.
  std::string_view embedded() const { return {Bytes() + ValueOffset(), embedded_size()}; }
  char* value_bytes() { return Bytes() + ValueOffset(); }
  const char* value_bytes() const { return Bytes() + ValueOffset(); }
  size_t embedded_size() const { return Field<kValueSizeShift, kValueSizeBits>(); }
  // Makes the embedded bytes so long: those that both lengths share stay. REQUIRES: that does not
  // change OwnBytes().
  void SetEmbeddedSize(size_t size) {
    DCHECK(kind() == ValueKind::kEmbedded && size <= kMaxEmbedded);
    SetField<kValueSizeShift, kValueSizeBits>(static_cast<uint32_t>(size));
  }
  // REQUIRES: kind() is the one asked for (and set).
  int64_t integer() const { return Load<int64_t>(); }
  void SetInt(int64_t value) { Store(value); }
  // Whether the integer came by COPY: Redis shares small integers between keys, but never what it
  // copied, and OBJECT REFCOUNT shows it. REQUIRES: kind() == kInt.
  bool copied() const { return (bits_ & kCopied) != 0; }
  void set_copied(bool copied) { bits_ = copied ? bits_ | kCopied : bits_ & ~kCopied; }
  values::Blob* blob() const { return Load<values::Blob*>(); }
  void SetBlob(values::Blob* blob) { Store(blob); }
  values::Object* object() const { return Load<values::Object*>(); }
  void SetObject(values::Object* object) { Store(object); }

  // The bytes of a string that is no integer, or of a compact form (listpack, intset); in the entry
  // or in a blob. Valid until the entry is changed.
  std::string_view bytes() const {
    if (kind() == ValueKind::kEmbedded) return embedded();
    DCHECK(kind() == ValueKind::kBlob);
    return blob()->view();
  }

  // A string's bytes; an integer is printed into `text`. Valid until the entry is changed.
  // REQUIRES: type() == kString.
  std::string_view Text(NumberText& text) const;
  // A string's length in bytes. REQUIRES: type() == kString.
  size_t TextSize() const;

  // What Make() was told. The name is a view of this entry.
  Shape shape() const {
    return {name(), deadline_ms(), type(), encoding(), kind(), embedded_size()};
  }
  // The bytes at value_bytes(): embedded ones, the integer's or the pointer's.
  size_t ValueFieldSize() const {
    return kind() == ValueKind::kEmbedded ? embedded_size() : sizeof(int64_t);
  }

  // --- Memory ---
  // What was asked of the allocator for the entry itself: at least 16, for what is smaller is not
  // aligned to 16.
  size_t AllocationSize() const {
    size_t size = ValueOffset() + ValueFieldSize();
    return size < kLeast ? kLeast : size;
  }
  // The size class of that.
  size_t OwnBytes() const { return base::SizeClass(AllocationSize()); }
  // All that the key takes, value included, by size class (the table not included).
  size_t MemoryBytes() const;

 private:
  static size_t SizeOf(const Shape& shape);

  static constexpr int kTypeShift = 0, kTypeBits = 3;
  static constexpr int kEncodingShift = 3, kEncodingBits = 4;
  static constexpr uint32_t kHasDeadline = 1U << 7;
  static constexpr uint32_t kWideDeadline = 1U << 8;
  static constexpr uint32_t kLongName = 1U << 9;
  static constexpr int kKindShift = 10, kKindBits = 2;
  static constexpr uint32_t kPinned = 1U << 12;
  static constexpr int kNameSizeShift = 13, kNameSizeBits = 8;
  static constexpr int kValueSizeShift = 21, kValueSizeBits = 10;
  static constexpr uint32_t kCopied = 1U << kValueSizeShift;  // an integer has no size
  static constexpr size_t kHeader = 8;
  static constexpr size_t kLeast = 16;
  static constexpr size_t kValueField = 8;  // an integer or a pointer
  static constexpr int64_t kNarrowLimit = int64_t{1} << 48;

  template <int kShift, int kBits>
  uint32_t Field() const {
    return (bits_ >> kShift) & ((1U << kBits) - 1);
  }
  template <int kShift, int kBits>
  void SetField(uint32_t value) {
    constexpr uint32_t kMask = ((1U << kBits) - 1) << kShift;
    bits_ = (bits_ & ~kMask) | (value << kShift);
  }
  char* Bytes() { return reinterpret_cast<char*>(this); }
  const char* Bytes() const { return reinterpret_cast<const char*>(this); }
  size_t DeadlineOffset() const { return (bits_ & kLongName) != 0 ? kHeader + 4 : kHeader; }
  size_t DeadlineSize() const {
    return (bits_ & kHasDeadline) == 0 ? 0 : ((bits_ & kWideDeadline) == 0 ? 6 : 8);
  }
  size_t NameOffset() const { return DeadlineOffset() + DeadlineSize(); }
  size_t name_size() const {
    if ((bits_ & kLongName) == 0) return Field<kNameSizeShift, kNameSizeBits>();
    uint32_t size;
    std::memcpy(&size, Bytes() + kHeader, sizeof(size));
    return size;
  }
  size_t ValueOffset() const { return NameOffset() + name_size(); }
  template <typename T>
  T Load() const {
    T value;
    std::memcpy(&value, value_bytes(), kValueField);
    return value;
  }
  template <typename T>
  void Store(T value) {
    std::memcpy(value_bytes(), &value, kValueField);
  }

  uint32_t access_;
  uint32_t bits_;
};
static_assert(sizeof(Entry) == 8 && sizeof(void*) == sizeof(int64_t));

}  // namespace nuthatch::keyspace
