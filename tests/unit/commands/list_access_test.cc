// The accessor of lists against a quicklist that has been one from the start: elements, and the
// nodes that DUMP shows, are the same whatever form the list has.
#include "server/commands/list_access.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "server/base/random.h"
#include "server/keyspace/keyspace.h"
#include "server/values/quicklist.h"

namespace nuthatch::commands {
namespace {

using keyspace::Entry;
using keyspace::Ttl;
using keyspace::ValueKind;
using values::NumberText;
using values::Quicklist;

using Nodes = std::vector<std::pair<bool, std::string>>;
using Texts = std::vector<std::string>;

Nodes NodesOf(const Quicklist& list) {
  Nodes nodes;
  list.ForEachNode(
      [&](bool plain, std::string_view bytes) { nodes.emplace_back(plain, std::string(bytes)); });
  return nodes;
}

Texts TextsOf(const Quicklist& list) {
  Texts texts;
  NumberText number;
  for (Quicklist::Cursor at = list.First(); at; list.Advance(&at, ListDirection::kForward)) {
    texts.emplace_back(list.At(at).Text(number));
  }
  return texts;
}

class ListKeyTest : public testing::Test {
 protected:
  EntryRef Find() { return keyspace_.Find(0, key_, 1000, Touch::kNone); }
  ListKey Open(int64_t fill = kCompactFill) { return {keyspace_, 0, key_, Find(), fill}; }
  bool IsCompact() { return Find()->kind() == ValueKind::kEmbedded; }

  Nodes NodesOfKey() {
    EntryRef ref = Find();
    if (!ref) return {};
    if (ref->kind() == ValueKind::kObject) return NodesOf(keyspace::ObjectOf<Quicklist>(ref));
    return {{false, std::string(ref->bytes())}};
  }
  Texts TextsOfKey(ListEnd from = ListEnd::kLeft) {
    EntryRef ref = Find();
    if (!ref) return {};
    ListView view(*ref);
    Texts texts;
    NumberText number;
    view.Walk(view.Edge(from), DirectionFrom(from), [&](const values::Element& element) {
      texts.emplace_back(element.Text(number));
      return true;
    });
    return texts;
  }
  void CheckAccounts() {
    uint64_t bytes = 0;
    keyspace_.ForEach(0, [&](Entry& entry) { bytes += entry.MemoryBytes(); });
    ASSERT_EQ(keyspace_.memory().entries, bytes);
  }

  Keyspace keyspace_{{}};
  const Key key_ = Key::Of("list");
};

// --- Against the model ---

class ListKeyModelTest : public ListKeyTest, public testing::WithParamInterface<int64_t> {
 protected:
  ~ListKeyModelTest() override { Quicklist::SetPackedThreshold(0); }

  std::string Text() {
    size_t dice = random_.Below(100);
    if (dice < 40) return std::to_string(random_.Below(30));
    if (dice < 50) return std::to_string(random_.Next());
    size_t size = random_.Below(dice < 90 ? 12 : dice < 98 ? 150 : 700);
    if (dice == 99) size = 2000 + random_.Below(9000);
    return std::string(size, static_cast<char>('a' + random_.Below(3)));
  }
  ListEnd End() { return random_.Below(2) == 0 ? ListEnd::kLeft : ListEnd::kRight; }
  int64_t Index() { return static_cast<int64_t>(random_.Below(model_->size())); }
  void NewModel() { model_ = std::make_unique<Quicklist>(GetParam()); }
  void PushToModel(ListEnd end, std::string_view text) {
    end == ListEnd::kLeft ? model_->PushFront(text) : model_->PushBack(text);
  }

  void Push(size_t most) {
    ListEnd end = End();
    Texts texts(1 + random_.Below(most));
    for (std::string& text : texts) text = Text();
    std::vector<std::string_view> views(texts.begin(), texts.end());
    ListKey list = Open(GetParam());
    list.Push(end, views);
    for (std::string_view text : views) PushToModel(end, text);
    ASSERT_EQ(list.size(), model_->size());
  }

