// Hashes as commands see them, whichever of their two forms they are in: a listpack of field,
// value, field, value, ... in the key's entry, or a values::HashValue.
//
// Used on the thread that runs a command. A HashView reads: it and what it gives are views that are
// good until the next call that may change the keyspace. A HashKey changes the hash of one key, and
// converts it when Redis does. What the two of them find is counted by whoever looked the key up.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "server/base/random.h"
#include "server/commands/lookup.h"
#include "server/config/config.h"
#include "server/keyspace/entry.h"
#include "server/values/hash_value.h"
#include "server/values/hashed.h"
#include "server/values/listpack.h"

namespace nuthatch::commands {

// Fields that a walk may visit before the command breathes.
inline constexpr size_t kFieldsBetweenBreaths = 512;

class HashView {
 public:
  // A hash without fields: what a key that isn't there is to a command.
  HashView() = default;
  // REQUIRES: the entry is a hash.
  explicit HashView(const keyspace::Entry& entry) {
    DCHECK(entry.type() == keyspace::Type::kHash);
    if (entry.kind() == keyspace::ValueKind::kObject) {
      table_ = static_cast<const values::HashValue*>(entry.object());
    } else {
      packed_ = entry.bytes();
    }
  }
  explicit HashView(const EntryRef& ref) {
    if (ref) *this = HashView(*ref);
  }

  // How many fields it has. O(1), but for listpacks of more than 65534 elements.
  size_t size() const {
    if (table_ != nullptr) return table_->size();
    return is_listpack() ? listpack().Count() / 2 : 0;
  }

  // The field's value, or nullopt. An integer of a listpack is printed into `number`.
  std::optional<std::string_view> Get(std::string_view field, values::NumberText& number) const {
    if (table_ != nullptr) return table_->Get(values::Hashed(field));
    if (!is_listpack()) return std::nullopt;
    size_t at = FindPacked(field);
    if (at == listpack().End()) return std::nullopt;
    return listpack().At(listpack().Next(at)).Text(number);
  }
  bool Has(std::string_view field) const {
    if (table_ != nullptr) return static_cast<bool>(table_->Find(values::Hashed(field)));
    return is_listpack() && FindPacked(field) != listpack().End();
  }

  // Calls visit(value) for each of `fields`, in their order: as Get() would return it, good during
  // the call. Fields of a table are looked up together.
  template <typename Visit>
  void GetEach(std::span<const std::string_view> fields, Visit&& visit) const;

  // Calls visit(field, value) for every field, in the order of a listpack, or in none; the bytes
  // are good during the call. The visitor may breathe. If it returns a bool, false ends the walk.
  template <typename Visit>
  void ForEach(Visit&& visit) const;

  // A page of HSCAN: visits about `count` fields, and returns the next cursor. A listpack is one
  // page, whatever the cursor. See TableValue::ScanPlaces.
  template <typename Visit>
  uint64_t Scan(uint64_t cursor, size_t count, Visit&& visit) const {
    if (table_ != nullptr) return table_->Scan(cursor, count, visit);
    ForEach(visit);
    return 0;
  }

  // Visits `count` different fields, any of which is as likely as any other, or all if there are
  // no more. Those of a listpack come in its order.
  template <typename Visit>
  void Sample(size_t count, base::Random& random, Visit&& visit) const;

  // --- Its form; neither, if it is empty because there is no key ---
  const values::HashValue* table() const { return table_; }
  bool is_listpack() const { return !packed_.empty(); }
  // REQUIRES: is_listpack().
  values::Listpack listpack() const { return values::Listpack(packed_); }

 private:
  size_t FindPacked(std::string_view field) const {
    return listpack().Find(field, listpack().First(), 1);
  }

  const values::HashValue* table_ = nullptr;
  std::string_view packed_;
};

// The hash of the command's first key, to be read; counts. Without fields if there is no key, and
// nullopt after an error reply.
inline std::optional<HashView> HashOrReply(CommandContext& context) {
  EntryRef ref = FindForRead(context, context.key(0));
  if (ref && !IsTypeOrReply(context, ref, keyspace::Type::kHash)) return std::nullopt;
  return HashView(ref);
}

// Picks fields that may come several times. A listpack is gone through once, when it is made.
class HashPicker {
 public:
  // REQUIRES: the hash has fields; it is not changed while this lives.
  explicit HashPicker(HashView view);
  // Calls visit(field, value) for one field, any of which is as likely as any other.
  template <typename Visit>
  void Pick(base::Random& random, Visit&& visit) const;

 private:
  HashView view_;
  std::vector<uint32_t> offsets_;  // of a listpack's fields
};

// The hash of a key that a command is about to change.
class HashKey {
 public:
  // The field that was looked for: where it is, or where it would be. Good until the next change.
  class Spot {
   public:
    explicit operator bool() const { return found_; }

