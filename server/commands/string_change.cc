// Commands that change a string in place: by a number, at its end, in its middle.
#include <cmath>
#include <cstring>
#include <limits>

#include "server/commands/args.h"
#include "server/commands/group_parts.h"
#include "server/commands/key_specs.h"
#include "server/commands/lookup.h"
#include "server/commands/string_docs.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"

namespace nuthatch::commands {
namespace {

using keyspace::Form;
using keyspace::NumberText;
using keyspace::Ttl;

std::optional<int64_t> NumberOf(const keyspace::Entry& entry) {
  if (entry.kind() == keyspace::ValueKind::kInt) return entry.integer();
  NumberText text;
  return base::ParseInt64(entry.Text(text));
}

void AddInteger(CommandContext& context, int64_t increment) {
  const Key& key = context.key(0);
  Keyspace& keys = context.keyspace_of(key);
  EntryRef ref = FindForWrite(context, keys, key);
  int64_t value = 0;
  if (ref) {
    if (!IsStringOrReply(context, ref)) return;
    std::optional<int64_t> old = NumberOf(*ref);
    if (!old.has_value()) return context.reply().Error(errors::kNotAnInteger);
    value = *old;
  }
  if (__builtin_add_overflow(value, increment, &value)) {
    return context.reply().Error(errors::kIncrementOverflow);
  }
  keys.SetInt(context.db(), key, ref, value, ref ? Ttl::Keep() : Ttl::None());
  CountChanges(context);
  context.reply().Integer(value);
}

void Incr(CommandContext& context) { AddInteger(context, 1); }
void Decr(CommandContext& context) { AddInteger(context, -1); }

void IncrBy(CommandContext& context) {
  std::optional<int64_t> increment = IntegerOrReply(context, context.arg(2));
  if (increment.has_value()) AddInteger(context, *increment);
}

void DecrBy(CommandContext& context) {
  std::optional<int64_t> decrement = IntegerOrReply(context, context.arg(2));
  if (!decrement.has_value()) return;
  if (*decrement == std::numeric_limits<int64_t>::min()) {
    return context.reply().Error(errors::kDecrementOverflow);
  }
  AddInteger(context, -*decrement);
}

void IncrByFloat(CommandContext& context) {
  const Key& key = context.key(0);
  Keyspace& keys = context.keyspace_of(key);
  EntryRef ref = FindForWrite(context, keys, key);
  long double value = 0;
  if (ref) {
    if (!IsStringOrReply(context, ref)) return;
    NumberText text;
    std::optional<long double> old = base::ParseLongDouble(ref->Text(text));
    if (!old.has_value()) return context.reply().Error(errors::kNotAFloat);
    value = *old;
  }
  std::optional<long double> increment = base::ParseLongDouble(context.arg(2));
  if (!increment.has_value()) return context.reply().Error(errors::kNotAFloat);
  value += *increment;
  if (!std::isfinite(value)) return context.reply().Error(errors::kIncrementNotFinite);
  std::string text = base::FormatLongDoubleHuman(value);
  keys.SetString(context.db(), key, ref, text, ref ? Ttl::Keep() : Ttl::None(), Form::kPlain);
  CountChanges(context);
  context.reply().Bulk(text);
}

bool FitsOrReply(CommandContext& context, uint64_t size, uint64_t more) {
  uint64_t total;
  if (!__builtin_add_overflow(size, more, &total) && total <= context.config().proto_max_bulk_len) {
    return true;
  }
  context.reply().Error(errors::kStringTooLong);
  return false;
}

void Append(CommandContext& context) {
  const Key& key = context.key(0);
  std::string_view tail = context.arg(2);
  Keyspace& keys = context.keyspace_of(key);
  EntryRef ref = FindForWrite(context, keys, key);
  size_t size = tail.size();
  if (!ref) {
    keys.SetString(context.db(), key, ref, tail, Ttl::None());
  } else {
    if (!IsStringOrReply(context, ref)) return;
    size_t old_size = ref->TextSize();
    if (!FitsOrReply(context, old_size, tail.size())) return;
    size += old_size;
    char* bytes = keys.ResizeString(context.db(), key, ref, size);
    if (!tail.empty()) std::memcpy(bytes + old_size, tail.data(), tail.size());
    keys.NoteChange(context.db(), key);
  }
  CountChanges(context);
  context.reply().Integer(static_cast<int64_t>(size));
}

void SetRange(CommandContext& context) {
  std::optional<int64_t> offset = IntegerOrReply(context, context.arg(2));
  if (!offset.has_value()) return;
  if (*offset < 0) return context.reply().Error(errors::kOffsetOutOfRange);
  const Key& key = context.key(0);
  std::string_view part = context.arg(3);
  Keyspace& keys = context.keyspace_of(key);
  EntryRef ref = FindForWrite(context, keys, key);
  if (ref && !IsStringOrReply(context, ref)) return;
  size_t old_size = ref ? ref->TextSize() : 0;
  if (part.empty()) return context.reply().Integer(static_cast<int64_t>(old_size));
  if (!FitsOrReply(context, static_cast<uint64_t>(*offset), part.size())) return;
  size_t end = static_cast<size_t>(*offset) + part.size();
  size_t size = std::max(old_size, end);
  char* bytes = keys.ResizeString(context.db(), key, ref, size);
  std::memcpy(bytes + *offset, part.data(), part.size());
  keys.NoteChange(context.db(), key);
  CountChanges(context);
  context.reply().Integer(static_cast<int64_t>(size));
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kStringChangeCommands[] = {
    {.name = "append",
     .arity = 3,
     .flags = kWrite | kDenyOom | kFast,
     .key_specs = kKeyRwInsert,
     .acl_categories = kAclString,
     .where = Where::kByKeys,
     .run = Append,
     .summary = "Append a value to a key",
     .complexity =
         "O(1). The amortized time complexity is O(1) assuming the appended value is small and the "
         "already present value is of any size, since the dynamic string library used by Redis "
         "will double the free space available on every reallocation.",
     .since = "2.0.0",
     .group = "string",
     .args = kAppendArgs},
    {.name = "decr",
     .arity = 2,
     .flags = kWrite | kDenyOom | kFast,
     .key_specs = kKeyRwAccessUpdate,
     .acl_categories = kAclString,
     .where = Where::kByKeys,
     .run = Decr,
     .summary = "Decrement the integer value of a key by one",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = "string",
     .args = kKeyArgs},
    {.name = "decrby",
     .arity = 3,
     .flags = kWrite | kDenyOom | kFast,
     .key_specs = kKeyRwAccessUpdate,
     .acl_categories = kAclString,
     .where = Where::kByKeys,
     .run = DecrBy,
     .summary = "Decrement the integer value of a key by the given number",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = "string",
     .args = kDecrByArgs},
    {.name = "incr",
     .arity = 2,
     .flags = kWrite | kDenyOom | kFast,
     .key_specs = kKeyRwAccessUpdate,
     .acl_categories = kAclString,
     .where = Where::kByKeys,
     .run = Incr,
     .summary = "Increment the integer value of a key by one",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = "string",
     .args = kKeyArgs},
    {.name = "incrby",
     .arity = 3,
     .flags = kWrite | kDenyOom | kFast,
     .key_specs = kKeyRwAccessUpdate,
     .acl_categories = kAclString,
     .where = Where::kByKeys,
     .run = IncrBy,
     .summary = "Increment the integer value of a key by the given amount",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = "string",
     .args = kIncrByArgs},
    {.name = "incrbyfloat",
     .arity = 3,
     .flags = kWrite | kDenyOom | kFast,
     .key_specs = kKeyRwAccessUpdate,
     .acl_categories = kAclString,
     .where = Where::kByKeys,
     .run = IncrByFloat,
     .summary = "Increment the float value of a key by the given amount",
     .complexity = "O(1)",
     .since = "2.6.0",
     .group = "string",
     .args = kIncrByFloatArgs},
    {.name = "setrange",
     .arity = 4,
     .flags = kWrite | kDenyOom,
     .key_specs = kKeyRwUpdate,
     .acl_categories = kAclString,
     .where = Where::kByKeys,
     .run = SetRange,
     .summary = "Overwrite part of a string at key starting at the specified offset",
     .complexity = "O(1), not counting the time taken to copy the new string in place. Usually, "
                   "this string is very small so the amortized complexity is O(1). Otherwise, "
                   "complexity is O(M) with M being the length of the value argument.",
     .since = "2.2.0",
     .group = "string",
     .args = kSetRangeArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> StringChangeCommands() { return kStringChangeCommands; }

}  // namespace nuthatch::commands
