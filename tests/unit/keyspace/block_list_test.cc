#include "server/keyspace/block_list.h"

#include <memory>
#include <string>
#include <vector>

namespace nuthatch::keyspace {
namespace {

class TestWaiter final : public Waiter {
 public:
  bool gone() const override { return is_gone; }
  bool is_gone = false;
};

class BlockListTest : public testing::Test {
 protected:
  static std::shared_ptr<TestWaiter> Make() { return std::make_shared<TestWaiter>(); }
  std::vector<const Waiter*> WaitersOf(int db, std::string_view name) const {
    std::vector<const Waiter*> result;
    const Key key = Key::Of(name);
    for (size_t i = 0; list_.At(db, key, i) != nullptr; ++i) {
      result.push_back(list_.At(db, key, i)->waiter.get());
    }
    return result;
  }
  void Add(std::string_view name, const std::shared_ptr<TestWaiter>& waiter, uint32_t index = 0) {
    list_.Add(0, Key::Of(name), waiter, index);
  }
  using Waiters = std::vector<const Waiter*>;

  BlockList list_;
};

TEST_F(BlockListTest, KeepsTheOrderOfArrivalOfEachKey) {
  auto a = Make(), b = Make(), c = Make();
  Add("x", a, 0);
  Add("y", a, 1);
  Add("x", b, 3);
  Add("x", c);
  Add("x", c, 1);  // named twice
  EXPECT_EQ(WaitersOf(0, "x"), (Waiters{a.get(), b.get(), c.get()}));
  EXPECT_EQ(WaitersOf(0, "y"), Waiters{a.get()});
  EXPECT_EQ(WaitersOf(1, "x"), Waiters{});
  EXPECT_EQ(list_.At(0, Key::Of("x"), 1)->key_index, 3U);
  EXPECT_EQ(list_.At(0, Key::Of("x"), 2)->key_index, 0U);
  list_.Remove(0, Key::Of("x"), *b);
  EXPECT_EQ(WaitersOf(0, "x"), (Waiters{a.get(), c.get()}));
  list_.RemoveAt(0, Key::Of("x"), 0);
  list_.Remove(0, Key::Of("x"), *c);
  list_.Remove(0, Key::Of("x"), *c);
  list_.Remove(0, Key::Of("y"), *a);
  EXPECT_TRUE(list_.empty());
}

TEST_F(BlockListTest, TellsChangedKeysOnceInTheirOrder) {
  auto a = Make();
  Add("x", a);
  Add("y", a);
  list_.Add(1, Key::Of("z"), a, 0);
  list_.NoteChange(0, Key::Of("nobody's"));
  EXPECT_FALSE(list_.HasReady());
  for (std::string_view name : {"y", "x", "y"}) list_.NoteChange(0, Key::Of(name));
  EXPECT_EQ(list_.TakeReady()->name, "y");
  list_.NoteChange(0, Key::Of("y"));
  EXPECT_EQ(list_.TakeReady()->name, "x");
  EXPECT_EQ(list_.TakeReady()->name, "y");
  EXPECT_FALSE(list_.TakeReady().has_value());
  list_.NoteReplaced(1);
  EXPECT_EQ(list_.TakeReady()->name, "z");
  EXPECT_FALSE(list_.HasReady());
}

TEST_F(BlockListTest, GivesWhoseTimeHasCome) {
  auto a = Make(), b = Make(), c = Make();
  list_.AddDeadline(20, a);
  list_.AddDeadline(10, b);
  list_.AddDeadline(20, c);
  list_.RemoveDeadline(20, *a);
  EXPECT_EQ(list_.TakeDue(9), nullptr);
  EXPECT_EQ(list_.TakeDue(25), b);
  EXPECT_EQ(list_.TakeDue(25), c);
  EXPECT_EQ(list_.TakeDue(25), nullptr);
}

TEST_F(BlockListTest, SweepsWhoIsGone) {
  auto a = Make(), b = Make();
  Add("x", a);
  Add("x", b);
  Add("y", a);
  list_.AddDeadline(20, a);
  a->is_gone = true;
  list_.Sweep();
  EXPECT_EQ(WaitersOf(0, "x"), Waiters{b.get()});
  EXPECT_EQ(WaitersOf(0, "y"), Waiters{});
  EXPECT_EQ(list_.deadline_count(), 0U);
  size_t places = 0;
  list_.ForEach([&](const std::shared_ptr<Waiter>& waiter) { places += waiter == b ? 1 : 100; });
  EXPECT_EQ(places, 1U);
}

}  // namespace
}  // namespace nuthatch::keyspace
