// SetValue: a large set (the hashtable encoding).
//
// A member is one allocation, and where its length is 1 .. 255 nothing but its bytes: the length is
// the tag in the table's word. Else the tag is 0 and a LengthCode stands before the bytes.
//
// Owned by one entry; no threads. Invariants and limits of time: table_value.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "server/base/prefetch.h"
#include "server/values/hashed.h"
#include "server/values/length_code.h"
#include "server/values/table_value.h"

namespace nuthatch::values {

struct MemberTraits : BlockTraits<MemberTraits> {
  static std::string_view NameOf(const ElementBlock* block, uint8_t tag) {
    if (tag != 0) [[likely]]
      return {block->bytes(), tag};
    uint64_t size = 0;
    const char* bytes = LengthCode::Read(block->bytes(), size);
    return {bytes, size};
  }
  static void Prefetch(const ElementBlock* block) { base::Prefetch(block); }
};

class SetValue final : public TableValue<MemberTraits> {
 public:
  // The most names that Contains, InsertEach and EraseEach take at a time.
  static constexpr size_t kMaxBatch = 64;

  SetValue() = default;
  ~SetValue() override;

  bool Contains(const Hashed& member) const { return static_cast<bool>(Find(member)); }
  // Bit i says whether members[i] is there.
  uint64_t Contains(std::span<const Hashed> members) const;

  // False if it was there. The bytes are copied.
  bool Insert(const Hashed& member);
  // False if it wasn't there. `member` may be a view of this set.
  bool Erase(const Hashed& member);
  // The same for several; they return how many were new, or were there. `members` of EraseEach must
  // not be views of this set.
  size_t InsertEach(std::span<const Hashed> members);
  size_t EraseEach(std::span<const Hashed> members);
  // REQUIRES: `place` is one of this set, and good.
  void EraseAt(Place place);

  static std::string_view MemberAt(Place place) {
    return MemberTraits::NameOf(place.entry(), place.tag());
  }
  // REQUIRES: !empty().
  std::string_view RandomMember(base::Random& random) const {
    return MemberAt(RandomPlace(random));
  }
  // See TableValue; `visit` takes the member (std::string_view).
  template <typename Visit>
  uint64_t Scan(uint64_t cursor, size_t count, Visit&& visit) const {
    return ScanPlaces(cursor, count, [&](Place place) { visit(MemberAt(place)); });
  }
  template <typename Visit>
  void ForEach(Visit&& visit) const {
    ForEachPlace([&](Place place) { return visit(MemberAt(place)); });
  }
  template <typename Visit>
  void Sample(size_t count, base::Random& random, Visit&& visit) const {
    SamplePlaces(count, random, [&](Place place) { visit(MemberAt(place)); });
  }

  // Takes as long as it takes: it visits every member.
  std::unique_ptr<Object> Duplicate() const override;
  size_t MemoryBytes() const override {
    return base::SizeClass(sizeof(SetValue)) + static_cast<size_t>(bytes_);
  }
  // Once it was called, only it and the destructor may be.
  bool FreeSome(size_t pieces) override;

 private:
  void Add(const Hashed& member);
  void EraseAt(Place place, uint64_t hash);
  void Release(ElementBlock* block, uint8_t tag);
};

}  // namespace nuthatch::values
