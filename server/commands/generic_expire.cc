// The commands of deadlines: EXPIRE and its kin set them, TTL and its kin tell them.
#include <limits>

#include "server/commands/args.h"
#include "server/commands/generic_docs.h"
#include "server/commands/group_parts.h"
#include "server/commands/key_specs.h"
#include "server/commands/lookup.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"

namespace nuthatch::commands {
namespace {

enum class Unit : int64_t { kMilliseconds = 1, kSeconds = 1000 };

struct Condition {
  bool nx = false;
  bool xx = false;
  bool gt = false;
  bool lt = false;

  // `current` is kNoDeadline where there is none, which counts as later than any other.
  bool Allows(int64_t current, int64_t wanted) const {
    bool has = current != keyspace::kNoDeadline;
    if (nx && has) return false;
    if (xx && !has) return false;
    if (gt && (!has || wanted <= current)) return false;
    if (lt && has && wanted >= current) return false;
    return true;
  }
};

std::optional<Condition> ConditionOrReply(CommandContext& context) {
  Condition condition;
  for (size_t i = 3; i < context.argc(); ++i) {
    std::string_view arg = context.arg(i);
    if (IsWord(arg, "nx")) {
      condition.nx = true;
    } else if (IsWord(arg, "xx")) {
      condition.xx = true;
    } else if (IsWord(arg, "gt")) {
      condition.gt = true;
    } else if (IsWord(arg, "lt")) {
      condition.lt = true;
    } else {
      context.reply().Error(errors::UnsupportedOption(arg));
      return std::nullopt;
    }
  }
  if (condition.nx && (condition.xx || condition.gt || condition.lt)) {
    context.reply().Error(errors::kExpireNxWithOthers);
    return std::nullopt;
  }
  if (condition.gt && condition.lt) {
    context.reply().Error(errors::kExpireGtWithLt);
    return std::nullopt;
  }
  return condition;
}

// The deadline that argument 2 means, counted from `base_ms`. It may lie before the epoch.
std::optional<int64_t> WantedDeadlineOrReply(CommandContext& context, Unit unit, int64_t base_ms) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  std::optional<int64_t> given = IntegerOrReply(context, context.arg(2));
  if (!given.has_value()) return std::nullopt;
  int64_t factor = static_cast<int64_t>(unit);
  if (*given <= kMost / factor && *given >= kLeast / factor && *given * factor <= kMost - base_ms) {
    return *given * factor + base_ms;
  }
  context.reply().Error(errors::InvalidExpireTime(context.spec().name));
  return std::nullopt;
}

void SetDeadline(CommandContext& context, Unit unit, int64_t base_ms) {
  std::optional<Condition> condition = ConditionOrReply(context);
  if (!condition.has_value()) return;
  std::optional<int64_t> wanted = WantedDeadlineOrReply(context, unit, base_ms);
  if (!wanted.has_value()) return;
  const Key& key = context.key(0);
  EntryRef ref = FindForWrite(context, key);
  if (!ref || !condition->Allows(ref->deadline_ms(), *wanted)) {
    return context.reply().Raw(resp::kZeroReply);
  }
  Keyspace& keys = context.keyspace_of(key);
  if (*wanted <= context.now_ms()) {
    keys.Erase(context.db(), key, ref);
  } else {
    keys.SetDeadline(context.db(), key, ref, *wanted);
  }
  CountChanges(context);
  context.reply().Raw(resp::kOneReply);
}

void Expire(CommandContext& context) { SetDeadline(context, Unit::kSeconds, context.now_ms()); }
void PExpire(CommandContext& context) {
  SetDeadline(context, Unit::kMilliseconds, context.now_ms());
}
void ExpireAt(CommandContext& context) { SetDeadline(context, Unit::kSeconds, 0); }
void PExpireAt(CommandContext& context) { SetDeadline(context, Unit::kMilliseconds, 0); }

// The deadline, or what is left of the time to it, rounded to the nearest unit.
void TellDeadline(CommandContext& context, Unit unit, int64_t base_ms) {
  EntryRef ref = FindUntouched(context, context.key(0));
  if (!ref) return context.reply().Raw(resp::kMinusTwoReply);
  if (!ref->has_deadline()) return context.reply().Raw(resp::kMinusOneReply);
  uint64_t time_ms = static_cast<uint64_t>(ref->deadline_ms() - base_ms);
  uint64_t factor = static_cast<uint64_t>(unit);
  context.reply().Integer(static_cast<int64_t>((time_ms + factor / 2) / factor));
}

void Ttl(CommandContext& context) { TellDeadline(context, Unit::kSeconds, context.now_ms()); }
void PTtl(CommandContext& context) { TellDeadline(context, Unit::kMilliseconds, context.now_ms()); }
void ExpireTime(CommandContext& context) { TellDeadline(context, Unit::kSeconds, 0); }
void PExpireTime(CommandContext& context) { TellDeadline(context, Unit::kMilliseconds, 0); }

void Persist(CommandContext& context) {
  const Key& key = context.key(0);
  EntryRef ref = FindForWrite(context, key);
  if (!ref || !ref->has_deadline()) return context.reply().Raw(resp::kZeroReply);
  context.keyspace_of(key).ClearDeadline(context.db(), key, ref);
  CountChanges(context);
  context.reply().Raw(resp::kOneReply);
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kGenericExpireCommands[] = {
    {.name = "expire",
     .arity = -3,
     .flags = kWrite | kFast,
     .key_specs = kKeyRwUpdate,
     .acl_categories = kAclKeyspace,
     .where = Where::kByKeys,
     .run = Expire,
     .summary = "Set a key's time to live in seconds",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = "generic",
     .history = kExpireHistory,
     .args = kExpireArgs},
    {.name = "expireat",
     .arity = -3,
     .flags = kWrite | kFast,
     .key_specs = kKeyRwUpdate,
     .acl_categories = kAclKeyspace,
     .where = Where::kByKeys,
     .run = ExpireAt,
     .summary = "Set the expiration for a key as a UNIX timestamp",
     .complexity = "O(1)",
     .since = "1.2.0",
     .group = "generic",
     .history = kExpireHistory,
     .args = kExpireAtArgs},
    {.name = "expiretime",
     .arity = 2,
     .flags = kReadonly | kFast,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclKeyspace,
     .where = Where::kByKeys,
     .run = ExpireTime,
     .summary = "Get the expiration Unix timestamp for a key",
     .complexity = "O(1)",
     .since = "7.0.0",
     .group = "generic",
     .args = kKeyArgs},
    {.name = "persist",
     .arity = 2,
     .flags = kWrite | kFast,
     .key_specs = kKeyRwUpdate,
     .acl_categories = kAclKeyspace,
     .where = Where::kByKeys,
     .run = Persist,
     .summary = "Remove the expiration from a key",
     .complexity = "O(1)",
     .since = "2.2.0",
     .group = "generic",
     .args = kKeyArgs},
    {.name = "pexpire",
     .arity = -3,
     .flags = kWrite | kFast,
     .key_specs = kKeyRwUpdate,
     .acl_categories = kAclKeyspace,
     .where = Where::kByKeys,
     .run = PExpire,
     .summary = "Set a key's time to live in milliseconds",
     .complexity = "O(1)",
     .since = "2.6.0",
     .group = "generic",
     .history = kExpireHistory,
     .args = kPExpireArgs},
    {.name = "pexpireat",
     .arity = -3,
     .flags = kWrite | kFast,
     .key_specs = kKeyRwUpdate,
     .acl_categories = kAclKeyspace,
     .where = Where::kByKeys,
     .run = PExpireAt,
     .summary = "Set the expiration for a key as a UNIX timestamp specified in milliseconds",
     .complexity = "O(1)",
     .since = "2.6.0",
     .group = "generic",
     .history = kExpireHistory,
     .args = kPExpireAtArgs},
    {.name = "pexpiretime",
     .arity = 2,
     .flags = kReadonly | kFast,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclKeyspace,
     .where = Where::kByKeys,
     .run = PExpireTime,
     .summary = "Get the expiration Unix timestamp for a key in milliseconds",
     .complexity = "O(1)",
     .since = "7.0.0",
     .group = "generic",
     .args = kKeyArgs},
    {.name = "pttl",
     .arity = 2,
     .flags = kReadonly | kFast,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclKeyspace,
     .where = Where::kByKeys,
     .run = PTtl,
     .summary = "Get the time to live for a key in milliseconds",
     .complexity = "O(1)",
     .since = "2.6.0",
     .group = "generic",
     .history = kPTtlHistory,
     .tips = kNondeterministicTips,
     .args = kKeyArgs},
    {.name = "ttl",
     .arity = 2,
     .flags = kReadonly | kFast,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclKeyspace,
     .where = Where::kByKeys,
     .run = Ttl,
     .summary = "Get the time to live for a key in seconds",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = "generic",
     .history = kPTtlHistory,
     .tips = kNondeterministicTips,
     .args = kKeyArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> GenericExpireCommands() { return kGenericExpireCommands; }

}  // namespace nuthatch::commands
