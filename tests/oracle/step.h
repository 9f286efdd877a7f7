// One step of a test sequence. Plain data, copied freely while a failure is shrunk.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/oracle/link.h"

namespace nuthatch::oracle {

struct Step {
  Argv argv;
  uint8_t connection = 0;
  bool by_other = false;     // the generator's word: sent by another connection than its pipeline
  bool inline_form = false;  // sent as a line, not as a RESP array
  bool cut_after = false;    // the pipeline ends behind this step
  bool scan_loop = false;    // SCAN 0 ... or HSCAN key 0 ...: up to the cursor 0, compare the sets
  bool glued = false;        // belongs to the step before it: shrinking drops them together
  int wait_ms = 0;           // pause behind this step (which ends its pipeline)
};

using Steps = std::vector<Step>;

}  // namespace nuthatch::oracle
