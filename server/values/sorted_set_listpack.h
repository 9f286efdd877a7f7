// A small sorted set: a listpack of member, score, member, score, ... in the order of sorted sets
// (see sorted_set_element.h), as Redis 7.0 writes it.
//
// A view, and functions that change the bytes in whatever store holds them (byte_store.h). Pairs
// are named by the offset of their member; a change moves those behind it. Everything is O(n):
// whoever holds the set makes it a SortedSet before n gets large. Any thread.
//
// A score is an integer of the listpack if it is whole and at most 2^62 away from 0 (so -0 becomes
// 0), else its text of 17 digits.
//
// Bytes that came from elsewhere may be out of order, or have scores that are no numbers: those
// count as what strtod() reads, and NaN as 0. Everything works with such bytes; what is found in
// them is then what Redis finds, walking from the same end.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>

#include "server/base/numbers.h"
#include "server/values/byte_store.h"
#include "server/values/listpack.h"
#include "server/values/listpack_edit.h"
#include "server/values/sorted_set.h"
#include "server/values/sorted_set_range.h"

namespace nuthatch::values {

class SortedSetListpack {
 public:
  // REQUIRES: a valid listpack with an even number of elements.
  explicit SortedSetListpack(std::string_view bytes) : pack_(bytes) {}

  const Listpack& pack() const { return pack_; }
  size_t size() const { return pack_.Count() / 2; }

  // --- Walking, a pair at a time; see Listpack ---
  size_t First() const { return pack_.First(); }
  size_t End() const { return pack_.End(); }
  size_t Next(size_t at) const { return pack_.Next(pack_.Next(at)); }
  size_t Previous(size_t at) const { return pack_.Previous(pack_.Previous(at)); }
  // The pair of a rank; End() if there is none. Walks from the nearer end.
  size_t At(size_t rank) const { return pack_.Seek(static_cast<int64_t>(2 * rank)); }
  // REQUIRES of all below: `at` is a pair's.
  Element MemberAt(size_t at) const { return pack_.At(at); }
  double ScoreAt(size_t at) const { return ScoreOf(pack_.At(pack_.Next(at))); }
  size_t RankAt(size_t at) const;

  // The pair of a member; End() if there is none.
  size_t Find(std::string_view member) const { return pack_.Find(member, First(), 1); }

  // --- Ranges ---
  RankRange Within(const ScoreRange& range) const;
  // The members from the first one inside of `range` on, without the first `skip` of these, as far
  // as they are not beyond its end. (If not all scores are the same, that is not all of the range.)
  RankRange Within(const LexRange& range, size_t skip = 0) const;
  // The same from the last member inside on, backwards.
  RankRange WithinBackward(const LexRange& range, size_t skip = 0) const;

  // Where the pair of a new member would stand.
  size_t PlaceFor(std::string_view member, double score) const;
  // Where the pair at `at` would stand with another score: before the pair whose offset it is, its
  // own or the one behind it included.
  size_t PlaceToMove(size_t at, double score) const;

  static double ScoreOf(const Element& element) {
    return element.is_integer ? static_cast<double>(element.integer) : ReadScore(element.text);
  }

 private:
  static double ReadScore(std::string_view text);
  // The first pair in [from, to) that stands behind a member with a score; `to` if none does.
  size_t FirstBehind(std::string_view member, double score, size_t from, size_t to) const;
  template <typename AtLeastMin, typename AtMostMax>
  RankRange Forward(size_t skip, AtLeastMin&& at_least_min, AtMostMax&& at_most_max) const;
  // Whether the ends of the set rule out that there is a member inside.
  bool IsOutside(const LexRange& range) const;

  Listpack pack_;
};

// The element that a score becomes; its text is kept in `room`.
listpack::Item ScoreItem(double score, char (&room)[base::kMaxDoubleChars]);

namespace sorted_set_listpack {

template <ByteStore Store>
SortedSetListpack ViewOf(Store& store) {
  return SortedSetListpack({store.data(), store.size()});
}

// REQUIRES: the member isn't there; `member` is no view of the store; score isn't NaN.
template <ByteStore Store>
void Insert(Store& store, std::string_view member, double score) {
  char room[base::kMaxDoubleChars];
  const listpack::Item items[] = {listpack::Item(member), ScoreItem(score, room)};
  listpack::Insert(store, ViewOf(store).PlaceFor(member, score), items);
}
// The same for one that goes behind all others.
template <ByteStore Store>
void Append(Store& store, std::string_view member, double score) {
  char room[base::kMaxDoubleChars];
  const listpack::Item items[] = {listpack::Item(member), ScoreItem(score, room)};
  listpack::Append(store, items);
}

// Gives the pair at `at` another score, and its place.
template <ByteStore Store>
void SetScore(Store& store, size_t at, double score) {
  SortedSetListpack view = ViewOf(store);
  size_t end = view.Next(at);
  size_t to = view.PlaceToMove(at, score);
  char* data = store.data();
  if (to > end) {
    std::rotate(data + at, data + end, data + to);
    at = to - (end - at);
  } else if (to < at) {
    std::rotate(data + to, data + at, data + end);
    at = to;
  }
  char room[base::kMaxDoubleChars];
  listpack::Replace(store, view.pack().Next(at), ScoreItem(score, room));
}

template <ByteStore Store>
void Remove(Store& store, size_t at) {
  listpack::Delete(store, at, 2);
}

// REQUIRES: ranks.end <= size.
template <ByteStore Store>
void RemoveRanks(Store& store, RankRange ranks) {
  if (ranks.size() > 0) listpack::Delete(store, ViewOf(store).At(ranks.begin), 2 * ranks.size());
}

}  // namespace sorted_set_listpack

// The other form of the same set.
std::unique_ptr<SortedSet> MakeSortedSet(const SortedSetListpack& small);
HeapBytes MakeSortedSetListpack(const SortedSet& set);

}  // namespace nuthatch::values
