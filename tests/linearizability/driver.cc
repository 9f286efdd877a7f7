// nuthatch_linearizability: loads a server with short rounds of pipelines, records what its clients
// see, and checks every round.
//
// Each world (its own keys, its own connections) runs in a thread of its own: round, check, next.
// Exit status: 0 as expected, 1 a violation (or none, where one was expected), 2 the test could not
// run, 3 a round was undecided.

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "server/base/check.h"
#include "server/base/clock.h"
#include "server/base/numbers.h"
#include "tests/linearizability/checker.h"
#include "tests/linearizability/disturber.h"
#include "tests/linearizability/model.h"
#include "tests/linearizability/server_process.h"
#include "tests/linearizability/shrink.h"
#include "tests/linearizability/workload.h"
#include "tests/linearizability/world.h"

namespace nuthatch::linearizability {
namespace {

constexpr std::string_view kUsage = R"(usage: nuthatch_linearizability [options]
  --port P             an already running server on 127.0.0.1, or:
  --server PROGRAM     start this one, with
  --server-arg ARG     one more argument for it (may come several times)
  --shards N           its --shards
  --faults TEXT        its NUTHATCH_TEST_FAULTS
  --disturb LINE       an inline command that one more client sends all the time (several times)
  --connections N      a world (8)
  --worlds N           threads, each with its own keys and connections (1)
  --keys N             a world, 2 to 8 (4)
  --pipeline N         at most so many commands a write (8)
  --batches N          at most so many writes a connection and round (3)
  --shape NAME         only this one: mix, message-passing, store-buffer, torn-mset, parked,
                       wanderer, all-or-nothing, counters, transactions, queues
  --operations N       stop after so many operations (100000)
  --seconds N          or after so many seconds, when given
  --seed S             (1)
  --expect-violation   succeed if and only if one is found
)";

struct Options {
  uint16_t port = 0;
  std::string server;
  std::vector<std::string> server_arguments;
  std::string faults;
  std::vector<std::string> disturbances;
  size_t worlds = 1;
  uint64_t operations = 100'000;
  std::optional<int64_t> seconds;
  uint64_t seed = 1;
  bool expect_violation = false;
  WorkloadOptions workload;
};

// What the worlds share.
struct Progress {
  std::atomic<bool> stop = false;
  std::atomic<uint64_t> operations = 0;
  std::atomic<uint64_t> rounds = 0;
  std::atomic<uint64_t> undecided = 0;
  std::atomic<uint64_t> most_configurations = 0;
  std::mutex mutex;       // guards the rest
  std::string violation;  // the first one, as a text
  std::string too_hard;   // the first undecided round
  std::string failure;    // why the test can't go on
};

bool ReadNumber(std::string_view text, uint64_t low, uint64_t high, uint64_t& out) {
  auto number = base::ParseInt64(text);
  if (!number || *number < 0) return false;
  out = static_cast<uint64_t>(*number);
  return out >= low && out <= high;
}

bool ReadNumericOption(std::string_view name, std::string_view value, Options& options) {
  uint64_t number = 0;
  auto in = [&](uint64_t low, uint64_t high) { return ReadNumber(value, low, high, number); };
  if (name == "--port" && in(1, 65535)) {
    options.port = static_cast<uint16_t>(number);
  } else if (name == "--shards" && in(1, 1024)) {
    options.server_arguments.insert(options.server_arguments.end(),
                                    {"--shards", std::string(value)});
  } else if (name == "--connections" && in(2, kMaxConnections)) {
    options.workload.connections = number;
  } else if (name == "--worlds" && in(1, 64)) {
    options.worlds = number;
  } else if (name == "--keys" && in(2, kMaxKeys)) {
    options.workload.keys = number;
  } else if (name == "--pipeline" && in(1, 256)) {
    options.workload.max_pipeline = number;
  } else if (name == "--batches" && in(1, 64)) {
    options.workload.max_batches = number;
  } else if (name == "--operations" && in(1, INT64_MAX)) {
    options.operations = number;
  } else if (name == "--seconds" && in(1, 1'000'000)) {
    options.seconds = static_cast<int64_t>(number);
  } else if (name == "--seed" && in(0, INT64_MAX)) {
    options.seed = number;
  } else {
    return false;
  }
  return true;
}

std::optional<Options> ReadOptions(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    std::string_view name = argv[i];
    if (name == "--expect-violation") {
      options.expect_violation = true;
      continue;
    }
    if (++i == argc) return std::nullopt;
    std::string_view value = argv[i];
    if (name == "--server") {
      options.server = value;
    } else if (name == "--server-arg") {
      options.server_arguments.emplace_back(value);
    } else if (name == "--disturb") {
      options.disturbances.emplace_back(value);
    } else if (name == "--faults") {
      options.faults = value;
    } else if (name == "--shape") {
      options.workload.shape = ShapeByName(value);
      if (!options.workload.shape) return std::nullopt;
    } else if (!ReadNumericOption(name, value, options)) {
      return std::nullopt;
    }
  }
  if (options.server.empty() == (options.port == 0)) return std::nullopt;
  return options;
}

void Fail(Progress& progress, const std::string& failure) {
  std::lock_guard lock(progress.mutex);
  progress.failure += (progress.failure.empty() ? "" : "; ") + failure;
  progress.stop = true;
}

