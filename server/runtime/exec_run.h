// ExecRun: one EXEC, on the thread of the shard that holds all that it needs.
//
// It looks whether a watched key was changed, removes the marks, and runs the commands, one after
// the other, at one time. A command's function is called just as outside of MULTI. What belongs to
// a shard's loop rather than to its keyspace is left to that shard's thread: the connection that
// sent EXEC (commands at home), and fragments (CLIENT LIST, INFO, ...). Those shards are parked at
// this very EXEC, so their threads are free for calls, and it waits for them.
//
// Made for one run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "server/base/buffer.h"
#include "server/runtime/client.h"
#include "server/runtime/executor.h"
#include "server/runtime/posting.h"

namespace nuthatch::runtime {

class Shard;

class ExecRun {
 public:
  // In place, at the connection's home.
  ExecRun(Shard& shard, const CommandEntry& entry, MultiPlan& plan, ClientState& client);
  // An item of a posting. `shards` are those that are held for it, or none: this one alone.
  ExecRun(Shard& shard, const PostingItem& item, const Posting& posting,
          std::span<const uint16_t> shards);

  // Appends the reply, as far as the client wants it.
  void Run(base::Buffer& out);

 private:
  void RunCommands(base::Buffer& out);
  // Removes the marks; true if a watched key was changed, or its time has come.
  bool ForgetWatches();
  // The i-th command of the transaction.
  Executor::Call CallOf(size_t i) const;
  void RunCommand(size_t i, base::Buffer& out);
  void RunAtHome(size_t i, base::Buffer& out);
  void RunScattered(size_t i, base::Buffer& out);
  // Runs `call` on the thread of a shard that is held for this, and waits.
  void On(uint16_t shard, const std::function<void(Shard&)>& call);

  Shard& shard_;  // this thread's
  const CommandEntry& entry_;
  MultiPlan& plan_;
  ClientState& client_;  // for the home shard's thread
  uint16_t home_;
  std::span<const uint16_t> shards_;
  CallerInfo caller_;  // as the commands leave it
  int64_t now_ms_;
  ReplyMode mode_;  // as the commands leave it
  size_t begin_ = 0;
};

}  // namespace nuthatch::runtime
