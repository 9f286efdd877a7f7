// XREAD, XREADGROUP: what is new in streams, or pending for a consumer; they may wait for it.
//
// A first look goes over all keys. A command that waits looks again at the key that has changed:
// from the ID that it had resolved at first (XREAD), or from the group's last one (XREADGROUP).
#include <algorithm>
#include <any>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "server/commands/args.h"
#include "server/commands/errors.h"
#include "server/commands/group_parts.h"
#include "server/commands/key_specs.h"
#include "server/commands/stream_access.h"
#include "server/commands/stream_args.h"
#include "server/commands/stream_docs.h"
#include "server/commands/stream_reply.h"
#include "server/runtime/acl_category.h"

namespace nuthatch::commands {
namespace {

using values::PendingIds;
using values::Stream;
using values::StreamConsumer;
using values::StreamGroup;
using values::StreamId;
using values::StreamReader;

// Of a command that has waited, without a count.
constexpr uint64_t kWaitedCount = 1000;

// --- Arguments ---

struct ReadOptions {
  uint64_t count = 0;  // of each stream; 0: all
  bool noack = false;
  std::optional<int64_t> block_ms;
  std::optional<std::string_view> group;  // XREADGROUP's
  std::string_view consumer;
  size_t ids_at = 0;  // the argument that is the first key's ID
};

// The argument STREAMS, which may also be the name of a group or a consumer; nullopt if what stands
// before it is no option.
std::optional<size_t> FindStreamsWord(std::span<const std::string_view> args) {
  for (size_t i = 1; i < args.size(); ++i) {
    if (IsWord(args[i], "streams")) return i;
    if (IsWord(args[i], "block") || IsWord(args[i], "count")) {
      ++i;
    } else if (IsWord(args[i], "group")) {
      i += 2;
    } else if (!IsWord(args[i], "noack")) {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

bool AddReadKeys(std::span<const std::string_view> args, uint16_t flags,
                 runtime::KeyPositions& out) {
  std::optional<size_t> word = FindStreamsWord(args);
  if (!word.has_value()) return false;
  size_t rest = args.size() - *word - 1;
  if (rest == 0 || rest % 2 == 1) return false;
  for (size_t i = 1; i <= rest / 2; ++i) out.Add(static_cast<uint32_t>(*word + i), flags);
  return true;
}

bool XReadKeys(std::span<const std::string_view> args, runtime::KeyPositions& out) {
  return AddReadKeys(args, runtime::kKeyRO | runtime::kKeyAccess, out);
}

std::optional<int64_t> BlockTimeOrReply(CommandContext& context, std::string_view text) {
  std::optional<int64_t> ms = IntegerOrReply(context, text, errors::kTimeoutNotInteger);
  if (ms.has_value() && *ms < 0) {
    context.reply().Error(errors::kTimeoutNegative);
    return std::nullopt;
  }
  return ms;
}

// Reads the option at argument `at`, which becomes its last one; false after an error reply.
bool ReadOption(CommandContext& context, bool of_group, size_t& at, ReadOptions& options) {
  std::string_view word = context.arg(at);
  size_t more = context.argc() - at - 1;
  auto refuse = [&](std::string_view error) {
    context.reply().Error(error);
    return false;
  };
  if (IsWord(word, "block") && more >= 1) {
    options.block_ms = BlockTimeOrReply(context, context.arg(++at));
    return options.block_ms.has_value();
  }
  if (IsWord(word, "count") && more >= 1) {
    std::optional<int64_t> count = IntegerOrReply(context, context.arg(++at));
    options.count = static_cast<uint64_t>(std::max<int64_t>(count.value_or(0), 0));
    return count.has_value();
  }
  if (IsWord(word, "group") && more >= 2) {
    if (!of_group) return refuse(errors::kGroupOfXRead);
    options.group = context.arg(at + 1);
    options.consumer = context.arg(at + 2);
    at += 2;
    return true;
  }
  if (IsWord(word, "noack")) {
    if (!of_group) return refuse(errors::kNoAckOfXRead);
    options.noack = true;
    return true;
  }
  return refuse(errors::kSyntax);
}

std::optional<ReadOptions> ReadOptionsOrReply(CommandContext& context, bool of_group) {
  ReadOptions options;
  auto refuse = [&](std::string_view error) {
    context.reply().Error(error);
    return std::nullopt;
  };
  for (size_t at = 1; at < context.argc() && options.ids_at == 0; ++at) {
    if (IsWord(context.arg(at), "streams") && at + 1 < context.argc()) {
      size_t rest = context.argc() - at - 1;
      if (rest % 2 == 1) return refuse(errors::kUnbalancedStreams);
      options.ids_at = at + 1 + rest / 2;
    } else if (!ReadOption(context, of_group, at, options)) {
      return std::nullopt;
    }
  }
  if (options.ids_at == 0) return refuse(errors::kSyntax);
  if (of_group && !options.group.has_value()) return refuse(errors::kNoGroupOption);
  return options;
}

// What is read of a stream: what is above `after`; nullopt: what is new to the group (">").
using ReadFrom = std::optional<StreamId>;

bool IsNew(StreamId id) { return id == StreamId::Max(); }

// From where the i-th key is read; false after an error reply.
bool ResolveStart(CommandContext& context, const ReadOptions& options, size_t i, ReadFrom& from) {
  const Key& key = context.key(i);
  std::optional<EntryRef> found = ReadStreamOrReply(context, key);
  if (!found.has_value()) return false;
  auto refuse = [&](std::string_view error) {
    context.reply().Error(error);
    return false;
  };
  if (options.group.has_value() &&
      (!*found || StreamOf(*found).FindGroup(*options.group) == nullptr)) {
    return refuse(errors::NoGroupToRead(key.name, *options.group));
  }
  std::string_view id = errors::Shown(context.arg(options.ids_at + i));
  if (id == "$") {
    if (options.group.has_value()) return refuse(errors::kDollarOfXReadGroup);
    from = *found ? StreamOf(*found).last_id() : StreamId{};
    return true;
  }
  if (id == ">") {
    if (!options.group.has_value()) return refuse(errors::kGreaterOfXRead);
    from.reset();
    return true;
  }
  from = StreamIdOrReply(context, context.arg(options.ids_at + i));
  if (!from.has_value()) return false;
  // The greatest ID and ">" are the same to Redis.
  if (options.group.has_value() && IsNew(*from)) from.reset();
  return true;
}

// --- Looking and replying ---

// Whether there is anything for the reply: of a consumer's own entries there always is, if only
// that there are none.
bool HasAny(const Stream& stream, const StreamGroup* group, const ReadFrom& from) {
  if (group != nullptr && from.has_value()) return true;
  if (stream.length() == 0) return false;
  std::optional<StreamId> last = stream.LastId();
  return last.has_value() && *last > (group != nullptr ? group->last_id() : *from);
}

// The consumer, which is made if need be, and is seen now.
StreamConsumer* SeeConsumer(CommandContext& context, StreamGroup& group, std::string_view name) {
  if (StreamConsumer* consumer = group.FindConsumer(name)) {
    consumer->set_seen_ms(context.now_ms());
    return consumer;
  }
  CountChanges(context);
  return group.AddConsumer(name, context.now_ms());
}

// A consumer's pending entries from `start` on. One that was deleted is null.
void WritePending(CommandContext& context, const Stream& stream, StreamGroup& group,
                  const StreamConsumer& consumer, StreamId start, uint64_t count) {
  resp::ReplyWriter& reply = context.reply();
  size_t mark = reply.BeginDeferred();
  uint64_t written = 0;
  const PendingIds& ids = consumer.pending();
  for (PendingIds::Place at = ids.Ceiling(start); at && (count == 0 || written < count);
       at = ids.Next(at), ++written) {
    StreamId id = ids.At(at);
    if (WriteEntryOf(reply, stream, id)) {
      group.NoteRedelivery(id, context.now_ms());
    } else {
      reply.Array(2);
      WriteStreamId(reply, id);
      reply.NullArray();
    }
  }
  reply.EndDeferredArray(mark, written);
}

// The name of a stream and what it has. `start` is the first ID that is wanted.
void WriteStream(CommandContext& context, const ReadOptions& options, const Key& key, EntryRef ref,
                 const ReadFrom& from, uint64_t count) {
  resp::ReplyWriter& reply = context.reply();
  if (reply.version() == 2) reply.Array(2);
  reply.Bulk(key.name);
  if (!options.group.has_value()) {
    // Above the greatest ID, Redis begins again from the first.
    StreamId start = from->Next().value_or(StreamId{});
    WriteEntries(context, StreamReader(StreamOf(ref), start, StreamId::Max()), count,
                 [](StreamId) {});
    return;
  }
  StreamEdit stream(context, key, ref);
  StreamGroup& group = *stream->FindGroup(*options.group);
  StreamConsumer* consumer = SeeConsumer(context, group, options.consumer);
  CountChanges(context);
  StreamId start = from.value_or(group.last_id()).Next().value_or(StreamId{});
  if (from.has_value()) {
    return WritePending(context, *stream, group, *consumer, start, count);
  }
  WriteEntries(context, StreamReader(*stream, start, StreamId::Max()), count, [&](StreamId id) {
    stream->NoteDelivery(group, id);
    if (!options.noack) group.SetPending({id, context.now_ms(), 1, consumer});
  });
}

// All streams that have anything; false, and nothing is written, if none has.
bool WriteAll(CommandContext& context, const ReadOptions& options,
              std::span<const ReadFrom> starts) {
  resp::ReplyWriter& reply = context.reply();
  size_t mark = reply.BeginDeferred();
  size_t written = 0;
  for (size_t i = 0; i < starts.size(); ++i) {
    const Key& key = context.key(i);
    EntryRef ref = FindForRead(context, key);
    if (!ref) continue;
    const StreamGroup* group =
        options.group.has_value() ? StreamOf(ref).FindGroup(*options.group) : nullptr;
    if (!HasAny(StreamOf(ref), group, starts[i])) continue;
    WriteStream(context, options, key, ref, starts[i], options.count);
    ++written;
  }
  if (written == 0) {
    reply.CancelDeferred(mark);
  } else if (reply.version() == 2) {
    reply.EndDeferredArray(mark, written);
  } else {
    reply.EndDeferredMap(mark, written);
  }
  return written > 0;
}

// The look at a key that has changed, of a command that waits: replies if that ends the wait.
void ReadAgain(CommandContext& context, const ReadOptions& options,
               std::span<const ReadFrom> starts) {
  uint32_t i = *context.ready_key();
  const Key& key = context.key(i);
  EntryRef ref = context.keyspace_of(key).Find(context.db(), key, context.now_ms(), Touch::kRead);
  resp::ReplyWriter& reply = context.reply();
  if (!ref || ref->type() != keyspace::Type::kStream) {
    if (options.group.has_value()) reply.Error(errors::kStreamGone);
    return;
  }
  const Stream& stream = StreamOf(ref);
  StreamId after;
  if (options.group.has_value()) {
    const StreamGroup* group = stream.FindGroup(*options.group);
    if (group == nullptr) return reply.Error(errors::kGroupGone);
    after = group->last_id();
  } else {
    after = *starts[i];
  }
  if (stream.last_id() <= after) return;
  reply.version() == 2 ? reply.Array(1) : reply.Map(1);
  WriteStream(context, options, key, ref, starts[i],
              options.count == 0 ? kWaitedCount : options.count);
}

// --- The commands ---

void Read(CommandContext& context, bool of_group) {
  std::optional<ReadOptions> options = ReadOptionsOrReply(context, of_group);
  if (!options.has_value()) return;
  std::any* memory = context.wait_memory();
  if (context.ready_key().has_value()) {
    return ReadAgain(context, *options, std::any_cast<const std::vector<ReadFrom>&>(*memory));
  }
  std::vector<ReadFrom> starts(context.keys().size());
  for (size_t i = 0; i < starts.size(); ++i) {
    if (!ResolveStart(context, *options, i, starts[i])) return;
  }
  if (WriteAll(context, *options, starts)) return;
  if (options->block_ms.has_value() && memory != nullptr) {
    *memory = std::move(starts);
    if (context.Wait({.type = keyspace::Type::kStream,
                      .also_removal = of_group,
                      .key_count = static_cast<uint32_t>(context.keys().size()),
                      .timeout_ms = *options->block_ms})) {
      return;
    }
  }
  context.reply().NullArray();
}

void XRead(CommandContext& context) { Read(context, false); }
void XReadGroup(CommandContext& context) { Read(context, true); }

using namespace runtime;  // the words of the rows

constexpr CommandSpec kStreamReadCommands[] = {
    {.name = "xread",
     .arity = -4,
     .flags = kReadonly | kBlocking | kMovableKeys | kBarrier,
     .key_specs = kXReadKeys,
     .acl_categories = kAclStream,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = XRead,
     .get_keys = XReadKeys,
     .summary = "Return never seen elements in multiple streams, with IDs greater than the ones "
                "reported by the caller for each stream. Can block.",
     .complexity = "For each stream mentioned: O(N) with N being the number of elements being "
                   "returned, it means that XREAD-ing with a fixed COUNT is O(1). Note that when "
                   "the BLOCK option is used, XADD will pay O(M) time in order to serve the M "
                   "clients blocked on the stream getting new data.",
     .since = "5.0.0",
     .group = "stream",
     .args = kXReadArgs},
    {.name = "xreadgroup",
     .arity = -7,
     .flags = kWrite | kBlocking | kMovableKeys | kBarrier,
     .key_specs = kXReadGroupKeys,
     .acl_categories = kAclStream,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = XReadGroup,
     .get_keys = XReadKeys,
     .summary = "Return new entries from a stream using a consumer group, or access the history of "
                "the pending entries for a given consumer. Can block.",
     .complexity =
         "For each stream mentioned: O(M) with M being the number of elements returned. If M is "
         "constant (e.g. always asking for the first 10 elements with COUNT), you can consider it "
         "O(1). On the other side when XREADGROUP blocks, XADD will pay the O(N) time in order to "
         "serve the N clients blocked on the stream getting new data.",
     .since = "5.0.0",
     .group = "stream",
     .args = kXReadGroupArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> StreamReadCommands() { return kStreamReadCommands; }

}  // namespace nuthatch::commands
