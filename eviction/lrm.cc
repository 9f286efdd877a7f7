// lrm: the least recently modified of a sample goes (lru.h; Redis 8.6 has it).
//
// As lru, but only writes stamp a key: for data that goes stale, where a read should not prolong
// what no writer cares for any more. OBJECT IDLETIME is the time since the last write then.
#include <memory>

#include "eviction/lru.h"

namespace nuthatch::eviction {

std::unique_ptr<Policy> MakeLrm(const Parameters& parameters) {
  return std::make_unique<LruPolicy>(parameters, static_cast<uint8_t>(AccessKind::kWrite));
}

}  // namespace nuthatch::eviction
