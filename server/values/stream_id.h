// StreamId: names an entry of a stream; and its forms as text and as a key.
//
// Pure functions; any thread.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "server/base/numbers.h"

namespace nuthatch::values {

struct StreamId {
  uint64_t ms = 0;
  uint64_t seq = 0;

  static constexpr StreamId Max() { return {UINT64_MAX, UINT64_MAX}; }
  bool operator==(const StreamId&) const = default;
  bool operator<(const StreamId& other) const {
    return ms != other.ms ? ms < other.ms : seq < other.seq;
  }
  bool operator>(const StreamId& other) const { return other < *this; }
  bool operator<=(const StreamId& other) const { return !(other < *this); }
  bool operator>=(const StreamId& other) const { return !(*this < other); }
  bool IsZero() const { return ms == 0 && seq == 0; }
  // The ID behind it; none behind the greatest.
  std::optional<StreamId> Next() const {
    if (seq != UINT64_MAX) return StreamId{ms, seq + 1};
    if (ms != UINT64_MAX) return StreamId{ms + 1, 0};
    return std::nullopt;
  }
  // The ID before it; none before 0-0.
  std::optional<StreamId> Previous() const {
    if (seq != 0) return StreamId{ms, seq - 1};
    if (ms != 0) return StreamId{ms - 1, UINT64_MAX};
    return std::nullopt;
  }
};

// Room for the text of an ID.
struct StreamIdText {
  char bytes[2 * base::kMaxInt64Chars + 1];
};
// "<ms>-<seq>", printed into `text`.
std::string_view FormatStreamId(StreamId id, StreamIdText& text);

// An ID as a key of 16 bytes, big-endian, so that keys are in the order of IDs.
constexpr size_t kStreamIdBytes = 16;
inline void EncodeStreamId(StreamId id, char* out) {
  static_assert(std::endian::native == std::endian::little);
  uint64_t parts[2] = {__builtin_bswap64(id.ms), __builtin_bswap64(id.seq)};
  std::memcpy(out, parts, sizeof parts);
}
// REQUIRES: `bytes` has kStreamIdBytes.
inline StreamId DecodeStreamId(const char* bytes) {
  uint64_t parts[2];
  std::memcpy(parts, bytes, sizeof parts);
  return {__builtin_bswap64(parts[0]), __builtin_bswap64(parts[1])};
}

}  // namespace nuthatch::values
