#include "server/base/hash.h"

#include "server/base/random.h"

namespace nuthatch::base {

namespace internal {
uint64_t g_hash_seed = EntropySeed();
}  // namespace internal

void SetHashBytesSeedForTest(uint64_t seed) { internal::g_hash_seed = seed; }

}  // namespace nuthatch::base
