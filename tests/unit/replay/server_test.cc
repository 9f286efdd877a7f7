#include "tools/replay/server.h"

#include <gtest/gtest.h>

namespace nuthatch::replay {
namespace {

TEST(InfoText, GivesTheFieldOfThatWholeName) {
  constexpr char kText[] =
      "# Memory\r\nused_memory:1000\r\nused_memory_peak:2000\r\nmaxmemory:0\r\n"
      "maxmemory_policy:noeviction";
  EXPECT_EQ(FindInfoField(kText, "used_memory"), "1000");
  EXPECT_EQ(FindInfoField(kText, "maxmemory"), "0");
  EXPECT_EQ(FindInfoField(kText, "maxmemory_policy"), "noeviction");
  EXPECT_EQ(FindInfoField(kText, "memory"), std::nullopt);
  EXPECT_EQ(FindInfoField("", "maxmemory"), std::nullopt);
}

TEST(InfoText, SumsTheKeysOfAllDatabases) {
  EXPECT_EQ(SumKeyspaceKeys("# Keyspace\r\n"), 0U);
  EXPECT_EQ(SumKeyspaceKeys("# Keyspace\r\ndb0:keys=12,expires=3,avg_ttl=0\r\n"
                            "db9:keys=30,expires=0,avg_ttl=0\r\n"),
            42U);
  EXPECT_EQ(SumKeyspaceKeys("db0:keys="), 0U);
}

TEST(ErrorReplies, ComeWithAdviceWhereThereIsSome) {
  EXPECT_NE(AdviceFor("NOAUTH Authentication required.").find("--password"), std::string::npos);
  EXPECT_NE(AdviceFor("OOM command not allowed when used memory > 'maxmemory'.").find("--ttl"),
            std::string::npos);
  EXPECT_EQ(AdviceFor("ERR syntax error"), "");
}

}  // namespace
}  // namespace nuthatch::replay
