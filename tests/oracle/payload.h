// DUMP payloads: reading them (to compare two that were compressed differently) and spoiling them
// in ways that RESTORE has to notice.
//
// A payload is: type byte, the value as RDB writes it, RDB version (2 bytes), CRC64 (8 bytes).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/random.h"

namespace nuthatch::oracle {

// What a payload holds: its strings (listpacks and the like among them, as they are), unpacked, the
// bytes of scores, the kinds of a list's nodes.
struct Content {
  uint8_t type = 0;
  std::vector<std::string> parts;

  // Gives what has no order one: the members of a set, the fields of a hash.
  void Sort();
  bool operator==(const Content&) const = default;
};

// Nothing if it is damaged, or of a type that is not known here.
std::optional<Content> DecodePayload(std::string_view payload);

// A type byte and a value, made a payload.
std::string WithFooter(std::string body);

// The RDB version in the payload's footer, 0 if there is none.
unsigned PayloadVersion(std::string_view payload);

// A damaged copy: bytes flipped, cut off, another version or type, with the checksum as it was or
// set right again. Stays away from the lengths of strings, so that no reader is told to take
// gigabytes, and from scores in listpacks.
std::string SpoilPayload(std::string payload, base::Random& random);

}  // namespace nuthatch::oracle
