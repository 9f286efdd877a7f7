#include "server/runtime/poster.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/fake_node.h"

namespace nuthatch::runtime {
namespace {

constexpr size_t kShards = 3;

// Shards without threads: this test plays all of them.
class PosterTest : public testing::Test {
 protected:
  ~PosterTest() override {
    // What is left must not be worked off at the end: there are no commands behind it.
    for (size_t i = 0; i < kShards; ++i) mailbox(i).TakeOperations();
  }

  Mailbox& mailbox(size_t shard) { return node_.shard(shard).mailbox(); }
  int64_t TimeOf(size_t shard) {
    mailbox(shard).Lock();
    int64_t time = mailbox(shard).time();
    mailbox(shard).Unlock();
    return time;
  }
  void SetTime(size_t shard, int64_t time) {
    mailbox(shard).Lock();
    mailbox(shard).set_time(time);
    mailbox(shard).Unlock();
  }
  Posting& NewPosting(std::initializer_list<uint16_t> shards) {
    Posting& posting = postings_.emplace_back();
    for (uint16_t shard : shards) posting.PartOf(shard).items.push_back(0);
    return posting;
  }
  // The postings whose parts lie in that mailbox; takes them out.
  std::vector<Posting*> Taken(size_t shard) {
    std::vector<Posting*> taken;
    for (Message* message = mailbox(shard).TakeOperations(); message != nullptr;
         message = message->next) {
      auto* part = static_cast<PostingPart*>(message);
      EXPECT_EQ(part->shard, shard);
      taken.push_back(part->posting);
    }
    return taken;
  }

