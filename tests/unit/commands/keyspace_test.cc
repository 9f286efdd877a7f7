#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "tests/unit/commands/test_server.h"

namespace nuthatch::commands {
namespace {

class Databases : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Shards, Databases, testing::Values(1, 2, 4, 7));

void Fill(TestServer& server, int keys) {
  for (int i = 0; i < keys; ++i) server.Ask("SET key:" + std::to_string(i) + " v");
}

struct Page {
  std::string cursor;
  std::vector<std::string> keys;
};

// SCAN with these further arguments.
Page Scan(TestServer& server, const std::string& cursor, const std::string& options = "") {
  std::string text = server.Ask("SCAN " + cursor + (options.empty() ? "" : " " + options));
  Page page;
  size_t at = 0;
  while ((at = text.find('"', at)) != std::string::npos) {
    size_t end = text.find('"', at + 1);
    std::string word = text.substr(at + 1, end - at - 1);
    page.cursor.empty() ? page.cursor = word : page.keys.emplace_back(word);
    at = end + 1;
  }
  return page;
}

TEST_P(Databases, DbSizeCountsOneDatabase) {
  TestServer server(GetParam());
  Fill(server, 20);
  EXPECT_EQ(server.Ask("DBSIZE"), "20");
  server.Select(1);
  EXPECT_EQ(server.Ask("DBSIZE"), "0");
}

TEST_P(Databases, FlushEmptiesOneOrAll) {
  TestServer server(GetParam());
  Fill(server, 20);
  server.Select(1);
  Fill(server, 10);
  EXPECT_EQ(server.Ask("FLUSHDB"), "OK");
  EXPECT_EQ(server.Ask("DBSIZE"), "0");
  Fill(server, 10);
  server.Select(0);
  EXPECT_EQ(server.Ask("DBSIZE"), "20");
  EXPECT_EQ(server.Ask("FLUSHALL NOSUCH"), "-ERR syntax error");
  EXPECT_EQ(server.Ask("FLUSHALL SYNC ASYNC"), "-ERR syntax error");
  EXPECT_EQ(server.Ask("FLUSHDB x"), "-ERR syntax error");
  EXPECT_EQ(server.Ask("DBSIZE"), "20");
  EXPECT_EQ(server.Ask("FLUSHALL async"), "OK");
  EXPECT_EQ(server.Ask("DBSIZE"), "0");
  server.Select(1);
  EXPECT_EQ(server.Ask("DBSIZE"), "0");
}

TEST_P(Databases, SwapDbExchangesContents) {
  TestServer server(GetParam());
  Fill(server, 20);
  EXPECT_EQ(server.Ask("SWAPDB 0 3"), "OK");
  EXPECT_EQ(server.Ask("DBSIZE"), "0");
  server.Select(3);
  EXPECT_EQ(server.Ask("DBSIZE"), "20");
  EXPECT_EQ(server.Ask("SWAPDB 3 3"), "OK");
  EXPECT_EQ(server.Ask("SWAPDB x 3"), "-ERR invalid first DB index");
  EXPECT_EQ(server.Ask("SWAPDB 3 x"), "-ERR invalid second DB index");
  EXPECT_EQ(server.Ask("SWAPDB 3 16"), "-ERR DB index is out of range");
}

TEST_P(Databases, ScanFindsEachKeyOnce) {
  TestServer server(GetParam());
  Fill(server, 2000);
  std::map<std::string, int> seen;
  std::string cursor = "0";
  size_t short_pages = 0;
  do {
    Page page = Scan(server, cursor, "COUNT 50");
    for (const std::string& key : page.keys) ++seen[key];
    if (page.keys.size() < 50) ++short_pages;
    cursor = page.cursor;
  } while (cursor != "0");
  EXPECT_EQ(seen.size(), 2000u);
  for (const auto& [key, count] : seen) EXPECT_EQ(count, 1) << key;
  // The last page of the whole, and at most one at the end of each shard.
  EXPECT_LE(short_pages, static_cast<size_t>(GetParam()));
}

TEST_P(Databases, ScanGivesASmallDatabaseInOnePage) {
  TestServer server(GetParam());
  EXPECT_EQ(server.Ask("SCAN 0"), "[\"0\", []]");
  Fill(server, 100);
  Page page = Scan(server, "0", "COUNT 1000");
  EXPECT_EQ(page.cursor, "0");
  EXPECT_EQ(page.keys.size(), 100u);
  page = Scan(server, "0");
  EXPECT_GE(page.keys.size(), 10u);
}

TEST_P(Databases, ScanFindsKeysOfOneSlotWhereverItIs) {
  TestServer server(GetParam());
  for (int i = 0; i < 30; ++i) server.Ask("SET {tag}" + std::to_string(i) + " v");
  Page page = Scan(server, "0", "COUNT 100");
  EXPECT_EQ(page.cursor, "0");
  EXPECT_EQ(page.keys.size(), 30u);
}

TEST_P(Databases, ScanFiltersByPatternTypeAndExpiry) {
  TestServer server(GetParam());
  server.Ask("MSET a1 1 a2 2 b1 3");
  server.Ask("SET a3 1 PX 10");
  server.Advance(10);
  EXPECT_EQ(Scan(server, "0", "MATCH a*").keys.size(), 2u);
  EXPECT_EQ(Scan(server, "0", "COUNT 5 MATCH *1 TYPE STRING").keys.size(), 2u);
  EXPECT_EQ(Scan(server, "0", "TYPE list").keys.size(), 0u);
  EXPECT_EQ(Scan(server, "0", "TYPE nosuch").keys.size(), 0u);
}

TEST_P(Databases, ScanRemovesWhatItFindsExpired) {
  TestServer server(GetParam());
  server.Ask("MSET a1 1 b1 1");
  for (const char* key : {"a2", "a3", "b2"}) {
    server.Ask(std::string("SET ") + key + " 1 PX 10");
  }
  server.Advance(10);
  EXPECT_EQ(server.Ask("DBSIZE"), "5");
  EXPECT_EQ(Scan(server, "0", "MATCH a* TYPE list COUNT 100").keys.size(), 0u);
  EXPECT_EQ(server.Ask("DBSIZE"), "3");
  EXPECT_EQ(Scan(server, "0", "COUNT 100").keys.size(), 2u);
  EXPECT_EQ(server.Ask("DBSIZE"), "2");
}

TEST_P(Databases, ScanSurvivesAnyCursor) {
  TestServer server(GetParam());
  Fill(server, 100);
  for (const char* cursor :
       {"1", "12345", "9007199254740991", "9007199254740992", "18446744073709551615", "-1", "+5"}) {
    std::string at = cursor;
    std::set<std::string> seen;
    int pages = 0;
    do {
      Page page = Scan(server, at, "COUNT 10");
      at = page.cursor;
      ASSERT_LT(++pages, 200) << cursor;
    } while (at != "0");
  }
}

TEST_P(Databases, ScanRefusesBadArguments) {
  TestServer server(GetParam());
  EXPECT_EQ(server.Ask("SCAN x"), "-ERR invalid cursor");
  EXPECT_EQ(server.Ask("SCAN 99999999999999999999"), "-ERR invalid cursor");
  EXPECT_EQ(server.AskWords({"SCAN", " 0"}), "-ERR invalid cursor");
  EXPECT_EQ(server.AskWords({"SCAN", ""}), "[\"0\", []]");
  EXPECT_EQ(server.Ask("SCAN 0 COUNT 0"), "-ERR syntax error");
  EXPECT_EQ(server.Ask("SCAN 0 COUNT x"), "-ERR value is not an integer or out of range");
  EXPECT_EQ(server.Ask("SCAN 0 MATCH"), "-ERR syntax error");
  EXPECT_EQ(server.Ask("SCAN 0 NOSUCH 1"), "-ERR syntax error");
}

}  // namespace
}  // namespace nuthatch::commands
