// Commands that add to lists, replace and drop: LINSERT, LPUSH and its kin, LREM, LSET, LTRIM.
#include <algorithm>
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

using values::Wanted;

// --- LPUSH, RPUSH, LPUSHX, RPUSHX ---

enum class IfMissing : uint8_t { kMake, kRefuse };

void Push(CommandContext& context, ListEnd end, IfMissing if_missing) {
  std::optional<ListKey> list = OpenListOrReply(context, context.key(0));
  if (!list.has_value()) return;
  if (!*list && if_missing == IfMissing::kRefuse) return context.reply().Raw(resp::kZeroReply);
  std::span<const std::string_view> elements = context.args().subspan(2);
  list->Push(end, elements);
  CountChanges(context, elements.size());
  context.reply().Integer(static_cast<int64_t>(list->size()));
}

void LPush(CommandContext& context) { Push(context, ListEnd::kLeft, IfMissing::kMake); }
void RPush(CommandContext& context) { Push(context, ListEnd::kRight, IfMissing::kMake); }
void LPushX(CommandContext& context) { Push(context, ListEnd::kLeft, IfMissing::kRefuse); }
void RPushX(CommandContext& context) { Push(context, ListEnd::kRight, IfMissing::kRefuse); }

// --- LINSERT, LSET ---

void LInsert(CommandContext& context) {
  const bool after = IsWord(context.arg(2), "after");
  if (!after && !IsWord(context.arg(2), "before")) return context.reply().Error(errors::kSyntax);
  std::optional<ListKey> list = OpenListOrReply(context, context.key(0));
  if (!list.has_value()) return;
  if (!*list) return context.reply().Raw(resp::kZeroReply);
  Wanted pivot(context.arg(3));
  ListView view = list->view();
  uint64_t looked = 0;
  for (ListView::Cursor at = view.Edge(ListEnd::kLeft); at;
       view.Advance(&at, ListDirection::kForward)) {
    if (pivot.Matches(view.At(at))) {
      list->Insert(at, after, context.arg(4));
      CountChanges(context);
      return context.reply().Integer(static_cast<int64_t>(list->size()));
    }
    BreatheNowAndThen(context, ++looked);
  }
  context.reply().Raw(resp::kMinusOneReply);
}

void LSet(CommandContext& context) {
  std::optional<ListKey> list = OpenListOrReply(context, context.key(0));
  if (!list.has_value()) return;
  if (!*list) return context.reply().Error(errors::kNoSuchKey);
  std::optional<int64_t> index = IntegerOrReply(context, context.arg(2));
  if (!index.has_value()) return;
  ListView::Cursor at = list->view().Seek(*index);
  if (!at) return context.reply().Error(errors::kIndexOutOfRange);
  list->Replace(at, context.arg(3));
  CountChanges(context);
  context.reply().Raw(resp::kOkReply);
}

// --- LREM, LTRIM ---

void LRem(CommandContext& context) {
  std::optional<int64_t> count = IntegerOrReply(context, context.arg(2));
  if (!count.has_value()) return;
  std::optional<ListKey> list = OpenListOrReply(context, context.key(0));
  if (!list.has_value()) return;
  if (!*list) return context.reply().Raw(resp::kZeroReply);
  ListDirection direction = *count < 0 ? ListDirection::kBackward : ListDirection::kForward;
  // (No list has as many elements as the least number says.)
  uint64_t most = *count < 0 ? 0 - static_cast<uint64_t>(*count) : static_cast<uint64_t>(*count);
  if (most == 0) most = std::numeric_limits<uint64_t>::max();
  uint64_t erased = list->EraseEqual(context.arg(3), most, direction, [&] { context.Breathe(); });
  CountChanges(context, erased);
  context.reply().Integer(static_cast<int64_t>(erased));
}

