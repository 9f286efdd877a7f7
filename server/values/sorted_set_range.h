// Ranges of sorted sets: by score and by member ("lex"), and how Redis 7.0 reads them from the
// arguments of commands.
//
// Plain data and pure functions; any thread. Members in a LexRange are views of the arguments.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace nuthatch::values {

// Ranks [begin, end), from 0; begin <= end.
struct RankRange {
  size_t begin = 0;
  size_t end = 0;
  size_t size() const { return end - begin; }
};

// Scores from `min` to `max`; neither is NaN. Empty if min is above max.
struct ScoreRange {
  double min = 0;
  double max = 0;
  bool min_exclusive = false;
  bool max_exclusive = false;

  bool AtLeastMin(double score) const { return min_exclusive ? score > min : score >= min; }
  bool AtMostMax(double score) const { return max_exclusive ? score < max : score <= max; }
  // Whether no score can be inside.
  bool empty() const { return min > max || (min == max && (min_exclusive || max_exclusive)); }
};

struct LexBound {
  enum class Kind : unsigned char {
    kLowest,     // "-", before every member
    kHighest,    // "+", behind every member
    kInclusive,  // "[member"
    kExclusive,  // "(member"
  };
  Kind kind = Kind::kLowest;
  std::string_view member;
};

// Members from `min` to `max`, by their bytes. Empty if min is behind max.
struct LexRange {
  LexBound min;
  LexBound max;

  bool AtLeastMin(std::string_view member) const {
    if (min.kind == LexBound::Kind::kInclusive) return member >= min.member;
    if (min.kind == LexBound::Kind::kExclusive) return member > min.member;
    return min.kind == LexBound::Kind::kLowest;
  }
  bool AtMostMax(std::string_view member) const {
    if (max.kind == LexBound::Kind::kInclusive) return member <= max.member;
    if (max.kind == LexBound::Kind::kExclusive) return member < max.member;
    return max.kind == LexBound::Kind::kHighest;
  }
  // Whether no member can be inside.
  bool empty() const;
};

// A bound is a number as strtod() reads it (leading space, hexadecimal and "inf" included, the
// empty text is 0), "(" before it makes it exclusive; what follows a NUL byte is not looked at.
// nullopt for anything else and for NaN ("min or max is not a float").
std::optional<ScoreRange> ParseScoreRange(std::string_view min, std::string_view max);

// nullopt where a bound is not "-", "+", or begins with neither "[" nor "(" ("min or max not valid
// string range item"). What follows a NUL byte behind "-" or "+" is not looked at.
std::optional<LexRange> ParseLexRange(std::string_view min, std::string_view max);

}  // namespace nuthatch::values
