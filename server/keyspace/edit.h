// Changing a value in place: a compact form, as a ByteStore that lives in its key's entry, or an
// object, whose change of size gets into the accounts.
//
// Short-lived, on the stack of a command. Made by who is about to change the value and not before:
// making one tells those who watch the key. `ref` is kept up to date, for the entry may move; while
// an edit lives, nobody else may change the keyspace.
#pragma once

#include <cstddef>
#include <cstdint>

#include "server/base/check.h"
#include "server/keyspace/keyspace.h"
#include "server/values/byte_store.h"

namespace nuthatch::keyspace {

// The bytes of a listpack or an intset. REQUIRES: the value is one.
class CompactEdit {
 public:
  CompactEdit(Keyspace& keys, int db, const Key& key, EntryRef& ref)
      : keys_(keys), db_(db), key_(key), ref_(ref) {
    DCHECK(ref->kind() == ValueKind::kEmbedded || ref->kind() == ValueKind::kBlob);
    keys.NoteChange(db, key);
  }
  CompactEdit(const CompactEdit&) = delete;
  CompactEdit& operator=(const CompactEdit&) = delete;

  char* data() {
    return ref_->kind() == ValueKind::kEmbedded ? ref_->value_bytes() : ref_->blob()->bytes();
  }
  size_t size() const { return ref_->bytes().size(); }
  char* Resize(size_t size) { return keys_.ResizeCompact(db_, key_, ref_, size); }

 private:
  Keyspace& keys_;
  int db_;
  const Key& key_;
  EntryRef& ref_;
};
static_assert(values::ByteStore<CompactEdit>);

// The object at `ref`, which is a T, to be read.
template <typename T>
const T& ObjectOf(const EntryRef& ref) {
  DCHECK(ref->kind() == ValueKind::kObject);
  return static_cast<const T&>(*ref->object());
}

// The object at `ref`, which is a T, to be changed. The accounts are brought up to date at the end
// of the edit.
template <typename T>
class ObjectEdit {
 public:
  ObjectEdit(Keyspace& keys, int db, const Key& key, EntryRef ref)
      : keys_(keys), db_(db), key_(key), ref_(ref), before_(ref->MemoryBytes()) {
    DCHECK(ref->kind() == ValueKind::kObject);
    keys.NoteChange(db, key);
  }
  ~ObjectEdit() { keys_.AccountObject(db_, key_, ref_, before_); }
  ObjectEdit(const ObjectEdit&) = delete;
  ObjectEdit& operator=(const ObjectEdit&) = delete;

  T& operator*() const { return static_cast<T&>(*ref_->object()); }
  T* operator->() const { return &**this; }

 private:
  Keyspace& keys_;
  int db_;
  const Key& key_;
  EntryRef ref_;
  uint64_t before_;
};

}  // namespace nuthatch::keyspace
