// Commands on single sets, and SMOVE: adding, removing, asking, walking.
#include <algorithm>

#include "server/commands/element_scan.h"
#include "server/commands/group_parts.h"
#include "server/commands/key_specs.h"
#include "server/commands/lookup.h"
#include "server/commands/set_access.h"
#include "server/commands/set_docs.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"

namespace nuthatch::commands {
namespace {

using keyspace::Type;

void ReplyYesOrNo(CommandContext& context, bool yes) {
  context.reply().Raw(yes ? resp::kOneReply : resp::kZeroReply);
}

void SAdd(CommandContext& context) {
  std::optional<SetKey> set = SetKey::OpenOrReply(context, context.key(0));
  if (!set.has_value()) return;
  size_t added = set->Add(context.args().subspan(2));
  CountChanges(context, added);
  context.reply().Integer(static_cast<int64_t>(added));
}

void SRem(CommandContext& context) {
  std::optional<SetKey> set = SetKey::OpenOrReply(context, context.key(0));
  if (!set.has_value()) return;
  size_t removed = set->Remove(context.args().subspan(2));
  CountChanges(context, removed);
  context.reply().Integer(static_cast<int64_t>(removed));
}

// What the key holds, an empty set if there is none; nothing after an error reply.
std::optional<SetReader> ReadOrReply(CommandContext& context) {
  EntryRef ref = FindForRead(context, context.key(0));
  if (ref && !IsTypeOrReply(context, ref, Type::kSet)) return std::nullopt;
  return SetReader(ref, &context);
}

void SCard(CommandContext& context) {
  std::optional<SetReader> set = ReadOrReply(context);
  if (set.has_value()) context.reply().Integer(static_cast<int64_t>(set->size()));
}

void SIsMember(CommandContext& context) {
  std::optional<SetReader> set = ReadOrReply(context);
  if (set.has_value()) ReplyYesOrNo(context, set->Has(context.arg(2)));
}

void SMIsMember(CommandContext& context) {
  std::optional<SetReader> set = ReadOrReply(context);
  if (!set.has_value()) return;
  std::span<const std::string_view> members = context.args().subspan(2);
  context.reply().Array(members.size());
  while (!members.empty()) {
    auto batch = members.first(std::min(members.size(), SetReader::kMaxBatch));
    uint64_t found = set->Contains(batch);
    for (size_t i = 0; i < batch.size(); ++i) ReplyYesOrNo(context, (found >> i & 1) != 0);
    members = members.subspan(batch.size());
  }
}

void SMembers(CommandContext& context) {
  std::optional<SetReader> set = ReadOrReply(context);
  if (!set.has_value()) return;
  context.reply().Set(set->size());
  set->VisitEach([&](std::string_view member) { context.reply().Bulk(member); });
}

EntryRef FindAgain(CommandContext& context, const Key& key) {
  return context.keyspace_of(key).Find(context.db(), key, context.now_ms(), Touch::kNone);
}

void SMove(CommandContext& context) {
  const Key& from = context.key(0);
  const Key& to = context.key(1);
  std::string_view member = context.arg(3);
  const bool is_there = static_cast<bool>(FindForWrite(context, from));
  EntryRef target = FindForWrite(context, to);
  if (!is_there) return context.reply().Raw(resp::kZeroReply);
  const bool fits = !target || target->type() == Type::kSet;
  EntryRef ref = FindAgain(context, from);
  if (!IsTypeOrReply(context, ref, Type::kSet)) return;
  if (!fits) return context.reply().Error(errors::kWrongType);
  SetKey source(context, from, ref);
  if (from.name == to.name) return ReplyYesOrNo(context, source.reader().Has(member));
  if (source.Remove({&member, 1}) == 0) return context.reply().Raw(resp::kZeroReply);
  SetKey destination(context, to, FindAgain(context, to));
  CountChanges(context, 1 + destination.Add({&member, 1}));
  context.reply().Raw(resp::kOneReply);
}

void SScan(CommandContext& context) {
  std::optional<uint64_t> cursor = ScanCursorOrReply(context);
  if (!cursor.has_value()) return;
  EntryRef ref = FindForRead(context, context.key(0));
  ElementPage page(context);
  if (!ref) return page.Reply(0);
  if (!IsTypeOrReply(context, ref, Type::kSet)) return;
  std::optional<ElementScanOptions> options = ScanOptionsOrReply(context);
  if (!options.has_value()) return;
  SetReader set(ref, &context);
  page.Reply(set.Scan(*cursor, options->count, [&](std::string_view member) {
    if (options->Matches(member)) page.Add(member);
  }));
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kSetBasicCommands[] = {
    {.name = "sadd",
     .arity = -3,
     .flags = kWrite | kDenyOom | kFast,
     .key_specs = kKeyRwInsert,
     .acl_categories = kAclSet,
     .where = Where::kByKeys,
     .run = SAdd,
     .summary = "Add one or more members to a set",
     .complexity = "O(1) for each element added, so O(N) to add N elements when the command is "
                   "called with multiple arguments.",
     .since = "1.0.0",
     .group = "set",
     .history = kSAddHistory,
     .args = kSAddArgs},
    {.name = "scard",
     .arity = 2,
     .flags = kReadonly | kFast,
     .key_specs = kKeyRo,
     .acl_categories = kAclSet,
     .where = Where::kByKeys,
     .run = SCard,
     .summary = "Get the number of members in a set",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = "set",
     .args = kKeyArgs},
    {.name = "sismember",
     .arity = 3,
     .flags = kReadonly | kFast,
     .key_specs = kKeyRo,
     .acl_categories = kAclSet,
     .where = Where::kByKeys,
     .run = SIsMember,
     .summary = "Determine if a given value is a member of a set",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = "set",
     .args = kSIsMemberArgs},
    {.name = "smembers",
     .arity = 2,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclSet,
     .where = Where::kByKeys,
     .run = SMembers,
     .summary = "Get all the members in a set",
     .complexity = "O(N) where N is the set cardinality.",
     .since = "1.0.0",
     .group = "set",
     .tips = kSDiffTips,
     .args = kKeyArgs},
    {.name = "smismember",
     .arity = -3,
     .flags = kReadonly | kFast,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclSet,
     .where = Where::kByKeys,
     .run = SMIsMember,
     .summary = "Returns the membership associated with the given elements for a set",
     .complexity = "O(N) where N is the number of elements being checked for membership",
     .since = "6.2.0",
     .group = "set",
     .args = kSAddArgs},
    {.name = "smove",
     .arity = 4,
     .flags = kWrite | kFast,
     .key_specs = kSMoveKeys,
     .acl_categories = kAclSet,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = SMove,
     .summary = "Move a member from one set to another",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = "set",
     .args = kSMoveArgs},
    {.name = "srem",
     .arity = -3,
     .flags = kWrite | kFast,
     .key_specs = kSRemKey,
     .acl_categories = kAclSet,
     .where = Where::kByKeys,
     .run = SRem,
     .summary = "Remove one or more members from a set",
     .complexity = "O(N) where N is the number of members to be removed.",
     .since = "1.0.0",
     .group = "set",
     .history = kSAddHistory,
     .args = kSAddArgs},
    {.name = "sscan",
     .arity = -3,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclSet,
     .where = Where::kByKeys,
     .run = SScan,
     .summary = "Incrementally iterate Set elements",
     .complexity =
         "O(1) for every call. O(N) for a complete iteration, including enough command calls for "
         "the cursor to return back to 0. N is the number of elements inside the collection..",
     .since = "2.8.0",
     .group = "set",
     .tips = kSPopTips,
     .args = kSScanArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> SetBasicCommands() { return kSetBasicCommands; }

}  // namespace nuthatch::commands
