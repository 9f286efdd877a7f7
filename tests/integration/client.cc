#include "tests/integration/client.h"

#include <cstring>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "server/resp/reply_scanner.h"

namespace nuthatch::tests {
namespace {

// Far beyond what any reply takes, also under a sanitizer on a busy machine.
constexpr timeval kLimit{60, 0};

int Connect(int family, const sockaddr* address, socklen_t size) {
  int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &kLimit, sizeof kLimit);
  EXPECT_EQ(connect(fd, address, size), 0) << std::strerror(errno);
  return fd;
}

}  // namespace

std::string Encode(std::initializer_list<std::string_view> args) {
  std::string text = "*" + std::to_string(args.size()) + "\r\n";
  for (std::string_view arg : args) {
    text.append("$").append(std::to_string(arg.size())).append("\r\n").append(arg).append("\r\n");
  }
  return text;
}

Client Client::Tcp(int port, const std::string& ip) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  inet_pton(AF_INET, ip.c_str(), &address.sin_addr);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return Client(Connect(AF_INET, reinterpret_cast<sockaddr*>(&address), sizeof address));
}

Client Client::Unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return Client(Connect(AF_UNIX, reinterpret_cast<sockaddr*>(&address), sizeof address));
}

Client::~Client() {
  if (fd_ >= 0) close(fd_);
}

Client::Client(Client&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), input_(std::move(other.input_)) {}

void Client::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

bool Client::Fill() {
  char bytes[65536];
  ssize_t got = recv(fd_, bytes, sizeof bytes, 0);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
    ADD_FAILURE() << "no reply within the limit";
  if (got <= 0) return false;
  input_.append(bytes, static_cast<size_t>(got));
  return true;
}

std::string Client::Read() {
  resp::ReplyScanner scanner;
  for (;;) {
    size_t consumed = 0;
    if (scanner.Next(input_.data(), input_.size(), &consumed) ==
        resp::ReplyScanner::Status::kReply) {
      std::string reply = input_.substr(0, consumed);
      input_.erase(0, consumed);
      return reply;
    }
    if (!Fill()) return "";
  }
}

std::string Client::Call(std::initializer_list<std::string_view> args) {
  Send(Encode(args));
  return Read();
}

bool Client::ReachesEnd() {
  for (;;) {
    char bytes[65536];
    ssize_t got = recv(fd_, bytes, sizeof bytes, 0);
    if (got == 0) return true;
    if (got < 0) return errno == ECONNRESET;
  }
}

}  // namespace nuthatch::tests
