#include "server/config/special.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

#include "server/base/numbers.h"
#include "server/config/values.h"

namespace nuthatch::config {
namespace {

using base::Error;

std::vector<std::string> Words(Arguments arguments) { return {arguments.begin(), arguments.end()}; }

// "" alone stands for no value at all.
bool IsNothing(Arguments arguments) {
  return arguments.empty() || (arguments.size() == 1 && arguments[0].empty());
}

std::string PrintSave(const std::vector<SavePoint>& points) {
  std::string text;
  for (const SavePoint& point : points) {
    if (!text.empty()) text += ' ';
    text += base::FormatInt64(point.seconds) + ' ' + base::FormatInt64(point.changes);
  }
  return text;
}

constexpr std::string_view kClassNames[] = {"normal", "slave", "pubsub"};
static_assert(std::size(kClassNames) == kClientClasses);

std::optional<size_t> FindClass(std::string_view name) {
  if (EqualIgnoreCase(name, "replica")) return kClientReplica;
  for (size_t i = 0; i < std::size(kClassNames); ++i) {
    if (EqualIgnoreCase(name, kClassNames[i])) return i;
  }
  return std::nullopt;
}

struct NotifyLetter {
  char letter;
  uint32_t flag;
};
// In the order in which CONFIG GET shows them.
constexpr NotifyLetter kClassLetters[] = {
    {'g', kNotifyGeneric}, {'$', kNotifyString}, {'l', kNotifyList},    {'s', kNotifySet},
    {'h', kNotifyHash},    {'z', kNotifyZset},   {'x', kNotifyExpired}, {'e', kNotifyEvicted},
    {'t', kNotifyStream},  {'d', kNotifyModule}, {'n', kNotifyNew}};
constexpr NotifyLetter kOtherLetters[] = {
    {'K', kNotifyKeyspace}, {'E', kNotifyKeyevent}, {'m', kNotifyKeyMiss}};

std::optional<uint32_t> FlagOf(char letter) {
  if (letter == 'A') return kNotifyAll;
  for (const NotifyLetter& row : kClassLetters) {
    if (row.letter == letter) return row.flag;
  }
  for (const NotifyLetter& row : kOtherLetters) {
    if (row.letter == letter) return row.flag;
  }
  return std::nullopt;
}

bool HasSlash(std::string_view text) { return text.find('/') != std::string_view::npos; }

}  // namespace

std::string_view CheckPlainFilename(const Config& /*config*/, std::string_view text) {
  return HasSlash(text) ? "dbfilename can't be a path, just a filename" : "";
}
std::string_view CheckAppendFilename(const Config& /*config*/, std::string_view text) {
  if (text.empty()) return "appendfilename can't be empty";
  return HasSlash(text) ? "appendfilename can't be a path, just a filename" : "";
}
std::string_view CheckAppendDirname(const Config& /*config*/, std::string_view text) {
  if (text.empty()) return "appenddirname can't be empty";
  return HasSlash(text) ? "appenddirname can't be a path, just a dirname" : "";
}
std::string_view CheckHostname(const Config& /*config*/, std::string_view text) {
  constexpr size_t kLimit = 256;
  if (text.size() >= kLimit) return "Hostnames must be less than 256 characters";
  for (char c : text) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '.') {
      return "Hostnames may only contain alphanumeric characters, hyphens or dots";
    }
  }
  return "";
}
std::string_view CheckProcTitleTemplate(const Config& config, std::string_view text) {
  // Redis fills the template in without a title to see whether anything is left of it.
  std::string title = ExpandProcTitle(config, text, "");
  return title.empty() ? "template format is invalid or contains unknown variables" : "";
}

base::Result<std::string> ApplyBind(Config& config, Arguments arguments, Context /*context*/) {
  if (arguments.size() > kMaxBindAddresses) return Error("Too many bind addresses specified.");
  config.bind = IsNothing(arguments) ? std::vector<std::string>{} : Words(arguments);
  return JoinWithSpaces(config.bind);
}

