#include "server/runtime/exec_run.h"

#include <atomic>
#include <memory>
#include <vector>

#include "server/runtime/blocking.h"
#include "server/runtime/error_texts.h"
#include "server/runtime/relax.h"
#include "server/runtime/session.h"
#include "server/runtime/shard.h"
#include "server/runtime/ticks.h"

namespace nuthatch::runtime {
namespace {

// How long the thread of a parked shard is awaited before this one sleeps.
constexpr uint64_t kSpinNs = 5'000;

// Calls on other threads that are awaited together.
class Awaited {
 public:
  void Start(Shard& shard, std::function<void()> call) {
    left_->fetch_add(1, std::memory_order_relaxed);
    shard.Call([call = std::move(call), left = left_] {
      call();
      if (left->fetch_sub(1, std::memory_order_acq_rel) == 1) left->notify_one();
    });
  }
  void Wait() {
    uint64_t end = Ticks::Now() + Ticks::FromNs(kSpinNs);
    for (;;) {
      uint32_t left = left_->load(std::memory_order_acquire);
      if (left == 0) return;
      if (Ticks::Now() < end) {
        Relax();
      } else {
        left_->wait(left, std::memory_order_acquire);
      }
    }
  }

 private:
  // The last call to end may still tell so when the waiter has gone.
  std::shared_ptr<std::atomic<uint32_t>> left_ = std::make_shared<std::atomic<uint32_t>>(0);
};

}  // namespace

ExecRun::ExecRun(Shard& shard, const CommandEntry& entry, MultiPlan& plan, ClientState& client)
    : shard_(shard),
      entry_(entry),
      plan_(plan),
      client_(client),
      home_(static_cast<uint16_t>(shard.index())),
      caller_(CallerOf(client)),
      now_ms_(shard.executor().now_ms()),
      mode_(client.reply_mode) {}

ExecRun::ExecRun(Shard& shard, const PostingItem& item, const Posting& posting,
                 std::span<const uint16_t> shards)
    : shard_(shard),
      entry_(*item.command.entry),
      plan_(*item.plan),
      client_(posting.session->client()),
      home_(posting.home),
      shards_(shards),
      caller_(posting.CallerOf(item)),
      now_ms_(posting.now_ms),
      mode_(item.reply_mode) {}

void ExecRun::Run(base::Buffer& out) {
  RunCommands(out);
  const auto own = static_cast<uint16_t>(shard_.index());
  Blocking::ServeReady(shard_, shards_.empty() ? std::span(&own, 1) : shards_);
}

void ExecRun::RunCommands(base::Buffer& out) {
  Executor& executor = shard_.executor();
  const uint64_t start = executor.mark();
  begin_ = out.size();
  resp::ReplyWriter writer(&out, caller_.protocol);
  // With several shards that was decided before they were parked.
  const bool alone = shards_.size() <= 1;
  if (alone && (plan_.queue.flags() & kDenyOom) != 0 && !executor.MakeRoom()) {
    std::string text = ExecAbortText(kOomText);
    ForgetWatches();
    writer.Error(text);
    executor.CountRefusal(&entry_, text);
  } else if (ForgetWatches()) {
    writer.NullArray();
    executor.CountCall(entry_, start, out.view().substr(begin_));
  } else {
    writer.Array(plan_.queue.size());
    if (Silent(mode_)) out.Truncate(begin_);
    for (size_t i = 0; i < plan_.queue.size(); ++i) RunCommand(i, out);
    executor.CountCall(entry_, start, {});
    return;
  }
  if (Silent(mode_)) out.Truncate(begin_);
}

bool ExecRun::ForgetWatches() {
  const Watches& watches = plan_.watches;
  if (watches.empty()) return false;
  bool touched = watches.touched();
  for (const WatchedKey& watched : watches.keys()) {
    keyspace::Keyspace& keys =
        shard_.node().shard(shard_.slot_map().ShardOf(watched.slot)).keyspace();
    const keyspace::Key key = watched.key();
    touched = touched || keys.ExpiredUnderWatch(watched.db, key, *watches.watcher(), now_ms_);
    keys.Unwatch(watched.db, key, *watches.watcher());
  }
  return touched;
}

Executor::Call ExecRun::CallOf(size_t i) const {
  return {.entry = plan_.queue.entry(i),
          .args = plan_.queue.args(i),
          .keys = plan_.queue.keys(i),
          .caller = caller_,
          .in_exec = true};
}

void ExecRun::RunCommand(size_t i, base::Buffer& out) {
  const CommandSpec& spec = *plan_.queue.entry(i).spec;
  const size_t before = out.size();
  if (spec.where == Where::kHome) {
    RunAtHome(i, out);
    return;
  }
  if (spec.run == nullptr && shards_.size() > 1) {
    RunScattered(i, out);
  } else {
    shard_.executor().Execute(CallOf(i), nullptr, out);
  }
  if (Silent(mode_)) out.Truncate(before);
}

void ExecRun::RunAtHome(size_t i, base::Buffer& out) {
  const size_t before = out.size();
  On(home_, [&](Shard& home) {
    // CLIENT REPLY SKIP in front of EXEC is still in force, though not for what comes behind.
    if (mode_ == ReplyMode::kSkip) client_.reply_mode = mode_;
    home.executor().Execute(CallOf(i), &client_, out);
    caller_ = CallerOf(client_);
    const ReplyMode after = client_.reply_mode;
    if (after == ReplyMode::kSkip) client_.reply_mode = ReplyMode::kOn;
    // With SKIP it is silent to its end, and for the next command.
    if (Silent(mode_) && (after == mode_ || after == ReplyMode::kSkipNext)) {
      out.Truncate(before);
    } else {
      mode_ = after == ReplyMode::kOff ? after : ReplyMode::kOn;
    }
  });
}

void ExecRun::RunScattered(size_t i, base::Buffer& out) {
  const Executor::Call call = CallOf(i);
  std::vector<ScatterPart> parts(shard_.node().shard_count());
  Awaited others;
  for (uint16_t index : shards_) {
    if (index == shard_.index()) continue;
    Shard& other = shard_.node().shard(index);
    others.Start(other, [&] {
      other.executor().Begin(now_ms_);
      other.executor().ExecuteFragment(call, parts);
    });
  }
  shard_.executor().ExecuteFragment(call, parts);
  others.Wait();
  shard_.executor().ExecuteCombine(call, parts, out);
}

void ExecRun::On(uint16_t index, const std::function<void(Shard&)>& call) {
  if (index == shard_.index()) return call(shard_);
  Shard& other = shard_.node().shard(index);
  Awaited awaited;
  awaited.Start(other, [&] {
    other.executor().Begin(now_ms_);
    call(other);
  });
  awaited.Wait();
  shard_.executor().Begin(now_ms_);
}

}  // namespace nuthatch::runtime
