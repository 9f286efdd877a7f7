#include "server/base/region_supply.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <span>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/mman.h>

namespace nuthatch::base {
namespace {

constexpr size_t kBytes = 64 * 1024;
constexpr std::chrono::hours kNever{1};

void AwaitReady(const RegionSupply& supply, size_t count) {
  while (supply.ready() != count) std::this_thread::yield();
}

TEST(RegionSupply, GivesTouchedZeros) {
  RegionSupply supply(kBytes, 2, 8, kNever);
  AwaitReady(supply, 2);
  void* region = supply.Take();
  ASSERT_NE(region, nullptr);
  std::vector<unsigned char> resident(kBytes / 4096);
  ASSERT_EQ(mincore(region, kBytes, resident.data()), 0);
  for (unsigned char page : resident) EXPECT_EQ(page & 1, 1);
  const std::vector<char> zeros(kBytes);
  EXPECT_EQ(std::memcmp(region, zeros.data(), kBytes), 0);
  std::memset(region, 1, kBytes);
  EXPECT_EQ(munmap(region, kBytes), 0);
  AwaitReady(supply, 2);
}

TEST(RegionSupply, KeepsMoreForWhoGrowsFastAndNoMoreThanItMay) {
  constexpr size_t kMost = 10;
  RegionSupply supply(kBytes, 4, kMost, kNever);
  std::set<void*> taken;
  for (size_t wanted : {4, 8, 10, 10}) {
    EXPECT_GE(supply.wanted(), wanted);
    EXPECT_LE(supply.wanted(), kMost);
    AwaitReady(supply, supply.wanted());
    // All that is ready, and one more.
    while (void* region = supply.Take()) EXPECT_TRUE(taken.insert(region).second);
  }
  for (void* region : taken) munmap(region, kBytes);
}

TEST(RegionSupply, LetsGoOfWhatNobodyTakes) {
  RegionSupply supply(kBytes, 1, 8, std::chrono::milliseconds(1));
  std::set<void*> taken;
  while (supply.wanted() < 8) {
    if (void* region = supply.Take()) taken.insert(region);
  }
  while (supply.wanted() != 1) std::this_thread::yield();
  AwaitReady(supply, 1);
  for (void* region : taken) munmap(region, kBytes);
}

TEST(RegionSupply, TouchesWhatOthersUse) {
  RegionSupply supply(kBytes, 1, 1, kNever);
  constexpr size_t kRange = 4 * kBytes;
  void* map = mmap(nullptr, kRange, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(map, MAP_FAILED);
  auto* bytes = static_cast<char*>(map);
  bytes[5] = 'x';
  supply.TouchSoon(map, kRange);
  std::vector<unsigned char> resident(kRange / 4096);
  do {
    ASSERT_EQ(mincore(map, kRange, resident.data()), 0);
  } while (std::ranges::count_if(resident, [](unsigned char page) { return (page & 1) == 0; }) > 0);
  EXPECT_EQ(bytes[5], 'x');
  EXPECT_EQ(std::ranges::count(std::span(bytes, kRange), 0), kRange - 1);
  munmap(map, kRange);
}

TEST(RegionSupply, PassesOverWhatIsUnmapped) {
  RegionSupply supply(kBytes, 1, 1, kNever);
  void* map = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(map, MAP_FAILED);
  munmap(map, kBytes);
  for (int i = 0; i < 1000; ++i) supply.TouchSoon(map, kBytes);
  while (supply.Take() == nullptr) std::this_thread::yield();
}

TEST(RegionSupply, ServesManyThreads) {
  RegionSupply supply(kBytes, 4, 8, kNever);
  std::vector<std::thread> threads;
  std::vector<std::set<void*>> taken(4);
  for (std::set<void*>& mine : taken) {
    threads.emplace_back([&supply, &mine] {
      while (mine.size() < 50) {
        if (void* region = supply.Take()) mine.insert(region);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<void*> all;
  for (const std::set<void*>& mine : taken) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), 200U);
  for (void* region : all) munmap(region, kBytes);
}

}  // namespace
}  // namespace nuthatch::base
