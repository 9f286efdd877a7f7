// Intersection, union and difference of sets: SINTER and its kin. How they are found, in which
// order and into which encoding: values/set_operations.h, set_builder.h.
#include <vector>

#include "server/commands/args.h"
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
using values::Hashed;
using values::SetView;

constexpr size_t kMembersBetweenBreaths = 1024;

// The sets of some keys.
class Sources {
 public:
  // Looks the keys up; false after an error reply.
  bool FindOrReply(CommandContext& context, std::span<const Key> keys) {
    for (const Key& key : keys) {
      EntryRef ref = FindForRead(context, key);
      if (ref && !IsTypeOrReply(context, ref, Type::kSet)) return false;
    }
    // None of them can expire any more at this time: looking again changes nothing, and all views
    // stay good.
    readers_.reserve(keys.size());
    views_.reserve(keys.size());
    for (const Key& key : keys) {
      EntryRef ref =
          context.keyspace_of(key).Find(context.db(), key, context.now_ms(), Touch::kNone);
      readers_.emplace_back(ref, &context);
      const SetView* view = ref ? &readers_.back() : nullptr;
      views_.push_back(key.name == keys.front().name && !views_.empty() ? views_.front() : view);
    }
    return true;
  }
  // A nullptr for a key that isn't there.
  values::SetViews views() const { return views_; }

 private:
  std::vector<SetReader> readers_;
  std::vector<const SetView*> views_;
};

void ReplyMembers(CommandContext& context, SetBuilder& built) {
  context.reply().Set(built.size());
  size_t given = 0;
  built.ForEach([&](std::string_view member) {
    context.reply().Bulk(member);
    if (++given % kMembersBetweenBreaths == 0) context.Breathe();
  });
  built.Drop(context);
}

void Store(CommandContext& context, SetBuilder& built) {
  context.reply().Integer(static_cast<int64_t>(StoreSet(context, context.key(0), built)));
}

// --- Intersection ---

void SInter(CommandContext& context) {
  Sources sources;
  if (!sources.FindOrReply(context, context.keys())) return;
  size_t mark = context.reply().BeginDeferred();
  size_t count = 0;
  values::Intersect(sources.views(), [&](std::span<const Hashed> members) {
    for (const Hashed& member : members) context.reply().Bulk(member.bytes);
    count += members.size();
    return true;
  });
  context.reply().EndDeferredSet(mark, count);
}

void SInterStore(CommandContext& context) {
  Sources sources;
  if (!sources.FindOrReply(context, context.keys().subspan(1))) return;
  SetBuilder built(context.config());
  values::Intersect(sources.views(), [&](std::span<const Hashed> members) {
    built.Add(members);
    return true;
  });
  Store(context, built);
}

void SInterCard(CommandContext& context) {
  std::optional<int64_t> keys = AtLeastOrReply(context, context.arg(1), 1, errors::kNumKeys);
  if (!keys.has_value()) return;
  if (static_cast<size_t>(*keys) > context.argc() - 2) {
    return context.reply().Error(errors::kTooManyKeys);
  }
  std::optional<int64_t> limit = 0;
  for (size_t i = 2 + static_cast<size_t>(*keys); i < context.argc(); i += 2) {
    if (!IsWord(context.arg(i), "limit") || i + 1 == context.argc()) {
      return context.reply().Error(errors::kSyntax);
    }
    limit = AtLeastOrReply(context, context.arg(i + 1), 0, errors::kNegativeLimit);
    if (!limit.has_value()) return;
  }
  Sources sources;
  if (!sources.FindOrReply(context, context.keys())) return;
  context.reply().Integer(static_cast<int64_t>(
      values::CountIntersection(sources.views(), static_cast<size_t>(*limit))));
}

// --- Union and difference ---

bool UniteOrReply(CommandContext& context, std::span<const Key> keys, SetBuilder& built) {
  Sources sources;
  if (!sources.FindOrReply(context, keys)) return false;
  values::Unite(sources.views(), built);
  return true;
}

