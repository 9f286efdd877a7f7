// How commands look keys up: one call does the lookup, its meaning to the eviction policy and the
// counters of hits and misses.
//
// Used by functions of commands, on the thread that runs them. The EntryRef that comes back is
// valid until the next call that may change its keyspace, lookups included.
#pragma once

#include <algorithm>
#include <cstddef>

#include "server/commands/errors.h"
#include "server/keyspace/keyspace.h"
#include "server/runtime/context.h"
#include "server/runtime/shard.h"

namespace nuthatch::commands {

using keyspace::EntryRef;
using keyspace::Key;
using keyspace::Keyspace;
using keyspace::Touch;
using runtime::CommandContext;

// So many keys are prefetched together: enough to fill the memory's queue, few enough to stay in
// the nearest cache.
inline constexpr size_t kPrefetchBatch = 16;

inline void CountLookup(CommandContext& context, bool found) {
  runtime::ShardStats& stats = context.shard().stats();
  ++(found ? stats.keyspace_hits : stats.keyspace_misses);
}

// Changes since the last snapshot; each write command says how many it made.
inline void CountChanges(CommandContext& context, size_t changes = 1) {
  context.shard().stats().dirty += changes;
}

// For commands that use the value; counts.
inline EntryRef FindForRead(CommandContext& context, const Key& key) {
  Touch touch = context.caller().no_touch ? Touch::kNone : Touch::kRead;
  EntryRef ref = context.keyspace_of(key).Find(context.db(), key, context.now_ms(), touch);
  CountLookup(context, static_cast<bool>(ref));
  return ref;
}

// For commands that look at the key without using it (TTL, EXISTS, ...); counts.
inline EntryRef FindUntouched(CommandContext& context, const Key& key) {
  EntryRef ref = context.keyspace_of(key).Find(context.db(), key, context.now_ms(), Touch::kNone);
  CountLookup(context, static_cast<bool>(ref));
  return ref;
}

// For commands that change the key; doesn't count. `keys` is context.keyspace_of(key), which is
// worth asking for once only.
inline EntryRef FindForWrite(CommandContext& context, Keyspace& keys, const Key& key) {
  Touch touch = context.caller().no_touch ? Touch::kNone : Touch::kWrite;
  return keys.Find(context.db(), key, context.now_ms(), touch);
}
inline EntryRef FindForWrite(CommandContext& context, const Key& key) {
  return FindForWrite(context, context.keyspace_of(key), key);
}

// REQUIRES: ref.
inline bool IsTypeOrReply(CommandContext& context, const EntryRef& ref, keyspace::Type type) {
  if (ref->type() == type) [[likely]]
    return true;
  context.reply().Error(errors::kWrongType);
  return false;
}
inline bool IsStringOrReply(CommandContext& context, const EntryRef& ref) {
  return IsTypeOrReply(context, ref, keyspace::Type::kString);
}

// Calls visit(i) for each of the command's keys that this run is about: all of them, or, with
// `owned_only` (in a fragment), this shard's. Whoever runs several commands together has prefetched
// their keys, which is worth something for the first few of a command; the others are prefetched
// here.
template <typename Visit>
void ForEachKey(CommandContext& context, bool owned_only, const Visit& visit) {
  size_t count = context.keys().size();
  int db = context.db();
  auto ours = [&](size_t i) { return !owned_only || context.Owns(i); };
  for (size_t begin = 0; begin < count; begin += kPrefetchBatch) {
    size_t end = std::min(count, begin + kPrefetchBatch);
    if (count > 1 && (owned_only || count > kPrefetchBatch)) {
      for (size_t i = begin; i < end; ++i) {
        if (ours(i)) context.keyspace_of(context.key(i)).PrefetchTable(db, context.key(i));
      }
      for (size_t i = begin; i < end; ++i) {
        if (ours(i)) context.keyspace_of(context.key(i)).PrefetchBucket(db, context.key(i));
      }
      for (size_t i = begin; i < end; ++i) {
        if (ours(i)) context.keyspace_of(context.key(i)).PrefetchEntry(db, context.key(i));
      }
    }
    for (size_t i = begin; i < end; ++i) {
      if (ours(i)) visit(i);
    }
  }
}

// In combine: the numbers that the fragments left, added up.
inline int64_t SumOfParts(const CommandContext& context) {
  int64_t sum = 0;
  for (const runtime::ScatterPart& part : context.parts()) sum += part.number;
  return sum;
}

}  // namespace nuthatch::commands
