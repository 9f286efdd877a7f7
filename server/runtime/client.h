// What a command may see and change of the client that sent it.
//
// ClientState is the home shard's: only commands that run at home (Where::kHome) may change it, and
// nobody else may touch it. Every other command sees the CallerInfo that its message carries.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "server/runtime/multi.h"

namespace nuthatch::runtime {

// What a message carries of its sender: a copy, valid on any shard.
struct CallerInfo {
  uint64_t client_id = 0;
  int db = 0;
  int protocol = 2;       // RESP version
  bool no_touch = false;  // CLIENT NO-TOUCH
  bool local = false;     // on a unix socket or the loopback interface
  bool operator==(const CallerInfo&) const = default;
};

enum class ReplyMode : uint8_t { kOn, kOff, kSkipNext, kSkip };

// Whether a command that runs in this mode gets no reply.
constexpr bool Silent(ReplyMode mode) {
  return mode == ReplyMode::kOff || mode == ReplyMode::kSkip;
}

// A connection's state that is not input or output. Owned by the connection, used by its home
// shard's thread.
struct ClientState {
  uint64_t id = 0;
  int fd = -1;
  bool unix_socket = false;
  bool local = false;  // on a unix socket or the loopback interface: DEBUG and protected directives
  bool authenticated = false;
  bool no_evict = false;
  bool no_touch = false;
  bool close_after_reply = false;  // QUIT, CLIENT KILL of itself, protocol errors
  bool close_now = false;          // CLIENT KILL from elsewhere
  ReplyMode reply_mode = ReplyMode::kOn;
  std::shared_ptr<MultiState> multi;  // null for who has neither MULTI nor WATCH in hand
  int protocol = 2;
  int db = 0;
  std::string name;
  std::string lib_name;
  std::string lib_ver;
  std::string user = "default";
  std::string address;        // "ip:port" of the peer, or the socket's path with ":0"
  std::string local_address;  // the same of this end
  int64_t created_ms = 0;     // monotonic
  int64_t last_interaction_ms = 0;
  const struct CommandSpec* last_command = nullptr;
  const struct CommandSpec* last_container =
      nullptr;  // of which last_command is a subcommand, or null
  // Figures for CLIENT LIST, kept by the connection.
  bool blocked = false;  // a command of it waits for a key, or the next for the end of CLIENT PAUSE
  size_t query_buffer = 0;
  size_t query_buffer_free = 0;
  size_t output_bytes = 0;
  size_t output_list_length = 0;
  size_t total_memory = 0;
  size_t argv_memory = 0;

  bool InTransaction() const { return multi != nullptr && multi->open; }
  MultiState& Multi() {
    if (multi == nullptr) multi = std::make_shared<MultiState>();
    return *multi;
  }
};

inline CallerInfo CallerOf(const ClientState& client) {
  return {.client_id = client.id,
          .db = client.db,
          .protocol = client.protocol,
          .no_touch = client.no_touch,
          .local = client.local};
}

}  // namespace nuthatch::runtime
