// eviction_hit_ratios: every policy of the registry, and the exact reference forms, on traces.
//
//   eviction_hit_ratios [--sizes 1,5,10,25] [--policies NAME,...] [--by-bytes 1] [--shards N]
//                       [--samples N] [--rate REQUESTS_PER_SECOND] [--seed N] TRACE...
//
// A TRACE is a file of 16-byte records, or zipf:EXPONENT (eviction/trace.h). Prints one Markdown
// table a trace: hit ratio and byte hit ratio in percent by cache size, metadata bytes a key (a
// tag's own byte included), and mean nanoseconds an access that hits and an eviction, both with the
// simulated cache's own part. Every key counts as volatile for the policies that want that. At the
// trace's own pace, or at --rate.
//
// The cache holds so many percent of the unique keys, or of their bytes if --by-bytes is 1; the
// reference forms count objects, and are left out then. --policies chooses among policies and
// reference forms ("exact lru", "belady", ...). A trace of five million requests takes about a
// minute and a half in all.
#include <algorithm>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include <fmt/core.h>

#include "eviction/reference.h"
#include "eviction/registry.h"
#include "eviction/simulate.h"
#include "server/base/numbers.h"

namespace {

using namespace nuthatch;  // NOLINT(google-build-using-namespace)
using eviction::SimulationResult;
using eviction::Trace;

struct Arguments {
  std::vector<int64_t> sizes_percent = {1, 5, 10, 25};
  std::vector<std::string> policies;  // all if empty
  bool by_bytes = false;
  eviction::SimulationOptions options;
  std::vector<std::string> traces;

