// A plain socket to one server, and the exchange of one pipeline with two of them at once.
//
// A Link is owned by the oracle's only thread. Invariant: `replies` of an Exchange are views into
// the link's buffer, good until the next exchange on that link.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/result.h"
#include "tests/oracle/reply.h"

namespace nuthatch::oracle {

using Argv = std::vector<std::string>;

class Link {
 public:
  // Connects to 127.0.0.1:`port`.
  static base::Result<Link> Connect(uint16_t port);

  Link() = default;
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  Link(Link&& other) noexcept { *this = std::move(other); }
  Link& operator=(Link&& other) noexcept;

  int fd() const { return fd_; }
  // The peer closed the connection, or sent what is no reply.
  bool closed() const { return closed_; }
  bool broken() const { return broken_; }
  // Bytes that arrived behind the replies taken.
  std::string_view rest() const { return bytes().substr(start_); }

  // Writes what the socket takes; returns how much.
  size_t WriteSome(std::string_view bytes);
  // Reads what is there; returns whether anything came.
  bool ReadSome();
  // Marks the next whole reply, if one is there.
  bool TakeReply();
  // The replies marked since Forget().
  std::vector<std::string_view> Taken() const;
  size_t taken() const { return ends_.size(); }
  // Drops the marked replies.
  void Forget();

 private:
  std::string_view bytes() const { return in_; }

  int fd_ = -1;
  bool closed_ = false;
  bool broken_ = false;
  std::string in_;
  size_t start_ = 0;  // where the bytes begin that are in no marked reply
  std::vector<size_t> ends_;
  ReplyScanner scanner_;
};

// One side of an exchange.
struct Traffic {
  Link* link = nullptr;
  std::string_view out;
  size_t want = 0;  // replies to wait for
  std::vector<std::string_view> replies;
  std::string problem;  // why there are fewer than wanted, or empty
};

// Writes both sides' bytes and reads until each has what it wants, closes, or says nothing for
// `timeout_ms`. `pieces` > 1 cuts the bytes into that many writes.
void Exchange(std::span<Traffic> sides, int timeout_ms, size_t pieces = 1);

// Reads until the peer closes or `timeout_ms` pass; true if it closed. What came stays in rest().
bool ReadUntilClosed(Link* link, int timeout_ms);

// The command as a RESP array, or as an inline line in quotes, at the end of `*out`.
void AppendCommand(const Argv& argv, std::string* out);
void AppendInline(const Argv& argv, std::string* out);

// One command and its parsed reply; an error text for a dead link.
base::Result<Reply> Call(Link* link, const Argv& argv);

}  // namespace nuthatch::oracle
