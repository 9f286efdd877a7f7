#include "server/commands/zset_operand.h"

#include <algorithm>
#include <string_view>

#include "server/commands/zset_access.h"
#include "server/values/set_operations.h"

namespace nuthatch::commands {

using values::Hashed;
using values::NumberText;

namespace {

constexpr double kScoreInSets = 1;

// Members that wait to be visited together. Room for the text of those that are integers.
class Batch {
 public:
  explicit Batch(const ZSetOperand::Visitor& visit) : visit_(visit) {}

  // Where the text of the next member may stand.
  NumberText& text() { return texts_[count_]; }
  // False if the walk has ended.
  bool Add(std::string_view member, double score) {
    members_[count_] = Hashed(member);
    scores_[count_] = score;
    return ++count_ < ZSetOperand::kMaxBatch || Visit();
  }
  bool Visit() {
    size_t count = count_;
    count_ = 0;
    return count == 0 || visit_({members_, count}, scores_);
  }

 private:
  const ZSetOperand::Visitor& visit_;
  Hashed members_[ZSetOperand::kMaxBatch];
  double scores_[ZSetOperand::kMaxBatch];
  NumberText texts_[ZSetOperand::kMaxBatch];
  size_t count_ = 0;
};

}  // namespace

ZSetOperand::ZSetOperand(const EntryRef& ref) {
  if (ref->type() == keyspace::Type::kSortedSet) {
    sorted_ = ViewSortedSet(ref);
  } else {
    set_ = SetReader(ref);
  }
}

size_t ZSetOperand::size() const { return sorted_.has_value() ? sorted_->size() : set_.size(); }

void ZSetOperand::ForEach(const Visitor& visit) const {
  if (!sorted_.has_value()) {
    static_assert(kMaxBatch >= values::SetView::kMaxBatch);
    double ones[values::SetView::kMaxBatch];
    std::ranges::fill(ones, kScoreInSets);
    return set_.ForEach([&](std::span<const Hashed> members) { return visit(members, ones); });
  }
  Batch batch(visit);
  bool go_on = true;
  if (sorted_->small() != nullptr) {
    const values::SortedSetListpack& small = *sorted_->small();
    for (size_t at = small.First(); go_on && at != small.End(); at = small.Next(at)) {
      std::string_view member = small.MemberAt(at).Text(batch.text());
      go_on = batch.Add(member, small.ScoreAt(at));
    }
  } else {
    sorted_->ForEach([&](std::string_view member, double score) {
      go_on = batch.Add(member, score);
      return go_on;
    });
  }
  if (go_on) batch.Visit();
}

uint64_t ZSetOperand::Find(std::span<const Hashed> members, double* scores) const {
  if (!sorted_.has_value()) {
    std::fill_n(scores, members.size(), kScoreInSets);
    return set_.Contains(members);
  }
  uint64_t found = 0;
  sorted_->Prefetch(members);
  for (size_t i = 0; i < members.size(); ++i) {
    std::optional<double> score = sorted_->Score(members[i]);
    if (!score.has_value()) continue;
    scores[i] = *score;
    found |= uint64_t{1} << i;
  }
  return found;
}

}  // namespace nuthatch::commands
