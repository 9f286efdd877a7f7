// The frame of a DUMP payload: one byte of type, the value (value_writer.h, value_reader.h), the
// RDB version (two bytes) and a CRC-64, both little-endian.
//
// Pure functions; any thread.
#pragma once

#include <string_view>

#include "server/base/buffer.h"
#include "server/values/rdb_primitives.h"  // IWYU pragma: export
#include "server/values/value_view.h"

namespace nuthatch::values {

// The payload of a value; strings are compressed with `compress`, each by itself.
void DumpValue(const ValueView& value, bool compress, base::Buffer& out);

// Whether the payload has a footer, of a version that is known, with the right checksum (which is
// not looked at without `check_sum`).
//
// Type and value stand at its beginning. Redis lets the value of a forged payload reach into the
// footer; so whoever reads it reads the payload as a whole.
bool IsDump(std::string_view payload, bool check_sum = true);

}  // namespace nuthatch::values
