// A keyspace of 16-byte keys and 32-byte values spread over all slots: bytes a key, GET and SET as
// the runtime does them, fresh inserts, expiry.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "server/base/clock.h"
#include "server/base/memory.h"
#include "server/base/random.h"
#include "server/keyspace/evictor.h"
#include "server/keyspace/keyspace.h"

namespace nuthatch::keyspace {
namespace {

constexpr int64_t kNow = 1'700'000'000'000;
const std::string kValue(32, 'v');

struct Name {
  explicit Name(uint64_t number, const char* form = "key:%012llu") {
    size = static_cast<size_t>(
        std::snprintf(bytes, sizeof(bytes), form, static_cast<unsigned long long>(number)));
  }
  std::string_view view() const { return {bytes, size}; }
  char bytes[40];
  size_t size;
};

// Sets keys [0, count) as the runtime does: in batches that are looked up together.
void Fill(Keyspace& keyspace, uint64_t count, Ttl ttl = Ttl::None(),
          const char* form = "key:%012llu") {
  constexpr uint64_t kBatch = 64;
  std::vector<Name> names;
  std::vector<Key> keys;
  for (uint64_t first = 0; first < count; first += kBatch) {
    names.clear();
    keys.clear();
    for (uint64_t i = first; i < std::min(count, first + kBatch); ++i) names.emplace_back(i, form);
    for (const Name& name : names) keys.push_back(Key::Of(name.view()));
    for (const Key& key : keys) keyspace.PrefetchTable(0, key);
    for (const Key& key : keys) keyspace.PrefetchBucket(0, key);
    for (const Key& key : keys) keyspace.PrefetchEntry(0, key);
    for (const Key& key : keys) {
      keyspace.SetString(0, key, keyspace.Find(0, key, kNow, Touch::kWrite), kValue, ttl);
    }
  }
}

void BM_KeyOf(benchmark::State& state) {
  Name name(12345);
  for (auto _ : state) benchmark::DoNotOptimize(Key::Of(name.view()));
}
BENCHMARK(BM_KeyOf);

void BM_Get(benchmark::State& state) {
  Keyspace keyspace({});
  auto count = static_cast<uint64_t>(state.range(0));
  Fill(keyspace, count);
  base::Random random(1);
  for (auto _ : state) {
    Name name(random.Below(count));
    benchmark::DoNotOptimize(keyspace.Find(0, Key::Of(name.view()), kNow));
  }
}
BENCHMARK(BM_Get)->Arg(1000)->Arg(1000000);

// Names are made outside of the measured time; hashing, prefetching and finding are in it.
void BM_GetBatch(benchmark::State& state) {
  auto count = static_cast<uint64_t>(state.range(0));
  auto batch = static_cast<size_t>(state.range(1));
  Keyspace keyspace({});
  Fill(keyspace, count);
  base::Random random(1);
  std::vector<Name> names;
  for (size_t i = 0; i < 65536; ++i) names.emplace_back(random.Below(count));
  std::vector<Key> keys(batch);
  size_t at = 0;
  keyspace.BeginBatch(kNow);
  for (auto _ : state) {
    for (Key& key : keys) key = Key::Of(names[at++ % names.size()].view());
    for (const Key& key : keys) keyspace.PrefetchTable(0, key);
    for (const Key& key : keys) keyspace.PrefetchBucket(0, key);
    for (const Key& key : keys) keyspace.PrefetchEntry(0, key);
    for (const Key& key : keys) {
      EntryRef ref = keyspace.Find(0, key, kNow);
      NumberText number;
      benchmark::DoNotOptimize(ref->Text(number).size());
    }
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * batch));
}
BENCHMARK(BM_GetBatch)->Args({1000000, 16})->Args({1000000, 64})->Args({10000000, 64});

void BM_SetBatch(benchmark::State& state) {
  constexpr uint64_t kCount = 1000000;
  auto batch = static_cast<size_t>(state.range(0));
  Keyspace keyspace({});
  Fill(keyspace, kCount);
  base::Random random(1);
  std::vector<Name> names;
  for (size_t i = 0; i < 65536; ++i) names.emplace_back(random.Below(kCount));
  std::vector<Key> keys(batch);
  size_t at = 0;
  for (auto _ : state) {
    for (Key& key : keys) key = Key::Of(names[at++ % names.size()].view());
    for (const Key& key : keys) keyspace.PrefetchTable(0, key);
    for (const Key& key : keys) keyspace.PrefetchBucket(0, key);
    for (const Key& key : keys) keyspace.PrefetchEntry(0, key);
    for (const Key& key : keys) {
      keyspace.SetString(0, key, keyspace.Find(0, key, kNow, Touch::kWrite), kValue, Ttl::None());
    }
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * batch));
}
BENCHMARK(BM_SetBatch)->Arg(64);

