#include "server/base/secret_hash.h"

#include "server/base/random.h"

namespace nuthatch::base {

namespace internal {
const uint64_t g_hash_seed = EntropySeed();
}  // namespace internal

}  // namespace nuthatch::base
