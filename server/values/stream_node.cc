#include "server/values/stream_node.h"

#include <vector>

#include "server/values/listpack_edit.h"

namespace nuthatch::values::stream_node {
namespace {

using listpack::Item;

// Elements of an entry beside fields and values that `elements` counts: flags, ms, seq; and the
// number of fields where they are there.
constexpr int64_t kOwnElements = 3;

// REQUIRES: an integer is there.
int64_t ReadInteger(Listpack node, size_t* at) { return node.Read(at).Integer().value_or(0); }

StreamId Add(StreamId id, int64_t ms, int64_t seq) {
  return {id.ms + static_cast<uint64_t>(ms), id.seq + static_cast<uint64_t>(seq)};
}

bool HasFields(Listpack node, const Master& master, std::span<const std::string_view> pairs) {
  if (static_cast<uint64_t>(master.field_count) * 2 != pairs.size()) return false;
  size_t at = master.fields_at;
  for (size_t i = 0; i < pairs.size(); i += 2) {
    if (!node.Read(&at).Equals(pairs[i])) return false;
  }
  return true;
}

void AddEntry(StreamId node_id, StreamId id, bool same_fields,
              std::span<const std::string_view> pairs, std::vector<Item>& items) {
  auto fields = static_cast<int64_t>(pairs.size() / 2);
  items.emplace_back(same_fields ? kSameFields : int64_t{0});
  items.emplace_back(static_cast<int64_t>(id.ms - node_id.ms));
  items.emplace_back(static_cast<int64_t>(id.seq - node_id.seq));
  if (!same_fields) items.emplace_back(fields);
  for (size_t i = same_fields ? 1 : 0; i < pairs.size(); i += same_fields ? 2 : 1) {
    items.emplace_back(pairs[i]);
  }
  items.emplace_back(same_fields ? fields + kOwnElements : 2 * fields + kOwnElements + 1);
}

// Adds to the integer at `at`.
void Increase(size_t at, int64_t by, HeapBytes& store) {
  size_t read = at;
  int64_t value = ReadInteger(listpack::ViewOf(store), &read);
  listpack::Replace(store, at, Item(value + by));
}

// Walks through a listpack that is sound as such, whose meaning is not trusted.
class Checker {
 public:
  explicit Checker(Listpack node) : node_(node), at_(node.First()) {}
  bool at_end() const { return at_ == node_.End(); }
  std::optional<int64_t> Integer() {
    if (at_end()) return std::nullopt;
    return node_.Read(&at_).Integer();
  }
  // Passes over `count` elements; false if there are not so many.
  bool Skip(int64_t count) {
    for (; count > 0; --count) {
      if (at_end()) return false;
      at_ = node_.Next(at_);
    }
    return count == 0;
  }

