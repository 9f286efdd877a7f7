#include "server/values/counted_tree.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "server/base/random.h"

namespace nuthatch::values {
namespace {

template <unsigned kLeaf, unsigned kInner>
struct TestShape {
  static constexpr unsigned kLeafEntries = kLeaf;
  static constexpr unsigned kInnerEntries = kInner;
};

template <typename Shape>
class CountedTreeTest : public testing::Test {};

// Narrow nodes bring the logic of high trees into reach of few elements.
using Shapes = testing::Types<TestShape<4, 4>, TestShape<5, 4>, TestShape<7, 5>, TestShape<16, 9>,
                              TestShape<62, 36>>;
TYPED_TEST_SUITE(CountedTreeTest, Shapes);

bool Less(const SortedSetElement* a, const SortedSetElement* b) {
  if (a->score() != b->score()) return a->score() < b->score();
  return a->member() < b->member();
}

// A tree beside a sorted vector of the same elements, which both are owned here.
template <typename Shape>
struct Model {
  using Tree = CountedTree<Shape>;

  ~Model() {
    for (SortedSetElement* element : order) SortedSetElement::Release(element);
  }

  size_t RankOf(const SortedSetElement* element) const {
    return static_cast<size_t>(std::lower_bound(order.begin(), order.end(), element, Less) -
                               order.begin());
  }
  SortedSetElement* Insert(const std::string& member, double score) {
    SortedSetElement* element = SortedSetElement::Make(member, score);
    tree.Insert(element);
    order.insert(order.begin() + static_cast<ptrdiff_t>(RankOf(element)), element);
    return element;
  }
  void Remove(size_t rank) {
    SortedSetElement* element = order[rank];
    tree.Remove(element);
    order.erase(order.begin() + static_cast<ptrdiff_t>(rank));
    SortedSetElement::Release(element);
  }
  void Move(size_t rank, double score) {
    SortedSetElement* element = order[rank];
    order.erase(order.begin() + static_cast<ptrdiff_t>(rank));
    tree.Move(element, score);
    ASSERT_EQ(element->score(), score);
    order.insert(order.begin() + static_cast<ptrdiff_t>(RankOf(element)), element);
  }
  void RemoveRange(size_t begin, size_t end) {
    size_t at = begin;
    tree.RemoveRange(begin, end, [&](SortedSetElement* const* elements, unsigned count) {
      for (unsigned i = 0; i < count; ++i) {
        CHECK(elements[i] == order[at++]);
        SortedSetElement::Release(elements[i]);
      }
    });
    CHECK(at == end);
    order.erase(order.begin() + static_cast<ptrdiff_t>(begin),
                order.begin() + static_cast<ptrdiff_t>(end));
  }
  // Both walks, ranks both ways, and what lies around the score or member of each.
  void Check() const {
    tree.CheckInvariants();
    ASSERT_EQ(tree.size(), order.size());
    auto forward = tree.At(0);
    for (size_t rank = 0; rank < order.size(); ++rank, forward.Next()) {
      ASSERT_TRUE(forward);
      ASSERT_EQ(forward.element(), order[rank]);
      ASSERT_EQ(tree.Rank(order[rank]), rank);
      ASSERT_EQ(tree.At(rank).element(), order[rank]);
    }
    ASSERT_FALSE(forward);
    ASSERT_FALSE(tree.At(order.size()));
    auto backward = tree.At(order.size());
    for (size_t rank = order.size(); rank-- > 0;) {
      backward.Previous();
      ASSERT_TRUE(backward);
      ASSERT_EQ(backward.element(), order[rank]);
    }
    if (order.empty()) return;
    backward.Previous();
    ASSERT_FALSE(backward);
    backward.Next();
    ASSERT_EQ(backward.element(), order.front());
  }
  void CheckSeek(double score) const {
    for (bool after : {false, true}) {
      auto spot = tree.SeekScore(score, after);
      size_t rank = 0;
      while (rank < order.size() &&
             (order[rank]->score() < score || (after && order[rank]->score() == score))) {
        ++rank;
      }
      ASSERT_EQ(spot.rank, rank);
      ASSERT_EQ(static_cast<bool>(spot.position), rank < order.size());
      if (spot.position) {
        ASSERT_EQ(spot.position.element(), order[rank]);
      }
    }
  }

