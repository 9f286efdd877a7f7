#include "server/values/zipmap.h"

#include <bit>
#include <cstring>

namespace nuthatch::values {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr uint8_t kEnd = 0xFF;
constexpr uint8_t kLong = 0xFE;
constexpr uint8_t kUnknownCount = 0xFE;

}  // namespace

ZipmapReader::ZipmapReader(std::string_view bytes) : bytes_(bytes) {
  if (bytes.size() >= 2 && Byte(bytes.size() - 1) == kEnd) at_ = 1;
}

std::optional<size_t> ZipmapReader::Length(size_t* at) const {
  size_t end = bytes_.size() - 1;
  if (*at >= end) return std::nullopt;
  uint8_t first = Byte(*at);
  if (first < kLong) {
    ++*at;
    return first;
  }
  if (first == kEnd || end - *at < 5) return std::nullopt;
  uint32_t length;
  std::memcpy(&length, bytes_.data() + *at + 1, sizeof length);
  if (length < kLong) return std::nullopt;
  *at += 5;
  return length;
}

std::optional<ZipmapReader::Pair> ZipmapReader::Next() {
  if (at_ == 0) return std::nullopt;
  size_t at = at_;
  at_ = 0;
  size_t end = bytes_.size() - 1;
  if (Byte(at) == kEnd) {
    whole_ = count_ > 0 && (Byte(0) == kUnknownCount || Byte(0) == count_);
    return std::nullopt;
  }
  std::optional<size_t> field_size = Length(&at);
  if (!field_size.has_value() || *field_size > end - at) return std::nullopt;
  std::string_view field = bytes_.substr(at, *field_size);
  at += *field_size;
  std::optional<size_t> value_size = Length(&at);
  if (!value_size.has_value() || at == end) return std::nullopt;
  size_t unused = Byte(at++);
  if (*value_size + unused > end - at) return std::nullopt;
  std::string_view value = bytes_.substr(at, *value_size);
  at_ = at + *value_size + unused;
  ++count_;
  return Pair{field, value};
}

}  // namespace nuthatch::values
