// ReplyScanner: finds where a reply ends, in RESP2 or RESP3, without looking at what it says. For
// the programs that talk to a server: tests, the oracle, load tools.
//
// One belongs to each connection and is used by its thread only. Between calls it holds offsets
// from the first unconsumed byte, so that the buffer may move.
//
// Invariants:
// 1. No byte is looked at more than a constant number of times, however the bytes arrive.
// 2. Its size is fixed: neither nesting nor an announced count takes memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace nuthatch::resp {

class ReplyScanner {
 public:
  // Aggregates within each other, attributes included.
  static constexpr size_t kMaxDepth = 64;
  // The longest line before its CR LF.
  static constexpr size_t kMaxLineBytes = size_t{1} << 20;

  enum class Status : uint8_t { kIncomplete, kReply, kError };

  // Looks for one whole reply, the attributes before it included, at the start of data[0, size).
  // - kReply: it has *consumed bytes; type(), is_push(), is_error() speak about it.
  // - kIncomplete: *consumed is 0. The next call must be given the same bytes and more behind them.
  // - kError: not RESP; error() says why. *consumed is 0; every further call says the same.
  Status Next(const char* data, size_t size, size_t* consumed);

  // After kReply: the first byte of the reply itself (not of an attribute before it).
  char type() const { return type_; }
  bool is_push() const { return type_ == '>'; }
  bool is_error() const { return type_ == '-' || type_ == '!'; }

  // After kIncomplete: the size that `data` must have before another call can get further; 0 when
  // it is not known.
  size_t wanted() const { return wanted_; }
  // After kError: a constant text.
  std::string_view error() const { return error_; }

 private:
  enum class Step : uint8_t { kValue, kOpened, kIncomplete, kError };

  Step Take(const char* data, size_t size);
  Step TakeBlob(const char* data, size_t size, std::string_view line, size_t behind);
  Step Open(char type, std::string_view line, size_t behind);
  // The line at position_ in [*text), without its type and end; *behind is where it ends.
  Step TakeLine(const char* data, size_t size, std::string_view* text, size_t* behind);
  void NoteType(char type);
  Step Fail(const char* why);

  size_t position_ = 0;  // of the value that comes next
  size_t scanned_ = 0;   // the line at position_ was searched up to here
  size_t wanted_ = 0;
  size_t depth_ = 0;
  // Values that each open aggregate lacks. An attribute is one whose last value is what it is
  // about.
  std::array<int64_t, kMaxDepth> lacking_{};
  std::string_view error_;
  char type_ = 0;  // of the last reply, or of the present one
  bool type_known_ = false;
};

}  // namespace nuthatch::resp
