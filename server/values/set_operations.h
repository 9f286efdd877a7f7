// Intersection, union and difference of sets in any encoding, as Redis 7.0 computes them: which set
// is walked and which are asked decides the order of what comes out, and nothing else.
//
// Sets are seen through SetView, results go into a SetSink or a visitor. Members travel in batches,
// so that a large set can ask memory for all of them at once. No set may change meanwhile. Pure
// functions; they take as long as they take.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "server/values/hashed.h"
#include "server/values/set_value.h"

namespace nuthatch::values {

class SetView {
 public:
  // The most members that Contains() is asked for and ForEach() gives at a time.
  static constexpr size_t kMaxBatch = 64;

  virtual ~SetView() = default;

  virtual size_t size() const = 0;
  // Bit i says whether members[i] is there. REQUIRES: at most kMaxBatch of them.
  virtual uint64_t Contains(std::span<const Hashed> members) const = 0;
  // Visits every member once, up to kMaxBatch at a time, whose bytes are good during that call.
  // Stops when it returns false.
  using Visitor = std::function<bool(std::span<const Hashed>)>;
  virtual void ForEach(const Visitor& visit) const = 0;
};

// The view of a large set. The set must outlive it.
class LargeSetView final : public SetView {
 public:
  explicit LargeSetView(const SetValue& set) : set_(set) {}

  size_t size() const override { return set_.size(); }
  uint64_t Contains(std::span<const Hashed> members) const override {
    return set_.Contains(members);
  }
  void ForEach(const Visitor& visit) const override;

 private:
  const SetValue& set_;
};

// What a result is built in. Members of a call differ from each other; their bytes are good during
// the call only.
class SetSink {
 public:
  virtual ~SetSink() = default;
  virtual size_t size() const = 0;
  // Adds those that are not there yet.
  virtual void Add(std::span<const Hashed> members) = 0;
  // Removes those that are there.
  virtual void Remove(std::span<const Hashed> members) = 0;
};

// In all of these a nullptr stands for a key that isn't there, and the same view may stand several
// times.
using SetViews = std::span<const SetView* const>;

// Walks the smallest set (the first of these) and asks the others in ascending order of their
// sizes. `visit` gets the members in order; false from it ends the walk. REQUIRES: there is a set.
void Intersect(SetViews sets, const SetView::Visitor& visit);

// How many members the intersection has, but no more than `limit` (0: no limit), at which it stops.
size_t CountIntersection(SetViews sets, size_t limit);

// Adds the members of one set after the other.
void Unite(SetViews sets, SetSink& result);

enum class DifferenceMethod : uint8_t {
  kProbe,     // walk the first set; keep what no other has, the largest being asked first
  kSubtract,  // take all of the first, then take out all of the others, one after the other
};
// The one that Redis 7.0 takes for the difference of the first set and the others: probing counts
// as half of |first| times the number of sets, subtracting as the sum of all sizes.
DifferenceMethod ChooseDifference(SetViews sets);

// What is in the first set and in no other, into `result`, which is empty. By `method`, whatever
// ChooseDifference() says; the members are the same. REQUIRES: there is a set.
void Subtract(SetViews sets, DifferenceMethod method, SetSink& result);

}  // namespace nuthatch::values
