// MULTI, EXEC, DISCARD, WATCH, UNWATCH. What queues commands and runs them is the runtime's
// (multi.h, exec_run.h): an EXEC arrives here only outside of MULTI.
#include "server/commands/groups.h"
#include "server/commands/key_specs.h"
#include "server/commands/lookup.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"

namespace nuthatch::commands {
namespace {

using namespace runtime;  // NOLINT(google-build-using-namespace): a table of rows in its words

void Multi(CommandContext& context) {
  if (context.client().InTransaction()) return context.reply().Error(errors::kNestedMulti);
  context.client().Multi().open = true;
  context.reply().Raw(resp::kOkReply);
}

void Exec(CommandContext& context) { context.reply().Error(errors::kExecWithoutMulti); }

void Discard(CommandContext& context) {
  if (!context.client().InTransaction()) return context.reply().Error(errors::kDiscardWithoutMulti);
  context.client().Multi().End();
  context.reply().Raw(resp::kOkReply);
}

// Inside of EXEC there is nothing left to forget.
void Unwatch(CommandContext& context) {
  if (context.client().multi != nullptr) context.client().Multi().ReleaseWatches();
  context.reply().Raw(resp::kOkReply);
}

void WatchKeys(CommandContext& context, bool owned_only) {
  ForEachKey(context, owned_only, [&](size_t i) {
    const Key& key = context.key(i);
    context.keyspace_of(key).Watch(context.db(), key, context.watcher(), context.now_ms());
  });
}

void Watch(CommandContext& context) {
  // The connection is asked only where it is inside of MULTI.
  if (context.has_client()) return context.reply().Error(errors::kWatchInMulti);
  WatchKeys(context, false);
  context.reply().Raw(resp::kOkReply);
}

void WatchFragment(CommandContext& context) { WatchKeys(context, true); }

void WatchCombine(CommandContext& context) { context.reply().Raw(resp::kOkReply); }

constexpr ArgSpec kWatchArgs[] = {
    {.name = "key", .type = ArgType::kKey, .key_spec = 0, .flags = kArgMultiple}};

constexpr CommandSpec kTransactionCommands[] = {
    {.name = "discard",
     .arity = 1,
     .flags = kNoscript | kLoading | kStale | kFast | kAllowBusy,
     .acl_categories = kAclTransaction,
     .in_multi = InMulti::kAtOnce,
     .run = Discard,
     .summary = "Discard all commands issued after MULTI",
     .complexity = "O(N), when N is the number of queued commands",
     .since = "2.0.0",
     .group = "transactions"},
    {.name = "exec",
     .arity = 1,
     .flags = kNoscript | kLoading | kStale | kSkipSlowlog,
     .acl_categories = kAclTransaction,
     .in_multi = InMulti::kExec,
     .run = Exec,
     .summary = "Execute all commands issued after MULTI",
     .complexity = "Depends on commands in the transaction",
     .since = "1.2.0",
     .group = "transactions"},
    {.name = "multi",
     .arity = 1,
     .flags = kNoscript | kLoading | kStale | kFast | kAllowBusy,
     .acl_categories = kAclTransaction,
     .in_multi = InMulti::kMulti,
     .run = Multi,
     .summary = "Mark the start of a transaction block",
     .complexity = "O(1)",
     .since = "1.2.0",
     .group = "transactions"},
    {.name = "unwatch",
     .arity = 1,
     .flags = kNoscript | kLoading | kStale | kFast | kAllowBusy,
     .acl_categories = kAclTransaction,
     .run = Unwatch,
     .summary = "Forget about all watched keys",
     .complexity = "O(1)",
     .since = "2.2.0",
     .group = "transactions"},
    {.name = "watch",
     .arity = -2,
     .flags = kNoscript | kLoading | kStale | kFast | kAllowBusy,
     .key_specs = kKeysRo,
     .acl_categories = kAclTransaction,
     .where = Where::kByKeys,
     .several = Several::kScatter,
     .in_multi = InMulti::kWatch,
     .run = Watch,
     .scatter = {.fragment = WatchFragment, .combine = WatchCombine},
     .summary = "Watch the given keys to determine execution of the MULTI/EXEC block",
     .complexity = "O(1) for every key.",
     .since = "2.2.0",
     .group = "transactions",
     .args = kWatchArgs},
};

}  // namespace

std::span<const CommandSpec> TransactionCommands() { return kTransactionCommands; }

}  // namespace nuthatch::commands