void LTrim(CommandContext& context) {
  std::optional<int64_t> start = IntegerOrReply(context, context.arg(2));
  if (!start.has_value()) return;
  std::optional<int64_t> stop = IntegerOrReply(context, context.arg(3));
  if (!stop.has_value()) return;
  std::optional<ListKey> list = OpenListOrReply(context, context.key(0));
  if (!list.has_value()) return;
  if (*list) {
    // Whoever watches the key is told even if all elements stay.
    list->NoteChange();
    const uint64_t size = list->size();
    ListRange range = ResolveListRange(*start, *stop, size);
    if (range.count == 0) {
      list->EraseRange(0, size);
    } else {
      list->EraseRange(range.first + range.count, size);
      list->EraseRange(0, range.first);
    }
    CountChanges(context, size - range.count);
  }
  context.reply().Raw(resp::kOkReply);
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kListChangeCommands[] = {
    {.name = "linsert",
     .arity = 5,
     .flags = kWrite | kDenyOom,
     .key_specs = kKeyRwInsert,
     .acl_categories = kAclList,
     .where = Where::kByKeys,
     .run = LInsert,
     .summary = "Insert an element before or after another element in a list",
     .complexity =
         "O(N) where N is the number of elements to traverse before seeing the value pivot. This "
         "means that inserting somewhere on the left end on the list (head) can be considered O(1) "
         "and inserting somewhere on the right end (tail) is O(N).",
     .since = "2.2.0",
     .group = "list",
     .args = kLInsertArgs},
    {.name = "lpush",
     .arity = -3,
     .flags = kWrite | kDenyOom | kFast,
     .key_specs = kKeyRwInsert,
     .acl_categories = kAclList,
     .where = Where::kByKeys,
     .run = LPush,
     .summary = "Prepend one or multiple elements to a list",
     .complexity = "O(1) for each element added, so O(N) to add N elements when the command is "
                   "called with multiple arguments.",
     .since = "1.0.0",
     .group = "list",
     .history = kLPushHistory,
     .args = kLPushArgs},
    {.name = "lpushx",
     .arity = -3,
     .flags = kWrite | kDenyOom | kFast,
     .key_specs = kKeyRwInsert,
     .acl_categories = kAclList,
     .where = Where::kByKeys,
     .run = LPushX,
     .summary = "Prepend an element to a list, only if the list exists",
     .complexity = "O(1) for each element added, so O(N) to add N elements when the command is "
                   "called with multiple arguments.",
     .since = "2.2.0",
     .group = "list",
     .history = kLPushXHistory,
     .args = kLPushArgs},
    {.name = "lrem",
     .arity = 4,
     .flags = kWrite,
     .key_specs = kLRemKey,
     .acl_categories = kAclList,
     .where = Where::kByKeys,
     .run = LRem,
     .summary = "Remove elements from a list",
     .complexity =
         "O(N+M) where N is the length of the list and M is the number of elements removed.",
     .since = "1.0.0",
     .group = "list",
     .args = kLRemArgs},
    {.name = "lset",
     .arity = 4,
     .flags = kWrite | kDenyOom,
     .key_specs = kKeyRwUpdate,
     .acl_categories = kAclList,
     .where = Where::kByKeys,
     .run = LSet,
     .summary = "Set the value of an element in a list by its index",
     .complexity = "O(N) where N is the length of the list. Setting either the first or the last "
                   "element of the list is O(1).",
     .since = "1.0.0",
     .group = "list",
     .args = kLSetArgs},
    {.name = "ltrim",
     .arity = 4,
     .flags = kWrite,
     .key_specs = kLRemKey,
     .acl_categories = kAclList,
     .where = Where::kByKeys,
     .run = LTrim,
     .summary = "Trim a list to the specified range",
     .complexity = "O(N) where N is the number of elements to be removed by the operation.",
     .since = "1.0.0",
     .group = "list",
     .args = kLRangeArgs},
    {.name = "rpush",
     .arity = -3,
     .flags = kWrite | kDenyOom | kFast,
     .key_specs = kKeyRwInsert,
     .acl_categories = kAclList,
     .where = Where::kByKeys,
     .run = RPush,
     .summary = "Append one or multiple elements to a list",
     .complexity = "O(1) for each element added, so O(N) to add N elements when the command is "
                   "called with multiple arguments.",
     .since = "1.0.0",
     .group = "list",
     .history = kLPushHistory,
     .args = kLPushArgs},
    {.name = "rpushx",
     .arity = -3,
     .flags = kWrite | kDenyOom | kFast,
     .key_specs = kKeyRwInsert,
     .acl_categories = kAclList,
     .where = Where::kByKeys,
     .run = RPushX,
     .summary = "Append an element to a list, only if the list exists",
     .complexity = "O(1) for each element added, so O(N) to add N elements when the command is "
                   "called with multiple arguments.",
     .since = "2.2.0",
     .group = "list",
     .history = kLPushXHistory,
     .args = kLPushArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> ListChangeCommands() { return kListChangeCommands; }

}  // namespace nuthatch::commands
