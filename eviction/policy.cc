#include "eviction/policy.h"

#include <algorithm>

namespace nuthatch::eviction {

Policy::Policy(const Parameters& parameters) : random_(parameters.seed) {
  Policy::SetParameters(parameters);
}

// Every policy but LFU keeps the time of the last use, because OBJECT IDLETIME shows it.
AccessHook Policy::BeginBatch(int64_t now_ms) {
  return AccessHook().Stamp(StampAt(now_ms), kAnyAccess);
}

KeyMeta Policy::OnInsert(uint64_t /*hash*/, uint64_t /*bytes*/, int64_t now_ms) {
  return {.tag = 0, .access = StampAt(now_ms)};
}

Changed Policy::OnUpdate(uint64_t /*hash*/, KeyMeta& /*meta*/, uint64_t /*old_bytes*/,
                         uint64_t /*new_bytes*/) {
  return Changed::kNothing;
}

void Policy::OnFlush(uint64_t /*removed*/, uint64_t /*left*/) {}
void Policy::OnRemove(uint64_t /*hash*/, const KeyMeta& /*meta*/, uint64_t /*bytes*/,
                      RemoveReason /*reason*/) {}

void Policy::Tick(View& /*view*/, int64_t /*now_ms*/) {}

void Policy::SetCapacity(uint64_t /*bytes*/, uint64_t /*keys*/) {}

void Policy::SwitchFrom(const Policy& /*former*/) {}

void Policy::SetParameters(const Parameters& parameters) {
  parameters_ = parameters;
  parameters_.samples = std::clamp(parameters.samples, 1U, kMaxSamples);
}

uint32_t Policy::Frequency(uint32_t access, int64_t now_ms) const {
  return DecayedCounter(ToFrequency(access, now_ms), FrequencyTimeAt(now_ms),
                        parameters_.lfu_decay_minutes);
}

uint32_t Policy::AccessOfIdleMs(int64_t idle_ms, int64_t now_ms) {
  // Half of the clock's range: what is longer can't be told from a time ahead of now.
  constexpr int64_t kLongest = int64_t{kStampMask / 2} * kStampTickMs;
  return StampAt(now_ms - std::clamp<int64_t>(idle_ms, 0, std::min(kLongest, now_ms)));
}

uint32_t Policy::AccessOfFrequency(uint32_t frequency, int64_t now_ms) {
  return MakeFrequency(FrequencyTimeAt(now_ms), std::min(frequency, 255U));
}

}  // namespace nuthatch::eviction
