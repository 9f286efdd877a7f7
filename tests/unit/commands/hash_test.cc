// The hash commands, in both forms of a hash. `Forms` runs a test with listpacks and with tables.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/base/random.h"
#include "tests/unit/commands/test_server.h"

namespace nuthatch::commands {
namespace {

const std::string kWrongType = "-WRONGTYPE Operation against a key holding the wrong kind of value";

std::string Encoding(TestServer& server) { return server.Ask("OBJECT ENCODING h"); }
const std::string kListpack = "\"listpack\"";
const std::string kHashtable = "\"hashtable\"";

class Forms : public testing::TestWithParam<const char*> {
 protected:
  TestServer server_{1, {{"hash-max-listpack-entries", GetParam()}}};
};
INSTANTIATE_TEST_SUITE_P(, Forms, testing::Values("512", "0"), [](const auto& info) {
  return std::string(info.param) == "0" ? "Table" : "Listpack";
});

TEST_P(Forms, HSetAndHGet) {
  EXPECT_EQ(server_.Ask("HSET h a 1 b two a 3"), "2");
  EXPECT_EQ(server_.Ask("HSET h b 4 c x"), "1");
  EXPECT_EQ(server_.Ask("HSET h c y"), "0");
  EXPECT_EQ(server_.Ask("HMSET h d z e -7"), "OK");
  EXPECT_EQ(server_.Ask("HGET h a"), "\"3\"");
  EXPECT_EQ(server_.Ask("HGET h b"), "\"4\"");
  EXPECT_EQ(server_.Ask("HGET h nofield"), "nil");
  EXPECT_EQ(server_.Ask("HMGET h e nofield d c a a"), "[\"-7\", nil, \"z\", \"y\", \"3\", \"3\"]");
  EXPECT_EQ(server_.Ask("HLEN h"), "5");
  EXPECT_EQ(server_.Ask("HEXISTS h d"), "1");
  EXPECT_EQ(server_.Ask("HEXISTS h f"), "0");
  EXPECT_EQ(server_.Ask("HSTRLEN h e"), "2");
  EXPECT_EQ(server_.Ask("HSTRLEN h f"), "0");
  EXPECT_EQ(server_.Ask("TYPE h"), "hash");
  EXPECT_EQ(server_.Sum(&runtime::ShardStats::dirty), 8U);
}

TEST_P(Forms, EmptyFieldsAndValues) {
  EXPECT_EQ(server_.AskWords({"HSET", "h", "", "v", "f", ""}), "2");
  EXPECT_EQ(server_.AskWords({"HGET", "h", ""}), "\"v\"");
  EXPECT_EQ(server_.Ask("HGET h f"), "\"\"");
  EXPECT_EQ(server_.Ask("HSTRLEN h f"), "0");
  EXPECT_EQ(server_.AskWords({"HDEL", "h", ""}), "1");
  EXPECT_EQ(server_.Ask("HGETALL h"), "[\"f\", \"\"]");
}

TEST_P(Forms, HSetNxSetsOnce) {
  EXPECT_EQ(server_.Ask("HSETNX h f 1"), "1");
  EXPECT_EQ(server_.Ask("HSETNX h f 2"), "0");
  EXPECT_EQ(server_.Ask("HSETNX h g 3"), "1");
  EXPECT_EQ(server_.Ask("HMGET h f g"), "[\"1\", \"3\"]");
  EXPECT_EQ(server_.Sum(&runtime::ShardStats::dirty), 2U);
}

TEST_P(Forms, HDelEndsTheKeyWithItsLastField) {
  server_.Ask("HSET h a 1 b 2 c 3");
  EXPECT_EQ(server_.Ask("HDEL h nofield"), "0");
  EXPECT_EQ(server_.Ask("HDEL h b b nofield"), "1");
  EXPECT_EQ(server_.Ask("HMGET h a b c"), "[\"1\", nil, \"3\"]");
  EXPECT_EQ(server_.Ask("HDEL h c a b"), "2");
  EXPECT_EQ(server_.Ask("EXISTS h"), "0");
  EXPECT_EQ(server_.Ask("HDEL h a"), "0");
  EXPECT_EQ(server_.keyspace(0).memory().entries, 0U);
  EXPECT_EQ(server_.Sum(&runtime::ShardStats::dirty), 6U);
}

TEST_P(Forms, HIncrBy) {
  EXPECT_EQ(server_.Ask("HINCRBY h n 5"), "5");
  EXPECT_EQ(server_.Ask("HINCRBY h n -7"), "-2");
  EXPECT_EQ(server_.Ask("HSET h max 9223372036854775807 t x s 007"), "3");
  EXPECT_EQ(server_.Ask("HINCRBY h max 1"), "-ERR increment or decrement would overflow");
  EXPECT_EQ(server_.Ask("HINCRBY h max -1"), "9223372036854775806");
  EXPECT_EQ(server_.Ask("HINCRBY h t 1"), "-ERR hash value is not an integer");
  EXPECT_EQ(server_.Ask("HINCRBY h s 1"), "-ERR hash value is not an integer");
  EXPECT_EQ(server_.Ask("HINCRBY h t 1.5"), "-ERR value is not an integer or out of range");
  EXPECT_EQ(server_.Ask("HINCRBY no n x"), "-ERR value is not an integer or out of range");
  EXPECT_EQ(server_.Ask("EXISTS no"), "0");
  EXPECT_EQ(server_.Ask("HMGET h n max t"), "[\"-2\", \"9223372036854775806\", \"x\"]");
}

TEST_P(Forms, HIncrByFloat) {
  EXPECT_EQ(server_.Ask("HINCRBYFLOAT h n 10.50"), "\"10.5\"");
  EXPECT_EQ(server_.Ask("HINCRBYFLOAT h n 0.1"), "\"10.6\"");
  EXPECT_EQ(server_.Ask("HINCRBYFLOAT h n -0.6"), "\"10\"");
  EXPECT_EQ(server_.Ask("HINCRBYFLOAT h n 5.0e3"), "\"5010\"");
  EXPECT_EQ(server_.Ask("HINCRBYFLOAT h n x"), "-ERR value is not a valid float");
  EXPECT_EQ(server_.Ask("HINCRBYFLOAT h n nan"), "-ERR value is not a valid float");
  EXPECT_EQ(server_.Ask("HINCRBYFLOAT h n inf"), "-ERR value is NaN or Infinity");
  EXPECT_EQ(server_.Ask("HINCRBYFLOAT no n -inf"), "-ERR value is NaN or Infinity");
  server_.Ask("HSET h t x big 1.1e4932");
  EXPECT_EQ(server_.Ask("HINCRBYFLOAT h t 1"), "-ERR hash value is not a float");
  EXPECT_EQ(server_.Ask("HINCRBYFLOAT h big 1.1e4932"),
            "-ERR increment would produce NaN or Infinity");
  EXPECT_EQ(server_.Ask("HGET h n"), "\"5010\"");
  EXPECT_EQ(server_.Ask("EXISTS no"), "0");
}

// The words of an array reply, or of a map.
std::vector<std::string> Words(const std::string& reply) {
  std::vector<std::string> words;
  for (size_t at = reply.find('"'); at != std::string::npos; at = reply.find('"', at)) {
    size_t end = reply.find('"', at + 1);
    words.push_back(reply.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  return words;
}

std::map<std::string, std::string> Pairs(const std::string& reply) {
  std::vector<std::string> words = Words(reply);
  std::map<std::string, std::string> pairs;
  for (size_t i = 0; i + 1 < words.size(); i += 2) pairs[words[i]] = words[i + 1];
  return pairs;
}

TEST_P(Forms, WholeHashes) {
  server_.Ask("HSET h a 1 b x c 3");
  const std::map<std::string, std::string> pairs = {{"a", "1"}, {"b", "x"}, {"c", "3"}};
  EXPECT_EQ(Pairs(server_.Ask("HGETALL h")), pairs);
  std::vector<std::string> keys = Words(server_.Ask("HKEYS h"));
  std::vector<std::string> values = Words(server_.Ask("HVALS h"));
  ASSERT_EQ(keys.size(), 3U);
  ASSERT_EQ(values.size(), 3U);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(pairs.at(keys[i]), values[i]);
  server_.UseProtocol(3);
  EXPECT_TRUE(server_.Raw({"HGETALL", "h"}).starts_with("%3\r\n"));
  EXPECT_TRUE(server_.Raw({"HKEYS", "h"}).starts_with("*3\r\n"));
  EXPECT_EQ(server_.Raw({"HGETALL", "no"}), "%0\r\n");
  EXPECT_EQ(server_.Raw({"HVALS", "no"}), "*0\r\n");
  EXPECT_EQ(server_.Raw({"HMGET", "no", "f"}), "*1\r\n_\r\n");
}

TEST_P(Forms, HScanVisitsEveryField) {
  std::map<std::string, std::string> wanted;
  for (int i = 0; i < 200; ++i) {
    wanted["f" + std::to_string(i)] = std::to_string(i * i);
    server_.Ask("HSET h f" + std::to_string(i) + " " + std::to_string(i * i));
  }
  std::map<std::string, std::string> found;
  std::string cursor = "0";
  do {
    std::string reply = server_.Ask("HSCAN h " + cursor + " COUNT 7");
    cursor = Words(reply)[0];
    for (const auto& [field, value] : Pairs(reply.substr(reply.find('[', 1)))) {
      found[field] = value;
    }
  } while (cursor != "0");
  EXPECT_EQ(found, wanted);
  EXPECT_EQ(Pairs(server_.Ask("HSCAN h 0 MATCH f77 COUNT 1000")).size(), 1U);
  EXPECT_EQ(server_.Ask("HSCAN no 0"), "[\"0\", []]");
  EXPECT_EQ(server_.Ask("HSCAN no x"), "-ERR invalid cursor");
  EXPECT_EQ(server_.Ask("HSCAN no 0 COUNT x"), "[\"0\", []]");
  EXPECT_EQ(server_.Ask("HSCAN h 0 COUNT x"), "-ERR value is not an integer or out of range");
  EXPECT_EQ(server_.Ask("HSCAN h 0 COUNT 0"), "-ERR syntax error");
  EXPECT_EQ(server_.Ask("HSCAN h 0 TYPE hash"), "-ERR syntax error");
  EXPECT_EQ(server_.Ask("HSCAN h 0 MATCH"), "-ERR syntax error");
}

TEST_P(Forms, HRandFieldTakesFieldsThatAreThere) {
  std::set<std::string> all;
  for (int i = 0; i < 20; ++i) {
    all.insert("f" + std::to_string(i));
    server_.Ask("HSET h f" + std::to_string(i) + " v" + std::to_string(i));
  }
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(all.contains(Words(server_.Ask("HRANDFIELD h"))[0]));
  for (size_t count : {1U, 3U, 19U, 20U, 1000U}) {
    std::vector<std::string> fields = Words(server_.Ask("HRANDFIELD h " + std::to_string(count)));
    EXPECT_EQ(fields.size(), std::min<size_t>(count, 20));
    std::set<std::string> different(fields.begin(), fields.end());
    EXPECT_EQ(different.size(), fields.size());
    EXPECT_TRUE(std::includes(all.begin(), all.end(), different.begin(), different.end()));
  }
  std::vector<std::string> repeated = Words(server_.Ask("HRANDFIELD h -2000"));
  EXPECT_EQ(repeated.size(), 2000U);
  EXPECT_EQ(std::set<std::string>(repeated.begin(), repeated.end()), all);
  for (const char* count : {"5", "20", "-30"}) {
    std::string reply = server_.Ask(std::string("HRANDFIELD h ") + count + " WITHVALUES");
    for (const auto& [field, value] : Pairs(reply)) EXPECT_EQ("v" + field.substr(1), value);
  }
  EXPECT_EQ(server_.Raw({"HRANDFIELD", "h", "-30", "withvalues"}).substr(0, 5), "*60\r\n");
  server_.UseProtocol(3);
  EXPECT_EQ(server_.Raw({"HRANDFIELD", "h", "-3", "withvalues"}).substr(0, 8), "*3\r\n*2\r\n");
}

TEST_P(Forms, HRandFieldIsFair) {
  server_.Ask("HSET h a 1 b 2 c 3 d 4");
  std::map<std::string, int> seen;
  for (int i = 0; i < 1000; ++i) {
    for (const std::string& field : Words(server_.Ask("HRANDFIELD h 2"))) ++seen[field];
    ++seen[Words(server_.Ask("HRANDFIELD h"))[0]];
    ++seen[Words(server_.Ask("HRANDFIELD h -1"))[0]];
  }
  // 1000 each; the deviation is about 27.
  for (const char* field : {"a", "b", "c", "d"}) {
    EXPECT_GT(seen[field], 800) << field;
    EXPECT_LT(seen[field], 1200) << field;
  }
}

TEST_P(Forms, HRandFieldRefusesBadCounts) {
  server_.Ask("HSET h a 1");
  EXPECT_EQ(server_.Ask("HRANDFIELD h x"), "-ERR value is not an integer or out of range");
  EXPECT_EQ(server_.Ask("HRANDFIELD h -9223372036854775808"),
            "-ERR value is out of range, value must between -9223372036854775807 and "
            "9223372036854775807");
  EXPECT_EQ(server_.Ask("HRANDFIELD h 4611686018427387904 WITHVALUES"),
            "-ERR value is out of range");
  EXPECT_EQ(server_.Ask("HRANDFIELD h 4611686018427387903 WITHVALUES"), "[\"a\", \"1\"]");
  EXPECT_EQ(server_.Ask("HRANDFIELD h -134217729"), "-ERR value is out of range");
  EXPECT_EQ(server_.Ask("HRANDFIELD h 1 FOO"), "-ERR syntax error");
  EXPECT_EQ(server_.Ask("HRANDFIELD h 1 WITHVALUES x"), "-ERR syntax error");
  EXPECT_EQ(server_.Ask("HRANDFIELD h 0"), "[]");
  EXPECT_EQ(server_.Ask("HRANDFIELD no"), "nil");
  EXPECT_EQ(server_.Ask("HRANDFIELD no 3"), "[]");
}

TEST_P(Forms, CountsNoChangeWhereNothingChanged) {
  server_.Ask("HSET h a 1");
  const uint64_t before = server_.Sum(&runtime::ShardStats::dirty);
  server_.Ask("HGETALL h");
  server_.Ask("HDEL h nofield");
  server_.Ask("HSETNX h a 2");
  EXPECT_EQ(server_.Sum(&runtime::ShardStats::dirty), before);
}

// What a hash of any form has to do, against a map: random commands, with fields and values of all
// sizes, and the accounts at the end.
TEST_P(Forms, AgreesWithAMap) {
  std::map<std::string, std::string> model;
  base::Random random(7);
  auto text = [&](size_t most) {
    if (random.Below(3) == 0) return std::to_string(random.Below(100'000));
    return std::string(random.Below(most), static_cast<char>('a' + random.Below(3)));
  };
  for (int i = 0; i < 20'000; ++i) {
    const std::string field = std::to_string(random.Below(60)) + (i % 9 == 0 ? "long" : "");
    switch (random.Below(5)) {
      case 0: {
        EXPECT_EQ(server_.AskWords({"HDEL", "h", field}), std::to_string(model.erase(field)));
        break;
      }
      case 1: {
        std::vector<std::string> words = {"HSET", "h"};
        size_t created = 0;
        for (size_t pairs = 1 + random.Below(70); pairs > 0; --pairs) {
          std::string name = std::to_string(random.Below(300));
          std::string value = text(40);
          created += model.insert_or_assign(name, value).second ? 1 : 0;
          words.insert(words.end(), {name, value});
        }
        EXPECT_EQ(server_.AskWords(words), std::to_string(created));
        break;
      }
      case 2: {
        std::vector<std::string> words = {"HDEL", "h"};
        size_t erased = 0;
        for (size_t fields = random.Below(120); fields > 0; --fields) {
          words.push_back(std::to_string(random.Below(300)));
          erased += model.erase(words.back());
        }
        if (words.size() > 2) {
          EXPECT_EQ(server_.AskWords(words), std::to_string(erased));
        }
        break;
      }
      default: {
        std::string value = text(i % 1000 == 0 ? 5000 : 64);
        bool fresh = model.insert_or_assign(field, value).second;
        EXPECT_EQ(server_.AskWords({"HSET", "h", field, value}), fresh ? "1" : "0");
      }
    }
    if (i % 500 == 0) {
      ASSERT_EQ(Pairs(server_.Ask("HGETALL h")), model);
      if (random.Below(10) == 0) {
        server_.Ask("DEL h");
        model.clear();
      }
    }
    ASSERT_EQ(server_.Ask("HLEN h"), std::to_string(model.size()));
  }
  uint64_t bytes = 0;
  server_.keyspace(0).ForEach(0, [&](keyspace::Entry& entry) { bytes += entry.MemoryBytes(); });
  EXPECT_EQ(server_.keyspace(0).memory().entries, bytes);
}

TEST(Hash, KeepsTheOrderOfAListpack) {
  TestServer server;
  server.Ask("HSET h c 1 a 2 b 3");
  server.Ask("HSET h a long-value-in-the-middle c 4");
  EXPECT_EQ(server.Ask("HGETALL h"),
            "[\"c\", \"4\", \"a\", \"long-value-in-the-middle\", \"b\", \"3\"]");
  server.Ask("HDEL h c");
  server.Ask("HSET h c 5");
  EXPECT_EQ(server.Ask("HKEYS h"), "[\"a\", \"b\", \"c\"]");
  EXPECT_EQ(server.Ask("HRANDFIELD h 3"), "[\"a\", \"b\", \"c\"]");
  // A listpack is one page, whatever the cursor.
  EXPECT_EQ(server.Ask("HSCAN h 77 COUNT 1 MATCH [ac]"),
            "[\"0\", [\"a\", \"long-value-in-the-middle\", \"c\", \"5\"]]");
}

TEST(Hash, RefusesOtherTypes) {
  TestServer server;
  server.Ask("SET s x");
  for (const char* command :
       {"HDEL s f", "HEXISTS s f", "HGET s f", "HGETALL s", "HINCRBY s f 1", "HINCRBYFLOAT s f 1",
        "HKEYS s", "HLEN s", "HMGET s f", "HMSET s f v", "HRANDFIELD s", "HRANDFIELD s 1",
        "HSCAN s 0", "HSCAN s 0 FOO", "HSET s f v", "HSETNX s f v", "HSTRLEN s f", "HVALS s"}) {
    EXPECT_EQ(server.Ask(command), kWrongType) << command;
  }
  server.Ask("HSET h f v");
  EXPECT_EQ(server.Ask("GET h"), kWrongType);
  EXPECT_EQ(server.Ask("INCR h"), kWrongType);
}

TEST(Hash, WantsPairs) {
  TestServer server;
  EXPECT_EQ(server.Ask("HSET h f v g"), "-ERR wrong number of arguments for 'hset' command");
  EXPECT_EQ(server.Ask("HMSET h f v g"), "-ERR wrong number of arguments for 'hmset' command");
  EXPECT_EQ(server.Ask("EXISTS h"), "0");
}

TEST(HashEncoding, ChangesWithTooManyFields) {
  TestServer server(1, {{"hash-max-listpack-entries", "3"}});
  server.Ask("HSET h a 1 b 2 c 3");
  EXPECT_EQ(Encoding(server), kListpack);
  // Redis counts fields, not arguments.
  server.Ask("HSET h a 1 b 2 c 3 a 4 b 5");
  EXPECT_EQ(Encoding(server), kListpack);
  server.Ask("HSET h c 1 d 2 e 3 a 4");
  EXPECT_EQ(Encoding(server), kHashtable);
  EXPECT_EQ(server.Ask("HMGET h a b c d e"), "[\"4\", \"5\", \"1\", \"2\", \"3\"]");
  // It never goes back.
  server.Ask("HDEL h b c d e");
  EXPECT_EQ(Encoding(server), kHashtable);
}

TEST(HashEncoding, ChangesWithALongText) {
  const std::string limit(64, 'x');
  const std::string longer(65, 'x');
  const std::vector<std::vector<std::string>> changes = {
      {"HSET", "h", "f", longer},
      {"HSET", "h", longer, "v"},
      {"HSETNX", "h", "g", longer},
      {"HSETNX", "h", longer, "v"},
      {"HINCRBY", "h", longer, "1"},
      {"HINCRBYFLOAT", "h", "g", "1e70"},
      {"HMSET", "h", "a", "1", "b", longer, "c", "3"},
  };
  for (const auto& change : changes) {
    TestServer server;
    server.AskWords({"HSET", "h", "f", limit, limit, "v"});
    EXPECT_EQ(Encoding(server), kListpack);
    EXPECT_FALSE(server.AskWords(change).starts_with("-"));
    EXPECT_EQ(Encoding(server), kHashtable) << change[0] << ' ' << change[2];
    EXPECT_EQ(server.AskWords({"HGET", "h", limit}), "\"v\"");
  }
  // What changes nothing changes no encoding.
  TestServer server;
  server.Ask("HSET h f v");
  server.AskWords({"HSETNX", "h", "f", longer});
  EXPECT_EQ(Encoding(server), kListpack);
}

TEST(HashEncoding, ChangesForAKeyThatWasNotThere) {
  TestServer server(1, {{"hash-max-listpack-entries", "2"}});
  server.Ask("HSET h a 1 b 2 c 3 a 4 d 5");
  EXPECT_EQ(Encoding(server), kHashtable);
  EXPECT_EQ(server.Ask("HLEN h"), "4");
  EXPECT_EQ(server.Ask("HGET h a"), "\"4\"");
  server.Ask("DEL h");
  server.AskWords({"HSET", "h", "a", std::string(65, 'x')});
  EXPECT_EQ(Encoding(server), kHashtable);
}

TEST_P(Forms, KeepsItsDeadline) {
  server_.Ask("HSET h a 1");
  server_.Ask("PEXPIREAT h 1700000100000");
  server_.Ask("HSET h b 2 c 3");
  server_.AskWords({"HSET", "h", "d", std::string(100, 'x')});
  server_.Ask("HDEL h a");
  EXPECT_EQ(server_.Ask("PEXPIRETIME h"), "1700000100000");
  server_.Advance(200'000);
  EXPECT_EQ(server_.Ask("HGETALL h"), "[]");
}

// Tables grow, and are walked, in batches.
TEST(Hash, ManyFieldsInOneCommand) {
  TestServer server;
  std::vector<std::string> set = {"HSET", "h"};
  std::vector<std::string> get = {"HMGET", "h"};
  std::vector<std::string> del = {"HDEL", "h"};
  for (int i = 0; i < 2000; ++i) {
    set.insert(set.end(), {std::to_string(i), "v" + std::to_string(i)});
    get.push_back(std::to_string(i));
    del.push_back(std::to_string(i));
  }
  EXPECT_EQ(server.AskWords(set), "2000");
  EXPECT_EQ(server.AskWords(set), "0");
  std::vector<std::string> values = Words(server.AskWords(get));
  ASSERT_EQ(values.size(), 2000U);
  for (size_t i = 0; i < values.size(); ++i) EXPECT_EQ(values[i], "v" + std::to_string(i));
  del.pop_back();
  EXPECT_EQ(server.AskWords(del), "1999");
  EXPECT_EQ(server.Ask("HGETALL h"), "[\"1999\", \"v1999\"]");
  EXPECT_EQ(server.Ask("HDEL h 1999"), "1");
  EXPECT_EQ(server.keyspace(0).memory().entries, 0U);
}

}  // namespace
}  // namespace nuthatch::commands
