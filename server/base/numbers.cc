#include "server/base/numbers.h"

#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace nuthatch::base {
namespace {

// The longest text of a float that is read: Redis's own limit of five kilobytes.
constexpr size_t kMaxFloatChars = 5 * 1024;

// strtod() and strtold() skip leading space and stop early; a whole number without either is asked
// for here.
template <typename Float, typename Read>
std::optional<Float> ParseWhole(std::string_view text, Read read) {
  if (text.empty() || text.size() >= kMaxFloatChars ||
      std::isspace(static_cast<unsigned char>(text.front()))) {
    return std::nullopt;
  }
  std::string copy(text);
  char* end = nullptr;
  errno = 0;
  Float value = read(copy.c_str(), &end);
  if (end != copy.c_str() + copy.size() || std::isnan(value)) return std::nullopt;
  if (errno == ERANGE && (std::isinf(value) || value == 0)) return std::nullopt;
  return value;
}

}  // namespace

std::optional<long double> ParseLongDouble(std::string_view text) {
  return ParseWhole<long double>(text,
                                 [](const char* s, char** end) { return std::strtold(s, end); });
}

// Plain decimals are read without a copy; both functions round to the nearest.
std::optional<double> ParseDouble(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  auto [read, error] = std::from_chars(text.data(), end, value);
  if (!text.empty() && error == std::errc() && read == end && std::isfinite(value)) return value;
  return ParseWhole<double>(text, [](const char* s, char** end) { return std::strtod(s, end); });
}

std::string FormatLongDoubleHuman(long double value) {
  char text[kMaxFloatChars];
  int length = std::snprintf(text, sizeof text, "%.17Lf", value);
  std::string result(text, static_cast<size_t>(length));
  if (result.find('.') != std::string::npos) {
    result.erase(result.find_last_not_of('0') + 1);
    if (result.back() == '.') result.pop_back();
  }
  return result == "-0" ? "0" : result;
}

size_t FormatDouble(double value, char* out) {
  if (std::isnan(value)) return std::string_view("nan").copy(out, kMaxDoubleChars);
  if (std::isinf(value)) {
    return std::string_view(value < 0 ? "-inf" : "inf").copy(out, kMaxDoubleChars);
  }
  constexpr double kWhole = 1e15;
  if (value > -kWhole && value < kWhole && value == std::trunc(value) &&
      (value != 0 || !std::signbit(value))) {
    return FormatInt64(static_cast<int64_t>(value), out);
  }
  // Defined to be the same as "%.17g" in the C locale, without the cost of printf.
  char* end = std::to_chars(out, out + kMaxDoubleChars, value, std::chars_format::general, 17).ptr;
  return static_cast<size_t>(end - out);
}

std::string FormatDouble(double value) {
  char text[kMaxDoubleChars];
  return std::string(text, FormatDouble(value, text));
}

std::optional<uint64_t> ParseMemorySize(std::string_view text) {
  size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
  if (digits == 0 || error != std::errc()) return std::nullopt;
  std::string unit;
  for (char c : text.substr(digits))
    unit += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  uint64_t factor = 0;
  if (unit.empty() || unit == "b") factor = 1;
  if (unit == "k") factor = 1000;
  if (unit == "kb") factor = 1024;
  if (unit == "m") factor = 1000 * 1000;
  if (unit == "mb") factor = 1024 * 1024;
  if (unit == "g") factor = 1000 * 1000 * 1000;
  if (unit == "gb") factor = 1024 * 1024 * 1024;
  uint64_t product = 0;
  if (factor == 0 || __builtin_mul_overflow(value, factor, &product)) return std::nullopt;
  return product;
}

}  // namespace nuthatch::base
