#include <algorithm>
#include <string>
#include <string_view>

#include "server/base/version.h"
#include "server/commands/args.h"
#include "server/commands/client_name.h"
#include "server/commands/errors.h"
#include "server/commands/groups.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"
#include "server/runtime/node.h"

namespace nuthatch::commands {
namespace {

using namespace runtime;  // NOLINT(google-build-using-namespace): a table of rows in its words

constexpr std::string_view kDefaultUser = "default";

// Compares in a time that tells nothing of where the two differ.
bool SamePassword(std::string_view given, std::string_view wanted) {
  unsigned difference = given.size() == wanted.size() ? 0 : 1;
  for (size_t i = 0; i < given.size(); ++i) {
    char other = wanted.empty() ? '\0' : wanted[i % wanted.size()];
    difference |= static_cast<unsigned char>(given[i] ^ other);
  }
  return difference == 0;
}

// There is one user, whose password is requirepass.
bool Authenticate(CommandContext& context, std::string_view user, std::string_view password) {
  const std::string& wanted = context.config().requirepass;
  if (user != kDefaultUser || (!wanted.empty() && !SamePassword(password, wanted))) return false;
  context.client().authenticated = true;
  context.client().user = kDefaultUser;
  return true;
}

void RedactAuth(std::span<const std::string_view> args, std::vector<bool>& secret) {
  for (size_t i = 1; i < args.size(); ++i) secret[i] = true;
}

void RedactHello(std::span<const std::string_view> args, std::vector<bool>& secret) {
  for (size_t i = 2; i + 2 < args.size(); ++i) {
    if (IsWord(args[i], "auth")) secret[i + 1] = secret[i + 2] = true;
  }
}

void Auth(CommandContext& context) {
  if (context.argc() > 3) {
    context.reply().Error(errors::kSyntax);
    return;
  }
  bool named = context.argc() == 3;
  if (!named && context.config().requirepass.empty()) {
    context.reply().Error(errors::kAuthWithoutPassword);
    return;
  }
  if (!Authenticate(context, named ? context.arg(1) : kDefaultUser, context.arg(named ? 2 : 1))) {
    context.reply().Error(errors::kWrongPass);
    return;
  }
  context.reply().Raw(resp::kOkReply);
}

void Echo(CommandContext& context) { context.reply().Bulk(context.arg(1)); }

// Carries out the options; false when it has replied an error. As in Redis, what stands before a
// wrong option has its effect.
bool ApplyHelloOptions(CommandContext& context) {
  for (size_t i = 2; i < context.argc(); ++i) {
    size_t more = context.argc() - 1 - i;
    if (IsWord(context.arg(i), "auth") && more >= 2) {
      if (!Authenticate(context, context.arg(i + 1), context.arg(i + 2))) {
        context.reply().Error(errors::kWrongPass);
        return false;
      }
      i += 2;
    } else if (IsWord(context.arg(i), "setname") && more >= 1) {
      if (!IsClientName(context.arg(i + 1))) {
        context.reply().Error(errors::kBadClientName);
        return false;
      }
      context.client().name = context.arg(i + 1);
      ++i;
    } else {
      context.reply().Error(errors::HelloOption(context.arg(i)));
      return false;
    }
  }
  return true;
}

void Hello(CommandContext& context) {
  int64_t asked = 0;  // 0: the version stays as it is
  if (context.argc() >= 2) {
    auto version = IntegerOrReply(context, context.arg(1), errors::kProtocolVersionNotInteger);
    if (!version.has_value()) return;
    if (*version < 2 || *version > 3) {
      context.reply().Error(errors::kNoProtocol);
      return;
    }
    asked = *version;
  }
  if (!ApplyHelloOptions(context)) return;
  ClientState& client = context.client();
  if (!client.authenticated) {
    context.reply().Error(errors::kHelloNeedsAuth);
    return;
  }
  if (asked != 0) client.protocol = static_cast<int>(asked);

  // The reply is already in the version that was asked for.
  resp::ReplyWriter reply(context.reply().buffer(), client.protocol);
  reply.Map(7);
  reply.Bulk("server");
  reply.Bulk("redis");
  reply.Bulk("version");
  reply.Bulk(base::kRedisVersion);
  reply.Bulk("proto");
  reply.Integer(client.protocol);
  reply.Bulk("id");
  reply.Integer(static_cast<int64_t>(client.id));
  reply.Bulk("mode");
  reply.Bulk("standalone");
  reply.Bulk("role");
  reply.Bulk("master");
  reply.Bulk("modules");
  reply.Array(0);
}

void Ping(CommandContext& context) {
  if (context.argc() > 2) {
    context.reply().Error(errors::WrongArity("ping"));
  } else if (context.argc() == 2) {
    context.reply().Bulk(context.arg(1));
  } else {
    context.reply().Raw(resp::kPongReply);
  }
}

void Quit(CommandContext& context) {
  context.reply().Raw(resp::kOkReply);
  context.client().close_after_reply = true;
}

void Reset(CommandContext& context) {
  ClientState& client = context.client();
  if (client.multi != nullptr) client.multi->End();
  client.db = 0;
  client.protocol = 2;
  client.name.clear();
  client.no_touch = false;
  client.reply_mode = ReplyMode::kOn;
  client.user = kDefaultUser;
  client.authenticated = context.config().requirepass.empty();
  context.reply().SimpleString("RESET");
}

void Select(CommandContext& context) {
  std::optional<int> db = IntOrReply(context, context.arg(1));
  if (!db.has_value() || !DbExistsOrReply(context, *db)) return;
  context.client().db = *db;
  context.reply().Raw(resp::kOkReply);
}

constexpr HistoryLine kAuthHistory[] = {{"6.0.0", "Added ACL style (username and password)."}};

constexpr ArgSpec kAuthArgs[] = {{.name = "username", .since = "6.0.0", .flags = kArgOptional},
                                 {.name = "password"}};

constexpr ArgSpec kEchoArgs[] = {{.name = "message"}};

constexpr HistoryLine kHelloHistory[] = {{"6.2.0",
                                          "`protover` made optional; when called without arguments "
                                          "the command reports the current connection's context."}};

constexpr ArgSpec kHelloArgsArgumentsUsernamePassword[] = {{.name = "username"},
                                                           {.name = "password"}};

constexpr ArgSpec kHelloArgsArguments[] = {
    {.name = "protover", .type = ArgType::kInteger},
    {.name = "username_password",
     .type = ArgType::kBlock,
     .token = "AUTH",
     .flags = kArgOptional,
     .args = kHelloArgsArgumentsUsernamePassword},
    {.name = "clientname", .token = "SETNAME", .flags = kArgOptional}};

constexpr ArgSpec kHelloArgs[] = {{.name = "arguments",
                                   .type = ArgType::kBlock,
                                   .flags = kArgOptional,
                                   .args = kHelloArgsArguments}};

constexpr std::string_view kPingTips[] = {"request_policy:all_shards",
                                          "response_policy:all_succeeded"};

constexpr ArgSpec kPingArgs[] = {{.name = "message", .flags = kArgOptional}};

constexpr ArgSpec kSelectArgs[] = {{.name = "index", .type = ArgType::kInteger}};

constexpr CommandSpec kRows[] = {
    {.name = "auth",
     .arity = -2,
     .flags = kNoscript | kLoading | kStale | kFast | kNoAuth | kAllowBusy | kBarrier,
     .acl_categories = kAclConnection,
     .run = Auth,
     .redact = RedactAuth,
     .summary = "Authenticate to the server",
     .complexity = "O(N) where N is the number of passwords defined for the user",
     .since = "1.0.0",
     .group = "connection",
     .history = kAuthHistory,
     .args = kAuthArgs},
    {.name = "echo",
     .arity = 2,
     .flags = kLoading | kStale | kFast,
     .acl_categories = kAclConnection,
     .run = Echo,
     .summary = "Echo the given string",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = "connection",
     .args = kEchoArgs},
    {.name = "hello",
     .arity = -1,
     .flags = kNoscript | kLoading | kStale | kFast | kNoAuth | kAllowBusy | kBarrier,
     .acl_categories = kAclConnection,
     .run = Hello,
     .redact = RedactHello,
     .summary = "Handshake with Redis",
     .complexity = "O(1)",
     .since = "6.0.0",
     .group = "connection",
     .history = kHelloHistory,
     .args = kHelloArgs},
    {.name = "ping",
     .arity = -1,
     .flags = kFast,
     .acl_categories = kAclConnection,
     .run = Ping,
     .summary = "Ping the server",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = "connection",
     .tips = kPingTips,
     .args = kPingArgs},
    {.name = "quit",
     .arity = -1,
     .flags = kNoscript | kLoading | kStale | kFast | kNoAuth | kAllowBusy,
     .acl_categories = kAclConnection,
     .in_multi = InMulti::kAtOnce,
     .run = Quit,
     .summary = "Close the connection",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = "connection"},
    {.name = "reset",
     .arity = 1,
     .flags = kNoscript | kLoading | kStale | kFast | kNoAuth | kAllowBusy | kBarrier,
     .acl_categories = kAclConnection,
     .in_multi = InMulti::kAtOnce,
     .run = Reset,
     .summary = "Reset the connection",
     .complexity = "O(1)",
     .since = "6.2.0",
     .group = "connection"},
    {.name = "select",
     .arity = 2,
     .flags = kLoading | kStale | kFast,
     .acl_categories = kAclConnection,
     .run = Select,
     .summary = "Change the selected database for the current connection",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = "connection",
     .args = kSelectArgs}};

}  // namespace

std::span<const CommandSpec> ConnectionCommands() { return kRows; }

}  // namespace nuthatch::commands
