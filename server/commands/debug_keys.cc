#include "server/commands/debug_keys.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "eviction/access_field.h"
#include "server/base/table_bucket.h"
#include "server/commands/args.h"
#include "server/commands/errors.h"
#include "server/commands/list_access.h"
#include "server/keyspace/any_value.h"
#include "server/resp/replies.h"
#include "server/runtime/context.h"
#include "server/runtime/node.h"
#include "server/runtime/shard.h"
#include "server/values/listpack.h"
#include "server/values/quicklist.h"
#include "server/values/value_writer.h"

namespace nuthatch::commands {
namespace {

using keyspace::EntryRef;
using keyspace::Key;
using keyspace::Touch;
using runtime::CommandContext;

// Redis's clock of idle times: seconds in 24 bits.
constexpr int64_t kClockMask = (1 << 24) - 1;

constexpr int64_t kKeysBetweenBreaths = 512;

// A count or a size; Redis tells no number from a negative one.
std::optional<int64_t> PositiveOrReply(CommandContext& context, std::string_view text) {
  std::optional<int64_t> value = base::ParseInt64(text);
  if (value.has_value() && *value >= 0) return value;
  context.reply().Error(errors::kNotPositive);
  return std::nullopt;
}

// The nodes of a list, for DEBUG OBJECT. No node is ever compressed.
std::string DescribeNodes(const values::ValueView& list, const config::Config& config) {
  size_t nodes = 1;
  size_t elements = 0;
  size_t bytes = list.bytes.size();
  int64_t fill = kCompactFill;
  if (list.object != nullptr) {
    const auto& quicklist = static_cast<const values::Quicklist&>(*list.object);
    nodes = quicklist.CountNodes();
    elements = quicklist.size();
    fill = quicklist.fill();
    quicklist.ForEachNode([&bytes](bool, std::string_view node) { bytes += node.size(); });
  } else {
    elements = values::Listpack(list.bytes).Count();
  }
  return fmt::format(
      " ql_nodes:{} ql_avg_node:{:.2f} ql_listpack_max:{} ql_compressed:{} "
      "ql_uncompressed_size:{}",
      nodes, static_cast<double>(elements) / static_cast<double>(nodes), fill,
      config.list_compress_depth != 0 ? 1 : 0, bytes);
}

}  // namespace

EntryRef DebugFindOrReply(CommandContext& context) {
  Key key = Key::Of(context.arg(2));
  EntryRef entry = context.keyspace_of(key).Find(context.db(), key, context.now_ms(), Touch::kNone);
  if (!entry) context.reply().Error(errors::kNoSuchKey);
  return entry;
}

void DebugObject(CommandContext& context) {
  EntryRef entry = DebugFindOrReply(context);
  if (!entry) return;
  keyspace::NumberText number;
  values::ValueView value = keyspace::ViewOf(*entry, number);
  base::Buffer serialized;
  values::AppendValue(value, context.config().rdbcompression, serialized);
  int64_t idle_s = eviction::AccessAgeMs(entry->access(), context.now_ms()) / 1000;
  std::string text = fmt::format(
      "Value at:{} refcount:1 encoding:{} serializedlength:{} lru:{} lru_seconds_idle:{}",
      fmt::ptr(entry.get()), values::EncodingName(entry->encoding()), serialized.size(),
      (context.now_ms() / 1000 - idle_s) & kClockMask, idle_s);
  if (value.type == values::Type::kList) text += DescribeNodes(value, context.config());
  context.reply().SimpleString(text);
}

void DebugPopulate(CommandContext& context) {
  std::optional<int64_t> count = PositiveOrReply(context, context.arg(2));
  if (!count.has_value()) return;
  std::string_view prefix = context.argc() >= 4 ? context.arg(3) : std::string_view("key");
  int64_t size = 0;
  if (context.argc() == 5) {
    std::optional<int64_t> given = PositiveOrReply(context, context.arg(4));
    if (!given.has_value()) return;
    size = *given;
  }
  std::string name;
  std::string value;
  for (int64_t i = 0; i < *count; ++i) {
    name = std::string(prefix) + ":" + base::FormatInt64(i);
    Key key = Key::Of(name);
    keyspace::Keyspace& keyspace = context.keyspace_of(key);
    EntryRef found = keyspace.Find(context.db(), key, context.now_ms(), Touch::kNone);
    if (!found) {
      value = "value:" + base::FormatInt64(i);
      // Cut, or filled up with zero bytes.
      if (size > 0) value.resize(static_cast<size_t>(size));
      keyspace.SetString(context.db(), key, found, value, keyspace::Ttl::None());
    }
    if (i % kKeysBetweenBreaths == kKeysBetweenBreaths - 1) context.Breathe();
  }
  context.reply().Raw(resp::kOkReply);
}

// Lengths are never kept with room to spare, but for a blob that grew. Name and embedded value
// share one allocation, which is shown for the value; the name then shows none of its own.
void DebugSdslen(CommandContext& context) {
  EntryRef entry = DebugFindOrReply(context);
  if (!entry) return;
  if (entry->type() != keyspace::Type::kString || entry->kind() == keyspace::ValueKind::kInt) {
    context.reply().Error(errors::kDebugNoSds);
    return;
  }
  bool blob = entry->kind() == keyspace::ValueKind::kBlob;
  size_t spare = blob ? entry->blob()->capacity - entry->blob()->size : 0;
  context.reply().SimpleString(fmt::format(
      "key_sds_len:{}, key_sds_avail:0, key_zmalloc: {}, val_sds_len:{}, val_sds_avail:{}, "
      "val_zmalloc: {}",
      entry->name().size(), blob ? entry->OwnBytes() : 0, entry->TextSize(), spare,
      blob ? entry->blob()->MemoryBytes() : entry->OwnBytes()));
}

void DebugHtstats(CommandContext& context) {
  std::optional<int64_t> db = IntegerOrReply(context, context.arg(2));
  if (!db.has_value()) return;
  runtime::Node& node = context.node();
  if (*db < 0 || *db >= node.shard(0).keyspace().databases()) {
    context.reply().Error(errors::kDebugDbOutOfRange);
    return;
  }
  std::string text;
  for (size_t i = 0; i < node.shard_count(); ++i) {
    const keyspace::Keyspace& keyspace = node.shard(i).keyspace();
    int number = static_cast<int>(*db);
    keyspace::Keyspace::TableFigures figures = keyspace.Tables(number);
    size_t places = figures.buckets * base::kBucketWords;
    text += fmt::format(
        "[Shard {} slot tables]\n"
        " tables: {}\n"
        " tables in motion: {}\n"
        " buckets: {}\n"
        " table size: {}\n"
        " number of elements: {}\n"
        " elements with a deadline: {}\n"
        " elements of the largest table: {}\n"
        " fill: {:.2f}\n",
        i, figures.tables, figures.moving, figures.buckets, places, keyspace.Count(number),
        keyspace.VolatileCount(number), figures.largest,
        places == 0 ? 0.0
                    : static_cast<double>(keyspace.Count(number)) / static_cast<double>(places));
  }
  context.reply().Verbatim("txt", text);
}

}  // namespace nuthatch::commands
