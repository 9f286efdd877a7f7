#include <string>
#include <string_view>

#include "server/base/clock.h"
#include "server/commands/args.h"
#include "server/commands/errors.h"
#include "server/commands/groups.h"
#include "server/runtime/node.h"

namespace nuthatch::commands {
namespace {

using namespace runtime;  // NOLINT(google-build-using-namespace): a table of rows in its words

void Shutdown(CommandContext& context) {
  ShutdownRequest request;
  bool abort = false;
  for (std::string_view option : context.args().subspan(1)) {
    if (IsWord(option, "nosave")) {
      request.nosave = true;
    } else if (IsWord(option, "save")) {
      request.save = true;
    } else if (IsWord(option, "now")) {
      request.now = true;
    } else if (IsWord(option, "force")) {
      request.force = true;
    } else if (IsWord(option, "abort")) {
      abort = true;
    } else {
      context.reply().Error(errors::kSyntax);
      return;
    }
  }
  bool modified = request.nosave || request.save || request.now || request.force;
  if ((abort && modified) || (request.nosave && request.save)) {
    context.reply().Error(errors::kSyntax);
    return;
  }
  if (abort) {
    // Nothing is waited for on the way down, so there is never anything to abort.
    context.reply().Error(errors::kNoShutdownInProgress);
    return;
  }
  if (!context.node().RequestShutdown(request)) {
    context.reply().Error(errors::kShutdownFailed);
    return;
  }
  // No answer: the connection ends. Nothing behind it is run.
  context.client().close_after_reply = true;
}

void Time(CommandContext& context) {
  int64_t now_us = base::WallUs();
  context.reply().Array(2);
  context.reply().BulkInteger(now_us / 1'000'000);
  context.reply().BulkInteger(now_us % 1'000'000);
}

constexpr HistoryLine kShutdownHistory[] = {
    {"7.0.0", "Added the `NOW`, `FORCE` and `ABORT` modifiers."}};

constexpr ArgSpec kShutdownArgsNosaveSave[] = {
    {.name = "nosave", .type = ArgType::kPureToken, .token = "NOSAVE"},
    {.name = "save", .type = ArgType::kPureToken, .token = "SAVE"}};

constexpr ArgSpec kShutdownArgs[] = {{.name = "nosave_save",
                                      .type = ArgType::kOneof,
                                      .flags = kArgOptional,
                                      .args = kShutdownArgsNosaveSave},
                                     {.name = "now",
                                      .type = ArgType::kPureToken,
                                      .token = "NOW",
                                      .since = "7.0.0",
                                      .flags = kArgOptional},
                                     {.name = "force",
                                      .type = ArgType::kPureToken,
                                      .token = "FORCE",
                                      .since = "7.0.0",
                                      .flags = kArgOptional},
                                     {.name = "abort",
                                      .type = ArgType::kPureToken,
                                      .token = "ABORT",
                                      .since = "7.0.0",
                                      .flags = kArgOptional}};

constexpr std::string_view kTimeTips[] = {"nondeterministic_output"};

constexpr CommandSpec kRows[] = {
    {.name = "shutdown",
     .arity = -1,
     .flags = kAdmin | kNoscript | kLoading | kStale | kNoMulti | kAllowBusy | kBarrier,
     .run = Shutdown,
     .summary = "Synchronously save the dataset to disk and then shut down the server",
     .complexity = "O(N) when saving, where N is the total number of keys in all databases when "
                   "saving data, otherwise O(1)",
     .since = "1.0.0",
     .group = "server",
     .history = kShutdownHistory,
     .args = kShutdownArgs},
    {.name = "time",
     .arity = 1,
     .flags = kLoading | kStale | kFast,
     .run = Time,
     .summary = "Return the current server time",
     .complexity = "O(1)",
     .since = "2.6.0",
     .group = "server",
     .tips = kTimeTips}};

}  // namespace

std::span<const CommandSpec> ServerCommands() { return kRows; }

}  // namespace nuthatch::commands
