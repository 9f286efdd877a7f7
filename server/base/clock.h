// Time. Wall time is CLOCK_MONOTONIC plus an offset, so that it never falls while the process runs
// unless the runtime replaces the offset; a key's deadline and a command's time are milliseconds of
// wall time.
#pragma once

#include <cstdint>
#include <ctime>

namespace nuthatch::base {

inline int64_t ClockNanoseconds(clockid_t id) {
  timespec t;
  clock_gettime(id, &t);
  return static_cast<int64_t>(t.tv_sec) * 1'000'000'000 + t.tv_nsec;
}

// Nanoseconds of the steady clock; only differences mean something.
inline int64_t MonotonicNs() { return ClockNanoseconds(CLOCK_MONOTONIC); }

// Microseconds since the Unix epoch, as the machine's clock says now.
inline int64_t WallUs() { return ClockNanoseconds(CLOCK_REALTIME) / 1000; }

// Nanoseconds of CPU that the calling thread has spent.
inline int64_t ThreadCpuNs() { return ClockNanoseconds(CLOCK_THREAD_CPUTIME_ID); }

}  // namespace nuthatch::base