// `shrinks`: with the few operations that make it a violation; that takes seconds.
void ReportViolation(Progress& progress, size_t world, uint64_t round, const Contents& contents,
                     const History& history, const Verdict& verdict, bool shrinks) {
  std::lock_guard lock(progress.mutex);
  progress.stop = true;
  if (!progress.violation.empty()) return;
  progress.violation = fmt::format("world {}, round {}, {} operations: {}\n", world, round,
                                   history.size(), verdict.reason);
  if (shrinks) progress.violation += Timeline(contents, Shrink(contents, history));
}

void NoteVerdict(Progress& progress, const Contents& contents, const History& history,
                 const Verdict& verdict) {
  progress.operations += history.size();
  ++progress.rounds;
  if (verdict.result == Result::kUndecided) {
    ++progress.undecided;
    std::lock_guard lock(progress.mutex);
    if (progress.too_hard.empty()) progress.too_hard = Timeline(contents, history);
  }
  uint64_t most = progress.most_configurations;
  while (verdict.configurations > most &&
         !progress.most_configurations.compare_exchange_weak(most, verdict.configurations)) {
  }
}

// The life of a world's thread.
void RunWorld(const Options& options, uint16_t port, size_t index, Progress& progress) {
  constexpr uint64_t kSeedStep = 1'000'003;
  uint64_t seed = options.seed * kSeedStep + index;
  base::Random random(seed);
  World world(fmt::format("w{}", index), options.workload.keys, seed + 1);
  if (auto result = world.Connect(port, options.workload.connections); !result.ok()) {
    return Fail(progress, result.error());
  }
  Contents contents;  // as the look at the end of the last round saw them
  for (uint64_t round = 0; !progress.stop; ++round) {
    auto history = world.Run(MakeRound(options.workload, random));
    if (!history.ok()) return Fail(progress, fmt::format("round {}: {}", round, history.error()));
    Contents seen = SeenBy(history.value().back());
    if (seen.size() != options.workload.keys) {
      return Fail(progress, "the look answers " + ReplyToText(history.value().back().reply));
    }
    // The first round clears the keys of a server that may hold anything: nothing is known before.
    if (round > 0) {
      Verdict verdict = Check(contents, history.value());
      NoteVerdict(progress, contents, history.value(), verdict);
      if (verdict.result == Result::kIllegal) {
        ReportViolation(progress, index, round, contents, history.value(), verdict,
                        !options.expect_violation);
      }
    }
    contents = std::move(seen);
    if (progress.operations >= options.operations && !options.seconds) progress.stop = true;
  }
}

// Runs the worlds until the end of the run.
void RunWorlds(const Options& options, uint16_t port, Progress& progress) {
  std::vector<std::thread> threads;
  for (size_t i = 0; i < options.worlds; ++i) {
    threads.emplace_back(RunWorld, std::cref(options), port, i, std::ref(progress));
  }
  if (!options.disturbances.empty()) {
    threads.emplace_back([&] {
      auto result = Disturb(port, options.disturbances, progress.stop);
      if (!result.ok()) Fail(progress, result.error());
    });
  }
  if (options.seconds) {
    int64_t until = base::MonotonicNs() + *options.seconds * 1'000'000'000;
    while (!progress.stop && base::MonotonicNs() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    progress.stop = true;
  }
  for (std::thread& thread : threads) thread.join();
}

// Says how it went; the exit status.
int Report(const Options& options, Progress& progress, double seconds) {
  std::lock_guard lock(progress.mutex);
  fmt::print("{} rounds, {} operations in {:.1f} s, seed {}, at most {} configurations a round\n",
             progress.rounds.load(), progress.operations.load(), seconds, options.seed,
             progress.most_configurations.load());
  if (!progress.violation.empty()) fmt::print("NOT LINEARIZABLE: {}", progress.violation);
  if (!progress.failure.empty()) {
    fmt::print("FAILED: {}\n", progress.failure);
    return 2;
  }
  if (progress.violation.empty() == options.expect_violation) {
    if (options.expect_violation) fmt::print("no violation, where one was expected\n");
    return 1;
  }
  if (progress.undecided > 0 && !options.expect_violation) {
    fmt::print("{} rounds undecided, the first:\n{}", progress.undecided.load(), progress.too_hard);
    return 3;
  }
  return 0;
}

int Main(const Options& options) {
  ServerProcess server;
  uint16_t port = options.port;
  if (!options.server.empty()) {
    auto started = server.Start(options.server, options.server_arguments, options.faults);
    if (!started.ok()) {
      fmt::print("FAILED: {}\n", started.error());
      return 2;
    }
    port = server.port();
  }
  Progress progress;
  int64_t start = base::MonotonicNs();
  RunWorlds(options, port, progress);
  if (auto stopped = server.Stop(); !stopped.ok()) Fail(progress, stopped.error());
  return Report(options, progress, static_cast<double>(base::MonotonicNs() - start) / 1e9);
}

}  // namespace
}  // namespace nuthatch::linearizability

int main(int argc, char** argv) {
  auto options = nuthatch::linearizability::ReadOptions(argc, argv);
  if (!options) {
    std::fputs(nuthatch::linearizability::kUsage.data(), stderr);
    return 2;
  }
  return nuthatch::linearizability::Main(*options);
}
