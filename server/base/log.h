// The server's log, in Redis's line format: "pid:role day month year time mark message".
//
// One logger a process, over spdlog. Any thread may log; a line is one write. Below the level a
// call costs one relaxed load and formats nothing. The file is opened for every line, as Redis
// does, so that rotation by rename needs no signal; logging is for rare events. Level, role and
// destination can change at run time, from any thread. Before SetupLog() lines go to stdout from
// level notice on.
#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "server/base/result.h"

namespace nuthatch::base {

enum class LogLevel : int { kDebug = 0, kVerbose = 1, kNotice = 2, kWarning = 3 };

struct LogSettings {
  LogLevel level = LogLevel::kNotice;
  std::string file;  // empty: stdout
  bool syslog = false;
  std::string syslog_ident = "nuthatch";
  int syslog_facility = 16 << 3;  // LOG_LOCAL0, as <syslog.h> numbers them
};

// Sends the log where `settings` say. Fails, changing nothing, when the file can't be opened for
// appending: "Can't open the log file: <cause>".
Result<void> SetupLog(const LogSettings& settings);

void SetLogLevel(LogLevel level);
LogLevel GetLogLevel();

// The letter behind the pid: 'M' primary, 'S' replica, 'C' a process that is not (yet) the server
// ('C' is the initial one), 'X' sentinel.
void SetLogRole(char role);

namespace log_internal {
extern std::atomic<int> level;
void Write(LogLevel level, std::string_view message);
void WriteFormatted(LogLevel level, fmt::string_view format, fmt::format_args args);
}  // namespace log_internal

inline bool LogEnabled(LogLevel level) {
  return static_cast<int>(level) >= log_internal::level.load(std::memory_order_relaxed);
}

template <typename... Args>
void Log(LogLevel level, fmt::format_string<Args...> format, Args&&... args) {
  if (LogEnabled(level)) {
    log_internal::WriteFormatted(level, format, fmt::make_format_args(args...));
  }
}

template <typename... Args>
void LogDebug(fmt::format_string<Args...> format, Args&&... args) {
  Log(LogLevel::kDebug, format, std::forward<Args>(args)...);
}
template <typename... Args>
void LogVerbose(fmt::format_string<Args...> format, Args&&... args) {
  Log(LogLevel::kVerbose, format, std::forward<Args>(args)...);
}
template <typename... Args>
void LogNotice(fmt::format_string<Args...> format, Args&&... args) {
  Log(LogLevel::kNotice, format, std::forward<Args>(args)...);
}
template <typename... Args>
void LogWarning(fmt::format_string<Args...> format, Args&&... args) {
  Log(LogLevel::kWarning, format, std::forward<Args>(args)...);
}

// Text without the line's head (the logo), at level notice; never to syslog.
void LogRaw(std::string_view text);

// One line as it would be written, newline included. Exposed for tests and for the crash report.
// `wall_us`: microseconds since the Unix epoch, shown in local time.
std::string FormatLogLine(LogLevel level, char role, int pid, long long wall_us,
                          std::string_view message);

}  // namespace nuthatch::base
