// HyperLogLog: header, elements, dense registers and estimates. What is about runs stands in
// hyperloglog_sparse.cc.
//
// The estimator is Ertl's improved raw estimator: from the histogram of the values alone, without
// constants found by experiment and without a change of method for small sets. Its two series,
// sigma for registers that are 0 and tau for those that are full, are summed until they stand
// still. 2^14 registers give a standard error of 1.04 / sqrt(2^14) = 0.81%.
#include "server/values/hyperloglog.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "server/values/hyperloglog_runs.h"

namespace nuthatch::values {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view kMagic = "HYLL";
constexpr size_t kEncodingAt = 4;
constexpr size_t kEstimateAt = 8;
constexpr uint8_t kOutOfDate = 0x80;  // in the last byte of the estimate
constexpr uint64_t kSeed = 0xadc83b19;
constexpr unsigned kRegisterMask = (1U << kHllRegisterBits) - 1;
// The values that the estimator's sum goes over; the next one means a register that is full.
constexpr size_t kMostPartial = 64 - kHllIndexBits;

// Four dense registers stand in three bytes.
constexpr size_t kGroup = 4;
constexpr size_t kGroupBytes = 3;

uint32_t LoadGroup(const char* registers, size_t group) {
  uint32_t bits = 0;
  std::memcpy(&bits, registers + group * kGroupBytes, kGroupBytes);
  return bits;
}

// Calls visit(index, value) for each dense register.
template <typename Visit>
void ForEachDense(std::string_view bytes, const Visit& visit) {
  const char* registers = bytes.data() + kHllHeaderSize;
  for (size_t group = 0; group < kHllRegisters / kGroup; ++group) {
    uint32_t bits = LoadGroup(registers, group);
    for (size_t i = 0; i < kGroup; ++i) {
      visit(group * kGroup + i,
            static_cast<uint8_t>((bits >> (i * kHllRegisterBits)) & kRegisterMask));
    }
  }
}

// x + x^2 * 1 + x^4 * 2 + x^8 * 4 + ...
double Sigma(double x) {
  if (x == 1) return std::numeric_limits<double>::infinity();
  double sum = x;
  double weight = 1;
  double before;
  do {
    x *= x;
    before = sum;
    sum += x * weight;
    weight += weight;
  } while (sum != before);
  return sum;
}

// (1 - x - (1 - x^(1/2))^2 / 2 - (1 - x^(1/4))^2 / 4 - ...) / 3
double Tau(double x) {
  if (x == 0 || x == 1) return 0;
  double sum = 1 - x;
  double weight = 1;
  double before;
  do {
    x = std::sqrt(x);
    before = sum;
    weight *= 0.5;
    sum -= (1 - x) * (1 - x) * weight;
  } while (sum != before);
  return sum / 3;
}

}  // namespace

// --- The string ---

bool IsHyperLogLog(std::string_view bytes) {
  if (bytes.size() < kHllHeaderSize || !bytes.starts_with(kMagic)) return false;
  auto encoding = static_cast<uint8_t>(bytes[kEncodingAt]);
  if (encoding == static_cast<uint8_t>(HllEncoding::kDense)) return bytes.size() == kHllDenseSize;
  return encoding == static_cast<uint8_t>(HllEncoding::kSparse);
}

HllEncoding HllEncodingOf(std::string_view bytes) {
  return static_cast<HllEncoding>(bytes[kEncodingAt]);
}

std::optional<uint64_t> HllCached(std::string_view bytes) {
  uint64_t estimate;
  std::memcpy(&estimate, bytes.data() + kEstimateAt, sizeof(estimate));
  constexpr uint64_t kBit = uint64_t{kOutOfDate} << 56;
  if ((estimate & kBit) != 0) return std::nullopt;
  return estimate;
}

void SetHllCached(char* bytes, uint64_t estimate) {
  std::memcpy(bytes + kEstimateAt, &estimate, sizeof(estimate));
}

void InvalidateHllCached(char* bytes) {
  char& last = bytes[kEstimateAt + sizeof(uint64_t) - 1];
  last = static_cast<char>(static_cast<uint8_t>(last) | kOutOfDate);
}

std::string_view EmptyHll() {
  // One run of 16384 zeros.
  static constexpr char kEmpty[] = "HYLL\1\0\0\0\0\0\0\0\0\0\0\0\x7f\xff";
  return {kEmpty, sizeof(kEmpty) - 1};
}

// --- Elements ---

uint64_t MurmurHash64A(std::string_view bytes, uint64_t seed) {
  constexpr uint64_t kMultiplier = 0xc6a4a7935bd1e995;
  constexpr int kShift = 47;
  constexpr size_t kWord = sizeof(uint64_t);
  uint64_t hash = seed ^ (bytes.size() * kMultiplier);
  for (; bytes.size() >= kWord; bytes.remove_prefix(kWord)) {
    uint64_t word;
    std::memcpy(&word, bytes.data(), kWord);
    word *= kMultiplier;
    word ^= word >> kShift;
    hash = (hash ^ (word * kMultiplier)) * kMultiplier;
  }
  if (!bytes.empty()) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data(), bytes.size());
    hash = (hash ^ word) * kMultiplier;
  }
  hash = (hash ^ (hash >> kShift)) * kMultiplier;
  return hash ^ (hash >> kShift);
}

