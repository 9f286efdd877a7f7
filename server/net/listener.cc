#include "server/net/listener.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "server/base/log.h"

namespace nuthatch::net {
namespace {

// Connections taken at one wake-up, so that a flood of them leaves the control thread time for the
// rest.
constexpr int kAcceptsATime = 1000;

std::string ErrnoText() { return std::strerror(errno); }

base::Result<int> BindTcp(const addrinfo& info, int backlog) {
  int fd =
      socket(info.ai_family, info.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, info.ai_protocol);
  if (fd < 0) return base::Error("socket: " + ErrnoText());
  int one = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (info.ai_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
  if (bind(fd, info.ai_addr, info.ai_addrlen) < 0) {
    base::Error error("bind: " + ErrnoText());
    close(fd);
    return error;
  }
  if (listen(fd, backlog) < 0) {
    base::Error error("listen: " + ErrnoText());
    close(fd);
    return error;
  }
  return fd;
}

}  // namespace

base::Result<std::unique_ptr<Listener>> Listener::Tcp(uv_loop_t* loop, const std::string& address,
                                                      int port, int backlog, OnAccept on_accept) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  const char* node = address.c_str();
  if (address == "*") {
    hints.ai_family = AF_INET;
    node = nullptr;
  } else if (address == "::*") {
    hints.ai_family = AF_INET6;
    node = nullptr;
  }
  addrinfo* found = nullptr;
  int failure = getaddrinfo(node, std::to_string(port).c_str(), &hints, &found);
  if (failure != 0) return base::Error(gai_strerror(failure));
  base::Result<int> fd = base::Error("no address found");
  for (addrinfo* info = found; info != nullptr; info = info->ai_next) {
    fd = BindTcp(*info, backlog);
    if (fd.ok()) break;
  }
  freeaddrinfo(found);
  if (!fd.ok()) return base::Error(fd.error());
  return std::unique_ptr<Listener>(new Listener(loop, fd.value(), false, std::move(on_accept)));
}

base::Result<std::unique_ptr<Listener>> Listener::Unix(uv_loop_t* loop, const std::string& path,
                                                       unsigned permissions, int backlog,
                                                       OnAccept on_accept) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return base::Error("the path is too long");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  unlink(path.c_str());
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return base::Error("socket: " + ErrnoText());
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0 ||
      listen(fd, backlog) < 0) {
    base::Error error("bind: " + ErrnoText());
    close(fd);
    return error;
  }
  if (permissions != 0) chmod(path.c_str(), permissions);
  std::unique_ptr<Listener> listener(new Listener(loop, fd, true, std::move(on_accept)));
  listener->path_ = path;
  return listener;
}

Listener::Listener(uv_loop_t* loop, int fd, bool unix_socket, OnAccept on_accept)
    : fd_(fd), unix_socket_(unix_socket), on_accept_(std::move(on_accept)), poll_(new uv_poll_t) {
  CHECK(uv_poll_init(loop, poll_, fd_) == 0);
  poll_->data = this;
  uv_poll_start(poll_, UV_READABLE,
                [](uv_poll_t* poll, int, int) { static_cast<Listener*>(poll->data)->AcceptAll(); });
}

Listener::~Listener() {
  uv_poll_stop(poll_);
  close(fd_);
  if (!path_.empty()) unlink(path_.c_str());
  uv_close(reinterpret_cast<uv_handle_t*>(poll_),
           [](uv_handle_t* handle) { delete reinterpret_cast<uv_poll_t*>(handle); });
}

void Listener::AcceptAll() {
  for (int i = 0; i < kAcceptsATime; ++i) {
    int fd = accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      on_accept_({.fd = fd, .unix_socket = unix_socket_});
      continue;
    }
    if (errno == EINTR || errno == ECONNABORTED) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK)
      base::LogWarning("Accepting client connection: {}", ErrnoText());
    return;
  }
}

}  // namespace nuthatch::net
