#include "server/observe/info.h"

#include <vector>

#include <gtest/gtest.h>

#include "server/observe/process.h"

namespace nuthatch::observe {
namespace {

Sections Parse(std::vector<std::string_view> names) { return ParseSections(names); }

TEST(InfoSections, AreTheDefaultOnesWhenNoneIsNamed) {
  Sections sections = Parse({});
  EXPECT_EQ(sections, Parse({"default"}));
  EXPECT_NE(sections & Bit(Section::kServer), 0U);
  EXPECT_NE(sections & Bit(Section::kErrorstats), 0U);
  EXPECT_NE(sections & Bit(Section::kEviction), 0U);
  EXPECT_EQ(sections & Bit(Section::kCommandstats), 0U);
  EXPECT_EQ(sections & Bit(Section::kLatencystats), 0U);
}

TEST(InfoSections, AddUpInAnyCaseOfLetters) {
  EXPECT_EQ(Parse({"SERVER", "keySpace"}), Bit(Section::kServer) | Bit(Section::kKeyspace));
  EXPECT_EQ(Parse({"nosuch"}), 0U);
  EXPECT_EQ(Parse({"all"}), Parse({"everything"}));
  EXPECT_EQ(Parse({"default", "commandstats"}), Parse({}) | Bit(Section::kCommandstats));
}

TEST(InfoSections, TakeNothingThatTheyDoNotShow) {
  EXPECT_EQ(FiguresFor(Parse({"server", "stats", "cpu"})), unsigned{kBaseFigures});
  EXPECT_EQ(FiguresFor(Parse({"keyspace"})), unsigned{kKeyspaceFigures});
  EXPECT_EQ(FiguresFor(Parse({"commandstats"})), unsigned{kCommandFigures});
}

TEST(Figures, AddUp) {
  Figures a;
  a.stats.keyspace_hits = 3;
  a.stats.loop_stall_max_us = 70;
  a.stats.errors["ERR"] = 1;
  a.stats.commands.resize(2);
  a.stats.commands[1].calls = 5;
  a.databases[0] = {.keys = 10, .expires = 1, .ttl_sum_ms = 1000};
  Figures b;
  b.stats.keyspace_hits = 4;
  b.stats.loop_stall_max_us = 50;
  b.stats.errors["ERR"] = 2;
  b.stats.errors["OOM"] = 1;
  b.stats.commands.resize(3);
  b.stats.commands[1].calls = 6;
  b.stats.latencies.resize(2);
  b.stats.latencies[1] = std::make_unique<runtime::LatencyHistogram>();
  b.stats.latencies[1]->Record(5000);
  b.databases[0] = {.keys = 20, .expires = 3, .ttl_sum_ms = 9000};
  b.databases[5] = {.keys = 1};
  a.Add(b);
  EXPECT_EQ(a.stats.keyspace_hits, 7U);
  EXPECT_EQ(a.stats.loop_stall_max_us, 70U);
  EXPECT_EQ(a.stats.errors["ERR"], 3U);
  EXPECT_EQ(a.stats.errors["OOM"], 1U);
  EXPECT_EQ(a.stats.commands[1].calls, 11U);
  EXPECT_EQ(a.stats.latencies[1]->total(), 1U);
  EXPECT_EQ(a.databases[0].keys, 30U);
  EXPECT_EQ(a.databases[0].AverageTtlMs(), 2500);
  EXPECT_EQ(a.keys(), 31U);
}

TEST(Figures, AddUpWhatPoliciesSay) {
  Figures sum;
  for (const char* share : {"0.10", "0.25"}) {
    Figures one;
    one.policy.name = "allkeys-auto";
    one.policy.metadata_bytes = 100;
    one.policy.lines = {{"ghost_hits", {"7"}}, {"tuner_small_share", {share}}};
    one.eviction.evicted[runtime::EvictionStats::kForWrite] = 3;
    one.eviction.slice_max_ns = share[2] == '1' ? 9000 : 4000;
    one.eviction.over_limit_max_bytes = 50;
    one.blessed_keys = 2;
    sum.Add(one);
  }
  EXPECT_EQ(sum.policy.name, "allkeys-auto");
  EXPECT_EQ(sum.policy.metadata_bytes, 200U);
  EXPECT_EQ(sum.policy.lines[0].values, std::vector<std::string>{"14"});
  EXPECT_EQ(sum.policy.lines[1].values, (std::vector<std::string>{"0.10", "0.25"}));
  EXPECT_EQ(sum.eviction.evicted[runtime::EvictionStats::kForWrite], 6U);
  EXPECT_EQ(sum.eviction.slice_max_ns, 9000U);
  EXPECT_EQ(sum.eviction.over_limit_max_bytes, 50U);
  EXPECT_EQ(sum.blessed_keys, 4U);
  // One whose policy has changed meanwhile.
  Figures other;
  other.policy.name = "allkeys-lru";
  other.policy.metadata_bytes = 1000;
  sum.Add(other);
  EXPECT_EQ(sum.policy.metadata_bytes, 200U);
}

TEST(HumanSize, PrintsAsRedisDoes) {
  EXPECT_EQ(HumanSize(0), "0B");
  EXPECT_EQ(HumanSize(1023), "1023B");
  EXPECT_EQ(HumanSize(1024), "1.00K");
  EXPECT_EQ(HumanSize(1646496), "1.57M");
  EXPECT_EQ(HumanSize(25276510208), "23.54G");
}

}  // namespace
}  // namespace nuthatch::observe
