// MultiDispatch: what the dispatcher does for connections that have MULTI or WATCH in hand.
//
// Without state; on the home shard's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "server/runtime/client.h"
#include "server/runtime/posting.h"
#include "server/runtime/shard.h"

namespace nuthatch::runtime {

class MultiDispatch {
 public:
  // Whether a command outside of a transaction can run in place: it needs nothing but its
  // connection or this shard, and never waits.
  static bool RoutedHome(const Shard& shard, const ParsedCommand& command);

  // What becomes of a command that isn't refused.
  enum class Step : uint8_t {
    kAsUsual,
    kAtHome,  // runs at its connection, wherever its keys are: WATCH inside MULTI
    kQueue,
    kExec,
    kAbort,  // EXEC behind a refused command
    kWatch,
  };
  static Step StepOf(const ClientState& client, const ParsedCommand& command);

  // Whether any of `batch` concerns transactions, for this client.
  static bool Concerns(const ClientState& client, const CommandBatch& batch) {
    return client.multi != nullptr || batch.has_multi;
  }
  // Whether all of `batch` is for the client's home shard, as far as can be foreseen.
  static bool AllLocal(const Shard& shard, const ClientState& client, const CommandBatch& batch);
  // Whether the next command is, as things are.
  static bool IsLocal(const Shard& shard, const ClientState& client, const ParsedCommand& command);

  // Whether a command's reply hangs on what earlier ones of its connection do in other shards.
  static bool MustAwait(const ClientState& client, const ParsedCommand& command) {
    return client.multi != nullptr && command.fault == ParsedCommand::Fault::kNone &&
           (command.entry->spec->flags & kShowsWatch) != 0;
  }
  // The flags that decide whether CLIENT PAUSE holds a command: an EXEC has those of its commands.
  static uint64_t Flags(const ClientState& client, const ParsedCommand& command);
  // What MULTI adds to the refusals of a command: its text, or nothing.
  static std::optional<std::string> Refusal(Shard& shard, const ClientState& client,
                                            const ParsedCommand& command);
  // The refusal of an EXEC that was to be posted already.
  static std::optional<std::string> PlanRefusal(Shard& shard, const PostingItem& item);
  // A command was refused: so will be EXEC, or it was EXEC.
  static void NoteRefusal(ClientState& client, const ParsedCommand& command);

  // Takes the command into the transaction. The reply goes to `out`.
  static void Queue(ClientState& client, const ParsedCommand& command,
                    std::span<const std::string_view> args, std::span<const keyspace::Key> keys,
                    base::Buffer& out);
  // Answers an EXEC behind a refused command.
  static void Abort(Shard& shard, ClientState& client, const ParsedCommand& command,
                    base::Buffer& out);
  // What EXEC is to do; the client's transaction is over.
  static std::unique_ptr<MultiPlan> TakePlan(ClientState& client);
  // Runs EXEC in place. REQUIRES: IsLocal().
  static void RunExec(Shard& shard, ClientState& client, const ParsedCommand& command,
                      base::Buffer& out);
  // Decides where a posted EXEC runs.
  static void PlaceExec(Shard& shard, ClientState& client, Posting& posting, PostingItem& item);
  // Notes which keys are watched, and whom their marks are for.
  static std::unique_ptr<MultiPlan> TakeWatch(ClientState& client,
                                              std::span<const keyspace::Key> keys);
  static const keyspace::WatcherRef& NoteWatch(ClientState& client,
                                               std::span<const keyspace::Key> keys);
  // Behind a run of commands: posts what was released, forgets what is over.
  static void Settle(Shard& shard, ClientState& client);
  // The connection is gone.
  static void Abandon(Shard& shard, ClientState& client);
};

}  // namespace nuthatch::runtime
