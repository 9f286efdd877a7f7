// Zipmap: what Redis kept small hashes in before version 2.6. It is only read, once, to be made
// something newer.
//
// Layout: count (1 byte; 254 where there are as many fields or more), then for each field its
// length, its bytes, the length of the value, a byte that says how many unused bytes follow the
// value, the value and these; then 0xFF. A length is one byte below 254, or 0xFE and 4 bytes,
// little-endian.
//
// Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace nuthatch::values {

// Walks through the fields of hostile bytes: each is checked before it is given.
class ZipmapReader {
 public:
  struct Pair {
    std::string_view field;
    std::string_view value;
  };

  // The bytes must stay as long as what is read.
  explicit ZipmapReader(std::string_view bytes);

  // The next field; nullopt behind the last one, or where the bytes stop being a zipmap.
  std::optional<Pair> Next();
  // Once Next() has given nullopt: whether the bytes were a zipmap that has fields. (As in Redis,
  // something may follow it.)
  bool whole() const { return whole_; }

 private:
  uint8_t Byte(size_t at) const { return static_cast<uint8_t>(bytes_[at]); }
  // Of what stands at `*at`, which moves behind it; nullopt if there is none.
  std::optional<size_t> Length(size_t* at) const;

  std::string_view bytes_;
  size_t at_ = 0;  // 0: there is nothing (more) to read
  size_t count_ = 0;
  bool whole_ = false;
};

}  // namespace nuthatch::values
