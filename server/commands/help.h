// The answer of a container's HELP subcommand.
//
// Pure function; any thread that runs a command.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "server/runtime/context.h"

namespace nuthatch::commands {

// `container` in upper case; `lines` without those that every HELP begins and ends with.
inline void WriteHelp(runtime::CommandContext& context, std::string_view container,
                      std::span<const std::string_view> lines) {
  resp::ReplyWriter& reply = context.reply();
  reply.Array(lines.size() + 3);
  reply.SimpleString(
      std::string(container).append(" <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"));
  for (std::string_view line : lines) reply.SimpleString(line);
  reply.SimpleString("HELP");
  reply.SimpleString("    Prints this help.");
}

}  // namespace nuthatch::commands
