#include "tests/linearizability/disturber.h"

#include <chrono>
#include <thread>

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/linearizability/operation.h"
#include "tests/linearizability/world.h"

namespace nuthatch::linearizability {
namespace {

constexpr timeval kReplyTimeout = {.tv_sec = 30, .tv_usec = 0};
constexpr auto kPause = std::chrono::microseconds(300);

// The whole reply; empty when the connection has ended or the reply doesn't come.
std::string ReadReply(int fd) {
  std::string reply;
  while (ReplyLength(reply) == 0) {
    char bytes[16384];
    ssize_t received = recv(fd, bytes, sizeof(bytes), 0);
    if (received <= 0) return "";
    reply.append(bytes, static_cast<size_t>(received));
  }
  return reply;
}

}  // namespace

base::Result<void> Disturb(uint16_t port, const std::vector<std::string>& lines,
                           const std::atomic<bool>& stop) {
  auto fd = ConnectTo(port);
  if (!fd.ok()) return base::Error(fd.error());
  setsockopt(fd.value(), SOL_SOCKET, SO_RCVTIMEO, &kReplyTimeout, sizeof(kReplyTimeout));
  base::Result<void> result;
  for (size_t i = 0; !stop; i = (i + 1) % lines.size()) {
    std::string line = lines[i] + "\r\n";
    std::string reply;
    if (send(fd.value(), line.data(), line.size(), MSG_NOSIGNAL) > 0) reply = ReadReply(fd.value());
    if (reply.empty() || reply.starts_with('-')) {
      if (!stop) result = base::Error(lines[i] + " answers " + ReplyToText(reply));
      break;
    }
    std::this_thread::sleep_for(kPause);
  }
  close(fd.value());
  return result;
}

}  // namespace nuthatch::linearizability
