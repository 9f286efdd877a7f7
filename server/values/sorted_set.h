// SortedSet: a large sorted set (OBJECT ENCODING says "skiplist"): a table member -> element beside
// a counted B+ tree in the order of scores, both of which point to the same elements.
//
// Owned by one entry (or one detached value); no threads. About 64 bytes a member of 16 bytes.
// Nothing but ranges, Duplicate() and the builder takes more than O(log n): the table grows in
// place.
//
// Invariants
// 1. Table and tree hold the same elements, which the set owns. No score is NaN.
// 2. A `const Element*` is valid until its member is removed; a Position until any change.
// 3. MemoryBytes() is exact at any time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "server/base/prefetch.h"
#include "server/base/random.h"
#include "server/base/secret_hash.h"
#include "server/base/table.h"
#include "server/values/counted_tree.h"
#include "server/values/object.h"
#include "server/values/sorted_set_element.h"
#include "server/values/sorted_set_range.h"

namespace nuthatch::values {

// Nodes of 1024 bytes, a size class.
struct SortedSetShape {
  static constexpr unsigned kLeafEntries = 62;
  static constexpr unsigned kInnerEntries = 36;
};

struct SortedSetTableTraits {
  using Entry = SortedSetElement;
  static constexpr size_t kSegmentBuckets = 1024;  // 64 KB
  static uint64_t HashOf(const Entry* element) { return base::SecretHash(element->member()); }
  static int64_t BoundOf(const Entry*) { return base::kNoBound; }
  static void Prefetch(const Entry* element) { base::Prefetch(element); }
};

class SortedSet final : public Object {
  using Tree = CountedTree<SortedSetShape>;
  using ElementTable = base::Table<SortedSetTableTraits>;

 public:
  using Element = SortedSetElement;
  using Position = Tree::Position;

  enum class Outcome { kAdded, kUpdated, kUnchanged };

  // end <= size().
  using RankRange = values::RankRange;

  SortedSet() = default;
  SortedSet(const SortedSet&) = delete;
  SortedSet& operator=(const SortedSet&) = delete;
  ~SortedSet() override;

  size_t size() const { return table_.size(); }

  // --- By member ---

  // Null if it isn't there.
  const Element* Find(std::string_view member) const { return FindHashed(Hash(member), member); }
  // The same with the hash at hand; hints for commands with many members: hash all, prefetch the
  // buckets, then the elements, then run.
  static uint64_t Hash(std::string_view member) { return base::SecretHash(member); }
  const Element* FindHashed(uint64_t hash, std::string_view member) const;
  void PrefetchBucket(uint64_t hash) const { table_.PrefetchBucket(hash); }
  void PrefetchElement(uint64_t hash) const { table_.PrefetchEntry(hash); }

  // Adds the member, or gives it another score. (-0.0 is not another one than 0.0.)
  Outcome Add(std::string_view member, double score);
  // REQUIRES: the member isn't there.
  const Element* Insert(std::string_view member, double score) {
    return InsertHashed(Hash(member), member, score);
  }
  const Element* InsertHashed(uint64_t hash, std::string_view member, double score);
  // False if it is the score that the element has. REQUIRES, here and below: it is of this set.
  bool Update(const Element* element, double score);
  // False if it isn't there.
  bool Remove(std::string_view member);
  void Remove(const Element* element);

  // --- By rank; 0 is the least ---

  size_t Rank(const Element* element) const { return tree_.Rank(element); }
  size_t ReverseRank(const Element* element) const { return size() - 1 - Rank(element); }
  // Behind the last one if there are no more than `rank`. Positions walk both ways.
  Position At(size_t rank) const { return tree_.At(rank); }
  Position First() const { return At(0); }
  Position Last() const { return At(size() - 1); }
  // Each is as likely as any other. REQUIRES: size() > 0.
  Position RandomElement(base::Random& random) const { return At(random.Below(size())); }

  // --- Ranges ---

