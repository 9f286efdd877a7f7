// A real server for a test: started on a free port in a directory of its own, stopped at the end.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace nuthatch::tests {

class ServerProcess {
 public:
  // Starts the binary under test with `args` behind its own (port, unixsocket, dir), and waits
  // until it is ready.
  explicit ServerProcess(std::vector<std::string> args = {});
  // Ends it with SIGTERM; fails the test if it does not exit with 0.
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  int port() const { return port_; }
  pid_t pid() const { return pid_; }
  const std::string& directory() const { return directory_; }
  std::string unix_socket() const { return directory_ + "/socket"; }
  // What it has written to stdout and stderr so far.
  std::string Log() const;
  // Resident bytes, from /proc.
  size_t ResidentBytes() const;
  // Sends SIGTERM, waits, and gives the exit status.
  int Terminate();

 private:
  pid_t pid_ = -1;
  int port_ = 0;
  std::string directory_;
};

// A port of the loopback interface that nobody listened on a moment ago.
int FreePort();

}  // namespace nuthatch::tests
