// SortedSetView: a sorted set to be read, whichever form it has: a listpack of pairs
// (sorted_set_listpack.h) or a SortedSet.
//
// A view: valid until the set is changed or moved. Any thread that may read the set. What costs
// O(log n) in a SortedSet costs O(n) in a listpack, which is small.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <unordered_set>
#include <vector>

#include "server/base/check.h"
#include "server/base/random.h"
#include "server/values/hashed.h"
#include "server/values/sorted_set.h"
#include "server/values/sorted_set_listpack.h"
#include "server/values/sorted_set_range.h"

namespace nuthatch::values {

class SortedSetView {
 public:
  // Of no set: it is empty.
  SortedSetView() = default;
  explicit SortedSetView(const SortedSetListpack& small) : small_(small) {}
  explicit SortedSetView(const SortedSet& large) : large_(&large) {}

  // The form that it has; null for the other.
  const SortedSet* large() const { return large_; }
  const SortedSetListpack* small() const { return small_.has_value() ? &*small_ : nullptr; }

  size_t size() const {
    if (large_ != nullptr) return large_->size();
    return small_.has_value() ? small_->size() : 0;
  }
  RankRange All() const { return {0, size()}; }

  // --- By member ---

  std::optional<double> Score(const Hashed& member) const;
  std::optional<double> Score(std::string_view member) const { return Score(Hashed(member)); }
  // Hints for members whose scores are about to be asked for, a few dozen at most.
  void Prefetch(std::span<const Hashed> members) const;
  // Its rank from 0, counted from the highest one with `reversed`.
  std::optional<size_t> Rank(std::string_view member, bool reversed) const;

  // --- Ranges ---

  RankRange Within(const ScoreRange& range) const;
  // For lex ranges, with the first `skip` left out: from the lowest, or with `reversed` from the
  // highest. (Both matter only where not all scores are the same, see SortedSetListpack.)
  RankRange Within(const LexRange& range, bool reversed = false, size_t skip = 0) const;

  // Visits the members of some ranks, from the highest on with `reversed`: visit(member, score).
  // If it returns a bool, false ends the walk. The member's bytes are good during the call.
  template <typename Visit>
  void ForEach(RankRange ranks, bool reversed, Visit&& visit) const;
  template <typename Visit>
  void ForEach(Visit&& visit) const {
    ForEach(All(), false, visit);
  }

  // --- Chance; as ForEach. REQUIRES: size() > 0 ---

  // `count` times one of all members, each as likely as any other.
  template <typename Visit>
  void Choose(size_t count, base::Random& random, Visit&& visit) const;
  // `count` different ones, at most all of them; each choice is as likely as any other, the order
  // means nothing.
  template <typename Visit>
  void Sample(size_t count, base::Random& random, Visit&& visit) const;

 private:
  template <typename Visit>
  static bool Give(Visit& visit, std::string_view member, double score) {
    if constexpr (std::is_same_v<std::invoke_result_t<Visit&, std::string_view, double>, bool>) {
      return visit(member, score);
    } else {
      visit(member, score);
      return true;
    }
  }
  template <typename Visit>
  bool GiveAt(Visit& visit, size_t at) const {
    NumberText number;
    return Give(visit, small_->MemberAt(at).Text(number), small_->ScoreAt(at));
  }

  std::optional<SortedSetListpack> small_;
  const SortedSet* large_ = nullptr;
};

template <typename Visit>
void SortedSetView::ForEach(RankRange ranks, bool reversed, Visit&& visit) const {
  size_t left = ranks.size();
  if (left == 0) return;
  DCHECK(ranks.end <= size());
  if (large_ != nullptr) {
    SortedSet::Position at = large_->At(reversed ? ranks.end - 1 : ranks.begin);
    while (Give(visit, at.member(), at.score()) && --left > 0) {
      if (reversed) {
        at.Previous();
      } else {
        at.Next();
      }
    }
    return;
  }
  size_t at = small_->At(reversed ? ranks.end - 1 : ranks.begin);
  while (GiveAt(visit, at) && --left > 0) at = reversed ? small_->Previous(at) : small_->Next(at);
}

template <typename Visit>
void SortedSetView::Choose(size_t count, base::Random& random, Visit&& visit) const {
  if (large_ != nullptr) {
    for (; count > 0; --count) {
      SortedSet::Position at = large_->RandomElement(random);
      if (!Give(visit, at.member(), at.score())) return;
    }
    return;
  }
  if (count == 1) {
    GiveAt(visit, small_->At(random.Below(size())));
    return;
  }
  std::vector<size_t> places;
  for (size_t at = small_->First(); at != small_->End(); at = small_->Next(at)) {
    places.push_back(at);
  }
  while (count > 0 && GiveAt(visit, places[random.Below(places.size())])) --count;
}

// Few of a large set: random ranks until enough of them differ. Otherwise one walk that takes each
// member with the probability that is left (Fan, Muller, Rezucha 1962; Knuth's algorithm S).
template <typename Visit>
void SortedSetView::Sample(size_t count, base::Random& random, Visit&& visit) const {
  constexpr size_t kFewOf = 10;
  if (large_ != nullptr && count < size() / kFewOf) {
    std::unordered_set<size_t> taken;
    taken.reserve(count);
    while (taken.size() < count) {
      size_t rank = random.Below(size());
      if (!taken.insert(rank).second) continue;
      SortedSet::Position at = large_->At(rank);
      if (!Give(visit, at.member(), at.score())) return;
    }
    return;
  }
  size_t left = size();
  if (count == 0) return;
  ForEach([&](std::string_view member, double score) {
    if (random.Below(left--) >= count) return true;
    return Give(visit, member, score) && --count > 0;
  });
}

}  // namespace nuthatch::values
