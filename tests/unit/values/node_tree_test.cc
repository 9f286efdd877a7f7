#include "server/values/node_tree.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "server/base/random.h"

namespace nuthatch::values {
namespace {

// Nodes without bytes, told apart by their size, which a tree does not look at.
ListNode Node(size_t mark, size_t count = 1) { return ListNode::Packed(nullptr, mark, count); }

using Model = std::vector<ListNode>;

NodeTree::Place PlaceOf(const NodeTree& tree, const Model& model, size_t slot) {
  if (slot == model.size()) return {};
  uint64_t index = 0;
  for (size_t i = 0; i < slot; ++i) index += model[i].count();
  NodeTree::Place place = tree.Find(&index);
  EXPECT_EQ(index, 0U);
  return place;
}

bool Same(const ListNode& left, const ListNode& right) {
  return left.size() == right.size() && left.count() == right.count();
}

void ExpectSame(const NodeTree& tree, const Model& model) {
  tree.CheckInvariants();
  ASSERT_EQ(tree.CountNodes(), model.size());
  NodeTree::Place at = tree.Head();
  for (const ListNode& node : model) {
    ASSERT_TRUE(static_cast<bool>(at));
    ASSERT_TRUE(Same(tree.At(at), node));
    at = tree.Next(at);
  }
  ASSERT_FALSE(static_cast<bool>(at));
  at = tree.Tail();
  for (size_t i = model.size(); i-- > 0; at = tree.Previous(at)) {
    ASSERT_TRUE(static_cast<bool>(at));
    ASSERT_TRUE(Same(tree.At(at), model[i]));
  }
  ASSERT_FALSE(static_cast<bool>(at));
}

void Empty(NodeTree& tree) {
  while (!tree.empty()) tree.Erase(tree.Tail());
  tree.CheckInvariants();
}

NodeTree Filled(Model& model, size_t count, size_t mark) {
  NodeTree tree;
  for (size_t i = 0; i < count; ++i) {
    model.push_back(Node(mark + i));
    tree.Insert({}, model.back());
  }
  return tree;
}

TEST(NodeTree, SmallOneTakes64Bytes) {
  NodeTree tree;
  EXPECT_EQ(tree.sum().bytes, 0U);
  tree.Insert({}, Node(16));
  tree.Insert({}, Node(16));
  EXPECT_EQ(tree.sum().bytes, 64U + 2 * 16);
  EXPECT_EQ(tree.sum().elements, 2U);
  Empty(tree);
  EXPECT_EQ(tree.sum().bytes, 0U);
}

TEST(NodeTree, FillsLeavesWhenNodesComeAtAnEnd) {
  constexpr size_t kNodes = 30 * 1000;
  for (bool front : {false, true}) {
    NodeTree tree;
    for (size_t i = 0; i < kNodes; ++i)
      tree.Insert(front ? tree.Head() : NodeTree::Place{}, Node(16));
    tree.CheckInvariants();
    // 512 bytes a leaf and a twentieth of that above, or, in front, a little more.
    uint64_t own = tree.sum().bytes - kNodes * 16;
    EXPECT_LE(own, kNodes / 30 * 512 * 112 / 100) << "front " << front;
    Empty(tree);
  }
}

TEST(NodeTree, SplitsAndJoinsWhateverTheSizes) {
  for (size_t left : {0, 1, 2, 29, 30, 31, 600, 601, 5000}) {
    for (size_t right : {0, 1, 2, 30, 31, 600, 5000}) {
      SCOPED_TRACE(testing::Message() << left << " and " << right);
      Model model;
      NodeTree tree = Filled(model, left, 1);
      Model behind;
      NodeTree other = Filled(behind, right, 10001);
      tree.Join(std::move(other));
      model.insert(model.end(), behind.begin(), behind.end());
      ExpectSame(tree, model);
      NodeTree rest = tree.Split(PlaceOf(tree, model, left));
      ExpectSame(rest, behind);
      ExpectSame(tree, Model(model.begin(), model.begin() + static_cast<int64_t>(left)));
      Empty(tree);
      Empty(rest);
    }
  }
}

TEST(NodeTree, SplitsAtEveryNode) {
  constexpr size_t kNodes = 700;
  for (size_t slot = 0; slot <= kNodes; ++slot) {
    Model model;
    NodeTree tree = Filled(model, kNodes, 1);
    NodeTree rest = tree.Split(PlaceOf(tree, model, slot));
    auto middle = model.begin() + static_cast<int64_t>(slot);
    ExpectSame(tree, Model(model.begin(), middle));
    ExpectSame(rest, Model(middle, model.end()));
    tree.Join(std::move(rest));
    ExpectSame(tree, model);
    Empty(tree);
  }
}

TEST(NodeTreeModel, ChangesAsAVectorDoes) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    base::Random random(seed);
    NodeTree tree;
    Model model;
    // Grows, shrinks, and grows again, so that levels come and go.
    for (int step = 0; step < 6000; ++step) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << " step " << step);
      bool growing = step % 3000 < 1700;
      size_t slot = random.Below(4) == 0 ? (random.Below(2) == 0 ? 0 : model.size())
                                         : random.Below(model.size() + 1);
      auto place = model.begin() + static_cast<int64_t>(slot);
      NodeTree::Place at = PlaceOf(tree, model, slot);
      ListNode fresh = Node(1 + random.Below(5000), 1 + random.Below(9));
      uint64_t what = random.Below(100);
      if (what < 2 && !growing) {
        NodeTree rest = tree.Split(at);
        if (random.Below(2) == 0) {
          tree.Join(std::move(rest));
        } else {
          rest.Join(std::move(tree));
          tree = std::move(rest);
          std::rotate(model.begin(), place, model.end());
        }
      } else if (what < 10) {
        if (slot == model.size()) continue;
        tree.Update(at, fresh);
        *place = fresh;
      } else if (what < (growing ? 75 : 35)) {
        NodeTree::Place made = tree.Insert(at, fresh);
        ASSERT_TRUE(Same(tree.At(made), fresh));
        model.insert(place, fresh);
      } else if (slot < model.size()) {
        NodeTree::Place next = tree.Erase(at);
        place = model.erase(place);
        ASSERT_EQ(static_cast<bool>(next), place != model.end());
        if (next) {
          ASSERT_TRUE(Same(tree.At(next), *place));
        }
      }
      if (step % 100 == 0) ExpectSame(tree, model);
    }
    ExpectSame(tree, model);
    Empty(tree);
  }
}

}  // namespace
}  // namespace nuthatch::values
