// From a history that has no linearization to one that a person can read.
//
// Functions of their arguments; any thread.
#pragma once

#include <string>

#include "tests/linearizability/checker.h"
#include "tests/linearizability/operation.h"

namespace nuthatch::linearizability {

// Marks as many operations as it can as optional, with the history still illegal: the operations
// that are left contradict each other, whether the optional ones happened or not. It looks at a
// limited number of configurations in all, so that it takes seconds at most, and may leave more
// than it must. REQUIRES: Check(initial, history) is illegal.
History Shrink(const Contents& initial, History history);

// The operations that are not optional, one a line in the order of their invocation, with
// microseconds from the first and the place in the connection's order. With a question mark also
// optional ones that wrote a value that is shown: not needed for the contradiction, but for
// understanding it. Then how many were left out.
std::string Timeline(const Contents& initial, const History& history);

}  // namespace nuthatch::linearizability
