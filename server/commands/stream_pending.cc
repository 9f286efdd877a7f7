// XACK, XCLAIM, XAUTOCLAIM, XPENDING: what was delivered to consumers and not acknowledged yet.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "server/base/buffer.h"
#include "server/base/check.h"
#include "server/commands/args.h"
#include "server/commands/errors.h"
#include "server/commands/group_parts.h"
#include "server/commands/key_specs.h"
#include "server/commands/stream_access.h"
#include "server/commands/stream_args.h"
#include "server/commands/stream_docs.h"
#include "server/commands/stream_reply.h"
#include "server/resp/replies.h"
#include "server/resp/reply_writer.h"
#include "server/runtime/acl_category.h"

namespace nuthatch::commands {
namespace {

using values::PendingEntries;
using values::PendingEntry;
using values::PendingIds;
using values::Stream;
using values::StreamConsumer;
using values::StreamGroup;
using values::StreamId;

// Sockets are served after looking at so many pending entries.
constexpr uint64_t kEntriesBetweenBreaths = 2048;

// The stream of the command's key and its group, the second argument; the group is null if either
// is not there. nullopt after the error reply for another type.
struct FoundGroup {
  EntryRef ref;
  StreamGroup* group = nullptr;
};
std::optional<FoundGroup> FindGroupOrReply(CommandContext& context) {
  std::optional<EntryRef> found = ReadStreamOrReply(context, context.key(0));
  if (!found.has_value()) return std::nullopt;
  if (!*found) return FoundGroup{};
  return FoundGroup{*found, StreamOf(*found).FindGroup(context.arg(2))};
}

// The same where the group has to be there.
std::optional<FoundGroup> ExistingGroupOrReply(CommandContext& context) {
  std::optional<FoundGroup> found = FindGroupOrReply(context);
  if (found.has_value() && found->group == nullptr) {
    context.reply().Error(errors::NoGroup(context.arg(1), context.arg(2)));
    return std::nullopt;
  }
  return found;
}

void XAck(CommandContext& context) {
  std::optional<FoundGroup> found = FindGroupOrReply(context);
  if (!found.has_value()) return;
  if (found->group == nullptr) return context.reply().Raw(resp::kZeroReply);
  std::vector<StreamId> ids;
  ids.reserve(context.argc() - 3);
  for (std::string_view arg : context.args().subspan(3)) {
    std::optional<StreamId> id = StreamIdOrReply(context, arg);
    if (!id.has_value()) return;
    ids.push_back(*id);
  }
  StreamEdit stream(context, context.key(0), found->ref);
  auto acknowledged = std::count_if(ids.begin(), ids.end(),
                                    [&](StreamId id) { return found->group->ErasePending(id); });
  CountChanges(context, static_cast<size_t>(acknowledged));
  context.reply().Integer(acknowledged);
}

// --- Claiming ---

// Gives pending entries to a consumer, who is made when the first one comes.
class Claimer {
 public:
  // The consumer is the command's third argument; `reply` takes what was claimed.
  Claimer(CommandContext& context, resp::ReplyWriter& reply, const Stream& stream,
          StreamGroup& group, bool just_id)
      : context_(context), reply_(reply), stream_(stream), group_(group), just_id_(just_id) {}

  // Makes it the consumer's, and replies with it. REQUIRES: the entry is there; `entry` is a copy.
  void Claim(PendingEntry entry, int64_t delivered_ms, std::optional<uint64_t> deliveries) {
    entry.consumer = Consumer();
    entry.delivered_ms = delivered_ms;
    if (deliveries.has_value()) {
      entry.deliveries = *deliveries;
    } else if (!just_id_) {
      ++entry.deliveries;
    }
    group_.SetPending(entry);
    if (just_id_) {
      WriteStreamId(reply_, entry.id);
    } else {
      CHECK(WriteEntryOf(reply_, stream_, entry.id));
    }
    CountChanges(context_);
    ++claimed_;
  }
  size_t claimed() const { return claimed_; }

