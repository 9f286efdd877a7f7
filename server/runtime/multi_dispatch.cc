#include "server/runtime/multi_dispatch.h"

#include <algorithm>
#include <utility>

#include "server/resp/replies.h"
#include "server/runtime/error_texts.h"
#include "server/runtime/exec_run.h"
#include "server/runtime/poster.h"

namespace nuthatch::runtime {
namespace {

using Route = ParsedCommand::Route;

InMulti RoleOf(const ParsedCommand& command) {
  return command.entry == nullptr ? InMulti::kQueued : command.entry->spec->in_multi;
}

template <typename Keys>
bool AllHere(const Shard& shard, const Keys& keys) {
  return std::all_of(keys.begin(), keys.end(), [&](const auto& key) {
    return shard.slot_map().ShardOf(key.slot) == shard.index();
  });
}

bool QueueIsLocal(const Shard& shard, const MultiState& multi) {
  if (shard.slot_map().shards() == 1) return true;
  return !multi.queue.on_all() && AllHere(shard, multi.queue.all_keys());
}

// Whether EXEC will be a rendezvous.
bool NeedsSeveral(const Shard& shard, const MultiState& multi) {
  if (shard.slot_map().shards() == 1) return false;
  if (multi.queue.on_all()) return true;
  std::optional<size_t> needed;
  auto differs = [&](size_t index) {
    return std::exchange(needed, index).value_or(index) != index;
  };
  if (multi.queue.at_home() && differs(shard.index())) return true;
  for (const keyspace::Key& key : multi.queue.all_keys()) {
    if (differs(shard.slot_map().ShardOf(key.slot))) return true;
  }
  return std::any_of(
      multi.watches.keys().begin(), multi.watches.keys().end(),
      [&](const WatchedKey& key) { return differs(shard.slot_map().ShardOf(key.slot)); });
}

// Posts the removal of the marks.
void PostUnwatch(Shard& shard, Watches watches) {
  // Nobody works mailboxes off any more, and the keyspaces are about to go.
  if (shard.stopping()) return;
  Posting& posting = *shard.NewPosting();
  posting.home = static_cast<uint16_t>(shard.index());
  posting.awaited = true;
  posting.plans.push_back(std::make_unique<MultiPlan>());
  MultiPlan& plan = *posting.plans.back();
  plan.kind = MultiPlan::Kind::kUnwatch;
  plan.watches = std::move(watches);
  PostingItem& item = posting.items.emplace_back();
  item.plan = &plan;
  item.caller = posting.CallerIndex({});
  posting.Place(item, plan.ShardsNeeded(shard.slot_map(), posting.home), false);
  shard.ExpectAnswer();
  for (;;) {
    switch (Post(shard.node(), &shard, shard.version(), shard.now_ms(), posting)) {
      case PostOutcome::kPosted:
        return;
      case PostOutcome::kPostedOwnPartNow:
        return shard.RunPart(&posting.PartOf(posting.home));
      case PostOutcome::kOutdated:
        shard.RefreshSnapshots();
        break;
    }
  }
}

}  // namespace

MultiDispatch::Step MultiDispatch::StepOf(const ClientState& client, const ParsedCommand& command) {
  if (command.fault != ParsedCommand::Fault::kNone) return Step::kAsUsual;
  const InMulti role = RoleOf(command);
  if (!client.InTransaction()) return role == InMulti::kWatch ? Step::kWatch : Step::kAsUsual;
  switch (role) {
    case InMulti::kQueued:
      return Step::kQueue;
    case InMulti::kExec:
      return client.multi->failed ? Step::kAbort : Step::kExec;
    case InMulti::kWatch:
      return Step::kAtHome;
    case InMulti::kAtOnce:
    case InMulti::kMulti:
      break;
  }
  return Step::kAsUsual;
}

bool MultiDispatch::RoutedHome(const Shard& shard, const ParsedCommand& command) {
  if (command.route == Route::kHome) return true;
  // One that may wait needs a posting to do it in.
  return command.route == Route::kOneShard && command.shard == shard.index() &&
         (command.entry->spec->flags & kBlocking) == 0;
}

// Whether a command is refused isn't foreseen: IsLocal() has the last word.
bool MultiDispatch::AllLocal(const Shard& shard, const ClientState& client,
                             const CommandBatch& batch) {
  bool open = client.InTransaction();
  bool queue_local = !open || QueueIsLocal(shard, *client.multi);
  bool watches_local = client.multi == nullptr || AllHere(shard, client.multi->watches.keys());
  for (const ParsedCommand& command : batch.commands) {
    if (command.fault != ParsedCommand::Fault::kNone) continue;
    const bool local = RoutedHome(shard, command);
    const InMulti role = RoleOf(command);
    if (open && role == InMulti::kQueued) queue_local &= local;
    if (open && role == InMulti::kExec && !(queue_local && watches_local)) return false;
    if (!open && !local) return false;
    if (role == InMulti::kMulti && !open) {
      open = queue_local = true;
    } else if (role == InMulti::kExec || role == InMulti::kAtOnce) {
      open = false;
      watches_local = true;
    }
  }
  return true;
}

bool MultiDispatch::IsLocal(const Shard& shard, const ClientState& client,
                            const ParsedCommand& command) {
  if (command.fault != ParsedCommand::Fault::kNone) return true;
  switch (StepOf(client, command)) {
    case Step::kQueue:
    case Step::kAtHome:
    case Step::kAbort:
      return true;
    case Step::kExec:
      return QueueIsLocal(shard, *client.multi) && AllHere(shard, client.multi->watches.keys());
    case Step::kWatch:
    case Step::kAsUsual:
      break;
  }
  return RoutedHome(shard, command);
}

uint64_t MultiDispatch::Flags(const ClientState& client, const ParsedCommand& command) {
  uint64_t flags = command.entry->spec->flags;
  if (client.InTransaction() && RoleOf(command) == InMulti::kExec) {
    flags |= client.multi->queue.flags();
  }
  return flags;
}

std::optional<std::string> MultiDispatch::Refusal(Shard& shard, const ClientState& client,
                                                  const ParsedCommand& command) {
  if ((command.entry->spec->flags & kNoMulti) != 0) return std::string(kNotInMultiText);
  switch (RoleOf(command)) {
    case InMulti::kAtOnce:
      return std::nullopt;
    case InMulti::kExec:
      // In one shard it is decided where it runs.
      if ((client.multi->queue.flags() & kDenyOom) == 0 || !NeedsSeveral(shard, *client.multi)) {
        return std::nullopt;
      }
      break;
    case InMulti::kQueued:
    case InMulti::kMulti:
    case InMulti::kWatch:
      // Whatever is queued takes memory.
      break;
  }
  if (shard.MakeRoom()) return std::nullopt;
  return std::string(kOomText);
}

std::optional<std::string> MultiDispatch::PlanRefusal(Shard& shard, const PostingItem& item) {
  if ((item.plan->queue.flags() & kDenyOom) == 0 || item.kind == PostingItem::Kind::kOneShard ||
      shard.MakeRoom()) {
    return std::nullopt;
  }
  return ExecAbortText(kOomText);
}

void MultiDispatch::NoteRefusal(ClientState& client, const ParsedCommand& command) {
  if (client.multi == nullptr) return;
  // An EXEC that is refused forgets the watches, with or without MULTI.
  if (RoleOf(command) == InMulti::kExec) {
    client.multi->End();
  } else if (client.multi->open) {
    client.multi->failed = true;
  }
}

void MultiDispatch::Queue(ClientState& client, const ParsedCommand& command,
                          std::span<const std::string_view> args,
                          std::span<const keyspace::Key> keys, base::Buffer& out) {
  MultiState& multi = *client.multi;
  // As in Redis, nothing more is kept of what can't be executed any more.
  if (!multi.failed && !multi.watches.touched()) multi.queue.Add(*command.entry, args, keys);
  out.Append(resp::kQueuedReply);
}

void MultiDispatch::Abort(Shard& shard, ClientState& client, const ParsedCommand& command,
                          base::Buffer& out) {
  const uint64_t start = shard.executor().mark();
  const size_t begin = out.size();
  client.multi->End();
  resp::ReplyWriter(&out, client.protocol).Error(kExecAbortText);
  shard.executor().CountCall(*command.entry, start, out.view().substr(begin));
}

std::unique_ptr<MultiPlan> MultiDispatch::TakePlan(ClientState& client) {
  auto plan = std::make_unique<MultiPlan>();
  MultiState& multi = *client.multi;
  plan->queue = std::exchange(multi.queue, {});
  plan->watches = std::exchange(multi.watches, {});
  multi.open = false;
  plan->barrier = plan->queue.at_home() || (plan->queue.flags() & kBarrier) != 0;
  if (plan->barrier) {
    multi.executing = true;
    multi.executing_commands = plan->queue.size();
    multi.executing_memory = plan->queue.multi_memory();
  }
  return plan;
}

void MultiDispatch::RunExec(Shard& shard, ClientState& client, const ParsedCommand& command,
                            base::Buffer& out) {
  std::unique_ptr<MultiPlan> plan = TakePlan(client);
  const auto keys = plan->queue.all_keys();
  if (keys.size() > 1) shard.PrefetchKeys(client.db, keys, (plan->queue.flags() & kWrite) != 0);
  ExecRun(shard, *command.entry, *plan, client).Run(out);
  if (client.multi != nullptr) client.multi->executing = false;
}

void MultiDispatch::PlaceExec(Shard& shard, ClientState& client, Posting& posting,
                              PostingItem& item) {
  item.plan = posting.plans.emplace_back(TakePlan(client)).get();
  posting.Place(
      item, item.plan->ShardsNeeded(shard.slot_map(), static_cast<uint16_t>(shard.index())), true);
}

const keyspace::WatcherRef& MultiDispatch::NoteWatch(ClientState& client,
                                                     std::span<const keyspace::Key> keys) {
  Watches& watches = client.Multi().watches;
  watches.Add(client.db, keys);
  return watches.watcher();
}

std::unique_ptr<MultiPlan> MultiDispatch::TakeWatch(ClientState& client,
                                                    std::span<const keyspace::Key> keys) {
  auto plan = std::make_unique<MultiPlan>();
  plan->kind = MultiPlan::Kind::kWatch;
  plan->watcher = NoteWatch(client, keys);
  return plan;
}

void MultiDispatch::Settle(Shard& shard, ClientState& client) {
  if (client.multi == nullptr) return;
  for (Watches& watches : std::exchange(client.multi->released, {})) {
    PostUnwatch(shard, std::move(watches));
  }
  if (client.multi->idle()) client.multi = nullptr;
}

void MultiDispatch::Abandon(Shard& shard, ClientState& client) {
  if (client.multi == nullptr) return;
  client.multi->End();
  Settle(shard, client);
}

}  // namespace nuthatch::runtime
