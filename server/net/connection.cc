#include "server/net/connection.h"

#include <algorithm>

#include <sys/socket.h>
#include <unistd.h>

#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/net/address.h"
#include "server/net/connection_set.h"
#include "server/runtime/shard.h"

namespace nuthatch::net {
namespace {

// An empty output buffer larger than this is given back.
constexpr size_t kKeptOutput = 16 * 1024;
// One read beyond this hands over to the next connection.
constexpr size_t kMostReadBytes = 256 * 1024;
// An argument of which so much is there is large: the rest has to wait for room (maxmemory).
constexpr size_t kLargeArgument = 16 * 1024;

}  // namespace

Connection::Connection(ConnectionSet* set, uv_loop_t* loop, const Accepted& accepted)
    : set_(set), loop_(loop), session_(&set->shard(), this) {
  client().fd = accepted.fd;
  client().unix_socket = accepted.unix_socket;
  client().local = accepted.unix_socket || PeerIsLoopback(accepted.fd);
}

Connection::~Connection() = default;

bool Connection::Open() {
  int fd = client().fd;
  const config::Config& config = set_->shard().config();
  int opened = 0;
  if (client().unix_socket) {
    CHECK(uv_pipe_init(loop_, &handle_.pipe, 0) == 0);
    opened = uv_pipe_open(&handle_.pipe, fd);
    client().address = client().local_address = config.unixsocket + ":0";
  } else {
    CHECK(uv_tcp_init(loop_, &handle_.tcp) == 0);
    opened = uv_tcp_open(&handle_.tcp, fd);
    if (opened == 0) {
      uv_tcp_nodelay(&handle_.tcp, 1);
      if (config.tcp_keepalive > 0) SetKeepAlive(fd, config.tcp_keepalive);
      client().address = PeerAddress(fd);
      client().local_address = LocalAddress(fd);
    }
  }
  client().local = client().unix_socket || PeerIsLoopback(fd);
  stream()->data = this;
  write_.data = this;
  if (opened != 0) {
    close(fd);
    Close();
    return false;
  }
  UpdateReading();
  return true;
}

void Connection::UpdateReading() {
  bool want = !closing_ && !input_ended_ && session_.WantsInput();
  if (want == reading_) return;
  reading_ = want;
  if (!want) {
    uv_read_stop(stream());
    return;
  }
  uv_read_start(
      stream(),
      [](uv_handle_t* handle, size_t, uv_buf_t* buffer) {
        auto* connection = static_cast<Connection*>(handle->data);
        *buffer = uv_buf_init(nullptr, 0);
        // libuv would go on reading while buffers are filled: one read a turn, then it is served.
        if (connection->in_ready || !connection->HasRoom()) return;
        size_t size = 0;
        buffer->base = connection->session_.InputSpace(&size);
        buffer->len = std::min(size, kMostReadBytes);
      },
      [](uv_stream_t* stream, ssize_t count, const uv_buf_t*) {
        static_cast<Connection*>(stream->data)->OnRead(count);
      });
}

bool Connection::Serve(uint64_t end_ticks) {
  bool more = session_.Serve(end_ticks);
  UpdateReading();
  // Flush() sees whether this was all.
  if (input_ended_) set_->MarkDirty(this);
  return more;
}

bool Connection::HasRoom() {
  return session_.input_bytes() < kLargeArgument || set_->shard().HasRoomForInput();
}

void Connection::OnRead(ssize_t count) {
  // No room was given: it waits to be served or for memory, or a command of it breathes.
  if (count == 0 || count == UV_ENOBUFS) return;
  if (count < 0) {
    // As in Redis, what was read before the end is still run. Only who is paused goes at once.
    input_ended_ = true;
    session_.NoteInputEnd();
    if (session_.paused()) {
      Close();
      return;
    }
    UpdateReading();
    set_->MarkReady(this);
    return;
  }
  runtime::ShardStats& stats = set_->shard().stats();
  ++stats.reads_processed;
  session_.Received(static_cast<size_t>(count));
  client().last_interaction_ms = static_cast<int64_t>(uv_now(loop_));
  const config::Config& config = set_->shard().config();
  // What MULTI has queued is as good as unread.
  const runtime::ClientState& state = client();
  size_t queued = state.multi == nullptr ? 0 : state.multi->queue.multi_memory();
  if (session_.input_bytes() + queued > config.client_query_buffer_limit) {
    ++stats.client_query_buffer_limit_disconnections;
    base::LogWarning("Closing client that reached max query buffer length: id={} addr={}",
                     client().id, client().address);
    Close();
    return;
  }
  set_->Recount(this);
  if (closing_) return;
  UpdateReading();
  set_->MarkReady(this);
}

void Connection::OnOutput() { set_->MarkDirty(this); }

void Connection::OnServable() { set_->MarkReady(this); }

size_t Connection::WaitingBytes() {
  return session_.output().size() + session_.queued_bytes() + writing_.size() - writing_offset_;
}

size_t Connection::LimitedBytes() {
  // Redis counts nothing that fits into the buffer of 16 KB that each of its connections has. What
  // doesn't fit it counts less or not by these 16 KB, as the reply is made.
  constexpr size_t kUncountedBytes = 16 * 1024;
  size_t bytes = WaitingBytes();
  return bytes > kUncountedBytes ? bytes : 0;
}

bool Connection::OverHardOutputLimit() {
  const auto& limit = set_->shard().config().client_output_buffer_limits[config::kClientNormal];
  return limit.hard_bytes != 0 && LimitedBytes() > limit.hard_bytes;
}

void Connection::CloseOverOutputLimit() {
  ++set_->shard().stats().client_output_buffer_limit_disconnections;
  base::LogWarning("Client id={} addr={} closed for overcoming of output buffer limits.",
                   client().id, client().address);
  Close();
}

bool Connection::OverSoftOutputLimit() {
  const auto& limit = set_->shard().config().client_output_buffer_limits[config::kClientNormal];
  if (limit.soft_bytes == 0 || LimitedBytes() <= limit.soft_bytes) {
    over_soft_since_ms_ = 0;
    return false;
  }
  int64_t now_ms = base::MonotonicNs() / 1'000'000;
  if (over_soft_since_ms_ == 0) over_soft_since_ms_ = now_ms;
  return now_ms - over_soft_since_ms_ > limit.soft_seconds * 1000;
}

void Connection::Flush() {
  if (closing_) return;
  if (session_.serving()) {
    // A command of its own breathes; the reply that it writes must stay where it is.
    set_->MarkDirty(this);
    return;
  }
  base::Buffer& output = session_.output();
  // Before anything is written: a reply that is too large is never begun, as in Redis.
  if (!client().close_now && OverHardOutputLimit()) {
    CloseOverOutputLimit();
    return;
  }
  if (!output.empty() && !write_pending_) {
    uv_buf_t buffer = uv_buf_init(
        output.data(), static_cast<unsigned>(std::min<size_t>(output.size(), INT32_MAX)));
    int written = uv_try_write(stream(), &buffer, 1);
    if (written < 0 && written != UV_EAGAIN) {
      Close();
      return;
    }
    size_t count = written < 0 ? 0 : static_cast<size_t>(written);
    set_->shard().stats().net_output_bytes += count;
    ++set_->shard().stats().writes_processed;
    if (count == output.size()) {
      // So much of it may have kept the session from going on.
      if (count > kMostReadBytes) set_->MarkReady(this);
      output.Clear();
      if (output.capacity() > kKeptOutput) output.Release();
    } else {
      WriteRest(count);
    }
  }
  if (client().close_now) {
    Close();
    return;
  }
  if (write_pending_ && OverSoftOutputLimit()) {
    CloseOverOutputLimit();
    return;
  }
  bool last =
      (client().close_after_reply && session_.idle()) || (input_ended_ && session_.Exhausted());
  if (last && output.empty() && !write_pending_) {
    Close();
    return;
  }
  set_->Recount(this);
  if (closing_) return;
  UpdateReading();
}

void Connection::WriteRest(size_t written) {
  writing_.swap(session_.output());
  session_.output().Release();
  writing_offset_ = written;
  session_.set_unsent_bytes(writing_.size() - written);
  size_t rest = writing_.size() - writing_offset_;
  uv_buf_t buffer = uv_buf_init(writing_.data() + writing_offset_,
                                static_cast<unsigned>(std::min<size_t>(rest, INT32_MAX)));
  write_pending_ = true;
  int failed = uv_write(&write_, stream(), &buffer, 1, [](uv_write_t* request, int status) {
    static_cast<Connection*>(request->data)->OnWritten(status);
  });
  if (failed != 0) {
    write_pending_ = false;
    Close();
  }
}

void Connection::OnWritten(int status) {
  write_pending_ = false;
  if (status < 0 || closing_) {
    if (!closing_) Close();
    return;
  }
  size_t count = std::min<size_t>(writing_.size() - writing_offset_, INT32_MAX);
  set_->shard().stats().net_output_bytes += count;
  client().last_interaction_ms = static_cast<int64_t>(uv_now(loop_));
  writing_offset_ += count;
  if (writing_offset_ < writing_.size()) {
    // More than one write request can carry: the rest goes in front of what came meanwhile.
    base::Buffer rest;
    rest.Append(writing_.view().substr(writing_offset_));
    rest.Append(session_.output().view());
    session_.output().swap(rest);
  }
  writing_.Release();
  writing_offset_ = 0;
  session_.set_unsent_bytes(0);
  set_->MarkDirty(this);
  set_->MarkReady(this);
}

void Connection::Close() {
  if (closing_) return;
  closing_ = true;
  reading_ = false;
  session_.Abandon();
  set_->OnClosing(this);
  uv_close(reinterpret_cast<uv_handle_t*>(&handle_), [](uv_handle_t* handle) {
    auto* connection = static_cast<Connection*>(handle->data);
    connection->closed_ = true;
    connection->writing_.Release();
  });
}

bool Connection::Reapable() const {
  return closed_ && !in_ready && !in_dirty && !write_pending_ && !session_.serving() &&
         session_.postings_in_flight() == 0;
}

void Connection::UpdateFigures() {
  runtime::ClientState& state = client();
  state.blocked = session_.paused() || session_.blocked();
  state.query_buffer = session_.input_bytes();
  state.query_buffer_free = session_.input_capacity() - session_.input_bytes();
  state.output_bytes = WaitingBytes();
  state.output_list_length = write_pending_ ? 1 : 0;
  state.total_memory = sizeof(Connection) + session_.input_capacity() +
                       session_.output().capacity() + writing_.capacity() + session_.queued_bytes();
  if (state.multi != nullptr) state.total_memory += state.multi->MemoryBytes();
}

}  // namespace nuthatch::net
