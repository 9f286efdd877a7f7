// TableMapping: how a table of n buckets maps hashes to buckets and fingerprints, and back.
//
// The home bucket of a hash is its position (the top 39 bits, as a fraction of 1) times n, rounded
// down: any n will do, and buckets follow each other in hash order. The fingerprint is the eight
// hash bits behind the first k, where 2^k <= n < 2^(k+1). As one bucket spans at most 2^-k of all
// hashes, home and fingerprint together give k + 8 bits of the hash back; so entries can be moved
// to a table of another size without being touched, unless k grows (each doubling: one more bit
// must be read) or a bucket's border in the new size cuts through what is left open (one in a
// hundred).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace nuthatch::base {

class TableMapping {
 public:
  // Cells, 0 .. kCells - 1, are the top 39 bits of a position: the grain of homes and cursors.
  static constexpr int kCellBits = 39;
  static constexpr int kCellShift = 64 - kCellBits;
  static constexpr uint64_t kCells = uint64_t{1} << kCellBits;

  static uint64_t CellOf(uint64_t position) { return position >> kCellShift; }
  static uint64_t HomeOfCell(uint64_t cell, uint64_t buckets) {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(cell) * buckets) >> kCellBits);
  }
  static int FingerprintShift(uint64_t buckets) { return std::countl_zero(buckets) - 7; }

  TableMapping() = default;
  // REQUIRES: buckets > 0.
  explicit TableMapping(uint64_t buckets) : buckets_(buckets), shift_(FingerprintShift(buckets)) {}

  uint64_t buckets() const { return buckets_; }
  uint64_t Home(uint64_t position) const { return HomeOfCell(CellOf(position), buckets_); }
  uint8_t Fingerprint(uint64_t position) const { return static_cast<uint8_t>(position >> shift_); }
  // The first cell of a bucket; kCells for the one behind the last.
  uint64_t StartCell(uint64_t bucket) const {
    if (bucket < (uint64_t{1} << (63 - kCellBits))) {
      return ((bucket << kCellBits) + buckets_ - 1) / buckets_;
    }
    auto wide = static_cast<unsigned __int128>(bucket) << kCellBits;
    return static_cast<uint64_t>((wide + buckets_ - 1) / buckets_);
  }
  // A position with this home and fingerprint: the upper bits that both tell, and zeros.
  uint64_t PartialPosition(uint64_t home, uint8_t fingerprint) const {
    uint64_t low = StartCell(home) << kCellShift;
    uint64_t base = low >> shift_;
    uint64_t from = (base + ((fingerprint - base) & 0xFF)) << shift_;
    return from < low ? low : from;
  }
  // Whether an entry of this mapping may have to be read to be moved to `to`; false: hardly ever.
  bool MustRead(const TableMapping& to) const { return to.shift_ < shift_; }

  struct Target {
    bool known;
    uint8_t fingerprint;
    uint64_t home;
  };
  // Where an entry of home `bucket` with `fingerprint` goes under the mapping `to`, if that can be
  // said without its position. `first` and `end` are StartCell(bucket) and StartCell(bucket + 1).
  Target Translate(uint64_t first, uint64_t end, uint8_t fingerprint,
                   const TableMapping& to) const {
    if (MustRead(to)) return {false, 0, 0};
    uint64_t low = first << kCellShift;
    uint64_t high = (end << kCellShift) - 1;  // kCells wraps to the largest position
    uint64_t base = low >> shift_;
    uint64_t delta = (fingerprint - base) & 0xFF;
    if (delta == 0 && (high >> shift_) - base >= 256) return {false, 0, 0};
    uint64_t prefix = base + delta;
    uint64_t from = prefix << shift_;
    uint64_t until = from + ((uint64_t{1} << shift_) - 1);
    uint64_t home = to.Home(from < low ? low : from);
    if (home != to.Home(until > high ? high : until)) return {false, 0, 0};
    return {true, static_cast<uint8_t>(prefix >> (to.shift_ - shift_)), home};
  }

 private:
  uint64_t buckets_ = 0;
  int shift_ = 0;
};

}  // namespace nuthatch::base
