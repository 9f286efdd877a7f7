#include "tools/replay/advice.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

#include <fmt/core.h>

#include "eviction/reference.h"
#include "tools/replay/pipeline.h"
#include "tools/replay/units.h"

namespace nuthatch::replay {

namespace {

using eviction::SimulationResult;

double Mean(const std::vector<SimulationResult>& results,
            double (SimulationResult::*ratio)() const) {
  double sum = 0;
  for (const SimulationResult& result : results) sum += (result.*ratio)();
  return results.empty() ? 0 : sum / static_cast<double>(results.size());
}

std::vector<eviction::PolicyChoice> PoliciesOf(const AdviceSettings& settings) {
  return settings.policies.empty() ? AllPolicies() : settings.policies;
}

size_t CountSizes(const AdviceSettings& settings) {
  return settings.bytes.empty() ? settings.percents.size() : settings.bytes.size();
}

constexpr size_t kBounds = 2;

// What the trace asks for. A key's size is its last one.
void Measure(const eviction::Trace& trace, bool counts_bytes, Advice& advice) {
  std::unordered_map<uint64_t, uint32_t> sizes;
  for (const eviction::TraceRecord& record : trace) sizes[record.key] = record.size;
  advice.requests = trace.size();
  advice.keys = sizes.size();
  if (!counts_bytes) return;
  for (const auto& [key, size] : sizes) advice.bytes += uint64_t{size} + kKeyOverhead;
}

std::vector<CacheSize> SizesOf(const AdviceSettings& settings, const Advice& advice) {
  std::vector<CacheSize> sizes;
  for (uint64_t bytes : settings.bytes) {
    sizes.push_back({.label = FormatBytes(bytes),
                     .weight = static_cast<double>(bytes),
                     .capacity = {.bytes = bytes}});
  }
  if (!sizes.empty()) return sizes;
  for (double percent : settings.percents) {
    auto part = [&](uint64_t whole) {
      return std::max<uint64_t>(1,
                                static_cast<uint64_t>(static_cast<double>(whole) * percent / 100));
    };
    eviction::Capacity capacity;
    if (advice.bytes != 0) {
      capacity.bytes = part(advice.bytes);
    } else {
      capacity.keys = part(advice.keys);
    }
    sizes.push_back(
        {.label = fmt::format("{:g}%", percent), .weight = percent, .capacity = capacity});
  }
  return sizes;
}

// Sorts the policies by what they reach, and keeps track of the chosen ones.
void Rank(Advice& advice) {
  const std::string recommended = advice.policies[Recommend(advice.policies)].name;
  std::ranges::stable_sort(advice.policies, std::ranges::greater(), &AdviceRow::mean_hit_ratio);
  for (size_t i = 0; i < advice.policies.size(); ++i) {
    if (advice.policies[i].name == recommended) advice.recommended = i;
    if (advice.policies[i].mean_byte_hit_ratio() >
        advice.policies[advice.best_by_bytes].mean_byte_hit_ratio()) {
      advice.best_by_bytes = i;
    }
  }
}

// One simulation to run.
using Task = std::function<void()>;

// An exception of a task ends it, and comes out here.
void RunAll(const std::vector<Task>& tasks, unsigned threads,
            const std::function<void(uint64_t)>& done, const std::atomic<bool>& stop) {
  std::atomic<size_t> next = 0;
  std::atomic<uint64_t> finished = 0;
  std::mutex mutex;
  std::exception_ptr failure;
  auto work = [&] {
    try {
      for (size_t i = next++; i < tasks.size() && !stop; i = next++) {
        tasks[i]();
        done(++finished);
      }
    } catch (...) {
      next = tasks.size();
      std::lock_guard lock(mutex);
      failure = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    for (size_t i = 1; i < std::min<size_t>(threads, tasks.size()); ++i) others.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

double AdviceRow::mean_hit_ratio() const { return Mean(results, &SimulationResult::hit_ratio); }
double AdviceRow::mean_byte_hit_ratio() const {
  return Mean(results, &SimulationResult::byte_hit_ratio);
}

std::vector<eviction::PolicyChoice> AllPolicies() {
  std::vector<eviction::PolicyChoice> choices;
  for (const eviction::PolicyRow& row : eviction::PolicyRows()) {
    if (row.evicts && row.allkeys) choices.push_back({.row = &row});
  }
  return choices;
}

uint64_t CountSimulations(const AdviceSettings& settings) {
  return (PoliciesOf(settings).size() + kBounds) * CountSizes(settings);
}

size_t Recommend(const std::vector<AdviceRow>& rows) {
  double best = 0;
  for (const AdviceRow& row : rows) best = std::max(best, row.mean_hit_ratio());
  auto good = std::ranges::find_if(
      rows, [&](const AdviceRow& row) { return row.mean_hit_ratio() >= best - kTie; });
  return static_cast<size_t>(good - rows.begin());
}

std::optional<Advice> Advise(eviction::Trace trace, const AdviceSettings& settings,
                             const std::function<void(uint64_t done)>& done,
                             const std::atomic<bool>& stop) {
  Advice advice;
  advice.has_sizes = std::ranges::any_of(
      trace, [](const eviction::TraceRecord& record) { return record.size != 0; });
  bool counts_bytes = advice.has_sizes || !settings.bytes.empty();
  if (counts_bytes) {
    for (eviction::TraceRecord& record : trace) {
      record.size = ValueSize(record, settings.default_size);
    }
  }
  Measure(trace, counts_bytes, advice);
  advice.sizes = SizesOf(settings, advice);

  std::vector<Task> tasks;
  auto add_row = [&](std::vector<AdviceRow>& rows, std::string name, bool is_bound, auto simulate) {
    AdviceRow& row = rows.emplace_back();
    row.name = std::move(name);
    row.is_bound = is_bound;
    row.results.resize(advice.sizes.size());
    for (size_t i = 0; i < advice.sizes.size(); ++i) {
      tasks.emplace_back(
          [&row, &advice, i, simulate] { row.results[i] = simulate(advice.sizes[i].capacity); });
    }
  };
  // Rows stay where they are, for the tasks.
  std::vector<eviction::PolicyChoice> choices = PoliciesOf(settings);
  advice.policies.reserve(choices.size());
  advice.bounds.reserve(kBounds);
  // The longest first.
  add_row(advice.bounds, "belady", true, [&trace](const eviction::Capacity& capacity) {
    return eviction::SimulateBeladyWithin(trace, capacity, kKeyOverhead);
  });
  add_row(advice.bounds, "exact lru", true, [&trace](const eviction::Capacity& capacity) {
    return eviction::SimulateExactLruWithin(trace, capacity, kKeyOverhead);
  });
  for (const eviction::PolicyChoice& choice : choices) {
    add_row(advice.policies, eviction::PolicyName(choice), false,
            [&trace, &settings, choice](const eviction::Capacity& capacity) {
              eviction::SimulationOptions options;
              options.capacity = capacity;
              options.requests_per_second = settings.pace;
              options.key_overhead = kKeyOverhead;
              options.with_deadlines = choice.volatile_only;
              return Simulate(choice, trace, options);
            });
  }
  RunAll(tasks, settings.threads, done, stop);
  if (stop) return std::nullopt;
  Rank(advice);
  return advice;
}

}  // namespace nuthatch::replay
