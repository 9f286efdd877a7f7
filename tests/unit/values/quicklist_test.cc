#include "server/values/quicklist.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/base/random.h"
#include "tests/unit/values/random_elements.h"

namespace nuthatch::values {
namespace {

using Cursor = Quicklist::Cursor;
using Direction = Quicklist::Direction;
using Model = std::deque<std::string>;

// Sets the threshold of plain nodes for one test.
class Threshold {
 public:
  explicit Threshold(uint64_t bytes) { Quicklist::SetPackedThreshold(bytes); }
  ~Threshold() { Quicklist::SetPackedThreshold(uint64_t{1} << 30); }
  Threshold(const Threshold&) = delete;
  Threshold& operator=(const Threshold&) = delete;
};

std::string TextAt(const Quicklist& list, const Cursor& cursor) {
  NumberText number;
  return std::string(list.At(cursor).Text(number));
}

Model Elements(const Quicklist& list, Direction direction = Direction::kForward) {
  Model elements;
  bool forward = direction == Direction::kForward;
  Cursor cursor = forward ? list.First() : list.Last();
  for (bool more = static_cast<bool>(cursor); more; more = list.Advance(&cursor, direction)) {
    std::string text = TextAt(list, cursor);
    forward ? elements.push_back(text) : elements.push_front(text);
  }
  return elements;
}

void ExpectSame(const Quicklist& list, const Model& model) {
  list.CheckInvariants();
  ASSERT_EQ(list.size(), model.size());
  ASSERT_EQ(Elements(list), model);
  ASSERT_EQ(Elements(list, Direction::kBackward), model);
}

void Fill(Quicklist& list, size_t count, size_t from = 0) {
  for (size_t i = 0; i < count; ++i) list.PushBack("element:" + std::to_string(from + i));
}

TEST(Quicklist, EmptyHasNoElements) {
  Quicklist list(-2);
  EXPECT_TRUE(list.empty());
  EXPECT_FALSE(static_cast<bool>(list.First()));
  EXPECT_FALSE(static_cast<bool>(list.Last()));
  EXPECT_FALSE(static_cast<bool>(list.Seek(0)));
  EXPECT_FALSE(static_cast<bool>(list.Seek(-1)));
  EXPECT_EQ(list.EraseRange(0, 10), nullptr);
  EXPECT_EQ(list.EraseEqual("a", 10, Direction::kForward), 0U);
  EXPECT_TRUE(list.FreeSome(1));
}

TEST(Quicklist, SeeksEveryIndexFromBothEnds) {
  Quicklist list(7);
  Fill(list, 3000);
  for (int64_t i = 0; i < 3000; ++i) {
    ASSERT_EQ(TextAt(list, list.Seek(i)), "element:" + std::to_string(i));
    ASSERT_EQ(TextAt(list, list.Seek(i - 3000)), "element:" + std::to_string(i));
  }
  for (int64_t i : {int64_t{3000}, int64_t{-3001}, INT64_MAX, INT64_MIN}) {
    EXPECT_FALSE(static_cast<bool>(list.Seek(i)));
  }
}

TEST(Quicklist, EraseMovesTheCursorInItsDirection) {
  for (Direction direction : {Direction::kForward, Direction::kBackward}) {
    bool forward = direction == Direction::kForward;
    Quicklist list(3);
    Fill(list, 20);
    Cursor cursor = list.Seek(10);
    for (int i = 1; i <= 9; ++i) {
      list.Erase(&cursor, direction);
      ASSERT_EQ(TextAt(list, cursor), "element:" + std::to_string(forward ? 10 + i : 10 - i));
    }
    list.Erase(&cursor, direction);
    ASSERT_EQ(static_cast<bool>(cursor), !forward);
    if (!forward) list.Erase(&cursor, direction);
    ASSERT_FALSE(static_cast<bool>(cursor));
    list.CheckInvariants();
  }
}

TEST(Quicklist, ErasesEqualOnesOfEitherEndOnly) {
  Quicklist list(4);
  Model model;
  for (int i = 0; i < 30; ++i) {
    model.push_back(i % 3 == 0 ? "7" : "x" + std::to_string(i));
    list.PushBack(model.back());
  }
  EXPECT_EQ(list.EraseEqual("7", 3, Direction::kForward), 3U);
  EXPECT_EQ(list.EraseEqual("7", 2, Direction::kBackward), 2U);
  for (int i : {27, 24, 6, 3, 0}) model.erase(model.begin() + i);
  ExpectSame(list, model);
  EXPECT_EQ(list.EraseEqual("7", UINT64_MAX, Direction::kBackward), 5U);
  std::erase(model, "7");
  ExpectSame(list, model);
}

TEST(Quicklist, GivesEveryLargeElementANodeOfItsOwn) {
  Threshold threshold(100);
  Quicklist list(-2);
  std::string big(100, 'b');
  for (const std::string& text : {std::string("a"), big, std::string("c")}) list.PushBack(text);
  std::vector<bool> plain;
  auto note = [&plain](bool is_plain, std::string_view) { plain.push_back(is_plain); };
  list.ForEachNode(note);
  EXPECT_EQ(plain, (std::vector<bool>{false, true, false}));
  EXPECT_EQ(TextAt(list, list.Seek(1)), big);
  list.Replace(list.Seek(1), "small");
  list.Replace(list.Seek(0), big);
  ExpectSame(list, {big, "small", "c"});
}

TEST(Quicklist, PlainElementsMayBeEmpty) {
  Quicklist list(-2);
  list.AppendPlain("");
  list.PushBack("");
  ExpectSame(list, {"", ""});
  EXPECT_EQ(list.CountNodes(), 2U);
  std::unique_ptr<Object> copy = list.Duplicate();
  ExpectSame(static_cast<Quicklist&>(*copy), {"", ""});
}

TEST(Quicklist, ThresholdHasRedisLimitsAndDefault) {
  Threshold threshold(1);
  constexpr uint64_t kMost = (uint64_t{1} << 32) - (uint64_t{1} << 20);
  EXPECT_FALSE(Quicklist::SetPackedThreshold(kMost + 1));
  Quicklist list(-2);
  list.PushBack("a");
  list.PushBack("");
  EXPECT_TRUE(Quicklist::SetPackedThreshold(0));
  list.PushBack("a");
  EXPECT_TRUE(Quicklist::SetPackedThreshold(kMost));
  list.PushBack("a");
  std::vector<bool> plain;
  list.ForEachNode([&plain](bool is_plain, std::string_view) { plain.push_back(is_plain); });
  EXPECT_EQ(plain, (std::vector<bool>{true, false}));
}

TEST(Quicklist, ReturnsTheManyNodesOfAnErasedRange) {
  Quicklist list(2);
  Fill(list, 1000);
  Model model = Elements(list);
  size_t memory = list.MemoryBytes();
  std::unique_ptr<Quicklist> erased = list.EraseRange(101, 798);
  ASSERT_NE(erased, nullptr);
  ExpectSame(*erased, Model(model.begin() + 102, model.begin() + 898));
  model.erase(model.begin() + 101, model.begin() + 899);
  ExpectSame(list, model);
  EXPECT_LT(list.MemoryBytes(), memory / 3);
  // A few are erased at once.
  EXPECT_EQ(list.EraseRange(10, 30), nullptr);
  model.erase(model.begin() + 10, model.begin() + 40);
  ExpectSame(list, model);
  std::unique_ptr<Quicklist> rest = list.EraseRange(0, UINT64_MAX);
  ExpectSame(*rest, model);
  ExpectSame(list, {});
}

TEST(Quicklist, IsFreedInPieces) {
  Quicklist list(1);
  Fill(list, 100);
  EXPECT_FALSE(list.FreeSome(99));
  EXPECT_EQ(list.size(), 1U);
  EXPECT_TRUE(list.FreeSome(1));
  EXPECT_EQ(list.MemoryBytes(), base::SizeClass(sizeof(Quicklist)));
}

TEST(Quicklist, TakesWholeNodes) {
  Quicklist list(-2);
  list.PushBack("first");
  Quicklist other(3);
  Fill(other, 10);
  other.ForEachNode([&list](bool, std::string_view bytes) { list.AppendListpack(bytes); });
  list.AppendPlain("a plain one");
  EXPECT_EQ(list.CountNodes(), 6U);
  Model model = Elements(other);
  model.push_front("first");
  model.push_back("a plain one");
  ExpectSame(list, model);
}

// Seen in redis-server 7.0.15: what two nodes make together may be 4 bytes longer than 8,192.
TEST(Quicklist, JoinsNodesUpToTheLimitOfRedis) {
  auto nodes_of = [](size_t first_bytes) {
    Quicklist list(16);
    for (int i = 0; i < 17; ++i) list.PushFront("a");
    list.PushFront(std::string(first_bytes, 'x'));
    list.InsertAfter(list.Seek(15), "b");
    std::vector<size_t> counts;
    list.ForEachNode(
        [&](bool /*plain*/, std::string_view bytes) { counts.push_back(Listpack(bytes).Count()); });
    return counts;
  };
  EXPECT_EQ(nodes_of(8179), (std::vector<size_t>{2, 14, 3}));
  EXPECT_EQ(nodes_of(8180), (std::vector<size_t>{1, 15, 3}));
}

// What the account says is what the allocator has given.
TEST(Quicklist, CountsItsBytesExactly) {
  base::Random random(1);
  uint64_t before = base::UsedMemory();
  size_t counted = 0;
  std::unique_ptr<Quicklist> list = std::make_unique<Quicklist>(-1);
  for (int i = 0; i < 20000; ++i) {
    std::string text(random.Below(200), 'x');
    random.Below(2) == 0 ? list->PushBack(text) : list->PushFront(text);
    if (random.Below(4) == 0) {
      Cursor cursor = list->Seek(static_cast<int64_t>(random.Below(list->size())));
      list->InsertAfter(cursor, text);
    }
  }
  std::unique_ptr<Quicklist> erased = list->EraseRange(100, 9000);
  ASSERT_NE(erased, nullptr);
  counted = list->MemoryBytes() + erased->MemoryBytes();
#ifndef NUTHATCH_NO_JEMALLOC
  EXPECT_EQ(base::UsedMemory() - before, counted);
#endif
  list.reset();
  erased.reset();
  EXPECT_EQ(base::UsedMemory(), before);
  EXPECT_GT(counted, 1000000U);
}

TEST(QuicklistModel, ChangesAsADequeDoes) {
  constexpr int64_t kFills[] = {1, 2, 5, 32, -1, -2};
  for (uint64_t seed = 1; seed <= 24; ++seed) {
    base::Random random(seed);
    Threshold threshold(seed % 3 == 0 ? 60 : uint64_t{1} << 30);
    auto list = std::make_unique<Quicklist>(kFills[seed % std::size(kFills)]);
    Model model;
    for (int step = 0; step < 2500; ++step) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << " step " << step);
      std::string text = RandomElement(random);
      if (model.empty() || random.Below(3) == 0) {
        if (random.Below(2) == 0) {
          list->PushBack(text);
          model.push_back(text);
        } else {
          list->PushFront(text);
          model.push_front(text);
        }
        continue;
      }
      size_t index = random.Below(model.size());
      auto place = model.begin() + static_cast<int64_t>(index);
      Cursor cursor = list->Seek(static_cast<int64_t>(index));
      ASSERT_EQ(TextAt(*list, cursor), *place);
      switch (random.Below(12)) {
        case 0:
        case 1:
          list->InsertBefore(cursor, text);
          model.insert(place, text);
          break;
        case 2:
        case 3:
          list->InsertAfter(cursor, text);
          model.insert(place + 1, text);
          break;
        case 4:
        case 5:
          list->Replace(cursor, text);
          *place = text;
          break;
        case 6: {
          Direction direction = random.Below(2) == 0 ? Direction::kForward : Direction::kBackward;
          list->Erase(&cursor, direction);
          place = model.erase(place);
          if (direction == Direction::kBackward) {
            ASSERT_EQ(static_cast<bool>(cursor), place != model.begin());
            if (cursor) {
              ASSERT_EQ(TextAt(*list, cursor), *(place - 1));
            }
          } else {
            ASSERT_EQ(static_cast<bool>(cursor), place != model.end());
            if (cursor) {
              ASSERT_EQ(TextAt(*list, cursor), *place);
            }
          }
          break;
        }
        case 7: {
          std::string equal = *place;
          uint64_t most = 1 + random.Below(3);
          uint64_t expected = 0;
          bool forward = random.Below(2) == 0;
          for (; expected < most; ++expected) {
            auto found = std::find(model.begin(), model.end(), equal);
            if (!forward) {
              auto last = std::find(model.rbegin(), model.rend(), equal);
              found = last == model.rend() ? model.end() : last.base() - 1;
            }
            if (found == model.end()) break;
            model.erase(found);
          }
          ASSERT_EQ(
              list->EraseEqual(equal, most, forward ? Direction::kForward : Direction::kBackward),
              expected);
          break;
        }
        case 8: {
          size_t count = random.Below(20) == 0 ? random.Below(400) : random.Below(6);
          count = std::min(count, model.size() - index);
          std::unique_ptr<Quicklist> erased = list->EraseRange(index, count);
          if (erased != nullptr) erased->CheckInvariants();
          model.erase(place, place + static_cast<int64_t>(count));
          break;
        }
        case 9:
          if (step % 10 == 0) {
            std::unique_ptr<Object> copy = list->Duplicate();
            list.reset(static_cast<Quicklist*>(copy.release()));
          }
          break;
        default:
          list->PushBack(text);
          model.push_back(text);
          break;
      }
      if (step % 64 == 0) ExpectSame(*list, model);
    }
    ExpectSame(*list, model);
  }
}

}  // namespace
}  // namespace nuthatch::values
