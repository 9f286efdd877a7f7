// Posting: what one connection has asked for, put into the mailboxes of all shards that it concerns
// at one moment.
//
// A posting holds a run of pipelined commands (items), in their order. Each shard concerned gets
// one part: the items, in order, that have work there. An item with keys in several shards is a
// transaction: a scatter's fragments go on by themselves; at a rendezvous each shard parks, and the
// last one to arrive runs the command.
//
// Life: made by the session's home shard, posted, worked off by the shards (each touches its own
// part and the shared transactions only), and sent back by the last part to finish, as an answer to
// the home shard, which takes the replies in order and keeps the object for the next time. `args`
// are views into `chunk`, which lives until then.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/buffer.h"
#include "server/keyspace/key.h"
#include "server/runtime/client.h"
#include "server/runtime/command_table.h"
#include "server/runtime/context.h"
#include "server/runtime/mailbox.h"
#include "server/runtime/multi.h"

namespace nuthatch::runtime {

class Session;
class Shard;
struct InputChunk;

// One parsed command: where its arguments and keys stand in the arrays of the batch that it came
// in.
struct ParsedCommand {
  // What its own words refuse, whatever the state of the server.
  enum class Fault : uint8_t { kNone, kUnknown, kUnknownSubcommand, kArity };
  // Where it runs: at its connection, on one shard, or over several as its row says.
  enum class Route : uint8_t { kHome, kOneShard, kSeveral };

  const CommandEntry* entry =
      nullptr;  // null: unknown command; the container's: unknown subcommand
  Fault fault = Fault::kNone;
  Route route = Route::kHome;
  uint16_t shard = 0;  // kOneShard
  uint32_t arg_begin = 0;
  uint32_t arg_count = 0;
  uint32_t key_begin = 0;
  uint32_t key_count = 0;
  size_t input_bytes =
      0;  // of the connection's input, for limits and for giving back what was not run
};

// A command over several shards. Shared by the shards concerned.
struct Transaction {
  std::atomic<uint32_t> remaining{
      0};                         // shards that have not finished (scatter) or arrived (rendezvous)
  std::atomic<bool> done{false};  // rendezvous: the command ran; parked shards go on
  bool rendezvous = false;
  std::vector<uint16_t> shards;    // ascending
  std::vector<ScatterPart> parts;  // by shard number; scatter only
  base::Buffer reply;
};

// Written by the home shard before it is posted and only read from then on: what other shards
// write stands in their parts, for a cache line that several write travels at every command.
struct PostingItem {
  enum class Kind : uint8_t { kReplied, kOneShard, kTransaction };
  Kind kind = Kind::kReplied;
  ReplyMode reply_mode = ReplyMode::kOn;
  uint16_t caller = 0;  // index into Posting::callers
  // kReplied: which of Posting::home_replies; kOneShard: which part; kTransaction: which one.
  uint32_t where = 0;
  MultiPlan* plan = nullptr;  // of an EXEC or WATCH, or of forgetting watches; the posting's
  ParsedCommand command;
};

// Replies one after the other.
class ReplyRun {
 public:
  base::Buffer& bytes() { return bytes_; }
  // What `bytes` has grown by since the last reply is the next one.
  void EndReply() { ends_.push_back(bytes_.size()); }
  size_t count() const { return ends_.size(); }
  size_t size() const { return bytes_.size(); }
  std::string_view Reply(size_t i) const {
    size_t begin = i == 0 ? 0 : ends_[i - 1];
    return bytes_.view().substr(begin, ends_[i] - begin);
  }
  // Empties it; memory above what is usual is given back.
  void Reset();

 private:
  base::Buffer bytes_;
  std::vector<size_t> ends_;
};

struct Posting;

// A cache line of its own: each part is written by the shard that works it off.
struct alignas(64) PostingPart : Message {
  PostingPart() : Message(Kind::kPart) {}
  Posting* posting = nullptr;
  uint16_t shard = 0;
  std::vector<uint32_t> items;  // ascending indices into Posting::items; empty: not to be posted
  size_t next_item = 0;         // how far the shard has come
  ReplyRun replies;             // of its kOneShard items
  size_t emitted = 0;           // home shard only, when all is complete: replies taken
};

struct Posting : Message {
  Posting() : Message(Kind::kCompletion) {}

  Session* session = nullptr;
  InputChunk* chunk = nullptr;
  std::string client_address;  // for the slow log
  std::string client_name;
  // Instead of a session's commands: a call that runs once, on the thread of the shard that it is
  // given, with all shards of its transaction held.
  std::function<void(Shard&)> system_call;
  uint16_t home = 0;   // the shard that the answer goes to
  int64_t now_ms = 0;  // the one time of everything in it
  uint64_t first_number =
      0;  // journal: the number of its first write (none is taken while nobody listens)
  bool barrier = false;  // its last item holds the connection
  bool awaited = false;  // without a session, but its home waits for it before it ends
  size_t input_bytes = 0;
  std::vector<std::string_view> args;
  std::vector<keyspace::Key> keys;
  std::vector<CallerInfo> callers;  // one, or more where a command between them changed it
  std::vector<PostingItem> items;
  ReplyRun home_replies;
  std::vector<std::unique_ptr<PostingPart>> parts;  // the first `part_count` are in use
  size_t part_count = 0;
  std::deque<Transaction> transactions;  // the first `transaction_count` are in use
  size_t transaction_count = 0;
  std::vector<std::unique_ptr<MultiPlan>> plans;
  std::shared_ptr<CommandWaiter> waiter;  // if the last item may wait
  std::atomic<uint32_t> parts_left{0};
  bool complete = false;  // home shard only

  // Which part is that of `shard`, made if need be.
  uint32_t PartIndex(uint16_t shard);
  PostingPart& PartOf(uint16_t shard) { return *parts[PartIndex(shard)]; }
  // Whether that item's command has begun to wait. On the thread that has just run it.
  bool Waits(uint32_t item) const {
    return waiter != nullptr && waiter->item() == item && waiter->registered();
  }
  // Whether there is something to be posted.
  bool HasWork() const;
  Transaction& NewTransaction();
  // Put the last item to where it has work: in one shard; in several, as a transaction whose shards
  // are then to be given, and expected; or in one or several, ascending, at least one.
  void PlaceOn(PostingItem& item, uint16_t shard);
  Transaction& PlaceOnSeveral(PostingItem& item);
  void Expect(Transaction& transaction);
  void Place(PostingItem& item, std::vector<uint16_t> shards, bool rendezvous);
  // Notes whose the next item is.
  uint16_t CallerIndex(const CallerInfo& caller);
  const CallerInfo& CallerOf(const PostingItem& item) const { return callers[item.caller]; }
  std::span<const std::string_view> ArgsOf(const ParsedCommand& command) const {
    return std::span(args).subspan(command.arg_begin, command.arg_count);
  }
  std::span<const keyspace::Key> KeysOf(const ParsedCommand& command) const {
    return std::span(keys).subspan(command.key_begin, command.key_count);
  }
  // Of all replies in it. REQUIRES: it is complete.
  size_t ReplyBytes() const;
  // The replies of its items one after the other, without those that the client does not want.
  // Once. REQUIRES: it is complete.
  void EmitReplies(base::Buffer& out);
  // Empties it for the next use; what it had grown stays, up to a limit.
  void Reset();
};

}  // namespace nuthatch::runtime
