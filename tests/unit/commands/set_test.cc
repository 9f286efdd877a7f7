// Set commands, against std::set and by themselves. Replies and errors of Redis are in the oracle's
// scripts.
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

using Members = std::set<std::string>;

// The bulk strings of a reply, in order.
std::vector<std::string> BulksOf(const std::string& raw) {
  std::vector<std::string> found;
  size_t at = 0;
  while (at < raw.size()) {
    size_t end = raw.find("\r\n", at);
    if (raw[at] != '$') {
      at = end + 2;
      continue;
    }
    size_t size = std::stoul(raw.substr(at + 1, end - at - 1));
    found.push_back(raw.substr(end + 2, size));
    at = end + 2 + size + 2;
  }
  return found;
}

Members SetOf(const std::string& raw) {
  std::vector<std::string> bulks = BulksOf(raw);
  Members members(bulks.begin(), bulks.end());
  EXPECT_EQ(members.size(), bulks.size()) << "a double: " << raw;
  return members;
}

TEST(Set, IsAnIntsetUntilItCanNotBe) {
  TestServer server(1, {{"set-max-intset-entries", "3"}});
  EXPECT_EQ(server.Ask("SADD k 3 1 3"), "2");
  EXPECT_EQ(server.Ask("SMEMBERS k"), "[\"1\", \"3\"]");
  EXPECT_EQ(server.Ask("OBJECT ENCODING k"), "\"intset\"");
  EXPECT_EQ(server.Ask("SADD k 2 2"), "1");
  EXPECT_EQ(server.Ask("OBJECT ENCODING k"), "\"intset\"");
  EXPECT_EQ(server.Ask("SADD k 4 5"), "2");
  EXPECT_EQ(server.Ask("OBJECT ENCODING k"), "\"hashtable\"");
  EXPECT_EQ(server.Ask("SREM k 1 2 3 4"), "4");
  EXPECT_EQ(server.Ask("OBJECT ENCODING k"), "\"hashtable\"");
  EXPECT_EQ(server.Ask("SADD l 1 x"), "2");
  EXPECT_EQ(server.Ask("OBJECT ENCODING l"), "\"hashtable\"");
  EXPECT_EQ(server.Ask("SADD m 1 2 3 4"), "4");
  EXPECT_EQ(server.Ask("OBJECT ENCODING m"), "\"hashtable\"");
  EXPECT_EQ(server.Ask("SADD n 1"), "1");
  EXPECT_EQ(server.Ask("SADD n x"), "1");
  EXPECT_EQ(server.Ask("OBJECT ENCODING n"), "\"hashtable\"");
  EXPECT_EQ(server.Ask("SISMEMBER n 1"), "1");
}

TEST(Set, IsNeverAnIntsetWhereTheLimitIsZero) {
  TestServer server(1, {{"set-max-intset-entries", "0"}});
  EXPECT_EQ(server.Ask("SADD k 3"), "1");
  EXPECT_EQ(server.Ask("OBJECT ENCODING k"), "\"hashtable\"");
}

TEST(Set, GoesWithItsLastMember) {
  TestServer server;
  server.Ask("SADD k 1 2");
  EXPECT_EQ(server.Ask("SREM k 1 2 3 1"), "2");
  EXPECT_EQ(server.Ask("EXISTS k"), "0");
  server.Ask("SADD k a b");
  EXPECT_EQ(server.Ask("SREM k a b c"), "2");
  EXPECT_EQ(server.Ask("EXISTS k"), "0");
  EXPECT_EQ(server.Ask("SREM k a"), "0");
  EXPECT_EQ(server.Sum(&runtime::ShardStats::dirty), 8U);
}

TEST(Set, RefusesOtherTypes) {
  TestServer server(2);
  server.Ask("SET s value");
  for (const char* line :
       {"SADD s a",        "SREM s a",        "SCARD s",         "SISMEMBER s a",  "SMISMEMBER s a",
        "SMEMBERS s",      "SPOP s",          "SPOP s 1",        "SPOP s 0",       "SRANDMEMBER s",
        "SRANDMEMBER s 1", "SSCAN s 0",       "SSCAN s 0 FOO",   "SINTER nokey s", "SUNION nokey s",
        "SDIFF nokey s",   "SINTERSTORE d s", "SUNIONSTORE d s", "SDIFFSTORE d s", "SINTERCARD 1 s",
        "SMOVE s d a"}) {
    EXPECT_EQ(server.Ask(line), kWrongType) << line;
  }
  server.Ask("SADD k a");
  EXPECT_EQ(server.Ask("SMOVE k s a"), kWrongType);
  EXPECT_EQ(server.Ask("SMOVE nokey s a"), "0");
  EXPECT_EQ(server.Ask("SISMEMBER k a"), "1");
  server.Ask("SADD a 1");
  EXPECT_EQ(server.Ask("GET a"), kWrongType);
  EXPECT_EQ(server.Ask("APPEND a x"), kWrongType);
}

