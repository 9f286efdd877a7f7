// What the oracle knows about each command beyond COMMAND DOCS: how often it is generated and by
// whom, and how its replies are compared. The table in rules.cc is the explicit list of commands
// that are skipped and of replies that may differ, each with its reason; a command of the tested
// server without a row fails the run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/oracle/catalogue.h"
#include "tests/oracle/step.h"

namespace nuthatch::oracle {

class Maker;

// How two replies to one command are compared when they are not the same bytes. Errors always have
// to be the same bytes.
enum class Mode {
  kExact,
  kSeconds,       // positive integers within the margin
  kMilliseconds,  // the same, in ms
  kDeadlineS,     // absolute: within the margin if it comes from a relative time, else the same
  kDeadlineMs,
  kShape,        // the same type of reply
  kStreamTimes,  // times and idle times of consumers and pending entries within the margin
  kMultiset,     // an array in any order
  kMembers,      // the same, but integers in order if there are many and the reference has them so
  kPick,         // elements taken at random: see pick.h
  kPairs,        // a map, or an array of pairs one behind the other, in any order
  kRandomKey,    // null together; else a key that exists
  kScan,         // a cursor and keys
  kDump,         // payloads that hold the same value
  kHello,        // a map without run id, client id and version
  kClientLines,  // CLIENT LIST: lines without ids, addresses, ages and sizes
  kConfigMap,    // a map in any order; no directive of the reference may lack
  kInfo,         // field names of the sections that both have
  kCommandList,  // names in any order; what only one server has is left out
  kCommandDocs,  // maps in any order, commands that both have
  kCommandInfo,
  kMapKeys,      // the same map keys; extra ones allowed
  kTime,         // two bulk strings within the margin
  kDebugObject,  // without address, clock and idle time
  kSlowlog,      // entries without id, time, duration and address
};

// Makes the arguments of a command behind its name in `(*group)[0]`, and steps behind it if needed.
using Special = void (*)(Maker& maker, Steps* group);

struct Rule {
  std::string_view command;
  int weight;  // share of the generated commands; 0: never generated, for the reason in `why`
  Mode mode = Mode::kExact;
  Special special = nullptr;  // nullptr: from the argument tree of COMMAND DOCS
  bool mutate = true;         // may the arguments be spoiled at random?
  std::string_view why = "";  // why it is skipped, or why its reply may differ
};

// The row of a full command name ("client|list"), or nullptr.
const Rule* FindRule(std::string_view command);
// The row of what `argv` calls, subcommands included, in any case of letters; nullptr if unknown.
const Rule* RuleOf(const Argv& argv);
const std::vector<Rule>& AllRules();

// Commands of the tested server that have no row.
std::vector<std::string> UncoveredCommands(const Catalogue& catalogue);

// What only the tested server has, on purpose.
bool IsOwnExtra(std::string_view name);

// The table as text, for --list-rules.
std::string DescribeRules();

}  // namespace nuthatch::oracle
