// A hint to the memory system that the line at `address` is going to be read soon.
//
// Not __builtin_prefetch alone: gcc takes a function that does nothing but prefetch for one without
// effect, and drops the calls to it.
#pragma once

namespace nuthatch::base {

inline void Prefetch(const void* address) {
#if defined(__x86_64__)
  asm volatile("prefetcht0 %0" : : "m"(*static_cast<const char*>(address)));
#else
  __builtin_prefetch(address);
  asm volatile("" : : "r"(address));
#endif
}

// The same for the line behind that of `address`, which may be null.
inline void PrefetchNext(const void* address) {
#if defined(__x86_64__)
  asm volatile("prefetcht0 64(%0)" : : "r"(address));
#else
  if (address != nullptr) Prefetch(static_cast<const char*>(address) + 64);
#endif
}

}  // namespace nuthatch::base
