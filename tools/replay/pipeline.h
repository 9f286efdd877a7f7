// How many requests of a trace may be under way at once.
//
// Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "eviction/trace.h"

namespace nuthatch::replay {

struct PipelineLimits {
  size_t depth = 32;            // requests
  uint64_t bytes = 16U << 20U;  // of their values: a first request may have more
  uint32_t default_size = 2000;
};

// The size of the value that a request stands for.
inline uint32_t ValueSize(const eviction::TraceRecord& record, uint32_t default_size) {
  return record.size == 0 ? default_size : record.size;
}

// The end of the pipeline that begins at `first`: it has one request at least, and ends where a key
// would come twice. For the second request of a key depends on the SET that a miss of the first
// one is followed by. REQUIRES: first < trace.size().
size_t PipelineEnd(const eviction::Trace& trace, size_t first, const PipelineLimits& limits);

// How long to wait before request number `done` is sent, so that there are `pace` a second, where
// `elapsed_ns` have gone since request 0; 0 if it is late.
int64_t PaceDelayNs(uint64_t done, uint64_t pace, int64_t elapsed_ns);

}  // namespace nuthatch::replay
