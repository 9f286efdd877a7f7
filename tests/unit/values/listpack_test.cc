#include "server/values/listpack.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/base/random.h"
#include "server/values/byte_store.h"
#include "server/values/listpack_edit.h"
#include "tests/unit/values/random_elements.h"

namespace nuthatch::values {
namespace {

using listpack::Item;
using namespace std::string_view_literals;

using Model = std::vector<std::string>;

HeapBytes Make(const Model& elements) {
  HeapBytes bytes;
  listpack::MakeEmpty(bytes);
  for (const std::string& element : elements) listpack::Append(bytes, Item(element));
  return bytes;
}

Model Elements(std::string_view bytes) {
  Listpack view(bytes);
  Model elements;
  for (size_t at = view.First(); at != view.End();) {
    NumberText number;
    elements.emplace_back(view.Read(&at).Text(number));
  }
  return elements;
}

Model Backwards(std::string_view bytes) {
  Listpack view(bytes);
  Model elements;
  for (size_t at = view.End(); at != view.First();) {
    at = view.Previous(at);
    NumberText number;
    elements.emplace(elements.begin(), view.At(at).Text(number));
  }
  return elements;
}

void ExpectSame(const HeapBytes& bytes, const Model& model) {
  ASSERT_TRUE(Listpack::Validate(bytes.view()));
  ASSERT_EQ(Elements(bytes.view()), model);
  ASSERT_EQ(Backwards(bytes.view()), model);
  ASSERT_EQ(Listpack(bytes.view()).Count(), model.size());
}

TEST(Listpack, EmptyHasNoElements) {
  HeapBytes bytes = Make({});
  Listpack view(bytes.view());
  EXPECT_EQ(bytes.view(), "\x07\0\0\0\0\0\xff"sv);
  EXPECT_TRUE(view.empty());
  EXPECT_EQ(view.First(), view.End());
  EXPECT_EQ(view.Last(), view.End());
  EXPECT_EQ(view.Seek(0), view.End());
  EXPECT_EQ(view.Seek(-1), view.End());
  EXPECT_EQ(view.Find("a", view.First()), view.End());
}

TEST(Listpack, SeeksFromBothEnds) {
  Model model;
  model.reserve(100);
  for (int i = 0; i < 100; ++i) model.push_back(std::string(static_cast<size_t>(i), 'a'));
  HeapBytes bytes = Make(model);
  Listpack view(bytes.view());
  for (int64_t i = 0; i < 100; ++i) {
    EXPECT_TRUE(view.At(view.Seek(i)).Equals(model[static_cast<size_t>(i)]));
    EXPECT_EQ(view.Seek(i), view.Seek(i - 100));
  }
  for (int64_t i : {int64_t{100}, int64_t{-101}, INT64_MAX, INT64_MIN}) {
    EXPECT_EQ(view.Seek(i), view.End());
  }
  EXPECT_EQ(view.Last(), view.Seek(99));
}

TEST(Listpack, FindsEveryOtherElement) {
  HeapBytes bytes = Make({"a", "b", "b", "a", "12", "-7", "x12", "12"});
  Listpack view(bytes.view());
  EXPECT_EQ(view.Find("b", view.First()), view.Seek(1));
  EXPECT_EQ(view.Find("b", view.First(), 1), view.Seek(2));
  EXPECT_EQ(view.Find("12", view.First(), 1), view.Seek(4));
  EXPECT_EQ(view.Find("12", view.Seek(5), 1), view.Seek(7));
  EXPECT_EQ(view.Find("-7", view.First(), 1), view.End());
  EXPECT_EQ(view.Find("-7", view.First()), view.Seek(5));
  EXPECT_EQ(view.Find("012", view.First()), view.End());
}

TEST(Listpack, ComparesNumbersAndText) {
  HeapBytes bytes = Make({"17", "017"});
  Listpack view(bytes.view());
  Element number = view.At(view.First());
  EXPECT_TRUE(number.is_integer);
  EXPECT_TRUE(number.Equals("17"));
  EXPECT_FALSE(number.Equals("017"));
  EXPECT_FALSE(number.Equals(""));
  Element text = view.At(view.Last());
  EXPECT_FALSE(text.is_integer);
  EXPECT_TRUE(text.Equals("017"));
  EXPECT_EQ(text.Integer(), std::nullopt);
}

// Redis writes an integer wherever it can; what others made may hold its digits.
TEST(Listpack, FindsDigitsThatAreKeptAsAString) {
  constexpr std::string_view kBytes = "\x0b\0\0\0\x01\0\x82\x31\x32\x03\xff"sv;
  ASSERT_TRUE(Listpack::Validate(kBytes));
  Listpack view(kBytes);
  EXPECT_EQ(view.Find("12", view.First()), view.First());
  EXPECT_EQ(view.At(view.First()).Integer(), 12);
}

TEST(Listpack, ReplacesInPlaceAndWithAnotherSize) {
  Model model = {"one", "two", "three"};
  HeapBytes bytes = Make(model);
  for (const char* fresh : {"six", "", "123", "a much longer string than the others"}) {
    for (int64_t i = 0; i < 3; ++i) {
      listpack::Replace(bytes, Listpack(bytes.view()).Seek(i), Item(std::string_view(fresh)));
      model[static_cast<size_t>(i)] = fresh;
      ExpectSame(bytes, model);
    }
  }
}

TEST(Listpack, DeletesRangesAsFarAsThereAreElements) {
  HeapBytes bytes = Make({"a", "b", "c", "d", "e"});
  EXPECT_EQ(listpack::DeleteRange(bytes, 5, 1), 0U);
  EXPECT_EQ(listpack::DeleteRange(bytes, 1, 0), 0U);
  EXPECT_EQ(listpack::DeleteRange(bytes, 1, 2), 2U);
  ExpectSame(bytes, {"a", "d", "e"});
  EXPECT_EQ(listpack::DeleteRange(bytes, -2, 100), 2U);
  ExpectSame(bytes, {"a"});
  EXPECT_EQ(listpack::DeleteRange(bytes, 0, SIZE_MAX), 1U);
  ExpectSame(bytes, {});
}

TEST(Listpack, MergesOnEitherSide) {
  HeapBytes bytes = Make({"m"});
  HeapBytes other = Make({"1", "x"});
  listpack::Merge(bytes, Listpack(other.view()));
  ExpectSame(bytes, {"m", "1", "x"});
  listpack::Merge(bytes, Listpack(other.view()), /*before=*/true);
  ExpectSame(bytes, {"1", "x", "m", "1", "x"});
  HeapBytes empty = Make({});
  listpack::Merge(bytes, Listpack(empty.view()));
  ExpectSame(bytes, {"1", "x", "m", "1", "x"});
}

TEST(Listpack, CountIsUnknownFrom65535OnUntilSomebodyCounts) {
  std::vector<Item> items(65534, Item("x"));
  HeapBytes bytes = Make({});
  listpack::Append(bytes, items);
  EXPECT_EQ(Listpack(bytes.view()).stored_count(), 65534);
  listpack::Append(bytes, Item("y"));
  EXPECT_EQ(Listpack(bytes.view()).stored_count(), listpack::kUnknownCount);
  EXPECT_EQ(Listpack(bytes.view()).Count(), 65535U);
  listpack::Append(bytes, items);
  EXPECT_EQ(listpack::StoreCount(bytes), 131069U);
  EXPECT_TRUE(Listpack::Validate(bytes.view()));
  EXPECT_EQ(Listpack(bytes.view()).Seek(131069), Listpack(bytes.view()).End());
  EXPECT_TRUE(Listpack(bytes.view()).At(Listpack(bytes.view()).Seek(-65535)).Equals("y"));
  EXPECT_EQ(Listpack(bytes.view()).Seek(65534), Listpack(bytes.view()).Seek(-65535));
  EXPECT_EQ(Listpack(bytes.view()).Seek(-131070), Listpack(bytes.view()).End());

  EXPECT_EQ(listpack::DeleteRange(bytes, 10, 131000), 131000U);
  EXPECT_EQ(Listpack(bytes.view()).stored_count(), listpack::kUnknownCount);
  EXPECT_EQ(listpack::StoreCount(bytes), 69U);
  EXPECT_EQ(Listpack(bytes.view()).stored_count(), 69);
}

TEST(Listpack, IsSafeUpToAGigabyte) {
  EXPECT_TRUE(listpack::SafeToAdd(0, size_t{1} << 30));
  EXPECT_TRUE(listpack::SafeToAdd(size_t{1} << 29, size_t{1} << 29));
  EXPECT_FALSE(listpack::SafeToAdd((size_t{1} << 29) + 1, size_t{1} << 29));
  EXPECT_FALSE(listpack::SafeToAdd(7, SIZE_MAX));
}

TEST(Listpack, RefusesForgedBytes) {
  auto accepted = [](std::string_view bytes) { return Listpack::Validate(bytes); };
  EXPECT_TRUE(accepted("\x0a\0\0\0\x01\0\x81x\x02\xff"sv));
  EXPECT_FALSE(accepted(""sv));
  EXPECT_FALSE(accepted("\x06\0\0\0\0\0"sv));
  EXPECT_FALSE(accepted("\x08\0\0\0\0\0\xff"sv)) << "total beyond the bytes";
  EXPECT_FALSE(accepted("\x07\0\0\0\0\0\xfe"sv)) << "no terminator";
  EXPECT_FALSE(accepted("\x0a\0\0\0\x02\0\x81x\x02\xff"sv)) << "another count";
  EXPECT_TRUE(accepted("\x0a\0\0\0\xff\xff\x81x\x02\xff"sv)) << "count unknown";
  EXPECT_FALSE(accepted("\x0a\0\0\0\x01\0\x81x\x03\xff"sv)) << "wrong back length";
  EXPECT_FALSE(accepted("\x0a\0\0\0\x01\0\x82x\x02\xff"sv)) << "string into the terminator";
  EXPECT_FALSE(accepted("\x0a\0\0\0\x01\0\xbfx\x02\xff"sv)) << "string beyond the bytes";
  EXPECT_FALSE(accepted("\x08\0\0\0\x01\0\xf0\xff"sv)) << "no room for the length";
  EXPECT_FALSE(accepted("\x0d\0\0\0\x01\0\xf0\xff\xff\xff\xff\x05\xff"sv)) << "4 GB";
  EXPECT_FALSE(accepted("\x0a\0\0\0\x01\0\xf5x\x02\xff"sv)) << "no such element";
  EXPECT_FALSE(accepted("\x0b\0\0\0\x01\0\x01\x01\xff\x01\xff"sv)) << "terminator inside";
}

TEST(Listpack, AsksAboutEveryElement) {
  HeapBytes bytes = Make({"a", "7", "b"});
  Model seen;
  auto note = [&seen](const Element& element) {
    NumberText number;
    seen.emplace_back(element.Text(number));
    return seen.size() < 3;
  };
  EXPECT_FALSE(Listpack::Validate(bytes.view(), note));
  EXPECT_EQ(seen, (Model{"a", "7", "b"}));
}

// Every cut of sound bytes, and every change of one of them, is refused or read without a fault.
TEST(Listpack, ReadsOrRefusesWhateverIsLeftOfIt) {
  HeapBytes bytes = Make({"one", "123456", std::string(200, 'x'), "-5", "", "9999999999"});
  size_t refused = 0;
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    HeapBytes part(bytes.view().substr(0, cut));
    EXPECT_FALSE(Listpack::Validate(part.view()));
  }
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (int value = 0; value < 256; ++value) {
      HeapBytes changed(bytes.view());
      changed.data()[i] = static_cast<char>(value);
      if (!Listpack::Validate(changed.view())) {
        ++refused;
        continue;
      }
      EXPECT_EQ(Elements(changed.view()), Backwards(changed.view()));
    }
  }
  EXPECT_GT(refused, bytes.size());
}

