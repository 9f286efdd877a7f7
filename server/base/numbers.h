// Numbers to text and back, exactly as Redis accepts and prints them.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nuthatch::base {

// The longest decimal form of a 64-bit integer, sign included.
constexpr size_t kMaxInt64Chars = 20;

// Accepts just what prints back to the same bytes: no leading zeros or plus sign, no spaces, no
// "-0".
inline std::optional<int64_t> ParseInt64(std::string_view text) {
  if (text.empty() || text.size() > kMaxInt64Chars) return std::nullopt;
  const char* first = text.data();
  const char* last = first + text.size();
  const char* digit = *first == '-' ? first + 1 : first;
  if (digit == last || *digit < '0' || *digit > '9') return std::nullopt;
  if (*digit == '0' && text.size() > 1) return std::nullopt;
  int64_t value = 0;
  auto [end, error] = std::from_chars(first, last, value);
  if (error != std::errc() || end != last) return std::nullopt;
  return value;
}

// Writes the decimal form of `value` to `out`, which has room for kMaxInt64Chars; returns its
// length.
inline size_t FormatInt64(int64_t value, char* out) {
  return static_cast<size_t>(std::to_chars(out, out + kMaxInt64Chars, value).ptr - out);
}

inline std::string FormatInt64(int64_t value) {
  char text[kMaxInt64Chars];
  return std::string(text, FormatInt64(value, text));
}

// A long double as INCRBYFLOAT reads it: the whole text is the number, no leading space, not NaN.
std::optional<long double> ParseLongDouble(std::string_view text);

// The form of INCRBYFLOAT: "%.17Lf" without trailing zeros and point. `value` is finite.
std::string FormatLongDoubleHuman(long double value);

// A double as Redis commands read it: the whole text is the number, no leading space, not NaN;
// "inf" and "-inf" in any case, with "infinity", are accepted.
std::optional<double> ParseDouble(std::string_view text);

// The longest text of a double: sign, 17 digits, point, exponent.
constexpr size_t kMaxDoubleChars = 32;

// `value` in the 17 digits of Redis's replies and scores, "%.17g": whole numbers without point or
// exponent below 1e17; "inf", "-inf", "nan". Writes to `out`, which has room for kMaxDoubleChars;
// returns the length.
size_t FormatDouble(double value, char* out);
std::string FormatDouble(double value);

// A size with Redis's memory units: "100", "1k" (1000), "1kb" (1024), "1m", "1mb", "1g", "1gb",
// "1b"; any case.
std::optional<uint64_t> ParseMemorySize(std::string_view text);

}  // namespace nuthatch::base
