// SCAN: a walk through the keys of a database, shard by shard, within a shard in the order of slots
// and hashes. The cursor says where to go on, and so in which shard.
//
// A page is a scatter over all shards. The shard of the cursor collects; one that comes later
// collects from its beginning only where the page may well reach it: when the cursor stands at the
// beginning of a shard, or when the shard holds little. (Nobody knows what is left in another
// shard.) The combination takes the parts in the order of the shards until it has enough keys; a
// part that isn't taken costs what it cost, and is collected again by a later page. So a small
// database comes in one page, however it lies in its shards, and in a large one hardly any work is
// done twice; a page at the border of two large shards may be short.
#include <cerrno>
#include <cstdlib>

#include "server/base/glob.h"
#include "server/commands/args.h"
#include "server/commands/generic_docs.h"
#include "server/commands/group_parts.h"
#include "server/commands/lookup.h"
#include "server/runtime/acl_category.h"
#include "server/runtime/node.h"

namespace nuthatch::commands {
namespace {

// Keys of a page where COUNT says nothing.
constexpr size_t kDefaultCount = 10;
// A later shard with at most so many pages of keys collects ahead.
constexpr size_t kPagesAhead = 4;
// However much COUNT asks for, a shard visits no more keys in one page than these.
constexpr size_t kMostCount = size_t{1} << 40;

struct ScanRequest {
  uint64_t cursor = 0;
  size_t count = kDefaultCount;
  std::string_view pattern = "*";
  std::optional<std::string_view> type;
};

// A number as strtoul() reads it, which is how Redis reads a cursor: a sign may precede it, what
// follows a zero byte doesn't matter, and no digits at all mean 0.
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

// The arguments, or the error to reply.
struct ParsedScan {
  ScanRequest request;
  std::string_view error;
};

ParsedScan ParseScan(const CommandContext& context) {
  ParsedScan parsed;
  std::optional<uint64_t> cursor = ParseCursor(context.arg(1));
  if (!cursor.has_value()) return {{}, errors::kInvalidCursor};
  parsed.request.cursor = *cursor;
  for (size_t i = 2; i < context.argc(); i += 2) {
    if (i + 1 == context.argc()) return {{}, errors::kSyntax};
    std::string_view value = context.arg(i + 1);
    if (IsWord(context.arg(i), "count")) {
      std::optional<int64_t> count = base::ParseInt64(value);
      if (!count.has_value()) return {{}, errors::kNotAnInteger};
      if (*count < 1) return {{}, errors::kSyntax};
      parsed.request.count = std::min(static_cast<size_t>(*count), kMostCount);
    } else if (IsWord(context.arg(i), "match")) {
      parsed.request.pattern = value;
    } else if (IsWord(context.arg(i), "type")) {
      parsed.request.type = value;
    } else {
      return {{}, errors::kSyntax};
    }
  }
  return parsed;
}

// What a fragment leaves: keys as a reply in part().bytes, how many in part().number, and these
// in part().ends.
enum PartField : size_t {
  kSize,       // keys of the shard
  kCollected,  // 1 if it has collected
  kVisited,    // keys looked at
  kNext,       // the cursor behind them, 0 at the shard's end
  kPartFields,
};

bool Matches(const CommandContext& context, const ScanRequest& request, bool all,
             const keyspace::Entry& entry) {
  if (entry.ExpiredAt(context.now_ms())) return false;
  if (request.type.has_value() && !IsWord(*request.type, values::TypeName(entry.type()))) {
    return false;
  }
  return all || base::GlobMatch(request.pattern, entry.name());
}

void Collect(CommandContext& context, const ScanRequest& request, uint64_t cursor) {
  runtime::ScatterPart& part = context.part();
  resp::ReplyWriter reply(&part.bytes, context.caller().protocol);
  bool all = request.pattern == "*";
  size_t visited = 0;
  auto visit = [&](keyspace::Entry& entry) {
    ++visited;
    if (!Matches(context, request, all, entry)) return;
    reply.Bulk(entry.name());
    ++part.number;
  };
  uint64_t next = context.shard().keyspace().Scan(context.db(), cursor, request.count, visit);
  part.ends[kCollected] = 1;
  part.ends[kVisited] = visited;
  part.ends[kNext] = next;
}

void ScanFragment(CommandContext& context) {
  ParsedScan parsed = ParseScan(context);
  if (!parsed.error.empty()) return;
  const ScanRequest& request = parsed.request;
  int shards = static_cast<int>(context.node().shard_count());
  int current = Keyspace::ShardOfCursor(request.cursor, shards);
  int self = static_cast<int>(context.shard().index());
  runtime::ScatterPart& part = context.part();
  size_t size = context.shard().keyspace().Count(context.db());
  part.ends.assign(kPartFields, 0);
  part.ends[kSize] = size;
  if (self == current) return Collect(context, request, request.cursor);
  if (self < current || size == 0) return;
  bool reachable =
      request.cursor == Keyspace::FirstCursor(current) || size / kPagesAhead <= request.count;
  if (reachable) Collect(context, request, Keyspace::FirstCursor(self));
}

void ScanCombine(CommandContext& context) {
  ParsedScan parsed = ParseScan(context);
  if (!parsed.error.empty()) return context.reply().Error(parsed.error);
  const ScanRequest& request = parsed.request;
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

using namespace runtime;  // the words of the rows

constexpr CommandSpec kScanCommands[] = {
    {.name = "scan",
     .arity = -2,
     .flags = kReadonly,
     .acl_categories = kAclKeyspace,
     .where = Where::kScatterAll,
     .scatter = {.fragment = ScanFragment, .combine = ScanCombine},
     .summary = "Incrementally iterate the keys space",
     .complexity =
         "O(1) for every call. O(N) for a complete iteration, including enough command calls for "
         "the cursor to return back to 0. N is the number of elements inside the collection.",
     .since = "2.8.0",
     .group = "generic",
     .history = kScanHistory,
     .tips = kScanTips,
     .args = kScanArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> ScanCommands() { return kScanCommands; }

}  // namespace nuthatch::commands
