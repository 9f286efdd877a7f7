#include "server/observe/memory_doctor.h"

#include <fmt/format.h>

#include "server/observe/process.h"

#ifndef NUTHATCH_NO_JEMALLOC
#include <jemalloc/jemalloc.h>
#endif

namespace nuthatch::observe {
namespace {

// Below this nothing can be said: ratios of small figures mean little.
constexpr uint64_t kTooSmall = uint64_t{5} << 20;
constexpr uint64_t kNoteworthyBytes = uint64_t{10} << 20;
constexpr double kHighPeak = 1.5;
constexpr double kHighFragmentation = 1.4;
constexpr double kHighAllocatorRss = 1.1;
constexpr double kHighOverhead = 1.1;
constexpr uint64_t kHighClientMemory = uint64_t{200} << 10;

}  // namespace

std::string DiagnoseMemory(const Figures& figures, const MemoryFigures& memory) {
  if (memory.used < kTooSmall) {
    return "There is too little data in this server to say anything about its memory. Ask again "
           "when it is filled.\n";
  }
  std::string text;
  if (Ratio(memory.peak, memory.used) > kHighPeak) {
    text += fmt::format(
        " * Peak: the server once used {}, now {}. What was given back to the allocator may still "
        "be resident; MEMORY PURGE returns it to the system.\n",
        HumanSize(memory.peak), HumanSize(memory.used));
  }
  if (memory.fragmentation_ratio > kHighFragmentation &&
      memory.fragmentation_bytes > kNoteworthyBytes) {
    text += fmt::format(
        " * Fragmentation: pages in use are {:.2f} times what is allocated in them. Values of "
        "changing sizes leave gaps; a restart removes them.\n",
        memory.fragmentation_ratio);
  }
  if (memory.allocator_rss_ratio > kHighAllocatorRss &&
      memory.allocator_rss_bytes > static_cast<int64_t>(kNoteworthyBytes)) {
    text += fmt::format(
        " * Allocator: it holds {:.2f} times the pages that it needs. MEMORY PURGE returns them to "
        "the system.\n",
        memory.allocator_rss_ratio);
  }
  if (memory.rss_overhead_ratio > kHighOverhead &&
      memory.rss_overhead_bytes > static_cast<int64_t>(kNoteworthyBytes)) {
    text += fmt::format(
        " * Process: its resident set is {:.2f} times the allocator's. Something besides data "
        "takes memory, such as stacks or mapped files.\n",
        memory.rss_overhead_ratio);
  }
  if (figures.clients > 0 && figures.client_memory / figures.clients > kHighClientMemory) {
    text += fmt::format(
        " * Connections: they take {} each on average. Clients that send or read slowly fill "
        "their buffers; CLIENT LIST shows which.\n",
        HumanSize(figures.client_memory / figures.clients));
  }
  if (text.empty()) return "Nothing looks wrong with the memory of this server.\n";
  return "This looks wrong with the memory of this server:\n\n" + text;
}

std::string AllocatorReport() {
  std::string report;
#ifndef NUTHATCH_NO_JEMALLOC
  malloc_stats_print(
      [](void* to, const char* text) { static_cast<std::string*>(to)->append(text); }, &report,
      nullptr);
#endif
  return report;
}

}  // namespace nuthatch::observe
