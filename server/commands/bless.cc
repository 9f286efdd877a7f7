// BLESS (Redis 8.12): keys that are never evicted. A blessed key is a pinned one in the keyspace.
//
// The mark belongs to the name as long as the key lives: a value that is changed or replaced (SET,
// RESTORE REPLACE, ...) keeps it; COPY, RENAME and MOVE take it along; DUMP does not hold it; it
// ends with the key. Unlike Redis, which tolerates a quarter over maxmemory where only blessed keys
// are left, a write is refused then as soon as the limit is reached.
#include "server/commands/args.h"
#include "server/commands/generic_docs.h"
#include "server/commands/group_parts.h"
#include "server/commands/help.h"
#include "server/commands/key_specs.h"
#include "server/commands/lookup.h"
#include "server/commands/scan_page.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"

namespace nuthatch::commands {
namespace {

constexpr std::string_view kNoEvict = "NO-EVICT";
// Keys of a page where COUNT says nothing.
constexpr size_t kDefaultCount = 1024;

constexpr std::string_view kHelp[] = {
    "SET <key> NO-EVICT",
    "    Protect a key from eviction.",
    "CLEAR <key> NO-EVICT",
    "    Let a key be evicted again.",
    "GET <key>",
    "    Return the protections that a key has.",
    "SCAN <cursor> NO-EVICT [COUNT <count>]",
    "    Iterate over the protected keys of the current database.",
};

// Neither touches nor counts: it is not about the value.
EntryRef FindOrReplyError(CommandContext& context) {
  const Key& key = context.key(0);
  EntryRef ref = context.keyspace_of(key).Find(context.db(), key, context.now_ms(), Touch::kNone);
  if (!ref) context.reply().Error(errors::kNoSuchKey);
  return ref;
}

void SetBlessed(CommandContext& context, bool blessed) {
  if (!IsWord(context.arg(3), "no-evict")) return context.reply().Error(errors::kSyntax);
  EntryRef ref = FindOrReplyError(context);
  if (!ref) return;
  const Key& key = context.key(0);
  bool changed = context.keyspace_of(key).SetPinned(context.db(), key, ref, blessed);
  if (changed) CountChanges(context);
  context.reply().Integer(changed ? 1 : 0);
}

void BlessSet(CommandContext& context) { SetBlessed(context, true); }
void BlessClear(CommandContext& context) { SetBlessed(context, false); }

void BlessGet(CommandContext& context) {
  EntryRef ref = FindOrReplyError(context);
  if (!ref) return;
  context.reply().Array(ref->pinned() ? 1 : 0);
  if (ref->pinned()) context.reply().Bulk(kNoEvict);
}

void BlessHelp(CommandContext& context) { WriteHelp(context, "BLESS", kHelp); }

ParsedScan ParseBlessScan(const CommandContext& context) {
  ParsedScan parsed;
  std::optional<uint64_t> cursor = ParseCursor(context.arg(2));
  if (!cursor.has_value()) return {{}, errors::kInvalidCursor};
  if (!IsWord(context.arg(3), "no-evict")) return {{}, errors::kSyntax};
  parsed.request.cursor = *cursor;
  parsed.request.count = kDefaultCount;
  parsed.request.of = Keyspace::ScanOf::kPinned;
  for (size_t i = 4; i < context.argc(); i += 2) {
    if (i + 1 == context.argc() || !IsWord(context.arg(i), "count")) return {{}, errors::kSyntax};
    std::string_view error = ParseScanCount(context.arg(i + 1), &parsed.request.count);
    if (!error.empty()) return {{}, error};
  }
  return parsed;
}

void BlessScanFragment(CommandContext& context) {
  ParsedScan parsed = ParseBlessScan(context);
  if (parsed.error.empty()) CollectPage(context, parsed.request);
}

void BlessScanCombine(CommandContext& context) {
  ParsedScan parsed = ParseBlessScan(context);
  if (!parsed.error.empty()) return context.reply().Error(parsed.error);
  CombinePage(context, parsed.request);
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kBlessSubcommands[] = {
    {.name = "clear",
     .arity = 4,
     .flags = kWrite | kFast,
     .key_specs = kKeyAt2Rw,
     .acl_categories = kAclDangerous,
     .where = Where::kByKeys,
     .run = BlessClear,
     .summary = "Removes protection flags from a key.",
     .complexity = "O(1)",
     .since = "8.12.0",
     .group = "generic",
     .args = kBlessSetArgs},
    {.name = "get",
     .arity = 3,
     .flags = kFast,
     .key_specs = kKeyAt2Ro,
     .acl_categories = kAclKeyspace,
     .where = Where::kByKeys,
     .run = BlessGet,
     .summary = "Returns the active protection flags of a key.",
     .complexity = "O(1)",
     .since = "8.12.0",
     .group = "generic",
     .args = kKeyArgs},
    {.name = "help",
     .arity = 2,
     .flags = kLoading | kStale,
     .acl_categories = kAclKeyspace,
     .where = Where::kHome,
     .run = BlessHelp,
     .summary = "Returns helpful text about the different subcommands.",
     .complexity = "O(1)",
     .since = "8.12.0",
     .group = "generic"},
    {.name = "scan",
     .arity = -4,
     .acl_categories = kAclKeyspace,
     .where = Where::kScatterAll,
     .scatter = {.fragment = BlessScanFragment, .combine = BlessScanCombine},
     .summary = "Incrementally iterates the blessed keys of the current database that carry the "
                "given flag.",
     .complexity = "O(1) for every call. O(N) for a complete iteration, where N is the number of "
                   "blessed keys and of those that share their slots.",
     .since = "8.12.0",
     .group = "generic",
     .tips = kBlessScanTips,
     .args = kBlessScanArgs},
    {.name = "set",
     .arity = 4,
     .flags = kWrite | kDenyOom | kFast,
     .key_specs = kKeyAt2Rw,
     .acl_categories = kAclDangerous,
     .where = Where::kByKeys,
     .run = BlessSet,
     .summary = "Adds protection flags to a key against memory pressure.",
     .complexity = "O(1)",
     .since = "8.12.0",
     .group = "generic",
     .args = kBlessSetArgs},
};

constexpr CommandSpec kBlessCommands[] = {
    {.name = "bless",
     .arity = -2,
     .subcommands = kBlessSubcommands,
     .summary = "A container for key-blessing commands.",
     .complexity = "Depends on subcommand.",
     .since = "8.12.0",
     .group = "generic"},
};

}  // namespace

std::span<const runtime::CommandSpec> BlessCommands() { return kBlessCommands; }

}  // namespace nuthatch::commands
