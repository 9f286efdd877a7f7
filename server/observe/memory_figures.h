// What INFO memory and MEMORY STATS derive from the process's memory and the shards' accounts, with
// Redis's definitions.
//
// Any thread.
#pragma once

#include <cstdint>

#include "server/base/memory.h"
#include "server/observe/figures.h"
#include "server/runtime/node.h"

namespace nuthatch::observe {

// Bytes, unless it is a ratio or a percentage.
struct MemoryFigures {
  uint64_t used = 0;
  uint64_t resident = 0;
  uint64_t peak = 0;
  double peak_percent = 0;
  uint64_t startup = 0;
  uint64_t overhead = 0;  // all that isn't keys and values: startup, tables, connections
  uint64_t dataset = 0;
  double dataset_percent = 0;  // of what isn't startup
  base::AllocatorStats allocator;
  double fragmentation_ratio = 0;  // active pages to allocations
  uint64_t fragmentation_bytes = 0;
  double allocator_rss_ratio = 0;  // resident to active pages of the allocator
  int64_t allocator_rss_bytes = 0;
  double rss_overhead_ratio = 0;  // the process's resident set to the allocator's
  int64_t rss_overhead_bytes = 0;
  double total_ratio = 0;  // the process's resident set to what is used
  int64_t total_bytes = 0;
};

MemoryFigures MeasureMemory(const Figures& figures, const runtime::Node& node);

}  // namespace nuthatch::observe
