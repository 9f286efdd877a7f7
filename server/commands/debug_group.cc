#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <string_view>

#include "server/base/check.h"
#include "server/base/log.h"
#include "server/base/memory.h"
#include "server/commands/args.h"
#include "server/commands/debug_digest.h"
#include "server/commands/debug_keys.h"
#include "server/commands/errors.h"
#include "server/commands/groups.h"
#include "server/commands/help.h"
#include "server/config/rewrite.h"
#include "server/resp/replies.h"
#include "server/runtime/node.h"
#include "server/runtime/shard.h"
#include "server/values/quicklist.h"

namespace nuthatch::commands {
namespace {

using namespace runtime;  // NOLINT(google-build-using-namespace): a table of rows in its words

void SleepFor(int64_t microseconds) {
  timespec duration{microseconds / 1'000'000, microseconds % 1'000'000 * 1000};
  nanosleep(&duration, nullptr);
}

// Stops every thread, the control thread too, so that the node looks dead for that time.
void DebugSleep(CommandContext& context) {
  double seconds = std::strtod(std::string(context.arg(2)).c_str(), nullptr);
  auto microseconds = static_cast<int64_t>(seconds * 1e6);
  if (microseconds > 0) {
    Node& node = context.node();
    for (size_t i = 0; i < node.shard_count(); ++i) {
      if (i == context.shard().index()) continue;
      node.shard(i).Call([microseconds] { SleepFor(microseconds); });
    }
    node.SleepControl(microseconds);
    SleepFor(microseconds);
  }
  context.reply().Raw(resp::kOkReply);
}

void DebugSetActiveExpire(CommandContext& context) {
  context.node().SetActiveExpiry(std::atoi(std::string(context.arg(2)).c_str()) != 0);
  context.reply().Raw(resp::kOkReply);
}

void DebugLog(CommandContext& context) {
  base::LogWarning("DEBUG LOG: {}", context.arg(2));
  context.reply().Raw(resp::kOkReply);
}

void DebugError(CommandContext& context) { context.reply().Error(context.arg(2)); }

// The size from which on an element of a list stands alone, in all lists.
void DebugPackedThreshold(CommandContext& context) {
  std::optional<uint64_t> size = base::ParseMemorySize(context.arg(2));
  if (!size.has_value() || !values::Quicklist::SetPackedThreshold(*size)) {
    context.reply().Error(errors::kPackedThreshold);
    return;
  }
  context.reply().Raw(resp::kOkReply);
}

void WriteAttributed(resp::ReplyWriter& reply) {
  if (reply.version() == 3) {
    reply.Attribute(1);
    reply.Bulk("key-popularity");
    reply.Array(2);
    reply.Bulk("key:123");
    reply.Integer(90);
  }
  reply.Bulk("Some real reply following the attribute");
}

void WritePush(resp::ReplyWriter& reply) {
  if (reply.version() == 2) {
    reply.Error(errors::kNeedsResp3);
    return;
  }
  reply.Push(2);
  reply.Bulk("server-cpu-usage");
  reply.Integer(42);
  reply.Bulk("Some real reply following the push reply");
}

// A value of each type of the protocol, for tests of client libraries.
void DebugProtocol(CommandContext& context) {
  resp::ReplyWriter& reply = context.reply();
  std::string_view type = context.arg(2);
  if (IsWord(type, "string")) {
    reply.Bulk("Hello World");
  } else if (IsWord(type, "integer")) {
    reply.Integer(12345);
  } else if (IsWord(type, "double")) {
    reply.Double(3.141);
  } else if (IsWord(type, "null")) {
    reply.Null();
  } else if (IsWord(type, "array")) {
    reply.Array(3);
    for (int i = 0; i < 3; ++i) reply.Integer(i);
  } else if (IsWord(type, "set")) {
    reply.Set(3);
    for (int i = 0; i < 3; ++i) reply.Integer(i);
  } else if (IsWord(type, "map")) {
    reply.Map(3);
    for (int i = 0; i < 3; ++i) {
      reply.Integer(i);
      reply.Bool(i == 1);
    }
  } else if (IsWord(type, "attrib")) {
    WriteAttributed(reply);
  } else if (IsWord(type, "push")) {
    WritePush(reply);
  } else if (IsWord(type, "true")) {
    reply.Bool(true);
  } else if (IsWord(type, "false")) {
    reply.Bool(false);
  } else if (IsWord(type, "verbatim")) {
    reply.Verbatim("txt", "This is a verbatim\nstring");
  } else if (IsWord(type, "bignum")) {
    reply.BigNumber("1234567999999999999999999999999999999");
  } else {
    reply.Error(errors::kDebugProtocolType);
  }
}

void DebugSkipChecksums(CommandContext& context) {
  bool skip = std::atoi(std::string(context.arg(2)).c_str()) != 0;
  context.node().skip_checksums.store(skip, std::memory_order_relaxed);
  context.reply().Raw(resp::kOkReply);
}

void DebugRewriteAll(CommandContext& context) {
  const std::string& path = context.node().config_file();
  std::string cause = std::strerror(EFAULT);  // as Redis says when there is no file
  if (!path.empty()) {
    auto result = config::Rewrite(context.config(), path, config::RewriteScope::kAll);
    cause = result.ok() ? "" : result.error();
  }
  if (cause.empty()) {
    context.reply().Raw(resp::kOkReply);
  } else {
    context.reply().Error("ERR CONFIG-REWRITE-FORCE-ALL failed: " + cause);
  }
}

void DebugMallctl(CommandContext& context) {
  std::optional<uint64_t> value;
  if (context.argc() >= 4) {
    std::optional<int64_t> number = IntegerOrReply(context, context.arg(3));
    if (!number.has_value()) return;
    value = static_cast<uint64_t>(*number);
  }
  auto old = base::AllocatorNumber(std::string(context.arg(2)), value);
  if (old.ok()) {
    context.reply().Integer(static_cast<int64_t>(old.value()));
  } else {
    context.reply().Error("ERR " + old.error());
  }
}

void DebugMallctlStr(CommandContext& context) {
  std::optional<std::string> value;
  if (context.argc() >= 4) value = context.arg(3);
  auto old = base::AllocatorText(std::string(context.arg(2)), value);
  if (old.ok()) {
    context.reply().Bulk(old.value());
  } else {
    context.reply().Error("ERR " + old.error());
  }
}

void DebugSegfault(CommandContext&) { std::raise(SIGSEGV); }

void DebugPanic(CommandContext&) { CHECK(!"DEBUG PANIC"); }

void DebugAssert(CommandContext&) { CHECK(!"DEBUG ASSERT"); }

constexpr std::string_view kHelp[] = {
    "ASSERT",
    "    End by a failed check.",
    "CONFIG-REWRITE-FORCE-ALL",
    "    Like CONFIG REWRITE, but write every directive, also those that are at their default.",
    "DIGEST",
    "    Print a signature of the whole content, the same as another server's with this content.",
    "DIGEST-VALUE <key> [<key> ...]",
    "    Print a signature of each key's value.",
    "ERROR <string>",
    "    Reply with an error of this text.",
    "HTSTATS <dbid>",
    "    Show what the hash tables of a database look like, for each shard.",
    "HTSTATS-KEY <key>",
    "    Likewise for the hash table of a key's value.",
    "LOG <message>",
    "    Write a line to the server's log.",
    "MALLCTL <name> [<value>]",
    "    Get or set a variable of the allocator that is a number.",
    "MALLCTL-STR <name> [<value>]",
    "    Get or set a variable of the allocator that is a text.",
    "OBJECT <key>",
    "    Show how a key's value is kept.",
    "PANIC",
    "    End by a failed check.",
    "POPULATE <count> [<prefix>] [<size>]",
    "    Create string keys named key:<number>, or <prefix>:<number>, with values of <size> bytes.",
    "PROTOCOL <type>",
    "    Reply with a value of this type: string, integer, double, bignum, null, array, set, map,",
    "    attrib, push, verbatim, true, false.",
    "QUICKLIST-PACKED-THRESHOLD <size>",
    "    Accepted without effect.",
    "SDSLEN <key>",
    "    Show how long a key's name and string are, and the memory that they take.",
    "SEGFAULT",
    "    End by a signal.",
    "SET-ACTIVE-EXPIRE <0|1>",
    "    Turn the expiry of keys that nobody asks for off or on.",
    "SET-SKIP-CHECKSUM-VALIDATION <0|1>",
    "    Let RESTORE take payloads with a wrong checksum, or not.",
    "SLEEP <seconds>",
    "    Stop every thread of the server for so long. Decimals are allowed."};

void DebugHelp(CommandContext& context) { WriteHelp(context, "DEBUG", kHelp); }

struct Subcommand {
  std::string_view name;
  size_t least_args;  // with DEBUG and the name
  size_t most_args;
  CommandFn run;
};

constexpr size_t kAny = SIZE_MAX;

constexpr Subcommand kSubcommands[] = {
    {"help", 2, 2, DebugHelp},
    {"assert", 2, kAny, DebugAssert},
    {"config-rewrite-force-all", 2, 2, DebugRewriteAll},
    {"digest", 2, 2, DebugDigest},
    {"digest-value", 2, kAny, DebugDigestValue},
    {"error", 3, 3, DebugError},
    {"htstats", 3, 3, DebugHtstats},
    {"htstats-key", 3, 4, DebugHtstatsKey},
    {"log", 3, 3, DebugLog},
    {"mallctl", 3, kAny, DebugMallctl},
    {"mallctl-str", 3, kAny, DebugMallctlStr},
    {"object", 3, 3, DebugObject},
    {"panic", 2, kAny, DebugPanic},
    {"populate", 3, 5, DebugPopulate},
    {"protocol", 3, 3, DebugProtocol},
    {"quicklist-packed-threshold", 3, 3, DebugPackedThreshold},
    {"sdslen", 3, 3, DebugSdslen},
    {"segfault", 2, kAny, DebugSegfault},
    {"set-active-expire", 3, 3, DebugSetActiveExpire},
    {"set-skip-checksum-validation", 3, 3, DebugSkipChecksums},
    {"sleep", 3, 3, DebugSleep},
};

bool Allowed(CommandContext& context) {
  switch (context.config().enable_debug_command) {
    case config::CommandAccess::kNo:
      return false;
    case config::CommandAccess::kYes:
      return true;
    case config::CommandAccess::kLocal:
      return context.caller().local;
  }
  return false;
}

// Subcommands are no rows, as in Redis. Some need all keyspaces, none is worth a route of its own.
void Debug(CommandContext& context) {
  if (!Allowed(context)) {
    context.reply().Error(errors::kDebugNotAllowed);
    return;
  }
  for (const Subcommand& subcommand : kSubcommands) {
    if (IsWord(context.arg(1), subcommand.name) && context.argc() >= subcommand.least_args &&
        context.argc() <= subcommand.most_args) {
      subcommand.run(context);
      return;
    }
  }
  context.reply().Error(errors::UnknownSubcommandOrArity(context.arg(1), "DEBUG"));
}

constexpr CommandSpec kRows[] = {{.name = "debug",
                                  .arity = -2,
                                  .flags = kAdmin | kNoscript | kLoading | kStale,
                                  .where = Where::kRendezvousAll,
                                  .run = Debug,
                                  .summary = "A container for debugging commands",
                                  .complexity = "Depends on subcommand.",
                                  .since = "1.0.0",
                                  .group = "server",
                                  .doc_flags = "syscmd"}};

}  // namespace

std::span<const CommandSpec> DebugCommands() { return kRows; }

}  // namespace nuthatch::commands
