// Pinned keys: their mark and its counts, the walk over them, and eviction among them.
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "server/keyspace/evictor.h"
#include "server/keyspace/keyspace.h"

namespace nuthatch::keyspace {
namespace {

constexpr int64_t kLong = 1'000'000'000;

std::string Name(int i) { return "key:" + std::to_string(i); }

class PinnedTest : public testing::Test {
 protected:
  EntryRef Find(const std::string& name, int db = 0) {
    return keyspace_.Find(db, Key::Of(name), now_ms_, Touch::kNone);
  }
  void Set(const std::string& name, const std::string& value = "value", Ttl ttl = Ttl::None(),
           int db = 0) {
    keyspace_.SetString(db, Key::Of(name), Find(name, db), value, ttl);
  }
  bool Pin(const std::string& name, bool pinned = true, int db = 0) {
    return keyspace_.SetPinned(db, Key::Of(name), Find(name, db), pinned);
  }
  void SetPolicy(const char* name) {
    keyspace_.SetPolicy(*eviction::ParsePolicyName(name), {});
    keyspace_.BeginBatch(now_ms_);
  }
  // What a whole walk over the pinned keys visits, and in how many pages.
  std::multiset<std::string> ScanPinned(size_t count, int* pages = nullptr) {
    std::multiset<std::string> names;
    uint64_t cursor = 0;
    do {
      cursor = keyspace_.Scan(
          0, cursor, count, [&](Entry& entry) { names.emplace(entry.name()); },
          Keyspace::ScanOf::kPinned);
      if (pages != nullptr) ++*pages;
    } while (cursor != 0);
    return names;
  }

