// A turn: poll the loop (its callbacks only note what arrived), take answers, resume if parked,
// empty the mailbox, serve the connections for a budget, write out once a connection, then a slice
// of background work. The thread sleeps only when nothing of this is left; before it says so it
// looks again for some microseconds while answers are on their way.
#include "server/runtime/shard.h"

#include <algorithm>
#include <array>
#include <utility>

#include "server/base/clock.h"
#include "server/base/memory.h"
#include "server/runtime/blocking.h"
#include "server/runtime/relax.h"
#include "server/runtime/test_faults.h"
#include "server/runtime/ticks.h"
#include "server/runtime/wall_clock.h"

namespace nuthatch::runtime {
namespace {

constexpr uint64_t kTurnBudgetNs = 500'000;
// What a batch of quick commands may take beyond it without being torn apart.
constexpr uint64_t kLateNs = 100'000;
// What freeing, growing and expiring may take of a turn together: so much when commands wait, and
// otherwise up to this point of the turn.
constexpr int64_t kBackgroundSliceNs = 200'000;
constexpr uint64_t kIdleUntilNs = 600'000;
// How long a shard looks for an answer, or for the end of a rendezvous, before it sleeps: less than
// a wake-up costs.
constexpr uint64_t kLookAgainNs = 10'000;
// The share of such looks that find something: in 1/1024; where looking is worth its time; and of
// how many chances one is taken where it is not.
constexpr int kLookAlways = 1024;
constexpr int kLookWorthwhile = 400;
constexpr uint32_t kLookProbe = 16;
constexpr uint64_t kParkSpinNs = 5'000;
constexpr uint64_t kTimerMs = 20;
// Reading a thread's CPU time is a system call, so that short turns share one: turns of so much
// time together, and so many.
constexpr uint64_t kMeasuredTogetherNs = 100'000;
constexpr int kMeasuredTogether = 8;
// After a sleep of so much the time that it takes to read that time is of no account.
constexpr uint64_t kLongSleepNs = 100'000;
constexpr int kCronEveryTimers = 5;
// Postings and chunks that are kept for the next use.
constexpr size_t kSparePostings = 64;
constexpr size_t kSpareChunks = 256;
constexpr size_t kSpareChunkBytes = 32 * 1024;
// Keys that are prefetched together: so many as the memory system can be expected to hold.
constexpr size_t kPrefetchAtOnce = 128;

keyspace::Keyspace::Options KeyspaceOptions(const Shard::Options& shard,
                                            const config::Config& config) {
  keyspace::Keyspace::Options options;
  options.databases = config.databases;
  options.shard = static_cast<int>(shard.index);
  options.shards = static_cast<int>(shard.count);
  return options;
}

}  // namespace

Shard::Shard(const Options& options)
    : node_(options.node),
      clock_(options.clock),
      index_(options.index),
      count_(options.count),
      slot_map_(options.count),
      config_(options.node->config()),
      keyspace_(std::make_unique<keyspace::Keyspace>(KeyspaceOptions(options, *config_))),
      memory_limit_(options.node, options.index, keyspace_.get()),
      executor_(options.node, this) {
  uv_loop_init(&loop_);
  async_.data = this;
  uv_async_init(&loop_, &async_, [](uv_async_t*) {});
  timer_.data = this;
  uv_timer_init(&loop_, &timer_);
  mailbox_.Open(&async_);
}

Shard::~Shard() {
  // Its connections give their chunks back to this shard's spare ones.
  service_.reset();
  for (Message* message = mailbox_.TakeAnswers(); message != nullptr;) {
    Message* next = message->next;
    if (message->kind == Message::Kind::kCall) delete static_cast<CallMessage*>(message);
    message = next;
  }
}

void Shard::Start(MakeService make_service) {
  thread_ = std::thread([this, make = std::move(make_service)] { ThreadMain(make); });
}

void Shard::Stop() {
  stopping_.store(true);
  uv_async_send(&async_);
}

void Shard::End() {
  ended_.store(true);
  uv_async_send(&async_);
}

void Shard::Join() {
  if (thread_.joinable()) thread_.join();
}

void Shard::Call(std::function<void()> call) {
  mailbox_.PutAnswer(new CallMessage(std::move(call)));
  mailbox_.Wake();
}

void Shard::ThreadMain(const MakeService& make_service) {
  service_ = make_service(this, &loop_);
  uv_timer_start(
      &timer_, [](uv_timer_t* timer) { static_cast<Shard*>(timer->data)->OnTimer(); }, kTimerMs,
      kTimerMs);
  BeginMeasuring();
  while (!ended_.load(std::memory_order_relaxed)) Turn();
  TakeAnswers();
  service_->FlushOutput();
  service_->CloseAll();
  uv_close(reinterpret_cast<uv_handle_t*>(&timer_), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&async_), nullptr);
  uv_run(&loop_, UV_RUN_DEFAULT);
  // The connections give back what they hold of this shard.
  service_.reset();
  CHECK(uv_loop_close(&loop_) == 0);
}

