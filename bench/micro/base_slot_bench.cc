// What a key costs before it is looked up: its slot (CRC16, with and without a hash tag), and its
// hash (XXH3 with a seed). Nanoseconds a key, over keys that lie in the first-level cache.
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "server/base/crc16.h"
#include "server/base/random.h"

namespace nuthatch::base {
namespace {

constexpr size_t kKeys = 64;

// `bytes` long, each with `prefix` in front and random digits behind it.
std::vector<std::string> MakeKeys(size_t bytes, std::string_view prefix) {
  Random random(1);
  std::vector<std::string> keys(kKeys, std::string(prefix));
  for (std::string& key : keys) {
    while (key.size() < bytes) key += static_cast<char>('0' + random.Below(10));
  }
  return keys;
}

template <typename Compute>
void Run(benchmark::State& state, std::string_view prefix, Compute compute) {
  auto keys = MakeKeys(static_cast<size_t>(state.range(0)), prefix);
  for (auto _ : state) {
    for (const std::string& key : keys) benchmark::DoNotOptimize(compute(key));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kKeys));
  state.counters["per_key"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * kKeys,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void Slot(benchmark::State& state) { Run(state, "key:", HashSlot); }
BENCHMARK(Slot)->Arg(8)->Arg(16)->Arg(32)->Arg(128);

// Only the tag counts: eight bytes of each key, whatever its length.
void SlotOfTaggedKey(benchmark::State& state) { Run(state, "{user1000}:", HashSlot); }
BENCHMARK(SlotOfTaggedKey)->Arg(16)->Arg(32)->Arg(128);

void Hash(benchmark::State& state) {
  uint64_t seed = 0x9E3779B97F4A7C15;
  benchmark::DoNotOptimize(seed);
  Run(state, "key:", [seed](std::string_view key) {
    return XXH3_64bits_withSeed(key.data(), key.size(), seed);
  });
}
BENCHMARK(Hash)->Arg(8)->Arg(16)->Arg(32)->Arg(128);

}  // namespace
}  // namespace nuthatch::base
