// Streams under keys, as commands read and change them.
//
// Used by functions of commands, on the thread that runs them. A stream stays when it is empty.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "server/commands/lookup.h"
#include "server/keyspace/edit.h"
#include "server/keyspace/keyspace.h"
#include "server/runtime/context.h"
#include "server/values/stream.h"

namespace nuthatch::commands {

// The stream of an entry. REQUIRES: ref's type is one. Valid until the keyspace may change.
inline const values::Stream& StreamOf(const EntryRef& ref) {
  return keyspace::ObjectOf<values::Stream>(ref);
}

// Look a key up, as a read that counts and as a write. nullopt after the error reply for another
// type; no entry where there is no key.
inline std::optional<EntryRef> ReadStreamOrReply(CommandContext& context, const Key& key) {
  EntryRef ref = FindForRead(context, key);
  if (ref && !IsTypeOrReply(context, ref, keyspace::Type::kStream)) return std::nullopt;
  return ref;
}
inline std::optional<EntryRef> WriteStreamOrReply(CommandContext& context, const Key& key) {
  EntryRef ref = FindForWrite(context, key);
  if (ref && !IsTypeOrReply(context, ref, keyspace::Type::kStream)) return std::nullopt;
  return ref;
}

// An empty stream under a key that isn't there.
inline EntryRef CreateStream(CommandContext& context, const Key& key) {
  return context.keyspace_of(key).SetObject(
      context.db(), key, {}, keyspace::Type::kStream, keyspace::Encoding::kStream,
      std::make_unique<values::Stream>(), keyspace::Ttl::None());
}

// The stream of an entry, to be changed: keeps the accounts right. Unlike other types' commands,
// most of those that change a stream (all but XADD, XDEL and XTRIM) tell nobody who watches the
// key. While it lives, nobody else changes the keyspace.
class StreamEdit {
 public:
  // REQUIRES: ref's type is kStream.
  StreamEdit(CommandContext& context, const Key& key, EntryRef ref)
      : keys_(context.keyspace_of(key)),
        db_(context.db()),
        key_(key),
        ref_(ref),
        before_(ref->MemoryBytes()) {}
  ~StreamEdit() { keys_.AccountObject(db_, key_, ref_, before_); }
  StreamEdit(const StreamEdit&) = delete;
  StreamEdit& operator=(const StreamEdit&) = delete;

  values::Stream& operator*() const { return static_cast<values::Stream&>(*ref_->object()); }
  values::Stream* operator->() const { return &**this; }
  // Tells those who watch the key, or wait for it.
  void NoteChange() { keys_.NoteChange(db_, key_); }
  // Tells only those who wait.
  void WakeWaiters() {
    if (!keys_.block_list().empty()) keys_.block_list().NoteChange(db_, key_);
  }
  // Frees what was taken out of the stream, in slices if it is much.
  void FreeLater(std::unique_ptr<values::Object> object) { keys_.FreeLater(std::move(object)); }

 private:
  Keyspace& keys_;
  int db_;
  const Key& key_;
  EntryRef ref_;
  uint64_t before_;
};

}  // namespace nuthatch::commands