HllPlace HllPlaceOf(std::string_view element) {
  uint64_t hash = MurmurHash64A(element, kSeed);
  uint64_t rest = hash >> kHllIndexBits;
  // The rank is the place of the lowest set bit, or one more than there are bits.
  return {.index = hash % kHllRegisters,
          .rank = rest == 0 ? kHllMostRank : std::countr_zero(rest) + 1};
}

// --- Registers ---

int HllDenseGet(std::string_view bytes, size_t index) {
  uint32_t bits = LoadGroup(bytes.data() + kHllHeaderSize, index / kGroup);
  return static_cast<int>((bits >> (index % kGroup * kHllRegisterBits)) & kRegisterMask);
}

bool HllDenseRaise(char* bytes, HllPlace place) {
  char* group = bytes + kHllHeaderSize + place.index / kGroup * kGroupBytes;
  uint32_t bits = LoadGroup(group, 0);
  unsigned shift = static_cast<unsigned>(place.index % kGroup) * kHllRegisterBits;
  auto rank = static_cast<uint32_t>(place.rank);
  if (((bits >> shift) & kRegisterMask) >= rank) return false;
  bits = (bits & ~(kRegisterMask << shift)) | (rank << shift);
  std::memcpy(group, &bits, kGroupBytes);
  return true;
}

bool MergeHll(std::string_view bytes, HllRegisters& registers) {
  if (HllEncodingOf(bytes) == HllEncoding::kSparse) return MergeHllRuns(bytes, registers);
  ForEachDense(bytes, [&](size_t index, uint8_t value) {
    registers[index] = std::max(registers[index], value);
  });
  return true;
}

// --- Estimates ---

uint64_t EstimateHll(const HllHistogram& histogram) {
  constexpr auto kCount = static_cast<double>(kHllRegisters);
  // 1 / (2 ln 2)
  constexpr double kAlpha = 0.721347520444481703680;
  double sum = kCount * Tau((kCount - histogram[kMostPartial + 1]) / kCount);
  for (size_t value = kMostPartial; value >= 1; --value) sum = (sum + histogram[value]) * 0.5;
  sum += kCount * Sigma(histogram[0] / kCount);
  double estimate = kAlpha * kCount * kCount / sum;
  // Registers that no elements make may add up to next to nothing, or (all above the largest rank)
  // to nothing at all. What the processor makes of too large a number is what Redis answers.
  constexpr uint64_t kTooLarge = uint64_t{1} << 63;
  if (!(estimate < static_cast<double>(kTooLarge))) return kTooLarge;
  return static_cast<uint64_t>(std::llround(estimate));
}

uint64_t EstimateHll(const HllRegisters& registers) {
  HllHistogram histogram{};
  for (uint8_t value : registers) ++histogram[value];
  return EstimateHll(histogram);
}

std::optional<uint64_t> EstimateHll(std::string_view bytes) {
  HllHistogram histogram{};
  if (HllEncodingOf(bytes) == HllEncoding::kSparse) {
    if (!CountHllRuns(bytes, histogram)) return std::nullopt;
    return EstimateHll(histogram);
  }
  // Neighbours often have the same value: four histograms, so that an increment needn't wait for
  // the one before it.
  std::array<HllHistogram, kGroup> parts{};
  ForEachDense(bytes, [&](size_t index, uint8_t value) { ++parts[index % kGroup][value]; });
  for (const HllHistogram& part : parts) {
    for (size_t value = 0; value < histogram.size(); ++value) histogram[value] += part[value];
  }
  return EstimateHll(histogram);
}

// --- A string that can be changed ---

bool HllString::MakeDense() {
  if (HllEncodingOf(view()) == HllEncoding::kDense) return true;
  std::optional<std::string> dense = HllToDense(view());
  if (!dense.has_value()) return false;
  Resize(dense->size());
  std::memcpy(data_, dense->data(), dense->size());
  return true;
}

HllString::Raised HllString::Raise(HllPlace place, size_t max_sparse_bytes) {
  if (HllEncodingOf(view()) == HllEncoding::kSparse) {
    HllSparseChange change = PlanHllSparseRaise(view(), place, max_sparse_bytes);
    switch (change.kind) {
      case HllSparseChange::Kind::kNone:
        return Raised::kNo;
      case HllSparseChange::Kind::kCorrupt:
        return Raised::kCorrupt;
      case HllSparseChange::Kind::kPromote:
        if (!MakeDense()) return Raised::kCorrupt;
        break;
      case HllSparseChange::Kind::kReplace: {
        size_t old_size = size_;
        size_t tail = change.at + change.removed;
        size_t new_tail = change.at + change.inserted_size;
        if (new_tail > tail) Resize(old_size + (new_tail - tail));
        std::memmove(data_ + new_tail, data_ + tail, old_size - tail);
        std::memcpy(data_ + change.at, change.inserted.data(), change.inserted_size);
        if (new_tail < tail) Resize(old_size - (tail - new_tail));
        InvalidateHllCached(data_);
        return Raised::kYes;
      }
    }
  }
  return HllDenseRaise(data_, place) ? Raised::kYes : Raised::kNo;
}

}  // namespace nuthatch::values
