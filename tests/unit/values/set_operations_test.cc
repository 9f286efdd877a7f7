#include "server/values/set_operations.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/base/random.h"

namespace nuthatch::values {
namespace {

using base::Random;
using Members = std::vector<std::string>;

// A set in a fixed order that counts what it is asked.
class ListView final : public SetView {
 public:
  explicit ListView(Members members, size_t batch = kMaxBatch)
      : members_(std::move(members)), batch_(batch) {}

  size_t size() const override { return members_.size(); }
  uint64_t Contains(std::span<const Hashed> members) const override {
    EXPECT_LE(members.size(), kMaxBatch);
    uint64_t found = 0;
    for (size_t i = 0; i < members.size(); ++i) {
      ++asked;
      EXPECT_EQ(members[i].hash, base::SecretHash(members[i].bytes));
      bool there = std::ranges::find(members_, members[i].bytes) != members_.end();
      found |= static_cast<uint64_t>(there) << i;
    }
    return found;
  }
  // As an encoding does that has to make the text of its members.
  void ForEach(const Visitor& visit) const override {
    for (size_t begin = 0; begin < members_.size(); begin += batch_) {
      Members text(members_.begin() + static_cast<long>(begin),
                   members_.begin() + static_cast<long>(std::min(size(), begin + batch_)));
      std::vector<Hashed> batch;
      for (const std::string& member : text) batch.emplace_back(member);
      walked += batch.size();
      if (!visit(batch)) return;
      for (std::string& member : text) member.assign(member.size(), '?');
    }
  }
  const Members& members() const { return members_; }

  mutable size_t asked = 0;
  mutable size_t walked = 0;

