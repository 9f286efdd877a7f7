// NameList: a few things in the order of their names' bytes, found by name.
//
// Owned by one value; no threads. A sorted array: a search takes O(log n), adding and removing move
// a word for each thing behind (8 KB for a thousand). Takes nothing while it is empty.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "server/base/check.h"
#include "server/base/memory.h"
#include "server/values/byte_counter.h"
#include "server/values/byte_store.h"

namespace nuthatch::values {

// Bytes that never change, counted.
class CountedName {
 public:
  CountedName(std::string_view name, ByteCounter& bytes) : name_(name), bytes_(bytes) {
    bytes_.Add(name_.MemoryBytes());
  }
  ~CountedName() { bytes_.Subtract(name_.MemoryBytes()); }
  CountedName(const CountedName&) = delete;
  CountedName& operator=(const CountedName&) = delete;
  std::string_view view() const { return name_.view(); }

 private:
  HeapBytes name_;
  ByteCounter& bytes_;
};

// T has name(), which stays. The list owns its things.
template <typename T>
class NameList {
 public:
  explicit NameList(ByteCounter& bytes) : bytes_(bytes) {}
  ~NameList() {
    for (T* item : items()) delete item;
    Resize(0);
  }
  NameList(const NameList&) = delete;
  NameList& operator=(const NameList&) = delete;

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // In order.
  std::span<T* const> items() const { return {items_, size_}; }
  T* Find(std::string_view name) const {
    size_t at = PlaceOf(name);
    return at < size_ && items_[at]->name() == name ? items_[at] : nullptr;
  }
  // REQUIRES: none of its name is there.
  T* Add(std::unique_ptr<T> item) {
    size_t at = PlaceOf(item->name());
    CHECK(at == size_ || items_[at]->name() != item->name());
    if (size_ == capacity_) Resize(capacity_ == 0 ? 1 : capacity_ * 2);
    std::copy_backward(items_ + at, items_ + size_, items_ + size_ + 1);
    ++size_;
    return items_[at] = item.release();
  }
  // REQUIRES: it is there.
  std::unique_ptr<T> TakeOut(T* item) {
    size_t at = PlaceOf(item->name());
    CHECK(at < size_ && items_[at] == item);
    std::copy(items_ + at + 1, items_ + size_, items_ + at);
    --size_;
    if (size_ * 4 <= capacity_) Resize(size_);
    return std::unique_ptr<T>(item);
  }

 private:
  size_t PlaceOf(std::string_view name) const {
    // They often come in order.
    if (size_ > 0 && items_[size_ - 1]->name() < name) return size_;
    T* const* at = std::partition_point(items_, items_ + size_,
                                        [&](const T* item) { return item->name() < name; });
    return static_cast<size_t>(at - items_);
  }
  void Resize(size_t capacity) {
    T** items = nullptr;
    if (capacity > 0) {
      items = static_cast<T**>(base::Allocate(capacity * sizeof(T*)));
      bytes_.Add(base::SizeClass(capacity * sizeof(T*)));
      std::copy_n(items_, size_, items);
    }
    if (capacity_ > 0) {
      bytes_.Subtract(base::SizeClass(capacity_ * sizeof(T*)));
      base::Free(items_, capacity_ * sizeof(T*));
    }
    items_ = items;
    capacity_ = capacity;
  }

  ByteCounter& bytes_;
  T** items_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace nuthatch::values
