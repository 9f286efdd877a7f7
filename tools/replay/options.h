// The command line of nuthatch-replay.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "tools/replay/advice.h"
#include "tools/replay/replay.h"
#include "tools/replay/server.h"

namespace nuthatch::replay {

struct Options {
  bool advise = false;
  std::string trace;
  uint64_t limit = 0;  // requests of the trace; 0: all
  std::string csv;     // empty: none
  bool ascii = false;
  std::vector<Login> servers;  // for a replay
  ReplaySettings replay;
  AdviceSettings advice;
};

// What to print instead, and how to exit: a request for help, or an error.
struct Exit {
  int code = 0;
  std::string text;
};

std::variant<Options, Exit> ParseOptions(int argc, const char* const* argv);

}  // namespace nuthatch::replay