bool Shard::HasWork() const {
  if (more_ || mailbox_.HasAnswers() || ended_.load(std::memory_order_relaxed)) return true;
  if (parked_ != nullptr) {
    const PostingItem& item = parked_->posting->items[parked_->items[parked_->next_item]];
    return parked_->posting->transactions[item.where].done.load(std::memory_order_seq_cst);
  }
  return batch_ != nullptr || mailbox_.HasOperations();
}

void Shard::Poll() {
  if (HasWork()) {
    uv_run(&loop_, UV_RUN_NOWAIT);
    return;
  }
  // While others work for this shard's connections their answers may be near.
  if (awaited_postings_ > 0) LookAgain();
  mailbox_.SaySleeping();
  asleep_since_ticks_ = Ticks::Now();
  uv_run(&loop_, HasWork() ? UV_RUN_NOWAIT : UV_RUN_ONCE);
  NoteAwake();
  mailbox_.SayAwake();
}

// Spinning pays where an answer mostly comes in less time than a wake-up costs; it does not where
// the other shards have to share this core. So the share of looks that found something is followed,
// and while it is low only one chance in some is taken, to notice when that changes.
void Shard::LookAgain() {
  if (look_success_ < kLookWorthwhile && ++looks_left_out_ % kLookProbe != 0) return;
  uint64_t end = Ticks::Now() + Ticks::FromNs(kLookAgainNs);
  bool found = HasWork();
  while (!found && Ticks::Now() < end) {
    Relax();
    found = HasWork();
  }
  look_success_ += ((found ? kLookAlways : 0) - look_success_) / 16;
}

void Shard::Turn() {
  Poll();
  uint64_t start_ticks = Ticks::Now();
  uint64_t end_ticks = turn_end_ticks_ = start_ticks + Ticks::FromNs(kTurnBudgetNs);
  late_ticks_ = end_ticks + Ticks::FromNs(kLateNs);
  RefreshSnapshots();
  TakeAnswers();
  TryResume();
  if (!held()) {
    memory_limit_.Apply(config_);
    keyspace_->BeginBatch(clock_->NowMs());
  }
  DrainOperations(end_ticks);
  more_ = false;
  if (!stopping_.load(std::memory_order_relaxed)) {
    more_ = service_->ServeConnections(end_ticks);
  } else if (!held() && !keyspace_->block_list().empty()) {
    Blocking::EndAll(*this);
  } else if (awaited_postings_ == 0 && !held() && batch_ == nullptr && !mailbox_.HasOperations()) {
    quiet_.store(true, std::memory_order_release);
  }
  if (!held() && !held_back_.empty()) {
    for (PostingPart* late : std::exchange(held_back_, {})) RunPart(late);
  }
  TakeAnswers();
  service_->FlushOutput();
  Background();
  base::RefreshThread();
  // Answers that came last, and output that was written, let connections go on.
  if (!stopping_.load(std::memory_order_relaxed) && service_->HasReady()) more_ = true;
  MeasureTurn(start_ticks);
}

void Shard::TakeAnswers() {
  Message* message = mailbox_.TakeAnswers();
  while (message != nullptr) {
    Message* next = message->next;
    if (message->kind == Message::Kind::kCall) {
      auto* call = static_cast<CallMessage*>(message);
      // Who called may have seen the newest ones already.
      RefreshSnapshots();
      call->run();
      delete call;
    } else {
      auto* posting = static_cast<Posting*>(message);
      if (posting->session != nullptr) {
        --awaited_postings_;
        posting->session->Complete(posting);
      } else {
        if (posting->awaited) --awaited_postings_;
        Recycle(posting);
      }
    }
    message = next;
  }
}

void Shard::TryResume() {
  while (parked_ != nullptr) {
    PostingPart* part = parked_;
    const PostingItem& item = part->posting->items[part->items[part->next_item]];
    if (!part->posting->transactions[item.where].done.load(std::memory_order_acquire)) return;
    parked_ = nullptr;
    // The command that ran may have replaced the snapshots.
    RefreshSnapshots();
    ++part->next_item;
    RunPart(part);
  }
}

