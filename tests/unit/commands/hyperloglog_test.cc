#include "server/values/hyperloglog.h"

#include <gtest/gtest.h>

#include "tests/unit/commands/test_server.h"

namespace nuthatch::commands {
namespace {

using namespace std::string_literals;

const std::string kNotHll = "-WRONGTYPE Key is not a valid HyperLogLog string value.";
const std::string kCorrupt = "-INVALIDOBJ Corrupted HLL object detected";

TEST(PfAdd, MakesTheStringOfRedis) {
  TestServer server;
  EXPECT_EQ(server.Ask("PFADD h"), "1");
  EXPECT_EQ(server.Ask("GET h"), "\"HYLL\1\0\0\0\0\0\0\0\0\0\0\x80\x7f\xff\""s);
  EXPECT_EQ(server.Ask("PFADD h"), "0");
  EXPECT_EQ(server.Ask("OBJECT ENCODING h"), "\"raw\"");
  EXPECT_EQ(server.Ask("PFADD h a"), "1");
  EXPECT_EQ(server.Ask("PFADD h a"), "0");
  EXPECT_EQ(server.Ask("GET h"), "\"HYLL\1\0\0\0\0\0\0\0\0\0\0\x80q\xa6\x84NW\""s);
}

TEST(PfCount, KeepsItsAnswerInTheHeader) {
  TestServer server;
  server.Ask("PFADD h a b c");
  EXPECT_EQ(server.Sum(&runtime::ShardStats::dirty), 4U);
  EXPECT_EQ(server.Ask("PFCOUNT h"), "3");
  EXPECT_EQ(server.Sum(&runtime::ShardStats::dirty), 5U);
  EXPECT_EQ(server.AskWords({"GETRANGE", "h", "8", "15"}), "\"\3\0\0\0\0\0\0\0\""s);
  EXPECT_EQ(server.Ask("PFCOUNT h"), "3");
  EXPECT_EQ(server.Sum(&runtime::ShardStats::dirty), 5U);
  // It is believed.
  server.AskWords({"SETRANGE", "h", "8", "\7"});
  EXPECT_EQ(server.Ask("PFCOUNT h"), "7");
  EXPECT_EQ(server.Ask("PFCOUNT nokey"), "0");
}

class HyperLogLogShards : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Shards, HyperLogLogShards, testing::Values(1, 2, 4));

TEST_P(HyperLogLogShards, PfCountAndPfMergeTakeUnions) {
  TestServer server(GetParam());
  server.Ask("PFADD a 1 2 3");
  server.Ask("PFADD b 3 4");
  server.Ask("PFADD c 5");
  EXPECT_EQ(server.Ask("PFCOUNT a b c nokey a"), "5");
  EXPECT_EQ(server.Ask("PFMERGE d a b nokey"), "OK");
  EXPECT_EQ(server.Ask("PFCOUNT d"), "4");
  EXPECT_EQ(server.Ask("PFMERGE d c"), "OK");
  EXPECT_EQ(server.Ask("PFCOUNT d"), "5");
  EXPECT_EQ(server.Ask("PFDEBUG ENCODING d"), "sparse");
  server.Ask("PFDEBUG TODENSE b");
  EXPECT_EQ(server.Ask("PFMERGE e a b"), "OK");
  EXPECT_EQ(server.Ask("PFDEBUG ENCODING e"), "dense");
  EXPECT_EQ(server.Ask("PFCOUNT e"), "4");
  EXPECT_EQ(server.Ask("PFMERGE alone"), "OK");
  EXPECT_EQ(server.Ask("PFCOUNT alone"), "0");
}

TEST(HyperLogLog, BecomesDenseAtItsLimit) {
  TestServer server(1, {{"hll-sparse-max-bytes", "100"}});
  for (int i = 0; i < 60; ++i) server.Ask("PFADD h " + std::to_string(i));
  EXPECT_EQ(server.Ask("PFDEBUG ENCODING h"), "dense");
  EXPECT_EQ(server.Ask("STRLEN h"), std::to_string(values::kHllDenseSize));
  EXPECT_EQ(server.Ask("PFCOUNT h"), "60");
}

TEST(HyperLogLog, RefusesWhatIsNone) {
  TestServer server;
  server.Ask("SET s value");
  server.Ask("SET n 123");
  for (const char* key : {"s", "n"}) {
    for (const char* command : {"PFADD % a", "PFCOUNT %", "PFCOUNT nokey %", "PFMERGE %",
                                "PFMERGE d %", "PFDEBUG ENCODING %"}) {
      std::string line = command;
      line.replace(line.find('%'), 1, key);
      EXPECT_EQ(server.Ask(line), kNotHll) << line;
    }
  }
  EXPECT_EQ(server.Ask("EXISTS d"), "0");
}

TEST(HyperLogLog, SaysWhatIsCorrupt) {
  TestServer server;
  const std::string header = "HYLL\1\0\0\0\0\0\0\0\0\0\0\x80"s;
  server.AskWords({"SET", "h", header + "\x7f\xfe"});
  EXPECT_EQ(server.Ask("PFCOUNT h"), kCorrupt);
  EXPECT_EQ(server.Ask("PFCOUNT h h"), kCorrupt);
  EXPECT_EQ(server.Ask("PFMERGE d h"), kCorrupt);
  EXPECT_EQ(server.Ask("PFDEBUG TODENSE h"), kCorrupt);
  EXPECT_EQ(server.Ask("PFDEBUG GETREG h"), kCorrupt);
  EXPECT_EQ(server.Ask("PFDEBUG DECODE h"), "\"Z:16383\"");
  server.AskWords({"SET", "h", header});
  EXPECT_EQ(server.Ask("PFADD h a"), kCorrupt);
}

TEST(PfDebug, ShowsWhatIsThere) {
  TestServer server;
  server.Ask("PFADD h a");
  EXPECT_EQ(server.Ask("PFDEBUG DECODE h"), "\"Z:12711 v:2,1 Z:3672\"");
  EXPECT_EQ(server.Ask("PFDEBUG encoding h"), "sparse");
  EXPECT_EQ(server.Ask("PFDEBUG TODENSE h"), "1");
  EXPECT_EQ(server.Ask("PFDEBUG TODENSE h"), "0");
  EXPECT_EQ(server.Ask("PFDEBUG DECODE h"), "-ERR HLL encoding is not sparse");
  std::string registers = server.Raw({"PFDEBUG", "GETREG", "h"});
  EXPECT_TRUE(registers.starts_with("*16384\r\n:0\r\n"));
  EXPECT_NE(registers.find(":2\r\n"), std::string::npos);
  EXPECT_EQ(server.Ask("PFDEBUG FOO h"), "-ERR Unknown PFDEBUG subcommand 'FOO'");
  EXPECT_EQ(server.Ask("PFDEBUG FOO nokey"), "-ERR The specified key does not exist");
}

TEST(PfSelfTest, Passes) {
  TestServer server;
  EXPECT_EQ(server.Ask("PFSELFTEST"), "OK");
}

}  // namespace
}  // namespace nuthatch::commands
