#include "server/values/rdb_primitives.h"

#include <bit>
#include <cstdio>
#include <cstring>
#include <limits>
#include <string>

#include <lzf.h>

#include "server/base/numbers.h"

namespace nuthatch::values {
namespace {

static_assert(std::endian::native == std::endian::little);

// The two upper bits of a header byte.
constexpr uint8_t kSixBits = 0;
constexpr uint8_t kFourteenBits = 1;
constexpr uint8_t kLonger = 2;
constexpr uint8_t kSpecial = 3;
// Headers of the longer forms, whole.
constexpr uint8_t k32BitLength = 0x80;
constexpr uint8_t k64BitLength = 0x81;

// What the lower six bits of a special header say.
enum SpecialKind : uint8_t { kInt8 = 0, kInt16 = 1, kInt32 = 2, kLzf = 3 };

constexpr size_t kLongestEncodedNumber = 11;
constexpr size_t kShortestCompressed = 21;
constexpr size_t kLeastSaving = 4;
// No LZF data grows by more when unpacked: three bytes stand for 264 at most.
constexpr uint64_t kMostExpansion = 88;
// Lengths of doubles' texts that stand for a value.
constexpr uint8_t kTextNan = 253;
constexpr uint8_t kTextInfinity = 254;
constexpr uint8_t kTextMinusInfinity = 255;

template <typename T>
void AppendRaw(T value, base::Buffer& out) {
  std::memcpy(out.Prepare(sizeof value), &value, sizeof value);
  out.Commit(sizeof value);
}

template <typename T>
T Load(std::string_view bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

void AppendSpecial(SpecialKind kind, base::Buffer& out) {
  out.Append(static_cast<char>((kSpecial << 6) | kind));
}

template <typename T>
bool Fits(int64_t value) {
  return value >= std::numeric_limits<T>::min() && value <= std::numeric_limits<T>::max();
}

bool AppendAsNumber(std::string_view text, base::Buffer& out) {
  if (text.size() > kLongestEncodedNumber) return false;
  std::optional<int64_t> value = base::ParseInt64(text);
  if (!value.has_value()) return false;
  if (Fits<int8_t>(*value)) {
    AppendSpecial(kInt8, out);
    AppendRaw(static_cast<int8_t>(*value), out);
  } else if (Fits<int16_t>(*value)) {
    AppendSpecial(kInt16, out);
    AppendRaw(static_cast<int16_t>(*value), out);
  } else if (Fits<int32_t>(*value)) {
    AppendSpecial(kInt32, out);
    AppendRaw(static_cast<int32_t>(*value), out);
  } else {
    return false;
  }
  return true;
}

bool AppendCompressed(std::string_view text, base::Buffer& out) {
  if (text.size() < kShortestCompressed) return false;
  if (text.size() > std::numeric_limits<unsigned int>::max()) return false;
  base::Buffer packed;
  size_t room = text.size() - kLeastSaving;
  unsigned int length = lzf_compress(text.data(), static_cast<unsigned int>(text.size()),
                                     packed.Prepare(room), static_cast<unsigned int>(room));
  if (length == 0) return false;
  AppendSpecial(kLzf, out);
  AppendRdbLength(length, out);
  AppendRdbLength(text.size(), out);
  out.Append(packed.data(), length);
  return true;
}

}  // namespace

void AppendRdbLength(uint64_t length, base::Buffer& out) {
  if (length < (1u << 6)) {
    out.Append(static_cast<char>(length));
  } else if (length < (1u << 14)) {
    out.Append(static_cast<char>((kFourteenBits << 6) | (length >> 8)));
    out.Append(static_cast<char>(length & 0xff));
  } else if (length <= std::numeric_limits<uint32_t>::max()) {
    out.Append(static_cast<char>(k32BitLength));
    AppendRaw(__builtin_bswap32(static_cast<uint32_t>(length)), out);
  } else {
    out.Append(static_cast<char>(k64BitLength));
    AppendRaw(__builtin_bswap64(length), out);
  }
}

void AppendRdbString(std::string_view text, bool compress, base::Buffer& out) {
  if (AppendAsNumber(text, out)) return;
  if (compress && AppendCompressed(text, out)) return;
  AppendRdbLength(text.size(), out);
  out.Append(text);
}

void AppendRdbDouble(double value, base::Buffer& out) { AppendRaw(value, out); }

std::optional<std::string_view> RdbReader::Take(uint64_t count) {
  if (count > rest_.size()) return std::nullopt;
  std::string_view taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

std::optional<uint8_t> RdbReader::Byte() {
  std::optional<std::string_view> byte = Take(1);
  if (!byte.has_value()) return std::nullopt;
  return static_cast<uint8_t>(byte->front());
}

std::optional<RdbReader::Header> RdbReader::ReadHeader() {
  std::optional<uint8_t> first = Byte();
  if (!first.has_value()) return std::nullopt;
  uint8_t low = *first & 0x3f;
  switch (*first >> 6) {
    case kSixBits:
      return Header{.value = low};
    case kSpecial:
      return Header{.special = true, .value = low};
    case kFourteenBits: {
      std::optional<uint8_t> second = Byte();
      if (!second.has_value()) return std::nullopt;
      return Header{.value = (uint64_t{low} << 8) | *second};
    }
    default:
      break;
  }
  static_assert(k32BitLength >> 6 == kLonger && k64BitLength >> 6 == kLonger);
  if (*first == k32BitLength) {
    std::optional<std::string_view> bytes = Take(sizeof(uint32_t));
    if (!bytes.has_value()) return std::nullopt;
    return Header{.value = __builtin_bswap32(Load<uint32_t>(*bytes))};
  }
  if (*first == k64BitLength) {
    std::optional<std::string_view> bytes = Take(sizeof(uint64_t));
    if (!bytes.has_value()) return std::nullopt;
    return Header{.value = __builtin_bswap64(Load<uint64_t>(*bytes))};
  }
  return std::nullopt;
}

std::optional<uint64_t> RdbReader::Length() {
  std::optional<Header> header = ReadHeader();
  if (!header.has_value()) return std::nullopt;
  return header->value;
}

std::optional<double> RdbReader::Double() {
  std::optional<std::string_view> bytes = Take(sizeof(double));
  if (!bytes.has_value()) return std::nullopt;
  return Load<double>(*bytes);
}

std::optional<double> RdbReader::TextDouble() {
  std::optional<uint8_t> length = Byte();
  if (!length.has_value()) return std::nullopt;
  using Limits = std::numeric_limits<double>;
  if (*length == kTextNan) return Limits::quiet_NaN();
  if (*length == kTextInfinity) return Limits::infinity();
  if (*length == kTextMinusInfinity) return -Limits::infinity();
  std::optional<std::string_view> text = Take(*length);
  if (!text.has_value()) return std::nullopt;
  // What is no number is found as Redis finds it: blanks before it and anything behind are let be.
  double value = 0;
  if (std::sscanf(std::string(*text).c_str(), "%lg", &value) != 1) return std::nullopt;
  return value;
}

std::optional<std::string_view> RdbReader::Integer(size_t width, base::Buffer& scratch) {
  std::optional<std::string_view> bytes = Take(width);
  if (!bytes.has_value()) return std::nullopt;
  int64_t value = width == 1   ? Load<int8_t>(*bytes)
                  : width == 2 ? Load<int16_t>(*bytes)
                               : Load<int32_t>(*bytes);
  scratch.Clear();
  char* text = scratch.Prepare(base::kMaxInt64Chars);
  scratch.Commit(base::FormatInt64(value, text));
  return scratch.view();
}

std::optional<std::string_view> RdbReader::Compressed(uint64_t max_length, base::Buffer& scratch) {
  std::optional<uint64_t> packed_length = Length();
  if (!packed_length.has_value()) return std::nullopt;
  std::optional<uint64_t> length = Length();
  if (!length.has_value() || *length == 0 || *length > max_length) return std::nullopt;
  std::optional<std::string_view> packed = Take(*packed_length);
  constexpr uint64_t kMost = std::numeric_limits<unsigned int>::max();
  if (!packed.has_value() || packed->empty() || *length > kMost || packed->size() > kMost) {
    return std::nullopt;
  }
  if (*length > packed->size() * kMostExpansion) return std::nullopt;
  scratch.Clear();
  scratch.Reserve(*length);
  unsigned int made = lzf_decompress(packed->data(), static_cast<unsigned int>(packed->size()),
                                     scratch.data(), static_cast<unsigned int>(*length));
  if (made != *length) return std::nullopt;
  scratch.Commit(*length);
  return scratch.view();
}

std::optional<std::string_view> RdbReader::String(uint64_t max_length, base::Buffer& scratch) {
  std::optional<Header> header = ReadHeader();
  if (!header.has_value()) return std::nullopt;
  if (!header->special) {
    if (header->value > max_length) return std::nullopt;
    return Take(header->value);
  }
  switch (header->value) {
    case kInt8:
      return Integer(1, scratch);
    case kInt16:
      return Integer(2, scratch);
    case kInt32:
      return Integer(4, scratch);
    case kLzf:
      return Compressed(max_length, scratch);
    default:
      return std::nullopt;
  }
}

}  // namespace nuthatch::values
