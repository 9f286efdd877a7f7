// LOLWUT's picture: a wood in which a nuthatch has hidden its food.
//
// Pure function; any thread.
#pragma once

#include <cstdint>
#include <string>

namespace nuthatch::observe {

inline constexpr int kMostArtColumns = 400;
inline constexpr int kMostArtRows = 100;

// `rows` lines of `columns` characters, the same for the same seed. REQUIRES: both are at least 1.
std::string DrawWood(int columns, int rows, uint64_t seed);

}  // namespace nuthatch::observe
