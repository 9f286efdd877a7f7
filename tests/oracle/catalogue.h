// The commands under test and their argument trees: the reference's COMMAND DOCS, restricted to
// what the tested server has in its own table.
//
// Immutable once loaded; shared by generator and comparer.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/result.h"
#include "tests/oracle/link.h"

namespace nuthatch::oracle {

struct Argument {
  enum class Type {
    kString,
    kInteger,
    kDouble,
    kKey,
    kPattern,
    kUnixTime,
    kPureToken,
    kOneOf,
    kBlock,
  };
  std::string name;
  Type type = Type::kString;
  std::string token;
  bool optional = false;
  bool multiple = false;
  bool multiple_token = false;
  std::vector<Argument> children;
};

struct Command {
  std::string name;  // "get", or "client|list" for a subcommand
  bool container = false;
  std::vector<Argument> arguments;
};

// Commands by full name, in lower case.
using CommandMap = std::map<std::string, Command, std::less<>>;

struct Catalogue {
  CommandMap commands;                // in both servers
  std::set<std::string> only_tested;  // what the reference lacks
  std::set<std::string> only_reference;

  bool Has(std::string_view name) const { return commands.contains(name); }
};

// Asks both servers. An error when one of them has no COMMAND DOCS or no COMMAND LIST.
base::Result<Catalogue> LoadCatalogue(Link* tested, Link* reference);

// "client|list" as the words that call it.
Argv CallWords(std::string_view name);
std::string Lower(std::string_view text);

}  // namespace nuthatch::oracle
