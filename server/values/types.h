// The data types of Redis and their encodings: numbers and names.
//
// Pure constants. The numbers of Type are those of the RDB format's object types; both fit the
// fields of an entry's header (3 and 4 bits).
#pragma once

#include <cstdint>

namespace nuthatch::values {

enum class Type : uint8_t {
  kString = 0,
  kList = 1,
  kSet = 2,
  kSortedSet = 3,
  kHash = 4,
  kModule = 5,
  kStream = 6,
};

// How a value is kept, as OBJECT ENCODING reports it.
enum class Encoding : uint8_t {
  kRaw = 0,
  kInt = 1,
  kEmbstr = 2,
  kListpack = 3,
  kQuicklist = 4,
  kHashtable = 5,
  kIntset = 6,
  kSkiplist = 7,
  kStream = 8,
};

constexpr const char* TypeName(Type type) {
  constexpr const char* kNames[] = {"string", "list", "set", "zset", "hash", "module", "stream"};
  return kNames[static_cast<int>(type)];
}

constexpr const char* EncodingName(Encoding encoding) {
  constexpr const char* kNames[] = {"raw",       "int",    "embstr",   "listpack", "quicklist",
                                    "hashtable", "intset", "skiplist", "stream"};
  return kNames[static_cast<int>(encoding)];
}

}  // namespace nuthatch::values
