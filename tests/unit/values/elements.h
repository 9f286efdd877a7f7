// For the tests of large hashes and sets: names and values of all sorts of lengths, made of
// numbers, and a chi-square.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/base/memory.h"

namespace nuthatch::values {

// The same text for the same numbers: mostly short, some empty, some of hundreds of bytes, and with
// `longest` a few of up to that many.
inline std::string TextOf(uint64_t number, uint64_t version, size_t longest = 700) {
  uint64_t mixed = (number * 0x9E3779B97F4A7C15U) ^ (version * 0xBF58476D1CE4E5B9U);
  mixed ^= mixed >> 31;
  mixed *= 0x94D049BB133111EBU;
  mixed ^= mixed >> 29;
  size_t length = mixed % 48;
  if (mixed % 7 == 0) length = (mixed >> 8) % 300;
  if (mixed % 61 == 0) length = (mixed >> 8) % longest;
  std::string text(length, static_cast<char>('a' + mixed % 26));
  for (size_t i = 0; i < length; ++i)
    text[i] = static_cast<char>(text[i] + (mixed >> (i % 57)) % 5);
  return text;
}

// A name of at least 8 bytes that no other number has.
inline std::string NameOf(uint64_t number, size_t longest = 700) {
  return std::to_string(number + 10'000'000) + TextOf(number, 0, longest);
}

inline double ChiSquare(const std::vector<int>& hits, double expected) {
  double chi = 0;
  for (int h : hits) chi += (h - expected) * (h - expected) / expected;
  return chi;
}

// Whether UsedMemory() counts by size class.
constexpr bool kCountsExactly =
#ifdef NUTHATCH_NO_JEMALLOC
    false;
#else
    true;
#endif

}  // namespace nuthatch::values
