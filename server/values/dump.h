// The encoding of values that DUMP payloads and RDB files share, and the frame of a DUMP payload:
// one byte of type, the value, the RDB version (two bytes) and a CRC-64, both little-endian.
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
enum class RdbType : uint8_t { kString = 0 };

// --- Primitives ---

// A length in Redis's form of 1, 2, 5 or 9 bytes.
void AppendRdbLength(uint64_t length, base::Buffer& out);

// A string in its shortest form: a canonical decimal number of at most 32 bits as 1, 2 or 4 bytes;
// with `compress`, a string above 20 bytes LZF-compressed where that saves at least 4 bytes.
void AppendRdbString(std::string_view text, bool compress, base::Buffer& out);

// Walks through encoded bytes.
class RdbReader {
 public:
  explicit RdbReader(std::string_view bytes) : rest_(bytes) {}

  std::optional<uint8_t> Byte();
  // A plain length; nullopt where the bytes end or hold something else.
  std::optional<uint64_t> Length();
  // A string of at most `max_length` bytes in any of its forms. The view lies in the encoded bytes,
  // or in `scratch` where the string had to be made.
  std::optional<std::string_view> String(uint64_t max_length, base::Buffer& scratch);
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

// --- DUMP payloads ---

// The payload of a string.
void DumpString(std::string_view text, bool compress, base::Buffer& out);

// Whether the payload has a footer, of a version that is known, with the right checksum (which is
// not looked at without `check_sum`).
//
// Type and value stand at its beginning. Redis lets the value of a forged payload reach into the
// footer; so whoever reads it reads the payload as a whole.
bool IsDump(std::string_view payload, bool check_sum = true);

}  // namespace nuthatch::values
