// Buffer: a growable run of bytes that never zero-fills what is about to be written over.
//
// Owned by one thread at a time; it may be handed to another with the message that holds it. Growth
// is geometric. Invariant: size() <= capacity(); data() is stable until the next call that adds
// bytes or releases memory.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#include "server/base/check.h"

namespace nuthatch::base {

class Buffer {
 public:
  Buffer() = default;
  ~Buffer() { std::free(data_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    swap(other);
    return *this;
  }
  void swap(Buffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

  char* data() { return data_; }
  const char* data() const { return data_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  size_t capacity() const { return capacity_; }
  std::string_view view() const { return {data_, size_}; }

  // Room for `more` bytes behind the content; fill it, then Commit() what was written.
  char* Prepare(size_t more) {
    if (capacity_ - size_ < more) Grow(more);
    return data_ + size_;
  }
  // REQUIRES: Prepare(written) came before.
  void Commit(size_t written) { size_ += written; }

  void Append(const char* bytes, size_t count) {
    if (count == 0) return;
    std::memcpy(Prepare(count), bytes, count);
    size_ += count;
  }
  void Append(std::string_view bytes) { Append(bytes.data(), bytes.size()); }
  void Append(char byte) {
    *Prepare(1) = byte;
    ++size_;
  }

  // Exactly `capacity` bytes of room in all, without geometric growth: for content of known size.
  void Reserve(size_t capacity) {
    if (capacity > capacity_) Reallocate(capacity);
  }

  // Cuts the content to its first `size` bytes. REQUIRES: size <= size().
  void Truncate(size_t size) {
    CHECK(size <= size_);
    size_ = size;
  }
  void Clear() { size_ = 0; }
  // Drops the first `count` bytes, moving the rest to the front.
  void Consume(size_t count) {
    CHECK(count <= size_);
    size_ -= count;
    if (size_ > 0) std::memmove(data_, data_ + count, size_);
  }
  // Gives the memory back; the content is lost.
  void Release() {
    std::free(data_);
    data_ = nullptr;
    size_ = capacity_ = 0;
  }

 private:
  static constexpr size_t kMinimum = 64;

  void Grow(size_t more) {
    size_t needed = size_ + more;
    size_t doubled = capacity_ * 2;
    Reallocate(needed > doubled ? (needed < kMinimum ? kMinimum : needed) : doubled);
  }
  void Reallocate(size_t capacity) {
    char* data = static_cast<char*>(std::realloc(data_, capacity));
    CHECK(data != nullptr);
    data_ = data;
    capacity_ = capacity;
  }

  char* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace nuthatch::base
