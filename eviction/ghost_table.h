// GhostTable: the keys that were evicted of late, as fingerprints of two bytes.
//
// Part of one policy instance. A set of lines of 64 bytes; a key's hash chooses the line, and each
// line is a ring of up to 31 fingerprints, so that the oldest of a line gives way to the newest. As
// keys spread evenly over the lines, that is first in, first out, give or take a fifth. A key that
// was never there is taken for a ghost once in 2,000 times (31 of 65,535). Some of the 16 bits can
// carry a value instead: with three of them it is once in 260 times.
//
// The lines stand in segments of 64 KB. A change of size moves a few lines with each key that is
// remembered: no call allocates, frees or touches more than one segment. Lines stand in the order
// of the hashes they hold, so a line of the new size takes over what its one or two predecessors
// hold, the newest first.
//
// Invariants
// 1. Nothing is allocated before the first key is remembered.
// 2. bytes() is at most 2.07 bytes for each key of the capacity, a line and the segment pointers
//    besides; while the size changes, both sizes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace nuthatch::eviction {

class GhostTable {
 public:
  // `value_bits` of each fingerprint carry a value.
  explicit GhostTable(int value_bits = 0) : value_bits_(value_bits) {}

  // How many keys to remember, about. Takes effect step by step, and only if it is off by more than
  // an eighth.
  void SetCapacity(uint64_t keys);
  uint64_t capacity() const { return capacity_; }

  // Remembers an evicted key. REQUIRES: value < 2^value_bits.
  void Remember(uint64_t hash, uint32_t value = 0);
  // The key's value if it is remembered; it no longer is.
  std::optional<uint32_t> Take(uint64_t hash);
  // Forgets everything and frees it.
  void Clear();

  size_t bytes() const;

 private:
  static constexpr size_t kRing = 31;
  static constexpr size_t kSegmentLines = 1024;
  // Lines that one call moves while the size changes.
  static constexpr size_t kLinesAStep = 4;

  struct Line {
    uint16_t next = 0;  // where the next one goes
    uint16_t prints[kRing] = {};
  };
  static_assert(sizeof(Line) == 64);

  // Lines of one size, made when first needed.
  struct Table {
    uint64_t lines = 0;
    uint32_t ring = 0;  // fingerprints in use of each line
    uint64_t made = 0;  // segments
    std::vector<std::unique_ptr<Line[]>> segments;

    uint64_t LineOf(uint64_t hash) const {
      return static_cast<uint64_t>((static_cast<unsigned __int128>(hash) * lines) >> 64);
    }
    Line* At(uint64_t line) const {
      Line* segment = segments[line / kSegmentLines].get();
      return segment == nullptr ? nullptr : segment + line % kSegmentLines;
    }
    Line& Make(uint64_t line);
    void Drop(uint64_t segment);
  };

  // The part of the hash, above where the value goes; 0 is no fingerprint.
  uint32_t PrintOf(uint64_t hash) const {
    uint32_t print = static_cast<uint16_t>(hash) >> value_bits_;
    return print == 0 ? 1 : print;
  }
  static void Add(Table& table, Line& line, uint16_t print);
  static Table Shape(uint64_t keys);
  bool moving() const { return old_.lines != 0; }
  Table& TableOf(uint64_t hash) {
    return moving() && table_.LineOf(hash) >= moved_ ? old_ : table_;
  }
  void MoveOne();

  int value_bits_;
  uint64_t capacity_ = 0;
  Table table_;
  // While the size changes: lines of table_ before moved_ have taken over what old_ held for them.
  Table old_;
  uint64_t moved_ = 0;
};

}  // namespace nuthatch::eviction
