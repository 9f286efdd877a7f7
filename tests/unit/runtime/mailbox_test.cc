#include "server/runtime/mailbox.h"

#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "server/runtime/tiny_lock.h"

namespace nuthatch::runtime {
namespace {

struct Numbered : Message {
  explicit Numbered(int n) : Message(Kind::kPart), number(n) {}
  int number;
};

void PutOperation(Mailbox& mailbox, Message* message) {
  mailbox.Lock();
  mailbox.PutOperation(message);
  mailbox.Unlock();
}

std::vector<int> Numbers(const Message* message) {
  std::vector<int> numbers;
  for (; message != nullptr; message = message->next) {
    numbers.push_back(static_cast<const Numbered*>(message)->number);
  }
  return numbers;
}

TEST(Mailbox, IsEmptyAtFirst) {
  Mailbox mailbox;
  EXPECT_FALSE(mailbox.HasOperations());
  EXPECT_FALSE(mailbox.HasAnswers());
  EXPECT_EQ(mailbox.TakeOperations(), nullptr);
  EXPECT_EQ(mailbox.TakeAnswers(), nullptr);
}

TEST(Mailbox, GivesOperationsInTheirOrderAllAtOnce) {
  Mailbox mailbox;
  std::deque<Numbered> messages;
  for (int i = 0; i < 5; ++i) PutOperation(mailbox, &messages.emplace_back(i));
  EXPECT_TRUE(mailbox.HasOperations());
  EXPECT_FALSE(mailbox.HasAnswers());
  EXPECT_EQ(Numbers(mailbox.TakeOperations()), (std::vector<int>{0, 1, 2, 3, 4}));
  EXPECT_FALSE(mailbox.HasOperations());
  EXPECT_EQ(mailbox.TakeOperations(), nullptr);
}

TEST(Mailbox, TakesUsedMessagesAgain) {
  Mailbox mailbox;
  Numbered first(1);
  Numbered second(2);
  for (int round = 0; round < 3; ++round) {
    PutOperation(mailbox, &first);
    PutOperation(mailbox, &second);
    EXPECT_EQ(Numbers(mailbox.TakeOperations()), (std::vector<int>{1, 2}));
    PutOperation(mailbox, &second);
    EXPECT_EQ(Numbers(mailbox.TakeOperations()), (std::vector<int>{2}));
  }
}

TEST(Mailbox, GivesAnswersFirstInFirst) {
  Mailbox mailbox;
  std::deque<Numbered> messages;
  for (int i = 0; i < 5; ++i) mailbox.PutAnswer(&messages.emplace_back(i));
  EXPECT_TRUE(mailbox.HasAnswers());
  EXPECT_FALSE(mailbox.HasOperations());
  EXPECT_EQ(Numbers(mailbox.TakeAnswers()), (std::vector<int>{0, 1, 2, 3, 4}));
  EXPECT_FALSE(mailbox.HasAnswers());
}

TEST(Mailbox, KeepsItsLanesApart) {
  Mailbox mailbox;
  Numbered operation(1);
  Numbered answer(2);
  mailbox.PutAnswer(&answer);
  PutOperation(mailbox, &operation);
  EXPECT_EQ(Numbers(mailbox.TakeOperations()), (std::vector<int>{1}));
  EXPECT_EQ(Numbers(mailbox.TakeAnswers()), (std::vector<int>{2}));
}

TEST(Mailbox, KeepsTimeAndVersion) {
  Mailbox mailbox;
  mailbox.Lock();
  EXPECT_EQ(mailbox.time(), 0);
  EXPECT_EQ(mailbox.version(), 0U);
  mailbox.set_time(1'700'000'000'000);
  mailbox.set_version(7);
  mailbox.Unlock();
  Numbered message(1);
  PutOperation(mailbox, &message);
  mailbox.TakeOperations();
  mailbox.Lock();
  EXPECT_EQ(mailbox.time(), 1'700'000'000'000);
  EXPECT_EQ(mailbox.version(), 7U);
  mailbox.Unlock();
}

TEST(Mailbox, SaysUnderItsLockWhetherItIsEmpty) {
  Mailbox mailbox;
  Numbered message(1);
  mailbox.Lock();
  EXPECT_TRUE(mailbox.empty_locked());
  mailbox.PutOperation(&message);
  EXPECT_FALSE(mailbox.empty_locked());
  mailbox.Unlock();
  mailbox.TakeOperations();
  mailbox.Lock();
  EXPECT_TRUE(mailbox.empty_locked());
  mailbox.Unlock();
}

// A consumer that sleeps in its loop as a shard does.
class Sleeper {
 public:
  Sleeper() {
    uv_loop_init(&loop_);
    uv_async_init(&loop_, &async_, [](uv_async_t* async) { ++*static_cast<int*>(async->data); });
    async_.data = &woken_;
    mailbox_.Open(&async_);
  }
  ~Sleeper() {
    uv_close(reinterpret_cast<uv_handle_t*>(&async_), nullptr);
    uv_run(&loop_, UV_RUN_DEFAULT);
    uv_loop_close(&loop_);
  }

