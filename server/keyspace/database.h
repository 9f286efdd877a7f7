// Database: the slot tables of one database in one shard, and what is summed over them.
//
// Owned by a Keyspace (or, detached by a flush, by its Reclaimer). Tables stand in chunks of 64,
// made on first use, so that an empty database costs nothing and one with a single key little.
//
// Invariants: a chunk's bit in `occupied` is set exactly for the tables that hold entries;
// `chunk_counts` and `count` are their sums; the deadline tree's leaf of a table is at or below the
// deadline of all its entries; the counts of pinned entries are those of the entries that say so.
#pragma once

#include <bit>
#include <cstdint>
#include <memory>
#include <vector>

#include "server/base/memory.h"
#include "server/keyspace/min_tree.h"
#include "server/keyspace/slot_table.h"

namespace nuthatch::keyspace {

struct Database {
  static constexpr size_t kChunkTables = 64;
  static constexpr size_t kMaxChunks = base::kHashSlots / kChunkTables;
  static constexpr size_t kNone = SIZE_MAX;

  struct Chunk {
    SlotTable tables[kChunkTables];
  };
  struct Directory {
    Chunk* chunks[kMaxChunks] = {};
    uint64_t occupied[kMaxChunks] = {};
    uint64_t unsettled[kMaxChunks] = {};  // tables that have steps to do
    uint32_t counts[kMaxChunks] = {};
  };

  // Where the pinned keys are: a walk over them, and eviction, leave out whole tables by it.
  struct Pins {
    explicit Pins(size_t slots) : counts(slots) {}
    uint64_t tables[kMaxChunks] = {};  // those with pinned keys
    uint64_t full[kMaxChunks] = {};    // those with no others
    std::vector<uint32_t> counts;      // by table
  };

  std::unique_ptr<Directory> directory;
  std::unique_ptr<MinTree> deadlines;  // made with the first deadline
  std::unique_ptr<Pins> pins;          // made with the first pinned key
  size_t count = 0;
  size_t volatile_count = 0;
  size_t pinned_count = 0;
  size_t pinned_volatile_count = 0;  // both pinned and with a deadline
  size_t unsettled_count = 0;
  int64_t entry_bytes = 0;
  int64_t table_bytes = 0;

  Database() = default;
  Database(Database&& other) noexcept { Swap(other); }
  Database& operator=(Database&& other) noexcept {
    Swap(other);
    return *this;
  }
  void Swap(Database& other) noexcept {
    std::swap(directory, other.directory);
    std::swap(deadlines, other.deadlines);
    std::swap(pins, other.pins);
    std::swap(count, other.count);
    std::swap(volatile_count, other.volatile_count);
    std::swap(pinned_count, other.pinned_count);
    std::swap(pinned_volatile_count, other.pinned_volatile_count);
    std::swap(unsettled_count, other.unsettled_count);
    std::swap(entry_bytes, other.entry_bytes);
    std::swap(table_bytes, other.table_bytes);
  }

  // The table of a slot of this shard, or null if nothing was ever in its chunk.
  SlotTable* Table(size_t local) const {
    if (directory == nullptr) return nullptr;
    Chunk* chunk = directory->chunks[local / kChunkTables];
    return chunk == nullptr ? nullptr : &chunk->tables[local % kChunkTables];
  }
  SlotTable& MakeTable(size_t local) {
    if (directory == nullptr) {
      directory = std::make_unique<Directory>();
      table_bytes += static_cast<int64_t>(base::SizeClass(sizeof(Directory)));
    }
    Chunk*& chunk = directory->chunks[local / kChunkTables];
    if (chunk == nullptr) {
      chunk = new Chunk;
      table_bytes += static_cast<int64_t>(base::SizeClass(sizeof(Chunk)));
    }
    return chunk->tables[local % kChunkTables];
  }
  void FreeChunk(size_t index) {
    if (directory->chunks[index] == nullptr) return;
    delete directory->chunks[index];
    directory->chunks[index] = nullptr;
    table_bytes -= static_cast<int64_t>(base::SizeClass(sizeof(Chunk)));
  }

