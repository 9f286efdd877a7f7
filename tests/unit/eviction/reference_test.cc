// The exact reference forms against models that are as plain as the papers' own words: vectors, and
// a search for everything.
#include "eviction/reference.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>

#include <gtest/gtest.h>

#include "server/base/random.h"

namespace nuthatch::eviction {
namespace {

using Keys = std::deque<uint64_t>;  // the newest in front

bool Has(const Keys& keys, uint64_t key) { return std::ranges::find(keys, key) != keys.end(); }
bool Drop(Keys& keys, uint64_t key) { return std::erase(keys, key) > 0; }
void Trim(Keys& keys, size_t most) {
  while (keys.size() > most) keys.pop_back();
}

// Skewed popularity, a scan now and then, and a change of what is popular.
Trace RandomTrace(uint64_t seed) {
  base::Random random(seed);
  Trace trace;
  for (uint32_t i = 0; i < 6000; ++i) {
    uint64_t key = random.Below(1 + random.Below(1 + random.Below(200)));
    if (i % 1000 > 900) key = 1000 + i;
    if (i > 3000) key += 50;
    trace.push_back({.key = key, .size = 10 + static_cast<uint32_t>(key % 7), .time_s = 0});
  }
  return trace;
}

template <typename Model>
void ExpectAsModel(SimulationResult (*simulate)(const Trace&, uint64_t)) {
  for (uint64_t seed : {1U, 2U, 3U}) {
    Trace trace = RandomTrace(seed);
    for (uint64_t keys : {1U, 2U, 5U, 10U, 40U, 100U, 1000U}) {
      Model model{.capacity = keys};
      uint64_t hits = 0;
      uint64_t bytes_hit = 0;
      for (const TraceRecord& record : trace) {
        if (!model.Access(record.key)) continue;
        ++hits;
        bytes_hit += record.size;
      }
      SimulationResult result = simulate(trace, keys);
      EXPECT_EQ(result.requests, trace.size());
      EXPECT_EQ(result.hits, hits) << keys << " keys, seed " << seed;
      EXPECT_EQ(result.bytes_hit, bytes_hit);
    }
  }
}

struct FifoModel {
  uint64_t capacity;
  Keys keys = {};
  bool Access(uint64_t key) {
    if (Has(keys, key)) return true;
    keys.push_front(key);
    Trim(keys, capacity);
    return false;
  }
};

struct LruModel {
  uint64_t capacity;
  Keys keys = {};
  bool Access(uint64_t key) {
    bool hit = Drop(keys, key);
    keys.push_front(key);
    Trim(keys, capacity);
    return hit;
  }
};

struct S3FifoModel {
  uint64_t capacity;
  Keys small = {}, main = {}, ghosts = {};
  std::map<uint64_t, int> uses = {};

  bool Access(uint64_t key) {
    if (Has(small, key) || Has(main, key)) {
      uses[key] = std::min(uses[key] + 1, 3);
      return true;
    }
    bool ghost = Drop(ghosts, key);
    while (small.size() + main.size() == capacity) MakeRoom();
    (ghost ? main : small).push_front(key);
    uses[key] = 0;
    return false;
  }
  void MakeRoom() {
    bool from_small = main.empty() || small.size() >= std::max<uint64_t>(1, capacity / 10);
    Keys& queue = from_small ? small : main;
    uint64_t key = queue.back();
    queue.pop_back();
    if (from_small && uses[key] >= 2) {
      uses[key] = 0;
      main.push_front(key);
    } else if (from_small) {
      ghosts.push_front(key);
      Trim(ghosts, capacity * 9 / 10);
    } else if (uses[key] > 0) {
      --uses[key];
      main.push_front(key);
    }
  }
};

struct SieveModel {
  uint64_t capacity;
  Keys keys = {};
  std::map<uint64_t, bool> visited = {};
  std::optional<uint64_t> hand = {};  // the key that it stands at

