#include "server/values/hyperloglog.h"

#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "server/base/random.h"

namespace nuthatch::values {
namespace {

using namespace std::string_view_literals;

constexpr size_t kMaxSparse = 3000;

class TestHll : public HllString {
 public:
  explicit TestHll(std::string_view bytes = EmptyHll()) : bytes_(bytes) { Point(); }
  const std::string& bytes() const { return bytes_; }

 private:
  void Resize(size_t size) override {
    bytes_.resize(size);
    Point();
  }
  void Point() {
    data_ = bytes_.data();
    size_ = bytes_.size();
  }

  std::string bytes_;
};

std::string Sparse(std::string_view runs) {
  return std::string("HYLL\1\0\0\0\0\0\0\0\0\0\0\x80"sv).append(runs);
}

HllRegisters RegistersOf(std::string_view bytes) {
  HllRegisters registers{};
  EXPECT_TRUE(MergeHll(bytes, registers));
  return registers;
}

// What PFADD made of these elements in Redis 7.0.15: DUMP bytes of the runs.
TEST(HyperLogLog, MakesTheRunsOfRedis) {
  TestHll one;
  EXPECT_EQ(one.Raise(HllPlaceOf("a"), kMaxSparse), HllString::Raised::kYes);
  EXPECT_EQ(one.bytes(), Sparse("q\xa6\x84NW"));
  EXPECT_EQ(one.Raise(HllPlaceOf("a"), kMaxSparse), HllString::Raised::kNo);
  TestHll three;
  for (std::string_view element : {"b", "c", "d"}) three.Raise(HllPlaceOf(element), kMaxSparse);
  EXPECT_EQ(three.bytes(), Sparse("\\{\x80"
                                  "Dv\x80\\\xae\x80"
                                  "BZ"));
  EXPECT_EQ(EstimateHll(three.view()), 3U);
}

TEST(HyperLogLog, KnowsItsHeader) {
  EXPECT_TRUE(IsHyperLogLog(EmptyHll()));
  EXPECT_EQ(HllCached(EmptyHll()), 0U);
  EXPECT_TRUE(IsHyperLogLog(Sparse("")));
  EXPECT_FALSE(HllCached(Sparse("")).has_value());
  EXPECT_FALSE(IsHyperLogLog(""));
  EXPECT_FALSE(IsHyperLogLog(Sparse("").substr(0, 15)));
  EXPECT_FALSE(IsHyperLogLog("HYLK" + Sparse("").substr(4)));
  std::string other = Sparse("");
  other[4] = 2;
  EXPECT_FALSE(IsHyperLogLog(other));
  std::string dense(kHllDenseSize, '\0');
  EmptyHll().copy(dense.data(), 4);
  EXPECT_TRUE(IsHyperLogLog(dense));
  dense.push_back('\0');
  EXPECT_FALSE(IsHyperLogLog(dense));
  std::string cached(EmptyHll());
  SetHllCached(cached.data(), 0x123456789a);
  EXPECT_EQ(HllCached(cached), 0x123456789aU);
  InvalidateHllCached(cached.data());
  EXPECT_FALSE(HllCached(cached).has_value());
}

// Both forms against plain registers, with places at random and places that crowd.
class Model : public testing::TestWithParam<size_t> {};
INSTANTIATE_TEST_SUITE_P(Registers, Model, testing::Values(3, 40, 700, kHllRegisters));

TEST_P(Model, HoldsThePlainRegisters) {
  base::Random random(GetParam());
  for (int round = 0; round < 5; ++round) {
    TestHll sparse;
    TestHll dense;
    ASSERT_TRUE(dense.MakeDense());
    HllRegisters plain{};
    for (int step = 0; step < 1500; ++step) {
      HllPlace place{.index = random.Below(GetParam()),
                     .rank = 1 + static_cast<int>(random.Below(1 + random.Below(32)))};
      bool raises = plain[place.index] < place.rank;
      auto expected = raises ? HllString::Raised::kYes : HllString::Raised::kNo;
      plain[place.index] = std::max(plain[place.index], static_cast<uint8_t>(place.rank));
      ASSERT_EQ(sparse.Raise(place, 100'000), expected);
      ASSERT_EQ(dense.Raise(place, 100'000), expected);
      if (step % 100 == 0) {
        ASSERT_EQ(RegistersOf(sparse.view()), plain);
      }
    }
    EXPECT_EQ(HllEncodingOf(sparse.view()), HllEncoding::kSparse);
    EXPECT_EQ(RegistersOf(sparse.view()), plain);
    EXPECT_EQ(RegistersOf(dense.view()), plain);
    for (size_t i = 0; i < kHllRegisters; ++i) ASSERT_EQ(HllDenseGet(dense.view(), i), plain[i]);
    EXPECT_EQ(EstimateHll(sparse.view()), EstimateHll(plain));
    EXPECT_EQ(EstimateHll(dense.view()), EstimateHll(plain));
    ASSERT_TRUE(sparse.MakeDense());
    EXPECT_EQ(sparse.bytes().substr(kHllHeaderSize), dense.bytes().substr(kHllHeaderSize));
  }
}

TEST(HyperLogLog, BecomesDenseAtItsLimitAndForLargeRanks) {
  TestHll full;
  size_t largest = 0;
  for (int i = 0; HllEncodingOf(full.view()) == HllEncoding::kSparse; ++i) {
    largest = full.bytes().size();
    full.Raise(HllPlaceOf(std::to_string(i)), 200);
  }
  EXPECT_LE(largest, 200U);
  EXPECT_GT(largest, 190U);
  TestHll high;
  high.Raise({.index = 5, .rank = 33}, kMaxSparse);
  EXPECT_EQ(HllEncodingOf(high.view()), HllEncoding::kDense);
  EXPECT_EQ(HllDenseGet(high.view(), 5), 33);
}

TEST(HyperLogLog, EstimatesWithinItsError) {
  TestHll hll;
  int next = 1;
  for (int i = 1; i <= 1'000'000; ++i) {
    hll.Raise(HllPlaceOf("element:" + std::to_string(i)), kMaxSparse);
    if (i != next) continue;
    next *= 10;
    double estimate = static_cast<double>(*EstimateHll(hll.view()));
    EXPECT_LE(std::abs(estimate - i), std::max(1.0, 0.03 * i)) << i;
  }
}

// Asked of Redis 7.0.15.
TEST(HyperLogLog, EstimatesRegistersThatNoElementMakes) {
  std::string dense("HYLL\0\0\0\0\0\0\0\0\0\0\0\x80"sv);
  std::string_view pattern = "\xdb\x6d\xb6";
  for (size_t i = 0; i < kHllRegisters / 4; ++i) dense.append(pattern);
  EXPECT_EQ(EstimateHll(dense), 6341919058502U);
  EXPECT_EQ(EstimateHll(dense.substr(0, kHllHeaderSize) + std::string(12288, '\xff')),
            uint64_t{1} << 63);
}

struct OddRuns {
  std::string_view runs;
  bool whole;                // they cover the registers
  std::string_view after_a;  // after PFADD a
  std::string_view text;
};

// All of it asked of Redis 7.0.15.
TEST(HyperLogLog, TakesOddRunsAsRedisDoes) {
  const OddRuns kCases[] = {
      {"\x7f\xff", true, "q\xa6\x84NW", "Z:16384"},
      {"\x7f\xff\x80", false, "q\xa6\x84NW\x80", "Z:16384 v:1,1"},
      {"\x7f\xff\x00"sv, false, "q\xa6\x84NW\x00"sv, "Z:16384 z:1"},
      {"\x7f\xfe", false, "q\xa6\x84NV", "Z:16383"},
      {"\x7f", false, "q\xa6\x84M", "Z:16129"},
      {"\x7f\xfe@", true, "q\xa6\x84NV@", "Z:16383 Z:1"},
      {"\x7f\xfe\x00"sv, true, "q\xa6\x84NV\x00"sv, "Z:16383 z:1"},
      {"\x7f\xfe\x83", false, "q\xa6\x84NV\x83", "Z:16383 v:1,4"},
      {"\x7f\xff\x7f\xff", false, "q\xa6\x84NW\x7f\xff", "Z:16384 Z:16384"},
      {"\x7f\xfd\x80@", true, "q\xa6\x84NU\x80@", "Z:16382 v:1,1 Z:1"},
  };
  for (const OddRuns& odd : kCases) {
    TestHll hll(Sparse(odd.runs));
    HllRegisters registers{};
    EXPECT_EQ(MergeHll(hll.view(), registers), odd.whole) << odd.text;
    EXPECT_EQ(EstimateHll(hll.view()).has_value(), odd.whole) << odd.text;
    EXPECT_EQ(HllToDense(hll.view()).has_value(), odd.whole) << odd.text;
    EXPECT_EQ(DescribeHllSparse(hll.view()), odd.text);
    EXPECT_EQ(hll.Raise(HllPlaceOf("a"), kMaxSparse), HllString::Raised::kYes);
    EXPECT_EQ(hll.bytes(), Sparse(odd.after_a)) << odd.text;
  }
  TestHll empty(Sparse(""));
  EXPECT_EQ(empty.Raise(HllPlaceOf("a"), kMaxSparse), HllString::Raised::kCorrupt);
  EXPECT_FALSE(EstimateHll(empty.view()).has_value());
  EXPECT_FALSE(empty.MakeDense());
}

TEST(MurmurHash64A, TakesEveryLength) {
  // Registers that Redis 7.0.15 put such elements into, by PFDEBUG GETREG: see the oracle, which
  // compares the strings; here, that each byte counts.
  std::string bytes(40, 'x');
  for (size_t size = 0; size < bytes.size(); ++size) {
    uint64_t hash = MurmurHash64A(std::string_view(bytes).substr(0, size), 1);
    EXPECT_NE(hash, MurmurHash64A(std::string_view(bytes).substr(0, size + 1), 1));
    if (size == 0) continue;
    std::string other = bytes.substr(0, size);
    other[size - 1] = 'y';
    EXPECT_NE(hash, MurmurHash64A(other, 1));
  }
}

}  // namespace
}  // namespace nuthatch::values
