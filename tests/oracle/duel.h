// The two servers side by side: sends both the same steps, pipeline by pipeline, and compares.
//
// Owned and used by one thread. Invariants: connection i of one side is the twin of connection i of
// the other; a pipeline is sent only when the one before it has been answered by both, so the order
// of all commands is determined; replies stay good until the next call.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/result.h"
#include "tests/oracle/compare.h"
#include "tests/oracle/link.h"
#include "tests/oracle/pick.h"
#include "tests/oracle/server_process.h"
#include "tests/oracle/step.h"

namespace nuthatch::oracle {

// Faults to plant into the tested side, so that one sees the oracle find them.
enum class Plant { kNone, kKeepTtl, kAppend, kReplyByte };

struct DuelOptions {
  // A binary to start, or a port where a server runs.
  std::string tested_binary;
  std::string reference_binary;
  Argv tested_arguments;
  uint16_t tested_port = 0;
  uint16_t reference_port = 0;
  std::string directory;  // for logs and working directories of started servers
  size_t connections = 3;
  int resp = 2;
  int timeout_ms = 60'000;
  int64_t margin_ms = 2000;
  Plant plant = Plant::kNone;
};

struct Difference {
  size_t step = 0;  // index into the steps that were run
  Argv argv;
  std::string ours;
  std::string theirs;
  std::string reason;
  std::string key;        // the key concerned, if the state check found one
  bool in_state = false;  // found by the state check; `argv` is what it asked

  // The same for differences that probably have one cause.
  std::string Signature() const;
};

class Duel {
 public:
  explicit Duel(DuelOptions options) : options_(std::move(options)) {}

  // Starts what is to be started and reads both command tables.
  base::Result<void> Open();
  const Catalogue& catalogue() const { return catalogue_; }
  // DUMP payloads of the reference, made by Open().
  const std::vector<std::string>& payloads() const { return payloads_; }

  // Back to the start: new connections, no keys, initial settings, a crashed server started again.
  base::Result<void> Reset();
  // Runs `steps` up to the first difference.
  std::optional<Difference> Run(std::span<const Step> steps);
  // Compares all keys of all databases: size, type, encoding, value, deadline. Before that, how
  // many changes were counted (INFO's rdb_changes_since_last_save).
  std::optional<Difference> CheckState();

  // The links of connection `i`: the tested one's, the reference's. Opened anew by Reopen.
  std::array<Link*, 2> Twins(size_t i) { return {&sides_[0].links[i], &sides_[1].links[i]}; }
  // So many changes more on the tested side are right, too.
  void LeaveOutChanges(int64_t count) { left_out_ += count; }
  std::array<Link*, 2> Controls() { return {&sides_[0].control, &sides_[1].control}; }
  base::Result<void> Reopen(size_t connection);
  // Why our reply to a command of that connection is wrong, or nothing. To be told of all of them,
  // in order: it knows which commands an EXEC runs, and compares each by its own rule.
  std::optional<std::string> Judge(size_t connection, const Argv& argv, Mode mode,
                                   std::string_view ours, std::string_view theirs);
  // Sends to both sides and reads their replies. How long it took widens the margin of all that is
  // compared by the clock.
  void Converse(std::span<Traffic> sides, size_t pieces = 1);
  // A deadline differs by the time that its command needed at most, what is left of it by that of
  // the look as well.
  CompareContext context() const {
    return {&catalogue_, options_.margin_ms + start_spread_ms_ + 2 * slowest_ms_};
  }
  const DuelOptions& options() const { return options_; }
  // How the tested server died, if it did.
  std::string TestedObituary();

 private:
  enum class ReplyState : uint8_t { kOn, kOff, kSkip };
  struct Side {
    ServerProcess process;
    std::string binary;
    Argv arguments;
    uint16_t port = 0;
    Link control;
    std::vector<Link> links;
  };

  base::Result<void> StartSide(size_t which);
  base::Result<void> Settle();
  void AwaitClients(size_t count);
  void MakePayloads();
  bool ExpectsReply(const Argv& argv, ReplyState* state);
  void Plan(std::span<const Step> chunk, ReplyState* state);
  std::optional<Difference> RunChunk(std::span<const Step> chunk);
  std::optional<Difference> CompareChunk(std::span<const Step> chunk, std::span<Traffic> sides);
  // Follows a transaction by its replies. Gives what an EXEC is to run.
  std::vector<Argv> NoteQueued(size_t connection, const Argv& argv, std::string_view reply);
  std::optional<Difference> RunScan(const Step& step);
  // duel_pick.cc.
  std::optional<Difference> RunPick(const Step& step);
  std::optional<Difference> Take(const Step& step, const Picks& picks);
  std::string RawReply(size_t side, size_t connection, const Argv& argv);
  std::optional<Difference> CheckRandomKey(const Step& step, std::string_view ours);
  std::optional<Difference> CompareState(std::string_view requests, std::span<const Argv> commands);
  void ExamineKeys(Difference* difference);
  // duel_changes.cc. How many changes a side has counted since the last save, -1 if it doesn't say.
  int64_t ChangesOf(size_t side);
  // What both have counted from now on is compared.
  void MarkChanges();
  // Nothing if both have counted the same since then.
  std::optional<Difference> CompareChanges(const Argv& argv);

  DuelOptions options_;
  std::array<Side, 2> sides_;  // tested, reference
  Catalogue catalogue_;
  std::vector<std::string> payloads_;
  int64_t changes_mark_[2] = {0, 0};
  int64_t left_out_ = 0;  // by the reference since the mark
  int64_t first_start_ns_ = 0;
  int64_t start_spread_ms_ = 0;  // between the starts of servers
  int64_t slowest_ms_ = 0;       // the longest Converse() since Reset()
  // What each connection has queued, as the reference has taken it.
  std::vector<std::vector<Argv>> queued_;
  std::vector<ReplyState> reply_states_;
  // Of the current chunk.
  std::string out_;
  std::string planted_out_;
  std::vector<size_t> answered_;  // the steps that get a reply
  std::string planted_reply_;
};

// The command with the plant's fault in it; what is not concerned stays.
Argv Planted(Plant plant, const Argv& argv);

}  // namespace nuthatch::oracle
