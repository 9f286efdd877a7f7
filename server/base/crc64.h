// CRC-64 as RDB files and DUMP payloads carry it: the Jones polynomial 0xad93d23594c935a9, bits
// reflected, initial value and final XOR zero. Any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace nuthatch::base {

// The checksum of what `crc` covers followed by `bytes`; begin with 0.
uint64_t Crc64(uint64_t crc, std::string_view bytes);

}  // namespace nuthatch::base
