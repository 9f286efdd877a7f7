#include "server/values/sorted_set_listpack.h"

#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/base/random.h"
#include "server/values/sorted_set_view.h"
#include "tests/unit/values/random_elements.h"

namespace nuthatch::values {
namespace {

using namespace std::string_literals;

constexpr double kInf = std::numeric_limits<double>::infinity();

using Pairs = std::vector<std::pair<std::string, double>>;

HeapBytes Make(const Pairs& pairs) {
  HeapBytes bytes;
  listpack::MakeEmpty(bytes);
  for (const auto& [member, score] : pairs) sorted_set_listpack::Insert(bytes, member, score);
  return bytes;
}

SortedSetView ViewOf(HeapBytes& bytes) { return SortedSetView(sorted_set_listpack::ViewOf(bytes)); }

Pairs Collect(const SortedSetView& view, RankRange ranks, bool reversed = false) {
  Pairs pairs;
  view.ForEach(ranks, reversed,
               [&](std::string_view member, double score) { pairs.emplace_back(member, score); });
  return pairs;
}
Pairs Collect(const SortedSetView& view) { return Collect(view, view.All()); }

std::string Members(const SortedSetView& view, RankRange ranks, bool reversed = false) {
  std::string members;
  for (const auto& [member, score] : Collect(view, ranks, reversed)) members += member;
  return members;
}

LexRange Lex(std::string_view min, std::string_view max) { return *ParseLexRange(min, max); }

// What DUMP of redis-server 7.0.15 holds after ZADD g 1 b 1 a 2.5 12 -3 zz 1e17 big 5e18 huge inf
// top -inf low -0 nil.
TEST(SortedSetListpack, HasTheBytesOfRedis) {
  HeapBytes bytes = Make({{"b", 1},
                          {"a", 1},
                          {"12", 2.5},
                          {"zz", -3},
                          {"big", 1e17},
                          {"huge", 5e18},
                          {"top", kInf},
                          {"low", -kInf},
                          {"nil", -0.0}});
  EXPECT_EQ(bytes.view(),
            "W\0\0\0\x12\0\x83low\x04\x84-inf\x05\x82zz\x03\xdf\xfd\x02\x83nil\x04\0\x01\x81"
            "a\x02\x01\x01\x81"
            "b\x02\x01\x01\x0c\x01\x83"
            "2.5\x04\x83"
            "big\x04\xf4\0\0\x8a]xEc\x01\t\x84"
            "huge\x05\x85"
            "5e+18\x06\x83top\x04\x83inf\x04\xff"s);
}

TEST(SortedSetListpack, KeepsScoresToTheLastDigit) {
  const double kScores[] = {0.1,   1.0 / 3, -2.5e-310, 5e-324,  1.7976931348623157e308,
                            1e16,  4.6e18,  4.7e18,    -4.6e18, -4.7e18,
                            123.0, -1,      kInf,      -kInf};
  for (double score : kScores) {
    HeapBytes bytes = Make({{"m", score}});
    EXPECT_EQ(ViewOf(bytes).Score("m"), score);
  }
}

TEST(SortedSetListpack, TakesForeignScoresForNumbers) {
  HeapBytes bytes;
  listpack::MakeEmpty(bytes);
  for (const char* text : {"a", "x", "b", "nan", "c", "0x10", "d", " 7z", "e", "1e999"}) {
    listpack::Append(bytes, listpack::Item(std::string_view(text)));
  }
  SortedSetView view = ViewOf(bytes);
  EXPECT_EQ(view.Score("a"), 0);
  EXPECT_EQ(view.Score("b"), 0);
  EXPECT_EQ(view.Score("c"), 16);
  EXPECT_EQ(view.Score("d"), 7);
  EXPECT_EQ(view.Score("e"), kInf);
}

// Where scores differ, a lex range is what a walk from its side meets; the answers are Redis's.
TEST(SortedSetListpack, LexRangesOfMixedScoresAreThoseOfRedis) {
  HeapBytes bytes = Make({{"d", 1}, {"b", 2}, {"e", 3}, {"a", 4}, {"c", 5}});
  SortedSetView view = ViewOf(bytes);
  auto forward = [&](const LexRange& range, size_t skip = 0) {
    return Members(view, view.Within(range, false, skip));
  };
  auto backward = [&](const LexRange& range, size_t skip = 0) {
    return Members(view, view.Within(range, true, skip), true);
  };
  EXPECT_EQ(forward(Lex("[b", "+")), "dbeac");
  EXPECT_EQ(forward(Lex("[b", "[d")), "db");
  EXPECT_EQ(forward(Lex("-", "[d")), "db");
  EXPECT_EQ(backward(Lex("[b", "+")), "c");
  EXPECT_EQ(backward(Lex("-", "[d")), "caebd");
  EXPECT_EQ(forward(Lex("[d", "+"), 1), "");
  EXPECT_EQ(backward(Lex("[a", "[e"), 1), "aebd");
  EXPECT_EQ(forward(Lex("[a", "[c")), "");
  EXPECT_EQ(backward(Lex("[a", "[c")), "");
}

// --- Both forms against a model ---

class Model {
 public:
  void Set(const std::string& member, double score) {
    Remove(member);
    scores_[member] = score;
    order_.insert({score, member});
  }
  void Remove(const std::string& member) {
    auto found = scores_.find(member);
    if (found == scores_.end()) return;
    order_.erase({found->second, member});
    scores_.erase(found);
  }
  Pairs All() const {
    Pairs pairs;
    for (const auto& [score, member] : order_) pairs.emplace_back(member, score);
    return pairs;
  }
  const std::map<std::string, double>& scores() const { return scores_; }
  const std::set<std::pair<double, std::string>>& order() const { return order_; }

