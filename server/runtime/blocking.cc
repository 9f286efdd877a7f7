#include "server/runtime/blocking.h"

#include <algorithm>
#include <string>
#include <utility>

#include "server/base/buffer.h"
#include "server/base/clock.h"
#include "server/resp/reply_writer.h"
#include "server/runtime/error_texts.h"
#include "server/runtime/executor.h"
#include "server/runtime/node.h"
#include "server/runtime/poster.h"
#include "server/runtime/posting.h"
#include "server/runtime/shard.h"

namespace nuthatch::runtime {
namespace {

using keyspace::BlockList;
using keyspace::Key;

int64_t SteadyMs() { return base::MonotonicNs() / 1'000'000; }

std::span<const Key> KeysWaitedFor(const Posting& posting, const PostingItem& item,
                                   const WaitFor& wait) {
  return posting.KeysOf(item.command).subspan(wait.first_key, wait.key_count);
}

}  // namespace

BlockList& Blocking::ListOf(Node& node, uint16_t shard) {
  return node.shard(shard).keyspace().block_list();
}

// --- Beginning ---

void Blocking::Register(Shard& runner, const WaiterRef& waiter, const WaitFor& wait) {
  Node& node = runner.node();
  Posting& posting = *waiter->posting_;
  const PostingItem& item = posting.items[waiter->item_];
  const int db = posting.CallerOf(item).db;
  const keyspace::SlotMap& slots = runner.slot_map();
  waiter->wait_ = wait;
  for (const Key& key : posting.KeysOf(item.command)) {
    waiter->shards_.push_back(slots.ShardOf(key.slot));
  }
  std::sort(waiter->shards_.begin(), waiter->shards_.end());
  auto last = std::unique(waiter->shards_.begin(), waiter->shards_.end());
  waiter->shards_.erase(last, waiter->shards_.end());
  waiter->keeper_ = waiter->shards_.front();
  posting.parts_left.fetch_add(1, std::memory_order_relaxed);
  uint32_t index = wait.first_key;
  for (const Key& key : KeysWaitedFor(posting, item, wait)) {
    ListOf(node, slots.ShardOf(key.slot)).Add(db, key, waiter, index++);
  }
  if (wait.timeout_ms > 0) {
    int64_t now_ms = SteadyMs();
    waiter->deadline_ms_ =
        wait.timeout_ms > INT64_MAX - now_ms ? INT64_MAX : now_ms + wait.timeout_ms;
    ListOf(node, waiter->keeper_).AddDeadline(waiter->deadline_ms_, waiter);
  }
  waiter->registered_ = true;
  waiter->state_.store(CommandWaiter::State::kWaiting);
  // It may have been ended before it began.
  if (waiter->wanted_end_.load() != WaitEnd::kNone) TryEnd(node, waiter);
}

// --- Serving ---

void Blocking::ServeReady(Shard& runner, std::span<const uint16_t> shards) {
  for (bool again = true; again;) {
    again = false;
    for (uint16_t index : shards) {
      BlockList& list = ListOf(runner.node(), index);
      while (auto ready = list.TakeReady()) {
        ServeKey(runner, *ready, nullptr);
        again = true;
      }
    }
  }
}

void Blocking::ServeKey(Shard& runner, const BlockList::ReadyKey& ready,
                        const CommandWaiter* behind) {
  BlockList& list = ListOf(runner.node(), runner.slot_map().ShardOf(ready.slot));
  const Key key = ready.key();
  for (size_t i = 0; const BlockList::Place* place = list.At(ready.db, key, i);) {
    const uint32_t key_index = place->key_index;
    auto waiter = std::static_pointer_cast<CommandWaiter>(place->waiter);
    if (waiter->gone()) {
      list.RemoveAt(ready.db, key, i);
      continue;
    }
    if (behind != nullptr) {
      if (behind == waiter.get()) behind = nullptr;
      ++i;
      continue;
    }
    if (Wakes(runner, ready, *waiter)) {
      if (waiter->shards_.size() > 1) {
        if (waiter->Claim()) PostClaim(runner, waiter, key_index);
        // Those behind it come when the claim has run; but who is being ended holds nobody up.
        if (waiter->state_.load() == CommandWaiter::State::kClaimed) return;
      } else if (waiter->Claim()) {
        // Who was served has left its place.
        if (Retry(runner, waiter, key_index)) continue;
        Unclaim(runner.node(), waiter);
      }
    }
    ++i;
  }
}

// Whether what the key is now may be what the waiter waits for.
bool Blocking::Wakes(Shard& runner, const BlockList::ReadyKey& ready, const CommandWaiter& waiter) {
  Shard& owner = runner.node().shard(runner.slot_map().ShardOf(ready.slot));
  keyspace::EntryRef ref = owner.keyspace().Find(ready.db, ready.key(), runner.executor().now_ms(),
                                                 keyspace::Touch::kNone);
  if (!ref || ref->type() != waiter.wait_.type) return waiter.wait_.also_removal;
  return true;
}

// Runs the claimed waiter's command for a key; true: it was served. REQUIRES: the thread holds the
// shards of all its keys.
bool Blocking::Retry(Shard& runner, const WaiterRef& waiter, uint32_t key_index) {
  const Posting& posting = *waiter->posting_;
  const PostingItem& item = posting.items[waiter->item_];
  base::Buffer out;
  runner.executor().RunAgain(item, posting, key_index, out);
  if (out.empty()) return false;
  Forget(runner.node(), *waiter);
  Finish(runner.node(), *waiter, out.view());
  return true;
}

void Blocking::PostClaim(Shard& runner, const WaiterRef& waiter, uint32_t key_index) {
  // Nobody works mailboxes off any more.
  if (runner.stopping()) return Unclaim(runner.node(), waiter);
  Posting& posting = *runner.NewPosting();
  posting.home = static_cast<uint16_t>(runner.index());
  posting.awaited = true;
  posting.system_call = [waiter, key_index](Shard& shard) { RunClaim(shard, waiter, key_index); };
  PostingItem& item = posting.items.emplace_back();
  item.caller = posting.CallerIndex({});
  posting.Place(item, waiter->shards_, true);
  runner.ExpectAnswer();
  // It is no decision that new snapshots could change; and it never runs inside of what runs now.
  Post(runner.node(), nullptr, 0, runner.now_ms(), posting);
}

void Blocking::RunClaim(Shard& runner, const WaiterRef& waiter, uint32_t key_index) {
  const Posting& posting = *waiter->posting_;
  const PostingItem& item = posting.items[waiter->item_];
  const WaitFor& wait = waiter->wait_;
  const int db = posting.CallerOf(item).db;
  // The posting may be gone as soon as the waiter is served.
  std::vector<BlockList::ReadyKey> keys;
  for (const Key& key : KeysWaitedFor(posting, item, wait)) {
    keys.push_back({db, std::string(key.name), key.hash, key.slot});
  }
  bool served = Retry(runner, waiter, key_index);
  for (uint32_t i = wait.first_key; !served && i < wait.first_key + wait.key_count; ++i) {
    if (i != key_index) served = Retry(runner, waiter, i);
  }
  // Then those behind it on all these keys. If it has kept its place they are the ones to look, for
  // other reasons than it had.
  const std::vector<uint16_t> shards = waiter->shards_;
  if (!served) Unclaim(runner.node(), waiter);
  const CommandWaiter* behind = served || waiter->gone() ? nullptr : waiter.get();
  for (const BlockList::ReadyKey& key : keys) ServeKey(runner, key, behind);
  ServeReady(runner, shards);
}

// --- Ending ---

// Lets go of a claimed waiter that stays in its place.
void Blocking::Unclaim(Node& node, const WaiterRef& waiter) {
  waiter->state_.store(CommandWaiter::State::kWaiting);
  if (waiter->wanted_end_.load() != WaitEnd::kNone) TryEnd(node, waiter);
}

bool Blocking::End(Node& node, const WaiterRef& waiter, WaitEnd end) {
  // Who has not begun to wait yet can only be kept from it by the end of its connection.
  if (end != WaitEnd::kClosed && !waiter->waiting()) return false;
  WaitEnd none = WaitEnd::kNone;
  // Who asks first decides; but a connection that is gone needs no reply.
  if (!waiter->wanted_end_.compare_exchange_strong(none, end) && end == WaitEnd::kClosed) {
    waiter->wanted_end_.store(end);
  }
  // A claim that finds nothing will end it.
  return TryEnd(node, waiter) || waiter->waiting();
}

bool Blocking::TryEnd(Node& node, const WaiterRef& waiter) {
  if (!waiter->Leave(CommandWaiter::State::kEnding)) return false;
  const Posting& posting = *waiter->posting_;
  const PostingItem& item = posting.items[waiter->item_];
  base::Buffer out;
  resp::ReplyWriter writer(&out, posting.CallerOf(item).protocol);
  switch (waiter->wanted_end_.load()) {
    case WaitEnd::kTimeout:
      writer.NullArray();
      break;
    case WaitEnd::kError:
      writer.Error(kUnblockedText);
      break;
    case WaitEnd::kNone:
    case WaitEnd::kClosed:
      break;
  }
  // This thread need not hold the shards of its keys: they sweep their lists later.
  for (uint16_t shard : waiter->shards_) node.shard(shard).NoteWaiterGone();
  Finish(node, *waiter, out.view());
  return true;
}

void Blocking::EndDue(Shard& shard, int64_t now_ms) {
  BlockList& list = shard.keyspace().block_list();
  while (auto due = list.TakeDue(now_ms)) {
    auto waiter = std::static_pointer_cast<CommandWaiter>(due);
    waiter->deadline_ms_ = 0;
    if (!waiter->gone()) End(shard.node(), waiter, WaitEnd::kTimeout);
  }
}

void Blocking::EndAll(Shard& shard) {
  BlockList& list = shard.keyspace().block_list();
  if (list.empty()) return;
  list.ForEach([&](const std::shared_ptr<keyspace::Waiter>& waiter) {
    if (waiter->gone()) return;
    End(shard.node(), std::static_pointer_cast<CommandWaiter>(waiter), WaitEnd::kClosed);
  });
  list.Sweep();
}

// Takes the waiter out of the lists. REQUIRES: the thread holds the shards of all its keys.
void Blocking::Forget(Node& node, const CommandWaiter& waiter) {
  const Posting& posting = *waiter.posting_;
  const PostingItem& item = posting.items[waiter.item_];
  const keyspace::SlotMap& slots = node.shard(waiter.keeper_).slot_map();
  for (const Key& key : KeysWaitedFor(posting, item, waiter.wait_)) {
    ListOf(node, slots.ShardOf(key.slot)).Remove(posting.CallerOf(item).db, key, waiter);
  }
  if (waiter.deadline_ms_ != 0) {
    ListOf(node, waiter.keeper_).RemoveDeadline(waiter.deadline_ms_, waiter);
  }
}

// Writes the reply and lets the posting go home.
void Blocking::Finish(Node& node, CommandWaiter& waiter, std::string_view reply) {
  Posting& posting = *waiter.posting_;
  const PostingItem& item = posting.items[waiter.item_];
  if (item.kind == PostingItem::Kind::kOneShard) {
    ReplyRun& replies = posting.parts[item.where]->replies;
    replies.bytes().Append(reply);
    replies.EndReply();
  } else {
    posting.transactions[item.where].reply.Append(reply);
  }
  waiter.state_.store(CommandWaiter::State::kDone, std::memory_order_release);
  Shard& home = node.shard(posting.home);
  if (posting.parts_left.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  home.mailbox().PutAnswer(&posting);
  home.mailbox().Wake();
}

}  // namespace nuthatch::runtime
