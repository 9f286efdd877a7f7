#include "eviction/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nuthatch::eviction {
namespace {

TEST(PolicyRegistry, ListsTheNamesOfRedisInItsOrderAndThenTheOthers) {
  std::vector<std::string> names;
  for (const PolicyChoice& choice : PolicyChoices()) names.push_back(PolicyName(choice));
  EXPECT_THAT(
      names, testing::ElementsAre("volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl",
                                  "allkeys-lru", "allkeys-lfu", "allkeys-random", "noeviction",
                                  "volatile-lrm", "volatile-s3fifo", "volatile-auto",
                                  "volatile-s3fifo-size", "volatile-sieve", "volatile-tinylfu",
                                  "allkeys-lrm", "allkeys-s3fifo", "allkeys-auto",
                                  "allkeys-s3fifo-size", "allkeys-sieve", "allkeys-tinylfu"));
}

TEST(PolicyRegistry, ReadsEveryNameInAnyCase) {
  for (const PolicyChoice& choice : PolicyChoices()) {
    std::string name = PolicyName(choice);
    EXPECT_EQ(ParsePolicyName(name), choice);
    name[0] = static_cast<char>(name[0] - 'a' + 'A');
    EXPECT_EQ(ParsePolicyName(name), choice);
  }
}

TEST(PolicyRegistry, RefusesOtherNames) {
  for (const char* name :
       {"", "lru", "allkeys-", "allkeys-ttl", "volatile-none", "none", "allkeys-noeviction",
        "noeviction ", "allkeys_lru", "s3fifo", "allkeys-s3fifo-", "volatile-none"}) {
    EXPECT_EQ(ParsePolicyName(name), std::nullopt) << name;
  }
}

TEST(PolicyRegistry, KnowsEachRowByItsName) {
  for (const PolicyRow& row : PolicyRows()) EXPECT_EQ(FindPolicyRow(row.base), &row);
  EXPECT_EQ(FindPolicyRow("clock"), nullptr);
}

TEST(PolicyRegistry, SaysWhatAccessBitsMean) {
  EXPECT_EQ(FindPolicyRow("lru")->access, AccessMeaning::kClock);
  EXPECT_EQ(FindPolicyRow("none")->access, AccessMeaning::kClock);
  EXPECT_EQ(FindPolicyRow("lfu")->access, AccessMeaning::kFrequency);
  EXPECT_EQ(FindPolicyRow("s3fifo")->access, AccessMeaning::kClock);
}

}  // namespace
}  // namespace nuthatch::eviction
