// The command line: `nuthatch [file] [--directive value ...] [-]`, and what it makes of the
// configuration. Used once, at start, by the main thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/result.h"
#include "server/config/config.h"

namespace nuthatch::config {

struct CommandLine {
  enum class Mode { kServer, kVersion, kHelp, kTestMemory, kCheckSystem, kSentinel };
  Mode mode = Mode::kServer;
  std::string config_file;  // as given; empty: none
  bool read_stdin = false;  // "-" as the first or the last argument
  std::string options;      // the rest as lines of a configuration file
};

// `arguments`: without the program's own name, which is `program`.
CommandLine ParseCommandLine(std::string_view program, const std::vector<std::string>& arguments);

// The configuration that `line` asks for, `stdin_text` being what was read where it asks for that.
// The process's directory is not changed.
base::Result<std::shared_ptr<const Config>> LoadConfig(const CommandLine& line,
                                                       std::string_view stdin_text);

// All of the above, reading standard input if asked for, and enters `dir`. REQUIRES: the mode is
// kServer. Report errors with ReportLoadError() and exit with 1.
base::Result<std::shared_ptr<const Config>> LoadFromCommandLine(int argc, char** argv);

// Prints an error of LoadFromCommandLine() where Redis prints it: the frame of a bad line on
// stderr, a file that can't be opened to the log.
void ReportLoadError(std::string_view error);

// For --version and --help: whole texts, with their last newline.
std::string VersionText();
std::string HelpText(std::string_view program);

}  // namespace nuthatch::config
