// Ziplist: what Redis kept small lists, hashes and sorted sets in before version 7, and what old
// DUMP payloads and RDB files hold. It is only read, once, to be made something newer.
//
// Layout, little-endian: total bytes (4 bytes), offset of the last entry (4), count (2; 65535 where
// there are as many or more), entries, 0xFF. An entry is the size of the one before it (1 byte, or
// 0xFE and 4 bytes), its own encoding, and its content:
//
//   00xxxxxx         a string of up to 63 bytes
//   01xxxxxx +1      a string of up to 16383 bytes, the high bits of the length first
//   10xxxxxx +4      a longer string, the length big-endian
//   C0 +2, D0 +4, E0 +8, F0 +3, FE +1: signed integers of so many bytes
//   F1 .. FD         the integers 0 to 12
//
// Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "server/values/listpack.h"

namespace nuthatch::values {

// Walks through the entries of hostile bytes: every entry is checked before it is given.
class ZiplistReader {
 public:
  // The bytes must stay as long as what is read.
  explicit ZiplistReader(std::string_view bytes);

  // The next entry; nullopt behind the last one, or where the bytes stop being a ziplist.
  std::optional<Element> Next();
  // Once Next() has given nullopt: whether the bytes were a ziplist, up to the end.
  bool whole() const { return whole_; }

 private:
  static constexpr size_t kHeaderSize = 10;

  uint8_t Byte(size_t at) const { return static_cast<uint8_t>(bytes_[at]); }
  std::optional<Element> Fail();
  std::optional<Element> Finish();

  std::string_view bytes_;
  size_t at_ = 0;  // 0: there is nothing (more) to read
  size_t last_ = 0;
  size_t count_ = 0;
  bool whole_ = false;
};

}  // namespace nuthatch::values
