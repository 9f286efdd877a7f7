#include "tools/replay/advice.h"

#include <algorithm>
#include <mutex>
#include <set>

#include <gtest/gtest.h>

#include "eviction/reference.h"

namespace nuthatch::replay {
namespace {

AdviceRow Row(const std::string& name, std::vector<double> percents) {
  AdviceRow row;
  row.name = name;
  for (double percent : percents) {
    eviction::SimulationResult result;
    result.requests = 100'000;
    result.hits = static_cast<uint64_t>(percent * 1000);
    row.results.push_back(result);
  }
  return row;
}

Advice Get(const eviction::Trace& trace, const AdviceSettings& settings) {
  std::optional<Advice> advice = Advise(
      trace, settings, [](uint64_t) {}, false);
  EXPECT_TRUE(advice.has_value());
  return std::move(*advice);
}

const AdviceRow& Find(const std::vector<AdviceRow>& rows, const std::string& name) {
  auto found = std::ranges::find(rows, name, &AdviceRow::name);
  EXPECT_NE(found, rows.end()) << name;
  return *found;
}

TEST(Recommend, TakesTheBestInTheMean) {
  EXPECT_EQ(Recommend({Row("a", {10, 50}), Row("b", {20, 45}), Row("c", {30, 20})}), 1U);
}

TEST(Recommend, PrefersThePlainOneOfEquals) {
  EXPECT_EQ(Recommend({Row("a", {50, 50}), Row("b", {50.05, 50.1})}), 0U);
  EXPECT_EQ(Recommend({Row("a", {50, 50}), Row("b", {50.3, 50.1})}), 1U);
  EXPECT_EQ(Recommend({Row("a", {0, 0})}), 0U);
}

TEST(Advise, SimulatesEachPolicyAtEachSize) {
  eviction::Trace trace = eviction::MakeZipfTrace(2000, 0.9, 30'000, 5);
  AdviceSettings settings;
  settings.percents = {2, 20};
  settings.threads = 3;
  std::mutex mutex;
  std::multiset<uint64_t> calls;
  std::optional<Advice> advice = Advise(
      trace, settings,
      [&](uint64_t done) {
        std::lock_guard lock(mutex);
        calls.insert(done);
      },
      false);
  ASSERT_TRUE(advice.has_value());
  EXPECT_EQ(calls.size(), CountSimulations(settings));
  EXPECT_EQ(*calls.rbegin(), CountSimulations(settings));

  uint64_t unique = eviction::CountUniqueKeys(trace);
  EXPECT_EQ(advice->requests, trace.size());
  EXPECT_EQ(advice->keys, unique);
  EXPECT_FALSE(advice->has_sizes);
  ASSERT_EQ(advice->policies.size(), AllPolicies().size());
  ASSERT_EQ(advice->sizes.size(), 2U);
  EXPECT_EQ(advice->sizes[1].label, "20%");
  for (size_t i = 0; i < 2; ++i) {
    uint64_t keys = unique * (i == 0 ? 2 : 20) / 100;
    EXPECT_EQ(advice->sizes[i].capacity.keys, keys);
    uint64_t best = eviction::SimulateBelady(trace, keys).hits;
    EXPECT_EQ(Find(advice->bounds, "belady").results[i].hits, best);
    EXPECT_EQ(Find(advice->bounds, "exact lru").results[i].hits,
              eviction::SimulateExactLru(trace, keys).hits);
    for (const eviction::PolicyChoice& choice : AllPolicies()) {
      eviction::SimulationOptions options;
      options.capacity.keys = keys;
      options.key_overhead = kKeyOverhead;
      uint64_t hits = Find(advice->policies, eviction::PolicyName(choice)).results[i].hits;
      EXPECT_EQ(hits, eviction::Simulate(choice, trace, options).hits);
      EXPECT_LE(hits, best);
    }
  }
  for (size_t i = 1; i < advice->policies.size(); ++i) {
    EXPECT_GE(advice->policies[i - 1].mean_hit_ratio(), advice->policies[i].mean_hit_ratio());
  }
  EXPECT_GE(advice->policies[advice->recommended].mean_hit_ratio(),
            advice->policies[0].mean_hit_ratio() - kTie);
}

TEST(Advise, CountsBytesWhereTheTraceHasSizes) {
  // One large key that is asked for every other time, beside small ones.
  eviction::Trace trace;
  for (uint32_t i = 0; i < 4000; ++i) {
    trace.push_back(i % 2 == 0
                        ? eviction::TraceRecord{.key = 1, .size = 1000, .time_s = 0}
                        : eviction::TraceRecord{.key = 2 + i % 400, .size = 10, .time_s = 0});
  }
  AdviceSettings settings;
  settings.percents = {50, 100};
  Advice advice = Get(trace, settings);
  EXPECT_TRUE(advice.has_sizes);
  EXPECT_EQ(advice.bytes, 1000 + 200 * 10 + 201 * uint64_t{kKeyOverhead});
  EXPECT_EQ(advice.sizes[1].capacity.bytes, advice.bytes);
  // With room for all, every policy misses each key once.
  for (const AdviceRow& row : advice.policies) EXPECT_EQ(row.results[1].misses(), 201U) << row.name;
  double all_but_first = 100.0 * (2000 * 1010 - 1000 - 200 * 10) / (2000 * 1010);
  EXPECT_NEAR(advice.policies[advice.best_by_bytes].results[1].byte_hit_ratio(), all_but_first,
              1e-9);
}

TEST(Advise, TakesSizesInBytesAndTheValueSizeOfTracesWithoutSizes) {
  eviction::Trace trace = eviction::MakeZipfTrace(500, 0.9, 5000, 5);
  AdviceSettings settings;
  settings.bytes = {1024, uint64_t{1} << 30};
  settings.default_size = 936;
  settings.policies = {*eviction::ParsePolicyName("allkeys-lru")};
  Advice advice = Get(trace, settings);
  EXPECT_FALSE(advice.has_sizes);
  EXPECT_EQ(advice.sizes[0].label, "1kb");
  EXPECT_EQ(advice.sizes[1].label, "1gb");
  ASSERT_EQ(advice.policies.size(), 1U);
  // 1,000 bytes a key: one fits.
  EXPECT_EQ(advice.policies[0].results[0].hits, eviction::SimulateExactLru(trace, 1).hits);
  EXPECT_EQ(advice.policies[0].results[1].misses(), eviction::CountUniqueKeys(trace));
}

TEST(Advise, DoesNotDependOnTheNumberOfThreads) {
  eviction::Trace trace = eviction::MakeZipfTrace(500, 0.8, 10'000, 5);
  AdviceSettings settings;
  Advice one = Get(trace, settings);
  settings.threads = 4;
  Advice four = Get(trace, settings);
  EXPECT_EQ(one.recommended, four.recommended);
  for (size_t i = 0; i < one.policies.size(); ++i) {
    EXPECT_EQ(one.policies[i].name, four.policies[i].name);
    for (size_t k = 0; k < settings.percents.size(); ++k) {
      EXPECT_EQ(one.policies[i].results[k].hits, four.policies[i].results[k].hits);
    }
  }
}

TEST(Advise, StopsWhenItIsTold) {
  std::atomic<bool> stop = false;
  AdviceSettings settings;
  uint64_t calls = 0;
  std::optional<Advice> advice = Advise(
      eviction::MakeZipfTrace(50, 0.8, 1000, 5), settings,
      [&](uint64_t) {
        ++calls;
        stop = true;
      },
      stop);
  EXPECT_FALSE(advice.has_value());
  EXPECT_EQ(calls, 1U);
}

}  // namespace
}  // namespace nuthatch::replay
