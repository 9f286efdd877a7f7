// Reading configuration files: the lines of a file, one after the other, into a Config.
//
// A ConfigLoader belongs to one thread and makes one Config. Errors are the whole text that Redis
// prints before it exits, so that the caller only prints it: either the frame "*** FATAL CONFIG
// FILE ERROR ***" with line and cause, or the log line of a file that can't be opened.
//
// Refused directives (see Effect) are judged at the end, by their last value: a later line or the
// command line can take back what a file says.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/result.h"
#include "server/config/config.h"
#include "server/config/directives.h"

namespace nuthatch::config {

inline constexpr int kMaxIncludeDepth = 16;
inline constexpr size_t kMaxConfigFileBytes = 64UL << 20;

// The text of the file `path`, or of all files that it means when it has glob characters (in the
// order of their names; none is no error). The error is the log line's text.
base::Result<std::string> ReadConfigFiles(const std::string& path);

class ConfigLoader {
 public:
  // How `include` reads files.
  using Reader = base::Result<std::string> (*)(const std::string& path);

  explicit ConfigLoader(Reader reader = ReadConfigFiles);

  // Reads `text` line by line; lines are counted from 1.
  base::Result<void> ReadText(std::string_view text);

  // What was read so far.
  const Config& config() const { return *config_; }

  // The finished configuration. `config_file`: absolute, or empty. REQUIRES: no error before;
  // called once.
  base::Result<std::shared_ptr<const Config>> Finish(std::string config_file);

 private:
  struct Place {
    size_t line_number = 0;
    std::string line;
  };

  base::Result<void> ReadLine(const Place& place);
  base::Result<void> ReadWords(const Place& place, std::vector<std::string>& words);
  base::Result<void> SetRow(size_t index, const Place& place, std::vector<std::string>& words);
  base::Result<void> ReadFileOnly(const Place& place, const std::vector<std::string>& words,
                                  bool* known);
  base::Result<void> Include(const std::string& name);

  Reader reader_;
  std::shared_ptr<Config> config_;
  std::map<size_t, Place> set_;  // the last line that set each directive
  int depth_ = 0;
};

// "\n*** FATAL CONFIG FILE ERROR (Nuthatch 0.1.0) ***\n" with its lines. Line 0: none is shown.
std::string FatalConfigError(size_t line_number, std::string_view line, std::string_view cause);

// Whether an error of this header is such a frame (for stderr) rather than a log line's text.
bool IsFatalConfigError(std::string_view error);

// Whether `name` is a directive of files only: include, user, rename-command, ...
bool IsFileOnlyDirective(std::string_view name);

}  // namespace nuthatch::config
