// Stream: entries of fields and values in the order of their IDs, and consumer groups.
//
// Owned by one entry of a keyspace; no threads. Entries stand in nodes (stream_node.h), which DUMP
// shows: so what shares a node is decided as Redis decides it. Nodes stand in a B+ tree by the ID
// of their first entry (ordered_tree.h).
//
// What Redis tolerates is tolerated: deleted entries keep their bytes until their node has no
// others; a node whose last entry but those was trimmed by ID stays; XSETID may move last_id() back
// behind a deleted entry, so that a node's IDs are not in order any more.
//
// Invariants
// 1. length() is the sum of the entries of all nodes that are not deleted.
// 2. A StreamReader, and every view, is good until the next call that isn't const.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "server/values/byte_counter.h"
#include "server/values/name_list.h"
#include "server/values/object.h"
#include "server/values/ordered_tree.h"
#include "server/values/stream_group.h"
#include "server/values/stream_id.h"
#include "server/values/stream_node.h"

namespace nuthatch::values {

// A node's place among the others, and its bytes: an allocation of `size`.
struct StreamNode {
  StreamId id;
  char* bytes = nullptr;
  size_t size = 0;
  Listpack listpack() const { return Listpack({bytes, size}); }
};

struct StreamNodeShape {
  using Item = StreamNode;
  using Key = StreamId;
  static Key KeyOf(const Item& item) { return item.id; }
  static constexpr size_t kLeafBytes = 2048;
  static constexpr unsigned kChildren = 42;
};
using StreamNodes = OrderedTree<StreamNodeShape>;

class Stream final : public Object {
 public:
  // When a node is full: stream-node-max-bytes, stream-node-max-entries; 0 is no limit.
  struct NodeLimits {
    uint64_t bytes = 4096;
    uint64_t entries = 100;
  };
  // What is trimmed: either all but `max_length` entries, or what is below `min_id`.
  struct TrimRule {
    std::optional<uint64_t> max_length = {};
    StreamId min_id = {};
    bool approximate = false;            // whole nodes only
    std::optional<uint64_t> limit = {};  // no more entries than this
  };
  // Fields and values of an entry have at most so many bytes in all.
  static constexpr uint64_t kMaxEntryBytes = uint64_t{1} << 30;

  Stream() : nodes_(bytes_), groups_(bytes_) { bytes_.Add(base::SizeClass(sizeof *this)); }
  ~Stream() override;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  uint64_t length() const { return length_; }
  // The ID of the last entry that was added; XSETID changes it.
  StreamId last_id() const { return last_id_; }
  void set_last_id(StreamId id) { last_id_ = id; }
  // The first entry's, or 0-0.
  StreamId first_id() const { return first_id_; }
  void set_first_id(StreamId id) { first_id_ = id; }
  // The greatest ID that XDEL has deleted.
  StreamId max_deleted_id() const { return max_deleted_id_; }
  void set_max_deleted_id(StreamId id) { max_deleted_id_ = id; }
  // How many entries were ever added.
  uint64_t entries_added() const { return entries_added_; }
  void set_entries_added(uint64_t count) { entries_added_ = count; }

  // --- Entries ---
  // Adds an entry. `pairs`: field, value, field, ... REQUIRES: `id` is above last_id(), and the
  // pairs have at most kMaxEntryBytes.
  void Append(StreamId id, std::span<const std::string_view> pairs, const NodeLimits& limits);
  bool Contains(StreamId id) const;
  // The ID of the first (last) entry that isn't deleted.
  std::optional<StreamId> FirstId() const;
  std::optional<StreamId> LastId() const;
  // Deletes the entries that are there; returns how many.
  uint64_t Delete(std::span<const StreamId> ids);
  // Trims by a rule, up to `nodes` nodes at a time: the rule's limit goes down by what was trimmed,
  // which is returned. `*more`: whether it has to be called again.
  uint64_t Trim(TrimRule& rule, size_t nodes, bool* more);

