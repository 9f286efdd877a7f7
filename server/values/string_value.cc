#include "server/values/string_value.h"

#include <sys/mman.h>
#include <unistd.h>

namespace nuthatch::values {

// Hands the pages of a long string to the kernel from its end, a megabyte a call: that is what
// takes the time (about 20 us). The allocator then has nothing left to purge in one go.
bool Blob::ReleaseSome(Blob* blob, size_t* returned) {
  constexpr size_t kSliceBytes = 1024 * 1024;
  size_t size = sizeof(Blob) + blob->capacity;
  size_t left = size - *returned;
  if (left <= kReleasedAtOnce) {
    Release(blob);
    return true;
  }
  static const auto kPage = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  auto base = reinterpret_cast<uintptr_t>(blob);
  uintptr_t end = (base + left) & ~(kPage - 1);
  uintptr_t begin = (base + left - kSliceBytes) & ~(kPage - 1);
  (void)madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);  // NOLINT
  *returned = size - (begin - base);
  return false;
}

}  // namespace nuthatch::values
