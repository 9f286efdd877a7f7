// SLOWLOG. Each shard keeps its own slow commands, the newest first and at most slowlog-max-len of
// them; the ids are the node's, so that the logs can be merged into the one that Redis has: its
// slowlog-max-len newest.
#include <algorithm>
#include <any>
#include <string_view>
#include <utility>
#include <vector>

#include "server/commands/args.h"
#include "server/commands/errors.h"
#include "server/commands/help.h"
#include "server/observe/groups.h"
#include "server/resp/replies.h"
#include "server/runtime/node.h"
#include "server/runtime/shard.h"

namespace nuthatch::observe {
namespace {

using namespace runtime;  // NOLINT(google-build-using-namespace): a table of rows in its words

using Entries = std::vector<SlowLogEntry>;

constexpr size_t kDefaultCount = 10;

// How many entries SLOWLOG GET asks for; without a value the arguments are wrong.
std::optional<size_t> CountOf(CommandContext& context) {
  if (context.argc() == 2) return kDefaultCount;
  std::optional<int64_t> count = base::ParseInt64(context.arg(2));
  if (!count.has_value() || *count < -1) return std::nullopt;
  return *count == -1 ? SIZE_MAX : static_cast<size_t>(*count);
}

void SlowlogGetFragment(CommandContext& context) {
  std::optional<size_t> count = CountOf(context);
  if (context.argc() > 3 || !count.has_value()) return;
  const auto& log = context.shard().stats().slow_log;
  size_t taken = std::min(*count, log.size());
  context.part().extra = Entries(log.begin(), log.begin() + static_cast<ptrdiff_t>(taken));
}

void WriteEntry(const SlowLogEntry& entry, resp::ReplyWriter& reply) {
  reply.Array(6);
  reply.Integer(entry.id);
  reply.Integer(entry.unix_time_s);
  reply.Integer(entry.microseconds);
  reply.Array(entry.args.size());
  for (const std::string& arg : entry.args) reply.Bulk(arg);
  reply.Bulk(entry.client_address);
  reply.Bulk(entry.client_name);
}

void SlowlogGetCombine(CommandContext& context) {
  if (context.argc() > 3) {
    context.reply().Error(commands::errors::UnknownSubcommandOrArity(context.arg(1), "SLOWLOG"));
    return;
  }
  std::optional<size_t> count = CountOf(context);
  if (!count.has_value()) {
    context.reply().Error(commands::errors::kSlowLogCount);
    return;
  }
  Entries all;
  for (ScatterPart& part : context.parts()) {
    auto* entries = std::any_cast<Entries>(&part.extra);
    if (entries != nullptr) std::move(entries->begin(), entries->end(), std::back_inserter(all));
  }
  std::sort(all.begin(), all.end(),
            [](const SlowLogEntry& a, const SlowLogEntry& b) { return a.id > b.id; });
  size_t shown =
      std::min({all.size(), *count, static_cast<size_t>(context.config().slowlog_max_len)});
  context.reply().Array(shown);
  for (size_t i = 0; i < shown; ++i) WriteEntry(all[i], context.reply());
}

void SlowlogLenFragment(CommandContext& context) {
  context.part().number = static_cast<int64_t>(context.shard().stats().slow_log.size());
}

void SlowlogLenCombine(CommandContext& context) {
  int64_t sum = 0;
  for (const ScatterPart& part : context.parts()) sum += part.number;
  context.reply().Integer(std::min(sum, static_cast<int64_t>(context.config().slowlog_max_len)));
}

void SlowlogResetFragment(CommandContext& context) { context.shard().stats().slow_log.clear(); }

void SlowlogResetCombine(CommandContext& context) { context.reply().Raw(resp::kOkReply); }

constexpr std::string_view kHelp[] = {
    "GET [<count>]",
    "    Return top <count> entries from the slowlog (default: 10, -1 mean all).",
    "    Entries are made of:",
    "    id, timestamp, time in microseconds, arguments array, client IP and port,",
    "    client name",
    "LEN",
    "    Return the length of the slowlog.",
    "RESET",
    "    Reset the slowlog."};

void SlowlogHelp(CommandContext& context) { commands::WriteHelp(context, "SLOWLOG", kHelp); }

constexpr HistoryLine kSlowlogGetHistory[] = {
    {"4.0.0", "Added client IP address, port and name to the reply."}};

constexpr std::string_view kSlowlogGetTips[] = {"request_policy:all_nodes",
                                                "nondeterministic_output"};

constexpr ArgSpec kSlowlogGetArgs[] = {
    {.name = "count", .type = ArgType::kInteger, .flags = kArgOptional}};

constexpr std::string_view kSlowlogLenTips[] = {
    "request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"};

constexpr std::string_view kSlowlogResetTips[] = {"request_policy:all_nodes",
                                                  "response_policy:all_succeeded"};

constexpr CommandSpec kSlowlogSubcommands[] = {
    {.name = "get",
     .arity = -2,
     .flags = kAdmin | kLoading | kStale,
     .where = Where::kScatterAll,
     .scatter = {SlowlogGetFragment, SlowlogGetCombine},
     .summary = "Get the slow log's entries",
     .complexity = "O(N) where N is the number of entries returned",
     .since = "2.2.12",
     .group = "server",
     .history = kSlowlogGetHistory,
     .tips = kSlowlogGetTips,
     .args = kSlowlogGetArgs},
    {.name = "help",
     .arity = 2,
     .flags = kLoading | kStale,
     .run = SlowlogHelp,
     .summary = "Show helpful text about the different subcommands",
     .complexity = "O(1)",
     .since = "6.2.0",
     .group = "server"},
    {.name = "len",
     .arity = 2,
     .flags = kAdmin | kLoading | kStale,
     .where = Where::kScatterAll,
     .scatter = {SlowlogLenFragment, SlowlogLenCombine},
     .summary = "Get the slow log's length",
     .complexity = "O(1)",
     .since = "2.2.12",
     .group = "server",
     .tips = kSlowlogLenTips},
    {.name = "reset",
     .arity = 2,
     .flags = kAdmin | kLoading | kStale,
     .where = Where::kScatterAll,
     .scatter = {SlowlogResetFragment, SlowlogResetCombine},
     .summary = "Clear all entries from the slow log",
     .complexity = "O(N) where N is the number of entries in the slowlog",
     .since = "2.2.12",
     .group = "server",
     .tips = kSlowlogResetTips}};

constexpr CommandSpec kRows[] = {{.name = "slowlog",
                                  .arity = -2,
                                  .subcommands = kSlowlogSubcommands,
                                  .summary = "A container for slow log commands",
                                  .complexity = "Depends on subcommand.",
                                  .since = "2.2.12",
                                  .group = "server"}};

}  // namespace

std::span<const CommandSpec> SlowlogCommands() { return kRows; }

}  // namespace nuthatch::observe
