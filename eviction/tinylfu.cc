// tinylfu: a window of new keys, and a main part that a key of the window enters only if it was
// used more often than the one that would have to go for it.
//
// W-TinyLFU (Einziger, Friedman, Manes: "TinyLFU: a highly efficient cache admission policy", 2017;
// Einziger, Eytan, Friedman, Manes: "Adaptive software cache management", 2018), by tags: two bits
// count a key's uses, up to three; a third says whether it was used in this round of its queue,
// which buys it another one. What is evicted takes its count along as a ghost, and gets it back
// with one more if it returns; so the frequency of keys that are not there is known without a
// sketch that each access would have to write to.
//
// A resident that wins against a candidate which was used at all loses one of its count, and has a
// round's rest: so nobody stays for what he was long ago.
//
// The window's share is never fixed: it climbs. The hit ratio of one period is compared with that
// of the one before; if it fell, the direction turns. Steps shrink while little changes, and are
// large again when the hit ratio jumps.
//
// What it tolerates: as tag_policy.h; a ghost is known by 14 bits of its hash.
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "eviction/ghost_table.h"
#include "eviction/tag_policy.h"

namespace nuthatch::eviction {
namespace {

// The window is the first queue. Own bits: used 1 | count 2.
class TinyLfuPolicy final : public TagPolicy<4> {
 public:
  explicit TinyLfuPolicy(const Parameters& parameters) : TagPolicy<4>(parameters) {}

  AccessHook BeginBatch(int64_t now_ms) override {
    step_hook_ = Policy::BeginBatch(now_ms).StepTag(Steps().data());
    return AccessHook().Call(&TinyLfuPolicy::OnAccess, this);
  }

  KeyMeta OnInsert(uint64_t hash, uint64_t bytes, int64_t now_ms) override {
    KeyMeta meta = Policy::OnInsert(hash, bytes, now_ms);
    std::optional<uint32_t> before = ghosts_.Take(hash);
    if (before.has_value()) ++ghost_hits_;
    meta.tag = EnterFirst(before.has_value() ? std::min(*before + 1, kCount) : 0);
    CountInsert(meta.tag);
    NoteRequest();
    return meta;
  }

  void OnRemove(uint64_t hash, const KeyMeta& meta, uint64_t /*bytes*/,
                RemoveReason reason) override {
    CountRemove(meta.tag, reason);
    if (reason == RemoveReason::kEvicted) ghosts_.Remember(hash, CountOf(meta.tag));
  }

  size_t metadata_bytes() const override { return ghosts_.bytes(); }

  std::vector<std::pair<std::string, std::string>> Info() const override {
    return {{"ghost_hits", std::to_string(ghost_hits_)},
            {"tuner_window_share", fmt::format("{:.3f}", window_share_)}};
  }
  void ResetCounts() override { ghost_hits_ = 0; }

 private:
  static constexpr uint32_t kUsed = 4;
  static constexpr uint32_t kCount = 3;
  static constexpr double kLeastShare = 0.05;
  static constexpr double kMostShare = 0.9;
  // By how much the window may be too large before it hands keys over without a contest.
  static constexpr double kSlack = 0.02;
  // Of the climb: requests a period, in cached keys; a step, how it shrinks, and which change of
  // the hit ratio makes it large again.
  static constexpr uint64_t kPeriod = 4;
  static constexpr double kFirstStep = 0.0625;
  static constexpr double kShrink = 0.98;
  static constexpr double kJump = 0.05;

  static constexpr uint32_t CountOf(uint8_t tag) { return OwnOf(tag) & kCount; }
  static constexpr bool IsUsed(uint8_t tag) { return (OwnOf(tag) & kUsed) != 0; }

  static const std::array<uint8_t, 256>& Steps() {
    static const std::array<uint8_t, 256> steps = [] {
      std::array<uint8_t, 256> next;
      for (uint32_t i = 0; i < 256; ++i) {
        auto tag = static_cast<uint8_t>(i);
        uint32_t own = kUsed | std::min(CountOf(tag) + 1, kCount);
        next[i] = static_cast<uint8_t>((tag & ~kOwn) | (own << kOwnShift));
      }
      return next;
    }();
    return steps;
  }

