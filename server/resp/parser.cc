// Two speeds. A header that is plain, "$16\r\n" complete and without surprises, is read by
// ReadPlainNumber() in a few instructions; anything else goes to ReadCount() or ReadBulkLength(),
// which search for the line's end, remember how far they came, and give each error its text. Both
// lead to the same loop over the arguments. A command that is complete in one call leaves no trace
// in the parser; otherwise Suspend() turns the arguments found so far into offsets, and Resume()
// turns them back when the last one has come.
//
// What Redis tolerates is tolerated: the byte behind a CR, and the two behind a bulk, are skipped
// without a look. A NUL in a line hides the line's end, since Redis searches it as a C string: the
// line then grows until it is too long.
#include "server/resp/parser.h"

#include <algorithm>
#include <climits>
#include <cstring>
#include <utility>

#include "server/base/check.h"
#include "server/base/numbers.h"
#include "server/resp/inline_command.h"
#include "server/resp/protocol_errors.h"

namespace nuthatch::resp {
namespace {

// CR and the byte behind it.
constexpr size_t kLineEnd = 2;
// Nine digits can't overflow, and are below INT_MAX.
constexpr ptrdiff_t kMaxPlainDigits = 9;
// What is kept for the next incomplete command; above it the memory is given back.
constexpr size_t kMaxKeptSpans = 256;

// Reads the digits at `p` and skips the line end. Null when they are not plain: then nothing is
// said about them. A number of two or more digits announces as many bytes, so that the room asked
// for is there whenever the command is complete.
inline const char* ReadPlainNumber(const char* p, const char* end, int64_t* number) {
  if (end - p < 3) return nullptr;
  unsigned value = static_cast<unsigned char>(p[0]) - unsigned{'0'};
  if (value > 9) return nullptr;
  if (p[1] == '\r') {
    *number = value;
    return p + 3;
  }
  if (value == 0 || end - p < kMaxPlainDigits + 2) return nullptr;
  for (ptrdiff_t i = 1; i < kMaxPlainDigits; ++i) {
    unsigned digit = static_cast<unsigned char>(p[i]) - unsigned{'0'};
    if (digit > 9) return nullptr;
    value = value * 10 + digit;
    if (p[i + 1] == '\r') {
      *number = value;
      return p + i + 3;
    }
  }
  return nullptr;
}

}  // namespace

RequestParser::Status RequestParser::Next(char* data, size_t size, const Limits& limits,
                                          size_t* consumed, std::vector<std::string_view>* args) {
  *consumed = 0;
  if (position_ != 0) {
    if (position_ == kFailed) return Status::kError;
    return NextBulks(data, size, limits, position_, remaining_, consumed, args);
  }
  if (size == 0) {
    wanted_ = 1;
    return Status::kIncomplete;
  }
  if (data[0] != '*') return NextInline(data, size, limits, consumed, args);
  int64_t count = 0;
  size_t position = 0;
  const char* plain = ReadPlainNumber(data + 1, data + size, &count);
  if (plain != nullptr && (limits.authenticated || count <= kMaxUnauthenticatedArgs)) {
    position = static_cast<size_t>(plain - data);
    scanned_ = 0;
  } else {
    Header header = ReadCount(data, size, limits, &position, &count);
    if (header == Header::kIncomplete) return Status::kIncomplete;
    if (header == Header::kError) return Status::kError;
  }
  if (count <= 0) {
    *consumed = position;
    return Status::kCommand;
  }
  return NextBulks(data, size, limits, position, count, consumed, args);
}

RequestParser::Status RequestParser::NextInline(char* data, size_t size, const Limits& limits,
                                                size_t* consumed,
                                                std::vector<std::string_view>* args) {
  size_t end = 0;
  switch (FindLineEnd(data, size, 0, '\n', limits.max_line_bytes, &end)) {
    case Line::kMissing:
      return Status::kIncomplete;
    case Line::kTooLong:
      Fail(kTooBigInlineRequest);
      return Status::kError;
    case Line::kFound:
      break;
  }
  size_t length = end > 0 && data[end - 1] == '\r' ? end - 1 : end;
  if (!SplitInlineCommand(data, length, args)) {
    Fail(kUnbalancedQuotes);
    return Status::kError;
  }
  *consumed = end + 1;
  return Status::kCommand;
}

RequestParser::Status RequestParser::NextBulks(char* data, size_t size, const Limits& limits,
                                               size_t position, int64_t remaining, size_t* consumed,
                                               std::vector<std::string_view>* args) {
  const size_t base = args->size();
  const char* const end = data + size;
  const int64_t plain_max = limits.authenticated
                                ? limits.max_bulk_bytes
                                : std::min(limits.max_bulk_bytes, kMaxUnauthenticatedBulkBytes);
  const char* p = data + position;
  int64_t length = std::exchange(bulk_length_, -1);
  while (remaining > 0) {
    if (length < 0) {
      const char* plain = p < end && *p == '$' ? ReadPlainNumber(p + 1, end, &length) : nullptr;
      if (plain != nullptr && length <= plain_max) {
        p = plain;
      } else {
        position = static_cast<size_t>(p - data);
        Header header = ReadBulkLength(data, size, limits, &position, &length);
        if (header == Header::kIncomplete) return Suspend(data, position, remaining, base, args);
        if (header == Header::kError) {
          args->resize(base);
          return Status::kError;
        }
        p = data + position;
      }
    }
    if (static_cast<size_t>(end - p) < static_cast<size_t>(length) + kLineEnd) {
      bulk_length_ = length;
      position = static_cast<size_t>(p - data);
      wanted_ = position + static_cast<size_t>(length) + kLineEnd;
      return Suspend(data, position, remaining, base, args);
    }
    args->emplace_back(p, static_cast<size_t>(length));
    p += static_cast<size_t>(length) + kLineEnd;
    length = -1;
    --remaining;
  }
  if (position_ != 0) Resume(data, base, args);
  *consumed = static_cast<size_t>(p - data);
  return Status::kCommand;
}

RequestParser::Header RequestParser::ReadCount(const char* data, size_t size, const Limits& limits,
                                               size_t* position, int64_t* count) {
  size_t end = 0;
  Line line = FindLineEnd(data, size, 0, '\r', limits.max_line_bytes, &end);
  if (line == Line::kTooLong) {
    Fail(kTooBigMultibulkCount);
    return Header::kError;
  }
  if (line == Line::kMissing) return Header::kIncomplete;
  std::optional<int64_t> number = base::ParseInt64({data + 1, end - 1});
  if (!number.has_value() || *number > INT_MAX) {
    Fail(kInvalidMultibulkLength);
    return Header::kError;
  }
  if (*number > kMaxUnauthenticatedArgs && !limits.authenticated) {
    Fail(kUnauthenticatedMultibulkLength);
    return Header::kError;
  }
  *count = *number;
  *position = end + kLineEnd;
  return Header::kRead;
}

RequestParser::Header RequestParser::ReadBulkLength(const char* data, size_t size,
                                                    const Limits& limits, size_t* position,
                                                    int64_t* length) {
  const size_t start = *position;
  size_t end = 0;
  Line line = FindLineEnd(data, size, start, '\r', limits.max_line_bytes, &end);
  if (line == Line::kTooLong) {
    Fail(kTooBigBulkCount);
    return Header::kError;
  }
  if (line == Line::kMissing) return Header::kIncomplete;
  if (data[start] != '$') {
    char got = data[start] == '\r' || data[start] == '\n' ? ' ' : data[start];
    Fail(std::string(kExpectedDollarGot) + got + "'");
    return Header::kError;
  }
  std::optional<int64_t> number = base::ParseInt64({data + start + 1, end - start - 1});
  if (!number.has_value() || *number < 0 || *number > limits.max_bulk_bytes) {
    Fail(kInvalidBulkLength);
    return Header::kError;
  }
  if (*number > kMaxUnauthenticatedBulkBytes && !limits.authenticated) {
    Fail(kUnauthenticatedBulkLength);
    return Header::kError;
  }
  *length = *number;
  *position = end + kLineEnd;
  return Header::kRead;
}

// Looks for `terminator` behind at most `max` bytes of the line at `start`. A line that ends with
// CR is found only when the byte behind it is there too. On kFound the search state is clean again.
RequestParser::Line RequestParser::FindLineEnd(const char* data, size_t size, size_t start,
                                               char terminator, size_t max, size_t* end) {
  const size_t limit = size - start > max ? start + max + 1 : size;
  const size_t from = std::max(scanned_, start);
  wanted_ = 0;
  if (from < limit) {
    const char* first = data + from;
    const void* found = std::memchr(first, terminator, limit - from);
    size_t stop =
        found == nullptr ? limit : static_cast<size_t>(static_cast<const char*>(found) - data);
    if (std::memchr(first, '\0', stop - from) != nullptr) {
      scanned_ = kNeverEnds;
    } else if (found == nullptr) {
      scanned_ = limit;
    } else if (terminator == '\r' && stop + 1 == size) {
      scanned_ = stop;
      wanted_ = stop + kLineEnd;
      return Line::kMissing;
    } else {
      scanned_ = 0;
      *end = stop;
      return Line::kFound;
    }
  }
  return size - start > max ? Line::kTooLong : Line::kMissing;
}

// Moves the arguments behind `base` out of *args, to be continued at `position`.
RequestParser::Status RequestParser::Suspend(const char* data, size_t position, int64_t remaining,
                                             size_t base, std::vector<std::string_view>* args) {
  position_ = position;
  remaining_ = remaining;
  for (size_t i = base; i < args->size(); ++i) {
    std::string_view arg = (*args)[i];
    pending_.push_back({static_cast<size_t>(arg.data() - data), arg.size()});
  }
  args->resize(base);
  return Status::kIncomplete;
}

// Puts the arguments of earlier calls before those of this one; the command is complete.
void RequestParser::Resume(const char* data, size_t base, std::vector<std::string_view>* args) {
  args->insert(args->begin() + static_cast<ptrdiff_t>(base), pending_.size(), {});
  auto out = args->begin() + static_cast<ptrdiff_t>(base);
  for (const Span& span : pending_) *out++ = {data + span.offset, span.length};
  if (pending_.capacity() > kMaxKeptSpans) {
    std::vector<Span>().swap(pending_);
  } else {
    pending_.clear();
  }
  position_ = 0;
  scanned_ = 0;
}

void RequestParser::Fail(std::string_view text) {
  error_ = text;
  position_ = kFailed;
  std::vector<Span>().swap(pending_);
}

}  // namespace nuthatch::resp
