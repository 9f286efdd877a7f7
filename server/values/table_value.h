// TableValue: what the large hash and the large set have in common: a base::Table of blocks, one
// allocation an element, looked up by the hash of the element's name (field or member).
//
// Owned by one entry; no threads. Traits are base::Table's; HashOf(block, tag) is the SecretHash of
// the name.
//
// Invariants
// 1. A Place, and any view of an element, is good until the next call that isn't const.
// 2. `bytes_` is what blocks and table take, by size class.
// 3. No call works for more than about a millisecond, but for those that visit everything: the
// table
//    grows and shrinks a bucket at a time (base/table.h), FreeSome() frees in slices.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_set>

#include "server/base/random.h"
#include "server/base/table.h"
#include "server/values/hashed.h"
#include "server/values/object.h"

namespace nuthatch::values {

// A block: its bytes are laid out by whose it is.
struct alignas(16) ElementBlock {
  const char* bytes() const { return reinterpret_cast<const char*>(this); }
  char* bytes() { return reinterpret_cast<char*>(this); }
};

// What the traits have in common. Names is their class: it says NameOf(block, tag).
template <typename Names>
struct BlockTraits {
  using Entry = ElementBlock;
  static constexpr size_t kSegmentBuckets = 1024;  // 64 KB
  static uint64_t HashOf(const ElementBlock* block, uint8_t tag) {
    return base::SecretHash(Names::NameOf(block, tag));
  }
  static int64_t BoundOf(const ElementBlock*) { return base::kNoBound; }
};

template <typename Traits>
class TableValue : public Object {
 public:
  using Table = base::Table<Traits>;
  using Block = typename Traits::Entry;
  // Where an element is; false for none.
  using Place = typename Table::Ref;

  TableValue(const TableValue&) = delete;
  TableValue& operator=(const TableValue&) = delete;

  size_t size() const { return table_.size(); }
  bool empty() const { return table_.empty(); }

  // The element of this name, or none.
  Place Find(const Hashed& name) const {
    return table_.Find(name.hash, [&name](const Block& block, uint8_t tag) {
      return Traits::NameOf(&block, tag) == name.bytes;
    });
  }

  // Hints for names that are looked up together: PrefetchBucket for all of them, then PrefetchEntry
  // for all, then the lookups.
  void PrefetchBucket(uint64_t hash) const { table_.PrefetchBucket(hash); }
  void PrefetchEntry(uint64_t hash) const { table_.PrefetchEntry(hash); }
  // Both for all of `names`, a few dozen at most.
  void Prefetch(std::span<const Hashed> names) const {
    for (const Hashed& name : names) PrefetchBucket(name.hash);
    for (const Hashed& name : names) PrefetchEntry(name.hash);
  }

  // A fair choice: each element is as likely as any other. REQUIRES: !empty().
  Place RandomPlace(base::Random& random) const { return table_.SampleEntry(random); }

  // SCAN: visits about `count` elements and returns the next cursor. 0 starts; 0 returned says the
  // end. A cursor is below 2^39; any number is taken (a larger one is at the end). Whatever grows
  // or shrinks between the calls, an element that is there all the time is visited at least once.
  // `visit(Place)` must not change the value. Looks at no more than 10 * count buckets.
  template <typename Visit>
  uint64_t ScanPlaces(uint64_t cursor, size_t count, Visit&& visit) const;

  // Visits every element once. `visit(Place)` must not change the value; if it returns a bool,
  // false ends the walk.
  template <typename Visit>
  void ForEachPlace(Visit&& visit) const;

  // Visits `count` different elements, or all if there are no more; each choice of so many is as
  // likely as any other, the order means nothing. `visit(Place)` must not change the value.
  template <typename Visit>
  void SamplePlaces(size_t count, base::Random& random, Visit&& visit) const;

  // For tests.
  const Table& table() const { return table_; }

 protected:
  TableValue() = default;
  // REQUIRES: everything is freed.
  ~TableValue() override = default;

  // Frees the blocks of about `pieces` elements by `release(Block*, tag)`, but not many more once
  // they were a megabyte, and parts of the table; true when nothing is left. REQUIRES: no other
  // call in between.
  template <typename Release>
  bool FreeSlice(size_t pieces, Release&& release) {
    constexpr int64_t kSliceBytes = 1024 * 1024;
    int64_t enough = bytes_ - kSliceBytes;
    size_t cursor = freed_;
    size_t buckets = pieces / base::kBucketWords + 1;
    bool done = false;
    for (; !done && buckets > 0 && bytes_ > enough; --buckets) {
      done = table_.Destroy(&cursor, 1, release, bytes_);
    }
    freed_ = static_cast<uint32_t>(cursor);
    return done;
  }

  Table table_;
  int64_t bytes_ = 0;

 private:
  uint32_t freed_ = 0;  // how far FreeSlice() has come, in buckets
};

template <typename Traits>
template <typename Visit>
uint64_t TableValue<Traits>::ScanPlaces(uint64_t cursor, size_t count, Visit&& visit) const {
  constexpr uint64_t kBucketsForOne = 10;
  size_t visited = 0;
  uint64_t buckets = std::max<uint64_t>(count, 1);
  buckets = buckets > UINT64_MAX / kBucketsForOne ? UINT64_MAX : buckets * kBucketsForOne;
  do {
    table_.Scan(cursor, [](Place place) { Traits::Prefetch(place.entry()); });
    cursor = table_.Scan(cursor, [&](Place place) {
      ++visited;
      visit(place);
    });
  } while (cursor < base::TableMapping::kCells && visited < count && --buckets > 0);
  return cursor < base::TableMapping::kCells ? cursor : 0;
}

// Entries are far apart in memory: so they are asked for some time before they are visited.
template <typename Traits>
template <typename Visit>
void TableValue<Traits>::ForEachPlace(Visit&& visit) const {
  constexpr size_t kAhead = 16;
  Place ahead[kAhead];
  size_t asked = 0;
  bool go_on = true;
  auto give = [&](Place place) {
    if constexpr (std::is_same_v<std::invoke_result_t<Visit&, Place>, bool>) {
      go_on = visit(place);
    } else {
      visit(place);
    }
  };
  table_.ForEach([&](Place place) {
    Traits::Prefetch(place.entry());
    Place& slot = ahead[asked % kAhead];
    if (asked++ >= kAhead) give(slot);
    slot = place;
    return go_on;
  });
  for (size_t i = asked > kAhead ? asked - kAhead : 0; i < asked && go_on; ++i) {
    give(ahead[i % kAhead]);
  }
}

// Few of many: random places until enough of them differ. Otherwise one walk that takes each
// element with the probability that is left (Fan, Muller, Rezucha 1962; Knuth's algorithm S).
template <typename Traits>
template <typename Visit>
void TableValue<Traits>::SamplePlaces(size_t count, base::Random& random, Visit&& visit) const {
  constexpr size_t kFewOf = 3;
  if (count == 0) return;
  if (count < size() / kFewOf) {
    std::unordered_set<const void*> taken;
    taken.reserve(count);
    while (taken.size() < count) {
      Place place = RandomPlace(random);
      if (taken.insert(place.word).second) visit(place);
    }
    return;
  }
  size_t left = size();
  ForEachPlace([&](Place place) {
    if (random.Below(left--) < count) {
      --count;
      visit(place);
    }
    return count > 0;
  });
}

}  // namespace nuthatch::values
