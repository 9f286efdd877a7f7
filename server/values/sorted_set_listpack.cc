#include "server/values/sorted_set_listpack.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>
#include <system_error>

namespace nuthatch::values {
namespace {

// Redis reads no more of a score's text.
constexpr size_t kMaxScoreText = 127;
// Half of the range of 64-bit integers: whole scores up to here are kept as integers.
constexpr double kMaxWholeScore = 4611686018427387904.0;  // 2^62

bool IsBehind(const Element& element, std::string_view member) {
  NumberText number;
  return element.Text(number) > member;
}

}  // namespace

double SortedSetListpack::ReadScore(std::string_view text) {
  double score = 0;
  const char* end = text.data() + text.size();
  auto [read, error] = std::from_chars(text.data(), end, score);
  if (error != std::errc() || read != end) {
    const std::string terminated(text.substr(0, kMaxScoreText));
    score = std::strtod(terminated.c_str(), nullptr);
  }
  return std::isnan(score) ? 0 : score;
}

size_t SortedSetListpack::RankAt(size_t at) const {
  size_t rank = 0;
  for (size_t before = First(); before != at; before = Next(before)) ++rank;
  return rank;
}

// --- Ranges ---

template <typename AtLeastMin, typename AtMostMax>
RankRange SortedSetListpack::Forward(size_t skip, AtLeastMin&& at_least_min,
                                     AtMostMax&& at_most_max) const {
  size_t at = First();
  size_t rank = 0;
  while (at != End() && !at_least_min(at)) {
    at = Next(at);
    ++rank;
  }
  if (at == End() || !at_most_max(at)) return {};
  for (; skip > 0 && at != End(); --skip, ++rank) at = Next(at);
  size_t begin = rank;
  for (; at != End() && at_most_max(at); ++rank) at = Next(at);
  return {begin, rank};
}

RankRange SortedSetListpack::Within(const ScoreRange& range) const {
  if (range.empty()) return {};
  return Forward(
      0, [&](size_t at) { return range.AtLeastMin(ScoreAt(at)); },
      [&](size_t at) { return range.AtMostMax(ScoreAt(at)); });
}

bool SortedSetListpack::IsOutside(const LexRange& range) const {
  if (range.empty() || pack_.empty()) return true;
  NumberText number;
  return !range.AtLeastMin(MemberAt(Previous(End())).Text(number)) ||
         !range.AtMostMax(MemberAt(First()).Text(number));
}

RankRange SortedSetListpack::Within(const LexRange& range, size_t skip) const {
  if (IsOutside(range)) return {};
  NumberText number;
  return Forward(
      skip, [&](size_t at) { return range.AtLeastMin(MemberAt(at).Text(number)); },
      [&](size_t at) { return range.AtMostMax(MemberAt(at).Text(number)); });
}

RankRange SortedSetListpack::WithinBackward(const LexRange& range, size_t skip) const {
  if (IsOutside(range)) return {};
  NumberText number;
  size_t at = End();
  size_t rank = size();  // of the pair at `at`
  auto step = [&] {
    if (at == First()) return false;
    at = Previous(at);
    --rank;
    return true;
  };
  do {
    if (!step()) return {};
  } while (!range.AtMostMax(MemberAt(at).Text(number)));
  if (!range.AtLeastMin(MemberAt(at).Text(number))) return {};
  for (; skip > 0; --skip) {
    if (!step()) return {};
  }
  size_t end = rank + 1;
  while (range.AtLeastMin(MemberAt(at).Text(number))) {
    if (!step()) return {0, end};
  }
  return {rank + 1, end};
}

// --- Places ---

size_t SortedSetListpack::FirstBehind(std::string_view member, double score, size_t from,
                                      size_t to) const {
  for (size_t at = from; at != to; at = Next(at)) {
    double other = ScoreAt(at);
    if (other > score || (other == score && IsBehind(MemberAt(at), member))) return at;
  }
  return to;
}

size_t SortedSetListpack::PlaceFor(std::string_view member, double score) const {
  if (pack_.empty()) return End();
  // Members often come in order.
  size_t last = Previous(End());
  double highest = ScoreAt(last);
  if (highest < score || (highest == score && !IsBehind(MemberAt(last), member))) return End();
  return FirstBehind(member, score, First(), last);
}

size_t SortedSetListpack::PlaceToMove(size_t at, double score) const {
  NumberText number;
  const Element element = MemberAt(at);
  std::string_view member = element.Text(number);
  if (score >= ScoreAt(at)) return FirstBehind(member, score, Next(at), End());
  return FirstBehind(member, score, First(), at);
}

listpack::Item ScoreItem(double score, char (&room)[base::kMaxDoubleChars]) {
  if (score >= -kMaxWholeScore && score <= kMaxWholeScore) {
    auto whole = static_cast<int64_t>(score);
    if (static_cast<double>(whole) == score) return listpack::Item(whole);
  }
  return listpack::Item(std::string_view(room, base::FormatDouble(score, room)));
}

// --- The other form ---

std::unique_ptr<SortedSet> MakeSortedSet(const SortedSetListpack& small) {
  SortedSetBuilder builder;
  NumberText number;
  for (size_t at = small.First(); at != small.End(); at = small.Next(at)) {
    builder.Add(small.MemberAt(at).Text(number), small.ScoreAt(at));
  }
  return builder.Finish();
}

HeapBytes MakeSortedSetListpack(const SortedSet& set) {
  HeapBytes bytes;
  listpack::MakeEmpty(bytes);
  for (SortedSet::Position at = set.First(); at; at.Next()) {
    sorted_set_listpack::Append(bytes, at.member(), at.score());
  }
  return bytes;
}

}  // namespace nuthatch::values