bool Shard::DrainOperations(uint64_t end_ticks) {
  while (!held()) {
    if (batch_ == nullptr) {
      if (!mailbox_.HasOperations()) return true;
      batch_ = mailbox_.TakeOperations();
      if (batch_ == nullptr) return true;
    }
    Message* message = batch_;
    batch_ = message->next;
    RunPart(static_cast<PostingPart*>(message));
    if (Ticks::Now() >= end_ticks) break;
  }
  return !held() && batch_ == nullptr && !mailbox_.HasOperations();
}

bool Shard::ClaimLocal(int64_t* now_ms) {
  int64_t now = clock_->NowMs();
  if (count_ == 1) {
    // Only system calls come by the mailbox.
    if (held() || batch_ != nullptr || mailbox_.HasOperations()) return false;
    *now_ms = last_run_ms_ = now;
    return true;
  }
  if (held() || batch_ != nullptr) return false;
  if (TestFaults::Get().local_past_mailbox) TestFaults::DelayAtPost();
  mailbox_.Lock();
  bool free = mailbox_.empty_locked() || TestFaults::Get().local_past_mailbox;
  if (free) {
    now = std::max(now, mailbox_.time());
    mailbox_.set_time(now);
    last_run_ms_ = now;
  }
  mailbox_.Unlock();
  *now_ms = now;
  return free;
}

void Shard::RunPart(PostingPart* part) {
  Posting& posting = *part->posting;
  last_run_ms_ = posting.now_ms;
  executor_.Begin(posting.now_ms);
  executor_.SetClient(posting.client_address, posting.client_name);
  if (part->items.size() > 1 && part->next_item == 0) PrefetchPart(*part);
  while (part->next_item < part->items.size()) {
    if (!RunItem(part)) return;
    ++part->next_item;
    if (part->next_item < part->items.size() && executor_.mark() > late_ticks_) {
      // Slow commands: the rest goes on in the next turn, before everything else.
      part->next = batch_;
      batch_ = part;
      return;
    }
  }
  FinishPart(part);
}

bool Shard::RunItem(PostingPart* part) {
  Posting& posting = *part->posting;
  const PostingItem& item = posting.items[part->items[part->next_item]];
  if (item.kind == PostingItem::Kind::kOneShard) {
    executor_.RunOne(item, posting, part->replies.bytes());
    // Who ends its wait writes its reply, as early as now.
    if (!posting.Waits(part->items[part->next_item])) part->replies.EndReply();
    return true;
  }
  Transaction& transaction = posting.transactions[item.where];
  if (!transaction.rendezvous) {
    executor_.RunFragment(item, posting, transaction);
    if (transaction.remaining.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      executor_.RunCombine(item, posting, transaction);
    }
    return true;
  }
  if (transaction.remaining.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    if (posting.system_call != nullptr) {
      posting.system_call(*this);
    } else {
      executor_.RunRendezvous(item, posting, transaction);
    }
    // The posting can be gone as soon as the others go on, but not before this shard's part is
    // finished.
    transaction.done.store(true, std::memory_order_seq_cst);
    for (uint16_t shard : transaction.shards) {
      if (shard != index_) node_->shard(shard).mailbox().Wake();
    }
    RefreshSnapshots();
    return true;
  }
  parked_ = part;
  uint64_t end = Ticks::Now() + Ticks::FromNs(kParkSpinNs);
  while (Ticks::Now() < end) {
    if (transaction.done.load(std::memory_order_acquire)) {
      parked_ = nullptr;
      RefreshSnapshots();
      return true;
    }
    Relax();
  }
  return false;
}

