#include "server/commands/zset_pop.h"

#include <algorithm>
#include <optional>

#include "server/commands/args.h"
#include "server/commands/errors.h"
#include "server/commands/group_parts.h"
#include "server/commands/key_specs.h"
#include "server/commands/zset_access.h"
#include "server/commands/zset_docs.h"
#include "server/commands/zset_reply.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"

namespace nuthatch::commands {

PopResult PopFromKey(CommandContext& context, const Key& key, PopEnd end, size_t count,
                     PopForm form) {
  SortedSetKey set(context, key);
  if (!set.IsSortedSetOrReply()) return PopResult::kWrongType;
  if (!set || count == 0) return PopResult::kNothing;
  values::SortedSetView view = set.view();
  size_t size = view.size();
  count = std::min(count, size);
  bool reversed = end == PopEnd::kMax;
  values::RankRange ranks =
      reversed ? values::RankRange{size - count, size} : values::RankRange{0, count};

  resp::ReplyWriter& reply = context.reply();
  if (form == PopForm::kKeyPairs) {
    reply.Array(2);
    reply.Bulk(key.name);
  }
  if (form == PopForm::kKeyFlat) {
    reply.Array(2 * count + 1);
    reply.Bulk(key.name);
    view.ForEach(ranks, reversed, [&](std::string_view member, double score) {
      reply.Bulk(member);
      reply.Double(score);
    });
  } else {
    ScoreForm scores = form == PopForm::kFlat ? ScoreForm::kFlat : ScoreForm::kPairs;
    view.ForEach(ranks, reversed, MembersReply(context, count, scores));
  }
  set.RemoveRanks(ranks);
  CountChanges(context, count);
  return PopResult::kPopped;
}

std::optional<SortedSetPop> SortedSetPopOrReply(CommandContext& context, size_t num_keys) {
  auto syntax_error = [&] {
    context.reply().Error(errors::kSyntax);
    return std::nullopt;
  };
  std::optional<int64_t> keys = AtLeastOrReply(context, context.arg(num_keys), 1, errors::kNumKeys);
  if (!keys.has_value()) return std::nullopt;
  // Behind the keys comes at least MIN or MAX.
  if (*keys > static_cast<int64_t>(context.argc() - num_keys) - 2) return syntax_error();
  size_t at = num_keys + 1 + static_cast<size_t>(*keys);
  SortedSetPop pop;
  if (IsWord(context.arg(at), "max")) {
    pop.end = PopEnd::kMax;
  } else if (!IsWord(context.arg(at), "min")) {
    return syntax_error();
  }
  std::optional<int64_t> count;
  for (++at; at < context.argc(); at += 2) {
    if (count.has_value() || !IsWord(context.arg(at), "count") || at + 1 == context.argc()) {
      return syntax_error();
    }
    count = AtLeastOrReply(context, context.arg(at + 1), 1, errors::kCountNotPositive);
    if (!count.has_value()) return std::nullopt;
    pop.count = static_cast<size_t>(*count);
  }
  return pop;
}

namespace {

void Pop(CommandContext& context, PopEnd end) {
  if (context.argc() > 3) return context.reply().Error(errors::kSyntax);
  bool counted = context.argc() == 3;
  std::optional<int64_t> count = 1;
  if (counted) count = AtLeastOrReply(context, context.arg(2), 0, errors::kNotPositive);
  if (!count.has_value()) return;
  bool pairs = counted && context.caller().protocol >= 3;
  PopResult result = PopFromKey(context, context.key(0), end, static_cast<size_t>(*count),
                                pairs ? PopForm::kPairs : PopForm::kFlat);
  if (result == PopResult::kNothing) context.reply().Raw(resp::kEmptyArrayReply);
}

void ZPopMin(CommandContext& context) { Pop(context, PopEnd::kMin); }
void ZPopMax(CommandContext& context) { Pop(context, PopEnd::kMax); }

void ZMPop(CommandContext& context) {
  std::optional<SortedSetPop> pop = SortedSetPopOrReply(context, 1);
  if (!pop.has_value()) return;
  for (const Key& key : context.keys()) {
    PopResult result = PopFromKey(context, key, pop->end, pop->count, PopForm::kKeyPairs);
    if (result != PopResult::kNothing) return;
  }
  context.reply().NullArray();
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kSortedSetPopCommands[] = {
    {.name = "zmpop",
     .arity = -4,
     .flags = kWrite | kMovableKeys,
     .key_specs = kZMPopKeys,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = ZMPop,
     .summary = "Remove and return members with scores in a sorted set",
     .complexity = "O(K) + O(M*log(N)) where K is the number of provided keys, N being the number "
                   "of elements in the sorted set, and M being the number of elements popped.",
     .since = "7.0.0",
     .group = "sorted-set",
     .args = kZMPopArgs},
    {.name = "zpopmax",
     .arity = -2,
     .flags = kWrite | kFast,
     .key_specs = kKeyRwAccessDelete,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .run = ZPopMax,
     .summary = "Remove and return members with the highest scores in a sorted set",
     .complexity = "O(log(N)*M) with N being the number of elements in the sorted set, and M being "
                   "the number of elements popped.",
     .since = "5.0.0",
     .group = "sorted-set",
     .args = kZPopMaxArgs},
    {.name = "zpopmin",
     .arity = -2,
     .flags = kWrite | kFast,
     .key_specs = kKeyRwAccessDelete,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .run = ZPopMin,
     .summary = "Remove and return members with the lowest scores in a sorted set",
     .complexity = "O(log(N)*M) with N being the number of elements in the sorted set, and M being "
                   "the number of elements popped.",
     .since = "5.0.0",
     .group = "sorted-set",
     .args = kZPopMaxArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> SortedSetPopCommands() { return kSortedSetPopCommands; }

}  // namespace nuthatch::commands