  FakeNode node_{kShards, {}};
  std::deque<Posting> postings_;
};

using Postings = std::vector<Posting*>;

TEST_F(PosterTest, PutsOnePartIntoEachMailboxConcerned) {
  Posting& posting = NewPosting({2, 1});
  EXPECT_EQ(Post(node_, &node_.shard(0), 0, 5, posting), PostOutcome::kPosted);
  EXPECT_EQ(posting.parts_left, 2U);
  EXPECT_FALSE(mailbox(0).HasOperations());
  EXPECT_EQ(Taken(1), Postings{&posting});
  EXPECT_EQ(Taken(2), Postings{&posting});
}

TEST_F(PosterTest, PutsAOneShardPostingIntoOneMailbox) {
  Posting& posting = NewPosting({1});
  EXPECT_EQ(Post(node_, &node_.shard(0), 0, 5, posting), PostOutcome::kPosted);
  EXPECT_FALSE(mailbox(0).HasOperations());
  EXPECT_FALSE(mailbox(2).HasOperations());
  EXPECT_EQ(Taken(1), Postings{&posting});
}

TEST_F(PosterTest, PutsNoPartThatHasNothingToDo) {
  Posting& posting = NewPosting({2, 1});
  posting.PartOf(2).items.clear();
  EXPECT_EQ(Post(node_, &node_.shard(0), 0, 5, posting), PostOutcome::kPosted);
  EXPECT_EQ(posting.parts_left, 1U);
  EXPECT_EQ(Taken(1), Postings{&posting});
  EXPECT_FALSE(mailbox(2).HasOperations());
}

TEST_F(PosterTest, LeavesItsOwnPartToTheCallerWhenNothingStandsBeforeIt) {
  Posting& posting = NewPosting({0, 1});
  EXPECT_EQ(Post(node_, &node_.shard(0), 0, 5, posting), PostOutcome::kPostedOwnPartNow);
  EXPECT_EQ(posting.parts_left, 2U);
  EXPECT_FALSE(mailbox(0).HasOperations());
  EXPECT_EQ(Taken(1), Postings{&posting});
}

TEST_F(PosterTest, PutsItsOwnPartBehindWhatStandsThere) {
  Posting& earlier = NewPosting({0});
  EXPECT_EQ(Post(node_, &node_.shard(1), 0, 5, earlier), PostOutcome::kPosted);
  Posting& posting = NewPosting({0, 1});
  EXPECT_EQ(Post(node_, &node_.shard(0), 0, 5, posting), PostOutcome::kPosted);
  EXPECT_EQ(Taken(0), (Postings{&earlier, &posting}));
  EXPECT_EQ(Taken(1), Postings{&posting});
}

TEST_F(PosterTest, TakesItsOwnTimeWhenThatIsTheLargest) {
  SetTime(0, 1000);
  SetTime(1, 2000);
  Posting& posting = NewPosting({0, 1});
  Post(node_, &node_.shard(0), 0, 3000, posting);
  EXPECT_EQ(posting.now_ms, 3000);
  EXPECT_EQ(TimeOf(0), 3000);
  EXPECT_EQ(TimeOf(1), 3000);
  EXPECT_EQ(TimeOf(2), 0);
}

TEST_F(PosterTest, TakesTheLargestTimeOfItsMailboxesAndLeavesItThere) {
  SetTime(0, 1000);
  SetTime(1, 5000);
  SetTime(2, 9000);
  Posting& posting = NewPosting({0, 1});
  Post(node_, &node_.shard(0), 0, 3000, posting);
  EXPECT_EQ(posting.now_ms, 5000);
  EXPECT_EQ(TimeOf(0), 5000);
  EXPECT_EQ(TimeOf(1), 5000);
  EXPECT_EQ(TimeOf(2), 9000);
}

TEST_F(PosterTest, PostsNothingThatWasDecidedUnderAnOlderVersion) {
  SetTime(1, 1000);
  node_.ReplaceConfig(config::DefaultConfig());
  Posting& posting = NewPosting({0, 1, 2});
  EXPECT_EQ(Post(node_, &node_.shard(0), 0, 3000, posting), PostOutcome::kOutdated);
  for (size_t i = 0; i < kShards; ++i) EXPECT_FALSE(mailbox(i).HasOperations());
  EXPECT_EQ(TimeOf(1), 1000);
  EXPECT_EQ(TimeOf(2), 0);
  // Decided again, it goes.
  EXPECT_EQ(Post(node_, &node_.shard(0), node_.version(), 3000, posting),
            PostOutcome::kPostedOwnPartNow);
  EXPECT_EQ(Taken(1), Postings{&posting});
  EXPECT_EQ(Taken(2), Postings{&posting});
}

TEST_F(PosterTest, AsksSystemCallsForNoVersion) {
  node_.ReplaceConfig(config::DefaultConfig());
  Posting& posting = NewPosting({0, 1, 2});
  EXPECT_EQ(Post(node_, nullptr, 0, 3000, posting), PostOutcome::kPosted);
  for (size_t i = 0; i < kShards; ++i) EXPECT_EQ(Taken(i), Postings{&posting});
}

// Three posters post to all mailboxes; the consumer empties one mailbox after the other. Whatever
// it met in one must have been in the other, too, when it looked there a moment later.
TEST_F(PosterTest, PutsAllPartsAtOneMomentAndInOneOrder) {
  constexpr size_t kPosters = 3;
  constexpr size_t kEach = 2'000;
  std::vector<std::deque<Posting>> postings(kPosters);
  std::vector<std::thread> posters;
  for (size_t i = 0; i < kPosters; ++i) {
    for (size_t n = 0; n < kEach; ++n) {
      // Named in another order by each poster: the locks are taken in the order of the shards.
      Posting& posting = postings[i].emplace_back();
      for (size_t s = 0; s < kShards; ++s) {
        posting.PartOf(static_cast<uint16_t>((s + i) % kShards)).items.push_back(0);
      }
    }
    posters.emplace_back([&, i] {
      int64_t now_ms = 0;
      for (Posting& posting : postings[i]) Post(node_, nullptr, 0, ++now_ms, posting);
    });
  }

  std::array<Postings, kShards> met;
  auto drain = [&](size_t shard) {
    Postings taken = Taken(shard);
    met[shard].insert(met[shard].end(), taken.begin(), taken.end());
  };
  bool whole = true;
  for (size_t round = 0; met[0].size() < kPosters * kEach; ++round) {
    size_t first = round % kShards;
    drain(first);
    for (size_t i = 1; i < kShards; ++i) {
      size_t other = (first + i) % kShards;
      drain(other);
      whole &= met[other].size() >= met[first].size();
    }
  }
  for (std::thread& poster : posters) poster.join();
  for (size_t i = 1; i < kShards; ++i) drain(i);
  EXPECT_TRUE(whole);
  EXPECT_EQ(met[0].size(), kPosters * kEach);
  EXPECT_EQ(met[1], met[0]);
  EXPECT_EQ(met[2], met[0]);
  // One time each, and it never falls along a mailbox.
  EXPECT_TRUE(std::is_sorted(met[0].begin(), met[0].end(),
                             [](const auto* a, const auto* b) { return a->now_ms < b->now_ms; }));
}

}  // namespace
}  // namespace nuthatch::runtime
