// XADD, XTRIM, XDEL, XSETID: changing a stream's entries.
#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "server/commands/args.h"
#include "server/commands/errors.h"
#include "server/commands/group_parts.h"
#include "server/commands/key_specs.h"
#include "server/commands/stream_access.h"
#include "server/commands/stream_args.h"
#include "server/commands/stream_docs.h"
#include "server/commands/stream_reply.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"

namespace nuthatch::commands {
namespace {

using values::Stream;
using values::StreamId;

// Sockets are served after freeing so many nodes: a fraction of a millisecond.
constexpr size_t kNodesBetweenBreaths = 2000;

// --- The options that XADD and XTRIM share ---

struct AddOptions {
  std::optional<Stream::TrimRule> trim;
  bool no_mkstream = false;
  std::optional<ParsedStreamId> id;  // nullopt: "*"
  size_t next = 0;                   // the argument behind the options, or behind XADD's ID
};

// Reads "[=|~] threshold" behind MAXLEN or MINID, which is argument `at`; false after an error
// reply. `at` becomes the last argument read.
bool ReadThreshold(CommandContext& context, size_t& at, Stream::TrimRule& rule) {
  bool by_length = IsWord(context.arg(at), "maxlen");
  size_t more = context.argc() - 1 - at;
  ++at;
  std::string_view sign = errors::Shown(context.arg(at));
  if (more >= 2 && (sign == "~" || sign == "=")) {
    rule.approximate = sign == "~";
    ++at;
  }
  if (!by_length) {
    std::optional<StreamId> id = StreamIdOrReply(context, context.arg(at));
    if (id.has_value()) rule.min_id = *id;
    return id.has_value();
  }
  std::optional<int64_t> length = IntegerOrReply(context, context.arg(at));
  if (!length.has_value()) return false;
  if (*length < 0) {
    context.reply().Error(errors::kMaxLenNegative);
    return false;
  }
  rule.max_length = static_cast<uint64_t>(*length);
  return true;
}

// How many entries an approximate trim may remove if nobody said: those of about 100 nodes.
uint64_t DefaultLimit(const config::Config& config) {
  constexpr int64_t kNodes = 100;
  constexpr int64_t kWithoutLimit = 10'000;
  constexpr int64_t kMost = 1'000'000;
  int64_t entries = config.stream_node_max_entries;
  if (entries <= 0) return kWithoutLimit;
  return static_cast<uint64_t>(entries > kMost / kNodes ? kMost : entries * kNodes);
}

// What is wrong with the options as a whole, if anything; sets the rule's limit. `limit` as given.
std::optional<std::string_view> CheckTrim(CommandContext& context, AddOptions& options,
                                          std::optional<int64_t> limit, bool is_add) {
  if (!options.trim.has_value()) {
    if (limit.value_or(0) != 0) return errors::kLimitWithoutTrim;
    if (!is_add) return errors::kXTrimWithoutTrim;
    if (limit.has_value()) return errors::kLimitWithoutTilde;
    return std::nullopt;
  }
  if (limit.has_value() && !options.trim->approximate) return errors::kLimitWithoutTilde;
  if (!options.trim->approximate) return std::nullopt;
  if (!limit.has_value()) {
    options.trim->limit = DefaultLimit(context.config());
  } else if (*limit != 0) {
    options.trim->limit = static_cast<uint64_t>(*limit);
  }
  return std::nullopt;
}

// Reads LIMIT, which is argument `at`; false after an error reply.
bool ReadLimit(CommandContext& context, size_t& at, std::optional<int64_t>& limit) {
  limit = IntegerOrReply(context, context.arg(++at));
  if (limit.has_value() && *limit < 0) {
    context.reply().Error(errors::kLimitNegative);
    limit.reset();
  }
  return limit.has_value();
}

std::optional<AddOptions> AddOptionsOrReply(CommandContext& context, bool is_add) {
  AddOptions options;
  std::optional<int64_t> limit;
  size_t at = 2;
  for (; at < context.argc(); ++at) {
    std::string_view arg = context.arg(at);
    bool more = at + 1 < context.argc();
    if (is_add && errors::Shown(arg) == "*") break;
    if (more && (IsWord(arg, "maxlen") || IsWord(arg, "minid"))) {
      if (options.trim.has_value()) {
        context.reply().Error(errors::kTwoTrims);
        return std::nullopt;
      }
      if (!ReadThreshold(context, at, options.trim.emplace())) return std::nullopt;
    } else if (more && IsWord(arg, "limit")) {
      if (!ReadLimit(context, at, limit)) return std::nullopt;
    } else if (is_add && IsWord(arg, "nomkstream")) {
      options.no_mkstream = true;
    } else if (is_add) {
      options.id = ParseStreamId(arg, IdForm::kOrAutoSeq, 0);
      if (!options.id.has_value()) {
        context.reply().Error(errors::kInvalidStreamId);
        return std::nullopt;
      }
      break;
    } else {
      context.reply().Error(errors::kSyntax);
      return std::nullopt;
    }
  }
  options.next = at + 1;
  if (std::optional<std::string_view> error = CheckTrim(context, options, limit, is_add)) {
    context.reply().Error(*error);
    return std::nullopt;
  }
  return options;
}

// Returns how many entries went.
uint64_t TrimStream(CommandContext& context, Stream& stream, Stream::TrimRule rule) {
  uint64_t trimmed = 0;
  for (bool more = true;;) {
    trimmed += stream.Trim(rule, kNodesBetweenBreaths, &more);
    if (!more) return trimmed;
    context.Breathe();
  }
}

// --- XADD ---

// The ID of the entry that is to be added; nullopt if what was asked for is not above the last one.
std::optional<StreamId> NewId(const StreamId& last, const std::optional<ParsedStreamId>& asked,
                              int64_t now_ms) {
  StreamId id;
  if (!asked.has_value()) {
    auto now = static_cast<uint64_t>(now_ms);
    return now > last.ms ? StreamId{now, 0} : last.Next();
  }
  id = asked->id;
  if (!asked->has_seq && id.ms == last.ms) {
    if (last.seq == UINT64_MAX) return std::nullopt;
    id.seq = last.seq + 1;
  }
  if (id <= last) return std::nullopt;
  return id;
}

void XAdd(CommandContext& context) {
  std::optional<AddOptions> options = AddOptionsOrReply(context, true);
  if (!options.has_value()) return;
  std::span<const std::string_view> pairs =
      context.args().subspan(std::min(options->next, context.argc()));
  if (pairs.size() < 2 || pairs.size() % 2 == 1) {
    return context.reply().Error(errors::WrongArity(context.spec().name));
  }
  if (options->id.has_value() && options->id->has_seq && options->id->id.IsZero()) {
    return context.reply().Error(errors::kXAddZeroId);
  }
  const Key& key = context.key(0);
  std::optional<EntryRef> found = WriteStreamOrReply(context, key);
  if (!found.has_value()) return;
  if (!*found && options->no_mkstream) return context.reply().Null();
  StreamId last = *found ? StreamOf(*found).last_id() : StreamId{};
  if (last == StreamId::Max()) return context.reply().Error(errors::kXAddExhausted);
  std::optional<StreamId> id = NewId(last, options->id, context.now_ms());
  if (!id.has_value()) return context.reply().Error(errors::kXAddSmallId);
  uint64_t bytes =
      std::accumulate(pairs.begin(), pairs.end(), uint64_t{0},
                      [](uint64_t sum, std::string_view text) { return sum + text.size(); });
  if (bytes > Stream::kMaxEntryBytes) return context.reply().Error(errors::kXAddTooLarge);

  EntryRef ref = *found ? *found : CreateStream(context, key);
  StreamEdit stream(context, key, ref);
  const config::Config& config = context.config();
  stream->Append(*id, pairs,
                 {.bytes = config.stream_node_max_bytes,
                  .entries = static_cast<uint64_t>(config.stream_node_max_entries)});
  if (options->trim.has_value()) TrimStream(context, *stream, *options->trim);
  stream.NoteChange();
  CountChanges(context);
  WriteStreamId(context.reply(), *id);
}

// --- The others ---

void XTrim(CommandContext& context) {
  std::optional<AddOptions> options = AddOptionsOrReply(context, false);
  if (!options.has_value()) return;
  std::optional<EntryRef> found = WriteStreamOrReply(context, context.key(0));
  if (!found.has_value()) return;
  if (!*found) return context.reply().Raw(resp::kZeroReply);
  StreamEdit stream(context, context.key(0), *found);
  uint64_t trimmed = TrimStream(context, *stream, *options->trim);
  if (trimmed > 0) stream.NoteChange();
  CountChanges(context, trimmed);
  context.reply().Integer(static_cast<int64_t>(trimmed));
}

void XDel(CommandContext& context) {
  std::optional<EntryRef> found = WriteStreamOrReply(context, context.key(0));
  if (!found.has_value()) return;
  if (!*found) return context.reply().Raw(resp::kZeroReply);
  std::vector<StreamId> ids;
  ids.reserve(context.argc() - 2);
  for (std::string_view arg : context.args().subspan(2)) {
    std::optional<StreamId> id = StreamIdOrReply(context, arg);
    if (!id.has_value()) return;
    ids.push_back(*id);
  }
  StreamEdit stream(context, context.key(0), *found);
  uint64_t deleted = stream->Delete(ids);
  if (deleted > 0) stream.NoteChange();
  CountChanges(context, deleted);
  context.reply().Integer(static_cast<int64_t>(deleted));
}

struct SetIdOptions {
  std::optional<int64_t> entries_added;
  StreamId max_deleted_id;
};

std::optional<SetIdOptions> SetIdOptionsOrReply(CommandContext& context, StreamId id) {
  SetIdOptions options;
  auto refuse = [&](std::string_view error) {
    context.reply().Error(error);
    return std::nullopt;
  };
  for (size_t i = 3; i < context.argc(); i += 2) {
    bool more = i + 1 < context.argc();
    if (more && IsWord(context.arg(i), "entriesadded")) {
      options.entries_added = IntegerOrReply(context, context.arg(i + 1));
      if (!options.entries_added.has_value()) return std::nullopt;
      if (*options.entries_added < 0) return refuse(errors::kEntriesAddedNegative);
    } else if (more && IsWord(context.arg(i), "maxdeletedid")) {
      std::optional<StreamId> max = StreamIdOrReply(context, context.arg(i + 1));
      if (!max.has_value()) return std::nullopt;
      if (id < *max) return refuse(errors::kXSetIdBelowGivenDeleted);
      options.max_deleted_id = *max;
    } else {
      return refuse(errors::kSyntax);
    }
  }
  return options;
}

void XSetId(CommandContext& context) {
  std::optional<StreamId> id = StreamIdOrReply(context, context.arg(2));
  if (!id.has_value()) return;
  std::optional<SetIdOptions> options = SetIdOptionsOrReply(context, *id);
  if (!options.has_value()) return;
  std::optional<EntryRef> found = WriteStreamOrReply(context, context.key(0));
  if (!found.has_value()) return;
  if (!*found) return context.reply().Error(errors::kNoSuchKey);
  StreamEdit stream(context, context.key(0), *found);
  if (stream->length() > 0) {
    if (*id < stream->LastId().value_or(StreamId{})) {
      return context.reply().Error(errors::kXSetIdSmall);
    }
    if (options->entries_added.has_value() &&
        stream->length() > static_cast<uint64_t>(*options->entries_added)) {
      return context.reply().Error(errors::kEntriesAddedSmall);
    }
  }
  stream->set_last_id(*id);
  if (options->entries_added.has_value()) {
    stream->set_entries_added(static_cast<uint64_t>(*options->entries_added));
  }
  if (!options->max_deleted_id.IsZero()) stream->set_max_deleted_id(options->max_deleted_id);
  CountChanges(context);
  context.reply().Raw(resp::kOkReply);
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kStreamAddCommands[] = {
    {.name = "xadd",
     .arity = -5,
     .flags = kWrite | kDenyOom | kFast,
     .key_specs = kXAddKey,
     .acl_categories = kAclStream,
     .where = Where::kByKeys,
     .run = XAdd,
     .summary = "Appends a new entry to a stream",
     .complexity = "O(1) when adding a new entry, O(N) when trimming where N being the number of "
                   "entries evicted.",
     .since = "5.0.0",
     .group = "stream",
     .history = kXAddHistory,
     .tips = kXAddTips,
     .args = kXAddArgs},
    {.name = "xdel",
     .arity = -3,
     .flags = kWrite | kFast,
     .key_specs = kXAutoClaimKey,
     .acl_categories = kAclStream,
     .where = Where::kByKeys,
     .run = XDel,
     .summary = "Removes the specified entries from the stream. Returns the number of items "
                "actually deleted, that may be different from the number of IDs passed in case "
                "certain IDs do not exist.",
     .complexity =
         "O(1) for each single item to delete in the stream, regardless of the stream size.",
     .since = "5.0.0",
     .group = "stream",
     .args = kXDelArgs},
    {.name = "xsetid",
     .arity = -3,
     .flags = kWrite | kDenyOom | kFast,
     .key_specs = kKeyRwUpdate,
     .acl_categories = kAclStream,
     .where = Where::kByKeys,
     .run = XSetId,
     .summary = "An internal command for replicating stream values",
     .complexity = "O(1)",
     .since = "5.0.0",
     .group = "stream",
     .history = kXSetIdHistory,
     .args = kXSetIdArgs},
    {.name = "xtrim",
     .arity = -4,
     .flags = kWrite,
     .key_specs = kXAutoClaimKey,
     .acl_categories = kAclStream,
     .where = Where::kByKeys,
     .run = XTrim,
     .summary = "Trims the stream to (approximately if '~' is passed) a certain size",
     .complexity = "O(N), with N being the number of evicted entries. Constant times are very "
                   "small however, since entries are organized in macro nodes containing multiple "
                   "entries that can be released with a single deallocation.",
     .since = "5.0.0",
     .group = "stream",
     .history = kXTrimHistory,
     .tips = kXAddTips,
     .args = kXTrimArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> StreamAddCommands() { return kStreamAddCommands; }

}  // namespace nuthatch::commands
