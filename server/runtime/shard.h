// Shard: a thread with a libuv loop, the keyspace of its slots, and a mailbox.
//
// It also serves a part of the connections (through ShardService). Nobody else touches its
// keyspace, with one exception: while it is parked at a rendezvous, the shard that runs the
// transaction does. Every member is for the shard's own thread, unless it says otherwise.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <uv.h>

#include "server/config/config.h"
#include "server/keyspace/keyspace.h"
#include "server/runtime/executor.h"
#include "server/runtime/mailbox.h"
#include "server/runtime/memory_limit.h"
#include "server/runtime/node.h"
#include "server/runtime/posting.h"
#include "server/runtime/session.h"
#include "server/runtime/stats.h"

namespace nuthatch::runtime {

class WallClock;

// The connections of a shard, as its loop drives them. Implemented by net/.
class ShardService : public ClientRegistry {
 public:
  // Runs or posts what the connections have sent, until `end_ticks`. True: there is more to do now.
  virtual bool ServeConnections(uint64_t end_ticks) = 0;
  // Whether a connection waits to be served.
  virtual bool HasReady() const = 0;
  // Writes out, once a connection.
  virtual void FlushOutput() = 0;
  // About ten times a second.
  virtual void Cron() = 0;
  // Closes all connections; the loop runs until they are gone.
  virtual void CloseAll() = 0;
  // CLIENT PAUSE ended.
  virtual void OnPauseEnd() = 0;
};

// The parsed commands of one connection that are decided together.
struct CommandBatch {
  std::vector<std::string_view> args;
  std::vector<keyspace::Key> keys;
  std::vector<ParsedCommand> commands;
  KeyPositions positions;
  bool has_multi = false;  // one of them is MULTI, WATCH or the like
  bool writes = false;     // one of them may write
  void Clear() {
    has_multi = false;
    writes = false;
    args.clear();
    keys.clear();
    commands.clear();
  }
};

class Shard {
 public:
  struct Options {
    Node* node = nullptr;
    WallClock* clock = nullptr;
    size_t index = 0;
    size_t count = 1;
  };
  // `make_service` is called once, on the shard's thread, before its first turn.
  using MakeService = std::function<std::unique_ptr<ShardService>(Shard*, uv_loop_t*)>;

  explicit Shard(const Options& options);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  // --- From the node's thread ---
  void Start(MakeService make_service);
  // Ending, in two steps, because shards work for each other. Any thread: nothing more is taken
  // from connections; quiet() tells when nothing of this shard is in flight.
  void Stop();
  bool quiet() const { return quiet_.load(std::memory_order_acquire); }
  // REQUIRES: all shards are quiet. Closes the connections and ends the thread.
  void End();
  void Join();

  // --- Any thread ---
  size_t index() const { return index_; }
  const keyspace::SlotMap& slot_map() const { return slot_map_; }
  Node& node() { return *node_; }
  Mailbox& mailbox() { return mailbox_; }
  // Runs `call` on the shard's thread, between commands (also while it is parked).
  void Call(std::function<void()> call);
  MemoryLimit& memory_limit() { return memory_limit_; }
  // A waiter that stands on keys of this shard waits no more: its places are to be removed.
  void NoteWaiterGone() { waiters_gone_.store(true, std::memory_order_relaxed); }
  std::atomic<uint64_t>& connection_count() { return connection_count_; }

  // --- For commands: this thread, or the runner of a rendezvous that holds this shard ---
  keyspace::Keyspace& keyspace() { return *keyspace_; }
  ShardStats& stats() { return stats_; }
  ClientRegistry& clients() { return *service_; }
  void set_active_expiry(bool on) { active_expiry_ = on; }

  // --- The shard's thread ---
  Executor& executor() { return executor_; }
  const config::Config& config() const { return *config_; }
  const WallClock& clock() const { return *clock_; }
  int64_t now_ms() const;
  // Whether its keyspace is lent or in use: its own commands must be posted, like everybody's.
  bool held() const { return parked_ != nullptr || running_; }
  bool draining() const { return batch_ != nullptr; }
  // When this turn's time is over, and when so much more has passed that pipelines are interrupted.
  uint64_t turn_end_ticks() const { return turn_end_ticks_; }
  uint64_t late_ticks() const { return late_ticks_; }
  // Empties the mailbox; true if nothing is left, and nothing is parked.
  bool DrainOperations(uint64_t end_ticks);
  // Takes this moment as that of a run of local commands: false if something stands before them in
  // the mailbox. Makes the time that they share.
  bool ClaimLocal(int64_t* now_ms);
  // Only with the planted fault hold-outside-mailbox.
  void HoldBack(PostingPart* part) { held_back_.push_back(part); }
  // Works a part off as far as it goes; may park, or leave the rest to the next turn.
  void RunPart(PostingPart* part);
  // The shard lends nothing, but its keyspace is in use by a command that breathes.
  void ServeWhileHeld();

