#include "server/keyspace/evictor.h"

#include <set>
#include <string>

namespace nuthatch::keyspace {
namespace {

std::string Name(int i) { return "key:" + std::to_string(i); }

class EvictorTest : public testing::Test {
 protected:
  void SetPolicy(const char* name) {
    keyspace_.SetPolicy(*eviction::ParsePolicyName(name), {});
    keyspace_.BeginBatch(now_ms_);
  }
  void Set(const std::string& name, Ttl ttl = Ttl::None(), int db = 0) {
    Key key = Key::Of(name);
    keyspace_.SetString(db, key, keyspace_.Find(db, key, now_ms_), std::string(100, 'v'), ttl);
  }
  void Pin(const std::string& name, bool pinned = true, int db = 0) {
    Key key = Key::Of(name);
    EntryRef ref = keyspace_.Find(db, key, now_ms_, Touch::kNone);
    EXPECT_TRUE(keyspace_.SetPinned(db, key, ref, pinned));
  }
  bool Has(const std::string& name, int db = 0) {
    return static_cast<bool>(keyspace_.Find(db, Key::Of(name), now_ms_, Touch::kNone));
  }

  Keyspace keyspace_{{}};
  Evictor evictor_{keyspace_};
  int64_t now_ms_ = 1'700'000'000'000;
};

constexpr int64_t kLong = 1'000'000'000;

TEST_F(EvictorTest, EvictsNothingWithoutAPolicyOrKeys) {
  Set("a");
  EXPECT_EQ(evictor_.Evict(1, now_ms_, kLong).outcome, Evictor::Outcome::kNothing);
  SetPolicy("volatile-lru");
  EXPECT_EQ(evictor_.Evict(1, now_ms_, kLong).outcome, Evictor::Outcome::kNothing);
  SetPolicy("allkeys-lru");
  Evictor::Result result = evictor_.Evict(1, now_ms_, kLong);
  EXPECT_EQ(result.outcome, Evictor::Outcome::kFreed);
  EXPECT_EQ(result.keys, 1);
  EXPECT_GE(result.bytes, 100);
  EXPECT_EQ(evictor_.Evict(1, now_ms_, kLong).outcome, Evictor::Outcome::kNothing);
  EXPECT_EQ(keyspace_.stats().evicted, 1);
}

TEST_F(EvictorTest, FreesWhatIsAskedForUnderEachPolicy) {
  for (const eviction::PolicyChoice& choice : eviction::PolicyChoices()) {
    if (!choice.row->evicts) continue;
    keyspace_.SetPolicy(choice, {});
    for (int i = 0; i < 3000; ++i) Set(Name(i), Ttl::At(now_ms_ + 5000 + i), i % 3);
    uint64_t before = keyspace_.memory().total();
    uint64_t wanted = keyspace_.memory().entries / 2;
    Evictor::Result result = evictor_.Evict(wanted, now_ms_, kLong);
    EXPECT_EQ(result.outcome, Evictor::Outcome::kFreed) << eviction::PolicyName(choice);
    EXPECT_LE(keyspace_.memory().total(), before - wanted);
    EXPECT_GT(keyspace_.Count(0), 0);
    keyspace_.FlushAll();
  }
}

// Two rounds with a flush in between end alike: the policy was told of it.
TEST_F(EvictorTest, StartsAfreshAfterAFlushUnderEachPolicy) {
  for (const eviction::PolicyChoice& choice : eviction::PolicyChoices()) {
    if (!choice.row->evicts) continue;
    keyspace_.SetPolicy(choice, {});
    for (int round = 0; round < 2; ++round) {
      for (int i = 0; i < 1200; ++i) Set(Name(i), Ttl::At(now_ms_ + 5000 + i));
      for (int i = 0; i < 300; ++i) {
        EXPECT_EQ(evictor_.Evict(1, now_ms_, kLong).outcome, Evictor::Outcome::kFreed);
        Set("new" + Name(i), Ttl::At(now_ms_ + 5000 + i));
      }
      for (int i = 0; i < 100; ++i) Set(Name(i), Ttl::None(), 1);
      keyspace_.Flush(0);
      EXPECT_EQ(evictor_.Count({}), 100U);
      keyspace_.FlushAll();
      EXPECT_EQ(evictor_.Evict(1, now_ms_, kLong).outcome, Evictor::Outcome::kNothing);
    }
  }
}

// A few keys in as many tables: the tables take more than the keys.
TEST_F(EvictorTest, GivesBackTablesThatBecomeEmpty) {
  SetPolicy("allkeys-random");
  Set("first", Ttl::At(now_ms_ + 5000));
  while (keyspace_.Count(0) > 0) evictor_.Evict(1, now_ms_, kLong);
  uint64_t empty = keyspace_.memory().tables;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 40; ++i) Set(Name(i), Ttl::At(now_ms_ + 5000));
    EXPECT_GT(keyspace_.memory().tables, empty + 40'000);
    while (keyspace_.Count(0) > 0) evictor_.Evict(1, now_ms_, kLong);
    // The blocks of the tree of deadlines stay: 128 bytes each.
    EXPECT_LE(keyspace_.memory().tables, empty + 40 * 128);
    EXPECT_EQ(keyspace_.ExpireDue(now_ms_ + 10'000, kLong), 0);
    EXPECT_EQ(keyspace_.memory().entries, 0);
  }
}

TEST_F(EvictorTest, KeepsRecentlyUsedKeysUnderLru) {
  SetPolicy("allkeys-lru");
  for (int i = 0; i < 4000; ++i) Set(Name(i));
  now_ms_ += 60'000;
  keyspace_.BeginBatch(now_ms_);
  for (int i = 0; i < 1000; ++i) keyspace_.Find(0, Key::Of(Name(i)), now_ms_);
  while (keyspace_.Count(0) > 2000) evictor_.Evict(1, now_ms_, kLong);
  int kept = 0;
  for (int i = 0; i < 1000; ++i) kept += static_cast<int>(Has(Name(i)));
  EXPECT_GE(kept, 990);
}

TEST_F(EvictorTest, TouchesNothingButVolatileKeysWhereOnlyTheyMayGo) {
  for (const char* policy : {"volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl"}) {
    SetPolicy(policy);
    for (int every : {2, 100, 2500}) {
      for (int i = 0; i < 5000; ++i) {
        Set(Name(i), i % every == 0 ? Ttl::At(now_ms_ + 9000) : Ttl::None());
      }
      while (evictor_.Evict(1, now_ms_, kLong).outcome == Evictor::Outcome::kFreed) {
      }
      EXPECT_EQ(keyspace_.VolatileCount(0), 0) << policy << every;
      EXPECT_EQ(keyspace_.Count(0), 5000 - (5000 + every - 1) / every) << policy << every;
      keyspace_.FlushAll();
    }
  }
}

TEST_F(EvictorTest, TakesExpiredKeysFirst) {
  SetPolicy("allkeys-random");
  for (int i = 0; i < 1000; ++i) Set(Name(i));
  for (int i = 0; i < 10; ++i) Set("old" + Name(i), Ttl::At(now_ms_));
  Evictor::Result result = evictor_.Evict(500, now_ms_, kLong);
  EXPECT_EQ(result.outcome, Evictor::Outcome::kFreed);
  EXPECT_EQ(keyspace_.stats().evicted, 0);
  EXPECT_EQ(keyspace_.Count(0), 1000);
}

TEST_F(EvictorTest, LeavesPinnedKeysAlone) {
  SetPolicy("allkeys-lru");
  for (int i = 0; i < 100; ++i) Set(Name(i));
  Pin(Name(7));
  for (int i = 0; i < 99; ++i) evictor_.Evict(1, now_ms_, kLong);
  EXPECT_TRUE(Has(Name(7)));
  EXPECT_EQ(keyspace_.Count(0), 1);
}

TEST_F(EvictorTest, KeepsItsTimeBudget) {
  SetPolicy("allkeys-lru");
  for (int i = 0; i < 100000; ++i) Set(Name(i));
  Evictor::Result result = evictor_.Evict(UINT64_MAX, now_ms_, 200'000);
  EXPECT_EQ(result.outcome, Evictor::Outcome::kTimeUp);
  EXPECT_GT(result.keys, 0);
  EXPECT_GT(keyspace_.Count(0), 50000);
}

TEST_F(EvictorTest, WalksOverNearlyEachKeyOnce) {
  for (int i = 0; i < 20000; ++i) Set((i % 2 == 0 ? "{t}" : "") + Name(i), Ttl::None(), i % 4);
  for (eviction::Fields fields : {eviction::kTagOnly, eviction::kAccess}) {
    eviction::WalkPosition position;
    eviction::Candidate found[eviction::View::kMaxPerStep];
    bool wrapped = false;
    std::set<uint64_t> seen;
    size_t count = 0;
    while (!wrapped) {
      size_t step = evictor_.Walk(position, {}, fields, found, &wrapped);
      for (size_t i = 0; i < step; ++i) {
        ++count;
        seen.insert(found[i].handle);
        eviction::Candidate again;
        ASSERT_TRUE(evictor_.Find(found[i].ref, {}, fields, again));
        if (fields != eviction::kTagOnly) {
          EXPECT_EQ(again.handle, found[i].handle);
        }
      }
    }
    // A home with more keys than a step may hand out is rare, and shows others the next time.
    EXPECT_EQ(seen.size(), count);
    EXPECT_GE(count, 19950);
  }
}

}  // namespace
}  // namespace nuthatch::keyspace
