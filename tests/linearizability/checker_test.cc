#include "tests/linearizability/checker.h"

#include <gtest/gtest.h>

#include "tests/linearizability/history_builder.h"
#include "tests/linearizability/keys.h"
#include "tests/linearizability/shrink.h"

namespace nuthatch::linearizability {
namespace {

const Contents kEmpty(3);

Result ResultOf(const HistoryBuilder& builder, const Contents& initial = kEmpty) {
  return Check(initial, builder.history()).result;
}

TEST(Checker, AcceptsAnEmptyHistory) { EXPECT_EQ(ResultOf(HistoryBuilder()), Result::kLegal); }

TEST(Checker, AcceptsASequentialHistory) {
  HistoryBuilder builder;
  builder.Do(0, 0, 1, Set("a", "1"), Ok())
      .Do(1, 2, 3, Get("a"), BulkReply("1"))
      .Do(0, 4, 5, Plain(Verb::kIncr, "a"), IntegerReply(2))
      .Do(0, 6, 7, {Verb::kAppend, Keys("a"), {"0"}}, IntegerReply(2))
      .Do(1, 8, 9, Plain(Verb::kRename, "ab"), Ok())
      .Do(1, 10, 11, Plain(Verb::kRename, "ab"), ErrorReply("ERR no such key"))
      .Do(1, 12, 13, Mget("ab"), Bulks({"", "20"}));
  Verdict verdict = Check(kEmpty, builder.history());
  EXPECT_EQ(verdict.result, Result::kLegal);
  EXPECT_EQ(verdict.order, (std::vector<uint32_t>{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(verdict.contents, (Contents{std::nullopt, "20", std::nullopt}));
}

TEST(Checker, StartsFromTheGivenContents) {
  HistoryBuilder builder;
  builder.Do(0, 0, 1, Get("b"), BulkReply("7"));
  EXPECT_EQ(ResultOf(builder, {std::nullopt, "7"}), Result::kLegal);
  EXPECT_EQ(ResultOf(builder), Result::kIllegal);
}

TEST(Checker, LetsAReadAndAWriteAtTheSameTimeComeInEitherOrder) {
  for (const std::string& seen : {NilReply(), BulkReply("1")}) {
    HistoryBuilder builder;
    builder.Do(0, 0, 10, Set("a", "1"), Ok()).Do(1, 5, 15, Get("a"), seen);
    EXPECT_EQ(ResultOf(builder), Result::kLegal);
  }
}

TEST(Checker, TreatsTouchingIntervalsAsConcurrent) {
  HistoryBuilder builder;
  builder.Do(0, 0, 10, Set("a", "1"), Ok()).Do(1, 10, 20, Get("a"), NilReply());
  EXPECT_EQ(ResultOf(builder), Result::kLegal);
}

TEST(Checker, TakesAnExecAsOneOperation) {
  Command exec = MakeExec({Set("a", "1"), Set("b", "2"), Mget("ab")});
  std::string reply = ArrayHeader(3) + Ok() + Ok() + Bulks({"1", "2"});
  HistoryBuilder whole;
  whole.Do(0, 0, 10, exec, reply).Do(1, 0, 10, Mget("ab"), Bulks({"1", "2"}));
  EXPECT_EQ(ResultOf(whole), Result::kLegal);
  HistoryBuilder torn;
  torn.Do(0, 0, 10, exec, reply).Do(1, 0, 10, Mget("ab"), Bulks({"1", ""}));
  EXPECT_EQ(ResultOf(torn), Result::kIllegal);
}

TEST(Checker, FindsAnExecThatSeesAWriteBetweenItsCommands) {
  Command exec = MakeExec({Get("a"), Get("a"), Set("b", "3")});
  for (const std::string& second : {NilReply(), BulkReply("1")}) {
    HistoryBuilder builder;
    builder.Do(0, 0, 10, exec, ArrayHeader(3) + NilReply() + second + Ok())
        .Do(1, 0, 10, Set("a", "1"), Ok())
        .Do(1, 11, 12, Mget("ab"), Bulks({"1", "3"}));
    EXPECT_EQ(ResultOf(builder), second == NilReply() ? Result::kLegal : Result::kIllegal);
  }
}

TEST(Checker, FindsAStaleRead) {
  HistoryBuilder builder;
  builder.Do(0, 0, 10, Set("a", "1"), Ok()).Do(1, 11, 20, Get("a"), NilReply());
  EXPECT_EQ(ResultOf(builder), Result::kIllegal);
}

TEST(Checker, FindsAReadThatGoesBackInTime) {
  HistoryBuilder builder;
  builder.Do(0, 0, 100, Set("a", "1"), Ok())
      .Do(1, 10, 20, Get("a"), BulkReply("1"))
      .Do(2, 30, 40, Get("a"), NilReply());
  EXPECT_EQ(ResultOf(builder), Result::kIllegal);
}

TEST(Checker, FindsALostUpdate) {
  HistoryBuilder builder;
  builder.Do(0, 0, 10, Plain(Verb::kIncr, "a"), IntegerReply(1))
      .Do(1, 0, 10, Plain(Verb::kIncr, "a"), IntegerReply(1));
  EXPECT_EQ(ResultOf(builder), Result::kIllegal);
}

TEST(Checker, FindsASetLostBehindASwap) {
  HistoryBuilder builder;
  builder.Do(0, 0, 1, Set("a", "1"), Ok())
      .Do(1, 2, 10, {Verb::kGetSet, Keys("a"), {"2"}}, BulkReply("1"))
      .Do(2, 2, 10, {Verb::kGetSet, Keys("a"), {"3"}}, BulkReply("1"));
  EXPECT_EQ(ResultOf(builder), Result::kIllegal);
}

TEST(Checker, FindsAValueThatNobodyWrote) {
  HistoryBuilder builder;
  builder.Do(0, 0, 10, Set("a", "1"), Ok()).Do(1, 0, 10, Get("a"), BulkReply("2"));
  Verdict verdict = Check(kEmpty, builder.history());
  EXPECT_EQ(verdict.result, Result::kIllegal);
  EXPECT_EQ(verdict.reason, "a reply shows \"2\", which nobody wrote");
}

// MSET a 1 b 1 whose fragments were put one by one, beside [SET a 2, SET b 2]: the end is a=2 b=1.
TEST(Checker, FindsATornMset) {
  HistoryBuilder builder;
  builder.Do(0, 0, 10, Mset("ab", {"1", "1"}), Ok())
      .Do(1, 0, 10, Set("a", "2"), Ok())
      .Do(1, 0, 10, Set("b", "2"), Ok())
      .Do(2, 11, 12, Mget("ab"), Bulks({"2", "1"}));
  EXPECT_EQ(ResultOf(builder), Result::kIllegal);
}

// The other mixture is right: SET a 2, MSET, SET b 2.
TEST(Checker, AcceptsAnMsetBetweenTwoSets) {
  HistoryBuilder builder;
  builder.Do(0, 0, 10, Mset("ab", {"1", "1"}), Ok())
      .Do(1, 0, 10, Set("a", "2"), Ok())
      .Do(1, 0, 10, Set("b", "2"), Ok())
      .Do(2, 11, 12, Mget("ab"), Bulks({"1", "2"}));
  EXPECT_EQ(ResultOf(builder), Result::kLegal);
}

TEST(Checker, FindsAnMsetHalfSeen) {
  HistoryBuilder builder;
  builder.Do(0, 0, 10, Mset("ab", {"1", "2"}), Ok()).Do(1, 0, 10, Mget("ab"), Bulks({"1", ""}));
  EXPECT_EQ(ResultOf(builder), Result::kIllegal);
}

TEST(Checker, FindsARenameHalfSeen) {
  for (const auto& seen : {std::vector<std::string>{"1", "1"}, {"", ""}}) {
    HistoryBuilder builder;
    builder.Do(0, 0, 1, Set("a", "1"), Ok())
        .Do(0, 2, 10, Plain(Verb::kRename, "ab"), Ok())
        .Do(1, 2, 10, Mget("ab"), Bulks(seen));
    EXPECT_EQ(ResultOf(builder), Result::kIllegal);
  }
}

TEST(Checker, FindsTwoRenamesOfOneValue) {
  HistoryBuilder builder;
  builder.Do(0, 0, 1, Set("a", "1"), Ok())
      .Do(0, 2, 10, Plain(Verb::kRename, "ab"), Ok())
      .Do(1, 2, 10, Plain(Verb::kRename, "ac"), Ok());
  EXPECT_EQ(ResultOf(builder), Result::kIllegal);
}

TEST(Checker, KeepsTheOrderInsideAPipeline) {
  HistoryBuilder forward;
  forward.Do(0, 0, 10, Set("a", "1"), Ok()).Do(0, 0, 10, Get("a"), BulkReply("1"));
  EXPECT_EQ(ResultOf(forward), Result::kLegal);
  HistoryBuilder overtaken;
  overtaken.Do(0, 0, 10, Set("a", "1"), Ok()).Do(0, 0, 10, Get("a"), NilReply());
  EXPECT_EQ(ResultOf(overtaken), Result::kIllegal);
}

TEST(Checker, FindsAMessageThatArrivesBeforeItsContent) {
  HistoryBuilder builder;
  builder.Do(0, 0, 10, Set("a", "1"), Ok())
      .Do(0, 0, 10, Set("b", "1"), Ok())
      .Do(1, 0, 10, Get("b"), BulkReply("1"))
      .Do(1, 0, 10, Get("a"), NilReply());
  EXPECT_EQ(ResultOf(builder), Result::kIllegal);
}

// Every key by itself looks right: this is why the checker does not partition by keys.
TEST(Checker, FindsTwoPipelinesThatMissEachOther) {
  HistoryBuilder both;
  both.Do(0, 0, 10, Set("a", "1"), Ok())
      .Do(0, 0, 10, Get("b"), NilReply())
      .Do(1, 0, 10, Set("b", "1"), Ok())
      .Do(1, 0, 10, Get("a"), NilReply());
  EXPECT_EQ(ResultOf(both), Result::kIllegal);
}

TEST(Checker, FindsTwoReadersThatDisagree) {
  HistoryBuilder builder;
  builder.Do(0, 0, 10, Set("a", "1"), Ok())
      .Do(1, 0, 10, Set("b", "1"), Ok())
      .Do(2, 0, 10, Mget("ab"), Bulks({"1", ""}))
      .Do(3, 0, 10, Mget("ab"), Bulks({"", "1"}));
  EXPECT_EQ(ResultOf(builder), Result::kIllegal);
}

TEST(Checker, BelievesCountsAndRefusals) {
  HistoryBuilder builder;
  builder.Do(0, 0, 1, Mset("ab", {"1", "2"}), Ok())
      .Do(0, 2, 10, Plain(Verb::kDel, "abc"), IntegerReply(2))
      .Do(1, 2, 10, {Verb::kSetNx, Keys("a"), {"3"}}, IntegerReply(1))
      .Do(2, 2, 10, {Verb::kMsetNx, Keys("ac"), {"4", "5"}}, IntegerReply(0))
      .Do(3, 2, 10, Plain(Verb::kExists, "ab"), IntegerReply(2));
  EXPECT_EQ(ResultOf(builder), Result::kLegal);
  builder.Do(3, 11, 12, Plain(Verb::kExists, "ab"), IntegerReply(2));
  EXPECT_EQ(ResultOf(builder), Result::kIllegal);
}

TEST(Checker, FollowsValuesThroughAppend) {
  HistoryBuilder builder;
  builder.Do(0, 0, 10, {Verb::kAppend, Keys("a"), {"x"}}, IntegerReply(2))
      .Do(1, 0, 10, {Verb::kAppend, Keys("a"), {"y"}}, IntegerReply(1))
      .Do(2, 0, 10, Get("a"), BulkReply("yx"));
  EXPECT_EQ(ResultOf(builder), Result::kLegal);
  builder.Do(2, 0, 10, Get("a"), BulkReply("xy"));
  EXPECT_EQ(ResultOf(builder), Result::kIllegal);
}

TEST(Checker, SaysUndecidedWhenTheLimitIsReached) {
  HistoryBuilder builder;
  for (uint32_t c = 0; c < 8; ++c) {
    std::string value = std::to_string(c);
    builder.Do(c, 0, 10, Mset("ab", {value, value}), Ok());
  }
  builder.Do(8, 11, 12, Mget("ab"), Bulks({"1", "2"}));
  CheckOptions few;
  few.max_configurations = 10;
  EXPECT_EQ(Check(kEmpty, builder.history(), few).result, Result::kUndecided);
  EXPECT_EQ(ResultOf(builder), Result::kIllegal);
}

TEST(Checker, LeavesOutOptionalOperationsOnlyWhereItMust) {
  HistoryBuilder builder;
  builder.Do(0, 0, 10, Set("a", "1"), Ok()).Do(1, 20, 30, Get("a"), NilReply());
  History history = builder.history();
  history[0].optional = true;
  Verdict verdict = Check(kEmpty, history);
  EXPECT_EQ(verdict.result, Result::kLegal);
  EXPECT_EQ(verdict.order, (std::vector<uint32_t>{1}));
}

TEST(Shrink, KeepsJustTheContradiction) {
  HistoryBuilder builder;
  builder.Do(0, 0, 5, Set("c", "9"), Ok())
      .Do(0, 10, 20, Set("a", "1"), Ok())
      .Do(0, 10, 20, Set("b", "1"), Ok())
      .Do(1, 10, 20, Get("c"), BulkReply("9"))
      .Do(1, 10, 20, Get("b"), BulkReply("1"))
      .Do(1, 10, 20, Get("a"), NilReply())
      .Do(2, 10, 20, Set("c", "5"), Ok());
  History shrunk = Shrink(kEmpty, builder.history());
  std::vector<size_t> kept;
  for (size_t i = 0; i < shrunk.size(); ++i) {
    if (!shrunk[i].optional) kept.push_back(i);
  }
  // SET b goes as well, once the value is known to come from nowhere but there: what stays is a
  // reply and what contradicts it.
  EXPECT_LE(kept.size(), 4u);
  EXPECT_EQ(Check(kEmpty, shrunk).result, Result::kIllegal);
  std::string timeline = Timeline(kEmpty, shrunk);
  EXPECT_NE(timeline.find("GET a -> (nil)"), std::string::npos) << timeline;
}

TEST(Keys, KnowsTheSlotsOfRedis) {
  EXPECT_EQ(SlotOf("123456789"), 0x31C3 % 16384);
  EXPECT_EQ(SlotOf("foo"), 12182);
}

TEST(Keys, SpreadsNeighboursOverShards) {
  auto names = MakeKeyNames("k", kMaxKeys);
  ASSERT_EQ(names.size(), kMaxKeys);
  for (size_t i = 0; i < names.size(); ++i) EXPECT_EQ(SlotOf(names[i]) % 4, i % 4);
}

TEST(ReplyLength, WaitsForWholeReplies) {
  std::string whole = Bulks({"abc", ""});
  for (size_t i = 0; i < whole.size(); ++i) {
    EXPECT_EQ(ReplyLength(std::string_view(whole).substr(0, i)), 0u);
  }
  EXPECT_EQ(ReplyLength(whole + "+OK\r\n"), whole.size());
  EXPECT_EQ(ReplyLength("?"), 0u);
  EXPECT_EQ(ReplyLength("?\r\n"), std::string_view::npos);
}

}  // namespace
}  // namespace nuthatch::linearizability
