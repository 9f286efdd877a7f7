// Large tables: fixed segments behind a directory, growing and shrinking in place.
// Included by table.h only.
//
// Two mappings are in force at a time, `small` and `large`, and a frontier in hash order: positions
// below the frontier are homed by `small`, the others by `large`. Growing moves the frontier down,
// from the end to 0: the entries of the last home bucket of `small` go to their new homes, which
// stand higher, then those of the one before, and so on. What is below the frontier keeps its
// place, and between the two parts opens a gap that closes again as the frontier comes down.
// Shrinking is the same, backwards; and a move can turn round at any point. One step moves what is
// homed in one bucket: seven entries or so, mostly without touching them (table_mapping.h).
//
// Growth starts at a fill of 0.85 and goes to 5/4: it needs one step for each old bucket, and the
// next growth is 1.7 inserts for each old bucket away, so a step an insert ends well before.
// Shrinking starts below 0.55 and goes to 4/5: 0.88 erases a bucket until the next, so two steps an
// erase.
//
// Segments are allocated when the first home in them is needed, from the end, and freed when the
// frontier has passed them. The last one is only as long as the table needs. Behind the last home
// are kTail more buckets for what overflows there; nothing wraps round.
//
// At the frontier the two parts can touch: then a bucket may be a home under both mappings, and
// what is homed there is told apart by reading hashes ("shared" below).
#pragma once

#include "server/base/prefetch.h"
#include "server/base/table.h"

namespace nuthatch::base {

template <typename Traits>
struct Table<Traits>::Segment {
  Bucket* buckets = nullptr;
  int64_t* bounds = nullptr;
  int64_t least_bound = kNoBound;  // at or below the least of `bounds`
  uint32_t count = 0;              // of buckets (and bounds)
  int32_t used = 0;                // words in them that hold an entry
};

template <typename Traits>
struct Table<Traits>::Segments {
  // P(an overflow runs over 16 buckets) at fill 0.85 is below 1e-17; if it does, Resegment() helps.
  static constexpr uint64_t kTail = 16;

  TableMapping small;
  TableMapping large;
  uint64_t frontier = 0;               // positions below it are homed by `small`
  bool growing = false;                // which way the frontier goes, if small and large differ
  bool bounded = false;                // some segment has bounds
  uint64_t due_from = 0;               // the segment at which CollectDue() stopped
  bool crowded = false;                // an insert was displaced too far: grow, however full it is
  uint32_t shrink_below = UINT32_MAX;  // entries; above it shrinking was seen to be impossible
  uint64_t max_displacement = 0;
  uint64_t total = 0;  // buckets, the tail included
  Segment* directory = nullptr;
  uint64_t directory_size = 0;
  uint64_t directory_room = 0;

  bool moving() const { return small.buckets() != large.buckets(); }
  bool at_end() const { return frontier == (growing ? 0 : TableMapping::kCells); }
  // The home of the frontier under `large`.
  uint64_t FirstLargeHome() const { return TableMapping::HomeOfCell(frontier, large.buckets()); }
  void FreeDirectory(int64_t& bytes) {
    if (directory == nullptr) return;
    size_t size = directory_room * sizeof(Segment);
    Free(directory, size);
    bytes -= static_cast<int64_t>(SizeClass(size));
  }
};

template <typename Traits>
struct Table<Traits>::LargeView {
  Segments* s;
  int64_t* bytes;

