// Writing values in the encoding that DUMP payloads and RDB files share: what Redis 7.0 writes, to
// the byte, but for the order in which a hash table gives its elements.
//
// Pure functions; any thread that may read the value.
#pragma once

#include "server/base/buffer.h"
#include "server/values/rdb_primitives.h"
#include "server/values/value_view.h"

namespace nuthatch::values {

// The byte that stands before the value.
RdbType RdbTypeOf(const ValueView& value);

// The value itself. With `compress` each string of it is compressed where that helps.
void AppendValue(const ValueView& value, bool compress, base::Buffer& out);

}  // namespace nuthatch::values
