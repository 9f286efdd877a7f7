#include "server/values/value_reader.h"

#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/base/random.h"
#include "server/values/hash_value.h"
#include "server/values/intset.h"
#include "server/values/listpack_edit.h"
#include "server/values/quicklist.h"
#include "server/values/set_value.h"
#include "server/values/sorted_set.h"
#include "server/values/value_writer.h"
#include "tests/support/value_content.h"

namespace nuthatch::values {
namespace {

using testing::Content;
using testing::ContentOf;

std::string Write(const ValueView& value, bool compress = true) {
  base::Buffer out;
  out.Append(static_cast<char>(RdbTypeOf(value)));
  AppendValue(value, compress, out);
  return std::string(out.view());
}

// REQUIRES: the payload has a byte of type.
base::Result<LoadedValue> Read(std::string_view payload, const LoadLimits& limits = {}) {
  RdbReader reader(payload);
  uint8_t type = *reader.Byte();
  return ReadValue(type, reader, limits);
}

class Payload {
 public:
  explicit Payload(RdbType type) { out_.Append(static_cast<char>(type)); }
  Payload& Length(uint64_t length) {
    AppendRdbLength(length, out_);
    return *this;
  }
  Payload& String(std::string_view text) {
    AppendRdbString(text, /*compress=*/false, out_);
    return *this;
  }
  Payload& Double(double value) {
    AppendRdbDouble(value, out_);
    return *this;
  }
  std::string_view view() const { return out_.view(); }

