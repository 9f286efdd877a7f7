#include "server/values/stream_dump.h"

#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace nuthatch::values {
namespace {

// Strings longer than this are refused (Redis's limit for a node is 1 GB).
constexpr uint64_t kMaxNodeBytes = UINT32_MAX;
constexpr uint64_t kMaxNameBytes = UINT32_MAX;

// --- Writing ---

void AppendId(StreamId id, base::Buffer& out) {
  AppendRdbLength(id.ms, out);
  AppendRdbLength(id.seq, out);
}

void AppendRawId(StreamId id, base::Buffer& out) {
  EncodeStreamId(id, out.Prepare(kStreamIdBytes));
  out.Commit(kStreamIdBytes);
}

void AppendTime(int64_t ms, base::Buffer& out) {
  std::memcpy(out.Prepare(sizeof ms), &ms, sizeof ms);
  out.Commit(sizeof ms);
}

void AppendGroup(const StreamGroup& group, bool compress, base::Buffer& out) {
  AppendRdbString(group.name(), compress, out);
  AppendId(group.last_id(), out);
  AppendRdbLength(static_cast<uint64_t>(group.entries_read()), out);
  const PendingEntries& pending = group.pending();
  AppendRdbLength(pending.size(), out);
  for (PendingEntries::Place at = pending.First(); at; at = pending.Next(at)) {
    const PendingEntry& entry = pending.At(at);
    AppendRawId(entry.id, out);
    AppendTime(entry.delivered_ms, out);
    AppendRdbLength(entry.deliveries, out);
  }
  AppendRdbLength(group.consumers().size(), out);
  for (const StreamConsumer* consumer : group.consumers().items()) {
    AppendRdbString(consumer->name(), compress, out);
    AppendTime(consumer->seen_ms(), out);
    const PendingIds& ids = consumer->pending();
    AppendRdbLength(ids.size(), out);
    for (PendingIds::Place at = ids.First(); at; at = ids.Next(at)) AppendRawId(ids.At(at), out);
  }
}

// --- Reading: functions are false for what is corrupt, or ends too early ---

class Reader {
 public:
  Reader(RdbReader& rdb, bool counts) : rdb_(rdb), counts_(counts) {}

  bool ReadNodes(Stream& stream);
  bool ReadFigures(Stream& stream);
  bool ReadGroups(Stream& stream);

 private:
  bool Number(uint64_t* number) {
    std::optional<uint64_t> read = rdb_.Length();
    if (read.has_value()) *number = *read;
    return read.has_value();
  }
  bool Id(StreamId* id) { return Number(&id->ms) && Number(&id->seq); }
  bool Raw(char* out, size_t size);
  bool RawId(StreamId* id) {
    char bytes[kStreamIdBytes];
    if (!Raw(bytes, sizeof bytes)) return false;
    *id = DecodeStreamId(bytes);
    return true;
  }
  bool Time(int64_t* ms) { return Raw(reinterpret_cast<char*>(ms), sizeof *ms); }
  bool ReadGroup(Stream& stream);
  bool ReadPending(StreamGroupBuilder& builder);
  bool ReadConsumer(StreamGroup& group, StreamGroupBuilder& builder);

  RdbReader& rdb_;
  bool counts_;  // the form has what 7.0 counts
  base::Buffer scratch_;
};

bool Reader::Raw(char* out, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    std::optional<uint8_t> byte = rdb_.Byte();
    if (!byte.has_value()) return false;
    out[i] = static_cast<char>(*byte);
  }
  return true;
}

bool Reader::ReadNodes(Stream& stream) {
  uint64_t count = 0;
  if (!Number(&count)) return false;
  for (; count > 0; --count) {
    std::optional<std::string_view> key = rdb_.String(kStreamIdBytes, scratch_);
    if (!key.has_value() || key->size() != kStreamIdBytes) return false;
    StreamId id = DecodeStreamId(key->data());
    std::optional<std::string_view> node = rdb_.String(kMaxNodeBytes, scratch_);
    if (!node.has_value()) return false;
    std::optional<uint64_t> entries = stream_node::Validate(*node);
    if (!entries.has_value() || !stream.AddNode(id, *node, *entries)) return false;
  }
  return true;
}

