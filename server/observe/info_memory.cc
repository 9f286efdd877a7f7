#include <algorithm>

#include <fmt/format.h>

#include "server/observe/info.h"
#include "server/observe/memory_figures.h"
#include "server/observe/process.h"

namespace nuthatch::observe {
namespace {

// A field with its twin for people.
std::string Twice(std::string_view name, uint64_t bytes) {
  return fmt::format("{}:{}\r\n{}_human:{}\r\n", name, bytes, name, HumanSize(bytes));
}

std::string UsedFields(const MemoryFigures& memory) {
  return Twice("used_memory", memory.used) + Twice("used_memory_rss", memory.resident) +
         Twice("used_memory_peak", memory.peak) +
         fmt::format(
             "used_memory_peak_perc:{:.2f}%\r\n"
             "used_memory_overhead:{}\r\n"
             "used_memory_startup:{}\r\n"
             "used_memory_dataset:{}\r\n"
             "used_memory_dataset_perc:{:.2f}%\r\n"
             "allocator_allocated:{}\r\n"
             "allocator_active:{}\r\n"
             "allocator_resident:{}\r\n",
             memory.peak_percent, memory.overhead, memory.startup, memory.dataset,
             memory.dataset_percent, memory.allocator.allocated, memory.allocator.active,
             memory.allocator.resident) +
         Twice("total_system_memory", SystemMemory());
}

constexpr std::string_view kScriptFields =
    "used_memory_lua:0\r\n"
    "used_memory_vm_eval:0\r\n"
    "used_memory_lua_human:0B\r\n"
    "used_memory_scripts_eval:0\r\n"
    "number_of_cached_scripts:0\r\n"
    "number_of_functions:0\r\n"
    "number_of_libraries:0\r\n"
    "used_memory_vm_functions:0\r\n"
    "used_memory_vm_total:0\r\n"
    "used_memory_vm_total_human:0B\r\n"
    "used_memory_functions:0\r\n"
    "used_memory_scripts:0\r\n"
    "used_memory_scripts_human:0B\r\n";

std::string FragmentationFields(const MemoryFigures& memory) {
  return fmt::format(
      "allocator_frag_ratio:{:.2f}\r\n"
      "allocator_frag_bytes:{}\r\n"
      "allocator_rss_ratio:{:.2f}\r\n"
      "allocator_rss_bytes:{}\r\n"
      "rss_overhead_ratio:{:.2f}\r\n"
      "rss_overhead_bytes:{}\r\n"
      "mem_fragmentation_ratio:{:.2f}\r\n"
      "mem_fragmentation_bytes:{}\r\n",
      memory.fragmentation_ratio, memory.fragmentation_bytes, memory.allocator_rss_ratio,
      memory.allocator_rss_bytes, memory.rss_overhead_ratio, memory.rss_overhead_bytes,
      memory.total_ratio, memory.total_bytes);
}

}  // namespace

std::string MemorySection(const InfoSource& source) {
  MemoryFigures memory = MeasureMemory(source.figures, source.node);
  return "# Memory\r\n" + UsedFields(memory) + std::string(kScriptFields) +
         Twice("maxmemory", source.config.maxmemory) +
         fmt::format("maxmemory_policy:{}\r\n", source.config.maxmemory_policy_name) +
         FragmentationFields(memory) +
         fmt::format(
             "mem_not_counted_for_evict:{}\r\n"
             "mem_replication_backlog:0\r\n"
             "mem_total_replication_buffers:0\r\n"
             "mem_clients_slaves:0\r\n"
             "mem_clients_normal:{}\r\n"
             "mem_cluster_links:0\r\n"
             "mem_aof_buffer:0\r\n"
             "mem_allocator:{}\r\n"
             "active_defrag_running:0\r\n"
             "lazyfree_pending_objects:{}\r\n"
             "lazyfreed_objects:0\r\n",
             source.figures.pending_bytes, source.figures.client_memory, base::AllocatorName(),
             source.figures.pending_bytes > 0 ? 1 : 0);
}

}  // namespace nuthatch::observe
