#include "server/base/memory_regions.h"

#ifndef NUTHATCH_NO_JEMALLOC
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

void BoundRegionsOfThisArena() {}
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

// Process-wide, for the allocator is. Who takes from the supply, or replaces it, holds the mutex.
std::mutex g_supply_mutex;
RegionSupply* g_supply = nullptr;
extent_hooks_t g_default_hooks;
extent_hooks_t g_hooks;

void* AllocateRegion(extent_hooks_t* /*hooks*/, void* address, size_t size, size_t alignment,
                     bool* zero, bool* commit, unsigned arena) {
  static const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  if (address == nullptr && size == kRegionBytes && alignment <= page) {
    std::lock_guard<std::mutex> lock(g_supply_mutex);
    void* region = g_supply == nullptr ? nullptr : g_supply->Take();
    if (region != nullptr) {
      *zero = true;
      *commit = true;
      return region;
    }
  }
  return g_default_hooks.alloc(&g_default_hooks, address, size, alignment, zero, commit, arena);
}

}  // namespace

void BoundRegionsOfThisArena() {
  unsigned arena = 0;
  size_t size = sizeof(arena);
  CHECK(mallctl("thread.arena", &arena, &size, nullptr, 0) == 0);
  const std::string prefix = "arena." + std::to_string(arena) + ".";
  size_t limit = kRegionBytes;
  // Refused where jemalloc was told to retain nothing: each extent is a region of its own there.
  (void)mallctl((prefix + "retain_grow_limit").c_str(), nullptr, nullptr, &limit, sizeof(limit));

  static std::once_flag once;
  const std::string name = prefix + "extent_hooks";
  std::call_once(once, [&name] {
    extent_hooks_t* hooks = nullptr;
    size_t hooks_size = sizeof(void*);
    CHECK(mallctl(name.c_str(), &hooks, &hooks_size, nullptr, 0) == 0);
    g_hooks = g_default_hooks = *hooks;
    g_hooks.alloc = AllocateRegion;
  });
  extent_hooks_t* hooks = &g_hooks;
  CHECK(mallctl(name.c_str(), nullptr, nullptr, &hooks, sizeof(void*)) == 0);
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
