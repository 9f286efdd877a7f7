// Listener: one listening socket, TCP or Unix. Owned and used by the control thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <uv.h>

#include "server/base/result.h"

namespace nuthatch::net {

// A connection as it was accepted; whoever takes it closes `fd`.
struct Accepted {
  int fd = -1;
  bool unix_socket = false;
  uint64_t client_id = 0;  // in the order of acceptance, over all shards
};

class Listener {
 public:
  using OnAccept = std::function<void(const Accepted&)>;

  // Binds and listens. `address` is a numeric address or a name; "*" means all IPv4, "::*" all IPv6
  // addresses.
  static base::Result<std::unique_ptr<Listener>> Tcp(uv_loop_t* loop, const std::string& address,
                                                     int port, int backlog, OnAccept on_accept);
  // Removes what stands at `path` first, as Redis does. `permissions` 0: as the umask leaves it.
  static base::Result<std::unique_ptr<Listener>> Unix(uv_loop_t* loop, const std::string& path,
                                                      unsigned permissions, int backlog,
                                                      OnAccept on_accept);
  // Stops accepting and closes the socket. The handle is freed by the loop.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

 private:
  Listener(uv_loop_t* loop, int fd, bool unix_socket, OnAccept on_accept);
  void AcceptAll();

  int fd_;
  bool unix_socket_;
  OnAccept on_accept_;
  std::string path_;
  uv_poll_t* poll_;
};

}  // namespace nuthatch::net