  // Whether nothing more is taken from connections.
  bool stopping() const { return stopping_.load(std::memory_order_relaxed); }

  // The configuration that decisions are made under, and its version.
  uint64_t version() const { return version_; }
  void RefreshSnapshots();

  // CLIENT PAUSE: until `until_ms` of the steady clock; 0 ends it. One more pause only makes it
  // longer or stricter, as in Redis.
  void SetPause(int64_t until_ms, bool writes_only);
  bool paused() const { return pause_until_ms_ != 0; }
  bool Pauses(uint64_t command_flags) const;

  // Brings near what commands with these keys are going to read. REQUIRES: they are this shard's.
  void PrefetchKeys(int db, std::span<const keyspace::Key> keys, bool writes) const;
  // Before a command that can grow: see MemoryLimit.
  bool MakeRoom();
  // Before more of a large argument is read: see MemoryLimit.
  bool HasRoomForInput();
  // A posting of this shard's connections was put into mailboxes; its answer is awaited.
  void ExpectAnswer() { ++awaited_postings_; }

  CommandBatch& AcquireBatch();
  void ReleaseBatch() { --batches_in_use_; }
  Posting* NewPosting();
  void Recycle(Posting* posting);
  InputChunk* NewChunk(size_t capacity);
  void Recycle(InputChunk* chunk);

 private:
  friend class Executor;
  void ThreadMain(const MakeService& make_service);
  void Turn();
  void Poll();
  void LookAgain();
  bool HasWork() const;
  void TakeAnswers();
  void TryResume();
  // Advances past a finished item; false when the part parks there.
  bool RunItem(PostingPart* part);
  void FinishPart(PostingPart* part);
  void Prefetch(int db, std::span<const keyspace::Key* const> keys, bool writes) const;
  void PrefetchPart(const PostingPart& part) const;
  void Background();
  // How long one kind of background work may take now.
  int64_t BackgroundSlice() const;
  // Ends a turn. The CPU figure is that of a long turn and the short ones just before it: it errs
  // upwards, by what those took.
  void MeasureTurn(uint64_t start_ticks);
  void BeginMeasuring();
  // After a long sleep measuring begins anew: a wake-up at rest is no part of a turn, and dear.
  void NoteAwake();
  void OnTimer();

  Node* node_;
  WallClock* clock_;
  size_t index_;
  size_t count_;
  keyspace::SlotMap slot_map_;
  std::shared_ptr<const config::Config> config_;
  uint64_t version_ = 0;
  std::unique_ptr<keyspace::Keyspace> keyspace_;
  MemoryLimit memory_limit_;
  ShardStats stats_;
  Executor executor_;
  std::unique_ptr<ShardService> service_;

  Mailbox mailbox_;
  Message* batch_ = nullptr;             // taken out of the mailbox, not yet run
  PostingPart* parked_ = nullptr;        // waits at a rendezvous
  bool running_ = false;                 // a command runs (it may breathe)
  std::vector<PostingPart*> held_back_;  // only with the planted fault hold-outside-mailbox

  uv_loop_t loop_;
  uv_async_t async_;
  uv_timer_t timer_;
  std::thread thread_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> quiet_{false};
  std::atomic<bool> ended_{false};
  std::atomic<uint64_t> connection_count_{0};
  std::atomic<bool> waiters_gone_{false};
  bool more_ = false;  // the last turn left something to do
  bool active_expiry_ = true;
  int64_t pause_until_ms_ = 0;
  bool pause_writes_only_ = false;
  int64_t cpu_mark_ns_ = 0;
  uint64_t unmeasured_ns_ = 0;  // of the turns since then
  int unmeasured_turns_ = 0;
  uint64_t asleep_since_ticks_ = 0;  // 0: awake
  uint64_t next_breath_ticks_ = 0;
  int64_t last_run_ms_ = 0;  // the time of what was run last: all that still comes is not before it
  uint64_t turn_end_ticks_ = 0;
  uint64_t late_ticks_ = 0;
  int timers_ = 0;
  size_t awaited_postings_ = 0;  // of its own connections, in flight
  int look_success_ = 512;       // of 1024 looks for an answer before sleeping
  uint32_t looks_left_out_ = 0;

  std::vector<std::unique_ptr<CommandBatch>> batches_;
  size_t batches_in_use_ = 0;
  std::vector<std::unique_ptr<Posting>> spare_postings_;
  std::vector<std::unique_ptr<InputChunk>> spare_chunks_;
};

}  // namespace nuthatch::runtime
