// The limits by which values are read (RESTORE, RDB files), out of the configuration.
#pragma once

#include "server/commands/list_access.h"
#include "server/config/config.h"
#include "server/values/load_limits.h"

namespace nuthatch::commands {

inline values::LoadLimits LoadLimitsOf(const config::Config& config) {
  return {
      .hash_max_listpack_entries = config.hash_max_listpack_entries,
      .hash_max_listpack_value = config.hash_max_listpack_value,
      .set_max_intset_entries = config.set_max_intset_entries,
      .zset_max_listpack_entries = config.zset_max_listpack_entries,
      .zset_max_listpack_value = config.zset_max_listpack_value,
      .list_max_listpack_size = config.list_max_listpack_size,
      .list_compact_bytes = config.list_max_listpack_size == kCompactFill ? kMaxCompactBytes : 0,
      .max_string_bytes = config.proto_max_bulk_len};
}

}  // namespace nuthatch::commands