TEST(Set, KeepsItsDeadlineInPlaceAndLosesItWhereItIsStored) {
  TestServer server;
  server.Ask("SADD k 1 2 3 4 5 6 7 8 9 10");
  server.Ask("EXPIRE k 100");
  server.Ask("SADD k a");
  EXPECT_EQ(server.Ask("TTL k"), "100");
  server.Ask("SREM k a");
  server.Ask("SPOP k");
  EXPECT_EQ(server.Ask("TTL k"), "100");
  server.Ask("SPOP k 8");
  EXPECT_EQ(server.Ask("SCARD k"), "1");
  EXPECT_EQ(server.Ask("TTL k"), "100");
  server.Ask("SUNIONSTORE k k");
  EXPECT_EQ(server.Ask("TTL k"), "-1");
}

TEST(SMembers, IsASetInResp3) {
  TestServer server;
  server.Ask("SADD k 2 1");
  server.UseProtocol(3);
  EXPECT_EQ(server.Ask("SMEMBERS k"), "(\"1\", \"2\")");
  EXPECT_EQ(server.Ask("SINTER k"), "(\"1\", \"2\")");
  EXPECT_EQ(server.Ask("SUNION k"), "(\"1\", \"2\")");
  EXPECT_EQ(server.Ask("SDIFF k"), "(\"1\", \"2\")");
  EXPECT_EQ(server.Ask("SRANDMEMBER k 5"), "[\"1\", \"2\"]");
  EXPECT_EQ(server.Ask("SPOP k 5"), "(\"1\", \"2\")");
  EXPECT_EQ(server.Ask("SPOP k 5"), "()");
  EXPECT_EQ(server.Ask("SPOP k"), "nil");
  EXPECT_EQ(server.Ask("SMEMBERS k"), "()");
  EXPECT_EQ(server.Ask("SINTER k"), "()");
}

TEST(SMIsMember, TakesMoreThanABatch) {
  TestServer server;
  for (const char* odd : {"7", "x"}) {
    server.Ask("DEL k");
    std::vector<std::string> words = {"SMISMEMBER", "k"};
    std::string expected = "[";
    server.Ask(std::string("SADD k ") + odd);
    for (int i = 0; i < 300; ++i) {
      if (i % 3 == 0) server.Ask("SADD k " + std::to_string(1000 + i));
      words.push_back(std::to_string(1000 + i));
      expected += std::string(i == 0 ? "" : ", ") + (i % 3 == 0 ? "1" : "0");
    }
    EXPECT_EQ(server.AskWords(words), expected + "]");
  }
}

TEST(SScan, GivesAnIntsetAtOnceAndATableInPages) {
  TestServer server;
  server.Ask("SADD k 1 2 3");
  EXPECT_EQ(server.Ask("SSCAN k 99 COUNT 1"), "[\"0\", [\"1\", \"2\", \"3\"]]");
  EXPECT_EQ(server.Ask("SSCAN k 0 MATCH [13]"), "[\"0\", [\"1\", \"3\"]]");
  EXPECT_EQ(server.Ask("SSCAN nokey 5"), "[\"0\", []]");
  Members all;
  for (int i = 0; i < 2000; ++i) {
    all.insert("m" + std::to_string(i));
    server.Ask("SADD t m" + std::to_string(i));
  }
  Members seen;
  std::string cursor = "0";
  int pages = 0;
  do {
    std::vector<std::string> page = BulksOf(server.Raw({"SSCAN", "t", cursor, "COUNT", "50"}));
    cursor = page.front();
    seen.insert(page.begin() + 1, page.end());
    ++pages;
  } while (cursor != "0");
  EXPECT_EQ(seen, all);
  EXPECT_GT(pages, 20);
}

