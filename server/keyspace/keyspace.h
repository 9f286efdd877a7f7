// Keyspace: all keys of one shard, in all databases.
//
// One shard owns it; one thread at a time calls it (the runtime sees to that: the shard's own, or
// the one that runs a rendezvous). No locks in here. Slot s belongs to shard s mod N; each slot of
// each database has its own table.
//
// Invariants
// 1. An EntryRef, and any view of a name or value, is valid until the next call that may change the
//    keyspace (everything that is not const, Find included: it deletes what has expired).
// 2. A key whose deadline has come is never found.
// 3. No call works for more than about a millisecond: growth, shrinking, expiry, flushing and the
//    freeing of big values are done in slices, by later calls and by BackgroundStep().
// 4. Bytes are counted exactly, by size class, at insert, change and erase (memory()).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "eviction/policy.h"
#include "eviction/registry.h"
#include "server/base/prefetch.h"
#include "server/base/random.h"
#include "server/keyspace/block_list.h"
#include "server/keyspace/database.h"
#include "server/keyspace/entry.h"
#include "server/keyspace/key.h"
#include "server/keyspace/reclaimer.h"
#include "server/keyspace/slot_map.h"
#include "server/keyspace/slot_table.h"
#include "server/keyspace/value.h"
#include "server/keyspace/watch_list.h"

namespace nuthatch::keyspace {

// Where an entry is. False when there is none.
class EntryRef {
 public:
  EntryRef() = default;
  explicit operator bool() const { return entry_ != nullptr; }
  Entry* operator->() const { return entry_; }
  Entry& operator*() const { return *entry_; }
  Entry* get() const { return entry_; }

 private:
  friend class Keyspace;
  friend class Evictor;
  EntryRef(Entry* entry, SlotTable::Ref place) : entry_(entry), place_(place) {}
  Entry* entry_ = nullptr;
  SlotTable::Ref place_;
};

// What a lookup means to the eviction policy.
enum class Touch : uint8_t {
  kNone,   // nothing: OBJECT, TTL, EXISTS under NO-TOUCH, ...
  kRead,   // the key was used
  kWrite,  // the key was used, to be changed
};

// What a write does to the key's deadline.
struct Ttl {
  int64_t deadline_ms;
  static constexpr Ttl None() { return {kNoDeadline}; }
  static constexpr Ttl Keep() { return {-2}; }
  // Milliseconds of wall time, >= 0.
  static constexpr Ttl At(int64_t deadline_ms) { return {deadline_ms}; }
};

// How SetString keeps its bytes.
enum class Form : uint8_t {
  kStored,  // as SET does: an integer if it is one, embstr up to 44 bytes, else raw
  kPlain,   // never an integer: embstr up to 44 bytes, else raw (INCRBYFLOAT, GETSET of a script)
  kRaw,     // raw, whatever the length (APPEND, SETRANGE)
};

// Why an entry leaves.
enum class Reason : uint8_t { kDeleted, kExpired, kEvicted };

// Told of what leaves without a command asking for it, and of what is deleted. Called before the
// entry goes; must not call the keyspace.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void OnRemove(int db, const Key& key, Reason reason) = 0;
};

struct Stats {
  uint64_t expired = 0;  // keys that their deadline removed, on access or in the background
  uint64_t evicted = 0;
};

// Bytes, by size class.
struct MemoryFigures {
  uint64_t entries = 0;  // keys with their values
  uint64_t tables = 0;   // slot tables, directories, deadlines
  uint64_t pending = 0;  // detached and still to be freed: not counted in the two above
  uint64_t total() const { return entries + tables; }
};

class Keyspace {
 public:
  struct Options {
    int databases = 16;
    int shard = 0;   // this one, of
    int shards = 1;  // so many
  };
  explicit Keyspace(const Options& options, Listener* listener = nullptr);
  ~Keyspace();
  Keyspace(const Keyspace&) = delete;
  Keyspace& operator=(const Keyspace&) = delete;

