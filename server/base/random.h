// A fast seeded generator of pseudo-random numbers, not for secrets: xoshiro256** 1.0
// (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2018), seeded by
// SplitMix64.
//
// One owner, one thread.
#pragma once

#include <bit>
#include <cstdint>

namespace nuthatch::base {

class Random {
 public:
  explicit Random(uint64_t seed) {
    for (uint64_t& word : state_) {
      seed += 0x9E3779B97F4A7C15U;
      uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
      z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
      word = z ^ (z >> 31);
    }
  }

  uint64_t Next() {
    uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  // Uniform in [0, bound), by multiply and shift: the bias is below bound / 2^64. REQUIRES: bound >
  // 0.
  uint64_t Below(uint64_t bound) {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(Next()) * bound) >> 64);
  }

 private:
  uint64_t state_[4];
};

// Bytes from the operating system, for seeds and identifiers. Aborts if there are none.
void FillWithEntropy(void* out, unsigned long size);
uint64_t EntropySeed();

}  // namespace nuthatch::base
