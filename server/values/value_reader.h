// Reading values of every type that Redis 7.0 reads, in all the forms that Redis has ever written,
// from bytes that may be hostile. (Modules' values are refused.)
//
// Everything is looked at, as Redis does with sanitize-dump-payload: the structure of compact
// forms, fields and members that are there twice, sorted integers, NaN, what is empty. Beyond that,
// a sorted set's listpack has to hold numbers where its scores are: Redis takes any text, and then
// ends at a NaN. Its order is not looked at, as in Redis. No recursion; memory stays in proportion
// to the bytes that are read and what they unpack to.
//
// What comes out has the form that Redis gives it when it loads: old forms become new ones, and
// what is above the limits becomes large. A large one stays large, unless it was read element by
// element.
//
// Pure functions; any thread.
#pragma once

#include <cstdint>
#include <memory>

#include "server/base/result.h"
#include "server/values/byte_store.h"
#include "server/values/load_limits.h"
#include "server/values/object.h"
#include "server/values/rdb_primitives.h"
#include "server/values/types.h"
#include "server/values/value_view.h"

namespace nuthatch::values {

// A value that was read; see ValueView for what stands where. (A string's encoding says nothing: it
// is for the one who stores it to choose.)
struct LoadedValue {
  Type type = Type::kString;
  Encoding encoding = Encoding::kRaw;
  HeapBytes bytes;
  std::unique_ptr<Object> object;

  ValueView view() const { return {type, encoding, bytes.view(), object.get()}; }
};

// The value that stands behind a byte of type, `rdb_type`. An error says what is wrong, for a log.
base::Result<LoadedValue> ReadValue(uint8_t rdb_type, RdbReader& reader, const LoadLimits& limits);

}  // namespace nuthatch::values
