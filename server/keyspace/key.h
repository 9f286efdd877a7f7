// Key: a key's name with what is computed from it once a command and then carried along: the hash
// and the slot.
//
// A view; it owns nothing and lives as long as the name it was made of. The hash is XXH3 with a
// secret random seed, so that nobody outside can make keys collide. Any thread.
#pragma once

#include <cstdint>
#include <string_view>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "server/base/crc16.h"

namespace nuthatch::keyspace {

namespace internal {
// Random from the start of the process on; constant once the first key was hashed.
extern uint64_t g_hash_seed;
}  // namespace internal

inline uint64_t HashName(std::string_view name) {
  return XXH3_64bits_withSeed(name.data(), name.size(), internal::g_hash_seed);
}

// For tests that need the same hashes in each run. REQUIRES: no keyspace holds keys.
void SetHashSeedForTest(uint64_t seed);

struct Key {
  std::string_view name;
  uint64_t hash;
  uint16_t slot;

  static Key Of(std::string_view name) { return {name, HashName(name), base::HashSlot(name)}; }
};

}  // namespace nuthatch::keyspace
