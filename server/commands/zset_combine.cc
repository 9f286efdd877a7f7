// ZUNION, ZINTER, ZDIFF and their kin: combinations of sorted sets and sets.
//
// Operands are walked in batches, and others are asked for whole batches, so that large ones can
// ask memory for many members at once. Scores are added up in the order in which Redis 7.0 does:
// union and intersection take the operands from the smallest to the largest, equal ones in the
// order of the arguments.
#include <algorithm>
#include <bit>
#include <cmath>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "server/commands/args.h"
#include "server/commands/errors.h"
#include "server/commands/group_parts.h"
#include "server/commands/key_specs.h"
#include "server/commands/lookup.h"
#include "server/commands/zset_access.h"
#include "server/commands/zset_docs.h"
#include "server/commands/zset_operand.h"
#include "server/commands/zset_reply.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"

namespace nuthatch::commands {
namespace {

using values::Hashed;
using values::SortedSet;
using values::SortedSetBuilder;

enum class Operation : uint8_t { kUnion, kIntersection, kDifference };
enum class Aggregate : uint8_t { kSum, kMin, kMax };
// What becomes of the result.
enum class Result : uint8_t { kReply, kStore, kCount };

// After so many members that were walked, sockets are served.
constexpr size_t kMembersBetweenBreaths = 4096;

struct Input {
  ZSetOperand operand;
  size_t size = 0;
  double weight = 1;
};

struct Request {
  std::vector<Input> inputs;
  Aggregate aggregate = Aggregate::kSum;
  bool with_scores = false;
  size_t limit = 0;  // of a count; 0: none
};

// --- Reading the arguments ---

// Looks up the keys `first_key` and on; false after an error reply.
bool FindInputs(CommandContext& context, size_t first_key, Request& request) {
  std::span<const Key> keys = context.keys().subspan(first_key);
  for (const Key& key : keys) {
    EntryRef ref = FindForRead(context, key);
    if (ref && !ZSetOperand::IsOne(ref)) {
      context.reply().Error(errors::kWrongType);
      return false;
    }
  }
  // Once all have been looked up, none of them can expire any more at this time: looking again
  // changes nothing, and all views stay good.
  request.inputs.resize(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    EntryRef ref =
        context.keyspace_of(keys[i]).Find(context.db(), keys[i], context.now_ms(), Touch::kNone);
    if (!ref) continue;
    request.inputs[i].operand = ZSetOperand(ref);
    request.inputs[i].size = request.inputs[i].operand.size();
  }
  return true;
}

std::optional<Aggregate> AggregateNamed(std::string_view name) {
  if (IsWord(name, "sum")) return Aggregate::kSum;
  if (IsWord(name, "min")) return Aggregate::kMin;
  if (IsWord(name, "max")) return Aggregate::kMax;
  return std::nullopt;
}

// Reads the options behind the keys, from argument `at` on; false after an error reply.
bool ReadOptionsOrReply(CommandContext& context, size_t at, Operation operation, Result result,
                        Request& request) {
  bool combines = operation != Operation::kDifference && result != Result::kCount;
  while (at < context.argc()) {
    std::string_view word = context.arg(at++);
    size_t left = context.argc() - at;
    if (combines && left >= request.inputs.size() && IsWord(word, "weights")) {
      for (Input& input : request.inputs) {
        std::optional<double> weight = base::ParseDouble(context.arg(at++));
        if (!weight.has_value()) {
          context.reply().Error(errors::kWeightNotAFloat);
          return false;
        }
        input.weight = *weight;
      }
    } else if (combines && left >= 1 && IsWord(word, "aggregate")) {
      std::optional<Aggregate> aggregate = AggregateNamed(context.arg(at++));
      if (!aggregate.has_value()) {
        context.reply().Error(errors::kSyntax);
        return false;
      }
      request.aggregate = *aggregate;
    } else if (result == Result::kReply && IsWord(word, "withscores")) {
      request.with_scores = true;
    } else if (result == Result::kCount && left >= 1 && IsWord(word, "limit")) {
      auto limit = AtLeastOrReply(context, context.arg(at++), 0, errors::kNegativeLimit);
      if (!limit.has_value()) return false;
      request.limit = static_cast<size_t>(*limit);
    } else {
      context.reply().Error(errors::kSyntax);
      return false;
    }
  }
  return true;
}

// --- Combining ---

// An infinite sum of both signs counts as 0.
double Combine(Aggregate aggregate, double so_far, double more) {
  switch (aggregate) {
    case Aggregate::kSum: {
      double sum = so_far + more;
      return std::isnan(sum) ? 0 : sum;
    }
    case Aggregate::kMin:
      return more < so_far ? more : so_far;
    case Aggregate::kMax:
      return more > so_far ? more : so_far;
  }
  return so_far;
}

// The weighted score of a member that is met first: 0 for an infinite one without weight.
double FirstScore(double score, double weight) {
  double weighted = score * weight;
  return std::isnan(weighted) ? 0 : weighted;
}

// Lets a long walk breathe.
class Pace {
 public:
  explicit Pace(CommandContext& context) : context_(context) {}
  void Step(size_t members) {
    since_ += members;
    if (since_ < kMembersBetweenBreaths) return;
    since_ = 0;
    context_.Breathe();
  }

