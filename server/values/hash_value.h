// HashValue: a large hash (the hashtable encoding).
//
// A field with its value is one allocation. What it costs is its size class, so lengths take as
// little room as possible. Three layouts:
//
//   tag 0, near   LengthCode of the field, LengthCode of the value, field, value
//   tag 0, far    LengthCode of the field, kOther, field, pointer to a Blob with the value: where
//                 field or value is longer than kMaxNear, so that no change copies megabytes
//   tag t > 0     bare: field of t bytes, value. Only where a near layout would fall into the next
//                 size class, and the value is as long as those of all other bare elements with
//                 fields of t bytes: a small table (BareSize) says how long. So 16 bytes with 32
//                 take 48, not 64
//
// Owned by one entry; no threads. Invariants and limits of time: table_value.h. Besides:
// 1. BareSize [t] counts the bare elements with tag t exactly.
// 2. A value is changed in place when the element's size class stays the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "server/base/prefetch.h"
#include "server/values/hashed.h"
#include "server/values/length_code.h"
#include "server/values/string_value.h"
#include "server/values/table_value.h"

namespace nuthatch::values {

struct FieldTraits : BlockTraits<FieldTraits> {
  static std::string_view NameOf(const ElementBlock* block, uint8_t tag) {
    if (tag != 0) return {block->bytes(), tag};
    uint64_t size = 0;
    const char* next = LengthCode::Read(block->bytes(), size);
    return {next + LengthCode::SizeAt(next), size};
  }
  // Blocks of 48 bytes may lie in two lines. (The table asks for what an empty word points to,
  // too.)
  static void Prefetch(const ElementBlock* block) {
    base::Prefetch(block);
    if (block != nullptr) base::Prefetch(reinterpret_cast<const char*>(block) + 47);
  }
};

class HashValue final : public TableValue<FieldTraits> {
 public:
  // Fields and values longer than this live in far layouts.
  static constexpr size_t kMaxNear = 1024;
  // The most names that FindEach takes at a time.
  static constexpr size_t kMaxBatch = 64;

  HashValue() = default;
  ~HashValue() override;

  // The value, or nullopt.
  std::optional<std::string_view> Get(const Hashed& field) const {
    Place place = Find(field);
    if (!place) return std::nullopt;
    return ValueAt(place);
  }
  // Where fields[i] is, or none, into places[i] (HMGET).
  void FindEach(std::span<const Hashed> fields, Place* places) const;

  static std::string_view FieldAt(Place place) {
    return FieldTraits::NameOf(place.entry(), place.tag());
  }
  std::string_view ValueAt(Place place) const { return PartsOf(place.entry(), place.tag()).value; }

  // Sets the field; true if it is new. Neither `field` nor `value` may be a view of this hash.
  bool Set(const Hashed& field, std::string_view value) {
    Place place = Find(field);
    if (place) {
      SetAt(place, value);
    } else {
      Insert(field, value);
    }
    return !place;
  }
  // The same where Find(field) has just given a place, or none.
  void SetAt(Place place, std::string_view value);
  void Insert(const Hashed& field, std::string_view value);

  // False if it wasn't there. `field` may be a view of this hash.
  bool Erase(const Hashed& field);

  // See TableValue; `visit` takes field and value (std::string_view).
  template <typename Visit>
  uint64_t Scan(uint64_t cursor, size_t count, Visit&& visit) const {
    return ScanPlaces(cursor, count, [&](Place place) { visit(FieldAt(place), ValueAt(place)); });
  }
  template <typename Visit>
  void ForEach(Visit&& visit) const {
    ForEachPlace([&](Place place) { return visit(FieldAt(place), ValueAt(place)); });
  }
  template <typename Visit>
  void Sample(size_t count, base::Random& random, Visit&& visit) const {
    SamplePlaces(count, random, [&](Place place) { visit(FieldAt(place), ValueAt(place)); });
  }

  // Takes as long as it takes: it visits every field.
  std::unique_ptr<Object> Duplicate() const override;
  size_t MemoryBytes() const override {
    return base::SizeClass(sizeof(HashValue)) + static_cast<size_t>(bytes_);
  }
  // Once it was called, only it and the destructor may be.
  bool FreeSome(size_t pieces) override;

  // Checks every invariant; for tests. Aborts if one does not hold.
  void CheckInvariants() const;

 private:
  static constexpr size_t kPointerSize = sizeof(void*);

  // Of the bare elements whose fields have a certain length.
  struct BareSize {
    uint32_t count;
    uint32_t value_size;
  };
  struct Parts {
    std::string_view field;
    std::string_view value;
    Blob* blob;  // of a far layout, else nullptr
  };
  struct Shape {
    uint8_t tag = 0;
    bool far = false;
    size_t size = 0;  // of the block

    size_t Class() const { return base::SizeClass(size); }
  };

  Parts PartsOf(const ElementBlock* block, uint8_t tag) const;
  static Shape HeadedShape(size_t field_size, size_t value_size);
  Shape ShapeFor(size_t field_size, size_t value_size) const;
  static Shape ShapeOf(const Parts& parts, uint8_t tag);
  bool MayBeBare(size_t field_size, size_t value_size) const;
  void CountBare(uint8_t tag, size_t value_size);
  void Fill(ElementBlock* block, const Shape& shape, std::string_view field,
            std::string_view value);
  void ReplaceBlob(ElementBlock* block, const Parts& parts, std::string_view value);
  void Release(ElementBlock* block, uint8_t tag);
  Blob* MakeBlob(std::string_view value);
  void ReleaseBlob(Blob* blob);
  void FreeBareSizes();
  void FreeDoomedSlice();

  uint32_t bare_room_ = 0;  // of bare_, by field length
  BareSize* bare_ = nullptr;
  Blob* doomed_ = nullptr;  // long values that FreeSome() frees in slices: see there
};

inline HashValue::Parts HashValue::PartsOf(const ElementBlock* block, uint8_t tag) const {
  const char* bytes = block->bytes();
  if (tag != 0) return {{bytes, tag}, {bytes + tag, bare_[tag].value_size}, nullptr};
  uint64_t field_size = 0;
  bytes = LengthCode::Read(bytes, field_size);
  if (static_cast<uint8_t>(*bytes) == LengthCode::kOther) [[unlikely]] {
    Blob* blob;
    std::memcpy(&blob, bytes + 1 + field_size, kPointerSize);
    return {{bytes + 1, field_size}, blob->view(), blob};
  }
  uint64_t value_size = 0;
  bytes = LengthCode::Read(bytes, value_size);
  return {{bytes, field_size}, {bytes + field_size, value_size}, nullptr};
}

}  // namespace nuthatch::values
