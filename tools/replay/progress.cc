#include "tools/replay/progress.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace nuthatch::replay {

namespace {

constexpr size_t kDefaultWidth = 80;
constexpr size_t kBarWidth = 24;
constexpr std::chrono::milliseconds kStep{100};

size_t TerminalWidth() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kDefaultWidth;
  return size.ws_col;
}

}  // namespace

std::string ProgressLine(const std::string& label, uint64_t done, uint64_t total, double seconds,
                         const std::string& unit, size_t width) {
  double share =
      total == 0 ? 1 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  auto filled = static_cast<size_t>(share * kBarWidth);
  std::string bar(filled, '=');
  if (filled < kBarWidth) bar += '>';
  bar.resize(kBarWidth, ' ');
  std::string line = fmt::format(" [{}] {:3.0f}%", bar, share * 100);
  if (!unit.empty() && seconds > 0) {
    line += fmt::format("  {:.0f} {}/s", static_cast<double>(done) / seconds, unit);
  }
  if (done > 0 && share < 1) {
    auto left = static_cast<uint64_t>(seconds * (1 - share) / share);
    line += fmt::format("  {}:{:02} left", left / 60, left % 60);
  }
  line.insert(0, label.substr(0, width > line.size() ? width - line.size() : 0));
  return line.substr(0, width);
}

Progress::Progress(std::string label, uint64_t total, std::string unit)
    : label_(std::move(label)),
      total_(total),
      unit_(std::move(unit)),
      is_terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (is_terminal_) fmt::print(stderr, "\r\x1b[K");
}

void Progress::Update(uint64_t done) {
  if (!is_terminal_) return;
  Clock::time_point now = Clock::now();
  std::lock_guard lock(mutex_);
  if (now - drawn_ < kStep) return;
  drawn_ = now;
  double seconds = std::chrono::duration<double>(now - start_).count();
  fmt::print(stderr, "\r{}\x1b[K",
             ProgressLine(label_, done, total_, seconds, unit_, TerminalWidth() - 1));
  std::fflush(stderr);
}

}  // namespace nuthatch::replay