  Mailbox& mailbox() { return mailbox_; }
  // Waits until something is in the mailbox.
  void Sleep() {
    while (!HasWork()) {
      mailbox_.SaySleeping();
      uv_run(&loop_, HasWork() ? UV_RUN_NOWAIT : UV_RUN_ONCE);
      mailbox_.SayAwake();
    }
  }
  // How often its loop was signalled, seen until now.
  int Woken() {
    uv_run(&loop_, UV_RUN_NOWAIT);
    return woken_;
  }

 private:
  bool HasWork() const { return mailbox_.HasOperations() || mailbox_.HasAnswers(); }

  uv_loop_t loop_;
  uv_async_t async_;
  int woken_ = 0;
  Mailbox mailbox_;
};

TEST(Mailbox, SignalsNobodyWhoIsAwake) {
  Sleeper sleeper;
  Numbered message(1);
  PutOperation(sleeper.mailbox(), &message);
  sleeper.mailbox().Wake();
  EXPECT_EQ(sleeper.Woken(), 0);
}

TEST(Mailbox, SignalsASleeperOnce) {
  Sleeper sleeper;
  std::array<Numbered, 3> messages = {Numbered(1), Numbered(2), Numbered(3)};
  sleeper.mailbox().SaySleeping();
  PutOperation(sleeper.mailbox(), messages.data());
  sleeper.mailbox().Wake();
  EXPECT_EQ(sleeper.Woken(), 1);
  // It is as good as awake: who puts now has nothing to do.
  PutOperation(sleeper.mailbox(), &messages[1]);
  sleeper.mailbox().Wake();
  sleeper.mailbox().PutAnswer(&messages[2]);
  sleeper.mailbox().Wake();
  EXPECT_EQ(sleeper.Woken(), 1);
}

// Each producer waits for its message to be consumed before it puts the next one, so the consumer
// falls asleep again and again. A wake-up that got lost would leave the test hanging.
TEST(Mailbox, LosesNoWakeUpWithManyProducers) {
  constexpr int kProducers = 4;
  constexpr int kRounds = 3'000;
  Sleeper sleeper;
  std::array<std::atomic<int>, kProducers> consumed{};
  std::vector<std::thread> producers;
  for (int i = 0; i < kProducers; ++i) {
    producers.emplace_back([&, i] {
      Numbered message(i);
      for (int round = 0; round < kRounds; ++round) {
        if (i % 2 == 0) {
          PutOperation(sleeper.mailbox(), &message);
        } else {
          sleeper.mailbox().PutAnswer(&message);
        }
        sleeper.mailbox().Wake();
        consumed[i].wait(round);
      }
    });
  }
  int left = kProducers * kRounds;
  while (left > 0) {
    sleeper.Sleep();
    for (Message* lane : {sleeper.mailbox().TakeOperations(), sleeper.mailbox().TakeAnswers()}) {
      while (lane != nullptr) {
        // Its producer may put it again at once.
        Message* next = lane->next;
        std::atomic<int>& count = consumed[static_cast<Numbered*>(lane)->number];
        count.fetch_add(1);
        count.notify_one();
        lane = next;
        --left;
      }
    }
  }
  for (std::thread& producer : producers) producer.join();
  EXPECT_EQ(sleeper.mailbox().TakeOperations(), nullptr);
  EXPECT_EQ(sleeper.mailbox().TakeAnswers(), nullptr);
}

// Without waiting, and the consumer awake or asleep as it happens.
TEST(Mailbox, KeepsEachProducersOrder) {
  constexpr int kProducers = 3;
  constexpr int kMessages = 5'000;
  Sleeper sleeper;
  std::vector<std::deque<Numbered>> messages(kProducers);
  std::vector<std::thread> producers;
  for (int i = 0; i < kProducers; ++i) {
    for (int n = 0; n < kMessages; ++n) messages[i].emplace_back(n * kProducers + i);
    producers.emplace_back([&, i] {
      for (Numbered& message : messages[i]) {
        PutOperation(sleeper.mailbox(), &message);
        sleeper.mailbox().Wake();
      }
    });
  }
  std::array<int, kProducers> next{};
  bool in_order = true;
  for (int left = kProducers * kMessages; left > 0;) {
    sleeper.Sleep();
    for (int number : Numbers(sleeper.mailbox().TakeOperations())) {
      in_order &= number / kProducers == next[number % kProducers]++;
      --left;
    }
  }
  for (std::thread& producer : producers) producer.join();
  EXPECT_TRUE(in_order);
}

}  // namespace
}  // namespace nuthatch::runtime
