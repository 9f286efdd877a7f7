// What the rows of the list commands that wait, and of BZPOPMIN and BZPOPMAX, say of keys,
// arguments and history.
//
// Facts about Redis 7.0 as COMMAND DOCS and COMMAND INFO tell them; constants.
#pragma once

#include <string_view>

#include "server/commands/key_specs.h"
#include "server/commands/list_docs.h"
#include "server/runtime/command_spec.h"

namespace nuthatch::commands {

inline constexpr runtime::KeySpec kBLPopKeys[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRW | runtime::kKeyAccess | runtime::kKeyDelete, -2),
};
inline constexpr runtime::HistoryLine kBLPopHistory[] = {
    {"6.0.0", "`timeout` is interpreted as a double instead of an integer."},
};
inline constexpr runtime::ArgSpec kBLPopArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0, .flags = runtime::kArgMultiple},
    {.name = "timeout", .type = runtime::ArgType::kDouble},
};
inline constexpr runtime::ArgSpec kBLMoveArgs[] = {
    {.name = "source", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "destination", .type = runtime::ArgType::kKey, .key_spec = 1},
    {.name = "wherefrom", .type = runtime::ArgType::kOneof, .args = kLMoveWherefromArgs},
    {.name = "whereto", .type = runtime::ArgType::kOneof, .args = kLMoveWherefromArgs},
    {.name = "timeout", .type = runtime::ArgType::kDouble},
};
inline constexpr runtime::ArgSpec kBRPopLPushArgs[] = {
    {.name = "source", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "destination", .type = runtime::ArgType::kKey, .key_spec = 1},
    {.name = "timeout", .type = runtime::ArgType::kDouble},
};
inline constexpr runtime::KeySpec kBLMPopKeys[] = {
    {.flags = runtime::kKeyRW | runtime::kKeyAccess | runtime::kKeyDelete,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 2,
     .find = runtime::KeySpec::Find::kKeyNum,
     .step = 1,
     .keynum_index = 0,
     .first_key = 1},
};
inline constexpr runtime::ArgSpec kBLMPopArgs[] = {
    {.name = "timeout", .type = runtime::ArgType::kDouble},
    {.name = "numkeys", .type = runtime::ArgType::kInteger},
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0, .flags = runtime::kArgMultiple},
    {.name = "where", .type = runtime::ArgType::kOneof, .args = kLMoveWherefromArgs},
    {.name = "count",
     .type = runtime::ArgType::kInteger,
     .token = "COUNT",
     .flags = runtime::kArgOptional},
};

}  // namespace nuthatch::commands