 private:
  Listpack node_;
  size_t at_;
};

// The flags of the next entry, where the master entry has `master_fields`; nullopt if it isn't one.
std::optional<int64_t> CheckEntry(Checker& rest, int64_t master_fields) {
  std::optional<int64_t> flags = rest.Integer();
  if (!flags.has_value() || !rest.Integer().has_value() || !rest.Integer().has_value()) {
    return std::nullopt;
  }
  int64_t contents = master_fields;
  int64_t elements = kOwnElements;
  if ((*flags & kSameFields) == 0) {
    std::optional<int64_t> fields = rest.Integer();
    if (!fields.has_value() || *fields < 0 || *fields > INT32_MAX) return std::nullopt;
    contents = 2 * *fields;
    ++elements;
  }
  if (!rest.Skip(contents) || rest.Integer() != contents + elements) return std::nullopt;
  return flags;
}

}  // namespace

Master ReadMaster(Listpack node) {
  Master master;
  size_t at = node.First();
  master.entries = ReadInteger(node, &at);
  master.deleted = ReadInteger(node, &at);
  master.field_count = ReadInteger(node, &at);
  master.fields_at = at;
  for (int64_t i = 0; i <= master.field_count; ++i) at = node.Next(at);
  master.entries_at = at;
  return master;
}

Entry ReadEntry(Listpack node, const Master& master, StreamId node_id, size_t at) {
  Entry entry;
  entry.at = at;
  entry.flags = ReadInteger(node, &at);
  int64_t ms = ReadInteger(node, &at);
  int64_t seq = ReadInteger(node, &at);
  entry.id = Add(node_id, ms, seq);
  entry.field_count = entry.same_fields() ? master.field_count : ReadInteger(node, &at);
  entry.content_at = at;
  return entry;
}

size_t Behind(Listpack node, const Entry& entry) {
  size_t at = entry.content_at;
  int64_t contents = entry.same_fields() ? entry.field_count : 2 * entry.field_count;
  for (int64_t i = 0; i <= contents; ++i) at = node.Next(at);
  return at;
}

size_t Before(Listpack node, const Master& master, size_t at) {
  if (at == master.entries_at) return 0;
  at = node.Previous(at);
  int64_t elements = node.At(at).Integer().value_or(0);
  for (; elements > 0; --elements) at = node.Previous(at);
  return at;
}

StreamId LastId(Listpack node, StreamId node_id) {
  Master master = ReadMaster(node);
  return ReadEntry(node, master, node_id, Before(node, master, node.End())).id;
}

void Make(std::span<const std::string_view> pairs, HeapBytes& store) {
  std::vector<Item> items;
  items.reserve(pairs.size() + 2 * kOwnElements + 2);
  items.emplace_back(int64_t{1});
  items.emplace_back(int64_t{0});
  items.emplace_back(static_cast<int64_t>(pairs.size() / 2));
  for (size_t i = 0; i < pairs.size(); i += 2) items.emplace_back(pairs[i]);
  items.emplace_back(int64_t{0});
  AddEntry({}, {}, true, pairs, items);
  listpack::MakeEmpty(store);
  listpack::Append(store, items);
}

void Append(StreamId node_id, StreamId id, std::span<const std::string_view> pairs,
            HeapBytes& store) {
  Listpack node = listpack::ViewOf(store);
  std::vector<Item> items;
  items.reserve(pairs.size() + kOwnElements + 2);
  AddEntry(node_id, id, HasFields(node, ReadMaster(node), pairs), pairs, items);
  listpack::Append(store, items);
  Increase(listpack::kHeaderSize, 1, store);
}

void FlagDeleted(const Entry& entry, HeapBytes& store) {
  listpack::Replace(store, entry.at, Item(entry.flags | kDeleted));
}

void MoveToDeleted(int64_t count, HeapBytes& store) {
  Increase(listpack::kHeaderSize, -count, store);
  Increase(listpack::ViewOf(store).Next(listpack::kHeaderSize), count, store);
}

std::optional<uint64_t> Validate(std::string_view bytes) {
  if (!Listpack::Validate(bytes)) return std::nullopt;
  Checker rest{Listpack(bytes)};
  std::optional<int64_t> entries = rest.Integer();
  std::optional<int64_t> deleted = rest.Integer();
  std::optional<int64_t> fields = rest.Integer();
  if (!entries.has_value() || !deleted.has_value() || !fields.has_value()) return std::nullopt;
  if (*fields < 0 || !rest.Skip(*fields) || rest.Integer() != 0 || rest.at_end()) {
    return std::nullopt;
  }
  int64_t found_entries = 0;
  int64_t found_deleted = 0;
  while (!rest.at_end()) {
    std::optional<int64_t> flags = CheckEntry(rest, *fields);
    if (!flags.has_value()) return std::nullopt;
    ++((*flags & kDeleted) != 0 ? found_deleted : found_entries);
  }
  if (found_entries != *entries || found_deleted != *deleted) return std::nullopt;
  return static_cast<uint64_t>(found_entries);
}

}  // namespace nuthatch::values::stream_node
