#include "server/runtime/latency_events.h"

#include <algorithm>

namespace nuthatch::runtime {

void LatencyEvent::Add(const LatencySample& sample) {
  longest_ms = std::max(longest_ms, sample.ms);
  if (!samples.empty() && samples.back().unix_time_s == sample.unix_time_s) {
    samples.back().ms = std::max(samples.back().ms, sample.ms);
    return;
  }
  samples.push_back(sample);
  if (samples.size() > kMostSamples) samples.pop_front();
}

void LatencyEvent::Merge(const LatencyEvent& other) {
  std::map<int64_t, int64_t> by_time;
  for (const LatencyEvent* event : {static_cast<const LatencyEvent*>(this), &other}) {
    for (const LatencySample& sample : event->samples) {
      int64_t& ms = by_time[sample.unix_time_s];
      ms = std::max(ms, sample.ms);
    }
  }
  samples.clear();
  for (const auto& [time_s, ms] : by_time) samples.push_back({time_s, ms});
  while (samples.size() > kMostSamples) samples.pop_front();
  longest_ms = std::max(longest_ms, other.longest_ms);
}

}  // namespace nuthatch::runtime
