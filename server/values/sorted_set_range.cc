#include "server/values/sorted_set_range.h"

#include <cmath>
#include <cstdlib>
#include <string>

namespace nuthatch::values {
namespace {

bool ParseScoreBound(std::string_view text, double& score, bool& exclusive) {
  exclusive = text.starts_with('(');
  if (exclusive) text.remove_prefix(1);
  const std::string terminated(text);
  char* end = nullptr;
  score = std::strtod(terminated.c_str(), &end);
  return *end == '\0' && !std::isnan(score);
}

bool ParseLexBound(std::string_view text, LexBound& bound) {
  if (text.empty()) return false;
  std::string_view rest = text.substr(1);
  switch (text.front()) {
    case '-':
    case '+':
      if (!rest.empty() && rest.front() != '\0') return false;
      bound = {text.front() == '-' ? LexBound::Kind::kLowest : LexBound::Kind::kHighest, {}};
      return true;
    case '[':
      bound = {LexBound::Kind::kInclusive, rest};
      return true;
    case '(':
      bound = {LexBound::Kind::kExclusive, rest};
      return true;
    default:
      return false;
  }
}

}  // namespace

bool LexRange::empty() const {
  if (min.kind == LexBound::Kind::kHighest || max.kind == LexBound::Kind::kLowest) return true;
  if (min.kind == LexBound::Kind::kLowest || max.kind == LexBound::Kind::kHighest) return false;
  bool exclusive = min.kind == LexBound::Kind::kExclusive || max.kind == LexBound::Kind::kExclusive;
  int order = min.member.compare(max.member);
  return order > 0 || (order == 0 && exclusive);
}

std::optional<ScoreRange> ParseScoreRange(std::string_view min, std::string_view max) {
  ScoreRange range;
  if (!ParseScoreBound(min, range.min, range.min_exclusive)) return std::nullopt;
  if (!ParseScoreBound(max, range.max, range.max_exclusive)) return std::nullopt;
  return range;
}

std::optional<LexRange> ParseLexRange(std::string_view min, std::string_view max) {
  LexRange range;
  if (!ParseLexBound(min, range.min) || !ParseLexBound(max, range.max)) return std::nullopt;
  return range;
}

}  // namespace nuthatch::values
