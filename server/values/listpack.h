// Listpack: a sequence of strings and integers in one run of bytes, as Redis lays it out.
//
// A view: whose bytes they are is the caller's matter (see byte_store.h; listpack_edit.h changes
// them). Layout (Redis's specification of listpacks, little-endian):
//
//   total bytes      4 bytes, these and the terminator included
//   count            2 bytes; kUnknownCount when there are as many elements or more
//   elements         see below
//   terminator       0xFF
//
// An element is its encoding, its content, and the length of both ("back length") in 1 to 5 bytes
// to be read backwards, seven bits a byte:
//
//   0xxxxxxx         an integer of 0 to 127
//   10xxxxxx         a string of up to 63 bytes
//   110xxxxx +1      a signed integer of 13 bits, the high ones first
//   1110xxxx +1      a string of up to 4095 bytes, the high bits of the length first
//   11110000 +4      a longer string
//   11110001 +2, ..10 +3, ..11 +4, 11110100 +8: signed integers of 16, 24, 32 and 64 bits
//
// Elements are named by their offset in the bytes: First() .. End(). No function that is not said
// to take hostile bytes may be called before Validate() has accepted them. Pure functions; any
// thread.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "server/base/numbers.h"

namespace nuthatch::values {

static_assert(std::endian::native == std::endian::little);

// Room for an integer's text; see Element::Text.
struct NumberText {
  char bytes[base::kMaxInt64Chars];
};

// What an element holds. `text` is a view of the listpack's bytes.
struct Element {
  std::string_view text = {};
  int64_t integer = 0;
  bool is_integer = false;

  // Its bytes; an integer is printed into `number`.
  std::string_view Text(NumberText& number) const {
    if (!is_integer) return text;
    return {number.bytes, base::FormatInt64(integer, number.bytes)};
  }
  // Its value as an integer, also where it is kept as a string.
  std::optional<int64_t> Integer() const {
    if (is_integer) return integer;
    return base::ParseInt64(text);
  }
  // Whether its bytes are `other`.
  bool Equals(std::string_view other) const {
    if (!is_integer) return text == other;
    return base::ParseInt64(other) == integer;
  }
};

// Bytes that are looked for among many elements: parsed once. Holds a view of them.
class Wanted {
 public:
  explicit Wanted(std::string_view text) : text_(text), number_(base::ParseInt64(text)) {}
  // Digits may also stand there as a string, in what somebody else has made.
  bool Matches(const Element& element) const {
    return element.is_integer ? element.integer == number_ : element.text == text_;
  }

 private:
  std::string_view text_;
  std::optional<int64_t> number_;
};

namespace listpack {

constexpr size_t kHeaderSize = 6;
constexpr size_t kEmptySize = kHeaderSize + 1;
constexpr size_t kCountOffset = 4;
constexpr uint16_t kUnknownCount = 0xFFFF;
constexpr uint8_t kTerminator = 0xFF;
// Redis lets no listpack grow beyond this by adding to it.
constexpr size_t kMaxSafeBytes = size_t{1} << 30;

// First bytes of an element.
constexpr uint8_t kString6 = 0x80;
constexpr uint8_t kInt13 = 0xC0;
constexpr uint8_t kString12 = 0xE0;
constexpr uint8_t kString32 = 0xF0;
constexpr uint8_t kInt16 = 0xF1;
constexpr uint8_t kInt24 = 0xF2;
constexpr uint8_t kInt32 = 0xF3;
constexpr uint8_t kInt64 = 0xF4;

// How many bytes the back length of an element of `size` bytes takes. (The limits are Redis's: one
// below what would fit.)
constexpr size_t BackLengthSize(size_t size) {
  if (size <= 127) return 1;
  if (size < 16383) return 2;
  if (size < 2097151) return 3;
  return size < 268435455 ? 4 : 5;
}

// The bytes of an element without its back length. `p` is at its first byte.
inline size_t EncodedSize(const char* p) {
  auto byte = [p](int i) { return static_cast<uint8_t>(p[i]); };
  uint8_t first = byte(0);
  if (first < kString6) return 1;
  if (first < kInt13) return 1 + (first & 0x3FU);
  if (first < kString12) return 2;
  if (first < kString32) return 2 + (((first & 0x0FU) << 8) | byte(1));
  switch (first) {
    case kInt16:
      return 3;
    case kInt24:
      return 4;
    case kInt32:
      return 5;
    case kInt64:
      return 9;
    default: {
      uint32_t length;
      std::memcpy(&length, p + 1, sizeof length);
      return 5 + size_t{length};
    }
  }
}

// Decodes the element at `p`, whose EncodedSize() is `size`.
inline Element Decode(const char* p, size_t size) {
  auto byte = [p](int i) { return static_cast<uint8_t>(p[i]); };
  auto integer = [](int64_t value) { return Element{.integer = value, .is_integer = true}; };
  uint8_t first = byte(0);
  if (first < kString6) return integer(first);
  if (first < kInt13) return {.text = {p + 1, size - 1}};
  if (first < kString12) {
    // Sign-extended from bit 12.
    int32_t value = ((first & 0x1F) << 8) | byte(1);
    return integer((value ^ 0x1000) - 0x1000);
  }
  if (first < kString32) return {.text = {p + 2, size - 2}};
  if (first == kString32) return {.text = {p + 5, size - 5}};
  // Signed, little-endian, of size - 1 bytes.
  int64_t value = 0;
  std::memcpy(&value, p + 1, size - 1);
  int shift = 64 - 8 * static_cast<int>(size - 1);
  return integer(static_cast<int64_t>(static_cast<uint64_t>(value) << shift) >> shift);
}

}  // namespace listpack

class Listpack {
 public:
  // REQUIRES: Validate(bytes), unless they were made by this library.
  explicit Listpack(std::string_view bytes) : bytes_(bytes) {}

