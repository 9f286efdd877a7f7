// Lists, in value_reader.h.
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "server/values/listpack.h"
#include "server/values/quicklist.h"
#include "server/values/value_reader_parts.h"
#include "server/values/ziplist.h"

namespace nuthatch::values::internal {
namespace {

using OwnList = std::unique_ptr<Quicklist>;

Loaded Finish(OwnList list) {
  if (list->empty()) return Refuse(kEmptyValue);
  LoadedValue value{
      .type = Type::kList, .encoding = Encoding::kQuicklist, .bytes = {}, .object = nullptr};
  if (list->IsOneSmallNode()) {
    list->ForEachNode([&](bool, std::string_view bytes) { value.bytes = HeapBytes(bytes); });
  } else {
    value.object = std::move(list);
  }
  return value;
}

Loaded ReadElements(RdbReader& reader, const LoadLimits& limits, OwnList list) {
  std::optional<uint64_t> count = reader.Length();
  if (!count.has_value()) return Refuse(kNoCount);
  base::Buffer scratch;
  for (uint64_t left = *count; left > 0; --left) {
    std::optional<std::string_view> text = reader.String(limits.max_string_bytes, scratch);
    if (!text.has_value()) return Refuse(kNoString);
    list->PushBack(*text);
  }
  return Finish(std::move(list));
}

Loaded ReadZiplist(RdbReader& reader, const LoadLimits& limits, OwnList list) {
  base::Buffer scratch;
  std::optional<std::string_view> bytes = reader.String(limits.max_string_bytes, scratch);
  if (!bytes.has_value()) return Refuse(kNoString);
  ZiplistReader entries(*bytes);
  while (std::optional<Element> element = entries.Next()) {
    NumberText number;
    list->PushBack(element->Text(number));
  }
  if (!entries.whole()) return Refuse(kBadZiplist);
  return Finish(std::move(list));
}

// Empty nodes are passed over, as Redis does.
void AddNode(Quicklist& list, const HeapBytes& listpack) {
  if (!Listpack(listpack.view()).empty()) list.AppendListpack(listpack.view());
}

Loaded ReadNodes(bool ziplists, RdbReader& reader, const LoadLimits& limits, OwnList list) {
  std::optional<uint64_t> count = reader.Length();
  if (!count.has_value()) return Refuse(kNoCount);
  base::Buffer scratch;
  for (uint64_t left = *count; left > 0; --left) {
    auto kind = static_cast<uint64_t>(RdbNode::kPacked);
    if (!ziplists) {
      std::optional<uint64_t> said = reader.Length();
      if (!said.has_value()) return Refuse(kNoCount);
      kind = *said;
    }
    std::optional<std::string_view> bytes = reader.String(limits.max_string_bytes, scratch);
    if (!bytes.has_value()) return Refuse(kNoString);
    if (kind == static_cast<uint64_t>(RdbNode::kPlain)) {
      if (bytes->empty()) return Refuse("a plain node without content");
      list->AppendPlain(*bytes);
    } else if (kind == static_cast<uint64_t>(RdbNode::kPacked)) {
      std::optional<HeapBytes> node = ziplists ? ListpackOfZiplist(*bytes) : CopyListpack(*bytes);
      if (!node.has_value()) return Refuse(ziplists ? kBadZiplist : kBadListpack);
      AddNode(*list, *node);
    } else {
      return Refuse("a node of an unknown kind");
    }
  }
  return Finish(std::move(list));
}

}  // namespace

Loaded ReadList(RdbType type, RdbReader& reader, const LoadLimits& limits) {
  auto list = std::make_unique<Quicklist>(limits.list_max_listpack_size);
  switch (type) {
    case RdbType::kList:
      return ReadElements(reader, limits, std::move(list));
    case RdbType::kListZiplist:
      return ReadZiplist(reader, limits, std::move(list));
    default:
      return ReadNodes(type == RdbType::kListQuicklist, reader, limits, std::move(list));
  }
}

}  // namespace nuthatch::values::internal
