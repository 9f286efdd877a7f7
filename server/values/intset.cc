#include "server/values/intset.h"

namespace nuthatch::values {

// Halves the range without a branch on what is read: which way a search goes can't be predicted.
template <typename T>
size_t Intset::LowerBoundAs(int64_t value, size_t count) const {
  const char* base = bytes_.data() + kHeaderSize;
  auto at = [base](size_t index) { return LoadAs<T>(base + index * sizeof(T)); };
  // Members are added in ascending order more often than not.
  if (count == 0 || at(count - 1) < value) return count;
  size_t first = 0;
  for (size_t length = count; length > 1;) {
    size_t half = length / 2;
    first += at(first + half - 1) < value ? half : 0;
    length -= half;
  }
  return first;
}

size_t Intset::LowerBound(int64_t value) const {
  size_t count = Count();
  switch (width()) {
    case 2:
      return LowerBoundAs<int16_t>(value, count);
    case 4:
      return LowerBoundAs<int32_t>(value, count);
    default:
      return LowerBoundAs<int64_t>(value, count);
  }
}

bool Intset::Validate(std::string_view bytes, bool deep) {
  if (bytes.size() < kHeaderSize) return false;
  Intset set(bytes);
  size_t width = set.width();
  if (width != 2 && width != 4 && width != 8) return false;
  size_t count = set.Count();
  if (count == 0 || kHeaderSize + count * width != bytes.size()) return false;
  if (!deep) return true;
  for (size_t i = 1; i < count; ++i) {
    if (set.At(i - 1) >= set.At(i)) return false;
  }
  return true;
}

namespace intset::internal {

void WriteHeader(char* bytes, size_t width, size_t count) {
  auto stored_width = static_cast<uint32_t>(width);
  auto stored_count = static_cast<uint32_t>(count);
  std::memcpy(bytes, &stored_width, sizeof stored_width);
  std::memcpy(bytes + sizeof stored_width, &stored_count, sizeof stored_count);
}

void WriteMember(char* bytes, size_t width, size_t index, int64_t value) {
  // The low bytes come first: cutting the high ones off narrows it.
  std::memcpy(bytes + Intset::kHeaderSize + index * width, &value, width);
}

void Widen(char* bytes, size_t from, size_t to, size_t count, bool shift) {
  const char* members = bytes + Intset::kHeaderSize;
  // From the end, for they move away from the front.
  for (size_t i = count; i-- > 0;) {
    WriteMember(bytes, to, i + (shift ? 1 : 0), Intset::Load(members, from, i));
  }
}

}  // namespace intset::internal
}  // namespace nuthatch::values
