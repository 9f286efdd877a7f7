// Commands that read a sorted set: sizes, scores, ranks, random members, scans.
#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "server/base/numbers.h"
#include "server/commands/args.h"
#include "server/commands/element_scan.h"
#include "server/commands/errors.h"
#include "server/commands/group_parts.h"
#include "server/commands/key_specs.h"
#include "server/commands/lookup.h"
#include "server/commands/thread_random.h"
#include "server/commands/zset_access.h"
#include "server/commands/zset_docs.h"
#include "server/commands/zset_query.h"
#include "server/commands/zset_reply.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"

namespace nuthatch::commands {
namespace {

using values::Hashed;

void ZCard(CommandContext& context) {
  auto set = ReadSortedSetOrReply(context, context.key(0));
  if (set.has_value()) context.reply().Integer(static_cast<int64_t>(set->size()));
}

void ReplyScore(CommandContext& context, std::optional<double> score) {
  score.has_value() ? context.reply().Double(*score) : context.reply().Null();
}

void ZScore(CommandContext& context) {
  auto set = ReadSortedSetOrReply(context, context.key(0));
  if (set.has_value()) ReplyScore(context, set->Score(context.arg(2)));
}

void ZMScore(CommandContext& context) {
  auto set = ReadSortedSetOrReply(context, context.key(0));
  if (!set.has_value()) return;
  std::span<const std::string_view> members = context.args().subspan(2);
  context.reply().Array(members.size());
  std::array<Hashed, kPrefetchBatch> batch;
  while (!members.empty()) {
    size_t count = std::min(members.size(), batch.size());
    for (size_t i = 0; i < count; ++i) batch[i] = Hashed(members[i]);
    set->Prefetch({batch.data(), count});
    for (size_t i = 0; i < count; ++i) ReplyScore(context, set->Score(batch[i]));
    members = members.subspan(count);
  }
}

void ReplyRank(CommandContext& context, bool reversed) {
  auto set = ReadSortedSetOrReply(context, context.key(0));
  if (!set.has_value()) return;
  std::optional<size_t> rank = set->Rank(context.arg(2), reversed);
  if (!rank.has_value()) return context.reply().Null();
  context.reply().Integer(static_cast<int64_t>(*rank));
}

void ZRank(CommandContext& context) { ReplyRank(context, false); }
void ZRevRank(CommandContext& context) { ReplyRank(context, true); }

template <typename Range>
void CountWithin(CommandContext& context, const std::optional<Range>& range) {
  if (!range.has_value()) return;
  auto set = ReadSortedSetOrReply(context, context.key(0));
  if (!set.has_value()) return;
  context.reply().Integer(static_cast<int64_t>(set->Within(*range).size()));
}

void ZCount(CommandContext& context) {
  CountWithin(context, ScoreRangeOrReply(context, context.arg(2), context.arg(3)));
}

void ZLexCount(CommandContext& context) {
  CountWithin(context, LexRangeOrReply(context, context.arg(2), context.arg(3)));
}

// --- ZRANDMEMBER ---

// No more than these are replied where a member may come several times: they take a gigabyte.
constexpr int64_t kMostPicks = int64_t{1} << 27;

void RandomMembers(CommandContext& context, int64_t wanted, bool with_scores) {
  auto set = ReadSortedSetOrReply(context, context.key(0));
  if (!set.has_value()) return;
  if (!*set || wanted == 0) return context.reply().Raw(resp::kEmptyArrayReply);
  ScoreForm form = ScoreFormOf(context, with_scores);
  if (wanted < -kMostPicks) return context.reply().Error(errors::kOutOfRange);
  if (wanted < 0) {
    auto count = static_cast<size_t>(-wanted);
    return set->Choose(count, ThreadRandom(), MembersReply(context, count, form));
  }
  auto count = static_cast<size_t>(wanted);
  size_t size = set->size();
  // All of them: from the highest to the lowest.
  if (count >= size) return set->ForEach(set->All(), true, MembersReply(context, size, form));
  set->Sample(count, ThreadRandom(), MembersReply(context, count, form));
}

void ZRandMember(CommandContext& context) {
  if (context.argc() == 2) {
    auto set = ReadSortedSetOrReply(context, context.key(0));
    if (!set.has_value()) return;
    if (!*set) return context.reply().Null();
    return set->Choose(1, ThreadRandom(), [&](std::string_view member, double /*score*/) {
      context.reply().Bulk(member);
    });
  }
  std::optional<int64_t> count = IntegerOrReply(context, context.arg(2));
  if (!count.has_value()) return;
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  if (*count < -kMost) return context.reply().Error(errors::kOutOfLongRange);
  bool with_scores = context.argc() == 4;
  if (context.argc() > 4 || (with_scores && !IsWord(context.arg(3), "withscores"))) {
    return context.reply().Error(errors::kSyntax);
  }
  if (with_scores && (*count < -kMost / 2 || *count > kMost / 2)) {
    return context.reply().Error(errors::kOutOfRange);
  }
  RandomMembers(context, *count, with_scores);
}

// --- ZSCAN ---

// A small set comes whole, its scores in the form in which it keeps them.
void ScanSmall(const values::Listpack& pack, const ElementScanOptions& options, ElementPage& page) {
  values::NumberText number;
  for (size_t at = pack.First(); at != pack.End();) {
    std::string_view member = pack.Read(&at).Text(number);
    bool wanted = options.Matches(member);
    if (wanted) page.Add(member);
    values::Element score = pack.Read(&at);
    if (wanted) page.Add(score.Text(number));
  }
}

// Visits about `options.count` members, and no more than ten times as many buckets.
uint64_t ScanLarge(const values::SortedSet& set, uint64_t cursor, const ElementScanOptions& options,
                   ElementPage& page) {
  constexpr uint64_t kBucketsForOne = 10;
  uint64_t buckets =
      options.count > UINT64_MAX / kBucketsForOne ? UINT64_MAX : options.count * kBucketsForOne;
  size_t visited = 0;
  char text[base::kMaxDoubleChars];
  do {
    cursor = set.Scan(cursor, [&](const values::SortedSet::Element& element) {
      ++visited;
      if (!options.Matches(element.member())) return;
      page.Add(element.member());
      page.Add({text, base::FormatDouble(element.score(), text)});
    });
  } while (cursor != 0 && visited < options.count && --buckets > 0);
  return cursor;
}

void ZScan(CommandContext& context) {
  std::optional<uint64_t> cursor = ScanCursorOrReply(context);
  if (!cursor.has_value()) return;
  auto set = ReadSortedSetOrReply(context, context.key(0));
  if (!set.has_value()) return;
  ElementPage page(context);
  if (!*set) return page.Reply(0);
  std::optional<ElementScanOptions> options = ScanOptionsOrReply(context);
  if (!options.has_value()) return;
  if (set->large() != nullptr) {
    return page.Reply(ScanLarge(*set->large(), *cursor, *options, page));
  }
  ScanSmall(set->small()->pack(), *options, page);
  page.Reply(0);
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kSortedSetReadCommands[] = {
    {.name = "zcard",
     .arity = 2,
     .flags = kReadonly | kFast,
     .key_specs = kKeyRo,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .run = ZCard,
     .summary = "Get the number of members in a sorted set",
     .complexity = "O(1)",
     .since = "1.2.0",
     .group = "sorted-set",
     .args = kKeyArgs},
    {.name = "zcount",
     .arity = 4,
     .flags = kReadonly | kFast,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .run = ZCount,
     .summary = "Count the members in a sorted set with scores within the given values",
     .complexity = "O(log(N)) with N being the number of elements in the sorted set.",
     .since = "2.0.0",
     .group = "sorted-set",
     .args = kZCountArgs},
    {.name = "zlexcount",
     .arity = 4,
     .flags = kReadonly | kFast,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .run = ZLexCount,
     .summary = "Count the number of members in a sorted set between a given lexicographical range",
     .complexity = "O(log(N)) with N being the number of elements in the sorted set.",
     .since = "2.8.9",
     .group = "sorted-set",
     .args = kZLexCountArgs},
    {.name = "zmscore",
     .arity = -3,
     .flags = kReadonly | kFast,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .run = ZMScore,
     .summary = "Get the score associated with the given members in a sorted set",
     .complexity = "O(N) where N is the number of members being requested.",
     .since = "6.2.0",
     .group = "sorted-set",
     .args = kZMScoreArgs},
    {.name = "zrandmember",
     .arity = -2,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .run = ZRandMember,
     .summary = "Get one or multiple random elements from a sorted set",
     .complexity = "O(N) where N is the number of elements returned",
     .since = "6.2.0",
     .group = "sorted-set",
     .tips = kZRandMemberTips,
     .args = kZRandMemberArgs},
    {.name = "zrank",
     .arity = 3,
     .flags = kReadonly | kFast,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .run = ZRank,
     .summary = "Determine the index of a member in a sorted set",
     .complexity = "O(log(N))",
     .since = "2.0.0",
     .group = "sorted-set",
     .args = kZRankArgs},
    {.name = "zrevrank",
     .arity = 3,
     .flags = kReadonly | kFast,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .run = ZRevRank,
     .summary =
         "Determine the index of a member in a sorted set, with scores ordered from high to low",
     .complexity = "O(log(N))",
     .since = "2.0.0",
     .group = "sorted-set",
     .args = kZRankArgs},
    {.name = "zscan",
     .arity = -3,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .run = ZScan,
     .summary = "Incrementally iterate sorted sets elements and associated scores",
     .complexity =
         "O(1) for every call. O(N) for a complete iteration, including enough command calls for "
         "the cursor to return back to 0. N is the number of elements inside the collection..",
     .since = "2.8.0",
     .group = "sorted-set",
     .tips = kZRandMemberTips,
     .args = kZScanArgs},
    {.name = "zscore",
     .arity = 3,
     .flags = kReadonly | kFast,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .run = ZScore,
     .summary = "Get the score associated with the given member in a sorted set",
     .complexity = "O(1)",
     .since = "1.2.0",
     .group = "sorted-set",
     .args = kZRankArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> SortedSetReadCommands() { return kSortedSetReadCommands; }

}  // namespace nuthatch::commands
