// Sorted sets, in value_reader.h.
#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "server/values/listpack_edit.h"
#include "server/values/listpack_score.h"
#include "server/values/sorted_set.h"
#include "server/values/value_reader_parts.h"

namespace nuthatch::values::internal {
namespace {

constexpr const char* kBadScore = "a score that is no number";
// Of a score in a listpack. Redis itself writes at most 24 bytes, and reads no more than these.
constexpr size_t kMostScoreBytes = 127;

Loaded Large(std::unique_ptr<SortedSet> set) {
  return LoadedValue{.type = Type::kSortedSet,
                     .encoding = Encoding::kSkiplist,
                     .bytes = {},
                     .object = std::move(set)};
}

Loaded Small(HeapBytes pairs) {
  return LoadedValue{.type = Type::kSortedSet,
                     .encoding = Encoding::kListpack,
                     .bytes = std::move(pairs),
                     .object = nullptr};
}

bool ScoresAreNumbers(Listpack pairs) {
  for (size_t at = pairs.First(); at != pairs.End();) {
    Element score = pairs.At(at = pairs.Next(at));
    if (score.text.size() > kMostScoreBytes || !listpack::ScoreOf(score).has_value()) return false;
    at = pairs.Next(at);
  }
  return true;
}

// Null if a member is there twice. REQUIRES: ScoresAreNumbers().
std::unique_ptr<SortedSet> SetOf(Listpack pairs) {
  SortedSetBuilder builder;
  for (size_t at = pairs.First(); at != pairs.End();) {
    NumberText number;
    std::string_view member = pairs.Read(&at).Text(number);
    if (!builder.Add(member, *listpack::ScoreOf(pairs.Read(&at)))) return nullptr;
  }
  return builder.Finish();
}

// REQUIRES: its members, and so the listpack, are small.
HeapBytes ListpackOf(const SortedSet& set) {
  HeapBytes pairs;
  listpack::MakeEmpty(pairs);
  for (SortedSet::Position at = set.First(); at; at.Next()) {
    listpack::ScoreText text;
    listpack::Item items[] = {listpack::Item(at.member()), listpack::ScoreItem(at.score(), text)};
    listpack::Append(pairs, items);
  }
  return pairs;
}

Loaded ReadCompact(bool ziplist, RdbReader& reader, const LoadLimits& limits) {
  base::Buffer scratch;
  std::optional<std::string_view> bytes = reader.String(limits.max_string_bytes, scratch);
  if (!bytes.has_value()) return Refuse(kNoString);
  std::optional<HeapBytes> made = ziplist ? ListpackOfZiplist(*bytes) : CopyListpack(*bytes);
  if (!made.has_value()) return Refuse(ziplist ? kBadZiplist : kBadListpack);
  Listpack pairs(made->view());
  size_t count = pairs.Count();
  if (count == 0) return Refuse(kEmptyValue);
  if (count % 2 != 0) return Refuse(kUnpaired);
  if (!ScoresAreNumbers(pairs)) return Refuse(kBadScore);
  if (count / 2 > limits.zset_max_listpack_entries) {
    std::unique_ptr<SortedSet> set = SetOf(pairs);
    return set != nullptr ? Large(std::move(set)) : Loaded(Refuse(kTwice));
  }
  if (HasTwice(pairs)) return Refuse(kTwice);
  return Small(std::move(*made));
}

Loaded ReadMembers(bool scores_as_text, RdbReader& reader, const LoadLimits& limits) {
  std::optional<uint64_t> count = reader.Length();
  if (!count.has_value()) return Refuse(kNoCount);
  if (*count == 0) return Refuse(kEmptyValue);
  SortedSetBuilder builder;
  uint64_t longest = 0;
  uint64_t total = 0;
  base::Buffer scratch;
  for (uint64_t left = *count; left > 0; --left) {
    std::optional<std::string_view> member = reader.String(limits.max_string_bytes, scratch);
    if (!member.has_value()) return Refuse(kNoString);
    std::optional<double> score = scores_as_text ? reader.TextDouble() : reader.Double();
    if (!score.has_value() || std::isnan(*score)) return Refuse(kBadScore);
    if (!builder.Add(*member, *score)) return Refuse(kTwice);
    longest = std::max<uint64_t>(longest, member->size());
    total += member->size();
  }
  std::unique_ptr<SortedSet> set = builder.Finish();
  bool small = set->size() <= limits.zset_max_listpack_entries &&
               longest <= limits.zset_max_listpack_value && listpack::SafeToAdd(0, total);
  return small ? Small(ListpackOf(*set)) : Large(std::move(set));
}

}  // namespace

Loaded ReadSortedSet(RdbType type, RdbReader& reader, const LoadLimits& limits) {
  switch (type) {
    case RdbType::kSortedSet:
    case RdbType::kSortedSet2:
      return ReadMembers(type == RdbType::kSortedSet, reader, limits);
    default:
      return ReadCompact(type == RdbType::kSortedSetZiplist, reader, limits);
  }
}

}  // namespace nuthatch::values::internal
