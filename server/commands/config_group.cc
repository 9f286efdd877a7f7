#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/base/log.h"
#include "server/commands/args.h"
#include "server/commands/errors.h"
#include "server/commands/groups.h"
#include "server/commands/help.h"
#include "server/config/edit.h"
#include "server/config/rewrite.h"
#include "server/resp/replies.h"
#include "server/runtime/node.h"
#include "server/runtime/shard.h"

namespace nuthatch::commands {
namespace {

using namespace runtime;  // NOLINT(google-build-using-namespace): a table of rows in its words

void ConfigGet(CommandContext& context) {
  auto patterns = context.args().subspan(2);
  auto found = config::GetDirectives(context.config(), {patterns.begin(), patterns.end()});
  context.reply().Map(found.size());
  for (const auto& [name, value] : found) {
    context.reply().Bulk(name);
    context.reply().Bulk(value);
  }
}

void RedactConfigSet(std::span<const std::string_view> args, std::vector<bool>& secret) {
  for (size_t i = 2; i + 1 < args.size(); i += 2) secret[i + 1] = config::IsSensitive(args[i]);
}

void ConfigSet(CommandContext& context) {
  if (context.argc() % 2 != 0) {
    context.reply().Error(errors::kSyntax);
    return;
  }
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  for (size_t i = 2; i < context.argc(); i += 2) {
    pairs.emplace_back(context.arg(i), context.arg(i + 1));
  }
  config::ConfigEdit edit(context.node().config());
  auto result = edit.Set(pairs, {.local = context.caller().local});
  if (!result.ok()) {
    bool has_code = result.error().starts_with("LOADING ");
    context.reply().Error(has_code ? result.error() : "ERR " + result.error());
    return;
  }
  if (auto failure = context.node().ReplaceConfig(edit.config())) {
    context.reply().Error("ERR " + config::SetFailedText(failure->directive, failure->cause));
    return;
  }
  context.reply().Raw(resp::kOkReply);
}

void ConfigResetstatFragment(CommandContext& context) {
  context.shard().stats().Reset();
  context.shard().keyspace().ResetStats();
  context.shard().keyspace().policy().ResetCounts();
  context.shard().memory_limit().ResetStats();
}

void ConfigResetstatCombine(CommandContext& context) {
  context.node().rejected_connections = 0;
  context.reply().Raw(resp::kOkReply);
}

void ConfigRewrite(CommandContext& context) {
  const std::string& path = context.node().config_file();
  if (path.empty()) {
    context.reply().Error(errors::kNoConfigFile);
    return;
  }
  // Any shard may be asked, but a file is rewritten by one at a time.
  static std::mutex mutex;
  std::lock_guard lock(mutex);
  auto result = config::Rewrite(context.config(), path);
  if (!result.ok()) {
    base::LogWarning("CONFIG REWRITE failed: {}", result.error());
    context.reply().Error(errors::RewriteFailed(result.error()));
    return;
  }
  base::LogNotice("CONFIG REWRITE executed with success.");
  context.reply().Raw(resp::kOkReply);
}

constexpr std::string_view kHelp[] = {
    "GET <pattern>",
    "    Return parameters matching the glob-like <pattern> and their values.",
    "SET <directive> <value>",
    "    Set the configuration <directive> to <value>.",
    "RESETSTAT",
    "    Reset statistics reported by the INFO command.",
    "REWRITE",
    "    Rewrite the configuration file."};

void ConfigHelp(CommandContext& context) { WriteHelp(context, "CONFIG", kHelp); }

constexpr HistoryLine kConfigGetHistory[] = {
    {"7.0.0", "Added the ability to pass multiple pattern parameters in one call"}};

constexpr ArgSpec kConfigGetArgsParameter[] = {{.name = "parameter"}};

constexpr ArgSpec kConfigGetArgs[] = {{.name = "parameter",
                                       .type = ArgType::kBlock,
                                       .flags = kArgMultiple,
                                       .args = kConfigGetArgsParameter}};

constexpr HistoryLine kConfigSetHistory[] = {
    {"7.0.0", "Added the ability to set multiple parameters in one call."}};

constexpr std::string_view kConfigSetTips[] = {"request_policy:all_nodes",
                                               "response_policy:all_succeeded"};

constexpr ArgSpec kConfigSetArgsParameterValue[] = {{.name = "parameter"}, {.name = "value"}};

constexpr ArgSpec kConfigSetArgs[] = {{.name = "parameter_value",
                                       .type = ArgType::kBlock,
                                       .flags = kArgMultiple,
                                       .args = kConfigSetArgsParameterValue}};

constexpr CommandSpec kConfigSubcommands[] = {
    {.name = "get",
     .arity = -3,
     .flags = kAdmin | kNoscript | kLoading | kStale,
     .run = ConfigGet,
     .summary = "Get the values of configuration parameters",
     .complexity = "O(N) when N is the number of configuration parameters provided",
     .since = "2.0.0",
     .group = "server",
     .history = kConfigGetHistory,
     .args = kConfigGetArgs},
    {.name = "help",
     .arity = 2,
     .flags = kLoading | kStale,
     .run = ConfigHelp,
     .summary = "Show helpful text about the different subcommands",
     .complexity = "O(1)",
     .since = "5.0.0",
     .group = "server"},
    {.name = "resetstat",
     .arity = 2,
     .flags = kAdmin | kNoscript | kLoading | kStale,
     .where = Where::kScatterAll,
     .scatter = {ConfigResetstatFragment, ConfigResetstatCombine},
     .summary = "Reset the stats returned by INFO",
     .complexity = "O(1)",
     .since = "2.0.0",
     .group = "server"},
    {.name = "rewrite",
     .arity = 2,
     .flags = kAdmin | kNoscript | kLoading | kStale,
     .run = ConfigRewrite,
     .summary = "Rewrite the configuration file with the in memory configuration",
     .complexity = "O(1)",
     .since = "2.8.0",
     .group = "server"},
    {.name = "set",
     .arity = -4,
     .flags = kAdmin | kNoscript | kLoading | kStale | kBarrier,
     .where = Where::kRendezvousAll,
     .run = ConfigSet,
     .redact = RedactConfigSet,
     .summary = "Set configuration parameters to the given values",
     .complexity = "O(N) when N is the number of configuration parameters provided",
     .since = "2.0.0",
     .group = "server",
     .history = kConfigSetHistory,
     .tips = kConfigSetTips,
     .args = kConfigSetArgs}};

constexpr CommandSpec kRows[] = {{.name = "config",
                                  .arity = -2,
                                  .subcommands = kConfigSubcommands,
                                  .summary = "A container for server configuration commands",
                                  .complexity = "Depends on subcommand.",
                                  .since = "2.0.0",
                                  .group = "server"}};

}  // namespace

std::span<const CommandSpec> ConfigCommands() { return kRows; }

}  // namespace nuthatch::commands
