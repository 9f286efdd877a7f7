// What the rows of the set commands say of keys, arguments, history and tips.
//
// Facts about Redis 7.0 as COMMAND DOCS and COMMAND INFO tell them; constants.
#pragma once

#include <string_view>

#include "server/commands/key_specs.h"
#include "server/runtime/command_spec.h"

namespace nuthatch::commands {

inline constexpr runtime::HistoryLine kSAddHistory[] = {
    {"2.4.0", "Accepts multiple `member` arguments."},
};
inline constexpr runtime::ArgSpec kSAddArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "member", .type = runtime::ArgType::kString, .flags = runtime::kArgMultiple},
};
inline constexpr std::string_view kSDiffTips[] = {
    "nondeterministic_output_order",
};
inline constexpr runtime::ArgSpec kSDiffArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0, .flags = runtime::kArgMultiple},
};
inline constexpr runtime::KeySpec kSDiffStoreKeys[] = {
    runtime::KeySpec::Range(1, runtime::kKeyOW | runtime::kKeyUpdate),
    runtime::KeySpec::Range(2, runtime::kKeyRO | runtime::kKeyAccess, -1),
};
inline constexpr runtime::ArgSpec kSDiffStoreArgs[] = {
    {.name = "destination", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 1, .flags = runtime::kArgMultiple},
};
inline constexpr runtime::KeySpec kSInterCardKeys[] = {
    {.flags = runtime::kKeyRO | runtime::kKeyAccess,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 1,
     .find = runtime::KeySpec::Find::kKeyNum,
     .step = 1,
     .keynum_index = 0,
     .first_key = 1},
};
inline constexpr runtime::ArgSpec kSInterCardArgs[] = {
    {.name = "numkeys", .type = runtime::ArgType::kInteger},
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0, .flags = runtime::kArgMultiple},
    {.name = "limit",
     .type = runtime::ArgType::kInteger,
     .token = "LIMIT",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::KeySpec kSInterStoreKeys[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRW | runtime::kKeyUpdate),
    runtime::KeySpec::Range(2, runtime::kKeyRO | runtime::kKeyAccess, -1),
};
inline constexpr runtime::ArgSpec kSIsMemberArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "member", .type = runtime::ArgType::kString},
};
inline constexpr runtime::KeySpec kSMoveKeys[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRW | runtime::kKeyAccess | runtime::kKeyDelete),
    runtime::KeySpec::Range(2, runtime::kKeyRW | runtime::kKeyInsert),
};
inline constexpr runtime::ArgSpec kSMoveArgs[] = {
    {.name = "source", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "destination", .type = runtime::ArgType::kKey, .key_spec = 1},
    {.name = "member", .type = runtime::ArgType::kString},
};
inline constexpr runtime::HistoryLine kSPopHistory[] = {
    {"3.2.0", "Added the `count` argument."},
};
inline constexpr std::string_view kSPopTips[] = {
    "nondeterministic_output",
};
inline constexpr runtime::ArgSpec kSPopArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "count",
     .type = runtime::ArgType::kInteger,
     .since = "3.2.0",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::HistoryLine kSRandMemberHistory[] = {
    {"2.6.0", "Added the optional `count` argument."},
};
inline constexpr runtime::ArgSpec kSRandMemberArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "count",
     .type = runtime::ArgType::kInteger,
     .since = "2.6.0",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::KeySpec kSRemKey[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRW | runtime::kKeyDelete),
};
inline constexpr runtime::ArgSpec kSScanArgs[] = {
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
