#include "server/observe/memory_figures.h"

#include "server/observe/process.h"

namespace nuthatch::observe {

MemoryFigures MeasureMemory(const Figures& figures, const runtime::Node& node) {
  MemoryFigures memory;
  memory.used = base::UsedMemory();
  memory.resident = base::ResidentMemory();
  memory.peak = PeakMemory(node, memory.used);
  memory.peak_percent = 100 * Ratio(memory.used, memory.peak);
  memory.startup = StartupMemory();
  memory.overhead = memory.startup + figures.table_bytes + figures.client_memory;
  memory.dataset = memory.used > memory.overhead ? memory.used - memory.overhead : 0;
  if (memory.used > memory.startup) {
    memory.dataset_percent = 100 * Ratio(memory.dataset, memory.used - memory.startup);
  }
  const base::AllocatorStats allocator = memory.allocator = base::ReadAllocatorStats();
  memory.fragmentation_ratio = Ratio(allocator.active, allocator.allocated);
  memory.fragmentation_bytes = allocator.active - allocator.allocated;
  memory.allocator_rss_ratio = Ratio(allocator.resident, allocator.active);
  memory.allocator_rss_bytes = static_cast<int64_t>(allocator.resident - allocator.active);
  memory.rss_overhead_ratio = Ratio(memory.resident, allocator.resident);
  memory.rss_overhead_bytes = static_cast<int64_t>(memory.resident - allocator.resident);
  memory.total_ratio = Ratio(memory.resident, memory.used);
  memory.total_bytes = static_cast<int64_t>(memory.resident - memory.used);
  return memory;
}

}  // namespace nuthatch::observe