bool SubtractOrReply(CommandContext& context, std::span<const Key> keys, SetBuilder& built) {
  Sources sources;
  if (!sources.FindOrReply(context, keys)) return false;
  values::Subtract(sources.views(), values::ChooseDifference(sources.views()), built);
  return true;
}

void SUnion(CommandContext& context) {
  SetBuilder built(context.config());
  if (UniteOrReply(context, context.keys(), built)) ReplyMembers(context, built);
}

void SUnionStore(CommandContext& context) {
  SetBuilder built(context.config());
  if (UniteOrReply(context, context.keys().subspan(1), built)) Store(context, built);
}

void SDiff(CommandContext& context) {
  SetBuilder built(context.config());
  if (SubtractOrReply(context, context.keys(), built)) ReplyMembers(context, built);
}

void SDiffStore(CommandContext& context) {
  SetBuilder built(context.config());
  if (SubtractOrReply(context, context.keys().subspan(1), built)) Store(context, built);
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kSetCombineCommands[] = {
    {.name = "sdiff",
     .arity = -2,
     .flags = kReadonly,
     .key_specs = kKeysRoAccess,
     .acl_categories = kAclSet,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = SDiff,
     .summary = "Subtract multiple sets",
     .complexity = "O(N) where N is the total number of elements in all given sets.",
     .since = "1.0.0",
     .group = "set",
     .tips = kSDiffTips,
     .args = kSDiffArgs},
    {.name = "sdiffstore",
     .arity = -3,
     .flags = kWrite | kDenyOom,
     .key_specs = kSDiffStoreKeys,
     .acl_categories = kAclSet,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = SDiffStore,
     .summary = "Subtract multiple sets and store the resulting set in a key",
     .complexity = "O(N) where N is the total number of elements in all given sets.",
     .since = "1.0.0",
     .group = "set",
     .args = kSDiffStoreArgs},
    {.name = "sinter",
     .arity = -2,
     .flags = kReadonly,
     .key_specs = kKeysRoAccess,
     .acl_categories = kAclSet,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = SInter,
     .summary = "Intersect multiple sets",
     .complexity = "O(N*M) worst case where N is the cardinality of the smallest set and M is the "
                   "number of sets.",
     .since = "1.0.0",
     .group = "set",
     .tips = kSDiffTips,
     .args = kSDiffArgs},
    {.name = "sintercard",
     .arity = -3,
     .flags = kReadonly | kMovableKeys,
     .key_specs = kSInterCardKeys,
     .acl_categories = kAclSet,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = SInterCard,
     .summary = "Intersect multiple sets and return the cardinality of the result",
     .complexity = "O(N*M) worst case where N is the cardinality of the smallest set and M is the "
                   "number of sets.",
     .since = "7.0.0",
     .group = "set",
     .args = kSInterCardArgs},
    {.name = "sinterstore",
     .arity = -3,
     .flags = kWrite | kDenyOom,
     .key_specs = kSInterStoreKeys,
     .acl_categories = kAclSet,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = SInterStore,
     .summary = "Intersect multiple sets and store the resulting set in a key",
     .complexity = "O(N*M) worst case where N is the cardinality of the smallest set and M is the "
                   "number of sets.",
     .since = "1.0.0",
     .group = "set",
     .args = kSDiffStoreArgs},
    {.name = "sunion",
     .arity = -2,
     .flags = kReadonly,
     .key_specs = kKeysRoAccess,
     .acl_categories = kAclSet,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = SUnion,
     .summary = "Add multiple sets",
     .complexity = "O(N) where N is the total number of elements in all given sets.",
     .since = "1.0.0",
     .group = "set",
     .tips = kSDiffTips,
     .args = kSDiffArgs},
    {.name = "sunionstore",
     .arity = -3,
     .flags = kWrite | kDenyOom,
     .key_specs = kSDiffStoreKeys,
     .acl_categories = kAclSet,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = SUnionStore,
     .summary = "Add multiple sets and store the resulting set in a key",
     .complexity = "O(N) where N is the total number of elements in all given sets.",
     .since = "1.0.0",
     .group = "set",
     .args = kSDiffStoreArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> SetCombineCommands() { return kSetCombineCommands; }

}  // namespace nuthatch::commands
