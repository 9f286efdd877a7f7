// The 32 bits of an entry that LRU and LFU keep: either a clock stamp or a frequency, and the bits
// themselves say which, so that a change of policy at run time needs no pass over the keys.
//
//   stamp       0 | ticks of 10 ms (31)
//   frequency   1 | time of the last use in 1/128 minutes (23) | logarithmic counter (8)
//
// Pure functions; any thread. `now_ms` is wall time in milliseconds.
//
// Invariants
// 1. Every value is legal, also one that comes from elsewhere (a test, another policy).
// 2. A stamp's age is taken modulo 2^31 ticks (248 days), a frequency's modulo 65,536 minutes (45
//    days, as in Redis). Times slightly ahead of `now_ms` have age 0.
// 3. The upper 16 bits of a frequency's time are Redis's minutes, so that its decay, which counts
//    the turns of the minute, shows the same OBJECT FREQ for the same history.
#pragma once

#include <cstdint>

namespace nuthatch::eviction {

constexpr uint32_t kFrequencyForm = 1U << 31;
constexpr int64_t kStampTickMs = 10;
constexpr uint32_t kStampMask = kFrequencyForm - 1;
constexpr uint32_t kFrequencyTimeMask = (1U << 23) - 1;
// Ages beyond these are times ahead of now: another shard's clock, or a clock that was set back.
constexpr uint32_t kStampAheadLimit = kStampMask - (1U << 20);              // 2.9 hours
constexpr uint32_t kFrequencyAheadLimit = kFrequencyTimeMask - (1U << 14);  // 2.1 hours
// What a new key's counter starts with: it gets a chance to be used again before it goes.
constexpr uint32_t kInitialFrequency = 5;

constexpr bool IsFrequency(uint32_t access) { return (access & kFrequencyForm) != 0; }

// --- Stamps ---
constexpr uint32_t StampAt(int64_t now_ms) {
  return static_cast<uint32_t>(now_ms / kStampTickMs) & kStampMask;
}
// Ticks since `stamp`. REQUIRES: !IsFrequency(stamp).
constexpr uint32_t StampAge(uint32_t stamp, uint32_t now_stamp) {
  uint32_t age = (now_stamp - stamp) & kStampMask;
  return age > kStampAheadLimit ? 0 : age;
}

// --- Frequencies ---
constexpr uint32_t FrequencyTimeAt(int64_t now_ms) {
  return static_cast<uint32_t>(now_ms * 4 / 1875) & kFrequencyTimeMask;
}
constexpr uint32_t MakeFrequency(uint32_t time, uint32_t counter) {
  return kFrequencyForm | (time << 8) | counter;
}
// The three below REQUIRE IsFrequency(access).
constexpr uint32_t FrequencyTime(uint32_t access) { return (access >> 8) & kFrequencyTimeMask; }
constexpr uint32_t FrequencyAge(uint32_t access, uint32_t now_time) {
  uint32_t age = (now_time - FrequencyTime(access)) & kFrequencyTimeMask;
  return age > kFrequencyAheadLimit ? 0 : age;
}
// The counter, less one for each `decay_minutes` since its last use; 0 means that nothing decays.
constexpr uint32_t DecayedCounter(uint32_t access, uint32_t now_time, uint32_t decay_minutes) {
  uint32_t counter = access & 0xFF;
  if (FrequencyAge(access, now_time) == 0 || decay_minutes == 0) return counter;
  uint32_t minutes = ((now_time >> 7) - (FrequencyTime(access) >> 7)) & 0xFFFF;
  uint32_t periods = decay_minutes == 1 ? minutes : minutes / decay_minutes;
  return periods >= counter ? 0 : counter - periods;
}

// --- Either form ---
// Milliseconds since the last use.
constexpr int64_t AccessAgeMs(uint32_t access, int64_t now_ms) {
  if (IsFrequency(access)) {
    return int64_t{FrequencyAge(access, FrequencyTimeAt(now_ms))} * 1875 / 4;
  }
  return int64_t{StampAge(access, StampAt(now_ms))} * kStampTickMs;
}
// `access` as a frequency: a stamp counts as a new key that was used once, back then.
constexpr uint32_t ToFrequency(uint32_t access, int64_t now_ms) {
  if (IsFrequency(access)) return access;
  return MakeFrequency(FrequencyTimeAt(now_ms - AccessAgeMs(access, now_ms)), kInitialFrequency);
}
// `access` as a stamp of its last use.
constexpr uint32_t ToStamp(uint32_t access, int64_t now_ms) {
  return IsFrequency(access) ? StampAt(now_ms - AccessAgeMs(access, now_ms)) : access;
}

}  // namespace nuthatch::eviction
