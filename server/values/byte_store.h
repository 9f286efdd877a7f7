// ByteStore: any resizable run of bytes that a compact value (listpack, intset) may live in.
//
// The forms in this folder know how bytes are laid out, not where they are: the value of a small
// hash stands inside its key's entry, a part of a list in a node. Editing needs three things of its
// place: data(), size(), and Resize(n), which makes it n bytes long, keeps the bytes that both
// lengths share (it may move them) and returns where they are now. New bytes are not set.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>

#include "server/base/memory.h"

namespace nuthatch::values {

template <typename Store>
concept ByteStore = requires(Store& store, size_t size) {
  { store.data() } -> std::same_as<char*>;
  { store.size() } -> std::convertible_to<size_t>;
  { store.Resize(size) } -> std::same_as<char*>;
};

// Puts `added` bytes, which are not set, in the place of the `removed` bytes at `at`; returns where
// they begin. REQUIRES: at + removed <= store.size().
template <ByteStore Store>
char* Splice(Store& store, size_t at, size_t removed, size_t added) {
  size_t size = store.size();
  size_t behind = size - at - removed;
  char* data = store.data();
  if (added > removed) {
    data = store.Resize(size - removed + added);
    std::memmove(data + at + added, data + at + removed, behind);
  } else if (added < removed) {
    std::memmove(data + at + added, data + at + removed, behind);
    data = store.Resize(size - removed + added);
  }
  return data + at;
}

// A ByteStore of its own: one allocation that takes its size class, whose bytes it grows into.
class HeapBytes {
 public:
  HeapBytes() = default;
  explicit HeapBytes(std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(Resize(bytes.size()), bytes.data(), bytes.size());
  }
  // Takes over an allocation of base::Allocate(size).
  HeapBytes(char* data, size_t size) : data_(data), size_(size) {}
  ~HeapBytes() {
    if (data_ != nullptr) base::Free(data_, size_);
  }
  HeapBytes(const HeapBytes&) = delete;
  HeapBytes& operator=(const HeapBytes&) = delete;
  HeapBytes(HeapBytes&& other) noexcept { Swap(other); }
  HeapBytes& operator=(HeapBytes&& other) noexcept {
    Swap(other);
    return *this;
  }

  char* data() { return data_; }
  const char* data() const { return data_; }
  size_t size() const { return size_; }
  std::string_view view() const { return {data_, size_}; }
  size_t MemoryBytes() const { return size_ == 0 ? 0 : base::SizeClass(size_); }
  // The allocation, which is the caller's now: base::Free(it, size) with the size it had.
  char* Release() {
    size_ = 0;
    return std::exchange(data_, nullptr);
  }

  char* Resize(size_t size) {
    if (size == 0) {
      HeapBytes gone(std::move(*this));
      return nullptr;
    }
    if (data_ == nullptr || base::SizeClass(size) != base::SizeClass(size_)) Move(size);
    size_ = size;
    return data_;
  }

 private:
  void Move(size_t size) {
    auto* data = static_cast<char*>(base::Allocate(size));
    if (data_ != nullptr) {
      std::memcpy(data, data_, size < size_ ? size : size_);
      base::Free(data_, size_);
    }
    data_ = data;
  }
  void Swap(HeapBytes& other) {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }

  char* data_ = nullptr;
  size_t size_ = 0;
};
static_assert(ByteStore<HeapBytes>);

}  // namespace nuthatch::values
