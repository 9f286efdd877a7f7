// What a list costs: nanoseconds to push and pop, to find an index in lists of up to 10,000,000
// elements, and to insert in the middle; microseconds to cut a half off; bytes an element.
#include <memory>
#include <string>

#include <benchmark/benchmark.h>

#include "server/base/random.h"
#include "server/values/quicklist.h"

namespace nuthatch::values {
namespace {

using Direction = Quicklist::Direction;

std::unique_ptr<Quicklist> Filled(int64_t count, int64_t fill) {
  auto list = std::make_unique<Quicklist>(fill);
  for (int64_t i = 0; i < count; ++i) list->PushBack("element:" + base::FormatInt64(i));
  return list;
}

void BM_PushBack(benchmark::State& state) {
  const std::string text = "0123456789abcdef";
  auto list = std::make_unique<Quicklist>(-2);
  for (auto _ : state) {
    list->PushBack(text);
    if (list->size() == 1'000'000) {
      state.PauseTiming();
      list = std::make_unique<Quicklist>(-2);
      state.ResumeTiming();
    }
  }
}
BENCHMARK(BM_PushBack);

void BM_PushFront(benchmark::State& state) {
  const std::string text = "0123456789abcdef";
  auto list = std::make_unique<Quicklist>(-2);
  for (auto _ : state) {
    list->PushFront(text);
    if (list->size() == 1'000'000) {
      state.PauseTiming();
      list = std::make_unique<Quicklist>(-2);
      state.ResumeTiming();
    }
  }
}
BENCHMARK(BM_PushFront);

// A queue: what is pushed at one end is popped at the other.
void BM_PushAndPop(benchmark::State& state) {
  const std::string text = "0123456789abcdef";
  std::unique_ptr<Quicklist> list = Filled(state.range(0), -2);
  for (auto _ : state) {
    list->PushFront(text);
    Quicklist::Cursor last = list->Last();
    benchmark::DoNotOptimize(list->At(last));
    list->Erase(&last, Direction::kBackward);
  }
}
BENCHMARK(BM_PushAndPop)->Arg(10)->Arg(1'000'000);

// The second argument is list-max-listpack-size.
void BM_Seek(benchmark::State& state) {
  std::unique_ptr<Quicklist> list = Filled(state.range(0), state.range(1));
  base::Random random(1);
  for (auto _ : state) {
    auto index = static_cast<int64_t>(random.Below(list->size()));
    benchmark::DoNotOptimize(list->At(list->Seek(index)));
  }
  state.counters["bytes_per_element"] =
      static_cast<double>(list->MemoryBytes()) / static_cast<double>(list->size());
  state.counters["nodes"] = static_cast<double>(list->CountNodes());
}
BENCHMARK(BM_Seek)
    ->Args({100, -2})
    ->Args({1'000'000, -2})
    ->Args({10'000'000, -2})
    ->Args({10'000'000, 128})
    ->Args({10'000'000, 1});

void BM_Walk(benchmark::State& state) {
  std::unique_ptr<Quicklist> list = Filled(1'000'000, -2);
  for (auto _ : state) {
    Quicklist::Cursor cursor = list->First();
    do {
      benchmark::DoNotOptimize(list->At(cursor));
    } while (list->Advance(&cursor, Direction::kForward));
  }
  state.SetItemsProcessed(state.iterations() * 1'000'000);
}
BENCHMARK(BM_Walk)->Unit(benchmark::kMillisecond);

void BM_InsertInTheMiddle(benchmark::State& state) {
  std::unique_ptr<Quicklist> list = Filled(1'000'000, -2);
  base::Random random(1);
  for (auto _ : state) {
    auto index = static_cast<int64_t>(random.Below(list->size()));
    list->InsertAfter(list->Seek(index), "0123456789abcdef");
  }
}
BENCHMARK(BM_InsertInTheMiddle)->Iterations(300'000);

// Half of a list goes at once; freeing it is another matter.
void BM_CutTheMiddleOut(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    std::unique_ptr<Quicklist> list = Filled(state.range(0), state.range(1));
    state.ResumeTiming();
    auto count = static_cast<uint64_t>(state.range(0));
    std::unique_ptr<Quicklist> erased = list->EraseRange(count / 4, count / 2);
    state.PauseTiming();
    erased.reset();
    list.reset();
    state.ResumeTiming();
  }
}
BENCHMARK(BM_CutTheMiddleOut)
    ->Args({1'000'000, -2})
    ->Args({5'000'000, 1})
    ->Iterations(3)
    ->Unit(benchmark::kMicrosecond);

// Time a node.
void BM_FreeSome(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    std::unique_ptr<Quicklist> list = Filled(1'000'000, state.range(0));
    size_t nodes = list->CountNodes();
    state.ResumeTiming();
    while (!list->FreeSome(100)) {
    }
    state.SetItemsProcessed(static_cast<int64_t>(nodes));
  }
}
BENCHMARK(BM_FreeSome)->Arg(-2)->Arg(1)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace nuthatch::values
