// Makes a failing sequence short: cuts off its head, then delta debugging over its groups (a step
// and what is glued to it), then its connections, forms and arguments.
//
// The method is ddmin (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input",
// 2002). Each trial starts from Reset(); a trial fails only if it shows the same signature, so that
// one bug is not exchanged for another.
#pragma once

#include <string>

#include "tests/oracle/duel.h"
#include "tests/oracle/step.h"

namespace nuthatch::oracle {

struct Shrunk {
  Steps steps;
  Difference difference;
  bool reproduced = false;  // the whole sequence failed again when replayed
  size_t trials = 0;
};

// REQUIRES: `steps` end with the step that failed.
Shrunk Shrink(Duel* duel, const Steps& steps, const Difference& difference);

// Steps as lines of a script (see script.h), one command a line.
std::string AsScript(const Steps& steps);
std::string AsLine(const Argv& argv);

}  // namespace nuthatch::oracle