bool Reader::ReadFigures(Stream& stream) {
  uint64_t length = 0;
  StreamId last_id;
  if (!Number(&length) || length != stream.length() || !Id(&last_id)) return false;
  stream.set_last_id(last_id);
  StreamId first_id = stream.FirstId().value_or(StreamId{});
  uint64_t entries_added = length;
  if (counts_) {
    StreamId max_deleted_id;
    if (!Id(&first_id) || !Id(&max_deleted_id) || !Number(&entries_added)) return false;
    stream.set_max_deleted_id(max_deleted_id);
  }
  stream.set_first_id(first_id);
  stream.set_entries_added(entries_added);
  return true;
}

bool Reader::ReadGroups(Stream& stream) {
  uint64_t count = 0;
  if (!Number(&count)) return false;
  for (; count > 0; --count) {
    if (!ReadGroup(stream)) return false;
  }
  return true;
}

bool Reader::ReadGroup(Stream& stream) {
  std::optional<std::string_view> text = rdb_.String(kMaxNameBytes, scratch_);
  if (!text.has_value()) return false;
  std::string name(*text);
  StreamId last_id;
  if (!Id(&last_id)) return false;
  int64_t entries_read = stream.EntriesUpTo(last_id);
  if (counts_) {
    uint64_t number = 0;
    if (!Number(&number)) return false;
    entries_read = static_cast<int64_t>(number);
  }
  StreamGroup* group = stream.AddGroup(name, last_id, entries_read);
  if (group == nullptr) return false;
  StreamGroupBuilder builder(*group);
  if (!ReadPending(builder)) return false;
  uint64_t consumers = 0;
  if (!Number(&consumers)) return false;
  for (; consumers > 0; --consumers) {
    if (!ReadConsumer(*group, builder)) return false;
  }
  return builder.IsWhole();
}

bool Reader::ReadPending(StreamGroupBuilder& builder) {
  uint64_t count = 0;
  if (!Number(&count)) return false;
  for (; count > 0; --count) {
    StreamId id;
    int64_t delivered_ms = 0;
    uint64_t deliveries = 0;
    if (!RawId(&id) || !Time(&delivered_ms) || !Number(&deliveries)) return false;
    if (!builder.AddPending(id, delivered_ms, deliveries)) return false;
  }
  return true;
}

bool Reader::ReadConsumer(StreamGroup& group, StreamGroupBuilder& builder) {
  std::optional<std::string_view> name = rdb_.String(kMaxNameBytes, scratch_);
  if (!name.has_value()) return false;
  StreamConsumer* consumer = group.AddConsumer(*name, 0);
  if (consumer == nullptr) return false;
  int64_t seen_ms = 0;
  uint64_t count = 0;
  if (!Time(&seen_ms) || !Number(&count)) return false;
  consumer->set_seen_ms(seen_ms);
  for (; count > 0; --count) {
    StreamId id;
    if (!RawId(&id) || !builder.Assign(id, consumer)) return false;
  }
  return true;
}

}  // namespace

void AppendStream(const Stream& stream, bool compress, base::Buffer& out) {
  const StreamNodes& nodes = stream.nodes();
  AppendRdbLength(nodes.size(), out);
  for (StreamNodes::Place at = nodes.First(); at; at = nodes.Next(at)) {
    const StreamNode& node = nodes.At(at);
    AppendRdbLength(kStreamIdBytes, out);
    AppendRawId(node.id, out);
    AppendRdbString({node.bytes, node.size}, compress, out);
  }
  AppendRdbLength(stream.length(), out);
  AppendId(stream.last_id(), out);
  AppendId(stream.first_id(), out);
  AppendId(stream.max_deleted_id(), out);
  AppendRdbLength(stream.entries_added(), out);
  AppendRdbLength(stream.groups().size(), out);
  for (const StreamGroup* group : stream.groups().items()) AppendGroup(*group, compress, out);
}

std::unique_ptr<Stream> ReadStream(uint8_t type, RdbReader& reader) {
  if (type != kRdbStreamListpacks && type != kRdbStreamListpacks2) return nullptr;
  auto stream = std::make_unique<Stream>();
  Reader rest(reader, type == kRdbStreamListpacks2);
  if (!rest.ReadNodes(*stream) || !rest.ReadFigures(*stream) || !rest.ReadGroups(*stream)) {
    return nullptr;
  }
  return stream;
}

}  // namespace nuthatch::values
