// HyperLogLog: the strings that Redis keeps its cardinality estimators in, byte for byte.
//
// Pure functions over bytes; any thread. A value is a string:
//
//   magic      4 bytes  "HYLL"
//   encoding   1 byte   0 dense, 1 sparse
//   unused     3 bytes
//   estimate   8 bytes  the last one, little-endian; its highest bit says that it is out of date
//   registers           16384 of them, each 0 to 63: dense or sparse
//
// Dense registers take 6 bits each, the lowest bits of a byte first. Sparse ones are runs:
//
//   00LLLLLL            1 to 64 registers that are 0
//   01LLLLLL LLLLLLLL   1 to 16384 registers that are 0
//   1VVVVVLL            1 to 4 registers of one value, 1 to 32
//
// The bytes may be hostile: whatever they are, no function reads or writes outside of them. Where
// the runs don't cover the registers as Redis demands it, the answer is "corrupt".
//
// Sources: P. Flajolet et al., "HyperLogLog: the analysis of a near-optimal cardinality estimation
// algorithm" (2007); S. Heule et al., "HyperLogLog in practice" (2013), for 64-bit hashes; O. Ertl,
// "New cardinality estimation algorithms for HyperLogLog sketches" (2017), for the estimator.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nuthatch::values {

constexpr int kHllIndexBits = 14;
constexpr size_t kHllRegisters = size_t{1} << kHllIndexBits;
constexpr int kHllRegisterBits = 6;
constexpr size_t kHllHeaderSize = 16;
constexpr size_t kHllDenseSize = kHllHeaderSize + kHllRegisters * kHllRegisterBits / 8;
// The largest value that the sparse form can hold; the largest that a hash can make.
constexpr int kHllMostSparseValue = 32;
constexpr int kHllMostRank = 64 - kHllIndexBits + 1;

enum class HllEncoding : uint8_t { kDense = 0, kSparse = 1 };

// Plain registers, for unions.
using HllRegisters = std::array<uint8_t, kHllRegisters>;

// --- The string ---

// Whether the header is one (and a dense string has the right length).
bool IsHyperLogLog(std::string_view bytes);
// REQUIRES (of all below): IsHyperLogLog(bytes).
HllEncoding HllEncodingOf(std::string_view bytes);
// The estimate in the header, if it is up to date.
std::optional<uint64_t> HllCached(std::string_view bytes);
void SetHllCached(char* bytes, uint64_t estimate);
void InvalidateHllCached(char* bytes);

// An empty one, sparse, with an estimate (0) that is up to date.
std::string_view EmptyHll();

// --- Elements ---

// MurmurHash2 for 64 bits (A. Appleby, public domain), the variant for 64-bit machines.
uint64_t MurmurHash64A(std::string_view bytes, uint64_t seed);

// Where an element is counted: the register, and the value that it asks for.
struct HllPlace {
  size_t index = 0;  // below kHllRegisters
  int rank = 0;      // 1 to kHllMostRank
};
HllPlace HllPlaceOf(std::string_view element);

// --- Registers ---

// Dense. REQUIRES: a dense string.
int HllDenseGet(std::string_view bytes, size_t index);
// Raises the register to `rank`; whether that changed it.
bool HllDenseRaise(char* bytes, HllPlace place);

// The dense form of a sparse string, header included; nullopt if it is corrupt.
std::optional<std::string> HllToDense(std::string_view bytes);

// What raising a register does to a sparse string.
struct HllSparseChange {
  enum class Kind : uint8_t {
    kNone,     // the register is that large already
    kReplace,  // `removed` bytes at `at` become `inserted`
    kPromote,  // needs the dense form
    kCorrupt,
  };
  static constexpr size_t kMostInserted = 20;

  Kind kind = Kind::kNone;
  size_t at = 0;  // within the string
  size_t removed = 0;
  size_t inserted_size = 0;
  std::array<char, kMostInserted> inserted;
};
// Computes it; `bytes` stays as it is. A string of more than `max_bytes`, header included, is never
// made by growing. The same runs come out as for Redis. O(runs before the register).
// REQUIRES: a sparse string.
HllSparseChange PlanHllSparseRaise(std::string_view bytes, HllPlace place, size_t max_bytes);

// Raises `registers` to those of `bytes`; false if they are corrupt (some may have been raised).
bool MergeHll(std::string_view bytes, HllRegisters& registers);

// The runs of a sparse string as PFDEBUG DECODE writes them: "Z:16384", "v:2,1 z:5".
std::string DescribeHllSparse(std::string_view bytes);

// --- Estimates ---

// How many registers have each value.
using HllHistogram = std::array<uint32_t, size_t{1} << kHllRegisterBits>;

// The estimated cardinality: counted anew, not from the header; nullopt if it is corrupt.
std::optional<uint64_t> EstimateHll(std::string_view bytes);
uint64_t EstimateHll(const HllRegisters& registers);
uint64_t EstimateHll(const HllHistogram& histogram);

// --- A string that can be changed ---

// Bytes of a HyperLogLog that somebody owns and that can change their size. Whoever implements it
// says where they are.
class HllString {
 public:
  virtual ~HllString() = default;
  std::string_view view() const { return {data_, size_}; }
  char* data() { return data_; }

  enum class Raised : uint8_t { kNo, kYes, kCorrupt };
  // Raises a register, in the sparse form or, where that can't or must not hold it, in the dense
  // one. The header's estimate is out of date after a change of a sparse string; after one of a
  // dense one the caller sees to that. REQUIRES: IsHyperLogLog(view()).
  Raised Raise(HllPlace place, size_t max_sparse_bytes);
  // False if the runs are corrupt.
  bool MakeDense();

 protected:
  // Makes the string `size` bytes long: old bytes stay as far as they fit. Updates data_ and size_.
  virtual void Resize(size_t size) = 0;

  char* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace nuthatch::values
