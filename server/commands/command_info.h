// What COMMAND INFO and COMMAND DOCS say of a row.
//
// Pure functions of constant data; any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "server/resp/reply_writer.h"
#include "server/runtime/command_table.h"

namespace nuthatch::commands {

// The key positions in the old form of COMMAND INFO: the first, the last (negative: counted from
// the end), and the step between them. All zero where there is no such form.
struct LegacyKeyRange {
  int first = 0;
  int last = 0;
  int step = 0;
};
LegacyKeyRange LegacyKeyRangeOf(const runtime::CommandSpec& spec);

// One element of COMMAND INFO's answer, subcommands included.
void WriteCommandInfo(const runtime::CommandEntry& entry, resp::ReplyWriter& reply);

// One name and its description, that is, one pair of COMMAND DOCS's answer.
void WriteCommandDocs(const runtime::CommandEntry& entry, resp::ReplyWriter& reply);

// The flags of a key as COMMAND GETKEYSANDFLAGS shows them, a set.
void WriteKeyFlags(uint16_t flags, resp::ReplyWriter& reply);

}  // namespace nuthatch::commands
