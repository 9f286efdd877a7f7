// The runs of a sparse HyperLogLog, as hyperloglog.cc needs them.
//
// Pure functions; any thread. REQUIRES: a sparse string.
#pragma once

#include <string_view>

#include "server/values/hyperloglog.h"

namespace nuthatch::values {

// Adds the registers' values to the histogram; false if the runs are corrupt.
bool CountHllRuns(std::string_view bytes, HllHistogram& histogram);
// MergeHll of a sparse string.
bool MergeHllRuns(std::string_view bytes, HllRegisters& registers);

}  // namespace nuthatch::values
