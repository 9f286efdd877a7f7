// Bucket: the cache line of eight words that base::Table is made of, and what is asked of it with a
// few vector instructions (SSE2, or plain code elsewhere).
//
// A word, from its highest bit:   fingerprint 8 | tag 8 | pointer bits 47..4 | code 3 | flag 1
//
//   fingerprint  bits of the entry's hash (see table.h for which)
//   tag          a byte that belongs to whoever uses the table
//   pointer      to the entry: aligned to 16, in the low 48 bits of the address space
//   code         0: the word is empty; 1..6: the entry is displaced by 0..5 buckets from its home;
//                7: by 6 or more
//   flag         one of the eight bits that describe what is homed in this bucket but stands in
//                another: 3 bits reach (the largest displacement; 7: 7 or more), and 5 bits filter
//                (which classes of fingerprints are displaced), so that a miss stops at home
//
// Invariant: a word with code 0 has no bits but its flag.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace nuthatch::base {

using Word = uint64_t;
constexpr unsigned kBucketWords = 8;

struct alignas(64) Bucket {
  Word words[kBucketWords];
};

namespace word {

constexpr Word kPointerMask = 0x0000'FFFF'FFFF'FFF0;
constexpr Word kFlag = 1;
constexpr int kTagShift = 48;
constexpr int kFingerprintShift = 56;
constexpr unsigned kFarCode = 7;

inline void* Pointer(Word w) { return reinterpret_cast<void*>(w & kPointerMask); }  // NOLINT
inline unsigned Code(Word w) { return static_cast<unsigned>(w >> 1) & 7; }
inline bool Occupied(Word w) { return Code(w) != 0; }
inline uint8_t Tag(Word w) { return static_cast<uint8_t>(w >> kTagShift); }
inline uint8_t Fingerprint(Word w) { return static_cast<uint8_t>(w >> kFingerprintShift); }
constexpr unsigned CodeOf(size_t displacement) {
  return displacement < kFarCode - 1 ? static_cast<unsigned>(displacement) + 1 : kFarCode;
}
inline Word WithTag(Word w, uint8_t tag) {
  return (w & ~(Word{0xFF} << kTagShift)) | (Word{tag} << kTagShift);
}
inline Word WithFingerprint(Word w, uint8_t fingerprint) {
  return (w & ~(Word{0xFF} << kFingerprintShift)) | (Word{fingerprint} << kFingerprintShift);
}
inline Word WithPointer(Word w, const void* pointer) {
  return (w & ~kPointerMask) | reinterpret_cast<uintptr_t>(pointer);
}
// Fingerprint, tag and pointer: what moves along with an entry.
inline Word Payload(Word w) { return w & ~Word{0xF}; }

}  // namespace word

namespace bucket {

// Bit i of each result stands for words[i].

#ifdef __SSE2__

namespace internal {
struct Lines {
  __m128i w[4];
};
inline Lines Load(const Bucket& b) {
  const auto* p = reinterpret_cast<const __m128i*>(b.words);
  return {{_mm_load_si128(p), _mm_load_si128(p + 1), _mm_load_si128(p + 2), _mm_load_si128(p + 3)}};
}
template <int kSelect>
inline __m128i Halves(__m128i first, __m128i second) {
  return _mm_castps_si128(
      _mm_shuffle_ps(_mm_castsi128_ps(first), _mm_castsi128_ps(second), kSelect));
}
inline unsigned SignMask(__m128i first, __m128i second) {
  return static_cast<unsigned>(_mm_movemask_ps(_mm_castsi128_ps(first))) |
         static_cast<unsigned>(_mm_movemask_ps(_mm_castsi128_ps(second))) << 4;
}
constexpr int kLow = 0x88;   // the low halves of four words
constexpr int kHigh = 0xDD;  // the high halves
}  // namespace internal

// The words whose fingerprint byte is this one; an empty word counts as fingerprint 0.
inline unsigned MatchFingerprint(const Bucket& b, uint8_t fingerprint) {
  internal::Lines l = internal::Load(b);
  __m128i wanted = _mm_set1_epi8(static_cast<char>(fingerprint));
  return internal::SignMask(
      _mm_cmpeq_epi8(internal::Halves<internal::kHigh>(l.w[0], l.w[1]), wanted),
      _mm_cmpeq_epi8(internal::Halves<internal::kHigh>(l.w[2], l.w[3]), wanted));
}

// The words with this code; 0 asks for the empty ones.
inline unsigned MatchCode(const Bucket& b, unsigned code) {
  internal::Lines l = internal::Load(b);
  __m128i wanted = _mm_set1_epi32(static_cast<int>(code << 1));
  __m128i mask = _mm_set1_epi32(0xE);
  __m128i first = _mm_and_si128(internal::Halves<internal::kLow>(l.w[0], l.w[1]), mask);
  __m128i second = _mm_and_si128(internal::Halves<internal::kLow>(l.w[2], l.w[3]), mask);
  return internal::SignMask(_mm_cmpeq_epi32(first, wanted), _mm_cmpeq_epi32(second, wanted));
}

inline unsigned Flags(const Bucket& b) {
  internal::Lines l = internal::Load(b);
  return internal::SignMask(_mm_slli_epi32(internal::Halves<internal::kLow>(l.w[0], l.w[1]), 31),
                            _mm_slli_epi32(internal::Halves<internal::kLow>(l.w[2], l.w[3]), 31));
}

#else

inline unsigned MatchFingerprint(const Bucket& b, uint8_t fingerprint) {
  unsigned mask = 0;
  for (unsigned i = 0; i < kBucketWords; ++i) {
    mask |= static_cast<unsigned>(word::Fingerprint(b.words[i]) == fingerprint) << i;
  }
  return mask;
}
inline unsigned MatchCode(const Bucket& b, unsigned code) {
  unsigned mask = 0;
  for (unsigned i = 0; i < kBucketWords; ++i) {
    mask |= static_cast<unsigned>(word::Code(b.words[i]) == code) << i;
  }
  return mask;
}
inline unsigned Flags(const Bucket& b) {
  unsigned mask = 0;
  for (unsigned i = 0; i < kBucketWords; ++i) {
    mask |= static_cast<unsigned>(b.words[i] & word::kFlag) << i;
  }
  return mask;
}

#endif

inline unsigned OccupiedMask(const Bucket& b) { return MatchCode(b, 0) ^ 0xFF; }

inline void SetFlags(Bucket& b, unsigned flags) {
  for (unsigned i = 0; i < kBucketWords; ++i) {
    b.words[i] = (b.words[i] & ~word::kFlag) | ((flags >> i) & 1);
  }
}

constexpr unsigned kFarReach = 7;
inline unsigned Reach(unsigned flags) { return flags & 7; }
inline unsigned FilterBit(uint8_t fingerprint) { return 8U << ((fingerprint * 5U) >> 8); }
// The flags with one more displaced entry.
inline unsigned WithDisplaced(unsigned flags, size_t displacement, uint8_t fingerprint) {
  unsigned reach = displacement < kFarReach ? static_cast<unsigned>(displacement) : kFarReach;
  if (reach < Reach(flags)) reach = Reach(flags);
  return (flags & ~7U) | reach | FilterBit(fingerprint);
}

inline unsigned First(unsigned mask) { return static_cast<unsigned>(std::countr_zero(mask)); }

}  // namespace bucket
}  // namespace nuthatch::base