  std::string_view bytes() const { return bytes_; }
  // As the header has it: kUnknownCount, or how many elements there are.
  uint16_t stored_count() const {
    uint16_t count;
    std::memcpy(&count, bytes_.data() + listpack::kCountOffset, sizeof count);
    return count;
  }
  // How many elements there are. O(1) below 65535, else O(n).
  size_t Count() const {
    uint16_t stored = stored_count();
    return stored != listpack::kUnknownCount ? stored : CountByWalking();
  }
  bool empty() const { return bytes_.size() == listpack::kEmptySize; }

  // --- Walking ---
  // The first element, or End() if there is none.
  size_t First() const { return listpack::kHeaderSize; }
  // Behind the last element.
  size_t End() const { return bytes_.size() - 1; }
  // The last element, or End() if there is none.
  size_t Last() const { return empty() ? End() : Previous(End()); }
  // REQUIRES: at != End().
  size_t Next(size_t at) const {
    size_t size = listpack::EncodedSize(bytes_.data() + at);
    return at + size + listpack::BackLengthSize(size);
  }
  // REQUIRES: at != First().
  size_t Previous(size_t at) const {
    size_t size = BackLength(at);
    return at - size - listpack::BackLengthSize(size);
  }
  // REQUIRES: at != End().
  Element At(size_t at) const {
    const char* p = bytes_.data() + at;
    return listpack::Decode(p, listpack::EncodedSize(p));
  }
  // The element at `*at`, which moves to the next one. REQUIRES: *at != End().
  Element Read(size_t* at) const {
    const char* p = bytes_.data() + *at;
    size_t size = listpack::EncodedSize(p);
    *at += size + listpack::BackLengthSize(size);
    return listpack::Decode(p, size);
  }

  // The element of an index, from 0, or from the end: -1 is the last. End() if there is none. Walks
  // from the nearer end.
  size_t Seek(int64_t index) const;

  // The first element that has the bytes of `text`, beginning at `from` and looking at every
  // (skip + 1)th; or End().
  size_t Find(std::string_view text, size_t from, size_t skip = 0) const;

  // --- Hostile bytes ---
  // Whether header and terminator fit the bytes: all that Redis looks at unless it sanitizes.
  static bool HasFrame(std::string_view bytes);
  // Whether every function of this class may be called. `accept(Element)` is asked about each
  // element, which is decoded safely by then; false refuses the whole.
  template <typename Accept>
  static bool Validate(std::string_view bytes, Accept&& accept);
  static bool Validate(std::string_view bytes) {
    return Validate(bytes, [](const Element&) { return true; });
  }

 private:
  // Of the element that ends before `at`.
  size_t BackLength(size_t at) const {
    const char* p = bytes_.data() + at - 1;
    auto last = static_cast<uint8_t>(*p);
    return last < 0x80 ? last : LongBackLength(p);
  }
  static size_t LongBackLength(const char* p);
  size_t CountByWalking() const;
  template <typename Matches>
  size_t FindBy(size_t from, size_t skip, const Matches& matches) const;
  // Where the element at `at` ends; 0 if what is there is none, or reaches beyond End().
  static size_t CheckedNext(std::string_view bytes, size_t at);

  std::string_view bytes_;
};

template <typename Accept>
bool Listpack::Validate(std::string_view bytes, Accept&& accept) {
  if (!HasFrame(bytes)) return false;
  Listpack whole(bytes);
  uint64_t count = 0;
  for (size_t at = whole.First(); at != whole.End();) {
    size_t next = CheckedNext(bytes, at);
    if (next == 0 || !accept(whole.At(at))) return false;
    at = next;
    ++count;
  }
  return whole.stored_count() == listpack::kUnknownCount || whole.stored_count() == count;
}

}  // namespace nuthatch::values
