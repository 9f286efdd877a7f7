// Commands that read lists: LINDEX, LLEN, LPOS, LRANGE.
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include "server/commands/args.h"
#include "server/commands/errors.h"
#include "server/commands/group_parts.h"
#include "server/commands/key_specs.h"
#include "server/commands/list_access.h"
#include "server/commands/list_docs.h"
#include "server/commands/list_range.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"
#include "server/runtime/command_spec.h"

namespace nuthatch::commands {
namespace {

using keyspace::Type;
using values::Element;
using values::NumberText;
using values::Wanted;

void LIndex(CommandContext& context) {
  EntryRef ref = FindForRead(context, context.key(0));
  if (!ref) return context.reply().Null();
  if (!IsTypeOrReply(context, ref, Type::kList)) return;
  std::optional<int64_t> index = IntegerOrReply(context, context.arg(2));
  if (!index.has_value()) return;
  ListView list(*ref);
  ListView::Cursor cursor = list.Seek(*index);
  if (!cursor) return context.reply().Null();
  NumberText number;
  context.reply().Bulk(list.At(cursor).Text(number));
}

void LLen(CommandContext& context) {
  EntryRef ref = FindForRead(context, context.key(0));
  if (!ref) return context.reply().Raw(resp::kZeroReply);
  if (!IsTypeOrReply(context, ref, Type::kList)) return;
  context.reply().Integer(static_cast<int64_t>(ListView(*ref).size()));
}

void LRange(CommandContext& context) {
  std::optional<int64_t> start = IntegerOrReply(context, context.arg(2));
  if (!start.has_value()) return;
  std::optional<int64_t> stop = IntegerOrReply(context, context.arg(3));
  if (!stop.has_value()) return;
  EntryRef ref = FindForRead(context, context.key(0));
  if (!ref) return context.reply().Raw(resp::kEmptyArrayReply);
  if (!IsTypeOrReply(context, ref, Type::kList)) return;
  ListView list(*ref);
  ListRange range = ResolveListRange(*start, *stop, list.size());
  context.reply().Array(range.count);
  if (range.count == 0) return;
  WriteElements(context, list, list.Seek(static_cast<int64_t>(range.first)),
                ListDirection::kForward, range.count, context.reply());
}

// --- LPOS ---

// The least integer has no counterpart above zero: for Redis it stays below it, and so no match is
// passed over, and an array has all of them.
constexpr uint64_t kNoRank = 0;

struct PosOptions {
  ListEnd from = ListEnd::kLeft;
  uint64_t rank = 1;                // of the first match that counts; kNoRank: see there
  std::optional<uint64_t> matches;  // how many are asked for; one, if not as an array
  uint64_t elements = std::numeric_limits<uint64_t>::max();  // so many are looked at
};

// Not negative; 0 means as many as there are.
std::optional<uint64_t> LimitOrReply(CommandContext& context, std::string_view text,
                                     std::string_view error) {
  std::optional<int64_t> value = base::ParseInt64(text);
  if (!value.has_value() || *value < 0) {
    context.reply().Error(error);
    return std::nullopt;
  }
  return *value == 0 ? std::numeric_limits<uint64_t>::max() : static_cast<uint64_t>(*value);
}

bool ReadRankOrReply(CommandContext& context, std::string_view text, PosOptions& options) {
  std::optional<int64_t> rank = IntegerOrReply(context, text);
  if (!rank.has_value()) return false;
  if (*rank == 0) {
    context.reply().Error(errors::kLPosRankZero);
    return false;
  }
  options.from = *rank > 0 ? ListEnd::kLeft : ListEnd::kRight;
  const bool least = *rank == std::numeric_limits<int64_t>::min();
  options.rank = least ? kNoRank : static_cast<uint64_t>(*rank > 0 ? *rank : -*rank);
  return true;
}

std::optional<PosOptions> ParsePosOptions(CommandContext& context) {
  PosOptions options;
  for (size_t i = 3; i < context.argc(); i += 2) {
    std::string_view option = context.arg(i);
    if (i + 1 == context.argc()) {
      context.reply().Error(errors::kSyntax);
      return std::nullopt;
    }
    std::string_view value = context.arg(i + 1);
    if (IsWord(option, "rank")) {
      if (!ReadRankOrReply(context, value, options)) return std::nullopt;
    } else if (IsWord(option, "count")) {
      options.matches = LimitOrReply(context, value, errors::kLPosCount);
      if (!options.matches.has_value()) return std::nullopt;
    } else if (IsWord(option, "maxlen")) {
      std::optional<uint64_t> elements = LimitOrReply(context, value, errors::kLPosMaxLen);
      if (!elements.has_value()) return std::nullopt;
      options.elements = *elements;
    } else {
      context.reply().Error(errors::kSyntax);
      return std::nullopt;
    }
  }
  if (options.rank == kNoRank && options.matches.has_value()) {
    options.matches = std::numeric_limits<uint64_t>::max();
  }
  return options;
}

void LPos(CommandContext& context) {
  std::optional<PosOptions> options = ParsePosOptions(context);
  if (!options.has_value()) return;
  resp::ReplyWriter& reply = context.reply();
  const bool as_array = options->matches.has_value();
  EntryRef ref = FindForRead(context, context.key(0));
  if (!ref) return as_array ? reply.Raw(resp::kEmptyArrayReply) : reply.Null();
  if (!IsTypeOrReply(context, ref, Type::kList)) return;
  ListView list(*ref);
  const uint64_t size = list.size();
  const uint64_t most = options->matches.value_or(1);
  const size_t mark = as_array ? reply.BeginDeferred() : 0;
  Wanted wanted(context.arg(2));
  uint64_t looked = 0;
  uint64_t passed = 0;
  uint64_t found = 0;
  list.Walk(list.Edge(options->from), DirectionFrom(options->from), [&](const Element& element) {
    if (wanted.Matches(element) && ++passed >= options->rank) {
      uint64_t index = options->from == ListEnd::kLeft ? looked : size - 1 - looked;
      reply.Integer(static_cast<int64_t>(index));
      ++found;
    }
    ++looked;
    BreatheNowAndThen(context, looked);
    return found < most && looked < options->elements;
  });
  if (as_array) return reply.EndDeferredArray(mark, found);
  if (found == 0) reply.Null();
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kListReadCommands[] = {
    {.name = "lindex",
     .arity = 3,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclList,
     .where = Where::kByKeys,
     .run = LIndex,
     .summary = "Get an element from a list by its index",
     .complexity = "O(N) where N is the number of elements to traverse to get to the element at "
                   "index. This makes asking for the first or the last element of the list O(1).",
     .since = "1.0.0",
     .group = "list",
     .args = kLIndexArgs},
    {.name = "llen",
     .arity = 2,
     .flags = kReadonly | kFast,
     .key_specs = kKeyRo,
     .acl_categories = kAclList,
     .where = Where::kByKeys,
     .run = LLen,
     .summary = "Get the length of a list",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = "list",
     .args = kKeyArgs},
    {.name = "lpos",
     .arity = -3,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclList,
     .where = Where::kByKeys,
     .run = LPos,
     .summary = "Return the index of matching elements on a list",
     .complexity = "O(N) where N is the number of elements in the list, for the average case. When "
                   "searching for elements near the head or the tail of the list, or when the "
                   "MAXLEN option is provided, the command may run in constant time.",
     .since = "6.0.6",
     .group = "list",
     .args = kLPosArgs},
    {.name = "lrange",
     .arity = 4,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclList,
     .where = Where::kByKeys,
     .run = LRange,
     .summary = "Get a range of elements from a list",
     .complexity = "O(S+N) where S is the distance of start offset from HEAD for small lists, from "
                   "nearest end (HEAD or TAIL) for large lists; and N is the number of elements in "
                   "the specified range.",
     .since = "1.0.0",
     .group = "list",
     .args = kLRangeArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> ListReadCommands() { return kListReadCommands; }

}  // namespace nuthatch::commands