 private:
  base::Buffer out_;
};

HeapBytes ListpackOf(const std::vector<std::string>& elements) {
  HeapBytes bytes;
  listpack::MakeEmpty(bytes);
  for (const std::string& element : elements) listpack::Append(bytes, listpack::Item(element));
  return bytes;
}

std::string PayloadOf(RdbType type, const HeapBytes& bytes) {
  Payload payload(type);
  payload.String(bytes.view());
  return std::string(payload.view());
}

std::string RandomText(base::Random& random) {
  switch (random.Below(4)) {
    case 0:
      return std::to_string(static_cast<int64_t>(random.Next()) >> random.Below(64));
    case 1:
      return std::string(random.Below(2000), static_cast<char>('a' + random.Below(26)));
    case 2:
      return "element:" + std::to_string(random.Below(100000));
    default: {
      std::string noise(random.Below(30), '\0');
      for (char& byte : noise) byte = static_cast<char>(random.Next());
      return noise;
    }
  }
}

// Writes, reads, and compares.
void ExpectRoundTrip(const ValueView& value, const Content& expected, Encoding encoding) {
  EXPECT_EQ(ContentOf(value), expected);
  for (bool compress : {false, true}) {
    auto read = Read(Write(value, compress));
    ASSERT_TRUE(read.ok()) << read.error();
    EXPECT_EQ(read.value().type, value.type);
    EXPECT_EQ(read.value().encoding, encoding);
    EXPECT_EQ(ContentOf(read.value().view()), expected);
  }
}

constexpr size_t kSizes[] = {1, 2, 10, 700, 4000};

TEST(ValueRoundTrip, Hashes) {
  base::Random random(11);
  for (size_t size : kSizes) {
    std::map<std::string, std::string> model;
    HashValue hash;
    for (size_t i = 0; i < size; ++i) {
      std::string field = RandomText(random);
      std::string value = RandomText(random);
      model[field] = value;
      hash.Set(Hashed(field), value);
    }
    model["long"] = std::string(100, 'v');  // so that it stays large
    hash.Set(Hashed("long"), model["long"]);
    ExpectRoundTrip({Type::kHash, Encoding::kHashtable, {}, &hash},
                    Content(model.begin(), model.end()), Encoding::kHashtable);
  }
}

TEST(ValueRoundTrip, Sets) {
  base::Random random(12);
  for (size_t size : kSizes) {
    std::set<std::string> model = {"no integer"};
    for (size_t i = 0; i < size; ++i) model.insert(RandomText(random));
    SetValue set;
    Content content;
    for (const std::string& member : model) {
      set.Insert(Hashed(member));
      content.emplace_back(member, "");
    }
    ExpectRoundTrip({Type::kSet, Encoding::kHashtable, {}, &set}, content, Encoding::kHashtable);
  }
}

TEST(ValueRoundTrip, Intsets) {
  base::Random random(13);
  for (int shift : {0, 16, 32, 49, 60}) {
    HeapBytes bytes;
    intset::MakeEmpty(bytes);
    std::set<std::string> model;
    for (int i = 0; i < 300; ++i) {
      int64_t member = static_cast<int64_t>(random.Next()) >> shift;
      intset::Add(bytes, member);
      model.insert(std::to_string(member));
    }
    Content content;
    for (const std::string& member : model) content.emplace_back(member, "");
    ExpectRoundTrip({Type::kSet, Encoding::kIntset, bytes.view(), nullptr}, content,
                    Encoding::kIntset);
  }
}

TEST(ValueRoundTrip, SortedSets) {
  base::Random random(14);
  constexpr double kSpecial[] = {0,     -0.0, 0.1, 1e300, -std::numeric_limits<double>::infinity(),
                                 5e-324};
  for (size_t size : kSizes) {
    SortedSet set;
    set.Insert(std::string(65, 'm'), 1);  // so that it stays large
    for (size_t i = 0; i < size; ++i) {
      double score = random.Below(4) == 0 ? kSpecial[random.Below(std::size(kSpecial))]
                                          : static_cast<double>(random.Below(1000)) / 7;
      set.Add(RandomText(random), score);
    }
    ValueView view{Type::kSortedSet, Encoding::kSkiplist, {}, &set};
    ExpectRoundTrip(view, ContentOf(view), Encoding::kSkiplist);
    // The order is the set's: so each byte is.
    auto read = Read(Write(view));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(Write(read.value().view()), Write(view));
    static_cast<SortedSet&>(*read.value().object).CheckInvariants();
  }
}

TEST(ValueRoundTrip, Lists) {
  base::Random random(15);
  for (size_t size : kSizes) {
    Quicklist list(-2);
    Content content;
    for (size_t i = 0; i < size; ++i) {
      std::string text = RandomText(random);
      list.PushBack(text);
      content.emplace_back(text, "");
    }
    list.AppendPlain("a node of its own");
    content.emplace_back("a node of its own", "");
    ValueView view{Type::kList, Encoding::kQuicklist, {}, &list};
    ExpectRoundTrip(view, content, Encoding::kQuicklist);
    auto read = Read(Write(view));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(Write(read.value().view()), Write(view));
  }
}

TEST(ValueRoundTrip, ASmallListIsTheBytesOfItsNode) {
  HeapBytes bytes = ListpackOf({"a", "1", ""});
  ValueView view{Type::kList, Encoding::kQuicklist, bytes.view(), nullptr};
  auto read = Read(Write(view));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read.value().object, nullptr);
  EXPECT_EQ(read.value().bytes.view(), bytes.view());
  // A limit that the node is above keeps it a node of a list.
  auto above = Read(Write(view), {.list_max_listpack_size = 2});
  ASSERT_TRUE(above.ok());
  ASSERT_NE(above.value().object, nullptr);
  EXPECT_EQ(static_cast<Quicklist&>(*above.value().object).CountNodes(), 1U);
  EXPECT_EQ(Write(above.value().view()), Write(view));
}

// --- Conversions at the limits ---

std::string HashPayload(uint64_t fields, size_t value_size) {
  Payload payload(RdbType::kHash);
  payload.Length(fields);
  for (uint64_t i = 0; i < fields; ++i) {
    payload.String("f" + std::to_string(i)).String(std::string(value_size, 'v'));
  }
  return std::string(payload.view());
}

TEST(ValueReader, HashesBecomeLargeAboveTheirLimits) {
  EXPECT_EQ(Read(HashPayload(512, 64)).value().encoding, Encoding::kListpack);
  EXPECT_EQ(Read(HashPayload(513, 64)).value().encoding, Encoding::kHashtable);
  EXPECT_EQ(Read(HashPayload(2, 65)).value().encoding, Encoding::kHashtable);
  EXPECT_EQ(Read(HashPayload(2, 65), {.hash_max_listpack_value = 65}).value().encoding,
            Encoding::kListpack);
}

// In a listpack, Redis doesn't look at the lengths of elements.
TEST(ValueReader, ListpacksBecomeLargeByTheirCountOnly) {
  HeapBytes hash = ListpackOf({"f", std::string(500, 'v'), "g", ""});
  EXPECT_EQ(Read(PayloadOf(RdbType::kHashListpack, hash)).value().encoding, Encoding::kListpack);
  auto large =
      Read(PayloadOf(RdbType::kHashListpack, hash), LoadLimits{.hash_max_listpack_entries = 1});
  EXPECT_EQ(large.value().encoding, Encoding::kHashtable);
  EXPECT_EQ(ContentOf(large.value().view()), (Content{{"f", std::string(500, 'v')}, {"g", ""}}));

  HeapBytes sorted = ListpackOf({std::string(500, 'm'), "1", "n", "2.5"});
  EXPECT_EQ(Read(PayloadOf(RdbType::kSortedSetListpack, sorted)).value().encoding,
            Encoding::kListpack);
  auto skiplist = Read(PayloadOf(RdbType::kSortedSetListpack, sorted),
                       LoadLimits{.zset_max_listpack_entries = 1});
  EXPECT_EQ(skiplist.value().encoding, Encoding::kSkiplist);
  EXPECT_EQ(ContentOf(skiplist.value().view()),
            (Content{{std::string(500, 'm'), "1"}, {"n", "2.5"}}));
}

std::string SetPayload(uint64_t members, std::string_view last) {
  Payload payload(RdbType::kSet);
  payload.Length(members);
  for (uint64_t i = 0; i + 1 < members; ++i) payload.String(std::to_string(i * 40000));
  payload.String(last);
  return std::string(payload.view());
}

TEST(ValueReader, SetsOfIntegersAreIntsetsUpToTheirLimit) {
  auto small = Read(SetPayload(512, "-5"));
  EXPECT_EQ(small.value().encoding, Encoding::kIntset);
  EXPECT_TRUE(Intset::Validate(small.value().bytes.view()));
  EXPECT_EQ(Intset(small.value().bytes.view()).width(), 4U);
  EXPECT_EQ(Read(SetPayload(513, "-5")).value().encoding, Encoding::kHashtable);
  EXPECT_EQ(Read(SetPayload(3, "-05")).value().encoding, Encoding::kHashtable);
  HeapBytes intset;
  intset::MakeEmpty(intset);
  for (int i = 0; i < 3; ++i) intset::Add(intset, i);
  EXPECT_EQ(
      Read(PayloadOf(RdbType::kSetIntset, intset), {.set_max_intset_entries = 2}).value().encoding,
      Encoding::kHashtable);
}

std::string SortedSetPayload(uint64_t members, size_t member_size) {
  Payload payload(RdbType::kSortedSet2);
  payload.Length(members);
  for (uint64_t i = 0; i < members; ++i) {
    std::string member = std::to_string(i);
    member.resize(member_size, 'm');
    payload.String(member).Double(static_cast<double>(members - i));
  }
  return std::string(payload.view());
}

TEST(ValueReader, SortedSetsAreListpacksUpToTheirLimits) {
  auto small = Read(SortedSetPayload(128, 64));
  EXPECT_EQ(small.value().encoding, Encoding::kListpack);
  Content content = ContentOf(small.value().view());
  EXPECT_EQ(content.front().second, "1");
  EXPECT_EQ(content.back().second, "128");
  EXPECT_EQ(Read(SortedSetPayload(129, 64)).value().encoding, Encoding::kSkiplist);
  EXPECT_EQ(Read(SortedSetPayload(2, 65)).value().encoding, Encoding::kSkiplist);
}

// --- Refusals ---

// Redis takes such a listpack, and ends when it makes it large.
TEST(ValueReader, RefusesScoresThatAreNoNumbers) {
  for (const char* score : {"nan", "-nan", "", "1x", " 1", "x"}) {
    HeapBytes pairs = ListpackOf({"a", "1", "b", score});
    EXPECT_FALSE(Read(PayloadOf(RdbType::kSortedSetListpack, pairs)).ok()) << score;
  }
  HeapBytes digits = ListpackOf({"a", std::string(128, '1')});
  EXPECT_FALSE(Read(PayloadOf(RdbType::kSortedSetListpack, digits)).ok());
  for (const char* score : {"inf", "-inf", "1e3", "-0", "9223372036854775807"}) {
    HeapBytes pairs = ListpackOf({"a", score});
    EXPECT_TRUE(Read(PayloadOf(RdbType::kSortedSetListpack, pairs)).ok()) << score;
  }
}

TEST(ValueReader, RefusesWhatIsThereTwiceWhereverItStands) {
  for (size_t size : {2, 3, 100, 600}) {
    for (size_t again : {size_t{0}, size / 2, size - 1}) {
      std::vector<std::string> pairs;
      Payload set(RdbType::kSet);
      Payload hash(RdbType::kHash);
      Payload sorted(RdbType::kSortedSet2);
      for (Payload* payload : {&set, &hash, &sorted}) payload->Length(size + 1);
      for (size_t i = 0; i <= size; ++i) {
        std::string name = std::to_string(i == size ? again : i);
        pairs.insert(pairs.end(), {name, "1"});
        set.String(name);
        hash.String(name).String("");
        sorted.String(name).Double(1);
      }
      EXPECT_FALSE(Read(set.view()).ok());
      EXPECT_FALSE(Read(hash.view()).ok());
      EXPECT_FALSE(Read(sorted.view()).ok());
      HeapBytes bytes = ListpackOf(pairs);
      EXPECT_FALSE(Read(PayloadOf(RdbType::kHashListpack, bytes)).ok());
      EXPECT_FALSE(Read(PayloadOf(RdbType::kSortedSetListpack, bytes)).ok());
      pairs.resize(2 * size);
      EXPECT_TRUE(Read(PayloadOf(RdbType::kHashListpack, ListpackOf(pairs))).ok());
    }
  }
}

TEST(ValueReader, RefusesWhatIsCutShort) {
  HashValue hash;
  SetValue set;
  SortedSet sorted;
  Quicklist list(2);
  for (int i = 0; i < 20; ++i) {
    std::string name = "element:" + std::to_string(i) + std::string(20, 'x');
    hash.Set(Hashed(name), "value");
    set.Insert(Hashed(name));
    sorted.Add(name, i / 3.0);
    list.PushBack(name);
  }
  HeapBytes pairs = ListpackOf({"a", "1", "b", "2.5"});
  const ValueView kValues[] = {
      {Type::kString, Encoding::kRaw, "a string of some length", nullptr},
      {Type::kHash, Encoding::kHashtable, {}, &hash},
      {Type::kHash, Encoding::kListpack, pairs.view(), nullptr},
      {Type::kSet, Encoding::kHashtable, {}, &set},
      {Type::kSortedSet, Encoding::kSkiplist, {}, &sorted},
      {Type::kSortedSet, Encoding::kListpack, pairs.view(), nullptr},
      {Type::kList, Encoding::kQuicklist, {}, &list},
      {Type::kList, Encoding::kQuicklist, pairs.view(), nullptr},
  };
  for (const ValueView& value : kValues) {
    for (bool compress : {false, true}) {
      std::string whole = Write(value, compress);
      ASSERT_TRUE(Read(whole).ok());
      for (size_t size = 1; size < whole.size(); ++size) {
        EXPECT_FALSE(Read(std::string(whole, 0, size)).ok()) << size;
      }
    }
  }
}

// What a payload claims costs nothing: only what is there.
TEST(ValueReader, RefusesHugeCountsAtOnce) {
  for (RdbType type : {RdbType::kList, RdbType::kSet, RdbType::kSortedSet, RdbType::kHash,
                       RdbType::kSortedSet2, RdbType::kListQuicklist, RdbType::kListQuicklist2}) {
    Payload payload(type);
    payload.Length(UINT64_MAX).String("a");
    EXPECT_FALSE(Read(payload.view()).ok());
  }
}

TEST(ValueReader, RefusesStringsAboveTheLimit) {
  HeapBytes pairs = ListpackOf({"a", std::string(1000, 'v')});
  ValueView view{Type::kHash, Encoding::kListpack, pairs.view(), nullptr};
  EXPECT_TRUE(Read(Write(view), {.max_string_bytes = pairs.size()}).ok());
  EXPECT_FALSE(Read(Write(view), {.max_string_bytes = pairs.size() - 1}).ok());
}

TEST(ValueReader, RefusesModulesAndUnknownTypes) {
  for (int type = 0; type < 256; ++type) {
    bool known = type <= 19 && type != 8;
    Payload payload(static_cast<RdbType>(type));
    payload.String("a");
    auto value = Read(payload.view());
    if (type == 0) {
      EXPECT_TRUE(value.ok());
      continue;
    }
    ASSERT_FALSE(value.ok());
    if (!known) {
      EXPECT_EQ(value.error(), "an unknown type of value");
    } else if (type == 6 || type == 7) {
      EXPECT_EQ(value.error(), "a module's value");
    }
  }
}

}  // namespace
}  // namespace nuthatch::values
