#include "tests/integration/server_process.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace nuthatch::tests {

int FreePort() {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  bind(fd, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

ServerProcess::ServerProcess(std::vector<std::string> args) {
  char pattern[] = "/tmp/nuthatch-test-XXXXXX";
  directory_ = mkdtemp(pattern);
  port_ = FreePort();
  std::vector<std::string> all = {NUTHATCH_BINARY,
                                  "--port",
                                  std::to_string(port_),
                                  "--bind",
                                  "127.0.0.1",
                                  "--unixsocket",
                                  unix_socket(),
                                  "--dir",
                                  directory_,
                                  "--save",
                                  "",
                                  "--enable-debug-command",
                                  "yes"};
  all.insert(all.end(), args.begin(), args.end());
  pid_ = fork();
  if (pid_ == 0) {
    int log = open((directory_ + "/log").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0644);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    std::vector<char*> raw;
    for (std::string& arg : all) raw.push_back(arg.data());
    raw.push_back(nullptr);
    // A sanitizer keeps freed memory back for a while; tests look at how much the server holds.
    setenv("ASAN_OPTIONS", "quarantine_size_mb=8", 0);
    execv(raw[0], raw.data());
    _exit(127);
  }
  for (int tries = 0; tries < 3000; ++tries) {
    if (Log().find("Ready to accept connections") != std::string::npos) return;
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) break;
    usleep(10'000);
  }
  ADD_FAILURE() << "the server did not start:\n" << Log();
}

ServerProcess::~ServerProcess() {
  if (pid_ > 0) {
    int status = Terminate();
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status << "\n"
                                                               << Log();
  }
  std::filesystem::remove_all(directory_);
}

std::string ServerProcess::Log() const {
  std::ifstream file(directory_ + "/log");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

size_t ServerProcess::ResidentBytes() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/statm");
  size_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

int ServerProcess::Terminate() {
  int status = 0;
  kill(pid_, SIGTERM);
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return status;
}

}  // namespace nuthatch::tests
