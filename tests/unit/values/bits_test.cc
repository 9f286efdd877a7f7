#include "server/values/bits.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "server/base/random.h"

namespace nuthatch::values {
namespace {

// --- The plain forms: one bit at a time ---

bool BitAt(std::string_view bytes, uint64_t at) {
  return ((static_cast<uint8_t>(bytes[at / 8]) << (at % 8)) & 0x80) != 0;
}

uint64_t CountPlainly(std::string_view bytes, uint64_t begin, uint64_t end) {
  uint64_t count = 0;
  for (uint64_t i = begin; i < end; ++i) count += BitAt(bytes, i) ? 1 : 0;
  return count;
}

std::optional<uint64_t> FindPlainly(std::string_view bytes, bool bit, uint64_t begin,
                                    uint64_t end) {
  for (uint64_t i = begin; i < end; ++i) {
    if (BitAt(bytes, i) == bit) return i;
  }
  return std::nullopt;
}

// Random bytes between long runs of one.
std::string SomeBytes(base::Random& random) {
  std::string bytes;
  for (size_t parts = random.Below(4); parts > 0; --parts) {
    bytes.append(random.Below(90), random.Below(2) == 0 ? '\0' : '\xff');
    for (size_t i = random.Below(6); i > 0; --i) {
      bytes.push_back(static_cast<char>(random.Below(256)));
    }
  }
  return bytes;
}

TEST(Bits, CountsAndFindsAsOneBitAtATime) {
  base::Random random(1);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = SomeBytes(random);
    uint64_t bits = bytes.size() * 8;
    EXPECT_EQ(CountBits(bytes), CountPlainly(bytes, 0, bits));
    uint64_t begin = random.Below(bits + 1);
    uint64_t end = begin + random.Below(bits - begin + 1);
    EXPECT_EQ(CountBits(bytes, begin, end), CountPlainly(bytes, begin, end)) << begin << " " << end;
    for (bool bit : {false, true}) {
      EXPECT_EQ(FindBit(bytes, bit, begin, end), FindPlainly(bytes, bit, begin, end))
          << begin << " " << end;
    }
  }
}

TEST(Bits, SetsSingleBits) {
  std::string bytes(3, '\0');
  SetBit(bytes.data(), 0, true);
  SetBit(bytes.data(), 15, true);
  EXPECT_EQ(bytes, std::string("\x80\x01\0", 3));
  EXPECT_TRUE(GetBit(bytes, 15));
  EXPECT_FALSE(GetBit(bytes, 14));
  EXPECT_FALSE(GetBit(bytes, 1000));
  SetBit(bytes.data(), 0, false);
  EXPECT_FALSE(GetBit(bytes, 0));
}

TEST(Bits, CombinesBytes) {
  base::Random random(2);
  for (size_t size : {0, 1, 7, 63, 64, 65, 200}) {
    std::string a(size, '\0');
    std::string b(size, '\0');
    for (char& c : a) c = static_cast<char>(random.Below(256));
    for (char& c : b) c = static_cast<char>(random.Below(256));
    std::string conjunction = a;
    std::string disjunction = a;
    std::string difference = a;
    std::string complement = a;
    CombineBits(BitOperation::kAnd, conjunction.data(), b);
    CombineBits(BitOperation::kOr, disjunction.data(), b);
    CombineBits(BitOperation::kXor, difference.data(), b);
    InvertBits(complement.data(), size);
    for (size_t i = 0; i < size; ++i) {
      EXPECT_EQ(conjunction[i], static_cast<char>(a[i] & b[i]));
      EXPECT_EQ(disjunction[i], static_cast<char>(a[i] | b[i]));
      EXPECT_EQ(difference[i], static_cast<char>(a[i] ^ b[i]));
      EXPECT_EQ(complement[i], static_cast<char>(~a[i]));
    }
  }
}

TEST(BitFieldType, TakesWhatRedisTakes) {
  EXPECT_EQ(ParseBitFieldType("i64")->bits, 64);
  EXPECT_TRUE(ParseBitFieldType("i1")->is_signed);
  EXPECT_EQ(ParseBitFieldType("u63")->bits, 63);
  EXPECT_EQ(ParseBitFieldType(std::string_view("u8\0x", 4))->bits, 8);
  for (std::string_view bad : {"", "u", "i", "u64", "i65", "u0", "i0", "i-1", "I8", "x8", "8",
                               "u08", "u 8", "u8 ", "i99999999999999999999"}) {
    EXPECT_FALSE(ParseBitFieldType(bad).has_value()) << bad;
  }
}

TEST(BitField, ReadsWhatWasWrittenAndTouchesNothingElse) {
  base::Random random(3);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes(12, '\0');
    for (char& c : bytes) c = static_cast<char>(random.Below(256));
    bool is_signed = random.Below(2) == 0;
    BitFieldType type{is_signed, static_cast<int>(1 + random.Below(is_signed ? 64 : 63))};
    uint64_t offset = random.Below(12 * 8 - static_cast<uint64_t>(type.bits) + 1);
    std::string before = bytes;
    uint64_t value = random.Next();
    SetBitField(bytes.data(), bytes.size(), type, offset, static_cast<int64_t>(value));
    uint64_t expected = 0;
    for (uint64_t i = 0; i < 12 * 8; ++i) {
      bool inside = i >= offset && i < offset + static_cast<uint64_t>(type.bits);
      if (inside) {
        expected = expected << 1 | (BitAt(bytes, i) ? 1 : 0);
      } else {
        EXPECT_EQ(BitAt(bytes, i), BitAt(before, i));
      }
    }
    int unused = 64 - type.bits;
    EXPECT_EQ(expected, value << unused >> unused);
    int64_t read = GetBitField(bytes, type, offset);
    EXPECT_EQ(static_cast<uint64_t>(read) << unused >> unused, expected);
    EXPECT_EQ(read < 0, is_signed && (expected >> (type.bits - 1)) != 0);
  }
}

