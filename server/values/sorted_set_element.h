// SortedSetElement: a member of a large sorted set and its score, in one allocation.
//
// Owned by its SortedSet. The score (8 bytes), the length (1 byte, or 9 for members above 254
// bytes), then the member: a member of up to 23 bytes takes 32 bytes. Only the score ever changes.
//
// The order of elements is that of Redis: by score, then by the member's bytes (as unsigned
// numbers; the shorter one first where one begins with the other). -0.0 equals 0.0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "server/base/memory.h"

namespace nuthatch::values {

class SortedSetElement {
 public:
  // REQUIRES: `score` is not NaN.
  static SortedSetElement* Make(std::string_view member, double score) {
    bool is_long = member.size() >= kLong;
    size_t head = kHead + (is_long ? sizeof(uint64_t) : 0);
    auto* element = static_cast<SortedSetElement*>(base::Allocate(head + member.size()));
    element->score_ = score;
    element->length_ = is_long ? kLong : static_cast<uint8_t>(member.size());
    char* bytes = reinterpret_cast<char*>(element);
    if (is_long) {
      uint64_t length = member.size();
      std::memcpy(bytes + kHead, &length, sizeof length);
    }
    if (!member.empty()) std::memcpy(bytes + head, member.data(), member.size());
    return element;
  }
  static void Release(SortedSetElement* element) { base::Free(element, element->Size()); }

  SortedSetElement() = delete;
  SortedSetElement(const SortedSetElement&) = delete;
  SortedSetElement& operator=(const SortedSetElement&) = delete;

  double score() const { return score_; }
  void set_score(double score) { score_ = score; }
  std::string_view member() const {
    const char* bytes = reinterpret_cast<const char*>(this) + kHead;
    if (length_ != kLong) [[likely]]
      return {bytes, length_};
    uint64_t length;
    std::memcpy(&length, bytes, sizeof length);
    return {bytes + sizeof length, length};
  }
  // What it takes from the allocator.
  size_t MemoryBytes() const { return base::SizeClass(Size()); }

 private:
  static constexpr size_t kHead = sizeof(double) + sizeof(uint8_t);
  static constexpr uint8_t kLong = 255;  // the length stands in the next 8 bytes

  size_t Size() const {
    std::string_view text = member();
    return static_cast<size_t>(text.data() - reinterpret_cast<const char*>(this)) + text.size();
  }

  double score_;
  uint8_t length_;
};

}  // namespace nuthatch::values
