#include <algorithm>
#include <string>
#include <string_view>

#include "server/base/glob.h"
#include "server/commands/args.h"
#include "server/commands/command_info.h"
#include "server/commands/errors.h"
#include "server/commands/groups.h"
#include "server/commands/help.h"
#include "server/runtime/acl_category.h"
#include "server/runtime/command_table.h"
#include "server/runtime/node.h"

namespace nuthatch::commands {
namespace {

using namespace runtime;  // NOLINT(google-build-using-namespace): a table of rows in its words

// "get", or "client|kill".
const CommandEntry* FindFullName(const CommandTable& table, std::string_view name) {
  size_t bar = name.find('|');
  const CommandEntry* entry = table.Find(name.substr(0, bar));
  if (entry == nullptr || bar == std::string_view::npos) return entry;
  return CommandTable::FindSubcommand(*entry, name.substr(bar + 1));
}

// The command of a call; null if it, or its subcommand, doesn't exist.
const CommandEntry* FindCall(const CommandTable& table, std::span<const std::string_view> call) {
  const CommandEntry* entry = table.Find(call[0]);
  if (entry == nullptr || entry->subcommands.empty() || call.size() == 1) return entry;
  return CommandTable::FindSubcommand(*entry, call[1]);
}

void WriteAllInfo(CommandContext& context) {
  auto commands = context.node().commands().commands();
  context.reply().Array(commands.size());
  for (const CommandEntry* entry : commands) WriteCommandInfo(*entry, context.reply());
}

void Command(CommandContext& context) { WriteAllInfo(context); }

void CommandCount(CommandContext& context) {
  context.reply().Integer(static_cast<int64_t>(context.node().commands().commands().size()));
}

void CommandInfo(CommandContext& context) {
  if (context.argc() == 2) {
    WriteAllInfo(context);
    return;
  }
  context.reply().Array(context.argc() - 2);
  for (std::string_view name : context.args().subspan(2)) {
    const CommandEntry* entry = FindFullName(context.node().commands(), name);
    if (entry == nullptr) {
      context.reply().Null();
    } else {
      WriteCommandInfo(*entry, context.reply());
    }
  }
}

void CommandDocs(CommandContext& context) {
  resp::ReplyWriter& reply = context.reply();
  if (context.argc() == 2) {
    auto commands = context.node().commands().commands();
    reply.Map(commands.size());
    for (const CommandEntry* entry : commands) WriteCommandDocs(*entry, reply);
    return;
  }
  size_t mark = reply.BeginDeferred();
  size_t found = 0;
  for (std::string_view name : context.args().subspan(2)) {
    const CommandEntry* entry = FindFullName(context.node().commands(), name);
    if (entry == nullptr) continue;
    WriteCommandDocs(*entry, reply);
    ++found;
  }
  reply.EndDeferredMap(mark, found);
}

// Writes the names of all commands and subcommands that `wanted` accepts.
template <typename Wanted>
void WriteNames(CommandContext& context, const Wanted& wanted) {
  resp::ReplyWriter& reply = context.reply();
  size_t mark = reply.BeginDeferred();
  size_t count = 0;
  for (const CommandEntry* entry : context.node().commands().by_id()) {
    std::string name = FullName(*entry);
    if (!wanted(*entry, name)) continue;
    reply.Bulk(name);
    ++count;
  }
  reply.EndDeferredArray(mark, count);
}

void CommandList(CommandContext& context) {
  if (context.argc() == 2) {
    WriteNames(context, [](const CommandEntry&, const std::string&) { return true; });
    return;
  }
  if (context.argc() != 5 || !IsWord(context.arg(2), "filterby")) {
    context.reply().Error(errors::kSyntax);
    return;
  }
  std::string_view value = context.arg(4);
  if (IsWord(context.arg(3), "module")) {
    // There are no modules, so no command comes from one.
    context.reply().Array(0);
  } else if (IsWord(context.arg(3), "aclcat")) {
    uint64_t category = AclCategoryByName(value);
    WriteNames(context, [&](const CommandEntry& entry, const std::string&) {
      return (AclCategoriesOf(*entry.spec) & category) != 0;
    });
  } else if (IsWord(context.arg(3), "pattern")) {
    WriteNames(context, [&](const CommandEntry&, const std::string& name) {
      return base::GlobMatch(value, name, true);
    });
  } else {
    context.reply().Error(errors::kSyntax);
  }
}

void WriteKeysOfCall(CommandContext& context, bool with_flags) {
  resp::ReplyWriter& reply = context.reply();
  auto call = context.args().subspan(2);
  const CommandEntry* entry = FindCall(context.node().commands(), call);
  if (entry == nullptr) {
    reply.Error(errors::kInvalidCommand);
    return;
  }
  const CommandSpec& spec = *entry->spec;
  bool may_have_keys = spec.get_keys != nullptr;
  for (const KeySpec& key : spec.key_specs) may_have_keys |= (key.flags & kKeyNotKey) == 0;
  if (!may_have_keys) {
    reply.Error(errors::kNoKeyArguments);
    return;
  }
  auto argc = static_cast<int>(call.size());
  if (spec.arity > 0 ? argc != spec.arity : argc < -spec.arity) {
    reply.Error(errors::kInvalidArgumentCount);
    return;
  }
  KeyPositions keys;
  bool valid = FindKeys(spec, call, keys) && !keys.positions().empty();
  if (!valid && (spec.flags & kNoMandatoryKeys) == 0) {
    reply.Error(errors::kInvalidArguments);
    return;
  }
  reply.Array(keys.positions().size());
  for (const auto& key : keys.positions()) {
    if (with_flags) reply.Array(2);
    reply.Bulk(call[key.position]);
    if (with_flags) WriteKeyFlags(key.flags, reply);
  }
}

void CommandGetkeys(CommandContext& context) { WriteKeysOfCall(context, false); }

void CommandGetkeysandflags(CommandContext& context) { WriteKeysOfCall(context, true); }

constexpr std::string_view kHelp[] = {
    "(no subcommand)",
    "    Return details about all Redis commands.",
    "COUNT",
    "    Return the total number of commands in this Redis server.",
    "LIST",
    "    Return a list of all commands in this Redis server.",
    "INFO [<command-name> ...]",
    "    Return details about multiple Redis commands.",
    "    If no command names are given, documentation details for all",
    "    commands are returned.",
    "DOCS [<command-name> ...]",
    "    Return documentation details about multiple Redis commands.",
    "    If no command names are given, documentation details for all",
    "    commands are returned.",
    "GETKEYS <full-command>",
    "    Return the keys from a full Redis command.",
    "GETKEYSANDFLAGS <full-command>",
    "    Return the keys and the access flags from a full Redis command."};

void CommandHelp(CommandContext& context) { WriteHelp(context, "COMMAND", kHelp); }

constexpr std::string_view kCommandDocsTips[] = {"nondeterministic_output_order"};

constexpr ArgSpec kCommandDocsArgs[] = {
    {.name = "command-name", .flags = kArgOptional | kArgMultiple}};

constexpr HistoryLine kCommandInfoHistory[] = {
    {"7.0.0", "Allowed to be called with no argument to get info on all commands."}};

constexpr std::string_view kCommandInfoTips[] = {"nondeterministic_output_order"};

constexpr ArgSpec kCommandInfoArgs[] = {
    {.name = "command-name", .flags = kArgOptional | kArgMultiple}};

constexpr std::string_view kCommandListTips[] = {"nondeterministic_output_order"};

constexpr ArgSpec kCommandListArgsFilterby[] = {
    {.name = "module-name", .token = "MODULE"},
    {.name = "category", .token = "ACLCAT"},
    {.name = "pattern", .type = ArgType::kPattern, .token = "PATTERN"}};

constexpr ArgSpec kCommandListArgs[] = {{.name = "filterby",
                                         .type = ArgType::kOneof,
                                         .token = "FILTERBY",
                                         .flags = kArgOptional,
                                         .args = kCommandListArgsFilterby}};

constexpr CommandSpec kCommandSubcommands[] = {
    {.name = "count",
     .arity = 2,
     .flags = kLoading | kStale,
     .acl_categories = kAclConnection,
     .run = CommandCount,
     .summary = "Get total number of Redis commands",
     .complexity = "O(1)",
     .since = "2.8.13",
     .group = "server"},
    {.name = "docs",
     .arity = -2,
     .flags = kLoading | kStale,
     .acl_categories = kAclConnection,
     .run = CommandDocs,
     .summary = "Get array of specific Redis command documentation",
     .complexity = "O(N) where N is the number of commands to look up",
     .since = "7.0.0",
     .group = "server",
     .tips = kCommandDocsTips,
     .args = kCommandDocsArgs},
    {.name = "getkeys",
     .arity = -4,
     .flags = kLoading | kStale,
     .acl_categories = kAclConnection,
     .run = CommandGetkeys,
     .summary = "Extract keys given a full Redis command",
     .complexity = "O(N) where N is the number of arguments to the command",
     .since = "2.8.13",
     .group = "server"},
    {.name = "getkeysandflags",
     .arity = -4,
     .flags = kLoading | kStale,
     .acl_categories = kAclConnection,
     .run = CommandGetkeysandflags,
     .summary = "Extract keys and access flags given a full Redis command",
     .complexity = "O(N) where N is the number of arguments to the command",
     .since = "7.0.0",
     .group = "server"},
    {.name = "help",
     .arity = 2,
     .flags = kLoading | kStale,
     .acl_categories = kAclConnection,
     .run = CommandHelp,
     .summary = "Show helpful text about the different subcommands",
     .complexity = "O(1)",
     .since = "5.0.0",
     .group = "server"},
    {.name = "info",
     .arity = -2,
     .flags = kLoading | kStale,
     .acl_categories = kAclConnection,
     .run = CommandInfo,
     .summary = "Get array of specific Redis command details, or all when no argument is given.",
     .complexity = "O(N) where N is the number of commands to look up",
     .since = "2.8.13",
     .group = "server",
     .history = kCommandInfoHistory,
     .tips = kCommandInfoTips,
     .args = kCommandInfoArgs},
    {.name = "list",
     .arity = -2,
     .flags = kLoading | kStale,
     .acl_categories = kAclConnection,
     .run = CommandList,
     .summary = "Get an array of Redis command names",
     .complexity = "O(N) where N is the total number of Redis commands",
     .since = "7.0.0",
     .group = "server",
     .tips = kCommandListTips,
     .args = kCommandListArgs}};

constexpr std::string_view kCommandTips[] = {"nondeterministic_output_order"};

constexpr CommandSpec kRows[] = {
    {.name = "command",
     .arity = -1,
     .flags = kLoading | kStale,
     .acl_categories = kAclConnection,
     .run = Command,
     .subcommands = kCommandSubcommands,
     .summary = "Get array of Redis command details",
     .complexity = "O(N) where N is the total number of Redis commands",
     .since = "2.8.13",
     .group = "server",
     .tips = kCommandTips}};

}  // namespace

std::span<const CommandSpec> CommandCommands() { return kRows; }

}  // namespace nuthatch::commands
