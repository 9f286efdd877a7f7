#include "server/runtime/command_table.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/runtime/acl_category.h"

namespace nuthatch::runtime {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr KeySpec kFirst[] = {{.flags = kKeyRO | kKeyAccess,
                               .begin = KeySpec::Begin::kIndex,
                               .index = 1,
                               .find = KeySpec::Find::kRange}};
constexpr KeySpec kAll[] = {{.flags = kKeyRO,
                             .begin = KeySpec::Begin::kIndex,
                             .index = 1,
                             .find = KeySpec::Find::kRange,
                             .last_key = -1}};
constexpr KeySpec kPairs[] = {{.flags = kKeyOW,
                               .begin = KeySpec::Begin::kIndex,
                               .index = 1,
                               .find = KeySpec::Find::kRange,
                               .last_key = -1,
                               .step = 2}};
constexpr KeySpec kFirstHalf[] = {{.begin = KeySpec::Begin::kKeyword,
                                   .keyword = "STREAMS",
                                   .start_from = 1,
                                   .find = KeySpec::Find::kRange,
                                   .last_key = -1,
                                   .limit = 2}};
constexpr KeySpec kCounted[] = {{.begin = KeySpec::Begin::kIndex,
                                 .index = 1,
                                 .find = KeySpec::Find::kKeyNum,
                                 .keynum_index = 0,
                                 .first_key = 1}};
constexpr KeySpec kFromTheEnd[] = {{.begin = KeySpec::Begin::kKeyword,
                                    .keyword = "KEYS",
                                    .start_from = -2,
                                    .find = KeySpec::Find::kRange,
                                    .last_key = -1}};
constexpr KeySpec kNotAKey[] = {{.flags = kKeyNotKey,
                                 .begin = KeySpec::Begin::kIndex,
                                 .index = 1,
                                 .find = KeySpec::Find::kRange}};
constexpr KeySpec kUnknown[] = {{.begin = KeySpec::Begin::kUnknown}};
constexpr KeySpec kIncomplete[] = {{.flags = kKeyIncomplete,
                                    .begin = KeySpec::Begin::kIndex,
                                    .index = 1,
                                    .find = KeySpec::Find::kRange}};

constexpr CommandSpec kObjectRows[] = {{.name = "help", .arity = 2},
                                       {.name = "encoding", .arity = 3, .key_specs = kFirst}};
constexpr CommandSpec kRows[] = {
    {.name = "get", .arity = 2, .flags = kReadonly | kFast, .key_specs = kFirst},
    {.name = "object", .arity = -2, .subcommands = kObjectRows},
    {.name = "pexpireat", .arity = -3, .flags = kWrite | kFast, .key_specs = kFirst},
    {.name = "georadiusbymember_ro", .arity = -5, .flags = kReadonly},
    {.name = "zrevrangebyscore", .arity = -4, .flags = kReadonly},
};

std::vector<size_t> PositionsOf(std::span<const KeySpec> specs, std::vector<std::string_view> args,
                                bool valid = true) {
  CommandSpec spec{.name = "x", .arity = -1, .key_specs = specs};
  KeyPositions positions;
  positions.Add(99, 0);
  EXPECT_EQ(FindKeys(spec, args, positions), valid);
  std::vector<size_t> result;
  for (const auto& position : positions.positions()) result.push_back(position.position);
  return result;
}

TEST(CommandTable, FindsNamesOfAnyLengthInAnyCase) {
  CommandTable table;
  table.Register(kRows);
  for (const CommandSpec& row : kRows) {
    std::string upper(row.name);
    std::transform(upper.begin(), upper.end(), upper.begin(), ::toupper);
    for (const std::string& name : {std::string(row.name), upper}) {
      const CommandEntry* entry = table.Find(name);
      ASSERT_NE(entry, nullptr) << name;
      EXPECT_EQ(entry->spec, &row);
      EXPECT_EQ(entry->container, nullptr);
    }
  }
  EXPECT_EQ(table.Find("gEt")->spec, &kRows[0]);
}

TEST(CommandTable, FindsNothingForOtherNames) {
  CommandTable table;
  table.Register(kRows);
  for (std::string name :
       {std::string(), std::string("ge"), std::string("gett"), std::string("get\0", 4),
        std::string("g\x05t"), std::string("\xc7\xc5\xd4"), std::string("pexpirea"),
        std::string("pexpireatx"), std::string(23, 'a'), std::string(24, 'a'),
        std::string(1000, 'g'), std::string("encoding")}) {
    EXPECT_EQ(table.Find(name), nullptr) << name;
  }
}

TEST(CommandTable, HoldsManyNames) {
  std::vector<std::string> names;
  for (int i = 0; i < 600; ++i) names.push_back("command" + std::to_string(i * 7919));
  std::vector<CommandSpec> rows(names.size());
  for (size_t i = 0; i < rows.size(); ++i) rows[i].name = names[i];
  CommandTable table;
  table.Register(rows);
  for (size_t i = 0; i < rows.size(); ++i) {
    ASSERT_NE(table.Find(names[i]), nullptr);
    EXPECT_EQ(table.Find(names[i])->spec, &rows[i]);
    EXPECT_EQ(table.Find(names[i] + "x"), nullptr);
  }
}

TEST(CommandTable, NumbersEntriesDenselySubcommandsIncluded) {
  CommandTable table;
  table.Register(kRows);
  ASSERT_EQ(table.size(), 7U);
  for (uint32_t id = 0; id < table.size(); ++id) EXPECT_EQ(table.by_id()[id]->id, id);
  EXPECT_EQ(table.commands().size(), 5U);
  const CommandEntry* object = table.Find("object");
  const CommandEntry* encoding = CommandTable::FindSubcommand(*object, "EnCoding");
  ASSERT_NE(encoding, nullptr);
  EXPECT_EQ(encoding->container, object->spec);
  EXPECT_EQ(table.by_id()[encoding->id], encoding);
  EXPECT_EQ(CommandTable::FindSubcommand(*object, "freq"), nullptr);
  EXPECT_EQ(CommandTable::FindSubcommand(*table.Find("get"), "help"), nullptr);
}

TEST(CommandTable, KnowsTheCommandsWithOneKeyAtAFixedPlace) {
  CommandTable table;
  table.Register(kRows);
  EXPECT_EQ(table.Find("get")->single_key_index, 1);
  EXPECT_EQ(table.Find("object")->single_key_index, 0);
  EXPECT_EQ(table.Find("zrevrangebyscore")->single_key_index, 0);
}

TEST(FindKeys, FollowsRanges) {
  EXPECT_THAT(PositionsOf(kFirst, {"get", "a"}), ElementsAre(1));
  EXPECT_THAT(PositionsOf(kAll, {"del", "a", "b", "c"}), ElementsAre(1, 2, 3));
  EXPECT_THAT(PositionsOf(kPairs, {"mset", "a", "1", "b", "2"}), ElementsAre(1, 3));
  EXPECT_THAT(PositionsOf(kPairs, {"mset", "a", "1", "b"}), ElementsAre(1, 3));
}

TEST(FindKeys, FollowsKeywords) {
  EXPECT_THAT(PositionsOf(kFirstHalf, {"xread", "block", "0", "streams", "a", "b", "0", "0"}),
              ElementsAre(4, 5));
  EXPECT_THAT(PositionsOf(kFirstHalf, {"xread", "block", "0", "a", "b"}), IsEmpty());
  EXPECT_THAT(PositionsOf(kFromTheEnd, {"migrate", "h", "1", "", "0", "5", "keys", "a", "b"}),
              ElementsAre(7, 8));
}

TEST(FindKeys, FollowsCounts) {
  EXPECT_THAT(PositionsOf(kCounted, {"zunion", "2", "a", "b", "weights"}), ElementsAre(2, 3));
  EXPECT_THAT(PositionsOf(kCounted, {"zunion", "0", "a"}, false), IsEmpty());
  EXPECT_THAT(PositionsOf(kCounted, {"zunion", "-1", "a"}, false), IsEmpty());
  EXPECT_THAT(PositionsOf(kCounted, {"zunion", "3", "a"}, false), IsEmpty());
  EXPECT_THAT(PositionsOf(kCounted, {"zunion", "9223372036854775807", "a"}, false), IsEmpty());
  EXPECT_THAT(PositionsOf(kCounted, {"zunion", "x", "a"}, false), IsEmpty());
}

TEST(FindKeys, RefusesWhatSpecificationsCannotTell) {
  EXPECT_THAT(PositionsOf(kUnknown, {"x", "a"}, false), IsEmpty());
  EXPECT_THAT(PositionsOf(kIncomplete, {"x", "a"}, false), IsEmpty());
  EXPECT_THAT(PositionsOf(kNotAKey, {"x", "a"}), IsEmpty());
}

TEST(FindKeys, PrefersTheRowsOwnFunction) {
  CommandSpec spec{.name = "x", .key_specs = kIncomplete};
  spec.get_keys = [](std::span<const std::string_view> args, KeyPositions& out) {
    out.Add(2, kKeyRW);
    return args.size() == 3;
  };
  KeyPositions positions;
  std::vector<std::string_view> args = {"x", "a", "b"};
  ASSERT_TRUE(FindKeys(spec, args, positions));
  ASSERT_EQ(positions.positions().size(), 1U);
  EXPECT_EQ(positions.positions()[0].position, 2U);
  EXPECT_EQ(positions.positions()[0].flags, kKeyRW);
  args.pop_back();
  EXPECT_FALSE(FindKeys(spec, args, positions));
  EXPECT_TRUE(positions.positions().empty());
}

// PFMERGE destination [source ...]: the second specification finds nothing in the shortest call.
TEST(FindKeysToRun, KeepsWhatTheFirstSpecificationsFind) {
  constexpr KeySpec kKeys[] = {
      {.begin = KeySpec::Begin::kIndex, .index = 1, .find = KeySpec::Find::kRange},
      {.begin = KeySpec::Begin::kIndex, .index = 2, .find = KeySpec::Find::kRange, .last_key = -1},
  };
  CommandSpec spec{.name = "x", .arity = -2, .key_specs = kKeys};
  KeyPositions positions;
  std::vector<std::string_view> args = {"x", "a"};
  EXPECT_FALSE(FindKeys(spec, args, positions));
  EXPECT_TRUE(positions.positions().empty());
  FindKeysToRun(spec, args, positions);
  ASSERT_EQ(positions.positions().size(), 1U);
  EXPECT_EQ(positions.positions()[0].position, 1U);
  args = {"x", "a", "b", "c"};
  FindKeysToRun(spec, args, positions);
  EXPECT_EQ(positions.positions().size(), 3U);
}

TEST(AclCategories, FollowFromFlags) {
  EXPECT_EQ(AclCategoriesOf({.flags = kReadonly | kFast, .acl_categories = kAclString}),
            kAclRead | kAclFast | kAclString);
  EXPECT_EQ(AclCategoriesOf({.flags = kWrite}), kAclWrite | kAclSlow);
  EXPECT_EQ(AclCategoriesOf({.flags = kAdmin}), kAclAdmin | kAclSlow | kAclDangerous);
  EXPECT_EQ(AclCategoriesOf({.flags = kReadonly, .acl_categories = kAclScripting}),
            kAclScripting | kAclSlow);
  EXPECT_EQ(AclCategoriesOf({.flags = kPubsub | kBlocking}), kAclPubsub | kAclBlocking | kAclSlow);
}

TEST(AclCategories, HaveNames) {
  EXPECT_EQ(AclCategoryByName("KeySpace"), kAclKeyspace);
  EXPECT_EQ(AclCategoryByName("scripting"), kAclScripting);
  EXPECT_EQ(AclCategoryByName("dangerous"), kAclDangerous);
  EXPECT_EQ(AclCategoryByName("script"), 0U);
}

}  // namespace
}  // namespace nuthatch::runtime