TEST(SScan, ReadsItsArgumentsInRedissOrder) {
  TestServer server;
  server.Ask("SET s v");
  server.Ask("SADD k 1");
  EXPECT_EQ(server.Ask("SSCAN s x"), "-ERR invalid cursor");
  EXPECT_EQ(server.Ask("SSCAN s 0 FOO"), kWrongType);
  EXPECT_EQ(server.Ask("SSCAN nokey 0 FOO"), "[\"0\", []]");
  EXPECT_EQ(server.Ask("SSCAN k 0 FOO"), "-ERR syntax error");
  EXPECT_EQ(server.Ask("SSCAN k 0 TYPE set"), "-ERR syntax error");
  EXPECT_EQ(server.Ask("SSCAN k 0 COUNT"), "-ERR syntax error");
  EXPECT_EQ(server.Ask("SSCAN k 0 COUNT 0"), "-ERR syntax error");
  EXPECT_EQ(server.Ask("SSCAN k 0 COUNT x"), "-ERR value is not an integer or out of range");
}

// --- SPOP and SRANDMEMBER ---

TEST(SPop, GivesEachMemberTheSameChance) {
  constexpr int kRounds = 4000;
  for (const char* members : {"1 2 3 4", "a b c d"}) {
    TestServer server;
    std::map<std::string, int> seen;
    for (int round = 0; round < kRounds; ++round) {
      server.Ask(std::string("SADD k ") + members);
      ++seen[server.Ask("SPOP k")];
      server.Ask("DEL k");
      server.Ask(std::string("SADD k ") + members);
      for (const std::string& member : BulksOf(server.Raw({"SPOP", "k", "2"}))) ++seen[member];
      server.Ask("DEL k");
    }
    int times = 0;
    for (const auto& [member, count] : seen) {
      times += count;
      EXPECT_NEAR(count, member.size() == 3 ? kRounds / 4 : kRounds / 2, 300) << member;
    }
    EXPECT_EQ(seen.size(), 8U);
    EXPECT_EQ(times, 3 * kRounds);
  }
}

TEST(SPop, LeavesTheRest) {
  for (const char* prefix : {"", "m"}) {
    for (size_t count : {1U, 7U, 100U, 166U, 167U, 168U, 180U, 199U, 200U, 201U}) {
      TestServer server(1, {{"set-max-intset-entries", "1000"}});
      Members all;
      for (int i = 0; i < 200; ++i) all.insert(prefix + std::to_string(i));
      for (const std::string& member : all) server.Ask("SADD k " + member);
      Members popped = SetOf(server.Raw({"SPOP", "k", std::to_string(count)}));
      EXPECT_EQ(popped.size(), std::min<size_t>(count, 200));
      Members left = SetOf(server.Raw({"SMEMBERS", "k"}));
      EXPECT_EQ(server.Ask("SCARD k"), std::to_string(200 - popped.size()));
      for (const std::string& member : popped) EXPECT_FALSE(left.contains(member));
      left.insert(popped.begin(), popped.end());
      EXPECT_EQ(left, all) << prefix << count;
      EXPECT_EQ(server.Sum(&runtime::ShardStats::dirty), 200 + popped.size());
    }
  }
}

// As Redis, which moves what stays to a new set if that is less than a fifth of what goes.
TEST(SPop, CanMakeAnIntsetOfATable) {
  TestServer server(1, {{"set-max-intset-entries", "20"}});
  auto fill = [&] {
    server.Ask("DEL k");
    for (int i = 0; i < 60; ++i) server.Ask("SADD k " + std::to_string(i));
    EXPECT_EQ(server.Ask("OBJECT ENCODING k"), "\"hashtable\"");
  };
  fill();
  server.Ask("SPOP k 49");
  EXPECT_EQ(server.Ask("OBJECT ENCODING k"), "\"hashtable\"");
  fill();
  server.Ask("SPOP k 50");
  EXPECT_EQ(server.Ask("SCARD k"), "10");
  EXPECT_EQ(server.Ask("OBJECT ENCODING k"), "\"intset\"");
}

// As Redis, which replies with the union of that one set.
TEST(SPop, SortsTheIntegersOfATableThatGoesWhole) {
  TestServer server;
  server.Ask("SADD k x 30 9 -4 111");
  server.Ask("SREM k x");
  EXPECT_EQ(server.Ask("SPOP k 100"), "[\"-4\", \"9\", \"30\", \"111\"]");
}

