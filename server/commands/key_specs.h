// Key specifications and arguments that rows of several groups share: where the keys of a command
// stand, and what it does to them.
//
// Facts about Redis 7.0 as COMMAND DOCS and COMMAND INFO tell them; constants.
#pragma once

#include <string_view>

#include "server/runtime/command_spec.h"

namespace nuthatch::commands {

inline constexpr runtime::KeySpec kKeyRwInsert[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRW | runtime::kKeyInsert),
};
inline constexpr runtime::KeySpec kKeyRwAccessUpdate[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRW | runtime::kKeyAccess | runtime::kKeyUpdate),
};
inline constexpr runtime::KeySpec kKeyRoAccess[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRO | runtime::kKeyAccess),
};
inline constexpr runtime::KeySpec kKeyRwAccessDelete[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRW | runtime::kKeyAccess | runtime::kKeyDelete),
};
inline constexpr runtime::KeySpec kKeyRwAccessUpdateNoted[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRW | runtime::kKeyAccess | runtime::kKeyUpdate, 0, 1,
                            "RW and UPDATE because it changes the TTL"),
};
inline constexpr runtime::KeySpec kKeyTwoRoAccess[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRO | runtime::kKeyAccess, 1),
};
inline constexpr runtime::KeySpec kKeysRoAccess[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRO | runtime::kKeyAccess, -1),
};
inline constexpr runtime::KeySpec kPairsOwUpdate[] = {
    runtime::KeySpec::Range(1, runtime::kKeyOW | runtime::kKeyUpdate, -1, 2),
};
inline constexpr runtime::KeySpec kPairsOwInsert[] = {
    runtime::KeySpec::Range(1, runtime::kKeyOW | runtime::kKeyInsert, -1, 2),
};
inline constexpr runtime::KeySpec kKeyOwUpdate[] = {
    runtime::KeySpec::Range(1, runtime::kKeyOW | runtime::kKeyUpdate),
};
inline constexpr runtime::KeySpec kKeyRwAccessUpdateVariableFlagsNoted[] = {
    runtime::KeySpec::Range(
        1, runtime::kKeyRW | runtime::kKeyAccess | runtime::kKeyUpdate | runtime::kKeyVariableFlags,
        0, 1, "RW and ACCESS due to the optional `GET` argument"),
};
inline constexpr runtime::KeySpec kKeyOwInsert[] = {
    runtime::KeySpec::Range(1, runtime::kKeyOW | runtime::kKeyInsert),
};
inline constexpr runtime::KeySpec kKeyRwUpdate[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRW | runtime::kKeyUpdate),
};
inline constexpr runtime::KeySpec kKeyRo[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRO),
};
inline constexpr runtime::KeySpec kKeyRoAccessKeyAt2OwUpdate[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRO | runtime::kKeyAccess),
    runtime::KeySpec::Range(2, runtime::kKeyOW | runtime::kKeyUpdate),
};
inline constexpr runtime::KeySpec kKeysRmDelete[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRM | runtime::kKeyDelete, -1),
};
inline constexpr runtime::KeySpec kKeysRo[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRO, -1),
};
inline constexpr runtime::KeySpec kKeyAt2Ro[] = {
    runtime::KeySpec::Range(2, runtime::kKeyRO),
};
inline constexpr runtime::KeySpec kKeyAt2Rw[] = {
    runtime::KeySpec::Range(2, runtime::kKeyRW),
};
inline constexpr runtime::KeySpec kKeyRwAccessDeleteKeyAt2OwUpdate[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRW | runtime::kKeyAccess | runtime::kKeyDelete),
    runtime::KeySpec::Range(2, runtime::kKeyOW | runtime::kKeyUpdate),
};
inline constexpr runtime::KeySpec kKeyRwAccessDeleteKeyAt2OwInsert[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRW | runtime::kKeyAccess | runtime::kKeyDelete),
    runtime::KeySpec::Range(2, runtime::kKeyOW | runtime::kKeyInsert),
};
inline constexpr runtime::ArgSpec kKeyArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
};

}  // namespace nuthatch::commands
