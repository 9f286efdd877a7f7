// Commands about whole databases: DBSIZE, FLUSHALL, FLUSHDB, SWAPDB.
#include "server/commands/args.h"
#include "server/commands/groups.h"
#include "server/commands/keyspace_docs.h"
#include "server/commands/lookup.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"
#include "server/runtime/node.h"

namespace nuthatch::commands {
namespace {

void DbSizeFragment(CommandContext& context) {
  context.part().number = static_cast<int64_t>(context.shard().keyspace().Count(context.db()));
}
void DbSizeCombine(CommandContext& context) { context.reply().Integer(SumOfParts(context)); }

// The mode is checked and makes no difference: nothing is ever freed at once here.
bool IsFlushModeValid(const CommandContext& context) {
  if (context.argc() == 1) return true;
  return context.argc() == 2 && (IsWord(context.arg(1), "sync") || IsWord(context.arg(1), "async"));
}

void FlushAllFragment(CommandContext& context) {
  if (!IsFlushModeValid(context)) return;
  Keyspace& keys = context.shard().keyspace();
  size_t removed = 0;
  for (int db = 0; db < keys.databases(); ++db) removed += keys.Count(db);
  keys.FlushAll();
  CountChanges(context, removed);
}

void FlushDbFragment(CommandContext& context) {
  if (!IsFlushModeValid(context)) return;
  Keyspace& keys = context.shard().keyspace();
  CountChanges(context, keys.Count(context.db()));
  keys.Flush(context.db());
}

void FlushCombine(CommandContext& context) {
  if (!IsFlushModeValid(context)) return context.reply().Error(errors::kSyntax);
  context.reply().Raw(resp::kOkReply);
}

void SwapDb(CommandContext& context) {
  std::optional<int> first = IntOrReply(context, context.arg(1), errors::kInvalidFirstDb);
  if (!first.has_value()) return;
  std::optional<int> second = IntOrReply(context, context.arg(2), errors::kInvalidSecondDb);
  if (!second.has_value()) return;
  if (!DbExistsOrReply(context, *first) || !DbExistsOrReply(context, *second)) return;
  runtime::Node& node = context.node();
  for (size_t i = 0; i < node.shard_count(); ++i) {
    node.shard(i).keyspace().SwapDb(*first, *second, context.now_ms());
  }
  CountChanges(context);
  context.reply().Raw(resp::kOkReply);
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kKeyspaceCommands[] = {
    {.name = "dbsize",
     .arity = 1,
     .flags = kReadonly | kFast,
     .acl_categories = kAclKeyspace,
     .where = Where::kScatterAll,
     .scatter = {.fragment = DbSizeFragment, .combine = DbSizeCombine},
     .summary = "Return the number of keys in the selected database",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = "server",
     .tips = kAllShardsSumTips},
    {.name = "flushall",
     .arity = -1,
     .flags = kWrite,
     .acl_categories = kAclKeyspace | kAclDangerous,
     .where = Where::kScatterAll,
     .scatter = {.fragment = FlushAllFragment, .combine = FlushCombine},
     .summary = "Remove all keys from all databases",
     .complexity = "O(N) where N is the total number of keys in all databases",
     .since = "1.0.0",
     .group = "server",
     .history = kFlushAllHistory,
     .tips = kAllShardsSucceededTips,
     .args = kFlushAllArgs},
    {.name = "flushdb",
     .arity = -1,
     .flags = kWrite,
     .acl_categories = kAclKeyspace | kAclDangerous,
     .where = Where::kScatterAll,
     .scatter = {.fragment = FlushDbFragment, .combine = FlushCombine},
     .summary = "Remove all keys from the current database",
     .complexity = "O(N) where N is the number of keys in the selected database",
     .since = "1.0.0",
     .group = "server",
     .history = kFlushAllHistory,
     .tips = kAllShardsSucceededTips,
     .args = kFlushAllArgs},
    {.name = "swapdb",
     .arity = 3,
     .flags = kWrite | kFast,
     .acl_categories = kAclKeyspace | kAclDangerous,
     .where = Where::kRendezvousAll,
     .run = SwapDb,
     .summary = "Swaps two Redis databases",
     .complexity =
         "O(N) where N is the count of clients watching or blocking on keys from both databases.",
     .since = "4.0.0",
     .group = "server",
     .args = kSwapDbArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> KeyspaceCommands() { return kKeyspaceCommands; }

}  // namespace nuthatch::commands
