#include "server/config/file_parser.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "server/config/directives.h"
#include "server/config/edit.h"

namespace nuthatch::config {
namespace {

// What is printed for a bad line, without the frame's first line.
std::string Frame(size_t line, const std::string& text, const std::string& cause) {
  return FatalConfigError(line, text, cause);
}

std::string ErrorOf(std::string_view text) {
  ConfigLoader loader;
  base::Result<void> read = loader.ReadText(text);
  if (!read.ok()) return read.error();
  auto config = loader.Finish("");
  return config.ok() ? "" : config.error();
}

std::shared_ptr<const Config> Load(std::string_view text) {
  ConfigLoader loader;
  base::Result<void> read = loader.ReadText(text);
  EXPECT_TRUE(read.ok()) << read.error();
  auto config = loader.Finish("");
  EXPECT_TRUE(config.ok()) << config.error();
  return config.value();
}

std::string Value(std::string_view text, std::string_view name) {
  return GetDirectives(*Load(text), {name})[0].second;
}

TEST(FatalConfigError, HasTheFrameOfRedis) {
  EXPECT_EQ(FatalConfigError(2, "foo bar", "Bad directive or wrong number of arguments"),
            "\n*** FATAL CONFIG FILE ERROR (Nuthatch 0.1.0) ***\n"
            "Reading the configuration file, at line 2\n"
            ">>> 'foo bar'\n"
            "Bad directive or wrong number of arguments\n");
  EXPECT_EQ(FatalConfigError(0, "", "x"),
            "\n*** FATAL CONFIG FILE ERROR (Nuthatch 0.1.0) ***\nx\n");
  EXPECT_TRUE(IsFatalConfigError(FatalConfigError(0, "", "x")));
  EXPECT_FALSE(IsFatalConfigError("Fatal error, can't open config file"));
}

TEST(ConfigLoader, ReadsLines) {
  auto config = Load(
      "# comment\n\n   # another\r\n"
      "  PORT 1234  \r\n"
      "Bind 127.0.0.1 '-::1'\n"
      "requirepass \"a \\\"b\\x21\"\n"
      "maxmemory 1gb\nmaxmemory 100mb\n"
      "slave-priority 7\nlist-max-ziplist-entries 5\nsentinel");
  EXPECT_EQ(config->port, 1234);
  EXPECT_EQ(config->bind, (std::vector<std::string>{"127.0.0.1", "-::1"}));
  EXPECT_EQ(config->requirepass, "a \"b!");
  EXPECT_EQ(config->maxmemory, 100u << 20);
  EXPECT_EQ(config->replica_priority, 7);
}

TEST(ConfigLoader, AddsSaveLinesUp) {
  EXPECT_EQ(Value("", "save"), "3600 1 300 100 60 10000");
  EXPECT_EQ(Value("save 60 1\nsave \"\"", "save"), "");
  EXPECT_EQ(Value("save \"\"\nsave 60 1", "save"), "60 1");
  EXPECT_EQ(Value("save", "save"), "");
  EXPECT_EQ(Value("save 1 2\nsave 3 4", "save"), "1 2 3 4");
  EXPECT_EQ(Value("save 60 1 30 2", "save"), "60 1 30 2");
  EXPECT_EQ(Value("save \" 5 6 7  8\"", "save"), "5 6 7 8");
}

TEST(ConfigLoader, ReadsSeveralValuesAsRedisDoes) {
  EXPECT_EQ(Value("bind", "bind"), "");
  EXPECT_EQ(Value("bind \"\"", "bind"), "");
  EXPECT_EQ(Value("client-output-buffer-limit replica 1mb 2 3\nclient-output-buffer-limit",
                  "client-output-buffer-limit"),
            "normal 0 0 0 slave 1048576 2 3 pubsub 33554432 8388608 60");
  EXPECT_EQ(Value("latency-tracking-info-percentiles", "latency-tracking-info-percentiles"), "");
  EXPECT_EQ(Value("shutdown-on-sigint now save", "shutdown-on-sigint"), "save now");
  EXPECT_EQ(Value("hz 0", "hz"), "1");
  EXPECT_EQ(Value("repl-backlog-size 1", "repl-backlog-size"), "1");
  EXPECT_EQ(Value("replicaof no one", "replicaof"), "");
}

TEST(ConfigLoader, NamesTheLineAndTheCause) {
  struct Case {
    std::string line;
    std::string cause;
  };
  const std::string kBad = "Bad directive or wrong number of arguments";
  const std::string kCount = "wrong number of arguments";
  const Case kCases[] = {
      {"prot 1", kBad},
      {"port 0 # comment", kCount},
      {"port", kCount},
      {"port \"0", "Unbalanced quotes in configuration line"},
      {"port \"0\"x", "Unbalanced quotes in configuration line"},
      {"port 0\\", "argument couldn't be parsed into an integer"},
      {"port 70000", "argument must be between 0 and 65535 inclusive"},
      {"\"\" 0", kBad},
      {"save 60", "Invalid save parameters"},
      {"save 60 1 \"\"", "Invalid save parameters"},
      {"include", kBad},
      {"include a b", kBad},
      {"bind 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "Too many bind addresses specified."},
      {"rename-command a", kBad},
      {"user", kBad},
      {"loadmodule", kBad},
      {"lua-replicate-commands", kBad},
      {"sentinel x", "sentinel directive while not in sentinel mode"},
      {"a.b", "Module config specified without value"},
      {"replicaof x 70000", "Invalid master port"},
      {"replicaof x 1 2", kCount},
      {"replicaof x", kCount},
      {"replicaof", kCount},
      {"notify-keyspace-events", kCount},
      {"shutdown-on-sigint",
       "argument(s) must be one of the following: default, save, nosave, now, force"},
      {"shutdown-on-sigint save nosave",
       "shutdown options SAVE and NOSAVE can't be used simultaneously"},
      {"unixsocketperm 999", "argument couldn't be parsed as an octal number"},
      {"oom-score-adj-values 1 2", kCount},
      {"dir /nonexistent", "No such file or directory"},
      {"latency-tracking-info-percentiles 1 \"\"",
       "Invalid latency-tracking-info-percentiles parameters"},
      {"maxmemory-policy lru",
       "argument(s) must be one of the following: volatile-lru, volatile-lfu, volatile-random, "
       "volatile-ttl, allkeys-lru, allkeys-lfu, allkeys-random, noeviction"},
      {"shards 129", "argument must be between 0 and 128 inclusive"},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(ErrorOf("\n  " + c.line + " \nport 1"), Frame(2, c.line, c.cause)) << c.line;
  }
}

TEST(ConfigLoader, RefusesWhatWouldProtectAndDoesNotWork) {
  for (const char* line :
       {"appendonly yes", "replicaof 127.0.0.1 1", "slaveof a 1", "cluster-enabled yes",
        "aclfile /x", "tls-port 1", "tls-replication yes", "tls-cluster yes", "tls-cert-file x",
        "min-replicas-to-write 1", "user joe on", "user default on nopass ~a* &* +@all",
        "rename-command GET \"\"", "loadmodule x.so", "a.b c"}) {
    std::string error = ErrorOf(std::string("# first\n") + line + "\nport 1\n");
    EXPECT_NE(error.find("at line 2\n>>> '" + std::string(line) + "'\nNuthatch does not support"),
              std::string::npos)
        << line << ": " << error;
  }
}

TEST(ConfigLoader, AcceptsWhatTakesARefusedDirectiveBack) {
  EXPECT_EQ(ErrorOf("appendonly yes\nappendonly no"), "");
  EXPECT_EQ(ErrorOf("tls-port 1\ntls-port 0\naclfile \"\"\nreplicaof no one"), "");
  // What CONFIG REWRITE of Redis leaves behind.
  EXPECT_EQ(ErrorOf("user default on nopass ~* &* +@all"), "");
  EXPECT_EQ(ErrorOf("user default on nopass sanitize-payload ~* &* +@all"), "");
}

TEST(ConfigLoader, NamesTheFirstRefusedLine) {
  std::string error = ErrorOf("tls-port 1\ncluster-enabled yes\nappendonly yes\ntls-port 0\n");
  EXPECT_NE(error.find("at line 2\n>>> 'cluster-enabled yes'\n"), std::string::npos) << error;
}

class IncludeTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/nuthatch-config-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    directory_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::string Write(const std::string& name, const std::string& text) {
    std::ofstream(directory_ + '/' + name) << text;
    return directory_ + '/' + name;
  }
  std::string directory_;
};

TEST_F(IncludeTest, ReadsOneFile) {
  std::string path = Write("i j.conf", "# x\nport 5");
  EXPECT_EQ(Value("include '" + path + "'\nhz 20", "port"), "5");
  // Relative names count from `dir`.
  EXPECT_EQ(Value("dir " + directory_ + "\ninclude 'i j.conf'", "port"), "5");
}

TEST_F(IncludeTest, ReadsAllFilesOfAPattern) {
  Write("a.conf", "port 5");
  Write("b.conf", "hz 20");
  auto config = Load("include " + directory_ + "/*.conf");
  EXPECT_EQ(config->port, 5);
  EXPECT_EQ(config->hz, 20);
  EXPECT_EQ(ErrorOf("include " + directory_ + "/*.none"), "");
}

TEST_F(IncludeTest, NamesTheLineOfTheIncludedFile) {
  std::string path = Write("i.conf", "# x\nport 0\nbad x\n");
  EXPECT_EQ(ErrorOf("\n\n\n\ninclude " + path),
            Frame(3, "bad x", "Bad directive or wrong number of arguments"));
}

TEST_F(IncludeTest, SaysWhichFileCantBeOpened) {
  std::string path = directory_ + "/nofile";
  EXPECT_EQ(ErrorOf("include " + path),
            "Fatal error, can't open config file '" + path + "': No such file or directory");
}

TEST_F(IncludeTest, StopsFilesThatIncludeThemselves) {
  std::string path = directory_ + "/i.conf";
  Write("i.conf", "include " + path);
  EXPECT_EQ(ErrorOf("include " + path),
            Frame(1, "include " + path, "Too many nested include directives"));
}

TEST_F(IncludeTest, SaysWhenTheLogFileCantBeOpened) {
  EXPECT_EQ(ErrorOf("logfile /nonexistent/x"),
            Frame(0, "", "Can't open the log file: No such file or directory"));
  EXPECT_EQ(ErrorOf("dir " + directory_ + "\nlogfile x.log"), "");
  EXPECT_TRUE(std::filesystem::exists(directory_ + "/x.log"));
}

TEST(ConfigLoader, PutsAPidFileWhereRedisDoesInTheBackground) {
  auto pid_file = [](const char* text) {
    ConfigLoader loader;
    EXPECT_TRUE(loader.ReadText(text).ok());
    auto config = loader.Finish("");
    return config.value()->pidfile + "=" + config.value()->Text(*FindDirective("pidfile"));
  };
  EXPECT_EQ(pid_file(""), "=");
  EXPECT_EQ(pid_file("daemonize yes\n"), "/var/run/redis.pid=/var/run/redis.pid");
  EXPECT_EQ(pid_file("daemonize yes\nsupervised systemd\n"), "=");
  EXPECT_EQ(pid_file("daemonize yes\npidfile /tmp/x\n"), "/tmp/x=/tmp/x");
}

}  // namespace
}  // namespace nuthatch::config
