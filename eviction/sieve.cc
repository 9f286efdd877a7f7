// sieve: a hand goes over the keys from the oldest to the newest; what was used stays, the rest
// goes.
//
// SIEVE (Zhang, Yang, Yue, Vigfusson, Rashmi: "SIEVE is simpler than LRU", NSDI 2024) keeps the
// keys in the order in which they came in. Nobody is ever moved: a key that was used loses its mark
// when the hand comes by, and stands behind the hand until the hand begins again at the oldest.
// That is the same as two queues. One holds what is ahead of the hand: its oldest goes if it is
// not marked, and otherwise enters the other queue without its mark. New keys come in behind the
// newest that is ahead. When nobody is ahead any more, the two change places.
//
// What it tolerates: as tag_policy.h. Which of the two queues is ahead is one bit, so a change of
// places touches no key; and it happens when two keys in a hundred are still ahead, for the hand
// would find them too seldom.
#include <array>
#include <memory>

#include "eviction/tag_policy.h"

namespace nuthatch::eviction {
namespace {

class SievePolicy final : public TagPolicy<6> {
 public:
  explicit SievePolicy(const Parameters& parameters) : TagPolicy<6>(parameters) {}

  AccessHook BeginBatch(int64_t now_ms) override {
    return Policy::BeginBatch(now_ms).StepTag(Steps().data());
  }

  KeyMeta OnInsert(uint64_t hash, uint64_t bytes, int64_t now_ms) override {
    KeyMeta meta = Policy::OnInsert(hash, bytes, now_ms);
    meta.tag = Enter(first_is_ahead_, 0);
    CountInsert(meta.tag);
    return meta;
  }

  void OnRemove(uint64_t /*hash*/, const KeyMeta& meta, uint64_t /*bytes*/,
                RemoveReason reason) override {
    CountRemove(meta.tag, reason);
  }

 private:
  static constexpr uint32_t kUsed = 1;
  static constexpr double kAsGoodAsNobody = 0.02;

  static const std::array<uint8_t, 256>& Steps() {
    static const std::array<uint8_t, 256> steps = [] {
      std::array<uint8_t, 256> next;
      for (uint32_t tag = 0; tag < 256; ++tag) {
        next[tag] = static_cast<uint8_t>(tag | (kUsed << kOwnShift));
      }
      return next;
    }();
    return steps;
  }

  uint8_t Enter(bool first, uint32_t own) { return first ? EnterFirst(own) : EnterSecond(own); }

  void SetLengths(uint64_t keys) override {
    first().SetLength(keys);
    second().SetLength(keys);
  }

  bool WantsFirst() override {
    double ahead = first_is_ahead_ ? first_share() : 1 - first_share();
    if (ahead * static_cast<double>(keys()) < 1 || ahead < kAsGoodAsNobody) {
      first_is_ahead_ = !first_is_ahead_;
    }
    return first_is_ahead_;
  }

  Verdict Judge(uint8_t& tag, bool due) override {
    bool in_first = (tag & kSecond) == 0;
    if (in_first != first_is_ahead_) return Verdict::kStays;
    if ((OwnOf(tag) & kUsed) == 0) return Verdict::kCandidate;
    if (!due) return Verdict::kStays;
    tag = Enter(!first_is_ahead_, 0);
    return Verdict::kMoved;
  }

  bool first_is_ahead_ = true;
};

}  // namespace

std::unique_ptr<Policy> MakeSieve(const Parameters& parameters) {
  return std::make_unique<SievePolicy>(parameters);
}

}  // namespace nuthatch::eviction
