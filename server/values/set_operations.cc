#include "server/values/set_operations.h"

#include <algorithm>
#include <vector>

#include "server/base/check.h"

namespace nuthatch::values {
namespace {

bool BySize(const SetView* a, const SetView* b) { return a->size() < b->size(); }

// Of `members` those that are in `set`, or with `there` false those that are not, into `kept`
// (which may be where they stand already). Returns how many.
size_t Keep(const SetView& set, std::span<const Hashed> members, bool there, Hashed* kept) {
  uint64_t found = set.Contains(members);
  size_t count = 0;
  for (size_t i = 0; i < members.size(); ++i) {
    if (((found >> i) & 1) == static_cast<uint64_t>(there)) kept[count++] = members[i];
  }
  return count;
}

// Walks `walked` and gives `visit` the members that are in all of `asked`, or in none.
void Filter(const SetView& walked, SetViews asked, bool there, const SetView::Visitor& visit) {
  walked.ForEach([&](std::span<const Hashed> members) {
    Hashed kept[SetView::kMaxBatch];
    DCHECK(members.size() <= SetView::kMaxBatch);
    for (const SetView* set : asked) {
      members = {kept, Keep(*set, members, there, kept)};
      if (members.empty()) return true;
    }
    return visit(members);
  });
}

}  // namespace

void LargeSetView::ForEach(const Visitor& visit) const {
  Hashed batch[kMaxBatch];
  size_t count = 0;
  bool go_on = true;
  set_.ForEach([&](std::string_view member) {
    batch[count++] = Hashed(member);
    if (count < kMaxBatch) return true;
    count = 0;
    go_on = visit(batch);
    return go_on;
  });
  if (go_on && count > 0) visit({batch, count});
}

void Intersect(SetViews sets, const SetView::Visitor& visit) {
  CHECK(!sets.empty());
  if (std::ranges::find(sets, nullptr) != sets.end()) return;
  std::vector<const SetView*> order(sets.begin(), sets.end());
  std::ranges::stable_sort(order, BySize);
  const SetView* walked = order.front();
  std::erase(order, walked);
  Filter(*walked, order, true, visit);
}

size_t CountIntersection(SetViews sets, size_t limit) {
  size_t count = 0;
  Intersect(sets, [&](std::span<const Hashed> members) {
    count += members.size();
    return limit == 0 || count < limit;
  });
  return limit == 0 ? count : std::min(count, limit);
}

void Unite(SetViews sets, SetSink& result) {
  for (const SetView* set : sets) {
    if (set == nullptr) continue;
    set->ForEach([&result](std::span<const Hashed> members) {
      result.Add(members);
      return true;
    });
  }
}

DifferenceMethod ChooseDifference(SetViews sets) {
  CHECK(!sets.empty());
  if (sets.front() == nullptr) return DifferenceMethod::kProbe;
  uint64_t probing = 0;
  uint64_t subtracting = 0;
  for (const SetView* set : sets) {
    if (set == nullptr) continue;
    probing += sets.front()->size();
    subtracting += set->size();
  }
  return probing / 2 <= subtracting ? DifferenceMethod::kProbe : DifferenceMethod::kSubtract;
}

void Subtract(SetViews sets, DifferenceMethod method, SetSink& result) {
  CHECK(!sets.empty());
  const SetView* first = sets.front();
  std::vector<const SetView*> others(sets.begin() + 1, sets.end());
  std::erase(others, nullptr);
  if (first == nullptr || std::ranges::find(others, first) != others.end()) return;
  if (method == DifferenceMethod::kProbe) {
    std::ranges::stable_sort(others, [](auto* a, auto* b) { return BySize(b, a); });
    Filter(*first, others, false, [&result](std::span<const Hashed> members) {
      result.Add(members);
      return true;
    });
    return;
  }
  Unite({&first, 1}, result);
  for (const SetView* set : others) {
    set->ForEach([&result](std::span<const Hashed> members) {
      result.Remove(members);
      return result.size() > 0;
    });
    if (result.size() == 0) return;
  }
}

}  // namespace nuthatch::values
