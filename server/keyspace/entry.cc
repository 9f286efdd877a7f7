#include "server/keyspace/entry.h"

namespace nuthatch::keyspace {

size_t Entry::SizeOf(const Shape& shape) {
  size_t size = kHeader + shape.name.size();
  if (shape.name.size() > 255) size += 4;
  if (shape.deadline_ms != kNoDeadline) size += shape.deadline_ms < kNarrowLimit ? 6 : 8;
  size += shape.kind == ValueKind::kEmbedded ? shape.value_size : sizeof(int64_t);
  return size < kLeast ? kLeast : size;
}

Entry* Entry::Make(const Shape& shape) {
  auto* entry = static_cast<Entry*>(base::Allocate(SizeOf(shape)));
  entry->access_ = 0;
  entry->bits_ = 0;
  entry->Remake(shape);
  return entry;
}

void Entry::Remake(const Shape& shape) {
  CHECK(shape.name.size() <= UINT32_MAX);
  DCHECK(shape.kind != ValueKind::kEmbedded || shape.value_size <= kMaxEmbedded);
  bits_ = (static_cast<uint32_t>(shape.type) << kTypeShift) |
          (static_cast<uint32_t>(shape.encoding) << kEncodingShift) |
          (static_cast<uint32_t>(shape.kind) << kKindShift) | (bits_ & kPinned);
  if (shape.kind == ValueKind::kEmbedded || shape.kind == ValueKind::kInt) {
    bits_ |= static_cast<uint32_t>(shape.value_size) << kValueSizeShift;
  }
  if (shape.name.size() > 255) {
    bits_ |= kLongName;
    auto name_size = static_cast<uint32_t>(shape.name.size());
    std::memcpy(Bytes() + kHeader, &name_size, sizeof(name_size));
  } else {
    bits_ |= static_cast<uint32_t>(shape.name.size()) << kNameSizeShift;
  }
  if (shape.deadline_ms != kNoDeadline) {
    bits_ |= shape.deadline_ms < kNarrowLimit ? kHasDeadline : kHasDeadline | kWideDeadline;
    SetDeadline(shape.deadline_ms);
  }
  if (!shape.name.empty()) {
    std::memcpy(Bytes() + NameOffset(), shape.name.data(), shape.name.size());
  }
}

int64_t Entry::deadline_ms() const {
  if ((bits_ & kHasDeadline) == 0) return kNoDeadline;
  // Six bytes, the low ones first, whatever the machine's byte order is.
  const char* field = Bytes() + DeadlineOffset();
  if ((bits_ & kWideDeadline) != 0) {
    int64_t deadline;
    std::memcpy(&deadline, field, sizeof(deadline));
    return deadline;
  }
  uint32_t low;
  uint16_t high;
  std::memcpy(&low, field, sizeof(low));
  std::memcpy(&high, field + sizeof(low), sizeof(high));
  return static_cast<int64_t>((static_cast<uint64_t>(high) << 32) | low);
}

bool Entry::DeadlineFits(int64_t deadline_ms) const {
  if (deadline_ms == kNoDeadline || (bits_ & kHasDeadline) == 0) {
    return (deadline_ms != kNoDeadline) == has_deadline();
  }
  return (deadline_ms >= kNarrowLimit) == ((bits_ & kWideDeadline) != 0);
}

void Entry::SetDeadline(int64_t deadline_ms) {
  DCHECK(DeadlineFits(deadline_ms) && deadline_ms >= 0);
  char* field = Bytes() + DeadlineOffset();
  if ((bits_ & kWideDeadline) != 0) {
    std::memcpy(field, &deadline_ms, sizeof(deadline_ms));
    return;
  }
  auto low = static_cast<uint32_t>(deadline_ms);
  auto high = static_cast<uint16_t>(static_cast<uint64_t>(deadline_ms) >> 32);
  std::memcpy(field, &low, sizeof(low));
  std::memcpy(field + sizeof(low), &high, sizeof(high));
}

std::string_view Entry::Text(NumberText& text) const {
  switch (kind()) {
    case ValueKind::kEmbedded:
      return embedded();
    case ValueKind::kInt:
      return {text.bytes, base::FormatInt64(integer(), text.bytes)};
    case ValueKind::kBlob:
      return blob()->view();
    case ValueKind::kObject:
      break;
  }
  CHECK(false);
}

size_t Entry::TextSize() const {
  switch (kind()) {
    case ValueKind::kEmbedded:
      return embedded_size();
    case ValueKind::kInt: {
      NumberText text;
      return base::FormatInt64(integer(), text.bytes);
    }
    case ValueKind::kBlob:
      return blob()->size;
    case ValueKind::kObject:
      break;
  }
  CHECK(false);
}

size_t Entry::MemoryBytes() const {
  size_t bytes = OwnBytes();
  if (kind() == ValueKind::kBlob) bytes += blob()->MemoryBytes();
  if (kind() == ValueKind::kObject) bytes += object()->MemoryBytes();
  return bytes;
}

}  // namespace nuthatch::keyspace
