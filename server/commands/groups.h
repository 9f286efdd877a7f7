// The groups of commands: main.cc registers each with the CommandTable, one line a group.
#pragma once

#include <span>

#include "server/runtime/command_spec.h"

namespace nuthatch::commands {

std::span<const runtime::CommandSpec> GenericCommands();
std::span<const runtime::CommandSpec> KeyspaceCommands();
std::span<const runtime::CommandSpec> StreamCommands();
std::span<const runtime::CommandSpec> StringCommands();
std::span<const runtime::CommandSpec> BitmapCommands();
std::span<const runtime::CommandSpec> HyperLogLogCommands();
std::span<const runtime::CommandSpec> HashCommands();
std::span<const runtime::CommandSpec> ListCommands();
std::span<const runtime::CommandSpec> SetCommands();
std::span<const runtime::CommandSpec> SortedSetCommands();
std::span<const runtime::CommandSpec> GeoCommands();
std::span<const runtime::CommandSpec> TransactionCommands();  // MULTI, EXEC, WATCH, ...
std::span<const runtime::CommandSpec> ConnectionCommands();   // AUTH, HELLO, PING, SELECT, ...
std::span<const runtime::CommandSpec> ClientCommands();
std::span<const runtime::CommandSpec> CommandCommands();
std::span<const runtime::CommandSpec> ConfigCommands();
std::span<const runtime::CommandSpec> DebugCommands();
std::span<const runtime::CommandSpec> ServerCommands();  // SHUTDOWN, TIME

}  // namespace nuthatch::commands