base::Result<std::string> ApplyDir(Config& config, Arguments arguments, Context /*context*/) {
  const std::string& path = arguments[0];
  // Relative to the directory configured so far, which the process may not have entered yet.
  std::string target = path.empty() || path[0] == '/' ? path : config.dir + '/' + path;
  char resolved[PATH_MAX];
  struct stat info;
  if (::realpath(target.c_str(), resolved) == nullptr || ::stat(resolved, &info) != 0) {
    return Error(std::strerror(errno));
  }
  if (!S_ISDIR(info.st_mode)) return Error(std::strerror(ENOTDIR));
  if (::access(resolved, X_OK) != 0) return Error(std::strerror(errno));
  config.dir = resolved;
  return config.dir;
}

base::Result<std::string> ApplyHz(Config& config, Arguments arguments, Context /*context*/) {
  constexpr int64_t kMinimumHz = 1;
  constexpr int64_t kMaximumHz = 500;
  std::optional<int64_t> hz = base::ParseInt64(arguments[0]);
  if (!hz) return Error("argument couldn't be parsed into an integer");
  if (*hz < 0 || *hz > kInt) return Error("argument must be between 0 and 2147483647 inclusive");
  if (*hz < kMinimumHz) hz = kMinimumHz;
  if (*hz > kMaximumHz) hz = kMaximumHz;
  config.hz = static_cast<int32_t>(*hz);
  return base::FormatInt64(*hz);
}

base::Result<std::string> ApplySave(Config& config, Arguments arguments, Context context) {
  const Error kInvalid("Invalid save parameters");
  std::vector<SavePoint> points;
  if (IsNothing(arguments)) {
    config.save.clear();
    return std::string();
  }
  if (arguments.size() % 2 != 0) return kInvalid;
  for (size_t i = 0; i < arguments.size(); i += 2) {
    std::optional<int64_t> seconds = ParseStrtoll(arguments[i], 10);
    std::optional<int64_t> changes = ParseStrtoll(arguments[i + 1], 10);
    if (!seconds || !changes || *seconds < 1 || *changes < 0 || *changes > kInt) return kInvalid;
    points.push_back({*seconds, *changes});
  }
  // The lines of a file add up; the first one replaces the defaults.
  if (context.origin == Origin::kSet || context.first) config.save.clear();
  config.save.insert(config.save.end(), points.begin(), points.end());
  return PrintSave(config.save);
}

base::Result<std::string> ApplyOutputBufferLimits(Config& config, Arguments arguments,
                                                  Context /*context*/) {
  constexpr size_t kGroup = 4;
  if (arguments.size() % kGroup != 0) {
    return Error("Wrong number of arguments in buffer limit configuration.");
  }
  for (size_t i = 0; i < arguments.size(); i += kGroup) {
    std::optional<size_t> client_class = FindClass(arguments[i]);
    if (!client_class) {
      return Error("Invalid client class specified in buffer limit configuration.");
    }
    std::optional<uint64_t> hard = ParseMemory(arguments[i + 1]);
    std::optional<uint64_t> soft = ParseMemory(arguments[i + 2]);
    std::optional<int64_t> seconds = ParseStrtoll(arguments[i + 3], 10);
    if (!hard || !soft || !seconds || *seconds < 0) {
      return Error("Error in hard, soft or soft_seconds setting in buffer limit configuration.");
    }
    config.client_output_buffer_limits[*client_class] = {*hard, *soft, *seconds};
  }
  std::string text;
  for (size_t i = 0; i < kClientClasses; ++i) {
    const OutputBufferLimit& limit = config.client_output_buffer_limits[i];
    if (i > 0) text += ' ';
    text += std::string(kClassNames[i]) + ' ' + std::to_string(limit.hard_bytes) + ' ' +
            std::to_string(limit.soft_bytes) + ' ' + std::to_string(limit.soft_seconds);
  }
  return text;
}

