// ShadowCaches: exact S3-FIFO caches in miniature, one for each of a few parameter sets, which see
// a sample of the requests and say which set does best.
//
// Part of one policy instance. A sample by hash (all requests of one key in 2^k, Waldspurger et
// al., FAST 2015, ATC 2017) sent through a cache of 2^-k of the size has about the hit ratio of the
// whole; and as all shadows see the same sample, their differences are surer than their values.
// Shadows hold about kMostKeys keys each, so their memory is bounded whatever the cache's size.
//
// All shadows share one index: a record is a key that at least one of them holds or remembers,
// with a byte of state for each shadow. So a request is one look-up, and a hit in all shadows a few
// instructions. The queues are rings of record numbers.
//
// Invariants
// 1. A record is in use if one of its states is not kAbsent.
// 2. A ring of ghosts may hold numbers whose key has come back or gone meanwhile: the print beside
//    the number tells. It never holds more than its capacity.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace nuthatch::eviction {

class ShadowCaches {
 public:
  struct Shape {
    double small_share;
    uint32_t promote_at;
  };
  static constexpr size_t kShadows = 7;
  // No smaller share than a tenth: what the hand of tag_policy.h meets too seldom it can't keep in
  // order.
  static constexpr std::array<Shape, kShadows> kShapes = {
      {{0.10, 1}, {0.20, 1}, {0.40, 1}, {0.70, 1}, {0.10, 2}, {0.20, 2}, {0.40, 2}}};
  static constexpr size_t kDefault = 4;
  static constexpr uint64_t kMostKeys = 256;

  // The cache that is to be tuned holds so many keys. Starts anew if the sample must be a different
  // one; the choice stays. Cheap if little has changed.
  void SetKeys(uint64_t keys);
  // Whether requests of this key belong to the sample.
  bool Samples(uint64_t hash) const { return (hash & mask_) == wanted_; }
  // A request of the sample. Returns whether the choice has changed.
  bool OnRequest(uint64_t hash);

  size_t choice() const { return choice_; }
  const Shape& shape() const { return kShapes[choice_]; }
  // In percent, over the requests of late.
  double hit_ratio(size_t shadow) const;
  size_t bytes() const;

 private:
  // A byte of state: where the key is, and how often it was used there.
  static constexpr uint8_t kAbsent = 0;
  static constexpr uint8_t kGhost = 1;
  static constexpr uint8_t kSmall = 2;
  static constexpr uint8_t kMain = 3;
  static constexpr uint8_t kPlace = 3;
  static constexpr uint8_t kOneUse = 4;
  static constexpr uint8_t kMostUses = 3 * kOneUse;

  static constexpr uint16_t kNobody = UINT16_MAX;
  static constexpr uint64_t kRoom = kMostKeys * 5 / 4;  // keys of a shadow, before it starts anew
  static constexpr size_t kRecords = 5 * kMostKeys;

  struct Record {
    uint32_t print = 0;
    uint16_t next = kNobody;  // of the same chain, or of the free ones
    std::array<uint8_t, kShadows> state = {};
  };

  struct Item {
    uint16_t record;
    uint16_t print;
  };
  // First in, first out.
  struct Ring {
    std::vector<Item> items;
    size_t first = 0;
    size_t size = 0;
    void Push(Item item) { items[(first + size++) % items.size()] = item; }
    Item Pop() {
      Item item = items[first];
      first = first + 1 == items.size() ? 0 : first + 1;
      --size;
      return item;
    }
  };
  struct Shadow {
    Ring small, main, ghosts;
    uint64_t hits = 0;
  };

  void Start();
  uint16_t& ChainOf(uint32_t print) { return chains_[print % chains_.size()]; }
  uint16_t FindOrAdd(uint32_t print);
  void Release(uint16_t number);
  void SetState(size_t shadow, uint16_t number, uint8_t state);
  void Admit(size_t shadow, uint16_t number);
  void MakeRoom(size_t shadow);
  void Remember(size_t shadow, Item item);
  bool Judge();

  int bits_ = 0;  // one key in 2^bits_ belongs to the sample
  uint64_t mask_ = 0;
  uint64_t wanted_ = 1;  // nothing, until there are keys
  uint64_t keys_ = 0;    // of a shadow
  std::vector<Record> records_;
  std::vector<uint16_t> chains_;
  uint16_t free_ = kNobody;
  std::array<Shadow, kShadows> shadows_;
  uint64_t requests_ = 0;
  uint64_t since_judged_ = 0;
  uint64_t warm_up_ = 0;  // requests that don't count yet
  size_t choice_ = kDefault;
};

}  // namespace nuthatch::eviction
