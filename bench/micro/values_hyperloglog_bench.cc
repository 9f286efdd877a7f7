// What a HyperLogLog costs: adding to a sparse and to a dense one, estimating, merging.
#include <string>

#include <benchmark/benchmark.h>

#include "server/values/hyperloglog.h"

namespace nuthatch::values {
namespace {

constexpr size_t kMaxSparse = 3000;

class BenchHll : public HllString {
 public:
  explicit BenchHll(int elements) : bytes_(EmptyHll()) {
    Resize(bytes_.size());
    for (int i = 0; i < elements; ++i) Add(i);
  }
  void Add(int element) { Raise(HllPlaceOf("element:" + std::to_string(element)), kMaxSparse); }

 private:
  void Resize(size_t size) override {
    bytes_.resize(size);
    data_ = bytes_.data();
    size_ = size;
  }

  std::string bytes_;
};

// Elements that are in it already: the usual case, and one that leaves the size as it is.
void AddKnown(benchmark::State& state) {
  int count = static_cast<int>(state.range(0));
  BenchHll hll(count);
  int i = 0;
  for (auto _ : state) {
    hll.Add(i);
    i = i + 1 == count ? 0 : i + 1;
  }
}
BENCHMARK(AddKnown)->Arg(10)->Arg(100)->Arg(1000)->Arg(100'000);

void AddNew(benchmark::State& state) {
  int count = static_cast<int>(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(BenchHll(count).view());
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(AddNew)->Arg(10)->Arg(100)->Arg(1000)->Arg(100'000);

void Estimate(benchmark::State& state) {
  BenchHll hll(static_cast<int>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(EstimateHll(hll.view()));
}
BENCHMARK(Estimate)->Arg(1000)->Arg(100'000);

void Merge(benchmark::State& state) {
  BenchHll hll(static_cast<int>(state.range(0)));
  HllRegisters registers{};
  for (auto _ : state) {
    MergeHll(hll.view(), registers);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(Merge)->Arg(1000)->Arg(100'000);

}  // namespace
}  // namespace nuthatch::values
