// Damaged requests: short pipelines whose bytes are flipped, cut, doubled and mixed with bits of
// protocol, each on a connection of its own. Both servers must answer the same bytes and close.
//
// Zero bytes are left out: Redis looks for line ends with C strings, and waits where it should
// refuse.
#pragma once

#include <cstdint>

#include "server/base/result.h"
#include "tests/oracle/duel.h"

namespace nuthatch::oracle {

struct GarbageResult {
  size_t cases = 0;
  size_t differences = 0;
};

// Runs `count` cases, prints and shrinks what differs; stops after `max_differences`.
base::Result<GarbageResult> RunGarbage(Duel* duel, uint64_t seed, size_t count,
                                       size_t max_differences);

}  // namespace nuthatch::oracle
