#include "server/base/memory.h"

#include <string>
#include <thread>
#include <vector>

#ifndef NUTHATCH_NO_JEMALLOC
#include <jemalloc/jemalloc.h>
#endif

namespace nuthatch::base {
namespace {

TEST(Memory, SizeClassesAreThoseOfTheAllocator) {
#ifndef NUTHATCH_NO_JEMALLOC
  for (size_t size = 1; size < 300000; ++size) ASSERT_EQ(SizeClass(size), nallocx(size, 0)) << size;
  for (size_t size = 300000; size < (size_t{1} << 40); size += size / 7) {
    ASSERT_EQ(SizeClass(size), nallocx(size, 0)) << size;
  }
#endif
  EXPECT_EQ(SizeClass(56), 64);
  EXPECT_EQ(SizeClass(62), 64);
  EXPECT_EQ(SizeClass(65), 80);
  EXPECT_EQ(SizeClass(129), 160);
}

#ifndef NUTHATCH_NO_JEMALLOC
TEST(Memory, LeavesLargeExtentsToTheThreadInTheBackground) {
  size_t threshold = 1;
  size_t size = sizeof(threshold);
  ASSERT_EQ(mallctl("opt.oversize_threshold", &threshold, &size, nullptr, 0), 0);
  EXPECT_EQ(threshold, 0U);
}

TEST(Memory, BoundsTheRegionsOfAThreadsArena) {
  RefreshThread();
  unsigned arena = 0;
  size_t size = sizeof(arena);
  ASSERT_EQ(mallctl("thread.arena", &arena, &size, nullptr, 0), 0);
  std::string name = "arena." + std::to_string(arena) + ".retain_grow_limit";
  size_t limit = 0;
  size = sizeof(limit);
  ASSERT_EQ(mallctl(name.c_str(), &limit, &size, nullptr, 0), 0);
  EXPECT_EQ(limit, size_t{2} * 1024 * 1024);
  // More than a region is no less to be had.
  void* memory = Allocate(limit * 5);
  ASSERT_NE(memory, nullptr);
  Free(memory, limit * 5);
}
#endif

TEST(Memory, CountsWhatThisThreadAllocates) {
  uint64_t before = UsedMemory();
  constexpr size_t kSize = 1 << 20;
  void* memory = Allocate(kSize);
#ifdef NUTHATCH_NO_JEMALLOC
  // The C library's own figures: about right.
  constexpr uint64_t kSlack = 65536;
#else
  constexpr uint64_t kSlack = 0;
#endif
  EXPECT_GE(UsedMemory(), before + kSize);
  EXPECT_LE(UsedMemory(), before + kSize + kSlack);
  Free(memory, kSize);
  EXPECT_LE(UsedMemory(), before + kSlack);
}

TEST(Memory, CountsWhatOtherThreadsPublishAndLeaveBehind) {
  constexpr size_t kSize = 3 << 20;
  RefreshThread();
  uint64_t before = UsedMemory();
  void* memory = nullptr;
  std::thread([&memory] {
    memory = Allocate(kSize);
    PublishMemory();
  }).join();
  EXPECT_GE(UsedMemory(), before + kSize);
  EXPECT_LE(UsedMemory(), before + kSize + 65536);
  Free(memory, kSize);
  EXPECT_LE(UsedMemory(), before + 65536);
}

TEST(Memory, LinesAreAligned) {
  std::vector<std::pair<void*, size_t>> all;
  for (size_t size = 64; size < 200000; size += size < 8192 ? 64 : 4096) {
    void* memory = AllocateLines(size);
    ASSERT_EQ(reinterpret_cast<uintptr_t>(memory) % 64, 0) << size;
    all.emplace_back(memory, size);
  }
  for (auto [memory, size] : all) Free(memory, size);
}

TEST(Memory, KnowsItsResidentSize) { EXPECT_GT(ResidentMemory(), 1 << 20); }

TEST(Memory, ReadsAndSetsVariablesOfTheAllocator) {
  EXPECT_EQ(AllocatorNumber("nosuch", std::nullopt).error(), "No such file or directory");
  EXPECT_EQ(AllocatorText("nosuch", "x").error(), "No such file or directory");
  if (AllocatorName() == std::string("libc")) return;
  const std::string decay = "arena.0.dirty_decay_ms";
  uint64_t before = AllocatorNumber(decay, std::nullopt).value();
  EXPECT_EQ(AllocatorNumber(decay, 123).value(), before);
  EXPECT_EQ(AllocatorNumber(decay, before).value(), 123u);
  EXPECT_EQ(AllocatorNumber("arenas.page", 5).error(), "Operation not permitted");
  EXPECT_EQ(AllocatorNumber("arenas.narenas", std::nullopt).error(), "Invalid argument");
  std::string dss = AllocatorText("arena.0.dss", std::nullopt).value();
  EXPECT_EQ(AllocatorText("arena.0.dss", "primary").value(), dss);
  EXPECT_EQ(AllocatorText("arena.0.dss", dss).value(), "primary");
}

TEST(Memory, ThreadsThatEndLeaveTheirArenaToOthers) {
  auto run = [] { RefreshThread(); };
  std::thread(run).join();
  uint64_t before = ReadAllocatorStats().metadata;
  for (int i = 0; i < 200; ++i) std::thread(run).join();
  // An arena takes more than 100 KB of them.
  EXPECT_LT(ReadAllocatorStats().metadata, before + 200 * uint64_t{4096});
}

}  // namespace
}  // namespace nuthatch::base