 private:
  CommandContext& context_;
  size_t since_ = 0;
};

void Prefetch(const SortedSetBuilder& builder, std::span<const Hashed> members) {
  for (const Hashed& member : members) builder.PrefetchBucket(member.hash);
  for (const Hashed& member : members) builder.PrefetchElement(member.hash);
}

std::unique_ptr<SortedSet> Unite(CommandContext& context, const Request& request) {
  SortedSetBuilder builder;
  Pace pace(context);
  for (const Input& input : request.inputs) {
    input.operand.ForEach([&](std::span<const Hashed> members, const double* scores) {
      Prefetch(builder, members);
      for (size_t i = 0; i < members.size(); ++i) {
        double score = FirstScore(scores[i], input.weight);
        builder.AddOrMerge(members[i].hash, members[i].bytes, score, [&](double so_far) {
          return Combine(request.aggregate, so_far, score);
        });
      }
      pace.Step(members.size());
      return true;
    });
  }
  return builder.Finish();
}

constexpr uint64_t AllOf(size_t members) {
  return members >= ZSetOperand::kMaxBatch ? ~uint64_t{0} : (uint64_t{1} << members) - 1;
}

// Walks the smallest input and asks the others. Calls visit(members, scores, inside) for batches;
// bit i of `inside` says whether members[i] is everywhere, with the combined score scores[i]. False
// ends the walk.
template <typename Visit>
void Intersect(CommandContext& context, const Request& request, const Visit& visit) {
  const Input& smallest = request.inputs.front();
  if (smallest.size == 0) return;
  Pace pace(context);
  double combined[ZSetOperand::kMaxBatch];
  double found[ZSetOperand::kMaxBatch];
  smallest.operand.ForEach([&](std::span<const Hashed> members, const double* scores) {
    for (size_t i = 0; i < members.size(); ++i) {
      combined[i] = FirstScore(scores[i], smallest.weight);
    }
    uint64_t inside = AllOf(members.size());
    for (size_t n = 1; n < request.inputs.size() && inside != 0; ++n) {
      inside &= request.inputs[n].operand.Find(members, found);
      for (uint64_t left = inside; left != 0; left &= left - 1) {
        auto i = static_cast<size_t>(std::countr_zero(left));
        combined[i] = Combine(request.aggregate, combined[i], found[i] * request.inputs[n].weight);
      }
    }
    pace.Step(members.size());
    return visit(members, combined, inside);
  });
}

void AddThose(uint64_t which, std::span<const Hashed> members, const double* scores,
              SortedSetBuilder& builder) {
  for (; which != 0; which &= which - 1) {
    auto i = static_cast<size_t>(std::countr_zero(which));
    builder.AddOrMerge(members[i].hash, members[i].bytes, scores[i],
                       [](double so_far) { return so_far; });
  }
}

std::unique_ptr<SortedSet> Intersection(CommandContext& context, const Request& request) {
  SortedSetBuilder builder;
  Intersect(context, request,
            [&](std::span<const Hashed> members, const double* scores, uint64_t inside) {
              AddThose(inside, members, scores, builder);
              return true;
            });
  return builder.Finish();
}

size_t CountIntersection(CommandContext& context, const Request& request) {
  size_t count = 0;
  Intersect(context, request, [&](std::span<const Hashed>, const double*, uint64_t inside) {
    count += static_cast<size_t>(std::popcount(inside));
    return request.limit == 0 || count < request.limit;
  });
  return request.limit == 0 ? count : std::min(count, request.limit);
}

// The first input's members that no other has. Each other one is asked for them, or, where those
// are many and small, all are united first.
std::unique_ptr<SortedSet> Difference(CommandContext& context, const Request& request) {
  const Input& first = request.inputs.front();
  std::span<const Input> others = std::span(request.inputs).subspan(1);
  SortedSetBuilder builder;
  SortedSetBuilder excluded;
  Pace pace(context);
  size_t others_size = 0;
  for (const Input& input : others) others_size += input.size;
  bool unite =
      others.size() > 1 && first.size > 0 && others_size < first.size * (others.size() - 1);
  for (size_t n = 0; unite && n < others.size(); ++n) {
    others[n].operand.ForEach([&](std::span<const Hashed> members, const double* scores) {
      Prefetch(excluded, members);
      AddThose(AllOf(members.size()), members, scores, excluded);
      pace.Step(members.size());
      return true;
    });
  }
  double found[ZSetOperand::kMaxBatch];
  first.operand.ForEach([&](std::span<const Hashed> members, const double* scores) {
    uint64_t left = AllOf(members.size());
    if (unite) {
      Prefetch(excluded, members);
      for (size_t i = 0; i < members.size(); ++i) {
        if (excluded.Contains(members[i].hash, members[i].bytes)) left &= ~(uint64_t{1} << i);
      }
    } else {
      for (size_t n = 0; n < others.size() && left != 0; ++n) {
        left &= ~others[n].operand.Find(members, found);
      }
    }
    AddThose(left, members, scores, builder);
    pace.Step(members.size());
    return true;
  });
  return builder.Finish();
}

// --- The commands ---

std::unique_ptr<SortedSet> Compute(CommandContext& context, Operation operation,
                                   const Request& request) {
  switch (operation) {
    case Operation::kUnion:
      return Unite(context, request);
    case Operation::kIntersection:
      return Intersection(context, request);
    case Operation::kDifference:
      break;
  }
  return Difference(context, request);
}

void Run(CommandContext& context, Operation operation, Result result) {
  size_t count_at = result == Result::kStore ? 2 : 1;
  std::optional<int64_t> count = IntegerOrReply(context, context.arg(count_at));
  if (!count.has_value()) return;
  if (*count < 1) return context.reply().Error(errors::NoInputKey(context.spec().name));
  if (*count > static_cast<int64_t>(context.argc() - count_at - 1)) {
    return context.reply().Error(errors::kSyntax);
  }
  Request request;
  if (!FindInputs(context, count_at - 1, request)) return;
  size_t options_at = count_at + 1 + static_cast<size_t>(*count);
  if (!ReadOptionsOrReply(context, options_at, operation, result, request)) return;
  if (operation != Operation::kDifference) {
    std::ranges::stable_sort(request.inputs, {}, &Input::size);
  }
  if (result == Result::kCount) {
    size_t members = CountIntersection(context, request);
    return context.reply().Integer(static_cast<int64_t>(members));
  }
  std::unique_ptr<SortedSet> set = Compute(context, operation, request);
  if (result == Result::kStore) {
    size_t stored = StoreSortedSet(context, context.key(0), std::move(set));
    return context.reply().Integer(static_cast<int64_t>(stored));
  }
  values::SortedSetView view(*set);
  view.ForEach(view.All(), false,
               MembersReply(context, set->size(), ScoreFormOf(context, request.with_scores)));
}

void ZDiff(CommandContext& context) { Run(context, Operation::kDifference, Result::kReply); }
void ZDiffStore(CommandContext& context) { Run(context, Operation::kDifference, Result::kStore); }
void ZInter(CommandContext& context) { Run(context, Operation::kIntersection, Result::kReply); }
void ZInterCard(CommandContext& context) { Run(context, Operation::kIntersection, Result::kCount); }
void ZInterStore(CommandContext& context) {
  Run(context, Operation::kIntersection, Result::kStore);
}
void ZUnion(CommandContext& context) { Run(context, Operation::kUnion, Result::kReply); }
void ZUnionStore(CommandContext& context) { Run(context, Operation::kUnion, Result::kStore); }

using namespace runtime;  // the words of the rows

constexpr CommandSpec kSortedSetCombineCommands[] = {
    {.name = "zdiff",
     .arity = -3,
     .flags = kReadonly | kMovableKeys,
     .key_specs = kZDiffKeys,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = ZDiff,
     .summary = "Subtract multiple sorted sets",
     .complexity = "O(L + (N-K)log(N)) worst case where L is the total number of elements in all "
                   "the sets, N is the size of the first set, and K is the size of the result set.",
     .since = "6.2.0",
     .group = "sorted-set",
     .args = kZDiffArgs},
    {.name = "zdiffstore",
     .arity = -4,
     .flags = kWrite | kDenyOom | kMovableKeys,
     .key_specs = kZDiffStoreKeys,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = ZDiffStore,
     .summary = "Subtract multiple sorted sets and store the resulting sorted set in a new key",
     .complexity = "O(L + (N-K)log(N)) worst case where L is the total number of elements in all "
                   "the sets, N is the size of the first set, and K is the size of the result set.",
     .since = "6.2.0",
     .group = "sorted-set",
     .args = kZDiffStoreArgs},
    {.name = "zinter",
     .arity = -3,
     .flags = kReadonly | kMovableKeys,
     .key_specs = kZDiffKeys,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = ZInter,
     .summary = "Intersect multiple sorted sets",
     .complexity = "O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K "
                   "being the number of input sorted sets and M being the number of elements in "
                   "the resulting sorted set.",
     .since = "6.2.0",
     .group = "sorted-set",
     .args = kZInterArgs},
    {.name = "zintercard",
     .arity = -3,
     .flags = kReadonly | kMovableKeys,
     .key_specs = kZDiffKeys,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = ZInterCard,
     .summary = "Intersect multiple sorted sets and return the cardinality of the result",
     .complexity = "O(N*K) worst case with N being the smallest input sorted set, K being the "
                   "number of input sorted sets.",
     .since = "7.0.0",
     .group = "sorted-set",
     .args = kZInterCardArgs},
    {.name = "zinterstore",
     .arity = -4,
     .flags = kWrite | kDenyOom | kMovableKeys,
     .key_specs = kZDiffStoreKeys,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = ZInterStore,
     .summary = "Intersect multiple sorted sets and store the resulting sorted set in a new key",
     .complexity = "O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K "
                   "being the number of input sorted sets and M being the number of elements in "
                   "the resulting sorted set.",
     .since = "2.0.0",
     .group = "sorted-set",
     .args = kZInterStoreArgs},
    {.name = "zunion",
     .arity = -3,
     .flags = kReadonly | kMovableKeys,
     .key_specs = kZDiffKeys,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = ZUnion,
     .summary = "Add multiple sorted sets",
     .complexity = "O(N)+O(M*log(M)) with N being the sum of the sizes of the input sorted sets, "
                   "and M being the number of elements in the resulting sorted set.",
     .since = "6.2.0",
     .group = "sorted-set",
     .args = kZInterArgs},
    {.name = "zunionstore",
     .arity = -4,
     .flags = kWrite | kDenyOom | kMovableKeys,
     .key_specs = kZDiffStoreKeys,
     .acl_categories = kAclSortedSet,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = ZUnionStore,
     .summary = "Add multiple sorted sets and store the resulting sorted set in a new key",
     .complexity = "O(N)+O(M log(M)) with N being the sum of the sizes of the input sorted sets, "
                   "and M being the number of elements in the resulting sorted set.",
     .since = "2.0.0",
     .group = "sorted-set",
     .args = kZInterStoreArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> SortedSetCombineCommands() {
  return kSortedSetCombineCommands;
}

}  // namespace nuthatch::commands