 private:
  Members members_;
  size_t batch_;
};

// A result that remembers the order.
class ListSink final : public SetSink {
 public:
  size_t size() const override { return members.size(); }
  void Add(std::span<const Hashed> added) override {
    for (const Hashed& member : added) {
      if (std::ranges::find(members, member.bytes) == members.end()) {
        members.emplace_back(member.bytes);
      }
    }
  }
  void Remove(std::span<const Hashed> removed) override {
    for (const Hashed& member : removed) std::erase(members, member.bytes);
  }
  Members members;
};

Members Intersected(SetViews sets) {
  Members result;
  Intersect(sets, [&](std::span<const Hashed> members) {
    for (const Hashed& member : members) result.emplace_back(member.bytes);
    return true;
  });
  return result;
}
Members United(SetViews sets) {
  ListSink sink;
  Unite(sets, sink);
  return sink.members;
}
Members Subtracted(SetViews sets, DifferenceMethod method) {
  ListSink sink;
  Subtract(sets, method, sink);
  return sink.members;
}
Members Sorted(Members members) {
  std::ranges::sort(members);
  return members;
}

TEST(SetOperations, IntersectKeepsTheOrderOfTheSmallestSet) {
  ListView a({"5", "1", "2", "3", "4"});
  ListView b({"3", "9", "5", "1"});
  ListView c({"1", "5", "3", "2"});
  std::vector<const SetView*> sets = {&a, &b, &c};
  EXPECT_EQ(Intersected(sets), (Members{"3", "5", "1"}));
  sets = {&c, &a, &b};
  EXPECT_EQ(Intersected(sets), (Members{"1", "5", "3"})) << "the first of the smallest";
}

TEST(SetOperations, IntersectAsksSmallSetsFirstAndOnlyForWhatIsLeft) {
  ListView smallest({"1", "2", "3"});
  ListView middle({"1", "7", "8", "9"});
  ListView large({"1", "2", "3", "4", "5", "6"});
  std::vector<const SetView*> sets = {&large, &smallest, &middle};
  EXPECT_EQ(Intersected(sets), Members{"1"});
  EXPECT_EQ(middle.asked, 3);
  EXPECT_EQ(large.asked, 1);
}

TEST(SetOperations, IntersectWithAMissingKeyOrItself) {
  ListView a({"1", "2"});
  std::vector<const SetView*> sets = {&a, nullptr};
  EXPECT_EQ(Intersected(sets), Members{});
  EXPECT_EQ(a.walked, 0);
  sets = {nullptr};
  EXPECT_EQ(Intersected(sets), Members{});
  sets = {&a, &a, &a};
  EXPECT_EQ(Intersected(sets), (Members{"1", "2"}));
  EXPECT_EQ(a.asked, 0);
}

TEST(SetOperations, CountIntersectionStopsAtItsLimit) {
  Members many;
  for (int i = 0; i < 1000; ++i) many.push_back(std::to_string(i));
  ListView a(many, 8);
  ListView b(many);
  std::vector<const SetView*> sets = {&a, &b};
  EXPECT_EQ(CountIntersection(sets, 0), 1000);
  EXPECT_EQ(CountIntersection(sets, 999), 999);
  EXPECT_EQ(CountIntersection(sets, 1000), 1000);
  EXPECT_EQ(CountIntersection(sets, 5000), 1000);
  a.walked = 0;
  EXPECT_EQ(CountIntersection(sets, 13), 13);
  EXPECT_LE(a.walked, 16);
  sets.push_back(nullptr);
  EXPECT_EQ(CountIntersection(sets, 0), 0);
}

TEST(SetOperations, UniteAddsOneSetAfterTheOther) {
  ListView a({"2", "1"});
  ListView b({"3", "1", "0"});
  std::vector<const SetView*> sets = {&a, nullptr, &b, &a};
  EXPECT_EQ(United(sets), (Members{"2", "1", "3", "0"}));
  sets = {nullptr, nullptr};
  EXPECT_EQ(United(sets), Members{});
}

TEST(SetOperations, DifferenceIsChosenByCost) {
  auto of_size = [](size_t size) {
    Members members;
    for (size_t i = 0; i < size; ++i) members.push_back(std::to_string(i));
    return ListView(members);
  };
  ListView ten = of_size(10);
  ListView two = of_size(2);
  ListView one = of_size(1);
  ListView empty = of_size(0);
  auto choose = [](std::vector<const SetView*> sets) { return ChooseDifference(sets); };
  EXPECT_EQ(choose({&ten}), DifferenceMethod::kProbe);
  EXPECT_EQ(choose({&ten, &two}), DifferenceMethod::kProbe);           // 10 of 12
  EXPECT_EQ(choose({&ten, &two, &two}), DifferenceMethod::kSubtract);  // 15 of 14
  EXPECT_EQ(choose({&ten, &two, &two, &one}), DifferenceMethod::kSubtract);
  EXPECT_EQ(choose({&ten, &ten, &two}), DifferenceMethod::kProbe);
  EXPECT_EQ(choose({&ten, nullptr, nullptr, nullptr, &one}), DifferenceMethod::kProbe);  // absent
  EXPECT_EQ(choose({&one, &empty, &empty}), DifferenceMethod::kProbe);  // 3 / 2 is 1, of 1
  EXPECT_EQ(choose({nullptr, &ten}), DifferenceMethod::kProbe);
}

TEST(SetOperations, SubtractByEitherMethod) {
  ListView a({"5", "1", "2", "3", "4"});
  ListView b({"9", "5"});
  ListView c({"2", "7", "8"});
  for (auto method : {DifferenceMethod::kProbe, DifferenceMethod::kSubtract}) {
    std::vector<const SetView*> sets = {&a, &b, nullptr, &c};
    EXPECT_EQ(Subtracted(sets, method), (Members{"1", "3", "4"}));
    sets = {&a};
    EXPECT_EQ(Subtracted(sets, method), a.members());
    sets = {nullptr, &a};
    EXPECT_EQ(Subtracted(sets, method), Members{});
    a.walked = 0;
    sets = {&a, &b, &a};
    EXPECT_EQ(Subtracted(sets, method), Members{});
    EXPECT_EQ(a.walked, 0);
  }
}

TEST(SetOperations, ProbingAsksLargeSetsFirst) {
  ListView a({"1", "2", "3"});
  ListView small({"1"});
  ListView large({"1", "2", "3", "4"});
  std::vector<const SetView*> sets = {&a, &small, &large};
  EXPECT_EQ(Subtracted(sets, DifferenceMethod::kProbe), Members{});
  EXPECT_EQ(large.asked, 3);
  EXPECT_EQ(small.asked, 0);
}

TEST(SetOperations, SubtractingStopsWhenNothingIsLeft) {
  ListView a({"1", "2"});
  ListView all({"1", "2", "3"}, 1);
  ListView more({"7"});
  std::vector<const SetView*> sets = {&a, &all, &more};
  EXPECT_EQ(Subtracted(sets, DifferenceMethod::kSubtract), Members{});
  EXPECT_EQ(all.walked, 2);
  EXPECT_EQ(more.walked, 0);
}

// Large sets, small ones and missing keys, against counting.
TEST(SetOperations, AgreeWithCounting) {
  Random random(17);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::unique_ptr<SetValue>> large;
    std::vector<std::unique_ptr<SetView>> views;
    std::vector<const SetView*> sets;
    std::map<std::string, size_t> held_by;
    Members first;
    uint64_t range = 1 + random.Below(400);
    size_t count = 1 + random.Below(5);
    bool missing = false;
    for (size_t s = 0; s < count; ++s) {
      if (random.Below(12) == 0) {
        sets.push_back(nullptr);
        missing = true;
        continue;
      }
      Members members;
      uint64_t share = 1 + random.Below(100);
      for (uint64_t i = 0; i < range; ++i) {
        if (random.Below(100) < share) members.push_back(std::to_string(i));
      }
      for (const std::string& member : members) ++held_by[member];
      if (s == 0) first = members;
      if (random.Below(2) == 0) {
        large.push_back(std::make_unique<SetValue>());
        for (const std::string& member : members) large.back()->Insert(Hashed(member));
        views.push_back(std::make_unique<LargeSetView>(*large.back()));
      } else {
        views.push_back(std::make_unique<ListView>(members, 1 + random.Below(64)));
      }
      sets.push_back(views.back().get());
    }
    Members intersection;
    Members all;
    Members difference;
    for (const auto& [member, holders] : held_by) {
      all.push_back(member);
      if (!missing && holders == count) intersection.push_back(member);
    }
    for (const std::string& member : first) {
      if (held_by[member] == 1) difference.push_back(member);
    }
    ASSERT_EQ(Sorted(Intersected(sets)), Sorted(intersection));
    ASSERT_EQ(CountIntersection(sets, 0), intersection.size());
    ASSERT_EQ(CountIntersection(sets, 7), std::min<size_t>(7, intersection.size()));
    ASSERT_EQ(Sorted(United(sets)), Sorted(all));
    for (auto method : {DifferenceMethod::kProbe, DifferenceMethod::kSubtract}) {
      ASSERT_EQ(Sorted(Subtracted(sets, method)), Sorted(difference));
    }
  }
}

}  // namespace
}  // namespace nuthatch::values
