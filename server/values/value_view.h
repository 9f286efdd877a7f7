// ValueView: a value of any type, wherever it is kept. A view; it owns nothing.
//
// What stands where:
//
//   string                          bytes: its text, whatever the encoding
//   hash, listpack                  bytes: field, value, field, value ...
//   hash, hashtable                 object: HashValue
//   set, intset                     bytes
//   set, hashtable                  object: SetValue
//   sorted set, listpack            bytes: member, score, member, score ... in the order of scores
//   sorted set, skiplist            object: SortedSet
//   list, quicklist                 bytes: one listpack, of a list of one such node; or
//                                   object: Quicklist
//   stream                          object: Stream
#pragma once

#include <string_view>

#include "server/values/object.h"
#include "server/values/types.h"

namespace nuthatch::values {

struct ValueView {
  Type type = Type::kString;
  Encoding encoding = Encoding::kRaw;
  std::string_view bytes;
  const Object* object = nullptr;
};

}  // namespace nuthatch::values
