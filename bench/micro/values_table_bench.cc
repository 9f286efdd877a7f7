// Large hashes and sets: find, change, insert, erase, walks; bytes an element; and the longest that
// one operation takes while ten million come, five million go, and the rest is freed in slices.
//
// Elements are "field:%010d" (16 bytes) with values of 32 bytes, and members "element:%08d".
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "server/base/clock.h"
#include "server/base/random.h"
#include "server/values/hash_value.h"
#include "server/values/set_operations.h"
#include "server/values/set_value.h"

namespace nuthatch::values {
namespace {

using base::Random;

constexpr uint64_t kMillion = 1'000'000;
const std::string kValue(32, 'v');

struct Name {
  Name(const char* form, uint64_t number)
      : size(static_cast<size_t>(
            std::snprintf(bytes, sizeof(bytes), form, static_cast<unsigned long long>(number)))) {}
  std::string_view view() const { return {bytes, size}; }
  char bytes[32];
  size_t size;
};

// All names, made beforehand.
std::vector<Name> Names(const char* form, uint64_t count) {
  std::vector<Name> names;
  names.reserve(count);
  for (uint64_t i = 0; i < count; ++i) names.emplace_back(form, i);
  return names;
}
constexpr const char* kField = "field:%010llu";
constexpr const char* kMember = "element:%08llu";

const std::vector<Name>& Fields() {
  static const std::vector<Name> names = Names(kField, kMillion);
  return names;
}
const std::vector<Name>& Members() {
  static const std::vector<Name> names = Names(kMember, kMillion);
  return names;
}

std::unique_ptr<HashValue> FilledHash(size_t value_size = kValue.size(),
                                      uint64_t count = kMillion) {
  auto hash = std::make_unique<HashValue>();
  const std::string value(value_size, 'v');
  for (uint64_t i = 0; i < count; ++i) hash->Set(Hashed(Fields()[i].view()), value);
  return hash;
}
std::unique_ptr<SetValue> FilledSet(uint64_t first = 0) {
  auto set = std::make_unique<SetValue>();
  for (uint64_t i = first; i < kMillion; ++i) set->Insert(Hashed(Members()[i].view()));
  return set;
}

// Numbers in random order: a cheap walk over all of them.
class Shuffled {
 public:
  uint64_t Next() { return at_ = (at_ + 618'033) % kMillion; }

 private:
  uint64_t at_ = 0;
};

template <typename Value>
void CountBytes(benchmark::State& state, const Value& value) {
  state.counters["bytes_an_element"] =
      static_cast<double>(value.MemoryBytes()) / static_cast<double>(value.size());
}

void BM_HashFind(benchmark::State& state) {
  auto hash = FilledHash();
  Random random(1);
  for (auto _ : state) {
    auto value = hash->Get(Hashed(Fields()[random.Below(kMillion)].view()));
    benchmark::DoNotOptimize(value->back());
  }
  CountBytes(state, *hash);
}
BENCHMARK(BM_HashFind);

// As HMGET and a batch of HGETs do.
void BM_HashFindBatchOf16(benchmark::State& state) {
  constexpr size_t kBatch = 16;
  auto hash = FilledHash();
  Random random(1);
  for (auto _ : state) {
    Hashed fields[kBatch];
    HashValue::Place places[kBatch];
    for (Hashed& field : fields) field = Hashed(Fields()[random.Below(kMillion)].view());
    hash->FindEach(fields, places);
    for (auto place : places) benchmark::DoNotOptimize(hash->ValueAt(place).back());
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kBatch));
}
BENCHMARK(BM_HashFindBatchOf16);

void BM_HashOverwrite(benchmark::State& state) {
  auto hash = FilledHash();
  Random random(1);
  for (auto _ : state) hash->Set(Hashed(Fields()[random.Below(kMillion)].view()), kValue);
}
BENCHMARK(BM_HashOverwrite);

// As HINCRBY does, on counters of up to seven digits.
void BM_HashIncrement(benchmark::State& state) {
  HashValue hash;
  for (const Name& name : Fields()) hash.Set(Hashed(name.view()), "0");
  Random random(1);
  for (auto _ : state) {
    Hashed field(Fields()[random.Below(kMillion)].view());
    auto place = hash.Find(field);
    int64_t number = base::ParseInt64(hash.ValueAt(place)).value_or(0);
    char text[base::kMaxInt64Chars];
    hash.SetAt(place, {text, base::FormatInt64(number + 123, text)});
  }
}
BENCHMARK(BM_HashIncrement);

// 100,000 values of one size: read one; make it a quarter longer or shorter.
constexpr uint64_t kSized = 100'000;
void BM_HashReadOfSize(benchmark::State& state) {
  auto hash = FilledHash(static_cast<size_t>(state.range(0)), kSized);
  Random random(1);
  for (auto _ : state) {
    auto value = hash->Get(Hashed(Fields()[random.Below(kSized)].view()));
    benchmark::DoNotOptimize(value->back());
  }
  CountBytes(state, *hash);
}
BENCHMARK(BM_HashReadOfSize)->Arg(200)->Arg(500)->Arg(1000)->Arg(1040);

void BM_HashResizeOfSize(benchmark::State& state) {
  auto size = static_cast<size_t>(state.range(0));
  auto hash = FilledHash(size, kSized);
  const std::string other(size + size / 4, 'w');
  const std::string same(size, 'v');
  Random random(1);
  for (auto _ : state) {
    Hashed field(Fields()[random.Below(kSized)].view());
    hash->Set(field, (random.Next() & 1) != 0 ? other : same);
  }
}
BENCHMARK(BM_HashResizeOfSize)->Arg(200)->Arg(500)->Arg(1000)->Arg(1040);

void BM_HashInsert(benchmark::State& state) {
  Fields();
  for (auto _ : state) {
    auto hash = FilledHash();
    state.PauseTiming();
    hash.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kMillion));
}
BENCHMARK(BM_HashInsert)->Unit(benchmark::kMillisecond);

void BM_HashErase(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    auto hash = FilledHash();
    Shuffled order;
    state.ResumeTiming();
    for (uint64_t i = 0; i < kMillion; ++i) hash->Erase(Hashed(Fields()[order.Next()].view()));
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kMillion));
}
BENCHMARK(BM_HashErase)->Unit(benchmark::kMillisecond);

