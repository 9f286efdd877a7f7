// Commands that wait for a member of a sorted set: BZPOPMIN, BZPOPMAX, BZMPOP.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "server/commands/group_parts.h"
#include "server/commands/list_blocking_docs.h"
#include "server/commands/waiting.h"
#include "server/commands/zset_docs.h"
#include "server/commands/zset_pop.h"
#include "server/runtime/acl_category.h"
#include "server/runtime/command_spec.h"

namespace nuthatch::commands {
namespace {

using keyspace::Type;

// Pops from the first of the keys that is a sorted set, or waits.
void PopOrWait(CommandContext& context, int64_t timeout_ms, PopEnd end, size_t count,
               PopForm form) {
  const auto keys = static_cast<uint32_t>(context.keys().size());
  const bool replied = LookForWaiting(context, keys, Type::kSortedSet, [&](const Key& key) {
    return PopFromKey(context, key, end, count, form) != PopResult::kNothing;
  });
  if (replied) return;
  if (context.Wait({.type = Type::kSortedSet, .key_count = keys, .timeout_ms = timeout_ms})) return;
  context.reply().NullArray();
}

void BlockingPop(CommandContext& context, PopEnd end) {
  std::optional<int64_t> timeout_ms = TimeoutOrReply(context, context.arg(context.argc() - 1));
  if (timeout_ms.has_value()) PopOrWait(context, *timeout_ms, end, 1, PopForm::kKeyFlat);
}

void BZPopMin(CommandContext& context) { BlockingPop(context, PopEnd::kMin); }
void BZPopMax(CommandContext& context) { BlockingPop(context, PopEnd::kMax); }

void BZMPop(CommandContext& context) {
  std::optional<SortedSetPop> pop = SortedSetPopOrReply(context, 2);
  if (!pop.has_value()) return;
  std::optional<int64_t> timeout_ms = TimeoutOrReply(context, context.arg(1));
  if (!timeout_ms.has_value()) return;
  PopOrWait(context, *timeout_ms, pop->end, pop->count, PopForm::kKeyPairs);
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kSortedSetBlockingCommands[] = {
    {.name = "bzpopmin",
     .arity = -3,
     .flags = kWrite | kNoscript | kBlocking | kFast | kBarrier,
     .key_specs = kBLPopKeys,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = BZPopMin,
     .summary = "Remove and return the member with the lowest score from one or more sorted sets, "
                "or block until one is available",
     .complexity = "O(log(N)) with N being the number of elements in the sorted set.",
     .since = "5.0.0",
     .group = "sorted-set",
     .history = kBLPopHistory,
     .args = kBLPopArgs},
    {.name = "bzpopmax",
     .arity = -3,
     .flags = kWrite | kNoscript | kBlocking | kFast | kBarrier,
     .key_specs = kBLPopKeys,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = BZPopMax,
     .summary = "Remove and return the member with the highest score from one or more sorted sets, "
                "or block until one is available",
     .complexity = "O(log(N)) with N being the number of elements in the sorted set.",
     .since = "5.0.0",
     .group = "sorted-set",
     .history = kBLPopHistory,
     .args = kBLPopArgs},
    {.name = "bzmpop",
     .arity = -5,
     .flags = kWrite | kBlocking | kMovableKeys | kBarrier,
     .key_specs = kBZMPopKeys,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = BZMPop,
     .summary =
         "Remove and return members with scores in a sorted set or block until one is available",
     .complexity = "O(K) + O(M*log(N)) where K is the number of provided keys, N being the number "
                   "of elements in the sorted set, and M being the number of elements popped.",
     .since = "7.0.0",
     .group = "sorted-set",
     .args = kBZMPopArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> SortedSetBlockingCommands() {
  return kSortedSetBlockingCommands;
}

}  // namespace nuthatch::commands
