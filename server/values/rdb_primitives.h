// The primitives of the encoding of values that DUMP payloads and RDB files share: lengths,
// strings, doubles. value_writer.h and value_reader.h make values of them.
//
// Pure functions; any thread. What is read may be hostile: a reader never trusts a length further
// than the bytes that are there, and allocates no more than it was told that a string may have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "server/base/buffer.h"

namespace nuthatch::values {

// The version that Redis 7.0 writes, and the largest that it reads.
constexpr uint16_t kRdbVersion = 10;

// The types of values, as the byte before them says.
enum class RdbType : uint8_t {
  kString = 0,
  kList = 1,
  kSet = 2,
  kSortedSet = 3,  // scores as text
  kHash = 4,
  kSortedSet2 = 5,
  kModulePreGa = 6,
  kModule2 = 7,
  kHashZipmap = 9,
  kListZiplist = 10,
  kSetIntset = 11,
  kSortedSetZiplist = 12,
  kHashZiplist = 13,
  kListQuicklist = 14,  // of ziplists
  kStreamListpacks = 15,
  kHashListpack = 16,
  kSortedSetListpack = 17,
  kListQuicklist2 = 18,
  kStreamListpacks2 = 19,
};

// What a node of a list is, in kListQuicklist2.
enum class RdbNode : uint8_t { kPlain = 1, kPacked = 2 };

// A length in Redis's form of 1, 2, 5 or 9 bytes.
void AppendRdbLength(uint64_t length, base::Buffer& out);

// A string in its shortest form: a canonical decimal number of at most 32 bits as 1, 2 or 4 bytes;
// with `compress`, a string above 20 bytes LZF-compressed where that saves at least 4 bytes.
void AppendRdbString(std::string_view text, bool compress, base::Buffer& out);

// A double in its eight bytes.
void AppendRdbDouble(double value, base::Buffer& out);

// Walks through encoded bytes.
class RdbReader {
 public:
  explicit RdbReader(std::string_view bytes) : rest_(bytes) {}

  std::optional<uint8_t> Byte();
  // A length; nullopt where the bytes end or hold nothing of the kind. (A header of the special
  // forms of strings counts as its lower six bits, as in Redis.)
  std::optional<uint64_t> Length();
  // A string of at most `max_length` bytes in any of its forms. The view lies in the encoded bytes,
  // or in `scratch` where the string had to be made.
  std::optional<std::string_view> String(uint64_t max_length, base::Buffer& scratch);
  // Any double, NaN too.
  std::optional<double> Double();
  // The same in the form of old files: a byte of length, then its text.
  std::optional<double> TextDouble();
  std::string_view rest() const { return rest_; }

 private:
  struct Header {
    bool special = false;  // `value` is the kind of a specially encoded string
    uint64_t value = 0;
  };
  std::optional<Header> ReadHeader();
  std::optional<std::string_view> Take(uint64_t count);
  std::optional<std::string_view> Integer(size_t width, base::Buffer& scratch);
  std::optional<std::string_view> Compressed(uint64_t max_length, base::Buffer& scratch);

  std::string_view rest_;
};

}  // namespace nuthatch::values