  static constexpr int kShift = std::countr_zero(kSegmentBuckets);
  Bucket& At(uint64_t i) const {
    return s->directory[i >> kShift].buckets[i & (kSegmentBuckets - 1)];
  }
  uint64_t Add(uint64_t i, uint64_t d) const { return i + d; }
  uint64_t Sub(uint64_t i, uint64_t d) const { return i - d; }
  uint64_t Limit(uint64_t home) const { return s->total - 1 - home; }
  void Used(uint64_t i, int difference) const { s->directory[i >> kShift].used += difference; }
  void NoteDisplacement(uint64_t displacement) const {
    if (displacement > s->max_displacement) s->max_displacement = displacement;
  }
  bool Has(uint64_t i) const { return s->directory[i >> kShift].buckets != nullptr; }
  void Ensure(uint64_t i) const {
    if (!Has(i)) EnsureSegment(*s, i, *bytes);
  }
  uint64_t total() const { return s->total; }
};

template <typename Traits>
typename Table<Traits>::Segments* Table<Traits>::MakeSegments(uint64_t buckets, int64_t& bytes) {
  auto* s = new Segments;
  bytes += static_cast<int64_t>(SizeClass(sizeof(Segments)));
  s->small = s->large = TableMapping(buckets);
  Resegment(*s, buckets + Segments::kTail, bytes);
  for (uint64_t i = 0; i < s->total; i += kSegmentBuckets) EnsureSegment(*s, i, bytes);
  return s;
}

template <typename Traits>
void Table<Traits>::EnsureSegment(Segments& s, uint64_t bucket, int64_t& bytes) {
  uint64_t index = bucket / kSegmentBuckets;
  Segment& segment = s.directory[index];
  if (segment.buckets != nullptr) return;
  uint64_t count = std::min(kSegmentBuckets, s.total - index * kSegmentBuckets);
  size_t size = count * sizeof(Bucket);
  segment.buckets = static_cast<Bucket*>(AllocateLines(size));
  std::memset(static_cast<void*>(segment.buckets), 0, size);
  segment.count = static_cast<uint32_t>(count);
  bytes += static_cast<int64_t>(SizeClass(size));
}

template <typename Traits>
void Table<Traits>::FreeSegment(Segments& s, uint64_t index, int64_t& bytes) {
  Segment& segment = s.directory[index];
  if (segment.buckets == nullptr) return;
  FreeBounds(segment.bounds, segment.count, bytes);
  size_t size = segment.count * sizeof(Bucket);
  Free(segment.buckets, size);
  bytes -= static_cast<int64_t>(SizeClass(size));
  segment = Segment();
}

// Changes the number of buckets: the directory, and the segment that was or becomes the last. What
// is cut off must be empty; where it is not (after a rare overflow), less is cut off.
template <typename Traits>
void Table<Traits>::Resegment(Segments& s, uint64_t total, int64_t& bytes) {
  auto in_use = [&s](uint64_t i) {
    const Segment& segment = s.directory[i / kSegmentBuckets];
    return segment.buckets != nullptr &&
           bucket::OccupiedMask(segment.buckets[i % kSegmentBuckets]) != 0;
  };
  for (uint64_t i = s.total; i > total; --i) {
    if (i % kSegmentBuckets == 0 && s.directory[i / kSegmentBuckets - 1].buckets == nullptr) {
      i = std::max(total, i - kSegmentBuckets) + 1;  // nothing there: next segment
    } else if (in_use(i - 1)) {
      total = i;
    }
  }
  uint64_t size = (total + kSegmentBuckets - 1) / kSegmentBuckets;
  for (uint64_t i = size; i < s.directory_size; ++i) FreeSegment(s, i, bytes);
  if (size > s.directory_room || size * 2 < s.directory_room) {
    uint64_t room = SizeClass((size + size / 4) * sizeof(Segment)) / sizeof(Segment);
    auto* directory = static_cast<Segment*>(Allocate(room * sizeof(Segment)));
    bytes += static_cast<int64_t>(SizeClass(room * sizeof(Segment)));
    std::uninitialized_copy_n(s.directory, std::min(size, s.directory_size), directory);
    s.FreeDirectory(bytes);
    s.directory = directory;
    s.directory_room = room;
  }
  for (uint64_t i = s.directory_size; i < size; ++i) s.directory[i] = Segment();
  uint64_t last[2] = {s.directory_size, size};
  s.directory_size = size;
  s.total = total;
  for (uint64_t end : last) {
    if (end == 0 || end > size) continue;
    uint64_t index = end - 1;
    Segment& segment = s.directory[index];
    uint64_t count = std::min(kSegmentBuckets, total - index * kSegmentBuckets);
    if (segment.buckets == nullptr || segment.count == count) continue;
    Segment old = segment;
    segment = Segment();
    EnsureSegment(s, index * kSegmentBuckets, bytes);
    uint64_t kept = std::min<uint64_t>(count, old.count);
    std::memcpy(static_cast<void*>(segment.buckets), old.buckets, kept * sizeof(Bucket));
    segment.used = old.used;
    if (old.bounds != nullptr) {
      segment.bounds = MakeBounds(count, bytes);
      std::copy_n(old.bounds, kept, segment.bounds);
      segment.least_bound = old.least_bound;
      FreeBounds(old.bounds, old.count, bytes);
    }
    Free(old.buckets, old.count * sizeof(Bucket));
    bytes -= static_cast<int64_t>(SizeClass(old.count * sizeof(Bucket)));
  }
}

// Fills are counted in 1/1024 of eight words a bucket.
template <typename Traits>
bool Table<Traits>::Unsettled() const {
  const Segments& s = *segments();
  return s.moving() || s.crowded || count_ > Capacity(s.small.buckets()) ||
         (count_ < s.shrink_below && uint64_t{count_} * 128 < s.small.buckets() * 563);
}

template <typename Traits>
void Table<Traits>::BeginGrowth(int64_t& bytes) {
  Segments& s = *segments();
  uint64_t buckets = s.small.buckets();
  s.large = TableMapping(buckets + (buckets + 3) / 4);
  s.frontier = TableMapping::kCells;
  s.growing = true;
  s.shrink_below = UINT32_MAX;
  Resegment(s, s.large.buckets() + Segments::kTail, bytes);
}

// Of a settled table. False if there is nothing to do after all.
template <typename Traits>
bool Table<Traits>::BeginResize(int64_t& bytes) {
  Segments& s = *segments();
  uint64_t buckets = s.small.buckets();
  if (s.crowded || count_ > Capacity(buckets)) {
    BeginGrowth(bytes);
    return true;
  }
  if (buckets <= 2 * kSegmentBuckets && ArrayFor(count_) <= kSegmentBuckets &&
      MayShrinkTo(ArrayFor(count_))) {
    Rehash(ArrayFor(count_), bytes);
    return true;
  }
  uint64_t target = std::max(uint64_t{count_} * 1024 / (kBucketWords * 706), kSegmentBuckets);
  for (uint64_t to : {target, buckets * 4 / 5}) {
    if (to >= buckets || to < target || !MayShrinkTo(to)) continue;
    s.small = TableMapping(to);
    s.frontier = 0;
    s.growing = false;
    return true;
  }
  // Ask again when there are fewer.
  s.shrink_below = count_ - count_ / 16;
  return false;
}

template <typename Traits>
void Table<Traits>::Maintain(size_t steps, int64_t& bytes) {
  for (; steps > 0 && large() && Unsettled(); --steps) {
    Segments& s = *segments();
    if (!s.moving()) {
      if (!BeginResize(bytes)) return;
      continue;
    }
    // Turn round when the direction has become wrong.
    uint64_t fill = uint64_t{count_} * 128 / s.small.buckets();
    if (s.growing && !s.crowded && fill < 500) s.growing = false;
    if (!s.growing && (fill > 819 || s.crowded)) s.growing = true;
    if (s.at_end()) {
      Settle(bytes);  // it turned round where it had begun
    } else {
      MoveHome(bytes);
    }
  }
}

template <typename Traits>
void Table<Traits>::Step(size_t buckets, int64_t& bytes) {
  Maintain(buckets, bytes);
}

// The next step: the positions [low, high) go from bucket `home` of `from` to `to`.
template <typename Traits>
struct Table<Traits>::Move {
  TableMapping from;
  TableMapping to;
  uint64_t home;
  uint64_t low;
  uint64_t high;
  bool shared;  // `home` is a home under `to` as well
};

template <typename Traits>
typename Table<Traits>::Move Table<Traits>::NextMove() const {
  const Segments& s = *segments();
  Move m{};
  m.from = s.growing ? s.small : s.large;
  m.to = s.growing ? s.large : s.small;
  auto home_of = [](const TableMapping& mapping, uint64_t cell) {
    return TableMapping::HomeOfCell(cell, mapping.buckets());
  };
  if (s.growing) {
    m.home = home_of(m.from, s.frontier - 1);
    m.low = m.from.StartCell(m.home);
    m.high = s.frontier;
    m.shared = m.high < TableMapping::kCells && home_of(m.to, m.high) == m.home;
  } else {
    m.home = home_of(m.from, s.frontier);
    m.low = s.frontier;
    m.high = m.from.StartCell(m.home + 1);
    m.shared = m.low > 0 && home_of(m.to, m.low - 1) == m.home;
  }
  return m;
}

template <typename Traits>
void Table<Traits>::MoveHome(int64_t& bytes) {
  Segments& s = *segments();
  LargeView view = large_view(&bytes);
  const Move m = NextMove();

  // 1. Take out what has to go.
  constexpr size_t kUsual = 32;
  Word usual[kUsual];
  size_t count = 0;
  std::vector<Word> unusual;  // for hash functions without luck
  VisitHomed(view, m.home, [&](Ref ref) {
    Word w = *ref.word;
    if (m.shared) {
      uint64_t cell = TableMapping::CellOf(PositionOfEntry(w));
      if (cell < m.low || cell >= m.high) return;
    }
    *ref.word = w & word::kFlag;
    view.Used(ref.bucket, -1);
    if (count < kUsual) {
      usual[count++] = w;
    } else {
      unusual.push_back(w);
    }
  });
  if (m.shared) {
    RecomputeFlags(view, m.home);
  } else {
    bucket::SetFlags(view.At(m.home), 0);
  }
  int64_t old_bound = kNoBound;
  if (s.bounded) {
    old_bound = BoundAt(m.home);
    int64_t* bounds = s.directory[m.home / kSegmentBuckets].bounds;
    if (!m.shared && bounds != nullptr) bounds[m.home % kSegmentBuckets] = kNoBound;
  }
  s.frontier = s.growing ? m.low : m.high;

  // 2. Put it where it belongs now.
  uint64_t last_home = TableMapping::HomeOfCell(m.high - 1, m.to.buckets());
  for (uint64_t i = TableMapping::HomeOfCell(m.low, m.to.buckets()); i <= last_home; ++i) {
    view.Ensure(i);  // all of them: whoever looks for a key relies on its home
  }
  uint64_t first = m.from.StartCell(m.home);
  uint64_t end = m.from.StartCell(m.home + 1);
  auto put = [&](Word w) {
    TableMapping::Target place = m.from.Translate(first, end, word::Fingerprint(w), m.to);
    int64_t bound = old_bound;
    if (!place.known) {
      uint64_t position = PositionOfEntry(w);
      place = {true, m.to.Fingerprint(position), m.to.Home(position)};
      if (old_bound != kNoBound) bound = Traits::BoundOf(EntryOf(w));
    }
    Word payload = word::WithFingerprint(word::Payload(w), place.fingerprint);
    uint64_t distance = 0;
    while (!Place(view, place.home, payload, &distance))
      Resegment(s, s.total + kSegmentBuckets, bytes);
    if (bound != kNoBound) NoteBound(place.home, bound, bytes);
  };
  for (size_t i = 0; i < count; ++i) put(usual[i]);
  for (Word w : unusual) put(w);

  // 3. Free what lies behind, end the move, or look ahead.
  if (!s.growing && m.home % kSegmentBuckets == kSegmentBuckets - 1 &&
      m.home + 1 - kSegmentBuckets >= m.to.buckets() + Segments::kTail) {
    FreeSegment(s, m.home / kSegmentBuckets, bytes);
  }
  if (s.at_end()) {
    Settle(bytes);
  } else if (m.from.MustRead(m.to)) {
    uint64_t next = s.growing ? m.home - 1 : m.home + 1;
    for (Word w : view.At(next).words) Traits::Prefetch(EntryOf(w));
    if (s.growing && next > 0) Prefetch(&view.At(next - 1));
  }
}

template <typename Traits>
void Table<Traits>::Settle(int64_t& bytes) {
  Segments& s = *segments();
  if (s.growing) {
    s.small = s.large;
    s.crowded = false;
  } else {
    s.large = s.small;
  }
  s.frontier = 0;
  Resegment(s, s.small.buckets() + Segments::kTail, bytes);
}

}  // namespace nuthatch::base
