#include "server/values/set_value.h"

#include <cstring>

#include "server/base/check.h"
#include "server/base/memory.h"

namespace nuthatch::values {
namespace {

constexpr size_t kLeastBlock = 16;  // smaller ones are not aligned to 16
constexpr size_t kLongestBare = 255;

struct Shape {
  uint8_t tag;
  size_t size;
};

Shape ShapeOf(size_t length) {
  bool bare = length > 0 && length <= kLongestBare;
  size_t size = bare ? length : LengthCode::SizeOf(length) + length;
  return {bare ? static_cast<uint8_t>(length) : uint8_t{0}, std::max(size, kLeastBlock)};
}

}  // namespace

SetValue::~SetValue() {
  while (!FreeSome(SIZE_MAX / 2)) {
  }
}

uint64_t SetValue::Contains(std::span<const Hashed> members) const {
  DCHECK(members.size() <= kMaxBatch);
  Prefetch(members);
  uint64_t found = 0;
  for (size_t i = 0; i < members.size(); ++i) {
    found |= static_cast<uint64_t>(Contains(members[i])) << i;
  }
  return found;
}

void SetValue::Add(const Hashed& member) {
  Shape shape = ShapeOf(member.bytes.size());
  auto* block = static_cast<ElementBlock*>(base::Allocate(shape.size));
  char* out = block->bytes();
  if (shape.tag == 0) out = LengthCode::Write(out, member.bytes.size());
  if (!member.bytes.empty()) std::memcpy(out, member.bytes.data(), member.bytes.size());
  bytes_ += static_cast<int64_t>(base::SizeClass(shape.size));
  table_.Insert(member.hash, block, shape.tag, bytes_);
}

void SetValue::Release(ElementBlock* block, uint8_t tag) {
  size_t size = ShapeOf(MemberTraits::NameOf(block, tag).size()).size;
  bytes_ -= static_cast<int64_t>(base::SizeClass(size));
  base::Free(block, size);
}

bool SetValue::Insert(const Hashed& member) {
  if (Contains(member)) return false;
  Add(member);
  return true;
}

void SetValue::EraseAt(Place place, uint64_t hash) {
  ElementBlock* block = place.entry();
  uint8_t tag = place.tag();
  table_.Erase(place, hash, bytes_);
  Release(block, tag);
}

void SetValue::EraseAt(Place place) {
  EraseAt(place, MemberTraits::HashOf(place.entry(), place.tag()));
}

bool SetValue::Erase(const Hashed& member) {
  Place place = Find(member);
  if (!place) return false;
  EraseAt(place, member.hash);
  return true;
}

size_t SetValue::InsertEach(std::span<const Hashed> members) {
  Prefetch(members);
  size_t added = 0;
  for (const Hashed& member : members) added += static_cast<size_t>(Insert(member));
  return added;
}

size_t SetValue::EraseEach(std::span<const Hashed> members) {
  Prefetch(members);
  size_t erased = 0;
  for (const Hashed& member : members) erased += static_cast<size_t>(Erase(member));
  return erased;
}

std::unique_ptr<Object> SetValue::Duplicate() const {
  auto copy = std::make_unique<SetValue>();
  ForEach([&copy](std::string_view member) { copy->Add(Hashed(member)); });
  return copy;
}

bool SetValue::FreeSome(size_t pieces) {
  return FreeSlice(pieces, [this](ElementBlock* block, uint8_t tag) { Release(block, tag); });
}

}  // namespace nuthatch::values
