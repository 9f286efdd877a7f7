// SHA-1 (FIPS 180-4): a name for content, as scripts and DEBUG DIGEST have it; not for secrets.
//
// Pure functions; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace nuthatch::base {

using Sha1Digest = std::array<uint8_t, 20>;

Sha1Digest Sha1(std::string_view bytes);

// In lower case.
std::string ToHex(const Sha1Digest& digest);

}  // namespace nuthatch::base
