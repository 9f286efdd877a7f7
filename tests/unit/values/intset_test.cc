#include "server/values/intset.h"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/base/random.h"
#include "server/values/byte_store.h"
#include "tests/unit/values/random_elements.h"

namespace nuthatch::values {
namespace {

using namespace std::string_view_literals;

HeapBytes Make(const std::vector<int64_t>& members) {
  HeapBytes bytes;
  intset::MakeEmpty(bytes);
  for (int64_t member : members) intset::Add(bytes, member);
  return bytes;
}

std::vector<int64_t> Members(std::string_view bytes) {
  Intset view(bytes);
  std::vector<int64_t> members;
  members.reserve(view.Count());
  for (size_t i = 0; i < view.Count(); ++i) members.push_back(view.At(i));
  return members;
}

TEST(Intset, KeepsMembersSortedAndOnce) {
  HeapBytes bytes = Make({5, -3, 9, 5, 0});
  EXPECT_EQ(Members(bytes.view()), (std::vector<int64_t>{-3, 0, 5, 9}));
  EXPECT_FALSE(intset::Add(bytes, 0));
  EXPECT_TRUE(intset::Remove(bytes, 0));
  EXPECT_FALSE(intset::Remove(bytes, 0));
  Intset view(bytes.view());
  EXPECT_EQ(view.Min(), -3);
  EXPECT_EQ(view.Max(), 9);
  EXPECT_TRUE(view.Contains(5));
  EXPECT_FALSE(view.Contains(4));
  EXPECT_EQ(view.LowerBound(INT64_MAX), 3U);
  EXPECT_EQ(view.LowerBound(INT64_MIN), 0U);
}

TEST(Intset, IsMadeOfManyAndLosesManyAtOnce) {
  const std::vector<int64_t> all = {-70000, -3, 0, 5, 6, 7, 70000};
  HeapBytes bytes;
  intset::MakeOf(bytes, all, 4);
  EXPECT_EQ(bytes.view(), Make(all).view());
  for (uint32_t taken = 0; taken < 1U << all.size(); ++taken) {
    std::vector<uint32_t> indices;
    std::vector<int64_t> left;
    for (uint32_t i = 0; i < all.size(); ++i) {
      if ((taken >> i & 1) != 0) {
        indices.push_back(i);
      } else {
        left.push_back(all[i]);
      }
    }
    intset::MakeOf(bytes, all, 8);
    intset::RemoveEachAt(bytes, indices);
    EXPECT_EQ(Members(bytes.view()), left);
    EXPECT_EQ(Intset(bytes.view()).width(), 8U);
    EXPECT_EQ(bytes.size(), Intset::kHeaderSize + left.size() * 8);
  }
}

TEST(Intset, WidensForWhatDoesNotFitAndStaysWide) {
  for (int64_t edge : {int64_t{INT16_MAX}, int64_t{INT32_MAX}}) {
    for (int64_t beyond : {edge + 1, -edge - 2}) {
      HeapBytes bytes = Make({edge, -edge - 1, 0});
      size_t width = Intset(bytes.view()).width();
      EXPECT_TRUE(intset::Add(bytes, beyond));
      EXPECT_EQ(Intset(bytes.view()).width(), 2 * width);
      EXPECT_TRUE(Intset::Validate(bytes.view()));
      EXPECT_EQ(Intset(bytes.view()).Count(), 4U);
      EXPECT_TRUE(intset::Remove(bytes, beyond));
      EXPECT_EQ(Members(bytes.view()), (std::vector<int64_t>{-edge - 1, 0, edge}));
      EXPECT_EQ(Intset(bytes.view()).width(), 2 * width);
    }
  }
}

TEST(Intset, HasEveryMemberOnceInAnEmptyAndAFullRange) {
  HeapBytes bytes;
  intset::MakeEmpty(bytes);
  EXPECT_FALSE(Intset(bytes.view()).Contains(0));
  EXPECT_FALSE(intset::Remove(bytes, 0));
  for (int64_t value = 0; value < 100; ++value) EXPECT_TRUE(intset::Add(bytes, 2 * value));
  for (int64_t value = -1; value < 201; ++value) {
    EXPECT_EQ(Intset(bytes.view()).Contains(value), value >= 0 && value < 200 && value % 2 == 0);
  }
}

TEST(Intset, PicksEveryMember) {
  HeapBytes bytes = Make({1, 70000, -5});
  base::Random random(1);
  std::set<int64_t> picked;
  for (int i = 0; i < 200; ++i) picked.insert(Intset(bytes.view()).RandomMember(random));
  EXPECT_EQ(picked, (std::set<int64_t>{-5, 1, 70000}));
}

TEST(Intset, RefusesForgedBytes) {
  auto accepted = [](std::string_view bytes) { return Intset::Validate(bytes); };
  EXPECT_TRUE(accepted("\x02\0\0\0\x02\0\0\0\x01\0\x02\0"sv));
  EXPECT_FALSE(accepted(""sv));
  EXPECT_FALSE(accepted("\x02\0\0\0\x01\0\0"sv)) << "shorter than a header";
  EXPECT_FALSE(accepted("\x02\0\0\0\0\0\0\0"sv)) << "empty";
  EXPECT_FALSE(accepted("\x03\0\0\0\x01\0\0\0\x01\0\0"sv)) << "no such width";
  EXPECT_FALSE(accepted("\0\0\0\0\x01\0\0\0"sv)) << "width of nothing";
  EXPECT_FALSE(accepted("\x02\0\0\0\x02\0\0\0\x01\0"sv)) << "a member is missing";
  EXPECT_FALSE(accepted("\x02\0\0\0\x01\0\0\0\x01\0\x02\0"sv)) << "one too many";
  EXPECT_FALSE(accepted("\x08\0\0\0\xff\xff\xff\xff\x01\0\0\0\0\0\0\0"sv)) << "2^32 - 1";
  EXPECT_FALSE(accepted("\x02\0\0\0\x02\0\0\0\x02\0\x01\0"sv)) << "not sorted";
  EXPECT_FALSE(accepted("\x02\0\0\0\x02\0\0\0\x01\0\x01\0"sv)) << "a double";
  EXPECT_TRUE(Intset::Validate("\x02\0\0\0\x02\0\0\0\x01\0\x01\0"sv, /*deep=*/false));
}

TEST(IntsetModel, EditsAsAStdSetDoes) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    base::Random random(seed);
    HeapBytes bytes = Make({});
    std::set<int64_t> model;
    // Narrow values first, and a small range, so that what is removed is there.
    int64_t limit = 1 + static_cast<int64_t>(random.Below(400));
    for (int step = 0; step < 3000; ++step) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << " step " << step);
      int64_t value = RandomInteger(random);
      if (step < 1000 || random.Below(4) != 0) value %= limit;
      switch (random.Below(5)) {
        case 0:
          ASSERT_EQ(intset::Remove(bytes, value), model.erase(value) == 1);
          break;
        case 1:
          ASSERT_EQ(Intset(bytes.view()).Contains(value), model.contains(value));
          break;
        case 2:
          if (model.empty()) break;
          ASSERT_EQ(Intset(bytes.view()).Min(), *model.begin());
          ASSERT_EQ(Intset(bytes.view()).Max(), *model.rbegin());
          if (model.size() < 300) break;
          intset::RemoveAt(bytes, 1);
          model.erase(std::next(model.begin()));
          break;
        default:
          ASSERT_EQ(intset::Add(bytes, value), model.insert(value).second);
          break;
      }
      ASSERT_EQ(Intset(bytes.view()).Count(), model.size());
      if (step % 32 == 0) {
        ASSERT_EQ(Members(bytes.view()), std::vector<int64_t>(model.begin(), model.end()));
      }
    }
    ASSERT_TRUE(Intset::Validate(bytes.view()));
  }
}

}  // namespace
}  // namespace nuthatch::values
