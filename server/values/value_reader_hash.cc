// Hashes, in value_reader.h.
#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "server/values/hash_value.h"
#include "server/values/listpack_edit.h"
#include "server/values/value_reader_parts.h"
#include "server/values/zipmap.h"

namespace nuthatch::values::internal {
namespace {

using OwnHash = std::unique_ptr<HashValue>;

Loaded Large(OwnHash hash) {
  return LoadedValue{.type = Type::kHash,
                     .encoding = Encoding::kHashtable,
                     .bytes = {},
                     .object = std::move(hash)};
}

// Null if a field is there twice.
OwnHash TableOf(Listpack pairs) {
  auto hash = std::make_unique<HashValue>();
  for (size_t at = pairs.First(); at != pairs.End();) {
    NumberText field_number;
    NumberText value_number;
    std::string_view field = pairs.Read(&at).Text(field_number);
    std::string_view value = pairs.Read(&at).Text(value_number);
    if (!hash->Set(Hashed(field), value)) return nullptr;
  }
  return hash;
}

// From a listpack that is one; `large` makes it a table whatever the limit of entries.
Loaded FromListpack(HeapBytes bytes, const LoadLimits& limits, bool large = false) {
  Listpack pairs(bytes.view());
  size_t count = pairs.Count();
  if (count == 0) return Refuse(kEmptyValue);
  if (count % 2 != 0) return Refuse(kUnpaired);
  if (large || count / 2 > limits.hash_max_listpack_entries) {
    OwnHash hash = TableOf(pairs);
    return hash != nullptr ? Large(std::move(hash)) : Loaded(Refuse(kTwice));
  }
  if (HasTwice(pairs)) return Refuse(kTwice);
  return LoadedValue{.type = Type::kHash,
                     .encoding = Encoding::kListpack,
                     .bytes = std::move(bytes),
                     .object = nullptr};
}

bool Append(HeapBytes& pairs, std::string_view field, std::string_view value) {
  listpack::Item items[] = {listpack::Item(field), listpack::Item(value)};
  if (!listpack::SafeToAdd(pairs.size(), items[0].size() + items[1].size())) return false;
  listpack::Append(pairs, items);
  return true;
}

Loaded ReadCompact(bool ziplist, RdbReader& reader, const LoadLimits& limits) {
  base::Buffer scratch;
  std::optional<std::string_view> bytes = reader.String(limits.max_string_bytes, scratch);
  if (!bytes.has_value()) return Refuse(kNoString);
  std::optional<HeapBytes> pairs = ziplist ? ListpackOfZiplist(*bytes) : CopyListpack(*bytes);
  if (!pairs.has_value()) return Refuse(ziplist ? kBadZiplist : kBadListpack);
  return FromListpack(std::move(*pairs), limits);
}

Loaded ReadZipmap(RdbReader& reader, const LoadLimits& limits) {
  base::Buffer scratch;
  std::optional<std::string_view> bytes = reader.String(limits.max_string_bytes, scratch);
  if (!bytes.has_value()) return Refuse(kNoString);
  constexpr const char* kBadZipmap = "a damaged zipmap";
  HeapBytes pairs;
  listpack::MakeEmpty(pairs);
  size_t longest = 0;
  ZipmapReader entries(*bytes);
  while (std::optional<ZipmapReader::Pair> pair = entries.Next()) {
    longest = std::max({longest, pair->field.size(), pair->value.size()});
    if (!Append(pairs, pair->field, pair->value)) return Refuse(kBadZipmap);
  }
  if (!entries.whole()) return Refuse(kBadZipmap);
  return FromListpack(std::move(pairs), limits, longest > limits.hash_max_listpack_value);
}

// One field after the other: the one form in which the length of each counts.
Loaded ReadPairs(RdbReader& reader, const LoadLimits& limits) {
  std::optional<uint64_t> count = reader.Length();
  if (!count.has_value()) return Refuse(kNoCount);
  HeapBytes pairs;  // as long as `hash` is null
  listpack::MakeEmpty(pairs);
  OwnHash hash;
  if (*count > limits.hash_max_listpack_entries) hash = std::make_unique<HashValue>();
  uint64_t longest = limits.hash_max_listpack_value;
  base::Buffer field_scratch;
  base::Buffer value_scratch;
  for (uint64_t left = *count; left > 0; --left) {
    std::optional<std::string_view> field = reader.String(limits.max_string_bytes, field_scratch);
    if (!field.has_value()) return Refuse(kNoString);
    std::optional<std::string_view> value = reader.String(limits.max_string_bytes, value_scratch);
    if (!value.has_value()) return Refuse(kNoString);
    if (hash == nullptr) {
      bool fits = field->size() <= longest && value->size() <= longest;
      if (fits && Append(pairs, *field, *value)) continue;
      hash = TableOf(Listpack(pairs.view()));
      if (hash == nullptr) return Refuse(kTwice);
    }
    if (!hash->Set(Hashed(*field), *value)) return Refuse(kTwice);
  }
  return hash != nullptr ? Large(std::move(hash)) : FromListpack(std::move(pairs), limits);
}

}  // namespace

Loaded ReadHash(RdbType type, RdbReader& reader, const LoadLimits& limits) {
  switch (type) {
    case RdbType::kHash:
      return ReadPairs(reader, limits);
    case RdbType::kHashZipmap:
      return ReadZipmap(reader, limits);
    default:
      return ReadCompact(type == RdbType::kHashZiplist, reader, limits);
  }
}

}  // namespace nuthatch::values::internal
