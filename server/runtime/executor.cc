#include "server/runtime/executor.h"

#include <algorithm>

#include "server/runtime/error_texts.h"
#include "server/runtime/shard.h"
#include "server/runtime/ticks.h"

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

void Executor::Bind(const CommandEntry& entry, std::span<const std::string_view> args,
                    std::span<const keyspace::Key> keys, const CallerInfo& caller) {
  context_.spec_ = entry.spec;
  context_.args_ = args;
  context_.keys_ = keys;
  context_.caller_ = &caller;
  context_.config_ = &shard_->config();
}

void Executor::Run(const CommandEntry& entry, std::span<const std::string_view> args,
                   std::span<const keyspace::Key> keys, const CallerInfo& caller,
                   ClientState* client, base::Buffer& out) {
  const CommandSpec& spec = *entry.spec;
  resp::ReplyWriter writer(&out, caller.protocol);
  size_t begin = out.size();
  if ((spec.flags & kDenyOom) != 0 && !MakeRoom()) {
    writer.Error(kOomText);
    CountRefusal(&entry, kOomText);
    return;
  }
  // A command that breathes lets others run through this very executor: they get a context of their
  // own.
  Bind(entry, args, keys, caller);
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
  uint64_t now = Ticks::Now();
  Count(entry, now - mark_, out.view().substr(begin));
  mark_ = now;
}

void Executor::RunFragment(const PostingItem& item, const Posting& posting,
                           Transaction& transaction) {
  Bind(*item.command.entry, posting.ArgsOf(item.command), posting.KeysOf(item.command),
       posting.CallerOf(item));
  context_.client_ = nullptr;
  context_.reply_ = nullptr;
  context_.parts_ = transaction.parts;
  context_.part_ = &transaction.parts[shard_->index()];
  bool was_running = shard_->running_;
  shard_->running_ = true;
  item.command.entry->spec->scatter.fragment(context_);
  shard_->running_ = was_running;
}

void Executor::RunCombine(const PostingItem& item, const Posting& posting,
                          Transaction& transaction) {
  Bind(*item.command.entry, posting.ArgsOf(item.command), posting.KeysOf(item.command),
       posting.CallerOf(item));
  resp::ReplyWriter writer(&transaction.reply, posting.CallerOf(item).protocol);
  context_.client_ = nullptr;
  context_.reply_ = &writer;
  context_.parts_ = transaction.parts;
  context_.part_ = nullptr;
  item.command.entry->spec->scatter.combine(context_);
  uint64_t now = Ticks::Now();
  Count(*item.command.entry, now - mark_, transaction.reply.view());
  mark_ = now;
}

void Executor::RunRendezvous(const PostingItem& item, const Posting& posting,
                             Transaction& transaction) {
  Bind(*item.command.entry, posting.ArgsOf(item.command), posting.KeysOf(item.command),
       posting.CallerOf(item));
  resp::ReplyWriter writer(&transaction.reply, posting.CallerOf(item).protocol);
  context_.client_ = nullptr;
  context_.reply_ = &writer;
  context_.parts_ = {};
  context_.part_ = nullptr;
  bool was_running = shard_->running_;
  shard_->running_ = true;
  item.command.entry->spec->run(context_);
  shard_->running_ = was_running;
  uint64_t now = Ticks::Now();
  Count(*item.command.entry, now - mark_, transaction.reply.view());
  mark_ = now;
}

bool Executor::MakeRoom() {
  const config::Config& config = shard_->config();
  if (config.maxmemory == 0) return true;
  return shard_->MakeRoom();
}

void Executor::Count(const CommandEntry& entry, uint64_t ticks, std::string_view reply) {
  ShardStats& stats = shard_->stats();
  uint64_t ns = Ticks::ToNs(ticks);
  ++stats.commands_processed;
  if (stats.commands.size() <= entry.id) {
    stats.commands.resize(node_->commands().size());
    stats.latencies.resize(node_->commands().size());
  }
  CommandStats& command = stats.commands[entry.id];
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
  ShardStats& stats = shard_->stats();
  if (entry != nullptr && entry->id < node_->commands().size()) {
    if (stats.commands.size() <= entry->id) {
      stats.commands.resize(node_->commands().size());
      stats.latencies.resize(node_->commands().size());
    }
    ++stats.commands[entry->id].rejected_calls;
  }
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
