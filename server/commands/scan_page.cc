// A page is a scatter over all shards. The shard of the cursor collects; one that comes later
// collects from its beginning only where the page may well reach it: when the cursor stands at the
// beginning of a shard, or when the shard holds little. (Nobody knows what is left in another
// shard.) The combination takes the parts in the order of the shards until it has enough keys; a
// part that isn't taken costs what it cost, and is collected again by a later page. So a small
// database comes in one page, however it lies in its shards, and in a large one hardly any work is
// done twice; a page at the border of two large shards may be short.
#include "server/commands/scan_page.h"

#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <vector>

#include "server/base/glob.h"
#include "server/commands/args.h"
#include "server/commands/lookup.h"
#include "server/runtime/node.h"

namespace nuthatch::commands {
namespace {

// A later shard with at most so many pages of keys collects ahead.
constexpr size_t kPagesAhead = 4;
// However much COUNT asks for, a shard visits no more keys in one page than these.
constexpr size_t kMostCount = size_t{1} << 40;

// What a fragment leaves: keys as a reply in part().bytes, how many in part().number, and these
// in part().ends.
enum PartField : size_t {
  kSize,       // keys of the shard that are asked for
  kCollected,  // 1 if it has collected
  kVisited,    // keys looked at
  kNext,       // the cursor behind them, 0 at the shard's end
  kPartFields,
};

bool HasType(const ScanRequest& request, const keyspace::Entry& entry) {
  return !request.type.has_value() || IsWord(*request.type, values::TypeName(entry.type()));
}

void Collect(CommandContext& context, const ScanRequest& request, uint64_t cursor) {
  runtime::ScatterPart& part = context.part();
  resp::ReplyWriter reply(&part.bytes, context.caller().protocol);
  bool all = request.pattern == "*";
  size_t visited = 0;
  std::vector<std::string> expired;
  auto visit = [&](keyspace::Entry& entry) {
    ++visited;
    if (!all && !base::GlobMatch(request.pattern, entry.name())) return;
    if (entry.ExpiredAt(context.now_ms())) {
      expired.emplace_back(entry.name());
    } else if (HasType(request, entry)) {
      reply.Bulk(entry.name());
      ++part.number;
    }
  };
  Keyspace& keys = context.shard().keyspace();
  uint64_t next = keys.Scan(context.db(), cursor, request.count, visit, request.of);
  // Whoever looks at a key whose time has come removes it.
  for (const std::string& name : expired) {
    keys.Find(context.db(), Key::Of(name), context.now_ms(), keyspace::Touch::kNone);
  }
  part.ends[kCollected] = 1;
  part.ends[kVisited] = visited;
  part.ends[kNext] = next;
}

}  // namespace

std::optional<uint64_t> ParseCursor(std::string_view text) {
  std::string copy(text);
  if (!copy.empty() && std::isspace(static_cast<unsigned char>(copy.front())) != 0) {
    return std::nullopt;
  }
  char* end = nullptr;
  errno = 0;
  uint64_t cursor = std::strtoul(copy.c_str(), &end, 10);
  if (*end != '\0' || errno == ERANGE) return std::nullopt;
  return cursor;
}

std::string_view ParseScanCount(std::string_view text, size_t* count) {
  std::optional<int64_t> value = base::ParseInt64(text);
  if (!value.has_value()) return errors::kNotAnInteger;
  if (*value < 1) return errors::kSyntax;
  *count = std::min(static_cast<size_t>(*value), kMostCount);
  return {};
}

void CollectPage(CommandContext& context, const ScanRequest& request) {
  int shards = static_cast<int>(context.node().shard_count());
  int current = Keyspace::ShardOfCursor(request.cursor, shards);
  int self = static_cast<int>(context.shard().index());
  runtime::ScatterPart& part = context.part();
  const Keyspace& keys = context.shard().keyspace();
  size_t size = request.of == Keyspace::ScanOf::kPinned ? keys.PinnedCount(context.db())
                                                        : keys.Count(context.db());
  part.ends.assign(kPartFields, 0);
  part.ends[kSize] = size;
  if (self == current) return Collect(context, request, request.cursor);
  if (self < current || size == 0) return;
  bool reachable =
      request.cursor == Keyspace::FirstCursor(current) || size / kPagesAhead <= request.count;
  if (reachable) Collect(context, request, Keyspace::FirstCursor(self));
}

void CombinePage(CommandContext& context, const ScanRequest& request) {
  std::span<runtime::ScatterPart> parts = context.parts();
  int shards = static_cast<int>(parts.size());
  int current = Keyspace::ShardOfCursor(request.cursor, shards);
  uint64_t next = 0;
  size_t visited = 0;
  int64_t keys = 0;
  int end = current;  // the parts before it are taken
  for (; end < shards; ++end) {
    const runtime::ScatterPart& part = parts[static_cast<size_t>(end)];
    if (end != current && part.ends[kSize] == 0) continue;
    if (visited >= request.count || part.ends[kCollected] == 0) {
      next = Keyspace::FirstCursor(end);
      break;
    }
    visited += part.ends[kVisited];
    keys += part.number;
    next = part.ends[kNext];
    if (next != 0) {
      ++end;
      break;
    }
  }
  context.reply().Array(2);
  char cursor[base::kMaxInt64Chars];
  context.reply().Bulk({cursor, base::FormatInt64(static_cast<int64_t>(next), cursor)});
  context.reply().Array(static_cast<size_t>(keys));
  for (int i = current; i < end; ++i) {
    const runtime::ScatterPart& part = parts[static_cast<size_t>(i)];
    context.reply().Raw(part.bytes.view());
  }
}

}  // namespace nuthatch::commands