  int databases() const { return options_.databases; }
  const Options& options() const { return options_; }
  void set_listener(Listener* listener) { listener_ = listener; }

  // --- Prefetch: hints only, for commands that arrive together. Call each for all keys of a batch
  // before the next one.
  void PrefetchTable(int db, const Key& key) const;
  void PrefetchBucket(int db, const Key& key) const;
  void PrefetchEntry(int db, const Key& key) const;
  // For commands that may set a deadline.
  void PrefetchDeadline(int db, const Key& key) const;

  // --- Eviction policy: noeviction until SetPolicy. Evictor (evictor.h) applies it.
  // May be called at any time; what is known about the keys carries over.
  void SetPolicy(const eviction::PolicyChoice& choice, const eviction::Parameters& parameters);
  // maxmemory-samples and the like have changed.
  void SetPolicyParameters(const eviction::Parameters& parameters);
  eviction::Policy& policy() { return *policy_; }
  const eviction::Policy& policy() const { return *policy_; }
  const eviction::PolicyChoice& policy_choice() const { return policy_choice_; }
  // To be called before each batch of commands (once a turn is enough): accesses and new keys are
  // stamped with this time.
  void BeginBatch(int64_t now_ms);

  // --- Lookup ---
  // The key's entry, or none. Deletes the key (counting it as expired) when its deadline is at or
  // before `now_ms`.
  EntryRef Find(int db, const Key& key, int64_t now_ms, Touch touch = Touch::kRead);

  // --- Strings. In these `found` is what Find(db, key) has just given, none included.
  // Makes the key a string of these bytes; what was there before is replaced, whatever its type.
  // `value` must not be a view of this keyspace.
  EntryRef SetString(int db, const Key& key, EntryRef found, std::string_view value, Ttl ttl,
                     Form form = Form::kStored);
  // The same for an integer.
  EntryRef SetInt(int db, const Key& key, EntryRef found, int64_t value, Ttl ttl);
  // Makes the key a raw string of the block's bytes; takes the block over, which spares a copy of
  // a long one.
  EntryRef SetBlob(int db, const Key& key, EntryRef found, values::Blob* blob, Ttl ttl);
  // Makes a string raw and `size` bytes long: old bytes stay as far as they fit, new ones are zero.
  // Where there is no key, `ref` being none, it becomes one without a deadline. Returns the bytes,
  // to be changed in place; updates `ref`. Room grows geometrically when the string grows. Who
  // changes the bytes says NoteChange(). REQUIRES: ref is none or a string.
  char* ResizeString(int db, const Key& key, EntryRef& ref, size_t size);

  // --- Other types: a compact form (listpack, intset) is bytes, anything else an object. How to
  // change them in place: edit.h.
  // Makes the key a compact form of these bytes, in place of what was there. `bytes` must not be a
  // view of this keyspace.
  EntryRef SetCompact(int db, const Key& key, EntryRef found, Type type, Encoding encoding,
                      std::string_view bytes, Ttl ttl);
  // Makes the bytes of a compact form `size` long, and returns them. What both lengths share stays,
  // new bytes are not set; updates `ref`. The caller has said NoteChange().
  char* ResizeCompact(int db, const Key& key, EntryRef& ref, size_t size) {
    return ResizeBytes(db, key, ref, size, Growth::kTight);
  }
  // Makes the key this object, in place of what was there.
  EntryRef SetObject(int db, const Key& key, EntryRef found, Type type, Encoding encoding,
                     std::unique_ptr<values::Object> object, Ttl ttl);
  // Gives the value of a key another form, an object in place of bytes: it stays the same value, so
  // who watches the key is not told.
  EntryRef ReplaceForm(int db, const Key& key, EntryRef found, Encoding encoding,
                       std::unique_ptr<values::Object> object);
  // To be called when the object of a key has changed: all of the key took `before` bytes
  // (Entry::MemoryBytes). (Who changes one in place says NoteChange(), too.)
  void AccountObject(int db, const Key& key, EntryRef ref, uint64_t before) {
    Account(db, key, ref, before);
  }

