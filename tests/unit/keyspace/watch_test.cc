// WATCH in one keyspace: what tells a watcher, and what does not.
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/keyspace/keyspace.h"

namespace nuthatch::keyspace {
namespace {

constexpr int64_t kNow = 1'000'000;

class WatchTest : public testing::Test {
 protected:
  void Set(int db, std::string_view name, std::string_view value, Ttl ttl = Ttl::None()) {
    Key key = Key::Of(name);
    keys_.SetString(db, key, keys_.Find(db, key, kNow), value, ttl);
  }
  WatcherRef Watch(int db, std::string_view name, int64_t now_ms = kNow) {
    auto watcher = std::make_shared<Watcher>();
    keys_.Watch(db, Key::Of(name), watcher, now_ms);
    return watcher;
  }
  EntryRef Find(int db, std::string_view name, int64_t now_ms = kNow) {
    return keys_.Find(db, Key::Of(name), now_ms);
  }

  Keyspace keys_{{}};
  Key a_ = Key::Of("a");
  Key b_ = Key::Of("b");
};

TEST_F(WatchTest, EveryChangeOfTheKeyTellsItsWatchers) {
  const std::vector<std::pair<std::string, std::function<void()>>> changes = {
      {"bytes", [&] { Set(0, "a", "other"); }},
      {"the same bytes", [&] { Set(0, "a", "value"); }},
      {"a number", [&] { keys_.SetInt(0, a_, Find(0, "a"), 7, Ttl::None()); }},
      {"a long value", [&] { Set(0, "a", std::string(5000, 'x')); }},
      {"a deadline",
       [&] {
         EntryRef ref = Find(0, "a");
         keys_.SetDeadline(0, a_, ref, kNow + 5);
       }},
      {"removal", [&] { keys_.Erase(0, a_, Find(0, "a")); }},
      {"eviction", [&] { keys_.Erase(0, a_, Find(0, "a"), Reason::kEvicted); }},
      {"leaving", [&] { keys_.Extract(0, a_, Find(0, "a")); }},
      {"a flush", [&] { keys_.Flush(0); }},
      {"a flush of all", [&] { keys_.FlushAll(); }},
      {"an exchange", [&] { keys_.SwapDb(0, 1, kNow); }},
      {"an exchange, the other way", [&] { keys_.SwapDb(1, 0, kNow); }},
      {"a change in place", [&] { keys_.NoteChange(0, a_); }},
  };
  for (const auto& [what, change] : changes) {
    SCOPED_TRACE(what);
    keys_.FlushAll();
    Set(0, "a", "value");
    WatcherRef first = Watch(0, "a");
    WatcherRef second = Watch(0, "a");
    WatcherRef other_key = Watch(0, "b");
    WatcherRef other_db = Watch(2, "a");
    change();
    EXPECT_TRUE(first->touched);
    EXPECT_TRUE(second->touched);
    EXPECT_FALSE(other_key->touched);
    EXPECT_FALSE(other_db->touched);
    for (const auto& watcher : {first, second}) keys_.Unwatch(0, a_, *watcher);
    keys_.Unwatch(0, b_, *other_key);
    keys_.Unwatch(2, a_, *other_db);
    EXPECT_EQ(keys_.WatchCount(), 0U);
  }
}

TEST_F(WatchTest, WhatOnlyLooksTellsNobody) {
  Set(0, "a", "value", Ttl::At(kNow + 100));
  WatcherRef watcher = Watch(0, "a");
  WatcherRef missing = Watch(0, "b");
  EntryRef ref = Find(0, "a");
  keys_.SetPinned(0, a_, ref, true);
  Value copy = keys_.Duplicate(Find(0, "a"));
  keys_.Insert(0, Key::Of("c"), std::move(copy));
  keys_.Flush(1);
  keys_.SwapDb(0, 0, kNow);
  keys_.SwapDb(3, 4, kNow);
  EXPECT_FALSE(watcher->touched);
  EXPECT_FALSE(missing->touched);
  EntryRef plain = Find(0, "c");
  keys_.ClearDeadline(0, Key::Of("c"), plain);
  WatcherRef third = Watch(0, "c");
  keys_.ClearDeadline(0, Key::Of("c"), plain);
  EXPECT_FALSE(third->touched);
}

TEST_F(WatchTest, AKeyThatAppearsIsAChange) {
  WatcherRef set = Watch(0, "a");
  WatcherRef inserted = Watch(0, "b");
  Set(0, "a", "value");
  EXPECT_TRUE(set->touched);
  EXPECT_FALSE(inserted->touched);
  keys_.Insert(0, b_, keys_.Duplicate(Find(0, "a")));
  EXPECT_TRUE(inserted->touched);
  WatcherRef brought = Watch(5, "a");
  keys_.SwapDb(5, 0, kNow);
  EXPECT_TRUE(brought->touched);
}

TEST_F(WatchTest, AFlushWithoutTheKeyIsNone) {
  Set(0, "b", "value");
  WatcherRef missing = Watch(0, "a");
  keys_.FlushAll();
  EXPECT_FALSE(missing->touched);
}

TEST_F(WatchTest, ItsTimeIsAChangeWhetherItWasMetOrNot) {
  Set(0, "a", "value", Ttl::At(kNow + 10));
  WatcherRef watcher = Watch(0, "a");
  EXPECT_FALSE(keys_.ExpiredUnderWatch(0, a_, *watcher, kNow + 9));
  EXPECT_TRUE(keys_.ExpiredUnderWatch(0, a_, *watcher, kNow + 10));
  EXPECT_FALSE(watcher->touched);
  EXPECT_FALSE(Find(0, "a", kNow + 10));
  EXPECT_TRUE(watcher->touched);

  Set(0, "b", "value", Ttl::At(kNow + 10));
  WatcherRef active = Watch(0, "b");
  keys_.ExpireDue(kNow + 10, 1'000'000'000);
  EXPECT_TRUE(active->touched);
}

TEST_F(WatchTest, WhatWasExpiredBeforeCountsAsMissing) {
  auto watch_expired = [&] {
    keys_.FlushAll();
    Set(0, "a", "value", Ttl::At(kNow + 10));
    return Watch(0, "a", kNow + 20);
  };
  WatcherRef watcher = watch_expired();
  EXPECT_FALSE(keys_.ExpiredUnderWatch(0, a_, *watcher, kNow + 30));
  // Its removal changes nothing, what is set then does.
  EXPECT_FALSE(Find(0, "a", kNow + 30));
  EXPECT_FALSE(watcher->touched);
  Set(0, "a", "new");
  EXPECT_TRUE(watcher->touched);

  watcher = watch_expired();
  keys_.FlushAll();
  EXPECT_FALSE(watcher->touched);

  watcher = watch_expired();
  keys_.SwapDb(0, 1, kNow + 30);
  EXPECT_FALSE(watcher->touched);

  // Replaced by one that is alive, or by one that has expired too.
  watcher = watch_expired();
  Set(1, "a", "alive");
  keys_.SwapDb(0, 1, kNow + 30);
  EXPECT_TRUE(watcher->touched);
  watcher = watch_expired();
  Set(1, "a", "gone", Ttl::At(kNow + 10));
  keys_.SwapDb(0, 1, kNow + 30);
  EXPECT_FALSE(watcher->touched);
  // A missing key that becomes an expired one is still missing.
  keys_.FlushAll();
  WatcherRef missing = Watch(0, "a");
  Set(1, "a", "gone", Ttl::At(kNow + 10));
  keys_.SwapDb(0, 1, kNow + 30);
  EXPECT_FALSE(missing->touched);
  EXPECT_FALSE(keys_.ExpiredUnderWatch(0, a_, *missing, kNow + 30));
}

TEST_F(WatchTest, AWatcherMarksAKeyOnce) {
  auto watcher = std::make_shared<Watcher>();
  for (int i = 0; i < 3; ++i) keys_.Watch(0, a_, watcher, kNow);
  EXPECT_EQ(keys_.WatchCount(), 1U);
  keys_.Watch(1, a_, watcher, kNow);
  EXPECT_EQ(keys_.WatchCount(), 2U);
  keys_.Unwatch(0, a_, *watcher);
  Set(0, "a", "value");
  EXPECT_FALSE(watcher->touched);
  Set(1, "a", "value");
  EXPECT_TRUE(watcher->touched);
  keys_.Unwatch(1, a_, *watcher);
  keys_.Unwatch(1, a_, *watcher);
  EXPECT_EQ(keys_.WatchCount(), 0U);
}

}  // namespace
}  // namespace nuthatch::keyspace
