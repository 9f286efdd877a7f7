// The parts of value_reader.h, by type; and what they say when they refuse.
#pragma once

#include <string>

#include "server/base/result.h"
#include "server/values/listpack.h"
#include "server/values/value_reader.h"

namespace nuthatch::values::internal {

using Loaded = base::Result<LoadedValue>;

// REQUIRES, of each: `type` is one of its type's.
Loaded ReadList(RdbType type, RdbReader& reader, const LoadLimits& limits);
Loaded ReadSet(RdbType type, RdbReader& reader, const LoadLimits& limits);
Loaded ReadHash(RdbType type, RdbReader& reader, const LoadLimits& limits);
Loaded ReadSortedSet(RdbType type, RdbReader& reader, const LoadLimits& limits);

constexpr const char* kNoString = "the bytes end, or hold no string";
constexpr const char* kNoCount = "the bytes end, or hold no length";
constexpr const char* kEmptyValue = "a value without elements";
constexpr const char* kBadListpack = "a damaged listpack";
constexpr const char* kBadZiplist = "a damaged ziplist";
constexpr const char* kTwice = "an element that is there twice";
constexpr const char* kUnpaired = "an odd number of elements";

inline base::Error Refuse(const char* why) { return base::Error(why); }

// --- Listpacks of pairs: name, value, name, value ... ---

// Copies a listpack of hostile bytes; its header knows the count then, as it does in Redis after
// loading. None if it is none.
std::optional<HeapBytes> CopyListpack(std::string_view bytes);
// A listpack of a ziplist's entries. None if it is none (or would be too large).
std::optional<HeapBytes> ListpackOfZiplist(std::string_view bytes);

// Whether a name is there twice. REQUIRES: Count() is even.
bool HasTwice(Listpack pairs);

}  // namespace nuthatch::values::internal
