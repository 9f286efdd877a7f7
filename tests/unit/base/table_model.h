// For the tests of base::Table: a table of numbered entries beside a std::unordered_map that says
// what must be in it.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "server/base/random.h"
#include "server/base/table.h"

namespace nuthatch::base {

struct alignas(16) TestEntry {
  uint64_t number;
  int64_t bound;
};

inline uint64_t TestHash(uint64_t number) {
  uint64_t z = (number + 1) * 0x9E3779B97F4A7C15U;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31);
}

template <size_t kBuckets>
struct TestTraits {
  using Entry = TestEntry;
  static constexpr size_t kSegmentBuckets = kBuckets;
  static uint64_t HashOf(const TestEntry* entry) { return TestHash(entry->number); }
  static int64_t BoundOf(const TestEntry* entry) { return entry->bound; }
  static void Prefetch(const TestEntry* entry) { __builtin_prefetch(entry); }
};

template <typename Traits>
class TableModel {
 public:
  using TableType = Table<Traits>;
  using Ref = typename TableType::Ref;

  TableModel() = default;
  ~TableModel() {
    size_t cursor = 0;
    while (!table.Destroy(
        &cursor, 7, [](TestEntry*) {}, bytes)) {
    }
    CHECK(bytes == 0);
  }

  Ref Find(uint64_t number) const {
    return table.Find(TestHash(number),
                      [number](const TestEntry& entry) { return entry.number == number; });
  }
  void Insert(uint64_t number, int64_t bound = kNoBound) {
    auto entry = std::make_unique<TestEntry>(TestEntry{number, bound});
    Ref ref = table.Insert(TestHash(number), entry.get(), static_cast<uint8_t>(number * 7), bytes);
    CHECK(ref.entry() == entry.get());
    if (bound != kNoBound) table.LowerBound(TestHash(number), bound, bytes);
    entries.emplace(number, std::move(entry));
  }
  void Erase(uint64_t number) {
    table.Erase(Find(number), TestHash(number), bytes);
    entries.erase(number);
  }
  // Everything is found, with its tag, and nothing else.
  void Check(uint64_t numbers) const {
    table.CheckInvariants();
    CHECK(table.size() == entries.size());
    for (uint64_t number = 0; number < numbers; ++number) {
      Ref ref = Find(number);
      auto it = entries.find(number);
      CHECK(static_cast<bool>(ref) == (it != entries.end()));
      if (!ref) continue;
      CHECK(ref.entry() == it->second.get());
      CHECK(ref.tag() == static_cast<uint8_t>(number * 7));
    }
  }

  TableType table;
  int64_t bytes = 0;
  std::unordered_map<uint64_t, std::unique_ptr<TestEntry>> entries;
};

}  // namespace nuthatch::base
