#include "tools/replay/options.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "server/base/numbers.h"

namespace nuthatch::replay {

namespace {

constexpr int kMostDepth = 1024;
constexpr uint32_t kMostValueSize = 512U << 20U;
constexpr int kMostPort = 65535;
constexpr size_t kMostSizes = 100;

constexpr char kDescription[] =
    "Replays a trace through a Redis-protocol server as a cache-aside client does (GET, and SET "
    "on\n"
    "a miss), or simulates all eviction policies to tell which one suits the trace.\n\n"
    "  nuthatch-replay HOST PORT TRACE [options]\n"
    "  nuthatch-replay --advise TRACE [options]\n\n"
    "TRACE is a file, - for standard input, or zipf:EXPONENT[:KEYS[:REQUESTS]]. A file has a key "
    "a\n"
    "line, or KEY,SIZE lines, or binary records of 16 bytes (u64 key, u32 size, u32 seconds,\n"
    "little-endian).\n";

// As CLI11 leaves them, before they are understood.
struct Raw {
  std::string host, port, trace, advise;
  std::string user, password;
  int db = 0;
  std::vector<std::string> beside;
  std::vector<std::string> bytes;
  double percent = 0;
  unsigned threads = 0;
};

std::optional<Login> ParseAddress(const std::string& host, const std::string& port) {
  std::optional<int64_t> number = base::ParseInt64(port);
  if (host.empty() || !number || *number < 1 || *number > kMostPort) return std::nullopt;
  Login login;
  login.host = host;
  login.port = static_cast<int>(*number);
  return login;
}

// The errors of what CLI11 does not check; empty if there is none.
std::string Understand(const Raw& raw, Options& options) {
  options.advise = !raw.advise.empty();
  if (options.advise) {
    if (!raw.host.empty()) return "--advise takes no HOST, PORT or second TRACE";
    options.trace = raw.advise;
    for (const std::string& policy : options.replay.policies) {
      std::optional<eviction::PolicyChoice> choice = eviction::ParsePolicyName(policy);
      if (!choice || !choice->row->evicts) return policy + " is no policy that evicts";
      options.advice.policies.push_back(*choice);
    }
    for (const std::string& text : raw.bytes) {
      uint64_t bytes = base::ParseMemorySize(text).value_or(0);
      if (bytes == 0) return text + " is no size in bytes, like 100mb";
      options.advice.bytes.push_back(bytes);
    }
    if (std::max(options.advice.bytes.size(), options.advice.percents.size()) > kMostSizes) {
      return fmt::format("at most {} sizes", kMostSizes);
    }
    options.advice.pace = options.replay.pace;
    options.advice.default_size = options.replay.pipeline.default_size;
    unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    options.advice.threads = raw.threads == 0 ? cores : std::min(raw.threads, cores);
    return "";
  }
  if (raw.trace.empty()) return "HOST PORT TRACE, or --advise TRACE, is needed";
  options.trace = raw.trace;
  std::optional<Login> first = ParseAddress(raw.host, raw.port);
  if (!first) return raw.port + " is no port";
  options.servers.push_back(*first);
  for (const std::string& address : raw.beside) {
    size_t colon = address.rfind(':');
    std::optional<Login> login;
    if (colon != std::string::npos) {
      login = ParseAddress(address.substr(0, colon), address.substr(colon + 1));
    }
    if (!login) return address + " is not HOST:PORT";
    options.servers.push_back(*login);
  }
  for (Login& login : options.servers) {
    login.user = raw.user;
    login.password = raw.password;
    login.db = raw.db;
  }
  if (!raw.user.empty() && raw.password.empty()) return "--user needs --password";
  if (raw.percent > 0) options.replay.percent = raw.percent;
  return "";
}

void AddReplayOptions(CLI::App& app, Raw& raw, Options& options) {
  const std::string group = "Replay";
  ReplaySettings& replay = options.replay;
  app.add_option("--beside", raw.beside,
                 "Another server that gets the same requests in lockstep, HOST:PORT; repeatable")
      ->allow_extra_args(false)
      ->group(group);
  app.add_option("--percent", raw.percent,
                 "Set maxmemory to the used_memory that P percent of the trace's keys take")
      ->check(CLI::Range(0.001, 100.0))
      ->group(group);
  app.add_option("--depth", replay.pipeline.depth, "Requests in a pipeline, 32 if not said")
      ->check(CLI::Range(1, kMostDepth))
      ->group(group);
  app.add_option("--ttl", replay.ttl_s, "SET with a TTL of that many seconds")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 32))
      ->group(group);
  app.add_flag("--flush", replay.may_flush, "Delete what the servers hold (they refuse otherwise)")
      ->group(group);
  app.add_flag("--keep", replay.keep, "Leave the keys of the last run on the servers")
      ->group(group);
  app.add_option("--user", raw.user, "User name of AUTH")->group(group);
  app.add_option("--password", raw.password,
                 "Password of AUTH; the environment's REDISCLI_AUTH if not said")
      ->envname("REDISCLI_AUTH")
      ->group(group);
  app.add_option("--db", raw.db, "Number of the database")
      ->check(CLI::Range(0, 1 << 30))
      ->group(group);
}

void AddAdviceOptions(CLI::App& app, Raw& raw, Options& options) {
  const std::string group = "Advice";
  app.add_option("--advise", raw.advise, "Simulate, instead of replaying to a server")
      ->type_name("TRACE")
      ->group(group);
  auto* sizes = app.add_option("--sizes", options.advice.percents,
                               "Cache sizes in percent of the keys, or of their bytes where the "
                               "trace has sizes; 1,5,10,25 if not said")
                    ->delimiter(',')
                    ->allow_extra_args(false)
                    ->check(CLI::Range(0.001, 100.0))
                    ->group(group);
  app.add_option("--bytes", raw.bytes, "Cache sizes in bytes, like 100mb,1gb")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->excludes(sizes)
      ->group(group);
  app.add_option("--threads", raw.threads, "As many as there are cores, at most and if not said")
      ->group(group);
  app.add_flag("--ascii", options.ascii, "Draw the plot without Unicode")->group(group);
}

}  // namespace

std::variant<Options, Exit> ParseOptions(int argc, const char* const* argv) {
  CLI::App app(kDescription, "nuthatch-replay");
  Raw raw;
  Options options;
  app.add_option("HOST", raw.host, "The server");
  app.add_option("PORT", raw.port, "Its port");
  app.add_option("TRACE", raw.trace, "What to replay");
  app.add_option("--policies", options.replay.policies,
                 "A run for each maxmemory-policy; for --advise, what to simulate")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--value-size", options.replay.pipeline.default_size,
                 "Bytes of a value where the trace has no size, 2000 if not said")
      ->check(CLI::Range(uint32_t{1}, kMostValueSize));
  app.add_option("--limit", options.limit, "Only the first N requests")
      ->check(CLI::Range(uint64_t{1}, eviction::kMostRequests));
  app.add_option("--pace", options.replay.pace, "Requests a second")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1'000'000'000}));
  app.add_option("--csv", options.csv, "Write the figures to this file, too");
  AddReplayOptions(app, raw, options);
  AddAdviceOptions(app, raw, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return Exit{.code = 0, .text = app.help()};
  } catch (const CLI::ParseError& error) {
    return Exit{.code = 2, .text = error.what()};
  }
  std::string error = Understand(raw, options);
  if (!error.empty()) return Exit{.code = 2, .text = error};
  return options;
}

}  // namespace nuthatch::replay
