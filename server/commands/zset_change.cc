// Commands that change a sorted set: adding, incrementing, removing members and ranges.
#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "server/commands/args.h"
#include "server/commands/errors.h"
#include "server/commands/group_parts.h"
#include "server/commands/key_specs.h"
#include "server/commands/lookup.h"
#include "server/commands/zset_access.h"
#include "server/commands/zset_docs.h"
#include "server/commands/zset_query.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"

namespace nuthatch::commands {
namespace {

using values::Hashed;
using values::RankRange;
using Outcome = SortedSetKey::Outcome;

// Calls visit(member, i) for the members at args[first], args[first + step], ..., which are looked
// up a batch at a time, until it returns false.
template <typename Visit>
void ForEachMember(const SortedSetKey& set, std::span<const std::string_view> args, size_t first,
                   size_t step, const Visit& visit) {
  std::array<Hashed, kPrefetchBatch> batch;
  size_t done = 0;
  for (size_t at = first; at < args.size();) {
    size_t count = 0;
    for (; count < batch.size() && at < args.size(); at += step) batch[count++] = Hashed(args[at]);
    if (count > 1) set.Prefetch({batch.data(), count});
    for (size_t i = 0; i < count; ++i) {
      if (!visit(batch[i], done++)) return;
    }
  }
}

// --- ZADD and ZINCRBY ---

struct AddOptions {
  SortedSetKey::AddRule rule;
  bool count_updates = false;  // CH
  size_t first = 2;            // argument: the first score
};

AddOptions ReadAddOptions(const CommandContext& context) {
  AddOptions options;
  for (; options.first < context.argc(); ++options.first) {
    std::string_view word = context.arg(options.first);
    if (IsWord(word, "nx")) {
      options.rule.only_new = true;
    } else if (IsWord(word, "xx")) {
      options.rule.only_existing = true;
    } else if (IsWord(word, "ch")) {
      options.count_updates = true;
    } else if (IsWord(word, "incr")) {
      options.rule.increment = true;
    } else if (IsWord(word, "gt")) {
      options.rule.only_greater = true;
    } else if (IsWord(word, "lt")) {
      options.rule.only_less = true;
    } else {
      break;
    }
  }
  return options;
}

// What is wrong with the options; none if nothing is.
std::string_view WrongAddOptions(const CommandContext& context, const AddOptions& options) {
  size_t words = context.argc() - options.first;
  const SortedSetKey::AddRule& rule = options.rule;
  if (words == 0 || words % 2 != 0) return errors::kSyntax;
  if (rule.only_new && rule.only_existing) return errors::kAddNxWithXx;
  if ((rule.only_greater && rule.only_new) || (rule.only_less && rule.only_new) ||
      (rule.only_greater && rule.only_less)) {
    return errors::kAddGtLtNx;
  }
  if (rule.increment && words > 2) return errors::kAddIncrPairs;
  return {};
}

// The scores of a call, which all are read before anything changes. Room for many is asked for only
// where there are many.
class Scores {
 public:
  bool ReadOrReply(CommandContext& context, size_t first) {
    size_t count = (context.argc() - first) / 2;
    if (count > few_.size()) many_.resize(count);
    double* out = count > few_.size() ? many_.data() : few_.data();
    for (size_t i = 0; i < count; ++i) {
      std::optional<double> score = base::ParseDouble(context.arg(first + 2 * i));
      if (!score.has_value()) {
        context.reply().Error(errors::kNotAFloat);
        return false;
      }
      out[i] = *score;
    }
    return true;
  }
  double operator[](size_t i) const { return many_.empty() ? few_[i] : many_[i]; }

