// TagQueue: a first-in, first-out queue without links, of keys that carry their time of entry in a
// few bits of their tags.
//
// Part of one policy instance. Time is counted in entries: an epoch is a sixteenth of the queue's
// length, and a key's tag says in which epoch it came in, modulo kEpochs. A hand goes round over
// all keys, bucket by bucket, and asks of each key that it passes: is it old enough to go? That is
// what the threshold says; it follows the demand. When a victim was found at once the threshold
// rises, when the hand had to go far it falls. So the keys that leave are the oldest, give or take
// the time that the hand needs for one round: with a tenth of the keys in the queue and two or
// three buckets a victim, the age at which they leave lies within a third of its mean.
//
// Ages are in parts of 2^-16 epochs.
#pragma once

#include <algorithm>
#include <cstdint>

namespace nuthatch::eviction {

template <int kBits>
class TagQueue {
 public:
  static constexpr uint32_t kEpochs = 1U << kBits;
  static constexpr uint32_t kEpochMask = kEpochs - 1;
  // Epochs in a queue's length. What is twice as old can't be told from what is new.
  static constexpr uint32_t kEpochsALength = kEpochs / 2;
  static constexpr uint32_t kOne = 1U << 16;

  // How many keys the queue holds, about.
  void SetLength(uint64_t keys) {
    length_ = std::max<uint64_t>(keys, 1);
    epoch_length_ = std::max<uint64_t>(1, length_ / kEpochsALength);
    NoteProgress();
  }
  // A key comes in: the epoch for its tag.
  uint8_t Enter() {
    auto epoch = static_cast<uint8_t>(epoch_ & kEpochMask);
    if (++entered_ >= epoch_length_) {
      entered_ = 0;
      ++epoch_;
    }
    NoteProgress();
    return epoch;
  }
  // REQUIRES: epoch < kEpochs.
  uint32_t Age(uint32_t epoch) const { return ((epoch_ - epoch) & kEpochMask) * kOne + progress_; }
  // An epoch for a key that is about to be taken for a new one: as old as can be told.
  uint8_t OldestEpoch() const {
    return static_cast<uint8_t>((epoch_ - kEpochMask + 3) & kEpochMask);
  }
  static constexpr uint32_t kOldest = (kEpochs - 2) * kOne;

  uint32_t threshold() const { return threshold_; }
  // A victim was found after `buckets` buckets, of `wanted` that may be looked at; more than that:
  // none was.
  void Adapt(int buckets, int wanted) {
    // A whole length within half as many victims as the queue is long.
    auto gain = static_cast<int64_t>(kEpochsALength * kOne * 2 / length_);
    gain = std::clamp<int64_t>(gain, 1, kOne);
    int64_t threshold = threshold_ + gain * (wanted - buckets);
    threshold_ = static_cast<uint32_t>(std::clamp<int64_t>(threshold, 0, kHighest));
  }

 private:
  void NoteProgress() {
    progress_ = static_cast<uint32_t>(std::min<uint64_t>(entered_ * kOne / epoch_length_, kOne));
  }

  static constexpr int64_t kHighest = int64_t{kEpochs * 3 / 4} * kOne;

  uint64_t length_ = 1;
  uint64_t epoch_length_ = 1;
  uint64_t entered_ = 0;   // in this epoch
  uint32_t progress_ = 0;  // the part of the epoch that is over
  uint32_t epoch_ = 0;
  uint32_t threshold_ = kEpochsALength / 2 * kOne;
};

}  // namespace nuthatch::eviction
