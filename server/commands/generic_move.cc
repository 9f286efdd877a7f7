// Commands that take a value to another key or database: RENAME, COPY, MOVE.
#include "server/commands/args.h"
#include "server/commands/generic_docs.h"
#include "server/commands/group_parts.h"
#include "server/commands/key_specs.h"
#include "server/commands/lookup.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"

namespace nuthatch::commands {
namespace {

EntryRef FindIn(CommandContext& context, int db, const Key& key) {
  return context.keyspace_of(key).Find(db, key, context.now_ms(), Touch::kNone);
}

// Moves the value of `from` to `to`, where nothing is. REQUIRES: `from` has been found alive.
void MoveValue(CommandContext& context, int from_db, const Key& from, int to_db, const Key& to) {
  EntryRef ref = FindIn(context, from_db, from);
  CHECK(ref);
  keyspace::Value value = context.keyspace_of(from).Extract(from_db, from, ref);
  context.keyspace_of(to).Insert(to_db, to, std::move(value));
}

enum class IfTaken : uint8_t { kReplace, kRefuse };

// False if nothing was done because the new name is taken. Replies only with an error.
std::optional<bool> RenameKey(CommandContext& context, IfTaken if_taken) {
  const Key& from = context.key(0);
  const Key& to = context.key(1);
  int db = context.db();
  if (!FindForWrite(context, from)) {
    context.reply().Error(errors::kNoSuchKey);
    return std::nullopt;
  }
  if (from.name == to.name) return if_taken == IfTaken::kReplace;
  if (EntryRef taken = FindIn(context, db, to)) {
    if (if_taken == IfTaken::kRefuse) return false;
    context.keyspace_of(to).Erase(db, to, taken);
  }
  MoveValue(context, db, from, db, to);
  CountChanges(context);
  return true;
}

void Rename(CommandContext& context) {
  if (RenameKey(context, IfTaken::kReplace).has_value()) context.reply().Raw(resp::kOkReply);
}

void RenameNx(CommandContext& context) {
  std::optional<bool> renamed = RenameKey(context, IfTaken::kRefuse);
  if (renamed.has_value()) context.reply().Integer(*renamed ? 1 : 0);
}

void Move(CommandContext& context) {
  std::optional<int> to_db = IntOrReply(context, context.arg(2));
  if (!to_db.has_value() || !DbExistsOrReply(context, *to_db)) return;
  if (*to_db == context.db()) return context.reply().Error(errors::kSameObject);
  const Key& key = context.key(0);
  if (!FindForWrite(context, key) || FindIn(context, *to_db, key)) {
    return context.reply().Raw(resp::kZeroReply);
  }
  MoveValue(context, context.db(), key, *to_db, key);
  CountChanges(context);
  context.reply().Raw(resp::kOneReply);
}

struct CopyOptions {
  int to_db;
  bool replace = false;
};

std::optional<CopyOptions> ParseCopyOptions(CommandContext& context) {
  CopyOptions options{.to_db = context.db()};
  for (size_t i = 3; i < context.argc(); ++i) {
    if (IsWord(context.arg(i), "replace")) {
      options.replace = true;
    } else if (IsWord(context.arg(i), "db") && i + 1 < context.argc()) {
      std::optional<int> db = IntOrReply(context, context.arg(++i));
      if (!db.has_value() || !DbExistsOrReply(context, *db)) return std::nullopt;
      options.to_db = *db;
    } else {
      context.reply().Error(errors::kSyntax);
      return std::nullopt;
    }
  }
  return options;
}

void Copy(CommandContext& context) {
  std::optional<CopyOptions> options = ParseCopyOptions(context);
  if (!options.has_value()) return;
  const Key& from = context.key(0);
  const Key& to = context.key(1);
  if (options->to_db == context.db() && from.name == to.name) {
    return context.reply().Error(errors::kSameObject);
  }
  if (!FindForRead(context, from)) return context.reply().Raw(resp::kZeroReply);
  Keyspace& to_keys = context.keyspace_of(to);
  if (EntryRef taken = FindIn(context, options->to_db, to)) {
    if (!options->replace) return context.reply().Raw(resp::kZeroReply);
    to_keys.Erase(options->to_db, to, taken);
  }
  EntryRef ref = FindIn(context, context.db(), from);
  to_keys.Insert(options->to_db, to, context.keyspace_of(from).Duplicate(ref));
  CountChanges(context);
  context.reply().Raw(resp::kOneReply);
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kGenericMoveCommands[] = {
    {.name = "copy",
     .arity = -3,
     .flags = kWrite | kDenyOom,
     .key_specs = kKeyRoAccessKeyAt2OwUpdate,
     .acl_categories = kAclKeyspace,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = Copy,
     .summary = "Copy a key",
     .complexity = "O(N) worst case for collections, where N is the number of nested items. O(1) "
                   "for string values.",
     .since = "6.2.0",
     .group = "generic",
     .args = kCopyArgs},
    {.name = "move",
     .arity = 3,
     .flags = kWrite | kFast,
     .key_specs = kKeyRwAccessUpdate,
     .acl_categories = kAclKeyspace,
     .where = Where::kByKeys,
     .run = Move,
     .summary = "Move a key to another database",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = "generic",
     .args = kMoveArgs},
    {.name = "rename",
     .arity = 3,
     .flags = kWrite,
     .key_specs = kKeyRwAccessDeleteKeyAt2OwUpdate,
     .acl_categories = kAclKeyspace,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = Rename,
     .summary = "Rename a key",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = "generic",
     .args = kRenameArgs},
    {.name = "renamenx",
     .arity = 3,
     .flags = kWrite | kFast,
     .key_specs = kKeyRwAccessDeleteKeyAt2OwInsert,
     .acl_categories = kAclKeyspace,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = RenameNx,
     .summary = "Rename a key, only if the new key does not exist",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = "generic",
     .history = kRenameNxHistory,
     .args = kRenameArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> GenericMoveCommands() { return kGenericMoveCommands; }

}  // namespace nuthatch::commands
