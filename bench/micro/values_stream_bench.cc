// What a stream costs: nanoseconds to add an entry, to find and delete one, to read one of a range;
// to make an entry pending and to acknowledge it; bytes an entry and a pending entry.
#include <memory>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>

#include "server/base/random.h"
#include "server/values/stream.h"
#include "server/values/stream_radix.h"

namespace nuthatch::values {
namespace {

constexpr std::string_view kPairs[] = {"sensor", "1234", "temperature", "19.8"};

std::unique_ptr<Stream> Filled(uint64_t count) {
  auto stream = std::make_unique<Stream>();
  for (uint64_t i = 1; i <= count; ++i) stream->Append({1'700'000'000'000 + i, 0}, kPairs, {});
  return stream;
}

void BM_Append(benchmark::State& state) {
  auto stream = std::make_unique<Stream>();
  uint64_t ms = 1'700'000'000'000;
  for (auto _ : state) {
    stream->Append({++ms, 0}, kPairs, {});
    if (stream->length() == 1'000'000) {
      state.PauseTiming();
      stream = std::make_unique<Stream>();
      state.ResumeTiming();
    }
  }
}
BENCHMARK(BM_Append);

// A log that is kept at a length.
void BM_AppendAndTrim(benchmark::State& state) {
  std::unique_ptr<Stream> stream = Filled(static_cast<uint64_t>(state.range(0)));
  for (auto _ : state) {
    stream->Append(*stream->last_id().Next(), kPairs, {});
    Stream::TrimRule rule{.max_length = static_cast<uint64_t>(state.range(0)), .approximate = true};
    bool more = true;
    benchmark::DoNotOptimize(stream->Trim(rule, 100, &more));
  }
}
BENCHMARK(BM_AppendAndTrim)->Arg(1000)->Arg(1'000'000);

void BM_Contains(benchmark::State& state) {
  std::unique_ptr<Stream> stream = Filled(static_cast<uint64_t>(state.range(0)));
  base::Random random(1);
  for (auto _ : state) {
    StreamId id{1'700'000'000'001 + random.Below(stream->length()), 0};
    benchmark::DoNotOptimize(stream->Contains(id));
  }
  state.counters["bytes_per_entry"] =
      static_cast<double>(stream->MemoryBytes()) / static_cast<double>(stream->length());
}
BENCHMARK(BM_Contains)->Arg(100)->Arg(1'000'000);

// The argument is the direction.
void BM_Read(benchmark::State& state) {
  std::unique_ptr<Stream> stream = Filled(100'000);
  auto direction = static_cast<StreamReader::Direction>(state.range(0));
  size_t bytes = 0;
  for (auto _ : state) {
    StreamReader reader(*stream, {}, StreamId::Max(), direction);
    while (reader.Next()) {
      reader.ForEachField([&](const Element& field, const Element& value) {
        bytes += field.text.size() + value.text.size();
      });
    }
  }
  benchmark::DoNotOptimize(bytes);
  state.SetItemsProcessed(state.iterations() * 100'000);
}
BENCHMARK(BM_Read)->Arg(0)->Arg(1);

// Delivering and acknowledging in order, with so many pending.
void BM_Pending(benchmark::State& state) {
  StreamGroup group("group", {}, 0, nullptr);
  StreamConsumer* consumer = group.AddConsumer("consumer", 0);
  auto count = static_cast<uint64_t>(state.range(0));
  uint64_t ms = 0;
  for (; ms < count; ++ms) group.SetPending({{ms, 0}, 0, 1, consumer});
  double bytes = static_cast<double>(group.MemoryBytes());
  for (auto _ : state) {
    group.SetPending({{ms, 0}, 0, 1, consumer});
    group.ErasePending({ms - count, 0});
    ++ms;
  }
  state.counters["bytes_per_entry"] = bytes / static_cast<double>(count);
}
BENCHMARK(BM_Pending)->Arg(10)->Arg(1'000'000);

// The argument is the number of nodes.
void BM_CountRadixNodes(benchmark::State& state) {
  for (auto _ : state) {
    RadixNodeCounter counter;
    for (int64_t i = 0; i < state.range(0); ++i) {
      counter.Add({1'700'000'000'000 + 100 * static_cast<uint64_t>(i), 0});
    }
    benchmark::DoNotOptimize(counter.Count());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_CountRadixNodes)->Arg(10'000);

}  // namespace
}  // namespace nuthatch::values
