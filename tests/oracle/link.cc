#include "tests/oracle/link.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/base/clock.h"

namespace nuthatch::oracle {

base::Result<Link> Link::Connect(uint16_t port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return base::Error(std::string("socket: ") + std::strerror(errno));
  Link link;
  link.fd_ = fd;
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return base::Error("connect to port " + std::to_string(port) + ": " + std::strerror(errno));
  }
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  return link;
}

Link::~Link() {
  if (fd_ >= 0) close(fd_);
}

Link& Link::operator=(Link&& other) noexcept {
  if (this == &other) return *this;
  if (fd_ >= 0) close(fd_);
  fd_ = other.fd_;
  other.fd_ = -1;
  closed_ = other.closed_;
  broken_ = other.broken_;
  in_ = std::move(other.in_);
  start_ = other.start_;
  ends_ = std::move(other.ends_);
  scanner_ = other.scanner_;
  return *this;
}

size_t Link::WriteSome(std::string_view bytes) {
  size_t written = 0;
  while (written < bytes.size()) {
    ssize_t n = send(fd_, bytes.data() + written, bytes.size() - written, MSG_NOSIGNAL);
    if (n <= 0) {
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && (errno == EPIPE || errno == ECONNRESET)) closed_ = true;
      break;
    }
    written += static_cast<size_t>(n);
  }
  return written;
}

bool Link::ReadSome() {
  static constexpr size_t kPiece = 1 << 18;
  static thread_local std::vector<char> piece(kPiece);
  ssize_t n = read(fd_, piece.data(), kPiece);
  if (n > 0) {
    in_.append(piece.data(), static_cast<size_t>(n));
    return true;
  }
  if (n == 0 || (errno != EAGAIN && errno != EINTR)) closed_ = true;
  return false;
}

bool Link::TakeReply() {
  size_t end = 0;
  switch (scanner_.Scan(in_, &end)) {
    case ReplyScanner::State::kWhole:
      ends_.push_back(end);
      start_ = end;
      return true;
    case ReplyScanner::State::kBroken:
      broken_ = true;
      return false;
    case ReplyScanner::State::kPartial:
      return false;
  }
  return false;
}

std::vector<std::string_view> Link::Taken() const {
  std::vector<std::string_view> replies;
  replies.reserve(ends_.size());
  size_t begin = 0;
  for (size_t end : ends_) {
    replies.push_back(bytes().substr(begin, end - begin));
    begin = end;
  }
  return replies;
}

void Link::Forget() {
  in_.erase(0, start_);
  scanner_.Drop(start_);
  start_ = 0;
  ends_.clear();
}

namespace {

// The state of one side of a running exchange.
struct Progress {
  size_t sent = 0;
  size_t limit = 0;  // how far the current piece goes
  bool done = false;
};

bool Advance(Traffic* side, Progress* progress) {
  Link* link = side->link;
  bool moved = false;
  if (progress->sent < progress->limit) {
    size_t n = link->WriteSome(side->out.substr(progress->sent, progress->limit - progress->sent));
    progress->sent += n;
    moved = n > 0;
  }
  if (link->taken() < side->want || link->closed()) {
    if (link->ReadSome()) moved = true;
    while (link->taken() < side->want && link->TakeReply()) moved = true;
  }
  if (link->broken()) {
    side->problem = "no valid reply: " + Quote(link->rest(), 80);
  } else if (link->closed() && link->taken() < side->want) {
    side->problem = "connection closed";
  }
  progress->done =
      !side->problem.empty() || (progress->sent == side->out.size() && link->taken() >= side->want);
  return moved;
}

void WaitForSockets(std::span<Traffic> sides, std::span<const Progress> progress) {
  std::array<pollfd, 2> fds = {};
  for (size_t i = 0; i < sides.size(); ++i) {
    fds[i].fd = progress[i].done ? -1 : sides[i].link->fd();
    fds[i].events = POLLIN;
    if (progress[i].sent < progress[i].limit) fds[i].events |= POLLOUT;
  }
  poll(fds.data(), sides.size(), 20);
}

}  // namespace

void Exchange(std::span<Traffic> sides, int timeout_ms, size_t pieces) {
  std::array<Progress, 2> progress;
  size_t piece = 1;
  for (size_t i = 0; i < sides.size(); ++i) {
    sides[i].link->Forget();
    progress[i].limit = sides[i].out.size() / pieces;
  }
  int64_t deadline = base::MonotonicNs() + int64_t{timeout_ms} * 1'000'000;
  while (true) {
    if (piece <= pieces) {
      for (size_t i = 0; i < sides.size(); ++i) {
        size_t size = sides[i].out.size();
        progress[i].limit = piece == pieces ? size : size / pieces * piece;
      }
      if (piece++ > 1) usleep(30);  // so that the server meets a cut request
    }
    bool moved = false;
    bool done = true;
    for (size_t i = 0; i < sides.size(); ++i) {
      if (!progress[i].done) moved |= Advance(&sides[i], &progress[i]);
      done &= progress[i].done;
    }
    if (done) break;
    int64_t now = base::MonotonicNs();
    if (moved) {
      deadline = now + int64_t{timeout_ms} * 1'000'000;
    } else if (now > deadline) {
      break;
    } else if (piece > pieces) {
      WaitForSockets(sides, progress);
    }
  }
  for (Traffic& side : sides) {
    side.replies = side.link->Taken();
    if (side.problem.empty() && side.replies.size() < side.want) {
      side.problem = "no reply within " + std::to_string(timeout_ms) + " ms";
    }
  }
}

bool ReadUntilClosed(Link* link, int timeout_ms) {
  int64_t deadline = base::MonotonicNs() + int64_t{timeout_ms} * 1'000'000;
  while (!link->closed() && base::MonotonicNs() < deadline) {
    if (link->ReadSome()) continue;
    pollfd waiting = {link->fd(), POLLIN, 0};
    poll(&waiting, 1, 20);
  }
  return link->closed();
}

void AppendCommand(const Argv& argv, std::string* out) {
  out->push_back('*');
  out->append(std::to_string(argv.size()));
  out->append("\r\n");
  for (const std::string& argument : argv) {
    out->push_back('$');
    out->append(std::to_string(argument.size()));
    out->append("\r\n");
    out->append(argument);
    out->append("\r\n");
  }
}

void AppendInline(const Argv& argv, std::string* out) {
  for (size_t i = 0; i < argv.size(); ++i) {
    if (i > 0) out->push_back(' ');
    out->append(Quote(argv[i], argv[i].size()));
  }
  out->append("\r\n");
}

base::Result<Reply> Call(Link* link, const Argv& argv) {
  std::string out;
  AppendCommand(argv, &out);
  Traffic side = {link, out, 1, {}, {}};
  Exchange({&side, 1}, 30'000);
  if (!side.problem.empty()) return base::Error(argv[0] + ": " + side.problem);
  auto reply = ParseReply(side.replies[0]);
  if (!reply) return base::Error(argv[0] + ": unreadable reply");
  return *std::move(reply);
}

}  // namespace nuthatch::oracle
