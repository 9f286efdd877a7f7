// Hashed: the bytes of a field or member with their hash, computed once a command and carried
// along.
//
// A view; it owns nothing and lives as long as the bytes it was made of. Any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "server/base/secret_hash.h"

namespace nuthatch::values {

struct Hashed {
  std::string_view bytes;
  uint64_t hash = 0;

  Hashed() = default;
  explicit Hashed(std::string_view text) : bytes(text), hash(base::SecretHash(text)) {}
};

}  // namespace nuthatch::values
