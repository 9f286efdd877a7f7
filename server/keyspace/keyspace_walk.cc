// Walks over a whole database: SCAN, random keys, active expiry, flushes, and work in slices.
//
// Active expiry. Each table keeps a lower bound of the deadlines of each home bucket, and each
// database a tree of its tables' minima. So what is due is found top down: the slot, the bucket,
// the entries (some seven, prefetched). A bound can be too low, when its key has gone or lives
// longer now, or after a table has grown; then the visit corrects it, and costs no more than one
// bucket. Setting a deadline lowers two numbers.
#include <algorithm>

#include "server/base/clock.h"
#include "server/keyspace/keyspace.h"

namespace nuthatch::keyspace {

using base::TableMapping;

namespace {

constexpr uint64_t kCellMask = TableMapping::kCells - 1;
// Keys that active expiry takes out of a table before it looks at the clock again.
constexpr size_t kExpireBatch = 64;
// Steps of growth or shrinking between two looks at the clock.
constexpr size_t kStepBatch = 16;
constexpr int kRandomTries = 100;
// Buckets that a page of SCAN goes through without a key that it seeks.
constexpr size_t kScanBuckets = 1000;

uint64_t MakeCursor(uint64_t slot, uint64_t cell) {
  return (slot << TableMapping::kCellBits) | cell;
}

}  // namespace

// --- SCAN ---

uint64_t Keyspace::FirstCursor(int shard) { return MakeCursor(static_cast<uint64_t>(shard), 0); }

int Keyspace::ShardOfCursor(uint64_t cursor, int shards) {
  uint64_t slot = (cursor >> TableMapping::kCellBits) & (base::kHashSlots - 1);
  return static_cast<int>(slot % static_cast<uint64_t>(shards));
}

uint64_t Keyspace::Scan(int db, uint64_t cursor, size_t count, const Visitor& visit, ScanOf of) {
  const Database& database = databases_[static_cast<size_t>(db)];
  uint64_t slot = cursor >> TableMapping::kCellBits;
  auto shard = static_cast<uint16_t>(options_.shard);
  if (slot >= base::kHashSlots || slot_map_.ShardOf(static_cast<uint16_t>(slot)) != shard) {
    if (cursor != 0) return 0;
    slot = shard;
  }
  size_t local = LocalOf(static_cast<uint16_t>(slot));
  uint64_t cell = cursor & kCellMask;
  size_t visited = 0;
  const bool pinned_only = of == ScanOf::kPinned;
  // A table that is about to shrink can have long stretches of empty buckets. One with few pinned
  // keys has full ones, of which entry after entry is looked at: less is asked of a page there.
  size_t buckets_left =
      kScanBuckets + std::min<size_t>(count, SIZE_MAX / 32) * (pinned_only ? 1 : 16);
  for (;;) {
    size_t next = pinned_only ? database.NextPinned(local) : database.NextOccupied(local);
    if (next == Database::kNone) return 0;
    if (next != local) {
      local = next;
      cell = 0;
    }
    if (visited >= count || buckets_left == 0) return MakeCursor(SlotOf(local), cell);
    const SlotTable& table = *database.Table(local);
    while (cell < TableMapping::kCells && visited < count && buckets_left > 0) {
      cell = table.Scan(cell, [&](SlotTable::Ref ref) {
        if (pinned_only && !ref.entry()->pinned()) return;
        ++visited;
        visit(*ref.entry());
      });
      --buckets_left;
    }
    if (cell >= TableMapping::kCells) {
      ++local;
      cell = 0;
    }
  }
}

void Keyspace::ForEach(int db, const Visitor& visit) {
  const Database& database = databases_[static_cast<size_t>(db)];
  for (size_t local = database.NextOccupied(0); local != Database::kNone;
       local = database.NextOccupied(local + 1)) {
    database.Table(local)->ForEach([&](SlotTable::Ref ref) { visit(*ref.entry()); });
  }
}

Keyspace::TableFigures Keyspace::Tables(int db) const {
  const Database& database = databases_[static_cast<size_t>(db)];
  TableFigures figures;
  for (size_t local = database.NextOccupied(0); local != Database::kNone;
       local = database.NextOccupied(local + 1)) {
    const SlotTable& table = *database.Table(local);
    ++figures.tables;
    figures.buckets += table.buckets();
    figures.moving += table.settled() ? 0 : 1;
    figures.largest = std::max(figures.largest, table.size());
  }
  return figures;
}

size_t Keyspace::CountInSlot(int db, uint16_t slot) const {
  const SlotTable* table = databases_[static_cast<size_t>(db)].Table(LocalOf(slot));
  return table == nullptr ? 0 : table->size();
}

// --- Random ---

size_t Keyspace::RandomTable(const Database& database, base::Random& random) {
  const Database::Directory& directory = *database.directory;
  uint64_t left = random.Below(database.count);
  size_t chunk = 0;
  while (left >= directory.counts[chunk]) left -= directory.counts[chunk++];
  size_t local = chunk * Database::kChunkTables;
  while (left >= database.Table(local)->size()) left -= database.Table(local++)->size();
  return local;
}

EntryRef Keyspace::RandomEntry(int db, base::Random& random, int64_t now_ms) {
  const Database& database = databases_[static_cast<size_t>(db)];
  for (int tries = 0; tries < kRandomTries && database.count > 0; ++tries) {
    size_t local = RandomTable(database, random);
    SlotTable::Ref place = database.Table(local)->SampleEntry(random);
    EntryRef ref(place.entry(), place);
    if (!ref->ExpiredAt(now_ms)) return ref;
    Expire(db, {ref->name(), HashName(ref->name()), SlotOf(local)}, ref);
  }
  return {};
}

int64_t Keyspace::AverageTtlMs(int db, int64_t now_ms) {
  constexpr int kSamples = 16;
  constexpr int kMaxTries = 64;
  const Database& database = databases_[static_cast<size_t>(db)];
  if (database.volatile_count == 0) return 0;
  int64_t sum = 0;
  int found = 0;
  for (int tries = 0; tries < kMaxTries && found < kSamples; ++tries) {
    const Entry& entry =
        *database.Table(RandomTable(database, random_))->SampleEntry(random_).entry();
    if (!entry.has_deadline()) continue;
    ++found;
    sum += std::max<int64_t>(0, entry.deadline_ms() - now_ms) / kSamples;
  }
  return found == 0 ? 0 : sum / found * kSamples;
}

// --- Active expiry ---

// A batch out of one table; its leaf in the tree is right afterwards.
size_t Keyspace::ExpireSlot(int db, size_t local, int64_t now_ms) {
  Database& database = databases_[static_cast<size_t>(db)];
  due_.clear();
  int64_t least =
      database.Table(local)->CollectDue(now_ms, kExpireBatch, due_, database.table_bytes);
  database.deadlines->Set(local, least);
  for (Entry* entry : due_) {
    Key key{entry->name(), HashName(entry->name()), SlotOf(local)};
    SlotTable::Ref place = database.Table(local)->Find(
        key.hash, [entry](const Entry& other) { return &other == entry; });
    Expire(db, key, {entry, place});
  }
  return due_.size();
}

size_t Keyspace::ExpireDue(int64_t now_ms, int64_t budget_ns) {
  int64_t until_ns = 0;  // the clock isn't read if nothing is due
  size_t expired = 0;
  for (int db = 0; db < options_.databases; ++db) {
    Database& database = databases_[static_cast<size_t>(db)];
    while (database.deadlines != nullptr && database.deadlines->least() <= now_ms) {
      if (until_ns == 0) until_ns = base::MonotonicNs() + budget_ns;
      expired += ExpireSlot(db, database.deadlines->FindAtMost(now_ms), now_ms);
      if (base::MonotonicNs() >= until_ns) return expired;
    }
  }
  return expired;
}

int64_t Keyspace::NextDeadline() const {
  int64_t least = MinTree::kNothing;
  for (const Database& database : databases_) {
    if (database.deadlines != nullptr) least = std::min(least, database.deadlines->least());
  }
  return least == MinTree::kNothing ? kNoDeadline : least;
}

// --- All at once, and in slices ---

void Keyspace::Flush(int db) {
  Database& database = databases_[static_cast<size_t>(db)];
  if (database.directory == nullptr) return;
  if (!watch_list_.empty()) TouchReplaced(db, -1, 0);
  block_list_.NoteReplaced(db);
  size_t removed = database.count;
  Database doomed;
  doomed.Swap(database);
  reclaimer_.FreeDatabase(std::move(doomed));
  size_t left = 0;
  for (const Database& other : databases_) left += other.count;
  if (removed > 0) policy_->OnFlush(removed, left);
}

void Keyspace::FlushAll() {
  for (int db = 0; db < options_.databases; ++db) Flush(db);
}

void Keyspace::SwapDb(int first, int second, int64_t now_ms) {
  if (first == second) return;
  if (!watch_list_.empty()) {
    TouchReplaced(first, second, now_ms);
    TouchReplaced(second, first, now_ms);
  }
  block_list_.NoteReplaced(first);
  block_list_.NoteReplaced(second);
  databases_[static_cast<size_t>(first)].Swap(databases_[static_cast<size_t>(second)]);
}

bool Keyspace::BackgroundStep(int64_t budget_ns) {
  if (!HasBackgroundWork()) return false;
  int64_t until_ns = base::MonotonicNs() + budget_ns;
  bool more = reclaimer_.Run(until_ns);
  for (Database& database : databases_) {
    while (database.unsettled_count > 0 && base::MonotonicNs() < until_ns) {
      size_t local = database.NextUnsettled(0);
      SlotTable& table = *database.Table(local);
      table.Step(kStepBatch, database.table_bytes);
      database.NoteSettled(local, table.settled());
    }
    more = more || database.unsettled_count > 0;
  }
  return more;
}

bool Keyspace::HasBackgroundWork() const {
  if (!reclaimer_.empty()) return true;
  return std::any_of(databases_.begin(), databases_.end(),
                     [](const Database& database) { return database.unsettled_count > 0; });
}

// --- Figures ---

MemoryFigures Keyspace::memory(int db) const {
  const Database& database = databases_[static_cast<size_t>(db)];
  return {static_cast<uint64_t>(database.entry_bytes), static_cast<uint64_t>(database.table_bytes),
          0};
}

MemoryFigures Keyspace::memory() const {
  MemoryFigures sum;
  for (int db = 0; db < options_.databases; ++db) {
    MemoryFigures one = memory(db);
    sum.entries += one.entries;
    sum.tables += one.tables;
  }
  sum.pending = reclaimer_.pending_bytes();
  return sum;
}

}  // namespace nuthatch::keyspace
