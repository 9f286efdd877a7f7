// CRC16 (CCITT polynomial 0x1021, initial value 0, "XMODEM") and the hash slot of a key.
//
// Pure functions, any thread. Eight bytes a step by slicing: a 16-byte key costs a few nanoseconds.
#pragma once

#include <cstdint>
#include <string_view>

namespace nuthatch::base {

constexpr int kHashSlots = 16384;

uint16_t Crc16(std::string_view bytes);

// The part of a key that decides its slot: what stands between the first '{' and the first '}'
// behind it, if that is not empty; else the whole key.
std::string_view HashTag(std::string_view key);

// The hash slot of a key: CRC16 of its hash tag modulo kHashSlots.
inline uint16_t HashSlot(std::string_view key) {
  return static_cast<uint16_t>(Crc16(HashTag(key)) & (kHashSlots - 1));
}

}  // namespace nuthatch::base