void BM_HashForEach(benchmark::State& state) {
  auto hash = FilledHash();
  size_t sum = 0;
  for (auto _ : state) {
    hash->ForEach([&](std::string_view field, std::string_view value) {
      sum += field.size() + static_cast<size_t>(value.back());
    });
  }
  benchmark::DoNotOptimize(sum);
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kMillion));
}
BENCHMARK(BM_HashForEach)->Unit(benchmark::kMillisecond);

void BM_SetFind(benchmark::State& state) {
  auto set = FilledSet();
  Random random(1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(set->Contains(Hashed(Members()[random.Below(kMillion)].view())));
  }
  CountBytes(state, *set);
}
BENCHMARK(BM_SetFind);

void BM_SetFindMiss(benchmark::State& state) {
  auto set = FilledSet();
  Fields();
  Random random(1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(set->Contains(Hashed(Fields()[random.Below(kMillion)].view())));
  }
}
BENCHMARK(BM_SetFindMiss);

void BM_SetFindBatchOf16(benchmark::State& state) {
  constexpr size_t kBatch = 16;
  auto set = FilledSet();
  Random random(1);
  for (auto _ : state) {
    Hashed members[kBatch];
    for (Hashed& member : members) member = Hashed(Members()[random.Below(kMillion)].view());
    benchmark::DoNotOptimize(set->Contains(members));
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kBatch));
}
BENCHMARK(BM_SetFindBatchOf16);

void BM_SetInsert(benchmark::State& state) {
  Members();
  for (auto _ : state) {
    auto set = FilledSet();
    state.PauseTiming();
    set.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kMillion));
}
BENCHMARK(BM_SetInsert)->Unit(benchmark::kMillisecond);

void BM_SetErase(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    auto set = FilledSet();
    Shuffled order;
    state.ResumeTiming();
    for (uint64_t i = 0; i < kMillion; ++i) set->Erase(Hashed(Members()[order.Next()].view()));
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kMillion));
}
BENCHMARK(BM_SetErase)->Unit(benchmark::kMillisecond);

void BM_SetRandomMember(benchmark::State& state) {
  auto set = FilledSet();
  Random random(1);
  for (auto _ : state) benchmark::DoNotOptimize(set->RandomMember(random).back());
}
BENCHMARK(BM_SetRandomMember);

void BM_SetDuplicate(benchmark::State& state) {
  auto set = FilledSet();
  for (auto _ : state) {
    auto copy = set->Duplicate();
    state.PauseTiming();
    copy.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kMillion));
}
BENCHMARK(BM_SetDuplicate)->Unit(benchmark::kMillisecond);

// Two sets of about a million members, most of them in both.
void BM_SetIntersect(benchmark::State& state) {
  auto first = FilledSet();
  auto second = FilledSet(1000);
  LargeSetView views[] = {LargeSetView(*first), LargeSetView(*second)};
  const SetView* sets[] = {&views[0], &views[1]};
  for (auto _ : state) benchmark::DoNotOptimize(CountIntersection(sets, 0));
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * second->size()));
}
BENCHMARK(BM_SetIntersect)->Unit(benchmark::kMillisecond);

// The longest of a sequence of calls that is run several times: of each call the shortest time
// counts, for what else the machine does seldom meets the same call again.
class Longest {
 public:
  void Restart() { at_ = 0; }
  template <typename Call>
  void Time(Call&& call) {
    int64_t begin = base::MonotonicNs();
    call();
    int64_t took = base::MonotonicNs() - begin;
    if (at_ == least_ns_.size()) least_ns_.push_back(INT64_MAX);
    least_ns_[at_] = std::min(least_ns_[at_], took);
    ++at_;
  }
  double us() const {
    return static_cast<double>(*std::max_element(least_ns_.begin(), least_ns_.end())) / 1000;
  }

 private:
  size_t at_ = 0;
  std::vector<int64_t> least_ns_;
};

void BM_SetLongestOperation(benchmark::State& state) {
  constexpr uint64_t kCount = 10 * kMillion;
  Longest insert;
  Longest erase;
  Longest free;
  for (auto _ : state) {
    auto set = std::make_unique<SetValue>();
    for (Longest* longest : {&insert, &erase, &free}) longest->Restart();
    for (uint64_t i = 0; i < kCount; ++i) {
      Name name(kMember, i);
      insert.Time([&] { set->Insert(Hashed(name.view())); });
    }
    for (uint64_t i = 0; i < kCount / 2; ++i) {
      Name name(kMember, i * 7'654'321 % kCount);
      erase.Time([&] { set->Erase(Hashed(name.view())); });
    }
    for (bool done = false; !done;) free.Time([&] { done = set->FreeSome(256); });
  }
  state.counters["insert_us"] = insert.us();
  state.counters["erase_us"] = erase.us();
  state.counters["free_256_us"] = free.us();
}
BENCHMARK(BM_SetLongestOperation)->Iterations(3)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace nuthatch::values
