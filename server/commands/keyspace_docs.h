// What the rows of the commands about whole databases say of arguments, history and tips.
//
// Facts about Redis 7.0 as COMMAND DOCS and COMMAND INFO tell them; constants.
#pragma once

#include <string_view>

#include "server/commands/key_specs.h"
#include "server/runtime/command_spec.h"

namespace nuthatch::commands {

inline constexpr runtime::ArgSpec kSwapDbArgs[] = {
    {.name = "index1", .type = runtime::ArgType::kInteger},
    {.name = "index2", .type = runtime::ArgType::kInteger},
};
inline constexpr runtime::HistoryLine kFlushAllHistory[] = {
    {"4.0.0", "Added the `ASYNC` flushing mode modifier."},
    {"6.2.0", "Added the `SYNC` flushing mode modifier."},
};
inline constexpr std::string_view kAllShardsSucceededTips[] = {
    "request_policy:all_shards",
    "response_policy:all_succeeded",
};
inline constexpr runtime::ArgSpec kFlushAllAsyncArgs[] = {
    {.name = "async", .type = runtime::ArgType::kPureToken, .token = "ASYNC", .since = "4.0.0"},
    {.name = "sync", .type = runtime::ArgType::kPureToken, .token = "SYNC", .since = "6.2.0"},
};
inline constexpr runtime::ArgSpec kFlushAllArgs[] = {
    {.name = "async",
     .type = runtime::ArgType::kOneof,
     .flags = runtime::kArgOptional,
     .args = kFlushAllAsyncArgs},
};
inline constexpr std::string_view kAllShardsSumTips[] = {
    "request_policy:all_shards",
    "response_policy:agg_sum",
};

}  // namespace nuthatch::commands
