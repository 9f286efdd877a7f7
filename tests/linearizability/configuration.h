// A configuration of the checker's search: which operations are in order already, and the state
// that they lead to; and the set of configurations that were seen.
//
// One owner, one thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "tests/linearizability/checker.h"
#include "tests/linearizability/model.h"

namespace nuthatch::linearizability {

// `done` is how many operations of each connection are in order.
struct Configuration {
  std::array<uint16_t, kMaxConnections> done{};
  State state{};
};

// A set of configurations: open addressing over packed words.
class Seen {
 public:
  Seen(size_t connections, size_t keys)
      : connections_(connections), keys_(keys), width_((connections * 2 + keys * 4 + 7) / 8) {
    slots_.assign(kFirstSlots, 0);
    packed_.resize(width_);
  }

  // False when it was there already.
  bool Insert(const Configuration& configuration) {
    Pack(configuration);
    if ((count_ + 1) * 2 > slots_.size()) Grow();
    size_t at = Hash(packed_.data()) & (slots_.size() - 1);
    while (slots_[at] != 0) {
      if (std::equal(packed_.begin(), packed_.end(), &words_[(slots_[at] - 1) * width_])) {
        return false;
      }
      at = (at + 1) & (slots_.size() - 1);
    }
    words_.insert(words_.end(), packed_.begin(), packed_.end());
    slots_[at] = ++count_;
    return true;
  }

  size_t size() const { return count_; }

 private:
  static constexpr size_t kFirstSlots = 256;

  void Pack(const Configuration& configuration) {
    packed_.back() = 0;
    char* out = reinterpret_cast<char*>(packed_.data());
    std::memcpy(out, configuration.done.data(), connections_ * 2);
    std::memcpy(out + connections_ * 2, configuration.state.data(), keys_ * 4);
  }

  uint64_t Hash(const uint64_t* words) const {
    uint64_t hash = 0x9E3779B97F4A7C15U;
    for (size_t i = 0; i < width_; ++i) {
      hash = (hash ^ words[i]) * 0xBF58476D1CE4E5B9U;
      hash ^= hash >> 29;
    }
    return hash;
  }

  void Grow() {
    slots_.assign(slots_.size() * 4, 0);
    for (uint32_t i = 0; i < count_; ++i) {
      size_t at = Hash(&words_[i * width_]) & (slots_.size() - 1);
      while (slots_[at] != 0) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = i + 1;
    }
  }

  size_t connections_, keys_, width_;
  std::vector<uint64_t> packed_;  // the one just asked for
  std::vector<uint64_t> words_;   // all, width_ words each
  std::vector<uint32_t> slots_;   // 1 + index into words_, or 0
  uint32_t count_ = 0;
};

}  // namespace nuthatch::linearizability
