// Walks over base::Table: scanning, sampling, bounds, destruction, and the check of its invariants.
// Included by table.h only.
#pragma once

#include "server/base/table.h"

namespace nuthatch::base {

// --- Scanning and sampling ---

template <typename Traits>
template <typename Visit>
uint64_t Table<Traits>::Scan(uint64_t cell, Visit&& visit) const {
  if (count_ == 0 || cell >= TableMapping::kCells) return TableMapping::kCells;
  if (!large()) {
    TableMapping mapping(buckets_);
    uint64_t home = TableMapping::HomeOfCell(cell, buckets_);
    VisitHomed(small_view(), home, visit);
    return mapping.StartCell(home + 1);
  }
  const Segments& s = *segments();
  const TableMapping& mapping = cell < s.frontier ? s.small : s.large;
  uint64_t home = TableMapping::HomeOfCell(cell, mapping.buckets());
  VisitHomed(large_view(), home, visit);
  uint64_t next = mapping.StartCell(home + 1);
  return cell < s.frontier && next > s.frontier ? s.frontier : next;
}

template <typename Traits>
uint64_t Table<Traits>::PartialHash(Ref ref) const {
  auto partial = [&](const auto& view) {
    uint64_t home = HomeOfWord(view, ref.bucket, *ref.word);
    // At the frontier a bucket may be a home under both mappings; then this may be the wrong one.
    TableMapping mapping = MappingOf(0);
    if (large() && segments()->moving() && home >= segments()->FirstLargeHome()) {
      mapping = segments()->large;
    }
    return HashOfPosition(mapping.PartialPosition(home, word::Fingerprint(*ref.word)));
  };
  return large() ? partial(large_view()) : partial(small_view());
}

template <typename Traits>
template <typename Visit>
void Table<Traits>::ForEach(Visit&& visit) const {
  auto walk = [&](const auto& view) {
    for (uint64_t i = 0; i < view.total(); ++i) {
      if (!view.Has(i)) continue;
      Bucket& b = view.At(i);
      for (unsigned mask = bucket::OccupiedMask(b); mask != 0; mask &= mask - 1) {
        Ref ref{&b.words[bucket::First(mask)], static_cast<uint32_t>(i)};
        if constexpr (std::is_same_v<std::invoke_result_t<Visit&, Ref>, bool>) {
          if (!visit(ref)) return;
        } else {
          visit(ref);
        }
      }
    }
  };
  if (count_ == 0) return;
  if (large()) {
    walk(large_view());
  } else {
    walk(small_view());
  }
}

template <typename Traits>
unsigned Table<Traits>::SampleBucket(Random& random, Ref* out) const {
  auto sample = [&](const auto& view) {
    uint64_t i = random.Below(view.total());
    unsigned found = 0;
    if (!view.Has(i)) return found;
    Bucket& b = view.At(i);
    for (unsigned mask = bucket::OccupiedMask(b); mask != 0; mask &= mask - 1) {
      out[found++] = Ref{&b.words[bucket::First(mask)], static_cast<uint32_t>(i)};
    }
    return found;
  };
  return large() ? sample(large_view()) : sample(small_view());
}

// Any of the words, until one is occupied. A table is at least half full but for a while after many
// erases, or when these left one end dense; after many misses an entry is picked by its number.
template <typename Traits>
typename Table<Traits>::Ref Table<Traits>::SampleEntry(Random& random) const {
  constexpr int kTries = 64;
  auto sample = [&](const auto& view) {
    for (int tries = 0; tries < kTries; ++tries) {
      uint64_t at = random.Below(view.total() * kBucketWords);
      uint64_t i = at / kBucketWords;
      if (!view.Has(i)) continue;
      Word& w = view.At(i).words[at % kBucketWords];
      if (word::Occupied(w)) return Ref{&w, static_cast<uint32_t>(i)};
    }
    return Ref{};
  };
  Ref ref = large() ? sample(large_view()) : sample(small_view());
  return ref ? ref : PickEntry(random.Below(count_));
}

// The entry in front of which `rank` others stand in the buckets [begin, end).
template <typename Traits>
template <typename View>
typename Table<Traits>::Ref Table<Traits>::PickIn(const View& view, uint64_t begin, uint64_t end,
                                                  uint64_t rank) const {
  for (uint64_t i = begin; i < end; ++i) {
    Bucket& b = view.At(i);
    unsigned mask = bucket::OccupiedMask(b);
    auto used = static_cast<uint64_t>(std::popcount(mask));
    if (rank >= used) {
      rank -= used;
      continue;
    }
    for (; rank > 0; --rank) mask &= mask - 1;
    return {&b.words[bucket::First(mask)], static_cast<uint32_t>(i)};
  }
  return {};
}

// The same in the whole table: segments know how many they hold, and one is counted through.
template <typename Traits>
typename Table<Traits>::Ref Table<Traits>::PickEntry(uint64_t rank) const {
  if (!large()) return PickIn(small_view(), 0, buckets_, rank);
  const Segments& s = *segments();
  uint64_t index = 0;
  for (; rank >= static_cast<uint64_t>(s.directory[index].used); ++index) {
    rank -= static_cast<uint64_t>(s.directory[index].used);
  }
  uint64_t begin = index * kSegmentBuckets;
  return PickIn(large_view(), begin, begin + s.directory[index].count, rank);
}

// --- Bounds ---

template <typename Traits>
int64_t* Table<Traits>::MakeBounds(size_t count, int64_t& bytes) {
  size_t size = count * sizeof(int64_t);
  auto* bounds = static_cast<int64_t*>(Allocate(size));
  std::fill_n(bounds, count, kNoBound);
  bytes += static_cast<int64_t>(SizeClass(size));
  return bounds;
}

template <typename Traits>
void Table<Traits>::FreeBounds(int64_t*& bounds, size_t count, int64_t& bytes) {
  if (bounds == nullptr) return;
  size_t size = count * sizeof(int64_t);
  Free(bounds, size);
  bytes -= static_cast<int64_t>(SizeClass(size));
  bounds = nullptr;
}

template <typename Traits>
void Table<Traits>::DropBounds(int64_t& bytes) {
  if (!large()) {
    FreeBounds(bounds_, buckets_, bytes);
    return;
  }
  Segments& s = *segments();
  if (!s.bounded) return;
  for (uint64_t i = 0; i < s.directory_size; ++i) {
    FreeBounds(s.directory[i].bounds, s.directory[i].count, bytes);
    s.directory[i].least_bound = kNoBound;
  }
  s.bounded = false;
}

template <typename Traits>
int64_t Table<Traits>::BoundAt(uint64_t home) const {
  if (!large()) return bounds_ == nullptr ? kNoBound : bounds_[home];
  const Segment& segment = segments()->directory[home / kSegmentBuckets];
  return segment.bounds == nullptr ? kNoBound : segment.bounds[home % kSegmentBuckets];
}

template <typename Traits>
void Table<Traits>::NoteBound(uint64_t home, int64_t bound, int64_t& bytes) {
  if (!large()) {
    if (bounds_ == nullptr) bounds_ = MakeBounds(buckets_, bytes);
    bounds_[home] = std::min(bounds_[home], bound);
    return;
  }
  Segment& segment = segments()->directory[home / kSegmentBuckets];
  if (segment.bounds == nullptr) segment.bounds = MakeBounds(segment.count, bytes);
  int64_t& at = segment.bounds[home % kSegmentBuckets];
  at = std::min(at, bound);
  segment.least_bound = std::min(segment.least_bound, bound);
  segments()->bounded = true;
}

template <typename Traits>
void Table<Traits>::LowerBound(uint64_t hash, int64_t bound, int64_t& bytes) {
  NoteBound(HomeOf(PositionOf(hash)), bound, bytes);
}

template <typename Traits>
uint64_t Table<Traits>::NextBound(uint64_t cell, size_t look) const {
  for (; look > 0; --look) {
    TableMapping mapping = MappingOf(cell << TableMapping::kCellShift);
    uint64_t home = TableMapping::HomeOfCell(cell, mapping.buckets());
    if (BoundAt(home) != kNoBound) return cell;
    uint64_t next = mapping.StartCell(home + 1);
    if (large() && cell < segments()->frontier) next = std::min(next, segments()->frontier);
    if (next >= TableMapping::kCells) return TableMapping::kCells - 1;
    cell = next;
  }
  return cell;
}

// Looks at what is homed in `home`; returns the least bound of what stays.
template <typename Traits>
template <typename View>
int64_t Table<Traits>::CollectHome(const View& view, uint64_t home, int64_t limit,
                                   std::vector<Entry*>& due) const {
  int64_t least = kNoBound;
  VisitHomed(view, home, [&](Ref ref) {
    int64_t bound = Traits::BoundOf(ref.entry());
    if (bound <= limit) {
      due.push_back(ref.entry());
    } else {
      least = std::min(least, bound);
    }
  });
  return least;
}

// Looks at `count` homes from `first_home` on. Returns a lower bound of those homes' entries that
// are not in `due`, or `limit` where it stopped at `max`.
template <typename Traits>
template <typename View>
int64_t Table<Traits>::CollectRange(const View& view, uint64_t first_home, int64_t* bounds,
                                    size_t count, int64_t limit, size_t max,
                                    std::vector<Entry*>& due) const {
  // Each entry is a read of cold memory: those of the next homes are on their way meanwhile.
  constexpr size_t kAhead = 4;
  int64_t least = kNoBound;
  size_t ahead = 0;
  for (size_t i = 0; i < count; ++i) {
    if (bounds[i] <= limit) {
      if (due.size() >= max) return limit;
      for (ahead = std::max(ahead, i); ahead < std::min(count, i + kAhead); ++ahead) {
        if (bounds[ahead] > limit) continue;
        VisitHomed(view, first_home + ahead, [](Ref ref) { Traits::Prefetch(ref.entry()); });
      }
      bounds[i] = CollectHome(view, first_home + i, limit, due);
    }
    least = std::min(least, bounds[i]);
  }
  return least;
}

template <typename Traits>
int64_t Table<Traits>::CollectDue(int64_t limit, size_t max, std::vector<Entry*>& due,
                                  int64_t& bytes) {
  if (!has_bounds()) return kNoBound;
  int64_t least = kNoBound;
  if (!large()) {
    least = CollectRange(small_view(), 0, bounds_, buckets_, limit, max, due);
  } else {
    Segments& s = *segments();
    uint64_t at = s.due_from < s.directory_size ? s.due_from : 0;
    for (uint64_t left = s.directory_size; left > 0; --left) {
      Segment& segment = s.directory[at];
      if (segment.bounds != nullptr) {
        if (segment.least_bound <= limit) {
          s.due_from = at;
          if (due.size() >= max) return limit;
          segment.least_bound = CollectRange(large_view(), at * kSegmentBuckets, segment.bounds,
                                             segment.count, limit, max, due);
          if (segment.least_bound <= limit) return limit;
          if (segment.least_bound == kNoBound) FreeBounds(segment.bounds, segment.count, bytes);
        }
        least = std::min(least, segment.least_bound);
      }
      at = at + 1 == s.directory_size ? 0 : at + 1;
    }
    if (least == kNoBound) s.bounded = false;
  }
  if (least == kNoBound) DropBounds(bytes);
  return least;
}

// --- The end ---

template <typename Traits>
template <typename Visit>
bool Table<Traits>::Destroy(size_t* cursor, size_t buckets, Visit&& visit, int64_t& bytes) {
  constexpr uint64_t kAhead = 4;
  auto walk = [&](const auto& view) {
    uint64_t end = std::min<uint64_t>(view.total(), *cursor + buckets);
    for (; *cursor < end; ++*cursor) {
      if (*cursor + kAhead < view.total() && view.Has(*cursor + kAhead)) {
        for (Word w : view.At(*cursor + kAhead).words) Traits::Prefetch(EntryOf(w));
      }
      if (!view.Has(*cursor)) continue;
      for (Word w : view.At(*cursor).words) {
        if (!word::Occupied(w)) continue;
        if constexpr (std::is_invocable_v<Visit&, Entry*, uint8_t>) {
          visit(EntryOf(w), word::Tag(w));
        } else {
          visit(EntryOf(w));
        }
      }
      if (large() && (*cursor + 1) % kSegmentBuckets == 0) {
        FreeSegment(*segments(), *cursor / kSegmentBuckets, bytes);
      }
    }
    return *cursor == view.total();
  };
  if (data_ != nullptr && !(large() ? walk(large_view()) : walk(small_view()))) return false;
  count_ = 0;
  FreeStorage(bytes);
  return true;
}

// --- Checking ---

template <typename Traits>
template <typename View>
void Table<Traits>::CheckView(const View& view) const {
  size_t found = 0;
  for (uint64_t i = 0; i < view.total(); ++i) {
    if (!view.Has(i)) continue;
    const Bucket& b = view.At(i);
    for (Word w : b.words) {
      if (!word::Occupied(w)) {
        CHECK((w & ~word::kFlag) == 0);
        continue;
      }
      ++found;
      uint64_t position = PositionOfEntry(w);
      TableMapping mapping = MappingOf(position);
      uint64_t home = mapping.Home(position);
      CHECK(word::Fingerprint(w) == mapping.Fingerprint(position));
      uint64_t d = view.Sub(i, home);
      CHECK(word::Code(w) == word::CodeOf(d));
      CHECK(d <= MaxDisplacement());
      unsigned flags = bucket::Flags(view.At(home));
      CHECK(d == 0 || (flags & bucket::FilterBit(word::Fingerprint(w))) != 0);
      CHECK(bucket::Reach(flags) >= std::min<uint64_t>(d, bucket::kFarReach));
      if (has_bounds()) {
        CHECK(BoundAt(home) <= Traits::BoundOf(EntryOf(w)));
      } else {
        CHECK(Traits::BoundOf(EntryOf(w)) == kNoBound);
      }
    }
    // Flags are exact: what nobody needs is not there.
    unsigned exact = 0;
    VisitHomed(view, i, [&](Ref ref) {
      uint64_t d = view.Sub(ref.bucket, i);
      if (d > 0) exact = bucket::WithDisplaced(exact, d, word::Fingerprint(*ref.word));
    });
    CHECK(exact == bucket::Flags(b));
  }
  CHECK(found == count_);
}

template <typename Traits>
double Table<Traits>::FarMissShare() const {
  auto share = [&](const auto& view) {
    int filters = 0;
    for (uint64_t i = 0; i < view.total(); ++i) {
      if (view.Has(i)) filters += std::popcount(bucket::Flags(view.At(i)) >> 3);
    }
    return filters / 5.0 / static_cast<double>(view.total());
  };
  return large() ? share(large_view()) : share(small_view());
}

template <typename Traits>
void Table<Traits>::CheckInvariants() const {
  if (data_ == nullptr) {
    CHECK(count_ == 0 && bounds_ == nullptr);
    return;
  }
  if (!large()) {
    CHECK(buckets_ <= kSegmentBuckets);
    CheckView(small_view());
    return;
  }
  const Segments& s = *segments();
  CHECK(s.small.buckets() <= s.large.buckets());
  CHECK(s.total >= s.large.buckets() + Segments::kTail);
  CHECK(s.directory_size == (s.total + kSegmentBuckets - 1) / kSegmentBuckets);
  for (uint64_t i = 0; i < s.directory_size; ++i) {
    const Segment& segment = s.directory[i];
    if (segment.buckets == nullptr) {
      CHECK(segment.used == 0);
      continue;
    }
    int32_t used = 0;
    for (uint32_t b = 0; b < segment.count; ++b) {
      used += std::popcount(bucket::OccupiedMask(segment.buckets[b]));
    }
    CHECK(used == segment.used);
    CHECK(segment.count == std::min(kSegmentBuckets, s.total - i * kSegmentBuckets));
    for (uint32_t b = 0; segment.bounds != nullptr && b < segment.count; ++b) {
      CHECK(segment.least_bound <= segment.bounds[b]);
    }
  }
  CheckView(large_view());
}

}  // namespace nuthatch::base
