// XGROUP: consumer groups and their consumers.
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "server/commands/args.h"
#include "server/commands/errors.h"
#include "server/commands/group_parts.h"
#include "server/commands/help.h"
#include "server/commands/key_specs.h"
#include "server/commands/stream_access.h"
#include "server/commands/stream_args.h"
#include "server/commands/stream_docs.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"

namespace nuthatch::commands {
namespace {

using values::StreamConsumer;
using values::StreamGroup;
using values::StreamId;

// Sockets are served after forgetting so many pending entries: a fraction of a millisecond.
constexpr size_t kEntriesBetweenBreaths = 2000;

constexpr std::string_view kHelp[] = {
    "CREATE <key> <groupname> <id|$> [option]",
    "    Create a new consumer group. Options are:",
    "    * MKSTREAM",
    "      Create the empty stream if it does not exist.",
    "    * ENTRIESREAD entries_read",
    "      Set the group's entries_read counter (internal use).",
    "CREATECONSUMER <key> <groupname> <consumer>",
    "    Create a new consumer in the specified group.",
    "DELCONSUMER <key> <groupname> <consumer>",
    "    Remove the specified consumer.",
    "DESTROY <key> <groupname>",
    "    Remove the specified group.",
    "SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
    "    Set the current group ID and entries_read counter.",
};

void XGroupHelp(CommandContext& context) { WriteHelp(context, "XGROUP", kHelp); }

struct GroupOptions {
  bool mkstream = false;
  int64_t entries_read = StreamGroup::kUnknown;
};

// The options of CREATE and SETID; of these, only CREATE has MKSTREAM.
std::optional<GroupOptions> GroupOptionsOrReply(CommandContext& context, bool of_create) {
  GroupOptions options;
  for (size_t i = 5; i < context.argc(); ++i) {
    if (of_create && IsWord(context.arg(i), "mkstream")) {
      options.mkstream = true;
    } else if (IsWord(context.arg(i), "entriesread") && i + 1 < context.argc()) {
      std::optional<int64_t> count = IntegerOrReply(context, context.arg(++i));
      if (!count.has_value()) return std::nullopt;
      if (*count < 0 && *count != StreamGroup::kUnknown) {
        context.reply().Error(errors::kEntriesReadNegative);
        return std::nullopt;
      }
      options.entries_read = *count;
    } else {
      context.reply().Error(errors::UnknownSubcommandOrArity(context.arg(1), "XGROUP"));
      return std::nullopt;
    }
  }
  return options;
}

// The entry of a stream that has to be there.
std::optional<EntryRef> ExistingStreamOrReply(CommandContext& context) {
  std::optional<EntryRef> found = WriteStreamOrReply(context, context.key(0));
  if (found.has_value() && !*found) {
    context.reply().Error(errors::kXGroupNoKey);
    return std::nullopt;
  }
  return found;
}

// The same with a group that has to be there.
struct FoundGroup {
  EntryRef ref;
  StreamGroup* group;
};
std::optional<FoundGroup> ExistingGroupOrReply(CommandContext& context) {
  std::optional<EntryRef> found = ExistingStreamOrReply(context);
  if (!found.has_value()) return std::nullopt;
  StreamGroup* group = StreamOf(*found).FindGroup(context.arg(3));
  if (group == nullptr) {
    context.reply().Error(errors::NoGroupOfKey(context.arg(3), context.arg(2)));
    return std::nullopt;
  }
  return FoundGroup{*found, group};
}

// An ID, or "$" for the last one. IDs may be "-" and "+" in SETID.
std::optional<StreamId> GroupIdOrReply(CommandContext& context, StreamId last, IdForm form) {
  if (errors::Shown(context.arg(4)) == "$") return last;
  return StreamIdOrReply(context, context.arg(4), form);
}

void XGroupCreate(CommandContext& context) {
  std::optional<GroupOptions> options = GroupOptionsOrReply(context, true);
  if (!options.has_value()) return;
  const Key& key = context.key(0);
  std::optional<EntryRef> found = WriteStreamOrReply(context, key);
  if (!found.has_value()) return;
  if (!*found && !options->mkstream) return context.reply().Error(errors::kXGroupNoKey);
  // Redis takes no more options than these are.
  if (context.argc() > 8) {
    return context.reply().Error(errors::UnknownSubcommandOrArity(context.arg(1), "XGROUP"));
  }
  StreamId last = *found ? StreamOf(*found).last_id() : StreamId{};
  std::optional<StreamId> id = GroupIdOrReply(context, last, IdForm::kStrict);
  if (!id.has_value()) return;
  EntryRef ref = *found ? *found : CreateStream(context, key);
  StreamEdit stream(context, key, ref);
  if (stream->AddGroup(context.arg(3), *id, options->entries_read) == nullptr) {
    return context.reply().Error(errors::kBusyGroup);
  }
  CountChanges(context);
  context.reply().Raw(resp::kOkReply);
}

void XGroupSetId(CommandContext& context) {
  std::optional<GroupOptions> options = GroupOptionsOrReply(context, false);
  if (!options.has_value()) return;
  std::optional<FoundGroup> found = ExistingGroupOrReply(context);
  if (!found.has_value()) return;
  if (context.argc() != 5 && context.argc() != 7) {
    return context.reply().Error(errors::UnknownSubcommandOrArity(context.arg(1), "XGROUP"));
  }
  std::optional<StreamId> id =
      GroupIdOrReply(context, StreamOf(found->ref).last_id(), IdForm::kOrEnds);
  if (!id.has_value()) return;
  found->group->set_last_id(*id);
  found->group->set_entries_read(options->entries_read);
  CountChanges(context);
  context.reply().Raw(resp::kOkReply);
}

void XGroupDestroy(CommandContext& context) {
  std::optional<EntryRef> found = ExistingStreamOrReply(context);
  if (!found.has_value()) return;
  StreamEdit stream(context, context.key(0), *found);
  StreamGroup* group = stream->FindGroup(context.arg(3));
  if (group == nullptr) return context.reply().Raw(resp::kZeroReply);
  stream.FreeLater(stream->TakeOutGroup(group));
  stream.WakeWaiters();
  CountChanges(context);
  context.reply().Raw(resp::kOneReply);
}

void XGroupCreateConsumer(CommandContext& context) {
  std::optional<FoundGroup> found = ExistingGroupOrReply(context);
  if (!found.has_value()) return;
  StreamEdit stream(context, context.key(0), found->ref);
  bool made = found->group->AddConsumer(context.arg(4), context.now_ms()) != nullptr;
  if (made) CountChanges(context);
  context.reply().Integer(made ? 1 : 0);
}

void XGroupDelConsumer(CommandContext& context) {
  std::optional<FoundGroup> found = ExistingGroupOrReply(context);
  if (!found.has_value()) return;
  StreamConsumer* consumer = found->group->FindConsumer(context.arg(4));
  if (consumer == nullptr) return context.reply().Raw(resp::kZeroReply);
  StreamEdit stream(context, context.key(0), found->ref);
  auto pending = static_cast<int64_t>(consumer->pending().size());
  while (!found->group->DropPending(consumer, kEntriesBetweenBreaths)) context.Breathe();
  found->group->EraseConsumer(consumer);
  CountChanges(context);
  context.reply().Integer(pending);
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kXGroupSubcommands[] = {
    {.name = "create",
     .arity = -5,
     .flags = kWrite | kDenyOom,
     .key_specs = kXGroupCreateKey,
     .acl_categories = kAclStream,
     .where = Where::kByKeys,
     .run = XGroupCreate,
     .summary = "Create a consumer group.",
     .complexity = "O(1)",
     .since = "5.0.0",
     .group = "stream",
     .history = kXGroupCreateHistory,
     .args = kXGroupCreateArgs},
    {.name = "createconsumer",
     .arity = 5,
     .flags = kWrite | kDenyOom,
     .key_specs = kXGroupCreateKey,
     .acl_categories = kAclStream,
     .where = Where::kByKeys,
     .run = XGroupCreateConsumer,
     .summary = "Create a consumer in a consumer group.",
     .complexity = "O(1)",
     .since = "6.2.0",
     .group = "stream",
     .args = kXGroupCreateConsumerArgs},
    {.name = "delconsumer",
     .arity = 5,
     .flags = kWrite,
     .key_specs = kXGroupDelConsumerKey,
     .acl_categories = kAclStream,
     .where = Where::kByKeys,
     .run = XGroupDelConsumer,
     .summary = "Delete a consumer from a consumer group.",
     .complexity = "O(1)",
     .since = "5.0.0",
     .group = "stream",
     .args = kXGroupCreateConsumerArgs},
    {.name = "destroy",
     .arity = 4,
     .flags = kWrite,
     .key_specs = kXGroupDelConsumerKey,
     .acl_categories = kAclStream,
     .where = Where::kByKeys,
     .run = XGroupDestroy,
     .summary = "Destroy a consumer group.",
     .complexity =
         "O(N) where N is the number of entries in the group's pending entries list (PEL).",
     .since = "5.0.0",
     .group = "stream",
     .args = kXGroupDestroyArgs},
    {.name = "help",
     .arity = 2,
     .flags = kLoading | kStale,
     .acl_categories = kAclStream,
     .where = Where::kHome,
     .run = XGroupHelp,
     .summary = "Show helpful text about the different subcommands",
     .complexity = "O(1)",
     .since = "5.0.0",
     .group = "stream"},
    {.name = "setid",
     .arity = -5,
     .flags = kWrite,
     .key_specs = kXGroupSetIdKey,
     .acl_categories = kAclStream,
     .where = Where::kByKeys,
     .run = XGroupSetId,
     .summary = "Set a consumer group to an arbitrary last delivered ID value.",
     .complexity = "O(1)",
     .since = "5.0.0",
     .group = "stream",
     .history = kXGroupSetIdHistory,
     .args = kXGroupSetIdArgs},
};

constexpr CommandSpec kStreamGroupCommands[] = {
    {.name = "xgroup",
     .arity = -2,
     .subcommands = kXGroupSubcommands,
     .summary = "A container for consumer groups commands",
     .complexity = "Depends on subcommand.",
     .since = "5.0.0",
     .group = "stream"},
};

}  // namespace

std::span<const runtime::CommandSpec> StreamGroupCommands() { return kStreamGroupCommands; }

}  // namespace nuthatch::commands
