// RegionSupply: address space whose pages have been touched, ahead of need, by a thread of its own.
//
// The first touch of a page is the kernel's work: where it takes 15 us, as in some virtual
// machines, a thread that inserts 3,000,000 keys spends a third of its time there, and now and then
// many milliseconds at once.
//
// Any thread may call Take() and TouchSoon(). `least` regions are kept at any time. Each Take()
// that finds nothing doubles what is kept, up to `most`; each second without any halves it.
//
// Invariants: neither of them allocates or waits for a page; the thread allocates nothing once it
// runs, so that an allocator may call them whatever it holds.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

namespace nuthatch::base {

class RegionSupply {
 public:
  // Regions of `bytes` (a multiple of the page size) each. The first are there when it returns.
  // REQUIRES: 0 < least <= most.
  RegionSupply(size_t bytes, size_t least, size_t most,
               std::chrono::milliseconds quiet = std::chrono::milliseconds(1000));
  // Unmaps what was not taken.
  ~RegionSupply();
  RegionSupply(const RegionSupply&) = delete;
  RegionSupply& operator=(const RegionSupply&) = delete;

  size_t region_bytes() const { return bytes_; }
  // A region of zeros, the caller's from now on (munmap gives it back), or null.
  void* Take();
  // Has the thread touch `bytes` at `memory`, which others may use meanwhile: what they hold stays.
  // Both are multiples of the page size. Whoever unmaps it earlier may do so (unless the address is
  // used again: then that gets touched). Nothing happens if many wait already, or if the kernel
  // can't (before Linux 5.14).
  void TouchSoon(void* memory, size_t bytes);

  // For tests: how many are kept now, and how many are to be.
  size_t ready() const;
  size_t wanted() const;

 private:
  struct Range {
    char* memory;
    size_t bytes;
  };
  static constexpr size_t kMostRanges = 32;

  void Run();
  void* MakeRegion() const;
  // Touches the oldest range; false if there is none. The lock is given up meanwhile.
  bool TouchOldest(std::unique_lock<std::mutex>& lock);

  const size_t bytes_;
  const size_t least_;
  const size_t most_;
  const std::chrono::milliseconds quiet_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<void*> ready_;
  std::vector<Range> ranges_;  // to be touched, the oldest first
  size_t wanted_;
  bool taken_ = false;  // since the thread looked last
  bool stop_ = false;
  std::thread thread_;  // last: it uses the rest
};

}  // namespace nuthatch::base
