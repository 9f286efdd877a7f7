// DEBUG DIGEST and DIGEST-VALUE: signatures of content that are the same on every server that holds
// it, Redis included.
//
// Runs with every shard held.
#pragma once

#include "server/runtime/command_spec.h"

namespace nuthatch::commands {

void DebugDigest(runtime::CommandContext& context);
void DebugDigestValue(runtime::CommandContext& context);

}  // namespace nuthatch::commands
