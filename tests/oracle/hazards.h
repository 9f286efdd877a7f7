// Keeps random commands from doing what would make two right servers differ, or one test endless:
// deadlines that pass while the test runs, and sizes that take gigabytes.
#pragma once

#include "server/base/random.h"
#include "tests/oracle/step.h"

namespace nuthatch::oracle {

// Corrects the arguments of `(*group)[index]` in place. A deadline of at most kSoonMaxMs stays: its
// step gets a wait behind it and a look at the key, since a key past its deadline counts in DBSIZE
// until somebody has noticed. So does a deadline in the past. What writes into a HyperLogLog's
// bytes gets one zero more behind them.
void MakeSafe(base::Random& random, Steps* group, size_t index);

}  // namespace nuthatch::oracle
