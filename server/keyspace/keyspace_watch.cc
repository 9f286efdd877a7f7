// WATCH, as Redis 7.0 does it: what changes a key tells who watches it, whatever the reason, and so
// do the passing of its time, eviction and flushes. A key whose time had come before it was watched
// counts as missing, though it may still be there.
#include "server/keyspace/keyspace.h"

namespace nuthatch::keyspace {

const Entry* Keyspace::Peek(int db, const Key& key) const {
  SlotTable::Ref place = PlaceOf(db, key);
  return place ? place.entry() : nullptr;
}

void Keyspace::Watch(int db, const Key& key, const WatcherRef& watcher, int64_t now_ms) {
  const Entry* entry = Peek(db, key);
  watch_list_.Add(db, key, watcher, entry != nullptr && entry->ExpiredAt(now_ms));
}

void Keyspace::Unwatch(int db, const Key& key, const Watcher& watcher) {
  watch_list_.Remove(db, key, watcher);
}

bool Keyspace::ExpiredUnderWatch(int db, const Key& key, const Watcher& watcher,
                                 int64_t now_ms) const {
  const Entry* entry = Peek(db, key);
  if (entry == nullptr || !entry->ExpiredAt(now_ms)) return false;
  const WatchList::Mark* mark = watch_list_.Find(db, key, watcher);
  return mark != nullptr && !mark->expired;
}

void Keyspace::TouchReplaced(int db, int by, int64_t now_ms) {
  watch_list_.ForEach([&](WatchList::Mark& mark) {
    if (mark.db != db) return;
    const Key key = mark.key();
    const bool there = Peek(db, key) != nullptr;
    const Entry* next = by < 0 ? nullptr : Peek(by, key);
    if (!there && next == nullptr) return;
    const bool next_expired = next != nullptr && next->ExpiredAt(now_ms);
    if (mark.expired && next == nullptr) {
      mark.expired = false;
    } else if (next_expired && (mark.expired || !there)) {
      mark.expired = true;
    } else {
      mark.watcher->touched.store(true, std::memory_order_release);
    }
  });
}

}  // namespace nuthatch::keyspace
