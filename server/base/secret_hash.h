// The hash of names, fields and members: XXH3 with a secret random seed, so that nobody outside can
// make them collide. The same in all tables of the process: a member hashed once is looked up in
// many sets.
//
// Any thread.
#pragma once

#include <cstdint>
#include <string_view>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace nuthatch::base {

namespace internal {
// Random, and the same from the start of the process to its end.
extern const uint64_t g_hash_seed;
}  // namespace internal

inline uint64_t SecretHash(std::string_view bytes) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), internal::g_hash_seed);
}

}  // namespace nuthatch::base
