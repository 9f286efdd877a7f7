// Slicing: T[k][b] is the CRC of byte b with k zero bytes behind it. The CRC is linear, so the CRC
// of eight bytes is the sum of eight table entries that don't depend on each other, where a byte a
// step would be a chain of eight dependent loads.
#include "server/base/crc16.h"

#include <array>
#include <cstddef>
#include <cstring>

namespace nuthatch::base {
namespace {

constexpr int kSlices = 8;
using Tables = std::array<std::array<uint16_t, 256>, kSlices>;

constexpr Tables MakeTables() {
  Tables tables{};
  for (int byte = 0; byte < 256; ++byte) {
    unsigned crc = static_cast<unsigned>(byte) << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
    tables[0][byte] = static_cast<uint16_t>(crc);
  }
  for (int slice = 1; slice < kSlices; ++slice) {
    for (int byte = 0; byte < 256; ++byte) {
      uint16_t previous = tables[slice - 1][byte];
      tables[slice][byte] =
          static_cast<uint16_t>((previous << 8) ^ tables[0][(previous >> 8) & 0xFF]);
    }
  }
  return tables;
}

constexpr Tables kTables = MakeTables();

}  // namespace

uint16_t Crc16(std::string_view bytes) {
  const auto* p = reinterpret_cast<const unsigned char*>(bytes.data());
  size_t left = bytes.size();
  unsigned crc = 0;
  for (; left >= kSlices; left -= kSlices, p += kSlices) {
    crc = kTables[7][p[0] ^ (crc >> 8)] ^ kTables[6][p[1] ^ (crc & 0xFF)] ^ kTables[5][p[2]] ^
          kTables[4][p[3]] ^ kTables[3][p[4]] ^ kTables[2][p[5]] ^ kTables[1][p[6]] ^
          kTables[0][p[7]];
  }
  for (; left > 0; --left, ++p) crc = ((crc << 8) & 0xFFFF) ^ kTables[0][(crc >> 8) ^ *p];
  return static_cast<uint16_t>(crc);
}

std::string_view HashTag(std::string_view key) {
  if (key.empty()) return key;
  const auto* open = static_cast<const char*>(std::memchr(key.data(), '{', key.size()));
  if (open == nullptr) return key;
  size_t begin = static_cast<size_t>(open - key.data()) + 1;
  size_t close = key.find('}', begin);
  if (close == std::string_view::npos || close == begin) return key;
  return key.substr(begin, close - begin);
}

}  // namespace nuthatch::base
