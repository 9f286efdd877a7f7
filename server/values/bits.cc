// Bits of a string.
//
// Counting takes the processor's population count where it has one (which of two builds of the same
// loop runs is decided once, at the start): four independent sums of eight bytes a step, which the
// memory's speed bounds. Searching skips 32 bytes a step while they hold nothing of what is looked
// for. Combining works on blocks of a fixed size, which the compiler turns into vector code.
//
// Numbers of a field are computed in 128 bits, where nothing overflows, and then brought back.
#include "server/values/bits.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "server/base/check.h"
#include "server/base/numbers.h"

namespace nuthatch::values {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr size_t kWord = sizeof(uint64_t);
constexpr size_t kStep = 4 * kWord;

uint64_t LoadWord(const char* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, kWord);
  return word;
}

// --- Counting ---

// Written once, built for two processors.
[[gnu::always_inline]] inline uint64_t CountLoop(const char* bytes, size_t size) {
  uint64_t sums[4] = {};
  size_t i = 0;
  for (; i + kStep <= size; i += kStep) {
    for (size_t k = 0; k < 4; ++k) {
      sums[k] += static_cast<uint64_t>(__builtin_popcountll(LoadWord(bytes + i + k * kWord)));
    }
  }
  for (; i + kWord <= size; i += kWord) {
    sums[0] += static_cast<uint64_t>(__builtin_popcountll(LoadWord(bytes + i)));
  }
  uint64_t rest = 0;
  if (i < size) std::memcpy(&rest, bytes + i, size - i);
  return sums[0] + sums[1] + sums[2] + sums[3] + static_cast<uint64_t>(__builtin_popcountll(rest));
}

uint64_t CountPlainly(const char* bytes, size_t size) { return CountLoop(bytes, size); }

#if defined(__x86_64__)
[[gnu::target("popcnt")]] uint64_t CountByInstruction(const char* bytes, size_t size) {
  return CountLoop(bytes, size);
}
#endif

using CountFn = uint64_t (*)(const char* bytes, size_t size);

CountFn ChooseCount() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("popcnt")) return CountByInstruction;
#endif
  return CountPlainly;
}

// --- Bytes at the ends of a range ---

// The bits of a byte from bit `begin` (0 is the highest) up to, not including, `end`.
uint8_t MaskOf(uint64_t begin, uint64_t end) {
  unsigned from_begin = 0xffU >> begin;
  unsigned from_end = end == 8 ? 0 : 0xffU >> end;
  return static_cast<uint8_t>(from_begin & ~from_end);
}

// A range of bits as whole bytes [first, last) between two parts of bytes. A range within one byte
// is a head alone.
struct Parts {
  size_t first = 0;
  size_t last = 0;
  uint8_t head_mask = 0;  // of the byte before `first`, 0 for none
  uint8_t tail_mask = 0;  // of the byte at `last`, 0 for none
};

Parts Split(uint64_t begin, uint64_t end) {
  Parts parts{.first = begin / 8, .last = end / 8};
  uint64_t begin_bit = begin % 8;
  uint64_t end_bit = end % 8;
  if (begin_bit != 0) {
    bool one_byte = parts.first == parts.last;
    parts.head_mask = MaskOf(begin_bit, one_byte ? end_bit : 8);
    ++parts.first;
    if (one_byte) {
      parts.last = parts.first;
      return parts;
    }
  }
  if (end_bit != 0) parts.tail_mask = MaskOf(0, end_bit);
  return parts;
}

// --- Searching ---

// The first byte at or behind `at` that is not `skipped`, or `last`.
size_t SkipBytes(const char* bytes, size_t at, size_t last, uint8_t skipped) {
  uint64_t word = skipped * 0x0101010101010101U;
  for (; at + kStep <= last; at += kStep) {
    uint64_t differ = 0;
    for (size_t k = 0; k < 4; ++k) differ |= LoadWord(bytes + at + k * kWord) ^ word;
    if (differ != 0) break;
  }
  for (; at + kWord <= last; at += kWord) {
    if (LoadWord(bytes + at) != word) break;
  }
  while (at < last && static_cast<uint8_t>(bytes[at]) == skipped) ++at;
  return at;
}

