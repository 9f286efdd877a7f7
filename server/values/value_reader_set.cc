// Sets, in value_reader.h.
#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "server/values/intset.h"
#include "server/values/set_value.h"
#include "server/values/value_reader_parts.h"

namespace nuthatch::values::internal {
namespace {

using OwnSet = std::unique_ptr<SetValue>;

Loaded Large(OwnSet set) {
  return LoadedValue{
      .type = Type::kSet, .encoding = Encoding::kHashtable, .bytes = {}, .object = std::move(set)};
}

Loaded Small(HeapBytes intset) {
  return LoadedValue{.type = Type::kSet,
                     .encoding = Encoding::kIntset,
                     .bytes = std::move(intset),
                     .object = nullptr};
}

// False if it is there already.
bool Insert(SetValue& set, int64_t integer) {
  NumberText number;
  Element element{.integer = integer, .is_integer = true};
  return set.Insert(Hashed(element.Text(number)));
}

Loaded ReadIntset(RdbReader& reader, const LoadLimits& limits) {
  base::Buffer scratch;
  std::optional<std::string_view> bytes = reader.String(limits.max_string_bytes, scratch);
  if (!bytes.has_value()) return Refuse(kNoString);
  if (!Intset::Validate(*bytes)) return Refuse("a damaged intset");
  Intset intset(*bytes);
  if (intset.Count() <= limits.set_max_intset_entries) return Small(HeapBytes(*bytes));
  auto set = std::make_unique<SetValue>();
  for (size_t i = 0; i < intset.Count(); ++i) Insert(*set, intset.At(i));
  return Large(std::move(set));
}

// Sorts them: so the intset grows at its end.
Loaded FromIntegers(std::vector<int64_t> integers) {
  std::sort(integers.begin(), integers.end());
  if (std::adjacent_find(integers.begin(), integers.end()) != integers.end()) return Refuse(kTwice);
  HeapBytes intset;
  intset::MakeEmpty(intset);
  for (int64_t integer : integers) intset::Add(intset, integer);
  return Small(std::move(intset));
}

Loaded ReadMembers(RdbReader& reader, const LoadLimits& limits) {
  std::optional<uint64_t> count = reader.Length();
  if (!count.has_value()) return Refuse(kNoCount);
  if (*count == 0) return Refuse(kEmptyValue);
  std::vector<int64_t> integers;  // as long as there is nothing else and `set` is null
  OwnSet set;
  if (*count > limits.set_max_intset_entries) set = std::make_unique<SetValue>();
  base::Buffer scratch;
  for (uint64_t left = *count; left > 0; --left) {
    std::optional<std::string_view> member = reader.String(limits.max_string_bytes, scratch);
    if (!member.has_value()) return Refuse(kNoString);
    if (set == nullptr) {
      if (std::optional<int64_t> integer = base::ParseInt64(*member)) {
        integers.push_back(*integer);
        continue;
      }
      set = std::make_unique<SetValue>();
      for (int64_t integer : integers) {
        if (!Insert(*set, integer)) return Refuse(kTwice);
      }
    }
    if (!set->Insert(Hashed(*member))) return Refuse(kTwice);
  }
  return set != nullptr ? Large(std::move(set)) : FromIntegers(std::move(integers));
}

}  // namespace

Loaded ReadSet(RdbType type, RdbReader& reader, const LoadLimits& limits) {
  return type == RdbType::kSetIntset ? ReadIntset(reader, limits) : ReadMembers(reader, limits);
}

}  // namespace nuthatch::values::internal
