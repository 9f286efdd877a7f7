// What the rows of the list commands say of keys, arguments, history and tips.
//
// Facts about Redis 7.0 as COMMAND DOCS and COMMAND INFO tell them; constants.
#pragma once

#include <string_view>

#include "server/commands/key_specs.h"
#include "server/runtime/command_spec.h"

namespace nuthatch::commands {

inline constexpr runtime::ArgSpec kLIndexArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "index", .type = runtime::ArgType::kInteger},
};
inline constexpr runtime::ArgSpec kLInsertWhereArgs[] = {
    {.name = "before", .type = runtime::ArgType::kPureToken, .token = "BEFORE"},
    {.name = "after", .type = runtime::ArgType::kPureToken, .token = "AFTER"},
};
inline constexpr runtime::ArgSpec kLInsertArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "where", .type = runtime::ArgType::kOneof, .args = kLInsertWhereArgs},
    {.name = "pivot", .type = runtime::ArgType::kString},
    {.name = "element", .type = runtime::ArgType::kString},
};
inline constexpr runtime::KeySpec kLMoveKeys[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRW | runtime::kKeyAccess | runtime::kKeyDelete),
    runtime::KeySpec::Range(2, runtime::kKeyRW | runtime::kKeyInsert),
};
inline constexpr runtime::ArgSpec kLMoveWherefromArgs[] = {
    {.name = "left", .type = runtime::ArgType::kPureToken, .token = "LEFT"},
    {.name = "right", .type = runtime::ArgType::kPureToken, .token = "RIGHT"},
};
inline constexpr runtime::ArgSpec kLMoveArgs[] = {
    {.name = "source", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "destination", .type = runtime::ArgType::kKey, .key_spec = 1},
    {.name = "wherefrom", .type = runtime::ArgType::kOneof, .args = kLMoveWherefromArgs},
    {.name = "whereto", .type = runtime::ArgType::kOneof, .args = kLMoveWherefromArgs},
};
inline constexpr runtime::KeySpec kLMPopKeys[] = {
    {.flags = runtime::kKeyRW | runtime::kKeyAccess | runtime::kKeyDelete,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 1,
     .find = runtime::KeySpec::Find::kKeyNum,
     .step = 1,
     .keynum_index = 0,
     .first_key = 1},
};
inline constexpr runtime::ArgSpec kLMPopArgs[] = {
    {.name = "numkeys", .type = runtime::ArgType::kInteger},
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0, .flags = runtime::kArgMultiple},
    {.name = "where", .type = runtime::ArgType::kOneof, .args = kLMoveWherefromArgs},
    {.name = "count",
     .type = runtime::ArgType::kInteger,
     .token = "COUNT",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::HistoryLine kLPopHistory[] = {
    {"6.2.0", "Added the `count` argument."},
};
inline constexpr runtime::ArgSpec kLPopArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "count",
     .type = runtime::ArgType::kInteger,
     .since = "6.2.0",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::ArgSpec kLPosArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "element", .type = runtime::ArgType::kString},
    {.name = "rank",
     .type = runtime::ArgType::kInteger,
     .token = "RANK",
     .flags = runtime::kArgOptional},
    {.name = "num-matches",
     .type = runtime::ArgType::kInteger,
     .token = "COUNT",
     .flags = runtime::kArgOptional},
    {.name = "len",
     .type = runtime::ArgType::kInteger,
     .token = "MAXLEN",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::HistoryLine kLPushHistory[] = {
    {"2.4.0", "Accepts multiple `element` arguments."},
};
inline constexpr runtime::ArgSpec kLPushArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "element", .type = runtime::ArgType::kString, .flags = runtime::kArgMultiple},
};
inline constexpr runtime::HistoryLine kLPushXHistory[] = {
    {"4.0.0", "Accepts multiple `element` arguments."},
};
inline constexpr runtime::ArgSpec kLRangeArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "start", .type = runtime::ArgType::kInteger},
    {.name = "stop", .type = runtime::ArgType::kInteger},
};
inline constexpr runtime::KeySpec kLRemKey[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRW | runtime::kKeyDelete),
};
inline constexpr runtime::ArgSpec kLRemArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "count", .type = runtime::ArgType::kInteger},
    {.name = "element", .type = runtime::ArgType::kString},
};
inline constexpr runtime::ArgSpec kLSetArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "index", .type = runtime::ArgType::kInteger},
    {.name = "element", .type = runtime::ArgType::kString},
};
inline constexpr runtime::ArgSpec kRPopLPushArgs[] = {
    {.name = "source", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "destination", .type = runtime::ArgType::kKey, .key_spec = 1},
};

}  // namespace nuthatch::commands
