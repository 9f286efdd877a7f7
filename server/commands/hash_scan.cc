// HSCAN and HRANDFIELD: parts of a hash.
#include <limits>

#include "server/commands/args.h"
#include "server/commands/element_scan.h"
#include "server/commands/group_parts.h"
#include "server/commands/hash_access.h"
#include "server/commands/hash_docs.h"
#include "server/commands/key_specs.h"
#include "server/commands/lookup.h"
#include "server/commands/thread_random.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"
#include "server/runtime/command_spec.h"

namespace nuthatch::commands {
namespace {

using keyspace::Type;

// Redis would go on until memory ends: a reply of fields that may come several times has no more
// than these, for it takes a gigabyte.
constexpr int64_t kMostPicks = int64_t{1} << 27;

void HScan(CommandContext& context) {
  std::optional<uint64_t> cursor = ScanCursorOrReply(context);
  if (!cursor.has_value()) return;
  EntryRef ref = FindForRead(context, context.key(0));
  if (ref && !IsTypeOrReply(context, ref, Type::kHash)) return;
  ElementPage page(context);
  if (!ref) return page.Reply(0);
  std::optional<ElementScanOptions> options = ScanOptionsOrReply(context);
  if (!options.has_value()) return;
  size_t seen = 0;
  uint64_t next = HashView(ref).Scan(*cursor, options->count,
                                     [&](std::string_view field, std::string_view value) {
                                       if (++seen % kFieldsBetweenBreaths == 0) context.Breathe();
                                       if (!options->Matches(field)) return;
                                       page.Add(field);
                                       page.Add(value);
                                     });
  page.Reply(next);
}

// Writes fields, with their values where they are asked for: in RESP3 each with its value in an
// array of its own.
class FieldsReply {
 public:
  FieldsReply(CommandContext& context, size_t count, bool with_values)
      : context_(context), with_values_(with_values) {
    const bool flat = with_values && reply().version() == 2;
    reply().Array(flat ? 2 * count : count);
  }

  void Add(std::string_view field, std::string_view value) {
    if (with_values_ && reply().version() > 2) reply().Array(2);
    reply().Bulk(field);
    if (with_values_) reply().Bulk(value);
    if (++added_ % kFieldsBetweenBreaths == 0) context_.Breathe();
  }

 private:
  resp::ReplyWriter& reply() { return context_.reply(); }

  CommandContext& context_;
  bool with_values_;
  size_t added_ = 0;
};

// `count` is negative for fields that may come several times.
void RandomFields(CommandContext& context, int64_t count, bool with_values) {
  std::optional<HashView> hash = HashOrReply(context);
  if (!hash.has_value()) return;
  if (count == 0 || hash->size() == 0) return context.reply().Raw(resp::kEmptyArrayReply);
  if (count < -kMostPicks) return context.reply().Error(errors::kOutOfRange);
  if (count < 0) {
    HashPicker picker(*hash);
    FieldsReply fields(context, static_cast<size_t>(-count), with_values);
    for (; count < 0; ++count) {
      picker.Pick(ThreadRandom(), [&](std::string_view field, std::string_view value) {
        fields.Add(field, value);
      });
    }
    return;
  }
  const size_t different = std::min(static_cast<size_t>(count), hash->size());
  FieldsReply fields(context, different, with_values);
  hash->Sample(different, ThreadRandom(),
               [&](std::string_view field, std::string_view value) { fields.Add(field, value); });
}

void HRandField(CommandContext& context) {
  if (context.argc() == 2) {
    std::optional<HashView> hash = HashOrReply(context);
    if (!hash.has_value()) return;
    if (hash->size() == 0) return context.reply().Null();
    return hash->Sample(1, ThreadRandom(), [&](std::string_view field, std::string_view) {
      context.reply().Bulk(field);
    });
  }
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  std::optional<int64_t> count = IntegerOrReply(context, context.arg(2));
  if (!count.has_value()) return;
  if (*count < -kMost) return context.reply().Error(errors::kOutOfLongRange);
  const bool with_values = context.argc() == 4 && IsWord(context.arg(3), "withvalues");
  if (context.argc() > 3 && !with_values) return context.reply().Error(errors::kSyntax);
  if (with_values && (*count < -kMost / 2 || *count > kMost / 2)) {
    return context.reply().Error(errors::kOutOfRange);
  }
  RandomFields(context, *count, with_values);
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kHashScanCommands[] = {
    {.name = "hrandfield",
     .arity = -2,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclHash,
     .where = Where::kByKeys,
     .run = HRandField,
     .summary = "Get one or multiple random fields from a hash",
     .complexity = "O(N) where N is the number of fields returned",
     .since = "6.2.0",
     .group = "hash",
     .tips = kHRandFieldTips,
     .args = kHRandFieldArgs},
    {.name = "hscan",
     .arity = -3,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclHash,
     .where = Where::kByKeys,
     .run = HScan,
     .summary = "Incrementally iterate hash fields and associated values",
     .complexity =
         "O(1) for every call. O(N) for a complete iteration, including enough command calls for "
         "the cursor to return back to 0. N is the number of elements inside the collection..",
     .since = "2.8.0",
     .group = "hash",
     .tips = kHRandFieldTips,
     .args = kHScanArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> HashScanCommands() { return kHashScanCommands; }

}  // namespace nuthatch::commands
