// base::Table with entries of a cache line each: find, insert with growth, erase with shrinking.
#include <vector>

#include <benchmark/benchmark.h>

#include "server/base/random.h"
#include "server/base/table.h"

namespace {

using nuthatch::base::kNoBound;
using nuthatch::base::Random;
using nuthatch::base::Table;

struct alignas(64) Item {
  uint64_t number;
  char rest[56];
};

uint64_t Mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31);
}

struct Traits {
  using Entry = Item;
  static constexpr size_t kSegmentBuckets = 1024;
  static uint64_t HashOf(const Item* item) { return Mix(item->number); }
  static int64_t BoundOf(const Item*) { return kNoBound; }
  static void Prefetch(const Item* item) { __builtin_prefetch(item); }
};

struct Filled {
  explicit Filled(size_t count) : items(count) {
    for (size_t i = 0; i < count; ++i) {
      items[i].number = i;
      table.Insert(Mix(i), &items[i], 0, bytes);
    }
    while (!table.settled()) table.Step(1000, bytes);
  }
  ~Filled() {
    size_t cursor = 0;
    table.Destroy(
        &cursor, SIZE_MAX / 2, [](Item*) {}, bytes);
  }
  auto Find(uint64_t number) {
    return table.Find(Mix(number), [number](const Item& item) { return item.number == number; });
  }
  std::vector<Item> items;
  Table<Traits> table;
  int64_t bytes = 0;
};

void BM_FindHit(benchmark::State& state) {
  Filled filled(static_cast<size_t>(state.range(0)));
  Random random(1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(filled.Find(random.Below(filled.items.size())));
  }
  state.counters["bytes_per_key"] =
      static_cast<double>(filled.bytes) / static_cast<double>(filled.items.size());
}
BENCHMARK(BM_FindHit)->RangeMultiplier(10)->Range(1000, 10000000);

void BM_FindMiss(benchmark::State& state) {
  Filled filled(static_cast<size_t>(state.range(0)));
  Random random(1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(filled.Find((1U << 30) + random.Below(1U << 30)));
  }
}
BENCHMARK(BM_FindMiss)->RangeMultiplier(10)->Range(1000, 10000000);

void BM_FindBatchOf64(benchmark::State& state) {
  constexpr int kBatch = 64;
  Filled filled(static_cast<size_t>(state.range(0)));
  Random random(1);
  uint64_t numbers[kBatch];
  for (auto _ : state) {
    for (uint64_t& number : numbers) number = random.Below(filled.items.size());
    for (uint64_t number : numbers) filled.table.PrefetchBucket(Mix(number));
    for (uint64_t number : numbers) filled.table.PrefetchEntry(Mix(number));
    for (uint64_t number : numbers) benchmark::DoNotOptimize(filled.Find(number));
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * kBatch);
}
BENCHMARK(BM_FindBatchOf64)->RangeMultiplier(10)->Range(1000, 10000000);

// Time a key, growth included.
void BM_InsertFresh(benchmark::State& state) {
  auto count = static_cast<size_t>(state.range(0));
  std::vector<Item> items(count);
  for (size_t i = 0; i < count; ++i) items[i].number = i;
  for (auto _ : state) {
    Table<Traits> table;
    int64_t bytes = 0;
    for (size_t i = 0; i < count; ++i) table.Insert(Mix(i), &items[i], 0, bytes);
    state.PauseTiming();
    size_t cursor = 0;
    table.Destroy(
        &cursor, SIZE_MAX / 2, [](Item*) {}, bytes);
    state.ResumeTiming();
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * state.range(0));
}
BENCHMARK(BM_InsertFresh)->RangeMultiplier(10)->Range(100, 10000000)->Unit(benchmark::kMillisecond);

// Time a key, shrinking included.
void BM_EraseAll(benchmark::State& state) {
  auto count = static_cast<size_t>(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    Filled filled(count);
    state.ResumeTiming();
    for (size_t i = 0; i < count; ++i) filled.table.Erase(filled.Find(i), Mix(i), filled.bytes);
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * state.range(0));
}
BENCHMARK(BM_EraseAll)->RangeMultiplier(10)->Range(100, 10000000)->Unit(benchmark::kMillisecond);

}  // namespace
