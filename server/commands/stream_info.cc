// XINFO: what a stream, its groups and their consumers are.
#include <algorithm>
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
#include "server/commands/stream_docs.h"
#include "server/commands/stream_reply.h"
#include "server/runtime/acl_category.h"
#include "server/values/stream_radix.h"

namespace nuthatch::commands {
namespace {

using values::PendingEntries;
using values::PendingEntry;
using values::PendingIds;
using values::Stream;
using values::StreamConsumer;
using values::StreamGroup;
using values::StreamId;
using values::StreamNodes;
using values::StreamReader;

// How many entries, and pending ones of a group and of a consumer, FULL shows if nobody said.
constexpr int64_t kDefaultCount = 10;
// Sockets are served after looking at so many nodes.
constexpr uint64_t kNodesBetweenBreaths = 16'384;

constexpr std::string_view kHelp[] = {
    "CONSUMERS <key> <groupname>",
    "    Show consumers of <groupname>.",
    "GROUPS <key>",
    "    Show the stream consumer groups.",
    "STREAM <key> [FULL [COUNT <count>]",
    "    Show information about the stream.",
};

void XInfoHelp(CommandContext& context) { WriteHelp(context, "XINFO", kHelp); }

// nullopt after the error reply for a key that isn't there, or is none.
std::optional<EntryRef> ExistingStreamOrReply(CommandContext& context) {
  std::optional<EntryRef> found = ReadStreamOrReply(context, context.key(0));
  if (found.has_value() && !*found) {
    context.reply().Error(errors::kNoSuchKey);
    return std::nullopt;
  }
  return found;
}

void XInfoConsumers(CommandContext& context) {
  std::optional<EntryRef> found = ExistingStreamOrReply(context);
  if (!found.has_value()) return;
  const StreamGroup* group = StreamOf(*found).FindGroup(context.arg(3));
  resp::ReplyWriter& reply = context.reply();
  if (group == nullptr) return reply.Error(errors::NoGroupOfKey(context.arg(3), context.arg(2)));
  reply.Array(group->consumers().size());
  for (const StreamConsumer* consumer : group->consumers().items()) {
    reply.Map(3);
    reply.Bulk("name");
    reply.Bulk(consumer->name());
    reply.Bulk("pending");
    reply.Integer(static_cast<int64_t>(consumer->pending().size()));
    reply.Bulk("idle");
    reply.Integer(std::max<int64_t>(context.now_ms() - consumer->seen_ms(), 0));
  }
}

// The last ID, the entries read and the lag, as GROUPS and FULL show them. (GROUPS has its own
// fields before them.)
void WriteProgress(resp::ReplyWriter& reply, const Stream& stream, const StreamGroup& group) {
  reply.Bulk("last-delivered-id");
  WriteStreamId(reply, group.last_id());
  reply.Bulk("entries-read");
  if (group.entries_read() == StreamGroup::kUnknown) {
    reply.Null();
  } else {
    reply.Integer(group.entries_read());
  }
  reply.Bulk("lag");
  if (std::optional<int64_t> lag = stream.LagOf(group)) {
    reply.Integer(*lag);
  } else {
    reply.Null();
  }
}

void XInfoGroups(CommandContext& context) {
  std::optional<EntryRef> found = ExistingStreamOrReply(context);
  if (!found.has_value()) return;
  const Stream& stream = StreamOf(*found);
  resp::ReplyWriter& reply = context.reply();
  reply.Array(stream.groups().size());
  for (const StreamGroup* group : stream.groups().items()) {
    reply.Map(6);
    reply.Bulk("name");
    reply.Bulk(group->name());
    reply.Bulk("consumers");
    reply.Integer(static_cast<int64_t>(group->consumers().size()));
    reply.Bulk("pending");
    reply.Integer(static_cast<int64_t>(group->pending().size()));
    WriteProgress(reply, stream, *group);
  }
}

// --- XINFO STREAM ---

uint64_t CountRadixNodes(CommandContext& context, const StreamNodes& nodes) {
  values::RadixNodeCounter counter;
  uint64_t seen = 0;
  for (StreamNodes::Place at = nodes.First(); at; at = nodes.Next(at)) {
    counter.Add(nodes.At(at).id);
    if (++seen % kNodesBetweenBreaths == 0) context.Breathe();
  }
  return counter.Count();
}

// What both forms begin with: seven fields.
void WriteFigures(CommandContext& context, const Stream& stream) {
  resp::ReplyWriter& reply = context.reply();
  auto number = [&](std::string_view name, uint64_t value) {
    reply.Bulk(name);
    reply.Integer(static_cast<int64_t>(value));
  };
  auto id = [&](std::string_view name, StreamId value) {
    reply.Bulk(name);
    WriteStreamId(reply, value);
  };
  number("length", stream.length());
  number("radix-tree-keys", stream.nodes().size());
  number("radix-tree-nodes", CountRadixNodes(context, stream.nodes()));
  id("last-generated-id", stream.last_id());
  id("max-deleted-entry-id", stream.max_deleted_id());
  number("entries-added", stream.entries_added());
  id("recorded-first-entry-id", stream.first_id());
}

void WriteEdge(resp::ReplyWriter& reply, std::string_view name, const Stream& stream,
               StreamReader::Direction direction) {
  reply.Bulk(name);
  StreamReader reader(stream, {}, StreamId::Max(), direction);
  if (reader.Next()) {
    WriteEntry(reply, reader);
  } else {
    reply.Null();
  }
}

void WriteShort(CommandContext& context, const Stream& stream) {
  resp::ReplyWriter& reply = context.reply();
  reply.Map(10);
  WriteFigures(context, stream);
  reply.Bulk("groups");
  reply.Integer(static_cast<int64_t>(stream.groups().size()));
  WriteEdge(reply, "first-entry", stream, StreamReader::Direction::kForward);
  WriteEdge(reply, "last-entry", stream, StreamReader::Direction::kBackward);
}

void WriteConsumer(resp::ReplyWriter& reply, const StreamGroup& group,
                   const StreamConsumer& consumer, size_t count) {
  const PendingIds& ids = consumer.pending();
  reply.Map(4);
  reply.Bulk("name");
  reply.Bulk(consumer.name());
  reply.Bulk("seen-time");
  reply.Integer(consumer.seen_ms());
  reply.Bulk("pel-count");
  reply.Integer(static_cast<int64_t>(ids.size()));
  reply.Bulk("pending");
  size_t left = std::min(count, ids.size());
  reply.Array(left);
  for (PendingIds::Place at = ids.First(); left > 0; at = ids.Next(at), --left) {
    const PendingEntry& entry = *group.FindPending(ids.At(at));
    reply.Array(3);
    WriteStreamId(reply, entry.id);
    reply.Integer(entry.delivered_ms);
    reply.Integer(static_cast<int64_t>(entry.deliveries));
  }
}

void WriteGroup(resp::ReplyWriter& reply, const Stream& stream, const StreamGroup& group,
                size_t count) {
  const PendingEntries& pending = group.pending();
  reply.Map(7);
  reply.Bulk("name");
  reply.Bulk(group.name());
  WriteProgress(reply, stream, group);
  reply.Bulk("pel-count");
  reply.Integer(static_cast<int64_t>(pending.size()));
  reply.Bulk("pending");
  size_t left = std::min(count, pending.size());
  reply.Array(left);
  for (PendingEntries::Place at = pending.First(); left > 0; at = pending.Next(at), --left) {
    const PendingEntry& entry = pending.At(at);
    reply.Array(4);
    WriteStreamId(reply, entry.id);
    reply.Bulk(entry.consumer->name());
    reply.Integer(entry.delivered_ms);
    reply.Integer(static_cast<int64_t>(entry.deliveries));
  }
  reply.Bulk("consumers");
  reply.Array(group.consumers().size());
  for (const StreamConsumer* consumer : group.consumers().items()) {
    WriteConsumer(reply, group, *consumer, count);
  }
}

// `count` of each list; 0: all.
void WriteFull(CommandContext& context, const Stream& stream, uint64_t count) {
  resp::ReplyWriter& reply = context.reply();
  reply.Map(9);
  WriteFigures(context, stream);
  reply.Bulk("entries");
  WriteEntries(context, StreamReader(stream, {}, StreamId::Max()), count, [](StreamId) {});
  reply.Bulk("groups");
  reply.Array(stream.groups().size());
  for (const StreamGroup* group : stream.groups().items()) {
    WriteGroup(reply, stream, *group, count == 0 ? SIZE_MAX : count);
    context.Breathe();
  }
}

void XInfoStream(CommandContext& context) {
  bool full = context.argc() > 3;
  int64_t count = kDefaultCount;
  std::optional<EntryRef> found = ExistingStreamOrReply(context);
  if (!found.has_value()) return;
  if (full) {
    bool with_count = context.argc() == 6;
    if (!(context.argc() == 4 || with_count) || !IsWord(context.arg(3), "full") ||
        (with_count && !IsWord(context.arg(4), "count"))) {
      return context.reply().Error(errors::UnknownSubcommandOrArity(context.arg(1), "XINFO"));
    }
    if (with_count) {
      std::optional<int64_t> given = IntegerOrReply(context, context.arg(5));
      if (!given.has_value()) return;
      if (*given >= 0) count = *given;
    }
  }
  const Stream& stream = StreamOf(*found);
  if (full) return WriteFull(context, stream, static_cast<uint64_t>(count));
  WriteShort(context, stream);
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kXInfoSubcommands[] = {
    {.name = "consumers",
     .arity = 4,
     .flags = kReadonly,
     .key_specs = kXInfoConsumersKey,
     .acl_categories = kAclStream,
     .where = Where::kByKeys,
     .run = XInfoConsumers,
     .summary = "List the consumers in a consumer group",
     .complexity = "O(1)",
     .since = "5.0.0",
     .group = "stream",
     .tips = kXAddTips,
     .args = kXGroupDestroyArgs},
    {.name = "groups",
     .arity = 3,
     .flags = kReadonly,
     .key_specs = kXInfoConsumersKey,
     .acl_categories = kAclStream,
     .where = Where::kByKeys,
     .run = XInfoGroups,
     .summary = "List the consumer groups of a stream",
     .complexity = "O(1)",
     .since = "5.0.0",
     .group = "stream",
     .history = kXInfoGroupsHistory,
     .args = kKeyArgs},
    {.name = "help",
     .arity = 2,
     .flags = kLoading | kStale,
     .acl_categories = kAclStream,
     .where = Where::kHome,
     .run = XInfoHelp,
     .summary = "Show helpful text about the different subcommands",
     .complexity = "O(1)",
     .since = "5.0.0",
     .group = "stream"},
    {.name = "stream",
     .arity = -3,
     .flags = kReadonly,
     .key_specs = kXInfoConsumersKey,
     .acl_categories = kAclStream,
     .where = Where::kByKeys,
     .run = XInfoStream,
     .summary = "Get information about a stream",
     .complexity = "O(1)",
     .since = "5.0.0",
     .group = "stream",
     .history = kXInfoStreamHistory,
     .args = kXInfoStreamArgs},
};

constexpr CommandSpec kStreamInfoCommands[] = {
    {.name = "xinfo",
     .arity = -2,
     .subcommands = kXInfoSubcommands,
     .summary = "A container for stream introspection commands",
     .complexity = "Depends on subcommand.",
     .since = "5.0.0",
     .group = "stream"},
};

}  // namespace

std::span<const runtime::CommandSpec> StreamInfoCommands() { return kStreamInfoCommands; }

}  // namespace nuthatch::commands
