// SlotTable: base::Table of entries, one for each slot that holds keys. See server/base/table.h.
#pragma once

#include "server/base/prefetch.h"
#include "server/base/table.h"
#include "server/keyspace/entry.h"
#include "server/keyspace/key.h"

namespace nuthatch::keyspace {

struct SlotTableTraits {
  using Entry = keyspace::Entry;
  static constexpr size_t kSegmentBuckets = 1024;  // 64 KB
  static uint64_t HashOf(const Entry* entry) { return HashName(entry->name()); }
  static int64_t BoundOf(const Entry* entry) {
    return entry->has_deadline() ? entry->deadline_ms() : base::kNoBound;
  }
  // An entry of the common sizes takes up to two lines. It may be null.
  static void Prefetch(const Entry* entry) {
    base::Prefetch(entry);
    base::PrefetchNext(entry);
  }
};

using SlotTable = base::Table<SlotTableTraits>;

}  // namespace nuthatch::keyspace
