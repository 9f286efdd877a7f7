// Exact forms of what the policies approximate, as yardsticks for tests and benches: by object
// count, with ordinary containers, as slow as they are. The server does not use them.
#pragma once

#include <cstdint>

#include "eviction/simulate.h"
#include "eviction/trace.h"

namespace nuthatch::eviction {

// Each runs the whole trace through a cache of `keys` keys: GET, and SET on a miss.
// First in, first out.
SimulationResult SimulateExactFifo(const Trace& trace, uint64_t keys);
// The least recently used goes.
SimulationResult SimulateExactLru(const Trace& trace, uint64_t keys);
// The least often used since it came in goes; of equals, the least recently used.
SimulationResult SimulateExactLfu(const Trace& trace, uint64_t keys);
// The one that is used again the latest goes (Belady's optimum: needs the future).
SimulationResult SimulateBelady(const Trace& trace, uint64_t keys);

}  // namespace nuthatch::eviction
