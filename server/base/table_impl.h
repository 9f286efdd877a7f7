// The bodies of base::Table that serve one array and segments alike, and those of the one array.
// Included by table.h only.
#pragma once

#include "server/base/prefetch.h"
#include "server/base/table.h"

namespace nuthatch::base {

// The buckets of a table of one array; the last one overflows into the first.
template <typename Traits>
struct Table<Traits>::SmallView {
  Bucket* buckets;
  uint64_t count;

  Bucket& At(uint64_t i) const { return buckets[i]; }
  uint64_t Add(uint64_t i, uint64_t d) const { return i + d >= count ? i + d - count : i + d; }
  uint64_t Sub(uint64_t i, uint64_t d) const { return i >= d ? i - d : i + count - d; }
  // How far from `home` there may be something.
  uint64_t Limit(uint64_t /*home*/) const { return count - 1; }
  bool Has(uint64_t /*i*/) const { return true; }
  void Used(uint64_t /*i*/, int /*difference*/) const {}
  void NoteDisplacement(uint64_t /*displacement*/) const {}
  void Ensure(uint64_t /*i*/) const {}
  uint64_t total() const { return count; }
};

template <typename Traits>
uint64_t Table<Traits>::ArrayFor(uint64_t count) {
  if (count == 0) return 0;
  if (count <= 6) return 1;
  return SizeClass((count * 1024 / (8 * kAfterShrink) + 1) * sizeof(Bucket)) / sizeof(Bucket);
}

// --- Lookup ---

template <typename Traits>
template <typename Match>
inline typename Table<Traits>::Ref Table<Traits>::Find(uint64_t hash, Match&& match) const {
  if (count_ == 0) return {};
  uint64_t position = PositionOf(hash);
  TableMapping mapping = MappingOf(position);
  uint64_t home = mapping.Home(position);
  uint8_t fingerprint = mapping.Fingerprint(position);
  if (!large()) return Probe(small_view(), home, fingerprint, match);
  return Probe(large_view(), home, fingerprint, match);
}

template <typename Traits>
template <typename View, typename Match>
inline typename Table<Traits>::Ref Table<Traits>::Probe(const View& view, uint64_t home,
                                                        uint8_t fingerprint,
                                                        const Match& match) const {
  Bucket& b = view.At(home);
  for (unsigned mask = bucket::MatchFingerprint(b, fingerprint); mask != 0; mask &= mask - 1) {
    Word& w = b.words[bucket::First(mask)];
    if (word::Occupied(w) && Matches(match, w)) return {&w, static_cast<uint32_t>(home)};
  }
  unsigned flags = bucket::Flags(b);
  if ((flags & bucket::FilterBit(fingerprint)) == 0) return {};
  return ProbeFar(view, home, bucket::Reach(flags), fingerprint, match);
}

template <typename Traits>
template <typename View, typename Match>
typename Table<Traits>::Ref Table<Traits>::ProbeFar(const View& view, uint64_t home, unsigned reach,
                                                    uint8_t fingerprint, const Match& match) const {
  uint64_t limit = reach < bucket::kFarReach ? reach : MaxDisplacement();
  limit = std::min(limit, view.Limit(home));
  for (uint64_t d = 1; d <= limit; ++d) {
    uint64_t i = view.Add(home, d);
    if (!view.Has(i)) continue;
    Bucket& b = view.At(i);
    unsigned mask =
        bucket::MatchFingerprint(b, fingerprint) & bucket::MatchCode(b, word::CodeOf(d));
    for (; mask != 0; mask &= mask - 1) {
      Word& w = b.words[bucket::First(mask)];
      if (Matches(match, w)) return {&w, static_cast<uint32_t>(i)};
    }
  }
  return {};
}

template <typename Traits>
inline void Table<Traits>::PrefetchBucket(uint64_t hash) const {
  if (count_ == 0) return;
  uint64_t home = HomeOf(PositionOf(hash));
  Prefetch(large() ? &large_view().At(home) : &small_view().At(home));
}

template <typename Traits>
inline void Table<Traits>::PrefetchEntry(uint64_t hash) const {
  if (count_ == 0) return;
  uint64_t position = PositionOf(hash);
  TableMapping mapping = MappingOf(position);
  uint64_t home = mapping.Home(position);
  const Bucket& b = large() ? large_view().At(home) : small_view().At(home);
  unsigned mask = bucket::MatchFingerprint(b, mapping.Fingerprint(position));
  if (mask != 0) Traits::Prefetch(EntryOf(b.words[bucket::First(mask)]));
}

template <typename Traits>
inline void Table<Traits>::PrefetchBound(uint64_t hash) const {
  if (!has_bounds()) return;
  uint64_t home = HomeOf(PositionOf(hash));
  const int64_t* bounds = bounds_;
  if (large()) {
    bounds = segments()->directory[home / kSegmentBuckets].bounds;
    home %= kSegmentBuckets;
  }
  if (bounds != nullptr) Prefetch(bounds + home);
}

// --- Placing and taking out ---

// Into the home bucket or one behind it; an empty Ref if there is no room. `*distance` is how far
// the room was.
template <typename Traits>
template <typename View>
inline typename Table<Traits>::Ref Table<Traits>::Place(const View& view, uint64_t home,
                                                        Word payload, uint64_t* distance) {
  Bucket& b = view.At(home);
  unsigned empty = bucket::MatchCode(b, 0);
  if (empty == 0) [[unlikely]]
    return PlaceAway(view, home, payload, distance);
  Word& w = b.words[bucket::First(empty)];
  w = payload | (word::CodeOf(0) << 1) | (w & word::kFlag);
  view.Used(home, 1);
  return {&w, static_cast<uint32_t>(home)};
}

// Finds the next bucket with room. If that is too far to be found again quickly, the hole is
// brought nearer, as in hopscotch hashing (Herlihy, Shavit, Tzafrir 2008): an entry from one of the
// buckets before it moves into the hole, if that doesn't take it too far from its own home.
template <typename Traits>
template <typename View>
typename Table<Traits>::Ref Table<Traits>::PlaceAway(const View& view, uint64_t home, Word payload,
                                                     uint64_t* distance) {
  uint64_t limit = view.Limit(home);
  uint64_t d = 1;
  uint64_t at = 0;
  Word* hole = nullptr;
  for (; d <= limit && hole == nullptr; ++d) {
    at = view.Add(home, d);
    view.Ensure(at);
    unsigned empty = bucket::MatchCode(view.At(at), 0);
    if (empty != 0) hole = &view.At(at).words[bucket::First(empty)];
  }
  if (hole == nullptr) return {};
  --d;
  *distance = d;
  view.Used(at, 1);
  while (d > kNear) {
    uint64_t back = Hop(view, at, &hole);
    if (back == 0) break;  // it stays far away
    at = view.Sub(at, back);
    d -= back;
  }
  *hole = payload | (word::CodeOf(d) << 1) | (*hole & word::kFlag);
  Bucket& b = view.At(home);
  bucket::SetFlags(b, bucket::WithDisplaced(bucket::Flags(b), d, word::Fingerprint(payload)));
  view.NoteDisplacement(d);
  return {hole, static_cast<uint32_t>(at)};
}

// Moves an entry into the hole at bucket `at` from one before it, as far before as possible.
// Returns how far; 0 if none may move. REQUIRES: the kNear buckets before `at` are not before a
// home's start.
template <typename Traits>
template <typename View>
uint64_t Table<Traits>::Hop(const View& view, uint64_t at, Word** hole) {
  for (uint64_t back = kNear; back > 0; --back) {
    uint64_t from = view.Sub(at, back);
    Bucket& b = view.At(from);
    for (uint64_t old = 0; old + back <= kNear; ++old) {
      unsigned mask = bucket::MatchCode(b, word::CodeOf(old));
      if (mask == 0) continue;
      Word& w = b.words[bucket::First(mask)];
      Bucket& its_home = view.At(view.Sub(from, old));
      **hole = word::Payload(w) | (word::CodeOf(old + back) << 1) | (**hole & word::kFlag);
      bucket::SetFlags(its_home, bucket::WithDisplaced(bucket::Flags(its_home), old + back,
                                                       word::Fingerprint(w)));
      w &= word::kFlag;
      *hole = &w;
      view.NoteDisplacement(old + back);
      return back;
    }
  }
  return 0;
}

// The bucket that the entry in words of `bucket` is homed in.
template <typename Traits>
template <typename View>
uint64_t Table<Traits>::HomeOfWord(const View& view, uint64_t bucket, Word w) const {
  unsigned code = word::Code(w);
  if (code != word::kFarCode) return view.Sub(bucket, code - 1);
  return HomeOf(PositionOfEntry(w));
}

// Calls visit(Ref) for what is homed in `home`, wherever it stands; it may clear the word.
template <typename Traits>
template <typename View, typename Visit>
inline void Table<Traits>::VisitHomed(const View& view, uint64_t home, Visit&& visit) const {
  Bucket& b = view.At(home);
  unsigned reach = bucket::Reach(bucket::Flags(b));
  for (unsigned mask = bucket::MatchCode(b, word::CodeOf(0)); mask != 0; mask &= mask - 1) {
    visit(Ref{&b.words[bucket::First(mask)], static_cast<uint32_t>(home)});
  }
  if (reach == 0) [[likely]]
    return;
  uint64_t limit = reach < bucket::kFarReach ? reach : MaxDisplacement();
  limit = std::min(limit, view.Limit(home));
  for (uint64_t d = 1; d <= limit; ++d) {
    uint64_t i = view.Add(home, d);
    if (!view.Has(i)) continue;
    Bucket& next = view.At(i);
    for (unsigned mask = bucket::MatchCode(next, word::CodeOf(d)); mask != 0; mask &= mask - 1) {
      Word& w = next.words[bucket::First(mask)];
      if (word::CodeOf(d) == word::kFarCode && HomeOfWord(view, i, w) != home) continue;
      visit(Ref{&w, static_cast<uint32_t>(i)});
    }
  }
}

template <typename Traits>
template <typename View>
void Table<Traits>::RecomputeFlags(const View& view, uint64_t home) {
  unsigned flags = 0;
  VisitHomed(view, home, [&](Ref ref) {
    uint64_t d = view.Sub(ref.bucket, home);
    if (d != 0) flags = bucket::WithDisplaced(flags, d, word::Fingerprint(*ref.word));
  });
  bucket::SetFlags(view.At(home), flags);
}

// Fills the hole in `home` with an entry that is homed there and stands elsewhere.
template <typename Traits>
template <typename View>
void Table<Traits>::PullBack(const View& view, uint64_t home, Word* hole) {
  Ref farthest;
  VisitHomed(view, home, [&](Ref ref) {
    if (ref.bucket != home) farthest = ref;
  });
  if (farthest) {
    *hole = word::Payload(*farthest.word) | (word::CodeOf(0) << 1) | (*hole & word::kFlag);
    *farthest.word &= word::kFlag;
    view.Used(farthest.bucket, -1);
    view.Used(home, 1);
  }
  RecomputeFlags(view, home);
}

template <typename Traits>
template <typename View>
inline void Table<Traits>::EraseIn(const View& view, Ref ref, uint64_t position) {
  unsigned code = word::Code(*ref.word);
  *ref.word &= word::kFlag;
  view.Used(ref.bucket, -1);
  if (code == word::CodeOf(0)) [[likely]] {
    if (bucket::Reach(bucket::Flags(view.At(ref.bucket))) != 0) {
      PullBack(view, ref.bucket, ref.word);
    }
    return;
  }
  RecomputeFlags(view, code == word::kFarCode ? HomeOf(position) : view.Sub(ref.bucket, code - 1));
}

template <typename Traits>
typename Table<Traits>::Ref Table<Traits>::Insert(uint64_t hash, Entry* entry, uint8_t tag,
                                                  int64_t& bytes) {
  CHECK(count_ < UINT32_MAX);
  if (count_ == 0 && !large()) salt_ = static_cast<uint16_t>(salt_ * 3 + (hash >> 20) + 1);
  if (large()) {
    Maintain(1, bytes);
  } else if (count_ + 1 > Capacity(buckets_)) {
    Rehash(buckets_ == 0 ? 1 : NextArray(buckets_), bytes);
  }
  uint64_t position = PositionOf(hash);
  for (;;) {
    TableMapping mapping = MappingOf(position);
    Word payload = word::WithFingerprint(word::WithTag(word::WithPointer(0, entry), tag),
                                         mapping.Fingerprint(position));
    uint64_t home = mapping.Home(position);
    uint64_t distance = 0;
    Ref ref = large() ? Place(large_view(&bytes), home, payload, &distance)
                      : Place(small_view(), home, payload, &distance);
    if (ref) [[likely]] {
      ++count_;
      return distance <= kCrowded ? ref : GrowCrowded(ref, hash, bytes);
    }
    // Only a hash function without luck comes here.
    CHECK(large());
    Resegment(*segments(), segments()->total + kSegmentBuckets, bytes);
  }
}

// There was no room near the home of the entry at `ref`: one part of the table is too full.
template <typename Traits>
typename Table<Traits>::Ref Table<Traits>::GrowCrowded(Ref ref, uint64_t hash, int64_t& bytes) {
  uint64_t buckets = large() ? segments()->small.buckets() : buckets_;
  if (uint64_t{count_} * 128 <= buckets * kCrowdedFill) return ref;
  if (large()) {
    segments()->crowded = true;  // growth begins with the next step, and so leaves `ref` alone
    return ref;
  }
  const Entry* entry = ref.entry();
  Rehash(NextArray(buckets_), bytes);
  return Find(hash, [entry](const Entry& other) { return &other == entry; });
}

template <typename Traits>
void Table<Traits>::Erase(Ref ref, uint64_t hash, int64_t& bytes) {
  --count_;
  if (large()) {
    EraseIn(large_view(), ref, PositionOf(hash));
    Maintain(2, bytes);
    return;
  }
  EraseIn(small_view(), ref, PositionOf(hash));
  if (uint64_t{count_} * 128 >= buckets_ * kShrinkFill) return;
  // Looked at now and then only, for it may not be possible.
  if (count_ % (buckets_ / 8 + 1) != 0) return;
  uint64_t smaller = ArrayFor(count_);
  if (smaller < buckets_ && MayShrinkTo(smaller)) Rehash(smaller, bytes);
}

// Whether the entries would still be spread evenly enough over `buckets`: goes through the table in
// order, and sees how many entries pile up that find no room.
template <typename Traits>
bool Table<Traits>::MayShrinkTo(uint64_t buckets) const {
  int64_t pile = 0;
  int64_t most = 0;
  auto add = [&](int64_t used, int64_t room) {
    pile = std::max<int64_t>(0, pile + used - room);
    most = std::max(most, pile);
  };
  constexpr int64_t kUnit = 1024;  // fractions of an entry
  if (large()) {
    const Segments& s = *segments();
    for (uint64_t i = 0; i < s.directory_size; ++i) {
      auto room = static_cast<int64_t>(uint64_t{s.directory[i].count} * kBucketWords * buckets /
                                       s.large.buckets());
      add(s.directory[i].used * kUnit, room * kUnit);
    }
  } else {
    if (buckets_ <= 16) return true;
    auto room = static_cast<int64_t>(kBucketWords * kUnit * buckets / buckets_);
    for (uint64_t i = 0; i < buckets_; ++i) {
      add(std::popcount(bucket::OccupiedMask(small_view().At(i))) * kUnit, room);
    }
  }
  return most <= kMaxPile * kUnit;
}

// --- Rehashing whole ---

// Moves all entries of `source` (as `from` sees them) into `target`, whose buckets are empty. From
// the last bucket to the first: so what overflows finds its neighbour's own entries in place, and
// the fewest homes get a reach.
template <typename Traits>
template <typename From, typename To>
void Table<Traits>::MoveAll(const Table& source, const From& from, Table& target, const To& to,
                            int64_t& bytes) {
  constexpr uint64_t kAhead = 3;
  TableMapping old_mapping = source.MappingOf(0);
  TableMapping new_mapping = target.MappingOf(0);
  bool read = old_mapping.MustRead(new_mapping);
  uint64_t first = 0;
  uint64_t end = 0;
  uint64_t known_home = UINT64_MAX;
  uint64_t total = from.total();
  for (uint64_t i = total; i-- > 0;) {
    if (read) {
      for (uint64_t ahead = i + 1 == total ? 0 : kAhead; ahead <= kAhead && ahead <= i; ++ahead) {
        if (!from.Has(i - ahead)) continue;
        const Bucket& next = from.At(i - ahead);
        for (Word w : next.words) Traits::Prefetch(EntryOf(w));
      }
    }
    if (!from.Has(i)) continue;
    const Bucket& b = from.At(i);
    for (unsigned mask = bucket::OccupiedMask(b); mask != 0; mask &= mask - 1) {
      Word w = b.words[bucket::First(mask)];
      uint64_t old_home = source.HomeOfWord(from, i, w);
      TableMapping::Target place{false, 0, 0};
      if (!read) {
        if (old_home != known_home) {
          known_home = old_home;
          first = old_mapping.StartCell(old_home);
          end = old_mapping.StartCell(old_home + 1);
        }
        place = old_mapping.Translate(first, end, word::Fingerprint(w), new_mapping);
      }
      int64_t bound = kNoBound;
      if (!place.known) {
        uint64_t position = source.PositionOfEntry(w);
        place = {true, new_mapping.Fingerprint(position), new_mapping.Home(position)};
        if (source.has_bounds()) bound = Traits::BoundOf(EntryOf(w));
      } else if (source.has_bounds()) {
        bound = source.BoundAt(old_home);
      }
      Word payload = word::WithFingerprint(word::Payload(w), place.fingerprint);
      uint64_t distance = 0;
      while (!target.Place(to, place.home, payload, &distance)) {
        CHECK(target.large());
        Resegment(*target.segments(), to.total() + kSegmentBuckets, bytes);
      }
      if (bound != kNoBound) target.NoteBound(place.home, bound, bytes);
    }
  }
}

template <typename Traits>
void Table<Traits>::FreeStorage(int64_t& bytes) {
  DropBounds(bytes);
  if (data_ == nullptr) return;
  if (large()) {
    Segments& s = *segments();
    for (uint64_t i = s.directory_size; i-- > 0;) FreeSegment(s, i, bytes);
    s.FreeDirectory(bytes);
    bytes -= static_cast<int64_t>(SizeClass(sizeof(Segments)));
    delete &s;
  } else {
    size_t size = buckets_ * sizeof(Bucket);
    Free(data_, size);
    bytes -= static_cast<int64_t>(SizeClass(size));
  }
  data_ = nullptr;
  buckets_ = 0;
}

// Moves everything into storage for `buckets`: one array, or segments if that is too large for one.
template <typename Traits>
void Table<Traits>::Rehash(uint64_t buckets, int64_t& bytes) {
  Table next;
  if (buckets > kSegmentBuckets) {
    next.data_ = MakeSegments(buckets, bytes);
    next.buckets_ = kLargeMark;
  } else if (buckets > 0) {
    size_t size = buckets * sizeof(Bucket);
    next.data_ = AllocateLines(size);
    std::memset(next.data_, 0, size);
    next.buckets_ = static_cast<uint16_t>(buckets);
    bytes += static_cast<int64_t>(SizeClass(size));
  }
  if (count_ > 0) {
    if (large()) {
      CHECK(!next.large());
      MoveAll(*this, large_view(), next, next.small_view(), bytes);
    } else if (next.large()) {
      MoveAll(*this, small_view(), next, next.large_view(&bytes), bytes);
    } else {
      MoveAll(*this, small_view(), next, next.small_view(), bytes);
    }
  }
  next.count_ = count_;
  next.salt_ = salt_;
  FreeStorage(bytes);
  count_ = 0;
  Swap(next);
}

}  // namespace nuthatch::base
