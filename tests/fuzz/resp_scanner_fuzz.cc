// LINKS: resp
//
// The reply scanner against a plain recursive one, and against itself: the replies it finds in the
// bytes in one piece and cut at random must have the same ends and types. The first two bytes of
// the input choose the cuts.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/base/check.h"
#include "server/base/numbers.h"
#include "server/base/random.h"
#include "server/resp/reply_scanner.h"

namespace {

using nuthatch::resp::ReplyScanner;
using Status = ReplyScanner::Status;

struct Outcome {
  std::vector<size_t> ends;
  std::string types;
  bool failed = false;

  bool operator==(const Outcome&) const = default;
};

// Takes whole values, by recursion.
class Plain {
 public:
  explicit Plain(std::string input) : input_(std::move(input)) {}

  Outcome Run() {
    Outcome outcome;
    while (at_ < input_.size() && Value(0, true)) {
      outcome.ends.push_back(at_);
      outcome.types += type_;
    }
    outcome.failed = failed_;
    return outcome;
  }

 private:
  // False when the value is incomplete or wrong. `outermost`: its type is the reply's.
  bool Value(size_t depth, bool outermost) {
    size_t end = input_.find('\n', at_);
    if (end == std::string::npos) return false;
    if (end < at_ + 2 || input_[end - 1] != '\r') return Fail();
    char type = input_[at_];
    std::string text = input_.substr(at_ + 1, end - at_ - 2);
    at_ = end + 1;
    if (outermost && type != '|') type_ = type;
    std::optional<int64_t> number = nuthatch::base::ParseInt64(text);
    if (std::strchr("$!=", type) != nullptr && type != 0) return Blob(type, number);
    if (std::strchr("*~>%|", type) != nullptr && type != 0) {
      if (type == '*' && number == -1) return true;
      if (!number.has_value() || *number < 0 || *number > (int64_t{1} << 60)) return Fail();
      return Values(type, *number, depth, outermost);
    }
    bool good = type == '+' || type == '-';
    if (type == ':') good = number.has_value();
    if (type == '_') good = text.empty();
    if (type == '#') good = text == "t" || text == "f";
    if (type == ',') good = !text.empty();
    if (type == '(') {
      size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
      good = text.size() > sign && text.find_first_not_of("0123456789", sign) == std::string::npos;
    }
    return good || Fail();
  }

  bool Blob(char type, std::optional<int64_t> length) {
    if (type == '$' && length == -1) return true;
    if (!length.has_value() || *length < 0 || (type == '=' && *length < 4)) return Fail();
    auto bytes = static_cast<size_t>(*length);
    if (input_.size() - at_ < bytes + 2) return false;
    at_ += bytes + 2;
    return input_.compare(at_ - 2, 2, "\r\n") == 0 || Fail();
  }

  bool Values(char type, int64_t count, size_t depth, bool outermost) {
    int64_t values = type == '%' || type == '|' ? 2 * count : count;
    if ((values > 0 || type == '|') && depth == ReplyScanner::kMaxDepth) return Fail();
    for (int64_t i = 0; i < values; ++i) {
      if (!Value(depth + 1, false)) return false;
    }
    return type != '|' || Value(depth + 1, outermost);
  }

  bool Fail() {
    failed_ = true;
    return false;
  }

  std::string input_;
  size_t at_ = 0;
  char type_ = 0;
  bool failed_ = false;
};

Outcome Scan(const std::string& input, const std::vector<size_t>& cuts) {
  Outcome outcome;
  ReplyScanner scanner;
  size_t base = 0;
  for (size_t cut : cuts) {
    // A new block of exactly the size at each delivery, so that a sanitizer sees a read beyond it.
    size_t size = cut - base;
    auto block = std::make_unique<char[]>(size);
    std::memcpy(block.get(), input.data() + base, size);
    size_t at = 0;
    while (true) {
      size_t consumed = 0;
      Status status = scanner.Next(block.get() + at, size - at, &consumed);
      if (status == Status::kError) {
        outcome.failed = true;
        return outcome;
      }
      if (status == Status::kIncomplete) {
        CHECK(consumed == 0 && (scanner.wanted() == 0 || scanner.wanted() > size - at));
        break;
      }
      CHECK(consumed > 0);
      at += consumed;
      outcome.ends.push_back(base + at);
      outcome.types += scanner.type();
    }
    base += at;
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kHead = 2;
  if (size < kHead) return 0;
  std::string input(data + kHead, data + size);
  Outcome expected = Plain(input).Run();
  CHECK(Scan(input, {input.size()}) == expected);
  nuthatch::base::Random random(data[0]);
  std::vector<size_t> cuts(1 + data[1] % 16);
  for (size_t& cut : cuts) cut = static_cast<size_t>(random.Below(input.size() + 1));
  std::sort(cuts.begin(), cuts.end());
  cuts.push_back(input.size());
  CHECK(Scan(input, cuts) == expected);
  return 0;
}
