// ByteCounter: what the parts of a value take from the allocator, by size class.
//
// Owned by the value or by a part of it; no threads. A part's counter names its whole's, which so
// knows its sum at any time, whichever part has changed. Plain data: it must not move while parts
// name it.
#pragma once

#include <cstddef>

namespace nuthatch::values {

struct ByteCounter {
  size_t bytes = 0;
  ByteCounter* whole = nullptr;

  void Add(size_t more) {
    for (ByteCounter* at = this; at != nullptr; at = at->whole) at->bytes += more;
  }
  void Subtract(size_t less) {
    for (ByteCounter* at = this; at != nullptr; at = at->whole) at->bytes -= less;
  }
};

}  // namespace nuthatch::values
