// What the commands of lists share beside list_access.h: ranges as they read them, and writing many
// elements, with a breath now and then.
#pragma once

#include <cstdint>

#include "server/commands/list_access.h"
#include "server/resp/reply_writer.h"

namespace nuthatch::commands {

// `count` elements from `first` on.
struct ListRange {
  uint64_t first;
  uint64_t count;
};

// Both ends included; negative indexes count from the end. What lies outside of the list is left
// out.
inline ListRange ResolveListRange(int64_t start, int64_t stop, uint64_t size) {
  const auto length = static_cast<int64_t>(size);
  if (start < 0) start += length;
  if (stop < 0) stop += length;
  if (start < 0) start = 0;
  if (stop >= length) stop = length - 1;
  if (start > stop) return {.first = 0, .count = 0};
  return {.first = static_cast<uint64_t>(start), .count = static_cast<uint64_t>(stop - start + 1)};
}

// To be called behind each element of a loop, with how many there have been.
inline void BreatheNowAndThen(CommandContext& context, uint64_t elements) {
  constexpr uint64_t kElementsBetweenBreaths = 4096;
  if (elements % kElementsBetweenBreaths == 0) context.Breathe();
}

// `count` elements from `cursor` on, as bulk strings. REQUIRES: there are so many, and count > 0.
inline void WriteElements(CommandContext& context, const ListView& list,
                          const ListView::Cursor& cursor, ListDirection direction, uint64_t count,
                          resp::ReplyWriter& reply) {
  uint64_t written = 0;
  list.Walk(cursor, direction, [&](const values::Element& element) {
    if (element.is_integer) {
      reply.BulkInteger(element.integer);
    } else {
      reply.Bulk(element.text);
    }
    BreatheNowAndThen(context, ++written);
    return written < count;
  });
}

}  // namespace nuthatch::commands
