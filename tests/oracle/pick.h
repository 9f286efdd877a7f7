// Commands that pick elements of a value at random: what there is to pick from, and what picks have
// to be.
//
// Such a command is a pipeline of its own: before it both servers tell all elements (`look`), so
// its picks can be judged. Where it takes elements away (SPOP), and not all, the tested server
// alone runs it; then the reference is made to lose the same elements, and what it would have
// replied is asked of a copy of its value. In a transaction, whose replies come too late for that,
// such a command is not run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/oracle/reply.h"
#include "tests/oracle/step.h"

namespace nuthatch::oracle {

struct Picker {
  std::string_view command;
  bool takes;                          // what it picks is removed
  std::vector<std::string_view> look;  // gives all elements; "" stands for the key
  std::string_view with_values;        // the word that asks for values with the elements
};

// What `argv` calls, or nullptr if that doesn't pick.
const Picker* PickerOf(const Argv& argv);

// The command that tells all elements. REQUIRES: argv names a key.
Argv LookOf(const Picker& picker, const Argv& argv);

// The count in `argv`; nothing if there is none, or it is no integer.
std::optional<int64_t> PickCount(const Argv& argv);
// Whether it takes all that there can be.
bool TakesAll(const Argv& argv);

// What a command may pick from.
struct Picks {
  // With its value, each, if it has one.
  std::vector<std::pair<std::string, std::string>> elements;

  Picks(const Picker& picker, const Reply& look);
  // Why `reply` to `argv` is no pick from these; nothing if it is one.
  std::optional<std::string> Judge(const Picker& picker, const Argv& argv,
                                   const Reply& reply) const;
};

// The scalars of a reply, in order, whatever aggregates they are in.
std::vector<std::string> Leaves(const Reply& reply);

}  // namespace nuthatch::oracle
