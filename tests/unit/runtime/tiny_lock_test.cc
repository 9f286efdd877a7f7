#include "server/runtime/tiny_lock.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace nuthatch::runtime {
namespace {

TEST(TinyLock, LetsOneInAtATimeWithMoreThreadsThanCores) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 20'000;
  TinyLock lock;
  // Not atomic on purpose: the lock alone keeps it right.
  uint64_t count = 0;
  bool inside = false;
  bool met = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < kRounds; ++round) {
        TinyLockGuard guard(lock);
        met |= inside;
        inside = true;
        ++count;
        inside = false;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count, static_cast<uint64_t>(kThreads) * kRounds);
  EXPECT_FALSE(met);
}

// The holder gives up its core in between, so that the others spin in vain and sleep.
TEST(TinyLock, WakesWhoSleepsBehindALongHolder) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 200;
  TinyLock lock;
  uint64_t count = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < kRounds; ++round) {
        TinyLockGuard guard(lock);
        for (int pause = 0; pause < 5; ++pause) std::this_thread::yield();
        ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count, static_cast<uint64_t>(kThreads) * kRounds);
}

TEST(TinyLock, ShowsTheNextHolderWhatTheLastOneWrote) {
  TinyLock lock;
  std::vector<int> written;
  lock.Lock();
  std::thread reader([&] {
    TinyLockGuard guard(lock);
    EXPECT_EQ(written, (std::vector<int>{1, 2, 3}));
  });
  written = {1, 2, 3};
  lock.Unlock();
  reader.join();
}

}  // namespace
}  // namespace nuthatch::runtime
