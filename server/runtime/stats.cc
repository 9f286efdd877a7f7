#include "server/runtime/stats.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace nuthatch::runtime {

uint64_t LatencyHistogram::UpperBound(size_t index) {
  if (index == 0) return (uint64_t{1} << kLowBits) - 1;
  size_t octave = kLowBits + ((index - 1) >> kSubBits);
  uint64_t sub = (index - 1) & ((1U << kSubBits) - 1);
  uint64_t width = uint64_t{1} << (octave - kSubBits);
  return ((uint64_t{1} << kSubBits) + sub + 1) * width - 1;
}

uint64_t LatencyHistogram::ValueAt(double percentile) const {
  uint64_t all = total();
  if (all == 0) return 0;
  double wanted = std::clamp(percentile, 0.0, 100.0) / 100.0 * static_cast<double>(all);
  auto rank = std::max<uint64_t>(1, static_cast<uint64_t>(std::llround(wanted)));
  uint64_t seen = 0;
  for (size_t i = 0; i < kBuckets; ++i) {
    seen += counts_[i];
    if (seen >= rank) return UpperBound(i);
  }
  return UpperBound(kBuckets - 1);
}

uint64_t LatencyHistogram::CountUpTo(uint64_t ns) const {
  uint64_t count = 0;
  for (size_t i = 0; i < kBuckets && UpperBound(i) <= ns; ++i) count += counts_[i];
  return count;
}

void EvictionStats::Add(const EvictionStats& other) {
  for (size_t i = 0; i < kReasons; ++i) {
    evicted[i] += other.evicted[i];
    expired[i] += other.expired[i];
  }
  refused_writes += other.refused_writes;
  slices += other.slices;
  slices_out_of_time += other.slices_out_of_time;
  slice_ns += other.slice_ns;
  slice_max_ns = std::max(slice_max_ns, other.slice_max_ns);
  over_limit_max_bytes = std::max(over_limit_max_bytes, other.over_limit_max_bytes);
}

void ShardStats::Reset() {
  ShardStats fresh;
  fresh.commands.resize(commands.size());
  fresh.latencies.resize(latencies.size());
  fresh.slow_log.swap(slow_log);
  fresh.latency_events.swap(latency_events);
  fresh.dirty = dirty;
  *this = std::move(fresh);
}

}  // namespace nuthatch::runtime
