#include "server/commands/set_access.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/commands/set_builder.h"
#include "tests/unit/commands/test_server.h"

namespace nuthatch::commands {
namespace {

using keyspace::Key;
using keyspace::Keyspace;
using values::Hashed;

config::Config ConfigOf(uint64_t most_integers) {
  config::Config config;
  config.set_max_intset_entries = most_integers;
  return config;
}

std::vector<std::string> MembersOf(const SetBuilder& built) {
  std::vector<std::string> members;
  built.ForEach([&](std::string_view member) { members.emplace_back(member); });
  return members;
}

void AddText(SetBuilder& built, const std::string& member) {
  Hashed hashed(member);
  built.Add({&hashed, 1});
}

// --- SetBuilder ---

TEST(SetBuilder, SortsIntegersAndDropsDoubles) {
  SetBuilder built(ConfigOf(512));
  EXPECT_EQ(built.size(), 0U);
  for (const char* member : {"5", "-7", "5", "1000000", "0", "-7"}) AddText(built, member);
  EXPECT_EQ(built.size(), 4U);
  EXPECT_EQ(MembersOf(built), (std::vector<std::string>{"-7", "0", "5", "1000000"}));
}

// What is stored under a key, by its encoding.
std::string EncodingOf(SetBuilder& built) {
  TestServer server;
  Keyspace& keys = server.keyspace(0);
  built.Store(keys, 0, Key::Of("k"), {}, keyspace::Ttl::None());
  return server.Ask("OBJECT ENCODING k");
}

TEST(SetBuilder, IsATableBeyondTheLimitAndForWhatIsNoInteger) {
  for (uint64_t most : {0U, 1U, 2U, 3U, 100U, 512U, 10000U}) {
    for (uint64_t count : {most, most + 1}) {
      if (count == 0) continue;
      SetBuilder built(ConfigOf(most));
      // Doubles don't count, wherever they come.
      for (uint64_t i = 0; i < count; ++i) {
        AddText(built, std::to_string((i * 7919) % count));
        AddText(built, std::to_string((i * 7919 / 2) % (i + 1) * 7919 % count));
      }
      for (uint64_t i = 0; i < count; ++i) AddText(built, std::to_string(i));
      EXPECT_EQ(built.size(), count);
      EXPECT_EQ(EncodingOf(built), count <= most ? "\"intset\"" : "\"hashtable\"")
          << count << " of " << most;
    }
  }
  for (const char* member : {"a", "", "01", "+1", "1.0", " 1", "9223372036854775808", "-0"}) {
    SetBuilder built(ConfigOf(512));
    AddText(built, "1");
    AddText(built, member);
    EXPECT_EQ(built.size(), 2U);
    EXPECT_EQ(EncodingOf(built), "\"hashtable\"") << member;
  }
}

TEST(SetBuilder, StaysATableAndWideWhateverIsRemoved) {
  SetBuilder table(ConfigOf(2));
  for (const char* member : {"1", "2", "3"}) AddText(table, member);
  std::vector<std::string> names = {"1", "3", "4"};
  std::vector<Hashed> members = {Hashed(names[0]), Hashed(names[1]), Hashed(names[2])};
  table.Remove(members);
  EXPECT_EQ(table.size(), 1U);
  EXPECT_EQ(EncodingOf(table), "\"hashtable\"");

  TestServer server;
  SetBuilder wide(ConfigOf(512));
  for (const char* member : {"1", "2", "3", "5000000000"}) AddText(wide, member);
  names = {"5000000000", "2", "2", "x", "7"};
  members.clear();
  std::ranges::transform(names, std::back_inserter(members),
                         [](const std::string& name) { return Hashed(name); });
  wide.Remove(members);
  EXPECT_EQ(wide.size(), 2U);
  EXPECT_EQ(MembersOf(wide), (std::vector<std::string>{"1", "3"}));
  AddText(wide, "2");
  EXPECT_EQ(wide.size(), 3U);
  Key key = Key::Of("k");
  EntryRef ref = wide.Store(server.keyspace(0), 0, key, {}, keyspace::Ttl::None());
  values::Intset set(ref->bytes());
  EXPECT_EQ(set.width(), 8U);
  EXPECT_EQ(set.Count(), 3U);
  EXPECT_TRUE(values::Intset::Validate(set.bytes()));
}

TEST(SetBuilder, TakesManyIntegersInAnyOrder) {
  constexpr int64_t kMany = 300'000;
  SetBuilder built(ConfigOf(1 << 30));
  for (int64_t i = 0; i < kMany; ++i) {
    built.Add(std::string_view(std::to_string(i * 7919 % kMany)));
    if (i % 3 == 0) built.Add(std::string_view(std::to_string(i)));
  }
  EXPECT_EQ(built.size(), static_cast<size_t>(kMany));
  int64_t next = 0;
  built.ForEach([&](std::string_view member) { EXPECT_EQ(member, std::to_string(next++)); });
  EXPECT_EQ(next, kMany);
}

// --- Picks ---

TEST(PickIndices, GivesEachChoiceTheSameChance) {
  base::Random random(7);
  constexpr int kRounds = 60'000;
  std::map<std::set<uint32_t>, int> seen;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<uint32_t> picks = PickIndices(5, 2, random);
    ASSERT_EQ(picks.size(), 2U);
    ++seen[{picks.begin(), picks.end()}];
  }
  EXPECT_EQ(seen.size(), 10U);
  for (const auto& [picks, times] : seen) EXPECT_NEAR(times, kRounds / 10.0, 450);
  // Few of many, which goes another way.
  std::map<uint32_t, int> single;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<uint32_t> picks = PickIndices(100, 3, random);
    EXPECT_EQ(std::set<uint32_t>(picks.begin(), picks.end()).size(), 3U);
    for (uint32_t pick : picks) ++single[pick];
  }
  EXPECT_EQ(single.size(), 100U);
  for (const auto& [pick, times] : single) EXPECT_NEAR(times, kRounds * 3 / 100.0, 250);
  EXPECT_TRUE(PickIndices(0, 0, random).empty());
  EXPECT_EQ(PickIndices(9, 9, random).size(), 9U);
}

