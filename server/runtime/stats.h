// Counters of one shard, written by its thread alone and read by the fragments of INFO, CONFIG
// RESETSTAT and the like, which run on that thread too. Nothing here is atomic.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/runtime/latency_events.h"

namespace nuthatch::runtime {

// Counts of durations in buckets whose width is 1/16 of their size or less (a log-linear histogram,
// as in HdrHistogram): percentiles are right to 6 percent. Nanoseconds, 1 us to about 1 s; what
// lies outside counts at the ends.
class LatencyHistogram {
 public:
  void Record(uint64_t ns) { ++counts_[IndexOf(ns)]; }
  void MergeInto(LatencyHistogram& sum) const {
    for (size_t i = 0; i < kBuckets; ++i) sum.counts_[i] += counts_[i];
  }
  uint64_t total() const {
    uint64_t sum = 0;
    for (uint64_t count : counts_) sum += count;
    return sum;
  }
  // The duration in nanoseconds that `percentile` percent (0..100) of the records do not exceed; 0
  // if there are none.
  uint64_t ValueAt(double percentile) const;
  // Records of at most `ns` nanoseconds.
  uint64_t CountUpTo(uint64_t ns) const;

 private:
  static constexpr size_t kSubBits = 4;
  static constexpr size_t kLowBits = 10;  // below 1024 ns: one bucket
  static constexpr size_t kOctaves = 20;  // 1 us .. 1.07 s
  static constexpr size_t kBuckets = (kOctaves << kSubBits) + 1;

  static size_t IndexOf(uint64_t ns) {
    if (ns < (1u << kLowBits)) return 0;
    size_t octave = static_cast<size_t>(std::bit_width(ns)) - 1;
    if (octave >= kLowBits + kOctaves) return kBuckets - 1;
    size_t sub = (ns >> (octave - kSubBits)) & ((1u << kSubBits) - 1);
    return ((octave - kLowBits) << kSubBits) + sub + 1;
  }
  static uint64_t UpperBound(size_t index);

  std::array<uint64_t, kBuckets> counts_{};
};

// What is counted for each command (INFO commandstats).
struct CommandStats {
  uint64_t calls = 0;
  uint64_t nanoseconds = 0;
  uint64_t rejected_calls = 0;
  uint64_t failed_calls = 0;
};

struct SlowLogEntry {
  int64_t id = 0;
  int64_t unix_time_s = 0;
  int64_t microseconds = 0;
  std::vector<std::string> args;  // cut as Redis cuts them: 32 arguments, 128 bytes each
  std::string client_address;
  std::string client_name;
};

// What a shard's part in keeping to maxmemory has done and cost (memory_limit.h).
struct EvictionStats {
  // Who asked for a victim.
  enum Reason : size_t {
    kForWrite,       // a command that can grow, in this shard, before it ran
    kInBackground,   // nobody: too much was used, between two turns
    kForOtherShard,  // a debt that another shard's excess made
  };
  static constexpr size_t kReasons = 3;
  uint64_t evicted[kReasons] = {};
  uint64_t expired[kReasons] = {};  // removed by the same slices because their time had come
  uint64_t refused_writes = 0;      // OOM
  uint64_t slices = 0;
  uint64_t slices_out_of_time = 0;
  uint64_t slice_ns = 0;
  uint64_t slice_max_ns = 0;
  uint64_t over_limit_max_bytes = 0;  // the most that the process was seen to be over maxmemory

  void Add(const EvictionStats& other);
};

struct ShardStats {
  std::vector<CommandStats> commands;  // by CommandEntry::id
  std::vector<std::unique_ptr<LatencyHistogram>>
      latencies;  // by id, made on first use (latency-tracking yes)
  std::map<std::string, uint64_t, std::less<>>
      errors;                         // INFO errorstats, by the error's first word
  std::deque<SlowLogEntry> slow_log;  // newest first
  LatencyEvents latency_events;       // what took latency-monitor-threshold or longer
  uint64_t commands_processed = 0;
  uint64_t connections_received = 0;
  uint64_t error_replies = 0;
  uint64_t keyspace_hits = 0;
  uint64_t keyspace_misses = 0;
  // Of these, what came before the eviction policy was chosen that is in place.
  uint64_t hits_before_policy = 0;
  uint64_t misses_before_policy = 0;
  uint64_t net_input_bytes = 0;
  uint64_t net_output_bytes = 0;
  uint64_t reads_processed = 0;
  uint64_t writes_processed = 0;
  uint64_t client_query_buffer_limit_disconnections = 0;
  uint64_t client_output_buffer_limit_disconnections = 0;
  uint64_t evicted_clients = 0;
  uint64_t dirty = 0;                  // changes since the start (rdb_changes_since_last_save)
  uint64_t posted_messages = 0;        // hops: messages sent to other shards
  uint64_t loop_stall_cpu_max_us = 0;  // the longest turn of the loop, in CPU time of the thread
  uint64_t loop_stall_max_us = 0;      // the longest turn by the wall
  uint64_t turns = 0;

  // CONFIG RESETSTAT: all counts from zero on. The slow log and the
  // latency events stay, and what is not a count.
  void Reset();
};

}  // namespace nuthatch::runtime
