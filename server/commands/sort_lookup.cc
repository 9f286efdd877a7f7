#include "server/commands/sort_lookup.h"

#include "server/commands/hash_access.h"

namespace nuthatch::commands {

void SortLookup::Name(const SortPattern& pattern, std::string_view element, size_t slot) {
  keys_[slot].reset();
  if (!pattern.names_keys()) return;
  pattern.NameKey(element, &names_[slot]);
  keys_[slot] = Key::Of(names_[slot]);
}

void SortLookup::Prefetch(size_t slots) const {
  const int db = context_.db();
  const auto keys = std::span(keys_).first(slots);
  for (const auto& key : keys) {
    if (key.has_value()) context_.keyspace_of(*key).PrefetchTable(db, *key);
  }
  for (const auto& key : keys) {
    if (key.has_value()) context_.keyspace_of(*key).PrefetchBucket(db, *key);
  }
  for (const auto& key : keys) {
    if (key.has_value()) context_.keyspace_of(*key).PrefetchEntry(db, *key);
  }
}

std::optional<std::string_view> SortLookup::Read(const SortPattern& pattern,
                                                 std::string_view element, size_t slot) {
  if (pattern.is_element()) return element;
  if (!keys_[slot].has_value()) return std::nullopt;
  const EntryRef ref = FindForRead(context_, *keys_[slot]);
  if (!ref) return std::nullopt;
  if (pattern.field().has_value()) return FieldOf(ref, *pattern.field());
  if (ref->type() != keyspace::Type::kString) return std::nullopt;
  return ref->Text(integer_);
}

std::optional<std::string_view> SortLookup::FieldOf(const EntryRef& ref, std::string_view field) {
  if (ref->type() != keyspace::Type::kHash) return std::nullopt;
  return HashView(ref).Get(field, number_);
}

}  // namespace nuthatch::commands
