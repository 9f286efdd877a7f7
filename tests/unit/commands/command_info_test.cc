// COMMAND INFO and COMMAND DOCS of every registered command that Redis 7.0 has, against what
// redis-server 7.0.15 answered (redis_7_0_15_commands.txt). There "info <name>" stands before the
// first nine elements of a command's information, and the tenth where it has no subcommands, and
// "docs <name>" before the pairs of its documentation but "subcommands": RESP3, each line end a
// space.
#include "server/commands/command_info.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/commands/test_server.h"

namespace nuthatch::commands {
namespace {

using runtime::CommandEntry;

using Records = std::map<std::string, std::string, std::less<>>;

Records ReadRecords() {
  Records records;
  std::ifstream in(NUTHATCH_TESTS "/unit/commands/redis_7_0_15_commands.txt");
  for (std::string line; std::getline(in, line);) {
    size_t name_end = line.find(' ', line.find(' ') + 1);
    records[line.substr(0, name_end)] = line.substr(name_end + 1);
  }
  return records;
}

// A reply in the form of the records.
std::string Flat(std::string_view raw) {
  std::string text;
  for (size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '\r' && i + 1 < raw.size() && raw[i + 1] == '\n') {
      text += ' ';
      ++i;
    } else {
      text += raw[i];
    }
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

// The entry without its subcommands: they are compared on their own.
CommandEntry Alone(const CommandEntry& entry) {
  CommandEntry alone = entry;
  alone.subcommands = {};
  return alone;
}

// What stands behind the header of `flat`.
std::string_view Content(std::string_view flat) { return flat.substr(flat.find(' ') + 1); }

TEST(CommandInfo, SaysWhatRedisSays) {
  TestServer server;
  Records records = ReadRecords();
  ASSERT_GT(records.size(), 700U);
  size_t compared = 0;
  for (const CommandEntry* entry : server.commands().by_id()) {
    auto record = records.find("info " + runtime::FullName(*entry));
    if (record == records.end()) {
      // Commands of later versions.
      EXPECT_TRUE(entry->spec->since > "7.0.15") << runtime::FullName(*entry);
      continue;
    }
    base::Buffer out;
    resp::ReplyWriter reply(&out, 3);
    WriteCommandInfo(Alone(*entry), reply);
    std::string flat = Flat(out.view());
    std::string wanted = "*10 " + record->second;
    if (!entry->subcommands.empty()) wanted += " ~0";
    EXPECT_EQ(flat, wanted);
    ++compared;
  }
  EXPECT_GT(compared, 90U);
}

TEST(CommandDocs, SaysWhatRedisSays) {
  TestServer server;
  Records records = ReadRecords();
  for (const CommandEntry* entry : server.commands().by_id()) {
    auto record = records.find("docs " + runtime::FullName(*entry));
    if (record == records.end()) continue;
    base::Buffer out;
    resp::ReplyWriter reply(&out, 3);
    WriteCommandDocs(Alone(*entry), reply);
    // Behind the name (two words) and the map's header.
    std::string flat = Flat(out.view());
    EXPECT_EQ(Content(Content(Content(flat))), record->second);
  }
}

TEST(CommandInfo, CountsSubcommandsIn) {
  TestServer server;
  EXPECT_NE(server.Ask("COMMAND INFO config").find("[\"config|get\", -3, "), std::string::npos);
  EXPECT_EQ(server.Ask("COMMAND INFO nosuch client|nosuch get|x"), "[nil, nil, nil]");
  EXPECT_EQ(server.Ask("COMMAND DOCS nosuch"), "[]");
}

TEST(LegacyKeyRange, JoinsRangesThatFollowEachOther) {
  TestServer server;
  auto range = [&](std::string_view name) {
    LegacyKeyRange keys = LegacyKeyRangeOf(*server.commands().Find(name)->spec);
    return std::array<int, 3>{keys.first, keys.last, keys.step};
  };
  EXPECT_EQ(range("get"), (std::array<int, 3>{1, 1, 1}));
  EXPECT_EQ(range("rename"), (std::array<int, 3>{1, 2, 1}));
  EXPECT_EQ(range("mset"), (std::array<int, 3>{1, -1, 2}));
  EXPECT_EQ(range("del"), (std::array<int, 3>{1, -1, 1}));
  EXPECT_EQ(range("ping"), (std::array<int, 3>{0, 0, 0}));
}

TEST(CommandList, FiltersByPatternAndCategory) {
  TestServer server;
  EXPECT_EQ(server.Ask("COMMAND LIST FILTERBY PATTERN CLIENT|k*"), "[\"client|kill\"]");
  EXPECT_EQ(server.Ask("COMMAND LIST FILTERBY MODULE any"), "[]");
  EXPECT_EQ(server.Ask("COMMAND LIST FILTERBY ACLCAT nosuch"), "[]");
  EXPECT_NE(server.Ask("COMMAND LIST FILTERBY ACLCAT STRING").find("\"append\""),
            std::string::npos);
  EXPECT_EQ(server.Ask("COMMAND LIST FILTERBY x y"), "-ERR syntax error");
}

TEST(CommandGetkeys, FindsKeysAndFlags) {
  TestServer server;
  EXPECT_EQ(server.Ask("COMMAND GETKEYS mset a 1 b 2"), "[\"a\", \"b\"]");
  EXPECT_EQ(server.Ask("COMMAND GETKEYSANDFLAGS set a b"), "[[\"a\", [OW, update]]]");
  EXPECT_EQ(server.Ask("COMMAND GETKEYSANDFLAGS set a b NX GET"),
            "[[\"a\", [RW, access, update]]]");
  EXPECT_EQ(server.Ask("COMMAND GETKEYS nosuch a"), "-ERR Invalid command specified");
  EXPECT_EQ(server.Ask("COMMAND GETKEYS ping"), "-arity");
  EXPECT_EQ(server.Ask("COMMAND GETKEYS echo a"), "-ERR The command has no key arguments");
  EXPECT_EQ(server.Ask("COMMAND GETKEYS mset a"),
            "-ERR Invalid number of arguments specified for command");
}

}  // namespace
}  // namespace nuthatch::commands
