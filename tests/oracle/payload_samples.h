// What the payloads for RESTORE are made of: commands that make a value of each type and encoding,
// and values as servers before Redis 7 wrote them.
#pragma once

#include <string>
#include <vector>

#include "tests/oracle/step.h"

namespace nuthatch::oracle {

// Each makes the key "payload" one value. For redis-server with its default settings.
std::vector<std::vector<Argv>> SampleBuilds();

// Type byte and value, without a footer.
std::vector<std::string> OldValues();

}  // namespace nuthatch::oracle
