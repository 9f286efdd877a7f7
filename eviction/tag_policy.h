// TagPolicy: what the policies have in common that keep their keys in two first-in, first-out
// queues by tags alone (s3fifo, auto, s3fifo-size, sieve, tinylfu).
//
// A tag, from its highest bit:   queue 1 | the policy's own bits | epoch of entry kEpochBits
//
// A pick lets the hand go on, over two or three buckets as a rule and kMostBuckets at most, reading
// tags and nothing else. Of each key that is old enough to leave its queue (tag_queue.h) it asks
// the policy whether it gets another round; the others that may go are candidates, and the first
// one of the wanted queue is the victim. If there is none, the oldest seen is, and the queue's
// threshold falls.
//
// How many keys are in the first queue is counted as they come and go, and corrected by what the
// hand sees: so the count recovers from tags that another policy left behind, from keys that got or
// lost their deadline, and from whatever else was not told. It takes one round of the hand.
//
// Costs a pick: the lines of about three neighbouring buckets. No memory.
#pragma once

#include <algorithm>
#include <cstdint>

#include "eviction/policy.h"
#include "eviction/tag_queue.h"

namespace nuthatch::eviction {

template <int kEpochBits>
class TagPolicy : public Policy {
 public:
  using Policy::Policy;

  Pick PickVictim(View& view, const Scope& scope, int64_t now_ms) override;
  // The keys that are left are taken to be divided as all were.
  void OnFlush(uint64_t removed, uint64_t left) override {
    first_count_ *= static_cast<double>(left) / static_cast<double>(removed + left);
  }

 protected:
  using Queue = TagQueue<kEpochBits>;
  static constexpr uint8_t kSecond = 0x80;
  static constexpr uint8_t kEpoch = (1U << kEpochBits) - 1;
  static constexpr int kOwnShift = kEpochBits;
  static constexpr uint8_t kOwn = 0x7F & ~kEpoch;
  static constexpr uint32_t OwnOf(uint8_t tag) { return (tag & kOwn) >> kOwnShift; }

  enum class Verdict : uint8_t {
    kCandidate,  // may go
    kStays,      // is not to be had, for now
    kMoved,      // its tag was changed: another round
  };

  // --- What a policy says ---

  // The lengths of its queues, for so many keys in scope. Called when their number has changed, or
  // after FitLengths().
  virtual void SetLengths(uint64_t keys) = 0;
  // Whether the next victim should come from the first queue.
  virtual bool WantsFirst() = 0;
  // What happens with a key; `due` if it is old enough to leave its queue (tag_queue.h). It may
  // change the tag, with EnterFirst() and EnterSecond().
  virtual Verdict Judge(uint8_t& tag, bool due) = 0;

  // The oldest candidate of a queue that a pick has met, and for how long it has been due.
  struct Best {
    Candidate candidate;
    int64_t due_for = INT64_MIN;
    void Offer(const Candidate& other, int64_t other_due_for) {
      if (other_due_for <= due_for) return;
      due_for = other_due_for;
      candidate = other;
    }
    bool there() const { return due_for > INT64_MIN; }
    bool due() const { return due_for >= 0; }
  };
  struct Look {
    size_t wanted = 0;  // queue
    Best best[2];
    size_t due[2] = {};  // candidates in the last bucket
    int buckets = 0;
  };
  // Whether the hand may stop.
  virtual bool Enough(const Look& look) { return look.best[look.wanted].due(); }
  // The queue that gives the victim; not asked if only one can. It may move the other candidate.
  virtual size_t Choose(View& /*view*/, Look& look) { return look.wanted; }

  // --- What it may use ---

  // The tag of a key that comes into the queue now, `lag` epochs back.
  uint8_t EnterFirst(uint32_t own, int lag = 0) {
    return static_cast<uint8_t>((own << kOwnShift) | Lagging(first_.Enter(), lag));
  }
  uint8_t EnterSecond(uint32_t own, int lag = 0) {
    return static_cast<uint8_t>(kSecond | (own << kOwnShift) | Lagging(second_.Enter(), lag));
  }
  // To be called at OnInsert with the new tag, and at OnRemove.
  void CountInsert(uint8_t tag) {
    if ((tag & kSecond) == 0) first_count_ += insert_weight_;
  }
  void CountRemove(uint8_t tag, RemoveReason reason) {
    if ((tag & kSecond) != 0) return;
    double weight = reason == RemoveReason::kEvicted ? 1.0 : insert_weight_;
    first_count_ = std::max(0.0, first_count_ - weight);
  }
  void FitLengths() { keys_ = 0; }
  uint64_t keys() const { return keys_; }
  double first_count() const { return first_count_; }
  double first_share() const {
    return keys_ == 0 ? 1.0 : first_count_ / static_cast<double>(keys_);
  }
  Queue& first() { return first_; }
  Queue& second() { return second_; }

