// The content of a value of any type, as the strings that a client would see: for comparing values
// whatever form they are kept in.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/base/numbers.h"
#include "server/values/value_view.h"
#include "server/values/value_walk.h"

namespace nuthatch::testing {

// A list: (element, "") in order. A set: (member, ""), a hash: (field, value), both sorted. A
// sorted set: (member, score) in its order; a listpack that is out of order stays so.
// A stream: ("entry", its ID), then its fields and values.
using Content = std::vector<std::pair<std::string, std::string>>;

inline Content ContentOf(const values::ValueView& value) {
  using values::Type;
  Content content;
  auto add = [&content](std::string_view name) { content.emplace_back(name, ""); };
  if (value.type == Type::kString) {
    add(value.bytes);
  } else if (value.type == Type::kList) {
    values::ForEachListElement(value, add);
  } else if (value.type == Type::kSet) {
    values::ForEachMember(value, add);
  } else if (value.type == Type::kHash) {
    values::ForEachField(value, [&](std::string_view field, std::string_view text) {
      content.emplace_back(field, text);
    });
  } else if (value.type == Type::kStream) {
    values::ForEachEntry(
        value,
        [&](values::StreamId id) {
          values::StreamIdText text;
          content.emplace_back("entry", values::FormatStreamId(id, text));
        },
        [&](std::string_view field, std::string_view text) { content.emplace_back(field, text); });
  } else {
    values::ForEachScored(value, [&](std::string_view member, double score) {
      content.emplace_back(member, base::FormatDouble(score));
    });
  }
  if (value.type == Type::kSet || value.type == Type::kHash) {
    std::sort(content.begin(), content.end());
  }
  return content;
}

}  // namespace nuthatch::testing
