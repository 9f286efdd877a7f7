#include "server/commands/debug_keys.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "eviction/access_field.h"
#include "server/commands/args.h"
#include "server/commands/errors.h"
#include "server/resp/replies.h"
#include "server/runtime/context.h"
#include "server/values/dump.h"

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

}  // namespace

void DebugObject(CommandContext& context) {
  Key key = Key::Of(context.arg(2));
  EntryRef entry = context.keyspace_of(key).Find(context.db(), key, context.now_ms(), Touch::kNone);
  if (!entry) {
    context.reply().Error(errors::kNoSuchKey);
    return;
  }
  keyspace::NumberText number;
  base::Buffer serialized;
  values::AppendRdbString(entry->Text(number), context.config().rdbcompression, serialized);
  int64_t idle_s = eviction::AccessAgeMs(entry->access(), context.now_ms()) / 1000;
  context.reply().SimpleString(fmt::format(
      "Value at:{} refcount:1 encoding:{} serializedlength:{} lru:{} lru_seconds_idle:{}",
      fmt::ptr(entry.get()), values::EncodingName(entry->encoding()), serialized.size(),
      (context.now_ms() / 1000 - idle_s) & kClockMask, idle_s));
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

}  // namespace nuthatch::commands
