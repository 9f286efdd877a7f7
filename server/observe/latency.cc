// LATENCY. Events are kept by each shard and merged when somebody asks; histograms are those of
// latency-tracking.
#include <algorithm>
#include <any>
#include <bit>
#include <string>
#include <string_view>
#include <utility>

#include "server/base/clock.h"
#include "server/commands/args.h"
#include "server/commands/errors.h"
#include "server/commands/help.h"
#include "server/observe/figures.h"
#include "server/observe/groups.h"
#include "server/observe/latency_report.h"
#include "server/runtime/node.h"
#include "server/runtime/shard.h"

namespace nuthatch::observe {
namespace {

using namespace runtime;  // NOLINT(google-build-using-namespace): a table of rows in its words

// --- Events ---

void EventsFragment(CommandContext& context) {
  context.part().extra = context.shard().stats().latency_events;
}

LatencyEvents MergedEvents(CommandContext& context) {
  LatencyEvents all;
  for (ScatterPart& part : context.parts()) {
    auto* events = std::any_cast<LatencyEvents>(&part.extra);
    if (events == nullptr) continue;
    for (const auto& [name, event] : *events) all[name].Merge(event);
  }
  return all;
}

void LatencyLatestCombine(CommandContext& context) {
  LatencyEvents events = MergedEvents(context);
  context.reply().Array(events.size());
  for (const auto& [name, event] : events) {
    context.reply().Array(4);
    context.reply().Bulk(name);
    context.reply().Integer(event.samples.back().unix_time_s);
    context.reply().Integer(event.samples.back().ms);
    context.reply().Integer(event.longest_ms);
  }
}

void LatencyHistoryCombine(CommandContext& context) {
  LatencyEvents events = MergedEvents(context);
  auto found = events.find(context.arg(2));
  if (found == events.end()) {
    context.reply().Array(0);
    return;
  }
  context.reply().Array(found->second.samples.size());
  for (const LatencySample& sample : found->second.samples) {
    context.reply().Array(2);
    context.reply().Integer(sample.unix_time_s);
    context.reply().Integer(sample.ms);
  }
}

void LatencyGraphCombine(CommandContext& context) {
  LatencyEvents events = MergedEvents(context);
  auto found = events.find(context.arg(2));
  if (found == events.end()) {
    context.reply().Error(commands::errors::NoLatencySamples(context.arg(2)));
    return;
  }
  context.reply().Verbatim("txt",
                           DrawLatency(found->first, found->second, base::WallUs() / 1'000'000));
}

void LatencyDoctorCombine(CommandContext& context) {
  context.reply().Verbatim(
      "txt", DiagnoseLatency(MergedEvents(context), context.config().latency_monitor_threshold));
}

// Leaves the names of the events that it forgot.
void LatencyResetFragment(CommandContext& context) {
  LatencyEvents& events = context.shard().stats().latency_events;
  LatencyEvents gone;
  if (context.argc() == 2) {
    gone.swap(events);
  } else {
    for (std::string_view name : context.args().subspan(2)) {
      auto found = events.find(name);
      if (found != events.end()) gone.insert(events.extract(found));
    }
  }
  context.part().extra = std::move(gone);
}

void LatencyResetCombine(CommandContext& context) {
  context.reply().Integer(static_cast<int64_t>(MergedEvents(context).size()));
}

// --- Histograms ---

void LatencyHistogramFragment(CommandContext& context) { Take(context, kLatencyFigures); }

// Redis counts in histograms of its own; the upper ends of their octaves, in microseconds, are the
// names of the buckets: 1, 2, 4, 8, 16, 33, 66, ...
uint64_t BucketName(int bits) {
  uint64_t bound = uint64_t{1} << bits;
  return (bound + (bound >> 7) - 1) / 1000;
}

void WriteHistogram(const CommandEntry& entry, const LatencyHistogram& histogram,
                    resp::ReplyWriter& reply) {
  constexpr int kFirstBits = 10;
  constexpr int kLastBits = 30;
  reply.Bulk(FullName(entry));
  reply.Map(2);
  reply.Bulk("calls");
  reply.Integer(static_cast<int64_t>(histogram.total()));
  reply.Bulk("histogram_usec");
  size_t mark = reply.BeginDeferred();
  size_t pairs = 0;
  uint64_t before = 0;
  for (int bits = kFirstBits; bits <= kLastBits; ++bits) {
    uint64_t count =
        bits == kLastBits ? histogram.total() : histogram.CountUpTo((uint64_t{1} << bits) - 1);
    if (count == before) continue;
    reply.Integer(static_cast<int64_t>(BucketName(bits)));
    reply.Integer(static_cast<int64_t>(count));
    before = count;
    ++pairs;
  }
  reply.EndDeferredMap(mark, pairs);
}

// One command's histogram, and its subcommands'; returns how many it wrote.
size_t WriteHistograms(const CommandEntry& entry, const Figures& figures,
                       resp::ReplyWriter& reply) {
  size_t written = 0;
  const auto& latencies = figures.stats.latencies;
  if (entry.id < latencies.size() && latencies[entry.id] != nullptr &&
      latencies[entry.id]->total() > 0) {
    WriteHistogram(entry, *latencies[entry.id], reply);
    ++written;
  }
  for (const CommandEntry& subcommand : entry.subcommands) {
    written += WriteHistograms(subcommand, figures, reply);
  }
  return written;
}

const CommandEntry* FindFullName(const CommandTable& table, std::string_view name) {
  size_t bar = name.find('|');
  const CommandEntry* entry = table.Find(name.substr(0, bar));
  if (entry == nullptr || bar == std::string_view::npos) return entry;
  return CommandTable::FindSubcommand(*entry, name.substr(bar + 1));
}

void LatencyHistogramCombine(CommandContext& context) {
  Figures figures = Sum(context.parts());
  resp::ReplyWriter& reply = context.reply();
  const CommandTable& table = context.node().commands();
  size_t mark = reply.BeginDeferred();
  size_t written = 0;
  if (context.argc() == 2) {
    for (const CommandEntry* entry : table.commands()) {
      written += WriteHistograms(*entry, figures, reply);
    }
  }
  for (std::string_view name : context.args().subspan(2)) {
    const CommandEntry* entry = FindFullName(table, name);
    if (entry != nullptr) written += WriteHistograms(*entry, figures, reply);
  }
  reply.EndDeferredMap(mark, written);
}

constexpr std::string_view kHelp[] = {
    "DOCTOR", "    Return a human readable latency analysis report.", "GRAPH <event>",
    "    Return an ASCII latency graph for the <event> class.", "HISTORY <event>",
    "    Return time-latency samples for the <event> class.", "LATEST",
    "    Return the latest latency samples for all events.", "RESET [<event> ...]",
    "    Reset latency data of one or more <event> classes.",
    "    (default: reset all data for all event classes)", "HISTOGRAM [COMMAND ...]",
    // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one line of help
    "    Return a cumulative distribution of latencies in the format of a histogram for the "
    "specified command names.",
    "    If no commands are specified then all histograms are replied."};

void LatencyHelp(CommandContext& context) { commands::WriteHelp(context, "LATENCY", kHelp); }

constexpr std::string_view kLatencyDoctorTips[] = {
    "nondeterministic_output", "request_policy:all_nodes", "response_policy:special"};

constexpr std::string_view kLatencyGraphTips[] = {
    "nondeterministic_output", "request_policy:all_nodes", "response_policy:special"};

constexpr ArgSpec kLatencyGraphArgs[] = {{.name = "event"}};

constexpr std::string_view kLatencyHistogramTips[] = {
    "nondeterministic_output", "request_policy:all_nodes", "response_policy:special"};

constexpr ArgSpec kLatencyHistogramArgs[] = {
    {.name = "command", .flags = kArgOptional | kArgMultiple}};

constexpr std::string_view kLatencyHistoryTips[] = {
    "nondeterministic_output", "request_policy:all_nodes", "response_policy:special"};

constexpr ArgSpec kLatencyHistoryArgs[] = {{.name = "event"}};

constexpr std::string_view kLatencyLatestTips[] = {
    "nondeterministic_output", "request_policy:all_nodes", "response_policy:special"};

constexpr std::string_view kLatencyResetTips[] = {"request_policy:all_nodes",
                                                  "response_policy:all_succeeded"};

constexpr ArgSpec kLatencyResetArgs[] = {{.name = "event", .flags = kArgOptional | kArgMultiple}};

constexpr CommandSpec kLatencySubcommands[] = {
    {.name = "doctor",
     .arity = 2,
     .flags = kAdmin | kNoscript | kLoading | kStale,
     .where = Where::kScatterAll,
     .scatter = {EventsFragment, LatencyDoctorCombine},
     .summary = "Return a human readable latency analysis report.",
     .complexity = "O(1)",
     .since = "2.8.13",
     .group = "server",
     .tips = kLatencyDoctorTips},
    {.name = "graph",
     .arity = 3,
     .flags = kAdmin | kNoscript | kLoading | kStale,
     .where = Where::kScatterAll,
     .scatter = {EventsFragment, LatencyGraphCombine},
     .summary = "Return a latency graph for the event.",
     .complexity = "O(1)",
     .since = "2.8.13",
     .group = "server",
     .tips = kLatencyGraphTips,
     .args = kLatencyGraphArgs},
    {.name = "help",
     .arity = 2,
     .flags = kLoading | kStale,
     .run = LatencyHelp,
     .summary = "Show helpful text about the different subcommands.",
     .complexity = "O(1)",
     .since = "2.8.13",
     .group = "server"},
    {.name = "histogram",
     .arity = -2,
     .flags = kAdmin | kNoscript | kLoading | kStale,
     .where = Where::kScatterAll,
     .scatter = {LatencyHistogramFragment, LatencyHistogramCombine},
     .summary = "Return the cumulative distribution of latencies of a subset of commands or all.",
     .complexity =
         "O(N) where N is the number of commands with latency information being retrieved.",
     .since = "7.0.0",
     .group = "server",
     .tips = kLatencyHistogramTips,
     .args = kLatencyHistogramArgs},
    {.name = "history",
     .arity = 3,
     .flags = kAdmin | kNoscript | kLoading | kStale,
     .where = Where::kScatterAll,
     .scatter = {EventsFragment, LatencyHistoryCombine},
     .summary = "Return timestamp-latency samples for the event.",
     .complexity = "O(1)",
     .since = "2.8.13",
     .group = "server",
     .tips = kLatencyHistoryTips,
     .args = kLatencyHistoryArgs},
    {.name = "latest",
     .arity = 2,
     .flags = kAdmin | kNoscript | kLoading | kStale,
     .where = Where::kScatterAll,
     .scatter = {EventsFragment, LatencyLatestCombine},
     .summary = "Return the latest latency samples for all events.",
     .complexity = "O(1)",
     .since = "2.8.13",
     .group = "server",
     .tips = kLatencyLatestTips},
    {.name = "reset",
     .arity = -2,
     .flags = kAdmin | kNoscript | kLoading | kStale,
     .where = Where::kScatterAll,
     .scatter = {LatencyResetFragment, LatencyResetCombine},
     .summary = "Reset latency data for one or more events.",
     .complexity = "O(1)",
     .since = "2.8.13",
     .group = "server",
     .tips = kLatencyResetTips,
     .args = kLatencyResetArgs}};

constexpr CommandSpec kRows[] = {{.name = "latency",
                                  .arity = -2,
                                  .subcommands = kLatencySubcommands,
                                  .summary = "A container for latency diagnostics commands",
                                  .complexity = "Depends on subcommand.",
                                  .since = "2.8.13",
                                  .group = "server"}};

}  // namespace

std::span<const CommandSpec> LatencyCommands() { return kRows; }

}  // namespace nuthatch::observe
