#include "server/values/value_reader.h"

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "server/values/stream.h"
#include "server/values/stream_dump.h"
#include "server/values/value_reader_parts.h"

namespace nuthatch::values {
namespace {

using internal::Loaded;

Loaded ReadText(RdbReader& reader, const LoadLimits& limits) {
  base::Buffer scratch;
  std::optional<std::string_view> text = reader.String(limits.max_string_bytes, scratch);
  if (!text.has_value()) return internal::Refuse(internal::kNoString);
  return LoadedValue{.bytes = HeapBytes(*text), .object = nullptr};
}

Loaded ReadStreamValue(RdbType type, RdbReader& reader) {
  std::unique_ptr<Stream> stream = ReadStream(static_cast<uint8_t>(type), reader);
  if (stream == nullptr) return internal::Refuse("a damaged stream");
  return LoadedValue{.type = Type::kStream,
                     .encoding = Encoding::kStream,
                     .bytes = {},
                     .object = std::move(stream)};
}

}  // namespace

Loaded ReadValue(uint8_t rdb_type, RdbReader& reader, const LoadLimits& limits) {
  auto type = static_cast<RdbType>(rdb_type);
  switch (type) {
    case RdbType::kString:
      return ReadText(reader, limits);
    case RdbType::kList:
    case RdbType::kListZiplist:
    case RdbType::kListQuicklist:
    case RdbType::kListQuicklist2:
      return internal::ReadList(type, reader, limits);
    case RdbType::kSet:
    case RdbType::kSetIntset:
      return internal::ReadSet(type, reader, limits);
    case RdbType::kHash:
    case RdbType::kHashZipmap:
    case RdbType::kHashZiplist:
    case RdbType::kHashListpack:
      return internal::ReadHash(type, reader, limits);
    case RdbType::kSortedSet:
    case RdbType::kSortedSet2:
    case RdbType::kSortedSetZiplist:
    case RdbType::kSortedSetListpack:
      return internal::ReadSortedSet(type, reader, limits);
    case RdbType::kStreamListpacks:
    case RdbType::kStreamListpacks2:
      return ReadStreamValue(type, reader);
    case RdbType::kModulePreGa:
    case RdbType::kModule2:
      return internal::Refuse("a module's value");
    default:
      return internal::Refuse("an unknown type of value");
  }
}

}  // namespace nuthatch::values
