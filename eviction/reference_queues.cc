// The exact forms that keep queues: FIFO, LRU, and S3-FIFO, SIEVE, 2Q and ARC after their papers.
#include <algorithm>
#include <list>
#include <unordered_map>

#include "eviction/reference.h"

namespace nuthatch::eviction {

namespace {

// A queue of keys that can also be left from the middle. The front is the newest.
class Queue {
 public:
  using Place = std::list<uint64_t>::iterator;

  size_t size() const { return keys_.size(); }
  bool empty() const { return keys_.empty(); }
  bool Contains(uint64_t key) const { return places_.contains(key); }
  uint64_t oldest() const { return keys_.back(); }
  void Push(uint64_t key) {
    keys_.push_front(key);
    places_[key] = keys_.begin();
  }
  uint64_t Pop() {
    uint64_t key = keys_.back();
    keys_.pop_back();
    places_.erase(key);
    return key;
  }
  bool Remove(uint64_t key) {
    auto found = places_.find(key);
    if (found == places_.end()) return false;
    keys_.erase(found->second);
    places_.erase(found);
    return true;
  }
  void MoveToFront(uint64_t key) { keys_.splice(keys_.begin(), keys_, places_.at(key)); }

 private:
  std::list<uint64_t> keys_;
  std::unordered_map<uint64_t, Place> places_;
};

// Runs the trace through `cache`, whose Access(key) says whether the key was there and lets it in
// if it was not.
template <typename Cache>
SimulationResult Run(const Trace& trace, Cache& cache) {
  SimulationResult result;
  for (const TraceRecord& record : trace) {
    uint64_t bytes = std::max(record.size, 1U);
    ++result.requests;
    result.bytes_requested += bytes;
    if (!cache.Access(record.key)) continue;
    ++result.hits;
    result.bytes_hit += bytes;
  }
  result.evictions = cache.evictions;
  return result;
}

struct FifoOrLru {
  bool Access(uint64_t key) {
    if (queue.Contains(key)) {
      if (is_lru) queue.MoveToFront(key);
      return true;
    }
    if (queue.size() == capacity) {
      queue.Pop();
      ++evictions;
    }
    queue.Push(key);
    return false;
  }

  uint64_t capacity;
  bool is_lru;
  Queue queue = {};
  uint64_t evictions = 0;
};

struct S3Fifo {
  S3Fifo(uint64_t keys, const S3FifoShape& shape)
      : capacity(keys),
        small_size(std::max<uint64_t>(
            1, static_cast<uint64_t>(static_cast<double>(keys) * shape.small_share))),
        ghost_size(static_cast<uint64_t>(static_cast<double>(keys) * shape.ghost_share)),
        promote_at(shape.promote_at) {}

  bool Access(uint64_t key) {
    auto found = frequency.find(key);
    if (found != frequency.end()) {
      found->second = std::min(found->second + 1, 3U);
      return true;
    }
    bool was_ghost = ghosts.Remove(key);
    while (small.size() + main.size() >= capacity) Evict();
    (was_ghost ? main : small).Push(key);
    frequency[key] = 0;
    return false;
  }

  void Evict() {
    if (small.size() >= small_size || main.empty()) {
      EvictFromSmall();
    } else {
      EvictFromMain();
    }
  }

  void EvictFromSmall() {
    uint64_t key = small.Pop();
    if (frequency[key] >= promote_at) {
      frequency[key] = 0;
      main.Push(key);
      return;
    }
    frequency.erase(key);
    ++evictions;
    if (ghost_size == 0) return;
    if (ghosts.size() == ghost_size) ghosts.Pop();
    ghosts.Push(key);
  }

  void EvictFromMain() {
    for (;;) {
      uint64_t key = main.Pop();
      uint32_t& uses = frequency[key];
      if (uses == 0) {
        frequency.erase(key);
        ++evictions;
        return;
      }
      --uses;
      main.Push(key);
    }
  }

  uint64_t capacity, small_size, ghost_size;
  uint32_t promote_at;
  Queue small, main, ghosts;
  std::unordered_map<uint64_t, uint32_t> frequency;
  uint64_t evictions = 0;
};

struct Sieve {
  explicit Sieve(uint64_t keys) : capacity(keys), hand(order.end()) {}

  bool Access(uint64_t key) {
    auto found = places.find(key);
    if (found != places.end()) {
      found->second->visited = true;
      return true;
    }
    if (places.size() == capacity) Evict();
    order.push_front({key, false});
    places[key] = order.begin();
    return false;
  }

  // The hand goes from the oldest to the newest, and begins again at the oldest.
  void Evict() {
    if (hand == order.end()) hand = std::prev(order.end());
    while (hand->visited) {
      hand->visited = false;
      hand = hand == order.begin() ? std::prev(order.end()) : std::prev(hand);
    }
    auto victim = hand;
    hand = victim == order.begin() ? order.end() : std::prev(victim);
    places.erase(victim->key);
    order.erase(victim);
    ++evictions;
  }