TEST(SPop, ReadsItsCountFirst) {
  TestServer server;
  server.Ask("SET s v");
  for (const char* count : {"-1", "x", "9223372036854775808", ""}) {
    EXPECT_EQ(server.AskWords({"SPOP", "s", count}),
              "-ERR value is out of range, must be positive");
  }
  EXPECT_EQ(server.Ask("SPOP s 1 2"), "-ERR syntax error");
  EXPECT_EQ(server.Ask("SPOP nokey"), "nil");
  EXPECT_EQ(server.Ask("SPOP nokey 1"), "[]");
}

TEST(SRandMember, PicksDifferentMembersOrAnyMembers) {
  for (const char* prefix : {"", "m"}) {
    TestServer server(1, {{"set-max-intset-entries", "1000"}});
    Members all;
    for (int i = 0; i < 300; ++i) {
      all.insert(prefix + std::to_string(i));
      server.Ask("SADD k " + (prefix + std::to_string(i)));
    }
    for (size_t count : {1U, 3U, 90U, 100U, 101U, 299U, 300U, 1000U}) {
      Members picks = SetOf(server.Raw({"SRANDMEMBER", "k", std::to_string(count)}));
      EXPECT_EQ(picks.size(), std::min<size_t>(count, 300));
      EXPECT_TRUE(std::ranges::includes(all, picks));
    }
    std::vector<std::string> picks = BulksOf(server.Raw({"SRANDMEMBER", "k", "-5000"}));
    EXPECT_EQ(picks.size(), 5000U);
    Members different(picks.begin(), picks.end());
    EXPECT_TRUE(std::ranges::includes(all, different));
    EXPECT_GT(different.size(), 290U);
    EXPECT_TRUE(all.contains(BulksOf(server.Raw({"SRANDMEMBER", "k"})).at(0)));
    EXPECT_EQ(server.Ask("SCARD k"), "300");
  }
}

TEST(SRandMember, RefusesCountsThatMakeAnEndlessReply) {
  TestServer server;
  EXPECT_EQ(server.Ask("SRANDMEMBER k -9223372036854775808"),
            "-ERR value is out of range, value must between -9223372036854775807 and "
            "9223372036854775807");
  EXPECT_EQ(server.Ask("SRANDMEMBER k -9223372036854775807"), "[]");
  server.Ask("SADD k a");
  EXPECT_EQ(server.Ask("SRANDMEMBER k -9223372036854775807"), "-ERR value is out of range");
  EXPECT_EQ(server.Ask("SRANDMEMBER k 9223372036854775807"), "[\"a\"]");
  EXPECT_EQ(server.Ask("SRANDMEMBER k 0"), "[]");
  EXPECT_EQ(server.Ask("SRANDMEMBER k 1 2"), "-ERR syntax error");
}

// --- All of them against std::set, on keys of several shards ---