  // --- Groups ---
  const NameList<StreamGroup>& groups() const { return groups_; }
  StreamGroup* FindGroup(std::string_view name) const { return groups_.Find(name); }
  // Null if there is one of this name.
  StreamGroup* AddGroup(std::string_view name, StreamId last_id, int64_t entries_read);
  // The group is the caller's then.
  std::unique_ptr<StreamGroup> TakeOutGroup(StreamGroup* group);
  // Tells a group that it gets an entry: as far as it is new, the group's counters move on.
  void NoteDelivery(StreamGroup& group, StreamId id) const;
  // How many entries the group hasn't got yet; nullopt where deletions keep that from being known.
  std::optional<int64_t> LagOf(const StreamGroup& group) const;
  // How many of all entries that were ever added stand up to `id`, or StreamGroup::kUnknown.
  int64_t EntriesUpTo(StreamId id) const;

  // --- Nodes ---
  const StreamNodes& nodes() const { return nodes_; }
  // Adds a node with a copy of these bytes, and its entries to the length; false if its ID is
  // there. REQUIRES: `listpack` is a valid node of so many entries.
  bool AddNode(StreamId id, std::string_view listpack, uint64_t entries);

  // --- Object ---
  std::unique_ptr<Object> Duplicate() const override;
  size_t MemoryBytes() const override { return bytes_.bytes; }
  // A piece is a node, or some 50 pending entries, or a consumer.
  bool FreeSome(size_t pieces) override;

  // Checks every invariant; for tests. Aborts if one does not hold.
  void CheckInvariants() const;

 private:
  template <typename Change>
  void ChangeNode(StreamNode& node, Change&& change);
  void InsertNode(StreamId id, HeapBytes&& store);
  void EraseNode(const StreamNode& node);
  static bool HasRoom(const StreamNode& node, size_t bytes, const NodeLimits& limits);
  bool DeleteOne(StreamId id);
  void RefreshFirstId();
  uint64_t TrimInside(StreamNode& node, const TrimRule& rule);
  bool HasDeletedFrom(StreamId id) const;

  ByteCounter bytes_;
  StreamNodes nodes_;
  uint64_t length_ = 0;
  uint64_t entries_added_ = 0;
  StreamId last_id_;
  StreamId first_id_;
  StreamId max_deleted_id_;
  NameList<StreamGroup> groups_;
};

// Walks over the entries of a range that are not deleted.
class StreamReader {
 public:
  enum class Direction : uint8_t { kForward, kBackward };

  // `start` and `end` are included, `start` the lower one in either direction.
  StreamReader(const Stream& stream, StreamId start, StreamId end,
               Direction direction = Direction::kForward);

  // To the next entry, or the first one; false if there are no more.
  bool Next();
  // REQUIRES, of all below: Next() was true.
  StreamId id() const { return entry_.id; }
  int64_t field_count() const { return entry_.field_count; }
  // Calls visit(Element field, Element value).
  template <typename Visit>
  void ForEachField(Visit&& visit);

 private:
  friend class Stream;
  bool NextForward();
  bool NextBackward();
  void EnterNode(StreamNodes::Place place);

  const StreamNodes& nodes_;
  StreamId start_;
  StreamId end_;
  Direction direction_;
  StreamNodes::Place place_;  // none: behind the last node
  Listpack listpack_{{}};
  stream_node::Master master_;
  stream_node::Entry entry_;
  size_t at_ = 0;        // the next entry begins, or, backwards, the one before it ends here
  bool inside_ = false;  // forwards: entry_ has to be passed over first
};

template <typename Visit>
void StreamReader::ForEachField(Visit&& visit) {
  size_t field_at = master_.fields_at;
  size_t at = entry_.content_at;
  for (int64_t i = 0; i < entry_.field_count; ++i) {
    Element field = listpack_.Read(entry_.same_fields() ? &field_at : &at);
    visit(field, listpack_.Read(&at));
  }
  if (direction_ == Direction::kForward) {
    at_ = listpack_.Next(at);
    inside_ = false;
  }
}

}  // namespace nuthatch::values
