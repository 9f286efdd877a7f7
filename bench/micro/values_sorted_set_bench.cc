// values::SortedSet of `element:%08d` with random scores, added in random order: nanoseconds an
// operation at random members, and bytes a member, when new and after as many score updates.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "server/base/random.h"
#include "server/values/sorted_set.h"

namespace {

using nuthatch::base::Random;
using nuthatch::values::ScoreRange;
using nuthatch::values::SortedSet;
using nuthatch::values::SortedSetBuilder;

struct Name {
  explicit Name(uint64_t number) {
    std::snprintf(text, sizeof text, "element:%08u", static_cast<unsigned>(number));
  }
  std::string_view view() const { return {text, 16}; }
  char text[24];
};

double RandomScore(Random& random) { return static_cast<double>(random.Next() >> 11) * 0x1p-53; }

std::vector<uint32_t> Shuffled(size_t count, Random& random) {
  std::vector<uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  for (size_t i = count; i > 1; --i) std::swap(order[i - 1], order[random.Below(i)]);
  return order;
}

std::unique_ptr<SortedSet> Filled(size_t count) {
  Random random(1);
  auto set = std::make_unique<SortedSet>();
  for (uint32_t number : Shuffled(count, random)) {
    set->Add(Name(number).view(), RandomScore(random));
  }
  return set;
}

void CountBytes(benchmark::State& state, const SortedSet& set) {
  state.counters["bytes_a_member"] =
      static_cast<double>(set.MemoryBytes()) / static_cast<double>(set.size());
  state.counters["leaf_fill"] = set.LeafFill();
}

void BM_AddNew(benchmark::State& state) {
  auto count = static_cast<size_t>(state.range(0));
  for (auto _ : state) {
    std::unique_ptr<SortedSet> set = Filled(count);
    state.PauseTiming();
    CountBytes(state, *set);
    set.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(count));
}
BENCHMARK(BM_AddNew)->Arg(1000)->Arg(1000000)->Unit(benchmark::kMillisecond);

void BM_BuildSorted(benchmark::State& state) {
  auto count = static_cast<size_t>(state.range(0));
  for (auto _ : state) {
    SortedSetBuilder builder;
    for (size_t i = 0; i < count; ++i) builder.Add(Name(i).view(), static_cast<double>(i));
    std::unique_ptr<SortedSet> set = builder.Finish();
    state.PauseTiming();
    CountBytes(state, *set);
    set.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(count));
}
BENCHMARK(BM_BuildSorted)->Arg(1000000)->Unit(benchmark::kMillisecond);

// The longest that any one operation takes while a set grows to 10,000,000 members.
void BM_LongestAdd(benchmark::State& state) {
  auto count = static_cast<size_t>(state.range(0));
  for (auto _ : state) {
    Random random(1);
    SortedSet set;
    double longest = 0;
    for (size_t i = 0; i < count; ++i) {
      Name name(i);
      double score = RandomScore(random);
      auto begin = std::chrono::steady_clock::now();
      set.Add(name.view(), score);
      std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
      longest = std::max(longest, took.count());
    }
    state.counters["longest_us"] = longest;
    double longest_slice = 0;
    for (bool done = false; !done;) {
      auto begin = std::chrono::steady_clock::now();
      done = set.FreeSome(256);
      std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
      longest_slice = std::max(longest_slice, took.count());
    }
    state.counters["longest_free_slice_us"] = longest_slice;
  }
}
BENCHMARK(BM_LongestAdd)->Arg(10000000)->Unit(benchmark::kMillisecond)->Iterations(1);

// --- On one set that all share ---

SortedSet& Shared(size_t count) {
  static std::unique_ptr<SortedSet> set;
  if (set == nullptr || set->size() != count) set = Filled(count);
  return *set;
}

template <typename Operation>
void Run(benchmark::State& state, Operation&& operation) {
  auto count = static_cast<size_t>(state.range(0));
  SortedSet& set = Shared(count);
  Random random(2);
  for (auto _ : state) {
    Name name(random.Below(count));
    benchmark::DoNotOptimize(operation(set, name.view(), random));
  }
  CountBytes(state, set);
}

#define SIZES Arg(1000)->Arg(1000000)

void BM_NameOnly(benchmark::State& state) {
  Run(state, [](SortedSet&, std::string_view name, Random&) { return name.size(); });
}
BENCHMARK(BM_NameOnly)->SIZES;

void BM_Score(benchmark::State& state) {
  Run(state,
      [](SortedSet& set, std::string_view name, Random&) { return set.Find(name)->score(); });
}
BENCHMARK(BM_Score)->SIZES;

void BM_Rank(benchmark::State& state) {
  Run(state,
      [](SortedSet& set, std::string_view name, Random&) { return set.Rank(set.Find(name)); });
}
BENCHMARK(BM_Rank)->SIZES;

void BM_AtRank(benchmark::State& state) {
  Run(state, [](SortedSet& set, std::string_view, Random& random) {
    return set.At(random.Below(set.size())).score();
  });
}
BENCHMARK(BM_AtRank)->SIZES;

// As ZRANGE of 100 elements: sums up what a reply would copy.
void BM_Range100(benchmark::State& state) {
  Run(state, [](SortedSet& set, std::string_view, Random& random) {
    auto at = set.At(random.Below(set.size() - 100));
    size_t sum = 0;
    for (int i = 0; i < 100; ++i, at.Next()) {
      sum += static_cast<unsigned char>(at.member().back());
    }
    return sum;
  });
}
BENCHMARK(BM_Range100)->SIZES;

void BM_CountScores(benchmark::State& state) {
  Run(state, [](SortedSet& set, std::string_view, Random& random) {
    double min = RandomScore(random);
    return set.Within(ScoreRange{min, min + 0.1}).size();
  });
}
BENCHMARK(BM_CountScores)->SIZES;

void BM_RemoveAndAdd(benchmark::State& state) {
  Run(state, [](SortedSet& set, std::string_view name, Random& random) {
    set.Remove(name);
    return set.Add(name, RandomScore(random));
  });
}
BENCHMARK(BM_RemoveAndAdd)->SIZES;

void BM_UpdateNear(benchmark::State& state) {
  Run(state, [](SortedSet& set, std::string_view name, Random& random) {
    const auto* element = set.Find(name);
    return set.Update(element, element->score() + (RandomScore(random) - 0.5) * 1e-6);
  });
}
BENCHMARK(BM_UpdateNear)->SIZES;

// ZADD of members that exist with new scores.
void BM_Update(benchmark::State& state) {
  Run(state, [](SortedSet& set, std::string_view name, Random& random) {
    return set.Add(name, RandomScore(random));
  });
}
BENCHMARK(BM_Update)->Arg(1000)->Arg(1000000)->Iterations(1000000);

// The same with small whole numbers as scores: many ties.
void BM_UpdateTies(benchmark::State& state) {
  Run(state, [](SortedSet& set, std::string_view name, Random& random) {
    return set.Add(name, static_cast<double>(random.Below(100)));
  });
}
BENCHMARK(BM_UpdateTies)->Arg(1000)->Arg(1000000)->Iterations(2000000);

}  // namespace