  static constexpr int kWantedBuckets = 3;
  static constexpr int kMostBuckets = 8;

 private:
  static uint8_t Lagging(uint8_t epoch, int lag) {
    return static_cast<uint8_t>((epoch - lag) & kEpoch);
  }
  void NoteKeys(const View& view, const Scope& scope);
  void LookAt(View& view, Candidate& candidate, Look& look);
  void LookAtBucket(View& view, const Scope& scope, Look& look);

  Queue first_;
  Queue second_;
  Candidate found_[View::kMaxPerStep];  // within a pick
  WalkPosition hand_;
  size_t stays_ = 0;          // how often the hand may still look at its bucket again
  uint64_t keys_ = 0;         // in scope, at the last pick
  double first_count_ = 0;    // of these, in the first queue
  double insert_weight_ = 1;  // keys in scope to all keys
};

template <int kEpochBits>
void TagPolicy<kEpochBits>::NoteKeys(const View& view, const Scope& scope) {
  uint64_t keys = view.Count(scope);
  if (keys == keys_) return;
  keys_ = keys;
  auto in_scope = static_cast<double>(keys);
  insert_weight_ = 1;
  if (scope.volatile_only) {
    insert_weight_ = in_scope / static_cast<double>(std::max<size_t>(1, view.Count({})));
  }
  first_count_ = std::min(first_count_, in_scope);
  SetLengths(keys);
}

template <int kEpochBits>
void TagPolicy<kEpochBits>::LookAt(View& view, Candidate& candidate, Look& look) {
  uint8_t& tag = candidate.meta.tag;
  size_t which = (tag & kSecond) != 0 ? 1 : 0;
  const Queue& queue = which == 0 ? first_ : second_;
  uint32_t age = queue.Age(tag & kEpoch);
  int64_t due_for = int64_t{age} - queue.threshold();
  switch (Judge(tag, due_for >= 0)) {
    case Verdict::kMoved:
      if (which == 0 && (tag & kSecond) != 0) first_count_ = std::max(0.0, first_count_ - 1);
      if (which == 1 && (tag & kSecond) == 0) first_count_ += 1;
      view.Store(candidate, Changed::kTag);
      return;
    case Verdict::kCandidate:
      look.best[which].Offer(candidate, due_for);
      if (due_for >= 0) ++look.due[which];
      break;
    case Verdict::kStays:
      break;
  }
  // Before it is so old that it looks new again.
  if (age >= Queue::kOldest) {
    tag = static_cast<uint8_t>((tag & ~kEpoch) | queue.OldestEpoch());
    view.Store(candidate, Changed::kTag);
  }
}

template <int kEpochBits>
void TagPolicy<kEpochBits>::LookAtBucket(View& view, const Scope& scope, Look& look) {
  size_t count = view.Walk(hand_, scope, kTagOnly, found_, nullptr);
  // What is looked at again was chosen for its tags: it says nothing about the others.
  if (stays_ == 0) {
    auto expected = static_cast<double>(count) * first_share();
    size_t seen = 0;
    for (size_t i = 0; i < count; ++i) seen += (found_[i].meta.tag & kSecond) == 0 ? 1 : 0;
    first_count_ = std::max(0.0, first_count_ + static_cast<double>(seen) - expected);
  }
  look.due[0] = look.due[1] = 0;
  for (size_t i = 0; i < count; ++i) LookAt(view, found_[i], look);
}

template <int kEpochBits>
Pick TagPolicy<kEpochBits>::PickVictim(View& view, const Scope& scope, int64_t /*now_ms*/) {
  Pick pick;
  NoteKeys(view, scope);
  if (keys_ == 0) return pick;
  Look look;
  look.wanted = WantsFirst() ? 0 : 1;
  Best& best = look.best[look.wanted];
  while (look.buckets < kMostBuckets) {
    WalkPosition before = hand_;
    ++look.buckets;
    LookAtBucket(view, scope, look);
    if (!Enough(look)) {
      stays_ = 0;
      continue;
    }
    // Others that are due there go next, before the hand moves on; but the caller may not be able
    // to remove them, so it does move on in the end.
    if (stays_ == 0) stays_ = look.due[look.wanted];
    if (stays_ > 0 && --stays_ > 0) hand_ = before;
    break;
  }
  (look.wanted == 0 ? first_ : second_)
      .Adapt(best.due() ? look.buckets : kMostBuckets + 1, kWantedBuckets);
  if (look.best[0].there() || look.best[1].there()) {
    size_t choice = look.best[0].there() ? 0 : 1;
    if (look.best[0].there() && look.best[1].there()) choice = Choose(view, look);
    pick.victim = look.best[choice].candidate;
    pick.outcome = Pick::Outcome::kVictim;
    return pick;
  }
  pick.outcome = Pick::Outcome::kTryAgain;
  return pick;
}

}  // namespace nuthatch::eviction