  Keyspace keyspace_{{}};
  Evictor evictor_{keyspace_};
  int64_t now_ms_ = 1'700'000'000'000;
};

TEST_F(PinnedTest, MarkChangesOnce) {
  Set("a");
  EXPECT_TRUE(Pin("a"));
  EXPECT_FALSE(Pin("a"));
  EXPECT_EQ(keyspace_.PinnedCount(0), 1U);
  EXPECT_TRUE(Pin("a", false));
  EXPECT_FALSE(Pin("a", false));
  EXPECT_EQ(keyspace_.PinnedCount(0), 0U);
}

TEST_F(PinnedTest, MarkStaysWhateverTheValueBecomes) {
  Set("a");
  Pin("a");
  for (const std::string& value : {std::string("12"), std::string(20, 'x'), std::string(400, 'y'),
                                   std::string(5000, 'z'), std::string("-7"), std::string()}) {
    Set("a", value);
    EXPECT_TRUE(Find("a")->pinned()) << value.size();
    Set("a", value, Ttl::At(now_ms_ + 1000));
    EXPECT_TRUE(Find("a")->pinned()) << value.size();
  }
  EntryRef ref = Find("a");
  keyspace_.ResizeString(0, Key::Of("a"), ref, 3000);
  EXPECT_TRUE(Find("a")->pinned());
  ref = Find("a");
  keyspace_.ClearDeadline(0, Key::Of("a"), ref);
  keyspace_.SetDeadline(0, Key::Of("a"), ref, now_ms_ + 5);
  EXPECT_TRUE(Find("a")->pinned());
  EXPECT_EQ(keyspace_.PinnedCount(0), 1U);
}

TEST_F(PinnedTest, MarkEndsWithTheKey) {
  for (const char* name : {"deleted", "expired", "extracted"}) {
    Set(name);
    Pin(name);
  }
  keyspace_.Erase(0, Key::Of("deleted"), Find("deleted"));
  EXPECT_EQ(keyspace_.PinnedCount(0), 2U);
  EntryRef ref = Find("expired");
  keyspace_.SetDeadline(0, Key::Of("expired"), ref, now_ms_ + 5);
  EXPECT_EQ(keyspace_.ExpireDue(now_ms_ + 5, kLong), 1U);
  EXPECT_EQ(keyspace_.PinnedCount(0), 1U);
  Value value = keyspace_.Extract(0, Key::Of("extracted"), Find("extracted"));
  EXPECT_EQ(keyspace_.PinnedCount(0), 0U);
  keyspace_.Insert(3, Key::Of("elsewhere"), std::move(value));
  EXPECT_TRUE(Find("elsewhere", 3)->pinned());
  EXPECT_EQ(keyspace_.PinnedCount(3), 1U);
  keyspace_.Insert(4, Key::Of("twin"), keyspace_.Duplicate(Find("elsewhere", 3)));
  EXPECT_EQ(keyspace_.PinnedCount(3), 1U);
  EXPECT_EQ(keyspace_.PinnedCount(4), 1U);
  Set("deleted");
  EXPECT_FALSE(Find("deleted")->pinned());
}

TEST_F(PinnedTest, CountsGoWithTheirDatabase) {
  for (int i = 0; i < 10; ++i) {
    Set(Name(i), "x", Ttl::None(), i % 2);
    Pin(Name(i), true, i % 2);
  }
  Pin(Name(0), false, 0);
  keyspace_.SwapDb(0, 7, 0);
  EXPECT_EQ(keyspace_.PinnedCount(0), 0U);
  EXPECT_EQ(keyspace_.PinnedCount(7), 4U);
  EXPECT_EQ(keyspace_.PinnedCount(1), 5U);
  keyspace_.Flush(1);
  EXPECT_EQ(keyspace_.PinnedCount(1), 0U);
  keyspace_.FlushAll();
  EXPECT_EQ(keyspace_.PinnedCount(7), 0U);
  while (keyspace_.BackgroundStep(kLong)) {
  }
  EXPECT_EQ(keyspace_.memory().total(), 0U);
}

TEST_F(PinnedTest, WalkFindsExactlyThePinnedOnes) {
  std::multiset<std::string> pinned;
  for (int i = 0; i < 50'000; ++i) {
    Set(Name(i));
    if (i % 500 != 3) continue;
    Pin(Name(i));
    pinned.insert(Name(i));
  }
  EXPECT_EQ(ScanPinned(10), pinned);
  EXPECT_EQ(ScanPinned(1000), pinned);
  EXPECT_TRUE(ScanPinned(1) == pinned);
}

// Those that are pinned all the time are found, though the tables grow and others come and go.
TEST_F(PinnedTest, WalkHasTheGuaranteeOfScan) {
  std::set<std::string> always;
  for (int i = 0; i < 300; ++i) {
    Set("{one}" + Name(i));
    if (i % 3 == 0 && Pin("{one}" + Name(i))) always.insert("{one}" + Name(i));
  }
  std::set<std::string> seen;
  uint64_t cursor = 0;
  int added = 1000;
  do {
    cursor = keyspace_.Scan(
        0, cursor, 3, [&](Entry& entry) { seen.emplace(entry.name()); }, Keyspace::ScanOf::kPinned);
    for (int i = 0; i < 40; ++i, ++added) {
      Set("{one}" + Name(added));
      if (i % 20 == 0) Pin("{one}" + Name(added));
    }
    keyspace_.Erase(0, Key::Of("{one}" + Name(added - 1)), Find("{one}" + Name(added - 1)));
    keyspace_.BackgroundStep(kLong);
  } while (cursor != 0 && added < 100'000);
  EXPECT_EQ(cursor, 0U);
  for (const std::string& name : always) EXPECT_TRUE(seen.contains(name)) << name;
}

// One pinned key among many of its slot: a page ends though it has found nothing.
TEST_F(PinnedTest, WalkIsDividedIntoPagesOfBoundedWork) {
  for (int i = 0; i < 60'000; ++i) Set("{one}" + Name(i));
  Pin("{one}" + Name(77));
  int pages = 0;
  EXPECT_EQ(ScanPinned(10, &pages), std::multiset<std::string>{"{one}" + Name(77)});
  EXPECT_GE(pages, 5);
  // Where nothing is pinned in a slot, nothing of it is looked at.
  Set("alone");
  Pin("alone");
  Pin("{one}" + Name(77), false);
  pages = 0;
  EXPECT_EQ(ScanPinned(10, &pages).size(), 1U);
  EXPECT_EQ(pages, 1);
}

TEST_F(PinnedTest, NothingToEvictWhereAllArePinned) {
  for (const eviction::PolicyChoice& choice : eviction::PolicyChoices()) {
    keyspace_.FlushAll();
    keyspace_.SetPolicy(choice, {});
    for (int i = 0; i < 2000; ++i) {
      Set(Name(i), "value", Ttl::At(now_ms_ + 100'000));
      Pin(Name(i));
    }
    EXPECT_EQ(evictor_.Count(choice.scope()), 0U);
    Evictor::Result result = evictor_.Evict(1, now_ms_, kLong);
    EXPECT_EQ(result.outcome, Evictor::Outcome::kNothing) << eviction::PolicyName(choice);
    EXPECT_EQ(keyspace_.Count(0), 2000U);
    // They do expire.
    EXPECT_EQ(evictor_.Evict(UINT64_MAX, now_ms_ + 100'000, kLong).outcome,
              Evictor::Outcome::kNothing);
    EXPECT_EQ(keyspace_.PinnedCount(0), 0U);
    EXPECT_EQ(keyspace_.Count(0), 0U);
  }
}

// The few others are found in a few picks, of which each is a bounded look, and no pinned one goes.
TEST_F(PinnedTest, EvictsTheFewThatAreNotPinned) {
  constexpr int kKeys = 40'000;
  for (const eviction::PolicyChoice& choice : eviction::PolicyChoices()) {
    if (!choice.row->evicts) continue;
    keyspace_.FlushAll();
    keyspace_.SetPolicy(choice, {});
    keyspace_.BeginBatch(now_ms_);
    for (int i = 0; i < kKeys; ++i) {
      Set(Name(i), "value", Ttl::At(now_ms_ + 100'000));
      if (i % (kKeys / 4) != 5) Pin(Name(i));
    }
    EXPECT_EQ(evictor_.Count(choice.scope()), 4U);
    int picks = 0;
    for (int victims = 0; victims < 4;) {
      ASSERT_LT(++picks, 100) << eviction::PolicyName(choice);
      eviction::Pick pick = keyspace_.policy().PickVictim(evictor_, choice.scope(), now_ms_);
      ASSERT_NE(pick.outcome, eviction::Pick::Outcome::kNone);
      if (pick.outcome != eviction::Pick::Outcome::kVictim) continue;
      ASSERT_EQ(evictor_.Evict(1, now_ms_, kLong).outcome, Evictor::Outcome::kFreed);
      ++victims;
    }
    EXPECT_EQ(keyspace_.Count(0), static_cast<size_t>(kKeys - 4));
    EXPECT_EQ(keyspace_.PinnedCount(0), static_cast<size_t>(kKeys - 4));
    EXPECT_EQ(evictor_.Evict(1, now_ms_, kLong).outcome, Evictor::Outcome::kNothing);
  }
}

TEST_F(PinnedTest, CountsOfVolatileOnesFollowBothMarks) {
  SetPolicy("volatile-lru");
  const eviction::Scope scope{.volatile_only = true};
  for (int i = 0; i < 4; ++i) Set(Name(i), "x", i < 3 ? Ttl::At(now_ms_ + 1000) : Ttl::None());
  EXPECT_EQ(evictor_.Count(scope), 3U);
  Pin(Name(0));
  Pin(Name(3));
  EXPECT_EQ(evictor_.Count(scope), 2U);
  EntryRef ref = Find(Name(3));
  keyspace_.SetDeadline(0, Key::Of(Name(3)), ref, now_ms_ + 7);
  EXPECT_EQ(evictor_.Count(scope), 2U);
  Set(Name(0));  // without a deadline
  Pin(Name(0), false);
  EXPECT_EQ(evictor_.Count(scope), 2U);
  Pin(Name(3), false);
  EXPECT_EQ(evictor_.Count(scope), 3U);
  EXPECT_EQ(evictor_.Count({}), 4U);
}

}  // namespace
}  // namespace nuthatch::keyspace
