#include "server/values/sorted_set_view.h"

namespace nuthatch::values {

std::optional<double> SortedSetView::Score(const Hashed& member) const {
  if (large_ != nullptr) {
    const SortedSet::Element* element = large_->FindHashed(member.hash, member.bytes);
    if (element == nullptr) return std::nullopt;
    return element->score();
  }
  if (!small_.has_value()) return std::nullopt;
  size_t at = small_->Find(member.bytes);
  if (at == small_->End()) return std::nullopt;
  return small_->ScoreAt(at);
}

void SortedSetView::Prefetch(std::span<const Hashed> members) const {
  if (large_ == nullptr) return;
  for (const Hashed& member : members) large_->PrefetchBucket(member.hash);
  for (const Hashed& member : members) large_->PrefetchElement(member.hash);
}

std::optional<size_t> SortedSetView::Rank(std::string_view member, bool reversed) const {
  if (large_ != nullptr) {
    const SortedSet::Element* element = large_->Find(member);
    if (element == nullptr) return std::nullopt;
    return reversed ? large_->ReverseRank(element) : large_->Rank(element);
  }
  if (!small_.has_value()) return std::nullopt;
  size_t at = small_->Find(member);
  if (at == small_->End()) return std::nullopt;
  size_t rank = small_->RankAt(at);
  return reversed ? size() - 1 - rank : rank;
}

RankRange SortedSetView::Within(const ScoreRange& range) const {
  if (large_ != nullptr) return large_->Within(range);
  return small_.has_value() ? small_->Within(range) : RankRange{};
}

RankRange SortedSetView::Within(const LexRange& range, bool reversed, size_t skip) const {
  if (!small_.has_value() && large_ == nullptr) return {};
  if (large_ == nullptr) {
    return reversed ? small_->WithinBackward(range, skip) : small_->Within(range, skip);
  }
  RankRange ranks = large_->Within(range);
  if (skip >= ranks.size()) return {};
  if (reversed) return {ranks.begin, ranks.end - skip};
  return {ranks.begin + skip, ranks.end};
}

}  // namespace nuthatch::values
