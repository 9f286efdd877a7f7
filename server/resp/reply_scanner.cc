#include "server/resp/reply_scanner.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "server/base/numbers.h"

namespace nuthatch::resp {
namespace {

// Far beyond any real count, and twice of it plus one still fits.
constexpr int64_t kMaxCount = int64_t{1} << 60;

bool IsBigNumber(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

ReplyScanner::Status ReplyScanner::Next(const char* data, size_t size, size_t* consumed) {
  *consumed = 0;
  if (!error_.empty()) return Status::kError;
  while (true) {
    Step step = Take(data, size);
    if (step == Step::kIncomplete) return Status::kIncomplete;
    if (step == Step::kError) return Status::kError;
    if (step == Step::kOpened) continue;
    while (depth_ > 0 && --lacking_[depth_ - 1] == 0) --depth_;
    if (depth_ == 0) break;
  }
  *consumed = position_;
  position_ = scanned_ = 0;
  type_known_ = false;
  return Status::kReply;
}

// Takes the value at position_, or the header of an aggregate.
ReplyScanner::Step ReplyScanner::Take(const char* data, size_t size) {
  std::string_view line;
  size_t behind = 0;
  Step step = TakeLine(data, size, &line, &behind);
  if (step != Step::kValue) return step;
  char type = data[position_];
  bool good = true;
  switch (type) {
    case '+':
    case '-':
      break;
    case ':':
      good = base::ParseInt64(line).has_value();
      break;
    case '_':
      good = line.empty();
      break;
    case '#':
      good = line == "t" || line == "f";
      break;
    case ',':
      good = !line.empty();
      break;
    case '(':
      good = IsBigNumber(line);
      break;
    case '$':
    case '!':
    case '=':
      return TakeBlob(data, size, line, behind);
    case '*':
    case '~':
    case '>':
    case '%':
    case '|':
      return Open(type, line, behind);
    default:
      return Fail("unknown type");
  }
  if (!good) return Fail("bad value");
  NoteType(type);
  position_ = behind;
  return Step::kValue;
}

ReplyScanner::Step ReplyScanner::TakeBlob(const char* data, size_t size, std::string_view line,
                                          size_t behind) {
  char type = data[position_];
  std::optional<int64_t> length = base::ParseInt64(line);
  if (type == '$' && length == -1) {
    NoteType(type);
    position_ = behind;
    return Step::kValue;
  }
  if (!length.has_value() || *length < 0 || (type == '=' && *length < 4)) {
    return Fail("bad length");
  }
  auto bytes = static_cast<size_t>(*length);
  if (size - behind < bytes + 2) {
    // The line is read again when more has come; it is short.
    wanted_ = behind + bytes + 2;
    return Step::kIncomplete;
  }
  const char* end = data + behind + bytes;
  if (end[0] != '\r' || end[1] != '\n') return Fail("no line end behind a string");
  NoteType(type);
  position_ = behind + bytes + 2;
  return Step::kValue;
}

ReplyScanner::Step ReplyScanner::Open(char type, std::string_view line, size_t behind) {
  std::optional<int64_t> count = base::ParseInt64(line);
  bool null = type == '*' && count == -1;
  if (!count.has_value() || *count > kMaxCount || (*count < 0 && !null)) return Fail("bad count");
  if (type != '|') NoteType(type);
  int64_t values = null ? 0 : *count;
  if (type == '%') values *= 2;
  if (type == '|') values = values * 2 + 1;
  position_ = behind;
  if (values == 0) return Step::kValue;
  if (depth_ == kMaxDepth) return Fail("nested too deep");
  lacking_[depth_++] = values;
  return Step::kOpened;
}

ReplyScanner::Step ReplyScanner::TakeLine(const char* data, size_t size, std::string_view* text,
                                          size_t* behind) {
  wanted_ = 0;
  size_t from = std::max(scanned_, position_);
  const void* found = from < size ? std::memchr(data + from, '\n', size - from) : nullptr;
  size_t end =
      found == nullptr ? size : static_cast<size_t>(static_cast<const char*>(found) - data);
  if (end - position_ > kMaxLineBytes) return Fail("line too long");
  if (found == nullptr) {
    scanned_ = size;
    if (position_ == size) wanted_ = size + 1;
    return Step::kIncomplete;
  }
  scanned_ = end;  // a string whose bytes are awaited finds its line at once
  if (end < position_ + 2 || data[end - 1] != '\r') return Fail("no CR before LF");
  *text = {data + position_ + 1, end - position_ - 2};
  *behind = end + 1;
  return Step::kValue;
}

// The reply's type is that of its outermost value: here, when every open aggregate is an attribute
// at its last value. (Once it is known, what is open may be anything.)
void ReplyScanner::NoteType(char type) {
  if (type_known_) return;
  for (size_t i = 0; i < depth_; ++i) {
    if (lacking_[i] != 1) return;
  }
  type_ = type;
  type_known_ = true;
}

ReplyScanner::Step ReplyScanner::Fail(const char* why) {
  error_ = why;
  return Step::kError;
}

}  // namespace nuthatch::resp