  RankRange Within(const ScoreRange& range) const;
  // REQUIRES: all scores are the same (otherwise any range may come out, as in Redis).
  RankRange Within(const LexRange& range) const;
  // The first or last element of a range; false if it is empty.
  Position FirstWithin(const ScoreRange& range) const;
  Position LastWithin(const ScoreRange& range) const;
  Position FirstWithin(const LexRange& range) const;
  Position LastWithin(const LexRange& range) const;
  // Removes what has these ranks.
  void RemoveRanks(RankRange ranks);

  // --- The rest ---

  // Visits the elements of one bucket (`visit(const Element&)`) and returns the next cursor, 0 at
  // the end; a scan starts with 0. What stays in the set during a whole scan is visited at least
  // once.
  template <typename Visit>
  uint64_t Scan(uint64_t cursor, Visit&& visit) const;

  std::unique_ptr<Object> Duplicate() const override;
  size_t MemoryBytes() const override;
  bool FreeSome(size_t pieces) override;

  // Checks every invariant; for tests. Aborts if one does not hold.
  void CheckInvariants() const;
  double LeafFill() const { return tree_.LeafFill(); }

 private:
  friend class SortedSetBuilder;

  ElementTable::Ref FindRef(uint64_t hash, std::string_view member) const;
  // Into the table only.
  Element* MakeElement(uint64_t hash, std::string_view member, double score);
  void ReleaseElement(Element* element);

  ElementTable table_;
  Tree tree_;
  int64_t table_bytes_ = 0;
  size_t element_bytes_ = 0;
  size_t free_cursor_ = 0;  // of FreeSome()
};

// Builds a set from members in any order: in O(n) if they come in order, ascending or descending,
// otherwise they are sorted at the end.
class SortedSetBuilder {
 public:
  SortedSetBuilder() : set_(std::make_unique<SortedSet>()) {}

  // False if the member is there already; then nothing changes. REQUIRES: the score isn't NaN.
  bool Add(std::string_view member, double score);
  // The same for one that isn't there.
  void AddNew(std::string_view member, double score);
  // Adds the member, whose hash (SortedSet::Hash) is at hand; if it is there already, it gets the
  // score `merge(its score)`, which is not NaN.
  template <typename Merge>
  void AddOrMerge(uint64_t hash, std::string_view member, double score, Merge&& merge);
  // Hints for members that are about to be added or merged; see SortedSet.
  void PrefetchBucket(uint64_t hash) const { set_->PrefetchBucket(hash); }
  void PrefetchElement(uint64_t hash) const { set_->PrefetchElement(hash); }
  size_t size() const { return items_.size(); }
  // REQUIRES: nothing is called any more afterwards.
  std::unique_ptr<SortedSet> Finish();

 private:
  struct Item {
    double score;
    SortedSetElement* element;
    bool operator<(const Item& other) const {
      if (score != other.score) return score < other.score;
      return element->member() < other.element->member();
    }
  };
  void Append(uint64_t hash, std::string_view member, double score);

  std::unique_ptr<SortedSet> set_;
  std::vector<Item> items_;
  bool ascending_ = true;
  bool descending_ = true;
  bool merged_ = false;  // the scores in `items_` are not what the elements have
};

template <typename Merge>
void SortedSetBuilder::AddOrMerge(uint64_t hash, std::string_view member, double score,
                                  Merge&& merge) {
  if (SortedSet::ElementTable::Ref ref = set_->FindRef(hash, member)) {
    ref.entry()->set_score(merge(ref.entry()->score()));
    merged_ = true;
    return;
  }
  Append(hash, member, score);
}

template <typename Visit>
uint64_t SortedSet::Scan(uint64_t cursor, Visit&& visit) const {
  uint64_t next =
      table_.Scan(cursor, [&](ElementTable::Ref ref) { visit(std::as_const(*ref.entry())); });
  return next < base::TableMapping::kCells ? next : 0;
}

}  // namespace nuthatch::values
