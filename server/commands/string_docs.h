// What the rows of the string commands say of arguments, history and tips.
//
// Facts about Redis 7.0 as COMMAND DOCS and COMMAND INFO tell them; constants.
#pragma once

#include <string_view>

#include "server/commands/key_specs.h"
#include "server/runtime/command_spec.h"

namespace nuthatch::commands {

inline constexpr runtime::ArgSpec kAppendArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "value", .type = runtime::ArgType::kString},
};
inline constexpr runtime::ArgSpec kDecrByArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "decrement", .type = runtime::ArgType::kInteger},
};
inline constexpr runtime::ArgSpec kGetExExpirationArgs[] = {
    {.name = "seconds", .type = runtime::ArgType::kInteger, .token = "EX"},
    {.name = "milliseconds", .type = runtime::ArgType::kInteger, .token = "PX"},
    {.name = "unix-time-seconds", .type = runtime::ArgType::kUnixTime, .token = "EXAT"},
    {.name = "unix-time-milliseconds", .type = runtime::ArgType::kUnixTime, .token = "PXAT"},
    {.name = "persist", .type = runtime::ArgType::kPureToken, .token = "PERSIST"},
};
inline constexpr runtime::ArgSpec kGetExArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "expiration",
     .type = runtime::ArgType::kOneof,
     .flags = runtime::kArgOptional,
     .args = kGetExExpirationArgs},
};
inline constexpr runtime::ArgSpec kGetRangeArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "start", .type = runtime::ArgType::kInteger},
    {.name = "end", .type = runtime::ArgType::kInteger},
};
inline constexpr runtime::ArgSpec kIncrByArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "increment", .type = runtime::ArgType::kInteger},
};
inline constexpr runtime::ArgSpec kIncrByFloatArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "increment", .type = runtime::ArgType::kDouble},
};
inline constexpr runtime::ArgSpec kLcsArgs[] = {
    {.name = "key1", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "key2", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "len",
     .type = runtime::ArgType::kPureToken,
     .token = "LEN",
     .flags = runtime::kArgOptional},
    {.name = "idx",
     .type = runtime::ArgType::kPureToken,
     .token = "IDX",
     .flags = runtime::kArgOptional},
    {.name = "len",
     .type = runtime::ArgType::kInteger,
     .token = "MINMATCHLEN",
     .flags = runtime::kArgOptional},
    {.name = "withmatchlen",
     .type = runtime::ArgType::kPureToken,
     .token = "WITHMATCHLEN",
     .flags = runtime::kArgOptional},
};
inline constexpr std::string_view kMultiShardTips[] = {
    "request_policy:multi_shard",
};
inline constexpr runtime::ArgSpec kMGetArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0, .flags = runtime::kArgMultiple},
};
inline constexpr std::string_view kMultiShardSucceededTips[] = {
    "request_policy:multi_shard",
    "response_policy:all_succeeded",
};
inline constexpr runtime::ArgSpec kMSetArgs[] = {
    {.name = "key_value",
     .type = runtime::ArgType::kBlock,
     .flags = runtime::kArgMultiple,
     .args = kAppendArgs},
};
inline constexpr std::string_view kMultiShardMinTips[] = {
    "request_policy:multi_shard",
    "response_policy:agg_min",
};
inline constexpr runtime::ArgSpec kPSetExArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "milliseconds", .type = runtime::ArgType::kInteger},
    {.name = "value", .type = runtime::ArgType::kString},
};
inline constexpr runtime::HistoryLine kSetHistory[] = {
    {"2.6.12", "Added the `EX`, `PX`, `NX` and `XX` options."},
    {"6.0.0", "Added the `KEEPTTL` option."},
    {"6.2.0", "Added the `GET`, `EXAT` and `PXAT` option."},
    {"7.0.0", "Allowed the `NX` and `GET` options to be used together."},
};
inline constexpr runtime::ArgSpec kSetConditionArgs[] = {
    {.name = "nx", .type = runtime::ArgType::kPureToken, .token = "NX"},
    {.name = "xx", .type = runtime::ArgType::kPureToken, .token = "XX"},
};
inline constexpr runtime::ArgSpec kSetExpirationArgs[] = {
    {.name = "seconds", .type = runtime::ArgType::kInteger, .token = "EX", .since = "2.6.12"},
    {.name = "milliseconds", .type = runtime::ArgType::kInteger, .token = "PX", .since = "2.6.12"},
    {.name = "unix-time-seconds",
     .type = runtime::ArgType::kUnixTime,
     .token = "EXAT",
     .since = "6.2.0"},
    {.name = "unix-time-milliseconds",
     .type = runtime::ArgType::kUnixTime,
     .token = "PXAT",
     .since = "6.2.0"},
    {.name = "keepttl", .type = runtime::ArgType::kPureToken, .token = "KEEPTTL", .since = "6.0.0"},
};
inline constexpr runtime::ArgSpec kSetArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "value", .type = runtime::ArgType::kString},
    {.name = "condition",
     .type = runtime::ArgType::kOneof,
     .since = "2.6.12",
     .flags = runtime::kArgOptional,
     .args = kSetConditionArgs},
    {.name = "get",
     .type = runtime::ArgType::kPureToken,
     .token = "GET",
     .since = "6.2.0",
     .flags = runtime::kArgOptional},
    {.name = "expiration",
     .type = runtime::ArgType::kOneof,
     .flags = runtime::kArgOptional,
     .args = kSetExpirationArgs},
};
inline constexpr runtime::ArgSpec kSetExArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "seconds", .type = runtime::ArgType::kInteger},
    {.name = "value", .type = runtime::ArgType::kString},
};
inline constexpr runtime::ArgSpec kSetRangeArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "offset", .type = runtime::ArgType::kInteger},
    {.name = "value", .type = runtime::ArgType::kString},
};

}  // namespace nuthatch::commands