  void Change() {
    // As if the configuration had changed since: only who makes the list needs it.
    ListKey list = Open(7);
    size_t dice = random_.Below(100);
    if (dice < 25) {
      int64_t index = Index();
      bool after = random_.Below(2) == 0;
      std::string text = Text();
      list.Insert(list.view().Seek(index), after, text);
      Quicklist::Cursor at = model_->Seek(index);
      after ? model_->InsertAfter(at, text) : model_->InsertBefore(at, text);
    } else if (dice < 45) {
      int64_t index = Index() - (random_.Below(2) == 0 ? 0 : static_cast<int64_t>(model_->size()));
      std::string text = Text();
      list.Replace(list.view().Seek(index), text);
      model_->Replace(model_->Seek(index), text);
    } else if (dice < 65) {
      ListEnd end = End();
      list.EraseEdge(end);
      Quicklist::Cursor at = end == ListEnd::kLeft ? model_->First() : model_->Last();
      model_->Erase(&at);
    } else if (dice < 75) {
      auto index = static_cast<uint64_t>(Index());
      uint64_t count = random_.Below(random_.Below(4) == 0 ? 300 : 5);
      list.EraseRange(index, count);
      (void)model_->EraseRange(index, count);
    } else if (dice < 85) {
      NumberText number;
      std::string text(random_.Below(3) == 0 ? Text()
                                             : model_->At(model_->Seek(Index())).Text(number));
      uint64_t count = random_.Below(3) == 0 ? UINT64_MAX : 1 + random_.Below(3);
      ListDirection direction = DirectionFrom(End());
      ASSERT_EQ(list.EraseEqual(text, count, direction),
                model_->EraseEqual(text, count, direction));
    } else {
      ListEnd from = End();
      ListEnd to = End();
      list.Rotate(from, to);
      Quicklist::Cursor at = from == ListEnd::kLeft ? model_->First() : model_->Last();
      NumberText number;
      std::string text(model_->At(at).Text(number));
      model_->Erase(&at);
      PushToModel(to, text);
    }
  }

  void Compare() {
    ASSERT_EQ(NodesOfKey(), NodesOf(*model_));
    Texts texts = TextsOf(*model_);
    ASSERT_EQ(TextsOfKey(), texts);
    std::reverse(texts.begin(), texts.end());
    ASSERT_EQ(TextsOfKey(ListEnd::kRight), texts);
    CheckAccounts();
  }

