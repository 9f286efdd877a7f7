// Every element of a pattern but the star takes exactly one byte, so a failed attempt needs to come
// back to the last star only: what an earlier star could still try, the last one tries as well.
// That makes the search quadratic where plain recursion is exponential in the number of stars.
#include "server/base/glob.h"

#include <cstddef>
#include <utility>

namespace nuthatch::base {
namespace {

char Fold(char c, bool ignore_case) {
  return ignore_case && c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Matches `c` against the class whose '[' stands at pattern[*at]; moves *at behind the class.
bool MatchClass(std::string_view pattern, size_t* at, char c, bool ignore_case) {
  size_t i = *at + 1;
  bool negated = i < pattern.size() && pattern[i] == '^';
  if (negated) ++i;
  bool matched = false;
  while (i < pattern.size() && pattern[i] != ']') {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      // An escaped byte keeps its case even when case is ignored: that is how Redis compares it.
      if (pattern[i + 1] == c) matched = true;
      i += 2;
    } else if (i + 2 < pattern.size() && pattern[i + 1] == '-') {
      signed char low = static_cast<signed char>(pattern[i]);
      signed char high = static_cast<signed char>(pattern[i + 2]);
      if (low > high) std::swap(low, high);
      char folded_low = Fold(static_cast<char>(low), ignore_case);
      char folded_high = Fold(static_cast<char>(high), ignore_case);
      auto folded = static_cast<signed char>(Fold(c, ignore_case));
      if (folded >= static_cast<signed char>(folded_low) &&
          folded <= static_cast<signed char>(folded_high)) {
        matched = true;
      }
      i += 3;
    } else {
      if (Fold(pattern[i], ignore_case) == Fold(c, ignore_case)) matched = true;
      ++i;
    }
  }
  *at = i < pattern.size() ? i + 1 : i;
  return matched != negated;
}

// Matches one byte against the element at pattern[*at], which is not a star; moves *at behind it.
bool MatchOne(std::string_view pattern, size_t* at, char c, bool ignore_case) {
  switch (pattern[*at]) {
    case '?':
      ++*at;
      return true;
    case '[':
      return MatchClass(pattern, at, c, ignore_case);
    case '\\':
      if (*at + 1 < pattern.size()) ++*at;
      break;
    default:
      break;
  }
  bool matched = Fold(pattern[*at], ignore_case) == Fold(c, ignore_case);
  ++*at;
  return matched;
}

// Redis looks no further behind so many stars in a row of attempts: a pattern with more of them
// matches nothing. (A row of stars counts as one; the last thing in a pattern, it doesn't count.)
constexpr size_t kMostStars = 1000;

bool HasTooManyStars(std::string_view pattern) {
  if (pattern.size() <= kMostStars) return false;
  size_t stars = 0;
  for (size_t i = 0; i < pattern.size();) {
    if (pattern[i] == '*') {
      while (i < pattern.size() && pattern[i] == '*') ++i;
      if (i < pattern.size()) ++stars;
    } else {
      MatchOne(pattern, &i, '\0', false);
    }
  }
  return stars > kMostStars;
}

}  // namespace

bool GlobMatch(std::string_view pattern, std::string_view text, bool ignore_case) {
  constexpr size_t kNone = static_cast<size_t>(-1);
  if (HasTooManyStars(pattern)) return false;
  size_t p = 0;
  size_t t = 0;
  size_t behind_star = kNone;  // the pattern's position behind the last star met
  size_t star_text = 0;        // where the text of that star's rest is tried next
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      while (p < pattern.size() && pattern[p] == '*') ++p;
      if (p == pattern.size()) return true;
      behind_star = p;
      star_text = t;
      continue;
    }
    if (p < pattern.size()) {
      size_t next = p;
      if (MatchOne(pattern, &next, text[t], ignore_case)) {
        p = next;
        ++t;
        continue;
      }
    }
    if (behind_star == kNone) return false;
    p = behind_star;
    t = ++star_text;
  }
  // Redis never looks at a pattern for an empty text: there even a star stands for something.
  if (!text.empty()) {
    while (p < pattern.size() && pattern[p] == '*') ++p;
  }
  return p == pattern.size();
}

}  // namespace nuthatch::base
