#include "server/observe/latency_report.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

namespace nuthatch::observe {
namespace {

using runtime::LatencyEvent;
using runtime::LatencyEvents;
using runtime::LatencySample;

constexpr size_t kWidth = 80;
constexpr int kHeight = 4;

// How long ago, in at most four characters: "5s", "12m", "3h", "40d".
std::string Age(int64_t seconds) {
  if (seconds < 60) return fmt::format("{}s", seconds);
  if (seconds < 3600) return fmt::format("{}m", seconds / 60);
  if (seconds < 86400) return fmt::format("{}h", seconds / 3600);
  return fmt::format("{}d", seconds / 86400);
}

// What fills row `row` (0 is the lowest) of a column with `level` half rows.
char Cell(int level, int row) {
  if (level >= 2 * row + 2) return '#';
  return level == 2 * row + 1 ? '.' : ' ';
}

}  // namespace

std::string DrawLatency(std::string_view name, const LatencyEvent& event, int64_t now_s) {
  size_t shown = std::min(event.samples.size(), kWidth);
  std::vector<LatencySample> samples(event.samples.end() - static_cast<ptrdiff_t>(shown),
                                     event.samples.end());
  auto [low, high] = std::minmax_element(
      samples.begin(), samples.end(),
      [](const LatencySample& a, const LatencySample& b) { return a.ms < b.ms; });
  std::string text = fmt::format("{} - high {} ms, low {} ms (all time high {} ms)\n", name,
                                 high->ms, low->ms, event.longest_ms);
  text += std::string(kWidth, '-') + "\n";

  int64_t range = std::max<int64_t>(high->ms - low->ms, 1);
  std::vector<std::string> ages;
  size_t longest_age = 0;
  for (const LatencySample& sample : samples) {
    ages.push_back(Age(now_s - sample.unix_time_s));
    longest_age = std::max(longest_age, ages.back().size());
  }
  for (int row = kHeight - 1; row >= 0; --row) {
    for (const LatencySample& sample : samples) {
      auto level = static_cast<int>(1 + (sample.ms - low->ms) * (2 * kHeight - 1) / range);
      text += Cell(level, row);
    }
    text += '\n';
  }
  text += '\n';
  for (size_t line = 0; line < longest_age; ++line) {
    for (const std::string& age : ages) text += line < age.size() ? age[line] : ' ';
    text += '\n';
  }
  return text;
}

std::string DiagnoseLatency(const LatencyEvents& events, int64_t threshold_ms) {
  if (threshold_ms == 0 && events.empty()) {
    return "Latency monitoring is off. Turn it on with CONFIG SET latency-monitor-threshold "
           "<milliseconds>.\n";
  }
  if (events.empty()) {
    return fmt::format("Nothing took {} ms or longer since the last LATENCY RESET.\n",
                       threshold_ms);
  }
  std::string text = "These events took long:\n\n";
  bool commands = false;
  for (const auto& [name, event] : events) {
    if (event.samples.empty()) continue;
    int64_t sum = 0;
    for (const LatencySample& sample : event.samples) sum += sample.ms;
    int64_t count = static_cast<int64_t>(event.samples.size());
    int64_t span_s = event.samples.back().unix_time_s - event.samples.front().unix_time_s;
    text += fmt::format(
        " * {}: {} seconds with such an event within {} s, {} ms on average, at "
        "most {} ms.\n",
        name, count, span_s + 1, sum / count, event.longest_ms);
    commands |= name == "command" || name == "fast-command";
  }
  if (commands) {
    text +=
        "\nSLOWLOG GET shows which commands these were. Commands over many keys or large "
        "values take long by themselves; fast ones that take long point to a machine without "
        "free cores or memory.\n";
  }
  return text;
}

}  // namespace nuthatch::observe
