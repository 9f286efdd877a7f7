// Assertions that stay on in release builds.
//
// CHECK guards against a programmer's error only: a client's error is a reply, the environment's
// error a Result. A failed CHECK prints its place and condition on stderr and aborts. Any thread
// may use it.
#pragma once

namespace nuthatch::base {

// Prints "CHECK failed: condition (file:line)" and aborts.
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);

}  // namespace nuthatch::base

#define CHECK(condition)                               \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::nuthatch::base::CheckFailed(__FILE__, __LINE__, #condition))

// For conditions that are too dear for a hot path: on in debug and sanitizer builds only.
#if !defined(NDEBUG) || defined(NUTHATCH_NO_JEMALLOC)
#define DCHECK(condition) CHECK(condition)
#else
#define DCHECK(condition) static_cast<void>(sizeof(condition))
#endif
