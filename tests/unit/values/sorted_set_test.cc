#include "server/values/sorted_set.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/base/memory.h"
#include "server/base/random.h"

namespace nuthatch::values {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

std::string Name(uint64_t number) {
  char text[32];
  std::snprintf(text, sizeof text, "element:%08u", static_cast<unsigned>(number));
  return text;
}

// A set beside the standard library's containers.
struct Model {
  using Item = std::pair<double, std::string>;

  void Add(const std::string& member, double score) {
    auto it = scores.find(member);
    SortedSet::Outcome wanted = SortedSet::Outcome::kAdded;
    if (it != scores.end()) {
      wanted = it->second == score ? SortedSet::Outcome::kUnchanged : SortedSet::Outcome::kUpdated;
      order.erase({it->second, member});
    }
    ASSERT_EQ(set.Add(member, score), wanted);
    if (wanted != SortedSet::Outcome::kUnchanged) scores[member] = score;
    order.insert({scores[member], member});
  }
  void Remove(const std::string& member) {
    auto it = scores.find(member);
    ASSERT_EQ(set.Remove(member), it != scores.end());
    if (it == scores.end()) return;
    order.erase({it->second, member});
    scores.erase(it);
  }
  std::vector<Item> Items() const { return {order.begin(), order.end()}; }
  void Check() const {
    set.CheckInvariants();
    ASSERT_EQ(set.size(), scores.size());
    auto at = set.First();
    size_t rank = 0;
    for (const auto& [score, member] : order) {
      ASSERT_TRUE(at);
      ASSERT_EQ(at.member(), member);
      ASSERT_EQ(at.score(), score);
      const SortedSetElement* element = set.Find(member);
      ASSERT_EQ(element, at.element());
      ASSERT_EQ(set.Rank(element), rank);
      ASSERT_EQ(set.ReverseRank(element), scores.size() - 1 - rank);
      at.Next();
      ++rank;
    }
    ASSERT_FALSE(at);
    ASSERT_EQ(set.Find("absent"), nullptr);
  }
  void RemoveRanks(SortedSet::RankRange ranks) {
    std::vector<Item> items = Items();
    set.RemoveRanks(ranks);
    for (size_t i = ranks.begin; i < ranks.end; ++i) {
      order.erase(items[i]);
      scores.erase(items[i].second);
    }
  }

