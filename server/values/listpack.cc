#include "server/values/listpack.h"

namespace nuthatch::values {
namespace {

// A back length has at most this many bytes.
constexpr int kMaxBackLengthSize = 5;
constexpr size_t kNoLength = SIZE_MAX;

// The back length whose last byte is at `p`, or kNoLength if it goes on for too long. Reads up to
// kMaxBackLengthSize bytes, which the header before the first element has.
size_t ReadBackLength(const char* p) {
  static_assert(listpack::kHeaderSize >= kMaxBackLengthSize);
  size_t length = 0;
  for (int i = 0; i < kMaxBackLengthSize; ++i, --p) {
    auto byte = static_cast<uint8_t>(*p);
    length |= size_t{byte & 0x7FU} << (7 * i);
    if (byte < 0x80) return length;
  }
  return kNoLength;
}

// How many bytes say what an element is and how long; 0 if no element begins like that.
size_t LeadSize(uint8_t first) {
  if (first < listpack::kString12) return 1;
  if (first < listpack::kString32) return 2;
  if (first == listpack::kString32) return 5;
  return first <= listpack::kInt64 ? 1 : 0;
}

}  // namespace

size_t Listpack::LongBackLength(const char* p) { return ReadBackLength(p); }

size_t Listpack::CountByWalking() const {
  size_t count = 0;
  for (size_t at = First(); at != End(); at = Next(at)) ++count;
  return count;
}

size_t Listpack::Seek(int64_t index) const {
  uint16_t stored = stored_count();
  bool backward = index < 0;
  if (stored != listpack::kUnknownCount) {
    int64_t count = stored;
    if (index < 0) index += count;
    if (index < 0 || index >= count) return End();
    backward = index > count / 2;
    if (backward) index -= count;
  }
  if (!backward) {
    size_t at = First();
    for (; index > 0 && at != End(); --index) at = Next(at);
    return at;
  }
  size_t at = End();
  for (; index < 0; ++index) {
    if (at == First()) return End();
    at = Previous(at);
  }
  return at;
}

template <typename Matches>
size_t Listpack::FindBy(size_t from, size_t skip, const Matches& matches) const {
  size_t end = End();
  size_t left = 0;  // elements to pass over
  for (size_t at = from; at != end;) {
    const char* p = bytes_.data() + at;
    size_t size = listpack::EncodedSize(p);
    if (left == 0) {
      if (matches(p, size)) return at;
      left = skip;
    } else {
      --left;
    }
    at += size + listpack::BackLengthSize(size);
  }
  return end;
}

size_t Listpack::Find(std::string_view text, size_t from, size_t skip) const {
  std::optional<int64_t> number = base::ParseInt64(text);
  if (number.has_value()) {
    // As an integer, or, in what somebody else has made, as a string.
    return FindBy(from, skip, [&](const char* p, size_t size) {
      Element element = listpack::Decode(p, size);
      return element.is_integer ? element.integer == *number : element.text == text;
    });
  }
  return FindBy(from, skip, [&](const char* p, size_t size) {
    Element element = listpack::Decode(p, size);
    return !element.is_integer && element.text.size() == text.size() && element.text == text;
  });
}

bool Listpack::HasFrame(std::string_view bytes) {
  if (bytes.size() < listpack::kEmptySize) return false;
  uint32_t total;
  std::memcpy(&total, bytes.data(), sizeof total);
  return total == bytes.size() && static_cast<uint8_t>(bytes.back()) == listpack::kTerminator;
}

size_t Listpack::CheckedNext(std::string_view bytes, size_t at) {
  size_t room = bytes.size() - 1 - at;  // up to the terminator
  const char* p = bytes.data() + at;
  size_t lead = LeadSize(static_cast<uint8_t>(*p));
  if (lead == 0 || lead > room) return 0;
  size_t size = listpack::EncodedSize(p);
  size_t whole = size + listpack::BackLengthSize(size);
  if (whole > room) return 0;
  // Redis compares the number, not the form that it is in; and so it may begin in the content.
  return ReadBackLength(p + whole - 1) == size ? at + whole : 0;
}

}  // namespace nuthatch::values
