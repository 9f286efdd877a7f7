#include "server/config/command_line.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "server/config/file_parser.h"

namespace nuthatch::config {
namespace {

using Arguments = std::vector<std::string>;
using Mode = CommandLine::Mode;

// The lines, without the space that ends each, as the loader trims it.
std::string Options(const Arguments& arguments) {
  std::string lines = ParseCommandLine("nuthatch", arguments).options;
  std::string trimmed;
  for (char c : lines + '\n') {
    if (c == '\n') {
      while (!trimmed.empty() && trimmed.back() == ' ') trimmed.pop_back();
    }
    trimmed += c;
  }
  trimmed.pop_back();
  return trimmed;
}

TEST(ParseCommandLine, MakesLinesOfOptions) {
  struct Case {
    Arguments arguments;
    std::string lines;
  };
  const Case kCases[] = {
      {{}, ""},
      {{"--port", "0", "--hz", "1"}, "port \"0\"\nhz \"1\""},
      {{"--port 0", "--hz 1"}, "port 0\nhz 1"},
      {{"--port", "--hz", "1"}, "port \"--hz\" \"1\""},
      {{"--hz"}, "hz"},
      {{"--save", "", "--hz", "1"}, "save \"\"\nhz \"1\""},
      {{"--save", "--hz", "1"}, "save \"\"\nhz \"1\""},
      {{"--save"}, "save \"\""},
      {{"--save", "60", "1", "--hz", "1"}, "save \"60\" \"1\"\nhz \"1\""},
      {{"--save  ", "--hz"}, "save   \"--hz\""},
      {{"--list-max-listpack-size", "-2", "--hz", "1"}, "list-max-listpack-size \"-2\"\nhz \"1\""},
      {{"--bind", "127.0.0.1", "-::*"}, "bind \"127.0.0.1\" \"-::*\""},
      {{"--x", "a b", "\"c\"", "it's", "\n", ""}, "x \"a b\" \"\\\"c\\\"\" \"it's\" \"\\n\" \"\""},
      {{"--x", "a", "--"}, "x \"a\"\n"},
      {{"--", "x"}, " \"x\""},
      {{"-x"}, "\"-x\""},
      {{"--port", "1", "--port", "2"}, "port \"1\"\nport \"2\""},
      {{"--replicaof", "--port", "1", "--x", "1"}, "replicaof \"--port\" \"1\"\nx \"1\""},
  };
  for (const Case& c : kCases) EXPECT_EQ(Options(c.arguments), c.lines) << c.lines;
}

TEST(ParseCommandLine, TakesTheFileAndStandardInput) {
  CommandLine line = ParseCommandLine("nuthatch", {"x.conf", "--port", "1", "-"});
  EXPECT_EQ(line.config_file, "x.conf");
  EXPECT_TRUE(line.read_stdin);
  EXPECT_EQ(line.options, "port \"1\" ");
  line = ParseCommandLine("nuthatch", {"-", "--port", "1"});
  EXPECT_EQ(line.config_file, "");
  EXPECT_TRUE(line.read_stdin);
  line = ParseCommandLine("nuthatch", {"x.conf", "-", "--port", "1"});
  EXPECT_FALSE(line.read_stdin);
  EXPECT_EQ(line.options, "\"-\" \nport \"1\" ");
}

TEST(ParseCommandLine, KnowsOtherModes) {
  EXPECT_EQ(ParseCommandLine("nuthatch", {"-v", "x"}).mode, Mode::kVersion);
  EXPECT_EQ(ParseCommandLine("nuthatch", {"--version"}).mode, Mode::kVersion);
  EXPECT_EQ(ParseCommandLine("nuthatch", {"-h"}).mode, Mode::kHelp);
  EXPECT_EQ(ParseCommandLine("nuthatch", {"--help"}).mode, Mode::kHelp);
  EXPECT_EQ(ParseCommandLine("nuthatch", {"x.conf", "--help"}).mode, Mode::kServer);
  EXPECT_EQ(ParseCommandLine("nuthatch", {"--test-memory", "1"}).mode, Mode::kTestMemory);
  EXPECT_EQ(ParseCommandLine("nuthatch", {"x.conf", "--sentinel"}).mode, Mode::kSentinel);
  EXPECT_EQ(ParseCommandLine("/usr/bin/redis-sentinel", {"x.conf"}).mode, Mode::kSentinel);
  EXPECT_EQ(ParseCommandLine("/usr/bin/redis-server", {}).mode, Mode::kServer);
}

TEST(LoadConfig, CountsLinesAsRedisDoes) {
  auto at = [](const Arguments& arguments, std::string_view input) {
    auto config = LoadConfig(ParseCommandLine("nuthatch", arguments), input);
    EXPECT_FALSE(config.ok());
    std::string error = config.error();
    return error.substr(error.find("at line "));
  };
  const std::string kBad = "\nBad directive or wrong number of arguments\n";
  EXPECT_EQ(at({"--zzz", "1"}, ""), "at line 2\n>>> 'zzz \"1\"'" + kBad);
  EXPECT_EQ(at({"--port", "0", "--zzz 1"}, ""), "at line 3\n>>> 'zzz 1'" + kBad);
  EXPECT_EQ(at({"--port", "1", "-"}, "port 0\nyyy 2\n"), "at line 2\n>>> 'yyy 2'" + kBad);
}

TEST(LoadConfig, LetsOptionsOverrideStandardInputAndTheFile) {
  std::string path = testing::TempDir() + "nuthatch-command-line.conf";
  std::ofstream(path) << "port 1\nhz 20\ntimeout 5\nappendonly yes";
  auto config =
      LoadConfig(ParseCommandLine("nuthatch", {path, "--port", "3", "--appendonly", "no", "-"}),
                 "port 2\nhz 30\n");
  ASSERT_TRUE(config.ok()) << config.error();
  EXPECT_EQ(config.value()->port, 3);
  EXPECT_EQ(config.value()->hz, 30);
  EXPECT_EQ(config.value()->timeout, 5);
  EXPECT_EQ(config.value()->config_file, path);
  std::filesystem::remove(path);
}

TEST(LoadConfig, SaysWhichFileCantBeOpened) {
  auto config = LoadConfig(ParseCommandLine("nuthatch", {"/nonexistent/x.conf"}), "");
  ASSERT_FALSE(config.ok());
  EXPECT_EQ(config.error(),
            "Fatal error, can't open config file '/nonexistent/x.conf': No such file or directory");
}

TEST(LoadConfig, ReadsTheConfigurationOfDebian) {
  if (!std::ifstream("/etc/redis/redis.conf")) GTEST_SKIP();
  auto config =
      LoadConfig(ParseCommandLine("nuthatch", {"/etc/redis/redis.conf", "--logfile", ""}), "");
  ASSERT_TRUE(config.ok()) << config.error();
  EXPECT_EQ(config.value()->port, 6379);
  EXPECT_TRUE(config.value()->daemonize);
}

TEST(VersionText, NamesBothVersions) {
  EXPECT_EQ(VersionText().rfind("Nuthatch server v=0.1.0 (compatible with Redis 7.0.15) ", 0), 0u);
  EXPECT_NE(HelpText("./nuthatch").find("Usage: ./nuthatch"), std::string::npos);
}

}  // namespace
}  // namespace nuthatch::config
