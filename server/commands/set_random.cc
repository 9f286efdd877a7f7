// SPOP and SRANDMEMBER: random members of a set.
#include <algorithm>
#include <limits>

#include "server/commands/args.h"
#include "server/commands/group_parts.h"
#include "server/commands/key_specs.h"
#include "server/commands/lookup.h"
#include "server/commands/set_access.h"
#include "server/commands/set_docs.h"
#include "server/commands/thread_random.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"

namespace nuthatch::commands {
namespace {

using keyspace::NumberText;
using keyspace::Type;
using values::Hashed;

// SRANDMEMBER replies with no more than these, where a member may come several times: such a reply
// takes a gigabyte.
constexpr int64_t kMostPicks = int64_t{1} << 27;
constexpr size_t kPicksBetweenBreaths = 1024;

// --- SPOP ---

// Replies with all members in the order in which Redis does: it makes a set of them anew, which is
// an intset if it can be one.
void ReplyAll(CommandContext& context, const SetReader& set) {
  context.reply().Set(set.size());
  auto give = [&](std::string_view member) { context.reply().Bulk(member); };
  if (set.is_intset() || set.size() > SetBuilder::MostIntegers(context.config())) {
    return set.VisitEach(give);
  }
  SetBuilder integers(context.config());
  bool only_integers = true;
  set.ForEach([&](std::span<const Hashed> members) {
    only_integers = std::ranges::all_of(
        members, [](const Hashed& member) { return base::ParseInt64(member.bytes).has_value(); });
    if (only_integers) integers.Add(members);
    return only_integers;
  });
  only_integers ? integers.ForEach(give) : set.VisitEach(give);
}

void PopSeveral(CommandContext& context) {
  std::optional<int64_t> wanted = AtLeastOrReply(context, context.arg(2), 0, errors::kNotPositive);
  if (!wanted.has_value()) return;
  std::optional<SetKey> set = SetKey::OpenOrReply(context, context.key(0));
  if (!set.has_value()) return;
  const size_t size = set->reader().size();
  const size_t count = std::min(static_cast<size_t>(*wanted), size);
  if (count == 0) return context.reply().Set(0);
  CountChanges(context, count);
  if (count == size) {
    ReplyAll(context, set->reader());
    return set->Erase();
  }
  context.reply().Set(count);
  set->PopSeveral(count, ThreadRandom(),
                  [&](std::string_view member) { context.reply().Bulk(member); });
}

void SPop(CommandContext& context) {
  if (context.argc() == 3) return PopSeveral(context);
  if (context.argc() > 3) return context.reply().Error(errors::kSyntax);
  std::optional<SetKey> set = SetKey::OpenOrReply(context, context.key(0));
  if (!set.has_value()) return;
  if (!*set) return context.reply().Null();
  set->Pop(ThreadRandom(), [&](std::string_view member) { context.reply().Bulk(member); });
  CountChanges(context);
}

// --- SRANDMEMBER ---

// Members that may come several times.
void PickEach(CommandContext& context, const SetReader& set, size_t count) {
  context.reply().Array(count);
  NumberText text;
  for (size_t i = 1; i <= count; ++i) {
    context.reply().Bulk(set.RandomMember(ThreadRandom(), text));
    if (i % kPicksBetweenBreaths == 0) context.Breathe();
  }
}

void PickSeveral(CommandContext& context) {
  std::optional<int64_t> count = IntegerOrReply(context, context.arg(2));
  if (!count.has_value()) return;
  if (*count == std::numeric_limits<int64_t>::min()) {
    return context.reply().Error(errors::kOutOfLongRange);
  }
  EntryRef ref = FindForRead(context, context.key(0));
  if (!ref) return context.reply().Raw(resp::kEmptyArrayReply);
  if (!IsTypeOrReply(context, ref, Type::kSet)) return;
  SetReader set(ref, &context);
  if (*count < -kMostPicks) return context.reply().Error(errors::kOutOfRange);
  if (*count < 0) return PickEach(context, set, static_cast<size_t>(-*count));
  const size_t different = std::min(static_cast<size_t>(*count), set.size());
  context.reply().Array(different);
  set.Sample(different, ThreadRandom(),
             [&](std::string_view member) { context.reply().Bulk(member); });
}

void SRandMember(CommandContext& context) {
  if (context.argc() == 3) return PickSeveral(context);
  if (context.argc() > 3) return context.reply().Error(errors::kSyntax);
  EntryRef ref = FindForRead(context, context.key(0));
  if (!ref) return context.reply().Null();
  if (!IsTypeOrReply(context, ref, Type::kSet)) return;
  NumberText text;
  context.reply().Bulk(SetReader(ref).RandomMember(ThreadRandom(), text));
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kSetRandomCommands[] = {
    {.name = "spop",
     .arity = -2,
     .flags = kWrite | kFast,
     .key_specs = kKeyRwAccessDelete,
     .acl_categories = kAclSet,
     .where = Where::kByKeys,
     .run = SPop,
     .summary = "Remove and return one or multiple random members from a set",
     .complexity = "Without the count argument O(1), otherwise O(N) where N is the value of the "
                   "passed count.",
     .since = "1.0.0",
     .group = "set",
     .history = kSPopHistory,
     .tips = kSPopTips,
     .args = kSPopArgs},
    {.name = "srandmember",
     .arity = -2,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclSet,
     .where = Where::kByKeys,
     .run = SRandMember,
     .summary = "Get one or multiple random members from a set",
     .complexity = "Without the count argument O(1), otherwise O(N) where N is the absolute value "
                   "of the passed count.",
     .since = "1.0.0",
     .group = "set",
     .history = kSRandMemberHistory,
     .tips = kSPopTips,
     .args = kSRandMemberArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> SetRandomCommands() { return kSetRandomCommands; }

}  // namespace nuthatch::commands
