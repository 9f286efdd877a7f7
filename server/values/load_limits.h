// LoadLimits: what decides, when a value is read, which form it gets. The fields are the
// configuration's of the same names; the defaults are Redis's.
#pragma once

#include <cstdint>

namespace nuthatch::values {

struct LoadLimits {
  uint64_t hash_max_listpack_entries = 512;
  uint64_t hash_max_listpack_value = 64;  // bytes
  uint64_t set_max_intset_entries = 512;
  uint64_t zset_max_listpack_entries = 128;
  uint64_t zset_max_listpack_value = 64;  // bytes
  int64_t list_max_listpack_size = -2;    // see Quicklist
  // No string, element or compact form that is longer is read: what a few compressed bytes claim
  // to be is bounded by this, too.
  uint64_t max_string_bytes = UINT64_MAX;
};

}  // namespace nuthatch::values
