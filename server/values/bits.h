// Bits of a string: counting, searching, combining, and integers of any width among them.
//
// Pure functions over bytes; any thread. Bit 0 is the highest bit of byte 0, as Redis numbers them.
// A range of bits is [begin, end).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace nuthatch::values {

// --- Counting and searching ---

// How many bits are set.
uint64_t CountBits(std::string_view bytes);
// The same for a range. REQUIRES: begin <= end <= 8 * bytes.size().
uint64_t CountBits(std::string_view bytes, uint64_t begin, uint64_t end);

// The first bit in the range that is `bit`; nullopt if there is none. REQUIRES: as for CountBits.
std::optional<uint64_t> FindBit(std::string_view bytes, bool bit, uint64_t begin, uint64_t end);

// --- Single bits ---

// Bits behind the end are 0.
bool GetBit(std::string_view bytes, uint64_t offset);
// REQUIRES: offset lies within the bytes.
void SetBit(char* bytes, uint64_t offset, bool bit);

// --- Combining ---

enum class BitOperation : uint8_t { kAnd, kOr, kXor };

// out[i] becomes out[i] op in[i], for `in.size()` bytes. They may be the same bytes, but must not
// overlap otherwise.
void CombineBits(BitOperation operation, char* out, std::string_view in);
// out[i] becomes the complement of out[i].
void InvertBits(char* out, size_t size);

// --- Bit fields: integers of `bits` bits that begin at any bit, the highest bit first ---

struct BitFieldType {
  bool is_signed = false;
  int bits = 0;  // 1 to 64, unsigned ones to 63
};

// "i16", "u8", ...; as for Redis, a zero byte ends the text.
std::optional<BitFieldType> ParseBitFieldType(std::string_view text);

// What happens to a number that doesn't fit.
enum class Overflow : uint8_t { kWrap, kSaturate, kFail };

// What stands at `offset`; bits behind the end are 0. REQUIRES: offset + bits does not overflow.
int64_t GetBitField(std::string_view bytes, BitFieldType type, uint64_t offset);
// REQUIRES: the field lies within `size` bytes. Only the lowest bits of `value` count.
void SetBitField(char* bytes, size_t size, BitFieldType type, uint64_t offset, int64_t value);

// `value` as the field would keep it (BITFIELD SET); nullopt if it doesn't fit and must.
std::optional<int64_t> FitBitField(BitFieldType type, int64_t value, Overflow overflow);
// `value`, which the field holds, and `increment` added; nullopt if the sum doesn't fit and must.
std::optional<int64_t> AddToBitField(BitFieldType type, int64_t value, int64_t increment,
                                     Overflow overflow);

}  // namespace nuthatch::values
