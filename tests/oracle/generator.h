// The stream of random steps: picks commands by their weight, lets the argument tree or a special
// generator fill them, spoils every fifth, and keeps them clear of the clock.
#pragma once

#include <string>
#include <vector>

#include "tests/oracle/maker.h"
#include "tests/oracle/rules.h"
#include "tests/oracle/step.h"

namespace nuthatch::oracle {

class Generator {
 public:
  // `payloads` are DUMP payloads of the reference, for RESTORE. Both must outlive the generator.
  Generator(const Catalogue& catalogue, const std::vector<std::string>& payloads, uint64_t seed);

  // Appends one command and what is glued to it, or a transaction.
  void AppendGroup(Steps* steps);
  base::Random& random() { return maker_.random(); }

 private:
  struct Choice {
    const Rule* rule;
    const Command* command;
  };

  void AppendCommand(Steps* steps);
  void AppendUnknown(Steps* group);
  // WATCH, writes of another connection, MULTI, commands, EXEC or DISCARD: all glued.
  void AppendTransaction(Steps* steps);
  // A command that may be queued.
  void AppendQueued(Steps* steps);
  // A write of another connection.
  void AppendIntruder(Steps* steps, const std::string& key);
  void Spoil(Argv* argv, size_t fixed);

  Maker maker_;
  std::vector<Choice> wheel_;  // each choice as often as its weight says
};

}  // namespace nuthatch::oracle
