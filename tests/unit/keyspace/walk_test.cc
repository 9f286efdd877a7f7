// SCAN, random keys, active expiry, work in slices.
#include <map>
#include <set>
#include <string>

#include "server/base/clock.h"
#include "server/keyspace/keyspace.h"

namespace nuthatch::keyspace {
namespace {

std::string Name(int i) { return "key:" + std::to_string(i); }

void Set(Keyspace& keyspace, const std::string& name, Ttl ttl = Ttl::None(), int db = 0) {
  Key key = Key::Of(name);
  keyspace.SetString(db, key, keyspace.Find(db, key, 0), "v", ttl);
}

void Erase(Keyspace& keyspace, const std::string& name) {
  Key key = Key::Of(name);
  keyspace.Erase(0, key, keyspace.Find(0, key, 0));
}

TEST(Scan, OfNothingEndsAtOnce) {
  Keyspace keyspace({});
  EXPECT_EQ(keyspace.Scan(0, 0, 10, [](Entry&) {}), 0);
  EXPECT_EQ(keyspace.Scan(5, 0, 10, [](Entry&) {}), 0);
}

TEST(Scan, VisitsEachKeyOnceAndAboutCountACall) {
  for (int keys : {1, 7, 1000, 100000}) {
    Keyspace keyspace({});
    for (int i = 0; i < keys; ++i) Set(keyspace, Name(i));
    std::set<std::string> seen;
    uint64_t cursor = 0;
    size_t calls = 0;
    do {
      size_t visited = 0;
      cursor = keyspace.Scan(0, cursor, 10, [&](Entry& entry) {
        ++visited;
        EXPECT_TRUE(seen.insert(std::string(entry.name())).second);
      });
      EXPECT_LT(cursor, uint64_t{1} << 53);
      EXPECT_LE(visited, 40);
      if (cursor != 0) {
        EXPECT_GE(visited, 10);
      }
      ++calls;
    } while (cursor != 0);
    EXPECT_EQ(seen.size(), keys);
    EXPECT_LE(calls, static_cast<size_t>(keys) / 10 + 1);
  }
}

TEST(Scan, VisitsWhatStaysWhileKeysComeAndGo) {
  for (const char* tag : {"", "{one}"}) {
    Keyspace keyspace({});
    auto name = [tag](int i) { return tag + Name(i); };
    constexpr int kStay = 2000;
    for (int i = 0; i < kStay; ++i) Set(keyspace, name(i));
    int next = kStay;
    int oldest = kStay;
    base::Random random(9);
    std::set<std::string> seen;
    uint64_t cursor = 0;
    bool growing = true;
    do {
      cursor = keyspace.Scan(0, cursor, 10,
                             [&](Entry& entry) { seen.insert(std::string(entry.name())); });
      for (uint64_t i = random.Below(600); i > 0; --i) {
        if (growing && next < 60000) {
          Set(keyspace, name(next++));
        } else if (!growing && oldest < next) {
          Erase(keyspace, name(oldest++));
        }
      }
      if (random.Below(40) == 0) growing = !growing;
    } while (cursor != 0);
    for (int i = 0; i < kStay; ++i) ASSERT_TRUE(seen.contains(name(i))) << i;
  }
}

TEST(Scan, WalksShardByShard) {
  constexpr int kShards = 3;
  std::vector<std::unique_ptr<Keyspace>> shards;
  for (int i = 0; i < kShards; ++i) {
    shards.push_back(std::make_unique<Keyspace>(Keyspace::Options{16, i, kShards}));
  }
  constexpr int kKeys = 5000;
  for (int i = 0; i < kKeys; ++i) Set(*shards[Key::Of(Name(i)).slot % kShards], Name(i));
  std::set<std::string> seen;
  uint64_t cursor = 0;
  for (;;) {
    int shard = Keyspace::ShardOfCursor(cursor, kShards);
    cursor = shards[static_cast<size_t>(shard)]->Scan(0, cursor, 100, [&](Entry& entry) {
      EXPECT_TRUE(seen.insert(std::string(entry.name())).second);
    });
    if (cursor != 0) continue;
    if (shard + 1 == kShards) break;
    cursor = Keyspace::FirstCursor(shard + 1);
  }
  EXPECT_EQ(seen.size(), kKeys);
}

TEST(Scan, TakesAForeignCursorForTheEnd) {
  Keyspace keyspace({16, 0, 2});
  EXPECT_EQ(keyspace.Scan(0, Keyspace::FirstCursor(1), 10, [](Entry&) { FAIL(); }), 0);
  EXPECT_EQ(keyspace.Scan(0, ~uint64_t{0}, 10, [](Entry&) { FAIL(); }), 0);
}

TEST(RandomEntry, ChoosesEachKeyAboutEquallyOften) {
  Keyspace keyspace({});
  constexpr int kKeys = 600;
  constexpr int kDraws = 120000;
  // Some in tables of their own, some together in one.
  for (int i = 0; i < kKeys; ++i) Set(keyspace, (i % 2 == 0 ? "{tag}" : "") + Name(i));
  base::Random random(3);
  std::map<std::string, int> hits;
  for (int i = 0; i < kDraws; ++i) {
    ++hits[std::string(keyspace.RandomEntry(0, random, 0)->name())];
  }
  double chi = 0;
  constexpr double kExpected = static_cast<double>(kDraws) / kKeys;
  for (auto& [name, times] : hits) chi += (times - kExpected) * (times - kExpected) / kExpected;
  EXPECT_EQ(hits.size(), kKeys);
  EXPECT_LT(chi, kKeys + 5 * 35);
}

TEST(RandomEntry, PassesOverWhatHasExpired) {
  Keyspace keyspace({});
  base::Random random(3);
  EXPECT_FALSE(keyspace.RandomEntry(0, random, 0));
  for (int i = 0; i < 50; ++i) Set(keyspace, Name(i), Ttl::At(100));
  Set(keyspace, "stays");
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(keyspace.RandomEntry(0, random, 100)->name(), "stays");
  }
}

TEST(ActiveExpiry, RemovesExactlyWhatIsDue) {
  for (const char* tag : {"", "{one}"}) {
    Keyspace keyspace({});
    base::Random random(17);
    std::map<int, int64_t> deadlines;
    for (int i = 0; i < 30000; ++i) {
      Ttl ttl = i % 3 == 0 ? Ttl::None() : Ttl::At(static_cast<int64_t>(1000 + random.Below(1000)));
      Set(keyspace, tag + Name(i), ttl, i % 2);
      if (i % 3 != 0) deadlines[i] = ttl.deadline_ms;
    }
    for (int64_t now_ms = 900; now_ms <= 2100; now_ms += 7) {
      size_t due = std::erase_if(deadlines, [&](auto& item) { return item.second <= now_ms; });
      EXPECT_EQ(keyspace.ExpireDue(now_ms, 1'000'000'000), due) << now_ms;
      EXPECT_TRUE(keyspace.NextDeadline() == kNoDeadline || keyspace.NextDeadline() > now_ms);
    }
    EXPECT_EQ(keyspace.Count(0) + keyspace.Count(1), 10000);
    EXPECT_EQ(keyspace.VolatileCount(0), 0);
    EXPECT_EQ(keyspace.NextDeadline(), kNoDeadline);
    EXPECT_EQ(keyspace.stats().expired, 20000);
  }
}

TEST(ActiveExpiry, FindsAFewAmongManyQuickly) {
  Keyspace keyspace({});
  constexpr int kOthers = 200000;
  for (int i = 0; i < kOthers; ++i) Set(keyspace, Name(i), Ttl::At(1'000'000 + i));
  for (int i = 0; i < 1000; ++i) Set(keyspace, "due:" + std::to_string(i), Ttl::At(5000));
  int64_t start = base::ThreadCpuNs();
  EXPECT_EQ(keyspace.ExpireDue(5000, 1'000'000'000), 1000);
  EXPECT_LT(base::ThreadCpuNs() - start, 100'000'000);
  EXPECT_GT(keyspace.NextDeadline(), 5000);
}

TEST(ActiveExpiry, StopsWhenItsTimeIsOver) {
  Keyspace keyspace({});
  for (int i = 0; i < 50000; ++i) Set(keyspace, "{t}" + Name(i), Ttl::At(10));
  size_t first = keyspace.ExpireDue(10, 100'000);
  EXPECT_GT(first, 0);
  EXPECT_LT(first, 50000);
  size_t all = first;
  while (keyspace.NextDeadline() != kNoDeadline) all += keyspace.ExpireDue(10, 100'000);
  EXPECT_EQ(all, 50000);
}

TEST(AverageTtl, IsAboutRight) {
  Keyspace keyspace({});
  EXPECT_EQ(keyspace.AverageTtlMs(0, 0), 0);
  for (int i = 0; i < 1000; ++i) Set(keyspace, Name(i), Ttl::At(10000));
  EXPECT_NEAR(static_cast<double>(keyspace.AverageTtlMs(0, 4000)), 6000, 20);
}

TEST(Slices, NoStepOfATableMovesMoreThanASegment) {
  Keyspace keyspace({});
  constexpr int kKeys = 300000;
  // A step may allocate or free one segment with its bounds, and one directory: time is not asked,
  // for another process may have had it.
  constexpr uint64_t kMostBytes = (64 + 8 + 16) * 1024;
  uint64_t most = 0;
  auto watched = [&](auto&& work) {
    uint64_t before = keyspace.memory().tables;
    work();
    uint64_t after = keyspace.memory().tables;
    most = std::max(most, after > before ? after - before : before - after);
  };
  for (int i = 0; i < kKeys; ++i) watched([&] { Set(keyspace, "{tag}" + Name(i), Ttl::At(500)); });
  EXPECT_GT(most, 0U);
  EXPECT_LE(most, kMostBytes);
  most = 0;
  for (int i = 0; i < kKeys / 2; ++i) watched([&] { Erase(keyspace, "{tag}" + Name(i)); });
  EXPECT_GT(most, 0U);
  EXPECT_LE(most, kMostBytes);
}

}  // namespace
}  // namespace nuthatch::keyspace