  base::Random random_{42};
  std::unique_ptr<Quicklist> model_;
};
INSTANTIATE_TEST_SUITE_P(Fills, ListKeyModelTest, testing::Values(-2, -1, -5, 0, 1, 4, 128),
                         [](const auto& info) {
                           return (info.param < 0 ? "Minus" : "") +
                                  std::to_string(std::abs(info.param));
                         });

TEST_P(ListKeyModelTest, MakesTheNodesOfAQuicklist) {
  size_t forms[2] = {};
  for (int round = 0; round < 60; ++round) {
    NewModel();
    // Every third round with elements that stand alone.
    Quicklist::SetPackedThreshold(round % 3 == 2 ? 100 : 0);
    size_t most = round % 2 == 0 ? 2 : 40;
    size_t pushes = 20 + random_.Below(60);  // of 100
    if (EntryRef ref = Find()) keyspace_.Erase(0, key_, ref);
    for (int step = 0; step < 80; ++step) {
      if (model_->empty() || random_.Below(100) < pushes) {
        Push(most);
      } else {
        Change();
      }
      ASSERT_NO_FATAL_FAILURE(Compare()) << "round " << round << ", step " << step;
      if (model_->empty()) {
        ASSERT_FALSE(Find());
        NewModel();
      } else {
        ++forms[IsCompact() ? 0 : 1];
      }
    }
  }
  EXPECT_EQ(forms[0] > 500, GetParam() == kCompactFill);
  EXPECT_GT(forms[1], 500U);
}

// --- Forms ---

TEST_F(ListKeyTest, KeepsASmallListInItsEntry) {
  Open().Push(ListEnd::kRight, "element");
  EXPECT_TRUE(IsCompact());
  EXPECT_EQ(Find()->type(), keyspace::Type::kList);
  EXPECT_EQ(Find()->encoding(), keyspace::Encoding::kQuicklist);
  // The largest that stays, and the smallest that does not.
  std::string rest(kMaxCompactBytes - Find()->bytes().size() - 4, 'x');
  Open().Push(ListEnd::kLeft, rest);
  EXPECT_EQ(Find()->bytes().size(), kMaxCompactBytes);
  EXPECT_TRUE(IsCompact());
  Open().Replace(Open().view().Seek(-1), "elements");
  EXPECT_FALSE(IsCompact());
  EXPECT_EQ(TextsOfKey(), (Texts{rest, "elements"}));
  EXPECT_EQ(NodesOfKey().size(), 1U);
}

TEST_F(ListKeyTest, KeepsItsDeadlineAndItsFillWhateverItsForm) {
  Open(-1).Push(ListEnd::kRight, "a");
  EXPECT_EQ(keyspace::ObjectOf<Quicklist>(Find()).fill(), -1);
  keyspace_.Erase(0, key_, Find());
  Open().Push(ListEnd::kRight, "a");
  EntryRef ref = Find();
  keyspace_.SetDeadline(0, key_, ref, 5000);
  Open(3).Push(ListEnd::kRight, std::string(600, 'x'));
  EXPECT_EQ(Find()->deadline_ms(), 5000);
  EXPECT_EQ(keyspace::ObjectOf<Quicklist>(Find()).fill(), kCompactFill);
  Open(3).EraseEdge(ListEnd::kRight);
  Open(3).Rotate(ListEnd::kLeft, ListEnd::kRight);
  EXPECT_EQ(Find()->deadline_ms(), 5000);
  EXPECT_EQ(TextsOfKey(), Texts{"a"});
}

TEST_F(ListKeyTest, WalksFromAnyIndexAndStopsWhenTold) {
  for (size_t size : {3U, 3000U}) {
    ListBuilder builder(kCompactFill);
    for (size_t i = 0; i < size; ++i) builder.Push(ListEnd::kRight, std::to_string(i));
    EXPECT_EQ(builder.size(), size);
    builder.Store(keyspace_, 0, key_, Find(), Ttl::None());
    ListView view(*Find());
    for (size_t i = 0; i < size; ++i) {
      auto index = static_cast<int64_t>(i);
      ASSERT_EQ(view.At(view.Seek(index)).integer, index);
      ASSERT_EQ(view.At(view.Seek(index - static_cast<int64_t>(size))).integer, index);
    }
    EXPECT_FALSE(view.Seek(static_cast<int64_t>(size)));
    EXPECT_FALSE(view.Seek(-1 - static_cast<int64_t>(size)));
    for (ListEnd end : {ListEnd::kLeft, ListEnd::kRight}) {
      ListView::Cursor at = view.Edge(end);
      size_t steps = 1;
      while (view.Advance(&at, DirectionFrom(end))) ++steps;
      EXPECT_EQ(steps, size);
      size_t seen = 0;
      view.Walk(view.Seek(1), DirectionFrom(end), [&](const values::Element&) {
        ++seen;
        return seen < 2;
      });
      EXPECT_EQ(seen, 2U);
    }
    view.Walk({}, ListDirection::kForward, [](const values::Element&) {
      ADD_FAILURE();
      return true;
    });
  }
  CheckAccounts();
}

// --- Big lists ---

// What is cut out of a long list is freed behind the command.
TEST_F(ListKeyTest, LeavesManyNodesToTheReclaimer) {
  constexpr size_t kElements = 400'000;
  ListBuilder builder(kCompactFill);
  const std::string text(20, 'x');
  for (size_t i = 0; i < kElements; ++i) builder.Push(ListEnd::kRight, text);
  builder.Store(keyspace_, 0, key_, Find(), Ttl::None());
  uint64_t before = keyspace_.memory().entries;
  Open().EraseRange(10, kElements - 20);
  EXPECT_EQ(Open().size(), 20U);
  EXPECT_LT(keyspace_.memory().entries, before / 100);
  EXPECT_GT(keyspace_.memory().pending, before / 100 * 98);
  size_t slices = 1;
  while (keyspace_.BackgroundStep(1)) ++slices;
  EXPECT_GT(slices, 3U);
  EXPECT_EQ(keyspace_.memory().pending, 0U);
  CheckAccounts();
}

TEST_F(ListKeyTest, PausesWhileItLooksThroughManyNodes) {
  ListBuilder builder(kCompactFill);
  for (size_t i = 0; i < 10'000; ++i) builder.Push(ListEnd::kRight, std::to_string(i % 10));
  builder.Store(keyspace_, 0, key_, Find(), Ttl::None());
  size_t nodes = NodesOfKey().size();
  size_t pauses = 0;
  EXPECT_EQ(Open().EraseEqual("3", 5000, ListDirection::kBackward, [&] { ++pauses; }), 1000U);
  EXPECT_EQ(pauses, nodes);
  EXPECT_EQ(Open().size(), 9000U);
}

}  // namespace
}  // namespace nuthatch::commands
