// What the rows of the sorted-set commands that wait say of keys, arguments and history.
//
// Facts about Redis 7.0 as COMMAND DOCS and COMMAND INFO tell them; constants.
#pragma once

#include <string_view>

#include "server/commands/key_specs.h"
#include "server/commands/zset_docs.h"
#include "server/runtime/command_spec.h"

namespace nuthatch::commands {

inline constexpr runtime::KeySpec kBZPopMinKeys[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRW | runtime::kKeyAccess | runtime::kKeyDelete, -2),
};
inline constexpr runtime::HistoryLine kBZPopMinHistory[] = {
    {"6.0.0", "`timeout` is interpreted as a double instead of an integer."},
};
inline constexpr runtime::ArgSpec kBZPopMinArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0, .flags = runtime::kArgMultiple},
    {.name = "timeout", .type = runtime::ArgType::kDouble},
};
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

}  // namespace nuthatch::commands
