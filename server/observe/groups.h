// The groups of commands that observe the server: main.cc registers each with the CommandTable, one
// line a group.
#pragma once

#include <span>

#include "server/runtime/command_spec.h"

namespace nuthatch::observe {

std::span<const runtime::CommandSpec> InfoCommands();
std::span<const runtime::CommandSpec> LatencyCommands();
std::span<const runtime::CommandSpec> LolwutCommands();
std::span<const runtime::CommandSpec> MemoryCommands();
std::span<const runtime::CommandSpec> SlowlogCommands();

}  // namespace nuthatch::observe
