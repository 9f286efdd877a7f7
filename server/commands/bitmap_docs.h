// What the rows of the bitmap commands say of keys, arguments and history.
//
// Facts about Redis 7.0 as COMMAND DOCS and COMMAND INFO tell them; constants.
#pragma once

#include <string_view>

#include "server/commands/key_specs.h"
#include "server/runtime/command_spec.h"

namespace nuthatch::commands {

inline constexpr runtime::KeySpec kBitFieldKey[] = {
    runtime::KeySpec::Range(
        1, runtime::kKeyRW | runtime::kKeyAccess | runtime::kKeyUpdate | runtime::kKeyVariableFlags,
        0, 1, "This command allows both access and modification of the key"),
};
inline constexpr runtime::KeySpec kBitOpKeys[] = {
    runtime::KeySpec::Range(2, runtime::kKeyOW | runtime::kKeyUpdate),
    runtime::KeySpec::Range(3, runtime::kKeyRO | runtime::kKeyAccess, -1),
};

inline constexpr runtime::HistoryLine kBitUnitHistory[] = {
    {"7.0.0", "Added the `BYTE|BIT` option."},
};
inline constexpr runtime::ArgSpec kBitUnitArgs[] = {
    {.name = "byte", .type = runtime::ArgType::kPureToken, .token = "BYTE"},
    {.name = "bit", .type = runtime::ArgType::kPureToken, .token = "BIT"},
};
inline constexpr runtime::ArgSpec kBitCountIndexArgs[] = {
    {.name = "start", .type = runtime::ArgType::kInteger},
    {.name = "end", .type = runtime::ArgType::kInteger},
    {.name = "index_unit",
     .type = runtime::ArgType::kOneof,
     .since = "7.0.0",
     .flags = runtime::kArgOptional,
     .args = kBitUnitArgs},
};
inline constexpr runtime::ArgSpec kBitCountArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "index",
     .type = runtime::ArgType::kBlock,
     .flags = runtime::kArgOptional,
     .args = kBitCountIndexArgs},
};
inline constexpr runtime::ArgSpec kBitPosEndArgs[] = {
    {.name = "end", .type = runtime::ArgType::kInteger},
    {.name = "index_unit",
     .type = runtime::ArgType::kOneof,
     .since = "7.0.0",
     .flags = runtime::kArgOptional,
     .args = kBitUnitArgs},
};
inline constexpr runtime::ArgSpec kBitPosIndexArgs[] = {
    {.name = "start", .type = runtime::ArgType::kInteger},
    {.name = "end_index",
     .type = runtime::ArgType::kBlock,
     .flags = runtime::kArgOptional,
     .args = kBitPosEndArgs},
};
inline constexpr runtime::ArgSpec kBitPosArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "bit", .type = runtime::ArgType::kInteger},
    {.name = "index",
     .type = runtime::ArgType::kBlock,
     .flags = runtime::kArgOptional,
     .args = kBitPosIndexArgs},
};
inline constexpr runtime::ArgSpec kBitOpArgs[] = {
    {.name = "operation", .type = runtime::ArgType::kString},
    {.name = "destkey", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 1, .flags = runtime::kArgMultiple},
};
inline constexpr runtime::ArgSpec kGetBitArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "offset", .type = runtime::ArgType::kInteger},
};
inline constexpr runtime::ArgSpec kSetBitArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "offset", .type = runtime::ArgType::kInteger},
    {.name = "value", .type = runtime::ArgType::kInteger},
};

inline constexpr runtime::ArgSpec kBitFieldGetArgs[] = {
    {.name = "encoding", .type = runtime::ArgType::kString},
    {.name = "offset", .type = runtime::ArgType::kInteger},
};
inline constexpr runtime::ArgSpec kBitFieldSetArgs[] = {
    {.name = "encoding", .type = runtime::ArgType::kString},
    {.name = "offset", .type = runtime::ArgType::kInteger},
    {.name = "value", .type = runtime::ArgType::kInteger},
};
inline constexpr runtime::ArgSpec kBitFieldIncrByArgs[] = {
    {.name = "encoding", .type = runtime::ArgType::kString},
    {.name = "offset", .type = runtime::ArgType::kInteger},
    {.name = "increment", .type = runtime::ArgType::kInteger},
};
inline constexpr runtime::ArgSpec kBitFieldOverflowArgs[] = {
    {.name = "wrap", .type = runtime::ArgType::kPureToken, .token = "WRAP"},
    {.name = "sat", .type = runtime::ArgType::kPureToken, .token = "SAT"},
    {.name = "fail", .type = runtime::ArgType::kPureToken, .token = "FAIL"},
};
inline constexpr runtime::ArgSpec kBitFieldWriteOperationArgs[] = {
    {.name = "encoding_offset_value",
     .type = runtime::ArgType::kBlock,
     .token = "SET",
     .args = kBitFieldSetArgs},
    {.name = "encoding_offset_increment",
     .type = runtime::ArgType::kBlock,
     .token = "INCRBY",
     .args = kBitFieldIncrByArgs},
};
inline constexpr runtime::ArgSpec kBitFieldWriteArgs[] = {
    {.name = "wrap_sat_fail",
     .type = runtime::ArgType::kOneof,
     .token = "OVERFLOW",
     .flags = runtime::kArgOptional,
     .args = kBitFieldOverflowArgs},
    {.name = "write_operation",
     .type = runtime::ArgType::kOneof,
     .args = kBitFieldWriteOperationArgs},
};
inline constexpr runtime::ArgSpec kBitFieldOperationArgs[] = {
    {.name = "encoding_offset",
     .type = runtime::ArgType::kBlock,
     .token = "GET",
     .args = kBitFieldGetArgs},
    {.name = "write", .type = runtime::ArgType::kBlock, .args = kBitFieldWriteArgs},
};
inline constexpr runtime::ArgSpec kBitFieldArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "operation",
     .type = runtime::ArgType::kOneof,
     .flags = runtime::kArgOptional | runtime::kArgMultiple,
     .args = kBitFieldOperationArgs},
};
inline constexpr runtime::ArgSpec kBitFieldRoArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "encoding_offset",
     .type = runtime::ArgType::kBlock,
     .token = "GET",
     .flags = runtime::kArgOptional | runtime::kArgMultiple | runtime::kArgMultipleToken,
     .args = kBitFieldGetArgs},
};

}  // namespace nuthatch::commands
