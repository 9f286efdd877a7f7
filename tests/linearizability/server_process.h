// A server that a test runs for itself.
//
// Owned by one thread. The process is ended by the destructor at the latest.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

#include "server/base/result.h"

namespace nuthatch::linearizability {

class ServerProcess {
 public:
  ServerProcess() = default;
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // Starts `program` (nuthatch or redis-server) with `arguments` on a free port of 127.0.0.1, and
  // waits until it answers. Its standard output is dropped, its standard error is ours. `faults`
  // goes into its environment as NUTHATCH_TEST_FAULTS when not empty.
  base::Result<void> Start(const std::string& program, std::vector<std::string> arguments,
                           const std::string& faults);
  uint16_t port() const { return port_; }

  // SIGTERM, and an error unless it then ends with status 0 (a sanitizer's finding shows here).
  base::Result<void> Stop();

 private:
  pid_t pid_ = -1;
  uint16_t port_ = 0;
};

}  // namespace nuthatch::linearizability
