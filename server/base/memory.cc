#include "server/base/memory.h"

#include <atomic>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include <unistd.h>

#include "server/base/check.h"
#include "server/base/memory_regions.h"
#ifndef NUTHATCH_NO_JEMALLOC
#include <jemalloc/jemalloc.h>

// Read by jemalloc at its start. Without it, free extents that have grown to 8 MB are given back by
// whoever freed last, in one madvise: of 19 MB where a large table went, 1.3 ms. So they too wait
// for the thread in the background.
const char* malloc_conf = "oversize_threshold:0";
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(__clang__)
#define NUTHATCH_SANITIZER_ALLOCATOR
// GCC has the function, but not always the header <sanitizer/allocator_interface.h>.
extern "C" size_t __sanitizer_get_current_allocated_bytes();  // NOLINT
#else
#include <malloc.h>
#endif

namespace nuthatch::base {

uint64_t ResidentMemory() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  uint64_t size = 0;
  uint64_t resident = 0;
  int fields = std::fscanf(file, "%" SCNu64 " %" SCNu64, &size, &resident);  // NOLINT(cert-err34-c)
  (void)std::fclose(file);
  return fields == 2 ? resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

#ifdef NUTHATCH_NO_JEMALLOC

void* Allocate(size_t size) {
  // The whole size class is the caller's, as with jemalloc: entries grow into it.
  void* memory = std::malloc(SizeClass(size));
  CHECK(memory != nullptr);
  return memory;
}

void* AllocateLines(size_t size) {
  void* memory = std::aligned_alloc(64, size);
  CHECK(memory != nullptr);
  return memory;
}

void Free(void* memory, size_t /*size*/) { std::free(memory); }

uint64_t UsedMemory() {
#ifdef NUTHATCH_SANITIZER_ALLOCATOR
  return __sanitizer_get_current_allocated_bytes();
#else
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
#endif
}

void PublishMemory() {}
void RefreshThread() {}
AllocatorStats ReadAllocatorStats() { return {}; }
const char* AllocatorName() { return "libc"; }
Result<uint64_t> AllocatorNumber(const std::string&, std::optional<uint64_t>) {
  return Error(std::strerror(ENOENT));
}
Result<std::string> AllocatorText(const std::string&, const std::optional<std::string>&) {
  return Error(std::strerror(ENOENT));
}
void PurgeMemory() {}
void SetBackgroundPurge(bool) {}

#else

namespace {

// One thread's balance. The last cell is shared by the threads for which there was none left; they
// add differences to it. (Process-wide state, for the allocator under it is process-wide too.)
struct alignas(64) Cell {
  std::atomic<int64_t> balance{0};
};
constexpr int kCells = 512;
constexpr int kSharedCell = kCells - 1;
Cell g_cells[kCells];
std::atomic<int> g_cells_in_use{0};  // cells [0, this) may hold something
std::atomic<int64_t> g_departed{0};
std::mutex g_mutex;
bool g_taken[kCells];

class ThreadBalance {
 public:
  ThreadBalance() {
    size_t size = sizeof(allocated_);
    CHECK(mallctl("thread.allocatedp", &allocated_, &size, nullptr, 0) == 0);
    CHECK(mallctl("thread.deallocatedp", &deallocated_, &size, nullptr, 0) == 0);
    std::lock_guard<std::mutex> lock(g_mutex);
    for (cell_ = 0; cell_ < kSharedCell && g_taken[cell_];) ++cell_;
    g_taken[cell_] = true;
    if (g_cells_in_use.load() <= cell_) g_cells_in_use.store(cell_ + 1);
  }
  ~ThreadBalance() {
    Refresh();
    if (cell_ == kSharedCell) return;
    std::lock_guard<std::mutex> lock(g_mutex);
    g_departed.fetch_add(published_);
    g_cells[cell_].balance.store(0);
    g_taken[cell_] = false;
  }
  ThreadBalance(const ThreadBalance&) = delete;
  ThreadBalance& operator=(const ThreadBalance&) = delete;

  int64_t Now() const { return static_cast<int64_t>(*allocated_ - *deallocated_); }
  void Refresh() {
    int64_t now = Now();
    if (now == published_) return;
    g_cells[cell_].balance.fetch_add(now - published_, std::memory_order_relaxed);
    published_ = now;
  }
  int64_t unpublished() const { return Now() - published_; }

