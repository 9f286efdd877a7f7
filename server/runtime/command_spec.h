// CommandSpec: one row of the command table: all that the server knows of a command before it runs
// it.
//
// Rows are constexpr data beside the command's function (commands/*.cc and the higher rooms),
// collected by the CommandTable. COMMAND, COMMAND DOCS, ACL categories, routing and the oracle's
// generator derive from the row. Immutable; any thread may read it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

namespace nuthatch::runtime {

class CommandContext;

// The flags of COMMAND INFO, in Redis's words, and behind them what only routing reads.
enum CommandFlag : uint64_t {
  kWrite = 1ull << 0,
  kReadonly = 1ull << 1,
  kDenyOom = 1ull << 2,
  kModule = 1ull << 3,
  kAdmin = 1ull << 4,
  kPubsub = 1ull << 5,
  kNoscript = 1ull << 6,
  kBlocking = 1ull << 7,
  kLoading = 1ull << 8,
  kStale = 1ull << 9,
  kSkipMonitor = 1ull << 10,
  kSkipSlowlog = 1ull << 11,
  kAsking = 1ull << 12,
  kFast = 1ull << 13,
  kNoAuth = 1ull << 14,
  kMayReplicate = 1ull << 15,
  kNoMandatoryKeys = 1ull << 16,
  kNoAsyncLoading = 1ull << 17,
  kNoMulti = 1ull << 18,
  kMovableKeys = 1ull << 19,
  kAllowBusy = 1ull << 20,
  // Not shown to clients:
  kBarrier =
      1ull
      << 32,  // nothing behind it on its connection runs or is posted before its reply is there
  // At home, but shows whether a watched key was changed: it waits for what its connection has in
  // flight.
  kShowsWatch = 1ull << 34,
  kReadsTime = 1ull << 33  // reserved for commands whose effect depends on the posting's time
};

// Where a command runs (DESIGN: "A row says where a command runs").
enum class Where : uint8_t {
  kHome,        // touches nothing but its connection: in the connection's shard, even while that is
                // parked
  kByKeys,      // on the shards of its keys
  kScatterAll,  // a fragment on every shard
  kRendezvousAll,  // once, with every shard's keyspace held
};

// What a by-keys command becomes when its keys live in several shards.
enum class Several : uint8_t { kRendezvous, kScatter };

// What a command means to a transaction (MULTI): most are queued in it.
enum class InMulti : uint8_t { kQueued, kAtOnce, kMulti, kExec, kWatch };

// Bits of a key's use (COMMAND INFO's key specification flags).
enum KeyFlag : uint16_t {
  kKeyRO = 1 << 0,
  kKeyRW = 1 << 1,
  kKeyOW = 1 << 2,
  kKeyRM = 1 << 3,
  kKeyAccess = 1 << 4,
  kKeyUpdate = 1 << 5,
  kKeyInsert = 1 << 6,
  kKeyDelete = 1 << 7,
  kKeyNotKey = 1 << 8,
  kKeyIncomplete = 1 << 9,
  kKeyVariableFlags = 1 << 10,
};

// How to find keys among the arguments: where to begin, then which follow (https://redis.io/docs
// key specifications).
struct KeySpec {
  enum class Begin : uint8_t { kUnknown, kIndex, kKeyword };
  enum class Find : uint8_t { kUnknown, kRange, kKeyNum };

  std::string_view notes = {};
  uint16_t flags = 0;
  Begin begin = Begin::kUnknown;
  int index = 0;                  // kIndex: the argument's position
  std::string_view keyword = {};  // kKeyword
  int start_from = 0;             // kKeyword: negative counts from the end
  Find find = Find::kUnknown;
  int last_key = 0;  // kRange: relative to the first key; negative counts from the end
  int step = 1;
  int limit = 0;
  int keynum_index = 0;  // kKeyNum: position of the count, relative to the begin
  int first_key = 0;