  SortedSet set;
  std::map<std::string, double> scores;
  std::set<Item> order;
};

double AnyScore(base::Random& random) {
  switch (random.Below(8)) {
    case 0:
      return random.Below(2) == 0 ? kInf : -kInf;
    case 1:
      return random.Below(2) == 0 ? 0.0 : -0.0;
    case 2:
      return static_cast<double>(random.Next() >> 11) * 0x1p-40;
    default:
      return static_cast<double>(random.Below(20)) - 10;
  }
}

// Of all lengths, some of them above what one byte counts, with bytes above 0x7f.
std::string AnyMember(base::Random& random, uint64_t numbers) {
  uint64_t number = random.Below(numbers);
  std::string member(number % 7 == 0 ? number % 400 : number % 5, static_cast<char>(number * 37));
  return number == 0 ? "" : member + std::to_string(number);
}

TEST(SortedSet, AgreesWithAMapAndASetUnderRandomOps) {
  for (uint64_t numbers : {3, 40, 500, 4000}) {
    Model model;
    base::Random random(numbers);
    unsigned add_weight = 50;
    for (size_t op = 0; op < 20 * numbers + 2000; ++op) {
      if (op % (numbers * 3 + 11) == 0) {
        add_weight = 10 + static_cast<unsigned>(random.Below(9)) * 10;
      }
      std::string member = AnyMember(random, numbers);
      if (random.Below(100) < add_weight) {
        model.Add(member, AnyScore(random));
      } else {
        model.Remove(member);
      }
      if (random.Below(1000) == 0) {
        size_t begin = random.Below(model.set.size() + 1);
        model.RemoveRanks({begin, begin + random.Below(model.set.size() - begin + 1) / 8});
      }
      if (op % 1009 == 0) model.Check();
      if (HasFatalFailure()) return;
    }
    model.Check();
  }
}

TEST(SortedSet, NegativeZeroIsNotANewScore) {
  SortedSet set;
  EXPECT_EQ(set.Add("a", 0.0), SortedSet::Outcome::kAdded);
  EXPECT_EQ(set.Add("a", -0.0), SortedSet::Outcome::kUnchanged);
  EXPECT_FALSE(std::signbit(set.Find("a")->score()));
  EXPECT_EQ(set.Add("b", -0.0), SortedSet::Outcome::kAdded);
  EXPECT_TRUE(std::signbit(set.Find("b")->score()));
  EXPECT_EQ(set.Rank(set.Find("a")), 0U);  // equal scores: by member
  EXPECT_EQ(set.Rank(set.Find("b")), 1U);
}

// What the set says of a range is what a walk over all `items`, which are in order, finds.
template <typename Range, typename Inside>
void CheckRange(const SortedSet& set, const std::vector<Model::Item>& items, const Range& range,
                const Inside& inside) {
  auto count = static_cast<size_t>(std::count_if(items.begin(), items.end(), inside));
  SortedSet::RankRange ranks = set.Within(range);
  ASSERT_EQ(ranks.size(), count);
  SortedSet::Position first = set.FirstWithin(range);
  SortedSet::Position last = set.LastWithin(range);
  ASSERT_EQ(static_cast<bool>(first), count > 0);
  ASSERT_EQ(static_cast<bool>(last), count > 0);
  if (count == 0) return;
  auto begin = std::find_if(items.begin(), items.end(), inside);
  ASSERT_EQ(ranks.begin, static_cast<size_t>(begin - items.begin()));
  ASSERT_EQ(first.member(), begin->second);
  ASSERT_EQ(last.member(), (begin + static_cast<ptrdiff_t>(count) - 1)->second);
}

TEST(SortedSet, ScoreRangesCountAsAWalkDoes) {
  Model model;
  base::Random random(3);
  for (int i = 0; i < 3000; ++i) model.Add(Name(random.Below(5000)), AnyScore(random));
  std::vector<Model::Item> items = model.Items();
  for (int i = 0; i < 2000; ++i) {
    ScoreRange range{AnyScore(random), AnyScore(random), random.Below(2) == 0,
                     random.Below(2) == 0};
    auto inside = [&](const Model::Item& item) {
      return (range.min_exclusive ? item.first > range.min : item.first >= range.min) &&
             (range.max_exclusive ? item.first < range.max : item.first <= range.max);
    };
    ASSERT_NO_FATAL_FAILURE(CheckRange(model.set, items, range, inside));
  }
  SortedSet empty;
  EXPECT_EQ(empty.Within(ScoreRange{-kInf, kInf}).size(), 0U);
  EXPECT_FALSE(empty.FirstWithin(ScoreRange{-kInf, kInf}));
  EXPECT_FALSE(empty.LastWithin(ScoreRange{-kInf, kInf}));
}

LexBound AnyLexBound(base::Random& random, const std::string& text) {
  return {static_cast<LexBound::Kind>(random.Below(4)), text};
}

TEST(SortedSet, LexRangesCountAsAWalkDoes) {
  Model model;
  base::Random random(4);
  for (int i = 0; i < 2000; ++i) model.Add(AnyMember(random, 5000), 7);
  std::vector<Model::Item> items = model.Items();
  for (int i = 0; i < 2000; ++i) {
    std::string low = AnyMember(random, 5000);
    std::string high = AnyMember(random, 5000);
    LexRange range{AnyLexBound(random, low), AnyLexBound(random, high)};
    auto above = [&](const std::string& member) {
      switch (range.min.kind) {
        case LexBound::Kind::kLowest:
          return true;
        case LexBound::Kind::kHighest:
          return false;
        case LexBound::Kind::kInclusive:
          return member >= low;
        default:
          return member > low;
      }
    };
    auto below = [&](const std::string& member) {
      switch (range.max.kind) {
        case LexBound::Kind::kLowest:
          return false;
        case LexBound::Kind::kHighest:
          return true;
        case LexBound::Kind::kInclusive:
          return member <= high;
        default:
          return member < high;
      }
    };
    auto inside = [&](const Model::Item& item) { return above(item.second) && below(item.second); };
    ASSERT_NO_FATAL_FAILURE(CheckRange(model.set, items, range, inside));
  }
}

TEST(SortedSet, PopsFromBothEnds) {
  Model model;
  base::Random random(9);
  for (int i = 0; i < 500; ++i) model.Add(Name(static_cast<uint64_t>(i)), AnyScore(random));
  while (model.set.size() > 0) {
    size_t size = model.set.size();
    ASSERT_EQ(model.set.First().member(), model.order.begin()->second);
    ASSERT_EQ(model.set.Last().member(), model.order.rbegin()->second);
    model.RemoveRanks(size % 2 == 0 ? SortedSet::RankRange{0, 1}
                                    : SortedSet::RankRange{size - 1, size});
    model.Check();
  }
  EXPECT_FALSE(model.set.First());
  EXPECT_FALSE(model.set.Last());
}

TEST(SortedSet, RandomElementsAreEquallyLikely) {
  SortedSet set;
  constexpr size_t kCount = 200;
  for (size_t i = 0; i < kCount; ++i) set.Add(Name(i), static_cast<double>(i % 10));
  base::Random random(5);
  std::map<std::string, int> seen;
  constexpr int kDraws = 200000;
  for (int i = 0; i < kDraws; ++i) ++seen[std::string(set.RandomElement(random).member())];
  EXPECT_EQ(seen.size(), kCount);
  // 1000 each, with a standard deviation of 32.
  for (const auto& [member, count] : seen) EXPECT_NEAR(count, 1000, 200) << member;
}

TEST(SortedSet, ScanReturnsWhatStaysWhileItGrowsAndShrinks) {
  for (bool growing : {true, false}) {
    SortedSet set;
    base::Random random(6);
    for (uint64_t i = 0; i < 500; ++i) set.Add(Name(i), static_cast<double>(i));
    uint64_t next = 500;
    uint64_t oldest = 500;
    if (!growing) {
      while (next < 20000) set.Add(Name(next++), 1);
    }
    std::set<std::string> seen;
    uint64_t cursor = 0;
    do {
      cursor = set.Scan(cursor, [&](const SortedSetElement& element) {
        seen.insert(std::string(element.member()));
      });
      for (uint64_t i = random.Below(80); i > 0; --i) {
        if (growing && next < 20000) {
          set.Add(Name(next++), 1);
        } else if (!growing && oldest < next) {
          set.Remove(Name(oldest++));
        }
      }
    } while (cursor != 0);
    for (uint64_t i = 0; i < 500; ++i) ASSERT_TRUE(seen.contains(Name(i))) << i;
  }
  SortedSet empty;
  EXPECT_EQ(empty.Scan(0, [](const SortedSetElement&) {}), 0U);
  EXPECT_EQ(empty.Scan(UINT64_MAX, [](const SortedSetElement&) {}), 0U);
}

TEST(SortedSet, DuplicatesAreEqualAndIndependent) {
  Model model;
  base::Random random(7);
  for (int i = 0; i < 3000; ++i) model.Add(AnyMember(random, 4000), AnyScore(random));
  std::unique_ptr<Object> object = model.set.Duplicate();
  auto& copy = static_cast<SortedSet&>(*object);
  copy.CheckInvariants();
  auto theirs = copy.First();
  for (auto ours = model.set.First(); ours; ours.Next(), theirs.Next()) {
    ASSERT_EQ(ours.member(), theirs.member());
    ASSERT_EQ(ours.score(), theirs.score());
    ASSERT_NE(ours.element(), theirs.element());
  }
  EXPECT_FALSE(theirs);
  copy.RemoveRanks({0, copy.size()});
  copy.CheckInvariants();
  model.Check();
  EXPECT_EQ(SortedSet().Duplicate()->MemoryBytes(), SortedSet().MemoryBytes());
}

TEST(SortedSetBuilder, BuildsFromAnyOrder) {
  for (int order = 0; order < 3; ++order) {
    for (size_t count : {0, 1, 2, 61, 62, 63, 3000}) {
      std::vector<uint64_t> numbers(count);
      std::iota(numbers.begin(), numbers.end(), 0U);
      if (order == 1) std::reverse(numbers.begin(), numbers.end());
      base::Random random(count);
      if (order == 2) {
        for (size_t i = count; i > 1; --i) std::swap(numbers[i - 1], numbers[random.Below(i)]);
      }
      SortedSetBuilder builder;
      for (uint64_t number : numbers) {
        ASSERT_TRUE(builder.Add(Name(number), static_cast<double>(number / 3)));
        ASSERT_FALSE(builder.Add(Name(number), 5));
      }
      ASSERT_EQ(builder.size(), count);
      std::unique_ptr<SortedSet> set = builder.Finish();
      set->CheckInvariants();
      ASSERT_EQ(set->size(), count);
      size_t rank = 0;
      for (auto at = set->First(); at; at.Next(), ++rank) {
        ASSERT_EQ(at.member(), Name(rank));
        ASSERT_EQ(at.score(), static_cast<double>(rank / 3));
      }
      ASSERT_EQ(rank, count);
    }
  }
}

TEST(SortedSetBuilder, ForgetsWhatWasNotFinished) {
  SortedSetBuilder builder;
  for (uint64_t i = 0; i < 1000; ++i) builder.Add(Name(i), static_cast<double>(i));
  EXPECT_EQ(builder.size(), 1000U);  // the sanitizers see that its end frees all
}

TEST(SortedSet, IsFreedInSlices) {
  SortedSet set;
  for (uint64_t i = 0; i < 30000; ++i) set.Add(Name(i), static_cast<double>(i * 7919 % 30000));
  size_t bytes = set.MemoryBytes();
  size_t slices = 0;
  while (!set.FreeSome(256)) {
    ASSERT_LE(set.MemoryBytes(), bytes);
    // 256 pieces and a segment of the table, at most.
    ASSERT_LE(bytes - set.MemoryBytes(), 256U * 1024 + 65536);
    bytes = set.MemoryBytes();
    ++slices;
  }
  EXPECT_GE(slices, 30000U / 512);
  EXPECT_EQ(set.MemoryBytes(), base::SizeClass(sizeof(SortedSet)));
}

#ifndef NUTHATCH_NO_JEMALLOC
TEST(SortedSet, AccountsForEveryByteThatItAllocates) {
  base::Random random(8);
  uint64_t before = base::UsedMemory();
  auto set = std::make_unique<SortedSet>();
  for (int round = 0; round < 30; ++round) {
    for (int i = 0; i < 3000; ++i) {
      if (random.Below(10) < static_cast<uint64_t>(round % 10)) {
        set->Remove(AnyMember(random, 20000));
      } else {
        set->Add(AnyMember(random, 20000), AnyScore(random));
      }
    }
    ASSERT_EQ(base::UsedMemory() - before, set->MemoryBytes());
  }
  set.reset();
  EXPECT_EQ(base::UsedMemory(), before);
}
#endif

TEST(SortedSet, AMillionMembersTakeAtMost75BytesEach) {
  constexpr size_t kCount = 1000000;
  base::Random random(10);
  auto score = [&] { return static_cast<double>(random.Next() >> 11) * 0x1p-53; };
  std::vector<uint32_t> order(kCount);
  std::iota(order.begin(), order.end(), 0U);
  for (size_t i = kCount; i > 1; --i) std::swap(order[i - 1], order[random.Below(i)]);
  SortedSet set;
  for (uint32_t number : order) set.Add(Name(number), score());
  EXPECT_LE(set.MemoryBytes(), kCount * 66);
  for (size_t i = 0; i < kCount; ++i) set.Add(Name(random.Below(kCount)), score());
  EXPECT_EQ(set.size(), kCount);
  EXPECT_LE(set.MemoryBytes(), kCount * 69);
  // And half of them gone, the rest spread over the same leaves.
  for (size_t i = 0; i < kCount / 2; ++i) set.Remove(Name(order[i]));
  EXPECT_LE(set.MemoryBytes(), kCount / 2 * 80);
  set.CheckInvariants();
}

}  // namespace
}  // namespace nuthatch::values
