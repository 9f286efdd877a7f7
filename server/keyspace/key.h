// Key: a key's name with what is computed from it once a command and then carried along: the hash
// and the slot.
//
// A view; it owns nothing and lives as long as the name it was made of. Any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "server/base/crc16.h"
#include "server/base/secret_hash.h"

namespace nuthatch::keyspace {

inline uint64_t HashName(std::string_view name) { return base::SecretHash(name); }

struct Key {
  std::string_view name;
  uint64_t hash;
  uint16_t slot;

  static Key Of(std::string_view name) { return {name, HashName(name), base::HashSlot(name)}; }
};

}  // namespace nuthatch::keyspace