  // The key at position `index`, or the keys from there to the one at `last_key` (above).
  static constexpr KeySpec Range(int index, uint16_t flags, int last_key = 0, int step = 1,
                                 std::string_view notes = {});
};
constexpr KeySpec KeySpec::Range(int index, uint16_t flags, int last_key, int step,
                                 std::string_view notes) {
  return {.notes = notes,
          .flags = flags,
          .begin = Begin::kIndex,
          .index = index,
          .find = Find::kRange,
          .last_key = last_key,
          .step = step};
}

enum class ArgType : uint8_t {
  kString,
  kInteger,
  kDouble,
  kKey,
  kPattern,
  kUnixTime,
  kPureToken,
  kOneof,
  kBlock
};
enum ArgFlag : uint8_t { kArgOptional = 1, kArgMultiple = 2, kArgMultipleToken = 4 };

// One argument as COMMAND DOCS describes it.
struct ArgSpec {
  std::string_view name = {};
  ArgType type = ArgType::kString;
  int key_spec = -1;
  std::string_view token = {};
  std::string_view summary = {};
  std::string_view since = {};
  std::string_view deprecated_since = {};
  uint8_t flags = 0;
  std::span<const ArgSpec> args = {};
};

struct HistoryLine {
  std::string_view since = {};
  std::string_view change = {};
};

using CommandFn = void (*)(CommandContext&);

// A scatter command: `fragment` runs on each shard concerned and leaves its part in context.part();
// `combine` runs once, after all of them, on whichever shard finished last: it writes the reply
// from context.parts(). A fragment can't fail, and sees only its own shard's keyspace.
struct ScatterFns {
  CommandFn fragment = nullptr;
  CommandFn combine = nullptr;
};

// Writes the positions of the keys among `args` (which fit the arity) to `out`; for commands whose
// key specifications do not tell all (movable keys). Returns false when the arguments name no valid
// set of keys.
using GetKeysFn = bool (*)(std::span<const std::string_view> args, class KeyPositions& out);

// Whether a call of a by-keys command needs every shard, wherever its keys live: for commands that
// make names of keys of what they find (SORT ... BY weight_*). `args` fit the arity.
using NeedsAllFn = bool (*)(std::span<const std::string_view> args);

// Marks in `secret`, which is as long as `args`, the arguments that must not be shown in the slow
// log and the like.
using RedactFn = void (*)(std::span<const std::string_view> args, std::vector<bool>& secret);

struct CommandSpec {
  std::string_view name = {};  // lower case, without the container's name
  int arity = 0;               // with the name (a subcommand: with both); negative: at least
  uint64_t flags = 0;          // CommandFlag
  std::span<const KeySpec> key_specs = {};
  // ACL categories beside those that flags and group imply, as bits of AclCategory
  // (acl_category.h).
  uint64_t acl_categories = 0;
  Where where = Where::kHome;
  Several several = Several::kRendezvous;
  InMulti in_multi = InMulti::kQueued;
  CommandFn run = nullptr;  // the whole command; null for containers, and for scatter commands
                            // without a plain form
  ScatterFns scatter = {};  // for kScatterAll, and for kByKeys with Several::kScatter
  GetKeysFn get_keys = nullptr;
  NeedsAllFn needs_all = nullptr;  // for kByKeys with Several::kRendezvous
  RedactFn redact = nullptr;
  std::span<const CommandSpec> subcommands = {};

  std::string_view summary = {};
  std::string_view complexity = {};
  std::string_view since = {};
  std::string_view group = {};      // "string", "generic", "connection", "server", ...
  std::string_view doc_flags = {};  // "deprecated", "syscmd" or empty
  std::string_view deprecated_since = {};
  std::string_view replaced_by = {};
  std::span<const HistoryLine> history = {};
  std::span<const std::string_view> tips = {};
  std::span<const ArgSpec> args = {};
};

// Whether a call of `spec` runs on all shards.
inline bool RunsOnAll(const CommandSpec& spec, std::span<const std::string_view> args) {
  if (spec.where == Where::kByKeys) return spec.needs_all != nullptr && spec.needs_all(args);
  return spec.where != Where::kHome;
}

}  // namespace nuthatch::runtime
