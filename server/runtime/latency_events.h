// LatencyEvents: when something took longer than latency-monitor-threshold, for LATENCY.
//
// One a shard, written and read by its thread; merged by the LATENCY commands. Invariant: an event
// keeps its kMostSamples newest samples, one a second (the longest of it), oldest first.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

namespace nuthatch::runtime {

struct LatencySample {
  int64_t unix_time_s = 0;
  int64_t ms = 0;
};

struct LatencyEvent {
  static constexpr size_t kMostSamples = 160;

  std::deque<LatencySample> samples;
  int64_t longest_ms = 0;  // since the last reset

  void Add(const LatencySample& sample);
  // Takes in another shard's samples of the same event.
  void Merge(const LatencyEvent& other);
};

// By the event's name: "command", "fast-command".
using LatencyEvents = std::map<std::string, LatencyEvent, std::less<>>;

// Takes note of `event`, which took `ms`.
inline void NoteLatency(LatencyEvents& events, std::string_view event, int64_t unix_time_s,
                        int64_t ms) {
  auto found = events.find(event);
  if (found == events.end()) found = events.emplace(event, LatencyEvent{}).first;
  found->second.Add({unix_time_s, ms});
}

}  // namespace nuthatch::runtime
