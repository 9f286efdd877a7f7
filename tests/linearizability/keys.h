// The names of the keys on the wire, chosen so that key number i lies in a slot s with s mod 4 == i
// mod 4: with 2 and with 4 shards neighbouring keys have different owners, and how they are spread
// is known.
//
// Free functions, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nuthatch::linearizability {

// The hash slot of a key without a hash tag: CRC16 (XMODEM) modulo 16384.
uint16_t SlotOf(std::string_view key);

// `count` names that start with `prefix`.
std::vector<std::string> MakeKeyNames(std::string_view prefix, size_t count);

}  // namespace nuthatch::linearizability
