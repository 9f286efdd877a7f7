#include <algorithm>
#include <clocale>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "server/base/random.h"
#include "server/commands/list_access.h"
#include "server/commands/sort_options.h"
#include "server/keyspace/watch_list.h"
#include "server/runtime/command_table.h"
#include "server/runtime/stats.h"
#include "server/values/hash_value.h"
#include "server/values/listpack_edit.h"
#include "tests/unit/commands/test_server.h"

namespace nuthatch::commands {
namespace {

using namespace std::string_literals;
using Words = std::vector<std::string>;

class SortTest : public testing::Test {
 protected:
  static constexpr size_t kShards = 4;

  keyspace::Keyspace& KeysOf(const keyspace::Key& key) {
    return server_.keyspace(key.slot % kShards);
  }
  EntryRef Find(const keyspace::Key& key) { return KeysOf(key).Find(0, key, server_.now_ms()); }

  void MakeList(const std::string& name, const Words& elements) {
    const keyspace::Key key = keyspace::Key::Of(name);
    ListBuilder list(-2);
    for (const std::string& element : elements) list.Push(ListEnd::kRight, element);
    list.Store(KeysOf(key), 0, key, Find(key), keyspace::Ttl::None());
  }
  Words ListAt(const std::string& name) {
    Words elements;
    const EntryRef ref = Find(keyspace::Key::Of(name));
    if (!ref) return elements;
    const ListView list(*ref);
    values::NumberText number;
    list.Walk(list.Edge(ListEnd::kLeft), ListDirection::kForward,
              [&](const values::Element& element) {
                elements.emplace_back(element.Text(number));
                return true;
              });
    return elements;
  }
  void MakeHash(const std::string& name, const std::string& field, const std::string& value,
                bool large) {
    const keyspace::Key key = keyspace::Key::Of(name);
    if (large) {
      auto hash = std::make_unique<values::HashValue>();
      hash->Set(values::Hashed(field), value);
      KeysOf(key).SetObject(0, key, Find(key), keyspace::Type::kHash,
                            keyspace::Encoding::kHashtable, std::move(hash), keyspace::Ttl::None());
      return;
    }
    values::HeapBytes bytes;
    values::listpack::MakeEmpty(bytes);
    values::listpack::Append(bytes, values::listpack::Item("other"));
    values::listpack::Append(bytes, values::listpack::Item(field));
    values::listpack::Append(bytes, values::listpack::Item(field));
    values::listpack::Append(bytes, values::listpack::Item(value));
    KeysOf(key).SetCompact(0, key, Find(key), keyspace::Type::kHash, keyspace::Encoding::kListpack,
                           bytes.view(), keyspace::Ttl::None());
  }
  std::string Sort(const std::string& rest) { return server_.Ask("SORT " + rest); }

