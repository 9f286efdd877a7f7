#include "server/values/stream_group.h"

namespace nuthatch::values {

StreamGroup::StreamGroup(std::string_view name, StreamId last_id, int64_t entries_read,
                         ByteCounter* whole)
    : bytes_{.whole = whole},
      name_(name, bytes_),
      last_id_(last_id),
      entries_read_(entries_read),
      pending_(bytes_),
      consumers_(bytes_) {
  bytes_.Add(base::SizeClass(sizeof *this));
}

StreamGroup::~StreamGroup() { bytes_.Subtract(base::SizeClass(sizeof *this)); }

void StreamGroup::Detach() {
  if (bytes_.whole != nullptr) bytes_.whole->Subtract(bytes_.bytes);
  bytes_.whole = nullptr;
}

// --- Consumers ---

StreamConsumer* StreamGroup::AddConsumer(std::string_view name, int64_t seen_ms) {
  if (FindConsumer(name) != nullptr) return nullptr;
  return consumers_.Add(std::make_unique<StreamConsumer>(name, seen_ms, bytes_));
}

bool StreamGroup::DropPending(StreamConsumer* consumer, size_t count) {
  PendingIds& ids = consumer->pending_;
  for (; count > 0 && !ids.empty(); --count) {
    StreamId id = ids.At(ids.Last());
    pending_.Erase(id);
    ids.Erase(id);
  }
  return ids.empty();
}

void StreamGroup::EraseConsumer(StreamConsumer* consumer) {
  CHECK(consumer->pending().empty());
  consumers_.TakeOut(consumer);
}

// --- Pending entries ---

const PendingEntry* StreamGroup::FindPending(StreamId id) const {
  PendingEntries::Place at = pending_.Find(id);
  return at ? &pending_.At(at) : nullptr;
}

void StreamGroup::SetPending(const PendingEntry& entry) {
  if (PendingEntries::Place at = pending_.Find(entry.id)) {
    StreamConsumer* before = pending_.At(at).consumer;
    pending_.At(at) = entry;
    if (before == entry.consumer) return;
    before->pending_.Erase(entry.id);
  } else {
    pending_.Insert(entry);
  }
  entry.consumer->pending_.Insert(entry.id);
}

void StreamGroup::NoteRedelivery(StreamId id, int64_t now_ms) {
  PendingEntry& entry = pending_.At(pending_.Find(id));
  entry.delivered_ms = now_ms;
  ++entry.deliveries;
}

bool StreamGroup::ErasePending(StreamId id) {
  const PendingEntry* entry = FindPending(id);
  if (entry == nullptr) return false;
  entry->consumer->pending_.Erase(id);
  pending_.Erase(id);
  return true;
}

// --- Object ---

std::unique_ptr<StreamGroup> StreamGroup::Copy(ByteCounter* whole) const {
  auto copy = std::make_unique<StreamGroup>(name(), last_id_, entries_read_, whole);
  for (const StreamConsumer* consumer : consumers_.items()) {
    copy->AddConsumer(consumer->name(), consumer->seen_ms());
  }
  for (PendingEntries::Place at = pending_.First(); at; at = pending_.Next(at)) {
    copy->pending_.Insert(pending_.At(at));
  }
  // A list at a time, so that the consumer is looked up once.
  for (const StreamConsumer* consumer : consumers_.items()) {
    StreamConsumer* twin = copy->FindConsumer(consumer->name());
    const PendingIds& ids = consumer->pending();
    for (PendingIds::Place at = ids.First(); at; at = ids.Next(at)) {
      twin->pending_.Insert(ids.At(at));
      copy->pending_.At(copy->pending_.Find(ids.At(at))).consumer = twin;
    }
  }
  return copy;
}

bool StreamGroup::FreeSome(size_t pieces) {
  for (; pieces > 0; --pieces) {
    if (!pending_.empty()) {
      pending_.DropLastLeaf();
    } else if (!consumers_.empty()) {
      StreamConsumer* last = consumers_.items().back();
      if (last->pending_.DropLastLeaf()) consumers_.TakeOut(last);
    } else {
      return true;
    }
  }
  return pending_.empty() && consumers_.empty();
}

void StreamGroup::CheckInvariants() const {
  pending_.CheckInvariants();
  size_t assigned = 0;
  std::string_view previous;
  for (const StreamConsumer* consumer : consumers_.items()) {
    CHECK(consumer == consumers_.items().front() || previous < consumer->name());
    previous = consumer->name();
    const PendingIds& ids = consumer->pending();
    ids.CheckInvariants();
    assigned += ids.size();
    for (PendingIds::Place at = ids.First(); at; at = ids.Next(at)) {
      const PendingEntry* entry = FindPending(ids.At(at));
      CHECK(entry != nullptr && entry->consumer == consumer);
    }
  }
  CHECK(assigned == pending_.size());
}

// --- StreamGroupBuilder ---

bool StreamGroupBuilder::AddPending(StreamId id, int64_t delivered_ms, uint64_t deliveries) {
  if (group_.pending_.Find(id)) return false;
  group_.pending_.Insert({id, delivered_ms, deliveries, nullptr});
  return true;
}

bool StreamGroupBuilder::Assign(StreamId id, StreamConsumer* consumer) {
  PendingEntries::Place at = group_.pending_.Find(id);
  if (!at || group_.pending_.At(at).consumer != nullptr) return false;
  group_.pending_.At(at).consumer = consumer;
  consumer->pending_.Insert(id);
  ++assigned_;
  return true;
}

}  // namespace nuthatch::values