  // Takes what has been cut out of an object, and frees it in slices if it is big. (The object's
  // own accounts are its caller's: ObjectEdit.)
  void FreeLater(std::unique_ptr<values::Object> object) {
    if (object != nullptr) reclaimer_.FreeObject(object.release());
  }

  // --- Deadlines. `ref` is updated (the entry may move). The caller deletes a key whose new
  // deadline has come already. Read it by ref->deadline_ms().
  void SetDeadline(int db, const Key& key, EntryRef& ref, int64_t deadline_ms);
  void ClearDeadline(int db, const Key& key, EntryRef& ref);

  // --- Pinned keys: never evicted. The mark stays with the key whatever its value becomes, goes
  // with it through Extract, Duplicate and Insert, and ends with it.
  // False if it was so already.
  bool SetPinned(int db, const Key& key, EntryRef ref, bool pinned);

  // --- Removal ---
  // Big values are not freed at once, but in slices later.
  void Erase(int db, const Key& key, EntryRef ref, Reason reason = Reason::kDeleted);
  // Takes the value with its deadline and access bits out of the keyspace; the key is gone. The
  // listener isn't told.
  Value Extract(int db, const Key& key, EntryRef ref);
  // Puts a detached value under a key that isn't there, with the value's own deadline.
  EntryRef Insert(int db, const Key& key, Value value);
  // A copy, for COPY: deadline and pin included; to the eviction policy it is new.
  Value Duplicate(EntryRef ref) const;

  // --- All of a database ---
  size_t Count(int db) const { return databases_[static_cast<size_t>(db)].count; }
  // Keys with a deadline.
  size_t VolatileCount(int db) const { return databases_[static_cast<size_t>(db)].volatile_count; }
  size_t PinnedCount(int db) const { return databases_[static_cast<size_t>(db)].pinned_count; }
  // An estimate by a few samples, in milliseconds; 0 if there is none.
  int64_t AverageTtlMs(int db, int64_t now_ms);
  // A fair choice among all keys of the database that have not expired at `now_ms`: each is as
  // likely as any other. None if there is no key (or after many tries, if nearly all have expired).
  EntryRef RandomEntry(int db, base::Random& random, int64_t now_ms);

  // SCAN. A cursor is below 2^53; 0 starts, and 0 returned says the end. Walks the slots of this
  // shard in ascending order. The one who walks all shards starts the next one at
  // FirstCursor(shard + 1); a cursor tells its shard by ShardOfCursor().
  using Visitor = std::function<void(Entry&)>;
  // Visits about `count` entries, expired ones too, and returns the next cursor. Whatever grows or
  // shrinks between the calls, an entry that is there all the time is visited at least once.
  // Visits in the end at most about `count` + one bucket; an empty database answers 0 at once.
  // REQUIRES: `cursor` is 0 or belongs to this shard (others are taken for the end: 0).
  // kPinned: visits pinned keys alone, and goes only through tables that have some; where they are
  // rare in these, it may end before it has found `count`, even with none.
  enum class ScanOf : uint8_t { kAll, kPinned };
  uint64_t Scan(int db, uint64_t cursor, size_t count, const Visitor& visit,
                ScanOf of = ScanOf::kAll);
  static uint64_t FirstCursor(int shard);
  static int ShardOfCursor(uint64_t cursor, int shards);
  // Visits all entries in slot order, expired ones too. Takes as long as it takes.
  void ForEach(int db, const Visitor& visit);
  // What the slot tables of a database look like, as DEBUG HTSTATS shows it.
  struct TableFigures {
    size_t tables = 0;   // that hold keys
    size_t buckets = 0;  // of these
    size_t moving = 0;   // tables that grow or shrink at the moment
    size_t largest = 0;  // keys of the largest one
  };
  TableFigures Tables(int db) const;
  // The entries of one slot (of this shard).
  size_t CountInSlot(int db, uint16_t slot) const;

