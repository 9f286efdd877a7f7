// Where SETBIT and BITFIELD write without telling anybody.
//
// For the thread that holds the keyspace.
#pragma once

#include <cstddef>

#include "server/keyspace/keyspace.h"

namespace nuthatch::commands {

// The bytes of a string that has just this size, raw from now on, to be changed where they are;
// null where there is no key, or a string of another size. Updates `ref`. Who watches the key is
// not told: that is for who changes something (Keyspace::NoteChange).
inline char* BitsInPlace(keyspace::Keyspace& keys, int db, const keyspace::Key& key,
                         keyspace::EntryRef& ref, size_t size) {
  if (!ref || ref->TextSize() != size) return nullptr;
  if (ref->kind() == keyspace::ValueKind::kInt) keys.ResizeCompact(db, key, ref, size);
  ref->set_encoding(keyspace::Encoding::kRaw);
  return ref->kind() == keyspace::ValueKind::kBlob ? ref->blob()->bytes() : ref->value_bytes();
}

}  // namespace nuthatch::commands
