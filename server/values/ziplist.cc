#include "server/values/ziplist.h"

#include <cstring>

namespace nuthatch::values {
namespace {

constexpr uint8_t kEnd = 0xFF;
constexpr uint8_t kLongSize = 0xFE;
constexpr uint16_t kUnknownCount = 0xFFFF;
constexpr size_t kTailOffset = 4;
constexpr size_t kCountOffset = 8;

// What an entry's first byte of encoding says.
struct Lead {
  size_t size = 0;         // of the encoding, 0 if there is no such
  size_t width = 0;        // of an integer, 0 for a string
  bool immediate = false;  // the integer stands in the first byte
};

Lead LeadOf(uint8_t first) {
  switch (first >> 6) {
    case 0:
      return {.size = 1};
    case 1:
      return {.size = 2};
    case 2:
      return {.size = 5};
    default:
      break;
  }
  switch (first) {
    case 0xC0:
      return {.size = 1, .width = 2};
    case 0xD0:
      return {.size = 1, .width = 4};
    case 0xE0:
      return {.size = 1, .width = 8};
    case 0xF0:
      return {.size = 1, .width = 3};
    case 0xFE:
      return {.size = 1, .width = 1};
    default:
      return {.size = first >= 0xF1 && first <= 0xFD ? size_t{1} : 0, .immediate = true};
  }
}

template <typename T>
T Load(const char* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

int64_t LoadInteger(const char* p, size_t width) {
  uint64_t value = 0;
  std::memcpy(&value, p, width);
  int shift = 64 - 8 * static_cast<int>(width);
  return static_cast<int64_t>(value << shift) >> shift;
}

// Of a string whose encoding begins at `p`.
size_t StringLength(const char* p, size_t lead) {
  uint64_t low = static_cast<uint8_t>(*p) & 0x3FU;
  if (lead == 1) return low;
  if (lead == 2) return (low << 8) | static_cast<uint8_t>(p[1]);
  return __builtin_bswap32(Load<uint32_t>(p + 1));
}

}  // namespace

ZiplistReader::ZiplistReader(std::string_view bytes) : bytes_(bytes) {
  if (bytes.size() < kHeaderSize + 1) return;
  if (Load<uint32_t>(bytes.data()) != bytes.size()) return;
  if (Byte(bytes.size() - 1) != kEnd) return;
  if (Load<uint32_t>(bytes.data() + kTailOffset) > bytes.size() - 1) return;
  at_ = kHeaderSize;
}

std::optional<Element> ZiplistReader::Fail() {
  at_ = 0;
  return std::nullopt;
}

std::optional<Element> ZiplistReader::Finish() {
  at_ = 0;
  auto tail = Load<uint32_t>(bytes_.data() + kTailOffset);
  auto stored = Load<uint16_t>(bytes_.data() + kCountOffset);
  whole_ = (count_ == 0 || tail == last_) && (stored == kUnknownCount || stored == count_);
  return std::nullopt;
}

std::optional<Element> ZiplistReader::Next() {
  if (at_ == 0) return std::nullopt;
  size_t end = bytes_.size() - 1;
  if (at_ == end) return Finish();
  size_t at = at_;
  // How long the entry before it is.
  size_t before = Byte(at);
  if (before == kEnd) return Fail();
  if (before == kLongSize) {
    if (end - at < 5) return Fail();
    before = Load<uint32_t>(bytes_.data() + at + 1);
    at += 5;
  } else {
    ++at;
  }
  if (before != (count_ == 0 ? 0 : at_ - last_) || at == end) return Fail();
  // The encoding.
  const char* p = bytes_.data() + at;
  auto first = static_cast<uint8_t>(*p);
  Lead lead = LeadOf(first);
  if (lead.size == 0 || lead.size > end - at) return Fail();
  bool is_string = first < 0xC0;
  size_t length = is_string ? StringLength(p, lead.size) : lead.width;
  at += lead.size;
  if (length > end - at) return Fail();
  last_ = at_;
  at_ = at + length;
  ++count_;
  if (is_string) return Element{.text = bytes_.substr(at, length)};
  int64_t integer = lead.immediate ? first - 0xF1 : LoadInteger(bytes_.data() + at, length);
  return Element{.integer = integer, .is_integer = true};
}

}  // namespace nuthatch::values
