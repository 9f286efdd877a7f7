#include "tests/linearizability/server_process.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/linearizability/world.h"

namespace nuthatch::linearizability {
namespace {

constexpr uint16_t kFirstPort = 21300;
constexpr uint16_t kLastPort = 21399;
constexpr auto kStep = std::chrono::milliseconds(20);
constexpr int kStartSteps = 1500;  // half a minute: sanitizer builds on a busy machine are slow
constexpr int kStopSteps = 1500;

bool IsFree(uint16_t port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bool free = fd >= 0 && bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  close(fd);
  return free;
}

// Several tests may run at once: where the search begins depends on the process.
uint16_t FreePort() {
  constexpr uint16_t kPorts = kLastPort - kFirstPort + 1;
  for (uint16_t i = 0; i < kPorts; ++i) {
    uint16_t port = static_cast<uint16_t>(kFirstPort + (getpid() + i) % kPorts);
    if (IsFree(port)) return port;
  }
  return 0;
}

// What became of the process, if it has ended.
std::optional<int> Ended(pid_t pid) {
  int status = 0;
  if (waitpid(pid, &status, WNOHANG) != pid) return std::nullopt;
  return status;
}

}  // namespace

ServerProcess::~ServerProcess() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

base::Result<void> ServerProcess::Start(const std::string& program,
                                        std::vector<std::string> arguments,
                                        const std::string& faults) {
  port_ = FreePort();
  if (port_ == 0) return base::Error("no free port");
  arguments.insert(arguments.begin(), program);
  for (std::string more : {"--bind", "127.0.0.1", "--save", "", "--port"}) {
    arguments.push_back(std::move(more));
  }
  arguments.push_back(std::to_string(port_));
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  // Before the driver's threads exist, so the child may set up more than bare system calls.
  pid_ = fork();
  if (pid_ < 0) return base::Error("fork failed");
  if (pid_ == 0) {
    int null = open("/dev/null", O_WRONLY);
    dup2(null, STDOUT_FILENO);
    if (!faults.empty()) setenv("NUTHATCH_TEST_FAULTS", faults.c_str(), 1);
    execv(argv[0], argv.data());
    _exit(127);
  }
  for (int step = 0; step < kStartSteps; ++step) {
    if (auto status = Ended(pid_)) {
      pid_ = -1;
      return base::Error(fmt::format("{} ended at its start, status {:#x}", program, *status));
    }
    if (AnswersPing(port_)) return {};
    std::this_thread::sleep_for(kStep);
  }
  return base::Error(fmt::format("{} does not answer", program));
}

base::Result<void> ServerProcess::Stop() {
  if (pid_ < 0) return {};
  kill(pid_, SIGTERM);
  for (int step = 0; step < kStopSteps; ++step) {
    if (auto status = Ended(pid_)) {
      pid_ = -1;
      if (*status == 0) return {};
      return base::Error(fmt::format("the server ended with status {:#x}", *status));
    }
    std::this_thread::sleep_for(kStep);
  }
  return base::Error("the server does not stop");
}

}  // namespace nuthatch::linearizability
