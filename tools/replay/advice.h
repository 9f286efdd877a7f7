// Advice: which policy suits a trace. All of them simulated at several cache sizes.
//
// Where the trace has sizes, or where they are asked for in bytes, a cache is as large as bytes
// say: a key takes its value and kKeyOverhead. Otherwise all keys are alike, and counted.
//
// Threads simulate one policy at one size each. The memory is the trace's (16 bytes a request), and
// for each thread a simulated cache (about 250 bytes a key that fits) or a yardstick's containers
// (about 100 bytes a key that fits, and for Belady 100 bytes a key and 8 a request).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "eviction/registry.h"
#include "eviction/simulate.h"
#include "eviction/trace.h"

namespace nuthatch::replay {

// What a key of 16 bytes takes besides its value: its name, the entry and its part of the table; 56
// to 66 bytes were measured with values of 100 and 10 bytes. What the allocator rounds up comes on
// top (up to a quarter of a value), and is left out.
constexpr uint32_t kKeyOverhead = 64;

struct AdviceSettings {
  std::vector<double> percents = {1, 5, 10, 25};  // of the unique keys, or of their bytes
  std::vector<uint64_t> bytes;                    // instead, if there are any
  std::vector<eviction::PolicyChoice> policies;   // AllPolicies() if empty
  uint32_t default_size = 2000;                   // of a value, if bytes count and it is unknown
  uint64_t pace = 0;                              // requests a second; 0: the trace's own times
  unsigned threads = 1;
};

// A cache size.
struct CacheSize {
  std::string label;  // "10%", "100mb"
  double weight = 0;  // percent or bytes, to place it on an axis
  eviction::Capacity capacity;
};

struct AdviceRow {
  std::string name;
  bool is_bound = false;                            // a yardstick, not a policy that a server has
  std::vector<eviction::SimulationResult> results;  // a size each
  // The mean over the sizes, in percent.
  double mean_hit_ratio() const;
  double mean_byte_hit_ratio() const;
};

struct Advice {
  uint64_t requests = 0;
  uint64_t keys = 0;
  uint64_t bytes = 0;      // of all unique keys with their overhead; 0 if only keys count
  bool has_sizes = false;  // the trace's own
  std::vector<CacheSize> sizes;
  std::vector<AdviceRow> policies;  // the best first
  std::vector<AdviceRow> bounds;    // exact LRU, Belady
  size_t recommended = 0;           // of policies
  size_t best_by_bytes = 0;         // of policies
};

// Every policy of the registry in its allkeys form. volatile-ttl has none, for a trace has no
// deadlines.
std::vector<eviction::PolicyChoice> AllPolicies();

// Simulates. `done` is called with the number of simulations that are finished, of
// CountSimulations(settings), by any thread; nothing is returned if `stop` came true.
std::optional<Advice> Advise(eviction::Trace trace, const AdviceSettings& settings,
                             const std::function<void(uint64_t done)>& done,
                             const std::atomic<bool>& stop);
uint64_t CountSimulations(const AdviceSettings& settings);

// The first of those whose hit ratio, in the mean over the sizes, is within kTie points of the
// highest: `rows` stand in the order of the registry, the plain ones first. REQUIRES: not empty.
constexpr double kTie = 0.1;
size_t Recommend(const std::vector<AdviceRow>& rows);

}  // namespace nuthatch::replay
