// What an intset costs: nanoseconds to look a number up, and to put one in and take it out.
#include <benchmark/benchmark.h>

#include "server/base/random.h"
#include "server/values/byte_store.h"
#include "server/values/intset.h"

namespace nuthatch::values {
namespace {

HeapBytes Even(int64_t count) {
  HeapBytes bytes;
  intset::MakeEmpty(bytes);
  for (int64_t i = 0; i < count; ++i) intset::Add(bytes, 2 * i);
  return bytes;
}

void BM_Contains(benchmark::State& state) {
  HeapBytes bytes = Even(state.range(0));
  Intset view(bytes.view());
  base::Random random(1);
  for (auto _ : state) {
    auto value = static_cast<int64_t>(random.Below(2 * static_cast<uint64_t>(state.range(0))));
    benchmark::DoNotOptimize(view.Contains(value));
  }
}
BENCHMARK(BM_Contains)->Arg(16)->Arg(512)->Arg(100000);

void BM_AddAndRemove(benchmark::State& state) {
  HeapBytes bytes = Even(state.range(0));
  base::Random random(1);
  for (auto _ : state) {
    auto value = static_cast<int64_t>(random.Below(static_cast<uint64_t>(state.range(0)))) * 2 + 1;
    intset::Add(bytes, value);
    intset::Remove(bytes, value);
  }
}
BENCHMARK(BM_AddAndRemove)->Arg(16)->Arg(512)->Arg(8192);

void BM_AddAscending(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Even(512));
  state.SetItemsProcessed(state.iterations() * 512);
}
BENCHMARK(BM_AddAscending);

}  // namespace
}  // namespace nuthatch::values
