// Database: the slot tables of one database in one shard, and what is summed over them.
//
// Owned by a Keyspace (or, detached by a flush, by its Reclaimer). Tables stand in chunks of 64,
// made on first use, so that an empty database costs nothing and one with a single key little.
//
// Invariants: a chunk's bit in `occupied` is set exactly for the tables that hold entries;
// `chunk_counts` and `count` are their sums; the deadline tree's leaf of a table is at or below the
// deadline of all its entries.
#pragma once

#include <bit>
#include <cstdint>
#include <memory>

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

  std::unique_ptr<Directory> directory;
  std::unique_ptr<MinTree> deadlines;  // made with the first deadline
  size_t count = 0;
  size_t volatile_count = 0;
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
    std::swap(count, other.count);
    std::swap(volatile_count, other.volatile_count);
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
  }
  void NoteErase(size_t local, const SlotTable& table) {
    --count;
    --directory->counts[local / kChunkTables];
    if (table.empty()) {
      directory->occupied[local / kChunkTables] &= ~(uint64_t{1} << (local % kChunkTables));
    }
  }
  void NoteSettled(size_t local, bool settled) {
    uint64_t& word = directory->unsettled[local / kChunkTables];
    uint64_t bit = uint64_t{1} << (local % kChunkTables);
    if (((word & bit) == 0) == settled) return;
    word ^= bit;
    settled ? --unsettled_count : ++unsettled_count;
  }

  // The first slot at or after `local` with keys (or, in `unsettled`, with steps to do), or kNone.
  size_t NextOccupied(size_t local) const {
    return directory == nullptr ? kNone : NextIn(directory->occupied, local);
  }
  size_t NextUnsettled(size_t local) const {
    return directory == nullptr ? kNone : NextIn(directory->unsettled, local);
  }

 private:
  static size_t NextIn(const uint64_t* bitmap, size_t local) {
    size_t word = local / kChunkTables;
    if (word >= kMaxChunks) return kNone;
    uint64_t bits = bitmap[word] & (~uint64_t{0} << (local % kChunkTables));
    while (bits == 0) {
      if (++word == kMaxChunks) return kNone;
      bits = bitmap[word];
    }
    return word * kChunkTables + static_cast<size_t>(std::countr_zero(bits));
  }
};

}  // namespace nuthatch::keyspace
