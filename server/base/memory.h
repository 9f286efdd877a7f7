// The process's memory: allocation by size class, and how much is in use.
//
// The figure of the process is jemalloc's own count per thread (bytes ever allocated less bytes
// ever freed): a thread reads its own for nothing and publishes it in a cache line of its own; the
// sum over all threads is UsedMemory(). Builds with NUTHATCH_NO_JEMALLOC (sanitizers) ask the
// sanitizer's allocator or malloc instead. Any thread may call anything here.
//
// Invariants: a thread that ends leaves its balance behind; a published figure is at most
// kPublishStep bytes old once the thread calls PublishMemory() now and then.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "server/base/result.h"

namespace nuthatch::base {

// What an allocation of `size` bytes really takes: jemalloc's size classes (four to a doubling,
// multiples of 16 up to 128). The same in builds without jemalloc, so that accounts agree.
constexpr size_t SizeClass(size_t size) {
  if (size <= 8) return 8;
  if (size <= 128) return (size + 15) & ~size_t{15};
  int lg = 63 - std::countl_zero(static_cast<uint64_t>(size - 1));
  size_t step = size_t{1} << (lg - 2);
  return (size + step - 1) & ~(step - 1);
}

// Memory of SizeClass(size) bytes (size > 0), aligned to 16 if size > 8; aborts when there is none.
void* Allocate(size_t size);
// The same, aligned to a cache line. REQUIRES: `size` is a multiple of 64.
void* AllocateLines(size_t size);
// Gives back what either of them made with the same `size` (or another of its size class).
void Free(void* memory, size_t size);

// The bytes that the whole process has allocated and not freed. Fresh for the calling thread, at
// most as old as their last publication for the others.
uint64_t UsedMemory();

// Publishes the calling thread's balance when it has moved by kPublishStep since the last time;
// RefreshThread() does so in any case. Cheap: two loads, a compare.
constexpr int64_t kPublishStep = 64 * 1024;
void PublishMemory();
void RefreshThread();

// Resident set size of the process in bytes, 0 if unknown.
uint64_t ResidentMemory();

// The allocator's own figures in bytes, all 0 without jemalloc. Takes tens of microseconds.
struct AllocatorStats {
  uint64_t allocated = 0;  // by the application
  uint64_t active = 0;     // in pages that hold allocations
  uint64_t resident = 0;   // in pages that the allocator has mapped and touched
  uint64_t mapped = 0;
  uint64_t retained = 0;
  uint64_t metadata = 0;
};
AllocatorStats ReadAllocatorStats();

// The allocator's name and version, as INFO's mem_allocator shows it ("jemalloc-5.3.0", "libc").
const char* AllocatorName();

// Reads a variable of the allocator (jemalloc's mallctl names), and then sets it if there is a
// `value`; returns what it was. The error is the system's word for it ("Invalid argument" where the
// variable has not the size of the type).
Result<uint64_t> AllocatorNumber(const std::string& name, std::optional<uint64_t> value);
Result<std::string> AllocatorText(const std::string& name, const std::optional<std::string>& value);

// Returns dirty pages to the system now (MEMORY PURGE). May take long.
void PurgeMemory();

// Lets threads of the allocator return dirty pages (jemalloc-bg-thread), so that no shard does it
// in the middle of a turn: that takes milliseconds. Any thread; without effect where there is no
// such allocator.
void SetBackgroundPurge(bool on);

}  // namespace nuthatch::base
