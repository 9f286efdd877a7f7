// What the rows of the sorted set commands say of keys, arguments, history and tips.
//
// Facts about Redis 7.0 as COMMAND DOCS and COMMAND INFO tell them; constants.
#pragma once

#include <string_view>

#include "server/commands/key_specs.h"
#include "server/runtime/command_spec.h"

namespace nuthatch::commands {

inline constexpr runtime::KeySpec kBZMPopKeys[] = {
    {.flags = runtime::kKeyRW | runtime::kKeyAccess | runtime::kKeyDelete,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 2,
     .find = runtime::KeySpec::Find::kKeyNum,
     .step = 1,
     .keynum_index = 0,
     .first_key = 1},
};
inline constexpr runtime::ArgSpec kBZMPopWhereArgs[] = {
    {.name = "min", .type = runtime::ArgType::kPureToken, .token = "MIN"},
    {.name = "max", .type = runtime::ArgType::kPureToken, .token = "MAX"},
};
inline constexpr runtime::ArgSpec kBZMPopArgs[] = {
    {.name = "timeout", .type = runtime::ArgType::kDouble},
    {.name = "numkeys", .type = runtime::ArgType::kInteger},
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0, .flags = runtime::kArgMultiple},
    {.name = "where", .type = runtime::ArgType::kOneof, .args = kBZMPopWhereArgs},
    {.name = "count",
     .type = runtime::ArgType::kInteger,
     .token = "COUNT",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::KeySpec kBZPopMaxKeys[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRW | runtime::kKeyAccess | runtime::kKeyDelete, -2),
};
inline constexpr runtime::HistoryLine kBZPopMaxHistory[] = {
    {"6.0.0", "`timeout` is interpreted as a double instead of an integer."},
};
inline constexpr runtime::ArgSpec kBZPopMaxArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0, .flags = runtime::kArgMultiple},
    {.name = "timeout", .type = runtime::ArgType::kDouble},
};
inline constexpr runtime::HistoryLine kZAddHistory[] = {
    {"2.4.0", "Accepts multiple elements."},
    {"3.0.2", "Added the `XX`, `NX`, `CH` and `INCR` options."},
    {"6.2.0", "Added the `GT` and `LT` options."},
};
inline constexpr runtime::ArgSpec kZAddConditionArgs[] = {
    {.name = "nx", .type = runtime::ArgType::kPureToken, .token = "NX"},
    {.name = "xx", .type = runtime::ArgType::kPureToken, .token = "XX"},
};
inline constexpr runtime::ArgSpec kZAddComparisonArgs[] = {
    {.name = "gt", .type = runtime::ArgType::kPureToken, .token = "GT"},
    {.name = "lt", .type = runtime::ArgType::kPureToken, .token = "LT"},
};
inline constexpr runtime::ArgSpec kZAddScoreMemberArgs[] = {
    {.name = "score", .type = runtime::ArgType::kDouble},
    {.name = "member", .type = runtime::ArgType::kString},
};
inline constexpr runtime::ArgSpec kZAddArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "condition",
     .type = runtime::ArgType::kOneof,
     .since = "3.0.2",
     .flags = runtime::kArgOptional,
     .args = kZAddConditionArgs},
    {.name = "comparison",
     .type = runtime::ArgType::kOneof,
     .since = "6.2.0",
     .flags = runtime::kArgOptional,
     .args = kZAddComparisonArgs},
    {.name = "change",
     .type = runtime::ArgType::kPureToken,
     .token = "CH",
     .since = "3.0.2",
     .flags = runtime::kArgOptional},
    {.name = "increment",
     .type = runtime::ArgType::kPureToken,
     .token = "INCR",
     .since = "3.0.2",
     .flags = runtime::kArgOptional},
    {.name = "score_member",
     .type = runtime::ArgType::kBlock,
     .flags = runtime::kArgMultiple,
     .args = kZAddScoreMemberArgs},
};
inline constexpr runtime::ArgSpec kZCountArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "min", .type = runtime::ArgType::kDouble},
    {.name = "max", .type = runtime::ArgType::kDouble},
};
inline constexpr runtime::KeySpec kZDiffKeys[] = {
    {.flags = runtime::kKeyRO | runtime::kKeyAccess,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 1,
     .find = runtime::KeySpec::Find::kKeyNum,
     .step = 1,
     .keynum_index = 0,
     .first_key = 1},
};
inline constexpr runtime::ArgSpec kZDiffArgs[] = {
    {.name = "numkeys", .type = runtime::ArgType::kInteger},
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0, .flags = runtime::kArgMultiple},
    {.name = "withscores",
     .type = runtime::ArgType::kPureToken,
     .token = "WITHSCORES",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::KeySpec kZDiffStoreKeys[] = {
    runtime::KeySpec::Range(1, runtime::kKeyOW | runtime::kKeyUpdate),
    {.flags = runtime::kKeyRO | runtime::kKeyAccess,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 2,
     .find = runtime::KeySpec::Find::kKeyNum,
     .step = 1,
     .keynum_index = 0,
     .first_key = 1},
};
inline constexpr runtime::ArgSpec kZDiffStoreArgs[] = {
    {.name = "destination", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "numkeys", .type = runtime::ArgType::kInteger},
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 1, .flags = runtime::kArgMultiple},
};
inline constexpr runtime::ArgSpec kZIncrByArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "increment", .type = runtime::ArgType::kInteger},
    {.name = "member", .type = runtime::ArgType::kString},
};
inline constexpr runtime::ArgSpec kZInterAggregateArgs[] = {
    {.name = "sum", .type = runtime::ArgType::kPureToken, .token = "SUM"},
    {.name = "min", .type = runtime::ArgType::kPureToken, .token = "MIN"},
    {.name = "max", .type = runtime::ArgType::kPureToken, .token = "MAX"},
};
inline constexpr runtime::ArgSpec kZInterArgs[] = {
    {.name = "numkeys", .type = runtime::ArgType::kInteger},
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0, .flags = runtime::kArgMultiple},
    {.name = "weight",
     .type = runtime::ArgType::kInteger,
     .token = "WEIGHTS",
     .flags = runtime::kArgOptional | runtime::kArgMultiple},
    {.name = "aggregate",
     .type = runtime::ArgType::kOneof,
     .token = "AGGREGATE",
     .flags = runtime::kArgOptional,
     .args = kZInterAggregateArgs},
    {.name = "withscores",
     .type = runtime::ArgType::kPureToken,
     .token = "WITHSCORES",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::ArgSpec kZInterCardArgs[] = {
    {.name = "numkeys", .type = runtime::ArgType::kInteger},
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0, .flags = runtime::kArgMultiple},
    {.name = "limit",
     .type = runtime::ArgType::kInteger,
     .token = "LIMIT",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::ArgSpec kZInterStoreArgs[] = {
    {.name = "destination", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "numkeys", .type = runtime::ArgType::kInteger},
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 1, .flags = runtime::kArgMultiple},
    {.name = "weight",
     .type = runtime::ArgType::kInteger,
     .token = "WEIGHTS",
     .flags = runtime::kArgOptional | runtime::kArgMultiple},
    {.name = "aggregate",
     .type = runtime::ArgType::kOneof,
     .token = "AGGREGATE",
     .flags = runtime::kArgOptional,
     .args = kZInterAggregateArgs},
};
inline constexpr runtime::ArgSpec kZLexCountArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "min", .type = runtime::ArgType::kString},
    {.name = "max", .type = runtime::ArgType::kString},
};
inline constexpr runtime::KeySpec kZMPopKeys[] = {
    {.flags = runtime::kKeyRW | runtime::kKeyAccess | runtime::kKeyDelete,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 1,
     .find = runtime::KeySpec::Find::kKeyNum,
     .step = 1,
     .keynum_index = 0,
     .first_key = 1},
};
inline constexpr runtime::ArgSpec kZMPopArgs[] = {
    {.name = "numkeys", .type = runtime::ArgType::kInteger},
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0, .flags = runtime::kArgMultiple},
    {.name = "where", .type = runtime::ArgType::kOneof, .args = kBZMPopWhereArgs},
    {.name = "count",
     .type = runtime::ArgType::kInteger,
     .token = "COUNT",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::ArgSpec kZMScoreArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "member", .type = runtime::ArgType::kString, .flags = runtime::kArgMultiple},
};
inline constexpr runtime::ArgSpec kZPopMaxArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "count", .type = runtime::ArgType::kInteger, .flags = runtime::kArgOptional},
};
inline constexpr std::string_view kZRandMemberTips[] = {
    "nondeterministic_output",
};
inline constexpr runtime::ArgSpec kZRandMemberOptionsArgs[] = {
    {.name = "count", .type = runtime::ArgType::kInteger},
    {.name = "withscores",
     .type = runtime::ArgType::kPureToken,
     .token = "WITHSCORES",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::ArgSpec kZRandMemberArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "options",
     .type = runtime::ArgType::kBlock,
     .flags = runtime::kArgOptional,
     .args = kZRandMemberOptionsArgs},
};
inline constexpr runtime::HistoryLine kZRangeHistory[] = {
    {"6.2.0", "Added the `REV`, `BYSCORE`, `BYLEX` and `LIMIT` options."},
};
inline constexpr runtime::ArgSpec kZRangeSortbyArgs[] = {
    {.name = "byscore", .type = runtime::ArgType::kPureToken, .token = "BYSCORE"},
    {.name = "bylex", .type = runtime::ArgType::kPureToken, .token = "BYLEX"},
};
inline constexpr runtime::ArgSpec kZRangeOffsetCountArgs[] = {
    {.name = "offset", .type = runtime::ArgType::kInteger},
    {.name = "count", .type = runtime::ArgType::kInteger},
};
inline constexpr runtime::ArgSpec kZRangeArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "start", .type = runtime::ArgType::kString},
    {.name = "stop", .type = runtime::ArgType::kString},
    {.name = "sortby",
     .type = runtime::ArgType::kOneof,
     .since = "6.2.0",
     .flags = runtime::kArgOptional,
     .args = kZRangeSortbyArgs},
    {.name = "rev",
     .type = runtime::ArgType::kPureToken,
     .token = "REV",
     .since = "6.2.0",
     .flags = runtime::kArgOptional},
    {.name = "offset_count",
     .type = runtime::ArgType::kBlock,
     .token = "LIMIT",
     .since = "6.2.0",
     .flags = runtime::kArgOptional,
     .args = kZRangeOffsetCountArgs},
    {.name = "withscores",
     .type = runtime::ArgType::kPureToken,
     .token = "WITHSCORES",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::ArgSpec kZRangeByLexArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "min", .type = runtime::ArgType::kString},
    {.name = "max", .type = runtime::ArgType::kString},
    {.name = "offset_count",
     .type = runtime::ArgType::kBlock,
     .token = "LIMIT",
     .flags = runtime::kArgOptional,
     .args = kZRangeOffsetCountArgs},
};
inline constexpr runtime::HistoryLine kZRangeByScoreHistory[] = {
    {"2.0.0", "Added the `WITHSCORES` modifier."},
};
inline constexpr runtime::ArgSpec kZRangeByScoreArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "min", .type = runtime::ArgType::kDouble},
    {.name = "max", .type = runtime::ArgType::kDouble},
    {.name = "withscores",
     .type = runtime::ArgType::kPureToken,
     .token = "WITHSCORES",
     .since = "2.0.0",
     .flags = runtime::kArgOptional},
    {.name = "offset_count",
     .type = runtime::ArgType::kBlock,
     .token = "LIMIT",
     .flags = runtime::kArgOptional,
     .args = kZRangeOffsetCountArgs},
};
inline constexpr runtime::KeySpec kZRangeStoreKeys[] = {
    runtime::KeySpec::Range(1, runtime::kKeyOW | runtime::kKeyUpdate),
    runtime::KeySpec::Range(2, runtime::kKeyRO | runtime::kKeyAccess),
};
inline constexpr runtime::ArgSpec kZRangeStoreArgs[] = {
    {.name = "dst", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "src", .type = runtime::ArgType::kKey, .key_spec = 1},
    {.name = "min", .type = runtime::ArgType::kString},
    {.name = "max", .type = runtime::ArgType::kString},
    {.name = "sortby",
     .type = runtime::ArgType::kOneof,
     .flags = runtime::kArgOptional,
     .args = kZRangeSortbyArgs},
    {.name = "rev",
     .type = runtime::ArgType::kPureToken,
     .token = "REV",
     .flags = runtime::kArgOptional},
    {.name = "offset_count",
     .type = runtime::ArgType::kBlock,
     .token = "LIMIT",
     .flags = runtime::kArgOptional,
     .args = kZRangeOffsetCountArgs},
};
inline constexpr runtime::ArgSpec kZRankArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "member", .type = runtime::ArgType::kString},
};
inline constexpr runtime::KeySpec kZRemKey[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRW | runtime::kKeyDelete),
};
inline constexpr runtime::HistoryLine kZRemHistory[] = {
    {"2.4.0", "Accepts multiple elements."},
};
inline constexpr runtime::ArgSpec kZRemRangeByRankArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "start", .type = runtime::ArgType::kInteger},
    {.name = "stop", .type = runtime::ArgType::kInteger},
};
inline constexpr runtime::ArgSpec kZRevRangeArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "start", .type = runtime::ArgType::kInteger},
    {.name = "stop", .type = runtime::ArgType::kInteger},
    {.name = "withscores",
     .type = runtime::ArgType::kPureToken,
     .token = "WITHSCORES",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::ArgSpec kZRevRangeByLexArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "max", .type = runtime::ArgType::kString},
    {.name = "min", .type = runtime::ArgType::kString},
    {.name = "offset_count",
     .type = runtime::ArgType::kBlock,
     .token = "LIMIT",
     .flags = runtime::kArgOptional,
     .args = kZRangeOffsetCountArgs},
};
inline constexpr runtime::HistoryLine kZRevRangeByScoreHistory[] = {
    {"2.1.6", "`min` and `max` can be exclusive."},
};
inline constexpr runtime::ArgSpec kZRevRangeByScoreArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "max", .type = runtime::ArgType::kDouble},
    {.name = "min", .type = runtime::ArgType::kDouble},
    {.name = "withscores",
     .type = runtime::ArgType::kPureToken,
     .token = "WITHSCORES",
     .flags = runtime::kArgOptional},
    {.name = "offset_count",
     .type = runtime::ArgType::kBlock,
     .token = "LIMIT",
     .flags = runtime::kArgOptional,
     .args = kZRangeOffsetCountArgs},
};
inline constexpr runtime::ArgSpec kZScanArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "cursor", .type = runtime::ArgType::kInteger},
    {.name = "pattern",
     .type = runtime::ArgType::kPattern,
     .token = "MATCH",
     .flags = runtime::kArgOptional},
    {.name = "count",
     .type = runtime::ArgType::kInteger,
     .token = "COUNT",
     .flags = runtime::kArgOptional},
};

}  // namespace nuthatch::commands
