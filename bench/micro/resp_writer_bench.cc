// What a reply costs to write: nanoseconds a value, into a buffer that is emptied every 256 of
// them.
#include <string>

#include <benchmark/benchmark.h>

#include "server/base/random.h"
#include "server/resp/replies.h"
#include "server/resp/reply_writer.h"

namespace nuthatch::resp {
namespace {

constexpr int kValues = 256;

template <typename Write>
void Run(benchmark::State& state, int version, Write write) {
  base::Buffer buffer;
  for (auto _ : state) {
    buffer.Clear();
    ReplyWriter writer(&buffer, version);
    for (int i = 0; i < kValues; ++i) write(writer, i);
    benchmark::DoNotOptimize(buffer.data());
  }
  state.SetItemsProcessed(state.iterations() * kValues);
  state.counters["per_value"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * kValues,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void Ok(benchmark::State& state) {
  Run(state, 2, [](ReplyWriter& w, int) { w.Raw(kOkReply); });
}
BENCHMARK(Ok);

void Null(benchmark::State& state) {
  Run(state, 2, [](ReplyWriter& w, int) { w.Null(); });
}
BENCHMARK(Null);

void Bulk(benchmark::State& state) {
  std::string value(static_cast<size_t>(state.range(0)), 'x');
  Run(state, 2, [value](ReplyWriter& w, int) { w.Bulk(value); });
}
BENCHMARK(Bulk)->Arg(3)->Arg(32)->Arg(100)->Arg(600)->Arg(4096);

void BulkOfRandomSize(benchmark::State& state) {
  const std::string bytes(1024, 'x');
  std::string_view value = bytes;
  base::Random random(1);
  size_t sizes[kValues];
  for (size_t& size : sizes) size = random.Below(1024) >> random.Below(10);
  Run(state, 2, [&](ReplyWriter& w, int i) { w.Bulk(value.substr(0, sizes[i])); });
}
BENCHMARK(BulkOfRandomSize);

void SmallInteger(benchmark::State& state) {
  Run(state, 2, [](ReplyWriter& w, int i) { w.Integer(i); });
}
BENCHMARK(SmallInteger);

void LargeInteger(benchmark::State& state) {
  Run(state, 2, [](ReplyWriter& w, int i) { w.Integer(1'234'567'890'123 + i); });
}
BENCHMARK(LargeInteger);

void Double(benchmark::State& state) {
  Run(state, 3, [](ReplyWriter& w, int i) { w.Double(i + 0.1); });
}
BENCHMARK(Double);

void WholeDouble(benchmark::State& state) {
  Run(state, 3, [](ReplyWriter& w, int i) { w.Double(i); });
}
BENCHMARK(WholeDouble);

// An array of 100 integers whose count is not known before, for each value.
void Deferred(benchmark::State& state) {
  Run(state, 2, [](ReplyWriter& w, int) {
    size_t mark = w.BeginDeferred();
    for (int64_t i = 0; i < 100; ++i) w.Integer(i);
    w.EndDeferredArray(mark, 100);
  });
}
BENCHMARK(Deferred);

}  // namespace
}  // namespace nuthatch::resp
