// Figures: what the shards count, summed up for one INFO, MEMORY STATS or the like.
//
// Each shard's fragment takes its own figures (Take); the combining function adds them up (Sum). A
// Figures belongs to the one command that it was made for.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "server/runtime/context.h"
#include "server/runtime/stats.h"

namespace nuthatch::observe {

// What to take; what isn't asked for costs nothing.
enum FigureSet : unsigned {
  kBaseFigures = 0,         // counters
  kClientFigures = 1 << 0,  // walks the connections
  kCommandFigures = 1 << 1,
  kLatencyFigures = 1 << 2,
  kKeyspaceFigures = 1 << 3,
  kEvictionFigures = 1 << 4,
};

struct DatabaseFigures {
  uint64_t keys = 0;
  uint64_t expires = 0;
  double ttl_sum_ms = 0;  // average times number, so that averages can be summed up
  uint64_t table_bytes = 0;
  int64_t AverageTtlMs() const {
    return expires == 0 ? 0 : static_cast<int64_t>(ttl_sum_ms / static_cast<double>(expires));
  }
};

// What the policies of the shards say of themselves.
struct PolicyFigures {
  std::string name;  // as of maxmemory-policy
  uint64_t metadata_bytes = 0;
  // Lines in the policy's order: counts are summed up, of other things each shard's value is there.
  struct Line {
    std::string name;
    std::vector<std::string> values;
  };
  std::vector<Line> lines;
  void Add(const PolicyFigures& other);
};

struct Figures {
  // Sums of the shards' counters. `stats.commands` and `stats.latencies` are there only if asked
  // for; the slow log is not.
  runtime::ShardStats stats;
  uint64_t expired_keys = 0;
  uint64_t evicted_keys = 0;
  uint64_t blessed_keys = 0;
  runtime::EvictionStats eviction;
  PolicyFigures policy;  // if asked for
  uint64_t clients = 0;
  uint64_t largest_input = 0;   // bytes, of one connection
  uint64_t largest_output = 0;  // bytes, of one connection
  uint64_t client_memory = 0;
  uint64_t blocked_clients = 0;
  uint64_t clients_with_timeout = 0;  // of these, who wait for a key until some time
  uint64_t entry_bytes = 0;
  uint64_t table_bytes = 0;
  uint64_t pending_bytes = 0;                // detached, waiting to be freed
  std::map<int, DatabaseFigures> databases;  // those with keys

  uint64_t keys() const;
  // Adds `other` to it.
  void Add(const Figures& other);
};

// In a fragment: leaves the shard's figures in its part.
void Take(runtime::CommandContext& context, unsigned sets);

// In combine: the sum of what the fragments took.
Figures Sum(std::span<runtime::ScatterPart> parts);

}  // namespace nuthatch::observe
