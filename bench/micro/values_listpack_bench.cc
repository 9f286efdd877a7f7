// What a listpack costs: nanoseconds to walk over an element, to find one among n pairs as a small
// hash does, to append, and to replace a value in the middle.
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "server/base/random.h"
#include "server/values/byte_store.h"
#include "server/values/listpack_edit.h"

namespace nuthatch::values {
namespace {

using listpack::Item;

// field:7 -> a value of `size` bytes, n times.
HeapBytes Hash(int64_t fields, size_t size) {
  HeapBytes bytes;
  listpack::MakeEmpty(bytes);
  std::string value(size, 'v');
  for (int64_t i = 0; i < fields; ++i) {
    std::string field = "field:" + base::FormatInt64(i);
    Item pair[] = {Item(field), Item(value)};
    listpack::Append(bytes, pair);
  }
  return bytes;
}

void PerElement(benchmark::State& state, int64_t elements) {
  state.SetItemsProcessed(state.iterations() * elements);
  state.counters["per_element"] =
      benchmark::Counter(static_cast<double>(state.iterations() * elements),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void BM_WalkForward(benchmark::State& state) {
  HeapBytes bytes = Hash(state.range(0), 16);
  Listpack view(bytes.view());
  for (auto _ : state) {
    for (size_t at = view.First(); at != view.End();) benchmark::DoNotOptimize(view.Read(&at));
  }
  PerElement(state, 2 * state.range(0));
}
BENCHMARK(BM_WalkForward)->Arg(8)->Arg(128);

void BM_WalkBackward(benchmark::State& state) {
  HeapBytes bytes = Hash(state.range(0), 16);
  Listpack view(bytes.view());
  for (auto _ : state) {
    for (size_t at = view.End(); at != view.First();) {
      at = view.Previous(at);
      benchmark::DoNotOptimize(view.At(at));
    }
  }
  PerElement(state, 2 * state.range(0));
}
BENCHMARK(BM_WalkBackward)->Arg(8)->Arg(128);

void BM_WalkIntegers(benchmark::State& state) {
  HeapBytes bytes;
  listpack::MakeEmpty(bytes);
  base::Random random(1);
  for (int i = 0; i < 256; ++i) {
    listpack::Append(bytes, Item(static_cast<int64_t>(random.Next() >> random.Below(64))));
  }
  Listpack view(bytes.view());
  for (auto _ : state) {
    for (size_t at = view.First(); at != view.End();) benchmark::DoNotOptimize(view.Read(&at));
  }
  PerElement(state, 256);
}
BENCHMARK(BM_WalkIntegers);

void BM_FindField(benchmark::State& state) {
  HeapBytes bytes = Hash(state.range(0), 16);
  Listpack view(bytes.view());
  std::vector<std::string> fields;
  fields.reserve(static_cast<size_t>(state.range(0)));
  for (int64_t i = 0; i < state.range(0); ++i) fields.push_back("field:" + base::FormatInt64(i));
  base::Random random(1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(view.Find(fields[random.Below(fields.size())], view.First(), 1));
  }
}
BENCHMARK(BM_FindField)->Arg(4)->Arg(16)->Arg(128)->Arg(512);

void BM_FindNumber(benchmark::State& state) {
  HeapBytes bytes;
  listpack::MakeEmpty(bytes);
  for (int64_t i = 0; i < state.range(0); ++i) listpack::Append(bytes, Item(1000 + i));
  Listpack view(bytes.view());
  base::Random random(1);
  for (auto _ : state) {
    auto wanted = static_cast<int64_t>(random.Below(static_cast<uint64_t>(state.range(0))));
    char text[base::kMaxInt64Chars];
    size_t size = base::FormatInt64(1000 + wanted, text);
    benchmark::DoNotOptimize(view.Find({text, size}, view.First()));
  }
}
BENCHMARK(BM_FindNumber)->Arg(16)->Arg(128);

// A pair more, and away with it again.
void BM_AppendAndDeletePair(benchmark::State& state) {
  HeapBytes bytes = Hash(state.range(0), 16);
  std::string field = "another field";
  for (auto _ : state) {
    size_t end = bytes.size() - 1;
    Item pair[] = {Item(field), Item("0123456789abcdef")};
    listpack::Append(bytes, pair);
    listpack::Delete(bytes, end, 2);
  }
}
BENCHMARK(BM_AppendAndDeletePair)->Arg(4)->Arg(128);

// What HSET does with a field that is there.
void BM_ReplaceValue(benchmark::State& state) {
  HeapBytes bytes = Hash(state.range(0), 16);
  std::string field = "field:" + base::FormatInt64(state.range(0) / 2);
  std::string values[] = {std::string(16, 'a'),
                          std::string(static_cast<size_t>(state.range(1)), 'b')};
  size_t turn = 0;
  for (auto _ : state) {
    Listpack view(bytes.view());
    size_t at = view.Next(view.Find(field, view.First(), 1));
    listpack::Replace(bytes, at, Item(values[turn ^= 1]));
  }
}
BENCHMARK(BM_ReplaceValue)->Args({8, 16})->Args({8, 20})->Args({128, 16})->Args({128, 20});

void BM_Validate(benchmark::State& state) {
  HeapBytes bytes = Hash(128, 16);
  for (auto _ : state) benchmark::DoNotOptimize(Listpack::Validate(bytes.view()));
  PerElement(state, 256);
}
BENCHMARK(BM_Validate);

}  // namespace
}  // namespace nuthatch::values
