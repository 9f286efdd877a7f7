// s3fifo-size: S3-FIFO that would rather let one big key go than many small ones.
//
// A byte that a big key takes buys fewer hits. So a key enters its queue the further back from the
// end, the larger it is beside the mean of those that came in of late: by a quarter of the queue's
// length for each doubling, from none for half the mean to three quarters for four times it. And a
// bit in the tag marks what is twice the mean or more: it enters further back again when it gets
// another round in the main queue, for which its size is no longer asked.
//
// The price is the hit ratio by bytes; a cache that is there to save traffic should use s3fifo.
#include <algorithm>
#include <bit>
#include <cmath>
#include <memory>

#include "eviction/s3fifo.h"

namespace nuthatch::eviction {
namespace {

class S3FifoSizePolicy final : public S3FifoPolicy<4> {
 public:
  explicit S3FifoSizePolicy(const Parameters& parameters) : S3FifoPolicy<4>(parameters) {}

  KeyMeta OnInsert(uint64_t hash, uint64_t bytes, int64_t now_ms) override {
    auto size = static_cast<double>(std::max<uint64_t>(bytes, 1));
    mean_ += (std::log2(size) - mean_) / std::min(++inserts_, kMemory);
    return S3FifoPolicy<4>::OnInsert(hash, bytes, now_ms);
  }

  Changed OnUpdate(uint64_t /*hash*/, KeyMeta& meta, uint64_t /*old_bytes*/,
                   uint64_t new_bytes) override {
    uint32_t mark = MarkOf(new_bytes);
    if (MarkOfTag(meta.tag) == mark) return Changed::kNothing;
    meta.tag = static_cast<uint8_t>(meta.tag ^ (kBig << kOwnShift));
    return Changed::kTag;
  }

 private:
  static constexpr uint32_t kBig = 4;      // above the two bits of uses
  static constexpr double kMemory = 4096;  // inserts that the mean looks back
  // Of the eight epochs of a queue's length. No key can enter in front of the end, so the ordinary
  // one enters a little behind it.
  static constexpr int kOrdinaryLag = 2;
  static constexpr int kEpochsADoubling = 2;
  static constexpr int kMostLag = 6;

  double DoublingsOf(uint64_t bytes) const {
    return std::log2(static_cast<double>(std::max<uint64_t>(bytes, 1))) - mean_;
  }
  uint32_t MarkOf(uint64_t bytes) override { return DoublingsOf(bytes) >= 1 ? kBig : 0; }
  int LagOf(uint64_t bytes) override {
    double lag = kOrdinaryLag + DoublingsOf(bytes) * kEpochsADoubling;
    return static_cast<int>(std::lround(std::clamp(lag, 0.0, double{kMostLag})));
  }
  int LagOfMark(uint32_t mark) override { return mark == kBig ? kMostLag : kOrdinaryLag; }

  double mean_ = 0;  // of the sizes' binary logarithms
  double inserts_ = 0;
};

}  // namespace

std::unique_ptr<Policy> MakeS3FifoSize(const Parameters& parameters) {
  return std::make_unique<S3FifoSizePolicy>(parameters);
}

}  // namespace nuthatch::eviction