void Shard::FinishPart(PostingPart* part) {
  Posting* posting = part->posting;
  if (posting->parts_left.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  Shard& home = node_->shard(posting->home);
  home.mailbox_.PutAnswer(posting);
  if (&home != this) home.mailbox_.Wake();
}

void Shard::ServeWhileHeld() {
  if (service_ == nullptr) return;  // not started: a test's, which has nobody to serve
  // Once in a while only: polling costs a system call.
  uint64_t now = Ticks::Now();
  if (now < next_breath_ticks_) return;
  uint64_t end = now + Ticks::FromNs(kTurnBudgetNs);
  Executor::Books books = executor_.PutAside();
  uv_run(&loop_, UV_RUN_NOWAIT);
  TakeAnswers();
  if (!stopping_.load(std::memory_order_relaxed)) service_->ServeConnections(end);
  service_->FlushOutput();
  executor_.TakeUp(books);
  next_breath_ticks_ = Ticks::Now() + Ticks::FromNs(kTurnBudgetNs);
  MeasureTurn(Ticks::Now());
}

void Shard::Background() {
  if (held()) return;
  memory_limit_.Apply(config_);
  memory_limit_.Publish();
  int64_t now = 0;
  if (memory_limit_.HasWork() && ClaimLocal(&now) && memory_limit_.Work(now, kBackgroundSliceNs)) {
    more_ = true;
  }
  int64_t slice = BackgroundSlice();
  if (active_expiry_ && keyspace_->NextDeadline() != keyspace::kNoDeadline) {
    if (keyspace_->NextDeadline() <= clock_->NowMs()) {
      // What waits in the mailbox was posted at a time that must not be passed before it was run.
      if (!ClaimLocal(&now)) now = last_run_ms_;
      if (keyspace_->NextDeadline() <= now) keyspace_->ExpireDue(now, slice);
      if (keyspace_->NextDeadline() <= now) more_ = true;
    }
  }
  executor_.ServeReady();
  if (keyspace_->HasBackgroundWork() && keyspace_->BackgroundStep(BackgroundSlice())) more_ = true;
}

int64_t Shard::BackgroundSlice() const {
  if (more_ || batch_ != nullptr || mailbox_.HasOperations()) return kBackgroundSliceNs;
  uint64_t now = Ticks::Now();
  uint64_t end = turn_end_ticks_ + Ticks::FromNs(kIdleUntilNs - kTurnBudgetNs);
  return now < end ? std::max(kBackgroundSliceNs, static_cast<int64_t>(Ticks::ToNs(end - now)))
                   : kBackgroundSliceNs;
}

void Shard::OnTimer() {
  NoteAwake();
  // No turn's time by the wall has what follows in it: so this turn's CPU time is read, however
  // short it is, before a sleep begins the measuring anew.
  unmeasured_turns_ = kMeasuredTogether;
  if (++timers_ % kCronEveryTimers == 0) {
    service_->Cron();
    if (!held()) {
      memory_limit_.Apply(config_);
      memory_limit_.Tick(clock_->NowMs());
    }
  }
  if (!held()) {
    Blocking::EndDue(*this, base::MonotonicNs() / 1'000'000);
    if (waiters_gone_.load(std::memory_order_relaxed) && timers_ % kCronEveryTimers == 0) {
      waiters_gone_.store(false, std::memory_order_relaxed);
      keyspace_->block_list().Sweep();
    }
  }
  if (pause_until_ms_ != 0 && base::MonotonicNs() / 1'000'000 >= pause_until_ms_)
    SetPause(0, false);
}

void Shard::MeasureTurn(uint64_t start_ticks) {
  uint64_t wall_ns = Ticks::ToNs(Ticks::Now() - start_ticks);
  stats_.loop_stall_max_us = std::max(stats_.loop_stall_max_us, wall_ns / 1000);
  ++stats_.turns;
  unmeasured_ns_ += wall_ns;
  if (unmeasured_ns_ < kMeasuredTogetherNs && ++unmeasured_turns_ < kMeasuredTogether) return;
  int64_t before = cpu_mark_ns_;
  BeginMeasuring();
  auto cpu_us = static_cast<uint64_t>((cpu_mark_ns_ - before) / 1000);
  stats_.loop_stall_cpu_max_us = std::max(stats_.loop_stall_cpu_max_us, cpu_us);
}

void Shard::BeginMeasuring() {
  cpu_mark_ns_ = base::ThreadCpuNs();
  unmeasured_ns_ = 0;
  unmeasured_turns_ = 0;
}

void Shard::NoteAwake() {
  if (asleep_since_ticks_ == 0) return;
  if (Ticks::Now() - asleep_since_ticks_ > Ticks::FromNs(kLongSleepNs)) BeginMeasuring();
  asleep_since_ticks_ = 0;
}

int64_t Shard::now_ms() const { return clock_->NowMs(); }

void Shard::RefreshSnapshots() {
  uint64_t version = node_->version();
  if (version == version_) return;
  // Read before the configuration: an older version with a newer configuration is only decided
  // again.
  version_ = version;
  config_ = node_->config();
}

void Shard::SetPause(int64_t until_ms, bool writes_only) {
  // A pause on top of another never shortens or weakens it.
  if (until_ms != 0 && paused()) {
    until_ms = std::max(until_ms, pause_until_ms_);
    writes_only = writes_only && pause_writes_only_;
  }
  pause_until_ms_ = until_ms;
  pause_writes_only_ = writes_only;
  if (until_ms == 0) service_->OnPauseEnd();
}

bool Shard::Pauses(uint64_t command_flags) const {
  return !pause_writes_only_ || (command_flags & (kWrite | kMayReplicate)) != 0;
}

void Shard::Prefetch(int db, std::span<const keyspace::Key* const> keys, bool writes) const {
  for (const keyspace::Key* key : keys) keyspace_->PrefetchTable(db, *key);
  for (const keyspace::Key* key : keys) keyspace_->PrefetchBucket(db, *key);
  for (const keyspace::Key* key : keys) keyspace_->PrefetchEntry(db, *key);
  if (!writes) return;
  for (const keyspace::Key* key : keys) keyspace_->PrefetchDeadline(db, *key);
}

void Shard::PrefetchKeys(int db, std::span<const keyspace::Key> keys, bool writes) const {
  std::array<const keyspace::Key*, kPrefetchAtOnce> some;
  while (!keys.empty()) {
    size_t count = std::min(keys.size(), kPrefetchAtOnce);
    for (size_t i = 0; i < count; ++i) some[i] = &keys[i];
    Prefetch(db, std::span(some.data(), count), writes);
    keys = keys.subspan(count);
  }
}

void Shard::PrefetchPart(const PostingPart& part) const {
  const Posting& posting = *part.posting;
  std::array<const keyspace::Key*, kPrefetchAtOnce> some;
  size_t count = 0;
  int db = 0;
  bool writes = false;
  for (uint32_t index : part.items) {
    const PostingItem& item = posting.items[index];
    int its_db = posting.CallerOf(item).db;
    for (const keyspace::Key& key : posting.KeysOf(item.command)) {
      if (item.kind == PostingItem::Kind::kTransaction && slot_map_.ShardOf(key.slot) != index_)
        continue;
      if (count == some.size() || its_db != db) {
        Prefetch(db, std::span(some.data(), count), writes);
        count = 0;
        writes = false;
      }
      db = its_db;
      writes |= (item.command.entry->spec->flags & kWrite) != 0;
      some[count++] = &key;
    }
  }
  Prefetch(db, std::span(some.data(), count), writes);
}

CommandBatch& Shard::AcquireBatch() {
  if (batches_in_use_ == batches_.size()) batches_.push_back(std::make_unique<CommandBatch>());
  CommandBatch& batch = *batches_[batches_in_use_++];
  batch.Clear();
  return batch;
}

Posting* Shard::NewPosting() {
  if (spare_postings_.empty()) return new Posting;
  Posting* posting = spare_postings_.back().release();
  spare_postings_.pop_back();
  return posting;
}

void Shard::Recycle(Posting* posting) {
  posting->Reset();
  if (spare_postings_.size() < kSparePostings) {
    spare_postings_.emplace_back(posting);
  } else {
    delete posting;
  }
}

InputChunk* Shard::NewChunk(size_t capacity) {
  InputChunk* chunk = nullptr;
  if (spare_chunks_.empty() || capacity > spare_chunks_.back()->bytes.capacity()) {
    chunk = new InputChunk;
  } else {
    chunk = spare_chunks_.back().release();
    spare_chunks_.pop_back();
  }
  chunk->bytes.Reserve(capacity);
  return chunk;
}

void Shard::Recycle(InputChunk* chunk) {
  if (spare_chunks_.size() >= kSpareChunks || chunk->bytes.capacity() > kSpareChunkBytes) {
    delete chunk;
    return;
  }
  chunk->bytes.Clear();
  chunk->begin = 0;
  chunk->detached = false;
  spare_chunks_.emplace_back(chunk);
}

bool Shard::HasRoomForInput() {
  if (config_->maxmemory == 0 || held()) return true;
  memory_limit_.Apply(config_);
  return memory_limit_.HasRoomForInput();
}

bool Shard::MakeRoom() {
  if (config_->maxmemory == 0) return true;
  // A held keyspace is in use: nothing may be evicted from it, nor its figures be read.
  if (held()) return !memory_limit_.Over(config_->maxmemory) || memory_limit_.evicts();
  memory_limit_.Apply(config_);
  return memory_limit_.MakeRoom(executor_.now_ms());
}

}  // namespace nuthatch::runtime
