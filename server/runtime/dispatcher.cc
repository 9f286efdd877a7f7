#include "server/runtime/dispatcher.h"

#include <algorithm>

#include "server/base/log.h"
#include "server/resp/reply_writer.h"
#include "server/runtime/error_texts.h"
#include "server/runtime/multi_dispatch.h"
#include "server/runtime/poster.h"

namespace nuthatch::runtime {
namespace {

// Where a session stops parsing because too much waits to be written to a client that does not
// read. A client may send a long pipeline before it reads its first reply, so this is not small.
constexpr size_t kOutputHighWater = 32 * 1024 * 1024;

std::span<const std::string_view> ArgsOf(const CommandBatch& batch, const ParsedCommand& command) {
  return std::span(batch.args).subspan(command.arg_begin, command.arg_count);
}

std::span<const keyspace::Key> KeysOf(const CommandBatch& batch, const ParsedCommand& command) {
  return std::span(batch.keys).subspan(command.key_begin, command.key_count);
}

// The mode that holds for the next command, and what CLIENT REPLY SKIP leaves behind it.
ReplyMode TakeReplyMode(ClientState& client) {
  if (client.reply_mode == ReplyMode::kSkipNext) client.reply_mode = ReplyMode::kSkip;
  return client.reply_mode;
}

void EndReplyMode(ClientState& client) {
  if (client.reply_mode == ReplyMode::kSkip) client.reply_mode = ReplyMode::kOn;
}

bool SameWord(std::string_view arg, std::string_view lower) {
  return std::equal(arg.begin(), arg.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

// Whether a browser speaks, sent here by some page to do harm. Like Redis, nothing is answered.
bool RefuseBrowser(const ParsedCommand& command, std::span<const std::string_view> args,
                   ClientState& client) {
  if (command.fault != ParsedCommand::Fault::kUnknown) return false;
  if (!SameWord(args[0], "post") && !SameWord(args[0], "host:")) return false;
  base::LogWarning(
      "Possible SECURITY ATTACK detected: {} sends POST or Host: as a command, as a page that "
      "attacks by way of a browser would. Connection aborted.",
      client.address);
  client.close_now = true;
  return true;
}

// Whether nothing behind that item may run before it has replied.
bool IsBarrier(const PostingItem& item) {
  if (item.kind == PostingItem::Kind::kReplied) return false;
  if ((item.command.entry->spec->flags & kBarrier) != 0) return true;
  return item.plan != nullptr && item.plan->barrier;
}

// Whether a command needs no shard but its connection's.
bool IsDoneAtHome(MultiDispatch::Step step, const ParsedCommand& command) {
  switch (step) {
    case MultiDispatch::Step::kQueue:
    case MultiDispatch::Step::kAbort:
    case MultiDispatch::Step::kAtHome:
      return true;
    case MultiDispatch::Step::kExec:
    case MultiDispatch::Step::kWatch:
      return false;
    case MultiDispatch::Step::kAsUsual:
      break;
  }
  return command.route == ParsedCommand::Route::kHome;
}

void FindCommand(const CommandTable& table, std::span<const std::string_view> args,
                 ParsedCommand& command) {
  command.entry = table.Find(args[0]);
  if (command.entry == nullptr) {
    command.fault = ParsedCommand::Fault::kUnknown;
    return;
  }
  if (!command.entry->subcommands.empty() && args.size() > 1) {
    const CommandEntry* sub = CommandTable::FindSubcommand(*command.entry, args[1]);
    if (sub == nullptr) {
      command.fault = ParsedCommand::Fault::kUnknownSubcommand;
      return;
    }
    command.entry = sub;
  }
  int arity = command.entry->spec->arity;
  auto argc = static_cast<int>(args.size());
  if (arity > 0 ? argc != arity : argc < -arity) command.fault = ParsedCommand::Fault::kArity;
}

void FindRoute(const Shard& shard, const CommandBatch& batch, ParsedCommand& command) {
  using Route = ParsedCommand::Route;
  const keyspace::SlotMap& slots = shard.slot_map();
  const CommandSpec& spec = *command.entry->spec;
  if (spec.where == Where::kHome) {
    command.route = Route::kHome;
    return;
  }
  if (RunsOnAll(spec, ArgsOf(batch, command))) {
    command.route = slots.shards() == 1 ? Route::kOneShard : Route::kSeveral;
    command.shard = 0;
    return;
  }
  command.route = Route::kOneShard;
  // Without keys (the call is wrong, and the command will say so) any shard will do.
  command.shard = static_cast<uint16_t>(shard.index());
  if (slots.shards() == 1) return;
  auto keys = KeysOf(batch, command);
  if (keys.empty()) return;
  command.shard = slots.ShardOf(keys[0].slot);
  for (const keyspace::Key& key : keys.subspan(1)) {
    if (slots.ShardOf(key.slot) != command.shard) command.route = Route::kSeveral;
  }
}

}  // namespace

void Dispatcher::Append(Shard& shard, CommandBatch& batch, size_t arg_begin, size_t input_bytes) {
  ParsedCommand& command = batch.commands.emplace_back();
  command.arg_begin = static_cast<uint32_t>(arg_begin);
  command.arg_count = static_cast<uint32_t>(batch.args.size() - arg_begin);
  command.key_begin = static_cast<uint32_t>(batch.keys.size());
  command.input_bytes = input_bytes;
  auto args = ArgsOf(batch, command);
  FindCommand(shard.node().commands(), args, command);
  if (command.fault != ParsedCommand::Fault::kNone) return;
  batch.has_multi |= command.entry->spec->in_multi != InMulti::kQueued;
  batch.writes |= (command.entry->spec->flags & kWrite) != 0;

  if (command.entry->single_key_index != 0) {
    batch.keys.push_back(keyspace::Key::Of(args[command.entry->single_key_index]));
  } else if (!command.entry->spec->key_specs.empty()) {
    batch.positions.Clear();
    FindKeysToRun(*command.entry->spec, args, batch.positions);
    for (const auto& position : batch.positions.positions()) {
      batch.keys.push_back(keyspace::Key::Of(args[position.position]));
    }
  }
  command.key_count = static_cast<uint32_t>(batch.keys.size() - command.key_begin);
  FindRoute(shard, batch, command);
}

void Dispatcher::Prefetch(Shard& shard, int db, const CommandBatch& batch) {
  if (batch.keys.size() < 2) return;
  shard.PrefetchKeys(db, batch.keys, batch.writes);
}

bool Dispatcher::AllLocal(const Shard& shard, const CommandBatch& batch) {
  return std::all_of(
      batch.commands.begin(), batch.commands.end(),
      [&](const ParsedCommand& command) { return MultiDispatch::RoutedHome(shard, command); });
}

size_t Dispatcher::Dispatch(Shard& shard, Session& session, CommandBatch& batch) {
  const bool local = MultiDispatch::Concerns(session.client_, batch)
                         ? MultiDispatch::AllLocal(shard, session.client_, batch)
                         : AllLocal(shard, batch);
  if (local) {
    int64_t now_ms = 0;
    bool claimed = shard.ClaimLocal(&now_ms);
    if (!claimed && !shard.held() && shard.DrainOperations(shard.turn_end_ticks()))
      claimed = shard.ClaimLocal(&now_ms);
    if (claimed) {
      Prefetch(shard, session.client_.db, batch);
      return RunHere(shard, session, batch, now_ms);
    }
  }
  return PostBatch(shard, session, batch);
}

bool Dispatcher::MustPause(Shard& shard, const ClientState& client, const ParsedCommand& command) {
  if (!shard.paused()) return false;
  if (command.entry == nullptr || command.fault != ParsedCommand::Fault::kNone) return false;
  return shard.Pauses(MultiDispatch::Flags(client, command));
}

std::optional<std::string> Dispatcher::Refusal(Shard& shard, const Session& session,
                                               std::span<const std::string_view> args,
                                               const ParsedCommand& command) {
  const bool exec = command.entry != nullptr && command.entry->spec->in_multi == InMulti::kExec;
  switch (command.fault) {
    case ParsedCommand::Fault::kUnknown:
      return UnknownCommandText(args);
    case ParsedCommand::Fault::kUnknownSubcommand:
      return UnknownSubcommandText(command.entry->spec->name, args[1]);
    case ParsedCommand::Fault::kArity: {
      std::string text = WrongArityText(FullName(*command.entry));
      if (!exec) return text;
      const std::string_view whole = text;
      return ExecAbortText(whole.substr(kErrorCode.size()));
    }
    case ParsedCommand::Fault::kNone:
      break;
  }
  std::optional<std::string> text;
  uint64_t flags = command.entry->spec->flags;
  // Whoever came before the password was taken away needs none either.
  if ((flags & kNoAuth) == 0 && session.MustAuthenticate()) {
    text = kNoAuthText;
  } else if (session.client_.InTransaction()) [[unlikely]] {
    text = MultiDispatch::Refusal(shard, session.client_, command);
  } else if ((flags & kDenyOom) != 0 && command.route == ParsedCommand::Route::kSeveral &&
             !shard.MakeRoom()) {
    // One shard decides where it runs; over several it is decided here, before anything is posted.
    text = kOomText;
  }
  return exec && text.has_value() ? ExecAbortText(*text) : text;
}

std::optional<std::string> Dispatcher::RefusalAgain(Shard& shard, Session& session,
                                                    Posting& posting, PostingItem& item) {
  const bool exec = item.plan != nullptr && item.plan->kind == MultiPlan::Kind::kExec;
  if (!exec) return Refusal(shard, session, posting.ArgsOf(item.command), item.command);
  std::optional<std::string> text = MultiDispatch::PlanRefusal(shard, item);
  if (text.has_value()) {
    session.client_.Multi().released.push_back(std::move(item.plan->watches));
    item.plan = nullptr;
  }
  return text;
}

void Dispatcher::RunAtHome(Shard& shard, Session& session, const CommandBatch& batch,
                           const ParsedCommand& command, const std::optional<std::string>& refusal,
                           base::Buffer& out) {
  if (refusal.has_value()) {
    resp::ReplyWriter(&out, session.client_.protocol).Error(*refusal);
    shard.executor().CountRefusal(command.entry, *refusal);
    MultiDispatch::NoteRefusal(session.client_, command);
    return;
  }
  CallerInfo caller = CallerOf(session.client_);
  shard.executor().Run(*command.entry, ArgsOf(batch, command), KeysOf(batch, command), caller,
                       &session.client_, out);
}

bool Dispatcher::StepAtHome(Shard& shard, Session& session, const CommandBatch& batch,
                            const ParsedCommand& command, base::Buffer& out) {
  using Step = MultiDispatch::Step;
  switch (MultiDispatch::StepOf(session.client_, command)) {
    case Step::kQueue:
      MultiDispatch::Queue(session.client_, command, ArgsOf(batch, command), KeysOf(batch, command),
                           out);
      return true;
    case Step::kAbort:
      MultiDispatch::Abort(shard, session.client_, command, out);
      return true;
    case Step::kAtHome:
      RunAtHome(shard, session, batch, command, std::nullopt, out);
      return true;
    case Step::kExec:
    case Step::kWatch:
    case Step::kAsUsual:
      break;
  }
  return false;
}

size_t Dispatcher::RunHere(Shard& shard, Session& session, CommandBatch& batch, int64_t now_ms) {
  shard.executor().Begin(now_ms);
  shard.executor().SetClient(session.client_.address, session.client_.name);
  bool queued = !session.queue_.empty();
  if (queued && session.queue_.back().posting != nullptr) session.queue_.emplace_back();
  base::Buffer& out = queued ? session.queue_.back().bytes : session.output_;
  size_t start = out.size();
  size_t taken = 0;
  const bool multi = MultiDispatch::Concerns(session.client_, batch);
  for (; taken < batch.commands.size(); ++taken) {
    const ParsedCommand& command = batch.commands[taken];
    if (RefuseBrowser(command, ArgsOf(batch, command), session.client_)) break;
    if (out.size() + session.unsent_bytes_ > kOutputHighWater || session.client_.close_after_reply)
      break;
    // Slow commands: the others of this pipeline wait for the next turn.
    if (shard.executor().mark() > shard.late_ticks() && taken > 0) break;
    if (MustPause(shard, session.client_, command)) {
      session.paused_ = true;
      break;
    }
    if (multi && !MultiDispatch::IsLocal(shard, session.client_, command)) break;
    if (session.postings_in_flight_ > 0 && MultiDispatch::MustAwait(session.client_, command)) {
      session.waits_for_flight_ = true;
      break;
    }
    ReplyMode mode = TakeReplyMode(session.client_);
    size_t before = out.size();
    std::optional<std::string> refusal = Refusal(shard, session, ArgsOf(batch, command), command);
    if (!multi || refusal.has_value()) {
      RunAtHome(shard, session, batch, command, refusal, out);
    } else if (RunStep(shard, session, batch, command, out)) {
      // It has left out itself what is not to be said.
      before = out.size();
    }
    if (Silent(mode) && session.client_.reply_mode == mode) out.Truncate(before);
    EndReplyMode(session.client_);
    session.NoteCommand(command);
  }
  if (queued) session.queued_bytes_ += out.size() - start;
  MultiDispatch::Settle(shard, session.client_);
  return taken;
}

bool Dispatcher::RunStep(Shard& shard, Session& session, const CommandBatch& batch,
                         const ParsedCommand& command, base::Buffer& out) {
  if (StepAtHome(shard, session, batch, command, out)) return false;
  switch (MultiDispatch::StepOf(session.client_, command)) {
    case MultiDispatch::Step::kExec:
      MultiDispatch::RunExec(shard, session.client_, command, out);
      return true;
    case MultiDispatch::Step::kWatch: {
      const auto keys = KeysOf(batch, command);
      CallerInfo caller = CallerOf(session.client_);
      shard.executor().Run({.entry = *command.entry,
                            .args = ArgsOf(batch, command),
                            .keys = keys,
                            .caller = caller,
                            .watcher = &MultiDispatch::NoteWatch(session.client_, keys)},
                           nullptr, out);
      return false;
    }
    default:
      RunAtHome(shard, session, batch, command, std::nullopt, out);
      return false;
  }
}

void Dispatcher::AddItem(Shard& shard, Session& session, const CommandBatch& batch,
                         const ParsedCommand& command, MultiDispatch::Step step, ReplyMode mode,
                         Posting& posting) {
  PostingItem& item = posting.items.emplace_back();
  item.command = command;
  item.caller = posting.CallerIndex(CallerOf(session.client_));
  item.reply_mode = mode;
  if (step == MultiDispatch::Step::kExec) {
    MultiDispatch::PlaceExec(shard, session.client_, posting, item);
    return;
  }
  if (step == MultiDispatch::Step::kWatch) {
    auto plan = MultiDispatch::TakeWatch(session.client_, KeysOf(batch, command));
    item.plan = posting.plans.emplace_back(std::move(plan)).get();
  }
  if ((command.entry->spec->flags & kBlocking) != 0) {
    posting.waiter =
        std::make_shared<CommandWaiter>(&posting, static_cast<uint32_t>(posting.items.size() - 1));
  }
  if (command.route == ParsedCommand::Route::kOneShard) {
    posting.PlaceOn(item, command.shard);
    return;
  }
  Transaction& transaction = posting.PlaceOnSeveral(item);
  const CommandSpec& spec = *command.entry->spec;
  transaction.rendezvous = spec.where == Where::kRendezvousAll ||
                           (spec.where == Where::kByKeys && spec.several == Several::kRendezvous);
  const keyspace::SlotMap& slots = shard.slot_map();
  if (!RunsOnAll(spec, ArgsOf(batch, command))) {
    for (const keyspace::Key& key : KeysOf(batch, command)) {
      transaction.shards.push_back(slots.ShardOf(key.slot));
    }
    std::sort(transaction.shards.begin(), transaction.shards.end());
    transaction.shards.erase(std::unique(transaction.shards.begin(), transaction.shards.end()),
                             transaction.shards.end());
  } else {
    for (size_t i = 0; i < slots.shards(); ++i)
      transaction.shards.push_back(static_cast<uint16_t>(i));
  }
  if (!transaction.rendezvous) transaction.parts.resize(slots.shards());
  posting.Expect(transaction);
}

size_t Dispatcher::PostBatch(Shard& shard, Session& session, CommandBatch& batch) {
  Posting* posting = shard.NewPosting();
  posting->session = &session;
  posting->home = static_cast<uint16_t>(shard.index());
  posting->client_address = session.client_.address;
  posting->client_name = session.client_.name;
  shard.executor().Begin(shard.now_ms());
  shard.executor().SetClient(session.client_.address, session.client_.name);

  size_t taken = 0;
  const bool multi = MultiDispatch::Concerns(session.client_, batch);
  for (; taken < batch.commands.size(); ++taken) {
    const ParsedCommand& command = batch.commands[taken];
    if (RefuseBrowser(command, ArgsOf(batch, command), session.client_)) break;
    if (session.client_.close_after_reply) break;
    // One that may wait has a posting of its own, or the replies before it would wait with it.
    if (command.entry != nullptr && (command.entry->spec->flags & kBlocking) != 0 &&
        !posting->items.empty()) {
      break;
    }
    if (MustPause(shard, session.client_, command)) {
      session.paused_ = true;
      break;
    }
    std::optional<std::string> refusal = Refusal(shard, session, ArgsOf(batch, command), command);
    // A refusal for a state that earlier commands can change waits for these, as does a reply.
    bool may_change = refusal.has_value() && command.fault == ParsedCommand::Fault::kNone;
    may_change |= MultiDispatch::MustAwait(session.client_, command);
    if (may_change && (session.postings_in_flight_ > 0 || posting->part_count > 0)) {
      session.waits_for_flight_ = true;
      break;
    }
    ReplyMode mode = TakeReplyMode(session.client_);
    const MultiDispatch::Step step =
        multi ? MultiDispatch::StepOf(session.client_, command) : MultiDispatch::Step::kAsUsual;
    if (refusal.has_value() || IsDoneAtHome(step, command)) {
      PostingItem& item = posting->items.emplace_back();
      item.kind = PostingItem::Kind::kReplied;
      item.where = static_cast<uint32_t>(posting->home_replies.count());
      base::Buffer& out = posting->home_replies.bytes();
      size_t before = out.size();
      if (refusal.has_value() || step == MultiDispatch::Step::kAsUsual ||
          !StepAtHome(shard, session, batch, command, out)) {
        RunAtHome(shard, session, batch, command, refusal, out);
      }
      if (Silent(mode) && session.client_.reply_mode == mode) out.Truncate(before);
      posting->home_replies.EndReply();
    } else {
      AddItem(shard, session, batch, command, step, mode, *posting);
    }
    EndReplyMode(session.client_);
    session.NoteCommand(command);
    posting->input_bytes += command.input_bytes;
    if (IsBarrier(posting->items.back())) {
      ++taken;
      break;
    }
  }
  if (posting->items.empty()) {
    shard.Recycle(posting);
    return taken;
  }
  posting->barrier = IsBarrier(posting->items.back());
  // The batch gets the vectors of an older posting for its next use.
  posting->args.swap(batch.args);
  posting->keys.swap(batch.keys);
  session.Launch(posting);
  MultiDispatch::Settle(shard, session.client_);
  return taken;
}

}  // namespace nuthatch::runtime
