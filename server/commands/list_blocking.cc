// Commands that wait for an element of a list: BLPOP, BRPOP, BLMPOP, BLMOVE, BRPOPLPUSH.
#include <cstdint>
#include <optional>
#include <span>

#include "server/commands/errors.h"
#include "server/commands/group_parts.h"
#include "server/commands/list_access.h"
#include "server/commands/list_blocking_docs.h"
#include "server/commands/list_docs.h"
#include "server/commands/list_pop.h"
#include "server/commands/waiting.h"
#include "server/runtime/acl_category.h"
#include "server/runtime/command_spec.h"

namespace nuthatch::commands {
namespace {

using keyspace::Type;

// --- BLPOP, BRPOP, BLMPOP ---

// Pops from the first of the keys that is a list by `pop(ListKey&)`, or waits.
template <typename Pop>
void PopOrWait(CommandContext& context, int64_t timeout_ms, const Pop& pop) {
  const auto keys = static_cast<uint32_t>(context.keys().size());
  const bool replied = LookForWaiting(context, keys, Type::kList, [&](const Key& key) {
    std::optional<ListKey> list = OpenListOrReply(context, key);
    if (!list.has_value()) return true;
    if (!*list) return false;
    pop(*list);
    return true;
  });
  if (replied) return;
  if (context.Wait({.type = Type::kList, .key_count = keys, .timeout_ms = timeout_ms})) return;
  context.reply().NullArray();
}

void BlockingPop(CommandContext& context, ListEnd end) {
  std::optional<int64_t> timeout_ms = TimeoutOrReply(context, context.arg(context.argc() - 1));
  if (!timeout_ms.has_value()) return;
  PopOrWait(context, *timeout_ms, [&](ListKey& list) {
    context.reply().Array(2);
    context.reply().Bulk(list.key().name);
    PopOne(list, end, context.reply());
    CountChanges(context);
  });
}

void BLPop(CommandContext& context) { BlockingPop(context, ListEnd::kLeft); }
void BRPop(CommandContext& context) { BlockingPop(context, ListEnd::kRight); }

void BLMPop(CommandContext& context) {
  std::optional<ListPop> pop = ListPopOrReply(context, 2);
  if (!pop.has_value()) return;
  std::optional<int64_t> timeout_ms = TimeoutOrReply(context, context.arg(1));
  if (!timeout_ms.has_value()) return;
  PopOrWait(context, *timeout_ms, [&](ListKey& list) {
    CountChanges(context, PopFromNamed(context, list, pop->end, pop->count, context.reply()));
  });
}

// --- BLMOVE, BRPOPLPUSH ---

void MoveOrWait(CommandContext& context, ListEnd from_end, ListEnd to_end,
                std::string_view timeout) {
  std::optional<int64_t> timeout_ms = TimeoutOrReply(context, timeout);
  if (!timeout_ms.has_value()) return;
  const ListMove move{
      .from = context.key(0), .from_end = from_end, .to = context.key(1), .to_end = to_end};
  const bool replied = LookForWaiting(context, 1, Type::kList, [&](const Key& key) {
    if (!context.keyspace_of(key).Find(context.db(), key, context.now_ms(), Touch::kNone)) {
      return false;
    }
    CountChanges(context, MoveElement(context, context.db(), move, context.reply()));
    return true;
  });
  if (replied) return;
  if (context.Wait({.type = Type::kList, .key_count = 1, .timeout_ms = *timeout_ms})) return;
  context.reply().Null();
}

void BLMove(CommandContext& context) {
  std::optional<ListEnd> from_end = ParseListEnd(context.arg(3));
  std::optional<ListEnd> to_end = ParseListEnd(context.arg(4));
  if (!from_end.has_value() || !to_end.has_value()) {
    return context.reply().Error(errors::kSyntax);
  }
  MoveOrWait(context, *from_end, *to_end, context.arg(5));
}

void BRPopLPush(CommandContext& context) {
  MoveOrWait(context, ListEnd::kRight, ListEnd::kLeft, context.arg(3));
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kListBlockingCommands[] = {
    {.name = "blpop",
     .arity = -3,
     .flags = kWrite | kNoscript | kBlocking | kBarrier,
     .key_specs = kBLPopKeys,
     .acl_categories = kAclList,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = BLPop,
     .summary = "Remove and get the first element in a list, or block until one is available",
     .complexity = "O(N) where N is the number of provided keys.",
     .since = "2.0.0",
     .group = "list",
     .history = kBLPopHistory,
     .args = kBLPopArgs},
    {.name = "brpop",
     .arity = -3,
     .flags = kWrite | kNoscript | kBlocking | kBarrier,
     .key_specs = kBLPopKeys,
     .acl_categories = kAclList,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = BRPop,
     .summary = "Remove and get the last element in a list, or block until one is available",
     .complexity = "O(N) where N is the number of provided keys.",
     .since = "2.0.0",
     .group = "list",
     .history = kBLPopHistory,
     .args = kBLPopArgs},
    {.name = "blmove",
     .arity = 6,
     .flags = kWrite | kDenyOom | kNoscript | kBlocking | kBarrier,
     .key_specs = kLMoveKeys,
     .acl_categories = kAclList,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = BLMove,
     .summary = "Pop an element from a list, push it to another list and return it; or block until "
                "one is available",
     .complexity = "O(1)",
     .since = "6.2.0",
     .group = "list",
     .args = kBLMoveArgs},
    {.name = "brpoplpush",
     .arity = 4,
     .flags = kWrite | kDenyOom | kNoscript | kBlocking | kBarrier,
     .key_specs = kLMoveKeys,
     .acl_categories = kAclList,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = BRPopLPush,
     .summary = "Pop an element from a list, push it to another list and return it; or block until "
                "one is available",
     .complexity = "O(1)",
     .since = "2.2.0",
     .group = "list",
     .doc_flags = "deprecated",
     .deprecated_since = "6.2.0",
     .replaced_by = "`BLMOVE` with the `RIGHT` and `LEFT` arguments",
     .history = kBLPopHistory,
     .args = kBRPopLPushArgs},
    {.name = "blmpop",
     .arity = -5,
     .flags = kWrite | kBlocking | kMovableKeys | kBarrier,
     .key_specs = kBLMPopKeys,
     .acl_categories = kAclList,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = BLMPop,
     .summary = "Pop elements from a list, or block until one is available",
     .complexity =
         "O(N+M) where N is the number of provided keys and M is the number of elements returned.",
     .since = "7.0.0",
     .group = "list",
     .args = kBLMPopArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> ListBlockingCommands() { return kListBlockingCommands; }

}  // namespace nuthatch::commands
