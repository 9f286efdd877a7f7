#include "server/base/random.h"

#include <sys/random.h>

#include "server/base/check.h"

namespace nuthatch::base {

void FillWithEntropy(void* out, unsigned long size) {
  char* bytes = static_cast<char*>(out);
  while (size > 0) {
    ssize_t got = getrandom(bytes, size, 0);
    CHECK(got > 0);
    bytes += got;
    size -= static_cast<unsigned long>(got);
  }
}

uint64_t EntropySeed() {
  uint64_t seed = 0;
  FillWithEntropy(&seed, sizeof seed);
  return seed;
}

}  // namespace nuthatch::base
