#include "server/base/log.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

namespace nuthatch::base {
namespace {

class LogTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/nuthatch-log-XXXXXX";
    int fd = ::mkstemp(name);
    ASSERT_GE(fd, 0);
    ::close(fd);
    path_ = name;
    LogSettings settings;
    settings.file = path_;
    ASSERT_TRUE(SetupLog(settings).ok());
  }
  void TearDown() override {
    ASSERT_TRUE(SetupLog(LogSettings()).ok());
    SetLogRole('C');
    std::remove(path_.c_str());
  }
  std::vector<std::string> Lines() const {
    std::ifstream file(path_);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }
  std::string path_;
};

TEST(FormatLogLine, HasTheFormOfRedis) {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  EXPECT_EQ(FormatLogLine(LogLevel::kNotice, 'M', 1234, 1795482123456789LL, "Ready"),
            "1234:M 24 Nov 2026 01:02:03.456 * Ready\n");
  EXPECT_EQ(FormatLogLine(LogLevel::kDebug, 'S', 1, 1000LL, "x"),
            "1:S 01 Jan 1970 00:00:00.001 . x\n");
  EXPECT_EQ(FormatLogLine(LogLevel::kVerbose, 'C', 1, 0, "x")[29], '-');
  EXPECT_EQ(FormatLogLine(LogLevel::kWarning, 'X', 1, 0, "x")[29], '#');
}

TEST_F(LogTest, WritesWhatTheLevelAllows) {
  LogVerbose("hidden {}", 1);
  LogNotice("shown {} {}", 2, "b");
  SetLogLevel(LogLevel::kDebug);
  SetLogRole('M');
  LogDebug("{:03}", 7);
  SetLogLevel(LogLevel::kWarning);
  LogNotice("hidden");
  LogWarning("last");
  std::vector<std::string> lines = Lines();
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_NE(lines[0].find(std::to_string(::getpid()) + ":C "), std::string::npos);
  EXPECT_NE(lines[0].find(" * shown 2 b"), std::string::npos);
  EXPECT_NE(lines[1].find(":M "), std::string::npos);
  EXPECT_NE(lines[1].find(" . 007"), std::string::npos);
  EXPECT_NE(lines[2].find(" # last"), std::string::npos);
}

TEST_F(LogTest, FormatsNothingBelowTheLevel) {
  int evaluated = 0;
  if (LogEnabled(LogLevel::kDebug)) ++evaluated;
  EXPECT_EQ(evaluated, 0);
  EXPECT_TRUE(LogEnabled(LogLevel::kNotice));
}

TEST_F(LogTest, GoesOnAfterTheFileWasRenamed) {
  LogNotice("before");
  std::string rotated = path_ + ".1";
  ASSERT_EQ(std::rename(path_.c_str(), rotated.c_str()), 0);
  LogNotice("after");
  ASSERT_EQ(Lines().size(), 1u);
  EXPECT_NE(Lines()[0].find("after"), std::string::npos);
  std::remove(rotated.c_str());
}

TEST_F(LogTest, RefusesAFileThatCantBeOpened) {
  LogSettings settings;
  settings.file = "/nonexistent/log";
  Result<void> result = SetupLog(settings);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error(), "Can't open the log file: No such file or directory");
  LogNotice("still here");
  EXPECT_EQ(Lines().size(), 1u);
}

TEST_F(LogTest, KeepsLinesWholeAmongThreads) {
  constexpr int kThreads = 4;
  constexpr int kLines = 200;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < kLines; ++i) LogNotice("thread {} line {} end", t, i);
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<std::string> lines = Lines();
  ASSERT_EQ(lines.size(), static_cast<size_t>(kThreads * kLines));
  for (const std::string& line : lines) EXPECT_EQ(line.substr(line.size() - 4), " end");
}

TEST_F(LogTest, WritesRawTextWithoutHead) {
  LogRaw("logo\nlogo\n");
  EXPECT_EQ(Lines(), (std::vector<std::string>{"logo", "logo"}));
}

}  // namespace
}  // namespace nuthatch::base
