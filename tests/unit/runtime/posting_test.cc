#include "server/runtime/posting.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace nuthatch::runtime {
namespace {

// What a posting may hold on to for the next one, by a wide margin.
constexpr size_t kMuch = size_t{1024} * 1024;

void Reply(ReplyRun& replies, std::string_view text) {
  replies.bytes().Append(text);
  replies.EndReply();
}

TEST(Posting, MakesOnePartForEachShard) {
  Posting posting;
  PostingPart& third = posting.PartOf(3);
  third.items.push_back(0);
  PostingPart& first = posting.PartOf(1);
  EXPECT_EQ(&posting.PartOf(3), &third);
  EXPECT_EQ(&posting.PartOf(1), &first);
  EXPECT_EQ(posting.part_count, 2U);
  EXPECT_EQ(third.shard, 3);
  EXPECT_EQ(first.shard, 1);
  EXPECT_EQ(third.posting, &posting);
  EXPECT_EQ(third.items.size(), 1U);
  EXPECT_TRUE(first.items.empty());
}

TEST(Posting, KeepsItsPartsInPlaceWhileItGrows) {
  Posting posting;
  PostingPart* first = &posting.PartOf(0);
  Transaction* transaction = &posting.NewTransaction();
  for (uint16_t shard = 1; shard < 200; ++shard) {
    posting.PartOf(shard);
    posting.NewTransaction();
  }
  EXPECT_EQ(&posting.PartOf(0), first);
  EXPECT_EQ(&posting.transactions.front(), transaction);
  EXPECT_EQ(posting.part_count, 200U);
  EXPECT_EQ(posting.transaction_count, 200U);
}

TEST(Posting, GivesACommandItsArgumentsAndKeys) {
  Posting posting;
  posting.args = {"get", "a", "mget", "b", "c"};
  posting.keys = {keyspace::Key::Of("a"), keyspace::Key::Of("b"), keyspace::Key::Of("c")};
  ParsedCommand command;
  command.arg_begin = 2;
  command.arg_count = 3;
  command.key_begin = 1;
  command.key_count = 2;
  ASSERT_EQ(posting.ArgsOf(command).size(), 3U);
  EXPECT_EQ(posting.ArgsOf(command)[0], "mget");
  ASSERT_EQ(posting.KeysOf(command).size(), 2U);
  EXPECT_EQ(posting.KeysOf(command)[1].name, "c");
}

TEST(Posting, CountsTheBytesOfAllReplies) {
  Posting posting;
  EXPECT_EQ(posting.ReplyBytes(), 0U);
  Reply(posting.home_replies, "+PONG\r\n");
  Reply(posting.PartOf(1).replies, "+OK\r\n");
  Reply(posting.PartOf(0).replies, ":12\r\n");
  posting.NewTransaction().reply.Append("*0\r\n");
  EXPECT_EQ(posting.ReplyBytes(), 7U + 5U + 5U + 4U);
}

TEST(Posting, SaysWhetherSomethingIsToBePosted) {
  Posting posting;
  EXPECT_FALSE(posting.HasWork());
  posting.PartOf(1);
  EXPECT_FALSE(posting.HasWork());
  posting.PartOf(2).items.push_back(0);
  EXPECT_TRUE(posting.HasWork());
  posting.PartOf(2).items.clear();
  EXPECT_FALSE(posting.HasWork());
}

TEST(Posting, KnowsWhoseEachItemIs) {
  Posting posting;
  CallerInfo first{.client_id = 1, .db = 0};
  CallerInfo second{.client_id = 1, .db = 5};
  for (const CallerInfo& caller : {first, first, second, first}) {
    posting.items.emplace_back().caller = posting.CallerIndex(caller);
  }
  EXPECT_EQ(posting.CallerOf(posting.items[0]), first);
  EXPECT_EQ(posting.CallerOf(posting.items[1]), first);
  EXPECT_EQ(posting.CallerOf(posting.items[2]), second);
  EXPECT_EQ(posting.CallerOf(posting.items[3]), first);
}

PostingItem& AddItem(Posting& posting, PostingItem::Kind kind, uint32_t where,
                     ReplyMode mode = ReplyMode::kOn) {
  PostingItem& item = posting.items.emplace_back();
  item.kind = kind;
  item.where = where;
  item.reply_mode = mode;
  return item;
}

TEST(Posting, EmitsRepliesInTheOrderOfItsItemsWithoutThoseThatNobodyWants) {
  using Kind = PostingItem::Kind;
  Posting posting;
  uint32_t a = posting.PartIndex(3);
  uint32_t b = posting.PartIndex(1);
  AddItem(posting, Kind::kOneShard, a);
  AddItem(posting, Kind::kOneShard, a);
  AddItem(posting, Kind::kReplied, 0);
  AddItem(posting, Kind::kOneShard, b, ReplyMode::kSkip);
  AddItem(posting, Kind::kTransaction, 0);
  AddItem(posting, Kind::kOneShard, b);
  AddItem(posting, Kind::kReplied, 1);
  AddItem(posting, Kind::kTransaction, 1, ReplyMode::kOff);
  AddItem(posting, Kind::kOneShard, a);
  // A refusal that came later stands behind the others, yet is met before them.
  posting.items[2].where = 1;
  posting.items[6].where = 0;
  for (std::string_view text : {"a1", "a2", "a3"}) Reply(posting.parts[a]->replies, text);
  for (std::string_view text : {"hidden", "b2"}) Reply(posting.parts[b]->replies, text);
  for (std::string_view text : {"h1", ""}) Reply(posting.home_replies, text);
  posting.NewTransaction().reply.Append("t1");
  posting.NewTransaction().reply.Append("hidden");
  base::Buffer out;
  out.Append("before ");
  posting.EmitReplies(out);
  EXPECT_EQ(out.view(), "before a1a2t1b2h1a3");
}

void Use(Posting& posting, size_t reply_bytes) {
  std::string reply(reply_bytes, 'x');
  posting.args.assign(4, "word");
  posting.items.emplace_back();
  Reply(posting.home_replies, reply);
  PostingPart& part = posting.PartOf(2);
  part.items.push_back(0);
  part.next_item = 1;
  Reply(part.replies, reply);
  Transaction& transaction = posting.NewTransaction();
  transaction.shards = {0, 2};
  transaction.done = true;
  transaction.parts.resize(3);
  transaction.parts[2].bytes.Append(reply);
  transaction.parts[2].ends.push_back(reply_bytes);
  transaction.parts[2].number = 5;
  transaction.reply.Append(reply);
}

TEST(Posting, IsAsNewAfterReset) {
  Posting posting;
  Use(posting, 100);
  posting.barrier = true;
  posting.complete = true;
  posting.input_bytes = 30;
  posting.system_call = [](Shard&) {};
  posting.Reset();
  EXPECT_FALSE(posting.barrier);
  EXPECT_FALSE(posting.complete);
  EXPECT_EQ(posting.system_call, nullptr);
  EXPECT_EQ(posting.input_bytes, 0U);
  EXPECT_EQ(posting.part_count, 0U);
  EXPECT_EQ(posting.transaction_count, 0U);
  EXPECT_EQ(posting.ReplyBytes(), 0U);
  EXPECT_TRUE(posting.args.empty());
  EXPECT_TRUE(posting.keys.empty());
  EXPECT_TRUE(posting.items.empty());

  // What its parts held does not come up again, on whatever shard.
  PostingPart& part = posting.PartOf(7);
  EXPECT_EQ(part.shard, 7);
  EXPECT_TRUE(part.items.empty());
  EXPECT_EQ(part.next_item, 0U);
  EXPECT_EQ(part.replies.size(), 0U);
  EXPECT_EQ(part.replies.count(), 0U);
  Transaction& transaction = posting.NewTransaction();
  EXPECT_FALSE(transaction.done);
  EXPECT_TRUE(transaction.shards.empty());
  EXPECT_TRUE(transaction.reply.empty());
  for (const ScatterPart& scatter : transaction.parts) {
    EXPECT_TRUE(scatter.bytes.empty());
    EXPECT_TRUE(scatter.ends.empty());
    EXPECT_EQ(scatter.number, 0);
  }
}

TEST(Posting, KeepsSmallBuffersForTheNextUse) {
  Posting posting;
  Use(posting, 1000);
  posting.Reset();
  EXPECT_GE(posting.PartOf(2).replies.bytes().capacity(), 1000U);
  EXPECT_GE(posting.NewTransaction().reply.capacity(), 1000U);
  EXPECT_GE(posting.args.capacity(), 4U);
}

TEST(Posting, GivesLargeBuffersBack) {
  Posting posting;
  Use(posting, kMuch);
  posting.args.resize(kMuch);
  posting.keys.resize(kMuch);
  posting.Reset();
  EXPECT_LT(posting.args.capacity(), kMuch);
  EXPECT_LT(posting.keys.capacity(), kMuch);
  EXPECT_LT(posting.home_replies.bytes().capacity(), kMuch);
  EXPECT_LT(posting.PartOf(2).replies.bytes().capacity(), kMuch);
  Transaction& transaction = posting.NewTransaction();
  EXPECT_LT(transaction.reply.capacity(), kMuch);
}

// An MGET of large values left them in the fragments' buffers, which were never given back.
TEST(Posting, GivesWhatFragmentsLeftBack) {
  Posting posting;
  Use(posting, kMuch);
  posting.transactions[0].parts[2].ends.resize(kMuch);
  posting.Reset();
  for (const ScatterPart& part : posting.NewTransaction().parts) {
    EXPECT_LT(part.bytes.capacity(), kMuch);
    EXPECT_LT(part.ends.capacity(), kMuch);
  }
}

// A shard keeps some postings for the next use: what 128 transactions leave in one of them counts
// as often.
TEST(Posting, KeepsFewTransactionsForTheNextUse) {
  Posting posting;
  for (int i = 0; i < 128; ++i) posting.NewTransaction().reply.Append(std::string(1000, 'x'));
  posting.Reset();
  EXPECT_LE(posting.transactions.size(), 16U);
  EXPECT_EQ(posting.transaction_count, 0U);
}

}  // namespace
}  // namespace nuthatch::runtime