// --- What the keyspace is told ---

class SetAccounts : public testing::Test {
 protected:
  // What the entries take, counted anew.
  static uint64_t Count(Keyspace& keys) {
    uint64_t bytes = 0;
    keys.ForEach(0, [&](keyspace::Entry& entry) { bytes += entry.MemoryBytes(); });
    return bytes;
  }
  void Check(const std::string& line) {
    server_.Ask(line);
    EXPECT_EQ(server_.keyspace(0).memory().entries, Count(server_.keyspace(0))) << line;
  }
  TestServer server_{1, {{"set-max-intset-entries", "4"}}};
};

TEST_F(SetAccounts, AreExact) {
  for (const char* line : {"SADD k 1",
                           "SADD k 1",
                           "SADD k 2 3",
                           "SADD k 70000",
                           "SREM k 70000 9",
                           "SADD k 4",
                           "SADD k 5",
                           "SADD k a b c d e f g h i j k l m n o p q r s t u v w x y z",
                           "SREM k a b c x",
                           "SPOP k",
                           "SPOP k 3",
                           "SPOP k 20",
                           "SADD l x y",
                           "SMOVE l k x",
                           "SMOVE l k y",
                           "SUNIONSTORE m k l",
                           "SINTERSTORE m m k",
                           "SDIFFSTORE m m k",
                           "SADD n 1 2 3 4",
                           "SPOP n 1",
                           "SPOP n",
                           "SPOP n 5",
                           "SADD n 1 2 3 4",
                           "SPOP n 4",
                           "SPOP k 100"}) {
    Check(line);
  }
  std::string many = "SADD big";
  for (int i = 0; i < 3000; ++i) many += " member:" + std::to_string(i);
  Check(many);
  Check("SPOP big 100");
  Check("SPOP big 2899");
  EXPECT_EQ(server_.Ask("SCARD big"), "1");
  Check("SREM big nothing");
  Check("SUNIONSTORE big nokey");
  EXPECT_EQ(server_.Ask("DBSIZE"), "0");
}

TEST(SetWatch, ToldOfChangesOnly) {
  struct Case {
    const char* before;
    const char* command;
    bool changes;
  };
  for (const Case& c : std::vector<Case>{{"SADD k 1", "SADD k 1", false},
                                         {"SADD k 1", "SADD k 2", true},
                                         {"SADD k 1", "SADD k a", true},
                                         {"SADD k a", "SADD k a", false},
                                         {"SADD k a", "SADD k b", true},
                                         {"SADD k a", "SADD k a b", true},
                                         {"SADD l a", "SADD k b", true},
                                         {"SADD k 1 2", "SREM k 3 a", false},
                                         {"SADD k 1 2", "SREM k 3 1", true},
                                         {"SADD k 1", "SREM k 1", true},
                                         {"SADD k a b", "SREM k c", false},
                                         {"SADD k a b", "SREM k a", true},
                                         {"SADD k a b c", "SPOP k", true},
                                         {"SADD k 1 2 3", "SPOP k", true},
                                         {"SADD k a b c", "SPOP k 2", true},
                                         {"SADD k 1 2 3", "SPOP k 1", true},
                                         {"SADD k 1 2 3", "SPOP k 0", false},
                                         {"SADD k 1 2 3", "SPOP k 3", true},
                                         {"SADD k 1 2 3", "SRANDMEMBER k 3", false},
                                         {"SADD k 1 2 3", "SMOVE k l 4", false},
                                         {"SADD k 1 2 3", "SMOVE k l 1", true},
                                         {"SADD l 1 2 3", "SMOVE l k 1", true},
                                         {"SADD k 1 2 3", "SMOVE k k 1", false},
                                         {"SADD l 1 2 3", "SDIFFSTORE k l", true},
                                         {"SADD l 1 2 3", "SDIFFSTORE k m", false},
                                         {"SADD k 1 2 3", "SDIFFSTORE k m", true},
                                         {"SADD k 1 2 3", "SUNION k k", false}}) {
    TestServer server;
    server.Ask(c.before);
    auto watcher = std::make_shared<keyspace::Watcher>();
    server.keyspace(0).Watch(0, Key::Of("k"), watcher, server.now_ms());
    server.Ask(c.command);
    EXPECT_EQ(watcher->touched, c.changes) << c.before << ", " << c.command;
  }
}

}  // namespace
}  // namespace nuthatch::commands
