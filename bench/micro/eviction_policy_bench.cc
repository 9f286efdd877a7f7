// Every policy of the registry: nanoseconds an access, an insert, a pick and an eviction, and bytes
// a key.
//
// Access runs over metas that fit into the first-level cache: what is measured is the hook, not the
// miss that fetches the key. "baseline" is the same loop without a hook.
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "eviction/registry.h"
#include "eviction/simulate.h"
#include "server/base/random.h"

namespace nuthatch::eviction {
namespace {

constexpr int64_t kNow = 1'700'000'000'000;
constexpr size_t kMetas = 1024;
constexpr uint64_t kKeys = 1 << 17;
constexpr size_t kBatch = 64;

void BM_AccessBaseline(benchmark::State& state) {
  std::vector<KeyMeta> metas(kMetas);
  size_t i = 0;
  for (auto _ : state) {
    KeyMeta meta = metas[i++ % kMetas];
    benchmark::DoNotOptimize(meta);
  }
}
BENCHMARK(BM_AccessBaseline)->Name("access/baseline");

// One batch is kBatch accesses; the clock goes on by a millisecond a batch.
void BM_Access(benchmark::State& state, const PolicyRow* row) {
  std::unique_ptr<Policy> policy = row->make({});
  std::vector<KeyMeta> metas(kMetas);
  for (size_t i = 0; i < kMetas; ++i) metas[i] = policy->OnInsert(i, 64, kNow);
  int64_t now_ms = kNow;
  size_t i = 0;
  for (auto _ : state) {
    AccessHook hook = policy->BeginBatch(++now_ms);
    benchmark::DoNotOptimize(hook);
    for (size_t end = i + kBatch; i < end; ++i) {
      KeyMeta& stored = metas[i % kMetas];
      KeyMeta meta = stored;
      Changed changed = hook.OnAccess(i * 0x9E3779B97F4A7C15U, meta, AccessKind::kRead);
      if (ChangedTag(changed)) stored.tag = meta.tag;
      if (ChangedAccess(changed)) stored.access = meta.access;
    }
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kBatch));
  state.counters["time_an_access"] = benchmark::Counter(
      kBatch, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void BM_Insert(benchmark::State& state, const PolicyRow* row) {
  std::unique_ptr<Policy> policy = row->make({});
  uint64_t hash = 0;
  for (auto _ : state) {
    KeyMeta meta = policy->OnInsert(hash += 0x9E3779B97F4A7C15U, 64, kNow);
    benchmark::DoNotOptimize(meta);
    policy->OnRemove(hash, meta, 64, RemoveReason::kDeleted);
  }
}

PolicyChoice WidestChoice(const PolicyRow* row) {
  return {.row = row, .volatile_only = !row->allkeys && row->volatiles};
}

// A pick with the simulated cache of kKeys keys under it (25 MB: its misses count too). The victim
// stays where it is, so that nothing but the pick is measured.
void BM_Pick(benchmark::State& state, const PolicyRow* row) {
  SimulatedCache cache(WidestChoice(row), {}, {});
  base::Random random(5);
  for (uint64_t key = 0; key < kKeys; ++key) {
    cache.Set(key, 64, kNow + static_cast<int64_t>(key / 64), kNow * 2 + static_cast<int64_t>(key));
  }
  int64_t now_ms = kNow + static_cast<int64_t>(kKeys / 64);
  for (uint64_t i = 0; i < kKeys; ++i)
    cache.Get(random.Below(kKeys), now_ms + static_cast<int64_t>(i / 64));
  now_ms += static_cast<int64_t>(kKeys / 64);
  for (auto _ : state) {
    Pick pick = cache.policy().PickVictim(cache, cache.scope(), now_ms);
    benchmark::DoNotOptimize(pick);
  }
  state.counters["metadata_bytes_a_key"] =
      static_cast<double>(cache.policy().metadata_bytes()) / static_cast<double>(cache.size());
}

// An eviction and the insert of a key that is new, in a full cache of kKeys keys: the pick with all
// that follows, as a policy's own state depends on it.
void BM_Evict(benchmark::State& state, const PolicyRow* row) {
  SimulatedCache cache(WidestChoice(row), {}, {});
  base::Random random(5);
  int64_t now_us = kNow * 1000;
  uint64_t next_key = 0;
  for (; next_key < kKeys; ++next_key) cache.Set(next_key, 64, (now_us += 10) / 1000, kNow * 2);
  for (auto _ : state) {
    int64_t now_ms = (now_us += 10) / 1000;
    cache.Get(next_key - random.Below(kKeys), now_ms);
    benchmark::DoNotOptimize(cache.Evict(now_ms));
    cache.Set(next_key++, 64, now_ms, kNow * 2);
  }
  state.counters["metadata_bytes_a_key"] =
      static_cast<double>(cache.policy().metadata_bytes()) / static_cast<double>(cache.size());
}

// The whole life in a cache that is full: GET, on a miss evict and SET. Zipf(0.9), 10%.
void BM_Simulate(benchmark::State& state, const PolicyRow* row) {
  static const Trace trace = MakeZipfTrace(100'000, 0.9, 1'000'000, 9);
  SimulationOptions options;
  options.capacity.keys = 10'000;
  options.with_deadlines = true;
  double hit_ratio = 0;
  for (auto _ : state) hit_ratio = Simulate(WidestChoice(row), trace, options).hit_ratio();
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * trace.size()));
  state.counters["hit_ratio"] = hit_ratio;
}

const bool kRegistered = [] {
  for (const PolicyRow& row : PolicyRows()) {
    std::string name(row.base);
    benchmark::RegisterBenchmark(("access/" + name).c_str(), BM_Access, &row);
    benchmark::RegisterBenchmark(("insert/" + name).c_str(), BM_Insert, &row);
    if (!row.evicts) continue;
    benchmark::RegisterBenchmark(("pick/" + name).c_str(), BM_Pick, &row);
    benchmark::RegisterBenchmark(("evict/" + name).c_str(), BM_Evict, &row);
    benchmark::RegisterBenchmark(("simulate/" + name).c_str(), BM_Simulate, &row)
        ->Iterations(1)
        ->Unit(benchmark::kMillisecond);
  }
  return true;
}();

}  // namespace
}  // namespace nuthatch::eviction
