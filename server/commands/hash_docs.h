// What the rows of the hash commands say of keys, arguments, history and tips.
//
// Facts about Redis 7.0 as COMMAND DOCS and COMMAND INFO tell them; constants.
#pragma once

#include <string_view>

#include "server/commands/key_specs.h"
#include "server/runtime/command_spec.h"

namespace nuthatch::commands {

inline constexpr runtime::KeySpec kHDelKey[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRW | runtime::kKeyDelete),
};
inline constexpr runtime::HistoryLine kHDelHistory[] = {
    {"2.4.0", "Accepts multiple `field` arguments."},
};
inline constexpr runtime::ArgSpec kHDelArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "field", .type = runtime::ArgType::kString, .flags = runtime::kArgMultiple},
};
inline constexpr runtime::ArgSpec kHExistsArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "field", .type = runtime::ArgType::kString},
};
inline constexpr std::string_view kHGetAllTips[] = {
    "nondeterministic_output_order",
};
inline constexpr runtime::ArgSpec kHIncrByArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "field", .type = runtime::ArgType::kString},
    {.name = "increment", .type = runtime::ArgType::kInteger},
};
inline constexpr runtime::ArgSpec kHIncrByFloatArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "field", .type = runtime::ArgType::kString},
    {.name = "increment", .type = runtime::ArgType::kDouble},
};
inline constexpr runtime::ArgSpec kHMSetFieldValueArgs[] = {
    {.name = "field", .type = runtime::ArgType::kString},
    {.name = "value", .type = runtime::ArgType::kString},
};
inline constexpr runtime::ArgSpec kHMSetArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "field_value",
     .type = runtime::ArgType::kBlock,
     .flags = runtime::kArgMultiple,
     .args = kHMSetFieldValueArgs},
};
inline constexpr std::string_view kHRandFieldTips[] = {
    "nondeterministic_output",
};
inline constexpr runtime::ArgSpec kHRandFieldOptionsArgs[] = {
    {.name = "count", .type = runtime::ArgType::kInteger},
    {.name = "withvalues",
     .type = runtime::ArgType::kPureToken,
     .token = "WITHVALUES",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::ArgSpec kHRandFieldArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "options",
     .type = runtime::ArgType::kBlock,
     .flags = runtime::kArgOptional,
     .args = kHRandFieldOptionsArgs},
};
inline constexpr runtime::ArgSpec kHScanArgs[] = {
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
inline constexpr runtime::HistoryLine kHSetHistory[] = {
    {"4.0.0", "Accepts multiple `field` and `value` arguments."},
};
inline constexpr runtime::ArgSpec kHSetNxArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "field", .type = runtime::ArgType::kString},
    {.name = "value", .type = runtime::ArgType::kString},
};

}  // namespace nuthatch::commands
