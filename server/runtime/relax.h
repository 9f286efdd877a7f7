// A hint to the core that this is a spin loop.
#pragma once

namespace nuthatch::runtime {

inline void Relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace nuthatch::runtime
