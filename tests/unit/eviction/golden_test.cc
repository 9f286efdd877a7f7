// Miss counts of every policy on one small synthetic trace at four cache sizes, to the request.
// They change when a policy's decisions change: then look at the new figures, and write them down
// here.
#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <string>

#include <gtest/gtest.h>

#include "eviction/reference.h"
#include "eviction/registry.h"
#include "eviction/simulate.h"
#include "server/base/random.h"

namespace nuthatch::eviction {
namespace {

constexpr uint64_t kKeys = 2000;
constexpr uint64_t kRequests = 50'000;
constexpr uint64_t kSizes[] = {20, 100, 200, 500};
using Misses = std::array<uint64_t, std::size(kSizes)>;

// Popularity 1 / (rank + 1), by integers alone, so that it is the same everywhere; every 5,000
// requests a scan of 500 new keys; half-way a quarter of the ranks change hands. 1,000 requests a
// second.
Trace GoldenTrace() {
  base::Random random(2026);
  std::vector<uint64_t> cumulative(kKeys);
  uint64_t sum = 0;
  for (uint64_t i = 0; i < kKeys; ++i) cumulative[i] = sum += (uint64_t{1} << 32) / (i + 1);
  std::vector<uint64_t> key_of_rank(kKeys);
  std::iota(key_of_rank.begin(), key_of_rank.end(), uint64_t{0});
  Trace trace;
  uint64_t next_scan_key = 1'000'000;
  auto append = [&](uint64_t key) {
    trace.push_back({.key = key, .size = 0, .time_s = static_cast<uint32_t>(trace.size() / 1000)});
  };
  while (trace.size() < kRequests) {
    if (trace.size() % 5000 == 4500) {
      for (int i = 0; i < 500; ++i) append(next_scan_key++);
      continue;
    }
    if (trace.size() == kRequests / 2) {
      for (uint64_t i = 0; i < kKeys / 4; ++i) {
        std::swap(key_of_rank[random.Below(kKeys)], key_of_rank[random.Below(kKeys)]);
      }
    }
    auto place = std::upper_bound(cumulative.begin(), cumulative.end(), random.Below(sum));
    append(key_of_rank[static_cast<size_t>(place - cumulative.begin())]);
  }
  return trace;
}

Misses MissesOf(const PolicyRow& row, const Trace& trace) {
  Misses misses;
  for (size_t i = 0; i < std::size(kSizes); ++i) {
    SimulationOptions options;
    options.capacity.keys = kSizes[i];
    options.with_deadlines = true;
    misses[i] =
        Simulate({.row = &row, .volatile_only = !row.allkeys && row.volatiles}, trace, options)
            .misses();
  }
  return misses;
}

TEST(Golden, TraceIsTheOneThatTheCountsBelongTo) {
  Trace trace = GoldenTrace();
  ASSERT_EQ(trace.size(), kRequests);
  uint64_t digest = 0;
  for (const TraceRecord& record : trace) digest = digest * 31 + record.key;
  EXPECT_EQ(digest, 6368370308937125784U);
}

TEST(Golden, EveryPolicyMissesAsOftenAsEver) {
  const std::map<std::string_view, Misses> golden = {
      {"lru", {37760, 27518, 23176, 17731}},         {"lfu", {33276, 24274, 20319, 15168}},
      {"random", {39242, 30410, 26007, 20000}},      {"ttl", {44961, 36957, 32012, 25103}},
      {"none", {40168, 30876, 26281, 20109}},        {"lrm", {39686, 29816, 25251, 19180}},
      {"s3fifo", {32078, 23916, 19788, 14699}},      {"auto", {32126, 23811, 19761, 14703}},
      {"sieve", {31967, 23441, 19525, 14843}},       {"tinylfu", {35863, 25632, 20829, 15368}},
      {"s3fifo-size", {32293, 23713, 19780, 14733}},
  };
  Trace trace = GoldenTrace();
  for (const PolicyRow& row : PolicyRows()) {
    Misses misses = MissesOf(row, trace);
    ASSERT_TRUE(golden.contains(row.base))
        << row.base << " needs a row: " << testing::PrintToString(misses);
    EXPECT_EQ(misses, golden.at(row.base)) << row.base;
  }
}

TEST(Golden, SampledPoliciesComeCloseToTheExactOnes) {
  Trace trace = GoldenTrace();
  Misses lru = MissesOf(*FindPolicyRow("lru"), trace);
  Misses random = MissesOf(*FindPolicyRow("random"), trace);
  for (size_t i = 0; i < std::size(kSizes); ++i) {
    uint64_t exact = SimulateExactLru(trace, kSizes[i]).misses();
    uint64_t optimum = SimulateBelady(trace, kSizes[i]).misses();
    // A point, in requests.
    EXPECT_LT(lru[i], exact + kRequests / 100) << kSizes[i];
    EXPECT_GT(lru[i], optimum);
    EXPECT_LT(lru[i], random[i]);
  }
}

}  // namespace
}  // namespace nuthatch::eviction