  bool Access(uint64_t key) {
    if (Has(keys, key)) {
      visited[key] = true;
      return true;
    }
    if (keys.size() == capacity) Evict();
    keys.push_front(key);
    visited[key] = false;
    return false;
  }
  void Evict() {
    size_t at = keys.size() - 1;
    if (hand) at = static_cast<size_t>(std::ranges::find(keys, *hand) - keys.begin());
    while (visited[keys[at]]) {
      visited[keys[at]] = false;
      at = at == 0 ? keys.size() - 1 : at - 1;
    }
    hand.reset();
    if (at > 0) hand = keys[at - 1];
    keys.erase(keys.begin() + static_cast<std::ptrdiff_t>(at));
  }
};

struct TwoQModel {
  uint64_t capacity;
  Keys in = {}, out = {}, main = {};
  bool Access(uint64_t key) {
    if (Drop(main, key)) {
      main.push_front(key);
      return true;
    }
    if (Has(in, key)) return true;
    bool known = Drop(out, key);
    if (in.size() + main.size() == capacity) {
      if (in.size() > std::max<uint64_t>(1, capacity / 4) || main.empty()) {
        out.push_front(in.back());
        in.pop_back();
        Trim(out, capacity / 2);
      } else {
        main.pop_back();
      }
    }
    (known ? main : in).push_front(key);
    return false;
  }
};

// Figure 4 of the paper, case by case; c is the capacity, p the target size of T1.
struct ArcModel {
  uint64_t capacity;
  double p = 0;
  Keys t1 = {}, t2 = {}, b1 = {}, b2 = {};

  bool Access(uint64_t key) {
    auto c = static_cast<double>(capacity);
    auto sizes = [](const Keys& a, const Keys& b) {
      return std::max(1.0, static_cast<double>(a.size()) / static_cast<double>(b.size()));
    };
    if (Drop(t1, key) || Drop(t2, key)) {  // case I
      t2.push_front(key);
      return true;
    }
    if (Has(b1, key)) {  // case II
      p = std::min(c, p + sizes(b2, b1));
      Replace(false);
      Drop(b1, key);
      t2.push_front(key);
      return false;
    }
    if (Has(b2, key)) {  // case III
      p = std::max(0.0, p - sizes(b1, b2));
      Replace(true);
      Drop(b2, key);
      t2.push_front(key);
      return false;
    }
    size_t l1 = t1.size() + b1.size();  // case IV
    size_t all = l1 + t2.size() + b2.size();
    if (l1 == capacity) {
      if (t1.size() < capacity) {
        b1.pop_back();
        Replace(false);
      } else {
        t1.pop_back();
      }
    } else if (all >= capacity) {
      if (all == 2 * capacity) b2.pop_back();
      Replace(false);
    }
    t1.push_front(key);
    return false;
  }
  void Replace(bool in_b2) {
    if (t1.size() + t2.size() < capacity) return;  // there is room
    auto size = static_cast<double>(t1.size());
    bool from_t1 = !t1.empty() && (size > p || (in_b2 && size == p) || t2.empty());
    Keys& from = from_t1 ? t1 : t2;
    (from_t1 ? b1 : b2).push_front(from.back());
    from.pop_back();
  }
};

TEST(Reference, FifoIsAsItsModel) { ExpectAsModel<FifoModel>(SimulateExactFifo); }
TEST(Reference, LruIsAsItsModel) { ExpectAsModel<LruModel>(SimulateExactLru); }
TEST(Reference, S3FifoIsAsItsModel) {
  ExpectAsModel<S3FifoModel>(
      [](const Trace& trace, uint64_t keys) { return SimulateExactS3Fifo(trace, keys); });
}
TEST(Reference, SieveIsAsItsModel) { ExpectAsModel<SieveModel>(SimulateExactSieve); }
TEST(Reference, TwoQIsAsItsModel) { ExpectAsModel<TwoQModel>(SimulateExactTwoQ); }
TEST(Reference, ArcIsAsItsModel) { ExpectAsModel<ArcModel>(SimulateExactArc); }

TEST(Reference, NobodyBeatsBelady) {
  Trace trace = RandomTrace(4);
  for (uint64_t keys : {5U, 20U, 60U}) {
    uint64_t best = SimulateBelady(trace, keys).hits;
    for (auto simulate : {SimulateExactFifo, SimulateExactLru, SimulateExactLfu, SimulateExactSieve,
                          SimulateExactTwoQ, SimulateExactArc}) {
      EXPECT_LE(simulate(trace, keys).hits, best);
    }
    EXPECT_LE(SimulateExactS3Fifo(trace, keys).hits, best);
  }
}

TEST(Reference, SparesAKeyOfTheMainQueueAScan) {
  // Key 1 is used three times in the small queue; then a hundred keys come by once.
  Trace trace;
  auto request = [&](uint64_t key) { trace.push_back({.key = key, .size = 1, .time_s = 0}); };
  for (int i = 0; i < 4; ++i) request(1);
  for (uint64_t key = 100; key < 200; ++key) request(key);
  request(1);
  EXPECT_EQ(SimulateExactS3Fifo(trace, 20).hits, 4);
  EXPECT_EQ(SimulateExactLru(trace, 20).hits, 3);
}

}  // namespace
}  // namespace nuthatch::eviction
