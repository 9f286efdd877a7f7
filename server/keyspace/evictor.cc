// Sampling. A database is drawn by its number of keys, a table by its own, a bucket evenly. As a
// fuller table would then be drawn too often for its buckets, it is taken back with the odds of its
// fill. Where keys with a deadline are few and only those may go, the draw is among the tables and
// home buckets that have some (their bounds say which), which is quick and nearly even.
#include "server/keyspace/evictor.h"

#include <algorithm>

#include "server/base/clock.h"

namespace nuthatch::keyspace {

using base::TableMapping;
using eviction::Candidate;
using eviction::Fields;
using eviction::Scope;

namespace {

constexpr int kSlotBits = 14;
// Where fewer than one in so many keys has a deadline, they are sought by their bounds.
constexpr size_t kRare = 4;
// Home buckets that one step looks over for one with a bound.
constexpr size_t kBoundLook = 64;
// A step of the walk looks at buckets until it has so many keys, or has seen so many buckets.
constexpr size_t kKeysPerStep = 6;
constexpr int kBucketsPerStep = 8;

}  // namespace

uint64_t Evictor::WhereOf(Place place) const {
  return (static_cast<uint64_t>(place.db) << kSlotBits) | keyspace_.SlotOf(place.local);
}

Evictor::Place Evictor::PlaceOf(uint64_t where) const {
  auto slot = static_cast<uint16_t>(where & (base::kHashSlots - 1));
  return {static_cast<int>(where >> kSlotBits), keyspace_.LocalOf(slot)};
}

// Keys of a database that may go.
size_t Evictor::CountIn(int db, const Scope& scope) const {
  const Database& database = DatabaseAt(db);
  return scope.volatile_only ? database.volatile_count - database.pinned_volatile_count
                             : database.count - database.pinned_count;
}

size_t Evictor::Count(const Scope& scope) const {
  size_t count = 0;
  for (int db = 0; db < keyspace_.databases(); ++db) {
    if (scope.database >= 0 && scope.database != db) continue;
    count += CountIn(db, scope);
  }
  return count;
}

// REQUIRES: Count(scope) > 0.
int Evictor::PickDatabase(const Scope& scope, base::Random& random) const {
  if (scope.database >= 0) return scope.database;
  uint64_t left = random.Below(Count(scope));
  int db = 0;
  for (;; ++db) {
    size_t count = CountIn(db, scope);
    if (left < count) return db;
    left -= count;
  }
}

size_t Evictor::PickTable(const Database& database, bool volatile_only,
                          base::Random& random) const {
  if (volatile_only && database.volatile_count * kRare < database.count) {
    size_t start = random.Below(keyspace_.slots_);
    for (size_t i = 0; i < keyspace_.slots_; ++i) {
      size_t local = start + i < keyspace_.slots_ ? start + i : start + i - keyspace_.slots_;
      if (database.deadlines->at(local) == MinTree::kNothing) continue;
      if (database.Table(local)->has_bounds()) return local;
    }
    return Database::kNone;
  }
  for (;;) {
    size_t local = Keyspace::RandomTable(database, random);
    const SlotTable& table = *database.Table(local);
    // Taken with the odds of 0.6 / fill, and always below that.
    if (random.Below(table.size() * 5) < table.buckets() * 8 * 3) return local;
  }
}

// Fills `out` if the key may go. An entry that need not be looked at isn't touched.
bool Evictor::Describe(Place place, const SlotTable& table, SlotTable::Ref ref, const Scope& scope,
                       Fields fields, Candidate& out) const {
  const bool has_pinned = DatabaseAt(place.db).PinnedIn(place.local) > 0;
  const Entry& entry = *ref.entry();
  out = Candidate();
  out.handle = reinterpret_cast<uint64_t>(ref.word);
  out.ref.where = WhereOf(place);
  out.meta.tag = ref.tag();
  if (fields == eviction::kTagOnly && !scope.volatile_only && !table.has_bounds() && !has_pinned) {
    out.ref.hash = table.PartialHash(ref);
    return true;
  }
  if (entry.pinned() || (scope.volatile_only && !entry.has_deadline())) return false;
  int64_t deadline_ms = entry.deadline_ms();
  if (deadline_ms != kNoDeadline && deadline_ms <= now_ms_) return false;
  uint64_t hash = HashName(entry.name());
  out.ref.hash = out.hash = hash;
  out.meta.access = entry.access();
  out.deadline_ms = deadline_ms;
  if ((fields & eviction::kBytes) != 0) out.bytes = entry.MemoryBytes();
  return true;
}

size_t Evictor::Sample(const Scope& scope, Fields fields, base::Random& random,
                       std::span<Candidate> out) {
  if (Count(scope) == 0 || out.empty()) return 0;
  int db = PickDatabase(scope, random);
  const Database& database = DatabaseAt(db);
  size_t local = PickTable(database, scope.volatile_only, random);
  if (local == Database::kNone) return 0;
  const SlotTable& table = *database.Table(local);
  SlotTable::Ref refs[base::kBucketWords];
  unsigned found = 0;
  if (scope.volatile_only && database.volatile_count * kRare < database.count) {
    uint64_t cell = random.Below(TableMapping::kCells);
    cell = table.NextBound(cell, kBoundLook);
    table.Scan(cell, [&](SlotTable::Ref ref) {
      if (found < base::kBucketWords) refs[found++] = ref;
    });
  } else {
    found = table.SampleBucket(random, refs);
  }
  if (found == 0) return 0;
  if (fields != eviction::kTagOnly || scope.volatile_only) {
    for (unsigned i = 0; i < found; ++i) SlotTableTraits::Prefetch(refs[i].entry());
  }
  size_t count = 0;
  size_t first = random.Below(found);
  for (unsigned i = 0; i < found && count < out.size(); ++i) {
    SlotTable::Ref ref = refs[first + i < found ? first + i : first + i - found];
    if (Describe({db, local}, table, ref, scope, fields, out[count])) ++count;
  }
  return count;
}

// Moves to the first table of `scope` at or behind `place`; false at the end.
bool Evictor::NextPlace(Place& place, const Scope& scope) const {
  if (scope.database > place.db) place = {scope.database, 0};
  for (; place.db < keyspace_.databases(); place = {place.db + 1, 0}) {
    if (scope.database >= 0 && scope.database < place.db) return false;
    const Database& database = DatabaseAt(place.db);
    if (CountIn(place.db, scope) == 0) continue;
    // Where nearly all keys are pinned, the others would not be found in time if all tables were
    // gone through.
    size_t local = database.NextUnpinned(place.local);
    while (local != Database::kNone && scope.volatile_only &&
           !database.Table(local)->has_bounds()) {
      local = database.NextUnpinned(local + 1);
    }
    if (local == Database::kNone) continue;
    place.local = local;
    return true;
  }
  return false;
}

// A step is about a bucket full of keys. The tables of a small cache hold a key or two each: there
// it takes several of them, all of which the processor's caches hold.
size_t Evictor::Walk(eviction::WalkPosition& position, const Scope& scope, Fields fields,
                     std::span<Candidate> out, bool* wrapped) {
  CHECK(out.size() >= kMaxPerStep);
  size_t count = 0;
  bool around = false;
  for (int buckets = 0; buckets < kBucketsPerStep && count < kKeysPerStep && !around; ++buckets) {
    count += WalkBucket(position, scope, fields, out.subspan(count), around);
  }
  if (around && wrapped != nullptr) *wrapped = true;
  return count;
}

size_t Evictor::WalkBucket(eviction::WalkPosition& position, const Scope& scope, Fields fields,
                           std::span<Candidate> out, bool& wrapped) {
  Place from = PlaceOf(position.where);
  if (from.db >= keyspace_.databases()) from = {0, 0};
  Place place = from;
  uint64_t cell = TableMapping::CellOf(position.hash);
  if (!NextPlace(place, scope)) {
    wrapped = true;
    place = {0, 0};
    cell = 0;
    if (!NextPlace(place, scope)) {
      position = {};
      return 0;
    }
  } else if (place.db != from.db || place.local != from.local) {
    cell = 0;
  }
  const SlotTable& table = *DatabaseAt(place.db).Table(place.local);
  if (scope.volatile_only) cell = table.NextBound(cell, kBoundLook);
  // One home in some thousands has more than a step may hand out: then it is another part of them
  // each time.
  constexpr size_t kRoom = 48;
  SlotTable::Ref refs[kRoom];
  size_t found = 0;
  cell = table.Scan(cell, [&](SlotTable::Ref ref) {
    if (found < kRoom) refs[found++] = ref;
  });
  size_t first = found > out.size() ? keyspace_.random_.Below(found) : 0;
  size_t count = 0;
  for (size_t i = 0; i < found && count < out.size(); ++i) {
    SlotTable::Ref ref = refs[first + i < found ? first + i : first + i - found];
    if (Describe(place, table, ref, scope, fields, out[count])) ++count;
  }
  if (cell >= TableMapping::kCells) {
    cell = 0;
    if (++place.local >= keyspace_.slots_) place = {place.db + 1, 0};
    Place ahead = place;
    if (place.db >= keyspace_.databases() || !NextPlace(ahead, scope)) {
      wrapped = true;
      place = {0, 0};
    }
  }
  position = {WhereOf(place), cell << TableMapping::kCellShift};
  return count;
}

bool Evictor::Find(const eviction::KeyRef& ref, const Scope& scope, Fields fields, Candidate& out) {
  Place place = PlaceOf(ref.where);
  if (place.db >= keyspace_.databases()) return false;
  const SlotTable* table = DatabaseAt(place.db).Table(place.local);
  if (table == nullptr) return false;
  bool partial = (ref.hash & ((uint64_t{1} << TableMapping::kCellShift) - 1)) == 0;
  SlotTable::Ref found = table->Find(
      ref.hash, [&](const Entry& entry) { return partial || HashName(entry.name()) == ref.hash; });
  return found && Describe(place, *table, found, scope, fields, out);
}

void Evictor::Store(const Candidate& candidate, eviction::Changed changed) {
  auto* word = reinterpret_cast<base::Word*>(candidate.handle);  // NOLINT
  SlotTable::Ref ref{word, 0};
  if (eviction::ChangedTag(changed)) ref.set_tag(candidate.meta.tag);
  if (eviction::ChangedAccess(changed)) ref.entry()->access() = candidate.meta.access;
}

// False if it must not go after all.
bool Evictor::Remove(const Candidate& victim) {
  Entry* entry = SlotTable::Ref{reinterpret_cast<base::Word*>(victim.handle), 0}.entry();  // NOLINT
  if (entry->pinned()) return false;
  Place place = PlaceOf(victim.ref.where);
  Key key{entry->name(), HashName(entry->name()), keyspace_.SlotOf(place.local)};
  SlotTable::Ref at =
      DatabaseAt(place.db).Table(place.local)->Find(key.hash, [entry](const Entry& other) {
        return &other == entry;
      });
  CHECK(at);
  Reason reason = entry->ExpiredAt(now_ms_) ? Reason::kExpired : Reason::kEvicted;
  keyspace_.Erase(place.db, key, {entry, at}, reason);
  keyspace_.FreeEmptyTables(place.db, place.local);
  return true;
}

Evictor::Result Evictor::Evict(uint64_t bytes, int64_t now_ms, int64_t budget_ns) {
  constexpr int kKeysPerLook = 4;  // at the clock
  Result result;
  now_ms_ = now_ms;
  int64_t until_ns = base::MonotonicNs() + budget_ns;
  uint64_t start = keyspace_.memory().total();
  auto freed = [&] {
    uint64_t now = keyspace_.memory().total();
    result.bytes = start > now ? start - now : 0;
    return result.bytes >= bytes;
  };
  // What has expired is no loss.
  while (keyspace_.NextDeadline() != kNoDeadline && keyspace_.NextDeadline() <= now_ms) {
    result.keys += keyspace_.ExpireDue(now_ms, std::max<int64_t>(0, budget_ns / 4));
    if (freed()) return result;
    if (base::MonotonicNs() >= until_ns) {
      result.outcome = Outcome::kTimeUp;
      return result;
    }
  }
  const Scope scope = keyspace_.policy_choice().scope();
  for (int steps = 1; !freed(); ++steps) {
    eviction::Pick pick = keyspace_.policy().PickVictim(*this, scope, now_ms);
    if (pick.outcome == eviction::Pick::Outcome::kNone) {
      result.outcome = Outcome::kNothing;
      return result;
    }
    if (pick.outcome == eviction::Pick::Outcome::kVictim && Remove(pick.victim)) ++result.keys;
    if (steps % kKeysPerLook == 0 && base::MonotonicNs() >= until_ns) {
      if (freed()) break;
      result.outcome = Outcome::kTimeUp;
      return result;
    }
  }
  return result;
}

void Evictor::Tick(int64_t now_ms) {
  now_ms_ = now_ms;
  keyspace_.policy().Tick(*this, now_ms);
}

}  // namespace nuthatch::keyspace