 private:
  std::map<std::string, double> scores_;
  std::set<std::pair<double, std::string>> order_;
};

double RandomScore(base::Random& random) {
  switch (random.Below(8)) {
    case 0:
      return random.Below(2) == 0 ? kInf : -kInf;
    case 1:
      return static_cast<double>(RandomInteger(random));
    case 2:
      return static_cast<double>(random.Below(1000)) / 7;
    default:
      return static_cast<double>(random.Below(6));
  }
}

TEST(SortedSetListpack, AgreesWithAModel) {
  base::Random random(1);
  for (int round = 0; round < 60; ++round) {
    Model model;
    HeapBytes bytes;
    listpack::MakeEmpty(bytes);
    for (int step = 0; step < 150; ++step) {
      std::string member = RandomElement(random);
      SortedSetListpack view = sorted_set_listpack::ViewOf(bytes);
      size_t at = view.Find(member);
      ASSERT_EQ(at != view.End(), model.scores().contains(member));
      if (random.Below(5) == 0 && !model.scores().empty()) {
        // One that is there.
        auto chosen = std::next(model.scores().begin(),
                                static_cast<long>(random.Below(model.scores().size())));
        at = view.Find(chosen->first);
        if (random.Below(2) == 0) {
          sorted_set_listpack::Remove(bytes, at);
          model.Remove(std::string(chosen->first));
        } else {
          double score = RandomScore(random);
          sorted_set_listpack::SetScore(bytes, at, score);
          model.Set(std::string(chosen->first), score);
        }
      } else if (random.Below(40) == 0) {
        size_t begin = random.Below(view.size() + 1);
        size_t end = begin + random.Below(view.size() - begin + 1);
        Pairs all = model.All();
        for (size_t i = begin; i < end; ++i) model.Remove(all[i].first);
        sorted_set_listpack::RemoveRanks(bytes, {begin, end});
      } else if (at == view.End()) {
        double score = RandomScore(random);
        sorted_set_listpack::Insert(bytes, member, score);
        model.Set(member, score);
      }
      ASSERT_TRUE(Listpack::Validate(bytes.view()));
      ASSERT_EQ(Collect(ViewOf(bytes)), model.All());
    }
  }
}

TEST(SortedSetView, BothFormsAnswerAlike) {
  base::Random random(2);
  for (int round = 0; round < 200; ++round) {
    Model model;
    bool same_scores = random.Below(2) == 0;
    for (size_t i = random.Below(40); i > 0; --i) {
      model.Set(RandomElement(random), same_scores ? 3 : RandomScore(random));
    }
    HeapBytes bytes = Make(model.All());
    std::unique_ptr<SortedSet> large = MakeSortedSet(sorted_set_listpack::ViewOf(bytes));
    large->CheckInvariants();
    EXPECT_EQ(MakeSortedSetListpack(*large).view(), bytes.view());
    SortedSetView views[] = {ViewOf(bytes), SortedSetView(*large)};
    Pairs all = model.All();
    for (const SortedSetView& view : views) {
      ASSERT_EQ(view.size(), all.size());
      ASSERT_EQ(Collect(view), all);
      for (size_t i = 0; i < all.size(); ++i) {
        EXPECT_EQ(view.Score(all[i].first), all[i].second);
        EXPECT_EQ(view.Rank(all[i].first, false), i);
        EXPECT_EQ(view.Rank(all[i].first, true), all.size() - 1 - i);
      }
      EXPECT_EQ(view.Score("not there"), std::nullopt);
      EXPECT_EQ(view.Rank("not there", false), std::nullopt);
    }
    for (int i = 0; i < 30; ++i) {
      ScoreRange scores{RandomScore(random), RandomScore(random), random.Below(2) == 0,
                        random.Below(2) == 0};
      Pairs inside;
      for (const auto& pair : all) {
        if (scores.AtLeastMin(pair.second) && scores.AtMostMax(pair.second)) inside.push_back(pair);
      }
      for (const SortedSetView& view : views) {
        EXPECT_EQ(Collect(view, view.Within(scores)), inside);
      }
      if (!same_scores) continue;
      auto bound = [&random](const std::string& member) {
        switch (random.Below(6)) {
          case 0:
            return "-"s;
          case 1:
            return "+"s;
          default:
            return (random.Below(2) == 0 ? "[" : "(") + member;
        }
      };
      std::string min = bound(RandomElement(random));
      std::string max = bound(RandomElement(random));
      LexRange lex = Lex(min, max);
      inside.clear();
      for (const auto& pair : all) {
        if (lex.AtLeastMin(pair.first) && lex.AtMostMax(pair.first)) inside.push_back(pair);
      }
      size_t skip = random.Below(3);
      Pairs forward(inside.begin() + static_cast<long>(std::min(skip, inside.size())),
                    inside.end());
      Pairs backward(inside.rbegin() + static_cast<long>(std::min(skip, inside.size())),
                     inside.rend());
      for (const SortedSetView& view : views) {
        EXPECT_EQ(Collect(view, view.Within(lex, false, skip)), forward);
        EXPECT_EQ(Collect(view, view.Within(lex, true, skip), true), backward);
      }
    }
  }
}

TEST(SortedSetView, SamplesAreDifferentAndFair) {
  Pairs pairs;
  for (int i = 0; i < 40; ++i) pairs.emplace_back("m" + std::to_string(i), i);
  HeapBytes bytes = Make(pairs);
  std::unique_ptr<SortedSet> large = MakeSortedSet(sorted_set_listpack::ViewOf(bytes));
  base::Random random(3);
  for (const SortedSetView& view : {ViewOf(bytes), SortedSetView(*large)}) {
    for (size_t count : {1U, 3U, 20U, 40U}) {
      std::map<double, int> drawn;
      constexpr int kRounds = 2000;
      for (int round = 0; round < kRounds; ++round) {
        std::set<std::string> sample;
        view.Sample(count, random, [&](std::string_view member, double score) {
          sample.emplace(member);
          ++drawn[score];
        });
        ASSERT_EQ(sample.size(), count);
      }
      double expected = kRounds * static_cast<double>(count) / 40;
      for (int i = 0; i < 40; ++i) EXPECT_NEAR(drawn[i], expected, 6 * std::sqrt(expected)) << i;
    }
    std::map<double, int> drawn;
    view.Choose(4000, random, [&](std::string_view, double score) { ++drawn[score]; });
    for (int i = 0; i < 40; ++i) EXPECT_NEAR(drawn[i], 100, 60) << i;
  }
}

TEST(SortedSetView, NoSetIsEmpty) {
  SortedSetView none;
  EXPECT_EQ(none.size(), 0U);
  EXPECT_EQ(none.Score("a"), std::nullopt);
  EXPECT_EQ(none.Rank("a", true), std::nullopt);
  EXPECT_EQ(none.Within(ScoreRange{-kInf, kInf}).size(), 0U);
  EXPECT_EQ(none.Within(Lex("-", "+"), true).size(), 0U);
  EXPECT_EQ(Collect(none), Pairs());
}

TEST(SortedSetBuilder, MergesScores) {
  SortedSetBuilder builder;
  auto add = [&](std::string_view member, double score) {
    builder.AddOrMerge(SortedSet::Hash(member), member, score,
                       [score](double old) { return old + score; });
  };
  add("a", 1);
  add("b", 2);
  add("c", 3);
  add("a", 5);
  add("b", -1);
  std::unique_ptr<SortedSet> set = builder.Finish();
  set->CheckInvariants();
  EXPECT_EQ(Collect(SortedSetView(*set)), (Pairs{{"b", 1}, {"c", 3}, {"a", 6}}));
}

TEST(LexRange, SaysWhenItIsEmpty) {
  EXPECT_TRUE(Lex("+", "-").empty());
  EXPECT_TRUE(Lex("-", "-").empty());
  EXPECT_TRUE(Lex("+", "+").empty());
  EXPECT_TRUE(Lex("(a", "[a").empty());
  EXPECT_TRUE(Lex("[b", "[a").empty());
  EXPECT_FALSE(Lex("[a", "[a").empty());
  EXPECT_FALSE(Lex("-", "[").empty());
}

}  // namespace
}  // namespace nuthatch::values
