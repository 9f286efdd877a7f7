// The address space that the allocator takes from the system: in regions of one size, touched ahead
// of need.
//
// Without effect in builds without jemalloc (see memory.h).
#pragma once

namespace nuthatch::base {

// An arena of the calling thread's own that grows by regions of 2 MB, from the constructor to the
// destructor (which leaves it to another thread; what was allocated stays). The thread keeps the
// arena that it had where there is no other (jemalloc knows 4,095). Used by memory.h's functions.
class ThreadArena {
 public:
  ThreadArena();
  ~ThreadArena();
  ThreadArena(const ThreadArena&) = delete;
  ThreadArena& operator=(const ThreadArena&) = delete;

 private:
  [[maybe_unused]] int arena_ = -1;  // -1: none of its own
};

// Lets a thread touch regions, and the blocks of jemalloc's own records, ahead of need (see
// RegionSupply) for all such arenas. Not from two threads at a time; off before the process ends.
void KeepRegionsReady(bool on);

}  // namespace nuthatch::base