 private:
  StreamConsumer* Consumer() {
    if (consumer_ != nullptr) return consumer_;
    consumer_ = group_.FindConsumer(context_.arg(3));
    if (consumer_ != nullptr) {
      consumer_->set_seen_ms(context_.now_ms());
      return consumer_;
    }
    CountChanges(context_);
    consumer_ = group_.AddConsumer(context_.arg(3), context_.now_ms());
    return consumer_;
  }

  CommandContext& context_;
  resp::ReplyWriter& reply_;
  const Stream& stream_;
  StreamGroup& group_;
  StreamConsumer* consumer_ = nullptr;
  bool just_id_;
  size_t claimed_ = 0;
};

// What clients and payloads say of time may be anything.
int64_t Since(int64_t now_ms, int64_t then_ms) {
  return static_cast<int64_t>(static_cast<uint64_t>(now_ms) - static_cast<uint64_t>(then_ms));
}

bool IsIdleFor(const PendingEntry& entry, int64_t now_ms, int64_t min_idle_ms) {
  return min_idle_ms == 0 || Since(now_ms, entry.delivered_ms) >= min_idle_ms;
}

struct ClaimOptions {
  int64_t min_idle_ms = 0;
  std::vector<StreamId> ids;
  std::optional<int64_t> delivered_ms;
  std::optional<uint64_t> deliveries;
  StreamId last_id;
  bool force = false;
  bool just_id = false;
};

// Reads the option at argument `at`, which becomes its last one; false after an error reply.
bool ReadClaimOption(CommandContext& context, size_t& at, ClaimOptions& options) {
  std::string_view word = context.arg(at);
  bool more = at + 1 < context.argc();
  std::optional<int64_t> number;
  if (IsWord(word, "force")) {
    options.force = true;
  } else if (IsWord(word, "justid")) {
    options.just_id = true;
  } else if (more && IsWord(word, "idle")) {
    number = IntegerOrReply(context, context.arg(++at), errors::kClaimIdle);
    if (!number.has_value()) return false;
    options.delivered_ms = Since(context.now_ms(), *number);
  } else if (more && IsWord(word, "time")) {
    options.delivered_ms = IntegerOrReply(context, context.arg(++at), errors::kClaimTime);
    return options.delivered_ms.has_value();
  } else if (more && IsWord(word, "retrycount")) {
    number = IntegerOrReply(context, context.arg(++at), errors::kClaimRetryCount);
    if (!number.has_value()) return false;
    options.deliveries.reset();
    if (*number >= 0) options.deliveries = static_cast<uint64_t>(*number);
  } else if (more && IsWord(word, "lastid")) {
    std::optional<StreamId> id = StreamIdOrReply(context, context.arg(++at));
    if (!id.has_value()) return false;
    options.last_id = *id;
  } else {
    context.reply().Error(errors::UnknownClaimOption(word));
    return false;
  }
  return true;
}

std::optional<ClaimOptions> ClaimOptionsOrReply(CommandContext& context) {
  ClaimOptions options;
  std::optional<int64_t> idle = IntegerOrReply(context, context.arg(4), errors::kXClaimMinIdle);
  if (!idle.has_value()) return std::nullopt;
  options.min_idle_ms = std::max<int64_t>(*idle, 0);
  size_t at = 5;
  // Options begin where there is no ID any more.
  for (; at < context.argc(); ++at) {
    std::optional<ParsedStreamId> parsed = ParseStreamId(context.arg(at), IdForm::kStrict, 0);
    if (!parsed.has_value()) break;
    options.ids.push_back(parsed->id);
  }
  for (; at < context.argc(); ++at) {
    if (!ReadClaimOption(context, at, options)) return std::nullopt;
  }
  return options;
}

void ClaimAll(CommandContext& context, const ClaimOptions& options, const Stream& stream,
              StreamGroup& group) {
  int64_t now_ms = context.now_ms();
  // What can't be (-1 is not given for Redis, either) is now.
  int64_t delivered_ms = options.delivered_ms.value_or(now_ms);
  if (delivered_ms < 0 || delivered_ms > now_ms) delivered_ms = now_ms;
  resp::ReplyWriter& reply = context.reply();
  size_t mark = reply.BeginDeferred();
  Claimer claimer(context, reply, stream, group, options.just_id);
  for (StreamId id : options.ids) {
    const PendingEntry* pending = group.FindPending(id);
    if (!stream.Contains(id)) {
      // It is pending no more.
      if (group.ErasePending(id)) CountChanges(context);
    } else if (pending != nullptr) {
      if (!IsIdleFor(*pending, now_ms, options.min_idle_ms)) continue;
      claimer.Claim(*pending, delivered_ms, options.deliveries);
    } else if (options.force) {
      claimer.Claim({.id = id, .deliveries = 1}, delivered_ms, options.deliveries);
    }
  }
  reply.EndDeferredArray(mark, claimer.claimed());
}

void XClaim(CommandContext& context) {
  std::optional<FoundGroup> found = ExistingGroupOrReply(context);
  if (!found.has_value()) return;
  std::optional<ClaimOptions> options = ClaimOptionsOrReply(context);
  if (!options.has_value()) return;
  StreamEdit stream(context, context.key(0), found->ref);
  bool moved = options->last_id > found->group->last_id();
  if (moved) found->group->set_last_id(options->last_id);
  uint64_t changes = context.shard().stats().dirty;
  ClaimAll(context, *options, *stream, *found->group);
  if (moved && context.shard().stats().dirty == changes) CountChanges(context);
}

struct AutoClaimOptions {
  int64_t min_idle_ms = 0;
  StreamId start;
  uint64_t count = 100;
  bool just_id = false;
};

std::optional<AutoClaimOptions> AutoClaimOptionsOrReply(CommandContext& context) {
  constexpr int64_t kMostCount = std::numeric_limits<int64_t>::max() / 16;
  AutoClaimOptions options;
  std::optional<int64_t> idle = IntegerOrReply(context, context.arg(4), errors::kXAutoClaimMinIdle);
  if (!idle.has_value()) return std::nullopt;
  options.min_idle_ms = std::max<int64_t>(*idle, 0);
  std::optional<StreamId> start = IntervalStartOrReply(context, context.arg(5));
  if (!start.has_value()) return std::nullopt;
  options.start = *start;
  auto refuse = [&](std::string_view error) {
    context.reply().Error(error);
    return std::nullopt;
  };
  for (size_t i = 6; i < context.argc(); ++i) {
    if (IsWord(context.arg(i), "count") && i + 1 < context.argc()) {
      std::optional<int64_t> count =
          IntegerOrReply(context, context.arg(++i), errors::kXAutoClaimCount);
      if (!count.has_value()) return std::nullopt;
      if (*count < 1 || *count > kMostCount) return refuse(errors::kXAutoClaimCount);
      options.count = static_cast<uint64_t>(*count);
    } else if (IsWord(context.arg(i), "justid")) {
      options.just_id = true;
    } else {
      return refuse(errors::kSyntax);
    }
  }
  return options;
}

// Goes over the pending entries from the first ID on; replies with where to go on, what was
// claimed, and what had been deleted.
void AutoClaim(CommandContext& context, const AutoClaimOptions& options, const Stream& stream,
               StreamGroup& group) {
  constexpr uint64_t kAttemptsPerEntry = 10;
  resp::ReplyWriter& reply = context.reply();
  // Where to go on stands before it in the reply, but is known last.
  base::Buffer claimed;
  resp::ReplyWriter claimed_reply(&claimed, reply.version());
  Claimer claimer(context, claimed_reply, stream, group, options.just_id);
  std::vector<StreamId> deleted;
  const PendingEntries& pending = group.pending();
  uint64_t count = options.count;
  uint64_t attempts = options.count * kAttemptsPerEntry;
  PendingEntries::Place at = pending.Ceiling(options.start);
  for (uint64_t seen = 1; at && count > 0 && attempts > 0; ++seen, --attempts) {
    const PendingEntry entry = pending.At(at);
    if (seen % kEntriesBetweenBreaths == 0) context.Breathe();
    if (!stream.Contains(entry.id)) {
      group.ErasePending(entry.id);
      CountChanges(context);
      deleted.push_back(entry.id);
      --count;
      at = pending.Ceiling(entry.id);
      continue;
    }
    if (IsIdleFor(entry, context.now_ms(), options.min_idle_ms)) {
      claimer.Claim(entry, context.now_ms(), std::nullopt);
      --count;
    }
    at = pending.Next(at);
  }
  reply.Array(3);
  WriteStreamId(reply, at ? pending.At(at).id : StreamId{});
  reply.Array(claimer.claimed());
  reply.Raw(claimed.view());
  reply.Array(deleted.size());
  for (StreamId id : deleted) WriteStreamId(reply, id);
}

void XAutoClaim(CommandContext& context) {
  std::optional<AutoClaimOptions> options = AutoClaimOptionsOrReply(context);
  if (!options.has_value()) return;
  // Redis sets memory for the deleted IDs aside at first.
  constexpr uint64_t kMostRoom = uint64_t{1} << 46;
  std::optional<FoundGroup> found = ExistingGroupOrReply(context);
  if (!found.has_value()) return;
  if (options->count > kMostRoom / sizeof(StreamId)) {
    return context.reply().Error(errors::kXAutoClaimMemory);
  }
  StreamEdit stream(context, context.key(0), found->ref);
  AutoClaim(context, *options, *stream, *found->group);
}

// --- XPENDING ---

struct PendingOptions {
  int64_t min_idle_ms = 0;
  StreamId start;
  StreamId end;
  uint64_t count = 0;
  std::optional<std::string_view> consumer;
};

// REQUIRES: argc() >= 6.
std::optional<PendingOptions> PendingOptionsOrReply(CommandContext& context) {
  PendingOptions options;
  size_t at = 3;
  if (IsWord(context.arg(3), "idle")) {
    std::optional<int64_t> idle = IntegerOrReply(context, context.arg(4));
    if (!idle.has_value()) return std::nullopt;
    if (context.argc() < 8) {
      context.reply().Error(errors::kSyntax);
      return std::nullopt;
    }
    options.min_idle_ms = *idle;
    at += 2;
  }
  std::optional<int64_t> count = IntegerOrReply(context, context.arg(at + 2));
  if (!count.has_value()) return std::nullopt;
  options.count = static_cast<uint64_t>(std::max<int64_t>(*count, 0));
  std::optional<StreamId> start = IntervalStartOrReply(context, context.arg(at));
  if (!start.has_value()) return std::nullopt;
  std::optional<StreamId> end = IntervalEndOrReply(context, context.arg(at + 1));
  if (!end.has_value()) return std::nullopt;
  options.start = *start;
  options.end = *end;
  if (at + 3 < context.argc()) options.consumer = context.arg(at + 3);
  return options;
}

void WritePendingSummary(resp::ReplyWriter& reply, const StreamGroup& group) {
  const PendingEntries& pending = group.pending();
  reply.Array(4);
  reply.Integer(static_cast<int64_t>(pending.size()));
  if (pending.empty()) {
    reply.Null();
    reply.Null();
    reply.NullArray();
    return;
  }
  WriteStreamId(reply, pending.At(pending.First()).id);
  WriteStreamId(reply, pending.At(pending.Last()).id);
  size_t mark = reply.BeginDeferred();
  size_t written = 0;
  for (const StreamConsumer* consumer : group.consumers().items()) {
    if (consumer->pending().empty()) continue;
    reply.Array(2);
    reply.Bulk(consumer->name());
    reply.BulkInteger(static_cast<int64_t>(consumer->pending().size()));
    ++written;
  }
  reply.EndDeferredArray(mark, written);
}

// Writes the pending entries that `list`, of the group or of a consumer, has in the interval.
template <typename List, typename EntryAt>
void WritePendingRange(CommandContext& context, const PendingOptions& options, const List& list,
                       const EntryAt& entry_at) {
  resp::ReplyWriter& reply = context.reply();
  size_t mark = reply.BeginDeferred();
  uint64_t written = 0;
  uint64_t seen = 0;
  for (typename List::Place at = list.Ceiling(options.start); at && written < options.count;
       at = list.Next(at)) {
    const PendingEntry& entry = entry_at(at);
    if (entry.id > options.end) break;
    if (++seen % kEntriesBetweenBreaths == 0) context.Breathe();
    if (!IsIdleFor(entry, context.now_ms(), options.min_idle_ms)) continue;
    reply.Array(4);
    WriteStreamId(reply, entry.id);
    reply.Bulk(entry.consumer->name());
    reply.Integer(std::max<int64_t>(Since(context.now_ms(), entry.delivered_ms), 0));
    reply.Integer(static_cast<int64_t>(entry.deliveries));
    ++written;
  }
  reply.EndDeferredArray(mark, written);
}

void XPending(CommandContext& context) {
  bool summary = context.argc() == 3;
  if (!summary && (context.argc() < 6 || context.argc() > 9)) {
    return context.reply().Error(errors::kSyntax);
  }
  std::optional<PendingOptions> options = PendingOptions{};
  if (!summary) options = PendingOptionsOrReply(context);
  if (!options.has_value()) return;
  std::optional<FoundGroup> found = ExistingGroupOrReply(context);
  if (!found.has_value()) return;
  const StreamGroup& group = *found->group;
  if (summary) return WritePendingSummary(context.reply(), group);
  const PendingEntries& pending = group.pending();
  if (!options->consumer.has_value()) {
    return WritePendingRange(
        context, *options, pending,
        [&](PendingEntries::Place at) -> const PendingEntry& { return pending.At(at); });
  }
  const StreamConsumer* consumer = group.FindConsumer(*options->consumer);
  if (consumer == nullptr) return context.reply().Raw(resp::kEmptyArrayReply);
  const PendingIds& ids = consumer->pending();
  WritePendingRange(context, *options, ids, [&](PendingIds::Place at) -> const PendingEntry& {
    return *group.FindPending(ids.At(at));
  });
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kStreamPendingCommands[] = {
    {.name = "xack",
     .arity = -4,
     .flags = kWrite | kFast,
     .key_specs = kKeyRwUpdate,
     .acl_categories = kAclStream,
     .where = Where::kByKeys,
     .run = XAck,
     .summary = "Marks a pending message as correctly processed, effectively removing it from the "
                "pending entries list of the consumer group. Return value of the command is the "
                "number of messages successfully acknowledged, that is, the IDs we were actually "
                "able to resolve in the PEL.",
     .complexity = "O(1) for each message ID processed.",
     .since = "5.0.0",
     .group = "stream",
     .args = kXAckArgs},
    {.name = "xautoclaim",
     .arity = -6,
     .flags = kWrite | kFast,
     .key_specs = kXAutoClaimKey,
     .acl_categories = kAclStream,
     .where = Where::kByKeys,
     .run = XAutoClaim,
     .summary = "Changes (or acquires) ownership of messages in a consumer group, as if the "
                "messages were delivered to the specified consumer.",
     .complexity = "O(1) if COUNT is small.",
     .since = "6.2.0",
     .group = "stream",
     .history = kXAutoClaimHistory,
     .tips = kXAddTips,
     .args = kXAutoClaimArgs},
    {.name = "xclaim",
     .arity = -6,
     .flags = kWrite | kFast,
     .key_specs = kKeyRwUpdate,
     .acl_categories = kAclStream,
     .where = Where::kByKeys,
     .run = XClaim,
     .summary = "Changes (or acquires) ownership of a message in a consumer group, as if the "
                "message was delivered to the specified consumer.",
     .complexity = "O(log N) with N being the number of messages in the PEL of the consumer group.",
     .since = "5.0.0",
     .group = "stream",
     .tips = kXAddTips,
     .args = kXClaimArgs},
    {.name = "xpending",
     .arity = -3,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclStream,
     .where = Where::kByKeys,
     .run = XPending,
     .summary = "Return information and entries from a stream consumer group pending entries list, "
                "that are messages fetched but never acknowledged.",
     .complexity = "O(N) with N being the number of elements returned, so asking for a small fixed "
                   "number of entries per call is O(1). O(M), where M is the total number of "
                   "entries scanned when used with the IDLE filter. When the command returns just "
                   "the summary and the list of consumers is small, it runs in O(1) time; "
                   "otherwise, an additional O(N) time for iterating every consumer.",
     .since = "5.0.0",
     .group = "stream",
     .history = kXPendingHistory,
     .tips = kXAddTips,
     .args = kXPendingArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> StreamPendingCommands() { return kStreamPendingCommands; }

}  // namespace nuthatch::commands
