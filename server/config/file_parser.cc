#include "server/config/file_parser.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <optional>

#include <glob.h>

#include "server/base/check.h"
#include "server/base/glob.h"
#include "server/base/version.h"
#include "server/config/values.h"

namespace nuthatch::config {
namespace {

using base::Error;

constexpr std::string_view kFrameHead = "\n*** FATAL CONFIG FILE ERROR (";
// Where a server in the background puts its number when nothing is said.
constexpr const char* kDefaultPidFile = "/var/run/redis.pid";
constexpr std::string_view kBadDirective = "Bad directive or wrong number of arguments";

enum class FileOnlyKind { kInclude, kRefused, kUser, kSentinel, kIgnored };

struct FileOnly {
  std::string_view name;
  size_t minimum;  // words, the name included
  size_t maximum;
  FileOnlyKind kind;
  std::string_view protects = {};
};

constexpr size_t kAny = std::numeric_limits<size_t>::max();
constexpr FileOnly kFileOnly[] = {
    {"include", 2, 2, FileOnlyKind::kInclude},
    {"user", 2, kAny, FileOnlyKind::kUser, "access"},
    {"rename-command", 3, 3, FileOnlyKind::kRefused, "access"},
    {"loadmodule", 2, kAny, FileOnlyKind::kRefused, "data"},
    {"sentinel", 1, kAny, FileOnlyKind::kSentinel},
    {"list-max-ziplist-entries", 2, 2, FileOnlyKind::kIgnored},
    {"list-max-ziplist-value", 2, 2, FileOnlyKind::kIgnored},
    {"lua-replicate-commands", 2, 2, FileOnlyKind::kIgnored},
};

const FileOnly* FindFileOnly(std::string_view name) {
  for (const FileOnly& row : kFileOnly) {
    if (EqualIgnoreCase(name, row.name)) return &row;
  }
  return nullptr;
}

std::string NotSupported(std::string_view name, std::string_view protects) {
  return "Nuthatch does not support '" + std::string(name) + "' yet, and it protects " +
         std::string(protects) + ": it is refused rather than ignored";
}

// CONFIG REWRITE of Redis always leaves a line for the user "default". One that allows everything
// without a password protects nothing.
bool IsOpenDefaultUser(const std::vector<std::string>& words) {
  if (words[1] != "default") return false;
  std::set<std::string> rules(words.begin() + 2, words.end());
  rules.erase("sanitize-payload");
  rules.erase("skip-sanitize-payload");
  return rules == std::set<std::string>{"on", "nopass", "~*", "&*", "+@all"};
}

base::Result<std::string> ReadOneFile(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "re");
  std::string text;
  int error = file == nullptr ? errno : 0;
  if (file != nullptr) {
    char chunk[64 * 1024];
    size_t count = 0;
    while (text.size() <= kMaxConfigFileBytes &&
           (count = std::fread(chunk, 1, sizeof chunk, file)) > 0) {
      text.append(chunk, count);
    }
    if (std::ferror(file) != 0) error = errno;
    if (text.size() > kMaxConfigFileBytes) error = EFBIG;
    std::fclose(file);
  }
  if (error != 0) {
    return Error("Fatal error, can't open config file '" + path + "': " + std::strerror(error));
  }
  return text;
}

void AppendText(std::string& text, std::string_view more) {
  if (!text.empty() && text.back() != '\n' && !more.empty()) text += '\n';
  text += more;
}

}  // namespace

std::string FatalConfigError(size_t line_number, std::string_view line, std::string_view cause) {
  std::string text(kFrameHead);
  text += "Nuthatch " + std::string(base::kVersion) + ") ***\n";
  if (line_number > 0) {
    text += "Reading the configuration file, at line " + std::to_string(line_number) + "\n>>> '" +
            std::string(line) + "'\n";
  }
  return text + std::string(cause) + '\n';
}

bool IsFatalConfigError(std::string_view error) { return error.rfind(kFrameHead, 0) == 0; }

bool IsFileOnlyDirective(std::string_view name) {
  const FileOnly* row = FindFileOnly(name);
  return (row != nullptr && row->kind != FileOnlyKind::kIgnored) ||
         name.find('.') != std::string_view::npos;
}

base::Result<std::string> ReadConfigFiles(const std::string& path) {
  if (!base::HasGlobCharacter(path)) return ReadOneFile(path);
  glob_t found{};
  std::string text;
  std::optional<std::string> error;
  if (::glob(path.c_str(), 0, nullptr, &found) == 0) {
    for (size_t i = 0; i < found.gl_pathc && !error; ++i) {
      base::Result<std::string> one = ReadOneFile(found.gl_pathv[i]);
      if (one.ok()) AppendText(text, one.value());
      if (!one.ok()) error = one.error();
    }
  }
  ::globfree(&found);
  if (error) return Error(*error);
  return text;
}

ConfigLoader::ConfigLoader(Reader reader)
    : reader_(reader), config_(std::make_shared<Config>(*DefaultConfig())) {}

