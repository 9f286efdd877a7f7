#include "server/keyspace/reclaimer.h"

#include "server/base/clock.h"

namespace nuthatch::keyspace {
namespace {

// Between two looks at the clock: each may be a miss of all caches.
constexpr size_t kSlicePieces = 32;
constexpr size_t kSliceBuckets = 8;

}  // namespace

Reclaimer::~Reclaimer() {
  while (!empty()) Run(INT64_MAX);
}

void Reclaimer::FreeBlob(values::Blob* blob) {
  if (blob->MemoryBytes() < kBigValue) {
    values::Blob::Release(blob);
    return;
  }
  pending_bytes_ += static_cast<int64_t>(blob->MemoryBytes());
  blobs_.push_back({blob, 0});
}

void Reclaimer::FreeObject(values::Object* object) {
  size_t bytes = object->MemoryBytes();
  if (bytes < kBigValue) {
    delete object;
    return;
  }
  pending_bytes_ += static_cast<int64_t>(bytes);
  objects_.push_back({object, bytes});
}

void Reclaimer::FreePayload(const Entry& entry) {
  if (entry.kind() == ValueKind::kBlob) FreeBlob(entry.blob());
  if (entry.kind() == ValueKind::kObject) FreeObject(entry.object());
}

void Reclaimer::FreeDatabase(Database database) {
  if (database.directory == nullptr) return;
  database.DropDeadlines();
  pending_bytes_ += database.entry_bytes + database.table_bytes;
  databases_.push_back(std::move(database));
}

bool Reclaimer::Run(int64_t until_ns) {
  while (!empty()) {
    if (!blobs_.empty()) {
      RunBlob();
    } else if (!objects_.empty()) {
      RunObject();
    } else {
      RunDatabase();
    }
    if (base::MonotonicNs() >= until_ns) break;
  }
  return !empty();
}

void Reclaimer::RunBlob() {
  DoomedBlob& doomed = blobs_.front();
  auto bytes = static_cast<int64_t>(doomed.blob->MemoryBytes());
  if (!values::Blob::ReleaseSome(doomed.blob, &doomed.returned)) return;
  pending_bytes_ -= bytes;
  blobs_.pop_front();
}

void Reclaimer::RunObject() {
  DoomedObject& doomed = objects_.front();
  if (!doomed.object->FreeSome(kSlicePieces)) return;
  pending_bytes_ -= static_cast<int64_t>(doomed.bytes);
  delete doomed.object;
  objects_.pop_front();
}

void Reclaimer::RunDatabase() {
  Database& db = databases_.front();
  int64_t before = db.entry_bytes + db.table_bytes;
  size_t local = db.NextOccupied(table_);
  if (local != table_ && local != Database::kNone) {
    table_ = local;
    cursor_ = 0;
  }
  if (local == Database::kNone) {
    for (size_t i = 0; i < Database::kMaxChunks; ++i) {
      for (SlotTable* t = db.directory->chunks[i] == nullptr ? nullptr : db.Table(i * 64);
           t != nullptr && t < db.Table(i * 64) + Database::kChunkTables; ++t) {
        size_t cursor = 0;  // empty, but it may have memory
        while (!t->Destroy(
            &cursor, SIZE_MAX / 2, [](Entry*) {}, db.table_bytes)) {
        }
      }
      db.FreeChunk(i);
    }
    pending_bytes_ -= before;
    table_ = cursor_ = 0;
    databases_.pop_front();
    return;
  }
  auto release = [&](Entry* entry) {
    db.entry_bytes -= static_cast<int64_t>(entry->MemoryBytes());
    FreePayload(*entry);
    Entry::Release(entry);
  };
  SlotTable& table = *db.Table(local);
  if (table.Destroy(&cursor_, kSliceBuckets, release, db.table_bytes)) {
    db.directory->occupied[local / 64] &= ~(uint64_t{1} << (local % 64));
    cursor_ = 0;
  }
  pending_bytes_ -= before - (db.entry_bytes + db.table_bytes);
}

}  // namespace nuthatch::keyspace
