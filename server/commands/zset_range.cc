// ZRANGE and its kin: ranges of a sorted set by rank, score or member, replied or stored.
#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "server/commands/args.h"
#include "server/commands/errors.h"
#include "server/commands/group_parts.h"
#include "server/commands/key_specs.h"
#include "server/commands/zset_access.h"
#include "server/commands/zset_docs.h"
#include "server/commands/zset_query.h"
#include "server/commands/zset_reply.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"

namespace nuthatch::commands {
namespace {

using values::RankRange;
using values::SortedSetView;

enum class By : uint8_t { kRank, kScore, kLex };

// What a command of this family fixes by its name, and what it leaves to its options.
struct Form {
  std::optional<By> by = std::nullopt;
  std::optional<bool> reversed = std::nullopt;
  bool store = false;  // under a key that comes first
};

struct Query {
  By by = By::kRank;
  bool reversed = false;
  bool with_scores = false;
  int64_t offset = 0;
  int64_t limit = -1;
  int64_t first = 0;  // ranks
  int64_t last = 0;
  values::ScoreRange scores;
  values::LexRange lex;
};

// The options behind `first`; false after an error reply.
bool ReadOptionsOrReply(CommandContext& context, size_t first, Form form, Query& query) {
  for (size_t i = first; i < context.argc(); ++i) {
    std::string_view word = context.arg(i);
    if (!form.store && IsWord(word, "withscores")) {
      query.with_scores = true;
    } else if (IsWord(word, "limit") && i + 2 < context.argc()) {
      std::optional<int64_t> offset = IntegerOrReply(context, context.arg(i + 1));
      if (!offset.has_value()) return false;
      std::optional<int64_t> limit = IntegerOrReply(context, context.arg(i + 2));
      if (!limit.has_value()) return false;
      query.offset = *offset;
      query.limit = *limit;
      i += 2;
    } else if (!form.reversed.has_value() && IsWord(word, "rev")) {
      form.reversed = true;
    } else if (!form.by.has_value() && IsWord(word, "bylex")) {
      form.by = By::kLex;
    } else if (!form.by.has_value() && IsWord(word, "byscore")) {
      form.by = By::kScore;
    } else {
      context.reply().Error(errors::kSyntax);
      return false;
    }
  }
  query.by = form.by.value_or(By::kRank);
  query.reversed = form.reversed.value_or(false);
  if (query.limit != -1 && query.by == By::kRank) {
    context.reply().Error(errors::kLimitOfRanks);
    return false;
  }
  if (query.with_scores && query.by == By::kLex) {
    context.reply().Error(errors::kScoresOfLex);
    return false;
  }
  return true;
}

// The bounds at `at` and behind it: the upper one first where scores or members come in reverse.
bool ReadBoundsOrReply(CommandContext& context, size_t at, Query& query) {
  std::string_view min = context.arg(at);
  std::string_view max = context.arg(at + 1);
  if (query.by == By::kRank) {
    std::optional<int64_t> first = IntegerOrReply(context, min);
    if (!first.has_value()) return false;
    std::optional<int64_t> last = IntegerOrReply(context, max);
    if (!last.has_value()) return false;
    query.first = *first;
    query.last = *last;
    return true;
  }
  if (query.reversed) std::swap(min, max);
  if (query.by == By::kScore) {
    auto range = ScoreRangeOrReply(context, min, max);
    if (range.has_value()) query.scores = *range;
    return range.has_value();
  }
  auto range = LexRangeOrReply(context, min, max);
  if (range.has_value()) query.lex = *range;
  return range.has_value();
}

// Without the `skip` ranks that come first.
RankRange Skip(RankRange ranks, bool reversed, size_t skip) {
  skip = std::min(skip, ranks.size());
  return reversed ? RankRange{ranks.begin, ranks.end - skip}
                  : RankRange{ranks.begin + skip, ranks.end};
}

// At most the `count` ranks that come first.
RankRange Limit(RankRange ranks, bool reversed, int64_t count) {
  if (count < 0 || static_cast<size_t>(count) >= ranks.size()) return ranks;
  auto kept = static_cast<size_t>(count);
  return reversed ? RankRange{ranks.end - kept, ranks.end}
                  : RankRange{ranks.begin, ranks.begin + kept};
}

RankRange Select(const SortedSetView& set, const Query& query) {
  size_t size = set.size();
  if (query.by == By::kRank) {
    RankRange ranks = ResolveRanks(query.first, query.last, size);
    if (!query.reversed || ranks.size() == 0) return ranks;
    return {size - ranks.end, size - ranks.begin};
  }
  // A negative offset is beyond the end.
  auto skip = static_cast<size_t>(query.offset);
  if (query.offset < 0 || (skip > 0 && skip >= size)) return {};
  RankRange ranks = query.by == By::kScore ? Skip(set.Within(query.scores), query.reversed, skip)
                                           : set.Within(query.lex, query.reversed, skip);
  return Limit(ranks, query.reversed, query.limit);
}

// The members of some ranks as a set of their own. Redis adds them one by one to a listpack, unless
// it knows beforehand that there are too many; it makes that a skip list when it has to. So a score
// of -0 becomes 0, which is what a listpack makes of it, as long as what came so far is small.
std::unique_ptr<values::SortedSet> Copy(const config::Config& config, const SortedSetView& set,
                                        const Query& query, RankRange ranks) {
  values::SortedSetBuilder builder;
  bool small = query.by != By::kRank || ranks.size() <= config.zset_max_listpack_entries;
  set.ForEach(ranks, query.reversed, [&](std::string_view member, double score) {
    small = small && builder.size() < config.zset_max_listpack_entries &&
            member.size() <= config.zset_max_listpack_value;
    builder.Add(member, small && score == 0 ? 0 : score);
  });
  return builder.Finish();
}

void Range(CommandContext& context, Form form) {
  size_t source = form.store ? 2 : 1;  // argument
  Query query;
  if (!ReadOptionsOrReply(context, source + 3, form, query)) return;
  if (!ReadBoundsOrReply(context, source + 1, query)) return;
  auto set = ReadSortedSetOrReply(context, context.key(source - 1));
  if (!set.has_value()) return;
  RankRange ranks = Select(*set, query);
  if (!form.store) {
    MembersReply reply(context, ranks.size(), ScoreFormOf(context, query.with_scores));
    return set->ForEach(ranks, query.reversed, reply);
  }
  std::unique_ptr<values::SortedSet> copy = Copy(context.config(), *set, query, ranks);
  size_t stored = StoreSortedSet(context, context.key(0), std::move(copy));
  context.reply().Integer(static_cast<int64_t>(stored));
}

void ZRange(CommandContext& context) { Range(context, {}); }
void ZRangeStore(CommandContext& context) { Range(context, {.store = true}); }
void ZRevRange(CommandContext& context) { Range(context, {.by = By::kRank, .reversed = true}); }
void ZRangeByScore(CommandContext& context) {
  Range(context, {.by = By::kScore, .reversed = false});
}
void ZRevRangeByScore(CommandContext& context) {
  Range(context, {.by = By::kScore, .reversed = true});
}
void ZRangeByLex(CommandContext& context) { Range(context, {.by = By::kLex, .reversed = false}); }
void ZRevRangeByLex(CommandContext& context) { Range(context, {.by = By::kLex, .reversed = true}); }

using namespace runtime;  // the words of the rows

constexpr CommandSpec kSortedSetRangeCommands[] = {
    {.name = "zrange",
     .arity = -4,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .run = ZRange,
     .summary = "Return a range of members in a sorted set",
     .complexity = "O(log(N)+M) with N being the number of elements in the sorted set and M the "
                   "number of elements returned.",
     .since = "1.2.0",
     .group = "sorted-set",
     .history = kZRangeHistory,
     .args = kZRangeArgs},
    {.name = "zrangebylex",
     .arity = -4,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .run = ZRangeByLex,
     .summary = "Return a range of members in a sorted set, by lexicographical range",
     .complexity = "O(log(N)+M) with N being the number of elements in the sorted set and M the "
                   "number of elements being returned. If M is constant (e.g. always asking for "
                   "the first 10 elements with LIMIT), you can consider it O(log(N)).",
     .since = "2.8.9",
     .group = "sorted-set",
     .doc_flags = "deprecated",
     .deprecated_since = "6.2.0",
     .replaced_by = "`ZRANGE` with the `BYLEX` argument",
     .args = kZRangeByLexArgs},
    {.name = "zrangebyscore",
     .arity = -4,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .run = ZRangeByScore,
     .summary = "Return a range of members in a sorted set, by score",
     .complexity = "O(log(N)+M) with N being the number of elements in the sorted set and M the "
                   "number of elements being returned. If M is constant (e.g. always asking for "
                   "the first 10 elements with LIMIT), you can consider it O(log(N)).",
     .since = "1.0.5",
     .group = "sorted-set",
     .doc_flags = "deprecated",
     .deprecated_since = "6.2.0",
     .replaced_by = "`ZRANGE` with the `BYSCORE` argument",
     .history = kZRangeByScoreHistory,
     .args = kZRangeByScoreArgs},
    {.name = "zrangestore",
     .arity = -5,
     .flags = kWrite | kDenyOom,
     .key_specs = kZRangeStoreKeys,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = ZRangeStore,
     .summary = "Store a range of members from sorted set into another key",
     .complexity = "O(log(N)+M) with N being the number of elements in the sorted set and M the "
                   "number of elements stored into the destination key.",
     .since = "6.2.0",
     .group = "sorted-set",
     .args = kZRangeStoreArgs},
    {.name = "zrevrange",
     .arity = -4,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .run = ZRevRange,
     .summary = "Return a range of members in a sorted set, by index, with scores ordered from "
                "high to low",
     .complexity = "O(log(N)+M) with N being the number of elements in the sorted set and M the "
                   "number of elements returned.",
     .since = "1.2.0",
     .group = "sorted-set",
     .doc_flags = "deprecated",
     .deprecated_since = "6.2.0",
     .replaced_by = "`ZRANGE` with the `REV` argument",
     .args = kZRevRangeArgs},
    {.name = "zrevrangebylex",
     .arity = -4,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .run = ZRevRangeByLex,
     .summary = "Return a range of members in a sorted set, by lexicographical range, ordered from "
                "higher to lower strings.",
     .complexity = "O(log(N)+M) with N being the number of elements in the sorted set and M the "
                   "number of elements being returned. If M is constant (e.g. always asking for "
                   "the first 10 elements with LIMIT), you can consider it O(log(N)).",
     .since = "2.8.9",
     .group = "sorted-set",
     .doc_flags = "deprecated",
     .deprecated_since = "6.2.0",
     .replaced_by = "`ZRANGE` with the `REV` and `BYLEX` arguments",
     .args = kZRevRangeByLexArgs},
    {.name = "zrevrangebyscore",
     .arity = -4,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .run = ZRevRangeByScore,
     .summary = "Return a range of members in a sorted set, by score, with scores ordered from "
                "high to low",
     .complexity = "O(log(N)+M) with N being the number of elements in the sorted set and M the "
                   "number of elements being returned. If M is constant (e.g. always asking for "
                   "the first 10 elements with LIMIT), you can consider it O(log(N)).",
     .since = "2.2.0",
     .group = "sorted-set",
     .doc_flags = "deprecated",
     .deprecated_since = "6.2.0",
     .replaced_by = "`ZRANGE` with the `REV` and `BYSCORE` arguments",
     .history = kZRevRangeByScoreHistory,
     .args = kZRevRangeByScoreArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> SortedSetRangeCommands() { return kSortedSetRangeCommands; }

}  // namespace nuthatch::commands
