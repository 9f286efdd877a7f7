#include "server/values/stream.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "server/values/byte_store.h"

namespace nuthatch::values {

Stream::~Stream() {
  while (!FreeSome(SIZE_MAX)) {
  }
}

// --- Nodes ---

// Lets `change(HeapBytes&)` change the bytes of a node.
template <typename Change>
void Stream::ChangeNode(StreamNode& node, Change&& change) {
  HeapBytes store(node.bytes, node.size);
  bytes_.Subtract(store.MemoryBytes());
  change(store);
  bytes_.Add(store.MemoryBytes());
  node.size = store.size();
  node.bytes = store.Release();
}

void Stream::InsertNode(StreamId id, HeapBytes&& store) {
  StreamNode node{.id = id, .size = store.size()};
  bytes_.Add(store.MemoryBytes());
  node.bytes = store.Release();
  nodes_.Insert(node);
}

// REQUIRES: it is no reference into the tree.
void Stream::EraseNode(const StreamNode& node) {
  bytes_.Subtract(base::SizeClass(node.size));
  base::Free(node.bytes, node.size);
  nodes_.Erase(node.id);
}

bool Stream::AddNode(StreamId id, std::string_view listpack, uint64_t entries) {
  if (nodes_.Find(id)) return false;
  InsertNode(id, HeapBytes(listpack));
  length_ += entries;
  return true;
}

// --- Adding ---

bool Stream::HasRoom(const StreamNode& node, size_t bytes, const NodeLimits& limits) {
  uint64_t most = limits.bytes == 0 ? kMaxEntryBytes : std::min(limits.bytes, kMaxEntryBytes);
  if (node.size + bytes >= most) return false;
  if (limits.entries == 0) return true;
  // Deleted entries count too.
  stream_node::Master master = stream_node::ReadMaster(node.listpack());
  return static_cast<uint64_t>(master.entries + master.deleted) < limits.entries;
}

void Stream::Append(StreamId id, std::span<const std::string_view> pairs,
                    const NodeLimits& limits) {
  CHECK(id > last_id_ && pairs.size() >= 2 && pairs.size() % 2 == 0);
  size_t bytes =
      std::accumulate(pairs.begin(), pairs.end(), size_t{0},
                      [](size_t sum, std::string_view text) { return sum + text.size(); });
  CHECK(bytes <= kMaxEntryBytes);
  StreamNodes::Place last = nodes_.Last();
  if (last && HasRoom(nodes_.At(last), bytes, limits)) {
    StreamNode& node = nodes_.At(last);
    ChangeNode(node, [&](HeapBytes& store) { stream_node::Append(node.id, id, pairs, store); });
  } else {
    // Only deleted entries can stand where last_id() isn't.
    if (StreamNodes::Place stale = nodes_.Find(id)) {
      StreamNode node = nodes_.At(stale);
      length_ -= static_cast<uint64_t>(stream_node::ReadMaster(node.listpack()).entries);
      EraseNode(node);
    }
    HeapBytes store;
    stream_node::Make(pairs, store);
    InsertNode(id, std::move(store));
  }
  ++length_;
  ++entries_added_;
  last_id_ = id;
  if (length_ == 1) first_id_ = id;
}

// --- Finding ---

bool Stream::Contains(StreamId id) const { return StreamReader(*this, id, id).Next(); }

std::optional<StreamId> Stream::FirstId() const {
  StreamReader reader(*this, {}, StreamId::Max());
  if (!reader.Next()) return std::nullopt;
  return reader.id();
}

std::optional<StreamId> Stream::LastId() const {
  StreamReader reader(*this, {}, StreamId::Max(), StreamReader::Direction::kBackward);
  if (!reader.Next()) return std::nullopt;
  return reader.id();
}

// --- Deleting ---

void Stream::RefreshFirstId() {
  first_id_ = length_ == 0 ? StreamId{} : FirstId().value_or(StreamId::Max());
}

bool Stream::DeleteOne(StreamId id) {
  StreamReader reader(*this, id, id);
  if (!reader.Next()) return false;
  StreamNode& node = nodes_.At(reader.place_);
  if (reader.master_.entries == 1) {
    EraseNode(StreamNode(node));
  } else {
    ChangeNode(node, [&](HeapBytes& store) {
      stream_node::FlagDeleted(reader.entry_, store);
      stream_node::MoveToDeleted(1, store);
    });
  }
  --length_;
  return true;
}

uint64_t Stream::Delete(std::span<const StreamId> ids) {
  uint64_t deleted = 0;
  bool first = false;
  for (StreamId id : ids) {
    if (!DeleteOne(id)) continue;
    ++deleted;
    first |= id == first_id_;
    max_deleted_id_ = std::max(max_deleted_id_, id);
  }
  if (deleted > 0 && (first || length_ == 0)) RefreshFirstId();
  return deleted;
}

uint64_t Stream::TrimInside(StreamNode& node, const TrimRule& rule) {
  uint64_t trimmed = 0;
  ChangeNode(node, [&](HeapBytes& store) {
    auto view = [&] { return Listpack(store.view()); };
    stream_node::Master master = stream_node::ReadMaster(view());
    for (size_t at = master.entries_at; at != view().End();) {
      stream_node::Entry entry = stream_node::ReadEntry(view(), master, node.id, at);
      if (rule.max_length.has_value() ? length_ <= *rule.max_length : entry.id >= rule.min_id)
        break;
      if (!entry.deleted()) {
        stream_node::FlagDeleted(entry, store);
        entry = stream_node::ReadEntry(view(), master, node.id, at);
        ++trimmed;
        --length_;
      }
      at = stream_node::Behind(view(), entry);
    }
    stream_node::MoveToDeleted(static_cast<int64_t>(trimmed), store);
  });
  return trimmed;
}

uint64_t Stream::Trim(TrimRule& rule, size_t nodes, bool* more) {
  uint64_t trimmed = 0;
  *more = false;
  while (StreamNodes::Place first = nodes_.First()) {
    if (rule.max_length.has_value() && length_ <= *rule.max_length) break;
    StreamNode& node = nodes_.At(first);
    auto entries = static_cast<uint64_t>(stream_node::ReadMaster(node.listpack()).entries);
    if (rule.limit.has_value() && entries > *rule.limit - std::min(*rule.limit, trimmed)) break;
    bool whole = rule.max_length.has_value()
                     ? length_ - entries >= *rule.max_length
                     : stream_node::LastId(node.listpack(), node.id) < rule.min_id;
    if (!whole) {
      if (!rule.approximate) trimmed += TrimInside(node, rule);
      break;
    }
    if (nodes-- == 0) {
      *more = true;
      break;
    }
    EraseNode(StreamNode(node));
    length_ -= entries;
    trimmed += entries;
  }
  if (rule.limit.has_value()) *rule.limit -= std::min(*rule.limit, trimmed);
  if (trimmed > 0 || length_ == 0) RefreshFirstId();
  return trimmed;
}

// --- Groups ---

StreamGroup* Stream::AddGroup(std::string_view name, StreamId last_id, int64_t entries_read) {
  if (FindGroup(name) != nullptr) return nullptr;
  return groups_.Add(std::make_unique<StreamGroup>(name, last_id, entries_read, &bytes_));
}

std::unique_ptr<StreamGroup> Stream::TakeOutGroup(StreamGroup* group) {
  std::unique_ptr<StreamGroup> taken = groups_.TakeOut(group);
  taken->Detach();
  return taken;
}

bool Stream::HasDeletedFrom(StreamId id) const {
  return length_ > 0 && !max_deleted_id_.IsZero() && first_id_ <= max_deleted_id_ &&
         id <= max_deleted_id_;
}

int64_t Stream::EntriesUpTo(StreamId id) const {
  auto added = static_cast<int64_t>(entries_added_);
  if (added == 0 || id == last_id_ || (length_ == 0 && id < last_id_)) return added;
  if (id > last_id_) return StreamGroup::kUnknown;
  auto length = static_cast<int64_t>(length_);
  if (max_deleted_id_.IsZero() || max_deleted_id_ < first_id_) {
    if (id < first_id_) return added - length;
    if (id == first_id_) return added - length + 1;
  }
  return StreamGroup::kUnknown;
}

void Stream::NoteDelivery(StreamGroup& group, StreamId id) const {
  if (id <= group.last_id()) return;
  if (group.entries_read() != StreamGroup::kUnknown && !HasDeletedFrom(id)) {
    group.set_entries_read(group.entries_read() + 1);
  } else if (entries_added_ != 0) {
    group.set_entries_read(EntriesUpTo(id));
  }
  group.set_last_id(id);
}

std::optional<int64_t> Stream::LagOf(const StreamGroup& group) const {
  if (entries_added_ == 0) return 0;
  int64_t read = group.entries_read();
  if (read == StreamGroup::kUnknown || HasDeletedFrom(group.last_id())) {
    read = EntriesUpTo(group.last_id());
    if (read == StreamGroup::kUnknown) return std::nullopt;
  }
  return static_cast<int64_t>(entries_added_) - read;
}

// --- Object ---

std::unique_ptr<Object> Stream::Duplicate() const {
  auto copy = std::make_unique<Stream>();
  for (StreamNodes::Place at = nodes_.First(); at; at = nodes_.Next(at)) {
    const StreamNode& node = nodes_.At(at);
    copy->InsertNode(node.id, HeapBytes(node.listpack().bytes()));
  }
  copy->length_ = length_;
  copy->entries_added_ = entries_added_;
  copy->last_id_ = last_id_;
  copy->first_id_ = first_id_;
  copy->max_deleted_id_ = max_deleted_id_;
  for (const StreamGroup* group : groups_.items()) copy->groups_.Add(group->Copy(&copy->bytes_));
  return copy;
}

bool Stream::FreeSome(size_t pieces) {
  while (!groups_.empty()) {
    if (pieces == 0) return false;
    StreamGroup* last = groups_.items().back();
    // A group that is empty is a piece, too.
    if (!last->FreeSome(pieces)) return false;
    groups_.TakeOut(last);
    --pieces;
  }
  for (; pieces > 0 && !nodes_.empty(); --pieces) EraseNode(StreamNode(nodes_.At(nodes_.Last())));
  if (nodes_.empty()) length_ = 0;
  return nodes_.empty();
}

void Stream::CheckInvariants() const {
  nodes_.CheckInvariants();
  uint64_t length = 0;
  for (StreamNodes::Place at = nodes_.First(); at; at = nodes_.Next(at)) {
    const StreamNode& node = nodes_.At(at);
    std::optional<uint64_t> entries = stream_node::Validate({node.bytes, node.size});
    CHECK(entries.has_value());
    length += *entries;
  }
  CHECK(length == length_);
  for (const StreamGroup* group : groups_.items()) group->CheckInvariants();
}

}  // namespace nuthatch::values
