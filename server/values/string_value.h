// Strings by themselves: which encoding Redis gives them, and the block that a long one lives in.
//
// No keys, no threads. A Blob is owned by one entry; its bytes follow its header in one allocation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "server/base/memory.h"
#include "server/base/numbers.h"
#include "server/values/types.h"

namespace nuthatch::values {

// SET makes a string of at most this many bytes an embstr, a longer one raw.
constexpr size_t kEmbstrLimit = 44;

// The number that SET stores in place of `text`: one that prints back to the same bytes.
inline std::optional<int64_t> AsStoredInt(std::string_view text) { return base::ParseInt64(text); }

// A long string: this header, then `capacity` bytes, of which `size` are used.
struct Blob {
  uint64_t size;
  uint64_t capacity;

  char* bytes() { return reinterpret_cast<char*>(this + 1); }
  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
  std::string_view view() const { return {bytes(), size}; }
  // What it takes from the allocator.
  size_t MemoryBytes() const { return base::SizeClass(sizeof(Blob) + capacity); }

  // With room for `size` bytes, up to the end of their size class. The bytes are not set.
  static Blob* Make(size_t size) { return MakeWithRoom(size, size); }
  static Blob* MakeWithRoom(size_t size, size_t room) {
    size_t total = base::SizeClass(sizeof(Blob) + room);
    auto* blob = static_cast<Blob*>(base::Allocate(total));
    blob->size = size;
    blob->capacity = total - sizeof(Blob);
    return blob;
  }
  static Blob* Copy(std::string_view text) {
    Blob* blob = Make(text.size());
    if (!text.empty()) std::memcpy(blob->bytes(), text.data(), text.size());
    return blob;
  }
  static void Release(Blob* blob) { base::Free(blob, sizeof(Blob) + blob->capacity); }

  // Blobs up to this are released at once.
  static constexpr size_t kReleasedAtOnce = 2 * 1024 * 1024;
  // Releases a long one in slices of a megabyte; true when it is gone. `*returned` starts as 0. The
  // bytes are lost from the first call on, but for the first kReleasedAtOnce / 2 of them.
  static bool ReleaseSome(Blob* blob, size_t* returned);
};

}  // namespace nuthatch::values
