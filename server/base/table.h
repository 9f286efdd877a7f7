// Table: a hash table of pointers in cache-line buckets, ordered by hash, of any size, that never
// stops its owner for long.
//
// One owner, one thread at a time. It holds pointers to entries that belong to whoever uses it; the
// Traits say how to get an entry's hash back. Entries are found by their position, which is the
// hash scrambled with the table's salt, scaled to the number of buckets (see table_mapping.h); what
// doesn't fit into its home bucket stands in one of the next.
//
// All sizes assume that positions are spread evenly. Hashes are; but who copies keys in the order
// of a scan inserts them in the order of positions: hence the salt, which is another one each time
// a table is filled anew. And who deletes in the order of a scan leaves one end dense: so a table
// shrinks only as far as its densest part allows, and grows when an insert is displaced too far.
//
//   struct Traits {
//     using Entry = ...;                              // aligned to 16 bytes
//     static constexpr size_t kSegmentBuckets = 1024; // a power of two: 64 KB
//     static uint64_t HashOf(const Entry*);           // the hash it was inserted with; or
//     static uint64_t HashOf(const Entry*, uint8_t tag);
//     static int64_t BoundOf(const Entry*);           // what LowerBound() is about; or kNoBound
//     static void Prefetch(const Entry*);             // before HashOf is called
//   };
//
// The tag is a byte that stands beside the pointer and moves along with it. It may say what an
// entry looks like (its length, say, so that the entry itself need not): so `match` in Find() and
// `visit` in Destroy() take it as a second argument, if they like.
//
// Up to kSegmentBuckets the buckets are one array (the last one overflows into the first), which is
// rehashed whole into one of the next size. Above, they are segments behind a directory, and the
// table grows and shrinks in place (table_segments.h): each insert and erase does a bounded step.
//
// Bounds: an optional side array keeps for each home bucket a lower bound of BoundOf() of what is
// homed there. The keyspace finds by it what has expired, without searching.
//
// Invariants
// 1. An entry stands in its home bucket or after it, displaced by no more than the home's reach.
// 2. A Ref is valid until the next call that isn't const.
// 3. No call allocates, touches or frees more than one segment and one directory, or, in a table of
//    up to kSegmentBuckets, two arrays.
// 4. Positions survive every resize: an entry is found by Scan() at its hash, wherever it stands.
//
// Mutating calls take `bytes`, the owner's account of table memory by size class, and adjust it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#include <vector>

#include "server/base/check.h"
#include "server/base/memory.h"
#include "server/base/random.h"
#include "server/base/table_bucket.h"
#include "server/base/table_mapping.h"

namespace nuthatch::base {

constexpr int64_t kNoBound = std::numeric_limits<int64_t>::max();

template <typename Traits>
class Table {
 public:
  using Entry = typename Traits::Entry;
  static constexpr uint64_t kSegmentBuckets = Traits::kSegmentBuckets;

  // The place of an entry.
  struct Ref {
    Word* word = nullptr;
    uint32_t bucket = 0;

    explicit operator bool() const { return word != nullptr; }
    Entry* entry() const { return static_cast<Entry*>(word::Pointer(*word)); }
    uint8_t tag() const { return word::Tag(*word); }
    void set_tag(uint8_t tag) const { *word = word::WithTag(*word, tag); }
    // The entry has moved in memory; its hash is the same.
    void set_entry(Entry* entry) const { *word = word::WithPointer(*word, entry); }
  };

  Table() = default;
  // Tables are plain data for their owner, who moves and destroys them explicitly.
  Table(Table&& other) noexcept { Swap(other); }
  Table& operator=(Table&& other) noexcept {
    Swap(other);
    return *this;
  }
  // REQUIRES: nothing is allocated any more (Destroy).
  ~Table() { DCHECK(data_ == nullptr); }

  size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  // Buckets that are homes (at most two sizes at a time while it grows or shrinks: the larger).
  uint64_t buckets() const { return large() ? segments()->large.buckets() : buckets_; }
  // Whether steps are left to do that Step() does.
  bool settled() const { return !large() || !Unsettled(); }

  // The entry with this hash for which `match(const Entry&)` (or `match(const Entry&, tag)`) is
  // true.
  template <typename Match>
  Ref Find(uint64_t hash, Match&& match) const;

  // Adds an entry that isn't there. The Ref is good until the next call.
  Ref Insert(uint64_t hash, Entry* entry, uint8_t tag, int64_t& bytes);

  // Takes out the entry at `ref`, whose hash is `hash`. Frees nothing of the entry.
  void Erase(Ref ref, uint64_t hash, int64_t& bytes);

  // Hints, in this order.
  void PrefetchBucket(uint64_t hash) const;
  void PrefetchEntry(uint64_t hash) const;
  // For who will lower the bound of this entry's home.
  void PrefetchBound(uint64_t hash) const;

