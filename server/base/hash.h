// A hash of bytes for tables inside of this process: XXH3 with a secret random seed, so that nobody
// outside can make elements collide.
//
// Any thread. The seed is the same from the start of the process to its end.
#pragma once

#include <cstdint>
#include <string_view>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace nuthatch::base {

namespace internal {
extern uint64_t g_hash_seed;
}  // namespace internal

inline uint64_t HashBytes(std::string_view bytes) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), internal::g_hash_seed);
}

// For tests that need the same hashes in each run. REQUIRES: nothing is kept by its hash.
void SetHashBytesSeedForTest(uint64_t seed);

}  // namespace nuthatch::base
