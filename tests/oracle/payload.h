// DUMP payloads of strings: reading them (to compare two that were compressed differently) and
// spoiling them in ways that RESTORE has to notice.
//
// A payload is: type byte, the value as RDB writes it, RDB version (2 bytes), CRC64 (8 bytes).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/base/random.h"

namespace nuthatch::oracle {

// The string in a payload; nothing if it holds another type or is damaged.
std::optional<std::string> DecodeStringPayload(std::string_view payload);

// The RDB version in the payload's footer, 0 if there is none.
unsigned PayloadVersion(std::string_view payload);

// A damaged copy: bytes flipped, cut off, another version or type, with the checksum as it was or
// set right again. Stays away from the length bytes, so that no reader is told to take gigabytes.
std::string SpoilPayload(std::string payload, base::Random& random);

}  // namespace nuthatch::oracle
