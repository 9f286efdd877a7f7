#include "server/keyspace/keyspace.h"

#include <map>
#include <string>

#include "server/base/memory.h"

namespace nuthatch::keyspace {
namespace {

std::string Text(EntryRef ref) {
  NumberText number;
  return std::string(ref->Text(number));
}

class KeyspaceTest : public testing::Test {
 protected:
  EntryRef Find(std::string_view name, int db = 0) {
    return keyspace_.Find(db, Key::Of(name), now_ms_, Touch::kNone);
  }
  EntryRef Set(std::string_view name, std::string_view value, Ttl ttl = Ttl::None(),
               Form form = Form::kStored, int db = 0) {
    Key key = Key::Of(name);
    return keyspace_.SetString(db, key, keyspace_.Find(db, key, now_ms_), value, ttl, form);
  }
  void Erase(std::string_view name) { keyspace_.Erase(0, Key::Of(name), Find(name)); }

  Keyspace keyspace_{{}};
  int64_t now_ms_ = 1'000'000;
};

TEST_F(KeyspaceTest, SetsFindsOverwritesAndErases) {
  EXPECT_FALSE(Find("a"));
  Set("a", "one");
  EXPECT_EQ(Text(Find("a")), "one");
  Set("a", std::string(300, 'x'));
  EXPECT_EQ(Text(Find("a")), std::string(300, 'x'));
  Set("a", std::string(3000, 'y'));
  EXPECT_EQ(Text(Find("a")), std::string(3000, 'y'));
  Set("a", std::string(3005, 'z'));
  EXPECT_EQ(Text(Find("a")), std::string(3005, 'z'));
  Set("a", "12");
  EXPECT_EQ(Text(Find("a")), "12");
  EXPECT_EQ(keyspace_.Count(0), 1);
  Erase("a");
  EXPECT_FALSE(Find("a"));
  EXPECT_EQ(keyspace_.Count(0), 0);
}

TEST_F(KeyspaceTest, KeepsNamesOfAllLengths) {
  std::map<std::string, std::string> all;
  for (size_t length : {0, 1, 2, 15, 16, 17, 100, 254, 255, 256, 257, 1000, 70000}) {
    std::string name(length, 'n');
    all[name] = "value of " + std::to_string(length);
    Set(name, all[name], length % 2 == 0 ? Ttl::At(now_ms_ + 10) : Ttl::None());
  }
  for (auto& [name, value] : all) {
    EntryRef ref = Find(name);
    ASSERT_TRUE(ref) << name.size();
    EXPECT_EQ(ref->name(), name);
    EXPECT_EQ(Text(ref), value);
  }
}

TEST_F(KeyspaceTest, EncodesStringsAsRedisDoes) {
  EXPECT_EQ(Set("a", "123")->encoding(), Encoding::kInt);
  EXPECT_EQ(Set("a", "-9223372036854775808")->encoding(), Encoding::kInt);
  EXPECT_EQ(Set("a", "9223372036854775808")->encoding(), Encoding::kEmbstr);
  EXPECT_EQ(Set("a", "0123")->encoding(), Encoding::kEmbstr);
  EXPECT_EQ(Set("a", "")->encoding(), Encoding::kEmbstr);
  EXPECT_EQ(Set("a", std::string(44, 'x'))->encoding(), Encoding::kEmbstr);
  EXPECT_EQ(Set("a", std::string(45, 'x'))->encoding(), Encoding::kRaw);
  EXPECT_EQ(Set("a", "123", Ttl::None(), Form::kPlain)->encoding(), Encoding::kEmbstr);
  EXPECT_EQ(Set("a", "123", Ttl::None(), Form::kRaw)->encoding(), Encoding::kRaw);
}

TEST_F(KeyspaceTest, ResizesStringsAndZeroFills) {
  for (size_t from : {0, 1, 5, 44, 511, 512, 513, 4000}) {
    for (size_t to : {0, 1, 6, 44, 512, 513, 900, 5000, 100000}) {
      std::string old(from, 'o');
      EntryRef ref = Set("s", old, Ttl::At(now_ms_ + 5));
      char* bytes = keyspace_.ResizeString(0, Key::Of("s"), ref, to);
      std::string expected = old;
      expected.resize(to, '\0');
      EXPECT_EQ(std::string(bytes, to), expected) << from << " to " << to;
      EXPECT_EQ(Text(Find("s")), expected);
      EXPECT_EQ(Find("s")->encoding(), Encoding::kRaw);
      EXPECT_EQ(Find("s")->deadline_ms(), now_ms_ + 5);
    }
  }
  EntryRef ref = Set("n", "1234");
  char* bytes = keyspace_.ResizeString(0, Key::Of("n"), ref, 6);
  EXPECT_EQ(std::string(bytes, 6), std::string("1234\0\0", 6));
}

TEST_F(KeyspaceTest, AppendsWithRoomToGrow) {
  EntryRef ref = Set("s", "");
  std::string expected;
  uint64_t reallocations = 0;
  const char* last = nullptr;
  for (int i = 0; i < 20000; ++i) {
    char* bytes = keyspace_.ResizeString(0, Key::Of("s"), ref, expected.size() + 3);
    std::memcpy(bytes + expected.size(), "abc", 3);
    expected += "abc";
    reallocations += static_cast<uint64_t>(bytes != last);
    last = bytes;
  }
  EXPECT_EQ(Text(Find("s")), expected);
  EXPECT_LT(reallocations, 250);
}

TEST_F(KeyspaceTest, KeepsReplacesAndClearsDeadlines) {
  Set("a", "1", Ttl::At(now_ms_ + 100));
  EXPECT_EQ(Find("a")->deadline_ms(), now_ms_ + 100);
  Set("a", "text", Ttl::Keep());
  EXPECT_EQ(Find("a")->deadline_ms(), now_ms_ + 100);
  EXPECT_EQ(keyspace_.VolatileCount(0), 1);
  EntryRef ref = Find("a");
  keyspace_.SetDeadline(0, Key::Of("a"), ref, INT64_MAX);
  EXPECT_EQ(Find("a")->deadline_ms(), INT64_MAX);
  EXPECT_EQ(Text(ref), "text");
  ref = Find("a");
  keyspace_.SetDeadline(0, Key::Of("a"), ref, now_ms_ + 7);
  EXPECT_EQ(Find("a")->deadline_ms(), now_ms_ + 7);
  ref = Find("a");
  keyspace_.ClearDeadline(0, Key::Of("a"), ref);
  EXPECT_EQ(Find("a")->deadline_ms(), kNoDeadline);
  EXPECT_EQ(Text(Find("a")), "text");
  EXPECT_EQ(keyspace_.VolatileCount(0), 0);
  Set("a", "x", Ttl::At(now_ms_ + 1));
  Set("a", "x");
  EXPECT_EQ(Find("a")->deadline_ms(), kNoDeadline);
  EXPECT_EQ(keyspace_.VolatileCount(0), 0);
}

TEST_F(KeyspaceTest, AnExpiredKeyIsNotThere) {
  Set("a", "1", Ttl::At(now_ms_ + 100));
  now_ms_ += 99;
  EXPECT_TRUE(Find("a"));
  now_ms_ += 1;
  EXPECT_FALSE(Find("a"));
  EXPECT_EQ(keyspace_.stats().expired, 1);
  EXPECT_EQ(keyspace_.Count(0), 0);
  EXPECT_EQ(keyspace_.VolatileCount(0), 0);
}

TEST_F(KeyspaceTest, MovesValuesBetweenNamesAndDatabases) {
  for (size_t size : {3, 400, 4000}) {
    std::string value(size, 'v');
    Set("from", value, Ttl::At(now_ms_ + 50));
    Find("from")->access() = 77;
    Value taken = keyspace_.Extract(0, Key::Of("from"), Find("from"));
    EXPECT_FALSE(Find("from"));
    EntryRef ref = keyspace_.Insert(3, Key::Of("a longer name"), std::move(taken));
    EXPECT_EQ(Text(ref), value);
    EXPECT_EQ(ref->deadline_ms(), now_ms_ + 50);
    EXPECT_EQ(ref->access(), 77);
    Value copy = keyspace_.Duplicate(ref);
    keyspace_.Erase(3, Key::Of("a longer name"), ref);
    ref = keyspace_.Insert(0, Key::Of("to"), std::move(copy));
    EXPECT_EQ(Text(ref), value);
    EXPECT_EQ(keyspace_.VolatileCount(0), 1);
    keyspace_.Erase(0, Key::Of("to"), Find("to"));
  }
  EXPECT_EQ(keyspace_.memory().entries, 0);
}

TEST_F(KeyspaceTest, ACopyIsNewToThePolicyOnceOnly) {
  std::optional<eviction::PolicyChoice> choice = eviction::ParsePolicyName("allkeys-lru");
  keyspace_.SetPolicy(*choice, {});
  keyspace_.BeginBatch(now_ms_);
  Set("from", "value");
  keyspace_.BeginBatch(now_ms_ + 5000);
  EntryRef ref = keyspace_.Insert(3, Key::Of("to"), keyspace_.Duplicate(Find("from")));
  EXPECT_EQ(keyspace_.policy().IdleMs(ref->access(), now_ms_ + 5000), 0);
}

TEST_F(KeyspaceTest, AccountsAreExact) {
  base::Random random(5);
  std::map<std::string, std::string> model;
  for (int i = 0; i < 20000; ++i) {
    std::string name = "key:" + std::to_string(random.Below(500));
    std::string value(random.Below(8) == 0 ? random.Below(3000) : random.Below(60), 'v');
    Ttl ttl = random.Below(2) == 0 ? Ttl::None() : Ttl::At(now_ms_ + 1000);
    switch (random.Below(4)) {
      case 0:
      case 1:
        Set(name, value, ttl);
        model[name] = value;
        break;
      case 2:
        if (EntryRef ref = Find(name)) {
          keyspace_.ResizeString(0, Key::Of(name), ref, value.size());
          model[name].resize(value.size(), '\0');
        }
        break;
      default:
        if (Find(name)) Erase(name);
        model.erase(name);
    }
  }
  uint64_t bytes = 0;
  size_t with_deadline = 0;
  keyspace_.ForEach(0, [&](Entry& entry) {
    bytes += entry.MemoryBytes();
    with_deadline += static_cast<size_t>(entry.has_deadline());
    NumberText number;
    EXPECT_EQ(entry.Text(number), model[std::string(entry.name())]);
  });
  EXPECT_EQ(keyspace_.Count(0), model.size());
  EXPECT_EQ(keyspace_.memory().entries, bytes);
  EXPECT_EQ(keyspace_.VolatileCount(0), with_deadline);
}

TEST_F(KeyspaceTest, AccountsAgreeWithTheAllocator) {
  [[maybe_unused]] uint64_t before = base::UsedMemory();
  for (int i = 0; i < 100000; ++i) {
    Set("key:" + std::to_string(i), std::string(static_cast<size_t>(i % 700), 'v'));
  }
  uint64_t counted = keyspace_.memory().total();
  EXPECT_GT(counted, 0);
#ifndef NUTHATCH_NO_JEMALLOC
  EXPECT_NEAR(static_cast<double>(base::UsedMemory() - before), static_cast<double>(counted), 4096);
#endif
  keyspace_.Flush(0);
  EXPECT_EQ(keyspace_.Count(0), 0);
  EXPECT_EQ(keyspace_.memory().total(), 0);
  EXPECT_EQ(keyspace_.memory().pending, counted);
  int slices = 1;
  while (keyspace_.BackgroundStep(100'000)) ++slices;
  EXPECT_GT(slices, 10);
  EXPECT_EQ(keyspace_.memory().pending, 0);
#ifndef NUTHATCH_NO_JEMALLOC
  EXPECT_LT(base::UsedMemory() - before, 4096);
#endif
}

TEST_F(KeyspaceTest, FreesBigValuesInSlices) {
  Set("big", std::string(20 << 20, 'b'));
  Erase("big");
  EXPECT_EQ(keyspace_.memory().total() - keyspace_.memory().tables, 0);
  EXPECT_GE(keyspace_.memory().pending, 20 << 20);
  int slices = 1;
  while (keyspace_.BackgroundStep(0)) ++slices;
  EXPECT_GE(slices, 15);
  EXPECT_EQ(keyspace_.memory().pending, 0);
}

TEST_F(KeyspaceTest, SwapsDatabases) {
  Set("a", "zero");
  Set("a", "one", Ttl::At(now_ms_ + 10), Form::kStored, 1);
  keyspace_.SwapDb(0, 1, 0);
  EXPECT_EQ(Text(Find("a")), "one");
  EXPECT_EQ(Text(Find("a", 1)), "zero");
  EXPECT_EQ(keyspace_.VolatileCount(0), 1);
  EXPECT_EQ(keyspace_.NextDeadline(), now_ms_ + 10);
}

TEST_F(KeyspaceTest, PrefetchesAreOnlyHints) {
  Key key = Key::Of("a");
  keyspace_.PrefetchTable(0, key);
  keyspace_.PrefetchBucket(0, key);
  keyspace_.PrefetchEntry(0, key);
  keyspace_.PrefetchDeadline(0, key);
  Set("a", "1");
  keyspace_.PrefetchTable(0, key);
  keyspace_.PrefetchBucket(0, key);
  keyspace_.PrefetchEntry(0, key);
  keyspace_.PrefetchDeadline(0, key);
  // With deadlines: in one array, and in segments, of which some have none.
  for (int i = 0; i < 20000; ++i) {
    std::string name = "{a}" + std::to_string(i);
    Set(name, "1", i == 0 ? Ttl::At(now_ms_ + 10) : Ttl::None());
    keyspace_.PrefetchDeadline(0, Key::Of(name));
  }
  for (int i = 0; i < 20000; ++i) Erase("{a}" + std::to_string(i));
  Erase("a");
  keyspace_.PrefetchEntry(0, key);
  keyspace_.PrefetchDeadline(0, key);
}

struct Removals : Listener {
  void OnRemove(int db, const Key& key, Reason reason) override {
    removed[std::string(key.name)] = {db, reason};
  }
  std::map<std::string, std::pair<int, Reason>> removed;
};

TEST_F(KeyspaceTest, TellsTheListenerWhatLeaves) {
  Removals removals;
  keyspace_.set_listener(&removals);
  Set("deleted", "1");
  Set("lazy", "1", Ttl::At(now_ms_));
  Set("active", "1", Ttl::At(now_ms_), Form::kStored, 2);
  Erase("deleted");
  EXPECT_FALSE(Find("lazy"));
  EXPECT_EQ(keyspace_.ExpireDue(now_ms_, 1'000'000), 1);
  std::map<std::string, std::pair<int, Reason>> expected = {{"deleted", {0, Reason::kDeleted}},
                                                            {"lazy", {0, Reason::kExpired}},
                                                            {"active", {2, Reason::kExpired}}};
  EXPECT_EQ(removals.removed, expected);
  keyspace_.set_listener(nullptr);
}

}  // namespace
}  // namespace nuthatch::keyspace