  bool Wants(std::string_view name) const {
    return policies.empty() || std::ranges::find(policies, name) != policies.end();
  }
};

std::vector<std::string> Split(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    size_t comma = text.find(',');
    words.emplace_back(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return words;
}

bool Parse(int argc, char** argv, Arguments& arguments) {
  for (int i = 1; i < argc; ++i) {
    std::string_view word = argv[i];
    if (!word.starts_with("--")) {
      arguments.traces.emplace_back(word);
      continue;
    }
    if (++i == argc) return false;
    std::vector<std::string> words = Split(argv[i]);
    if (word == "--policies") {
      arguments.policies = words;
      continue;
    }
    std::vector<int64_t> numbers;
    for (const std::string& number : words) {
      numbers.push_back(base::ParseInt64(number).value_or(0));
      if (numbers.back() <= 0) return false;
    }
    if (numbers.empty()) return false;
    auto number = static_cast<uint64_t>(numbers.front());
    if (word == "--sizes") {
      arguments.sizes_percent = numbers;
    } else if (word == "--by-bytes") {
      arguments.by_bytes = true;
    } else if (word == "--shards") {
      arguments.options.shards = static_cast<uint32_t>(number);
    } else if (word == "--samples") {
      arguments.options.parameters.samples = static_cast<uint32_t>(number);
    } else if (word == "--seed") {
      arguments.options.parameters.seed = number;
    } else if (word == "--rate") {
      arguments.options.requests_per_second = number;
    } else {
      return false;
    }
  }
  return !arguments.traces.empty();
}

// What a trace asks for: its unique keys, and their bytes (by the last size of each).
struct Extent {
  uint64_t keys = 0;
  uint64_t bytes = 0;
};

Extent ExtentOf(const Trace& trace) {
  std::unordered_map<uint64_t, uint32_t> sizes;
  for (const eviction::TraceRecord& record : trace) {
    sizes[record.key] = std::max(record.size, 1U);
  }
  Extent extent{.keys = sizes.size()};
  for (const auto& [key, size] : sizes) extent.bytes += size;
  return extent;
}

void PrintRow(std::string_view name, const Arguments& arguments, bool is_policy, int tag_bytes,
              const std::function<SimulationResult(uint64_t percent)>& simulate) {
  if (!arguments.Wants(name)) return;
  fmt::print("| {:12} |", name);
  std::string byte_ratios;
  SimulationResult result;
  for (int64_t percent : arguments.sizes_percent) {
    result = simulate(static_cast<uint64_t>(percent));
    fmt::print(" {:6.2f} |", result.hit_ratio());
    byte_ratios += fmt::format(" {:6.2f} |", result.byte_hit_ratio());
    std::fflush(stdout);
  }
  fmt::print("{}", byte_ratios);
  if (is_policy) {
    double keys = static_cast<double>(std::max<uint64_t>(result.most_keys, 1));
    fmt::print(" {:5.2f} | {:4.0f} | {:5.0f} |\n",
               tag_bytes + static_cast<double>(result.most_metadata_bytes) / keys, result.access_ns,
               result.eviction_ns);
  } else {
    fmt::print(" | | |\n");
  }
  std::fflush(stdout);
}

void PrintHead(const std::string& path, const Trace& trace, const Extent& extent,
               const Arguments& arguments) {
  fmt::print("\n{}: {} requests, {} keys, {} bytes\n\n| policy       |", path, trace.size(),
             extent.keys, extent.bytes);
  for (int64_t percent : arguments.sizes_percent) fmt::print(" {:5}% |", percent);
  for (int64_t percent : arguments.sizes_percent) fmt::print(" B {:3}% |", percent);
  fmt::print(" bytes a key | ns an access | ns an eviction |\n|---|");
  for (size_t i = 0; i < 2 * arguments.sizes_percent.size() + 3; ++i) fmt::print("---|");
  fmt::print("\n");
}

void PrintTable(const std::string& path, const Trace& trace, const Arguments& arguments) {
  Extent extent = ExtentOf(trace);
  PrintHead(path, trace, extent, arguments);
  for (const eviction::PolicyRow& row : eviction::PolicyRows()) {
    if (!row.evicts) continue;
    eviction::PolicyChoice choice{.row = &row, .volatile_only = !row.allkeys};
    PrintRow(row.base, arguments, true, row.uses_tag ? 1 : 0, [&](uint64_t percent) {
      eviction::SimulationOptions options = arguments.options;
      if (arguments.by_bytes) {
        options.capacity.bytes = std::max<uint64_t>(1, extent.bytes * percent / 100);
      } else {
        options.capacity.keys = std::max<uint64_t>(1, extent.keys * percent / 100);
      }
      options.with_deadlines = true;
      options.measure = true;
      return Simulate(choice, trace, options);
    });
  }
  if (arguments.by_bytes) return;
  struct Reference {
    std::string_view name;
    SimulationResult (*simulate)(const Trace&, uint64_t);
  };
  for (const Reference& reference :
       {Reference{"exact fifo", eviction::SimulateExactFifo},
        Reference{"exact lru", eviction::SimulateExactLru},
        Reference{"exact lfu", eviction::SimulateExactLfu},
        Reference{"exact sieve", eviction::SimulateExactSieve},
        Reference{"exact 2q", eviction::SimulateExactTwoQ},
        Reference{"exact arc", eviction::SimulateExactArc},
        Reference{"exact s3fifo",
                  [](const Trace&t, uint64_t keys) { return SimulateExactS3Fifo(t, keys); }},
        Reference{"belady", eviction::SimulateBelady}}) {
    PrintRow(reference.name, arguments, false, 0, [&](uint64_t percent) {
      return reference.simulate(trace, std::max<uint64_t>(1, extent.keys * percent / 100));
    });
  }
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!Parse(argc, argv, arguments)) {
    fmt::print(stderr,
               "usage: {} [--sizes 1,5,10,25] [--policies NAME,...] [--by-bytes 1] [--shards N]\n"
               "       [--samples N] [--rate N] [--seed N] TRACE...\n",
               argv[0]);
    return 2;
  }
  for (const std::string& path : arguments.traces) {
    base::Result<Trace> trace = eviction::LoadTrace(path);
    if (!trace.ok()) {
      fmt::print(stderr, "{}\n", trace.error());
      return 1;
    }
    PrintTable(path, trace.value(), arguments);
  }
  return 0;
}
