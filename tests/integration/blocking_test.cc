// Commands that wait, over sockets: CLIENT LIST, INFO and CLIENT UNBLOCK of who waits, connections
// that end meanwhile, a server that does, and queues between many clients.
#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/integration/client.h"
#include "tests/integration/server_process.h"

namespace nuthatch::tests {
namespace {

class BlockingCommands : public testing::TestWithParam<const char*> {
 protected:
  ServerProcess server_{{"--shards", GetParam()}};
  Client Connect() { return Client::Tcp(server_.port()); }
  // Waits until INFO shows that so many clients are blocked.
  void AwaitBlocked(Client& client, int count) {
    const std::string field = "blocked_clients:" + std::to_string(count) + "\r\n";
    while (client.Call({"INFO", "clients"}).find(field) == std::string::npos) {
      std::this_thread::yield();
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Shards, BlockingCommands, testing::Values("1", "2", "4"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(BlockingCommands, ShowThatTheyWait) {
  Client waiter = Connect();
  Client other = Connect();
  waiter.Send(Encode({"BLPOP", "a", "b", "100"}));
  AwaitBlocked(other, 1);
  const std::string list = other.Call({"CLIENT", "LIST"});
  EXPECT_NE(list.find(" flags=b "), std::string::npos) << list;
  EXPECT_NE(list.find(" cmd=blpop "), std::string::npos) << list;
  EXPECT_NE(other.Call({"INFO", "clients"}).find("clients_in_timeout_table:1\r\n"),
            std::string::npos);
  other.Call({"RPUSH", "b", "x"});
  EXPECT_EQ(waiter.Read(), "*2\r\n$1\r\nb\r\n$1\r\nx\r\n");
  AwaitBlocked(other, 0);
}

TEST_P(BlockingCommands, EndWithTheirConnection) {
  Client other = Connect();
  {
    Client waiter = Connect();
    waiter.Send(Encode({"BLPOP", "a", "b", "c", "0"}));
    AwaitBlocked(other, 1);
  }
  AwaitBlocked(other, 0);
  Client killed = Connect();
  killed.Send(Encode({"CLIENT", "SETNAME", "killed"}) + Encode({"BLPOP", "a", "b", "0"}));
  killed.Read();
  AwaitBlocked(other, 1);
  EXPECT_EQ(other.Call({"CLIENT", "KILL", "TYPE", "normal"}), ":1\r\n");
  EXPECT_TRUE(killed.ReachesEnd());
  AwaitBlocked(other, 0);
  other.Call({"RPUSH", "a", "kept"});
  EXPECT_EQ(other.Call({"LLEN", "a"}), ":1\r\n");
}

TEST_P(BlockingCommands, AreCountedByWhatTheyAreAnswered) {
  Client waiter = Connect();
  Client other = Connect();
  waiter.Call({"CLIENT", "SETNAME", "waiter"});
  std::string id = waiter.Call({"CLIENT", "ID"});
  id = id.substr(1, id.size() - 3);
  waiter.Send(Encode({"BLPOP", "a", "b", "c", "0"}));
  AwaitBlocked(other, 1);
  EXPECT_EQ(other.Call({"CLIENT", "UNBLOCK", id, "ERROR"}), ":1\r\n");
  EXPECT_EQ(waiter.Read(), "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n");
  // The destination has another type when the element comes.
  waiter.Send(Encode({"BLMOVE", "a", "d", "LEFT", "LEFT", "0"}));
  AwaitBlocked(other, 1);
  other.Call({"SET", "d", "x"});
  other.Call({"RPUSH", "a", "x"});
  EXPECT_TRUE(waiter.Read().starts_with("-WRONGTYPE "));
  EXPECT_EQ(waiter.Call({"BLPOP", "a", "0"}), "*2\r\n$1\r\na\r\n$1\r\nx\r\n");
  const std::string errors = other.Call({"INFO", "errorstats"});
  EXPECT_NE(errors.find("errorstat_UNBLOCKED:count=1\r\n"), std::string::npos) << errors;
  EXPECT_NE(errors.find("errorstat_WRONGTYPE:count=1\r\n"), std::string::npos) << errors;
  const std::string stats = other.Call({"INFO", "commandstats"});
  for (const char* command : {"cmdstat_blpop:calls=2,", "cmdstat_blmove:calls=1,"}) {
    size_t at = stats.find(command);
    ASSERT_NE(at, std::string::npos) << stats;
    const std::string line = stats.substr(at, stats.find('\r', at) - at);
    EXPECT_NE(line.find("failed_calls=1"), std::string::npos) << line;
  }
}

TEST_P(BlockingCommands, LetTheServerEnd) {
  Client other = Connect();
  std::vector<Client> waiters;
  for (int i = 0; i < 5; ++i) {
    waiters.push_back(Connect());
    waiters.back().Send(Encode({"BLPOP", "a", "b", "c", "0"}));
  }
  AwaitBlocked(other, 5);
  EXPECT_EQ(server_.Terminate(), 0);
  for (Client& waiter : waiters) EXPECT_TRUE(waiter.ReachesEnd());
}

// Producers put numbers into queues, workers move them on, consumers take them: each comes out
// once.
TEST_P(BlockingCommands, PassEveryElementOnOnce) {
  constexpr int kPairs = 4;
  constexpr int kElements = 500;
  std::vector<std::thread> threads;
  std::vector<std::vector<int>> taken(kPairs);
  for (int p = 0; p < kPairs; ++p) {
    threads.emplace_back([this, p] {
      Client client = Connect();
      for (int i = 0; i < kElements; ++i) {
        const std::string queue = "in" + std::to_string(i % 3);
        client.Call({"LPUSH", queue, std::to_string(p * kElements + i)});
      }
    });
    threads.emplace_back([this, p] {
      Client client = Connect();
      for (int i = 0; i < kElements; ++i) {
        const std::string to = "out" + std::to_string((p + i) % 2);
        // Each worker serves one queue; who finds it empty in the end takes from the others.
        std::string reply = client.Call({"BLMOVE", "in" + std::to_string(p % 3), to, "RIGHT",
                                         "LEFT", i < kElements / 4 ? "0" : "0.01"});
        for (int other = 0; reply.starts_with("*-1"); ++other) {
          reply = client.Call(
              {"BLMOVE", "in" + std::to_string(other % 3), to, "RIGHT", "LEFT", "0.01"});
        }
      }
    });
    threads.emplace_back([this, p, &taken] {
      Client client = Connect();
      for (int i = 0; i < kElements; ++i) {
        std::string reply = p % 2 == 0 ? client.Call({"BRPOP", "out0", "out1", "0"})
                                       : client.Call({"BRPOP", "out1", "out0", "0"});
        reply.resize(reply.size() - 2);
        taken[static_cast<size_t>(p)].push_back(std::stoi(reply.substr(reply.rfind('\n') + 1)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<int> all;
  for (const auto& part : taken) all.insert(all.end(), part.begin(), part.end());
  std::sort(all.begin(), all.end());
  ASSERT_EQ(all.size(), static_cast<size_t>(kPairs * kElements));
  for (size_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i], static_cast<int>(i));
}

}  // namespace
}  // namespace nuthatch::tests
