// The section about eviction: what it did, for whom, and what it cost.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "server/observe/info.h"

namespace nuthatch::observe {

std::string EvictionSection(const InfoSource& source) {
  using runtime::EvictionStats;
  const runtime::ShardStats& stats = source.figures.stats;
  const EvictionStats& eviction = source.figures.eviction;
  const PolicyFigures& policy = source.figures.policy;
  std::string text = fmt::format(
      "# Eviction\r\n"
      "eviction_policy:{}\r\n"
      "eviction_hits:{}\r\n"
      "eviction_misses:{}\r\n"
      "eviction_evicted_for_writes:{}\r\n"
      "eviction_evicted_in_background:{}\r\n"
      "eviction_evicted_for_other_shards:{}\r\n"
      "eviction_expired_for_writes:{}\r\n"
      "eviction_expired_in_background:{}\r\n"
      "eviction_expired_for_other_shards:{}\r\n"
      "eviction_refused_writes:{}\r\n",
      policy.name, stats.keyspace_hits - stats.hits_before_policy,
      stats.keyspace_misses - stats.misses_before_policy,
      eviction.evicted[EvictionStats::kForWrite], eviction.evicted[EvictionStats::kInBackground],
      eviction.evicted[EvictionStats::kForOtherShard], eviction.expired[EvictionStats::kForWrite],
      eviction.expired[EvictionStats::kInBackground],
      eviction.expired[EvictionStats::kForOtherShard], eviction.refused_writes);
  text += fmt::format(
      "eviction_slices:{}\r\n"
      "eviction_slices_out_of_time:{}\r\n"
      "eviction_slices_us:{}\r\n"
      "eviction_slice_max_us:{}\r\n"
      "eviction_over_limit_max_bytes:{}\r\n"
      "eviction_metadata_bytes:{}\r\n",
      eviction.slices, eviction.slices_out_of_time, eviction.slice_ns / 1000,
      eviction.slice_max_ns / 1000, eviction.over_limit_max_bytes, policy.metadata_bytes);
  for (const PolicyFigures::Line& line : policy.lines) {
    text += fmt::format("eviction_{}:{}\r\n", line.name, fmt::join(line.values, ","));
  }
  return text;
}

}  // namespace nuthatch::observe
