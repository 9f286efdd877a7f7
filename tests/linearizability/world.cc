#include "tests/linearizability/world.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/base/check.h"
#include "server/base/clock.h"
#include "tests/linearizability/keys.h"

namespace nuthatch::linearizability {
namespace {

constexpr int kReplyTimeoutMs = 30'000;
constexpr size_t kReceiveBytes = 16384;

base::Error Failed(std::string_view what) {
  return base::Error(fmt::format("{}: {}", what, std::strerror(errno)));
}

base::Result<void> SendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return Failed("send");
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return {};
}

}  // namespace

base::Result<int> ConnectTo(uint16_t port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return Failed("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    base::Error error = Failed("connect");
    close(fd);
    return error;
  }
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return fd;
}

World::World(std::string_view prefix, size_t keys, uint64_t seed)
    : names_(MakeKeyNames(prefix, keys)), random_(seed) {}

World::~World() {
  for (Link& link : links_) close(link.fd);
}

base::Result<void> World::Connect(uint16_t port, size_t connections) {
  for (size_t i = 0; i < connections; ++i) {
    auto fd = ConnectTo(port);
    if (!fd.ok()) return base::Error(fd.error());
    links_.emplace_back().fd = fd.value();
  }
  return {};
}

base::Result<History> World::Run(const Round& round) {
  CHECK(round.body.size() == links_.size());
  size_t alone = random_.Below(links_.size());
  std::vector<std::vector<Batch>> start(links_.size());
  std::vector<std::vector<Batch>> look(links_.size());
  start[alone] = {round.start};
  look[alone] = {round.look};
  if (auto result = RunPhase(start); !result.ok()) return base::Error(result.error());
  if (auto result = RunPhase(round.body); !result.ok()) return base::Error(result.error());
  History history;
  for (Link& link : links_) {
    for (Operation& operation : link.history) history.push_back(std::move(operation));
    link.history.clear();
  }
  if (auto result = RunPhase(look); !result.ok()) return base::Error(result.error());
  for (Operation& operation : links_[alone].history) history.push_back(std::move(operation));
  links_[alone].history.clear();
  return history;
}

// Now and then some microseconds pass between two writes, so that pipelines meet in other ways.
void World::Dawdle() {
  constexpr int64_t kMaxDawdleNs = 30'000;
  if (random_.Below(4) != 0) return;
  int64_t until = base::MonotonicNs() + static_cast<int64_t>(random_.Below(kMaxDawdleNs));
  while (base::MonotonicNs() < until) {
  }
}

base::Result<void> World::RunPhase(const std::vector<std::vector<Batch>>& body) {
  size_t first = random_.Below(links_.size());
  for (size_t i = 0; i < links_.size(); ++i) {
    size_t index = (first + i) % links_.size();
    if (body[index].empty()) continue;
    links_[index].batches.assign(body[index].begin(), body[index].end());
    if (auto result = SendWhatMayGo(index); !result.ok()) return result;
    Dawdle();
  }
  return WaitForReplies();
}

base::Result<void> World::SendWhatMayGo(size_t index) {
  Link& link = links_[index];
  while (!link.batches.empty() && link.in_flight.size() <= link.batches.front().in_flight_allowed) {
    std::string bytes;
    for (const Command& command : link.batches.front().commands) {
      bytes += EncodeRequest(command, names_);
    }
    int64_t now = base::MonotonicNs();
    for (Command& command : link.batches.front().commands) {
      link.in_flight.push_back(
          {static_cast<uint32_t>(index), now, 0, std::move(command), "", false});
    }
    link.batches.pop_front();
    if (auto result = SendAll(link.fd, bytes); !result.ok()) return result;
  }
  return {};
}

base::Result<void> World::WaitForReplies() {
  while (true) {
    std::vector<pollfd> polled;
    std::vector<size_t> indexes;
    for (size_t i = 0; i < links_.size(); ++i) {
      if (links_[i].in_flight.empty()) continue;
      polled.push_back({links_[i].fd, POLLIN, 0});
      indexes.push_back(i);
    }
    if (polled.empty()) return {};
    int ready = poll(polled.data(), polled.size(), kReplyTimeoutMs);
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return Failed("poll");
    if (ready == 0) {
      std::string waiting;
      for (size_t i : indexes) {
        waiting += fmt::format(" c{} for {};", i, ToText(links_[i].in_flight.front().command));
      }
      return base::Error(
          fmt::format("no reply within {} ms, waiting:{}", kReplyTimeoutMs, waiting));
    }
    for (size_t i = 0; i < polled.size(); ++i) {
      if (polled[i].revents == 0) continue;
      if (auto result = Receive(indexes[i]); !result.ok()) return result;
      if (auto result = SendWhatMayGo(indexes[i]); !result.ok()) return result;
    }
  }
}

base::Result<void> World::Receive(size_t index) {
  Link& link = links_[index];
  char bytes[kReceiveBytes];
  ssize_t received = recv(link.fd, bytes, sizeof(bytes), 0);
  int64_t now = base::MonotonicNs();
  if (received < 0 && errno == EINTR) return {};
  if (received < 0) return Failed("recv");
  if (received == 0) {
    return base::Error(fmt::format("the server closed connection c{}, {} commands in flight, {}",
                                   index, link.in_flight.size(),
                                   link.input.empty() ? "no bytes waiting" : link.input));
  }
  link.input.append(bytes, static_cast<size_t>(received));
  size_t taken = 0;
  while (true) {
    std::string_view rest = std::string_view{link.input}.substr(taken);
    size_t length = ReplyLength(rest);
    if (length == 0) break;
    if (length == std::string_view::npos || link.in_flight.empty()) {
      return base::Error(fmt::format("not a reply that was asked for: {}", rest.substr(0, 64)));
    }
    Operation& operation = link.in_flight.front();
    if (link.replies_before < RepliesBefore(operation.command)) {
      std::string_view expected = link.replies_before == 0 ? "+OK\r\n" : "+QUEUED\r\n";
      if (rest.substr(0, length) != expected) {
        return base::Error(fmt::format("not what MULTI answers: {}",
                                       rest.substr(0, std::min<size_t>(length, 64))));
      }
      ++link.replies_before;
      taken += length;
      continue;
    }
    link.replies_before = 0;
    operation.return_ns = now;
    operation.reply = rest.substr(0, length);
    link.history.push_back(std::move(operation));
    link.in_flight.pop_front();
    taken += length;
  }
  link.input.erase(0, taken);
  return {};
}

bool AnswersPing(uint16_t port) {
  auto fd = ConnectTo(port);
  if (!fd.ok()) return false;
  char reply[8] = {};
  constexpr std::string_view kPong = "+PONG\r\n";
  bool sent = SendAll(fd.value(), "PING\r\n").ok();
  bool answered = sent && recv(fd.value(), reply, kPong.size(), MSG_WAITALL) > 0;
  close(fd.value());
  return answered && kPong == reply;
}

}  // namespace nuthatch::linearizability
