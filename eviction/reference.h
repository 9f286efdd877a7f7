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
// S3-FIFO (Yang et al., SOSP 2023): a small queue and a main one, both first in, first out; what
// was used `promote_at` times or more in the small one moves to the main one, and in the main one
// uses (up to 3) buy another round each; who is remembered as a ghost of the small one comes back
// into the main one.
struct S3FifoShape {
  double small_share = 0.1;
  double ghost_share = 0.9;
  uint32_t promote_at = 2;
};
SimulationResult SimulateExactS3Fifo(const Trace& trace, uint64_t keys,
                                     const S3FifoShape& shape = {});
// SIEVE (Zhang et al., NSDI 2024): a hand goes over the keys from the oldest to the newest, spares
// what was used since it came by, and takes the others; nobody is moved.
SimulationResult SimulateExactSieve(const Trace& trace, uint64_t keys);
// Full 2Q (Johnson and Shasha, VLDB 1994): Kin a quarter, Kout half of the keys.
SimulationResult SimulateExactTwoQ(const Trace& trace, uint64_t keys);
// ARC (Megiddo and Modha, FAST 2003).
SimulationResult SimulateExactArc(const Trace& trace, uint64_t keys);
// The one that is used again the latest goes (Belady's optimum: needs the future).
SimulationResult SimulateBelady(const Trace& trace, uint64_t keys);

}  // namespace nuthatch::eviction
