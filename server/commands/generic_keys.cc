// Commands about keys as such, whatever they hold: DEL, EXISTS, TYPE, KEYS, RANDOMKEY, ...
#include "server/base/glob.h"
#include "server/base/random.h"
#include "server/commands/generic_docs.h"
#include "server/commands/group_parts.h"
#include "server/commands/key_specs.h"
#include "server/commands/lookup.h"
#include "server/commands/thread_random.h"
#include "server/runtime/acl_category.h"

namespace nuthatch::commands {
namespace {

// Sockets are served after so many keys of KEYS.
constexpr size_t kKeysBetweenBreaths = 4096;

int64_t DeleteKeys(CommandContext& context, bool owned_only) {
  int64_t deleted = 0;
  ForEachKey(context, owned_only, [&](size_t i) {
    const Key& key = context.key(i);
    Keyspace& keys = context.keyspace_of(key);
    EntryRef ref = keys.Find(context.db(), key, context.now_ms(), Touch::kNone);
    if (!ref) return;
    keys.Erase(context.db(), key, ref);
    ++deleted;
  });
  CountChanges(context, static_cast<size_t>(deleted));
  return deleted;
}

// Big values are never freed at once here, so DEL and UNLINK are the same.
void Del(CommandContext& context) { context.reply().Integer(DeleteKeys(context, false)); }
void DelFragment(CommandContext& context) { context.part().number = DeleteKeys(context, true); }

// The keys that are there, one named twice counted twice.
int64_t CountExisting(CommandContext& context, bool owned_only) {
  int64_t existing = 0;
  ForEachKey(context, owned_only, [&](size_t i) {
    if (FindUntouched(context, context.key(i))) ++existing;
  });
  return existing;
}

void Exists(CommandContext& context) { context.reply().Integer(CountExisting(context, false)); }
void ExistsFragment(CommandContext& context) {
  context.part().number = CountExisting(context, true);
}

// TOUCH is a use of the key even under CLIENT NO-TOUCH.
int64_t TouchKeys(CommandContext& context, bool owned_only) {
  int64_t touched = 0;
  ForEachKey(context, owned_only, [&](size_t i) {
    const Key& key = context.key(i);
    bool found = static_cast<bool>(
        context.keyspace_of(key).Find(context.db(), key, context.now_ms(), Touch::kRead));
    CountLookup(context, found);
    if (found) ++touched;
  });
  return touched;
}

void TouchAll(CommandContext& context) { context.reply().Integer(TouchKeys(context, false)); }
void TouchFragment(CommandContext& context) { context.part().number = TouchKeys(context, true); }

void ReplySum(CommandContext& context) { context.reply().Integer(SumOfParts(context)); }

void TypeOfKey(CommandContext& context) {
  EntryRef ref = FindUntouched(context, context.key(0));
  context.reply().SimpleString(ref ? values::TypeName(ref->type()) : "none");
}

void KeysFragment(CommandContext& context) {
  std::string_view pattern = context.arg(1);
  bool all = pattern == "*";
  runtime::ScatterPart& part = context.part();
  resp::ReplyWriter reply(&part.bytes, context.caller().protocol);
  size_t seen = 0;
  context.shard().keyspace().ForEach(context.db(), [&](keyspace::Entry& entry) {
    if (++seen % kKeysBetweenBreaths == 0) context.Breathe();
    if (entry.ExpiredAt(context.now_ms())) return;
    if (!all && !base::GlobMatch(pattern, entry.name())) return;
    reply.Bulk(entry.name());
    ++part.number;
  });
}

void KeysCombine(CommandContext& context) {
  context.reply().Array(static_cast<size_t>(SumOfParts(context)));
  for (const runtime::ScatterPart& part : context.parts()) context.reply().Raw(part.bytes.view());
}

// Each shard offers a key, and the number of its keys as the weight of the offer.
void RandomKeyFragment(CommandContext& context) {
  Keyspace& keys = context.shard().keyspace();
  EntryRef ref = keys.RandomEntry(context.db(), ThreadRandom(), context.now_ms());
  if (!ref) return;
  context.part().bytes.Append(ref->name());
  context.part().number = static_cast<int64_t>(keys.Count(context.db()));
}

void RandomKeyCombine(CommandContext& context) {
  int64_t sum = SumOfParts(context);
  if (sum == 0) return context.reply().Null();
  int64_t chosen = static_cast<int64_t>(ThreadRandom().Below(static_cast<uint64_t>(sum)));
  for (const runtime::ScatterPart& part : context.parts()) {
    chosen -= part.number;
    if (chosen < 0) return context.reply().Bulk(part.bytes.view());
  }
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kGenericKeyCommands[] = {
    {.name = "del",
     .arity = -2,
     .flags = kWrite,
     .key_specs = kKeysRmDelete,
     .acl_categories = kAclKeyspace,
     .where = Where::kByKeys,
     .several = Several::kScatter,
     .run = Del,
     .scatter = {.fragment = DelFragment, .combine = ReplySum},
     .summary = "Delete a key",
     .complexity = "O(N) where N is the number of keys that will be removed. When a key to remove "
                   "holds a value other than a string, the individual complexity for this key is "
                   "O(M) where M is the number of elements in the list, set, sorted set or hash. "
                   "Removing a single key that holds a string value is O(1).",
     .since = "1.0.0",
     .group = "generic",
     .tips = kMultiShardSumTips,
     .args = kDelArgs},
    {.name = "exists",
     .arity = -2,
     .flags = kReadonly | kFast,
     .key_specs = kKeysRo,
     .acl_categories = kAclKeyspace,
     .where = Where::kByKeys,
     .several = Several::kScatter,
     .run = Exists,
     .scatter = {.fragment = ExistsFragment, .combine = ReplySum},
     .summary = "Determine if a key exists",
     .complexity = "O(N) where N is the number of keys to check.",
     .since = "1.0.0",
     .group = "generic",
     .history = kExistsHistory,
     .tips = kMultiShardSumTips,
     .args = kDelArgs},
    {.name = "keys",
     .arity = 2,
     .flags = kReadonly,
     .acl_categories = kAclKeyspace | kAclDangerous,
     .where = Where::kScatterAll,
     .scatter = {.fragment = KeysFragment, .combine = KeysCombine},
     .summary = "Find all keys matching the given pattern",
     .complexity = "O(N) with N being the number of keys in the database, under the assumption "
                   "that the key names in the database and the given pattern have limited length.",
     .since = "1.0.0",
     .group = "generic",
     .tips = kAllShardsUnorderedTips,
     .args = kKeysArgs},
    {.name = "randomkey",
     .arity = 1,
     .flags = kReadonly,
     .acl_categories = kAclKeyspace,
     .where = Where::kScatterAll,
     .scatter = {.fragment = RandomKeyFragment, .combine = RandomKeyCombine},
     .summary = "Return a random key from the keyspace",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = "generic",
     .tips = kAllShardsNondeterministicTips},
    {.name = "touch",
     .arity = -2,
     .flags = kReadonly | kFast,
     .key_specs = kKeysRo,
     .acl_categories = kAclKeyspace,
     .where = Where::kByKeys,
     .several = Several::kScatter,
     .run = TouchAll,
     .scatter = {.fragment = TouchFragment, .combine = ReplySum},
     .summary =
         "Alters the last access time of a key(s). Returns the number of existing keys specified.",
     .complexity = "O(N) where N is the number of keys that will be touched.",
     .since = "3.2.1",
     .group = "generic",
     .tips = kMultiShardSumTips,
     .args = kDelArgs},
    {.name = "type",
     .arity = 2,
     .flags = kReadonly | kFast,
     .key_specs = kKeyRo,
     .acl_categories = kAclKeyspace,
     .where = Where::kByKeys,
     .run = TypeOfKey,
     .summary = "Determine the type stored at key",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = "generic",
     .args = kKeyArgs},
    {.name = "unlink",
     .arity = -2,
     .flags = kWrite | kFast,
     .key_specs = kKeysRmDelete,
     .acl_categories = kAclKeyspace,
     .where = Where::kByKeys,
     .several = Several::kScatter,
     .run = Del,
     .scatter = {.fragment = DelFragment, .combine = ReplySum},
     .summary = "Delete a key asynchronously in another thread. Otherwise it is just as DEL, but "
                "non blocking.",
     .complexity = "O(1) for each key removed regardless of its size. Then the command does O(N) "
                   "work in a different thread in order to reclaim memory, where N is the number "
                   "of allocations the deleted objects where composed of.",
     .since = "4.0.0",
     .group = "generic",
     .tips = kMultiShardSumTips,
     .args = kDelArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> GenericKeyCommands() { return kGenericKeyCommands; }

}  // namespace nuthatch::commands
