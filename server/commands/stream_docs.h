// What the rows of the stream commands say of keys, arguments, history and tips.
//
// Facts about Redis 7.0 as COMMAND DOCS and COMMAND INFO tell them; constants.
#pragma once

#include <string_view>

#include "server/commands/key_specs.h"
#include "server/runtime/command_spec.h"

namespace nuthatch::commands {

inline constexpr runtime::ArgSpec kXAckArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "group", .type = runtime::ArgType::kString},
    {.name = "id", .type = runtime::ArgType::kString, .flags = runtime::kArgMultiple},
};
inline constexpr runtime::KeySpec kXAddKey[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRW | runtime::kKeyUpdate, 0, 1,
                            "UPDATE instead of INSERT because of the optional trimming feature"),
};
inline constexpr runtime::HistoryLine kXAddHistory[] = {
    {"6.2.0", "Added the `NOMKSTREAM` option, `MINID` trimming strategy and the `LIMIT` option."},
    {"7.0.0", "Added support for the `<ms>-*` explicit ID form."},
};
inline constexpr std::string_view kXAddTips[] = {
    "nondeterministic_output",
};
inline constexpr runtime::ArgSpec kXAddStrategyArgs[] = {
    {.name = "maxlen", .type = runtime::ArgType::kPureToken, .token = "MAXLEN"},
    {.name = "minid", .type = runtime::ArgType::kPureToken, .token = "MINID", .since = "6.2.0"},
};
inline constexpr runtime::ArgSpec kXAddOperatorArgs[] = {
    {.name = "equal", .type = runtime::ArgType::kPureToken, .token = "="},
    {.name = "approximately", .type = runtime::ArgType::kPureToken, .token = "~"},
};
inline constexpr runtime::ArgSpec kXAddTrimArgs[] = {
    {.name = "strategy", .type = runtime::ArgType::kOneof, .args = kXAddStrategyArgs},
    {.name = "operator",
     .type = runtime::ArgType::kOneof,
     .flags = runtime::kArgOptional,
     .args = kXAddOperatorArgs},
    {.name = "threshold", .type = runtime::ArgType::kString},
    {.name = "count",
     .type = runtime::ArgType::kInteger,
     .token = "LIMIT",
     .since = "6.2.0",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::ArgSpec kXAddIdOrAutoArgs[] = {
    {.name = "auto_id", .type = runtime::ArgType::kPureToken, .token = "*"},
    {.name = "id", .type = runtime::ArgType::kString},
};
inline constexpr runtime::ArgSpec kXAddFieldValueArgs[] = {
    {.name = "field", .type = runtime::ArgType::kString},
    {.name = "value", .type = runtime::ArgType::kString},
};
inline constexpr runtime::ArgSpec kXAddArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "nomkstream",
     .type = runtime::ArgType::kPureToken,
     .token = "NOMKSTREAM",
     .since = "6.2.0",
     .flags = runtime::kArgOptional},
    {.name = "trim",
     .type = runtime::ArgType::kBlock,
     .flags = runtime::kArgOptional,
     .args = kXAddTrimArgs},
    {.name = "id_or_auto", .type = runtime::ArgType::kOneof, .args = kXAddIdOrAutoArgs},
    {.name = "field_value",
     .type = runtime::ArgType::kBlock,
     .flags = runtime::kArgMultiple,
     .args = kXAddFieldValueArgs},
};
inline constexpr runtime::KeySpec kXAutoClaimKey[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRW | runtime::kKeyDelete),
};
inline constexpr runtime::HistoryLine kXAutoClaimHistory[] = {
    {"7.0.0",
     "Added an element to the reply array, containing deleted entries the command cleared from the "
     "PEL"},
};
inline constexpr runtime::ArgSpec kXAutoClaimArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "group", .type = runtime::ArgType::kString},
    {.name = "consumer", .type = runtime::ArgType::kString},
    {.name = "min-idle-time", .type = runtime::ArgType::kString},
    {.name = "start", .type = runtime::ArgType::kString},
    {.name = "count",
     .type = runtime::ArgType::kInteger,
     .token = "COUNT",
     .flags = runtime::kArgOptional},
    {.name = "justid",
     .type = runtime::ArgType::kPureToken,
     .token = "JUSTID",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::ArgSpec kXClaimArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "group", .type = runtime::ArgType::kString},
    {.name = "consumer", .type = runtime::ArgType::kString},
    {.name = "min-idle-time", .type = runtime::ArgType::kString},
    {.name = "id", .type = runtime::ArgType::kString, .flags = runtime::kArgMultiple},
    {.name = "ms",
     .type = runtime::ArgType::kInteger,
     .token = "IDLE",
     .flags = runtime::kArgOptional},
    {.name = "unix-time-milliseconds",
     .type = runtime::ArgType::kUnixTime,
     .token = "TIME",
     .flags = runtime::kArgOptional},
    {.name = "count",
     .type = runtime::ArgType::kInteger,
     .token = "RETRYCOUNT",
     .flags = runtime::kArgOptional},
    {.name = "force",
     .type = runtime::ArgType::kPureToken,
     .token = "FORCE",
     .flags = runtime::kArgOptional},
    {.name = "justid",
     .type = runtime::ArgType::kPureToken,
     .token = "JUSTID",
     .flags = runtime::kArgOptional},
    {.name = "id",
     .type = runtime::ArgType::kString,
     .token = "LASTID",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::ArgSpec kXDelArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "id", .type = runtime::ArgType::kString, .flags = runtime::kArgMultiple},
};
inline constexpr runtime::KeySpec kXGroupCreateKey[] = {
    runtime::KeySpec::Range(2, runtime::kKeyRW | runtime::kKeyInsert),
};
inline constexpr runtime::HistoryLine kXGroupCreateHistory[] = {
    {"7.0.0", "Added the `entries_read` named argument."},
};
inline constexpr runtime::ArgSpec kXGroupCreateIdArgs[] = {
    {.name = "id", .type = runtime::ArgType::kString},
    {.name = "new_id", .type = runtime::ArgType::kPureToken, .token = "$"},
};
inline constexpr runtime::ArgSpec kXGroupCreateArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "groupname", .type = runtime::ArgType::kString},
    {.name = "id", .type = runtime::ArgType::kOneof, .args = kXGroupCreateIdArgs},
    {.name = "mkstream",
     .type = runtime::ArgType::kPureToken,
     .token = "MKSTREAM",
     .flags = runtime::kArgOptional},
    {.name = "entries_read",
     .type = runtime::ArgType::kInteger,
     .token = "ENTRIESREAD",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::ArgSpec kXGroupCreateConsumerArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "groupname", .type = runtime::ArgType::kString},
    {.name = "consumername", .type = runtime::ArgType::kString},
};
inline constexpr runtime::KeySpec kXGroupDelConsumerKey[] = {
    runtime::KeySpec::Range(2, runtime::kKeyRW | runtime::kKeyDelete),
};
inline constexpr runtime::ArgSpec kXGroupDestroyArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "groupname", .type = runtime::ArgType::kString},
};
inline constexpr runtime::KeySpec kXGroupSetIdKey[] = {
    runtime::KeySpec::Range(2, runtime::kKeyRW | runtime::kKeyUpdate),
};
inline constexpr runtime::HistoryLine kXGroupSetIdHistory[] = {
    {"7.0.0", "Added the optional `entries_read` argument."},
};
inline constexpr runtime::ArgSpec kXGroupSetIdArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "groupname", .type = runtime::ArgType::kString},
    {.name = "id", .type = runtime::ArgType::kOneof, .args = kXGroupCreateIdArgs},
    {.name = "entries_read",
     .type = runtime::ArgType::kInteger,
     .token = "ENTRIESREAD",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::KeySpec kXInfoConsumersKey[] = {
    runtime::KeySpec::Range(2, runtime::kKeyRO | runtime::kKeyAccess),
};
inline constexpr runtime::HistoryLine kXInfoGroupsHistory[] = {
    {"7.0.0", "Added the `entries-read` and `lag` fields"},
};
inline constexpr runtime::HistoryLine kXInfoStreamHistory[] = {
    {"6.0.0", "Added the `FULL` modifier."},
    {"7.0.0",
     "Added the `max-deleted-entry-id`, `entries-added`, `recorded-first-entry-id`, `entries-read` "
     "and `lag` fields"},
};
inline constexpr runtime::ArgSpec kXInfoStreamFullArgs[] = {
    {.name = "count",
     .type = runtime::ArgType::kInteger,
     .token = "COUNT",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::ArgSpec kXInfoStreamArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "full",
     .type = runtime::ArgType::kBlock,
     .token = "FULL",
     .flags = runtime::kArgOptional,
     .args = kXInfoStreamFullArgs},
};
inline constexpr runtime::HistoryLine kXPendingHistory[] = {
    {"6.2.0", "Added the `IDLE` option and exclusive range intervals."},
};
inline constexpr runtime::ArgSpec kXPendingFiltersArgs[] = {
    {.name = "min-idle-time",
     .type = runtime::ArgType::kInteger,
     .token = "IDLE",
     .since = "6.2.0",
     .flags = runtime::kArgOptional},
    {.name = "start", .type = runtime::ArgType::kString},
    {.name = "end", .type = runtime::ArgType::kString},
    {.name = "count", .type = runtime::ArgType::kInteger},
    {.name = "consumer", .type = runtime::ArgType::kString, .flags = runtime::kArgOptional},
};
inline constexpr runtime::ArgSpec kXPendingArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "group", .type = runtime::ArgType::kString},
    {.name = "filters",
     .type = runtime::ArgType::kBlock,
     .flags = runtime::kArgOptional,
     .args = kXPendingFiltersArgs},
};
inline constexpr runtime::HistoryLine kXRangeHistory[] = {
    {"6.2.0", "Added exclusive ranges."},
};
inline constexpr runtime::ArgSpec kXRangeArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "start", .type = runtime::ArgType::kString},
    {.name = "end", .type = runtime::ArgType::kString},
    {.name = "count",
     .type = runtime::ArgType::kInteger,
     .token = "COUNT",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::KeySpec kXReadKeys[] = {
    {.flags = runtime::kKeyRO | runtime::kKeyAccess,
     .begin = runtime::KeySpec::Begin::kKeyword,
     .keyword = "STREAMS",
     .start_from = 1,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = -1,
     .step = 1,
     .limit = 2},
};
inline constexpr runtime::ArgSpec kXReadStreamsArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0, .flags = runtime::kArgMultiple},
    {.name = "id", .type = runtime::ArgType::kString, .flags = runtime::kArgMultiple},
};
inline constexpr runtime::ArgSpec kXReadArgs[] = {
    {.name = "count",
     .type = runtime::ArgType::kInteger,
     .token = "COUNT",
     .flags = runtime::kArgOptional},
    {.name = "milliseconds",
     .type = runtime::ArgType::kInteger,
     .token = "BLOCK",
     .flags = runtime::kArgOptional},
    {.name = "streams",
     .type = runtime::ArgType::kBlock,
     .token = "STREAMS",
     .args = kXReadStreamsArgs},
};
inline constexpr runtime::KeySpec kXReadGroupKeys[] = {
    {.flags = runtime::kKeyRO | runtime::kKeyAccess,
     .begin = runtime::KeySpec::Begin::kKeyword,
     .keyword = "STREAMS",
     .start_from = 4,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = -1,
     .step = 1,
     .limit = 2},
};
inline constexpr runtime::ArgSpec kXReadGroupGroupConsumerArgs[] = {
    {.name = "group", .type = runtime::ArgType::kString},
    {.name = "consumer", .type = runtime::ArgType::kString},
};
inline constexpr runtime::ArgSpec kXReadGroupArgs[] = {
    {.name = "group_consumer",
     .type = runtime::ArgType::kBlock,
     .token = "GROUP",
     .args = kXReadGroupGroupConsumerArgs},
    {.name = "count",
     .type = runtime::ArgType::kInteger,
     .token = "COUNT",
     .flags = runtime::kArgOptional},
    {.name = "milliseconds",
     .type = runtime::ArgType::kInteger,
     .token = "BLOCK",
     .flags = runtime::kArgOptional},
    {.name = "noack",
     .type = runtime::ArgType::kPureToken,
     .token = "NOACK",
     .flags = runtime::kArgOptional},
    {.name = "streams",
     .type = runtime::ArgType::kBlock,
     .token = "STREAMS",
     .args = kXReadStreamsArgs},
};
inline constexpr runtime::ArgSpec kXRevRangeArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "end", .type = runtime::ArgType::kString},
    {.name = "start", .type = runtime::ArgType::kString},
    {.name = "count",
     .type = runtime::ArgType::kInteger,
     .token = "COUNT",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::HistoryLine kXSetIdHistory[] = {
    {"7.0.0", "Added the `entries_added` and `max_deleted_entry_id` arguments."},
};
inline constexpr runtime::ArgSpec kXSetIdArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "last-id", .type = runtime::ArgType::kString},
    {.name = "entries_added",
     .type = runtime::ArgType::kInteger,
     .token = "ENTRIESADDED",
     .since = "7.0.0",
     .flags = runtime::kArgOptional},
    {.name = "max_deleted_entry_id",
     .type = runtime::ArgType::kString,
     .token = "MAXDELETEDID",
     .since = "7.0.0",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::HistoryLine kXTrimHistory[] = {
    {"6.2.0", "Added the `MINID` trimming strategy and the `LIMIT` option."},
};
inline constexpr runtime::ArgSpec kXTrimArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "trim", .type = runtime::ArgType::kBlock, .args = kXAddTrimArgs},
};

}  // namespace nuthatch::commands