  struct Cached {
    uint64_t key;
    bool visited;
  };
  uint64_t capacity;
  std::list<Cached> order;
  std::list<Cached>::iterator hand;
  std::unordered_map<uint64_t, std::list<Cached>::iterator> places;
  uint64_t evictions = 0;
};

struct TwoQ {
  explicit TwoQ(uint64_t keys)
      : capacity(keys), in_size(std::max<uint64_t>(1, keys / 4)), out_size(keys / 2) {}

  bool Access(uint64_t key) {
    if (main.Contains(key)) {
      main.MoveToFront(key);
      return true;
    }
    if (in.Contains(key)) return true;
    bool remembered = out.Remove(key);
    if (in.size() + main.size() == capacity) Evict();
    (remembered ? main : in).Push(key);
    return false;
  }

  void Evict() {
    ++evictions;
    if (in.size() <= in_size && !main.empty()) {
      main.Pop();
      return;
    }
    uint64_t key = in.Pop();
    if (out_size == 0) return;
    if (out.size() == out_size) out.Pop();
    out.Push(key);
  }

  uint64_t capacity, in_size, out_size;
  Queue in, out, main;
  uint64_t evictions = 0;
};

struct Arc {
  explicit Arc(uint64_t keys) : capacity(keys) {}

  bool Access(uint64_t key) {
    if (frequent.Contains(key)) {
      frequent.MoveToFront(key);
      return true;
    }
    if (recent.Remove(key)) {
      frequent.Push(key);
      return true;
    }
    if (recent_ghosts.Contains(key)) {
      double step = std::max(1.0, Ratio(frequent_ghosts, recent_ghosts));
      target = std::min(static_cast<double>(capacity), target + step);
      Replace(false);
      recent_ghosts.Remove(key);
      frequent.Push(key);
      return false;
    }
    if (frequent_ghosts.Contains(key)) {
      double step = std::max(1.0, Ratio(recent_ghosts, frequent_ghosts));
      target = std::max(0.0, target - step);
      Replace(true);
      frequent_ghosts.Remove(key);
      frequent.Push(key);
      return false;
    }
    MakeRoomForNew();
    recent.Push(key);
    return false;
  }

  static double Ratio(const Queue& a, const Queue& b) {
    return static_cast<double>(a.size()) / static_cast<double>(b.size());
  }

  void MakeRoomForNew() {
    if (recent.size() + recent_ghosts.size() >= capacity) {
      if (recent.size() < capacity) {
        recent_ghosts.Pop();
        Replace(false);
      } else {
        recent.Pop();
        ++evictions;
      }
      return;
    }
    uint64_t all = recent.size() + recent_ghosts.size() + frequent.size() + frequent_ghosts.size();
    if (all < capacity) return;
    if (all >= 2 * capacity) frequent_ghosts.Pop();
    Replace(false);
  }

  void Replace(bool hit_frequent_ghost) {
    if (recent.size() + frequent.size() < capacity) return;
    ++evictions;
    auto recents = static_cast<double>(recent.size());
    if (!recent.empty() &&
        (recents > target || (hit_frequent_ghost && recents == target) || frequent.empty())) {
      recent_ghosts.Push(recent.Pop());
    } else {
      frequent_ghosts.Push(frequent.Pop());
    }
  }

  uint64_t capacity;
  double target = 0;
  Queue recent, frequent, recent_ghosts, frequent_ghosts;
  uint64_t evictions = 0;
};

}  // namespace

SimulationResult SimulateExactFifo(const Trace& trace, uint64_t keys) {
  FifoOrLru cache{.capacity = keys, .is_lru = false};
  return Run(trace, cache);
}

SimulationResult SimulateExactLru(const Trace& trace, uint64_t keys) {
  FifoOrLru cache{.capacity = keys, .is_lru = true};
  return Run(trace, cache);
}

SimulationResult SimulateExactS3Fifo(const Trace& trace, uint64_t keys, const S3FifoShape& shape) {
  S3Fifo cache(keys, shape);
  return Run(trace, cache);
}

SimulationResult SimulateExactSieve(const Trace& trace, uint64_t keys) {
  Sieve cache(keys);
  return Run(trace, cache);
}

SimulationResult SimulateExactTwoQ(const Trace& trace, uint64_t keys) {
  TwoQ cache(keys);
  return Run(trace, cache);
}

SimulationResult SimulateExactArc(const Trace& trace, uint64_t keys) {
  Arc cache(keys);
  return Run(trace, cache);
}

}  // namespace nuthatch::eviction
