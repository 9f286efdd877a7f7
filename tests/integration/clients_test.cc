// What clients do to each other: CLIENT KILL, PAUSE, REPLY, LIST, DEBUG SLEEP, and the order of
// what one of them sees, on one shard and on several.
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/integration/client.h"
#include "tests/integration/program.h"
#include "tests/integration/server_process.h"

namespace nuthatch::tests {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

class Clients : public testing::TestWithParam<const char*> {
 protected:
  ServerProcess server_{{"--shards", GetParam()}};
  Client Connect() { return Client::Tcp(server_.port()); }
};

INSTANTIATE_TEST_SUITE_P(Shards, Clients, testing::Values("1", "2", "4"),
                         [](const auto& info) { return std::string(info.param); });

std::string IdOf(Client& client) {
  std::string reply = client.Call({"CLIENT", "ID"});
  return reply.substr(1, reply.size() - 3);
}

std::string AddressOf(const Client& client) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(client.fd(), reinterpret_cast<sockaddr*>(&address), &size);
  return "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}

// Whether something arrives within so long.
bool HasInput(const Client& client, int within_ms) {
  pollfd entry{client.fd(), POLLIN, 0};
  return poll(&entry, 1, within_ms) == 1;
}

size_t Count(const std::string& text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST_P(Clients, AreListedFromAllShardsInOrderOfTheirIds) {
  std::vector<Client> clients;
  for (int i = 0; i < 9; ++i) {
    clients.push_back(Connect());
    EXPECT_EQ(clients.back().Call({"CLIENT", "SETNAME", "c" + std::to_string(i)}), "+OK\r\n");
  }
  std::string list = clients[4].Call({"CLIENT", "LIST"});
  EXPECT_EQ(Count(list, " addr="), 9u) << list;
  size_t place = 0;
  for (int i = 0; i < 9; ++i) {
    size_t found = list.find("addr=" + AddressOf(clients[static_cast<size_t>(i)]), place);
    ASSERT_NE(found, std::string::npos) << list;
    EXPECT_NE(list.find(" name=c" + std::to_string(i) + " ", found), std::string::npos) << list;
    place = found;
  }
  std::string id = IdOf(clients[7]);
  std::string one = clients[0].Call({"CLIENT", "LIST", "ID", id});
  EXPECT_NE(one.find("id=" + id + " "), std::string::npos);
  EXPECT_NE(one.find(" cmd=client|id "), std::string::npos) << one;
  EXPECT_EQ(Count(one, " addr="), 1u);
}

TEST_P(Clients, AreKilledByIdAddressAndAllAtOnce) {
  Client killer = Connect();
  Client one = Connect();
  Client two = Connect();
  Client three = Connect();
  EXPECT_EQ(killer.Call({"CLIENT", "KILL", "ID", IdOf(one)}), ":1\r\n");
  EXPECT_TRUE(one.ReachesEnd());
  EXPECT_EQ(killer.Call({"CLIENT", "KILL", AddressOf(two)}), "+OK\r\n");
  EXPECT_TRUE(two.ReachesEnd());
  EXPECT_EQ(killer.Call({"CLIENT", "KILL", "ADDR", "127.0.0.1:1"}), ":0\r\n");
  EXPECT_EQ(killer.Call({"CLIENT", "KILL", "127.0.0.1:1"}), "-ERR No such client\r\n");
  EXPECT_EQ(three.Call({"PING"}), "+PONG\r\n");
  Client four = Connect();
  EXPECT_EQ(four.Call({"PING"}), "+PONG\r\n");
  EXPECT_EQ(killer.Call({"CLIENT", "KILL", "TYPE", "normal"}), ":2\r\n");
  EXPECT_TRUE(three.ReachesEnd());
  EXPECT_TRUE(four.ReachesEnd());
  // Itself: it gets its answer before the end, and nothing of what it sent behind it.
  killer.Send(Encode({"CLIENT", "KILL", "ID", IdOf(killer), "SKIPME", "no"}) + Encode({"PING"}));
  EXPECT_EQ(killer.Read(), ":1\r\n");
  EXPECT_TRUE(killer.ReachesEnd());
}

TEST_P(Clients, AreKilledWithPipelinesInFlight) {
  std::atomic<bool> stop{false};
  std::atomic<int> ends{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      while (!stop) {
        Client client = Connect();
        std::string pipeline;
        for (int i = 0; i < 100; ++i) {
          std::string key = "k:" + std::to_string(t) + ":" + std::to_string(i);
          pipeline += Encode({"SET", key, key}) + Encode({"GET", key}) +
                      Encode({"MSET", key, "x", key + "y", "x"});
        }
        bool open = true;
        while (open && !stop) {
          client.Send(pipeline);
          for (int i = 0; i < 100 && open; ++i) {
            std::string key = "k:" + std::to_string(t) + ":" + std::to_string(i);
            std::string bulk = "$" + std::to_string(key.size()) + "\r\n" + key + "\r\n";
            for (const std::string& expected :
                 {std::string("+OK\r\n"), bulk, std::string("+OK\r\n")}) {
              std::string got = client.Read();
              open = !got.empty();
              if (!open) break;
              ASSERT_EQ(got, expected);
            }
          }
        }
        if (!open) ++ends;
      }
    });
  }
  Client killer = Connect();
  EXPECT_TRUE(Eventually([&] {
    EXPECT_TRUE(Matches(killer.Call({"CLIENT", "KILL", "TYPE", "normal"}), "^:\\d+\r"));
    usleep(20'000);
    return ends >= 30;
  }));
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(Eventually([&] { return Count(killer.Call({"CLIENT", "LIST"}), " addr=") == 1; }));
}

TEST_P(Clients, WaitWithWritesWhilePaused) {
  Client admin = Connect();
  std::vector<Client> writers;
  EXPECT_EQ(admin.Call({"CLIENT", "PAUSE", "100000", "WRITE"}), "+OK\r\n");
  for (int i = 0; i < 8; ++i) {
    writers.push_back(Connect());
    std::string key = "key:" + std::to_string(i);
    writers.back().Send(Encode({"GET", key}) + Encode({"SET", key, "v"}) + Encode({"GET", key}));
    EXPECT_EQ(writers.back().Read(), "$-1\r\n");
  }
  for (Client& writer : writers) EXPECT_FALSE(HasInput(writer, 10));
  EXPECT_EQ(admin.Call({"DBSIZE"}), ":0\r\n");
  EXPECT_EQ(admin.Call({"CLIENT", "UNPAUSE"}), "+OK\r\n");
  for (Client& writer : writers) {
    EXPECT_EQ(writer.Read(), "+OK\r\n");
    EXPECT_EQ(writer.Read(), "$1\r\nv\r\n");
  }
  EXPECT_EQ(admin.Call({"SET", "a", "1"}), "+OK\r\n");
}

TEST_P(Clients, WaitWithEverythingUntilThePauseEnds) {
  Client admin = Connect();
  Client other = Connect();
  EXPECT_EQ(other.Call({"PING"}), "+PONG\r\n");
  EXPECT_EQ(admin.Call({"CLIENT", "PAUSE", "600"}), "+OK\r\n");
  auto start = Clock::now();
  other.Send(Encode({"PING"}) + Encode({"GET", "a"}));
  EXPECT_FALSE(HasInput(other, 200));
  EXPECT_EQ(other.Read(), "+PONG\r\n");
  EXPECT_EQ(other.Read(), "$-1\r\n");
  EXPECT_GE(Clock::now() - start, milliseconds(500));
  EXPECT_LE(Clock::now() - start, milliseconds(5000));
}

TEST_P(Clients, ArePausedByTheLongerAndTheStricterOfTwoPauses) {
  Client admin = Connect();
  Client other = Connect();
  EXPECT_EQ(admin.Call({"CLIENT", "PAUSE", "700", "WRITE"}), "+OK\r\n");
  EXPECT_EQ(admin.Call({"CLIENT", "PAUSE", "1", "WRITE"}), "+OK\r\n");
  auto start = Clock::now();
  EXPECT_EQ(other.Call({"SET", "a", "1"}), "+OK\r\n");
  EXPECT_GE(Clock::now() - start, milliseconds(500));
}

TEST_P(Clients, ThatLeaveWhilePausedAreForgotten) {
  Client admin = Connect();
  EXPECT_EQ(admin.Call({"CLIENT", "PAUSE", "100000", "WRITE"}), "+OK\r\n");
  for (int i = 0; i < 8; ++i) {
    Client gone = Connect();
    gone.Send(Encode({"SET", "gone:" + std::to_string(i), "v"}));
    usleep(2'000);
  }
  EXPECT_TRUE(Eventually([&] { return Count(admin.Call({"CLIENT", "LIST"}), " addr=") == 1; }));
  EXPECT_EQ(admin.Call({"CLIENT", "UNPAUSE"}), "+OK\r\n");
  EXPECT_EQ(admin.Call({"DBSIZE"}), ":0\r\n");
}

TEST_P(Clients, GetNoRepliesThatTheyDoNotWant) {
  Client client = Connect();
  std::string pipeline = Encode({"CLIENT", "REPLY", "OFF"});
  for (int i = 0; i < 50; ++i) pipeline += Encode({"SET", "key:" + std::to_string(i), "v"});
  pipeline += Encode({"NOSUCHCOMMAND"}) + Encode({"MGET", "key:1", "key:2", "key:3"});
  pipeline += Encode({"CLIENT", "REPLY", "ON"}) + Encode({"DBSIZE"});
  pipeline +=
      Encode({"CLIENT", "REPLY", "SKIP"}) + Encode({"GET", "key:1"}) + Encode({"ECHO", "e"});
  pipeline += Encode({"CLIENT", "REPLY", "SKIP"}) + Encode({"MGET", "key:1", "key:2"}) +
              Encode({"GET", "key:3"});
  client.Send(pipeline);
  EXPECT_EQ(client.Read(), "+OK\r\n");
  EXPECT_EQ(client.Read(), ":50\r\n");
  EXPECT_EQ(client.Read(), "$1\r\ne\r\n");
  EXPECT_EQ(client.Read(), "$1\r\nv\r\n");
  EXPECT_EQ(client.Call({"PING"}), "+PONG\r\n");
}

TEST_P(Clients, AllStandStillDuringDebugSleep) {
  Client sleeper = Connect();
  std::vector<Client> others;
  for (int i = 0; i < 4; ++i) {
    others.push_back(Connect());
    EXPECT_EQ(others.back().Call({"PING"}), "+PONG\r\n");
  }
  sleeper.Send(Encode({"DEBUG", "SLEEP", "0.8"}));
  usleep(150'000);
  auto start = Clock::now();
  for (Client& other : others) other.Send(Encode({"PING"}));
  for (Client& other : others) {
    EXPECT_EQ(other.Read(), "+PONG\r\n");
    EXPECT_GE(Clock::now() - start, milliseconds(400));
  }
  EXPECT_EQ(sleeper.Read(), "+OK\r\n");
  // Nor is anybody let in: the control thread sleeps too. (The kernel takes the connection.)
  sleeper.Send(Encode({"DEBUG", "SLEEP", "0.8"}));
  usleep(150'000);
  start = Clock::now();
  Client late = Connect();
  EXPECT_EQ(late.Call({"PING"}), "+PONG\r\n");
  EXPECT_GE(Clock::now() - start, milliseconds(400));
}

TEST_P(Clients, QuitBehindAPipelineAnswersEverythingBeforeIt) {
  Client client = Connect();
  std::string pipeline;
  for (int i = 0; i < 3000; ++i) {
    std::string text = std::to_string(i);
    pipeline += Encode({"SET", "key:" + text, text}) + Encode({"MGET", "key:" + text, "none"});
  }
  client.Send(pipeline + Encode({"QUIT"}) + Encode({"SET", "behind", "quit"}));
  for (int i = 0; i < 3000; ++i) {
    std::string text = std::to_string(i);
    ASSERT_EQ(client.Read(), "+OK\r\n");
    ASSERT_EQ(client.Read(),
              "*2\r\n$" + std::to_string(text.size()) + "\r\n" + text + "\r\n$-1\r\n");
  }
  EXPECT_EQ(client.Read(), "+OK\r\n");
  EXPECT_TRUE(client.ReachesEnd());
  EXPECT_EQ(Connect().Call({"EXISTS", "behind"}), ":0\r\n");
}

TEST_P(Clients, RunWhatTheySentEvenIfTheyDoNotWaitForTheAnswer) {
  {
    Client client = Connect();
    std::string pipeline;
    for (int i = 0; i < 1000; ++i) pipeline += Encode({"SET", "key:" + std::to_string(i), "v"});
    client.Send(pipeline);
    shutdown(client.fd(), SHUT_WR);
    EXPECT_TRUE(Eventually([&] { return Connect().Call({"DBSIZE"}) == ":1000\r\n"; }));
  }
  EXPECT_EQ(Connect().Call({"PING"}), "+PONG\r\n");
}

uint64_t PostedMessages(Client& client) {
  std::string info = client.Call({"INFO", "everything"});
  size_t at = info.find("\r\nposted_messages:");
  if (at == std::string::npos) return UINT64_MAX;
  return std::stoull(info.substr(at + sizeof("\r\nposted_messages:") - 1));
}

TEST_P(Clients, HaveOneKeyCommandsRunWithOneHopAtMost) {
  Client client = Connect();
  uint64_t before = PostedMessages(client);
  if (before == UINT64_MAX) GTEST_SKIP() << "INFO does not say how many messages were posted";
  // What INFO itself posts, and no more than that, may come on top.
  uint64_t own = PostedMessages(client) - before;
  constexpr uint64_t kKeys = 300;
  auto posted = [&](auto&& send) {
    uint64_t start = PostedMessages(client);
    for (uint64_t i = 0; i < kKeys; ++i) send("key:" + std::to_string(i));
    return PostedMessages(client) - start - own;
  };
  uint64_t sets = posted([&](const std::string& key) {
    EXPECT_EQ(client.Call({"SET", key, "v"}), "+OK\r\n");
  });
  uint64_t gets = posted([&](const std::string& key) {
    EXPECT_EQ(client.Call({"GET", key}), "$1\r\nv\r\n");
  });
  uint64_t expires = posted([&](const std::string& key) {
    EXPECT_EQ(client.Call({"EXPIRE", key, "1000"}), ":1\r\n");
  });
  if (std::string(GetParam()) == "1") {
    EXPECT_EQ(sets + gets + expires, 0u);
    return;
  }
  // Keys of its own shard take none.
  for (uint64_t hops : {sets, gets, expires}) {
    EXPECT_LT(hops, kKeys);
    EXPECT_GT(hops, kKeys / 5);
  }
}

}  // namespace
}  // namespace nuthatch::tests
