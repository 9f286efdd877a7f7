#include "server/config/edit.h"

#include <gtest/gtest.h>

#include "server/config/directives.h"

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
  EXPECT_EQ(SetError({{"shards", DefaultConfig()->Text(*FindDirective("shards"))}}), "");
  EXPECT_EQ(SetError({{"port", "6379"}, {"daemonize", "no"}}),
            Failed("daemonize", "can't set immutable config"));
}

TEST(ConfigEdit, CutsValuesAtAZeroByteWhereRedisDoes) {
  using namespace std::string_view_literals;
  ConfigEdit edit(DefaultConfig());
  ASSERT_TRUE(edit.Set({{"maxmemory", "1mb\0x"sv},
                        {"hash-max-listpack-value", "\0"sv},
                        {"maxmemory-policy", "allkeys-lru\0"sv},
                        {"lazyfree-lazy-expire", "yes\0no"sv},
                        {"save", "60 5\0"sv},
                        {"notify-keyspace-events", "KA\0?"sv},
                        {"cluster-announce-hostname", "a\0!"sv},
                        {"requirepass", "a\0b"sv},
                        {"masterauth", "c\0d"sv}},
                       {})
                  .ok());
  EXPECT_EQ(edit.config()->maxmemory, 1u << 20);
  EXPECT_EQ(edit.config()->Text(*FindDirective("hash-max-listpack-value")), "0");
  EXPECT_EQ(edit.config()->maxmemory_policy, MaxmemoryPolicy::kAllkeysLru);
  EXPECT_TRUE(edit.config()->lazyfree_lazy_expire);
  EXPECT_EQ(edit.config()->Text(*FindDirective("save")), "60 5");
  EXPECT_EQ(edit.config()->Text(*FindDirective("notify-keyspace-events")), "AK");
  EXPECT_EQ(edit.config()->Text(*FindDirective("cluster-announce-hostname")), "a");
  EXPECT_EQ(edit.config()->requirepass, "a\0b"sv);
  EXPECT_EQ(edit.config()->masterauth, "c\0d"sv);
  EXPECT_EQ(SetError({{"hz", "10\0"sv}}),
            Failed("hz", "argument couldn't be parsed into an integer"));
  EXPECT_EQ(SetError({{"maxmemory-clients", "5\0%"sv}}),
            Failed("maxmemory-clients", "argument must be a memory or percent value"));
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
