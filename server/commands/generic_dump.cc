// DUMP and RESTORE: values of any type as bytes, and back.
#include <algorithm>
#include <optional>
#include <utility>

#include "eviction/policy.h"
#include "server/commands/access_bits.h"
#include "server/commands/args.h"
#include "server/commands/generic_docs.h"
#include "server/commands/group_parts.h"
#include "server/commands/key_specs.h"
#include "server/commands/load_limits.h"
#include "server/commands/lookup.h"
#include "server/keyspace/any_value.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"
#include "server/values/dump.h"
#include "server/values/value_reader.h"

namespace nuthatch::commands {
namespace {

void Dump(CommandContext& context) {
  EntryRef ref = FindForRead(context, context.key(0));
  if (!ref) return context.reply().Null();
  keyspace::NumberText text;
  base::Buffer payload;
  values::DumpValue(keyspace::ViewOf(*ref, text), context.config().rdbcompression, payload);
  context.reply().Bulk(payload.view());
}

// Longer than any policy remembers.
constexpr int64_t kMostIdleSeconds = int64_t{10} * 365 * 24 * 3600;

struct RestoreOptions {
  bool replace = false;
  bool absolute_ttl = false;
  std::optional<int64_t> idle_seconds;
  std::optional<int64_t> frequency;
};

std::optional<RestoreOptions> ParseRestoreOptions(CommandContext& context) {
  RestoreOptions options;
  for (size_t i = 4; i < context.argc(); ++i) {
    std::string_view arg = context.arg(i);
    bool more = i + 1 < context.argc();
    if (IsWord(arg, "replace")) {
      options.replace = true;
    } else if (IsWord(arg, "absttl")) {
      options.absolute_ttl = true;
    } else if (IsWord(arg, "idletime") && more && !options.frequency.has_value()) {
      options.idle_seconds = IntegerOrReply(context, context.arg(++i));
      if (!options.idle_seconds.has_value()) return std::nullopt;
      if (*options.idle_seconds < 0) {
        context.reply().Error(errors::kInvalidIdleTime);
        return std::nullopt;
      }
    } else if (IsWord(arg, "freq") && more && !options.idle_seconds.has_value()) {
      options.frequency = IntegerOrReply(context, context.arg(++i));
      if (!options.frequency.has_value()) return std::nullopt;
      if (*options.frequency < 0 || *options.frequency > 255) {
        context.reply().Error(errors::kInvalidFreq);
        return std::nullopt;
      }
    } else {
      context.reply().Error(errors::kSyntax);
      return std::nullopt;
    }
  }
  return options;
}

// The deadline that the argument means, or kNoDeadline.
std::optional<int64_t> RestoreDeadlineOrReply(CommandContext& context, bool absolute) {
  std::optional<int64_t> ttl = IntegerOrReply(context, context.arg(2));
  if (!ttl.has_value()) return std::nullopt;
  if (*ttl < 0) {
    context.reply().Error(errors::kInvalidTtl);
    return std::nullopt;
  }
  if (*ttl == 0) return keyspace::kNoDeadline;
  if (absolute) return ttl;
  int64_t deadline;
  // A sum beyond 64 bits turns negative in Redis: a deadline that has come.
  if (__builtin_add_overflow(*ttl, context.now_ms(), &deadline)) return 0;
  return deadline;
}

// The value in the payload of argument 3.
std::optional<values::LoadedValue> PayloadValueOrReply(CommandContext& context) {
  bool check_sum = !context.node().skip_checksums.load(std::memory_order_relaxed);
  if (!values::IsDump(context.arg(3), check_sum)) {
    context.reply().Error(errors::kBadDump);
    return std::nullopt;
  }
  values::RdbReader reader(context.arg(3));
  std::optional<uint8_t> type = reader.Byte();
  auto value = values::ReadValue(type.value_or(0), reader, LoadLimitsOf(context.config()));
  if (value.ok()) return std::move(value.value());
  context.reply().Error(errors::kBadDataFormat);
  return std::nullopt;
}

// What the payload's sender knew of the key's use, if it is what the policy goes by.
void SetUse(const CommandContext& context, const RestoreOptions& options, keyspace::Entry& entry) {
  bool lfu = CountsUses(context.config());
  if (lfu && options.frequency.has_value()) {
    entry.access() = eviction::Policy::AccessOfFrequency(static_cast<uint32_t>(*options.frequency),
                                                         context.now_ms());
  } else if (!lfu && options.idle_seconds.has_value()) {
    int64_t idle_ms = std::min(*options.idle_seconds, kMostIdleSeconds) * 1000;
    entry.access() = eviction::Policy::AccessOfIdleMs(idle_ms, context.now_ms());
  }
}

void Restore(CommandContext& context) {
  std::optional<RestoreOptions> options = ParseRestoreOptions(context);
  if (!options.has_value()) return;
  const Key& key = context.key(0);
  EntryRef ref = FindForWrite(context, key);
  if (ref && !options->replace) return context.reply().Error(errors::kBusyKey);
  std::optional<int64_t> deadline = RestoreDeadlineOrReply(context, options->absolute_ttl);
  if (!deadline.has_value()) return;
  std::optional<values::LoadedValue> value = PayloadValueOrReply(context);
  if (!value.has_value()) return;
  Keyspace& keys = context.keyspace_of(key);
  bool has_deadline = *deadline != keyspace::kNoDeadline;
  if (has_deadline && *deadline <= context.now_ms()) {
    if (ref) {
      keys.Erase(context.db(), key, ref);
      CountChanges(context);
    }
    return context.reply().Raw(resp::kOkReply);
  }
  keyspace::Ttl ttl = has_deadline ? keyspace::Ttl::At(*deadline) : keyspace::Ttl::None();
  ref = keyspace::StoreValue(keys, context.db(), key, ref, std::move(*value), ttl);
  SetUse(context, *options, *ref);
  CountChanges(context);
  context.reply().Raw(resp::kOkReply);
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kGenericDumpCommands[] = {
    {.name = "dump",
     .arity = 2,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclKeyspace,
     .where = Where::kByKeys,
     .run = Dump,
     .summary = "Return a serialized version of the value stored at the specified key.",
     .complexity =
         "O(1) to access the key and additional O(N*M) to serialize it, where N is the number of "
         "Redis objects composing the value and M their average size. For small string values the "
         "time complexity is thus O(1)+O(1*M) where M is small, so simply O(1).",
     .since = "2.6.0",
     .group = "generic",
     .tips = kNondeterministicTips,
     .args = kKeyArgs},
    {.name = "restore",
     .arity = -4,
     .flags = kWrite | kDenyOom,
     .key_specs = kKeyOwUpdate,
     .acl_categories = kAclKeyspace | kAclDangerous,
     .where = Where::kByKeys,
     .run = Restore,
     .summary = "Create a key using the provided serialized value, previously obtained using DUMP.",
     .complexity = "O(1) to create the new key and additional O(N*M) to reconstruct the serialized "
                   "value, where N is the number of Redis objects composing the value and M their "
                   "average size. For small string values the time complexity is thus O(1)+O(1*M) "
                   "where M is small, so simply O(1). However for sorted set values the complexity "
                   "is O(N*M*log(N)) because inserting values into sorted sets is O(log(N)).",
     .since = "2.6.0",
     .group = "generic",
     .history = kRestoreHistory,
     .args = kRestoreArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> GenericDumpCommands() { return kGenericDumpCommands; }

}  // namespace nuthatch::commands
