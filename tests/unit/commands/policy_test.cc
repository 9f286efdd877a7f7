// The eviction policy as clients see it: its names, and what OBJECT tells under it.
#include <string>

#include <gtest/gtest.h>

#include "eviction/registry.h"
#include "server/config/config.h"
#include "server/config/edit.h"
#include "server/runtime/policy_names.h"
#include "tests/unit/commands/test_server.h"

namespace nuthatch::commands {
namespace {

TEST(Policy, AnswersUnderEachPolicyAsItsAccessBitsMean) {
  for (const eviction::PolicyChoice& choice : eviction::PolicyChoices()) {
    std::string name = eviction::PolicyName(choice);
    TestServer server(1, {{"maxmemory-policy", name}});
    server.keyspace(0).SetPolicy(choice, {});
    server.keyspace(0).BeginBatch(server.now_ms());
    server.Ask("SET k v");
    server.Advance(30'000);
    bool frequency = choice.row->access == eviction::AccessMeaning::kFrequency;
    EXPECT_EQ(server.Ask("OBJECT IDLETIME k").starts_with('-'), frequency) << name;
    EXPECT_EQ(server.Ask("OBJECT FREQ k").starts_with('-'), !frequency) << name;
    if (!frequency) {
      EXPECT_EQ(server.Ask("OBJECT IDLETIME k"), "30") << name;
    }
  }
}

// Under lrm the idle time is that since the last write, whatever has read the key.
TEST(Policy, TellsWritesFromReadsUnderLrm) {
  TestServer server(1, {{"maxmemory-policy", "allkeys-lrm"}});
  server.keyspace(0).SetPolicy(*eviction::ParsePolicyName("allkeys-lrm"), {});
  auto idle_after = [&](const std::string& command) {
    server.keyspace(0).BeginBatch(server.now_ms());
    server.Ask("SET k 1");
    server.Advance(20'000);
    server.keyspace(0).BeginBatch(server.now_ms());
    EXPECT_FALSE(server.Ask(command).starts_with("-ERR")) << command;
    return server.Ask("OBJECT IDLETIME k");
  };
  for (const char* read :
       {"GET k", "MGET k", "STRLEN k", "GETRANGE k 0 1", "EXISTS k", "TOUCH k", "TTL k",
        "COPY k twin REPLACE", "SETNX k 2", "SET k 2 NX", "MSETNX new 1 k 2", "DUMP k", "TYPE k"}) {
    EXPECT_EQ(idle_after(read), "20") << read;
  }
  for (const char* write :
       {"SET k 2", "MSET k 2", "GETSET k 2", "APPEND k 2", "INCR k", "SETRANGE k 0 7",
        "INCRBYFLOAT k 0.5", "SETEX k 100 1", "EXPIRE k 100", "SET k 5 GET"}) {
    EXPECT_EQ(idle_after(write), "0") << write;
  }
}

TEST(Policy, TakesTheNamesOfTheRegistryAndNoOthers) {
  runtime::RegisterPolicyNames();
  const config::Caller caller{.local = true, .loading = false};
  std::string names;
  for (const eviction::PolicyChoice& choice : eviction::PolicyChoices()) {
    std::string name = eviction::PolicyName(choice);
    names += (names.empty() ? "" : ", ") + name;
    config::ConfigEdit edit(config::DefaultConfig());
    EXPECT_TRUE(edit.Set({{"maxmemory-policy", name}}, caller).ok()) << name;
    EXPECT_EQ(edit.config()->maxmemory_policy_name, name);
  }
  for (const char* unknown : {"s3fifo", "allkeys-", "allkeys-ttl", "lru", "none", ""}) {
    config::ConfigEdit edit(config::DefaultConfig());
    auto result = edit.Set({{"maxmemory-policy", unknown}}, caller);
    ASSERT_FALSE(result.ok()) << unknown;
    EXPECT_NE(result.error().find("argument(s) must be one of the following: " + names),
              std::string::npos)
        << result.error();
  }
}

}  // namespace
}  // namespace nuthatch::commands
