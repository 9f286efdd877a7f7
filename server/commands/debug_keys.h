// DEBUG OBJECT, POPULATE, SDSLEN, HTSTATS and HTSTATS-KEY.
//
// Runs with every shard held.
#pragma once

#include "server/runtime/command_spec.h"

namespace nuthatch::commands {

void DebugObject(runtime::CommandContext& context);
void DebugPopulate(runtime::CommandContext& context);
void DebugSdslen(runtime::CommandContext& context);
void DebugHtstats(runtime::CommandContext& context);
void DebugHtstatsKey(runtime::CommandContext& context);

}  // namespace nuthatch::commands