base::Result<std::string> ApplyOomScoreAdjValues(Config& config, Arguments arguments,
                                                 Context /*context*/) {
  constexpr int64_t kLimit = 2000;
  if (arguments.size() != config.oom_score_adj_values.size()) {
    return Error("wrong number of arguments");
  }
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::optional<int64_t> value = ParseStrtoll(arguments[i], 10);
    if (!value || arguments[i].empty() || *value < -kLimit || *value > kLimit) {
      return Error("Invalid oom-score-adj-values, elements must be between -2000 and 2000.");
    }
    config.oom_score_adj_values[i] = static_cast<int32_t>(*value);
  }
  std::string text;
  for (int32_t value : config.oom_score_adj_values) {
    if (!text.empty()) text += ' ';
    text += std::to_string(value);
  }
  return text;
}

base::Result<std::string> ApplyNotifyKeyspaceEvents(Config& config, Arguments arguments,
                                                    Context /*context*/) {
  uint32_t flags = 0;
  for (char letter : arguments[0]) {
    std::optional<uint32_t> flag = FlagOf(letter);
    if (!flag) return Error("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
    flags |= *flag;
  }
  config.notify_keyspace_events = flags;
  std::string text;
  if ((flags & kNotifyAll) == kNotifyAll) {
    text = "A";  // and nothing of 'n', as Redis shows it
  } else {
    for (const NotifyLetter& row : kClassLetters) {
      if ((flags & row.flag) != 0) text += row.letter;
    }
  }
  for (const NotifyLetter& row : kOtherLetters) {
    if ((flags & row.flag) != 0) text += row.letter;
  }
  return text;
}

base::Result<std::string> ApplyPercentiles(Config& config, Arguments arguments,
                                           Context /*context*/) {
  constexpr double kMaximum = 100.0;
  std::vector<double> percentiles;
  std::string text;
  for (const std::string& argument : IsNothing(arguments) ? Arguments{} : arguments) {
    char* end = nullptr;
    double percentile = std::strtod(argument.c_str(), &end);
    if (argument.empty() || end != argument.c_str() + argument.size() || std::isnan(percentile)) {
      return Error("Invalid latency-tracking-info-percentiles parameters");
    }
    if (percentile < 0 || percentile > kMaximum) {
      return Error("latency-tracking-info-percentiles parameters should sit between [0.0,100.0]");
    }
    percentiles.push_back(percentile);
    char number[32];
    int length = std::snprintf(number, sizeof number, "%f", percentile);
    std::string_view trimmed(number, static_cast<size_t>(length));
    trimmed = trimmed.substr(0, trimmed.find_last_not_of('0') + 1);
    if (trimmed.back() == '.') trimmed.remove_suffix(1);
    if (!text.empty()) text += ' ';
    text += trimmed;
  }
  config.latency_tracking_info_percentiles = std::move(percentiles);
  return text;
}

base::Result<std::string> ApplyReplBacklogSize(Config& config, Arguments arguments,
                                               Context context) {
  constexpr uint64_t kSmallestBacklog = 16 * 1024;
  std::optional<uint64_t> bytes = ParseMemory(arguments[0]);
  if (!bytes) return Error("argument must be a memory value");
  if (*bytes < 1 || *bytes > kLong) {
    return Error("argument must be between 1 and 9223372036854775807 inclusive");
  }
  // CONFIG SET raises what is too small; a file's value is shown as it stands.
  if (context.origin == Origin::kSet) bytes = std::max(*bytes, kSmallestBacklog);
  config.repl_backlog_size = *bytes;
  return std::to_string(*bytes);
}

base::Result<std::string> ApplyReplicaof(Config& config, Arguments arguments, Context /*context*/) {
  constexpr int64_t kLargestPort = 65535;
  config.replicaof_host.clear();
  config.replicaof_port = 0;
  if (arguments.size() != 2) return Error("wrong number of arguments");
  if (EqualIgnoreCase(arguments[0], "no") && EqualIgnoreCase(arguments[1], "one")) {
    return std::string();
  }
  std::optional<int64_t> port = ParseStrtoll(arguments[1], 10);
  if (!port || *port < 0 || *port > kLargestPort) return Error("Invalid master port");
  config.replicaof_host = arguments[0];
  config.replicaof_port = static_cast<uint16_t>(*port);
  return arguments[0] + ' ' + std::to_string(*port);
}

}  // namespace nuthatch::config
