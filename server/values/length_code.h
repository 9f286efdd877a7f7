// How the blocks of large hashes and sets say lengths: one byte up to 251, or a byte that says how
// many follow, little-endian.
//
// Pure functions over memory that is ours; nothing here is read from outside.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace nuthatch::values {

class LengthCode {
 public:
  static_assert(std::endian::native == std::endian::little);
  // A first byte that is none of a length's: free for whoever uses it.
  static constexpr uint8_t kOther = 0xFF;

  // How many bytes the length takes.
  static constexpr size_t SizeOf(uint64_t length) {
    if (length <= kMaxByte) return 1;
    return 1 + (length <= UINT16_MAX ? 2 : length <= UINT32_MAX ? 4 : 8);
  }
  // Writes it; returns what lies behind.
  static char* Write(char* out, uint64_t length) {
    size_t size = SizeOf(length);
    auto first = static_cast<uint8_t>(length);
    if (size > 1) {
      first = size == 3 ? kTwoBytes : size == 5 ? kFourBytes : kEightBytes;
      std::memcpy(out + 1, &length, size - 1);
    }
    *out = static_cast<char>(first);
    return out + size;
  }
  // Reads it; returns what lies behind. REQUIRES: the first byte is not kOther.
  static const char* Read(const char* in, uint64_t& length) {
    auto first = static_cast<uint8_t>(*in);
    if (first <= kMaxByte) [[likely]] {
      length = first;
      return in + 1;
    }
    size_t width = first == kTwoBytes ? 2 : first == kFourBytes ? 4 : 8;
    length = 0;
    std::memcpy(&length, in + 1, width);
    return in + 1 + width;
  }

  // How many bytes the code (or the kOther) at `in` takes.
  static size_t SizeAt(const char* in) {
    auto first = static_cast<uint8_t>(*in);
    if (first <= kMaxByte || first == kOther) [[likely]]
      return 1;
    return first == kTwoBytes ? 3 : first == kFourBytes ? 5 : 9;
  }

 private:
  static constexpr uint8_t kMaxByte = 251;
  static constexpr uint8_t kTwoBytes = 252;
  static constexpr uint8_t kFourBytes = 253;
  static constexpr uint8_t kEightBytes = 254;
};

}  // namespace nuthatch::values
