// From a history that has no linearization to one that a person can read.
//
// Functions of their arguments; any thread.
#pragma once

#include <string>

#include "tests/linearizability/checker.h"
#include "tests/linearizability/operation.h"

namespace nuthatch::linearizability {

// Marks as many operations as it can as optional, with the history still illegal: the operations
// that are left contradict each other, whether the optional ones happened or not. At the end no
// operation that is left can be made optional as well.
// Each trial is given up after a small number of configurations, so that shrinking takes seconds at
// most. REQUIRES: Check(initial, history) is illegal.
History Shrink(const Contents& initial, History history);

// The operations that are not optional, one a line in the order of their invocation, with
// microseconds from the first and the place in the connection's order. With a question mark also
// optional ones that wrote a value that is shown: not needed for the contradiction, but for
// understanding it. Then how many were left out.
std::string Timeline(const Contents& initial, const History& history);

}  // namespace nuthatch::linearizability
