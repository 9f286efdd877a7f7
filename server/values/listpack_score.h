// Scores in the listpack of a small sorted set, as Redis writes them: a whole number as an integer,
// any other as text of 17 digits.
//
// Pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "server/base/numbers.h"
#include "server/values/listpack.h"
#include "server/values/listpack_edit.h"

namespace nuthatch::values::listpack {

// Room for a score's text; see ScoreItem.
struct ScoreText {
  char bytes[base::kMaxDoubleChars];
};

// The element of a score, whose text is put into `text`. REQUIRES: it isn't NaN.
inline Item ScoreItem(double score, ScoreText& text) {
  // Redis takes whole numbers for integers up to here, on both sides.
  constexpr double kMostInteger = static_cast<double>(int64_t{1} << 62);
  if (score >= -kMostInteger && score <= kMostInteger) {
    auto integer = static_cast<int64_t>(score);
    if (static_cast<double>(integer) == score) return Item(integer);
  }
  return Item(std::string_view(text.bytes, base::FormatDouble(score, text.bytes)));
}

// The score that an element is; none if its text is no number.
inline std::optional<double> ScoreOf(const Element& element) {
  if (element.is_integer) return static_cast<double>(element.integer);
  return base::ParseDouble(element.text);
}

}  // namespace nuthatch::values::listpack
