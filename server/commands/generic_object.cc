// Commands about the inside of a value: OBJECT, DUMP, RESTORE.
#include <algorithm>
#include <limits>

#include "eviction/access_field.h"
#include "eviction/policy.h"
#include "eviction/registry.h"
#include "server/commands/args.h"
#include "server/commands/generic_docs.h"
#include "server/commands/group_parts.h"
#include "server/commands/key_specs.h"
#include "server/commands/lookup.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"
#include "server/values/dump.h"

namespace nuthatch::commands {
namespace {

using keyspace::NumberText;

// --- OBJECT ---

// The references that Redis reports for an integer that it shares between keys, and how many it
// shares.
constexpr int64_t kSharedReferences = std::numeric_limits<int32_t>::max();
constexpr int64_t kSharedIntegers = 10000;

constexpr std::string_view kObjectHelp[] = {
    "OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
    "ENCODING <key>",
    "    Return the kind of internal representation used in order to store the value",
    "    associated with a <key>.",
    "FREQ <key>",
    "    Return the access frequency index of the <key>. The returned integer is",
    "    proportional to the logarithm of the recent access frequency of the key.",
    "IDLETIME <key>",
    "    Return the idle time of the <key>, that is the approximated number of",
    "    seconds elapsed since the last access to the key.",
    "REFCOUNT <key>",
    "    Return the number of references of the value associated with the specified",
    "    <key>.",
    "HELP",
    "    Prints this help.",
};

// The policy of the configuration. Its names are the registry's: there is one.
const eviction::PolicyRow& PolicyOf(const config::Config& config) {
  return *eviction::ParsePolicyName(config.maxmemory_policy_name)->row;
}

// Whether the access bits are a frequency; else they are a time.
bool CountsUses(const config::Config& config) {
  return PolicyOf(config).access == eviction::AccessMeaning::kFrequency;
}

// Whether Redis keeps integers apart under this policy, for it has their clock in the value.
bool SharesNoIntegers(const config::Config& config) {
  std::string_view base = PolicyOf(config).base;
  return base == "lru" || base == "lfu" || base == "lrm";
}

// Neither touches nor counts.
EntryRef FindOrReplyNull(CommandContext& context) {
  const Key& key = context.key(0);
  EntryRef ref = context.keyspace_of(key).Find(context.db(), key, context.now_ms(), Touch::kNone);
  if (!ref) context.reply().Null();
  return ref;
}

void ObjectEncoding(CommandContext& context) {
  if (EntryRef ref = FindOrReplyNull(context)) {
    context.reply().Bulk(values::EncodingName(ref->encoding()));
  }
}

void ObjectFreq(CommandContext& context) {
  EntryRef ref = FindOrReplyNull(context);
  if (!ref) return;
  const config::Config& config = context.config();
  if (!CountsUses(config)) return context.reply().Error(errors::kNotLfu);
  int64_t now_ms = context.now_ms();
  context.reply().Integer(eviction::DecayedCounter(eviction::ToFrequency(ref->access(), now_ms),
                                                   eviction::FrequencyTimeAt(now_ms),
                                                   static_cast<uint32_t>(config.lfu_decay_time)));
}

void ObjectIdleTime(CommandContext& context) {
  EntryRef ref = FindOrReplyNull(context);
  if (!ref) return;
  if (CountsUses(context.config())) return context.reply().Error(errors::kIsLfu);
  context.reply().Integer(eviction::AccessAgeMs(ref->access(), context.now_ms()) / 1000);
}

// Nothing is shared here; this is what a client of Redis sees.
void ObjectRefCount(CommandContext& context) {
  EntryRef ref = FindOrReplyNull(context);
  if (!ref) return;
  const config::Config& config = context.config();
  bool shares = config.maxmemory == 0 || !SharesNoIntegers(config);
  bool shared = shares && ref->kind() == keyspace::ValueKind::kInt && !ref->copied() &&
                ref->integer() >= 0 && ref->integer() < kSharedIntegers;
  context.reply().Integer(shared ? kSharedReferences : 1);
}

void ObjectHelp(CommandContext& context) {
  context.reply().Array(std::size(kObjectHelp));
  for (std::string_view line : kObjectHelp) context.reply().SimpleString(line);
}

// --- DUMP and RESTORE ---

void Dump(CommandContext& context) {
  EntryRef ref = FindForRead(context, context.key(0));
  if (!ref) return context.reply().Null();
  NumberText text;
  base::Buffer payload;
  values::DumpValue({.bytes = ref->Text(text)}, context.config().rdbcompression, payload);
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

// The string in the payload of argument 3, in it or in `scratch`.
std::optional<std::string_view> PayloadStringOrReply(CommandContext& context,
                                                     base::Buffer& scratch) {
  bool check_sum = !context.node().skip_checksums.load(std::memory_order_relaxed);
  if (!values::IsDump(context.arg(3), check_sum)) {
    context.reply().Error(errors::kBadDump);
    return std::nullopt;
  }
  values::RdbReader reader(context.arg(3));
  std::optional<std::string_view> text;
  if (reader.Byte() == static_cast<uint8_t>(values::RdbType::kString)) {
    text = reader.String(context.config().proto_max_bulk_len, scratch);
  }
  if (!text.has_value()) context.reply().Error(errors::kBadDataFormat);
  return text;
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
  base::Buffer scratch;
  std::optional<std::string_view> text = PayloadStringOrReply(context, scratch);
  if (!text.has_value()) return;
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
  ref = keys.SetString(context.db(), key, ref, *text, ttl);
  SetUse(context, *options, *ref);
  CountChanges(context);
  context.reply().Raw(resp::kOkReply);
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kObjectSubcommands[] = {
    {.name = "encoding",
     .arity = 3,
     .flags = kReadonly,
     .key_specs = kKeyAt2Ro,
     .acl_categories = kAclKeyspace,
     .where = Where::kByKeys,
     .run = ObjectEncoding,
     .summary = "Inspect the internal encoding of a Redis object",
     .complexity = "O(1)",
     .since = "2.2.3",
     .group = "generic",
     .tips = kNondeterministicTips,
     .args = kKeyArgs},
    {.name = "freq",
     .arity = 3,
     .flags = kReadonly,
     .key_specs = kKeyAt2Ro,
     .acl_categories = kAclKeyspace,
     .where = Where::kByKeys,
     .run = ObjectFreq,
     .summary = "Get the logarithmic access frequency counter of a Redis object",
     .complexity = "O(1)",
     .since = "4.0.0",
     .group = "generic",
     .tips = kNondeterministicTips,
     .args = kKeyArgs},
    {.name = "help",
     .arity = 2,
     .flags = kLoading | kStale,
     .acl_categories = kAclKeyspace,
     .where = Where::kHome,
     .run = ObjectHelp,
     .summary = "Show helpful text about the different subcommands",
     .complexity = "O(1)",
     .since = "6.2.0",
     .group = "generic"},
    {.name = "idletime",
     .arity = 3,
     .flags = kReadonly,
     .key_specs = kKeyAt2Ro,
     .acl_categories = kAclKeyspace,
     .where = Where::kByKeys,
     .run = ObjectIdleTime,
     .summary = "Get the time since a Redis object was last accessed",
     .complexity = "O(1)",
     .since = "2.2.3",
     .group = "generic",
     .tips = kNondeterministicTips,
     .args = kKeyArgs},
    {.name = "refcount",
     .arity = 3,
     .flags = kReadonly,
     .key_specs = kKeyAt2Ro,
     .acl_categories = kAclKeyspace,
     .where = Where::kByKeys,
     .run = ObjectRefCount,
     .summary = "Get the number of references to the value of the key",
     .complexity = "O(1)",
     .since = "2.2.3",
     .group = "generic",
     .tips = kNondeterministicTips,
     .args = kKeyArgs},
};

constexpr CommandSpec kGenericObjectCommands[] = {
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
    {.name = "object",
     .arity = -2,
     .subcommands = kObjectSubcommands,
     .summary = "A container for object introspection commands",
     .complexity = "Depends on subcommand.",
     .since = "2.2.3",
     .group = "generic"},
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

std::span<const runtime::CommandSpec> GenericObjectCommands() { return kGenericObjectCommands; }

}  // namespace nuthatch::commands