// 2,000,000 fresh keys, growth included; arg 1: all with a TTL; arg 2: all under one hash tag.
void BM_InsertFresh(benchmark::State& state) {
  constexpr uint64_t kCount = 2000000;
  double bytes = 0;
  int64_t longest = 0;
  for (auto _ : state) {
    uint64_t before = base::UsedMemory();
    Keyspace keyspace({});
    Fill(keyspace, kCount, state.range(0) != 0 ? Ttl::At(kNow + 1000000) : Ttl::None(),
         state.range(1) != 0 ? "{t}:%012llu" : "key:%012llu");
    bytes = static_cast<double>(base::UsedMemory() - before) / kCount;
    int64_t start = base::ThreadCpuNs();
    keyspace.Flush(0);
    longest = std::max(longest, base::ThreadCpuNs() - start);
    state.PauseTiming();
    while (keyspace.BackgroundStep(1'000'000'000)) {
    }
    state.ResumeTiming();
  }
  state.counters["above_payload"] = bytes - 48;
  state.counters["flush_us"] = static_cast<double>(longest) / 1000;
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kCount));
}
BENCHMARK(BM_InsertFresh)
    ->Args({0, 0})
    ->Args({1, 0})
    ->Args({0, 1})
    ->Args({1, 1})
    ->Unit(benchmark::kMillisecond);

// 1,000 keys of one deadline among a million others.
void BM_ExpireAmongMany(benchmark::State& state) {
  Keyspace keyspace({});
  Fill(keyspace, 1000000, Ttl::At(kNow + 1000000000));
  for (auto _ : state) {
    state.PauseTiming();
    Fill(keyspace, 1000, Ttl::At(kNow + 1), "due:%012llu");
    state.ResumeTiming();
    if (keyspace.ExpireDue(kNow + 1, 1'000'000'000) != 1000) state.SkipWithError("not all");
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * 1000));
}
BENCHMARK(BM_ExpireAmongMany)->Unit(benchmark::kMicrosecond);

void BM_ExpireAll(benchmark::State& state) {
  constexpr uint64_t kCount = 1000000;
  for (auto _ : state) {
    state.PauseTiming();
    Keyspace keyspace({});
    Fill(keyspace, kCount, Ttl::At(kNow + 1));
    state.ResumeTiming();
    while (keyspace.NextDeadline() != kNoDeadline) keyspace.ExpireDue(kNow + 1, 1'000'000);
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kCount));
}
BENCHMARK(BM_ExpireAll)->Unit(benchmark::kMillisecond);

void BM_EvictLru(benchmark::State& state) {
  constexpr uint64_t kCount = 1000000;
  Keyspace keyspace({});
  Evictor evictor(keyspace);
  keyspace.SetPolicy(*eviction::ParsePolicyName("allkeys-lru"), {});
  keyspace.BeginBatch(kNow);
  Fill(keyspace, kCount);
  uint64_t next = kCount;
  for (auto _ : state) {
    evictor.Evict(64, kNow, 1'000'000'000);
    state.PauseTiming();
    Name name(next++);
    Key key = Key::Of(name.view());
    keyspace.SetString(0, key, {}, kValue, Ttl::None());
    state.ResumeTiming();
  }
}
BENCHMARK(BM_EvictLru)->Iterations(200000);

}  // namespace
}  // namespace nuthatch::keyspace
