// nuthatch-replay against a real server, and its simulations, as a user runs it.
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <signal.h>

#include "eviction/trace.h"
#include "tests/integration/client.h"
#include "tests/integration/program.h"
#include "tests/integration/server_process.h"

namespace nuthatch::tests {
namespace {

constexpr char kTrace[] = "zipf:0.9:500:10000";

// A run to its end.
struct Outcome {
  int code = 0;
  std::string output;
};

Outcome RunReplay(std::vector<std::string> args, const std::string& input = "") {
  Program program(std::move(args), {.binary = NUTHATCH_REPLAY_BINARY, .input = input});
  int code = program.Wait();
  return {.code = code, .output = program.Output()};
}

Outcome Replay(const ServerProcess& server, std::vector<std::string> args,
               const std::string& input = "") {
  args.insert(args.begin(), {"127.0.0.1", std::to_string(server.port())});
  return RunReplay(std::move(args), input);
}

// The rows of a CSV file without quotes, by heading.
using Rows = std::vector<std::map<std::string, std::string>>;

std::vector<std::string> Fields(const std::string& line) {
  std::vector<std::string> fields;
  std::stringstream stream(line);
  for (std::string field; std::getline(stream, field, ',');) fields.push_back(field);
  return fields;
}

Rows ReadCsv(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  std::vector<std::string> head = Fields(line);
  Rows rows;
  while (std::getline(file, line)) {
    std::vector<std::string> fields = Fields(line);
    EXPECT_EQ(fields.size(), head.size()) << line;
    auto& row = rows.emplace_back();
    for (size_t i = 0; i < std::min(head.size(), fields.size()); ++i) row[head[i]] = fields[i];
  }
  return rows;
}

std::string ConfigGet(Client& client, const std::string& name) {
  std::string reply = client.Call({"CONFIG", "GET", name});
  size_t end = reply.rfind("\r\n");
  size_t begin = reply.rfind("\r\n", end - 1) + 2;
  return reply.substr(begin, end - begin);
}

TEST(Replay, MissesEachKeyOnceWhereAllFit) {
  eviction::Trace trace = eviction::LoadTrace(kTrace).value();
  std::string keys = std::to_string(eviction::CountUniqueKeys(trace));
  std::string hits = std::to_string(trace.size() - eviction::CountUniqueKeys(trace));
  TempDirectory directory;
  for (const char* shards : {"1", "3"}) {
    ServerProcess server({"--shards", shards});
    for (const char* depth : {"1", "32", "1000"}) {
      Outcome outcome = Replay(server, {kTrace, "--depth", depth, "--csv", directory.Path("csv")});
      ASSERT_EQ(outcome.code, 0) << outcome.output;
      Rows rows = ReadCsv(directory.Path("csv"));
      ASSERT_EQ(rows.size(), 1U);
      EXPECT_EQ(rows[0]["policy"], "noeviction");
      EXPECT_EQ(rows[0]["requests"], "10000");
      EXPECT_EQ(rows[0]["misses"], keys) << "depth " << depth;
      EXPECT_EQ(rows[0]["hits"], hits);
      EXPECT_EQ(rows[0]["keys"], keys);
      // It leaves nothing, and so may come again.
      EXPECT_EQ(Client::Tcp(server.port()).Call({"DBSIZE"}), ":0\r\n");
    }
  }
}

TEST(Replay, SetsValuesOfTheTracesSizes) {
  ServerProcess server;
  TempDirectory directory;
  Outcome outcome = Replay(server, {"-", "--keep", "--db", "2", "--csv", directory.Path("csv")},
                           "key,size\na,10\nb,30\na,10\na,10\nc,0\n");
  ASSERT_EQ(outcome.code, 0) << outcome.output;
  Rows rows = ReadCsv(directory.Path("csv"));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0]["hits"], "2");
  EXPECT_EQ(rows[0]["hit_ratio"], "40.000");
  EXPECT_EQ(rows[0]["byte_hit_ratio"], "0.971");  // 20 of 60 + 2000
  Client client = Client::Tcp(server.port());
  EXPECT_EQ(client.Call({"DBSIZE"}), ":0\r\n");
  EXPECT_EQ(client.Call({"SELECT", "2"}), "+OK\r\n");
  EXPECT_EQ(client.Call({"DBSIZE"}), ":3\r\n");
}