  // Visits the entries that are homed in the bucket of position `cell` and returns the next
  // position; TableMapping::kCells at the end. `visit(Ref)` must not change the table.
  template <typename Visit>
  uint64_t Scan(uint64_t cell, Visit&& visit) const;

  // As much of the hash of the entry at `ref` as its place tells: its upper bits, the low ones 0.
  // Find() with it comes to the entry as long as the table has the same size.
  uint64_t PartialHash(Ref ref) const;

  // Visits all entries once, in the order of the buckets. `visit(Ref)` must not change the table;
  // if it returns a bool, false ends the walk.
  template <typename Visit>
  void ForEach(Visit&& visit) const;

  // A bucket chosen fairly: its entries, at most 8, into `out`; returns how many (perhaps 0).
  // REQUIRES: !empty().
  unsigned SampleBucket(Random& random, Ref* out) const;
  // An entry; each is as likely as any other. REQUIRES: !empty().
  Ref SampleEntry(Random& random) const;

  // Up to `buckets` of the bounded steps that are due. REQUIRES: !settled().
  void Step(size_t buckets, int64_t& bytes);

  // Notes that an entry of this hash has a bound of at most `bound`.
  void LowerBound(uint64_t hash, int64_t bound, int64_t& bytes);
  bool has_bounds() const { return large() ? segments()->bounded : bounds_ != nullptr; }
  // The first position at or behind `cell` that lies in a home bucket with a bound, looking at up
  // to `look` buckets; the position reached if there is none, or kCells - 1 at the end.
  uint64_t NextBound(uint64_t cell, size_t look) const;
  // Appends entries whose bound is at or below `limit` to `due` until there are `max` of them (or a
  // few more, of one bucket) or no more; they stay in the table. Returns `limit` if there may be
  // more, and otherwise a lower bound for all entries that are not in `due` (kNoBound if there is
  // none: the side array is gone then).
  int64_t CollectDue(int64_t limit, size_t max, std::vector<Entry*>& due, int64_t& bytes);

  // Visits and forgets entries, a few buckets a call; `*cursor` starts as 0. True when the table is
  // empty and all its memory freed. `visit(Entry*)` or `visit(Entry*, tag)`. REQUIRES: no other
  // call in between.
  template <typename Visit>
  bool Destroy(size_t* cursor, size_t buckets, Visit&& visit, int64_t& bytes);

  // Checks every invariant; for tests. Aborts if one does not hold.
  void CheckInvariants() const;
  // The share of absent keys for which more than the home bucket is looked at; for tests.
  double FarMissShare() const;

 private:
  struct Segment;
  struct Segments;
  struct SmallView;
  struct LargeView;

  // Keep a table of one array filled up to this, of 1024.
  static constexpr uint64_t kMaxFill = 870;     // 0.85
  static constexpr uint64_t kShrinkFill = 512;  // shrink below 0.5
  static constexpr uint64_t kAfterShrink = 768;
  // Entries are displaced by at most this, but for hash functions without luck.
  static constexpr uint64_t kNear = 5;
  static_assert(word::CodeOf(kNear) < word::kFarCode);
  // An insert that finds no room within so many buckets makes the table grow, if it is not nearly
  // empty. At fill 0.85 runs of full buckets of that length are one in 10^11 buckets.
  static constexpr uint64_t kCrowded = 256;
  static constexpr uint64_t kCrowdedFill = 307;  // 0.3
  // A table may shrink if that lets no more than this many entries pile up anywhere.
  static constexpr int64_t kMaxPile = 64;
  static constexpr uint16_t kLargeMark = 0xFFFF;

  uint64_t Scramble() const { return (uint64_t{salt_} << 48) + 1; }
  // A bijection; salts differ in the low 16 bits of the hash being spread over all positions anew.
  uint64_t PositionOf(uint64_t hash) const { return hash * Scramble(); }
  uint64_t HashOfPosition(uint64_t position) const { return position * (2 - Scramble()); }
  static uint64_t HashOfWord(Word w) {
    if constexpr (requires(const Entry* entry, uint8_t tag) { Traits::HashOf(entry, tag); }) {
      return Traits::HashOf(EntryOf(w), word::Tag(w));
    } else {
      return Traits::HashOf(EntryOf(w));
    }
  }
  uint64_t PositionOfEntry(Word w) const { return PositionOf(HashOfWord(w)); }
  template <typename Match>
  static bool Matches(const Match& match, Word w) {
    if constexpr (std::is_invocable_v<const Match&, const Entry&, uint8_t>) {
      return match(*EntryOf(w), word::Tag(w));
    } else {
      return match(*EntryOf(w));
    }
  }

