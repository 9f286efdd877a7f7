// Walking through the elements of a value, in whatever form it is kept.
//
// `visit` gets views that are good until it returns, and must not change the value. Any thread that
// may read it. Each takes as long as it takes: it visits every element.
#pragma once

#include <cstddef>
#include <string_view>

#include "server/values/hash_value.h"
#include "server/values/intset.h"
#include "server/values/listpack.h"
#include "server/values/quicklist.h"
#include "server/values/set_value.h"
#include "server/values/sorted_set.h"
#include "server/values/sorted_set_listpack.h"
#include "server/values/stream.h"
#include "server/values/stream_id.h"
#include "server/values/value_view.h"

namespace nuthatch::values {

// visit(std::string_view) for each element of a list, in order.
template <typename Visit>
void ForEachListElement(const ValueView& list, Visit&& visit) {
  auto walk = [&visit](std::string_view bytes) {
    Listpack listpack(bytes);
    for (size_t at = listpack.First(); at != listpack.End();) {
      NumberText number;
      visit(listpack.Read(&at).Text(number));
    }
  };
  if (list.object == nullptr) {
    walk(list.bytes);
    return;
  }
  static_cast<const Quicklist&>(*list.object).ForEachNode([&](bool plain, std::string_view bytes) {
    plain ? visit(bytes) : walk(bytes);
  });
}

// visit(std::string_view) for each member of a set; of an intset in ascending order.
template <typename Visit>
void ForEachMember(const ValueView& set, Visit&& visit) {
  if (set.object != nullptr) {
    static_cast<const SetValue&>(*set.object).ForEach([&](std::string_view member) {
      visit(member);
    });
    return;
  }
  Intset intset(set.bytes);
  for (size_t i = 0; i < intset.Count(); ++i) {
    NumberText number;
    visit(Element{.integer = intset.At(i), .is_integer = true}.Text(number));
  }
}

// visit(std::string_view field, std::string_view value) for each field of a hash.
template <typename Visit>
void ForEachField(const ValueView& hash, Visit&& visit) {
  if (hash.object != nullptr) {
    static_cast<const HashValue&>(*hash.object)
        .ForEach([&](std::string_view field, std::string_view value) { visit(field, value); });
    return;
  }
  Listpack pairs(hash.bytes);
  for (size_t at = pairs.First(); at != pairs.End();) {
    NumberText field_number;
    NumberText value_number;
    std::string_view field = pairs.Read(&at).Text(field_number);
    visit(field, pairs.Read(&at).Text(value_number));
  }
}

// visit(std::string_view member, double score) for each member of a sorted set, in its order.
template <typename Visit>
void ForEachScored(const ValueView& set, Visit&& visit) {
  if (set.object != nullptr) {
    const auto& large = static_cast<const SortedSet&>(*set.object);
    for (SortedSet::Position at = large.First(); at; at.Next()) visit(at.member(), at.score());
    return;
  }
  SortedSetListpack pairs(set.bytes);
  for (size_t at = pairs.First(); at != pairs.End(); at = pairs.Next(at)) {
    NumberText number;
    visit(pairs.MemberAt(at).Text(number), pairs.ScoreAt(at));
  }
}

// entry(StreamId) for each entry of a stream, in order, and after it field(std::string_view field,
// std::string_view value) for each of its fields.
template <typename Entry, typename Field>
void ForEachEntry(const ValueView& stream, Entry&& entry, Field&& field) {
  StreamReader reader(static_cast<const Stream&>(*stream.object), StreamId(), StreamId::Max());
  while (reader.Next()) {
    entry(reader.id());
    reader.ForEachField([&field](const Element& name, const Element& value) {
      NumberText name_number;
      NumberText value_number;
      field(name.Text(name_number), value.Text(value_number));
    });
  }
}

}  // namespace nuthatch::values
