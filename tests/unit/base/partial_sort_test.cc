#include "server/base/partial_sort.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/base/random.h"

namespace nuthatch::base {
namespace {

struct Item {
  int weight;
  size_t number;
};

int Compare(const Item& a, const Item& b) { return (a.weight > b.weight) - (a.weight < b.weight); }

TEST(PartialSort, PutsEqualElementsWhereRedisDoes) {
  std::ifstream file(NUTHATCH_TESTS "/unit/base/redis_7_0_15_partial_sort.txt");
  size_t seen = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    ++seen;
    std::istringstream words(line);
    size_t first = 0;
    std::string weights;
    words >> first >> weights;
    std::vector<Item> items;
    for (char weight : weights) items.push_back({weight, items.size()});
    std::vector<size_t> expected;
    for (size_t number = 0; words >> number;) expected.push_back(number);
    ASSERT_FALSE(expected.empty());
    PartialSort(std::span(items), first, first + expected.size() - 1, Compare);
    std::vector<size_t> found;
    for (size_t i = 0; i < expected.size(); ++i) found.push_back(items[first + i].number);
    EXPECT_EQ(found, expected) << line;
  }
  EXPECT_EQ(seen, 260u);
}

std::vector<int> Pattern(Random& random, size_t size) {
  std::vector<int> numbers(size);
  const uint64_t most = 1 + random.Below(random.Below(2) == 0 ? 4 : 1000);
  for (int& number : numbers) number = static_cast<int>(random.Below(most));
  const auto middle = numbers.begin() + static_cast<ptrdiff_t>(random.Below(size + 1));
  switch (random.Below(4)) {
    case 0:
      std::sort(numbers.begin(), middle);
      std::sort(middle, numbers.end(), std::greater<>());
      break;
    case 1:
      std::sort(numbers.begin(), middle);
      break;
    default:
      break;
  }
  return numbers;
}

TEST(PartialSort, SortsWhatIsAskedFor) {
  Random random(1);
  for (int round = 0; round < 3000; ++round) {
    const size_t size = 1 + random.Below(round % 50 == 0 ? 5000 : 200);
    std::vector<int> numbers = Pattern(random, size);
    std::vector<int> sorted = numbers;
    std::sort(sorted.begin(), sorted.end());
    const size_t first = random.Below(size);
    const size_t last = first + random.Below(size - first);
    PartialSort(std::span(numbers), first, last, [](int a, int b) { return (a > b) - (a < b); });
    for (size_t i = first; i <= last; ++i) ASSERT_EQ(numbers[i], sorted[i]);
    // Nothing is lost, and what is before and behind belongs there.
    if (first > 0) {
      ASSERT_LE(*std::max_element(numbers.begin(), numbers.begin() + static_cast<ptrdiff_t>(first)),
                numbers[first]);
    }
    std::sort(numbers.begin(), numbers.end());
    ASSERT_EQ(numbers, sorted);
  }
}

// McIlroy's adversary ("A Killer Adversary for Quicksort", 1999): values are made up while they are
// compared, so that each pivot is among the least.
class Adversary {
 public:
  explicit Adversary(size_t size) : values_(size, kOpen) {}
  int Compare(size_t a, size_t b) {
    ++comparisons_;
    if (values_[a] == kOpen && values_[b] == kOpen) Settle(a == candidate_ ? a : b);
    if (values_[a] == kOpen) candidate_ = a;
    if (values_[b] == kOpen) candidate_ = b;
    return (values_[a] > values_[b]) - (values_[a] < values_[b]);
  }
  size_t comparisons() const { return comparisons_; }
  uint32_t value(size_t i) const { return values_[i]; }

 private:
  static constexpr uint32_t kOpen = 1u << 30;
  void Settle(size_t i) { values_[i] = next_++; }
  std::vector<uint32_t> values_;
  uint32_t next_ = 0;
  size_t candidate_ = 0;
  size_t comparisons_ = 0;
};

TEST(PartialSort, TakesNoQuadraticTime) {
  constexpr size_t kSize = 50'000;
  Adversary adversary(kSize);
  std::vector<size_t> items(kSize);
  std::iota(items.begin(), items.end(), size_t{0});
  PartialSort(std::span(items), 0, kSize - 2,
              [&](size_t a, size_t b) { return adversary.Compare(a, b); });
  // n log2 n is 780,000; a quarter of the pairs would be 600 million.
  EXPECT_LT(adversary.comparisons(), 20'000'000u);
  for (size_t i = 1; i < kSize; ++i) {
    ASSERT_LE(adversary.value(items[i - 1]), adversary.value(items[i]));
  }
}

}  // namespace
}  // namespace nuthatch::base