  TestServer server_{kShards};
};

TEST_F(SortTest, OrdersByNumbersAndByTexts) {
  MakeList("l", {"3", "10", "2.5", "-1", "2.5"});
  EXPECT_EQ(Sort("l"), R"(["-1", "2.5", "2.5", "3", "10"])");
  EXPECT_EQ(Sort("l DESC"), R"(["10", "3", "2.5", "2.5", "-1"])");
  EXPECT_EQ(Sort("l ALPHA"), R"(["-1", "10", "2.5", "2.5", "3"])");
  EXPECT_EQ(Sort("l ALPHA DESC ASC"), R"(["-1", "10", "2.5", "2.5", "3"])");
  EXPECT_EQ(server_.Ask("SORT_RO l"), R"(["-1", "2.5", "2.5", "3", "10"])");
  EXPECT_EQ(server_.Ask("SADD s 7 x 2"), "3");
  EXPECT_EQ(Sort("s"), "-ERR One or more scores can't be converted into double");
  EXPECT_EQ(Sort("s ALPHA"), R"(["2", "7", "x"])");
  EXPECT_EQ(server_.Ask("SADD i 7 12 2"), "3");
  EXPECT_EQ(Sort("i"), R"(["2", "7", "12"])");
  EXPECT_EQ(Sort("nokey"), "[]");
}

TEST_F(SortTest, ReadsNumbersAsStrtodDoes) {
  MakeList("l", {"inf", "0x10", " 7", "", "-inf", "1e3", "+4", ".5", "5\0x"s, "9007199254740993"});
  EXPECT_EQ(server_.Raw({"SORT", "l", "LIMIT", "0", "9"}),
            "*9\r\n$4\r\n-inf\r\n$0\r\n\r\n$2\r\n.5\r\n$2\r\n+4\r\n$3\r\n5\0x\r\n$2\r\n 7\r\n"
            "$4\r\n0x10\r\n$3\r\n1e3\r\n$16\r\n9007199254740993\r\n"s);
  for (const char* wrong : {"nan", "1 ", "1e400", "1e-310", "-", "4.9e-324", "x", "\n"}) {
    MakeList("l", {"1", wrong});
    EXPECT_EQ(Sort("l"), "-ERR One or more scores can't be converted into double") << wrong;
  }
}

TEST_F(SortTest, CutsPagesOut) {
  MakeList("l", {"5", "3", "1", "4", "2"});
  EXPECT_EQ(Sort("l LIMIT 1 2"), R"(["2", "3"])");
  EXPECT_EQ(Sort("l LIMIT -7 2"), R"(["1", "2"])");
  EXPECT_EQ(Sort("l LIMIT 3 -1"), R"(["4", "5"])");
  EXPECT_EQ(Sort("l LIMIT 3 9223372036854775807"), R"(["4", "5"])");
  EXPECT_EQ(Sort("l LIMIT 5 1"), "[]");
  EXPECT_EQ(Sort("l LIMIT 0 0"), "[]");
  EXPECT_EQ(Sort("l LIMIT 9223372036854775807 1"), "[]");
  EXPECT_EQ(Sort("l BY nosort LIMIT 1 2"), R"(["3", "1"])");
  EXPECT_EQ(Sort("l BY nosort DESC LIMIT 1 2"), R"(["4", "1"])");
  EXPECT_EQ(Sort("l BY nosort DESC LIMIT 7 2"), "[]");
  EXPECT_EQ(Sort("l LIMIT x 2"), "-ERR value is not an integer or out of range");
  EXPECT_EQ(Sort("l LIMIT 2"), "-ERR syntax error");
}

TEST_F(SortTest, OrdersByWeightsOnAnyShard) {
  MakeList("l", {"1", "2", "3", "4"});
  EXPECT_EQ(server_.Ask("MSET w1 30 w2 20 w3 10 n1 one n3 three"), "OK");
  EXPECT_EQ(Sort("l BY w*"), R"(["4", "3", "2", "1"])");
  EXPECT_EQ(Sort("l BY w* DESC LIMIT 0 1 GET # GET n* GET w*"), R"(["1", "one", "30"])");
  EXPECT_EQ(Sort("l BY w* ALPHA GET n*"), R"([nil, "three", nil, "one"])");
  EXPECT_EQ(server_.Ask("SORT_RO l BY w* GET n* LIMIT 1 1"), R"(["three"])");
  // A constant is no order, and names nothing.
  EXPECT_EQ(Sort("l BY w1 GET w1 GET #"), R"([nil, "1", nil, "2", nil, "3", nil, "4"])");
  EXPECT_EQ(server_.Ask("SET w2 x"), "OK");
  EXPECT_EQ(Sort("l BY w*"), "-ERR One or more scores can't be converted into double");
  // What isn't a string has no weight.
  EXPECT_EQ(server_.Ask("DEL w2"), "1");
  EXPECT_EQ(server_.Ask("SADD w2 5"), "1");
  EXPECT_EQ(Sort("l BY w*"), R"(["2", "4", "3", "1"])");
}

TEST_F(SortTest, ReadsFieldsOfHashes) {
  MakeList("l", {"1", "2", "3"});
  MakeHash("h1", "f", "9", false);
  MakeHash("h2", "f", "8", true);
  EXPECT_EQ(server_.Ask("SET h3 7"), "OK");
  EXPECT_EQ(Sort("l BY h*->f GET h*->f"), R"([nil, "8", "9"])");
  EXPECT_EQ(Sort("l BY h*->nofield GET h*->other"), R"(["f", nil, nil])");
  // Nothing behind the arrow: it is a part of the key.
  EXPECT_EQ(server_.Ask("SET h1-> text"), "OK");
  EXPECT_EQ(Sort("l GET h*->"), R"(["text", nil, nil])");
}

TEST_F(SortTest, StoresAList) {
  MakeList("l", {"3", "1", "2"});
  EXPECT_EQ(server_.Ask("SET n1 one"), "OK");
  EXPECT_EQ(server_.Ask("SET out x EX 100"), "OK");
  EXPECT_EQ(Sort("l STORE out GET # GET n*"), "6");
  EXPECT_EQ(ListAt("out"), (Words{"1", "one", "2", "", "3", ""}));
  EXPECT_EQ(server_.Ask("TTL out"), "-1");
  EXPECT_EQ(Sort("l DESC STORE l"), "3");
  EXPECT_EQ(ListAt("l"), (Words{"3", "2", "1"}));
  // The last destination counts, also where the first one looks like it.
  EXPECT_EQ(Sort("l LIMIT 0 1 STORE other STORE out"), "1");
  EXPECT_EQ(ListAt("out"), (Words{"1"}));
  EXPECT_EQ(ListAt("other"), Words());
  EXPECT_EQ(Sort("nokey STORE out"), "0");
  EXPECT_EQ(server_.Ask("EXISTS out"), "0");
  EXPECT_EQ(server_.Ask("SORT_RO l STORE out"), "-ERR syntax error");
  EXPECT_EQ(Sort("l ALPHA STORE out LIMIT 0 0"), "0");
  // A set that is stored has an order.
  EXPECT_EQ(server_.Ask("SADD s c a b"), "3");
  EXPECT_EQ(Sort("s BY nosort DESC STORE out"), "3");
  EXPECT_EQ(ListAt("out"), (Words{"c", "b", "a"}));
}

TEST_F(SortTest, TakesSortedSetsInTheirOrder) {
  EXPECT_EQ(server_.Ask("GEOADD z 1 1 b 2 2 c 0 0 a"), "3");
  EXPECT_EQ(server_.Ask("OBJECT ENCODING z"), R"("listpack")");
  // The form changes, as in Redis, and for nobody is that a change.
  const keyspace::Key key = keyspace::Key::Of("z");
  auto watcher = std::make_shared<keyspace::Watcher>();
  KeysOf(key).Watch(0, key, watcher, server_.now_ms());
  EXPECT_EQ(server_.Ask("SORT_RO z BY nosort"), R"(["a", "b", "c"])");
  EXPECT_EQ(server_.Ask("OBJECT ENCODING z"), R"("skiplist")");
  EXPECT_FALSE(watcher->touched.load());
  EXPECT_EQ(server_.Sum(&runtime::ShardStats::dirty), 3u);
  KeysOf(key).Unwatch(0, key, *watcher);
  EXPECT_EQ(Sort("z BY nosort DESC LIMIT 0 2"), R"(["c", "b"])");
  EXPECT_EQ(Sort("z BY nosort LIMIT 1 9"), R"(["b", "c"])");
  EXPECT_EQ(Sort("z ALPHA DESC"), R"(["c", "b", "a"])");
  EXPECT_EQ(server_.Ask("GEOHASH z a b"), R"(["s0000000000", "s00twy01mt0"])");
}

TEST_F(SortTest, RefusesOtherTypesAndOptions) {
  EXPECT_EQ(server_.Ask("SET text x"), "OK");
  EXPECT_EQ(Sort("text"), "-WRONGTYPE Operation against a key holding the wrong kind of value");
  EXPECT_EQ(Sort("text FOO"), "-ERR syntax error");
  EXPECT_EQ(Sort("text BY"), "-ERR syntax error");
  EXPECT_EQ(Sort("text ALPHA GET"), "-ERR syntax error");
}

// A zero byte ends a text that is compared, but not one that is stored.
TEST_F(SortTest, KeepsTheOrderOfTextsThatCompareEqual) {
  MakeList("l", {"b", "a\0z"s, "a", "a\0b"s});
  EXPECT_EQ(server_.AskWords({"SORT", "l", "ALPHA", "STORE", "out"}), "4");
  EXPECT_EQ(ListAt("out"), (Words{"a", "a\0b"s, "a\0z"s, "b"}));
  const std::string in_order = "*4\r\n$3\r\na\0z\r\n$1\r\na\r\n$3\r\na\0b\r\n$1\r\nb\r\n"s;
  EXPECT_EQ(server_.Raw({"SORT", "l", "ALPHA"}), in_order);
  EXPECT_EQ(server_.Raw({"SORT", "l", "ALPHA", "LIMIT", "0", "2"}),
            "*2\r\n$3\r\na\0z\r\n$1\r\na\r\n"s);
}

TEST_F(SortTest, ComparesTextsAsTheLocaleDoes) {
  MakeList("l", {"b", "\xc3\xa4", "a", "B", "", "ab"});
  const std::string by_bytes = Sort("l ALPHA");
  EXPECT_EQ(by_bytes, "[\"\", \"B\", \"a\", \"ab\", \"b\", \"\xc3\xa4\"]");
  const std::string before = std::setlocale(LC_COLLATE, nullptr);
  // In the order of code points, which UTF-8 keeps; by way of the locale's functions.
  ASSERT_NE(std::setlocale(LC_COLLATE, "C.UTF-8"), nullptr);
  EXPECT_EQ(Sort("l ALPHA"), by_bytes);
  EXPECT_EQ(Sort("l ALPHA LIMIT 1 3"), R"(["B", "a", "ab"])");
  std::setlocale(LC_COLLATE, before.c_str());
}

TEST_F(SortTest, PagesAreThoseOfTheWholeOrder) {
  base::Random random(1);
  for (int round = 0; round < 200; ++round) {
    Words elements;
    for (size_t i = 1 + random.Below(300); i > 0; --i) {
      elements.push_back(std::to_string(static_cast<int>(random.Below(100)) - 50));
    }
    MakeList("l", elements);
    std::vector<int> numbers;
    for (const std::string& element : elements) numbers.push_back(std::stoi(element));
    const bool descending = random.Below(2) == 0;
    std::sort(numbers.begin(), numbers.end());
    if (descending) std::reverse(numbers.begin(), numbers.end());
    const size_t offset = random.Below(numbers.size());
    const size_t count = random.Below(20);
    std::string expected = "[";
    for (size_t i = offset; i < std::min(numbers.size(), offset + count); ++i) {
      expected += (i > offset ? ", \"" : "\"") + std::to_string(numbers[i]) + '"';
    }
    expected += ']';
    ASSERT_EQ(Sort("l LIMIT " + std::to_string(offset) + ' ' + std::to_string(count) +
                   (descending ? " DESC" : "")),
              expected);
  }
}

// --- Where it runs ---

bool NeedsAll(const Words& words) {
  const std::vector<std::string_view> args(words.begin(), words.end());
  return SortNeedsAll(args);
}

TEST(SortOptions, PatternsThatNameKeysNeedAllShards) {
  EXPECT_FALSE(NeedsAll({"SORT", "l"}));
  EXPECT_FALSE(NeedsAll({"SORT", "l", "BY", "nosort", "GET", "#", "STORE", "out", "ALPHA"}));
  EXPECT_TRUE(NeedsAll({"SORT", "l", "by", "w*"}));
  EXPECT_TRUE(NeedsAll({"SORT", "l", "GET", "#", "GET", "h*->f"}));
  EXPECT_FALSE(NeedsAll({"SORT", "l", "BY", "w\0*"s}));
  // It is refused.
  EXPECT_FALSE(NeedsAll({"SORT", "l", "GET", "w*", "FOO"}));
  // The destination is not where COMMAND GETKEYS says.
  EXPECT_TRUE(NeedsAll({"SORT", "l", "STORE", "limit", "STORE", "out"}));
  EXPECT_FALSE(NeedsAll({"SORT", "l", "STORE", "x", "STORE", "out"}));
}

TEST(SortOptions, FindsTheDestinationAsRedisDoes) {
  auto keys = [](const std::vector<std::string_view>& args) {
    runtime::KeyPositions positions;
    EXPECT_TRUE(SortKeys(args, positions));
    std::vector<size_t> found;
    for (const auto& position : positions.positions()) found.push_back(position.position);
    return found;
  };
  EXPECT_EQ(keys({"SORT", "k"}), (std::vector<size_t>{1}));
  EXPECT_EQ(keys({"SORT", "k", "STORE"}), (std::vector<size_t>{1}));
  EXPECT_EQ(keys({"SORT", "k", "STORE", "x", "STORE", "y"}), (std::vector<size_t>{1, 5}));
  EXPECT_EQ(keys({"SORT", "k", "LIMIT", "STORE", "foo"}), (std::vector<size_t>{1}));
  EXPECT_EQ(keys({"SORT", "k", "BY", "store", "STORE", "y"}), (std::vector<size_t>{1, 5}));
  EXPECT_EQ(keys({"SORT", "k", "STORE", "STORE", "y"}), (std::vector<size_t>{1, 4}));
}

}  // namespace
}  // namespace nuthatch::commands
