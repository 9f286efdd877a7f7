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

}  // namespace nuthatch::commands