TEST(BitField, ReadsZerosBehindTheEnd) {
  EXPECT_EQ(GetBitField("\xff", {false, 16}, 0), 0xff00);
  EXPECT_EQ(GetBitField("\xff", {true, 8}, 4), -16);
  EXPECT_EQ(GetBitField("", {true, 64}, 1000), 0);
}

TEST(BitField, FitsNumbersAsRedisDoes) {
  BitFieldType i8{true, 8};
  BitFieldType u8{false, 8};
  EXPECT_EQ(FitBitField(i8, 127, Overflow::kFail), 127);
  EXPECT_EQ(FitBitField(i8, 128, Overflow::kFail), std::nullopt);
  EXPECT_EQ(FitBitField(i8, 128, Overflow::kWrap), -128);
  EXPECT_EQ(FitBitField(i8, 128, Overflow::kSaturate), 127);
  EXPECT_EQ(FitBitField(i8, -129, Overflow::kSaturate), -128);
  EXPECT_EQ(FitBitField(i8, -129, Overflow::kWrap), 127);
  EXPECT_EQ(FitBitField(u8, 256, Overflow::kWrap), 0);
  EXPECT_EQ(FitBitField(u8, -1, Overflow::kSaturate), 255);
  EXPECT_EQ(FitBitField(u8, -1, Overflow::kFail), std::nullopt);
  // Asked of Redis 7.0.15: far below, the difference to the top wraps.
  EXPECT_EQ(FitBitField(i8, -9223372036854775680, Overflow::kSaturate), -128);
  EXPECT_EQ(FitBitField(i8, -9223372036854775681, Overflow::kSaturate), 127);
}

TEST(BitField, AddsAsRedisDoes) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  BitFieldType i64{true, 64};
  EXPECT_EQ(AddToBitField(i64, kMost, 1, Overflow::kSaturate), kMost);
  EXPECT_EQ(AddToBitField(i64, kMost, 1, Overflow::kWrap), kLeast);
  EXPECT_EQ(AddToBitField(i64, -1, kLeast, Overflow::kSaturate), kLeast);
  BitFieldType u63{false, 63};
  EXPECT_EQ(AddToBitField(u63, kMost, 1, Overflow::kWrap), 0);
  EXPECT_EQ(AddToBitField(u63, kMost, kMost, Overflow::kSaturate), kMost);
  EXPECT_EQ(AddToBitField(u63, 0, kLeast, Overflow::kSaturate), 0);
  EXPECT_EQ(AddToBitField(u63, 0, -1, Overflow::kWrap), kMost);
  BitFieldType u2{false, 2};
  EXPECT_EQ(AddToBitField(u2, 3, 1, Overflow::kFail), std::nullopt);
  EXPECT_EQ(AddToBitField(u2, 3, -4, Overflow::kWrap), 3);
}

}  // namespace
}  // namespace nuthatch::values
