// lfu: the least frequently used of a sample goes.
//
// Redis's counter: 8 bits, a use adds one with probability 1 / ((counter - 5) * lfu-log-factor +
// 1), each lfu-decay-time minutes without a use take one away, and a new key starts at 5. So 255
// stands for about a million uses. OBJECT FREQ shows what Redis would.
//
// The rank is finer than Redis's in two ways. The decay counts by half seconds, so that of two keys
// with the same counter the less recently used goes first (most keys of a cache stand at 5 or 6).
// And it does not end at 0: a key that was used often and then forgotten for an hour still stands
// above one that was used once an hour ago.
#include <array>
#include <memory>

#include "eviction/sampled_policy.h"

namespace nuthatch::eviction {
namespace {

class LfuPolicy final : public SampledPolicy {
 public:
  explicit LfuPolicy(const Parameters& parameters)
      : SampledPolicy(parameters, kAccess), state_(parameters.seed | 1) {
    FillThresholds();
  }

  AccessHook BeginBatch(int64_t now_ms) override {
    now_ms_ = now_ms;
    now_time_ = FrequencyTimeAt(now_ms);
    return AccessHook().Call(&LfuPolicy::OnAccess, this);
  }

  KeyMeta OnInsert(uint64_t /*hash*/, uint64_t /*bytes*/, int64_t now_ms) override {
    return {.tag = 0, .access = MakeFrequency(FrequencyTimeAt(now_ms), kInitialFrequency)};
  }

  void SetParameters(const Parameters& parameters) override {
    Policy::SetParameters(parameters);
    FillThresholds();
  }

 private:
  static Changed OnAccess(Policy* policy, uint64_t /*hash*/, KeyMeta& meta, AccessKind /*kind*/) {
    auto* self = static_cast<LfuPolicy*>(policy);
    uint32_t access = meta.access;
    if (!IsFrequency(access)) [[unlikely]] {
      access = ToFrequency(access, self->now_ms_);
    }
    uint32_t counter =
        DecayedCounter(access, self->now_time_, self->parameters().lfu_decay_minutes);
    if (self->NextRandom() < self->thresholds_[counter]) ++counter;
    uint32_t updated = MakeFrequency(self->now_time_, counter);
    if (updated == meta.access) return Changed::kNothing;
    meta.access = updated;
    return Changed::kAccess;
  }

  // The time of the last use, in 1/128 minutes, and so many on top as the counter is worth: the
  // same for an unused key as time goes on.
  uint64_t Score(const Candidate& candidate, int64_t now_ms) const override {
    constexpr uint64_t kWithoutDecay = uint64_t{1} << 48;
    uint64_t decay_minutes = parameters().lfu_decay_minutes;
    uint64_t step = decay_minutes == 0 ? kWithoutDecay : decay_minutes * 128;
    uint32_t access = ToFrequency(candidate.meta.access, now_ms);
    uint64_t last_use =
        static_cast<uint64_t>(now_ms) * 4 / 1875 - FrequencyAge(access, FrequencyTimeAt(now_ms));
    return ~(last_use + (access & 0xFF) * step);
  }

  // 32 random bits: the upper half of a linear congruential generator of 64 bits. Two operations,
  // and good enough for a coin.
  uint32_t NextRandom() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<uint32_t>(state_ >> 32);
  }

  void FillThresholds() {
    for (uint32_t counter = 0; counter < 255; ++counter) {
      double above = counter > kInitialFrequency ? counter - kInitialFrequency : 0;
      double probability = 1.0 / (above * parameters().lfu_log_factor + 1.0);
      thresholds_[counter] = static_cast<uint64_t>(probability * 4294967296.0);
    }
    thresholds_[255] = 0;
  }

  int64_t now_ms_ = 0;
  uint32_t now_time_ = 0;
  uint64_t state_;
  std::array<uint64_t, 256> thresholds_;  // of 2^32
};

}  // namespace

std::unique_ptr<Policy> MakeLfu(const Parameters& parameters) {
  return std::make_unique<LfuPolicy>(parameters);
}

}  // namespace nuthatch::eviction
