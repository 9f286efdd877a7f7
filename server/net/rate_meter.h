// RateMeter: how fast a count grows, as INFO's instantaneous_* fields show it: the mean of the last
// 16 samples, in units a second. One thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>

namespace nuthatch::net {

class RateMeter {
 public:
  // `count` is what has been counted up to `now_ns` (monotonic). A count that fell (CONFIG
  // RESETSTAT) begins anew.
  void Sample(uint64_t count, int64_t now_ns) {
    if (last_ns_ != 0 && now_ns > last_ns_) {
      uint64_t grown = count >= last_count_ ? count - last_count_ : 0;
      auto seconds = static_cast<double>(now_ns - last_ns_) / 1e9;
      samples_[next_] = static_cast<double>(grown) / seconds;
      next_ = (next_ + 1) % kSamples;
    }
    last_count_ = count;
    last_ns_ = now_ns;
  }
  double PerSecond() const {
    return std::accumulate(samples_.begin(), samples_.end(), 0.0) / kSamples;
  }

 private:
  static constexpr size_t kSamples = 16;
  std::array<double, kSamples> samples_{};
  size_t next_ = 0;
  uint64_t last_count_ = 0;
  int64_t last_ns_ = 0;
};

}  // namespace nuthatch::net
