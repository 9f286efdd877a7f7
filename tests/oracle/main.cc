// The oracle: the same commands to Nuthatch and to redis-server, replies compared byte by byte.
//
// One call is one configuration (shards, protocol); tools/oracle goes through several. Exit code: 0
// no difference, 1 differences, 2 it could not run.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <unistd.h>

#include "tests/oracle/campaign.h"
#include "tests/oracle/garbage.h"
#include "tests/oracle/script.h"
#include "tests/oracle/tables.h"

namespace nuthatch::oracle {
namespace {

struct Options {
  DuelOptions duel;
  CampaignOptions campaign;
  std::string scripts;  // a directory or a file; empty for none
  std::string shards;
  bool tables = true;
  bool allow_uncovered = false;
  bool list_rules = false;
  size_t garbage = 0;        // damaged requests
  size_t expect_shrunk = 0;  // succeed only if a failure is found and shrunk to so many steps
};

constexpr char kUsage[] =
    "usage: nuthatch_oracle [--seed S] [--commands N] [--shards N] [--resp 2|3]\n"
    "  --tested-binary PATH | --port P       the server under test\n"
    "  --reference-binary PATH | --reference-port P\n"
    "  --scripts PATH       hand-written sequences (directory or file), run first\n"
    "  --no-tables          don't compare COMMAND and COMMAND DOCS as a whole\n"
    "  --garbage N          damaged requests, each on a connection of its own (0)\n"
    "  --max-differences N  stop after N different failures (10)\n"
    "  --margin-ms N        tolerance for what depends on the clock, besides the pauses seen "
    "(2000)\n"
    "  --timeout-ms N       how long a server may say nothing (60000)\n"
    "  --directory PATH     for the servers' files (a fresh one under /tmp)\n"
    "  --allow-uncovered    go on when a command has neither generator nor reason\n"
    "  --plant keepttl|append|reply   plant a fault into the tested side\n"
    "  --expect-shrunk N    succeed only if a failure is found and shrunk to N steps or fewer\n"
    "  --list-rules         print what is skipped and what may differ, and why\n";

bool SetPlant(const std::string& name, Options* options) {
  Plant* plant = &options->duel.plant;
  if (name == "keepttl") *plant = Plant::kKeepTtl;
  if (name == "append") *plant = Plant::kAppend;
  if (name == "reply") *plant = Plant::kReplyByte;
  return *plant != Plant::kNone;
}

bool SetOption(const std::string& name, const std::string& value, Options* options) {
  if (name == "--plant") return SetPlant(value, options);
  DuelOptions& duel = options->duel;
  const std::map<std::string, std::string*> texts = {
      {"--shards", &options->shards},   {"--tested-binary", &duel.tested_binary},
      {"--scripts", &options->scripts}, {"--reference-binary", &duel.reference_binary},
      {"--directory", &duel.directory},
  };
  if (auto text = texts.find(name); text != texts.end()) {
    *text->second = value;
    return true;
  }
  using Setter = std::function<void(uint64_t)>;
  const std::map<std::string, Setter> numbers = {
      {"--seed", [&](uint64_t n) { options->campaign.seed = n; }},
      {"--commands", [&](uint64_t n) { options->campaign.commands = n; }},
      {"--max-differences", [&](uint64_t n) { options->campaign.max_signatures = n; }},
      {"--garbage", [&](uint64_t n) { options->garbage = n; }},
      {"--expect-shrunk", [&](uint64_t n) { options->expect_shrunk = n; }},
      {"--resp", [&](uint64_t n) { duel.resp = static_cast<int>(n); }},
      {"--port", [&](uint64_t n) { duel.tested_port = static_cast<uint16_t>(n); }},
      {"--reference-port", [&](uint64_t n) { duel.reference_port = static_cast<uint16_t>(n); }},
      {"--margin-ms", [&](uint64_t n) { duel.margin_ms = static_cast<int64_t>(n); }},
      {"--timeout-ms", [&](uint64_t n) { duel.timeout_ms = static_cast<int>(n); }},
  };
  auto number = numbers.find(name);
  if (number == numbers.end()) return false;
  number->second(std::strtoull(value.c_str(), nullptr, 10));
  return true;
}

bool Parse(int argc, char** argv, Options* options) {
  for (int i = 1; i < argc; ++i) {
    std::string name = argv[i];
    if (name == "--no-tables") {
      options->tables = false;
    } else if (name == "--allow-uncovered") {
      options->allow_uncovered = true;
    } else if (name == "--list-rules") {
      options->list_rules = true;
    } else if (i + 1 >= argc || !SetOption(name, argv[++i], options)) {
      return false;
    }
  }
  DuelOptions& duel = options->duel;
  if (duel.tested_port == 0 && duel.tested_binary.empty() && !options->list_rules) return false;
  if (duel.reference_port == 0 && duel.reference_binary.empty()) {
    duel.reference_binary = "/usr/bin/redis-server";
  }
  if (!options->shards.empty()) duel.tested_arguments = {"--shards", options->shards};
  return duel.resp == 2 || duel.resp == 3;
}

// A started server needs a binary that is there.
bool CheckBinaries(const DuelOptions& options) {
  for (const std::string* binary : {&options.tested_binary, &options.reference_binary}) {
    if (binary->empty() || access(binary->c_str(), X_OK) == 0) continue;
    std::fprintf(stderr,
                 "oracle: %s is not there; the reference is Debian's package redis-server 7.0, "
                 "which tools/test installs\n",
                 binary->c_str());
    return false;
  }
  return true;
}

std::vector<std::string> ScriptFiles(const std::string& path) {
  std::vector<std::string> files;
  if (path.empty()) return files;
  if (!std::filesystem::is_directory(path)) return {path};
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void PrintAll(const char* what, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) std::printf("%s%s\n", what, line.c_str());
}

// Commands without a row; the number of failures.
size_t CheckCoverage(const Duel& duel, const Options& options) {
  auto uncovered = UncoveredCommands(duel.catalogue());
  if (uncovered.empty() || options.allow_uncovered) return 0;
  PrintAll("DIFFERENCE no generator and no reason for ", uncovered);
  return uncovered.size();
}

size_t CompareTables(Duel* duel) {
  auto controls = duel->Controls();
  auto findings = CompareWholeTables(controls[0], controls[1], duel->catalogue());
  PrintAll("DIFFERENCE ", findings);
  return findings.size();
}

// The number of differences, or -1.
long RunScripts(Duel* duel, const std::string& path) {
  long differences = 0;
  size_t commands = 0;
  auto files = ScriptFiles(path);
  for (const std::string& file : files) {
    auto result = RunScript(duel, file);
    if (!result.ok()) {
      std::fprintf(stderr, "oracle: %s\n", result.error().c_str());
      return -1;
    }
    PrintAll("DIFFERENCE ", result.value().differences);
    PrintAll("note: ", result.value().notes);
    differences += static_cast<long>(result.value().differences.size());
    commands += result.value().commands;
  }
  if (!files.empty()) {
    std::printf("scripts: %zu files, %zu commands, %ld differences\n", files.size(), commands,
                differences);
  }
  return differences;
}

int RunAll(const Options& options) {
  Duel duel(options.duel);
  auto opened = duel.Open();
  if (!opened.ok()) {
    std::fprintf(stderr, "oracle: %s\n", opened.error().c_str());
    return 2;
  }
  size_t differences = CheckCoverage(duel, options);
  if (options.tables) differences += CompareTables(&duel);
  long in_scripts = RunScripts(&duel, options.scripts);
  if (in_scripts < 0) return 2;
  differences += static_cast<size_t>(in_scripts);
  if (options.garbage > 0) {
    auto garbage =
        RunGarbage(&duel, options.campaign.seed, options.garbage, options.campaign.max_signatures);
    if (!garbage.ok()) {
      std::fprintf(stderr, "oracle: %s\n", garbage.error().c_str());
      return 2;
    }
    std::printf("damaged: %zu requests, %zu differences\n", garbage.value().cases,
                garbage.value().differences);
    differences += garbage.value().differences;
  }
  auto result = RunCampaign(&duel, options.campaign);
  if (!result.ok()) {
    std::fprintf(stderr, "oracle: %s\n", result.error().c_str());
    return 2;
  }
  const CampaignResult& campaign = result.value();
  for (const auto& [signature, count] : campaign.failures) {
    std::printf("failed %lu times: %s\n", count, signature.c_str());
  }
  std::printf("random: %lu commands in %.1f s (%.0f a second), %zu failures\n", campaign.commands,
              campaign.seconds, static_cast<double>(campaign.commands) / campaign.seconds,
              campaign.failures.size());
  if (options.expect_shrunk > 0) {
    bool found = campaign.shortest > 0 && campaign.shortest <= options.expect_shrunk;
    std::printf("the planted fault was %s\n", found ? "found and shrunk" : "NOT found");
    return found ? 0 : 1;
  }
  return differences + campaign.failures.size() > 0 ? 1 : 0;
}

int Main(int argc, char** argv) {
  Options options;
  if (!Parse(argc, argv, &options)) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  if (options.list_rules) {
    std::fputs(DescribeRules().c_str(), stdout);
    return 0;
  }
  if (!CheckBinaries(options.duel)) return 2;
  std::printf("oracle: seed %lu, %lu commands, shards %s, RESP%d\n", options.campaign.seed,
              options.campaign.commands, options.shards.empty() ? "-" : options.shards.c_str(),
              options.duel.resp);
  std::fflush(stdout);
  bool own_directory = options.duel.directory.empty();
  if (own_directory) {
    char name[] = "/tmp/oracle.XXXXXX";
    if (mkdtemp(name) == nullptr) return 2;
    options.duel.directory = name;
  }
  int code = RunAll(options);
  if (own_directory && code == 0) std::filesystem::remove_all(options.duel.directory);
  if (own_directory && code != 0) std::printf("logs: %s\n", options.duel.directory.c_str());
  return code;
}

}  // namespace
}  // namespace nuthatch::oracle

int main(int argc, char** argv) { return nuthatch::oracle::Main(argc, argv); }
