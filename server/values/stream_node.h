// The nodes of a stream: neighbouring entries in one listpack, as Redis 7.0 lays them out.
//
// A node has an ID (that of its first entry), which is not in its bytes. The listpack begins with
// the master entry, the fields of the entry that the node was made with:
//
//   entries, deleted, number of fields, field..., 0
//
// Then come the entries in the order of their IDs; an ID is said as the difference of both its
// parts to the node's:
//
//   flags, ms, seq, value..., elements                           the fields are the master entry's
//   flags, ms, seq, number of fields, (field, value)..., elements
//
// `elements` is how many elements of the listpack stand before it in the entry, to walk backwards
// by. Deleted entries stay, with a flag; "entries" counts those that are not deleted.
//
// Functions on bytes that somebody else holds; any thread. Only Validate takes hostile bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "server/values/byte_store.h"
#include "server/values/listpack.h"
#include "server/values/stream_id.h"

namespace nuthatch::values::stream_node {

constexpr int64_t kDeleted = 1;     // flags of an entry
constexpr int64_t kSameFields = 2;  // its fields are those of the master entry

// The master entry.
struct Master {
  int64_t entries = 0;
  int64_t deleted = 0;
  int64_t field_count = 0;
  size_t fields_at = 0;   // the offset of the first field
  size_t entries_at = 0;  // where the entries begin
};
Master ReadMaster(Listpack node);

// What an entry begins with.
struct Entry {
  StreamId id;
  size_t at = 0;  // its offset: the flags
  int64_t flags = 0;
  int64_t field_count = 0;
  size_t content_at = 0;  // where the values begin, or the fields with their values
  bool deleted() const { return (flags & kDeleted) != 0; }
  bool same_fields() const { return (flags & kSameFields) != 0; }
};
// REQUIRES: an entry begins at `at`.
Entry ReadEntry(Listpack node, const Master& master, StreamId node_id, size_t at);
// Where the entry behind it begins, or End().
size_t Behind(Listpack node, const Entry& entry);
// Where the entry begins that ends at `at`; 0 if there is none.
size_t Before(Listpack node, const Master& master, size_t at);
// The ID of the last entry, deleted or not. REQUIRES: there is one.
StreamId LastId(Listpack node, StreamId node_id);

// Makes the store a node of one entry, whose ID is the node's. `pairs`: field, value, field, ...
void Make(std::span<const std::string_view> pairs, HeapBytes& store);
// REQUIRES: `id` is above that of the last entry.
void Append(StreamId node_id, StreamId id, std::span<const std::string_view> pairs,
            HeapBytes& store);
// Flags the entry at `at`. REQUIRES: it isn't deleted. The counts are MoveToDeleted's matter.
void FlagDeleted(const Entry& entry, HeapBytes& store);
// Tells the master entry that so many entries have been flagged.
void MoveToDeleted(int64_t count, HeapBytes& store);

// Whether the bytes are a node whose counts are right; then how many entries are not deleted. The
// order of the IDs is not looked at: Redis lets it be broken (by XSETID), and no function here
// needs it.
std::optional<uint64_t> Validate(std::string_view bytes);

}  // namespace nuthatch::values::stream_node
