// DEBUG OBJECT, POPULATE, SDSLEN and HTSTATS.
//
// Runs with every shard held.
#pragma once

#include "server/keyspace/keyspace.h"
#include "server/runtime/command_spec.h"

namespace nuthatch::commands {

void DebugObject(runtime::CommandContext& context);
void DebugPopulate(runtime::CommandContext& context);
void DebugSdslen(runtime::CommandContext& context);
void DebugHtstats(runtime::CommandContext& context);

// The entry of argument 2, for every subcommand about a key.
keyspace::EntryRef DebugFindOrReply(runtime::CommandContext& context);

}  // namespace nuthatch::commands