  // Detach everything at once; it is freed in slices by BackgroundStep().
  void Flush(int db);
  void FlushAll();
  void SwapDb(int first, int second, int64_t now_ms);

  // --- WATCH (watch_list.h). All that changes a key by this interface tells its watchers, but for
  // what gives out bytes or an object to be changed in place. ---
  void Watch(int db, const Key& key, const WatcherRef& watcher, int64_t now_ms);
  void Unwatch(int db, const Key& key, const Watcher& watcher);
  // Whether a watched key's time has come, though nobody has removed it yet.
  bool ExpiredUnderWatch(int db, const Key& key, const Watcher& watcher, int64_t now_ms) const;
  // To be called by who changes a value in place.
  void NoteChange(int db, const Key& key) { NoteChange(db, key, true); }
  // Marks of keys; 0 while nobody watches.
  size_t WatchCount() const { return watch_list_.size(); }

  // --- Commands that wait (block_list.h). What tells watchers of a change tells this list too. ---
  BlockList& block_list() { return block_list_; }

  // --- Active expiry ---
  // Removes keys whose deadline is at or before `now_ms`, for at most about `budget_ns`. Returns
  // how many; call again at once while NextDeadline() <= now.
  size_t ExpireDue(int64_t now_ms, int64_t budget_ns);
  // A lower bound for the earliest deadline of all keys; kNoDeadline if no key has one.
  int64_t NextDeadline() const;

  // --- Work in slices ---
  // Frees, grows and shrinks for at most about `budget_ns`; true if there is more to do.
  bool BackgroundStep(int64_t budget_ns);
  bool HasBackgroundWork() const;

  const Stats& stats() const { return stats_; }
  void ResetStats() { stats_ = {}; }
  MemoryFigures memory() const;
  MemoryFigures memory(int db) const;
  // memory().pending alone, at no cost.
  uint64_t pending_bytes() const { return reclaimer_.pending_bytes(); }

 private:
  friend class Evictor;

