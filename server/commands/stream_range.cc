// XLEN, XRANGE, XREVRANGE.
#include <cstdint>
#include <optional>
#include <span>

#include "server/commands/args.h"
#include "server/commands/errors.h"
#include "server/commands/group_parts.h"
#include "server/commands/key_specs.h"
#include "server/commands/stream_access.h"
#include "server/commands/stream_args.h"
#include "server/commands/stream_docs.h"
#include "server/commands/stream_reply.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"

namespace nuthatch::commands {
namespace {

using values::StreamId;
using values::StreamReader;

void XLen(CommandContext& context) {
  std::optional<EntryRef> found = ReadStreamOrReply(context, context.key(0));
  if (!found.has_value()) return;
  if (!*found) return context.reply().Raw(resp::kZeroReply);
  context.reply().Integer(static_cast<int64_t>(StreamOf(*found).length()));
}

void Range(CommandContext& context, StreamReader::Direction direction) {
  bool forward = direction == StreamReader::Direction::kForward;
  std::optional<StreamId> start = IntervalStartOrReply(context, context.arg(forward ? 2 : 3));
  if (!start.has_value()) return;
  std::optional<StreamId> end = IntervalEndOrReply(context, context.arg(forward ? 3 : 2));
  if (!end.has_value()) return;
  std::optional<int64_t> count;
  for (size_t i = 4; i < context.argc(); i += 2) {
    if (!IsWord(context.arg(i), "count") || i + 1 == context.argc()) {
      return context.reply().Error(errors::kSyntax);
    }
    count = IntegerOrReply(context, context.arg(i + 1));
    if (!count.has_value()) return;
  }
  std::optional<EntryRef> found = ReadStreamOrReply(context, context.key(0));
  if (!found.has_value()) return;
  if (!*found) return context.reply().Raw(resp::kEmptyArrayReply);
  if (count.has_value() && *count <= 0) return context.reply().NullArray();
  WriteEntries(context, StreamReader(StreamOf(*found), *start, *end, direction),
               static_cast<uint64_t>(count.value_or(0)), [](StreamId) {});
}

void XRange(CommandContext& context) { Range(context, StreamReader::Direction::kForward); }
void XRevRange(CommandContext& context) { Range(context, StreamReader::Direction::kBackward); }

using namespace runtime;  // the words of the rows

constexpr CommandSpec kStreamRangeCommands[] = {
    {.name = "xlen",
     .arity = 2,
     .flags = kReadonly | kFast,
     .key_specs = kKeyRo,
     .acl_categories = kAclStream,
     .where = Where::kByKeys,
     .run = XLen,
     .summary = "Return the number of entries in a stream",
     .complexity = "O(1)",
     .since = "5.0.0",
     .group = "stream",
     .args = kKeyArgs},
    {.name = "xrange",
     .arity = -4,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclStream,
     .where = Where::kByKeys,
     .run = XRange,
     .summary =
         "Return a range of elements in a stream, with IDs matching the specified IDs interval",
     .complexity =
         "O(N) with N being the number of elements being returned. If N is constant (e.g. always "
         "asking for the first 10 elements with COUNT), you can consider it O(1).",
     .since = "5.0.0",
     .group = "stream",
     .history = kXRangeHistory,
     .args = kXRangeArgs},
    {.name = "xrevrange",
     .arity = -4,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclStream,
     .where = Where::kByKeys,
     .run = XRevRange,
     .summary = "Return a range of elements in a stream, with IDs matching the specified IDs "
                "interval, in reverse order (from greater to smaller IDs) compared to XRANGE",
     .complexity = "O(N) with N being the number of elements returned. If N is constant (e.g. "
                   "always asking for the first 10 elements with COUNT), you can consider it O(1).",
     .since = "5.0.0",
     .group = "stream",
     .history = kXRangeHistory,
     .args = kXRevRangeArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> StreamRangeCommands() { return kStreamRangeCommands; }

}  // namespace nuthatch::commands
