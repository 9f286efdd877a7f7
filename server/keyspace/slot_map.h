// SlotMap: which shard owns a hash slot, and the how-manieth of its slots it is there.
//
// Slot s belongs to shard s mod N (DESIGN.md section 3). Both answers cost a multiplication, not a
// division, for they are asked for every key. A value; any thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "server/base/check.h"
#include "server/base/crc16.h"

namespace nuthatch::keyspace {

class SlotMap {
 public:
  // REQUIRES: 1 <= shards <= kHashSlots.
  explicit SlotMap(size_t shards)
      : shards_(static_cast<uint32_t>(shards)), inverse_((uint64_t{1} << 32) / shards + 1) {
    CHECK(shards > 0 && shards <= base::kHashSlots);
  }

  size_t shards() const { return shards_; }
  uint16_t ShardOf(uint16_t slot) const {
    return static_cast<uint16_t>(slot - LocalOf(slot) * shards_);
  }
  // 0 for the shard's first slot, then dense.
  uint32_t LocalOf(uint16_t slot) const { return static_cast<uint32_t>((slot * inverse_) >> 32); }
  uint16_t SlotOf(size_t local, size_t shard) const {
    return static_cast<uint16_t>(local * shards_ + shard);
  }
  // How many slots a shard owns.
  size_t SlotsOf(size_t shard) const { return (base::kHashSlots - shard + shards_ - 1) / shards_; }

 private:
  uint32_t shards_;
  uint64_t inverse_;  // slot / shards_ == slot * this >> 32, for every slot
};

}  // namespace nuthatch::keyspace
