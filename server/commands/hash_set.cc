// Commands that change a hash.
#include <cmath>
#include <string>

#include "server/commands/args.h"
#include "server/commands/group_parts.h"
#include "server/commands/hash_access.h"
#include "server/commands/hash_docs.h"
#include "server/commands/key_specs.h"
#include "server/commands/lookup.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"
#include "server/runtime/command_spec.h"
#include "server/values/listpack.h"

namespace nuthatch::commands {
namespace {

using keyspace::Type;
using values::NumberText;

// Sets the pairs that the command names; how many fields are new, or nullopt after an error reply.
std::optional<size_t> SetPairsOrReply(CommandContext& context) {
  std::span<const std::string_view> pairs = context.args().subspan(2);
  if (pairs.size() % 2 != 0) {
    context.reply().Error(errors::WrongArity(context.spec().name));
    return std::nullopt;
  }
  const Key& key = context.key(0);
  Keyspace& keys = context.keyspace_of(key);
  EntryRef ref = FindForWrite(context, keys, key);
  if (ref && !IsTypeOrReply(context, ref, Type::kHash)) return std::nullopt;
  CountChanges(context, pairs.size() / 2);
  return HashKey(context, keys, key, ref).SetEach(pairs);
}

void HSet(CommandContext& context) {
  std::optional<size_t> created = SetPairsOrReply(context);
  if (created.has_value()) context.reply().Integer(static_cast<int64_t>(*created));
}

void HMSet(CommandContext& context) {
  if (SetPairsOrReply(context).has_value()) context.reply().Raw(resp::kOkReply);
}

void HSetNx(CommandContext& context) {
  const Key& key = context.key(0);
  Keyspace& keys = context.keyspace_of(key);
  EntryRef ref = FindForWrite(context, keys, key);
  if (ref && !IsTypeOrReply(context, ref, Type::kHash)) return;
  HashKey hash(context, keys, key, ref);
  HashKey::Spot spot = hash.Find(context.arg(2));
  if (spot) return context.reply().Raw(resp::kZeroReply);
  hash.SetAt(spot, context.arg(2), context.arg(3));
  CountChanges(context);
  context.reply().Raw(resp::kOneReply);
}

void HDel(CommandContext& context) {
  const Key& key = context.key(0);
  Keyspace& keys = context.keyspace_of(key);
  EntryRef ref = FindForWrite(context, keys, key);
  if (!ref) return context.reply().Raw(resp::kZeroReply);
  if (!IsTypeOrReply(context, ref, Type::kHash)) return;
  size_t erased = HashKey(context, keys, key, ref).EraseEach(context.args().subspan(2));
  CountChanges(context, erased);
  context.reply().Integer(static_cast<int64_t>(erased));
}

void HIncrBy(CommandContext& context) {
  std::optional<int64_t> increment = IntegerOrReply(context, context.arg(3));
  if (!increment.has_value()) return;
  const Key& key = context.key(0);
  Keyspace& keys = context.keyspace_of(key);
  EntryRef ref = FindForWrite(context, keys, key);
  if (ref && !IsTypeOrReply(context, ref, Type::kHash)) return;
  HashKey hash(context, keys, key, ref);
  HashKey::Spot spot = hash.Find(context.arg(2));
  int64_t value = 0;
  if (spot) {
    std::optional<int64_t> old = hash.ValueAt(spot).Integer();
    if (!old.has_value()) return context.reply().Error(errors::kHashValueNotInteger);
    value = *old;
  }
  if (__builtin_add_overflow(value, *increment, &value)) {
    return context.reply().Error(errors::kIncrementOverflow);
  }
  char text[base::kMaxInt64Chars];
  hash.SetAt(spot, context.arg(2), {text, base::FormatInt64(value, text)});
  CountChanges(context);
  context.reply().Integer(value);
}

void HIncrByFloat(CommandContext& context) {
  std::optional<long double> increment = base::ParseLongDouble(context.arg(3));
  if (!increment.has_value()) return context.reply().Error(errors::kNotAFloat);
  if (!std::isfinite(*increment)) return context.reply().Error(errors::kNanOrInfinity);
  const Key& key = context.key(0);
  Keyspace& keys = context.keyspace_of(key);
  EntryRef ref = FindForWrite(context, keys, key);
  if (ref && !IsTypeOrReply(context, ref, Type::kHash)) return;
  HashKey hash(context, keys, key, ref);
  HashKey::Spot spot = hash.Find(context.arg(2));
  long double value = 0;
  if (spot) {
    NumberText number;
    std::optional<long double> old = base::ParseLongDouble(hash.ValueAt(spot).Text(number));
    if (!old.has_value()) return context.reply().Error(errors::kHashValueNotFloat);
    value = *old;
  }
  value += *increment;
  if (!std::isfinite(value)) return context.reply().Error(errors::kIncrementNotFinite);
  std::string text = base::FormatLongDoubleHuman(value);
  hash.SetAt(spot, context.arg(2), text);
  CountChanges(context);
  context.reply().Bulk(text);
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kHashSetCommands[] = {
    {.name = "hdel",
     .arity = -3,
     .flags = kWrite | kFast,
     .key_specs = kHDelKey,
     .acl_categories = kAclHash,
     .where = Where::kByKeys,
     .run = HDel,
     .summary = "Delete one or more hash fields",
     .complexity = "O(N) where N is the number of fields to be removed.",
     .since = "2.0.0",
     .group = "hash",
     .history = kHDelHistory,
     .args = kHDelArgs},
    {.name = "hincrby",
     .arity = 4,
     .flags = kWrite | kDenyOom | kFast,
     .key_specs = kKeyRwAccessUpdate,
     .acl_categories = kAclHash,
     .where = Where::kByKeys,
     .run = HIncrBy,
     .summary = "Increment the integer value of a hash field by the given number",
     .complexity = "O(1)",
     .since = "2.0.0",
     .group = "hash",
     .args = kHIncrByArgs},
    {.name = "hincrbyfloat",
     .arity = 4,
     .flags = kWrite | kDenyOom | kFast,
     .key_specs = kKeyRwAccessUpdate,
     .acl_categories = kAclHash,
     .where = Where::kByKeys,
     .run = HIncrByFloat,
     .summary = "Increment the float value of a hash field by the given amount",
     .complexity = "O(1)",
     .since = "2.6.0",
     .group = "hash",
     .args = kHIncrByFloatArgs},
    {.name = "hmset",
     .arity = -4,
     .flags = kWrite | kDenyOom | kFast,
     .key_specs = kKeyRwUpdate,
     .acl_categories = kAclHash,
     .where = Where::kByKeys,
     .run = HMSet,
     .summary = "Set multiple hash fields to multiple values",
     .complexity = "O(N) where N is the number of fields being set.",
     .since = "2.0.0",
     .group = "hash",
     .doc_flags = "deprecated",
     .deprecated_since = "4.0.0",
     .replaced_by = "`HSET` with multiple field-value pairs",
     .args = kHMSetArgs},
    {.name = "hset",
     .arity = -4,
     .flags = kWrite | kDenyOom | kFast,
     .key_specs = kKeyRwUpdate,
     .acl_categories = kAclHash,
     .where = Where::kByKeys,
     .run = HSet,
     .summary = "Set the string value of a hash field",
     .complexity = "O(1) for each field/value pair added, so O(N) to add N field/value pairs when "
                   "the command is called with multiple field/value pairs.",
     .since = "2.0.0",
     .group = "hash",
     .history = kHSetHistory,
     .args = kHMSetArgs},
    {.name = "hsetnx",
     .arity = 4,
     .flags = kWrite | kDenyOom | kFast,
     .key_specs = kKeyRwInsert,
     .acl_categories = kAclHash,
     .where = Where::kByKeys,
     .run = HSetNx,
     .summary = "Set the value of a hash field, only if the field does not exist",
     .complexity = "O(1)",
     .since = "2.0.0",
     .group = "hash",
     .args = kHSetNxArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> HashSetCommands() { return kHashSetCommands; }

}  // namespace nuthatch::commands
