// CandidatePool: the best candidates that sampling has met so far, kept from one pick to the next.
//
// Part of one policy instance. Algorithm (Redis 3.0 and later): each pick adds a few random keys,
// and takes the best of all that were seen; so a sample of 5 works like a much larger one. Two
// things differ: a candidate is looked at again before it goes, and one that was used meanwhile
// goes back into the pool with its new rank instead of being evicted; and what is kept is a KeyRef,
// so nothing dangles.
//
// Invariant: entries are sorted by score; the last is the next to go.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "eviction/view.h"

namespace nuthatch::eviction {

class CandidatePool {
 public:
  static constexpr size_t kCapacity = 16;

  struct Entry {
    KeyRef ref;
    uint64_t score = 0;
  };

  bool empty() const { return size_ == 0; }
  const Entry& best() const { return entries_[size_ - 1]; }
  void DropBest() { --size_; }
  void Clear() { size_ = 0; }

  // Takes the key in if there is room, or if it is better than the worst. The higher the score the
  // sooner it goes. A key that is there already gets the new score.
  void Offer(const KeyRef& ref, uint64_t score) {
    for (size_t i = 0; i < size_; ++i) {
      if (entries_[i].ref != ref) continue;
      if (entries_[i].score == score) return;
      std::move(entries_.begin() + i + 1, entries_.begin() + size_, entries_.begin() + i);
      --size_;
      break;
    }
    if (size_ == kCapacity) {
      if (score <= entries_[0].score) return;
      std::move(entries_.begin() + 1, entries_.end(), entries_.begin());
      --size_;
    }
    size_t place = size_;
    for (; place > 0 && entries_[place - 1].score > score; --place) {
      entries_[place] = entries_[place - 1];
    }
    entries_[place] = {ref, score};
    ++size_;
  }

 private:
  std::array<Entry, kCapacity> entries_;
  size_t size_ = 0;
};

}  // namespace nuthatch::eviction
