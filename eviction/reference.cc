#include "eviction/reference.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace nuthatch::eviction {

namespace {

// Both keep the cached keys in an order of (rank, key), whose first goes. `rank_of` gives the rank
// after a request, from the number of the request and the key with its uses since it came in.
using Rank = std::pair<uint64_t, uint64_t>;

struct Cached {
  Rank rank;
  uint64_t uses = 0;
};

template <typename RankOf>
SimulationResult SimulateRanked(const Trace& trace, uint64_t keys, RankOf rank_of) {
  SimulationResult result;
  std::unordered_map<uint64_t, Cached> cached;
  std::set<std::pair<Rank, uint64_t>> order;
  for (uint64_t i = 0; i < trace.size(); ++i) {
    uint64_t key = trace[i].key;
    uint64_t bytes = std::max(trace[i].size, 1U);
    ++result.requests;
    result.bytes_requested += bytes;
    auto found = cached.find(key);
    if (found != cached.end()) {
      ++result.hits;
      result.bytes_hit += bytes;
      order.erase({found->second.rank, key});
    } else {
      if (cached.size() == keys) {
        cached.erase(order.begin()->second);
        order.erase(order.begin());
        ++result.evictions;
      }
      found = cached.try_emplace(key).first;
    }
    Cached& entry = found->second;
    ++entry.uses;
    entry.rank = rank_of(i, entry);
    order.insert({entry.rank, key});
  }
  return result;
}

}  // namespace

SimulationResult SimulateExactLfu(const Trace& trace, uint64_t keys) {
  return SimulateRanked(trace, keys, [](uint64_t i, const Cached& entry) {
    return Rank{entry.uses, i};
  });
}

SimulationResult SimulateBelady(const Trace& trace, uint64_t keys) {
  std::vector<uint64_t> next_use(trace.size());
  std::unordered_map<uint64_t, uint64_t> later;
  for (uint64_t i = trace.size(); i-- > 0;) {
    auto [place, is_last] = later.try_emplace(trace[i].key, i);
    next_use[i] = is_last ? trace.size() : place->second;
    place->second = i;
  }
  return SimulateRanked(trace, keys, [&](uint64_t i, const Cached&) {
    return Rank{trace.size() - next_use[i], 0};
  });
}

}  // namespace nuthatch::eviction
