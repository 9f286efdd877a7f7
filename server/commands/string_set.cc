// SET and its kin: commands that give a key a whole new string.
#include "server/commands/args.h"
#include "server/commands/group_parts.h"
#include "server/commands/key_specs.h"
#include "server/commands/lookup.h"
#include "server/commands/string_docs.h"
#include "server/commands/string_options.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"
#include "server/runtime/command_table.h"

namespace nuthatch::commands {
namespace {

using keyspace::NumberText;
using keyspace::Ttl;

// For commands that leave a key alone which is there (NX): that uses it and does not modify it.
EntryRef FindToKeep(CommandContext& context, Keyspace& keys, const Key& key) {
  Touch touch = context.caller().no_touch ? Touch::kNone : Touch::kRead;
  return keys.Find(context.db(), key, context.now_ms(), touch);
}

void SetWithOptions(CommandContext& context) {
  std::optional<StringOptions> options = ParseStringOptions(context, 3, OptionsOf::kSet);
  if (!options.has_value()) return;
  Ttl ttl = options->keep_ttl ? Ttl::Keep() : Ttl::None();
  if (options->form != ExpiryForm::kNone) {
    std::optional<int64_t> deadline = DeadlineOrReply(context, options->form, options->expiry);
    if (!deadline.has_value()) return;
    ttl = Ttl::At(*deadline);
  }
  const Key& key = context.key(0);
  Keyspace& keys = context.keyspace_of(key);
  EntryRef ref = options->nx ? FindToKeep(context, keys, key) : FindForWrite(context, keys, key);
  bool found = static_cast<bool>(ref);
  if (options->get) {
    CountLookup(context, found);
    if (found && !IsStringOrReply(context, ref)) return;
    NumberText text;
    found ? context.reply().Bulk(ref->Text(text)) : context.reply().Null();
  }
  if ((options->nx && found) || (options->xx && !found)) {
    if (!options->get) context.reply().Null();
    return;
  }
  keys.SetString(context.db(), key, ref, context.arg(2), ttl);
  CountChanges(context);
  if (!options->get) context.reply().Raw(resp::kOkReply);
}

// Its key specification leaves open what happens to the key: GET reads it too.
bool SetKeys(std::span<const std::string_view> args, runtime::KeyPositions& out) {
  uint16_t flags = runtime::kKeyOW | runtime::kKeyUpdate;
  for (std::string_view option : args.subspan(3)) {
    if (IsWord(option, "get")) flags = runtime::kKeyRW | runtime::kKeyAccess | runtime::kKeyUpdate;
  }
  out.Add(1, flags);
  return true;
}

void Set(CommandContext& context) {
  if (context.argc() > 3) return SetWithOptions(context);
  const Key& key = context.key(0);
  Keyspace& keys = context.keyspace_of(key);
  EntryRef ref = FindForWrite(context, keys, key);
  keys.SetString(context.db(), key, ref, context.arg(2), Ttl::None());
  CountChanges(context);
  context.reply().Raw(resp::kOkReply);
}

void SetWithTime(CommandContext& context, ExpiryForm form) {
  std::optional<int64_t> deadline = DeadlineOrReply(context, form, context.arg(2));
  if (!deadline.has_value()) return;
  const Key& key = context.key(0);
  Keyspace& keys = context.keyspace_of(key);
  EntryRef ref = FindForWrite(context, keys, key);
  keys.SetString(context.db(), key, ref, context.arg(3), Ttl::At(*deadline));
  CountChanges(context);
  context.reply().Raw(resp::kOkReply);
}

void SetEx(CommandContext& context) { SetWithTime(context, ExpiryForm::kSeconds); }
void PSetEx(CommandContext& context) { SetWithTime(context, ExpiryForm::kMilliseconds); }

void SetNx(CommandContext& context) {
  const Key& key = context.key(0);
  Keyspace& keys = context.keyspace_of(key);
  EntryRef ref = FindToKeep(context, keys, key);
  if (ref) return context.reply().Raw(resp::kZeroReply);
  keys.SetString(context.db(), key, ref, context.arg(2), Ttl::None());
  CountChanges(context);
  context.reply().Raw(resp::kOneReply);
}

void GetSet(CommandContext& context) {
  const Key& key = context.key(0);
  Keyspace& keys = context.keyspace_of(key);
  EntryRef ref = FindForWrite(context, keys, key);
  CountLookup(context, static_cast<bool>(ref));
  if (ref && !IsStringOrReply(context, ref)) return;
  NumberText text;
  ref ? context.reply().Bulk(ref->Text(text)) : context.reply().Null();
  keys.SetString(context.db(), key, ref, context.arg(2), Ttl::None());
  CountChanges(context);
}

bool ArePairsOrReply(CommandContext& context) {
  if (context.argc() % 2 == 1) return true;
  context.reply().Error(errors::WrongArity(context.spec().name));
  return false;
}

void SetPair(CommandContext& context, size_t i) {
  const Key& key = context.key(i);
  Keyspace& keys = context.keyspace_of(key);
  EntryRef ref = FindForWrite(context, keys, key);
  keys.SetString(context.db(), key, ref, context.arg(2 * i + 2), Ttl::None());
}

void SetPairs(CommandContext& context, bool owned_only) {
  size_t pairs = 0;
  ForEachKey(context, owned_only, [&](size_t i) {
    SetPair(context, i);
    ++pairs;
  });
  CountChanges(context, pairs);
}

void MSet(CommandContext& context) {
  if (!ArePairsOrReply(context)) return;
  SetPairs(context, false);
  context.reply().Raw(resp::kOkReply);
}

void MSetFragment(CommandContext& context) {
  if (context.argc() % 2 == 1) SetPairs(context, true);
}

void MSetCombine(CommandContext& context) {
  if (ArePairsOrReply(context)) context.reply().Raw(resp::kOkReply);
}

void MSetNx(CommandContext& context) {
  if (!ArePairsOrReply(context)) return;
  bool any = false;
  ForEachKey(context, false, [&](size_t i) {
    const Key& key = context.key(i);
    if (!any) any = static_cast<bool>(FindToKeep(context, context.keyspace_of(key), key));
  });
  if (any) return context.reply().Raw(resp::kZeroReply);
  SetPairs(context, false);
  context.reply().Raw(resp::kOneReply);
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kStringSetCommands[] = {
    {.name = "getset",
     .arity = 3,
     .flags = kWrite | kDenyOom | kFast,
     .key_specs = kKeyRwAccessUpdate,
     .acl_categories = kAclString,
     .where = Where::kByKeys,
     .run = GetSet,
     .summary = "Set the string value of a key and return its old value",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = "string",
     .doc_flags = "deprecated",
     .deprecated_since = "6.2.0",
     .replaced_by = "`SET` with the `!GET` argument",
     .args = kAppendArgs},
    {.name = "mset",
     .arity = -3,
     .flags = kWrite | kDenyOom,
     .key_specs = kPairsOwUpdate,
     .acl_categories = kAclString,
     .where = Where::kByKeys,
     .several = Several::kScatter,
     .run = MSet,
     .scatter = {.fragment = MSetFragment, .combine = MSetCombine},
     .summary = "Set multiple keys to multiple values",
     .complexity = "O(N) where N is the number of keys to set.",
     .since = "1.0.1",
     .group = "string",
     .tips = kMultiShardSucceededTips,
     .args = kMSetArgs},
    {.name = "msetnx",
     .arity = -3,
     .flags = kWrite | kDenyOom,
     .key_specs = kPairsOwInsert,
     .acl_categories = kAclString,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = MSetNx,
     .summary = "Set multiple keys to multiple values, only if none of the keys exist",
     .complexity = "O(N) where N is the number of keys to set.",
     .since = "1.0.1",
     .group = "string",
     .tips = kMultiShardMinTips,
     .args = kMSetArgs},
    {.name = "psetex",
     .arity = 4,
     .flags = kWrite | kDenyOom,
     .key_specs = kKeyOwUpdate,
     .acl_categories = kAclString,
     .where = Where::kByKeys,
     .run = PSetEx,
     .summary = "Set the value and expiration in milliseconds of a key",
     .complexity = "O(1)",
     .since = "2.6.0",
     .group = "string",
     .args = kPSetExArgs},
    {.name = "set",
     .arity = -3,
     .flags = kWrite | kDenyOom,
     .key_specs = kKeyRwAccessUpdateVariableFlagsNoted,
     .acl_categories = kAclString,
     .where = Where::kByKeys,
     .run = Set,
     .get_keys = SetKeys,
     .summary = "Set the string value of a key",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = "string",
     .history = kSetHistory,
     .args = kSetArgs},
    {.name = "setex",
     .arity = 4,
     .flags = kWrite | kDenyOom,
     .key_specs = kKeyOwUpdate,
     .acl_categories = kAclString,
     .where = Where::kByKeys,
     .run = SetEx,
     .summary = "Set the value and expiration of a key",
     .complexity = "O(1)",
     .since = "2.0.0",
     .group = "string",
     .args = kSetExArgs},
    {.name = "setnx",
     .arity = 3,
     .flags = kWrite | kDenyOom | kFast,
     .key_specs = kKeyOwInsert,
     .acl_categories = kAclString,
     .where = Where::kByKeys,
     .run = SetNx,
     .summary = "Set the value of a key, only if the key does not exist",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = "string",
     .args = kAppendArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> StringSetCommands() { return kStringSetCommands; }

}  // namespace nuthatch::commands