 private:
  ThreadArena arena_;
  const uint64_t* allocated_ = nullptr;
  const uint64_t* deallocated_ = nullptr;
  int64_t published_ = 0;
  int cell_ = 0;
};

ThreadBalance& Mine() {
  static thread_local ThreadBalance balance;
  return balance;
}

uint64_t ReadStat(const char* name) {
  size_t value = 0;
  size_t size = sizeof(value);
  return mallctl(name, &value, &size, nullptr, 0) == 0 ? value : 0;
}

}  // namespace

void* Allocate(size_t size) {
  void* memory = malloc(size);
  CHECK(memory != nullptr);
  return memory;
}

void* AllocateLines(size_t size) {
  // Every size class that is a multiple of 64 is made of cache lines, whatever jemalloc is told.
  void* memory = mallocx(size, MALLOCX_ALIGN(64));
  CHECK(memory != nullptr);
  return memory;
}

void Free(void* memory, size_t size) { sdallocx(memory, size, 0); }

uint64_t UsedMemory() {
  Mine().Refresh();
  int64_t sum = g_departed.load(std::memory_order_relaxed) +
                g_cells[kSharedCell].balance.load(std::memory_order_relaxed);
  int in_use = g_cells_in_use.load(std::memory_order_acquire);
  if (in_use > kSharedCell) in_use = kSharedCell;
  for (int i = 0; i < in_use; ++i) sum += g_cells[i].balance.load(std::memory_order_relaxed);
  return sum > 0 ? static_cast<uint64_t>(sum) : 0;
}

void PublishMemory() {
  int64_t moved = Mine().unpublished();
  if (moved >= kPublishStep || moved <= -kPublishStep) Mine().Refresh();
}

void RefreshThread() { Mine().Refresh(); }

AllocatorStats ReadAllocatorStats() {
  uint64_t epoch = 1;
  size_t size = sizeof(epoch);
  (void)mallctl("epoch", &epoch, &size, &epoch, size);
  AllocatorStats stats;
  stats.allocated = ReadStat("stats.allocated");
  stats.active = ReadStat("stats.active");
  stats.resident = ReadStat("stats.resident");
  stats.mapped = ReadStat("stats.mapped");
  stats.retained = ReadStat("stats.retained");
  stats.metadata = ReadStat("stats.metadata");
  return stats;
}

namespace {

// A variable of type T: read, and then set. (In one call, some variables show what they became.)
template <typename T>
Result<T> ReadAndSet(const std::string& name, T* fresh) {
  T old{};
  size_t size = sizeof(old);
  int error = mallctl(name.c_str(), &old, &size, nullptr, 0);
  if (error == 0 && fresh != nullptr) {
    error = mallctl(name.c_str(), nullptr, nullptr, fresh, sizeof(*fresh));
  }
  if (error != 0) return Error(std::strerror(error));
  return old;
}

}  // namespace

Result<uint64_t> AllocatorNumber(const std::string& name, std::optional<uint64_t> value) {
  return ReadAndSet(name, value ? &*value : nullptr);
}

Result<std::string> AllocatorText(const std::string& name,
                                  const std::optional<std::string>& value) {
  const char* fresh = value ? value->c_str() : nullptr;
  Result<const char*> old = ReadAndSet(name, value ? &fresh : nullptr);
  if (!old.ok()) return Error(old.error());
  return std::string(old.value() == nullptr ? "" : old.value());
}

const char* AllocatorName() {
  static const char kName[] = {'j', 'e',
                               'm', 'a',
                               'l', 'l',
                               'o', 'c',
                               '-', '0' + JEMALLOC_VERSION_MAJOR,
                               '.', '0' + JEMALLOC_VERSION_MINOR,
                               '.', '0' + JEMALLOC_VERSION_BUGFIX,
                               '\0'};
  return kName;
}

void PurgeMemory() {
  // 4096 is MALLCTL_ARENAS_ALL.
  (void)mallctl("arena.4096.purge", nullptr, nullptr, nullptr, 0);
}

void SetBackgroundPurge(bool on) {
  (void)mallctl("background_thread", nullptr, nullptr, &on, sizeof on);
}

#endif

}  // namespace nuthatch::base
