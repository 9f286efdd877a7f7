#include "server/base/memory_regions.h"

#ifndef NUTHATCH_NO_JEMALLOC
#include <algorithm>
#include <mutex>
#include <string>
#include <utility>

#include <jemalloc/jemalloc.h>
#include <unistd.h>

#include "server/base/check.h"
#include "server/base/region_supply.h"
#endif

namespace nuthatch::base {

#ifdef NUTHATCH_NO_JEMALLOC

ThreadArena::ThreadArena() = default;
ThreadArena::~ThreadArena() = default;
void KeepRegionsReady(bool) {}

#else

namespace {

// The address space that an arena asks the system for at a time, in bytes; jemalloc's own steps
// grow with the heap. It leaves free slabs (of small blocks) alone until it gives them back, or
// until a large block beside them is freed: then it joins all neighbours under the arena's lock,
// and only the borders of such regions stop it. After a value of 10,000,000 small elements was
// freed, that took up to 45 ms (thousands of slabs of 4 KB); in a region of this size there are 512
// at most.
constexpr size_t kRegionBytes = 2 * 1024 * 1024;
// So many are touched ahead of need: 8 MB at any time, 32 MB for who grows fast.
constexpr size_t kLeastReady = 4;
constexpr size_t kMostReady = 16;

// jemalloc's own records stand in blocks of this alignment, 2 MB at least. They come through the
// hook of an arena that was created with it, but not of one that exists already.
constexpr size_t kRecordsAlignment = 2 * 1024 * 1024;
// What a region needs of them at most: 128 bytes for each slab of a page; twice that is touched of
// a new block, so that they stay ahead.
constexpr size_t kRecordsOfRegion = 64 * 1024;

// The newest block of records of an arena, as far as it has not been touched.
struct Records {
  char* untouched = nullptr;
  size_t bytes = 0;
};

// Process-wide, for the allocator is. Who uses the supply or the records, or replaces it, holds the
// mutex.
std::mutex g_supply_mutex;
RegionSupply* g_supply = nullptr;
Records g_records[MALLCTL_ARENAS_ALL];
extent_hooks_t g_default_hooks;
extent_hooks_t g_hooks;
std::mutex g_arenas_mutex;
constexpr size_t kMostFreeArenas = 512;
int g_free_arenas[kMostFreeArenas];  // created, and of no thread now
size_t g_free_arena_count = 0;

void TouchRecords(Records& records, size_t bytes) {
  bytes = std::min(bytes, records.bytes);
  if (bytes == 0) return;
  if (g_supply != nullptr) g_supply->TouchSoon(records.untouched, bytes);
  records.untouched += bytes;
  records.bytes -= bytes;
}

void* AllocateRegion(extent_hooks_t* /*hooks*/, void* address, size_t size, size_t alignment,
                     bool* zero, bool* commit, unsigned arena) {
  static const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  if (address == nullptr && size == kRegionBytes && alignment <= page) {
    std::lock_guard<std::mutex> lock(g_supply_mutex);
    TouchRecords(g_records[arena], kRecordsOfRegion);
    void* region = g_supply == nullptr ? nullptr : g_supply->Take();
    if (region != nullptr) {
      *zero = true;
      *commit = true;
      return region;
    }
  }
  void* memory =
      g_default_hooks.alloc(&g_default_hooks, address, size, alignment, zero, commit, arena);
  if (memory != nullptr && alignment == kRecordsAlignment) {
    std::lock_guard<std::mutex> lock(g_supply_mutex);
    g_records[arena] = {static_cast<char*>(memory), size};
    TouchRecords(g_records[arena], 2 * kRecordsOfRegion);
  }
  return memory;
}

// -1 if there is none.
int CreateArena() {
  static std::once_flag once;
  std::call_once(once, [] {
    extent_hooks_t* hooks = nullptr;
    size_t size = sizeof(void*);
    CHECK(mallctl("arena.0.extent_hooks", &hooks, &size, nullptr, 0) == 0);
    g_hooks = g_default_hooks = *hooks;
    g_hooks.alloc = AllocateRegion;
  });
  unsigned arena = 0;
  size_t size = sizeof(arena);
  extent_hooks_t* hooks = &g_hooks;
  if (mallctl("arenas.create", &arena, &size, &hooks, sizeof(void*)) != 0) return -1;
  size_t limit = kRegionBytes;
  const std::string name = "arena." + std::to_string(arena) + ".retain_grow_limit";
  // Refused where jemalloc was told to retain nothing: each extent is a region of its own there.
  (void)mallctl(name.c_str(), nullptr, nullptr, &limit, sizeof(limit));
  return static_cast<int>(arena);
}

int TakeArena() {
  {
    std::lock_guard<std::mutex> lock(g_arenas_mutex);
    if (g_free_arena_count > 0) return g_free_arenas[--g_free_arena_count];
  }
  return CreateArena();
}

}  // namespace

ThreadArena::ThreadArena() {
  arena_ = TakeArena();
  if (arena_ < 0) return;
  auto arena = static_cast<unsigned>(arena_);
  // Refused where jemalloc was told to have arenas by CPU.
  (void)mallctl("thread.arena", nullptr, nullptr, &arena, sizeof(arena));
}

ThreadArena::~ThreadArena() {
  if (arena_ < 0) return;
  std::lock_guard<std::mutex> lock(g_arenas_mutex);
  if (g_free_arena_count < kMostFreeArenas) g_free_arenas[g_free_arena_count++] = arena_;
}

void KeepRegionsReady(bool on) {
  if (on == (g_supply != nullptr)) return;  // which only this function changes
  RegionSupply* supply = on ? new RegionSupply(kRegionBytes, kLeastReady, kMostReady) : nullptr;
  {
    std::lock_guard<std::mutex> lock(g_supply_mutex);
    std::swap(g_supply, supply);
  }
  delete supply;
}

#endif

}  // namespace nuthatch::base
