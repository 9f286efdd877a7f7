// Commands about the inside of a value: OBJECT.
#include <limits>

#include "eviction/access_field.h"
#include "server/commands/access_bits.h"
#include "server/commands/args.h"
#include "server/commands/generic_docs.h"
#include "server/commands/group_parts.h"
#include "server/commands/key_specs.h"
#include "server/commands/lookup.h"
#include "server/runtime/acl_category.h"

namespace nuthatch::commands {
namespace {

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
    {.name = "object",
     .arity = -2,
     .subcommands = kObjectSubcommands,
     .summary = "A container for object introspection commands",
     .complexity = "Depends on subcommand.",
     .since = "2.2.3",
     .group = "generic"},
};

}  // namespace

std::span<const runtime::CommandSpec> GenericObjectCommands() { return kGenericObjectCommands; }

}  // namespace nuthatch::commands
