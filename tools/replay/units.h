// Figures as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace nuthatch::replay {

// "512b", "64kb", "1.5mb", "100mb": as maxmemory is written, with at most one digit behind the
// point.
std::string FormatBytes(uint64_t bytes);
// "1,234,567"
std::string FormatCount(uint64_t count);

}  // namespace nuthatch::replay
