#include "server/base/log.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <iterator>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/syslog_sink.h>
#include <syslog.h>
#include <unistd.h>

namespace nuthatch::base {

namespace log_internal {
std::atomic<int> level{static_cast<int>(LogLevel::kNotice)};
}  // namespace log_internal

namespace {

constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr char kMarks[] = {'.', '-', '*', '#'};

std::atomic<char> role{'C'};

// spdlog's levels in the order of ours; what syslog shows follows from them (debug for verbose).
spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
    case LogLevel::kVerbose:
      return spdlog::level::debug;
    case LogLevel::kNotice:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
  }
  return spdlog::level::info;
}

void WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // a full disk must not stop the server
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

// Our own sink: spdlog's file sinks keep their file open, which breaks rotation by rename.
class LineSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit LineSink(std::string file) : file_(std::move(file)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    std::string_view line(message.payload.data(), message.payload.size());
    if (file_.empty()) {
      WriteAll(STDOUT_FILENO, line);
      return;
    }
    int fd = ::open(file_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) return;
    WriteAll(fd, line);
    ::close(fd);
  }
  void flush_() override {}

 private:
  std::string file_;
};

struct Sinks {
  std::shared_ptr<spdlog::logger> lines;
  std::shared_ptr<spdlog::logger> syslog;  // null: not asked for
};

std::shared_ptr<spdlog::logger> MakeLogger(spdlog::sink_ptr sink) {
  auto logger = std::make_shared<spdlog::logger>("nuthatch", std::move(sink));
  logger->set_level(spdlog::level::trace);
  return logger;
}

// Never destroyed: threads may log while the process ends.
struct Current {
  std::mutex mutex;
  std::shared_ptr<const Sinks> sinks = std::make_shared<const Sinks>(
      Sinks{MakeLogger(std::make_shared<LineSink>(std::string())), nullptr});
};
Current& GetCurrent() {
  static Current* current = new Current;
  return *current;
}
std::shared_ptr<const Sinks> GetSinks() {
  Current& current = GetCurrent();
  std::lock_guard<std::mutex> lock(current.mutex);
  return current.sinks;
}

long long NowUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

namespace log_internal {

void Write(LogLevel message_level, std::string_view message) {
  std::shared_ptr<const Sinks> sinks = GetSinks();
  spdlog::level::level_enum spd_level = ToSpdlog(message_level);
  std::string line = FormatLogLine(message_level, role.load(std::memory_order_relaxed),
                                   static_cast<int>(::getpid()), NowUs(), message);
  sinks->lines->log(spd_level, spdlog::string_view_t(line.data(), line.size()));
  if (sinks->syslog) {
    sinks->syslog->log(spd_level, spdlog::string_view_t(message.data(), message.size()));
  }
}

void WriteFormatted(LogLevel message_level, fmt::string_view format, fmt::format_args args) {
  fmt::memory_buffer buffer;
  fmt::vformat_to(std::back_inserter(buffer), format, args);
  Write(message_level, std::string_view(buffer.data(), buffer.size()));
}

}  // namespace log_internal

std::string FormatLogLine(LogLevel level, char role, int pid, long long wall_us,
                          std::string_view message) {
  std::time_t seconds = static_cast<std::time_t>(wall_us / 1'000'000);
  std::tm local{};
  localtime_r(&seconds, &local);
  return fmt::format("{}:{} {:02} {} {} {:02}:{:02}:{:02}.{:03} {} {}\n", pid, role, local.tm_mday,
                     kMonths[local.tm_mon], local.tm_year + 1900, local.tm_hour, local.tm_min,
                     local.tm_sec, wall_us / 1000 % 1000, kMarks[static_cast<int>(level)], message);
}

Result<void> SetupLog(const LogSettings& settings) {
  if (!settings.file.empty()) {
    int fd = ::open(settings.file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) return Error(std::string("Can't open the log file: ") + std::strerror(errno));
    ::close(fd);
  }
  Sinks sinks;
  sinks.lines = MakeLogger(std::make_shared<LineSink>(settings.file));
  if (settings.syslog) {
    auto sink = std::make_shared<spdlog::sinks::syslog_sink_mt>(
        settings.syslog_ident, LOG_PID | LOG_NDELAY | LOG_NOWAIT, settings.syslog_facility, false);
    sinks.syslog = MakeLogger(std::move(sink));
  }
  SetLogLevel(settings.level);
  Current& current = GetCurrent();
  std::lock_guard<std::mutex> lock(current.mutex);
  current.sinks = std::make_shared<const Sinks>(std::move(sinks));
  return {};
}

void SetLogLevel(LogLevel level) {
  log_internal::level.store(static_cast<int>(level), std::memory_order_relaxed);
}
LogLevel GetLogLevel() {
  return static_cast<LogLevel>(log_internal::level.load(std::memory_order_relaxed));
}
void SetLogRole(char letter) { role.store(letter, std::memory_order_relaxed); }

void LogRaw(std::string_view text) {
  if (!LogEnabled(LogLevel::kNotice)) return;
  GetSinks()->lines->log(spdlog::level::info, spdlog::string_view_t(text.data(), text.size()));
}

}  // namespace nuthatch::base
