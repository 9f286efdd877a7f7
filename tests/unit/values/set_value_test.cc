#include "server/values/set_value.h"

#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "server/base/memory.h"
#include "server/base/random.h"
#include "tests/unit/values/elements.h"

namespace nuthatch::values {
namespace {

using base::Random;
using Model = std::unordered_set<std::string>;

Model ContentOf(const SetValue& set) {
  Model content;
  set.ForEach([&content](std::string_view member) {
    EXPECT_TRUE(content.emplace(member).second) << "visited twice";
  });
  return content;
}

void CheckAgainst(const SetValue& set, const Model& model) {
  set.table().CheckInvariants();
  ASSERT_EQ(set.size(), model.size());
  ASSERT_EQ(ContentOf(set), model);
}

// The members of numbers below `count`.
std::unique_ptr<SetValue> MakeSet(uint64_t count) {
  auto set = std::make_unique<SetValue>();
  for (uint64_t number = 0; number < count; ++number) set->Insert(Hashed(NameOf(number)));
  return set;
}

void RunRandomOps(uint64_t seed, uint64_t numbers, int ops) {
  SetValue set;
  Model model;
  Random random(seed);
  uint64_t insert_weight = 50;
  for (int op = 0; op < ops; ++op) {
    if (op % 997 == 0) insert_weight = 10 + random.Below(9) * 10;
    std::string member = NameOf(random.Below(numbers));
    Hashed hashed(member);
    ASSERT_EQ(set.Contains(hashed), model.contains(member));
    if (random.Below(100) < insert_weight) {
      ASSERT_EQ(set.Insert(hashed), model.insert(member).second);
    } else if (random.Below(8) == 0 && !set.empty()) {
      std::string_view victim = set.RandomMember(random);
      ASSERT_EQ(model.erase(std::string(victim)), 1);
      ASSERT_TRUE(set.Erase(Hashed(victim)));
    } else {
      ASSERT_EQ(set.Erase(hashed), model.erase(member) == 1);
    }
    if (op % 4999 == 0) CheckAgainst(set, model);
  }
  CheckAgainst(set, model);
}

TEST(SetValue, AgreesWithASetUnderRandomOps) {
  for (uint64_t numbers : {4, 40, 700, 9000, 60000}) RunRandomOps(numbers, numbers, 60000);
}

TEST(SetValue, KeepsMembersOfEveryLength) {
  SetValue set;
  Model model;
  for (size_t length :
       {0, 1, 15, 16, 17, 31, 32, 251, 252, 254, 255, 256, 257, 65535, 65536, 70000}) {
    std::string member(length, 'm');
    EXPECT_TRUE(set.Insert(Hashed(member)));
    EXPECT_FALSE(set.Insert(Hashed(member)));
    model.insert(member);
  }
  CheckAgainst(set, model);
  for (const std::string& member : model) EXPECT_TRUE(set.Erase(Hashed(member)));
  EXPECT_TRUE(set.empty());
}

TEST(SetValue, TellsMembersApartThatDifferInLengthOrNulBytes) {
  SetValue set;
  std::string zeros(3, '\0');
  set.Insert(Hashed(zeros));
  EXPECT_TRUE(set.Contains(Hashed(zeros)));
  EXPECT_FALSE(set.Contains(Hashed(std::string_view(zeros).substr(1))));
  EXPECT_FALSE(set.Contains(Hashed("")));
}

TEST(SetValue, AnswersForBatches) {
  std::unique_ptr<SetValue> set = MakeSet(5000);
  Random random(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> names;
    std::vector<Hashed> batch;
    size_t count = random.Below(SetValue::kMaxBatch + 1);
    for (size_t i = 0; i < count; ++i) names.push_back(NameOf(random.Below(10000)));
    for (const std::string& name : names) batch.emplace_back(name);
    uint64_t found = set->Contains(batch);
    for (size_t i = 0; i < count; ++i) ASSERT_EQ((found >> i) & 1, set->Contains(batch[i]));
    ASSERT_EQ(count == 64 ? 0 : found >> count, 0);
    Model present = ContentOf(*set);
    size_t before = set->size();
    if (round % 2 == 0) {
      size_t added = set->InsertEach(batch);
      ASSERT_EQ(set->size(), before + added);
      for (const Hashed& member : batch) ASSERT_TRUE(set->Contains(member));
    } else {
      size_t erased = set->EraseEach(batch);
      ASSERT_EQ(set->size(), before - erased);
      for (const Hashed& member : batch) ASSERT_FALSE(set->Contains(member));
    }
    for (const std::string& name : names) present.erase(name);
    for (const std::string& name : present) ASSERT_TRUE(set->Contains(Hashed(name)));
  }
}

TEST(SetValue, TakesNoMoreThanTheBytesOfAMemberAndATenthOfALine) {
  SetValue set;
  constexpr int kCount = 200000;
  for (int i = 0; i < kCount; ++i) {
    set.Insert(Hashed("element:" + std::to_string(10000000 + i)));
  }
  EXPECT_LT(static_cast<double>(set.MemoryBytes()) / kCount, 16 + 12.0);
}

TEST(SetValue, CountsItsMemoryExactly) {
  Random random(5);
  uint64_t before = base::UsedMemory();
  auto set = std::make_unique<SetValue>();
  for (int i = 0; i < 30000; ++i) {
    std::string member = NameOf(random.Below(20000));
    if (i < 20000 || random.Below(3) == 0) {
      set->Insert(Hashed(member));
    } else {
      set->Erase(Hashed(member));
    }
  }
  if (kCountsExactly) {
    EXPECT_EQ(base::UsedMemory() - before, set->MemoryBytes());
  }
  std::unique_ptr<Object> copy = set->Duplicate();
  set.reset();
  if (kCountsExactly) {
    EXPECT_EQ(base::UsedMemory() - before, copy->MemoryBytes());
  }
  copy.reset();
  if (kCountsExactly) {
    EXPECT_EQ(base::UsedMemory(), before);
  }
}

TEST(SetValue, DuplicatesAreEqualAndApart) {
  std::unique_ptr<SetValue> set = MakeSet(3000);
  std::unique_ptr<Object> object = set->Duplicate();
  auto& copy = dynamic_cast<SetValue&>(*object);
  Model model = ContentOf(*set);
  CheckAgainst(copy, model);
  set->Erase(Hashed(NameOf(7)));
  copy.Insert(Hashed("another"));
  model.insert("another");
  CheckAgainst(copy, model);
}

TEST(SetValue, FreesInSlices) {
  uint64_t before = base::UsedMemory();
  std::unique_ptr<SetValue> set = MakeSet(20000);
  uint64_t used = base::UsedMemory();
  int slices = 1;
  for (; !set->FreeSome(256); ++slices) {
    if (!kCountsExactly) continue;
    uint64_t now = base::UsedMemory();
    ASSERT_LE(used - now, 300 * 1024) << "of members that are 100 bytes long";
    used = now;
    ASSERT_EQ(now - before, set->MemoryBytes());
  }
  EXPECT_GT(slices, 20000 / 256 / 2);
  set.reset();
  if (kCountsExactly) {
    EXPECT_EQ(base::UsedMemory(), before);
  }
}

TEST(SetValue, ShrinksAsMembersGo) {
  std::unique_ptr<SetValue> set = MakeSet(100000);
  size_t full = set->MemoryBytes();
  for (uint64_t number = 0; number < 99000; ++number) set->Erase(Hashed(NameOf(number)));
  EXPECT_LT(set->MemoryBytes(), full / 50);
  EXPECT_LT(set->table().buckets() * 8 * 4, 1000 * 10);
  for (uint64_t number = 99000; number < 100000; ++number) set->Erase(Hashed(NameOf(number)));
  EXPECT_LE(set->MemoryBytes(), base::SizeClass(sizeof(SetValue)) + 64);
}

// So that no operation takes long.
TEST(SetValue, NoOperationMovesMoreThanASegmentsMemory) {
  SetValue set;
  constexpr int64_t kMost = 2 * 65 * 1024;
  auto before = static_cast<int64_t>(set.MemoryBytes());
  auto check = [&] {
    auto now = static_cast<int64_t>(set.MemoryBytes());
    ASSERT_LE(std::abs(now - before), kMost);
    before = now;
  };
  constexpr uint64_t kNumbers = 400000;
  for (uint64_t number = 0; number < kNumbers; ++number) {
    set.Insert(Hashed(std::to_string(number)));
    check();
  }
  for (uint64_t number = 0; number < kNumbers; ++number) {
    set.Erase(Hashed(std::to_string(number)));
    check();
  }
}

// While a scan walks, members come and go; those that stay must all be seen.
void RunScan(uint64_t seed, uint64_t stay, uint64_t others, size_t count) {
  SetValue set;
  Random random(seed);
  for (uint64_t number = 0; number < stay; ++number) set.Insert(Hashed(NameOf(number)));
  uint64_t oldest = stay;
  uint64_t next = stay;
  bool growing = seed % 2 == 0;
  if (!growing) {
    while (next < stay + others) set.Insert(Hashed(NameOf(next++)));
  }
  std::set<std::string, std::less<>> seen;
  uint64_t cursor = 0;
  do {
    uint64_t before = cursor;
    size_t visited = 0;
    cursor = set.Scan(cursor, count, [&](std::string_view member) {
      ++visited;
      seen.emplace(member);
    });
    ASSERT_LE(visited, count + 64);
    ASSERT_LT(cursor, uint64_t{1} << 53);
    ASSERT_TRUE(cursor == 0 || cursor > before);
    for (uint64_t i = random.Below(40 * count); i > 0; --i) {
      if (growing && next < stay + others) {
        set.Insert(Hashed(NameOf(next++)));
      } else if (!growing && oldest < next) {
        set.Erase(Hashed(NameOf(oldest++)));
      }
    }
    if (random.Below(50) == 0) growing = !growing;
  } while (cursor != 0);
  for (uint64_t number = 0; number < stay; ++number) {
    ASSERT_TRUE(seen.contains(NameOf(number))) << number;
  }
}

TEST(SetValue, ScanReturnsWhatStaysWhileItGrowsAndShrinks) {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    RunScan(seed, 300, 30000, 1);
    RunScan(seed, 3000, 60000, 10);
    RunScan(seed, 10, 60000, 3);
    RunScan(seed, 20000, 20000, 100);
  }
}

TEST(SetValue, ScanTakesAnyCursor) {
  std::unique_ptr<SetValue> set = MakeSet(3000);
  Random random(1);
  for (int i = 0; i < 1000; ++i) {
    uint64_t cursor = random.Next() >> random.Below(64);
    uint64_t next = set->Scan(cursor, 10, [](std::string_view) {});
    ASSERT_TRUE(next == 0 || next > cursor);
  }
  EXPECT_EQ(set->Scan(UINT64_MAX, 10, [](std::string_view) { FAIL(); }), 0);
  SetValue nothing;
  EXPECT_EQ(nothing.Scan(0, 10, [](std::string_view) { FAIL(); }), 0);
}

TEST(SetValue, AWalkEndsWhenItsVisitorSaysSo) {
  std::unique_ptr<SetValue> set = MakeSet(100);
  for (int most : {1, 5, 17, 99, 100}) {
    int visited = 0;
    set->ForEach([&](std::string_view) { return ++visited < most; });
    EXPECT_EQ(visited, most);
  }
}

TEST(SetValue, RandomMembersAreEven) {
  SetValue set;
  constexpr int kNumbers = 400;
  constexpr int kSamples = 80000;
  for (int i = 0; i < kNumbers; ++i) set.Insert(Hashed(std::to_string(i)));
  Random random(8);
  std::vector<int> hits(kNumbers);
  for (int i = 0; i < kSamples; ++i) {
    ++hits[static_cast<size_t>(std::stoi(std::string(set.RandomMember(random))))];
  }
  // 5 sigma of a chi-square with 399 degrees
  EXPECT_LT(ChiSquare(hits, static_cast<double>(kSamples) / kNumbers), kNumbers + 5 * 28.3);
}

// Of few and of many, members are different, and each is as likely as any other.
TEST(SetValue, SamplesAreDifferentAndEven) {
  SetValue set;
  constexpr int kNumbers = 300;
  for (int i = 0; i < kNumbers; ++i) set.Insert(Hashed(std::to_string(i)));
  Random random(9);
  for (size_t count : {1, 20, 99, 100, 150, 299}) {
    std::vector<int> hits(kNumbers);
    constexpr int kRounds = 3000;
    for (int round = 0; round < kRounds; ++round) {
      std::set<std::string, std::less<>> taken;
      set.Sample(count, random, [&](std::string_view member) {
        ASSERT_TRUE(taken.emplace(member).second);
        ++hits[static_cast<size_t>(std::stoi(std::string(member)))];
      });
      ASSERT_EQ(taken.size(), count);
    }
    // 5 sigma of a chi-square with 299 degrees; without replacement it is smaller.
    EXPECT_LT(ChiSquare(hits, static_cast<double>(kRounds * count) / kNumbers), kNumbers + 5 * 24.5)
        << count;
  }
  for (size_t count : {300, 301, 100000}) {
    size_t visited = 0;
    set.Sample(count, random, [&](std::string_view) { ++visited; });
    EXPECT_EQ(visited, kNumbers);
  }
  set.Sample(0, random, [](std::string_view) { FAIL(); });
}

}  // namespace
}  // namespace nuthatch::values