   private:
    friend class HashKey;
    bool found_ = false;
    size_t value_at_ = 0;  // in a listpack
    values::HashValue::Place place_;
    values::Hashed name_;
  };

  // `ref` is what FindForWrite() has just given: none, or a hash. `keys` is
  // context.keyspace_of(key). All of them outlive this.
  HashKey(CommandContext& context, Keyspace& keys, const Key& key, EntryRef ref)
      : context_(context),
        config_(context.config()),
        keys_(keys),
        db_(context.db()),
        key_(key),
        ref_(ref) {}
  HashKey(const HashKey&) = delete;
  HashKey& operator=(const HashKey&) = delete;

  HashView view() const { return HashView(ref_); }

  Spot Find(std::string_view field) const;
  // REQUIRES: spot.
  values::Element ValueAt(const Spot& spot) const;

  // Sets the field that Find() has just looked for. The key is made if it isn't there; a listpack
  // becomes a table when field, value or the number of fields is beyond hash-max-listpack-value or
  // hash-max-listpack-entries. Neither may be a view of this keyspace.
  void SetAt(const Spot& spot, std::string_view field, std::string_view value);
  // The same for all of `pairs` (field, value, ...); returns how many fields are new. As for Redis,
  // one that is too long makes it a table before anything is set.
  size_t SetEach(std::span<const std::string_view> pairs);

  // Deletes fields, and the key with the last one; returns how many there were.
  size_t EraseEach(std::span<const std::string_view> fields);

 private:
  using Pairs = std::span<const std::string_view>;

  bool TooLong(std::string_view text) const {
    return text.size() > config_.hash_max_listpack_value;
  }
  bool FitsListpack(Pairs pairs) const;
  bool TooMany() const;
  void SetPacked(size_t value_at, bool found, std::string_view field, std::string_view value);
  size_t SetEachPacked(Pairs pairs, size_t* done);
  size_t SetEachInTable(Pairs pairs);
  size_t ErasePacked(std::span<const std::string_view> fields);
  size_t EraseFromTable(std::span<const std::string_view> fields);
  void MakeTable(std::string_view packed);

  CommandContext& context_;
  const config::Config& config_;
  Keyspace& keys_;
  int db_;
  const Key& key_;
  EntryRef ref_;
};

// --- Templates ---

template <typename Visit>
void HashView::GetEach(std::span<const std::string_view> fields, Visit&& visit) const {
  if (table_ == nullptr) {
    values::NumberText number;
    for (std::string_view field : fields) visit(Get(field, number));
    return;
  }
  constexpr size_t kBatch = values::HashValue::kMaxBatch;
  values::Hashed names[kBatch];
  values::HashValue::Place places[kBatch];
  while (!fields.empty()) {
    const size_t count = std::min(kBatch, fields.size());
    for (size_t i = 0; i < count; ++i) names[i] = values::Hashed(fields[i]);
    table_->FindEach({names, count}, places);
    for (size_t i = 0; i < count; ++i) {
      visit(places[i] ? std::optional(table_->ValueAt(places[i])) : std::nullopt);
    }
    fields = fields.subspan(count);
  }
}

template <typename Visit>
void HashView::ForEach(Visit&& visit) const {
  if (table_ != nullptr) return table_->ForEach(visit);
  if (!is_listpack()) return;
  const values::Listpack list = listpack();
  values::NumberText numbers[2];
  for (size_t at = list.First(); at != list.End();) {
    std::string_view field = list.Read(&at).Text(numbers[0]);
    std::string_view value = list.Read(&at).Text(numbers[1]);
    if constexpr (std::is_same_v<decltype(visit(field, value)), bool>) {
      if (!visit(field, value)) return;
    } else {
      visit(field, value);
    }
  }
}

// From a listpack each field is taken with the probability that is left (Fan, Muller, Rezucha 1962;
// Knuth's algorithm S).
template <typename Visit>
void HashView::Sample(size_t count, base::Random& random, Visit&& visit) const {
  if (table_ != nullptr) return table_->Sample(count, random, visit);
  size_t left = size();
  count = std::min(count, left);
  if (count == 0) return;
  ForEach([&](std::string_view field, std::string_view value) {
    if (random.Below(left--) < count) {
      --count;
      visit(field, value);
    }
    return count > 0;
  });
}

template <typename Visit>
void HashPicker::Pick(base::Random& random, Visit&& visit) const {
  if (const values::HashValue* table = view_.table()) {
    values::HashValue::Place place = table->RandomPlace(random);
    return visit(values::HashValue::FieldAt(place), table->ValueAt(place));
  }
  const values::Listpack list = view_.listpack();
  values::NumberText numbers[2];
  size_t at = offsets_[random.Below(offsets_.size())];
  std::string_view field = list.Read(&at).Text(numbers[0]);
  visit(field, list.At(at).Text(numbers[1]));
}

}  // namespace nuthatch::commands