  size_t LocalOf(uint16_t slot) const { return slot_map_.LocalOf(slot); }
  uint16_t SlotOf(size_t local) const {
    return slot_map_.SlotOf(local, static_cast<size_t>(options_.shard));
  }
  SlotTable* TableOf(int db, const Key& key) const {
    return databases_[static_cast<size_t>(db)].Table(LocalOf(key.slot));
  }
  // The key's place in its table, expired or not; none without a table.
  SlotTable::Ref PlaceOf(int db, const Key& key) const {
    const SlotTable* table = TableOf(db, key);
    if (table == nullptr) return {};
    return table->Find(key.hash, [&](const Entry& entry) { return entry.HasName(key.name); });
  }
  struct Content;
  static Entry* MakeEntry(const Entry::Shape& shape, const Content& content);
  static void Fill(Entry& entry, const Content& content);
  EntryRef Store(int db, const Key& key, EntryRef found, Entry::Shape shape, const Content& content,
                 Ttl ttl);
  EntryRef StoreObject(int db, const Key& key, EntryRef found, Type type, Encoding encoding,
                       std::unique_ptr<values::Object> object, Ttl ttl);
  EntryRef Add(int db, const Key& key, Entry* entry, bool keep_access);
  static void Replace(EntryRef& ref, Entry* entry);
  // Whether what was found is a string that another may be written over, keeping the deadline.
  static bool IsPlainOverwrite(EntryRef found, Ttl ttl) {
    return found && found->type() == Type::kString &&
           (ttl.deadline_ms == Ttl::Keep().deadline_ms ||
            (!found->has_deadline() && ttl.deadline_ms == kNoDeadline));
  }
  enum class Growth : uint8_t {
    kTight,     // to the end of the size class
    kDoubling,  // as much again, up to a megabyte, for a long string that grows
  };
  char* ResizeBytes(int db, const Key& key, EntryRef& ref, size_t size, Growth growth);
  // The entry, expired or not; null if there is none.
  const Entry* Peek(int db, const Key& key) const;
  void NoteChange(int db, const Key& key, bool present) {
    if (!watch_list_.empty()) [[unlikely]]
      watch_list_.Touch(db, key, present);
    if (!block_list_.empty()) [[unlikely]]
      block_list_.NoteChange(db, key);
  }
  // Before database `db` is replaced by database `by`, or emptied (-1).
  void TouchReplaced(int db, int by, int64_t now_ms);
  void Reshape(int db, const Key& key, EntryRef& ref, int64_t deadline_ms);
  void Detach(int db, const Key& key, EntryRef ref, eviction::RemoveReason reason);
  // Gives back the tables around `local` if no key is left in any of them. For eviction: in a small
  // cache they take more than its keys.
  void FreeEmptyTables(int db, size_t local);
  void Expire(int db, const Key& key, EntryRef ref);
  void TouchEntry(const Key& key, EntryRef ref, eviction::AccessKind kind) {
    eviction::KeyMeta meta{ref.place_.tag(), ref->access()};
    eviction::Changed changed = access_hook_.OnAccess(key.hash, meta, kind);
    if (eviction::ChangedAccess(changed)) ref->access() = meta.access;
    if (eviction::ChangedTag(changed)) ref.place_.set_tag(meta.tag);
  }
  void Account(int db, const Key& key, EntryRef ref, uint64_t before);
  void NoteDeadline(int db, const Key& key, int64_t deadline_ms);
  static size_t RandomTable(const Database& database, base::Random& random);
  size_t ExpireSlot(int db, size_t local, int64_t now_ms);

  Options options_;
  SlotMap slot_map_;
  size_t slots_;  // of this shard
  Listener* listener_;
  std::vector<Database> databases_;
  Reclaimer reclaimer_;
  WatchList watch_list_;
  BlockList block_list_;
  Stats stats_;
  base::Random random_;
  eviction::PolicyChoice policy_choice_;
  std::unique_ptr<eviction::Policy> policy_;
  eviction::AccessHook access_hook_;
  int64_t batch_ms_ = 0;
  std::vector<Entry*> due_;
};

// --- The hot path, inline ---

inline void Keyspace::PrefetchTable(int db, const Key& key) const {
  base::Prefetch(TableOf(db, key));
}
inline void Keyspace::PrefetchBucket(int db, const Key& key) const {
  const SlotTable* table = TableOf(db, key);
  if (table != nullptr) table->PrefetchBucket(key.hash);
}
inline void Keyspace::PrefetchEntry(int db, const Key& key) const {
  const SlotTable* table = TableOf(db, key);
  if (table != nullptr) table->PrefetchEntry(key.hash);
}
inline void Keyspace::PrefetchDeadline(int db, const Key& key) const {
  const SlotTable* table = TableOf(db, key);
  if (table != nullptr) table->PrefetchBound(key.hash);
}

inline EntryRef Keyspace::Find(int db, const Key& key, int64_t now_ms, Touch touch) {
  SlotTable::Ref place = PlaceOf(db, key);
  if (!place) return {};
  Entry* entry = place.entry();
  if (entry->ExpiredAt(now_ms)) [[unlikely]] {
    Expire(db, key, {entry, place});
    return {};
  }
  EntryRef ref(entry, place);
  if (touch != Touch::kNone) {
    TouchEntry(key, ref,
               touch == Touch::kRead ? eviction::AccessKind::kRead : eviction::AccessKind::kWrite);
  }
  return ref;
}

}  // namespace nuthatch::keyspace
