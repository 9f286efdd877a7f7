#include "tools/replay/units.h"

#include <string_view>

#include <fmt/core.h>

namespace nuthatch::replay {

std::string FormatBytes(uint64_t bytes) {
  constexpr std::string_view kUnits[] = {"b", "kb", "mb", "gb", "tb"};
  constexpr double kStep = 1024;
  auto value = static_cast<double>(bytes);
  size_t unit = 0;
  // 1023.95 would be printed as 1024.0.
  while (value >= kStep - 0.05 && unit + 1 < std::size(kUnits)) {
    value /= kStep;
    ++unit;
  }
  std::string text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text.append(kUnits[unit]);
}

std::string FormatCount(uint64_t count) {
  std::string digits = std::to_string(count);
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

}  // namespace nuthatch::replay
