#include "server/values/value_writer.h"

#include <string_view>

#include "server/base/check.h"
#include "server/values/hash_value.h"
#include "server/values/quicklist.h"
#include "server/values/set_value.h"
#include "server/values/sorted_set.h"
#include "server/values/stream.h"
#include "server/values/stream_dump.h"

namespace nuthatch::values {
namespace {

template <typename T>
const T& As(const Object* object) {
  return *static_cast<const T*>(object);
}

void AppendNode(RdbNode kind, std::string_view bytes, bool compress, base::Buffer& out) {
  AppendRdbLength(static_cast<uint8_t>(kind), out);
  AppendRdbString(bytes, compress, out);
}

void AppendList(const Quicklist& list, bool compress, base::Buffer& out) {
  AppendRdbLength(list.CountNodes(), out);
  list.ForEachNode([&](bool plain, std::string_view bytes) {
    AppendNode(plain ? RdbNode::kPlain : RdbNode::kPacked, bytes, compress, out);
  });
}

void AppendSet(const SetValue& set, bool compress, base::Buffer& out) {
  AppendRdbLength(set.size(), out);
  set.ForEach([&](std::string_view member) { AppendRdbString(member, compress, out); });
}

void AppendHash(const HashValue& hash, bool compress, base::Buffer& out) {
  AppendRdbLength(hash.size(), out);
  hash.ForEach([&](std::string_view field, std::string_view value) {
    AppendRdbString(field, compress, out);
    AppendRdbString(value, compress, out);
  });
}

// From the last one to the first, as Redis does: whoever reads them puts each before the others.
void AppendSortedSet(const SortedSet& set, bool compress, base::Buffer& out) {
  AppendRdbLength(set.size(), out);
  SortedSet::Position at = set.Last();
  for (size_t left = set.size(); left > 0; --left) {
    AppendRdbString(at.member(), compress, out);
    AppendRdbDouble(at.score(), out);
    at.Previous();
  }
}

void AppendObject(const ValueView& value, bool compress, base::Buffer& out) {
  switch (value.type) {
    case Type::kList:
      return AppendList(As<Quicklist>(value.object), compress, out);
    case Type::kSet:
      return AppendSet(As<SetValue>(value.object), compress, out);
    case Type::kHash:
      return AppendHash(As<HashValue>(value.object), compress, out);
    case Type::kSortedSet:
      return AppendSortedSet(As<SortedSet>(value.object), compress, out);
    case Type::kStream:
      return AppendStream(As<Stream>(value.object), compress, out);
    default:
      CHECK(!"no object of this type");
  }
}

}  // namespace

RdbType RdbTypeOf(const ValueView& value) {
  bool compact = value.object == nullptr;
  switch (value.type) {
    case Type::kString:
      return RdbType::kString;
    case Type::kList:
      return RdbType::kListQuicklist2;
    case Type::kSet:
      return compact ? RdbType::kSetIntset : RdbType::kSet;
    case Type::kSortedSet:
      return compact ? RdbType::kSortedSetListpack : RdbType::kSortedSet2;
    case Type::kHash:
      return compact ? RdbType::kHashListpack : RdbType::kHash;
    case Type::kStream:
      return RdbType::kStreamListpacks2;
    default:
      CHECK(!"a type without an encoding");
      return RdbType::kString;
  }
}

void AppendValue(const ValueView& value, bool compress, base::Buffer& out) {
  if (value.object != nullptr) return AppendObject(value, compress, out);
  if (value.type == Type::kList) {
    AppendRdbLength(1, out);
    AppendNode(RdbNode::kPacked, value.bytes, compress, out);
  } else {
    AppendRdbString(value.bytes, compress, out);
  }
}

}  // namespace nuthatch::values
