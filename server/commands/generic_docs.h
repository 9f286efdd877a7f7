// What the rows of the generic commands say of arguments, history and tips.
//
// Facts about Redis 7.0 (BLESS: 8.12) as COMMAND DOCS and COMMAND INFO tell them; constants.
#pragma once

#include <span>
#include <string_view>

#include "server/commands/key_specs.h"
#include "server/runtime/command_spec.h"

namespace nuthatch::commands {

inline constexpr runtime::ArgSpec kCopyArgs[] = {
    {.name = "source", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "destination", .type = runtime::ArgType::kKey, .key_spec = 1},
    {.name = "destination-db",
     .type = runtime::ArgType::kInteger,
     .token = "DB",
     .flags = runtime::kArgOptional},
    {.name = "replace",
     .type = runtime::ArgType::kPureToken,
     .token = "REPLACE",
     .flags = runtime::kArgOptional},
};
inline constexpr std::string_view kMultiShardSumTips[] = {
    "request_policy:multi_shard",
    "response_policy:agg_sum",
};
inline constexpr runtime::ArgSpec kDelArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0, .flags = runtime::kArgMultiple},
};
inline constexpr std::string_view kNondeterministicTips[] = {
    "nondeterministic_output",
};
inline constexpr runtime::HistoryLine kRestoreHistory[] = {
    {"3.0.0", "Added the `REPLACE` modifier."},
    {"5.0.0", "Added the `ABSTTL` modifier."},
    {"5.0.0", "Added the `IDLETIME` and `FREQ` options."},
};
inline constexpr runtime::ArgSpec kRestoreArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "ttl", .type = runtime::ArgType::kInteger},
    {.name = "serialized-value", .type = runtime::ArgType::kString},
    {.name = "replace",
     .type = runtime::ArgType::kPureToken,
     .token = "REPLACE",
     .since = "3.0.0",
     .flags = runtime::kArgOptional},
    {.name = "absttl",
     .type = runtime::ArgType::kPureToken,
     .token = "ABSTTL",
     .since = "5.0.0",
     .flags = runtime::kArgOptional},
    {.name = "seconds",
     .type = runtime::ArgType::kInteger,
     .token = "IDLETIME",
     .since = "5.0.0",
     .flags = runtime::kArgOptional},
    {.name = "frequency",
     .type = runtime::ArgType::kInteger,
     .token = "FREQ",
     .since = "5.0.0",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::HistoryLine kExistsHistory[] = {
    {"3.0.3", "Accepts multiple `key` arguments."},
};
inline constexpr runtime::HistoryLine kExpireHistory[] = {
    {"7.0.0", "Added options: `NX`, `XX`, `GT` and `LT`."},
};
inline constexpr runtime::ArgSpec kExpireConditionArgs[] = {
    {.name = "nx", .type = runtime::ArgType::kPureToken, .token = "NX"},
    {.name = "xx", .type = runtime::ArgType::kPureToken, .token = "XX"},
    {.name = "gt", .type = runtime::ArgType::kPureToken, .token = "GT"},
    {.name = "lt", .type = runtime::ArgType::kPureToken, .token = "LT"},
};
inline constexpr runtime::ArgSpec kExpireArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "seconds", .type = runtime::ArgType::kInteger},
    {.name = "condition",
     .type = runtime::ArgType::kOneof,
     .since = "7.0.0",
     .flags = runtime::kArgOptional,
     .args = kExpireConditionArgs},
};
inline constexpr runtime::ArgSpec kExpireAtArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "unix-time-seconds", .type = runtime::ArgType::kUnixTime},
    {.name = "condition",
     .type = runtime::ArgType::kOneof,
     .since = "7.0.0",
     .flags = runtime::kArgOptional,
     .args = kExpireConditionArgs},
};
inline constexpr std::string_view kAllShardsUnorderedTips[] = {
    "request_policy:all_shards",
    "nondeterministic_output_order",
};
inline constexpr runtime::ArgSpec kKeysArgs[] = {
    {.name = "pattern", .type = runtime::ArgType::kPattern},
};
inline constexpr runtime::ArgSpec kMoveArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "db", .type = runtime::ArgType::kInteger},
};
inline constexpr runtime::ArgSpec kPExpireArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "milliseconds", .type = runtime::ArgType::kInteger},
    {.name = "condition",
     .type = runtime::ArgType::kOneof,
     .since = "7.0.0",
     .flags = runtime::kArgOptional,
     .args = kExpireConditionArgs},
};
inline constexpr runtime::ArgSpec kPExpireAtArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "unix-time-milliseconds", .type = runtime::ArgType::kUnixTime},
    {.name = "condition",
     .type = runtime::ArgType::kOneof,
     .since = "7.0.0",
     .flags = runtime::kArgOptional,
     .args = kExpireConditionArgs},
};
inline constexpr runtime::HistoryLine kPTtlHistory[] = {
    {"2.8.0", "Added the -2 reply."},
};
inline constexpr std::string_view kAllShardsNondeterministicTips[] = {
    "request_policy:all_shards",
    "nondeterministic_output",
};
inline constexpr runtime::ArgSpec kRenameArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "newkey", .type = runtime::ArgType::kKey, .key_spec = 1},
};
inline constexpr runtime::HistoryLine kRenameNxHistory[] = {
    {"3.2.0",
     "The command no longer returns an error when source and destination names are the same."},
};
inline constexpr runtime::HistoryLine kScanHistory[] = {
    {"6.0.0", "Added the `TYPE` subcommand."},
};
inline constexpr std::string_view kScanTips[] = {
    "nondeterministic_output",
    "request_policy:special",
};
inline constexpr runtime::ArgSpec kScanArgs[] = {
    {.name = "cursor", .type = runtime::ArgType::kInteger},
    {.name = "pattern",
     .type = runtime::ArgType::kPattern,
     .token = "MATCH",
     .flags = runtime::kArgOptional},
    {.name = "count",
     .type = runtime::ArgType::kInteger,
     .token = "COUNT",
     .flags = runtime::kArgOptional},
    {.name = "type",
     .type = runtime::ArgType::kString,
     .token = "TYPE",
     .since = "6.0.0",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::ArgSpec kBlessSetArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "no-evict", .type = runtime::ArgType::kPureToken, .token = "NO-EVICT"},
};
inline constexpr std::string_view kBlessScanTips[] = {
    "nondeterministic_output",
    "request_policy:special",
    "response_policy:special",
};
inline constexpr runtime::ArgSpec kBlessScanArgs[] = {
    {.name = "cursor", .type = runtime::ArgType::kInteger},
    {.name = "no-evict", .type = runtime::ArgType::kPureToken, .token = "NO-EVICT"},
    {.name = "count",
     .type = runtime::ArgType::kInteger,
     .token = "COUNT",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::KeySpec kSortKeys[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRO | runtime::kKeyAccess),
    {.notes = "For the optional BY/GET keyword. It is marked 'unknown' because the key names "
              "derive from the content of the key we sort",
     .flags = runtime::kKeyRO | runtime::kKeyAccess,
     .begin = runtime::KeySpec::Begin::kUnknown,
     .find = runtime::KeySpec::Find::kUnknown},
    {.notes = "For the optional STORE keyword. It is marked 'unknown' because the keyword can "
              "appear anywhere in the argument array",
     .flags = runtime::kKeyOW | runtime::kKeyUpdate,
     .begin = runtime::KeySpec::Begin::kUnknown,
     .find = runtime::KeySpec::Find::kUnknown},
};
inline constexpr runtime::ArgSpec kSortOffsetCountArgs[] = {
    {.name = "offset", .type = runtime::ArgType::kInteger},
    {.name = "count", .type = runtime::ArgType::kInteger},
};
inline constexpr runtime::ArgSpec kSortOrderArgs[] = {
    {.name = "asc", .type = runtime::ArgType::kPureToken, .token = "ASC"},
    {.name = "desc", .type = runtime::ArgType::kPureToken, .token = "DESC"},
};
inline constexpr runtime::ArgSpec kSortArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "pattern",
     .type = runtime::ArgType::kPattern,
     .key_spec = 1,
     .token = "BY",
     .flags = runtime::kArgOptional},
    {.name = "offset_count",
     .type = runtime::ArgType::kBlock,
     .token = "LIMIT",
     .flags = runtime::kArgOptional,
     .args = kSortOffsetCountArgs},
    {.name = "pattern",
     .type = runtime::ArgType::kPattern,
     .key_spec = 1,
     .token = "GET",
     .flags = runtime::kArgOptional | runtime::kArgMultiple | runtime::kArgMultipleToken},
    {.name = "order",
     .type = runtime::ArgType::kOneof,
     .flags = runtime::kArgOptional,
     .args = kSortOrderArgs},
    {.name = "sorting",
     .type = runtime::ArgType::kPureToken,
     .token = "ALPHA",
     .flags = runtime::kArgOptional},
    {.name = "destination",
     .type = runtime::ArgType::kKey,
     .key_spec = 2,
     .token = "STORE",
     .flags = runtime::kArgOptional},
};
// The same without the destination.
inline constexpr std::span<const runtime::KeySpec> kSortRoKeys = std::span(kSortKeys).first(2);
// The same without what stores.
inline constexpr std::span<const runtime::ArgSpec> kSortRoArgs = std::span(kSortArgs).first(6);

}  // namespace nuthatch::commands