  // Takes the deadline of a table down; `slots` are the leaves of the tree, if it has to be made.
  void LowerDeadline(size_t local, int64_t deadline_ms, size_t slots) {
    size_t before = 0;
    if (deadlines == nullptr) {
      deadlines = std::make_unique<MinTree>(slots);
    } else {
      before = deadlines->MemoryBytes();
    }
    deadlines->Lower(local, deadline_ms);
    table_bytes += static_cast<int64_t>(deadlines->MemoryBytes() - before);
  }
  void DropDeadlines() {
    if (deadlines == nullptr) return;
    table_bytes -= static_cast<int64_t>(deadlines->MemoryBytes());
    deadlines.reset();
  }

  // To be called after each insert and erase.
  void NoteInsert(size_t local) {
    ++count;
    ++directory->counts[local / kChunkTables];
    directory->occupied[local / kChunkTables] |= uint64_t{1} << (local % kChunkTables);
    if (pins != nullptr) NoteFull(local);
  }
  void NoteErase(size_t local, const SlotTable& table) {
    --count;
    --directory->counts[local / kChunkTables];
    if (table.empty()) {
      directory->occupied[local / kChunkTables] &= ~(uint64_t{1} << (local % kChunkTables));
    }
    if (pins != nullptr) NoteFull(local);
  }
  // To be called when a key gets a deadline (+1), or loses it or leaves with it (-1).
  void NoteVolatile(const Entry& entry, int by) {
    volatile_count += static_cast<size_t>(by);
    if (entry.pinned()) pinned_volatile_count += static_cast<size_t>(by);
  }
  // To be called when a key is pinned, or comes so (+1), and when it no longer is, or leaves (-1);
  // `slots` are the shard's. Says nothing of the deadline: see NoteVolatile.
  void NotePinned(size_t local, int by, size_t slots) {
    if (pins == nullptr) {
      pins = std::make_unique<Pins>(slots);
      table_bytes += static_cast<int64_t>(base::SizeClass(sizeof(Pins)) +
                                          base::SizeClass(slots * sizeof(uint32_t)));
    }
    pinned_count += static_cast<size_t>(by);
    pins->counts[local] += static_cast<uint32_t>(by);
    SetBit(pins->tables, local, pins->counts[local] > 0);
    NoteFull(local);
  }
  size_t PinnedIn(size_t local) const { return pinned_count == 0 ? 0 : pins->counts[local]; }

  void NoteSettled(size_t local, bool settled) {
    uint64_t& word = directory->unsettled[local / kChunkTables];
    uint64_t bit = uint64_t{1} << (local % kChunkTables);
    if (((word & bit) == 0) == settled) return;
    word ^= bit;
    settled ? --unsettled_count : ++unsettled_count;
  }

  // The first slot at or after `local` with keys, or kNone; the same for those with steps to do,
  // with pinned keys, and with keys that are not pinned.
  size_t NextOccupied(size_t local) const {
    return directory == nullptr ? kNone : NextIn(directory->occupied, local);
  }
  size_t NextUnsettled(size_t local) const {
    return directory == nullptr ? kNone : NextIn(directory->unsettled, local);
  }
  size_t NextPinned(size_t local) const {
    return pinned_count == 0 ? kNone : NextIn(pins->tables, local);
  }
  size_t NextUnpinned(size_t local) const {
    if (directory == nullptr) return kNone;
    return NextIn(directory->occupied, local, pinned_count == 0 ? nullptr : pins->full);
  }

 private:
  static void SetBit(uint64_t* bitmap, size_t local, bool on) {
    uint64_t bit = uint64_t{1} << (local % kChunkTables);
    uint64_t& word = bitmap[local / kChunkTables];
    word = on ? word | bit : word & ~bit;
  }
  void NoteFull(size_t local) {
    SetBit(pins->full, local, pins->counts[local] == Table(local)->size());
  }
  // The first bit at or after `local` that is set in one and not in the other, which may be null.
  static size_t NextIn(const uint64_t* bitmap, size_t local, const uint64_t* without = nullptr) {
    auto word_at = [&](size_t i) { return bitmap[i] & ~(without == nullptr ? 0 : without[i]); };
    size_t word = local / kChunkTables;
    if (word >= kMaxChunks) return kNone;
    uint64_t bits = word_at(word) & (~uint64_t{0} << (local % kChunkTables));
    while (bits == 0) {
      if (++word == kMaxChunks) return kNone;
      bits = word_at(word);
    }
    return word * kChunkTables + static_cast<size_t>(std::countr_zero(bits));
  }
};

}  // namespace nuthatch::keyspace
