#include "server/runtime/posting.h"

namespace nuthatch::runtime {
namespace {

// What a used buffer may keep for the next posting.
constexpr size_t kKeptBytes = 64 * 1024;

constexpr size_t kKeptArgs = 4096;

template <typename T>
void ClearVector(std::vector<T>& vector) {
  if (vector.capacity() > kKeptArgs) {
    std::vector<T>().swap(vector);
  } else {
    vector.clear();
  }
}

void ClearBuffer(base::Buffer& buffer) {
  if (buffer.capacity() > kKeptBytes) {
    buffer.Release();
  } else {
    buffer.Clear();
  }
}

}  // namespace

PostingPart& Posting::PartOf(uint16_t shard) {
  for (size_t i = 0; i < part_count; ++i) {
    if (parts[i].shard == shard) return parts[i];
  }
  if (part_count == parts.size()) parts.emplace_back();
  PostingPart& part = parts[part_count++];
  part.posting = this;
  part.shard = shard;
  return part;
}

Transaction& Posting::NewTransaction() {
  if (transaction_count == transactions.size()) transactions.emplace_back();
  return transactions[transaction_count++];
}

size_t Posting::ReplyBytes() const {
  size_t bytes = home_replies.size();
  for (size_t i = 0; i < part_count; ++i) bytes += parts[i].replies.size();
  for (size_t i = 0; i < transaction_count; ++i) bytes += transactions[i].reply.size();
  return bytes;
}

void Posting::Reset() {
  session = nullptr;
  chunk = nullptr;
  system_call = nullptr;
  now_ms = 0;
  first_number = 0;
  barrier = false;
  complete = false;
  input_bytes = 0;
  ClearVector(args);
  ClearVector(keys);
  items.clear();
  ClearBuffer(home_replies);
  for (size_t i = 0; i < part_count; ++i) {
    parts[i].items.clear();
    parts[i].next_item = 0;
    ClearBuffer(parts[i].replies);
  }
  part_count = 0;
  for (size_t i = 0; i < transaction_count; ++i) {
    Transaction& transaction = transactions[i];
    transaction.done.store(false, std::memory_order_relaxed);
    transaction.shards.clear();
    for (ScatterPart& part : transaction.parts) part.Clear();
    ClearBuffer(transaction.reply);
  }
  transaction_count = 0;
}

}  // namespace nuthatch::runtime
