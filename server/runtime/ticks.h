// Ticks: the cheapest steady counter of the machine (the time stamp counter where the kernel trusts
// it, CLOCK_MONOTONIC elsewhere), for measuring every command. Any thread.
#pragma once

#include <cstdint>

#include "server/base/clock.h"

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace nuthatch::runtime {

class Ticks {
 public:
  // Decides for a source and measures its rate, in about 2 ms. Once, before any thread is started.
  static void Calibrate();

  static uint64_t Now() {
#if defined(__x86_64__)
    if (use_tsc_) return __rdtsc();
#endif
    return static_cast<uint64_t>(base::MonotonicNs());
  }
  static uint64_t ToNs(uint64_t ticks) {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(ticks) * ns_per_tick_32_) >> 32);
  }
  static uint64_t FromNs(uint64_t ns) {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(ns) << 32) / ns_per_tick_32_);
  }

 private:
  static inline bool use_tsc_ = false;
  static inline uint64_t ns_per_tick_32_ = 1ull << 32;  // fixed point, 32 bits of fraction
};

}  // namespace nuthatch::runtime
