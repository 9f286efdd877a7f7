// lru: the least recently used of a sample goes (lru.h).
#include "eviction/lru.h"

#include <memory>

namespace nuthatch::eviction {

std::unique_ptr<Policy> MakeLru(const Parameters& parameters) {
  return std::make_unique<LruPolicy>(parameters, kAnyAccess);
}

}  // namespace nuthatch::eviction