// The position of the highest set bit of a byte that has one.
uint64_t HighestBit(uint8_t byte) { return static_cast<uint64_t>(std::countl_zero(byte)); }

// --- Combining ---

// A block of 64 bytes: enough for any vector unit.
constexpr size_t kBlock = 64;

template <typename Operation>
void CombineLoop(char* out, const char* in, size_t size, const Operation& operation) {
  size_t i = 0;
  for (; i + kBlock <= size; i += kBlock) {
    uint64_t a[kBlock / kWord];
    uint64_t b[kBlock / kWord];
    std::memcpy(a, out + i, kBlock);
    std::memcpy(b, in + i, kBlock);
    for (size_t k = 0; k < kBlock / kWord; ++k) a[k] = operation(a[k], b[k]);
    std::memcpy(out + i, a, kBlock);
  }
  for (; i < size; ++i) {
    out[i] =
        static_cast<char>(operation(static_cast<uint8_t>(out[i]), static_cast<uint8_t>(in[i])));
  }
}

// --- Bit fields ---

using Wide = __int128;

Wide Least(BitFieldType type) { return type.is_signed ? -(Wide{1} << (type.bits - 1)) : 0; }
Wide Most(BitFieldType type) {
  return (Wide{1} << (type.is_signed ? type.bits - 1 : type.bits)) - 1;
}

// The number that the lowest bits make.
int64_t Narrow(BitFieldType type, uint64_t value) {
  int unused = 64 - type.bits;
  if (type.is_signed) return static_cast<int64_t>(value << unused) >> unused;
  return static_cast<int64_t>((value << unused) >> unused);
}

std::optional<int64_t> Settle(BitFieldType type, Wide value, Overflow overflow) {
  Wide least = Least(type);
  Wide most = Most(type);
  if (value >= least && value <= most) return static_cast<int64_t>(value);
  switch (overflow) {
    case Overflow::kFail:
      return std::nullopt;
    case Overflow::kSaturate:
      return static_cast<int64_t>(value > most ? most : least);
    case Overflow::kWrap:
      break;
  }
  return Narrow(type, static_cast<uint64_t>(value));
}

}  // namespace

uint64_t CountBits(std::string_view bytes) {
  static const CountFn count = ChooseCount();
  return count(bytes.data(), bytes.size());
}

uint64_t CountBits(std::string_view bytes, uint64_t begin, uint64_t end) {
  if (begin == end) return 0;
  Parts parts = Split(begin, end);
  uint64_t sum = CountBits(bytes.substr(parts.first, parts.last - parts.first));
  auto count = [&](size_t at, uint8_t mask) {
    sum += static_cast<uint64_t>(std::popcount(static_cast<uint8_t>(bytes[at] & mask)));
  };
  if (parts.head_mask != 0) count(parts.first - 1, parts.head_mask);
  if (parts.tail_mask != 0) count(parts.last, parts.tail_mask);
  return sum;
}

std::optional<uint64_t> FindBit(std::string_view bytes, bool bit, uint64_t begin, uint64_t end) {
  if (begin == end) return std::nullopt;
  Parts parts = Split(begin, end);
  uint8_t flip = bit ? 0 : 0xff;
  // What is looked for is a set bit from here on.
  auto wanted = [&](size_t at, uint8_t mask) {
    return static_cast<uint8_t>((static_cast<uint8_t>(bytes[at]) ^ flip) & mask);
  };
  if (parts.head_mask != 0) {
    size_t at = parts.first - 1;
    if (uint8_t byte = wanted(at, parts.head_mask)) return at * 8 + HighestBit(byte);
  }
  size_t at = SkipBytes(bytes.data(), parts.first, parts.last, flip);
  if (at < parts.last) return at * 8 + HighestBit(wanted(at, 0xff));
  if (parts.tail_mask != 0) {
    if (uint8_t byte = wanted(parts.last, parts.tail_mask)) {
      return parts.last * 8 + HighestBit(byte);
    }
  }
  return std::nullopt;
}

bool GetBit(std::string_view bytes, uint64_t offset) {
  size_t at = offset / 8;
  return at < bytes.size() && ((static_cast<uint8_t>(bytes[at]) >> (7 - offset % 8)) & 1) != 0;
}

