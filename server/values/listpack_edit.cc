#include "server/values/listpack_edit.h"

#include <optional>

#include "server/base/numbers.h"

namespace nuthatch::values::listpack {
namespace {

constexpr size_t kMaxString6 = 63;
constexpr size_t kMaxString12 = 4095;

// Writes the back length of `size` at `out`, so that its last byte, which is read first, has the
// low bits; returns where it ends.
char* WriteBackLength(size_t size, char* out) {
  size_t width = BackLengthSize(size);
  for (size_t i = width; i-- > 0; size >>= 7) {
    uint8_t more = i == 0 ? 0 : 0x80;
    out[i] = static_cast<char>((size & 0x7F) | more);
  }
  return out + width;
}

// Whether `value` fits into `bits` bits with its sign.
constexpr bool FitsIn(int64_t value, int bits) {
  return value >= -(int64_t{1} << (bits - 1)) && value < (int64_t{1} << (bits - 1));
}

}  // namespace

Item::Item(std::string_view text) {
  if (std::optional<int64_t> integer = base::ParseInt64(text)) {
    EncodeInteger(*integer);
    return;
  }
  CHECK(text.size() < UINT32_MAX);
  content_ = text;
  size_t size = text.size();
  if (size <= kMaxString6) {
    lead_[0] = static_cast<char>(kString6 | size);
    lead_size_ = 1;
  } else if (size <= kMaxString12) {
    lead_[0] = static_cast<char>(kString12 | (size >> 8));
    lead_[1] = static_cast<char>(size & 0xFF);
    lead_size_ = 2;
  } else {
    auto length = static_cast<uint32_t>(size);
    lead_[0] = static_cast<char>(kString32);
    std::memcpy(lead_ + 1, &length, sizeof length);
    lead_size_ = 1 + sizeof length;
  }
}

void Item::EncodeInteger(int64_t value) {
  if (value >= 0 && value <= 127) {
    lead_[0] = static_cast<char>(value);
    lead_size_ = 1;
    return;
  }
  if (FitsIn(value, 13)) {
    lead_[0] = static_cast<char>(kInt13 | ((value >> 8) & 0x1F));
    lead_[1] = static_cast<char>(value & 0xFF);
    lead_size_ = 2;
    return;
  }
  uint8_t first = kInt64;
  uint8_t width = 8;
  if (FitsIn(value, 16)) {
    first = kInt16;
    width = 2;
  } else if (FitsIn(value, 24)) {
    first = kInt24;
    width = 3;
  } else if (FitsIn(value, 32)) {
    first = kInt32;
    width = 4;
  }
  lead_[0] = static_cast<char>(first);
  std::memcpy(lead_ + 1, &value, width);
  lead_size_ = static_cast<uint8_t>(1 + width);
}

char* Item::WriteTo(char* out) const {
  std::memcpy(out, lead_, lead_size_);
  out += lead_size_;
  if (!content_.empty()) std::memcpy(out, content_.data(), content_.size());
  return WriteBackLength(encoded_size(), out + content_.size());
}

namespace internal {

void WriteEmpty(char* bytes) {
  bytes[kHeaderSize] = static_cast<char>(kTerminator);
  uint16_t none = 0;
  std::memcpy(bytes + kCountOffset, &none, sizeof none);
  UpdateHeader(bytes, kEmptySize, 0);
}

void UpdateHeader(char* bytes, size_t total, int64_t change) {
  auto stored_total = static_cast<uint32_t>(total);
  std::memcpy(bytes, &stored_total, sizeof stored_total);
  uint16_t stored;
  std::memcpy(&stored, bytes + kCountOffset, sizeof stored);
  if (stored == kUnknownCount) return;
  int64_t count = stored + change;
  stored = static_cast<uint16_t>(count < kUnknownCount ? count : kUnknownCount);
  std::memcpy(bytes + kCountOffset, &stored, sizeof stored);
}

}  // namespace internal
}  // namespace nuthatch::values::listpack
