// DEBUG OBJECT and POPULATE.
//
// Runs with every shard held.
#pragma once

#include "server/runtime/command_spec.h"

namespace nuthatch::commands {

void DebugObject(runtime::CommandContext& context);
void DebugPopulate(runtime::CommandContext& context);

}  // namespace nuthatch::commands