TEST(ListpackModel, EditsAsAVectorOfStringsDoes) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    base::Random random(seed);
    HeapBytes bytes = Make({});
    Model model;
    for (int step = 0; step < 2000; ++step) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << " step " << step);
      Listpack view(bytes.view());
      std::string fresh = RandomElement(random);
      size_t index = random.Below(model.size() + 1);
      size_t at = index == model.size() ? view.End() : view.Seek(static_cast<int64_t>(index));
      bool there = index < model.size();
      auto place = model.begin() + static_cast<int64_t>(index);
      size_t grow = model.size() < 150 ? 6 : 0;
      switch (random.Below(8 + grow)) {
        case 0:
          listpack::Prepend(bytes, Item(fresh));
          model.insert(model.begin(), fresh);
          break;
        case 1:
          if (!there) break;
          ASSERT_EQ(listpack::Delete(bytes, at), 1U);
          model.erase(place);
          break;
        case 2: {
          size_t count = random.Below(6);
          size_t expected = std::min(count, model.size() - index);
          ASSERT_EQ(listpack::Delete(bytes, at, count), expected);
          model.erase(place, place + static_cast<int64_t>(expected));
          break;
        }
        case 3:
        case 4:
          if (!there) break;
          listpack::Replace(bytes, at, Item(fresh));
          *place = fresh;
          break;
        case 5: {
          std::string second = RandomElement(random);
          Item pair[] = {Item(fresh), Item(second)};
          listpack::Insert(bytes, at, pair);
          place = model.insert(place, second);
          model.insert(place, fresh);
          break;
        }
        case 6:
          if (!there) break;
          listpack::InsertAfter(bytes, at, Item(fresh));
          model.insert(place + 1, fresh);
          break;
        case 7: {
          size_t skip = random.Below(3);
          size_t expected = index;
          const std::string& wanted = there && random.Below(2) == 0 ? model[index] : fresh;
          while (expected < model.size() && model[expected] != wanted) expected += skip + 1;
          size_t found = view.Find(wanted, at, skip);
          ASSERT_EQ(found, expected < model.size() ? view.Seek(static_cast<int64_t>(expected))
                                                   : view.End());
          break;
        }
        default:
          listpack::Insert(bytes, at, Item(fresh));
          model.insert(place, fresh);
          break;
      }
      if (step % 16 == 0) ExpectSame(bytes, model);
      ASSERT_EQ(Listpack(bytes.view()).Count(), model.size());
    }
    ExpectSame(bytes, model);
    // However it came about, it is what appending makes.
    EXPECT_EQ(bytes.view(), Make(model).view());
  }
}

}  // namespace
}  // namespace nuthatch::values
