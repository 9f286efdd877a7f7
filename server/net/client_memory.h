// ClientMemory: what the connections of all shards take, for maxmemory-clients.
//
// Each shard keeps its own connections' figures, adds their changes to the sum, and shows the size
// of its largest one that may be evicted. Over the limit, the shard that has the largest of all
// evicts it; the others leave it to that one, which looks ten times a second. So the largest
// connections go first, as far as what is shown is fresh. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>

#include "server/config/config.h"

namespace nuthatch::net {

class ClientMemory {
 public:
  explicit ClientMemory(size_t shards) : largest_(shards) {}

  // Bytes; 0: no limit.
  static int64_t Limit(const config::Config& config) {
    int64_t setting = config.maxmemory_clients;
    if (setting >= 0) return setting;
    // A percentage of maxmemory.
    return static_cast<int64_t>(static_cast<double>(config.maxmemory) *
                                static_cast<double>(-setting) / 100);
  }

  // After RaiseLargest(): who sees the sum sees also whose connection made it.
  void Add(int64_t bytes) { total_.fetch_add(bytes, std::memory_order_acq_rel); }
  int64_t total() const { return total_.load(std::memory_order_acquire); }

  void ShowLargest(size_t shard, int64_t bytes) {
    largest_[shard].store(bytes, std::memory_order_relaxed);
  }
  void RaiseLargest(size_t shard, int64_t bytes) {
    if (bytes > largest_[shard].load(std::memory_order_relaxed)) ShowLargest(shard, bytes);
  }
  bool OthersHaveLarger(size_t shard, int64_t bytes) const {
    for (size_t i = 0; i < largest_.size(); ++i) {
      if (i != shard && largest_[i].load(std::memory_order_relaxed) > bytes) return true;
    }
    return false;
  }

 private:
  std::atomic<int64_t> total_{0};
  std::deque<std::atomic<int64_t>> largest_;
};

}  // namespace nuthatch::net
