// What a client may be called.
//
// Pure functions; any thread.
#pragma once

#include <algorithm>
#include <string_view>

namespace nuthatch::commands {

// Printable, without spaces, so that a line of CLIENT LIST can be taken apart.
inline bool IsClientName(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) { return c >= '!' && c <= '~'; });
}

}  // namespace nuthatch::commands
