#include "server/runtime/latency_events.h"

#include <gtest/gtest.h>

namespace nuthatch::runtime {
namespace {

TEST(LatencyEvent, KeepsTheLongestOfEachSecond) {
  LatencyEvents events;
  NoteLatency(events, "command", 100, 20);
  NoteLatency(events, "command", 100, 50);
  NoteLatency(events, "command", 100, 30);
  NoteLatency(events, "command", 101, 10);
  const LatencyEvent& event = events.at("command");
  ASSERT_EQ(event.samples.size(), 2U);
  EXPECT_EQ(event.samples[0].ms, 50);
  EXPECT_EQ(event.samples[1].ms, 10);
  EXPECT_EQ(event.longest_ms, 50);
}

TEST(LatencyEvent, ForgetsTheOldestSamplesButNotTheLongest) {
  LatencyEvent event;
  event.Add({1, 1000});
  for (int64_t second = 2; second <= 300; ++second) event.Add({second, 5});
  EXPECT_EQ(event.samples.size(), LatencyEvent::kMostSamples);
  EXPECT_EQ(event.samples.front().unix_time_s, 300 - 159);
  EXPECT_EQ(event.longest_ms, 1000);
}

TEST(LatencyEvent, MergesShardsBySecond) {
  LatencyEvent a;
  a.Add({1, 10});
  a.Add({3, 30});
  LatencyEvent b;
  b.Add({2, 20});
  b.Add({3, 35});
  a.Merge(b);
  ASSERT_EQ(a.samples.size(), 3U);
  EXPECT_EQ(a.samples[1].ms, 20);
  EXPECT_EQ(a.samples[2].ms, 35);
  EXPECT_EQ(a.longest_ms, 35);
}

}  // namespace
}  // namespace nuthatch::runtime
