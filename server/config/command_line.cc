#include "server/config/command_line.h"

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>

#include <unistd.h>

#include "server/base/log.h"
#include "server/base/version.h"
#include "server/config/file_parser.h"
#include "server/config/values.h"

namespace nuthatch::config {
namespace {

using base::Error;

bool IsOption(std::string_view argument) { return argument.substr(0, 2) == "--"; }

// Makes lines of a configuration file from options. An option opens a line; its first argument is
// its value even when it begins with "--"; after a first value, "--" opens the next line. An
// option and its values may be one argument: "--port 6380".
class OptionLines {
 public:
  void Add(const std::string& argument, bool last, std::string_view next) {
    if (wants_value_ || !IsOption(argument)) {
      lines_ += Quote(argument) + ' ';
      wants_value_ = false;
      return;
    }
    if (!lines_.empty()) lines_ += '\n';
    lines_ += argument.substr(2) + ' ';
    auto words = SplitWords(argument);
    wants_value_ = words && words->size() == 1;
    // The one option that may go without a value.
    if (EqualIgnoreCase(argument, "--save") && (last || IsOption(next))) {
      lines_ += "\"\"";
      wants_value_ = false;
    }
  }
  const std::string& lines() const { return lines_; }

 private:
  std::string lines_;
  bool wants_value_ = false;
};

std::string AbsolutePath(const std::string& path) {
  if (path.empty() || path[0] == '/') return path;
  char directory[PATH_MAX];
  if (::getcwd(directory, sizeof directory) == nullptr) return path;
  std::string_view rest = path;
  std::string base = directory;
  while (rest.substr(0, 3) == "../") {
    rest.remove_prefix(3);
    base.resize(base.find_last_of('/') == std::string::npos ? 0 : base.find_last_of('/'));
  }
  while (rest.substr(0, 2) == "./") rest.remove_prefix(2);
  return base + '/' + std::string(rest);
}

std::string ReadStdin() {
  std::string text;
  char chunk[4096];
  size_t count = 0;
  while (text.size() < kMaxConfigFileBytes &&
         (count = std::fread(chunk, 1, sizeof chunk, stdin)) > 0) {
    text.append(chunk, count);
  }
  return text;
}

CommandLine::Mode ModeOf(std::string_view program, const std::vector<std::string>& arguments) {
  using Mode = CommandLine::Mode;
  std::string_view name = program.substr(program.find_last_of('/') + 1);
  if (name.find("sentinel") != std::string_view::npos) return Mode::kSentinel;
  for (const std::string& argument : arguments) {
    if (argument == "--sentinel") return Mode::kSentinel;
  }
  if (arguments.empty()) return Mode::kServer;
  if (arguments[0] == "-v" || arguments[0] == "--version") return Mode::kVersion;
  if (arguments[0] == "-h" || arguments[0] == "--help") return Mode::kHelp;
  if (arguments[0] == "--test-memory") return Mode::kTestMemory;
  if (arguments[0] == "--check-system") return Mode::kCheckSystem;
  return Mode::kServer;
}

}  // namespace

CommandLine ParseCommandLine(std::string_view program, const std::vector<std::string>& arguments) {
  CommandLine line;
  line.mode = ModeOf(program, arguments);
  size_t i = 0;
  if (!arguments.empty() && (arguments[0].empty() || arguments[0][0] != '-')) {
    line.config_file = arguments[i++];
  }
  OptionLines options;
  for (; i < arguments.size(); ++i) {
    bool last = i + 1 == arguments.size();
    if (arguments[i] == "-" && (i == 0 || last)) {
      line.read_stdin = true;
      continue;
    }
    options.Add(arguments[i], last, last ? "" : arguments[i + 1]);
  }
  line.options = options.lines();
  return line;
}

base::Result<std::shared_ptr<const Config>> LoadConfig(const CommandLine& line,
                                                       std::string_view stdin_text) {
  std::string text;
  std::string config_file = AbsolutePath(line.config_file);
  if (!config_file.empty()) {
    base::Result<std::string> file = ReadConfigFiles(config_file);
    if (!file.ok()) return Error(file.error());
    text = std::move(file.value());
  }
  if (line.read_stdin) {
    if (!text.empty() && text.back() != '\n') text += '\n';
    text += stdin_text;
  }
  // Lines are counted as Redis counts them: an empty one stands before the options.
  if (!line.options.empty()) text += '\n' + line.options;
  ConfigLoader loader;
  base::Result<void> read = loader.ReadText(text);
  if (!read.ok()) return Error(read.error());
  return loader.Finish(std::move(config_file));
}

base::Result<std::shared_ptr<const Config>> LoadFromCommandLine(int argc, char** argv) {
  std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  CommandLine line = ParseCommandLine(argc > 0 ? argv[0] : "", arguments);
  if (line.mode == CommandLine::Mode::kSentinel) {
    return Error("Sentinel mode is not supported. Exiting...");
  }
  auto config = LoadConfig(line, line.read_stdin ? ReadStdin() : std::string());
  if (!config.ok()) return config;
  if (::chdir(config.value()->dir.c_str()) != 0) {
    return Error(FatalConfigError(
        0, "", "Can't enter the directory '" + config.value()->dir + "': " + std::strerror(errno)));
  }
  return config;
}

void ReportLoadError(std::string_view error) {
  if (IsFatalConfigError(error)) {
    std::fwrite(error.data(), 1, error.size(), stderr);
  } else {
    base::LogWarning("{}", error);
  }
}

std::string VersionText() {
#ifdef NUTHATCH_NO_JEMALLOC
  constexpr std::string_view kAllocator = "libc";
#else
  constexpr std::string_view kAllocator = "jemalloc";
#endif
  return "Nuthatch server v=" + std::string(base::kVersion) + " (compatible with Redis " +
         std::string(base::kRedisVersion) + ") malloc=" + std::string(kAllocator) + " bits=64\n";
}

std::string HelpText(std::string_view program) {
  std::string name(program.empty() ? "nuthatch" : program);
  return "Usage: " + name +
         " [/path/to/redis.conf] [--directive value ...] [-]\n"
         "\n"
         "  /path/to/redis.conf    read this configuration file (or files: a pattern)\n"
         "  --directive value ...  set a directive (CONFIG GET * lists them all), after what\n"
         "                         the file says\n"
         "  -                      as the first or the last argument: read more configuration\n"
         "                         from standard input\n"
         "  -v, --version          print the version and exit\n"
         "  -h, --help             print this text and exit\n"
         "\n"
         "Examples:\n"
         "  " +
         name +
         "                               all defaults\n"
         "  " +
         name +
         " /etc/redis/redis.conf\n"
         "  " +
         name +
         " --port 7777 --shards 4 --save \"\"\n"
         "  " +
         name +
         " /etc/redis/redis.conf --loglevel verbose\n"
         "  echo 'maxmemory 128mb' | " +
         name + " -\n";
}

}  // namespace nuthatch::config