  bool large() const { return buckets_ == kLargeMark; }
  Segments* segments() const { return static_cast<Segments*>(data_); }
  SmallView small_view() const { return {static_cast<Bucket*>(data_), buckets_}; }
  // `bytes` is needed where entries are placed.
  LargeView large_view(int64_t* bytes = nullptr) const { return {segments(), bytes}; }
  TableMapping MappingOf(uint64_t position) const {
    if (!large()) return TableMapping{buckets_};
    const Segments& s = *segments();
    return TableMapping::CellOf(position) < s.frontier ? s.small : s.large;
  }
  uint64_t HomeOf(uint64_t position) const { return MappingOf(position).Home(position); }
  static Entry* EntryOf(Word w) { return static_cast<Entry*>(word::Pointer(w)); }
  void Swap(Table& other) {
    std::swap(data_, other.data_);
    std::swap(count_, other.count_);
    std::swap(buckets_, other.buckets_);
    std::swap(salt_, other.salt_);
    std::swap(bounds_, other.bounds_);
  }

  // How many entries fit before it grows; tiny tables may be full.
  static uint64_t Capacity(uint64_t buckets) {
    return buckets <= 2 ? buckets * 15 / 2 + buckets % 2 : buckets * 8 * kMaxFill / 1024;
  }
  // The array sizes are jemalloc's size classes: four to a doubling.
  static uint64_t NextArray(uint64_t buckets) {
    return SizeClass((buckets + 1) * sizeof(Bucket)) / sizeof(Bucket);
  }
  static uint64_t ArrayFor(uint64_t count);
  Ref GrowCrowded(Ref ref, uint64_t hash, int64_t& bytes);

  template <typename View, typename Match>
  Ref Probe(const View& view, uint64_t home, uint8_t fingerprint, const Match& match) const;
  template <typename View, typename Match>
  Ref ProbeFar(const View& view, uint64_t home, unsigned reach, uint8_t fingerprint,
               const Match& match) const;
  template <typename View>
  Ref Place(const View& view, uint64_t home, Word payload, uint64_t* distance);
  template <typename View>
  Ref PlaceAway(const View& view, uint64_t home, Word payload, uint64_t* distance);
  template <typename View>
  uint64_t Hop(const View& view, uint64_t at, Word** hole);
  template <typename View>
  void EraseIn(const View& view, Ref ref, uint64_t position);
  template <typename View>
  void PullBack(const View& view, uint64_t home, Word* hole);
  template <typename View>
  void RecomputeFlags(const View& view, uint64_t home);
  template <typename View, typename Visit>
  void VisitHomed(const View& view, uint64_t home, Visit&& visit) const;
  template <typename View>
  uint64_t HomeOfWord(const View& view, uint64_t bucket, Word w) const;
  // The farthest that any entry may be displaced.
  size_t MaxDisplacement() const { return large() ? segments()->max_displacement : buckets_; }

  template <typename From, typename To>
  static void MoveAll(const Table& source, const From& from, Table& target, const To& to,
                      int64_t& bytes);
  void Rehash(uint64_t buckets, int64_t& bytes);
  bool MayShrinkTo(uint64_t buckets) const;
  void FreeStorage(int64_t& bytes);
  template <typename View>
  void CheckView(const View& view) const;

  // Of sampling (table_walk.h).
  template <typename View>
  Ref PickIn(const View& view, uint64_t begin, uint64_t end, uint64_t rank) const;
  Ref PickEntry(uint64_t rank) const;

  // Of the bounds (table_walk.h).
  int64_t BoundAt(uint64_t home) const;
  void NoteBound(uint64_t home, int64_t bound, int64_t& bytes);
  template <typename View>
  int64_t CollectHome(const View& view, uint64_t home, int64_t limit,
                      std::vector<Entry*>& due) const;
  template <typename View>
  int64_t CollectRange(const View& view, uint64_t first_home, int64_t* bounds, size_t count,
                       int64_t limit, size_t max, std::vector<Entry*>& due) const;
  static int64_t* MakeBounds(size_t count, int64_t& bytes);
  static void FreeBounds(int64_t*& bounds, size_t count, int64_t& bytes);
  void DropBounds(int64_t& bytes);

  // Of a large table (table_segments.h).
  static Segments* MakeSegments(uint64_t buckets, int64_t& bytes);
  static void EnsureSegment(Segments& s, uint64_t bucket, int64_t& bytes);
  static void FreeSegment(Segments& s, uint64_t index, int64_t& bytes);
  static void Resegment(Segments& s, uint64_t total, int64_t& bytes);
  bool Unsettled() const;
  void Maintain(size_t steps, int64_t& bytes);
  bool BeginResize(int64_t& bytes);
  void BeginGrowth(int64_t& bytes);
  struct Move;
  Move NextMove() const;
  void MoveHome(int64_t& bytes);
  void Settle(int64_t& bytes);

  void* data_ = nullptr;  // Bucket[buckets_], or Segments
  uint32_t count_ = 0;
  uint16_t buckets_ = 0;  // of the one array; 0: nothing allocated yet; or kLargeMark
  uint16_t salt_ = 0;
  int64_t* bounds_ = nullptr;  // int64_t[buckets_], only of the one array
};

}  // namespace nuthatch::base

#include "server/base/table_impl.h"
#include "server/base/table_segments.h"
#include "server/base/table_walk.h"
