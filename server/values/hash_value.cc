#include "server/values/hash_value.h"

#include <algorithm>
#include <vector>

#include "server/base/check.h"
#include "server/base/memory.h"

namespace nuthatch::values {
namespace {

constexpr size_t kLeastBlock = 16;  // smaller ones are not aligned to 16
constexpr size_t kLongestBareField = 255;
// Hashes smaller than this have no bare elements: the table of their sizes would not pay.
constexpr size_t kLeastForBare = 64;

}  // namespace

HashValue::~HashValue() {
  while (!FreeSome(SIZE_MAX / 2)) {
  }
}

// --- Shapes ---

HashValue::Shape HashValue::HeadedShape(size_t field_size, size_t value_size) {
  bool far = field_size > kMaxNear || value_size > kMaxNear;
  size_t header = LengthCode::SizeOf(field_size) + (far ? 1 : LengthCode::SizeOf(value_size));
  size_t size = header + field_size + (far ? kPointerSize : value_size);
  return {0, far, std::max(size, kLeastBlock)};
}

bool HashValue::MayBeBare(size_t field_size, size_t value_size) const {
  if (size() < kLeastForBare) return false;
  if (field_size >= bare_room_) return true;
  const BareSize& bare = bare_[field_size];
  return bare.count == 0 || bare.value_size == value_size;
}

HashValue::Shape HashValue::ShapeFor(size_t field_size, size_t value_size) const {
  Shape headed = HeadedShape(field_size, value_size);
  if (headed.far || field_size == 0 || field_size > kLongestBareField) return headed;
  Shape bare{static_cast<uint8_t>(field_size), false,
             std::max(field_size + value_size, kLeastBlock)};
  return bare.Class() < headed.Class() && MayBeBare(field_size, value_size) ? bare : headed;
}

HashValue::Shape HashValue::ShapeOf(const Parts& parts, uint8_t tag) {
  if (tag == 0) return HeadedShape(parts.field.size(), parts.value.size());
  return {tag, false, std::max(parts.field.size() + parts.value.size(), kLeastBlock)};
}

// One more bare element.
void HashValue::CountBare(uint8_t tag, size_t value_size) {
  if (tag >= bare_room_) {
    size_t bytes = base::SizeClass((size_t{tag} + 1) * sizeof(BareSize));
    auto* bare = static_cast<BareSize*>(base::Allocate(bytes));
    std::copy_n(bare_, bare_room_, bare);
    auto room = static_cast<uint32_t>(bytes / sizeof(BareSize));
    std::fill(bare + bare_room_, bare + room, BareSize{0, 0});
    FreeBareSizes();
    bytes_ += static_cast<int64_t>(bytes);
    bare_ = bare;
    bare_room_ = room;
  }
  ++bare_[tag].count;
  bare_[tag].value_size = static_cast<uint32_t>(value_size);
}

void HashValue::FreeBareSizes() {
  if (bare_ == nullptr) return;
  size_t bytes = bare_room_ * sizeof(BareSize);
  base::Free(bare_, bytes);
  bytes_ -= static_cast<int64_t>(base::SizeClass(bytes));
  bare_ = nullptr;
  bare_room_ = 0;
}

// --- Blocks ---

// Writes all of a block. `field` may lie in it already.
void HashValue::Fill(ElementBlock* block, const Shape& shape, std::string_view field,
                     std::string_view value) {
  char* out = block->bytes();
  if (shape.tag != 0) {
    CountBare(shape.tag, value.size());
    std::memmove(out, field.data(), field.size());
  } else {
    size_t field_code = LengthCode::SizeOf(field.size());
    size_t value_code = shape.far ? 1 : LengthCode::SizeOf(value.size());
    if (!field.empty()) {
      std::memmove(out + field_code + value_code, field.data(), field.size());
    }
    out = LengthCode::Write(out, field.size());
    if (shape.far) {
      *out++ = static_cast<char>(LengthCode::kOther);
    } else {
      out = LengthCode::Write(out, value.size());
    }
  }
  out += field.size();
  if (shape.far) {
    Blob* blob = MakeBlob(value);
    std::memcpy(out, &blob, kPointerSize);
  } else if (!value.empty()) {
    std::memcpy(out, value.data(), value.size());
  }
}

Blob* HashValue::MakeBlob(std::string_view value) {
  CHECK(value.size() <= PTRDIFF_MAX);  // gcc 12 warns of larger ones
  Blob* blob = Blob::Copy(value);
  bytes_ += static_cast<int64_t>(blob->MemoryBytes());
  return blob;
}

void HashValue::ReleaseBlob(Blob* blob) {
  bytes_ -= static_cast<int64_t>(blob->MemoryBytes());
  Blob::Release(blob);
}

void HashValue::Release(ElementBlock* block, uint8_t tag) {
  Parts parts = PartsOf(block, tag);
  Shape shape = ShapeOf(parts, tag);
  if (parts.blob != nullptr) ReleaseBlob(parts.blob);
  if (tag != 0) --bare_[tag].count;
  bytes_ -= static_cast<int64_t>(shape.Class());
  base::Free(block, shape.size);
}

// --- Elements ---

void HashValue::FindEach(std::span<const Hashed> fields, Place* places) const {
  DCHECK(fields.size() <= kMaxBatch);
  Prefetch(fields);
  for (size_t i = 0; i < fields.size(); ++i) places[i] = Find(fields[i]);
}

void HashValue::Insert(const Hashed& field, std::string_view value) {
  Shape shape = ShapeFor(field.bytes.size(), value.size());
  auto* block = static_cast<ElementBlock*>(base::Allocate(shape.size));
  bytes_ += static_cast<int64_t>(shape.Class());
  Fill(block, shape, field.bytes, value);
  table_.Insert(field.hash, block, shape.tag, bytes_);
}

void HashValue::SetAt(Place place, std::string_view value) {
  ElementBlock* block = place.entry();
  uint8_t tag = place.tag();
  Parts parts = PartsOf(block, tag);
  if (parts.blob == nullptr && value.size() == parts.value.size()) {
    if (!value.empty())
      std::memcpy(const_cast<char*>(parts.value.data()), value.data(), value.size());
    return;
  }
  Shape now = ShapeFor(parts.field.size(), value.size());
  if (parts.blob != nullptr && now.far) {
    ReplaceBlob(block, parts, value);
    return;
  }
  Shape old = ShapeOf(parts, tag);
  if (now.Class() != old.Class()) {
    auto* fresh = static_cast<ElementBlock*>(base::Allocate(now.size));
    bytes_ += static_cast<int64_t>(now.Class());
    Fill(fresh, now, parts.field, value);
    Release(block, tag);
    place.set_entry(fresh);
  } else {
    if (tag != 0) --bare_[tag].count;
    Fill(block, now, parts.field, value);
    if (parts.blob != nullptr) ReleaseBlob(parts.blob);
  }
  if (now.tag != tag) place.set_tag(now.tag);
}

// A far value becomes another one.
void HashValue::ReplaceBlob(ElementBlock* block, const Parts& parts, std::string_view value) {
  Blob* blob = parts.blob;
  if (base::SizeClass(sizeof(Blob) + value.size()) == blob->MemoryBytes()) {
    std::memcpy(blob->bytes(), value.data(), value.size());
    blob->size = value.size();
    return;
  }
  Blob* fresh = MakeBlob(value);
  size_t offset = static_cast<size_t>(parts.field.data() - block->bytes()) + parts.field.size();
  std::memcpy(block->bytes() + offset, &fresh, kPointerSize);
  ReleaseBlob(blob);
}

bool HashValue::Erase(const Hashed& field) {
  Place place = Find(field);
  if (!place) return false;
  ElementBlock* block = place.entry();
  uint8_t tag = place.tag();
  table_.Erase(place, field.hash, bytes_);
  Release(block, tag);
  return true;
}

// --- All of it ---

std::unique_ptr<Object> HashValue::Duplicate() const {
  auto copy = std::make_unique<HashValue>();
  ForEach([&copy](std::string_view field, std::string_view value) {
    copy->Insert(Hashed(field), value);
  });
  return copy;
}

// Long values are not freed with their elements, but become a chain: `size` of the blob says how
// much of it is returned, and the next one's address stands in its first bytes.
bool HashValue::FreeSome(size_t pieces) {
  if (doomed_ != nullptr) {
    FreeDoomedSlice();
    return false;
  }
  bool done = FreeSlice(pieces, [this](ElementBlock* block, uint8_t tag) {
    Parts parts = PartsOf(block, tag);
    if (parts.blob == nullptr || parts.blob->capacity <= Blob::kReleasedAtOnce) {
      Release(block, tag);
      return;
    }
    Shape shape = ShapeOf(parts, tag);
    bytes_ -= static_cast<int64_t>(shape.Class());
    base::Free(block, shape.size);
    parts.blob->size = 0;
    std::memcpy(parts.blob->bytes(), &doomed_, kPointerSize);
    doomed_ = parts.blob;
  });
  if (!done || doomed_ != nullptr) return false;
  FreeBareSizes();
  return true;
}

void HashValue::FreeDoomedSlice() {
  Blob* blob = doomed_;
  Blob* next;
  std::memcpy(&next, blob->bytes(), kPointerSize);
  auto bytes = static_cast<int64_t>(blob->MemoryBytes());
  size_t returned = blob->size;
  if (!Blob::ReleaseSome(blob, &returned)) {
    blob->size = returned;
    return;
  }
  bytes_ -= bytes;
  doomed_ = next;
}

void HashValue::CheckInvariants() const {
  table_.CheckInvariants();
  std::vector<uint32_t> bare(kLongestBareField + 1);
  table_.ForEach([&](Place place) {
    Parts parts = PartsOf(place.entry(), place.tag());
    CHECK((parts.blob != nullptr) ==
          (parts.field.size() > kMaxNear || parts.value.size() > kMaxNear));
    if (place.tag() != 0) ++bare[place.tag()];
  });
  for (size_t tag = 0; tag < bare.size(); ++tag) {
    CHECK(bare[tag] == (tag < bare_room_ ? bare_[tag].count : 0));
  }
}

}  // namespace nuthatch::values