  static Changed OnAccess(Policy* policy, uint64_t hash, KeyMeta& meta, AccessKind kind) {
    auto* self = static_cast<TinyLfuPolicy*>(policy);
    ++self->hits_;
    self->NoteRequest();
    return self->step_hook_.OnAccess(hash, meta, kind);
  }

  void NoteRequest() {
    if (++requests_ >= period_) [[unlikely]] {
      Climb();
    }
  }

  void Climb() {
    double ratio = static_cast<double>(hits_) / static_cast<double>(requests_);
    requests_ = hits_ = 0;
    if (keys() == 0) return;
    if (ratio < ratio_) step_ = -step_;
    if (std::abs(ratio - ratio_) > kJump) {
      step_ = std::copysign(kFirstStep, step_);
    } else {
      step_ *= kShrink;
    }
    ratio_ = ratio;
    window_share_ = std::clamp(window_share_ + step_, kLeastShare, kMostShare);
    FitLengths();
  }

  void SetLengths(uint64_t keys) override {
    auto all = static_cast<double>(keys);
    first().SetLength(static_cast<uint64_t>(std::max(window_share_ * all, first_count())));
    second().SetLength(static_cast<uint64_t>((1 - window_share_) * all));
    ghosts_.SetCapacity(std::max<uint64_t>(1, keys - keys / 10));
    period_ = std::max<uint64_t>(keys * kPeriod, 256);
  }

  bool WantsFirst() override { return first_share() >= window_share_; }

  Verdict Judge(uint8_t& tag, bool due) override {
    bool in_window = (tag & kSecond) == 0;
    if (IsUsed(tag)) {
      if (!due) return Verdict::kStays;
      tag = in_window ? EnterFirst(CountOf(tag)) : EnterSecond(CountOf(tag));
      return Verdict::kMoved;
    }
    if (!due || !in_window || first_share() <= window_share_ + kSlack) return Verdict::kCandidate;
    // Every other one, for somebody has to go.
    hands_over_ = !hands_over_;
    if (!hands_over_) return Verdict::kCandidate;
    tag = EnterSecond(CountOf(tag));
    return Verdict::kMoved;
  }

  // A candidate that was never used goes at once; for the others a resident is sought as well.
  bool Enough(const Look& look) override {
    if (!look.best[look.wanted].due()) return false;
    if (look.wanted == 1 || CountOf(look.best[0].candidate.meta.tag) == 0) return true;
    return look.best[1].due() || look.buckets >= kWantedBuckets;
  }

  // The contest.
  size_t Choose(View& view, Look& look) override {
    if (look.wanted == 1) return 1;
    Candidate& candidate = look.best[0].candidate;
    Candidate& resident = look.best[1].candidate;
    uint32_t count = CountOf(candidate.meta.tag);
    uint32_t residents = CountOf(resident.meta.tag);
    if (count > residents) {
      CountRemove(candidate.meta.tag, RemoveReason::kEvicted);
      candidate.meta.tag = EnterSecond(count);
      view.Store(candidate, Changed::kTag);
      return 1;
    }
    if (count > 0 && look.best[1].due()) {
      resident.meta.tag = EnterSecond(residents - 1);
      view.Store(resident, Changed::kTag);
    }
    return 0;
  }

  GhostTable ghosts_{2};
  AccessHook step_hook_;
  uint64_t ghost_hits_ = 0;
  uint64_t requests_ = 0;  // in this period
  uint64_t hits_ = 0;
  uint64_t period_ = UINT64_MAX;
  bool hands_over_ = false;
  double ratio_ = 0;  // of the period before
  double step_ = kFirstStep;
  double window_share_ = 0.1;
};

}  // namespace

std::unique_ptr<Policy> MakeTinyLfu(const Parameters& parameters) {
  return std::make_unique<TinyLfuPolicy>(parameters);
}

}  // namespace nuthatch::eviction
