#include "tools/replay/options.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nuthatch::replay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::variant<Options, Exit> Parse(std::vector<const char*> words) {
  words.insert(words.begin(), "nuthatch-replay");
  return ParseOptions(static_cast<int>(words.size()), words.data());
}

Options Parsed(const std::vector<const char*>& words) {
  std::variant<Options, Exit> parsed = Parse(words);
  if (const Exit* exit = std::get_if<Exit>(&parsed)) {
    ADD_FAILURE() << exit->text;
    return {};
  }
  return std::get<Options>(parsed);
}

std::string ErrorOf(const std::vector<const char*>& words) {
  std::variant<Options, Exit> parsed = Parse(words);
  const Exit* exit = std::get_if<Exit>(&parsed);
  if (exit == nullptr) return "";
  EXPECT_EQ(exit->code, 2);
  return exit->text;
}

TEST(ReplayOptions, HaveDefaults) {
  Options options = Parsed({"localhost", "6379", "a.trace"});
  EXPECT_FALSE(options.advise);
  EXPECT_EQ(options.trace, "a.trace");
  ASSERT_EQ(options.servers.size(), 1U);
  EXPECT_EQ(options.servers[0].host, "localhost");
  EXPECT_EQ(options.servers[0].port, 6379);
  EXPECT_EQ(options.replay.pipeline.depth, 32U);
  EXPECT_EQ(options.replay.pipeline.default_size, 2000U);
  EXPECT_FALSE(options.replay.percent.has_value());
  EXPECT_FALSE(options.replay.may_flush);
  EXPECT_TRUE(options.replay.policies.empty());
}

TEST(ReplayOptions, AreAllUnderstood) {
  Options options =
      Parsed({"::1",        "7000",     "-",          "--depth",  "8",        "--percent",
              "2.5",        "--flush",  "--policies", "a,b",      "--user",   "me",
              "--password", "secret",   "--db",       "3",        "--pace",   "1000",
              "--limit",    "99",       "--csv",      "out.csv",  "--ttl",    "60",
              "--keep",     "--beside", "other:1",    "--beside", "::2:7001", "--value-size",
              "10"});
  EXPECT_EQ(options.trace, "-");
  EXPECT_EQ(options.replay.pipeline.depth, 8U);
  EXPECT_EQ(options.replay.percent, 2.5);
  EXPECT_TRUE(options.replay.may_flush);
  EXPECT_TRUE(options.replay.keep);
  EXPECT_THAT(options.replay.policies, ElementsAre("a", "b"));
  EXPECT_EQ(options.replay.pace, 1000U);
  EXPECT_EQ(options.replay.ttl_s, 60U);
  EXPECT_EQ(options.replay.pipeline.default_size, 10U);
  EXPECT_EQ(options.limit, 99U);
  EXPECT_EQ(options.csv, "out.csv");
  ASSERT_EQ(options.servers.size(), 3U);
  EXPECT_EQ(options.servers[1].host, "other");
  EXPECT_EQ(options.servers[2].host, "::2");
  EXPECT_EQ(options.servers[2].port, 7001);
  for (const Login& login : options.servers) {
    EXPECT_EQ(login.user, "me");
    EXPECT_EQ(login.password, "secret");
    EXPECT_EQ(login.db, 3);
  }
}

TEST(ReplayOptions, MayStandBeforeTheServer) {
  Options options = Parsed({"--policies", "a,b", "--beside", "x:1", "localhost", "6379", "t"});
  EXPECT_THAT(options.replay.policies, ElementsAre("a", "b"));
  EXPECT_EQ(options.trace, "t");
  EXPECT_EQ(options.servers.size(), 2U);
}

TEST(ReplayOptions, AreRefusedWithAReason) {
  EXPECT_THAT(ErrorOf({}), HasSubstr("HOST PORT TRACE, or --advise TRACE"));
  EXPECT_THAT(ErrorOf({"localhost", "6379"}), HasSubstr("HOST PORT TRACE"));
  EXPECT_EQ(ErrorOf({"localhost", "x", "t"}), "x is no port");
  EXPECT_EQ(ErrorOf({"localhost", "65536", "t"}), "65536 is no port");
  EXPECT_EQ(ErrorOf({"localhost", "1", "t", "--beside", "x"}), "x is not HOST:PORT");
  EXPECT_EQ(ErrorOf({"localhost", "1", "t", "--user", "x"}), "--user needs --password");
  for (const char* option :
       {"--depth", "--percent", "--value-size", "--limit", "--pace", "--ttl"}) {
    EXPECT_THAT(ErrorOf({"localhost", "1", "t", option, "0"}), HasSubstr(option));
    EXPECT_THAT(ErrorOf({"localhost", "1", "t", option, "x"}), HasSubstr(option));
  }
  EXPECT_THAT(ErrorOf({"localhost", "1", "t", "--nonsense"}), HasSubstr("--nonsense"));
  EXPECT_THAT(ErrorOf({"localhost", "1", "t", "u"}), HasSubstr("u"));
}

TEST(AdviceOptions, AreAllUnderstood) {
  Options options = Parsed({"--advise", "-", "--sizes", "0.5,50", "--policies",
                            "allkeys-lru,Volatile-TTL", "--pace", "7", "--threads", "1000000"});
  EXPECT_TRUE(options.advise);
  EXPECT_EQ(options.trace, "-");
  EXPECT_THAT(options.advice.percents, ElementsAre(0.5, 50));
  ASSERT_EQ(options.advice.policies.size(), 2U);
  EXPECT_EQ(eviction::PolicyName(options.advice.policies[1]), "volatile-ttl");
  EXPECT_EQ(options.advice.pace, 7U);
  EXPECT_EQ(options.advice.threads, std::max(1U, std::thread::hardware_concurrency()));
  EXPECT_THAT(Parsed({"--advise", "t", "--bytes", "1kb,100mb"}).advice.bytes,
              ElementsAre(1024, 100 * 1024 * 1024));
  EXPECT_EQ(Parsed({"--advise", "t", "--threads", "1"}).advice.threads, 1U);
}

TEST(AdviceOptions, AreRefusedWithAReason) {
  EXPECT_EQ(ErrorOf({"--advise", "t", "--policies", "lru"}), "lru is no policy that evicts");
  EXPECT_EQ(ErrorOf({"--advise", "t", "--policies", "noeviction"}),
            "noeviction is no policy that evicts");
  EXPECT_EQ(ErrorOf({"--advise", "t", "--bytes", "0"}), "0 is no size in bytes, like 100mb");
  EXPECT_EQ(ErrorOf({"--advise", "t", "--bytes", "many"}), "many is no size in bytes, like 100mb");
  EXPECT_THAT(ErrorOf({"--advise", "t", "--sizes", "101"}), HasSubstr("--sizes"));
  EXPECT_THAT(ErrorOf({"--advise", "t", "--sizes", "1", "--bytes", "1mb"}), HasSubstr("excludes"));
  EXPECT_EQ(ErrorOf({"localhost", "--advise", "t"}),
            "--advise takes no HOST, PORT or second TRACE");
}

TEST(Help, IsNoError) {
  std::variant<Options, Exit> parsed = Parse({"--help"});
  ASSERT_TRUE(std::holds_alternative<Exit>(parsed));
  EXPECT_EQ(std::get<Exit>(parsed).code, 0);
  EXPECT_THAT(std::get<Exit>(parsed).text, HasSubstr("--percent"));
}

}  // namespace
}  // namespace nuthatch::replay
