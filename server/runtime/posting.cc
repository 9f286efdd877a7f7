#include "server/runtime/posting.h"

#include <algorithm>

namespace nuthatch::runtime {
namespace {

// What a used buffer may keep for the next posting; and, as a posting can have many of them, how
// many transactions, and of what size their replies.
constexpr size_t kKeptBytes = 64 * 1024;
constexpr size_t kKeptTransactions = 16;
constexpr size_t kKeptTransactionBytes = 4 * 1024;

constexpr size_t kKeptArgs = 4096;

template <typename T>
void ClearVector(std::vector<T>& vector) {
  if (vector.capacity() > kKeptArgs) {
    std::vector<T>().swap(vector);
  } else {
    vector.clear();
  }
}

void ClearBuffer(base::Buffer& buffer, size_t kept_bytes) {
  if (buffer.capacity() > kept_bytes) {
    buffer.Release();
  } else {
    buffer.Clear();
  }
}

}  // namespace

void ReplyRun::Reset() {
  ClearBuffer(bytes_, kKeptBytes);
  ClearVector(ends_);
}

uint32_t Posting::PartIndex(uint16_t shard) {
  for (size_t i = 0; i < part_count; ++i) {
    if (parts[i]->shard == shard) return static_cast<uint32_t>(i);
  }
  if (part_count == parts.size()) parts.push_back(std::make_unique<PostingPart>());
  PostingPart& part = *parts[part_count];
  part.posting = this;
  part.shard = shard;
  return static_cast<uint32_t>(part_count++);
}

bool Posting::HasWork() const {
  return std::any_of(parts.begin(), parts.begin() + static_cast<ptrdiff_t>(part_count),
                     [](const auto& part) { return !part->items.empty(); });
}

uint16_t Posting::CallerIndex(const CallerInfo& caller) {
  if (callers.empty() || callers.back() != caller) callers.push_back(caller);
  return static_cast<uint16_t>(callers.size() - 1);
}

Transaction& Posting::NewTransaction() {
  if (transaction_count == transactions.size()) transactions.emplace_back();
  return transactions[transaction_count++];
}

void Posting::PlaceOn(PostingItem& item, uint16_t shard) {
  item.kind = PostingItem::Kind::kOneShard;
  item.where = PartIndex(shard);
  parts[item.where]->items.push_back(static_cast<uint32_t>(items.size() - 1));
}

Transaction& Posting::PlaceOnSeveral(PostingItem& item) {
  item.kind = PostingItem::Kind::kTransaction;
  item.where = static_cast<uint32_t>(transaction_count);
  return NewTransaction();
}

void Posting::Expect(Transaction& transaction) {
  transaction.remaining.store(static_cast<uint32_t>(transaction.shards.size()),
                              std::memory_order_relaxed);
  const auto index = static_cast<uint32_t>(items.size() - 1);
  for (uint16_t shard : transaction.shards) PartOf(shard).items.push_back(index);
}

void Posting::Place(PostingItem& item, std::vector<uint16_t> shards, bool rendezvous) {
  if (shards.size() == 1) return PlaceOn(item, shards.front());
  Transaction& transaction = PlaceOnSeveral(item);
  transaction.rendezvous = rendezvous;
  transaction.shards = std::move(shards);
  Expect(transaction);
}

size_t Posting::ReplyBytes() const {
  size_t bytes = home_replies.size();
  for (size_t i = 0; i < part_count; ++i) bytes += parts[i]->replies.size();
  for (size_t i = 0; i < transaction_count; ++i) bytes += transactions[i].reply.size();
  return bytes;
}

// Neighbours in one buffer are copied in one go: all of them, where a pipeline had one shard.
void Posting::EmitReplies(base::Buffer& out) {
  std::string_view run;
  for (const PostingItem& item : items) {
    std::string_view reply;
    switch (item.kind) {
      case PostingItem::Kind::kReplied:
        reply = home_replies.Reply(item.where);
        break;
      case PostingItem::Kind::kOneShard: {
        PostingPart& part = *parts[item.where];
        reply = part.replies.Reply(part.emitted++);
        break;
      }
      case PostingItem::Kind::kTransaction:
        reply = transactions[item.where].reply.view();
        break;
    }
    // An EXEC has left out itself what is not to be said: CLIENT REPLY may be one of its commands.
    const bool exec = item.plan != nullptr && item.plan->kind == MultiPlan::Kind::kExec;
    if (Silent(item.reply_mode) && !exec) continue;
    if (reply.data() == run.data() + run.size()) {
      run = {run.data(), run.size() + reply.size()};
    } else {
      out.Append(run);
      run = reply;
    }
  }
  out.Append(run);
}

void Posting::Reset() {
  session = nullptr;
  chunk = nullptr;
  system_call = nullptr;
  now_ms = 0;
  first_number = 0;
  barrier = awaited = false;
  complete = false;
  input_bytes = 0;
  ClearVector(args);
  ClearVector(keys);
  callers.clear();
  items.clear();
  plans.clear();
  waiter = nullptr;
  home_replies.Reset();
  for (size_t i = 0; i < part_count; ++i) {
    PostingPart& part = *parts[i];
    part.items.clear();
    part.next_item = part.emitted = 0;
    part.replies.Reset();
  }
  part_count = 0;
  for (size_t i = 0; i < transaction_count; ++i) {
    Transaction& transaction = transactions[i];
    transaction.done.store(false, std::memory_order_relaxed);
    transaction.shards.clear();
    for (ScatterPart& part : transaction.parts) part.Clear();
    ClearBuffer(transaction.reply, kKeptTransactionBytes);
  }
  while (transactions.size() > kKeptTransactions) transactions.pop_back();
  transaction_count = 0;
}

}  // namespace nuthatch::runtime