TEST(Replay, GivesEachPolicyTheSameRoomAndPutsSettingsBack) {
  ServerProcess server(
      {"--shards", "2", "--maxmemory", "900mb", "--maxmemory-policy", "volatile-random"});
  TempDirectory directory;
  constexpr char kLonger[] = "zipf:0.9:5000:60000";
  Outcome outcome =
      Replay(server, {kLonger, "--percent", "20", "--policies",
                      "allkeys-random,allkeys-lru,allkeys-lfu", "--csv", directory.Path("csv")});
  ASSERT_EQ(outcome.code, 0) << outcome.output;
  Rows rows = ReadCsv(directory.Path("csv"));
  ASSERT_EQ(rows.size(), 3U);
  uint64_t keys = eviction::CountUniqueKeys(eviction::LoadTrace(kLonger).value());
  for (auto& row : rows) {
    EXPECT_EQ(std::stoul(row["hits"]) + std::stoul(row["misses"]), 60'000U);
    // Room for a fifth of the keys; buffers of a connection take their part of it.
    EXPECT_GT(std::stoul(row["keys"]), keys / 10) << row["policy"];
    EXPECT_LT(std::stoul(row["keys"]), keys * 3 / 10) << row["policy"];
    EXPECT_GT(std::stoul(row["misses"]), keys) << row["policy"];
  }
  EXPECT_EQ(rows[0]["policy"], "allkeys-random");
  EXPECT_EQ(rows[2]["policy"], "allkeys-lfu");
  EXPECT_GT(std::stoul(rows[1]["hits"]), std::stoul(rows[0]["hits"]));
  Client client = Client::Tcp(server.port());
  EXPECT_EQ(ConfigGet(client, "maxmemory"), "943718400");
  EXPECT_EQ(ConfigGet(client, "maxmemory-policy"), "volatile-random");
  EXPECT_EQ(client.Call({"DBSIZE"}), ":0\r\n");
}

TEST(Replay, PlaysToSeveralServersInLockstep) {
  ServerProcess one;
  ServerProcess other;
  TempDirectory directory;
  std::string address = "127.0.0.1:" + std::to_string(other.port());
  Outcome outcome = Replay(one, {kTrace, "--beside", address, "--csv", directory.Path("csv")});
  ASSERT_EQ(outcome.code, 0) << outcome.output;
  Rows rows = ReadCsv(directory.Path("csv"));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0]["hits"], rows[1]["hits"]);
  EXPECT_EQ(rows[1]["server"], address);
}

