// COMMAND DOCS and COMMAND INFO as sorted lines of text, command by command, so that two servers'
// tables can be compared without regard to the order of maps and sets, and differences named.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/oracle/catalogue.h"
#include "tests/oracle/reply.h"

namespace nuthatch::oracle {

// Full command name ("client|list") to lines like "arguments[1].flags = optional".
using TableLines = std::map<std::string, std::vector<std::string>>;

TableLines FlattenDocs(const Reply& docs);
TableLines FlattenInfo(const Reply& info);

// What differs between two tables, one line a finding, commands and subcommands that both servers
// have only. `catalogue` says which these are.
std::vector<std::string> DiffTables(const TableLines& ours, const TableLines& theirs,
                                    const Catalogue& catalogue);

// The whole tables of both servers, compared. An unreadable one is a finding, too.
std::vector<std::string> CompareWholeTables(Link* tested, Link* reference,
                                            const Catalogue& catalogue);

}  // namespace nuthatch::oracle
