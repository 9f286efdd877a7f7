// What bits cost: counting, searching and combining strings of several sizes (bytes a second), and
// fields of a few bits.
#include <string>

#include <benchmark/benchmark.h>

#include "server/base/random.h"
#include "server/values/bits.h"

namespace nuthatch::values {
namespace {

std::string Noise(size_t size) {
  base::Random random(1);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random.Below(256));
  return bytes;
}

void CountAll(benchmark::State& state) {
  std::string bytes = Noise(static_cast<size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(CountBits(bytes));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(CountAll)->Arg(16)->Arg(1024)->Arg(64 << 10)->Arg(64 << 20);

void FindTheLast(benchmark::State& state) {
  std::string bytes(static_cast<size_t>(state.range(0)), '\0');
  bytes.back() = 1;
  for (auto _ : state) benchmark::DoNotOptimize(FindBit(bytes, true, 0, bytes.size() * 8));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(FindTheLast)->Arg(16)->Arg(1024)->Arg(64 << 10)->Arg(64 << 20);

void And(benchmark::State& state) {
  std::string out = Noise(static_cast<size_t>(state.range(0)));
  std::string in = Noise(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    CombineBits(BitOperation::kAnd, out.data(), in);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(And)->Arg(16)->Arg(1024)->Arg(16 << 10)->Arg(64 << 20);

void IncrementField(benchmark::State& state) {
  std::string bytes(64, '\0');
  BitFieldType type{false, static_cast<int>(state.range(0))};
  uint64_t offset = 3;
  for (auto _ : state) {
    int64_t value = GetBitField(bytes, type, offset);
    value = *AddToBitField(type, value, 1, Overflow::kWrap);
    SetBitField(bytes.data(), bytes.size(), type, offset, value);
    offset = (offset + 7) % 256;
  }
}
BENCHMARK(IncrementField)->Arg(5)->Arg(63);

}  // namespace
}  // namespace nuthatch::values
