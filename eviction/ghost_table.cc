#include "eviction/ghost_table.h"

#include <algorithm>

namespace nuthatch::eviction {

GhostTable::Line& GhostTable::Table::Make(uint64_t line) {
  std::unique_ptr<Line[]>& segment = segments[line / kSegmentLines];
  if (segment == nullptr) {
    uint64_t first = line / kSegmentLines * kSegmentLines;
    segment = std::make_unique<Line[]>(std::min<uint64_t>(kSegmentLines, lines - first));
    ++made;
  }
  return segment[line % kSegmentLines];
}

void GhostTable::Table::Drop(uint64_t segment) {
  if (segment >= segments.size() || segments[segment] == nullptr) return;
  segments[segment].reset();
  --made;
}

GhostTable::Table GhostTable::Shape(uint64_t keys) {
  Table table;
  table.lines = (keys + kRing - 1) / kRing;
  if (table.lines == 0) return table;
  table.ring = static_cast<uint32_t>((keys + table.lines - 1) / table.lines);
  table.segments.resize((table.lines + kSegmentLines - 1) / kSegmentLines);
  return table;
}

void GhostTable::SetCapacity(uint64_t keys) {
  if (moving()) return;
  uint64_t difference = keys > capacity_ ? keys - capacity_ : capacity_ - keys;
  if (keys != 0 && difference <= capacity_ / 8) return;
  capacity_ = keys;
  if (keys == 0 || table_.lines == 0) {
    table_ = Shape(keys);
    return;
  }
  old_ = std::move(table_);
  table_ = Shape(keys);
  moved_ = 0;
}

// The ring's fingerprints of later use are at lower distance before `next`.
void GhostTable::Add(Table& table, Line& line, uint16_t print) {
  if (line.next >= table.ring) line.next = 0;
  line.prints[line.next] = print;
  line.next = static_cast<uint16_t>(line.next + 1);
}

void GhostTable::MoveOne() {
  uint64_t first = moved_ * old_.lines / table_.lines;
  uint64_t last = ((moved_ + 1) * old_.lines - 1) / table_.lines;
  // Of many predecessors (a table that shrinks to less than a seventh), the first ones will do.
  last = std::min(last, first + 7);
  // From the oldest to the newest, so that the newest remain.
  for (uint32_t age = old_.ring; age > 0; --age) {
    for (uint64_t at = first; at <= last; ++at) {
      const Line* from = old_.At(at);
      if (from == nullptr) continue;
      uint32_t place = (from->next + old_.ring * 2 - age) % old_.ring;
      if (from->prints[place] != 0) Add(table_, table_.Make(moved_), from->prints[place]);
    }
  }
  ++moved_;
  // A segment is dropped when the next line's predecessors lie behind it.
  uint64_t next_first = moved_ * old_.lines / table_.lines;
  for (uint64_t segment = first / kSegmentLines; segment < next_first / kSegmentLines; ++segment) {
    old_.Drop(segment);
  }
  if (moved_ == table_.lines) old_ = Table();
}

void GhostTable::Remember(uint64_t hash, uint32_t value) {
  if (table_.lines == 0) return;
  for (size_t i = 0; i < kLinesAStep && moving(); ++i) MoveOne();
  Table& table = TableOf(hash);
  Add(table, table.Make(table.LineOf(hash)),
      static_cast<uint16_t>((PrintOf(hash) << value_bits_) | value));
}

std::optional<uint32_t> GhostTable::Take(uint64_t hash) {
  if (table_.lines == 0) return std::nullopt;
  Table& table = TableOf(hash);
  Line* line = table.At(table.LineOf(hash));
  if (line == nullptr) return std::nullopt;
  uint32_t print = PrintOf(hash);
  for (uint16_t& there : line->prints) {
    uint32_t entry = there;
    if (entry >> value_bits_ != print) continue;
    uint32_t value = entry & ((1U << value_bits_) - 1);
    there = 0;
    return value;
  }
  return std::nullopt;
}

void GhostTable::Clear() {
  table_ = Table();
  old_ = Table();
  capacity_ = 0;
}

size_t GhostTable::bytes() const {
  auto bytes_of = [](const Table& table) {
    if (table.made == 0) return size_t{0};
    size_t lines = std::min<uint64_t>(table.lines, table.made * kSegmentLines);
    return lines * sizeof(Line) + table.segments.size() * sizeof(table.segments[0]);
  };
  return bytes_of(table_) + bytes_of(old_);
}

}  // namespace nuthatch::eviction
