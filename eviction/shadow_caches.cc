#include "eviction/shadow_caches.h"

#include <algorithm>

namespace nuthatch::eviction {

namespace {

// Of the hash, bits that neither the ghosts' fingerprints nor the place in the table use up.
uint64_t MaskOf(int bits) { return ((uint64_t{1} << bits) - 1) << 20; }
uint32_t PrintOf(uint64_t hash) { return static_cast<uint32_t>(hash ^ (hash >> 32)); }

// Requests, in sizes of a shadow, between two judgements, and after which hits count half.
constexpr uint64_t kJudgeEvery = 2;
constexpr uint64_t kHalfLife = 48;
// Another shape must have more hits than the chosen one by this part of the requests.
constexpr double kMargin = 0.004;

}  // namespace

void ShadowCaches::SetKeys(uint64_t keys) {
  bool started = !records_.empty();
  // A size that swings about a border does not start them anew each time.
  if (!started || keys >> bits_ > kRoom || (bits_ > 0 && keys >> bits_ < kMostKeys * 3 / 8)) {
    bits_ = 0;
    while (keys >> bits_ > kMostKeys) ++bits_;
    started = false;
  }
  keys_ = std::max<uint64_t>(keys >> bits_, 4);
  if (!started) Start();
}

void ShadowCaches::Start() {
  mask_ = MaskOf(bits_);
  wanted_ = 0;
  records_.assign(kRecords, Record());
  chains_.assign(kRecords, kNobody);
  for (size_t i = 0; i < kRecords; ++i) {
    records_[i].next = i + 1 < kRecords ? static_cast<uint16_t>(i + 1) : kNobody;
  }
  free_ = 0;
  for (Shadow& shadow : shadows_) {
    for (Ring* ring : {&shadow.small, &shadow.main, &shadow.ghosts}) {
      ring->items.assign(kRoom, Item());
      ring->first = ring->size = 0;
    }
    shadow.hits = 0;
  }
  requests_ = since_judged_ = 0;
  warm_up_ = 2 * keys_;
}

uint16_t ShadowCaches::FindOrAdd(uint32_t print) {
  for (uint16_t at = ChainOf(print); at != kNobody; at = records_[at].next) {
    if (records_[at].print == print) return at;
  }
  uint16_t number = free_;
  if (number == kNobody) return kNobody;
  Record& record = records_[number];
  free_ = record.next;
  record.print = print;
  record.next = ChainOf(print);
  ChainOf(print) = number;
  return number;
}

void ShadowCaches::Release(uint16_t number) {
  Record& record = records_[number];
  uint16_t* link = &ChainOf(record.print);
  while (*link != number) link = &records_[*link].next;
  *link = record.next;
  record.next = free_;
  free_ = number;
}

void ShadowCaches::SetState(size_t shadow, uint16_t number, uint8_t state) {
  Record& record = records_[number];
  record.state[shadow] = state;
  if (state != kAbsent) return;
  for (uint8_t other : record.state) {
    if (other != kAbsent) return;
  }
  Release(number);
}

void ShadowCaches::Remember(size_t shadow, Item item) {
  Ring& ghosts = shadows_[shadow].ghosts;
  size_t most = std::max<uint64_t>(1, keys_ - keys_ / 10);
  while (ghosts.size >= most) {
    Item oldest = ghosts.Pop();
    const Record& record = records_[oldest.record];
    if ((record.state[shadow] & kPlace) == kGhost &&
        static_cast<uint16_t>(record.print) == oldest.print) {
      SetState(shadow, oldest.record, kAbsent);
    }
  }
  SetState(shadow, item.record, kGhost);
  ghosts.Push(item);
}

void ShadowCaches::MakeRoom(size_t shadow) {
  Shadow& s = shadows_[shadow];
  const Shape& shape = kShapes[shadow];
  auto small_size =
      static_cast<size_t>(std::max(1.0, shape.small_share * static_cast<double>(keys_)));
  while (s.small.size + s.main.size >= keys_) {
    if (s.small.size >= small_size || s.main.size == 0) {
      Item item = s.small.Pop();
      if (records_[item.record].state[shadow] >= kSmall + kOneUse * shape.promote_at) {
        SetState(shadow, item.record, kMain);
        s.main.Push(item);
      } else {
        Remember(shadow, item);
      }
      continue;
    }
    Item item = s.main.Pop();
    uint8_t state = records_[item.record].state[shadow];
    if (state >= kOneUse) {
      records_[item.record].state[shadow] = static_cast<uint8_t>(state - kOneUse);
      s.main.Push(item);
    } else {
      SetState(shadow, item.record, kAbsent);
    }
  }
}

void ShadowCaches::Admit(size_t shadow, uint16_t number) {
  Shadow& s = shadows_[shadow];
  bool was_ghost = records_[number].state[shadow] == kGhost;
  // From here on the record can't be released.
  records_[number].state[shadow] = was_ghost ? kMain : kSmall;
  MakeRoom(shadow);
  Item item{number, static_cast<uint16_t>(records_[number].print)};
  (was_ghost ? s.main : s.small).Push(item);
}

bool ShadowCaches::OnRequest(uint64_t hash) {
  uint16_t number = FindOrAdd(PrintOf(hash));
  if (number == kNobody) return false;
  bool counts = warm_up_ == 0;
  for (size_t i = 0; i < kShadows; ++i) {
    uint8_t& state = records_[number].state[i];
    if (state >= kSmall) {
      if ((state & ~kPlace) < kMostUses) state = static_cast<uint8_t>(state + kOneUse);
      shadows_[i].hits += counts ? 1 : 0;
    } else {
      Admit(i, number);
    }
  }
  if (!counts) {
    --warm_up_;
    return false;
  }
  ++requests_;
  if (++since_judged_ < kJudgeEvery * keys_) return false;
  since_judged_ = 0;
  return Judge();
}

bool ShadowCaches::Judge() {
  size_t best = choice_;
  auto margin = static_cast<uint64_t>(kMargin * static_cast<double>(requests_)) + 1;
  for (size_t i = 0; i < kShadows; ++i) {
    uint64_t least = shadows_[best].hits + (best == choice_ ? margin : 0);
    if (shadows_[i].hits > least) best = i;
  }
  if (requests_ >= kHalfLife * keys_) {
    requests_ /= 2;
    for (Shadow& shadow : shadows_) shadow.hits /= 2;
  }
  bool changed = best != choice_;
  choice_ = best;
  return changed;
}

double ShadowCaches::hit_ratio(size_t shadow) const {
  return requests_ == 0
             ? 0
             : 100.0 * static_cast<double>(shadows_[shadow].hits) / static_cast<double>(requests_);
}

size_t ShadowCaches::bytes() const {
  size_t bytes = records_.capacity() * sizeof(Record) + chains_.capacity() * sizeof(chains_[0]);
  for (const Shadow& shadow : shadows_) {
    for (const Ring* ring : {&shadow.small, &shadow.main, &shadow.ghosts}) {
      bytes += ring->items.capacity() * sizeof(Item);
    }
  }
  return bytes;
}

}  // namespace nuthatch::eviction
