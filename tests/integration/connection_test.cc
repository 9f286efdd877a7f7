// What a connection promises, over real sockets: order, bounds, limits, ends.
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/integration/client.h"
#include "tests/integration/server_process.h"

namespace nuthatch::tests {
namespace {

TEST(Connection, AnswersAPipelineInOrderWhereverItsCommandsRun) {
  ServerProcess server({"--shards", "4"});
  Client client = Client::Tcp(server.port());
  constexpr int kCommands = 20'000;
  std::string pipeline;
  for (int i = 0; i < kCommands; ++i) {
    std::string text = std::to_string(i);
    pipeline += Encode({"SET", "key:" + text, text});
    pipeline += Encode({"GET", "key:" + text});
    if (i % 10 == 0)
      pipeline += Encode({"MGET", "key:" + text, "key:" + std::to_string(i / 2), "none"});
    if (i % 16 == 0) pipeline += Encode({"ECHO", text});
  }
  client.Send(pipeline);
  for (int i = 0; i < kCommands; ++i) {
    std::string text = std::to_string(i);
    std::string bulk = "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
    ASSERT_EQ(client.Read(), "+OK\r\n");
    ASSERT_EQ(client.Read(), bulk);
    if (i % 10 == 0) {
      std::string half = std::to_string(i / 2);
      ASSERT_EQ(client.Read(), "*3\r\n" + bulk + "$" + std::to_string(half.size()) + "\r\n" + half +
                                   "\r\n$-1\r\n");
    }
    if (i % 16 == 0) {
      ASSERT_EQ(client.Read(), bulk);
    }
  }
}

TEST(Connection, DoesNotGrowForAReaderThatDoesNotReadAndLosesNoReply) {
  for (const char* shards : {"1", "2"}) {
    ServerProcess server({"--shards", shards});
    constexpr size_t kValue = 10 * 1024 * 1024;
    constexpr int kGets = 100;
    Client writer = Client::Tcp(server.port());
    ASSERT_EQ(writer.Call({"SET", "big", std::string(kValue, 'v')}), "+OK\r\n");
    size_t before = server.ResidentBytes();
    Client slow = Client::Tcp(server.port());
    std::string pipeline;
    for (int i = 0; i < kGets; ++i) pipeline += Encode({"GET", "big"});
    slow.Send(pipeline);
    size_t most = 0;
    for (int i = 0; i < 100; ++i) {
      ASSERT_EQ(writer.Call({"PING"}), "+PONG\r\n");
      most = std::max(most, server.ResidentBytes());
      usleep(10'000);
    }
#ifdef NUTHATCH_NO_JEMALLOC
    // ThreadSanitizer keeps up to five bytes beside each; without a bound it were 5 GB.
    constexpr size_t kBound = size_t{2} * 1024 * 1024 * 1024;
#else
    constexpr size_t kBound = size_t{400} * 1024 * 1024;
#endif
    EXPECT_LT(most, before + kBound) << shards << " shards";
    for (int i = 0; i < kGets; ++i)
      ASSERT_EQ(slow.Read().size(), kValue + sizeof("$10485760\r\n\r\n") - 1);
  }
}

TEST(Connection, DoesNotGrowForASenderThatNeverReads) {
  ServerProcess server({"--shards", "2"});
  Client other = Client::Tcp(server.port());
  size_t before = server.ResidentBytes();
  Client endless = Client::Tcp(server.port());
  timeval soon{0, 200'000};
  setsockopt(endless.fd(), SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon);
  std::string block;
  for (int i = 0; i < 1000; ++i) block += Encode({"ECHO", std::string(1000, 'e')});
  bool stopped = false;
  for (int i = 0; i < 400 && !stopped; ++i) {
    stopped = send(endless.fd(), block.data(), block.size(), MSG_NOSIGNAL) <
              static_cast<ssize_t>(block.size());
  }
  EXPECT_TRUE(stopped) << "the server read 400 MB without an end";
  EXPECT_EQ(other.Call({"PING"}), "+PONG\r\n");
  EXPECT_LT(server.ResidentBytes(), before + 200 * 1024 * 1024);
}

TEST(Connection, TakesALargeValueThatArrivesInPieces) {
  ServerProcess server;
  Client client = Client::Tcp(server.port());
  std::string value(64 * 1024 * 1024, 'x');
  for (size_t i = 0; i < value.size(); i += 997) value[i] = static_cast<char>('a' + i % 26);
  EXPECT_EQ(client.Call({"SET", "k", value}), "+OK\r\n");
  EXPECT_EQ(client.Call({"GET", "k"}), "$67108864\r\n" + value + "\r\n");
}

TEST(Connection, ClosesAfterAProtocolErrorButAnswersWhatCameBefore) {
  for (const char* shards : {"1", "4"}) {
    ServerProcess server({"--shards", shards});
    Client client = Client::Tcp(server.port());
    client.Send(Encode({"SET", "a", "1"}) + Encode({"GET", "a"}) + "*1\r\n@\r\n");
    EXPECT_EQ(client.Read(), "+OK\r\n");
    EXPECT_EQ(client.Read(), "$1\r\n1\r\n");
    EXPECT_EQ(client.Read(), "-ERR Protocol error: expected '$', got '@'\r\n");
    EXPECT_TRUE(client.ReachesEnd());
  }
}

TEST(Connection, RunsInlineCommandsWithQuotes) {
  ServerProcess server({"--shards", "2"});
  Client client = Client::Tcp(server.port());
  client.Send("SET k \"a b\\x41\"\r\nGET k\r\n\r\nPING\r\n");
  EXPECT_EQ(client.Read(), "+OK\r\n");
  EXPECT_EQ(client.Read(), "$4\r\na bA\r\n");
  EXPECT_EQ(client.Read(), "+PONG\r\n");
}

TEST(Connection, QuitAnswersThenCloses) {
  ServerProcess server;
  Client client = Client::Tcp(server.port());
  client.Send(Encode({"PING"}) + Encode({"QUIT"}) + Encode({"PING"}));
  EXPECT_EQ(client.Read(), "+PONG\r\n");
  EXPECT_EQ(client.Read(), "+OK\r\n");
  EXPECT_TRUE(client.ReachesEnd());
}

TEST(Connection, AsksForThePassword) {
  ServerProcess server({"--requirepass", "secret"});
  Client client = Client::Tcp(server.port());
  EXPECT_EQ(client.Call({"GET", "a"}), "-NOAUTH Authentication required.\r\n");
  EXPECT_EQ(client.Call({"AUTH", "wrong"}),
            "-WRONGPASS invalid username-password pair or user is disabled.\r\n");
  client.Send(Encode({"AUTH", "secret"}) + Encode({"SET", "a", "1"}));
  EXPECT_EQ(client.Read(), "+OK\r\n");
  EXPECT_EQ(client.Read(), "+OK\r\n");
}

TEST(Connection, ServesTheUnixSocket) {
  ServerProcess server;
  Client client = Client::Unix(server.unix_socket());
  EXPECT_EQ(client.Call({"PING"}), "+PONG\r\n");
}

TEST(Connection, RefusesMoreThanMaxclients) {
  ServerProcess server({"--maxclients", "2"});
  Client one = Client::Tcp(server.port());
  Client two = Client::Tcp(server.port());
  EXPECT_EQ(one.Call({"PING"}), "+PONG\r\n");
  EXPECT_EQ(two.Call({"PING"}), "+PONG\r\n");
  Client three = Client::Tcp(server.port());
  EXPECT_EQ(three.Read(), "-ERR max number of clients reached\r\n");
  EXPECT_TRUE(three.ReachesEnd());
}

TEST(Connection, ClosesAClientOverItsQueryBufferLimit) {
  ServerProcess server({"--client-query-buffer-limit", "1mb"});
  Client client = Client::Tcp(server.port());
  client.Send("*2\r\n$3\r\nGET\r\n$20000000\r\n");
  client.Send(std::string(4 * 1024 * 1024, 'x'));
  EXPECT_TRUE(client.ReachesEnd());
}

TEST(Connection, ClosesAClientOverItsOutputBufferLimit) {
  ServerProcess server({"--client-output-buffer-limit", "normal 1mb 0 0"});
  Client client = Client::Tcp(server.port());
  EXPECT_EQ(client.Call({"SET", "big", std::string(8 * 1024 * 1024, 'v')}), "+OK\r\n");
  std::string pipeline;
  for (int i = 0; i < 20; ++i) pipeline += Encode({"GET", "big"});
  client.Send(pipeline);
  usleep(100'000);
  EXPECT_TRUE(client.ReachesEnd());
  Client other = Client::Tcp(server.port());
  EXPECT_EQ(other.Call({"PING"}), "+PONG\r\n");
}

TEST(Connection, NeverBeginsAReplyOverTheHardOutputLimit) {
  ServerProcess server({"--client-output-buffer-limit", "normal 100000 0 0", "--shards", "2"});
  Client client = Client::Tcp(server.port());
  for (const char* key : {"a", "b", "c"}) {
    EXPECT_EQ(client.Call({"SET", key, std::string(90'000, 'v')}), "+OK\r\n");
    EXPECT_EQ(client.Call({"GET", key}).size(), 90'000 + sizeof("$90000\r\n\r\n") - 1);
    EXPECT_EQ(client.Call({"APPEND", key, std::string(30'000, 'v')}), ":120000\r\n");
    Client victim = Client::Tcp(server.port());
    victim.Send(Encode({"GET", key}));
    EXPECT_TRUE(victim.ReachesEnd());
  }
  std::string info = client.Call({"INFO", "stats"});
  EXPECT_NE(info.find("client_output_buffer_limit_disconnections:3\r\n"), std::string::npos);
  // Small replies are not counted, whatever the limit.
  EXPECT_EQ(client.Call({"CONFIG", "SET", "client-output-buffer-limit", "normal 1 0 0"}),
            "+OK\r\n");
  EXPECT_EQ(client.Call({"GETRANGE", "a", "0", "15999"}).size(),
            16'000 + sizeof("$16000\r\n\r\n") - 1);
}

TEST(Connection, EvictsTheLargestClientsOverTheirMemory) {
  for (const char* shards : {"1", "3"}) {
    ServerProcess server({"--shards", shards, "--maxmemory-clients", "8mb"});
    Client control = Client::Tcp(server.port());
    std::vector<Client> clients;
    // The beginning of a command that never ends; so many bytes of input stay.
    for (size_t megabytes : {1, 8, 2}) {
      clients.push_back(Client::Tcp(server.port()));
      clients.back().Send("*2\r\n$4\r\nECHO\r\n$20000000\r\n" + std::string(megabytes << 20, 'x'));
    }
    EXPECT_TRUE(clients[1].ReachesEnd());
    // One that is exempt may take more.
    Client exempt = Client::Tcp(server.port());
    EXPECT_EQ(exempt.Call({"CLIENT", "NO-EVICT", "on"}), "+OK\r\n");
    std::string text(12 << 20, 'x');
    EXPECT_EQ(exempt.Call({"ECHO", text}).size(), text.size() + sizeof("$12582912\r\n\r\n") - 1);
    std::string stats = control.Call({"INFO", "stats"});
    EXPECT_NE(stats.find("\nevicted_clients:1\r\n"), std::string::npos) << stats;
    // A lower limit takes the larger one of the two that are left.
    EXPECT_EQ(control.Call({"CONFIG", "SET", "maxmemory-clients", "2500000"}), "+OK\r\n");
    EXPECT_TRUE(clients[2].ReachesEnd());
    EXPECT_EQ(control.Call({"CONFIG", "SET", "maxmemory", "10mb", "maxmemory-clients", "5%"}),
              "+OK\r\n");
    EXPECT_TRUE(clients[0].ReachesEnd());
    EXPECT_EQ(control.Call({"PING"}), "+PONG\r\n");
  }
}

TEST(Connection, HoldsTenThousandClients) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  ASSERT_GE(limit.rlim_max, 10'500u) << "this machine does not allow so many open files";
  ServerProcess server({"--shards", "2", "--maxclients", "10100"});
  std::vector<Client> clients;
  for (int i = 0; i < 10'000; ++i) clients.push_back(Client::Tcp(server.port()));
  for (Client& client : clients) client.Send(Encode({"PING"}));
  for (Client& client : clients) ASSERT_EQ(client.Read(), "+PONG\r\n");
}

TEST(Server, SaysThatThePortIsTaken) {
  ServerProcess server;
  std::string command = std::string(NUTHATCH_BINARY) + " --port " + std::to_string(server.port()) +
                        " --bind 127.0.0.1 > " + server.directory() + "/second 2>&1";
  int status = std::system(command.c_str());
  EXPECT_EQ(WEXITSTATUS(status), 1);
}

}  // namespace
}  // namespace nuthatch::tests
