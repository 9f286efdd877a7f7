// Connection: a socket and its session. It only moves bytes; what they mean is the session's.
//
// Owned by the ConnectionSet of one shard and used by that shard's thread. libuv's callbacks only
// note what arrived; the session is served, and output written, in the shard's turn. Invariant: a
// closed connection stays until its last posting in flight has come back and no command of it runs.
#pragma once

#include <cstdint>
#include <string>

#include <uv.h>

#include "server/net/listener.h"
#include "server/runtime/session.h"

namespace nuthatch::net {

class ConnectionSet;

class Connection : public runtime::Transport {
 public:
  Connection(ConnectionSet* set, uv_loop_t* loop, const Accepted& accepted);
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  runtime::Session& session() { return session_; }
  runtime::ClientState& client() { return session_.client(); }

  // Begins to read. False if the socket is gone already.
  bool Open();
  // Serves the session; true if there is more to do now.
  bool Serve(uint64_t end_ticks);
  // Writes what there is, once; closes if the session says so.
  void Flush();
  void Close();
  bool closing() const { return closing_; }
  // Whether nothing refers to it any more.
  bool Reapable() const;
  // Brings the figures of client() up to date.
  void UpdateFigures();
  // What of it is counted in ClientMemory; kept by the set.
  int64_t counted_memory = 0;

  // runtime::Transport
  void OnOutput() override;
  void OnServable() override;

  // Kept by the ConnectionSet.
  bool in_ready = false;
  bool in_dirty = false;

 private:
  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&handle_); }
  void OnRead(ssize_t count);
  void OnWritten(int status);
  void WriteRest(size_t written);
  void UpdateReading();
  // Whether it may take in more at the moment.
  bool HasRoom();
  // Bytes of replies that are there and not written, and what of them client-output-buffer-limit
  // counts.
  size_t WaitingBytes();
  size_t LimitedBytes();
  // Whether client-output-buffer-limit says that it has to go: at once, or after some time.
  bool OverHardOutputLimit();
  bool OverSoftOutputLimit();
  void CloseOverOutputLimit();

  ConnectionSet* set_;
  uv_loop_t* loop_;
  union {
    uv_tcp_t tcp;
    uv_pipe_t pipe;
  } handle_;
  runtime::Session session_;
  uv_write_t write_;
  base::Buffer writing_;  // what the kernel would not take at once
  size_t writing_offset_ = 0;
  int64_t over_soft_since_ms_ = 0;
  bool write_pending_ = false;
  bool reading_ = false;
  bool input_ended_ = false;  // nothing more will come, but what came is served and answered
  bool closing_ = false;
  bool closed_ = false;
};

}  // namespace nuthatch::net
