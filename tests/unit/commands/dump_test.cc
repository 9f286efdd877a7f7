// DUMP, RESTORE, and what DEBUG and OBJECT say of values of every type, against what redis-server
// 7.0.15 said of the same payloads (redis_7_0_15_debug.txt).
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "server/keyspace/keyspace.h"
#include "tests/unit/commands/test_server.h"

namespace nuthatch::commands {
namespace {

struct Golden {
  std::string payload;
  std::string digest;
  std::string size;   // serializedlength
  std::string nodes;  // of a list
};

struct Goldens {
  std::vector<Golden> values;
  std::string digest;
};

Goldens ReadGoldens() {
  Goldens goldens;
  std::ifstream in(NUTHATCH_TESTS "/unit/commands/redis_7_0_15_debug.txt");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    std::string hex;
    Golden golden;
    words >> hex;
    if (hex == "all") {
      words >> goldens.digest;
      break;
    }
    for (size_t i = 0; i < hex.size(); i += 2) {
      golden.payload.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    }
    words >> golden.digest >> golden.size;
    std::getline(words, golden.nodes);
    goldens.values.push_back(std::move(golden));
  }
  return goldens;
}

std::string KeyOf(size_t i) { return "k" + std::to_string(i + 1); }

class DumpOfAll : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Shards, DumpOfAll, testing::Values(1, 4));

TEST_P(DumpOfAll, ValuesComeBackWithTheDigestsOfRedis) {
  TestServer server(GetParam());
  Goldens goldens = ReadGoldens();
  ASSERT_GT(goldens.values.size(), 18U);
  for (size_t i = 0; i < goldens.values.size(); ++i) {
    SCOPED_TRACE(i + 1);
    const Golden& golden = goldens.values[i];
    std::string key = KeyOf(i);
    ASSERT_EQ(server.AskWords({"RESTORE", key, "0", golden.payload}), "OK");
    EXPECT_EQ(server.Ask("DEBUG DIGEST-VALUE " + key), "[" + golden.digest + "]");
    std::string object = server.Ask("DEBUG OBJECT " + key);
    EXPECT_NE(object.find(" serializedlength:" + golden.size + " "), std::string::npos) << object;
    EXPECT_EQ(object.find(" ql_") == std::string::npos, golden.nodes.empty()) << object;
    EXPECT_TRUE(object.ends_with(golden.nodes)) << object;
    // The order of a hash table is its own.
    bool table = server.Ask("OBJECT ENCODING " + key) == "\"hashtable\"";
    std::string dump = server.Raw({"DUMP", key});
    if (!table) {
      EXPECT_EQ(dump,
                "$" + std::to_string(golden.payload.size()) + "\r\n" + golden.payload + "\r\n");
    }
  }
  EXPECT_EQ(server.Ask("DEBUG DIGEST"), goldens.digest);
}

TEST(DumpOfAny, WhatIsDumpedComesBackTheSame) {
  TestServer server;
  for (const Golden& golden : ReadGoldens().values) {
    ASSERT_EQ(server.AskWords({"RESTORE", "k", "0", golden.payload, "REPLACE"}), "OK");
    std::string dump = server.Raw({"DUMP", "k"});
    std::string payload = dump.substr(dump.find('\n') + 1);
    payload.resize(payload.size() - 2);
    ASSERT_EQ(server.AskWords({"RESTORE", "k", "5000", payload, "REPLACE"}), "OK");
    EXPECT_EQ(server.Ask("PTTL k"), "5000");
    EXPECT_EQ(server.Ask("PERSIST k"), "1");
    EXPECT_EQ(server.Ask("DEBUG DIGEST-VALUE k"), "[" + golden.digest + "]");
    // So do copies.
    EXPECT_EQ(server.Ask("COPY k copy REPLACE"), "1");
    EXPECT_EQ(server.Ask("DEBUG DIGEST-VALUE copy"), "[" + golden.digest + "]");
    server.Ask("DEL copy");
  }
  EXPECT_EQ(server.Ask("DEL k"), "1");
  EXPECT_EQ(server.keyspace(0).memory().entries, 0U);
}

TEST(DumpOfAny, LimitsOfTheConfigurationDecideTheForm) {
  Goldens goldens = ReadGoldens();
  TestServer server(1, {{"set-max-intset-entries", "2"},
                        {"hash-max-listpack-entries", "2"},
                        {"zset-max-listpack-entries", "1"},
                        {"list-max-listpack-size", "2"}});
  size_t small = 0;
  for (const Golden& golden : goldens.values) {
    ASSERT_EQ(server.AskWords({"RESTORE", "k", "0", golden.payload, "REPLACE"}), "OK");
    std::string encoding = server.Ask("OBJECT ENCODING k");
    if (encoding == "\"listpack\"" || encoding == "\"intset\"") ++small;
  }
  EXPECT_EQ(small, 0U);
}

TEST(Debug, ShowsStructuresOnlyOfWhatHasThem) {
  TestServer server;
  Goldens goldens = ReadGoldens();
  for (const Golden& golden : goldens.values) {
    ASSERT_EQ(server.AskWords({"RESTORE", "k", "0", golden.payload, "REPLACE"}), "OK");
    std::string encoding = server.Ask("OBJECT ENCODING k");
    EXPECT_EQ(server.Ask("DEBUG LISTPACK k"), encoding == "\"listpack\""
                                                  ? "Listpack structure printed on stdout"
                                                  : "-ERR Not a listpack encoded object.");
    for (const char* detail : {"", " 0", " 1"}) {
      EXPECT_EQ(server.Ask(std::string("DEBUG QUICKLIST k") + detail),
                encoding == "\"quicklist\"" ? "Quicklist structure printed on stdout"
                                            : "-ERR Not a quicklist encoded object.");
    }
    bool table = encoding == "\"hashtable\"" || encoding == "\"skiplist\"";
    std::string stats = server.Ask("DEBUG HTSTATS-KEY k");
    if (table) {
      EXPECT_NE(stats.find("number of elements: "), std::string::npos) << stats;
    } else {
      EXPECT_EQ(stats,
                "-ERR The value stored at the specified key is not represented using an "
                "hash table");
    }
  }
  for (const char* command : {"OBJECT", "LISTPACK", "QUICKLIST", "HTSTATS-KEY", "SDSLEN"}) {
    EXPECT_EQ(server.Ask(std::string("DEBUG ") + command + " none"), "-ERR no such key");
  }
}

TEST(Debug, TakesAThresholdForPlainNodes) {
  TestServer server;
  for (const char* good : {"1", "100b", "1gb", "4293918720", "0"}) {
    EXPECT_EQ(server.AskWords({"DEBUG", "QUICKLIST-PACKED-THRESHOLD", good}), "OK") << good;
  }
  EXPECT_EQ(server.AskWords({"DEBUG", "QUICKLIST-PACKED-THRESHOLD", ""}), "OK");
  for (const char* bad : {"4gb", "4293918721", "-1", "x"}) {
    EXPECT_EQ(server.AskWords({"DEBUG", "QUICKLIST-PACKED-THRESHOLD", bad}),
              "-ERR argument must be a memory value bigger than 1 and smaller than 4gb");
  }
}

}  // namespace
}  // namespace nuthatch::commands
