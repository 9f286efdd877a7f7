#include "tools/replay/pipeline.h"

#include <unordered_set>

#include <gtest/gtest.h>

#include "server/base/random.h"

namespace nuthatch::replay {
namespace {

eviction::Trace TraceOf(std::initializer_list<uint64_t> keys, uint32_t size = 0) {
  eviction::Trace trace;
  for (uint64_t key : keys) trace.push_back({.key = key, .size = size, .time_s = 0});
  return trace;
}

TEST(Pipeline, EndsWhereAKeyWouldComeTwice) {
  eviction::Trace trace = TraceOf({1, 2, 3, 2, 4, 4});
  PipelineLimits limits;
  EXPECT_EQ(PipelineEnd(trace, 0, limits), 3U);
  EXPECT_EQ(PipelineEnd(trace, 3, limits), 5U);
  EXPECT_EQ(PipelineEnd(trace, 5, limits), 6U);
}

TEST(Pipeline, EndsAtItsDepth) {
  eviction::Trace trace = TraceOf({1, 2, 3, 4, 5});
  EXPECT_EQ(PipelineEnd(trace, 0, {.depth = 2, .bytes = 1U << 20U, .default_size = 1}), 2U);
  EXPECT_EQ(PipelineEnd(trace, 4, {.depth = 2, .bytes = 1U << 20U, .default_size = 1}), 5U);
  EXPECT_EQ(PipelineEnd(trace, 1, {.depth = 1, .bytes = 1U << 20U, .default_size = 1}), 2U);
}

TEST(Pipeline, EndsAtItsBytesButHasOneRequest) {
  PipelineLimits limits = {.depth = 32, .bytes = 1000, .default_size = 400};
  EXPECT_EQ(PipelineEnd(TraceOf({1, 2, 3, 4}), 0, limits), 2U);
  EXPECT_EQ(PipelineEnd(TraceOf({1, 2, 3, 4}, 250), 0, limits), 4U);
  EXPECT_EQ(PipelineEnd(TraceOf({1, 2, 3, 4}, 5000), 1, limits), 2U);
}

// Played with the pipelines, each with its misses set after its reads, a cache answers as one by
// one.
TEST(Pipeline, ChangesNoAnswer) {
  base::Random random(3);
  eviction::Trace trace;
  for (int i = 0; i < 5000; ++i) {
    trace.push_back({.key = random.Below(1 + random.Below(60)), .size = 0, .time_s = 0});
  }
  std::unordered_set<uint64_t> seen;
  uint64_t hits = 0;
  size_t pipelines = 0;
  for (size_t first = 0; first < trace.size(); ++pipelines) {
    size_t end = PipelineEnd(trace, first, {});
    ASSERT_GT(end, first);
    for (size_t i = first; i < end; ++i) hits += seen.contains(trace[i].key) ? 1 : 0;
    for (size_t i = first; i < end; ++i) seen.insert(trace[i].key);
    first = end;
  }
  EXPECT_EQ(hits, trace.size() - eviction::CountUniqueKeys(trace));
  EXPECT_LT(pipelines, trace.size() / 2);
}

TEST(Pace, WaitsUntilARequestIsDue) {
  EXPECT_EQ(PaceDelayNs(0, 1000, 0), 0);
  EXPECT_EQ(PaceDelayNs(500, 1000, 0), 500'000'000);
  EXPECT_EQ(PaceDelayNs(500, 1000, 400'000'000), 100'000'000);
  EXPECT_EQ(PaceDelayNs(500, 1000, 600'000'000), 0);
  // Far on, and without an overflow.
  EXPECT_EQ(PaceDelayNs(1U << 28U, 1, 0), (int64_t{1} << 28) * 1'000'000'000);
}

}  // namespace
}  // namespace nuthatch::replay
