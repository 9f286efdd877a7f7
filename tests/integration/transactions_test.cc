// Transactions over sockets: optimistic locking that loses no update, whole EXECs for whoever
// looks, and connections that end in the middle.
#include <atomic>
#include <charconv>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/integration/client.h"
#include "tests/integration/server_process.h"

namespace nuthatch::tests {
namespace {

constexpr std::string_view kNil = "*-1\r\n";

class Transactions : public testing::TestWithParam<const char*> {
 protected:
  ServerProcess server_{{"--shards", GetParam()}};
  Client Connect() { return Client::Tcp(server_.port()); }
};

INSTANTIATE_TEST_SUITE_P(Shards, Transactions, testing::Values("1", "2", "4"),
                         [](const auto& info) { return std::string(info.param); });

// The number in a bulk reply; 0 for nil.
int NumberOf(const std::string& reply) {
  size_t begin = reply.find("\r\n") + 2;
  int number = 0;
  if (begin < reply.size()) {
    std::from_chars(reply.data() + begin, reply.data() + reply.size(), number);
  }
  return number;
}

TEST_P(Transactions, WatchedCountersLoseNoUpdate) {
  constexpr int kThreads = 6;
  constexpr int kUpdates = 150;
  std::atomic<int> tries = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      Client client = Connect();
      for (int done = 0; done < kUpdates;) {
        // Keys without a tag in common: mostly of several shards.
        client.Send(Encode({"WATCH", "counter", "twin"}) + Encode({"GET", "counter"}) +
                    Encode({"GET", "twin"}));
        EXPECT_EQ(client.Read(), "+OK\r\n");
        std::string next = std::to_string(NumberOf(client.Read()) + 1);
        std::string twin = std::to_string(NumberOf(client.Read()) + 1);
        client.Send(Encode({"MULTI"}) + Encode({"SET", "counter", next}) +
                    Encode({"SET", "twin", twin}) + Encode({"EXEC"}));
        for (int i = 0; i < 3; ++i) client.Read();
        ++tries;
        std::string reply = client.Read();
        if (reply == kNil) continue;
        EXPECT_EQ(reply, "*2\r\n+OK\r\n+OK\r\n");
        ++done;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Client client = Connect();
  EXPECT_EQ(client.Call({"GET", "counter"}), client.Call({"GET", "twin"}));
  EXPECT_EQ(NumberOf(client.Call({"GET", "counter"})), kThreads * kUpdates);
  EXPECT_GE(tries, kThreads * kUpdates);
}

TEST_P(Transactions, WhoeverLooksSeesThemWhole) {
  std::atomic<bool> over = false;
  std::vector<std::thread> writers;
  for (int t = 0; t < 2; ++t) {
    writers.emplace_back([&, t] {
      Client client = Connect();
      for (int i = 0; !over; ++i) {
        std::string value = std::to_string(t) + ":" + std::to_string(i);
        client.Send(Encode({"MULTI"}) + Encode({"SET", "a", value}) + Encode({"SET", "b", value}) +
                    Encode({"SET", "c", value}) + Encode({"EXEC"}));
        for (int reply = 0; reply < 5; ++reply) client.Read();
      }
    });
  }
  Client client = Connect();
  for (int i = 0; i < 2000; ++i) {
    std::string reply = i % 2 == 0 ? client.Call({"MGET", "a", "b", "c"}) : [&] {
      client.Send(Encode({"MULTI"}) + Encode({"GET", "c"}) + Encode({"GET", "a"}) +
                  Encode({"GET", "b"}) + Encode({"EXEC"}));
      for (int before = 0; before < 4; ++before) client.Read();
      return client.Read();
    }();
    std::string one = reply.substr(4, (reply.size() - 4) / 3);
    ASSERT_EQ(reply, "*3\r\n" + one + one + one);
  }
  over = true;
  for (std::thread& writer : writers) writer.join();
}

TEST_P(Transactions, RunWhereWatchedBitsWereWrittenAsTheyWere) {
  Client client = Connect();
  Client other = Connect();
  for (bool changes : {false, true}) {
    EXPECT_EQ(other.Call({"SET", "key", "12"}), "+OK\r\n");
    EXPECT_EQ(client.Call({"WATCH", "key"}), "+OK\r\n");
    EXPECT_EQ(other.Call({"SETBIT", "key", "7", "1"}), ":1\r\n");
    EXPECT_EQ(other.Call({"BITFIELD", "key", "SET", "u8", "0", "49"}), "*1\r\n:49\r\n");
    if (changes) {
      EXPECT_EQ(other.Call({"SETBIT", "key", "7", "0"}), ":1\r\n");
    }
    EXPECT_EQ(client.Call({"MULTI"}), "+OK\r\n");
    EXPECT_EQ(client.Call({"GET", "key"}), "+QUEUED\r\n");
    EXPECT_EQ(client.Call({"EXEC"}), changes ? kNil : "*1\r\n$2\r\n12\r\n");
  }
}

TEST_P(Transactions, EndWithTheirConnection) {
  Client looker = Connect();
  for (int i = 0; i < 50; ++i) {
    std::string key = "key" + std::to_string(i);
    {
      Client client = Connect();
      EXPECT_EQ(client.Call({"WATCH", key, "other"}), "+OK\r\n");
      EXPECT_EQ(client.Call({"MULTI"}), "+OK\r\n");
      EXPECT_EQ(client.Call({"SET", key, "1"}), "+QUEUED\r\n");
    }
    EXPECT_EQ(looker.Call({"EXISTS", key}), ":0\r\n");
  }
  EXPECT_EQ(looker.Call({"MSET", "key1", "1", "other", "1"}), "+OK\r\n");
}

TEST_P(Transactions, TooMuchQueuedClosesTheConnection) {
  Client client = Connect();
  EXPECT_EQ(client.Call({"CONFIG", "SET", "client-query-buffer-limit", "1mb"}), "+OK\r\n");
  EXPECT_EQ(client.Call({"MULTI"}), "+OK\r\n");
  std::string value(100'000, 'x');
  std::string requests;
  for (int i = 0; i < 15; ++i) requests += Encode({"SET", "key", value});
  client.Send(requests);
  EXPECT_TRUE(client.ReachesEnd());
  Client looker = Connect();
  EXPECT_EQ(looker.Call({"EXISTS", "key"}), ":0\r\n");
}

}  // namespace
}  // namespace nuthatch::tests