  Tree tree;
  std::vector<SortedSetElement*> order;
};

// Scores of several kinds: many ties, hardly any, all the same, neighbours of what is there.
double RandomScore(base::Random& random, unsigned kind, double near) {
  switch (kind) {
    case 0:
      return static_cast<double>(random.Below(5));
    case 1:
      return static_cast<double>(random.Below(1U << 30)) / 1024;
    case 2:
      return 0;
    case 3:
      return near + static_cast<double>(random.Below(5)) - 2;
    default: {
      constexpr double kSpecial[] = {0.0,
                                     -0.0,
                                     std::numeric_limits<double>::infinity(),
                                     -std::numeric_limits<double>::infinity(),
                                     std::numeric_limits<double>::denorm_min(),
                                     -1};
      return kSpecial[random.Below(6)];
    }
  }
}

template <typename Shape>
void RunRandomOps(uint64_t seed, unsigned kind, size_t most) {
  Model<Shape> model;
  base::Random random(seed);
  unsigned insert_weight = 60;
  int next_member = 0;
  // Phases are long enough to come near `most`, and back.
  size_t phase = 2 * most + 97;
  for (size_t op = 0; op < 12 * phase + 3000; ++op) {
    if (op % phase == 0) insert_weight = 5 + static_cast<unsigned>(random.Below(10)) * 10;
    size_t size = model.order.size();
    uint64_t dice = random.Below(100);
    size_t rank = size > 0 ? random.Below(size) : 0;
    if (size == 0 || (dice < insert_weight / 2 && size < most)) {
      // Members come in neither order.
      std::string member = std::to_string(random.Below(1000)) + ":" + std::to_string(next_member++);
      model.Insert(member, RandomScore(random, kind, size > 0 ? model.order[rank]->score() : 0));
    } else if (dice < 50) {
      model.Remove(rank);
    } else if (dice < 99) {
      model.Move(rank, RandomScore(random, kind, model.order[rank]->score()));
    } else if (random.Below(4) == 0) {
      size_t end = rank + random.Below(size - rank + 1);
      model.RemoveRange(rank, std::min(end, rank + most / 10));
    }
    if (op % 97 == 0) model.tree.CheckInvariants();
    if (op % 499 == 0) {
      model.Check();
      model.CheckSeek(RandomScore(random, kind, model.order.empty() ? 0 : model.order[0]->score()));
      if (testing::Test::HasFatalFailure()) return;
    }
  }
  model.Check();
}

TYPED_TEST(CountedTreeTest, AgreesWithASortedVectorUnderRandomOps) {
  for (unsigned kind = 0; kind < 5; ++kind) {
    for (size_t most : {3, 20, 150, 2500}) {
      RunRandomOps<TypeParam>(kind * 100 + most, kind, most);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

TYPED_TEST(CountedTreeTest, GrowsAndShrinksBackToNothing) {
  Model<TypeParam> model;
  base::Random random(1);
  for (int i = 0; i < 5000; ++i) {
    model.Insert(std::to_string(i), static_cast<double>(random.Below(2000)));
  }
  model.Check();
  while (!model.order.empty()) {
    model.Remove(random.Below(model.order.size()));
    if (model.order.size() % 199 == 0) model.tree.CheckInvariants();
  }
  model.Check();
  EXPECT_EQ(model.tree.MemoryBytes(), 0U);
}

TYPED_TEST(CountedTreeTest, OrderedInsertsLeaveFullLeaves) {
  for (int step : {1, -1}) {
    Model<TypeParam> model;
    for (int i = 0; i < 3000; ++i) model.Insert(std::to_string(i), step * i);
    model.Check();
    EXPECT_GE(model.tree.LeafFill(), TypeParam::kLeafEntries == 4 ? 0.74 : 0.78);
    // And emptying it from one end, as a queue is.
    while (!model.order.empty()) {
      model.Remove(0);
      if (model.order.size() % 199 == 0) model.tree.CheckInvariants();
    }
    model.Check();
  }
}

TYPED_TEST(CountedTreeTest, BuildsFromElementsInOrder) {
  for (size_t count : {0, 1, 2, 3, 4, 5, 6, 7, 15, 16, 17, 60, 100, 1000, 20011}) {
    Model<TypeParam> model;
    for (size_t i = 0; i < count; ++i) {
      model.order.push_back(SortedSetElement::Make("m", static_cast<double>(i)));
    }
    model.tree.Build(model.order.data(), count);
    model.Check();
    base::Random random(count);
    for (int i = 0; i < 300 && !model.order.empty(); ++i) {
      model.Remove(random.Below(model.order.size()));
      model.Insert("n", static_cast<double>(random.Below(count)) + 0.5 + i * 1e-6);
      model.tree.CheckInvariants();
    }
    model.Check();
  }
}

TYPED_TEST(CountedTreeTest, RemovesRangesOfEverySize) {
  for (size_t length : {0, 1, 3, 4, 30, 61, 62, 63, 200, 900, 1000}) {
    for (size_t begin : {0, 1, 50, 99, 500, 937}) {
      Model<TypeParam> model;
      for (int i = 0; i < 1000; ++i) model.Insert(std::to_string(i), i * 7919 % 1000);
      model.RemoveRange(begin, std::min<size_t>(begin + length, 1000));
      model.Check();
    }
  }
}

TYPED_TEST(CountedTreeTest, SeeksMembersWhereAllScoresAreTheSame) {
  Model<TypeParam> model;
  auto text = [](int i) {
    return std::string(static_cast<size_t>(i) % 3, '\xff') + std::to_string(i);
  };
  for (int i = 0; i < 1500; ++i) model.Insert(text(i * 7 % 1500 * 2), 1);
  for (int i = 0; i < 3000; i += 11) {
    std::string member = text(i);
    for (bool after : {false, true}) {
      auto spot = model.tree.SeekMember(member, after);
      size_t rank = 0;
      while (rank < model.order.size() && (model.order[rank]->member() < member ||
                                           (after && model.order[rank]->member() == member))) {
        ++rank;
      }
      ASSERT_EQ(spot.rank, rank);
      ASSERT_EQ(static_cast<bool>(spot.position), rank < model.order.size());
      if (spot.position) {
        ASSERT_EQ(spot.position.element(), model.order[rank]);
      }
    }
  }
}

TYPED_TEST(CountedTreeTest, SeekingMembersAmongDifferentScoresIsHarmless) {
  Model<TypeParam> model;
  base::Random random(5);
  for (int i = 0; i < 1000; ++i) {
    model.Insert(std::to_string(random.Next()), static_cast<double>(random.Below(100)));
  }
  for (int i = 0; i < 1000; ++i) {
    auto spot = model.tree.SeekMember(std::to_string(random.Next()), i % 2 == 0);
    ASSERT_LE(spot.rank, model.order.size());
    if (spot.position) {
      ASSERT_EQ(spot.position.element(), model.order[spot.rank]);
    }
  }
}

TYPED_TEST(CountedTreeTest, IsFreedInSlices) {
  for (size_t slice : {1, 2, 7, 100000}) {
    Model<TypeParam> model;
    for (int i = 0; i < 3000; ++i) model.Insert(std::to_string(i), i * 7919 % 3000);
    size_t bytes = model.tree.MemoryBytes();
    while (!model.tree.FreeSome(slice)) {
      ASSERT_LT(model.tree.MemoryBytes(), bytes);
      bytes = model.tree.MemoryBytes();
    }
    EXPECT_EQ(model.tree.MemoryBytes(), 0U);
    model.tree.CheckInvariants();
  }
}

// With elements that come and go and move at random, leaves stay well filled.
TEST(CountedTree, LeavesStayFilledWhileElementsMove) {
  using Tree = CountedTree<TestShape<62, 36>>;
  Tree tree;
  base::Random random(11);
  auto score = [&] { return static_cast<double>(random.Next() >> 11); };
  std::vector<SortedSetElement*> elements;
  constexpr size_t kCount = 50000;
  for (size_t i = 0; i < kCount; ++i) {
    elements.push_back(SortedSetElement::Make(std::to_string(i), score()));
    tree.Insert(elements.back());
  }
  EXPECT_GE(tree.LeafFill(), 0.75);
  for (size_t i = 0; i < 4 * kCount; ++i) tree.Move(elements[random.Below(kCount)], score());
  EXPECT_GE(tree.LeafFill(), 0.68);
  tree.CheckInvariants();
  for (SortedSetElement* element : elements) SortedSetElement::Release(element);
}

}  // namespace
}  // namespace nuthatch::values
