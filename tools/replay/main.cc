// nuthatch-replay: a trace through a server, or through simulations of all policies. See README.md.
#include <atomic>
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <new>
#include <optional>
#include <string_view>
#include <variant>

#include <fmt/core.h>
#include <langinfo.h>
#include <unistd.h>

#include "tools/replay/advice.h"
#include "tools/replay/options.h"
#include "tools/replay/progress.h"
#include "tools/replay/replay.h"
#include "tools/replay/report.h"
#include "tools/replay/units.h"

namespace {

using namespace nuthatch;  // NOLINT(google-build-using-namespace)
using replay::Options;

constexpr size_t kReportWidth = 78;
constexpr int kExitError = 1;
constexpr int kExitInterrupted = 130;

std::atomic<bool> stop = false;

void Stop(int /*signal*/) {
  stop = true;
  // The second one ends it at once.
  std::signal(SIGINT, SIG_DFL);
}

int Fail(const std::string& message) {
  fmt::print(stderr, "nuthatch-replay: {}\n", message);
  return stop ? kExitInterrupted : kExitError;
}

bool HasUnicode() { return std::string_view(nl_langinfo(CODESET)) == "UTF-8"; }

int RunAdvice(const Options& options, eviction::Trace trace, std::optional<replay::CsvFile>& csv) {
  std::optional<replay::Advice> advice;
  {
    uint64_t simulations = replay::CountSimulations(options.advice);
    replay::Progress progress("simulate", simulations, "");
    advice = replay::Advise(
        std::move(trace), options.advice, [&](uint64_t done) { progress.Update(done); }, stop);
  }
  if (!advice) return Fail("interrupted");
  fmt::print("{}", replay::AdviceReport(*advice, options.trace, kReportWidth,
                                        options.ascii || !HasUnicode()));
  if (!csv) return 0;
  for (const std::vector<std::string>& line : replay::AdviceCsv(*advice)) {
    base::Result<void> written = csv->Write(line);
    if (!written.ok()) return Fail(written.error());
  }
  return 0;
}

void PrintHead(const Options& options, const eviction::Trace& trace,
               const std::vector<replay::Server>& servers, const replay::Replay& run) {
  fmt::print("{}: {} requests for {} keys\n", options.trace, replay::FormatCount(trace.size()),
             replay::FormatCount(eviction::CountUniqueKeys(trace)));
  for (size_t i = 0; i < run.room().size(); ++i) {
    fmt::print("{}: {:g}% of the keys take {} of used_memory\n", servers[i].name(),
               *options.replay.percent, replay::FormatBytes(run.room()[i]));
  }
  fmt::print("\n{}", replay::ReplayTableHead());
  std::fflush(stdout);
}

int RunReplay(const Options& options, const eviction::Trace& trace,
              std::optional<replay::CsvFile>& csv) {
  std::vector<replay::Server> servers;
  for (const replay::Login& login : options.servers) {
    base::Result<replay::Server> server = replay::Server::Connect(login);
    if (!server.ok()) return Fail(server.error());
    servers.push_back(std::move(server.value()));
  }
  replay::Replay run(options.replay, trace, servers, stop);
  base::Result<void> prepared = run.Prepare();
  if (!prepared.ok()) return Fail(prepared.error());
  PrintHead(options, trace, servers, run);
  if (csv) {
    base::Result<void> written = csv->Write(replay::ReplayCsvHead());
    if (!written.ok()) return Fail(written.error());
  }
  std::vector<std::string> policies = options.replay.policies;
  if (policies.empty()) policies.emplace_back();
  for (const std::string& policy : policies) {
    base::Result<std::vector<replay::ReplayResult>> results = run.Run(policy);
    if (!results.ok()) return Fail(results.error());
    for (const replay::ReplayResult& result : results.value()) {
      fmt::print("{}", replay::ReplayTableRow(result));
      std::fflush(stdout);
      if (!csv) continue;
      base::Result<void> written = csv->Write(replay::ReplayCsvRow(result));
      if (!written.ok()) return Fail(written.error());
    }
  }
  return 0;
}

int Run(const Options& options) {
  base::Result<eviction::Trace> trace = eviction::LoadTrace(options.trace, options.limit);
  if (!trace.ok()) return Fail(trace.error());
  std::optional<replay::CsvFile> csv;
  if (!options.csv.empty()) {
    base::Result<replay::CsvFile> created = replay::CsvFile::Create(options.csv);
    if (!created.ok()) return Fail(created.error());
    csv.emplace(std::move(created.value()));
  }
  return options.advise ? RunAdvice(options, std::move(trace.value()), csv)
                        : RunReplay(options, trace.value(), csv);
}

}  // namespace

int main(int argc, char** argv) {
  std::setlocale(LC_CTYPE, "");
  std::variant<Options, replay::Exit> parsed = replay::ParseOptions(argc, argv);
  if (const auto* exit = std::get_if<replay::Exit>(&parsed)) {
    if (exit->code != 0) {
      fmt::print(stderr, "nuthatch-replay: {}\n(see nuthatch-replay --help)\n", exit->text);
    } else {
      fmt::print("{}", exit->text);
    }
    return exit->code;
  }
  std::signal(SIGINT, Stop);
  std::signal(SIGTERM, Stop);
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return Run(std::get<Options>(parsed));
  } catch (const std::bad_alloc&) {
    return Fail("out of memory: see --limit");
  }
}
