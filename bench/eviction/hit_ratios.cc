// eviction_hit_ratios: every policy of the registry, and the exact reference forms, on traces.
//
//   eviction_hit_ratios [--sizes 1,5,10,25] [--samples N] [--rate REQUESTS_PER_SECOND] [--seed N]
//   TRACE...
//
// A TRACE is a file of 16-byte records, or zipf:EXPONENT (eviction/trace.h). Prints one Markdown
// table a trace: hit ratio in percent by cache size, in percent of the unique keys, by object
// count; every key counts as volatile for the policies that want that. At the trace's own pace, or
// at --rate.
#include <functional>
#include <string>
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
  eviction::SimulationOptions options;
  std::vector<std::string> traces;
};

std::vector<int64_t> ParseList(std::string_view text) {
  std::vector<int64_t> numbers;
  while (!text.empty()) {
    size_t comma = text.find(',');
    numbers.push_back(base::ParseInt64(text.substr(0, comma)).value_or(0));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return numbers;
}

bool Parse(int argc, char** argv, Arguments& arguments) {
  for (int i = 1; i < argc; ++i) {
    std::string_view word = argv[i];
    if (!word.starts_with("--")) {
      arguments.traces.emplace_back(word);
      continue;
    }
    if (++i == argc) return false;
    std::vector<int64_t> numbers = ParseList(argv[i]);
    for (int64_t number : numbers) {
      if (number <= 0) return false;
    }
    if (word == "--sizes") {
      arguments.sizes_percent = numbers;
    } else if (word == "--samples") {
      arguments.options.parameters.samples = static_cast<uint32_t>(numbers.front());
    } else if (word == "--seed") {
      arguments.options.parameters.seed = static_cast<uint64_t>(numbers.front());
    } else if (word == "--rate") {
      arguments.options.requests_per_second = static_cast<uint64_t>(numbers.front());
    } else {
      return false;
    }
  }
  return !arguments.traces.empty();
}

void PrintRow(std::string_view name, const std::vector<int64_t>& sizes_percent, uint64_t unique,
              const std::function<SimulationResult(uint64_t keys)>& simulate) {
  fmt::print("| {:12} |", name);
  for (int64_t percent : sizes_percent) {
    uint64_t keys = std::max<uint64_t>(1, unique * static_cast<uint64_t>(percent) / 100);
    fmt::print(" {:6.2f} |", simulate(keys).hit_ratio());
    std::fflush(stdout);
  }
  fmt::print("\n");
}

void PrintTable(const std::string& path, const Trace& trace, const Arguments& arguments) {
  uint64_t unique = eviction::CountUniqueKeys(trace);
  fmt::print("\n{}: {} requests, {} keys\n\n| policy       |", path, trace.size(), unique);
  for (int64_t percent : arguments.sizes_percent) fmt::print(" {:5}% |", percent);
  fmt::print("\n|---|");
  for (size_t i = 0; i < arguments.sizes_percent.size(); ++i) fmt::print("---|");
  fmt::print("\n");
  for (const eviction::PolicyRow& row : eviction::PolicyRows()) {
    if (!row.evicts) continue;
    eviction::PolicyChoice choice{.row = &row, .volatile_only = !row.allkeys};
    PrintRow(row.base, arguments.sizes_percent, unique, [&](uint64_t keys) {
      eviction::SimulationOptions options = arguments.options;
      options.capacity.keys = keys;
      options.with_deadlines = true;
      return Simulate(choice, trace, options);
    });
  }
  struct Reference {
    std::string_view name;
    SimulationResult (*simulate)(const Trace&, uint64_t);
  };
  for (const Reference& reference : {Reference{"exact fifo", eviction::SimulateExactFifo},
                                     Reference{"exact lru", eviction::SimulateExactLru},
                                     Reference{"exact lfu", eviction::SimulateExactLfu},
                                     Reference{"belady", eviction::SimulateBelady}}) {
    PrintRow(reference.name, arguments.sizes_percent, unique,
             [&](uint64_t keys) { return reference.simulate(trace, keys); });
  }
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!Parse(argc, argv, arguments)) {
    fmt::print(stderr,
               "usage: {} [--sizes 1,5,10,25] [--samples N] [--rate N] [--seed N] TRACE...\n",
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
