// A server under the oracle's care: started on a free loopback port with a directory of its own,
// and killed when the object or the oracle goes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

#include "server/base/result.h"

namespace nuthatch::oracle {

class ServerProcess {
 public:
  // Starts `binary` with `arguments` behind the usual ones (loopback, no persistence) and waits
  // until it answers PING. Its log is `directory`/server.log.
  static base::Result<ServerProcess> Start(const std::string& binary,
                                           const std::vector<std::string>& arguments,
                                           const std::string& directory);

  ServerProcess() = default;
  ~ServerProcess() { Stop(); }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ServerProcess(ServerProcess&& other) noexcept { *this = std::move(other); }
  ServerProcess& operator=(ServerProcess&& other) noexcept;

  uint16_t port() const { return port_; }
  bool started() const { return pid_ > 0; }
  // Whether it still runs; a server that ended stays "not alive" with its end in `last_words`.
  bool Alive();
  // How it ended, as "killed by signal 11" or "exited with 1".
  const std::string& last_words() const { return last_words_; }
  // Kills it and waits for its end.
  void Stop();

 private:
  pid_t pid_ = -1;
  uint16_t port_ = 0;
  std::string last_words_;
};

}  // namespace nuthatch::oracle
