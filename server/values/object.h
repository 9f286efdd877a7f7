// Object: what a value that is more than a string offers to the keyspace that holds it.
//
// Owned by one entry (or one detached value); no threads. The keyspace knows type and encoding from
// the entry's header, and asks the object only for what is below.
#pragma once

#include <cstddef>
#include <memory>

namespace nuthatch::values {

class Object {
 public:
  virtual ~Object() = default;

  virtual std::unique_ptr<Object> Duplicate() const = 0;
  // The bytes that it holds, by size class, itself included.
  virtual size_t MemoryBytes() const = 0;
  // Frees about `pieces` pieces of the content; true when nothing is left but the object itself.
  virtual bool FreeSome(size_t pieces) = 0;
};

}  // namespace nuthatch::values
