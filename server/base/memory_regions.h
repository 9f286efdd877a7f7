// The address space that the allocator takes from the system: in regions of one size, touched ahead
// of need.
//
// Without effect in builds without jemalloc (see memory.h).
#pragma once

namespace nuthatch::base {

// Has the calling thread's arena grow by regions of 2 MB. Once a thread, before it allocates much.
// Called by memory.h's functions.
void BoundRegionsOfThisArena();

// Lets a thread touch regions ahead of need (see RegionSupply), for all arenas that were bounded.
// Not from two threads at a time; off before the process ends.
void KeepRegionsReady(bool on);

}  // namespace nuthatch::base
