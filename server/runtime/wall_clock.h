// WallClock: the node's wall time: CLOCK_MONOTONIC plus an offset, so that it never falls, unless
// the machine's clock is stepped: then Node replaces the offset in a rendezvous of all shards
// (DESIGN section 3, *Time*).
//
// Any thread may read it.
#pragma once

#include <atomic>
#include <cstdint>

#include "server/base/clock.h"

namespace nuthatch::runtime {

class WallClock {
 public:
  WallClock() { Adopt(); }

  int64_t NowNs() const { return base::MonotonicNs() + offset_ns_.load(std::memory_order_relaxed); }
  int64_t NowMs() const { return NowNs() / 1'000'000; }

  // How far the machine's clock has moved away, in nanoseconds: positive if it is ahead.
  int64_t DriftNs() const { return base::WallUs() * 1000 - NowNs(); }
  // Takes the machine's clock as it is now. REQUIRES: no shard runs, or all are held.
  void Adopt() {
    offset_ns_.store(base::WallUs() * 1000 - base::MonotonicNs(), std::memory_order_relaxed);
  }

 private:
  std::atomic<int64_t> offset_ns_{0};
};

}  // namespace nuthatch::runtime
