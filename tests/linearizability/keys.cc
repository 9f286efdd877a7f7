#include "tests/linearizability/keys.h"

#include <fmt/format.h>

namespace nuthatch::linearizability {

uint16_t SlotOf(std::string_view key) {
  constexpr uint16_t kPolynomial = 0x1021;
  constexpr uint16_t kSlots = 16384;
  uint16_t crc = 0;
  for (unsigned char byte : key) {
    crc ^= static_cast<uint16_t>(byte << 8);
    for (int bit = 0; bit < 8; ++bit) {
      crc = static_cast<uint16_t>((crc << 1) ^ ((crc & 0x8000) != 0 ? kPolynomial : 0));
    }
  }
  return crc % kSlots;
}

std::vector<std::string> MakeKeyNames(std::string_view prefix, size_t count) {
  constexpr unsigned kLargestShardCount = 4;
  std::vector<std::string> names;
  for (unsigned suffix = 0; names.size() < count; ++suffix) {
    std::string name = fmt::format("{}:{}", prefix, suffix);
    if (SlotOf(name) % kLargestShardCount == names.size() % kLargestShardCount) {
      names.push_back(name);
    }
  }
  return names;
}

}  // namespace nuthatch::linearizability
