// The content of a value of any type, as the strings that a client would see: for comparing values
// whatever form they are kept in.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/base/numbers.h"
#include "server/values/hash_value.h"
#include "server/values/intset.h"
#include "server/values/listpack.h"
#include "server/values/listpack_score.h"
#include "server/values/quicklist.h"
#include "server/values/set_value.h"
#include "server/values/sorted_set.h"
#include "server/values/value_view.h"

namespace nuthatch::testing {

// A list: (element, "") in order. A set: (member, ""), a hash: (field, value), both sorted. A
// sorted set: (member, score) in its order; a listpack that is out of order stays so.
using Content = std::vector<std::pair<std::string, std::string>>;

namespace internal {

inline std::string TextOf(const values::Element& element) {
  values::NumberText number;
  return std::string(element.Text(number));
}

inline Content ContentOfBytes(const values::ValueView& value) {
  using values::Type;
  Content content;
  if (value.type == Type::kString) return {{std::string(value.bytes), ""}};
  if (value.encoding == values::Encoding::kIntset) {
    values::Intset set(value.bytes);
    for (size_t i = 0; i < set.Count(); ++i) content.emplace_back(std::to_string(set.At(i)), "");
    return content;
  }
  values::Listpack listpack(value.bytes);
  for (size_t at = listpack.First(); at != listpack.End();) {
    std::string name = TextOf(listpack.Read(&at));
    if (value.type == Type::kList) {
      content.emplace_back(std::move(name), "");
    } else if (value.type == Type::kHash) {
      content.emplace_back(std::move(name), TextOf(listpack.Read(&at)));
    } else {
      double score = values::listpack::ScoreOf(listpack.Read(&at)).value();
      content.emplace_back(std::move(name), base::FormatDouble(score));
    }
  }
  return content;
}

inline Content ContentOfObject(const values::ValueView& value) {
  using values::Type;
  Content content;
  if (value.type == Type::kList) {
    const auto& list = static_cast<const values::Quicklist&>(*value.object);
    values::Quicklist::Cursor cursor = list.First();
    while (cursor) {
      content.emplace_back(TextOf(list.At(cursor)), "");
      list.Advance(&cursor, values::Quicklist::Direction::kForward);
    }
  } else if (value.type == Type::kSet) {
    static_cast<const values::SetValue&>(*value.object).ForEach([&](std::string_view member) {
      content.emplace_back(member, "");
    });
  } else if (value.type == Type::kHash) {
    static_cast<const values::HashValue&>(*value.object)
        .ForEach([&](std::string_view field, std::string_view text) {
          content.emplace_back(field, text);
        });
  } else {
    const auto& set = static_cast<const values::SortedSet&>(*value.object);
    for (auto at = set.First(); at; at.Next()) {
      content.emplace_back(at.member(), base::FormatDouble(at.score()));
    }
  }
  return content;
}

}  // namespace internal

inline Content ContentOf(const values::ValueView& value) {
  Content content =
      value.object != nullptr ? internal::ContentOfObject(value) : internal::ContentOfBytes(value);
  if (value.type == values::Type::kSet || value.type == values::Type::kHash) {
    std::sort(content.begin(), content.end());
  }
  return content;
}

}  // namespace nuthatch::testing
