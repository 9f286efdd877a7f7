// A bar that fills, on a terminal; nothing elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace nuthatch::replay {

// "label [=====>    ]  45%  81,000/s  0:12 left", without a line's end. `label` is cut so that the
// line fits into `width` columns; the pace is left out if `unit` is empty.
std::string ProgressLine(const std::string& label, uint64_t done, uint64_t total, double seconds,
                         const std::string& unit, size_t width);

// Draws on stderr if that is a terminal, ten times a second at most. Any thread.
class Progress {
 public:
  Progress(std::string label, uint64_t total, std::string unit);
  // Wipes the line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Update(uint64_t done);

 private:
  using Clock = std::chrono::steady_clock;

  const std::string label_;
  const uint64_t total_;
  const std::string unit_;
  const bool is_terminal_;
  const Clock::time_point start_ = Clock::now();
  std::mutex mutex_;
  Clock::time_point drawn_;
};

}  // namespace nuthatch::replay
