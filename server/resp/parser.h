// RequestParser: finds the commands in the bytes that a client has sent. RESP arrays of bulk
// strings and inline commands, as Redis 7.0 takes them.
//
// One belongs to each connection and is used by its thread only. It holds no bytes and no pointers
// into them, so that the connection may move its read buffer between two calls.
//
// Invariants:
// 1. Between calls everything that is known is held as offsets from the first unconsumed byte.
// 2. No byte is looked at more than a constant number of times, however the bytes arrive.
// 3. Memory is bounded by the bytes that came: an announced count reserves nothing.
// 4. The result does not depend on how the bytes were cut into reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nuthatch::resp {

// The longest line of an inline command, or of a count, before its line end.
inline constexpr size_t kMaxLineBytes = size_t{64} * 1024;
// What a connection that has yet to authenticate may announce.
inline constexpr int64_t kMaxUnauthenticatedArgs = 10;
inline constexpr int64_t kMaxUnauthenticatedBulkBytes = 16384;

class RequestParser {
 public:
  struct Limits {
    // proto-max-bulk-len; INT64_MAX for a link to a primary.
    int64_t max_bulk_bytes = int64_t{512} * 1024 * 1024;
    // False while the connection may only use AUTH and HELLO.
    bool authenticated = true;
    // Another value in tests only, and at least 16: shorter lines are read without asking.
    size_t max_line_bytes = kMaxLineBytes;
  };

  enum class Status : uint8_t { kIncomplete, kCommand, kError };

  // Looks for one command at the start of data[0, size), the bytes that came and are not consumed.
  // - kCommand: the command's arguments were appended to *args as views into `data`; it took the
  //   first *consumed bytes. None are appended for an empty command (an empty line, "*0", "*-1"),
  //   which gets no reply.
  // - kIncomplete: *consumed is 0 and *args as before. The next call must be given the same bytes,
  //   at the same or another address, and more behind them.
  // - kError: error() goes to the client, then the connection is closed. *consumed is 0, and every
  //   further call says the same.
  // Bytes of `data` may be changed: an inline command is unescaped in place.
  Status Next(char* data, size_t size, const Limits& limits, size_t* consumed,
              std::vector<std::string_view>* args);

  // After kIncomplete: the size that `data` must have before another call can get further; 0 when
  // it is not known, that is, in the middle of a line.
  size_t wanted() const { return wanted_; }

  // After kError: the text behind "-ERR ", without line ends; valid while the parser lives.
  std::string_view error() const { return error_; }

  // Heap bytes held between calls, for the memory figures of the connection.
  size_t MemoryBytes() const { return pending_.capacity() * sizeof(Span); }

 private:
  struct Span {
    size_t offset;
    size_t length;
  };
  enum class Line : uint8_t { kFound, kMissing, kTooLong };
  // What a try at one header gave.
  enum class Header : uint8_t { kRead, kIncomplete, kError };

  Status NextInline(char* data, size_t size, const Limits& limits, size_t* consumed,
                    std::vector<std::string_view>* args);
  Status NextBulks(char* data, size_t size, const Limits& limits, size_t position,
                   int64_t remaining, size_t* consumed, std::vector<std::string_view>* args);
  Header ReadCount(const char* data, size_t size, const Limits& limits, size_t* position,
                   int64_t* count);
  Header ReadBulkLength(const char* data, size_t size, const Limits& limits, size_t* position,
                        int64_t* length);
  Line FindLineEnd(const char* data, size_t size, size_t start, char terminator, size_t max,
                   size_t* end);
  Status Suspend(const char* data, size_t position, int64_t remaining, size_t base,
                 std::vector<std::string_view>* args);
  void Resume(const char* data, size_t base, std::vector<std::string_view>* args);
  void Fail(std::string_view text);

  // Where to go on; 0 at the start of a command, kFailed after an error.
  static constexpr size_t kFailed = SIZE_MAX;
  size_t position_ = 0;
  // The line at position_ was searched up to here; kNeverEnds when it holds a NUL, behind which
  // Redis, and so we, don't look for its end.
  static constexpr size_t kNeverEnds = SIZE_MAX;
  size_t scanned_ = 0;
  size_t wanted_ = 0;
  // Arguments that the command still needs, the one at position_ included. Used in its middle only.
  int64_t remaining_ = 0;
  // Of the argument whose bytes start at position_; -1 when its header starts there.
  int64_t bulk_length_ = -1;
  // The arguments that were found by earlier calls.
  std::vector<Span> pending_;
  std::string error_;
};

}  // namespace nuthatch::resp
