// What the rows of the HyperLogLog commands say of keys and arguments.
//
// Facts about Redis 7.0 as COMMAND DOCS and COMMAND INFO tell them; constants.
#pragma once

#include <string_view>

#include "server/commands/key_specs.h"
#include "server/runtime/command_spec.h"

namespace nuthatch::commands {

inline constexpr runtime::KeySpec kPfCountKeys[] = {
    {.notes = "RW because it may change the internal representation of the key, and propagate to "
              "replicas",
     .flags = runtime::kKeyRW | runtime::kKeyAccess,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 1,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = -1,
     .step = 1},
};
inline constexpr runtime::KeySpec kPfDebugKey[] = {
    runtime::KeySpec::Range(2, runtime::kKeyRW | runtime::kKeyAccess),
};
inline constexpr runtime::KeySpec kPfMergeKeys[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRW | runtime::kKeyAccess | runtime::kKeyInsert),
    runtime::KeySpec::Range(2, runtime::kKeyRO | runtime::kKeyAccess, -1),
};

inline constexpr runtime::ArgSpec kPfAddArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "element",
     .type = runtime::ArgType::kString,
     .flags = runtime::kArgOptional | runtime::kArgMultiple},
};
inline constexpr runtime::ArgSpec kPfCountArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0, .flags = runtime::kArgMultiple},
};
inline constexpr runtime::ArgSpec kPfDebugArgs[] = {
    {.name = "subcommand", .type = runtime::ArgType::kString},
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
};
inline constexpr runtime::ArgSpec kPfMergeArgs[] = {
    {.name = "destkey", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "sourcekey",
     .type = runtime::ArgType::kKey,
     .key_spec = 1,
     .flags = runtime::kArgMultiple},
};

}  // namespace nuthatch::commands