 private:
  std::array<double, 16> few_;
  std::vector<double> many_;
};

void AddWith(CommandContext& context, const AddOptions& options) {
  std::string_view wrong = WrongAddOptions(context, options);
  if (!wrong.empty()) return context.reply().Error(wrong);
  Scores scores;
  if (!scores.ReadOrReply(context, options.first)) return;
  SortedSetKey set(context, context.key(0));
  if (!set.IsSortedSetOrReply()) return;
  size_t added = 0;
  size_t updated = 0;
  SortedSetKey::Added last{};
  ForEachMember(set, context.args(), options.first + 1, 2, [&](const Hashed& member, size_t i) {
    last = set.Add(member, scores[i], options.rule);
    if (last.outcome == Outcome::kAdded) ++added;
    if (last.outcome == Outcome::kUpdated) ++updated;
    return true;
  });
  CountChanges(context, added + updated);
  if (!options.rule.increment) {
    return context.reply().Integer(
        static_cast<int64_t>(options.count_updates ? added + updated : added));
  }
  if (last.outcome == Outcome::kNotANumber) return context.reply().Error(errors::kScoreNotANumber);
  if (last.outcome == Outcome::kLeftOut) return context.reply().Null();
  context.reply().Double(last.score);
}

void ZAdd(CommandContext& context) { AddWith(context, ReadAddOptions(context)); }

// Options are read here, too, as Redis does: of its three arguments they leave too few.
void ZIncrBy(CommandContext& context) {
  AddOptions options = ReadAddOptions(context);
  options.rule.increment = true;
  AddWith(context, options);
}

// --- Removing ---

void ZRem(CommandContext& context) {
  SortedSetKey set(context, context.key(0));
  if (!set.IsSortedSetOrReply()) return;
  size_t removed = 0;
  if (set) {
    ForEachMember(set, context.args(), 2, 1, [&](const Hashed& member, size_t) {
      if (set.Remove(member)) ++removed;
      return static_cast<bool>(set);
    });
  }
  CountChanges(context, removed);
  context.reply().Integer(static_cast<int64_t>(removed));
}

// Removes the members of the ranks that `choose(view)` says.
template <typename Choose>
void RemoveRange(CommandContext& context, const Choose& choose) {
  SortedSetKey set(context, context.key(0));
  if (!set.IsSortedSetOrReply()) return;
  RankRange ranks = choose(set.view());
  set.RemoveRanks(ranks);
  CountChanges(context, ranks.size());
  context.reply().Integer(static_cast<int64_t>(ranks.size()));
}

void ZRemRangeByRank(CommandContext& context) {
  std::optional<int64_t> first = IntegerOrReply(context, context.arg(2));
  if (!first.has_value()) return;
  std::optional<int64_t> last = IntegerOrReply(context, context.arg(3));
  if (!last.has_value()) return;
  RemoveRange(context, [&](const values::SortedSetView& set) {
    return ResolveRanks(*first, *last, set.size());
  });
}

void ZRemRangeByScore(CommandContext& context) {
  auto range = ScoreRangeOrReply(context, context.arg(2), context.arg(3));
  if (!range.has_value()) return;
  RemoveRange(context, [&](const values::SortedSetView& set) { return set.Within(*range); });
}

void ZRemRangeByLex(CommandContext& context) {
  auto range = LexRangeOrReply(context, context.arg(2), context.arg(3));
  if (!range.has_value()) return;
  RemoveRange(context, [&](const values::SortedSetView& set) { return set.Within(*range); });
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kSortedSetChangeCommands[] = {
    {.name = "zadd",
     .arity = -4,
     .flags = kWrite | kDenyOom | kFast,
     .key_specs = kKeyRwUpdate,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .run = ZAdd,
     .summary = "Add one or more members to a sorted set, or update its score if it already exists",
     .complexity =
         "O(log(N)) for each item added, where N is the number of elements in the sorted set.",
     .since = "1.2.0",
     .group = "sorted-set",
     .history = kZAddHistory,
     .args = kZAddArgs},
    {.name = "zincrby",
     .arity = 4,
     .flags = kWrite | kDenyOom | kFast,
     .key_specs = kKeyRwAccessUpdate,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .run = ZIncrBy,
     .summary = "Increment the score of a member in a sorted set",
     .complexity = "O(log(N)) where N is the number of elements in the sorted set.",
     .since = "1.2.0",
     .group = "sorted-set",
     .args = kZIncrByArgs},
    {.name = "zrem",
     .arity = -3,
     .flags = kWrite | kFast,
     .key_specs = kZRemKey,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .run = ZRem,
     .summary = "Remove one or more members from a sorted set",
     .complexity = "O(M*log(N)) with N being the number of elements in the sorted set and M the "
                   "number of elements to be removed.",
     .since = "1.2.0",
     .group = "sorted-set",
     .history = kZRemHistory,
     .args = kZMScoreArgs},
    {.name = "zremrangebylex",
     .arity = 4,
     .flags = kWrite,
     .key_specs = kZRemKey,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .run = ZRemRangeByLex,
     .summary = "Remove all members in a sorted set between the given lexicographical range",
     .complexity = "O(log(N)+M) with N being the number of elements in the sorted set and M the "
                   "number of elements removed by the operation.",
     .since = "2.8.9",
     .group = "sorted-set",
     .args = kZLexCountArgs},
    {.name = "zremrangebyrank",
     .arity = 4,
     .flags = kWrite,
     .key_specs = kZRemKey,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .run = ZRemRangeByRank,
     .summary = "Remove all members in a sorted set within the given indexes",
     .complexity = "O(log(N)+M) with N being the number of elements in the sorted set and M the "
                   "number of elements removed by the operation.",
     .since = "2.0.0",
     .group = "sorted-set",
     .args = kZRemRangeByRankArgs},
    {.name = "zremrangebyscore",
     .arity = 4,
     .flags = kWrite,
     .key_specs = kZRemKey,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .run = ZRemRangeByScore,
     .summary = "Remove all members in a sorted set within the given scores",
     .complexity = "O(log(N)+M) with N being the number of elements in the sorted set and M the "
                   "number of elements removed by the operation.",
     .since = "1.2.0",
     .group = "sorted-set",
     .args = kZCountArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> SortedSetChangeCommands() { return kSortedSetChangeCommands; }

}  // namespace nuthatch::commands
