#include "tests/integration/program.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <utility>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace nuthatch::tests {
namespace {

constexpr int kStepUs = 5'000;
constexpr int kSteps = 60'000'000 / kStepUs;

}  // namespace

TempDirectory::TempDirectory() {
  char pattern[] = "/tmp/nuthatch-test-XXXXXX";
  path_ = mkdtemp(pattern);
}

TempDirectory::~TempDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDirectory::Path(std::string_view name) const {
  return name.empty() ? path_ : path_ + "/" + std::string(name);
}

std::string TempDirectory::Write(std::string_view name, std::string_view text) const {
  std::ofstream(Path(name)) << text;
  return Path(name);
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

bool Eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < kSteps; ++i) {
    if (condition()) return true;
    usleep(kStepUs);
  }
  return condition();
}

bool Matches(const std::string& text, const std::string& pattern) {
  return std::regex_search(
      text, std::regex(pattern, std::regex::ECMAScript | std::regex_constants::multiline));
}

Program::Program(std::vector<std::string> args, const Options& options) {
  args.insert(args.begin(), options.binary.empty() ? NUTHATCH_BINARY : options.binary);
  std::string input = directory_.Write("input", options.input);
  std::string output = directory_.Path("output");
  std::vector<char*> raw;
  for (std::string& arg : args) raw.push_back(arg.data());
  raw.push_back(nullptr);
  pid_ = fork();
  if (pid_ != 0) return;
  for (const std::string& variable : options.environment) {
    size_t sign = variable.find('=');
    setenv(variable.substr(0, sign).c_str(), variable.substr(sign + 1).c_str(), 1);
  }
  if (options.most_files > 0) {
    // root may go beyond: it is given up, as far as this limit is concerned.
    auto most = static_cast<rlim_t>(options.most_files);
    rlimit limit{most, most};
    setrlimit(RLIMIT_NOFILE, &limit);
    prctl(PR_CAPBSET_DROP, CAP_SYS_RESOURCE, 0, 0, 0);
  }
  dup2(open(input.c_str(), O_RDONLY), STDIN_FILENO);
  int out = open(output.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0644);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  if (chdir(directory_.Path().c_str()) != 0) _exit(126);
  execv(raw[0], raw.data());
  _exit(127);
}

Program::~Program() {
  if (!Running()) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

bool Program::Running() {
  if (!ended_ && waitpid(pid_, &status_, WNOHANG) == pid_) ended_ = true;
  return !ended_;
}

void Program::AwaitOutput(std::string_view text) {
  auto written = [&] { return Output().find(text) != std::string::npos; };
  Eventually([&] { return written() || !Running(); });
  ASSERT_TRUE(written()) << "not written: " << text << "\n" << Output();
}

void Program::Signal(int number) const { kill(pid_, number); }

int Program::Wait() {
  if (!Eventually([this] { return !Running(); })) return -1000;
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : -WTERMSIG(status_);
}

}  // namespace nuthatch::tests
