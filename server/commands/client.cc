#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "server/base/clock.h"
#include "server/commands/args.h"
#include "server/commands/client_docs.h"
#include "server/commands/client_list.h"
#include "server/commands/client_name.h"
#include "server/commands/errors.h"
#include "server/commands/groups.h"
#include "server/commands/help.h"
#include "server/commands/lookup.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"
#include "server/runtime/node.h"
#include "server/runtime/shard.h"

namespace nuthatch::commands {
namespace {

using namespace runtime;  // NOLINT(google-build-using-namespace): a table of rows in its words

constexpr std::string_view kHelp[] = {
    "CACHING (YES|NO)",
    "    Enable/disable tracking of the keys for next command in OPTIN/OPTOUT modes.",
    "GETREDIR",
    "    Return the client ID we are redirecting to when tracking is enabled.",
    "GETNAME",
    "    Return the name of the current connection.",
    "ID",
    "    Return the ID of the current connection.",
    "INFO",
    "    Return information about the current client connection.",
    "KILL <ip:port>",
    "    Kill connection made from <ip:port>.",
    "KILL <option> <value> [<option> <value> [...]]",
    "    Kill connections. Options are:",
    "    * ADDR (<ip:port>|<unixsocket>:0)",
    "      Kill connections made from the specified address",
    "    * LADDR (<ip:port>|<unixsocket>:0)",
    "      Kill connections made to specified local address",
    "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
    "      Kill connections by type.",
    "    * USER <username>",
    "      Kill connections authenticated by <username>.",
    "    * SKIPME (YES|NO)",
    "      Skip killing current connection (default: yes).",
    "LIST [options ...]",
    "    Return information about client connections. Options:",
    "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
    "      Return clients of specified type.",
    "UNPAUSE",
    "    Stop the current client pause, resuming traffic.",
    "PAUSE <timeout> [WRITE|ALL]",
    "    Suspend all, or just write, clients for <timeout> milliseconds.",
    "REPLY (ON|OFF|SKIP)",
    "    Control the replies sent to the current connection.",
    "SETNAME <name>",
    "    Assign the name <name> to the current connection.",
    "UNBLOCK <clientid> [TIMEOUT|ERROR]",
    "    Unblock the specified blocked client.",
    "TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]",
    "         [OPTIN] [OPTOUT] [NOLOOP]",
    "    Control server assisted client side caching.",
    "TRACKINGINFO",
    "    Report tracking status for the current connection.",
    "NO-EVICT (ON|OFF)",
    "    Protect current client connection from eviction."};

void ClientHelp(CommandContext& context) { WriteHelp(context, "CLIENT", kHelp); }

void ClientGetname(CommandContext& context) {
  const std::string& name = context.client().name;
  if (name.empty()) {
    context.reply().Null();
  } else {
    context.reply().Bulk(name);
  }
}

// Nobody tracks yet, so nothing is redirected.
void ClientGetredir(CommandContext& context) { context.reply().Integer(-1); }

void ClientTrackinginfo(CommandContext& context) {
  resp::ReplyWriter& reply = context.reply();
  reply.Map(3);
  reply.Bulk("flags");
  reply.Set(1);
  reply.Bulk("off");
  reply.Bulk("redirect");
  reply.Integer(-1);
  reply.Bulk("prefixes");
  reply.Array(0);
}

void ClientId(CommandContext& context) {
  context.reply().Integer(static_cast<int64_t>(context.client().id));
}

// Reads "on" or "off"; without a value it has replied an error.
std::optional<bool> OnOrOff(CommandContext& context, std::string_view text) {
  if (IsWord(text, "on")) return true;
  if (IsWord(text, "off")) return false;
  context.reply().Error(errors::kSyntax);
  return std::nullopt;
}

void ClientNoEvict(CommandContext& context) {
  std::optional<bool> on = OnOrOff(context, context.arg(2));
  if (!on.has_value()) return;
  context.client().no_evict = *on;
  context.reply().Raw(resp::kOkReply);
}

void ClientNoTouch(CommandContext& context) {
  std::optional<bool> on = OnOrOff(context, context.arg(2));
  if (!on.has_value()) return;
  context.client().no_touch = *on;
  context.reply().Raw(resp::kOkReply);
}

void ClientReply(CommandContext& context) {
  ClientState& client = context.client();
  std::string_view mode = context.arg(2);
  if (IsWord(mode, "on")) {
    client.reply_mode = ReplyMode::kOn;
    context.reply().Raw(resp::kOkReply);
  } else if (IsWord(mode, "off")) {
    client.reply_mode = ReplyMode::kOff;
  } else if (IsWord(mode, "skip")) {
    if (client.reply_mode != ReplyMode::kOff) client.reply_mode = ReplyMode::kSkipNext;
  } else {
    context.reply().Error(errors::kSyntax);
  }
}

void ClientSetname(CommandContext& context) {
  if (!IsClientName(context.arg(2))) {
    context.reply().Error(errors::kBadClientName);
    return;
  }
  context.client().name = context.arg(2);
  context.reply().Raw(resp::kOkReply);
}

void ClientSetinfo(CommandContext& context) {
  std::string_view attribute = context.arg(2);
  bool is_name = IsWord(attribute, "lib-name");
  if (!is_name && !IsWord(attribute, "lib-ver")) {
    context.reply().Error(errors::UnrecognizedOption(attribute));
    return;
  }
  if (!IsClientName(context.arg(3))) {
    context.reply().Error(errors::BadClientAttribute(attribute));
    return;
  }
  (is_name ? context.client().lib_name : context.client().lib_ver) = context.arg(3);
  context.reply().Raw(resp::kOkReply);
}

// What CLIENT UNBLOCK asks for.
struct UnblockRequest {
  bool with_error = false;
  int64_t client_id = 0;
};

std::optional<std::string> ParseUnblock(std::span<const std::string_view> args,
                                        UnblockRequest& request) {
  if (args.size() > 4) return errors::UnknownSubcommandOrArity(args[1], "CLIENT");
  if (args.size() == 4) {
    request.with_error = IsWord(args[3], "error");
    if (!request.with_error && !IsWord(args[3], "timeout"))
      return std::string(errors::kUnblockReason);
  }
  std::optional<int64_t> id = base::ParseInt64(args[2]);
  if (!id.has_value()) return std::string(errors::kNotAnInteger);
  request.client_id = *id;
  return std::nullopt;
}

void ClientUnblockFragment(CommandContext& context) {
  UnblockRequest request;
  if (ParseUnblock(context.args(), request).has_value()) return;
  const bool ended = context.shard().clients().Unblock(static_cast<uint64_t>(request.client_id),
                                                       request.with_error);
  context.part().number = ended ? 1 : 0;
}

void ClientUnblockCombine(CommandContext& context) {
  UnblockRequest request;
  if (auto error = ParseUnblock(context.args(), request)) return context.reply().Error(*error);
  context.reply().Integer(SumOfParts(context));
}

// What CLIENT PAUSE asks for.
struct PauseRequest {
  bool writes_only = false;
  int64_t duration_ms = 0;
};

std::optional<std::string> ParsePause(std::span<const std::string_view> args,
                                      PauseRequest& request) {
  if (args.size() > 4) return errors::UnknownSubcommandOrArity(args[1], "CLIENT");
  if (args.size() == 4) {
    request.writes_only = IsWord(args[3], "write");
    if (!request.writes_only && !IsWord(args[3], "all")) return std::string(errors::kPauseMode);
  }
  std::optional<int64_t> duration = base::ParseInt64(args[2]);
  if (!duration.has_value()) return std::string(errors::kTimeoutNotInteger);
  if (*duration < 0) return std::string(errors::kTimeoutNegative);
  request.duration_ms = *duration;
  return std::nullopt;
}

void ClientPauseFragment(CommandContext& context) {
  PauseRequest request;
  if (ParsePause(context.args(), request).has_value()) return;
  int64_t now_ms = base::MonotonicNs() / 1'000'000;
  int64_t most = std::numeric_limits<int64_t>::max() - now_ms;
  int64_t until_ms = now_ms + std::min(request.duration_ms, most);
  context.shard().clients().Pause(until_ms, request.writes_only);
}

void ClientPauseCombine(CommandContext& context) {
  PauseRequest request;
  if (auto error = ParsePause(context.args(), request)) {
    context.reply().Error(*error);
  } else {
    context.reply().Raw(resp::kOkReply);
  }
}

void ClientUnpauseFragment(CommandContext& context) { context.shard().clients().Pause(0, false); }

void ClientUnpauseCombine(CommandContext& context) { context.reply().Raw(resp::kOkReply); }

constexpr CommandSpec kClientSubcommands[] = {
    {.name = "getname",
     .arity = 2,
     .flags = kNoscript | kLoading | kStale,
     .acl_categories = kAclConnection,
     .run = ClientGetname,
     .summary = "Get the current connection name",
     .complexity = "O(1)",
     .since = "2.6.9",
     .group = "connection"},
    {.name = "getredir",
     .arity = 2,
     .flags = kNoscript | kLoading | kStale,
     .acl_categories = kAclConnection,
     .run = ClientGetredir,
     .summary = "Get tracking notifications redirection client ID if any",
     .complexity = "O(1)",
     .since = "6.0.0",
     .group = "connection"},
    {.name = "help",
     .arity = 2,
     .flags = kLoading | kStale,
     .acl_categories = kAclConnection,
     .run = ClientHelp,
     .summary = "Show helpful text about the different subcommands",
     .complexity = "O(1)",
     .since = "5.0.0",
     .group = "connection"},
    {.name = "id",
     .arity = 2,
     .flags = kNoscript | kLoading | kStale,
     .acl_categories = kAclConnection,
     .run = ClientId,
     .summary = "Returns the client ID for the current connection",
     .complexity = "O(1)",
     .since = "5.0.0",
     .group = "connection"},
    {.name = "info",
     .arity = 2,
     .flags = kNoscript | kLoading | kStale | kShowsWatch,
     .acl_categories = kAclConnection,
     .run = ClientInfo,
     .summary = "Returns information about the current client connection.",
     .complexity = "O(1)",
     .since = "6.2.0",
     .group = "connection",
     .tips = kClientInfoTips},
    {.name = "kill",
     .arity = -3,
     .flags = kAdmin | kNoscript | kLoading | kStale | kBarrier,
     .acl_categories = kAclConnection,
     .where = Where::kScatterAll,
     .scatter = {ClientKillFragment, ClientKillCombine},
     .summary = "Kill the connection of a client",
     .complexity = "O(N) where N is the number of client connections",
     .since = "2.4.0",
     .group = "connection",
     .history = kClientKillHistory,
     .args = kClientKillArgs},
    // A barrier: what its own connection sends behind it (CLIENT SETNAME, SELECT) must not show.
    {.name = "list",
     .arity = -2,
     .flags = kAdmin | kNoscript | kLoading | kStale | kBarrier,
     .acl_categories = kAclConnection,
     .where = Where::kScatterAll,
     .scatter = {ClientListFragment, ClientListCombine},
     .summary = "Get the list of client connections",
     .complexity = "O(N) where N is the number of client connections",
     .since = "2.4.0",
     .group = "connection",
     .history = kClientListHistory,
     .tips = kClientListTips,
     .args = kClientListArgs},
    {.name = "no-evict",
     .arity = 3,
     .flags = kAdmin | kNoscript | kLoading | kStale,
     .acl_categories = kAclConnection,
     .run = ClientNoEvict,
     .summary = "Set client eviction mode for the current connection",
     .complexity = "O(1)",
     .since = "7.0.0",
     .group = "connection",
     .args = kClientNoEvictArgs},
    {.name = "no-touch",
     .arity = 3,
     .flags = kNoscript | kLoading | kStale,
     .acl_categories = kAclConnection,
     .run = ClientNoTouch,
     .summary = "Controls whether commands sent by the client affect the LRU/LFU of accessed keys.",
     .complexity = "O(1)",
     .since = "7.2.0",
     .group = "connection",
     .args = kClientNoEvictArgs},
    {.name = "pause",
     .arity = -3,
     .flags = kAdmin | kNoscript | kLoading | kStale | kBarrier,
     .acl_categories = kAclConnection,
     .where = Where::kScatterAll,
     .scatter = {ClientPauseFragment, ClientPauseCombine},
     .summary = "Stop processing commands from clients for some time",
     .complexity = "O(1)",
     .since = "2.9.50",
     .group = "connection",
     .history = kClientPauseHistory,
     .args = kClientPauseArgs},
    {.name = "reply",
     .arity = 3,
     .flags = kNoscript | kLoading | kStale | kBarrier,
     .acl_categories = kAclConnection,
     .run = ClientReply,
     .summary = "Instruct the server whether to reply to commands",
     .complexity = "O(1)",
     .since = "3.2.0",
     .group = "connection",
     .args = kClientReplyArgs},
    {.name = "setinfo",
     .arity = 4,
     .flags = kNoscript | kLoading | kStale,
     .acl_categories = kAclConnection,
     .run = ClientSetinfo,
     .summary = "Sets information specific to the client or connection.",
     .complexity = "O(1)",
     .since = "7.2.0",
     .group = "connection",
     .tips = kClientSetinfoTips,
     .args = kClientSetinfoArgs},
    {.name = "setname",
     .arity = 3,
     .flags = kNoscript | kLoading | kStale,
     .acl_categories = kAclConnection,
     .run = ClientSetname,
     .summary = "Set the current connection name",
     .complexity = "O(1)",
     .since = "2.6.9",
     .group = "connection",
     .args = kClientSetnameArgs},
    {.name = "trackinginfo",
     .arity = 2,
     .flags = kNoscript | kLoading | kStale,
     .acl_categories = kAclConnection,
     .run = ClientTrackinginfo,
     .summary =
         "Return information about server assisted client side caching for the current connection",
     .complexity = "O(1)",
     .since = "6.2.0",
     .group = "connection"},
    {.name = "unblock",
     .arity = -3,
     .flags = kAdmin | kNoscript | kLoading | kStale,
     .acl_categories = kAclConnection,
     .where = Where::kScatterAll,
     .scatter = {ClientUnblockFragment, ClientUnblockCombine},
     .summary = "Unblock a client blocked in a blocking command from a different connection",
     .complexity = "O(log N) where N is the number of client connections",
     .since = "5.0.0",
     .group = "connection",
     .args = kClientUnblockArgs},
    {.name = "unpause",
     .arity = 2,
     .flags = kAdmin | kNoscript | kLoading | kStale | kBarrier,
     .acl_categories = kAclConnection,
     .where = Where::kScatterAll,
     .scatter = {ClientUnpauseFragment, ClientUnpauseCombine},
     .summary = "Resume processing of clients that were paused",
     .complexity = "O(N) Where N is the number of paused clients",
     .since = "6.2.0",
     .group = "connection"}};

constexpr CommandSpec kRows[] = {{.name = "client",
                                  .arity = -2,
                                  .subcommands = kClientSubcommands,
                                  .summary = "A container for client connection commands",
                                  .complexity = "Depends on subcommand.",
                                  .since = "2.4.0",
                                  .group = "connection"}};

}  // namespace

std::span<const CommandSpec> ClientCommands() { return kRows; }

}  // namespace nuthatch::commands