class SetModel : public testing::TestWithParam<int> {
 protected:
  std::string AnyKey() { return std::string(1, static_cast<char>('a' + random_.Below(5))); }
  std::string AnyMember() {
    uint64_t number = random_.Below(14);
    if (strings_) return "m" + std::to_string(number);
    constexpr int64_t kScales[] = {1, 1000, 100'000, 5'000'000'000};
    return std::to_string(static_cast<int64_t>(number) * kScales[random_.Below(4)]);
  }
  std::vector<std::string> SomeMembers() {
    std::vector<std::string> members(1 + random_.Below(4));
    for (std::string& member : members) member = AnyMember();
    return members;
  }
  static std::vector<std::string> Join(std::vector<std::string> words,
                                       const std::vector<std::string>& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  std::string Ask(const std::vector<std::string>& words) { return server_.AskWords(words); }
  Members& Of(const std::string& key) { return model_[key]; }

  void Change() {
    std::string key = AnyKey();
    std::vector<std::string> members = SomeMembers();
    size_t changed = 0;
    if (random_.Below(5) < 3) {
      for (const std::string& member : members) changed += Of(key).insert(member).second ? 1 : 0;
      EXPECT_EQ(Ask(Join({"SADD", key}, members)), std::to_string(changed));
    } else {
      for (const std::string& member : members) changed += Of(key).erase(member);
      EXPECT_EQ(Ask(Join({"SREM", key}, members)), std::to_string(changed));
    }
  }
  void Move() {
    std::string from = AnyKey();
    std::string to = AnyKey();
    std::string member = AnyMember();
    bool there = Of(from).contains(member);
    if (there) {
      Of(from).erase(member);
      Of(to).insert(member);
    }
    EXPECT_EQ(Ask({"SMOVE", from, to, member}), there ? "1" : "0");
  }
  void Pop() {
    std::string key = AnyKey();
    size_t count = random_.Below(16);
    Members popped = SetOf(server_.Raw({"SPOP", key, std::to_string(count)}));
    EXPECT_EQ(popped.size(), std::min(count, Of(key).size()));
    for (const std::string& member : popped) EXPECT_EQ(Of(key).erase(member), 1U);
  }
  Members Combine(const std::string& how, const std::vector<std::string>& keys) {
    Members result = Of(keys.front());
    for (size_t i = 1; i < keys.size(); ++i) {
      const Members& other = Of(keys[i]);
      if (how == "UNION") {
        result.insert(other.begin(), other.end());
      } else {
        std::erase_if(result, [&](const std::string& member) {
          return other.contains(member) == (how == "DIFF");
        });
      }
    }
    return result;
  }
  void CheckCombination() {
    const char* kinds[] = {"UNION", "INTER", "DIFF"};
    std::string how = kinds[random_.Below(3)];
    std::vector<std::string> keys(1 + random_.Below(4));
    for (std::string& key : keys) key = AnyKey();
    Members expected = Combine(how, keys);
    EXPECT_EQ(SetOf(server_.Raw(Join({"S" + how}, keys))), expected) << how;
    if (how == "INTER") {
      EXPECT_EQ(Ask(Join({"SINTERCARD", std::to_string(keys.size())}, keys)),
                std::to_string(expected.size()));
      EXPECT_EQ(Ask(Join(Join({"SINTERCARD", std::to_string(keys.size())}, keys), {"LIMIT", "2"})),
                std::to_string(std::min<size_t>(expected.size(), 2)));
    }
    std::string to = AnyKey();
    EXPECT_EQ(Ask(Join({"S" + how + "STORE", to}, keys)), std::to_string(expected.size()));
    Of(to) = expected;
  }
  void CheckAll() {
    for (auto& [key, members] : model_) {
      EXPECT_EQ(SetOf(server_.Raw({"SMEMBERS", key})), members);
      EXPECT_EQ(Ask({"SCARD", key}), std::to_string(members.size()));
      EXPECT_EQ(Ask({"EXISTS", key}), members.empty() ? "0" : "1");
      std::string member = AnyMember();
      EXPECT_EQ(Ask({"SISMEMBER", key, member}), members.contains(member) ? "1" : "0");
    }
  }

  TestServer server_{GetParam(), {{"set-max-intset-entries", "8"}}};
  base::Random random_{static_cast<uint64_t>(GetParam())};
  std::map<std::string, Members> model_;
  bool strings_ = false;
};

TEST_P(SetModel, AgreesWithStdSet) {
  for (int step = 0; step < 6000 && !HasFailure(); ++step) {
    // Integers for a while, so that there are intsets; then names as well.
    strings_ = step % 600 > 300 && random_.Below(3) == 0;
    if (step % 600 == 0) {
      server_.Ask("FLUSHALL");
      model_.clear();
    }
    switch (random_.Below(8)) {
      case 0:
        Move();
        break;
      case 1:
        Pop();
        break;
      case 2:
        CheckCombination();
        break;
      case 3:
        CheckAll();
        break;
      default:
        Change();
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Shards, SetModel, testing::Values(1, 2, 4));

// SDIFF takes out of a copy of the first set what the others have, when that is less work: what was
// too large for an intset then, or too wide, stays so.
TEST(SDiffStore, KeepsTheEncodingThatItWentThrough) {
  TestServer server(1, {{"set-max-intset-entries", "4"}});
  server.Ask("SADD few 1 2 3 4 5");
  server.Ask("SADD one 1");
  server.Ask("SADD two 2");
  server.Ask("SADD three 3");
  EXPECT_EQ(server.Ask("SDIFFSTORE d few one two three"), "2");
  EXPECT_EQ(server.Ask("OBJECT ENCODING d"), "\"hashtable\"");
  EXPECT_EQ(server.Ask("SDIFFSTORE d few one"), "4");
  EXPECT_EQ(server.Ask("OBJECT ENCODING d"), "\"intset\"");
}

}  // namespace
}  // namespace nuthatch::commands
