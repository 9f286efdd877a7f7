// TinyLock: a mutex of one word for critical sections of a few instructions: it spins briefly, then
// sleeps, because more threads than cores is normal. After Drepper, "Futexes Are Tricky" (2011),
// mutex 2: 0 free, 1 held, 2 held with waiters.
#pragma once

#include <atomic>
#include <cstdint>

#include "server/runtime/relax.h"

namespace nuthatch::runtime {

class TinyLock {
 public:
  void Lock() {
    for (int i = 0; i < kSpins; ++i) {
      uint32_t free = kFree;
      if (state_.compare_exchange_weak(free, kHeld, std::memory_order_acquire)) return;
      Relax();
    }
    while (state_.exchange(kContended, std::memory_order_acquire) != kFree) {
      state_.wait(kContended, std::memory_order_relaxed);
    }
  }
  void Unlock() {
    if (state_.exchange(kFree, std::memory_order_release) == kContended) state_.notify_one();
  }

 private:
  static constexpr int kSpins = 100;
  static constexpr uint32_t kFree = 0, kHeld = 1, kContended = 2;

  std::atomic<uint32_t> state_{kFree};
};

class TinyLockGuard {
 public:
  explicit TinyLockGuard(TinyLock& lock) : lock_(lock) { lock_.Lock(); }
  ~TinyLockGuard() { lock_.Unlock(); }
  TinyLockGuard(const TinyLockGuard&) = delete;
  TinyLockGuard& operator=(const TinyLockGuard&) = delete;

 private:
  TinyLock& lock_;
};

}  // namespace nuthatch::runtime
