#include "server/commands/list_pop.h"

#include <algorithm>
#include <span>
#include <string>

#include "server/commands/args.h"
#include "server/commands/errors.h"
#include "server/commands/group_parts.h"
#include "server/commands/key_specs.h"
#include "server/commands/list_docs.h"
#include "server/commands/list_range.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"
#include "server/runtime/command_spec.h"

namespace nuthatch::commands {

using keyspace::Type;
using values::NumberText;

std::optional<ListEnd> ParseListEnd(std::string_view arg) {
  if (IsWord(arg, "left")) return ListEnd::kLeft;
  if (IsWord(arg, "right")) return ListEnd::kRight;
  return std::nullopt;
}

void PopOne(ListKey& list, ListEnd end, resp::ReplyWriter& reply) {
  NumberText number;
  ListView view = list.view();
  reply.Bulk(view.At(view.Edge(end)).Text(number));
  list.EraseEdge(end);
}

uint64_t PopSeveral(CommandContext& context, ListKey& list, ListEnd end, uint64_t count,
                    resp::ReplyWriter& reply) {
  ListView view = list.view();
  const uint64_t size = view.size();
  const uint64_t popped = std::min(count, size);
  reply.Array(popped);
  if (popped == 0) return 0;
  WriteElements(context, view, view.Edge(end), DirectionFrom(end), popped, reply);
  list.EraseRange(end == ListEnd::kLeft ? 0 : size - popped, popped);
  return popped;
}

uint64_t PopFromNamed(CommandContext& context, ListKey& list, ListEnd end, uint64_t count,
                      resp::ReplyWriter& reply) {
  reply.Array(2);
  reply.Bulk(list.key().name);
  return PopSeveral(context, list, end, count, reply);
}

uint64_t MoveElement(CommandContext& context, int db, const ListMove& move,
                     resp::ReplyWriter& reply) {
  const int64_t fill = context.config().list_max_listpack_size;
  const Touch touch = context.caller().no_touch ? Touch::kNone : Touch::kWrite;
  Keyspace& from_keys = context.keyspace_of(move.from);
  EntryRef ref = from_keys.Find(db, move.from, context.now_ms(), touch);
  if (!ref) {
    reply.Null();
    return 0;
  }
  if (ref->type() != Type::kList) {
    reply.Error(errors::kWrongType);
    return 0;
  }
  ListKey from(from_keys, db, move.from, ref, fill);
  ListView view = from.view();
  NumberText number;
  const std::string element(view.At(view.Edge(move.from_end)).Text(number));
  if (move.from.name == move.to.name) {
    from.Rotate(move.from_end, move.to_end);
    reply.Bulk(element);
    return 1;
  }
  // The lookup may end `ref`.
  Keyspace& to_keys = context.keyspace_of(move.to);
  EntryRef to_ref = to_keys.Find(db, move.to, context.now_ms(), touch);
  if (to_ref && to_ref->type() != Type::kList) {
    reply.Error(errors::kWrongType);
    return 0;
  }
  ListKey(to_keys, db, move.to, to_ref, fill).Push(move.to_end, element);
  ref = from_keys.Find(db, move.from, context.now_ms(), Touch::kNone);
  ListKey(from_keys, db, move.from, ref, fill).EraseEdge(move.from_end);
  reply.Bulk(element);
  return 1;
}

std::optional<ListPop> ListPopOrReply(CommandContext& context, size_t num_keys) {
  std::optional<int64_t> keys = AtLeastOrReply(context, context.arg(num_keys), 1, errors::kNumKeys);
  if (!keys.has_value()) return std::nullopt;
  auto syntax_error = [&] {
    context.reply().Error(errors::kSyntax);
    return std::nullopt;
  };
  // Behind the keys comes at least LEFT or RIGHT.
  if (*keys > static_cast<int64_t>(context.argc() - num_keys) - 2) return syntax_error();
  const size_t where = num_keys + 1 + static_cast<size_t>(*keys);
  std::optional<ListEnd> end = ParseListEnd(context.arg(where));
  if (!end.has_value()) return syntax_error();
  ListPop pop{.end = *end};
  if (where + 1 == context.argc()) return pop;
  if (where + 2 == context.argc() || !IsWord(context.arg(where + 1), "count")) {
    return syntax_error();
  }
  std::optional<int64_t> count =
      AtLeastOrReply(context, context.arg(where + 2), 1, errors::kCountNotPositive);
  if (!count.has_value()) return std::nullopt;
  if (where + 3 != context.argc()) return syntax_error();
  pop.count = static_cast<uint64_t>(*count);
  return pop;
}

namespace {

// --- LPOP, RPOP ---

void Pop(CommandContext& context, ListEnd end) {
  if (context.argc() > 3) {
    return context.reply().Error(errors::WrongArity(context.spec().name));
  }
  const bool counted = context.argc() == 3;
  std::optional<int64_t> count = 1;
  if (counted) {
    count = base::ParseInt64(context.arg(2));
    if (!count.has_value() || *count < 0) return context.reply().Error(errors::kNotPositive);
  }
  std::optional<ListKey> list = OpenListOrReply(context, context.key(0));
  if (!list.has_value()) return;
  if (!*list) return counted ? context.reply().NullArray() : context.reply().Null();
  if (counted) {
    CountChanges(context,
                 PopSeveral(context, *list, end, static_cast<uint64_t>(*count), context.reply()));
  } else {
    PopOne(*list, end, context.reply());
    CountChanges(context);
  }
}

void LPop(CommandContext& context) { Pop(context, ListEnd::kLeft); }
void RPop(CommandContext& context) { Pop(context, ListEnd::kRight); }

// --- LMPOP ---

void LMPop(CommandContext& context) {
  std::optional<ListPop> pop = ListPopOrReply(context, 1);
  if (!pop.has_value()) return;
  for (const Key& key : context.keys()) {
    std::optional<ListKey> list = OpenListOrReply(context, key);
    if (!list.has_value()) return;
    if (!*list) continue;
    CountChanges(context, PopFromNamed(context, *list, pop->end, pop->count, context.reply()));
    return;
  }
  context.reply().NullArray();
}

// --- LMOVE, RPOPLPUSH ---

void Move(CommandContext& context, ListEnd from_end, ListEnd to_end) {
  const ListMove move{
      .from = context.key(0), .from_end = from_end, .to = context.key(1), .to_end = to_end};
  CountChanges(context, MoveElement(context, context.db(), move, context.reply()));
}

void LMove(CommandContext& context) {
  std::optional<ListEnd> from_end = ParseListEnd(context.arg(3));
  std::optional<ListEnd> to_end = ParseListEnd(context.arg(4));
  if (!from_end.has_value() || !to_end.has_value()) {
    return context.reply().Error(errors::kSyntax);
  }
  Move(context, *from_end, *to_end);
}

void RPopLPush(CommandContext& context) { Move(context, ListEnd::kRight, ListEnd::kLeft); }

using namespace runtime;  // the words of the rows

constexpr CommandSpec kListPopCommands[] = {
    {.name = "lmove",
     .arity = 5,
     .flags = kWrite | kDenyOom,
     .key_specs = kLMoveKeys,
     .acl_categories = kAclList,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = LMove,
     .summary = "Pop an element from a list, push it to another list and return it",
     .complexity = "O(1)",
     .since = "6.2.0",
     .group = "list",
     .args = kLMoveArgs},
    {.name = "lmpop",
     .arity = -4,
     .flags = kWrite | kMovableKeys,
     .key_specs = kLMPopKeys,
     .acl_categories = kAclList,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = LMPop,
     .summary = "Pop elements from a list",
     .complexity =
         "O(N+M) where N is the number of provided keys and M is the number of elements returned.",
     .since = "7.0.0",
     .group = "list",
     .args = kLMPopArgs},
    {.name = "lpop",
     .arity = -2,
     .flags = kWrite | kFast,
     .key_specs = kKeyRwAccessDelete,
     .acl_categories = kAclList,
     .where = Where::kByKeys,
     .run = LPop,
     .summary = "Remove and get the first elements in a list",
     .complexity = "O(N) where N is the number of elements returned",
     .since = "1.0.0",
     .group = "list",
     .history = kLPopHistory,
     .args = kLPopArgs},
    {.name = "rpop",
     .arity = -2,
     .flags = kWrite | kFast,
     .key_specs = kKeyRwAccessDelete,
     .acl_categories = kAclList,
     .where = Where::kByKeys,
     .run = RPop,
     .summary = "Remove and get the last elements in a list",
     .complexity = "O(N) where N is the number of elements returned",
     .since = "1.0.0",
     .group = "list",
     .history = kLPopHistory,
     .args = kLPopArgs},
    {.name = "rpoplpush",
     .arity = 3,
     .flags = kWrite | kDenyOom,
     .key_specs = kLMoveKeys,
     .acl_categories = kAclList,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = RPopLPush,
     .summary = "Remove the last element in a list, prepend it to another list and return it",
     .complexity = "O(1)",
     .since = "1.2.0",
     .group = "list",
     .doc_flags = "deprecated",
     .deprecated_since = "6.2.0",
     .replaced_by = "`LMOVE` with the `RIGHT` and `LEFT` arguments",
     .args = kRPopLPushArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> ListPopCommands() { return kListPopCommands; }

}  // namespace nuthatch::commands
