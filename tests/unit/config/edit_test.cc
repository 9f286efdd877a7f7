#include "server/config/edit.h"

#include <gtest/gtest.h>

namespace nuthatch::config {
namespace {

using Pairs = std::vector<std::pair<std::string_view, std::string_view>>;

std::string SetError(const Pairs& pairs, const Caller& caller = {}) {
  ConfigEdit edit(DefaultConfig());
  base::Result<void> set = edit.Set(pairs, caller);
  return set.ok() ? "" : set.error();
}

std::string Failed(std::string_view name, std::string_view cause) {
  return SetFailedText(name, cause);
}

TEST(ConfigEdit, SetsSeveralDirectivesAtOnce) {
  ConfigEdit edit(DefaultConfig());
  ASSERT_TRUE(
      edit.Set({{"maxmemory", "1mb"}, {"Maxmemory-Policy", "allkeys-lru"}, {"hz", "10"}}, {}).ok());
  EXPECT_EQ(edit.config()->maxmemory, 1u << 20);
  EXPECT_EQ(edit.config()->maxmemory_policy, MaxmemoryPolicy::kAllkeysLru);
  EXPECT_EQ(edit.changed(), (std::vector<std::string_view>{"maxmemory", "maxmemory-policy"}));
  EXPECT_TRUE(edit.Changed("maxmemory"));
  EXPECT_FALSE(edit.Changed("hz"));
  EXPECT_EQ(DefaultConfig()->maxmemory, 0u);
}

TEST(ConfigEdit, RefusesWhatCantBeSet) {
  EXPECT_EQ(SetError({{"hz", "20"}, {"NoSuch", "1"}}),
            "Unknown option or number of arguments for CONFIG SET - 'NoSuch'");
  EXPECT_EQ(SetError({{"daemonize", "yes"}, {"nosuch", "1"}}),
            Failed("daemonize", "can't set immutable config"));
  EXPECT_EQ(SetError({{"maxmemory", "1"}, {"MAXMEMORY", "2"}}),
            Failed("MAXMEMORY", "duplicate parameter"));
  EXPECT_EQ(SetError({{"slave-priority", "5"}, {"replica-priority", "6"}}), "");
  EXPECT_EQ(SetError({{"SLAVE-Priority", "abc"}}),
            Failed("slave-priority", "argument couldn't be parsed into an integer"));
  EXPECT_EQ(SetError({{"hz", "abc"}, {"dir", "/tmp"}}),
            Failed("dir", "can't set protected config"));
  EXPECT_EQ(SetError({{"hz", "30"}, {"maxmemory", "abc"}}),
            Failed("maxmemory", "argument must be a memory value"));
  EXPECT_EQ(SetError({{"shards", "2"}}), Failed("shards", "can't set immutable config"));
}

TEST(ConfigEdit, RefusesWhatWouldProtectAndDoesNotWork) {
  EXPECT_NE(SetError({{"appendonly", "yes"}}).find("protects data"), std::string::npos);
  EXPECT_NE(SetError({{"tls-port", "1"}}).find("protects access"), std::string::npos);
  EXPECT_EQ(SetError({{"appendonly", "no"}, {"tls-port", "0"}}), "");
}

TEST(ConfigEdit, KnowsSensitiveDirectives) {
  EXPECT_TRUE(IsSensitive("RequirePass"));
  EXPECT_TRUE(IsSensitive("masterauth"));
  EXPECT_FALSE(IsSensitive("maxmemory"));
  EXPECT_FALSE(IsSensitive("nosuch"));
}

TEST(ConfigEdit, AllowsProtectedConfigsWhereEnabled) {
  auto config = std::make_shared<Config>(*DefaultConfig());
  config->enable_protected_configs = CommandAccess::kLocal;
  ConfigEdit remote(config);
  EXPECT_FALSE(remote.Set({{"dbfilename", "x.rdb"}}, Caller{false, false}).ok());
  ConfigEdit local(config);
  ASSERT_TRUE(local.Set({{"dbfilename", "x.rdb"}, {"dir", "/"}}, Caller{true, false}).ok());
  EXPECT_EQ(local.config()->dbfilename, "x.rdb");
  EXPECT_EQ(local.config()->dir, "/");
  ConfigEdit missing(config);
  EXPECT_EQ(missing.Set({{"dir", "/nonexistent"}}, Caller{true, false}).error(),
            Failed("dir", "No such file or directory"));
}

}  // namespace
}  // namespace nuthatch::config
