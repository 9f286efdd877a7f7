#include "tests/oracle/server_process.h"

#include <csignal>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/base/clock.h"
#include "tests/oracle/link.h"

namespace nuthatch::oracle {
namespace {

constexpr int64_t kStartTimeoutNs = 30'000'000'000;

// A port that nobody listens on at this moment.
uint16_t FreePort() {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(fd, generic, size) != 0 || getsockname(fd, generic, &size) != 0) address.sin_port = 0;
  close(fd);
  return ntohs(address.sin_port);
}

[[noreturn]] void Become(const Argv& argv, const std::string& log) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int fd = open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0644);
  if (fd >= 0) {
    dup2(fd, STDOUT_FILENO);
    dup2(fd, STDERR_FILENO);
  }
  std::vector<char*> raw;
  for (const std::string& argument : argv) raw.push_back(const_cast<char*>(argument.c_str()));
  raw.push_back(nullptr);
  execv(raw[0], raw.data());
  _exit(127);
}

bool Answers(uint16_t port) {
  auto link = Link::Connect(port);
  if (!link.ok()) return false;
  auto reply = Call(&link.value(), {"PING"});
  return reply.ok() && reply.value().text == "PONG";
}

}  // namespace

base::Result<ServerProcess> ServerProcess::Start(const std::string& binary,
                                                 const std::vector<std::string>& arguments,
                                                 const std::string& directory) {
  mkdir(directory.c_str(), 0755);
  std::string log = directory + "/server.log";
  for (int attempt = 0; attempt < 3; ++attempt) {
    ServerProcess server;
    server.port_ = FreePort();
    Argv argv = {
        binary,   "--port", std::to_string(server.port_), "--bind", "127.0.0.1", "--dir", directory,
        "--save", "",       "--enable-debug-command",     "yes"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    pid_t pid = fork();
    if (pid < 0) return base::Error("can't fork");
    if (pid == 0) Become(argv, log);
    server.pid_ = pid;
    int64_t deadline = base::MonotonicNs() + kStartTimeoutNs;
    while (server.Alive() && base::MonotonicNs() < deadline) {
      if (Answers(server.port_)) return server;
      usleep(20'000);
    }
  }
  return base::Error("can't start " + binary + " (see " + log + ")");
}

ServerProcess& ServerProcess::operator=(ServerProcess&& other) noexcept {
  if (this == &other) return *this;
  Stop();
  pid_ = std::exchange(other.pid_, -1);
  port_ = other.port_;
  last_words_ = std::move(other.last_words_);
  return *this;
}

bool ServerProcess::Alive() {
  if (pid_ <= 0) return false;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return true;
  pid_ = -1;
  last_words_ = WIFSIGNALED(status) ? "killed by signal " + std::to_string(WTERMSIG(status))
                                    : "exited with " + std::to_string(WEXITSTATUS(status));
  return false;
}

void ServerProcess::Stop() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

}  // namespace nuthatch::oracle