void SetBit(char* bytes, uint64_t offset, bool bit) {
  auto mask = static_cast<uint8_t>(0x80U >> (offset % 8));
  auto byte = static_cast<uint8_t>(bytes[offset / 8]);
  bytes[offset / 8] = static_cast<char>(bit ? byte | mask : byte & ~mask);
}

void CombineBits(BitOperation operation, char* out, std::string_view in) {
  switch (operation) {
    case BitOperation::kAnd:
      return CombineLoop(out, in.data(), in.size(), [](auto a, auto b) { return a & b; });
    case BitOperation::kOr:
      return CombineLoop(out, in.data(), in.size(), [](auto a, auto b) { return a | b; });
    case BitOperation::kXor:
      return CombineLoop(out, in.data(), in.size(), [](auto a, auto b) { return a ^ b; });
  }
}

void InvertBits(char* out, size_t size) {
  CombineLoop(out, out, size, [](auto a, auto) { return ~a; });
}

std::optional<BitFieldType> ParseBitFieldType(std::string_view text) {
  if (text.empty() || (text[0] != 'i' && text[0] != 'u')) return std::nullopt;
  bool is_signed = text[0] == 'i';
  text = text.substr(1, text.find('\0') - 1);
  std::optional<int64_t> bits = base::ParseInt64(text);
  if (!bits.has_value() || *bits < 1 || *bits > (is_signed ? 64 : 63)) return std::nullopt;
  return BitFieldType{.is_signed = is_signed, .bits = static_cast<int>(*bits)};
}

// A field of 64 bits touches nine bytes at most: they are gathered into 128 bits, the first byte
// highest.
int64_t GetBitField(std::string_view bytes, BitFieldType type, uint64_t offset) {
  size_t first = offset / 8;
  auto lead = static_cast<int>(offset % 8);
  int count = (lead + type.bits + 7) / 8;
  unsigned __int128 gathered = 0;
  for (int i = 0; i < count; ++i) {
    size_t at = first + static_cast<size_t>(i);
    gathered = (gathered << 8) | (at < bytes.size() ? static_cast<uint8_t>(bytes[at]) : 0);
  }
  gathered >>= count * 8 - lead - type.bits;
  return Narrow(type, static_cast<uint64_t>(gathered));
}

void SetBitField(char* bytes, [[maybe_unused]] size_t size, BitFieldType type, uint64_t offset,
                 int64_t value) {
  size_t first = offset / 8;
  auto lead = static_cast<int>(offset % 8);
  int count = (lead + type.bits + 7) / 8;
  int behind = count * 8 - lead - type.bits;
  DCHECK(first + static_cast<size_t>(count) <= size);
  unsigned __int128 mask = ((static_cast<unsigned __int128>(1) << type.bits) - 1) << behind;
  unsigned __int128 bits = (static_cast<unsigned __int128>(static_cast<uint64_t>(value)) << behind);
  for (int i = count - 1; i >= 0; --i) {
    char& byte = bytes[first + static_cast<size_t>(i)];
    auto keep = static_cast<uint8_t>(~mask);
    byte = static_cast<char>((static_cast<uint8_t>(byte) & keep) |
                             (static_cast<uint8_t>(bits) & static_cast<uint8_t>(mask)));
    mask >>= 8;
    bits >>= 8;
  }
}

std::optional<int64_t> FitBitField(BitFieldType type, int64_t value, Overflow overflow) {
  if (!type.is_signed) return Settle(type, static_cast<uint64_t>(value), overflow);
  // Redis finds the side of an overflow by a difference of 64 bits: where that wraps, a number far
  // below the field's range saturates at the top.
  constexpr Wide kWraps = Wide{1} << 63;
  if (overflow == Overflow::kSaturate && type.bits < 64 && Most(type) - value >= kWraps) {
    return static_cast<int64_t>(Most(type));
  }
  return Settle(type, value, overflow);
}

std::optional<int64_t> AddToBitField(BitFieldType type, int64_t value, int64_t increment,
                                     Overflow overflow) {
  return Settle(type, Wide{value} + increment, overflow);
}

}  // namespace nuthatch::values
