// Dispatcher: decides for each parsed command whether it is refused, runs here, or is posted, and
// where to.
//
// Without state; used by sessions on their home shard's thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "server/runtime/multi_dispatch.h"
#include "server/runtime/session.h"
#include "server/runtime/shard.h"

namespace nuthatch::runtime {

class Dispatcher {
 public:
  // Finds the row, the keys and the route of the call whose arguments stand at the end of `batch`,
  // from `arg_begin` on, and appends it as a command.
  static void Append(Shard& shard, CommandBatch& batch, size_t arg_begin, size_t input_bytes);

  // Brings the memory near that the commands of `batch` on this shard are going to read.
  static void Prefetch(Shard& shard, int db, const CommandBatch& batch);

  // Runs or posts the commands of `batch`, in order. Returns how many it took; the others are to be
  // given back to the input, for the session has to wait.
  static size_t Dispatch(Shard& shard, Session& session, CommandBatch& batch);

  // The text of the refusal of a call, or nothing: decided from the connection's state and the
  // current snapshots.
  static std::optional<std::string> Refusal(Shard& shard, const Session& session,
                                            std::span<const std::string_view> args,
                                            const ParsedCommand& command);
  // The same for an item that was to be posted, under newer snapshots. An EXEC that is refused has
  // its watches released.
  static std::optional<std::string> RefusalAgain(Shard& shard, Session& session, Posting& posting,
                                                 PostingItem& item);

 private:
  static bool AllLocal(const Shard& shard, const CommandBatch& batch);
  static size_t RunHere(Shard& shard, Session& session, CommandBatch& batch, int64_t now_ms);
  static size_t PostBatch(Shard& shard, Session& session, CommandBatch& batch);
  static bool MustPause(Shard& shard, const ClientState& client, const ParsedCommand& command);
  // Takes a step of a transaction that is done at home; false: it is not one.
  static bool StepAtHome(Shard& shard, Session& session, const CommandBatch& batch,
                         const ParsedCommand& command, base::Buffer& out);
  // Runs a command that touches nothing but its connection, or refuses it; the reply goes to `out`.
  static void RunAtHome(Shard& shard, Session& session, const CommandBatch& batch,
                        const ParsedCommand& command, const std::optional<std::string>& refusal,
                        base::Buffer& out);
  // The same where all shards that it needs are this one; true: it was EXEC.
  static bool RunStep(Shard& shard, Session& session, const CommandBatch& batch,
                      const ParsedCommand& command, base::Buffer& out);
  static void AddItem(Shard& shard, Session& session, const CommandBatch& batch,
                      const ParsedCommand& command, MultiDispatch::Step step, ReplyMode mode,
                      Posting& posting);
};

}  // namespace nuthatch::runtime
