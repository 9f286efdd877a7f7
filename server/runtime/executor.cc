#include "server/runtime/executor.h"

#include <algorithm>

#include "server/runtime/blocking.h"
#include "server/runtime/error_texts.h"
#include "server/runtime/exec_run.h"
#include "server/runtime/shard.h"

namespace nuthatch::runtime {
namespace {

// What the slow log keeps of a call, as Redis cuts it.
constexpr size_t kSlowLogArgs = 32;
constexpr size_t kSlowLogArgBytes = 128;
// Kinds of errors that are counted apart; more are not told from each other (a client can't fill
// memory with them).
constexpr size_t kMostErrorKinds = 128;

std::vector<std::string> CutArgs(const CommandSpec& spec, std::span<const std::string_view> args) {
  std::vector<bool> secret(args.size());
  if (spec.redact != nullptr) spec.redact(args, secret);
  std::vector<std::string> result;
  size_t shown = std::min(args.size(), kSlowLogArgs);
  for (size_t i = 0; i < shown; ++i) {
    if (args.size() > kSlowLogArgs && i == kSlowLogArgs - 1) {
      result.push_back("... (" + std::to_string(args.size() - kSlowLogArgs + 1) +
                       " more arguments)");
    } else if (secret[i]) {
      result.emplace_back("(redacted)");
    } else if (args[i].size() > kSlowLogArgBytes) {
      result.push_back(std::string(args[i].substr(0, kSlowLogArgBytes)) + "... (" +
                       std::to_string(args[i].size() - kSlowLogArgBytes) + " more bytes)");
    } else {
      result.emplace_back(args[i]);
    }
  }
  return result;
}

}  // namespace

// --- CommandContext ---

keyspace::Keyspace& CommandContext::keyspace_of(uint16_t slot) const {
  size_t owner = ShardOf(slot);
  return owner == shard_->index() ? shard_->keyspace() : node_->shard(owner).keyspace();
}

size_t CommandContext::ShardOf(uint16_t slot) const { return shard_->slot_map().ShardOf(slot); }

bool CommandContext::Owns(size_t i) const { return ShardOf(keys_[i].slot) == shard_->index(); }

void CommandContext::Breathe() { shard_->ServeWhileHeld(); }

// --- Executor ---

Executor::Executor(Node* node, Shard* shard) : node_(node), shard_(shard) {
  context_.node_ = node;
  context_.shard_ = shard;
}

void Executor::Begin(int64_t now_ms) {
  context_.now_ms_ = now_ms;
  mark_ = Ticks::Now();
}

void Executor::Bind(const Call& call) {
  context_.spec_ = call.entry.spec;
  context_.args_ = call.args;
  context_.keys_ = call.keys;
  context_.caller_ = &call.caller;
  context_.config_ = &shard_->config();
  context_.watcher_ = call.watcher;
  context_.in_exec_ = call.in_exec;
  context_.waiter_ = call.waiter;
  context_.ready_key_ = call.ready_key;
  context_.wait_.reset();
}

void Executor::Run(const Call& call, ClientState* client, base::Buffer& out) {
  if ((call.entry.spec->flags & kDenyOom) != 0 && !MakeRoom()) {
    resp::ReplyWriter(&out, call.caller.protocol).Error(kOomText);
    CountRefusal(&call.entry, kOomText);
    return;
  }
  Execute(call, client, out);
  ServeReady();
}

void Executor::ServeReady() {
  // What runs at home while the shard is held has changed no key, and the list is another thread's.
  if (shard_->held() || !shard_->keyspace().block_list().HasReady()) [[likely]]
    return;
  const auto index = static_cast<uint16_t>(shard_->index());
  Blocking::ServeReady(*shard_, {&index, 1});
}

void Executor::Settle(const Posting& posting) {
  if (asked_wait_.has_value()) Blocking::Register(*shard_, posting.waiter, *asked_wait_);
}

void Executor::Execute(const Call& call, ClientState* client, base::Buffer& out) {
  const CommandSpec& spec = *call.entry.spec;
  resp::ReplyWriter writer(&out, call.caller.protocol);
  size_t begin = out.size();
  // A command that breathes lets others run through this very executor: they get a context of their
  // own.
  Bind(call);
  context_.client_ = client;
  context_.reply_ = &writer;
  bool was_running = shard_->running_;
  shard_->running_ = true;
  if (spec.run != nullptr) {
    spec.run(context_);
  } else {
    CHECK(spec.scatter.fragment != nullptr);
    if (own_parts_.empty()) own_parts_.resize(node_->shard_count());
    std::vector<ScatterPart> parts;
    parts.swap(own_parts_);
    context_.parts_ = parts;
    context_.part_ = &parts[shard_->index()];
    spec.scatter.fragment(context_);
    spec.scatter.combine(context_);
    parts[shard_->index()].Clear();
    parts.swap(own_parts_);
  }
  shard_->running_ = was_running;
  asked_wait_ = context_.wait_;
  CountCall(call.entry, mark_, out.view().substr(begin));
}

void Executor::ExecuteFragment(const Call& call, std::span<ScatterPart> parts) {
  Bind(call);
  context_.client_ = nullptr;
  context_.reply_ = nullptr;
  context_.parts_ = parts;
  context_.part_ = &parts[shard_->index()];
  bool was_running = shard_->running_;
  shard_->running_ = true;
  call.entry.spec->scatter.fragment(context_);
  shard_->running_ = was_running;
}

void Executor::ExecuteCombine(const Call& call, std::span<ScatterPart> parts, base::Buffer& out) {
  Bind(call);
  resp::ReplyWriter writer(&out, call.caller.protocol);
  size_t begin = out.size();
  context_.client_ = nullptr;
  context_.reply_ = &writer;
  context_.parts_ = parts;
  context_.part_ = nullptr;
  call.entry.spec->scatter.combine(context_);
  CountCall(call.entry, mark_, out.view().substr(begin));
}

namespace {

Executor::Call CallOf(const PostingItem& item, const Posting& posting) {
  return {.entry = *item.command.entry,
          .args = posting.ArgsOf(item.command),
          .keys = posting.KeysOf(item.command),
          .caller = posting.CallerOf(item),
          .watcher = item.plan == nullptr ? nullptr : &item.plan->watcher,
          .waiter =
              (item.command.entry->spec->flags & kBlocking) == 0 ? nullptr : posting.waiter.get()};
}

bool IsPlan(const PostingItem& item, MultiPlan::Kind kind) {
  return item.plan != nullptr && item.plan->kind == kind;
}

}  // namespace

void Executor::Unwatch(const MultiPlan& plan) {
  for (const WatchedKey& key : plan.watches.keys()) {
    if (context_.ShardOf(key.slot) != shard_->index()) continue;
    shard_->keyspace().Unwatch(key.db, key.key(), *plan.watches.watcher());
  }
}

void Executor::RunOne(const PostingItem& item, const Posting& posting, base::Buffer& out) {
  if (IsPlan(item, MultiPlan::Kind::kExec)) {
    ExecRun(*shard_, item, posting, {}).Run(out);
  } else if (IsPlan(item, MultiPlan::Kind::kUnwatch)) {
    Unwatch(*item.plan);
  } else {
    Run(CallOf(item, posting), nullptr, out);
    Settle(posting);
  }
}

void Executor::RunAgain(const PostingItem& item, const Posting& posting, uint32_t key_index,
                        base::Buffer& out) {
  Call call = CallOf(item, posting);
  call.ready_key = key_index;
  Bind(call);
  resp::ReplyWriter writer(&out, call.caller.protocol);
  context_.client_ = nullptr;
  context_.reply_ = &writer;
  bool was_running = shard_->running_;
  shard_->running_ = true;
  call.entry.spec->run(context_);
  shard_->running_ = was_running;
}

void Executor::RunFragment(const PostingItem& item, const Posting& posting,
                           Transaction& transaction) {
  if (IsPlan(item, MultiPlan::Kind::kUnwatch)) return Unwatch(*item.plan);
  ExecuteFragment(CallOf(item, posting), transaction.parts);
  ServeReady();
}

void Executor::RunCombine(const PostingItem& item, const Posting& posting,
                          Transaction& transaction) {
  if (IsPlan(item, MultiPlan::Kind::kUnwatch)) return;
  ExecuteCombine(CallOf(item, posting), transaction.parts, transaction.reply);
}

void Executor::RunRendezvous(const PostingItem& item, const Posting& posting,
                             Transaction& transaction) {
  if (IsPlan(item, MultiPlan::Kind::kExec)) {
    ExecRun(*shard_, item, posting, transaction.shards).Run(transaction.reply);
    return;
  }
  // Room was made, or the command refused, before it was posted.
  Execute(CallOf(item, posting), nullptr, transaction.reply);
  Settle(posting);
  Blocking::ServeReady(*shard_, transaction.shards);
}

bool Executor::MakeRoom() {
  const config::Config& config = shard_->config();
  if (config.maxmemory == 0) return true;
  return shard_->MakeRoom();
}

CommandStats& Executor::StatsOf(const CommandEntry& entry) {
  ShardStats& stats = shard_->stats();
  if (stats.commands.size() <= entry.id) {
    stats.commands.resize(node_->commands().size());
    stats.latencies.resize(node_->commands().size());
  }
  return stats.commands[entry.id];
}

void Executor::Count(const CommandEntry& entry, uint64_t ticks, std::string_view reply) {
  ShardStats& stats = shard_->stats();
  uint64_t ns = Ticks::ToNs(ticks);
  ++stats.commands_processed;
  CommandStats& command = StatsOf(entry);
  ++command.calls;
  command.nanoseconds += ns;
  // CONFIG SET is already judged by what it has set.
  if (entry.spec->where == Where::kRendezvousAll) shard_->RefreshSnapshots();
  const config::Config& config = shard_->config();
  if (config.latency_tracking) {
    std::unique_ptr<LatencyHistogram>& histogram = stats.latencies[entry.id];
    if (histogram == nullptr) histogram = std::make_unique<LatencyHistogram>();
    histogram->Record(ns);
  }
  if (!reply.empty() && reply.front() == '-') {
    ++command.failed_calls;
    CountError(reply.substr(1));
  }
  if (config.latency_monitor_threshold > 0) {
    auto ms = static_cast<int64_t>(ns / 1'000'000);
    if (ms >= config.latency_monitor_threshold) {
      NoteLatency(stats.latency_events,
                  (entry.spec->flags & kFast) != 0 ? "fast-command" : "command",
                  context_.now_ms_ / 1000, ms);
    }
  }
  int64_t threshold_us = config.slowlog_log_slower_than;
  if (threshold_us >= 0 && ns >= static_cast<uint64_t>(threshold_us) * 1000 &&
      (entry.spec->flags & kSkipSlowlog) == 0) {
    NoteSlow(entry, ns);
  }
}

void Executor::CountRefusal(const CommandEntry* entry, std::string_view error) {
  if (entry != nullptr && entry->id < node_->commands().size()) ++StatsOf(*entry).rejected_calls;
  CountError(error);
}

void Executor::CountFailure(const CommandEntry& entry, std::string_view error) {
  ++StatsOf(entry).failed_calls;
  CountError(error);
}

void Executor::CountError(std::string_view error) {
  ShardStats& stats = shard_->stats();
  ++stats.error_replies;
  std::string_view kind = error.substr(0, error.find_first_of(" \r\n"));
  auto found = stats.errors.find(kind);
  if (found != stats.errors.end()) {
    ++found->second;
  } else if (stats.errors.size() < kMostErrorKinds) {
    stats.errors.emplace(kind, 1);
  }
}

void Executor::NoteSlow(const CommandEntry& entry, uint64_t ns) {
  ShardStats& stats = shard_->stats();
  size_t most = shard_->config().slowlog_max_len;
  if (most == 0) return;
  SlowLogEntry& slow = stats.slow_log.emplace_front();
  slow.id = node_->next_slow_log_id.fetch_add(1, std::memory_order_relaxed);
  slow.unix_time_s = context_.now_ms_ / 1000;
  slow.microseconds = static_cast<int64_t>(ns / 1000);
  slow.args = CutArgs(*entry.spec, context_.args_);
  if (client_address_ != nullptr) slow.client_address = *client_address_;
  if (client_name_ != nullptr) slow.client_name = *client_name_;
  while (stats.slow_log.size() > most) stats.slow_log.pop_back();
}

}  // namespace nuthatch::runtime
