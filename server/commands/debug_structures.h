// DEBUG LISTPACK, QUICKLIST, HTSTATS-KEY and QUICKLIST-PACKED-THRESHOLD: how a value is laid out.
//
// Runs with every shard held.
#pragma once

#include "server/runtime/command_spec.h"

namespace nuthatch::commands {

void DebugListpack(runtime::CommandContext& context);
void DebugQuicklist(runtime::CommandContext& context);
void DebugHtstatsKey(runtime::CommandContext& context);
void DebugPackedThreshold(runtime::CommandContext& context);

}  // namespace nuthatch::commands
