#include "server/values/stream_id.h"

#include <charconv>
#include <iterator>

namespace nuthatch::values {

std::string_view FormatStreamId(StreamId id, StreamIdText& text) {
  char* end = std::to_chars(text.bytes, std::end(text.bytes), id.ms).ptr;
  *end++ = '-';
  end = std::to_chars(end, std::end(text.bytes), id.seq).ptr;
  return {text.bytes, static_cast<size_t>(end - text.bytes)};
}

}  // namespace nuthatch::values
