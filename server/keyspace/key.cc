#include "server/keyspace/key.h"

#include "server/base/random.h"

namespace nuthatch::keyspace {

namespace internal {
uint64_t g_hash_seed = base::EntropySeed();
}  // namespace internal

void SetHashSeedForTest(uint64_t seed) { internal::g_hash_seed = seed; }

}  // namespace nuthatch::keyspace