base::Result<void> ConfigLoader::ReadText(std::string_view text) {
  Place place;
  while (!text.empty()) {
    size_t end = text.find('\n');
    ++place.line_number;
    place.line = TrimSpaces(text.substr(0, end));
    base::Result<void> read = ReadLine(place);
    if (!read.ok()) return read;
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return {};
}

base::Result<void> ConfigLoader::ReadLine(const Place& place) {
  if (place.line.empty() || place.line[0] == '#') return {};
  std::optional<std::vector<std::string>> words = SplitWords(place.line);
  if (!words) {
    return Error(
        FatalConfigError(place.line_number, place.line, "Unbalanced quotes in configuration line"));
  }
  if (words->empty()) return {};
  return ReadWords(place, *words);
}

base::Result<void> ConfigLoader::ReadWords(const Place& place, std::vector<std::string>& words) {
  if (std::optional<size_t> index = FindDirective(words[0])) return SetRow(*index, place, words);
  bool known = false;
  base::Result<void> read = ReadFileOnly(place, words, &known);
  if (known) return read;
  return Error(FatalConfigError(place.line_number, place.line, kBadDirective));
}

base::Result<void> ConfigLoader::SetRow(size_t index, const Place& place,
                                        std::vector<std::string>& words) {
  std::vector<std::string> arguments(words.begin() + 1, words.end());
  // Several values may also stand in one word: save "3600 1".
  if (Directives()[index].Has(kMultiArg) && arguments.size() == 1 && !arguments[0].empty()) {
    std::optional<std::vector<std::string>> split = SplitWords(arguments[0]);
    if (!split) {
      return Error(FatalConfigError(place.line_number, place.line,
                                    "Unbalanced quotes in configuration line"));
    }
    arguments = std::move(*split);
  }
  Context context{Origin::kFile, set_.count(index) == 0};
  base::Result<void> applied = ConfigWriter(*config_).Apply(index, arguments, context);
  if (!applied.ok()) {
    return Error(FatalConfigError(place.line_number, place.line, applied.error()));
  }
  set_[index] = place;
  return {};
}

base::Result<void> ConfigLoader::ReadFileOnly(const Place& place,
                                              const std::vector<std::string>& words, bool* known) {
  auto fatal = [&](std::string_view cause) {
    return Error(FatalConfigError(place.line_number, place.line, cause));
  };
  const FileOnly* row = FindFileOnly(words[0]);
  if (row == nullptr && words[0].find('.') != std::string::npos) {  // a module's
    *known = true;
    return fatal(words.size() < 2 ? "Module config specified without value"
                                  : NotSupported(words[0], "data"));
  }
  if (row == nullptr || words.size() < row->minimum || words.size() > row->maximum) return {};
  *known = true;
  switch (row->kind) {
    case FileOnlyKind::kInclude:
      if (depth_ >= kMaxIncludeDepth) return fatal("Too many nested include directives");
      return Include(words[1]);
    case FileOnlyKind::kUser:
      if (IsOpenDefaultUser(words)) return {};
      return fatal(NotSupported(row->name, row->protects));
    case FileOnlyKind::kRefused:
      return fatal(NotSupported(row->name, row->protects));
    case FileOnlyKind::kSentinel:
      if (words.size() == 1) return {};
      return fatal("sentinel directive while not in sentinel mode");
    case FileOnlyKind::kIgnored:
      return {};
  }
  return {};
}

base::Result<void> ConfigLoader::Include(const std::string& name) {
  std::string path = name.empty() || name[0] == '/' ? name : config_->dir + '/' + name;
  base::Result<std::string> text = reader_(path);
  if (!text.ok()) return Error(text.error());
  ++depth_;
  base::Result<void> read = ReadText(text.value());
  --depth_;
  return read;
}

base::Result<std::shared_ptr<const Config>> ConfigLoader::Finish(std::string config_file) {
  const Place* place = nullptr;
  std::string cause;
  for (const auto& [index, last] : set_) {
    const Directive& row = Directives()[index];
    if (!row.Refused() || config_->Text(index) == DefaultConfig()->Text(index)) continue;
    if (place != nullptr && place->line_number <= last.line_number) continue;
    place = &last;
    cause = RefusalText(row);
  }
  if (place != nullptr) return Error(FatalConfigError(place->line_number, place->line, cause));
  if (!config_->logfile.empty()) {
    bool absolute = config_->logfile[0] == '/';
    std::string path = absolute ? config_->logfile : config_->dir + '/' + config_->logfile;
    std::FILE* file = std::fopen(path.c_str(), "ae");
    if (file == nullptr) {
      return Error(
          FatalConfigError(0, "", std::string("Can't open the log file: ") + std::strerror(errno)));
    }
    std::fclose(file);
  }
  config_->config_file = std::move(config_file);
  if (config_->pidfile.empty() && config_->daemonize && config_->supervised == Supervised::kNo) {
    const std::string path[] = {kDefaultPidFile};
    base::Result<void> applied =
        ConfigWriter(*config_).Apply(*FindDirective("pidfile"), path, Context{});
    CHECK(applied.ok());
  }
  return std::shared_ptr<const Config>(std::move(config_));
}

}  // namespace nuthatch::config
