// Commands that read a hash, whole or in part.
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

using values::NumberText;

void ReplyValue(resp::ReplyWriter& reply, std::optional<std::string_view> value) {
  value.has_value() ? reply.Bulk(*value) : reply.Null();
}

void HGet(CommandContext& context) {
  std::optional<HashView> hash = HashOrReply(context);
  if (!hash.has_value()) return;
  NumberText number;
  ReplyValue(context.reply(), hash->Get(context.arg(2), number));
}

void HMGet(CommandContext& context) {
  std::optional<HashView> hash = HashOrReply(context);
  if (!hash.has_value()) return;
  std::span<const std::string_view> fields = context.args().subspan(2);
  context.reply().Array(fields.size());
  size_t seen = 0;
  hash->GetEach(fields, [&](std::optional<std::string_view> value) {
    ReplyValue(context.reply(), value);
    if (++seen % kFieldsBetweenBreaths == 0) context.Breathe();
  });
}

void HExists(CommandContext& context) {
  std::optional<HashView> hash = HashOrReply(context);
  if (!hash.has_value()) return;
  context.reply().Raw(hash->Has(context.arg(2)) ? resp::kOneReply : resp::kZeroReply);
}

void HStrLen(CommandContext& context) {
  std::optional<HashView> hash = HashOrReply(context);
  if (!hash.has_value()) return;
  NumberText number;
  std::string_view value = hash->Get(context.arg(2), number).value_or(std::string_view());
  context.reply().Integer(static_cast<int64_t>(value.size()));
}

void HLen(CommandContext& context) {
  std::optional<HashView> hash = HashOrReply(context);
  if (!hash.has_value()) return;
  context.reply().Integer(static_cast<int64_t>(hash->size()));
}

// Calls give(field, value) for all fields, with a breath now and then.
template <typename Give>
void GiveAll(CommandContext& context, const HashView& hash, const Give& give) {
  size_t seen = 0;
  hash.ForEach([&](std::string_view field, std::string_view value) {
    give(field, value);
    if (++seen % kFieldsBetweenBreaths == 0) context.Breathe();
  });
}

void HGetAll(CommandContext& context) {
  std::optional<HashView> hash = HashOrReply(context);
  if (!hash.has_value()) return;
  context.reply().Map(hash->size());
  GiveAll(context, *hash, [&](std::string_view field, std::string_view value) {
    context.reply().Bulk(field);
    context.reply().Bulk(value);
  });
}

void HKeys(CommandContext& context) {
  std::optional<HashView> hash = HashOrReply(context);
  if (!hash.has_value()) return;
  context.reply().Array(hash->size());
  GiveAll(context, *hash,
          [&](std::string_view field, std::string_view) { context.reply().Bulk(field); });
}

void HVals(CommandContext& context) {
  std::optional<HashView> hash = HashOrReply(context);
  if (!hash.has_value()) return;
  context.reply().Array(hash->size());
  GiveAll(context, *hash,
          [&](std::string_view, std::string_view value) { context.reply().Bulk(value); });
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kHashGetCommands[] = {
    {.name = "hexists",
     .arity = 3,
     .flags = kReadonly | kFast,
     .key_specs = kKeyRo,
     .acl_categories = kAclHash,
     .where = Where::kByKeys,
     .run = HExists,
     .summary = "Determine if a hash field exists",
     .complexity = "O(1)",
     .since = "2.0.0",
     .group = "hash",
     .args = kHExistsArgs},
    {.name = "hget",
     .arity = 3,
     .flags = kReadonly | kFast,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclHash,
     .where = Where::kByKeys,
     .run = HGet,
     .summary = "Get the value of a hash field",
     .complexity = "O(1)",
     .since = "2.0.0",
     .group = "hash",
     .args = kHExistsArgs},
    {.name = "hgetall",
     .arity = 2,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclHash,
     .where = Where::kByKeys,
     .run = HGetAll,
     .summary = "Get all the fields and values in a hash",
     .complexity = "O(N) where N is the size of the hash.",
     .since = "2.0.0",
     .group = "hash",
     .tips = kHGetAllTips,
     .args = kKeyArgs},
    {.name = "hkeys",
     .arity = 2,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclHash,
     .where = Where::kByKeys,
     .run = HKeys,
     .summary = "Get all the fields in a hash",
     .complexity = "O(N) where N is the size of the hash.",
     .since = "2.0.0",
     .group = "hash",
     .tips = kHGetAllTips,
     .args = kKeyArgs},
    {.name = "hlen",
     .arity = 2,
     .flags = kReadonly | kFast,
     .key_specs = kKeyRo,
     .acl_categories = kAclHash,
     .where = Where::kByKeys,
     .run = HLen,
     .summary = "Get the number of fields in a hash",
     .complexity = "O(1)",
     .since = "2.0.0",
     .group = "hash",
     .args = kKeyArgs},
    {.name = "hmget",
     .arity = -3,
     .flags = kReadonly | kFast,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclHash,
     .where = Where::kByKeys,
     .run = HMGet,
     .summary = "Get the values of all the given hash fields",
     .complexity = "O(N) where N is the number of fields being requested.",
     .since = "2.0.0",
     .group = "hash",
     .args = kHDelArgs},
    {.name = "hstrlen",
     .arity = 3,
     .flags = kReadonly | kFast,
     .key_specs = kKeyRo,
     .acl_categories = kAclHash,
     .where = Where::kByKeys,
     .run = HStrLen,
     .summary = "Get the length of the value of a hash field",
     .complexity = "O(1)",
     .since = "3.2.0",
     .group = "hash",
     .args = kHExistsArgs},
    {.name = "hvals",
     .arity = 2,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclHash,
     .where = Where::kByKeys,
     .run = HVals,
     .summary = "Get all the values in a hash",
     .complexity = "O(N) where N is the size of the hash.",
     .since = "2.0.0",
     .group = "hash",
     .tips = kHGetAllTips,
     .args = kKeyArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> HashGetCommands() { return kHashGetCommands; }

}  // namespace nuthatch::commands
