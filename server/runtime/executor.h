// Executor: runs one command in a shard's thread and keeps its books: time, calls, errors, slow
// log.
//
// One a shard. Run() is the only place where a command's function is called for a client.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "server/runtime/context.h"
#include "server/runtime/posting.h"
#include "server/runtime/ticks.h"

namespace nuthatch::runtime {

struct CommandStats;

class Executor {
 public:
  Executor(Node* node, Shard* shard);

  // What all commands of a batch have in common, until the next Begin: the time, and the moment
  // that the first one's duration is counted from.
  void Begin(int64_t now_ms);
  int64_t now_ms() const { return context_.now_ms_; }

  // Ticks at the end of the last command (or of Begin).
  uint64_t mark() const { return mark_; }

  // Whose commands the next ones are, for the slow log. The strings live until the next call; a
  // command may change them.
  void SetClient(const std::string& address, const std::string& name) {
    client_address_ = &address;
    client_name_ = &name;
  }

  // A command with what it needs to run.
  struct Call {
    const CommandEntry& entry;
    std::span<const std::string_view> args;
    std::span<const keyspace::Key> keys;
    const CallerInfo& caller;
    const keyspace::WatcherRef* watcher = nullptr;  // WATCH
    bool in_exec = false;
    CommandWaiter* waiter = nullptr;                   // of a command that may wait
    std::optional<uint32_t> ready_key = std::nullopt;  // of one that looks again
  };

  // Runs the whole command and appends its reply to `out`. `client` is null where the command does
  // not run at home. REQUIRES: its arity fits, and every shard that it touches is held by this
  // thread.
  void Run(const CommandEntry& entry, std::span<const std::string_view> args,
           std::span<const keyspace::Key> keys, const CallerInfo& caller, ClientState* client,
           base::Buffer& out) {
    Run({entry, args, keys, caller}, client, out);
  }
  void Run(const Call& call, ClientState* client, base::Buffer& out);
  // The same without making room: for EXEC, which has seen to that.
  void Execute(const Call& call, ClientState* client, base::Buffer& out);
  // The same for an item of a posting that concerns this shard alone.
  void RunOne(const PostingItem& item, const Posting& posting, base::Buffer& out);

  // Runs this shard's fragment of a scatter command; combining is RunCombine(), by whoever finished
  // last.
  void RunFragment(const PostingItem& item, const Posting& posting, Transaction& transaction);
  void RunCombine(const PostingItem& item, const Posting& posting, Transaction& transaction);
  void ExecuteFragment(const Call& call, std::span<ScatterPart> parts);
  void ExecuteCombine(const Call& call, std::span<ScatterPart> parts, base::Buffer& out);
  // Runs a command that waits once more, for one of its keys; `out` stays empty if it goes on
  // waiting. Not a call in the books.
  void RunAgain(const PostingItem& item, const Posting& posting, uint32_t key_index,
                base::Buffer& out);
  // Runs a rendezvous command: every shard of the transaction is held.
  void RunRendezvous(const PostingItem& item, const Posting& posting, Transaction& transaction);

  // What a command that breathes must find again when it goes on: others' commands run meanwhile.
  struct Books {
    CommandContext context;
    const std::string* client_address;
    const std::string* client_name;
    uint64_t mark = 0;
  };
  Books PutAside() const { return {context_, client_address_, client_name_, mark_}; }
  void TakeUp(const Books& books) {
    context_ = books.context;
    client_address_ = books.client_address;
    client_name_ = books.client_name;
    mark_ = books.mark;
  }

  // Counts a call that was refused before it ran, and its error. `entry` may be null (unknown
  // command).
  void CountRefusal(const CommandEntry* entry, std::string_view error);
  // Counts an error of a command that had waited: its call is counted already.
  void CountFailure(const CommandEntry& entry, std::string_view error);
  // Counts a call that began at `start_ticks` and has just replied.
  void CountCall(const CommandEntry& entry, uint64_t start_ticks, std::string_view reply) {
    mark_ = Ticks::Now();
    Count(entry, mark_ - start_ticks, reply);
  }
  // Makes the room that a command which can grow needs; false: it has to be refused.
  bool MakeRoom();

  // Serves who waits for keys of this shard that were changed.
  void ServeReady();

 private:
  void Bind(const Call& call);
  void Unwatch(const MultiPlan& plan);
  // Lets the command that has just run wait, if it asked for that.
  void Settle(const Posting& posting);
  void Count(const CommandEntry& entry, uint64_t ticks, std::string_view reply);
  void CountError(std::string_view error);
  // The figures of a command of this shard, from its first call on.
  CommandStats& StatsOf(const CommandEntry& entry);
  void NoteSlow(const CommandEntry& entry, uint64_t ns);

  Node* node_;
  Shard* shard_;
  CommandContext context_;
  std::optional<WaitFor> asked_wait_;  // of the last command
  const std::string* client_address_ = nullptr;
  const std::string* client_name_ = nullptr;
  uint64_t mark_ = 0;                   // ticks at the end of the last command
  std::vector<ScatterPart> own_parts_;  // of scatter commands that have one shard only
};

}  // namespace nuthatch::runtime
