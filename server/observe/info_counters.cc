// The sections that count by command, by kind of error and by latency.
#include <fmt/format.h>

#include "server/observe/info.h"

namespace nuthatch::observe {
namespace {

// "99.9": six decimals at most, without zeros at the end.
std::string PercentileName(double percentile) {
  std::string text = fmt::format("{:.6f}", percentile);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

std::string CommandstatsSection(const InfoSource& source) {
  std::string text = "# Commandstats\r\n";
  const auto& commands = source.figures.stats.commands;
  for (const runtime::CommandEntry* entry : source.node.commands().by_id()) {
    if (entry->id >= commands.size()) continue;
    const runtime::CommandStats& command = commands[entry->id];
    if (command.calls == 0 && command.rejected_calls == 0 && command.failed_calls == 0) continue;
    uint64_t microseconds = command.nanoseconds / 1000;
    double each = command.calls == 0
                      ? 0
                      : static_cast<double>(microseconds) / static_cast<double>(command.calls);
    text += fmt::format(
        "cmdstat_{}:calls={},usec={},usec_per_call={:.2f},rejected_calls={},failed_calls={}\r\n",
        runtime::FullName(*entry), command.calls, microseconds, each, command.rejected_calls,
        command.failed_calls);
  }
  return text;
}

std::string ErrorstatsSection(const InfoSource& source) {
  std::string text = "# Errorstats\r\n";
  for (const auto& [kind, count] : source.figures.stats.errors) {
    text += fmt::format("errorstat_{}:count={}\r\n", kind, count);
  }
  return text;
}

std::string LatencystatsSection(const InfoSource& source) {
  std::string text = "# Latencystats\r\n";
  if (!source.config.latency_tracking) return text;
  const auto& latencies = source.figures.stats.latencies;
  for (const runtime::CommandEntry* entry : source.node.commands().by_id()) {
    if (entry->id >= latencies.size() || latencies[entry->id] == nullptr) continue;
    const runtime::LatencyHistogram& histogram = *latencies[entry->id];
    if (histogram.total() == 0) continue;
    text += fmt::format("latency_percentiles_usec_{}:", runtime::FullName(*entry));
    std::string_view comma;
    for (double percentile : source.config.latency_tracking_info_percentiles) {
      text += fmt::format("{}p{}={:.3f}", comma, PercentileName(percentile),
                          static_cast<double>(histogram.ValueAt(percentile)) / 1000);
      comma = ",";
    }
    text += "\r\n";
  }
  return text;
}

}  // namespace nuthatch::observe