TEST(Replay, RefusesAServerThatHoldsKeys) {
  ServerProcess server;
  Client client = Client::Tcp(server.port());
  client.Call({"SELECT", "5"});
  client.Call({"SET", "mine", "1"});
  Outcome refused = Replay(server, {kTrace, "--policies", "allkeys-lru"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.output.find("holds 1 keys"), std::string::npos) << refused.output;
  EXPECT_NE(refused.output.find("--flush"), std::string::npos);
  EXPECT_EQ(client.Call({"GET", "mine"}), "$1\r\n1\r\n");
  EXPECT_EQ(ConfigGet(client, "maxmemory-policy"), "noeviction");

  Outcome flushed = Replay(server, {kTrace, "--flush"});
  EXPECT_EQ(flushed.code, 0) << flushed.output;
  EXPECT_EQ(client.Call({"GET", "mine"}), "$-1\r\n");
}

TEST(Replay, LogsIn) {
  ServerProcess server({"--requirepass", "secret"});
  Outcome without = Replay(server, {kTrace});
  EXPECT_EQ(without.code, 1);
  EXPECT_NE(without.output.find("NOAUTH"), std::string::npos) << without.output;
  EXPECT_NE(without.output.find("--password"), std::string::npos);
  Outcome wrong = Replay(server, {kTrace, "--password", "wrong"});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_NE(wrong.output.find("WRONGPASS"), std::string::npos) << wrong.output;
  Outcome right = Replay(server, {kTrace, "--password", "secret"});
  EXPECT_EQ(right.code, 0) << right.output;
  Outcome named = Replay(server, {kTrace, "--user", "default", "--password", "secret"});
  EXPECT_EQ(named.code, 0) << named.output;
}

TEST(Replay, SaysWhatIsWrong) {
  ServerProcess server;
  TempDirectory directory;
  Outcome nobody = RunReplay({"127.0.0.1", std::to_string(FreePort()), kTrace});
  EXPECT_EQ(nobody.code, 1);
  EXPECT_NE(nobody.output.find("Connection refused"), std::string::npos) << nobody.output;

  Outcome no_file = Replay(server, {directory.Path("absent")});
  EXPECT_EQ(no_file.code, 1);
  EXPECT_NE(no_file.output.find("No such file"), std::string::npos) << no_file.output;

  Outcome truncated = Replay(server, {directory.Write("short", std::string(40, '\0'))});
  EXPECT_EQ(truncated.code, 1);
  EXPECT_NE(truncated.output.find("truncated"), std::string::npos) << truncated.output;

  Outcome no_policy = Replay(server, {kTrace, "--policies", "allkeys-best"});
  EXPECT_EQ(no_policy.code, 1);
  EXPECT_NE(no_policy.output.find("maxmemory-policy"), std::string::npos) << no_policy.output;

  Outcome full = Replay(server, {kTrace, "--percent", "10", "--policies", "noeviction"});
  EXPECT_EQ(full.code, 1);
  EXPECT_NE(full.output.find("OOM"), std::string::npos) << full.output;
  EXPECT_NE(full.output.find("noeviction evicts nothing"), std::string::npos);
  // And even so its settings are back, and its keys gone.
  Client client = Client::Tcp(server.port());
  EXPECT_EQ(ConfigGet(client, "maxmemory"), "0");
  EXPECT_EQ(client.Call({"DBSIZE"}), ":0\r\n");

  Outcome no_words = RunReplay({});
  EXPECT_EQ(no_words.code, 2);
  EXPECT_NE(no_words.output.find("--help"), std::string::npos) << no_words.output;
}

TEST(Replay, EvictsKeysThatHaveATtl) {
  ServerProcess server;
  std::vector<std::string> args = {kTrace, "--percent", "30", "--policies", "volatile-lru"};
  Outcome without = Replay(server, args);
  EXPECT_EQ(without.code, 1);
  EXPECT_NE(without.output.find("--ttl"), std::string::npos) << without.output;
  args.insert(args.end(), {"--ttl", "10000"});
  Outcome with = Replay(server, args);
  EXPECT_EQ(with.code, 0) << with.output;
}

TEST(Replay, PutsEverythingBackWhenInterrupted) {
  ServerProcess server({"--maxmemory-policy", "allkeys-lfu"});
  Client client = Client::Tcp(server.port());
  // A request a second: it does not end by itself.
  Program program({"127.0.0.1", std::to_string(server.port()), kTrace, "--pace", "1", "--policies",
                   "allkeys-lru"},
                  {.binary = NUTHATCH_REPLAY_BINARY});
  ASSERT_TRUE(Eventually([&] { return client.Call({"DBSIZE"}) != ":0\r\n"; }));
  EXPECT_EQ(ConfigGet(client, "maxmemory-policy"), "allkeys-lru");
  program.Signal(SIGINT);
  EXPECT_EQ(program.Wait(), 130);
  EXPECT_NE(program.Output().find("interrupted"), std::string::npos) << program.Output();
  EXPECT_EQ(client.Call({"DBSIZE"}), ":0\r\n");
  EXPECT_EQ(ConfigGet(client, "maxmemory-policy"), "allkeys-lfu");
}

TEST(Advise, PrintsTableAdviceAndPlotWithoutAServer) {
  TempDirectory directory;
  Outcome outcome =
      RunReplay({"--advise", kTrace, "--sizes", "5,20", "--csv", directory.Path("csv")});
  ASSERT_EQ(outcome.code, 0) << outcome.output;
  for (const char* part : {"allkeys-lru", "belady", "Recommended: maxmemory-policy allkeys-",
                           "hits, %, by cache size"}) {
    EXPECT_NE(outcome.output.find(part), std::string::npos) << outcome.output;
  }
  // No bar where there is no terminal.
  EXPECT_EQ(outcome.output.find('\r'), std::string::npos);
  Rows rows = ReadCsv(directory.Path("csv"));
  std::map<std::string, uint64_t> hits;
  for (auto& row : rows) {
    if (row["size"] == "20%") hits[row["policy"]] = std::stoul(row["hits"]);
  }
  ASSERT_TRUE(hits.contains("belady") && hits.contains("allkeys-random"));
  for (const auto& [policy, count] : hits) EXPECT_LE(count, hits["belady"]) << policy;
  EXPECT_LT(hits["allkeys-random"], hits["belady"]);
}

}  // namespace
}  // namespace nuthatch::tests
