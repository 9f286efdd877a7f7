#include "server/values/hash_value.h"

#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/base/memory.h"
#include "server/base/random.h"
#include "tests/unit/values/elements.h"

namespace nuthatch::values {
namespace {

using base::Random;
using Model = std::unordered_map<std::string, std::string>;

Model ContentOf(const HashValue& hash) {
  Model content;
  hash.ForEach([&content](std::string_view field, std::string_view value) {
    EXPECT_TRUE(content.emplace(field, value).second) << "visited twice";
  });
  return content;
}

void CheckAgainst(const HashValue& hash, const Model& model) {
  hash.CheckInvariants();
  ASSERT_EQ(hash.size(), model.size());
  ASSERT_EQ(ContentOf(hash), model);
}

// How the values of a run come about: any length, or lengths that make bare elements likely.
enum class Values { kAny, kTidy };

std::string ValueFor(Random& random, uint64_t number, Values kind) {
  if (kind == Values::kAny) return TextOf(number, random.Next(), 4000);
  size_t length = 16 * (1 + random.Below(2)) - random.Below(4) / 3;
  return std::string(length, static_cast<char>('A' + random.Below(26)));
}
std::string FieldFor(uint64_t number, Values kind) {
  return kind == Values::kAny ? NameOf(number, 3000)
                              : std::to_string(number + 1'000'000'000'000'000).substr(number % 2);
}

void RunRandomOps(uint64_t seed, uint64_t numbers, int ops, Values kind) {
  HashValue hash;
  Model model;
  Random random(seed);
  uint64_t set_weight = 50;
  for (int op = 0; op < ops; ++op) {
    if (op % 997 == 0) set_weight = 10 + random.Below(9) * 10;
    uint64_t number = random.Below(numbers);
    std::string field = FieldFor(number, kind);
    Hashed hashed(field);
    auto known = model.find(field);
    std::optional<std::string_view> value = hash.Get(hashed);
    ASSERT_EQ(value.has_value(), known != model.end());
    if (value.has_value()) {
      ASSERT_EQ(*value, known->second);
    }
    if (random.Below(100) < set_weight) {
      std::string fresh = ValueFor(random, number, kind);
      ASSERT_EQ(hash.Set(hashed, fresh), known == model.end());
      model[field] = fresh;
      ASSERT_EQ(hash.Get(hashed), fresh);
    } else {
      ASSERT_EQ(hash.Erase(hashed), known != model.end());
      model.erase(field);
    }
    if (op % 4999 == 0) CheckAgainst(hash, model);
  }
  CheckAgainst(hash, model);
}

TEST(HashValue, AgreesWithAMapUnderRandomOps) {
  for (uint64_t numbers : {4, 40, 700, 9000, 40000}) {
    RunRandomOps(numbers, numbers, 50000, Values::kAny);
    RunRandomOps(numbers, numbers, 50000, Values::kTidy);
  }
}

TEST(HashValue, KeepsEveryPairOfLengths) {
  HashValue hash;
  Model model;
  std::vector<size_t> lengths = {0,   1,   7,   14,  15,  16,   17,   32,   100,  251,
                                 252, 255, 256, 257, 500, 1023, 1024, 1025, 5000, 70000};
  for (int round = 0; round < 2; ++round) {
    for (size_t f : lengths) {
      std::string field(f, 'f');
      // From each length to each.
      for (size_t from : lengths) {
        for (size_t to : lengths) {
          for (size_t v : {from, to}) {
            std::string value(v, static_cast<char>('a' + (f + from + to) % 26));
            hash.Set(Hashed(field), value);
            ASSERT_EQ(hash.Get(Hashed(field)), value) << f << " " << from << " " << to;
            model[field] = value;
          }
        }
      }
    }
    CheckAgainst(hash, model);
    // Once more with bare elements, which need company.
    for (int i = 0; i < 200; ++i) {
      std::string field = "0123456789" + std::to_string(100000 + i);
      hash.Set(Hashed(field), std::string(32, 'v'));
      model[field] = std::string(32, 'v');
    }
    CheckAgainst(hash, model);
  }
}

TEST(HashValue, ChangesAValueInPlaceWhereItsSizeClassAllows) {
  HashValue hash;
  Hashed counter("counter");
  hash.Set(counter, "9");
  const ElementBlock* block = hash.Find(counter).entry();
  size_t bytes = hash.MemoryBytes();
  for (const char* value : {"10", "-1", "1234567", "", "0"}) {
    hash.Set(counter, value);
    EXPECT_EQ(hash.Find(counter).entry(), block) << value;
    EXPECT_EQ(hash.MemoryBytes(), bytes);
    EXPECT_EQ(hash.Get(counter), value);
  }
  hash.Set(counter, "12345678");
  EXPECT_GT(hash.MemoryBytes(), bytes);
  hash.Set(counter, "1");
  EXPECT_EQ(hash.MemoryBytes(), bytes);
}

TEST(HashValue, LongFieldsAndValuesStayWhereTheyAre) {
  HashValue hash;
  std::string name(3'000'000, 'n');
  Hashed field(name);
  hash.Set(field, "1");
  const ElementBlock* block = hash.Find(field).entry();
  for (size_t length : {2, 100, 5000, 2'000'000, 3}) {
    hash.Set(field, std::string(length, 'v'));
    EXPECT_EQ(hash.Find(field).entry(), block);
    EXPECT_EQ(hash.Get(field), std::string(length, 'v'));
  }
  Hashed other("other");
  hash.Set(other, std::string(2'000'000, 'a'));
  const char* bytes = hash.Get(other)->data();
  hash.Set(other, std::string(2'000'001, 'b'));
  EXPECT_EQ(hash.Get(other)->data(), bytes) << "the same size class";
  hash.CheckInvariants();
}

// The size classes of 16 + 32 bytes are 48 without a header and 64 with one.
TEST(HashValue, TakesNoHeaderWhereAllElementsAreAlike) {
  HashValue hash;
  constexpr int kCount = 100000;
  auto field = [](int i) { return "field:" + std::to_string(1'000'000'000 + i); };
  for (int i = 0; i < kCount; ++i) hash.Set(Hashed(field(i)), std::string(32, 'v'));
  EXPECT_LT(static_cast<double>(hash.MemoryBytes()) / kCount, 48 + 12.0);
  // Others among them have one; and when the first are gone, others may go without.
  for (int i = 0; i < kCount; ++i) hash.Set(Hashed(field(i)), std::string(16, 'w'));
  hash.CheckInvariants();
  for (int i = 0; i < kCount; ++i) {
    hash.Erase(Hashed(field(i)));
    hash.Set(Hashed(field(i)), std::string(16, 'x'));
  }
  hash.CheckInvariants();
  EXPECT_LT(static_cast<double>(hash.MemoryBytes()) / kCount, 32 + 13.0);
  for (int i = 0; i < kCount; ++i) ASSERT_EQ(hash.Get(Hashed(field(i))), std::string(16, 'x'));
}

TEST(HashValue, FindsBatches) {
  HashValue hash;
  for (uint64_t number = 0; number < 5000; ++number) {
    hash.Set(Hashed(NameOf(number)), std::to_string(number));
  }
  Random random(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<uint64_t> numbers;
    std::vector<std::string> names;
    std::vector<Hashed> batch;
    for (size_t i = random.Below(HashValue::kMaxBatch + 1); i > 0; --i) {
      numbers.push_back(random.Below(10000));
      names.push_back(NameOf(numbers.back()));
    }
    for (const std::string& name : names) batch.emplace_back(name);
    HashValue::Place places[HashValue::kMaxBatch];
    hash.FindEach(batch, places);
    for (size_t i = 0; i < batch.size(); ++i) {
      ASSERT_EQ(static_cast<bool>(places[i]), numbers[i] < 5000);
      if (!places[i]) continue;
      ASSERT_EQ(HashValue::FieldAt(places[i]), names[i]);
      ASSERT_EQ(hash.ValueAt(places[i]), std::to_string(numbers[i]));
    }
  }
}

TEST(HashValue, CountsItsMemoryExactly) {
  for (Values kind : {Values::kAny, Values::kTidy}) {
    Random random(5);
    uint64_t before = base::UsedMemory();
    auto hash = std::make_unique<HashValue>();
    for (int i = 0; i < 40000; ++i) {
      uint64_t number = random.Below(15000);
      if (i < 20000 || random.Below(3) != 0) {
        hash->Set(Hashed(FieldFor(number, kind)), ValueFor(random, number, kind));
      } else {
        hash->Erase(Hashed(FieldFor(number, kind)));
      }
    }
    hash->CheckInvariants();
    if (kCountsExactly) {
      EXPECT_EQ(base::UsedMemory() - before, hash->MemoryBytes());
    }
    std::unique_ptr<Object> copy = hash->Duplicate();
    {
      Model model = ContentOf(*hash);
      CheckAgainst(dynamic_cast<HashValue&>(*copy), model);
    }
    hash.reset();
    if (kCountsExactly) {
      EXPECT_EQ(base::UsedMemory() - before, copy->MemoryBytes());
    }
    copy.reset();
    if (kCountsExactly) {
      EXPECT_EQ(base::UsedMemory(), before);
    }
  }
}

TEST(HashValue, FreesInSlices) {
  uint64_t before = base::UsedMemory();
  auto hash = std::make_unique<HashValue>();
  for (uint64_t number = 0; number < 20000; ++number) {
    hash->Set(Hashed(FieldFor(number, Values::kTidy)), TextOf(number, 1, 3000));
  }
  uint64_t used = base::UsedMemory();
  int slices = 1;
  for (; !hash->FreeSome(256); ++slices) {
    if (!kCountsExactly) continue;
    uint64_t now = base::UsedMemory();
    ASSERT_LE(used - now, 300 * 1024);
    used = now;
    ASSERT_EQ(now - before, hash->MemoryBytes());
  }
  EXPECT_GT(slices, 20000 / 256 / 2);
  hash.reset();
  if (kCountsExactly) {
    EXPECT_EQ(base::UsedMemory(), before);
  }
}

// No slice frees many long values, nor all of a very long one.
TEST(HashValue, FreesLongValuesInSlices) {
  constexpr size_t kMegabyte = 1024 * 1024;
  uint64_t before = base::UsedMemory();
  auto hash = std::make_unique<HashValue>();
  for (int i = 0; i < 60; ++i) {
    hash->Set(Hashed(std::to_string(i)),
              std::string(i % 20 == 0 ? 20 * kMegabyte : kMegabyte, 'v'));
  }
  uint64_t used = base::UsedMemory();
  int slices = 1;
  for (; !hash->FreeSome(256); ++slices) {
    uint64_t now = base::UsedMemory();
    if (kCountsExactly && used - now > 3 * kMegabyte) {
      // One long value whose pages were returned before, or the 8 elements of a bucket.
      ASSERT_LE(used - now, 25 * kMegabyte);
    }
    used = now;
    if (kCountsExactly) {
      ASSERT_EQ(now - before, hash->MemoryBytes());
    }
  }
  EXPECT_GT(slices, 3 * 18 + 57 / 8);
  hash.reset();
  if (kCountsExactly) {
    EXPECT_EQ(base::UsedMemory(), before);
  }
}

TEST(HashValue, ShrinksAsFieldsGo) {
  HashValue hash;
  for (uint64_t number = 0; number < 100000; ++number) hash.Set(Hashed(NameOf(number)), "value");
  size_t full = hash.MemoryBytes();
  for (uint64_t number = 0; number < 99000; ++number) hash.Erase(Hashed(NameOf(number)));
  EXPECT_LT(hash.MemoryBytes(), full / 50);
  for (uint64_t number = 99000; number < 100000; ++number) hash.Erase(Hashed(NameOf(number)));
  // An empty table's line, and what is known of bare elements.
  EXPECT_LE(hash.MemoryBytes(), base::SizeClass(sizeof(HashValue)) + 64 + 2048);
}

TEST(HashValue, ScanReturnsWhatStaysWhileItGrowsAndShrinks) {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    HashValue hash;
    Random random(seed);
    constexpr uint64_t kStay = 2000;
    for (uint64_t number = 0; number < kStay; ++number) hash.Set(Hashed(NameOf(number)), "stays");
    uint64_t oldest = kStay;
    uint64_t next = kStay;
    bool growing = true;
    std::set<std::string, std::less<>> seen;
    uint64_t cursor = 0;
    do {
      cursor = hash.Scan(cursor, 5, [&](std::string_view field, std::string_view value) {
        if (value == "stays") seen.emplace(field);
      });
      for (uint64_t i = random.Below(200); i > 0; --i) {
        if (growing) {
          hash.Set(Hashed(NameOf(next++)), "goes");
        } else if (oldest < next) {
          hash.Erase(Hashed(NameOf(oldest++)));
        }
      }
      if (random.Below(50) == 0) growing = !growing;
    } while (cursor != 0);
    EXPECT_EQ(seen.size(), kStay);
  }
}

TEST(HashValue, SamplesAreDifferentAndEven) {
  HashValue hash;
  constexpr int kNumbers = 300;
  for (int i = 0; i < kNumbers; ++i) hash.Set(Hashed(std::to_string(i)), std::to_string(i * 2));
  Random random(9);
  for (size_t count : {10, 200}) {
    std::vector<int> hits(kNumbers);
    constexpr int kRounds = 3000;
    for (int round = 0; round < kRounds; ++round) {
      std::set<std::string, std::less<>> taken;
      hash.Sample(count, random, [&](std::string_view field, std::string_view value) {
        int number = std::stoi(std::string(field));
        ASSERT_EQ(value, std::to_string(number * 2));
        ASSERT_TRUE(taken.emplace(field).second);
        ++hits[static_cast<size_t>(number)];
      });
      ASSERT_EQ(taken.size(), count);
    }
    // 5 sigma of a chi-square with 299 degrees
    EXPECT_LT(ChiSquare(hits, static_cast<double>(kRounds * count) / kNumbers),
              kNumbers + 5 * 24.5);
  }
}

}  // namespace
}  // namespace nuthatch::values
