#include "server/values/value_reader_parts.h"

#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include "server/base/secret_hash.h"
#include "server/values/listpack_edit.h"
#include "server/values/ziplist.h"

namespace nuthatch::values::internal {

std::optional<HeapBytes> CopyListpack(std::string_view bytes) {
  if (!Listpack::Validate(bytes)) return std::nullopt;
  HeapBytes copy(bytes);
  listpack::StoreCount(copy);
  return copy;
}

std::optional<HeapBytes> ListpackOfZiplist(std::string_view bytes) {
  HeapBytes made;
  listpack::MakeEmpty(made);
  ZiplistReader reader(bytes);
  while (std::optional<Element> element = reader.Next()) {
    listpack::Item item =
        element->is_integer ? listpack::Item(element->integer) : listpack::Item(element->text);
    if (!listpack::SafeToAdd(made.size(), item.size())) return std::nullopt;
    listpack::Append(made, item);
  }
  if (!reader.whole()) return std::nullopt;
  return made;
}

// Open addressing; a place holds an element's offset, which is never 0.
bool HasTwice(Listpack pairs) {
  size_t count = pairs.Count() / 2;
  std::vector<uint32_t> places(std::bit_ceil(2 * count + 1));
  uint64_t mask = places.size() - 1;
  for (size_t at = pairs.First(); at != pairs.End(); at = pairs.Next(pairs.Next(at))) {
    NumberText number;
    std::string_view name = pairs.At(at).Text(number);
    uint64_t place = base::SecretHash(name) & mask;
    for (; places[place] != 0; place = (place + 1) & mask) {
      NumberText other;
      if (pairs.At(places[place]).Text(other) == name) return true;
    }
    places[place] = static_cast<uint32_t>(at);
  }
  return false;
}

}  // namespace nuthatch::values::internal
