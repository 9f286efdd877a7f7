// GET and its kin: commands that read a string, whole or in part.
#include "server/commands/args.h"
#include "server/commands/group_parts.h"
#include "server/commands/key_specs.h"
#include "server/commands/lookup.h"
#include "server/commands/string_docs.h"
#include "server/commands/string_options.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"

namespace nuthatch::commands {
namespace {

using keyspace::NumberText;

void Get(CommandContext& context) {
  EntryRef ref = FindForRead(context, context.key(0));
  if (!ref) return context.reply().Null();
  if (!IsStringOrReply(context, ref)) return;
  NumberText text;
  context.reply().Bulk(ref->Text(text));
}

void GetDel(CommandContext& context) {
  const Key& key = context.key(0);
  EntryRef ref = FindForRead(context, key);
  if (!ref) return context.reply().Null();
  if (!IsStringOrReply(context, ref)) return;
  NumberText text;
  context.reply().Bulk(ref->Text(text));
  context.keyspace_of(key).Erase(context.db(), key, ref);
  CountChanges(context);
}

void GetEx(CommandContext& context) {
  std::optional<StringOptions> options = ParseStringOptions(context, 2, OptionsOf::kGetEx);
  if (!options.has_value()) return;
  const Key& key = context.key(0);
  EntryRef ref = FindForRead(context, key);
  if (!ref) return context.reply().Null();
  if (!IsStringOrReply(context, ref)) return;
  std::optional<int64_t> deadline;
  if (options->form != ExpiryForm::kNone) {
    deadline = DeadlineOrReply(context, options->form, options->expiry);
    if (!deadline.has_value()) return;
  }
  NumberText text;
  context.reply().Bulk(ref->Text(text));
  Keyspace& keys = context.keyspace_of(key);
  if (deadline.has_value()) {
    if (*deadline <= context.now_ms()) {
      keys.Erase(context.db(), key, ref);
    } else {
      keys.SetDeadline(context.db(), key, ref, *deadline);
    }
    CountChanges(context);
  } else if (options->persist && ref->has_deadline()) {
    keys.ClearDeadline(context.db(), key, ref);
    CountChanges(context);
  }
}

// The part from `start` to `end`, both included; negative positions count from the end.
std::string_view Slice(std::string_view text, int64_t start, int64_t end) {
  int64_t size = static_cast<int64_t>(text.size());
  if (start < 0 && end < 0 && start > end) return {};
  if (start < 0) start = std::max<int64_t>(size + start, 0);
  if (end < 0) end = std::max<int64_t>(size + end, 0);
  end = std::min(end, size - 1);
  if (start > end) return {};
  return text.substr(static_cast<size_t>(start), static_cast<size_t>(end - start + 1));
}

void GetRange(CommandContext& context) {
  std::optional<int64_t> start = IntegerOrReply(context, context.arg(2));
  if (!start.has_value()) return;
  std::optional<int64_t> end = IntegerOrReply(context, context.arg(3));
  if (!end.has_value()) return;
  EntryRef ref = FindForRead(context, context.key(0));
  if (!ref) return context.reply().Raw(resp::kEmptyBulkReply);
  if (!IsStringOrReply(context, ref)) return;
  NumberText text;
  context.reply().Bulk(Slice(ref->Text(text), *start, *end));
}

void StrLen(CommandContext& context) {
  EntryRef ref = FindForRead(context, context.key(0));
  if (!ref) return context.reply().Raw(resp::kZeroReply);
  if (!IsStringOrReply(context, ref)) return;
  context.reply().Integer(static_cast<int64_t>(ref->TextSize()));
}

// MGET takes a key of another type for one that isn't there.
void GetOneOfMany(CommandContext& context, size_t i, resp::ReplyWriter& reply) {
  EntryRef ref = FindForRead(context, context.key(i));
  if (!ref || ref->type() != keyspace::Type::kString) return reply.Null();
  NumberText text;
  reply.Bulk(ref->Text(text));
}

void MGet(CommandContext& context) {
  context.reply().Array(context.keys().size());
  ForEachKey(context, false, [&](size_t i) { GetOneOfMany(context, i, context.reply()); });
}

void MGetFragment(CommandContext& context) {
  runtime::ScatterPart& part = context.part();
  resp::ReplyWriter reply(&part.bytes, context.caller().protocol);
  ForEachKey(context, true, [&](size_t i) {
    GetOneOfMany(context, i, reply);
    part.ends.push_back(part.bytes.size());
  });
}

// Each part's replies stand in the order of its keys: `number`, 0 so far, counts those taken.
void MGetCombine(CommandContext& context) {
  context.reply().Array(context.keys().size());
  for (const Key& key : context.keys()) {
    runtime::ScatterPart& part = context.parts()[context.ShardOf(key.slot)];
    size_t taken = static_cast<size_t>(part.number++);
    size_t begin = taken == 0 ? 0 : part.ends[taken - 1];
    context.reply().Raw(part.bytes.view().substr(begin, part.ends[taken] - begin));
  }
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kStringGetCommands[] = {
    {.name = "get",
     .arity = 2,
     .flags = kReadonly | kFast,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclString,
     .where = Where::kByKeys,
     .run = Get,
     .summary = "Get the value of a key",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = "string",
     .args = kKeyArgs},
    {.name = "getdel",
     .arity = 2,
     .flags = kWrite | kFast,
     .key_specs = kKeyRwAccessDelete,
     .acl_categories = kAclString,
     .where = Where::kByKeys,
     .run = GetDel,
     .summary = "Get the value of a key and delete the key",
     .complexity = "O(1)",
     .since = "6.2.0",
     .group = "string",
     .args = kKeyArgs},
    {.name = "getex",
     .arity = -2,
     .flags = kWrite | kFast,
     .key_specs = kKeyRwAccessUpdateNoted,
     .acl_categories = kAclString,
     .where = Where::kByKeys,
     .run = GetEx,
     .summary = "Get the value of a key and optionally set its expiration",
     .complexity = "O(1)",
     .since = "6.2.0",
     .group = "string",
     .args = kGetExArgs},
    {.name = "getrange",
     .arity = 4,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclString,
     .where = Where::kByKeys,
     .run = GetRange,
     .summary = "Get a substring of the string stored at a key",
     .complexity =
         "O(N) where N is the length of the returned string. The complexity is ultimately "
         "determined by the returned length, but because creating a substring from an existing "
         "string is very cheap, it can be considered O(1) for small strings.",
     .since = "2.4.0",
     .group = "string",
     .args = kGetRangeArgs},
    {.name = "mget",
     .arity = -2,
     .flags = kReadonly | kFast,
     .key_specs = kKeysRoAccess,
     .acl_categories = kAclString,
     .where = Where::kByKeys,
     .several = Several::kScatter,
     .run = MGet,
     .scatter = {.fragment = MGetFragment, .combine = MGetCombine},
     .summary = "Get the values of all the given keys",
     .complexity = "O(N) where N is the number of keys to retrieve.",
     .since = "1.0.0",
     .group = "string",
     .tips = kMultiShardTips,
     .args = kMGetArgs},
    {.name = "strlen",
     .arity = 2,
     .flags = kReadonly | kFast,
     .key_specs = kKeyRo,
     .acl_categories = kAclString,
     .where = Where::kByKeys,
     .run = StrLen,
     .summary = "Get the length of the value stored in a key",
     .complexity = "O(1)",
     .since = "2.2.0",
     .group = "string",
     .args = kKeyArgs},
    {.name = "substr",
     .arity = 4,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclString,
     .where = Where::kByKeys,
     .run = GetRange,
     .summary = "Get a substring of the string stored at a key",
     .complexity =
         "O(N) where N is the length of the returned string. The complexity is ultimately "
         "determined by the returned length, but because creating a substring from an existing "
         "string is very cheap, it can be considered O(1) for small strings.",
     .since = "1.0.0",
     .group = "string",
     .doc_flags = "deprecated",
     .deprecated_since = "2.0.0",
     .replaced_by = "`GETRANGE`",
     .args = kGetRangeArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> StringGetCommands() { return kStringGetCommands; }

}  // namespace nuthatch::commands
