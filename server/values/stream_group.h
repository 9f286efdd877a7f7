// StreamGroup: a consumer group of a stream, with its consumers and what is pending for them.
//
// Owned by a stream, or, once it was taken out of it, by whoever frees it in slices; no threads.
// What was delivered and not acknowledged yet stands once in the group's pending entries list
// (PEL), by ID; each consumer's own list has IDs only.
//
// Invariants
// 1. Each pending entry has a consumer, in whose list its ID is; no other IDs are in the lists.
// 2. Consumers are in the order of their names' bytes; no two have the same name.
// 3. A Place in a list is good until the next call that changes a list.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "server/values/byte_counter.h"
#include "server/values/name_list.h"
#include "server/values/object.h"
#include "server/values/ordered_tree.h"
#include "server/values/stream_id.h"

namespace nuthatch::values {

class StreamConsumer;

// An entry that was delivered and not acknowledged.
struct PendingEntry {
  StreamId id;
  int64_t delivered_ms = 0;  // when it was delivered last
  uint64_t deliveries = 0;
  StreamConsumer* consumer = nullptr;
};

struct PendingShape {
  using Item = PendingEntry;
  using Key = StreamId;
  static Key KeyOf(const Item& item) { return item.id; }
  static constexpr size_t kLeafBytes = 2048;
  static constexpr unsigned kChildren = 42;
};
using PendingEntries = OrderedTree<PendingShape>;

struct PendingIdShape {
  using Item = StreamId;
  using Key = StreamId;
  static Key KeyOf(const Item& item) { return item; }
  static constexpr size_t kLeafBytes = 2048;
  static constexpr unsigned kChildren = 42;
};
using PendingIds = OrderedTree<PendingIdShape>;

class StreamConsumer {
 public:
  StreamConsumer(std::string_view name, int64_t seen_ms, ByteCounter& bytes)
      : name_(name, bytes), seen_ms_(seen_ms), pending_(bytes), bytes_(bytes) {
    bytes_.Add(base::SizeClass(sizeof *this));
  }
  ~StreamConsumer() { bytes_.Subtract(base::SizeClass(sizeof *this)); }
  StreamConsumer(const StreamConsumer&) = delete;
  StreamConsumer& operator=(const StreamConsumer&) = delete;

  std::string_view name() const { return name_.view(); }
  // When it last asked for something.
  int64_t seen_ms() const { return seen_ms_; }
  void set_seen_ms(int64_t ms) { seen_ms_ = ms; }
  const PendingIds& pending() const { return pending_; }

 private:
  friend class StreamGroup;
  friend class StreamGroupBuilder;
  CountedName name_;
  int64_t seen_ms_;
  PendingIds pending_;
  ByteCounter& bytes_;
};

class StreamGroup final : public Object {
 public:
  // Of the counter of entries read, where it is not known.
  static constexpr int64_t kUnknown = -1;

  // Counts its bytes in `whole`, if there is one.
  StreamGroup(std::string_view name, StreamId last_id, int64_t entries_read, ByteCounter* whole);
  ~StreamGroup() override;
  StreamGroup(const StreamGroup&) = delete;
  StreamGroup& operator=(const StreamGroup&) = delete;

  std::string_view name() const { return name_.view(); }
  // The last ID that was delivered.
  StreamId last_id() const { return last_id_; }
  void set_last_id(StreamId id) { last_id_ = id; }
  // How many of all entries that were ever added stand up to last_id(), or kUnknown.
  int64_t entries_read() const { return entries_read_; }
  void set_entries_read(int64_t count) { entries_read_ = count; }

  // --- Consumers ---
  const NameList<StreamConsumer>& consumers() const { return consumers_; }
  StreamConsumer* FindConsumer(std::string_view name) const { return consumers_.Find(name); }
  // Null if there is one of this name.
  StreamConsumer* AddConsumer(std::string_view name, int64_t seen_ms);
  // Forgets up to `count` entries that are pending for it; true when none is left.
  bool DropPending(StreamConsumer* consumer, size_t count);
  // REQUIRES: nothing is pending for it.
  void EraseConsumer(StreamConsumer* consumer);

  // --- Pending entries ---
  const PendingEntries& pending() const { return pending_; }
  // Null if it isn't pending. Good until the next call that changes the list.
  const PendingEntry* FindPending(StreamId id) const;
  // Makes it pending for this consumer, as said in `entry`, wherever it was before.
  void SetPending(const PendingEntry& entry);
  // It was delivered once more to its consumer. REQUIRES: it is pending.
  void NoteRedelivery(StreamId id, int64_t now_ms);
  // Forgets it; false if it wasn't pending.
  bool ErasePending(StreamId id);

  // --- Object ---
  std::unique_ptr<Object> Duplicate() const override { return Copy(nullptr); }
  size_t MemoryBytes() const override { return bytes_.bytes; }
  bool FreeSome(size_t pieces) override;

  std::unique_ptr<StreamGroup> Copy(ByteCounter* whole) const;
  // Its bytes are not counted in the whole any more.
  void Detach();

  // Checks every invariant; for tests. Aborts if one does not hold.
  void CheckInvariants() const;

 private:
  friend class StreamGroupBuilder;
  ByteCounter bytes_;
  CountedName name_;
  StreamId last_id_;
  int64_t entries_read_;
  PendingEntries pending_;
  NameList<StreamConsumer> consumers_;
};

// Builds a group from what may be hostile: lists whose parts come one after the other.
class StreamGroupBuilder {
 public:
  explicit StreamGroupBuilder(StreamGroup& group) : group_(group) {}
  // An entry whose consumer comes later. False if its ID is there already.
  bool AddPending(StreamId id, int64_t delivered_ms, uint64_t deliveries);
  // Gives a pending entry to a consumer. False if it isn't pending, or has a consumer.
  bool Assign(StreamId id, StreamConsumer* consumer);
  // Whether every pending entry has a consumer by now: the group may be used.
  bool IsWhole() const { return assigned_ == group_.pending_.size(); }

 private:
  StreamGroup& group_;
  size_t assigned_ = 0;
};

}  // namespace nuthatch::values
