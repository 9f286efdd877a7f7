// Key specifications and arguments that rows of several groups share: where the keys of a command
// stand, and what it does to them.
//
// Facts about Redis 7.0 as COMMAND DOCS and COMMAND INFO tell them; constants.
#pragma once

#include <string_view>

#include "server/runtime/command_spec.h"

namespace nuthatch::commands {

inline constexpr runtime::KeySpec kKeyRwInsert[] = {
    {.flags = runtime::kKeyRW | runtime::kKeyInsert,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 1,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = 0,
     .step = 1},
};
inline constexpr runtime::KeySpec kKeyRwAccessUpdate[] = {
    {.flags = runtime::kKeyRW | runtime::kKeyAccess | runtime::kKeyUpdate,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 1,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = 0,
     .step = 1},
};
inline constexpr runtime::KeySpec kKeyRoAccess[] = {
    {.flags = runtime::kKeyRO | runtime::kKeyAccess,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 1,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = 0,
     .step = 1},
};
inline constexpr runtime::KeySpec kKeyRwAccessDelete[] = {
    {.flags = runtime::kKeyRW | runtime::kKeyAccess | runtime::kKeyDelete,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 1,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = 0,
     .step = 1},
};
inline constexpr runtime::KeySpec kKeyRwAccessUpdateNoted[] = {
    {.notes = "RW and UPDATE because it changes the TTL",
     .flags = runtime::kKeyRW | runtime::kKeyAccess | runtime::kKeyUpdate,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 1,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = 0,
     .step = 1},
};
inline constexpr runtime::KeySpec kKeyTwoRoAccess[] = {
    {.flags = runtime::kKeyRO | runtime::kKeyAccess,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 1,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = 1,
     .step = 1},
};
inline constexpr runtime::KeySpec kKeysRoAccess[] = {
    {.flags = runtime::kKeyRO | runtime::kKeyAccess,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 1,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = -1,
     .step = 1},
};
inline constexpr runtime::KeySpec kPairsOwUpdate[] = {
    {.flags = runtime::kKeyOW | runtime::kKeyUpdate,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 1,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = -1,
     .step = 2},
};
inline constexpr runtime::KeySpec kPairsOwInsert[] = {
    {.flags = runtime::kKeyOW | runtime::kKeyInsert,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 1,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = -1,
     .step = 2},
};
inline constexpr runtime::KeySpec kKeyOwUpdate[] = {
    {.flags = runtime::kKeyOW | runtime::kKeyUpdate,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 1,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = 0,
     .step = 1},
};
inline constexpr runtime::KeySpec kKeyRwAccessUpdateVariableFlagsNoted[] = {
    {.notes = "RW and ACCESS due to the optional `GET` argument",
     .flags =
         runtime::kKeyRW | runtime::kKeyAccess | runtime::kKeyUpdate | runtime::kKeyVariableFlags,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 1,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = 0,
     .step = 1},
};
inline constexpr runtime::KeySpec kKeyOwInsert[] = {
    {.flags = runtime::kKeyOW | runtime::kKeyInsert,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 1,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = 0,
     .step = 1},
};
inline constexpr runtime::KeySpec kKeyRwUpdate[] = {
    {.flags = runtime::kKeyRW | runtime::kKeyUpdate,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 1,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = 0,
     .step = 1},
};
inline constexpr runtime::KeySpec kKeyRo[] = {
    {.flags = runtime::kKeyRO,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 1,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = 0,
     .step = 1},
};
inline constexpr runtime::KeySpec kKeyRoAccessKeyAt2OwUpdate[] = {
    {.flags = runtime::kKeyRO | runtime::kKeyAccess,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 1,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = 0,
     .step = 1},
    {.flags = runtime::kKeyOW | runtime::kKeyUpdate,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 2,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = 0,
     .step = 1},
};
inline constexpr runtime::KeySpec kKeysRmDelete[] = {
    {.flags = runtime::kKeyRM | runtime::kKeyDelete,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 1,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = -1,
     .step = 1},
};
inline constexpr runtime::KeySpec kKeysRo[] = {
    {.flags = runtime::kKeyRO,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 1,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = -1,
     .step = 1},
};
inline constexpr runtime::KeySpec kKeyAt2Ro[] = {
    {.flags = runtime::kKeyRO,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 2,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = 0,
     .step = 1},
};
inline constexpr runtime::KeySpec kKeyAt2Rw[] = {
    {.flags = runtime::kKeyRW,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 2,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = 0,
     .step = 1},
};
inline constexpr runtime::KeySpec kKeyRwAccessDeleteKeyAt2OwUpdate[] = {
    {.flags = runtime::kKeyRW | runtime::kKeyAccess | runtime::kKeyDelete,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 1,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = 0,
     .step = 1},
    {.flags = runtime::kKeyOW | runtime::kKeyUpdate,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 2,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = 0,
     .step = 1},
};
inline constexpr runtime::KeySpec kKeyRwAccessDeleteKeyAt2OwInsert[] = {
    {.flags = runtime::kKeyRW | runtime::kKeyAccess | runtime::kKeyDelete,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 1,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = 0,
     .step = 1},
    {.flags = runtime::kKeyOW | runtime::kKeyInsert,
     .begin = runtime::KeySpec::Begin::kIndex,
     .index = 2,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = 0,
     .step = 1},
};
inline constexpr runtime::ArgSpec kKeyArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
};

}  // namespace nuthatch::commands
