// The groups of commands: main.cc registers each with the CommandTable, one line a group.
#pragma once

#include <span>

#include "server/runtime/command_spec.h"

namespace nuthatch::commands {

std::span<const runtime::CommandSpec> GenericCommands();
std::span<const runtime::CommandSpec> KeyspaceCommands();
std::span<const runtime::CommandSpec> StringCommands();

}  // namespace nuthatch::commands
