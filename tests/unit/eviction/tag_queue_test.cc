#include "eviction/tag_queue.h"

#include <gtest/gtest.h>

namespace nuthatch::eviction {
namespace {

using Queue = TagQueue<5>;

TEST(TagQueue, AgesAKeyByTheEntriesBehindIt) {
  Queue queue;
  queue.SetLength(1600);  // an epoch is 100 entries
  uint8_t epoch = queue.Enter();
  EXPECT_LT(queue.Age(epoch), Queue::kOne);
  for (int i = 0; i < 799; ++i) queue.Enter();
  EXPECT_EQ(queue.Age(epoch), 8 * Queue::kOne);
  for (int i = 0; i < 800; ++i) queue.Enter();
  // It has gone through the queue.
  EXPECT_EQ(queue.Age(epoch), Queue::kEpochsALength * Queue::kOne);
}

TEST(TagQueue, MakesAnEpochOfEachEntryOfAShortQueue) {
  Queue queue;
  queue.SetLength(0);
  uint8_t first = queue.Enter();
  uint8_t second = queue.Enter();
  EXPECT_EQ((second - first) & Queue::kEpochMask, 1);
}

TEST(TagQueue, HasAnEpochForWhatIsAboutToLookNew) {
  Queue queue;
  queue.SetLength(32);
  for (int i = 0; i < 1000; ++i) {
    queue.Enter();
    ASSERT_GE(queue.Age(queue.OldestEpoch()), (Queue::kEpochs - 4) * Queue::kOne);
    ASSERT_LT(queue.Age(queue.OldestEpoch()), Queue::kOldest);
  }
}

TEST(TagQueue, FollowsTheDemandWithItsThreshold) {
  Queue queue;
  queue.SetLength(1000);
  uint32_t before = queue.threshold();
  queue.Adapt(1, 3);
  uint32_t higher = queue.threshold();
  EXPECT_GT(higher, before);
  queue.Adapt(3, 3);
  EXPECT_EQ(queue.threshold(), higher);
  queue.Adapt(9, 3);
  EXPECT_LT(queue.threshold(), higher);
  // From end to end within a few lengths of victims, and no further.
  for (int i = 0; i < 2000; ++i) queue.Adapt(9, 3);
  EXPECT_EQ(queue.threshold(), 0);
  for (int i = 0; i < 2000; ++i) queue.Adapt(1, 3);
  EXPECT_EQ(queue.threshold(), Queue::kEpochs * 3 / 4 * Queue::kOne);
}

}  // namespace
}  // namespace nuthatch::eviction
