#include "server/config/directives.h"

#include <climits>
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <unistd.h>

#include "server/config/config.h"
#include "server/config/edit.h"
#include "server/config/values.h"
#include "tests/unit/config/fixtures.h"

namespace nuthatch::config {
namespace {

std::string CurrentDirectory() {
  char path[PATH_MAX];
  return ::getcwd(path, sizeof path) != nullptr ? path : "";
}

TEST(Directives, HaveTheDefaultsOfRedis) {
  std::set<std::string> known;
  bool hidden = false;
  for (const std::vector<std::string>& row : ReadFixture("redis_7_0_15_defaults.txt")) {
    if (row[0].empty()) {
      hidden = true;
      continue;
    }
    ASSERT_EQ(row.size(), 2u) << row[0];
    known.insert(row[0]);
    std::optional<size_t> index = FindDirective(row[0]);
    ASSERT_TRUE(index) << row[0];
    std::string expected = row[1] == "<cwd>" ? CurrentDirectory() : row[1];
    EXPECT_EQ(DefaultConfig()->Text(*index), expected) << row[0];
    EXPECT_EQ(Directives()[*index].Has(kHidden), hidden) << row[0];
  }
  EXPECT_GT(known.size(), 190u);
  for (const auto& [name, value] : GetDirectives(*DefaultConfig(), {"*"})) {
    EXPECT_TRUE(known.count(name) == 1 || name == "shards") << name;
  }
}

// Where we differ from the recorded answers on purpose.
bool Differs(const std::string& name, const std::string& value, const std::string& answer) {
  std::optional<size_t> index = FindDirective(name);
  // Refused because it would protect access or data, and does not work yet.
  if (index && Directives()[*index].Refused()) return true;
  // Depends on how Redis was built.
  if (name == "activedefrag" && answer.find("modified Jemalloc") != std::string::npos) return true;
  // Numbers beyond 64 bits (and products of them), which Redis cuts to some other number.
  if (name == "maxmemory" && (value == "20000000000gb" || value == "17179869184gb")) return true;
  if (name == "save" && (value == "1 4294967296" || value == "99999999999999999999 1")) return true;
  return false;
}

// Replays recorded answers in order, from one configuration to the next.
int ReplayAnswers(const std::vector<std::vector<std::string>>& rows) {
  auto config = DefaultConfig();
  std::string name;
  std::string answer;
  int compared = 0;
  for (const std::vector<std::string>& row : rows) {
    if (row.size() != 4) {
      ADD_FAILURE() << row[0];
      continue;
    }
    name = row[0];
    if (row[2] != "~") answer = row[2];
    const std::string& shown = row[3] == "=" ? row[1] : row[3];
    if (Differs(name, row[1], answer)) continue;
    if (name == "dir") continue;  // immutable there, for want of enable-protected-configs
    ConfigEdit edit(config);
    base::Result<void> set = edit.Set({{name, row[1]}}, Caller{true, false});
    std::string frame = "CONFIG SET failed (possibly related to argument '" + name + "') - ";
    std::string got = set.ok() ? "OK" : set.error();
    if (got.rfind(frame, 0) == 0) got = got.substr(frame.size());
    if (answer.rfind("-ERR ", 0) == 0) got = "-ERR " + got;
    EXPECT_EQ(got, answer) << name << " '" << row[1] << "'";
    ++compared;
    if (!set.ok()) continue;
    config = edit.config();
    auto values = GetDirectives(*config, {name});
    EXPECT_EQ(values.empty() ? "NIL" : values[0].second, shown) << name << " '" << row[1] << "'";
  }
  return compared;
}

TEST(Directives, AnswerConfigSetAsRedisDoes) {
  EXPECT_GT(ReplayAnswers(ReadFixture("redis_7_0_15_set.txt")), 3000);
}

TEST(Directives, ReadTheirOwnTextBack) {
  const std::vector<Directive>& rows = Directives();
  for (size_t i = 0; i < rows.size(); ++i) {
    Config copy(*DefaultConfig());
    std::vector<std::string> arguments{DefaultConfig()->Text(i)};
    if (rows[i].Has(kMultiArg)) arguments = SplitAtSpaces(DefaultConfig()->Text(i));
    if (rows[i].name == "replicaof") continue;  // nothing is "no one" there
    ASSERT_TRUE(ConfigWriter(copy).Apply(i, arguments, Context{Origin::kSet, true}).ok())
        << rows[i].name;
    EXPECT_EQ(copy.Text(i), DefaultConfig()->Text(i)) << rows[i].name;
  }
}

TEST(Directives, HaveWellFormedRows) {
  for (const Directive& row : Directives()) {
    EXPECT_EQ(row.names != nullptr, row.type == Type::kEnum) << row.name;
    EXPECT_EQ(row.special != nullptr, row.type == Type::kSpecial) << row.name;
    bool has_limits = row.type == Type::kInteger || row.type == Type::kMemory;
    if (has_limits) {
      EXPECT_GT(row.maximum, 0u) << row.name;
    }
    // What works must reach a field that code can read.
    if (row.effect == Effect::kWorks) {
      EXPECT_TRUE(row.store != nullptr || row.special != nullptr) << row.name;
    }
  }
}

TEST(Config, HasTypedFields) {
  const Config& config = *DefaultConfig();
  EXPECT_EQ(config.port, 6379);
  EXPECT_EQ(config.bind, (std::vector<std::string>{"*", "-::*"}));
  EXPECT_EQ(config.maxmemory_policy, MaxmemoryPolicy::kNoeviction);
  EXPECT_EQ(config.maxmemory_policy_name, "noeviction");
  EXPECT_EQ(config.proto_max_bulk_len, 512u << 20);
  EXPECT_EQ(config.client_output_buffer_limits[kClientReplica].hard_bytes, 256u << 20);
  EXPECT_EQ(config.client_output_buffer_limits[kClientPubsub].soft_seconds, 60);
  EXPECT_EQ(config.save.size(), 3u);
  EXPECT_EQ(config.loglevel, LogLevel::kNotice);
  EXPECT_EQ(config.latency_tracking_info_percentiles, (std::vector<double>{50, 99, 99.9}));
  EXPECT_EQ(config.oom_score_adj_values, (std::array<int32_t, 3>{0, 200, 800}));
  EXPECT_TRUE(config.protected_mode);
  EXPECT_EQ(config.shards, 0);
  EXPECT_GE(EffectiveShards(config), 1);
}

std::vector<std::string> Names(const std::vector<std::string_view>& patterns) {
  std::vector<std::string> names;
  for (const auto& [name, value] : GetDirectives(*DefaultConfig(), patterns)) names.push_back(name);
  return names;
}

TEST(GetDirectives, ShowsFullNamesAsWritten) {
  EXPECT_EQ(Names({"SLAVE-PRIORITY"}), (std::vector<std::string>{"SLAVE-PRIORITY"}));
  EXPECT_EQ(Names({"slave-prior*", "SLAVE-PRIORITY", "slave-priority"}),
            (std::vector<std::string>{"slave-priority"}));
  EXPECT_EQ(Names({"HZ", "h?"}), (std::vector<std::string>{"HZ"}));
  EXPECT_EQ(Names({"Slave-Prior*"}), (std::vector<std::string>{"slave-priority"}));
  EXPECT_EQ(Names({"[h]z"}), (std::vector<std::string>{"hz"}));
  EXPECT_EQ(Names({"h[z"}), (std::vector<std::string>{"hz"}));
}

TEST(GetDirectives, HidesWhatIsHiddenFromPatterns) {
  EXPECT_TRUE(Names({"key-load*"}).empty());
  EXPECT_EQ(Names({"KEY-load-delay"}), (std::vector<std::string>{"KEY-load-delay"}));
  EXPECT_TRUE(Names({"nosuch", "", "\\hz"}).empty());
}

TEST(StartupWarnings, NameTheSavePoints) {
  EXPECT_EQ(StartupWarnings(*DefaultConfig()).size(), 1u);
  ConfigEdit edit(DefaultConfig());
  ASSERT_TRUE(edit.Set({{"save", ""}}, {}).ok());
  EXPECT_TRUE(StartupWarnings(*edit.config()).empty());
}

}  // namespace
}  // namespace nuthatch::config
