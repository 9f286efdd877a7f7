#include "server/base/table.h"

#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include "server/base/clock.h"
#include "tests/unit/base/table_model.h"

namespace nuthatch::base {
namespace {

template <typename Traits>
class TableTest : public testing::Test {};

// Tiny segments bring the logic of large tables into reach of few keys.
using Sizes = testing::Types<TestTraits<1>, TestTraits<2>, TestTraits<4>, TestTraits<16>,
                             TestTraits<64>, TestTraits<1024>>;
TYPED_TEST_SUITE(TableTest, Sizes);

// Phases of mostly inserts, mostly erases and both, over a key range of `numbers`.
template <typename Traits>
void RunRandomOps(uint64_t seed, uint64_t numbers, int ops, bool bounds) {
  TableModel<Traits> model;
  Random random(seed);
  unsigned insert_weight = 50;
  for (int op = 0; op < ops; ++op) {
    if (op % 997 == 0) insert_weight = 10 + static_cast<unsigned>(random.Below(9)) * 10;
    uint64_t number = random.Below(numbers);
    bool there = static_cast<bool>(model.Find(number));
    ASSERT_EQ(there, model.entries.contains(number));
    if (random.Below(100) < insert_weight) {
      int64_t bound =
          bounds && random.Below(3) != 0 ? static_cast<int64_t>(random.Below(100000)) : kNoBound;
      if (!there) model.Insert(number, bound);
    } else if (there) {
      model.Erase(number);
    }
    if (op % 1009 == 0 && !model.table.settled()) model.table.Step(random.Below(10), model.bytes);
    if (op % 499 == 0) model.table.CheckInvariants();
  }
  model.Check(numbers);
}

TYPED_TEST(TableTest, AgreesWithAMapUnderRandomOps) {
  for (uint64_t numbers : {5, 30, 200, 1500, 9000, 40000}) {
    RunRandomOps<TypeParam>(numbers, numbers, 40000, false);
  }
}

TYPED_TEST(TableTest, KeepsBoundsUnderRandomOps) {
  for (uint64_t numbers : {30, 1500, 9000}) {
    RunRandomOps<TypeParam>(numbers + 1, numbers, 30000, true);
  }
}

TYPED_TEST(TableTest, GrowsAndShrinksBackToNothing) {
  TableModel<TypeParam> model;
  constexpr uint64_t kNumbers = 20000;
  for (uint64_t number = 0; number < kNumbers; ++number) model.Insert(number);
  model.Check(kNumbers + 5000);
  EXPECT_LE(model.table.buckets() * 8 * 55, kNumbers * 100);
  for (uint64_t number = 0; number < kNumbers; ++number) {
    model.Erase(number);
    if (number % 4999 == 0) model.Check(kNumbers);
  }
  EXPECT_TRUE(model.table.empty());
  while (!model.table.settled()) model.table.Step(100, model.bytes);
  model.table.CheckInvariants();
  EXPECT_LE(model.bytes, 64);
}

TYPED_TEST(TableTest, FillStaysBetweenItsLimitsWhileItGrows) {
  TableModel<TypeParam> model;
  for (uint64_t number = 0; number < 60000; ++number) {
    model.Insert(number);
    if (number < 200 || TypeParam::kSegmentBuckets < 1024) continue;
    // While a large table grows, its bytes run ahead of its homes: hence the bytes.
    double fill = 8.0 * static_cast<double>(number + 1) / static_cast<double>(model.bytes);
    ASSERT_GE(fill, 0.60) << number;
    ASSERT_LE(fill, 0.86) << number;
  }
}

// While a scan walks, keys come and go; those that stay must all be seen.
template <typename Traits>
void RunScan(uint64_t seed, uint64_t stay, uint64_t others, bool grow_first) {
  TableModel<Traits> model;
  Random random(seed);
  for (uint64_t number = 0; number < stay; ++number) model.Insert(number);
  uint64_t next = stay;
  if (!grow_first) {
    while (next < stay + others) model.Insert(next++);
  }
  uint64_t oldest = stay;
  std::set<uint64_t> seen;
  bool growing = grow_first;
  for (uint64_t cell = 0; cell < TableMapping::kCells;) {
    uint64_t before = cell;
    cell = model.table.Scan(
        cell, [&](typename Table<Traits>::Ref ref) { seen.insert(ref.entry()->number); });
    ASSERT_GT(cell, before);
    for (uint64_t i = random.Below(40); i > 0; --i) {
      if (growing && next < stay + others) {
        model.Insert(next++);
      } else if (!growing && oldest < next) {
        model.Erase(oldest++);
      }
    }
    if (random.Below(50) == 0) growing = !growing;
  }
  for (uint64_t number = 0; number < stay; ++number) ASSERT_TRUE(seen.contains(number)) << number;
}

TYPED_TEST(TableTest, ScanReturnsWhatStaysWhileItGrowsAndShrinks) {
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    RunScan<TypeParam>(seed, 300, 5000, seed % 2 == 0);
    RunScan<TypeParam>(seed, 3000, 12000, seed % 2 == 0);
    RunScan<TypeParam>(seed, 10, 12000, seed % 2 == 0);
  }
}

TYPED_TEST(TableTest, ScanOfARestingTableReturnsEachEntryOnce) {
  for (uint64_t numbers : {1, 8, 100, 3000, 20000}) {
    TableModel<TypeParam> model;
    for (uint64_t number = 0; number < numbers; ++number) model.Insert(number);
    while (!model.table.settled()) model.table.Step(100, model.bytes);
    std::map<uint64_t, int> seen;
    for (uint64_t cell = 0; cell < TableMapping::kCells;) {
      cell = model.table.Scan(cell, [&](auto ref) { ++seen[ref.entry()->number]; });
    }
    EXPECT_EQ(seen.size(), numbers);
    for (auto [number, times] : seen) ASSERT_EQ(times, 1) << number;
  }
}

// Whoever deletes in the order of a scan leaves one end of the table dense.
TYPED_TEST(TableTest, BearsErasingInScanOrder) {
  TableModel<TypeParam> model;
  constexpr uint64_t kNumbers = 30000;
  for (uint64_t number = 0; number < kNumbers; ++number) model.Insert(number);
  std::vector<uint64_t> order;
  for (uint64_t cell = 0; cell < TableMapping::kCells;) {
    cell = model.table.Scan(cell, [&](auto ref) { order.push_back(ref.entry()->number); });
  }
  int64_t start = ThreadCpuNs();
  for (size_t i = 0; i < order.size(); ++i) {
    if (model.Find(order[i])) model.Erase(order[i]);
    if (i % 5000 == 0) model.table.CheckInvariants();
    // And in the midst of it others come in, evenly.
    if (i == kNumbers / 2) {
      for (uint64_t number = kNumbers; number < kNumbers * 3 / 2; ++number) model.Insert(number);
    }
  }
  EXPECT_LT(ThreadCpuNs() - start, 2'000'000'000);
  model.Check(kNumbers * 3 / 2);
  while (!model.table.settled()) model.table.Step(100, model.bytes);
  model.Check(kNumbers * 3 / 2);
}

// And whoever copies in the order of a scan inserts in the order of hashes.
TYPED_TEST(TableTest, BearsInsertingInScanOrderOfAnother) {
  TableModel<TypeParam> model;
  TableModel<TypeParam> copy;
  constexpr uint64_t kNumbers = 30000;
  for (uint64_t number = 0; number < kNumbers; ++number) model.Insert(number);
  for (uint64_t cell = 0; cell < TableMapping::kCells;) {
    cell = model.table.Scan(cell, [&](auto ref) { copy.Insert(ref.entry()->number); });
  }
  copy.Check(kNumbers);
  EXPECT_LT(copy.bytes, model.bytes * 13 / 10);
}

TYPED_TEST(TableTest, CollectsExactlyWhatIsDue) {
  TableModel<TypeParam> model;
  Random random(3);
  constexpr uint64_t kNumbers = 8000;
  for (uint64_t number = 0; number < kNumbers; ++number) {
    model.Insert(number, number % 3 == 0 ? kNoBound : static_cast<int64_t>(random.Below(1000)));
  }
  for (int64_t limit = 0; limit <= 1000; limit += 100) {
    std::set<uint64_t> expected;
    for (auto& [number, entry] : model.entries) {
      if (entry->bound <= limit) expected.insert(number);
    }
    std::set<uint64_t> collected;
    int64_t least = 0;
    for (;;) {
      std::vector<TestEntry*> due;
      least = model.table.CollectDue(limit, 64, due, model.bytes);
      for (TestEntry* entry : due) {
        ASSERT_TRUE(collected.insert(entry->number).second);
        model.Erase(entry->number);
      }
      if (least > limit) break;
    }
    EXPECT_EQ(collected, expected);
    model.table.CheckInvariants();
  }
  EXPECT_FALSE(model.table.has_bounds());
}

// How far from even the hits of samples are, as a chi-square over the entries of `model`.
template <typename Model>
double ChiSquareOfSamples(const Model& model, int samples) {
  Random random(11);
  std::unordered_map<uint64_t, int> hits;
  for (int i = 0; i < samples; ++i) ++hits[model.table.SampleEntry(random).entry()->number];
  double expected = static_cast<double>(samples) / static_cast<double>(model.table.size());
  double chi = 0;
  for (const auto& [number, entry] : model.entries) {
    double off = hits[number] - expected;
    chi += off * off / expected;
  }
  return chi;
}

TYPED_TEST(TableTest, SamplesEachEntryAboutEquallyOften) {
  TableModel<TypeParam> model;
  constexpr uint64_t kNumbers = 900;
  for (uint64_t number = 0; number < kNumbers; ++number) model.Insert(number);
  // 5 sigma of a chi-square with 899 degrees
  EXPECT_LT(ChiSquareOfSamples(model, 180000), kNumbers + 5 * 42.4);
}

// Where erasing in scan order has left one end dense and the rest empty, most words are missed.
TYPED_TEST(TableTest, SamplesEvenlyWhereOneEndIsDense) {
  TableModel<TypeParam> model;
  constexpr uint64_t kNumbers = 100000;
  constexpr uint64_t kLeft = 60;
  for (uint64_t number = 0; number < kNumbers; ++number) model.Insert(number);
  for (uint64_t cell = 0; cell < TableMapping::kCells && model.table.size() > kLeft;) {
    std::vector<uint64_t> numbers;
    cell = model.table.Scan(cell, [&](auto ref) { numbers.push_back(ref.entry()->number); });
    for (uint64_t number : numbers) {
      if (model.table.size() > kLeft) model.Erase(number);
    }
  }
  EXPECT_GT(model.table.buckets() * 8, kLeft * 100) << "nothing to be missed";
  // 5 sigma of a chi-square with 59 degrees
  EXPECT_LT(ChiSquareOfSamples(model, 20000), kLeft + 5 * 10.9);
}

TEST(Table, OneKeyTakesOneCacheLine) {
  TableModel<TestTraits<1024>> model;
  EXPECT_EQ(sizeof(model.table), 24);
  EXPECT_EQ(model.bytes, 0);
  model.Insert(1);
  EXPECT_EQ(model.bytes, 64);
  model.Erase(1);
  EXPECT_EQ(model.bytes, 0);
}

struct CollidingTraits : TestTraits<64> {
  static uint64_t HashOf(const TestEntry* entry) { return entry->number % 2 == 0 ? 0 : ~0ULL; }
};

TEST(Table, SurvivesAHashFunctionWithoutLuck) {
  Table<CollidingTraits> table;
  int64_t bytes = 0;
  std::vector<std::unique_ptr<TestEntry>> entries;
  constexpr uint64_t kNumbers = 3000;
  auto hash = [](uint64_t number) { return number % 2 == 0 ? 0 : ~0ULL; };
  auto find = [&](uint64_t number) {
    return table.Find(hash(number), [number](const TestEntry& e) { return e.number == number; });
  };
  for (uint64_t number = 0; number < kNumbers; ++number) {
    entries.push_back(std::make_unique<TestEntry>(TestEntry{number, kNoBound}));
    table.Insert(hash(number), entries.back().get(), 0, bytes);
  }
  table.CheckInvariants();
  for (uint64_t number = 0; number < kNumbers; ++number) {
    auto ref = find(number);
    ASSERT_TRUE(ref);
    table.Erase(ref, hash(number), bytes);
  }
  EXPECT_TRUE(table.empty());
  size_t cursor = 0;
  EXPECT_TRUE(table.Destroy(
      &cursor, 1 << 20, [](TestEntry*) {}, bytes));
  EXPECT_EQ(bytes, 0);
}

TEST(Table, MissesStopAtHome) {
  // The share of homes that a miss has to look beyond: reach and filter keep it small.
  TableModel<TestTraits<1024>> model;
  for (uint64_t number = 0; number < 100000; ++number) model.Insert(number);
  EXPECT_LT(model.table.FarMissShare(), 0.12);
}

}  // namespace
}  // namespace nuthatch::base
