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
  TableMapping mapping = MappingOf(hash);
  uint64_t home = mapping.Home(hash);
  uint8_t fingerprint = mapping.Fingerprint(hash);
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
    if (word::Occupied(w) && match(*EntryOf(w))) return {&w, static_cast<uint32_t>(home)};
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
      if (match(*EntryOf(w))) return {&w, static_cast<uint32_t>(i)};
    }
  }
  return {};
}

template <typename Traits>
inline void Table<Traits>::PrefetchBucket(uint64_t hash) const {
  if (count_ == 0) return;
  uint64_t home = HomeOf(hash);
  Prefetch(large() ? &large_view().At(home) : &small_view().At(home));
}

template <typename Traits>
inline void Table<Traits>::PrefetchEntry(uint64_t hash) const {
  if (count_ == 0) return;
  TableMapping mapping = MappingOf(hash);
  uint64_t home = mapping.Home(hash);
  const Bucket& b = large() ? large_view().At(home) : small_view().At(home);
  unsigned mask = bucket::MatchFingerprint(b, mapping.Fingerprint(hash));
  if (mask != 0) Traits::Prefetch(EntryOf(b.words[bucket::First(mask)]));
}

// --- Placing and taking out ---

template <typename Traits>
void Table<Traits>::NoteDisplacement(size_t displacement) {
  if (large()) {
    if (displacement > segments()->max_displacement) segments()->max_displacement = displacement;
  } else if (displacement > max_displacement_) {
    max_displacement_ = static_cast<uint16_t>(displacement);
  }
}

// Into the home bucket or the first one behind it with room; an empty Ref if there is none.
template <typename Traits>
template <typename View>
inline typename Table<Traits>::Ref Table<Traits>::Place(const View& view, uint64_t home,
                                                        Word payload) {
  Bucket& b = view.At(home);
  unsigned empty = bucket::MatchCode(b, 0);
  if (empty != 0) [[likely]] {
    Word& w = b.words[bucket::First(empty)];
    w = payload | (word::CodeOf(0) << 1) | (w & word::kFlag);
    return {&w, static_cast<uint32_t>(home)};
  }
  uint64_t limit = view.Limit(home);
  for (uint64_t d = 1; d <= limit; ++d) {
    uint64_t i = view.Add(home, d);
    view.Ensure(i);
    Bucket& next = view.At(i);
    empty = bucket::MatchCode(next, 0);
    if (empty == 0) continue;
    Word& w = next.words[bucket::First(empty)];
    w = payload | (word::CodeOf(d) << 1) | (w & word::kFlag);
    bucket::SetFlags(b, bucket::WithDisplaced(bucket::Flags(b), d, word::Fingerprint(payload)));
    NoteDisplacement(d);
    return {&w, static_cast<uint32_t>(i)};
  }
  return {};
}

// The bucket that the entry in words of `bucket` is homed in.
template <typename Traits>
template <typename View>
uint64_t Table<Traits>::HomeOfWord(const View& view, uint64_t bucket, Word w) const {
  unsigned code = word::Code(w);
  if (code != word::kFarCode) return view.Sub(bucket, code - 1);
  return HomeOf(Traits::HashOf(EntryOf(w)));
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
  Word* farthest = nullptr;
  VisitHomed(view, home, [&](Ref ref) {
    if (ref.bucket != home) farthest = ref.word;
  });
  if (farthest != nullptr) {
    *hole = word::Payload(*farthest) | (word::CodeOf(0) << 1) | (*hole & word::kFlag);
    *farthest &= word::kFlag;
  }
  RecomputeFlags(view, home);
}

template <typename Traits>
template <typename View>
inline void Table<Traits>::EraseIn(const View& view, Ref ref, uint64_t hash) {
  unsigned code = word::Code(*ref.word);
  *ref.word &= word::kFlag;
  if (code == word::CodeOf(0)) [[likely]] {
    if (bucket::Reach(bucket::Flags(view.At(ref.bucket))) != 0) {
      PullBack(view, ref.bucket, ref.word);
    }
    return;
  }
  RecomputeFlags(view, code == word::kFarCode ? HomeOf(hash) : view.Sub(ref.bucket, code - 1));
}

template <typename Traits>
typename Table<Traits>::Ref Table<Traits>::Insert(uint64_t hash, Entry* entry, uint8_t tag,
                                                  int64_t& bytes) {
  CHECK(count_ < UINT32_MAX);
  if (large()) {
    Maintain(1, bytes);
  } else if (count_ + 1 > Capacity(buckets_)) {
    Rehash(buckets_ == 0 ? 1 : NextArray(buckets_), bytes);
  }
  for (;;) {
    TableMapping mapping = MappingOf(hash);
    Word payload = word::WithFingerprint(word::WithTag(word::WithPointer(0, entry), tag),
                                         mapping.Fingerprint(hash));
    uint64_t home = mapping.Home(hash);
    Ref ref =
        large() ? Place(large_view(&bytes), home, payload) : Place(small_view(), home, payload);
    if (ref) [[likely]] {
      ++count_;
      return ref;
    }
    // Only a hash function without luck comes here.
    CHECK(large());
    Resegment(*segments(), segments()->total + kSegmentBuckets, bytes);
  }
}

template <typename Traits>
void Table<Traits>::Erase(Ref ref, uint64_t hash, int64_t& bytes) {
  --count_;
  if (large()) {
    EraseIn(large_view(), ref, hash);
    Maintain(2, bytes);
    return;
  }
  EraseIn(small_view(), ref, hash);
  if (count_ * 128 < buckets_ * kShrinkFill * uint64_t{1}) {
    uint64_t smaller = ArrayFor(count_);
    if (smaller < buckets_) Rehash(smaller, bytes);
  }
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
        uint64_t hash = Traits::HashOf(EntryOf(w));
        place = {true, new_mapping.Fingerprint(hash), new_mapping.Home(hash)};
        if (source.has_bounds()) bound = Traits::BoundOf(EntryOf(w));
      } else if (source.has_bounds()) {
        bound = source.BoundAt(old_home);
      }
      Word payload = word::WithFingerprint(word::Payload(w), place.fingerprint);
      while (!target.Place(to, place.home, payload)) {
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
  max_displacement_ = 0;
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
  FreeStorage(bytes);
  count_ = 0;
  Swap(next);
}

}  // namespace nuthatch::base
