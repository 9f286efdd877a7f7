// How the server ends: by signals and by SHUTDOWN, idle and under load.
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/integration/client.h"
#include "tests/integration/program.h"
#include "tests/integration/server_process.h"

namespace nuthatch::tests {
namespace {

std::vector<std::string> Args(int port, const TempDirectory& directory, std::string shards) {
  return {"--port",
          std::to_string(port),
          "--bind",
          "127.0.0.1",
          "--dir",
          directory.Path(),
          "--save",
          "",
          "--pidfile",
          directory.Path("server.pid"),
          "--unixsocket",
          directory.Path("socket"),
          "--shards",
          std::move(shards),
          "--enable-debug-command",
          "yes"};
}

// What a clean end leaves: code 0, no pid file, no socket, the last words in the log.
void ExpectCleanEnd(Program& program, const TempDirectory& directory) {
  EXPECT_EQ(program.Wait(), 0) << program.Output();
  EXPECT_NE(access(directory.Path("server.pid").c_str(), F_OK), 0);
  EXPECT_NE(access(directory.Path("socket").c_str(), F_OK), 0);
  EXPECT_TRUE(Matches(program.Output(), "is now ready to exit, bye bye\\.\\.\\.$"))
      << program.Output();
}

TEST(Signals, TermAndIntEndItCleanly) {
  for (auto [number, name] : {std::pair{SIGTERM, "SIGTERM"}, {SIGINT, "SIGINT"}}) {
    for (const char* shards : {"1", "4"}) {
      TempDirectory directory;
      int port = FreePort();
      Program program(Args(port, directory, shards));
      program.AwaitReady();
      Client idle = Client::Tcp(port);
      EXPECT_EQ(idle.Call({"SET", "a", "1"}), "+OK\r\n");
      program.Signal(number);
      ExpectCleanEnd(program, directory);
      EXPECT_TRUE(idle.ReachesEnd());
      EXPECT_TRUE(Matches(program.Output(),
                          std::string("Received ") + name + " scheduling shutdown\\.\\.\\.$"));
      EXPECT_TRUE(Matches(program.Output(), "# User requested shutdown\\.\\.\\.$"));
    }
  }
}

TEST(Signals, HangupAndPipeDoNothing) {
  TempDirectory directory;
  int port = FreePort();
  Program program(Args(port, directory, "2"));
  program.AwaitReady();
  program.Signal(SIGHUP);
  program.Signal(SIGPIPE);
  EXPECT_EQ(Client::Tcp(port).Call({"PING"}), "+PONG\r\n");
  EXPECT_TRUE(program.Running());
}

TEST(Signals, TermUnderLoadLosesNoReplyOfWhatItRan) {
  for (const char* shards : {"1", "4"}) {
    TempDirectory directory;
    int port = FreePort();
    Program program(Args(port, directory, shards));
    program.AwaitReady();
    std::atomic<int> busy{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        Client client = Client::Tcp(port);
        std::string pipeline;
        std::vector<std::string> expected;
        for (int i = 0; i < 50; ++i) {
          std::string key = "key:" + std::to_string(t) + ":" + std::to_string(i);
          pipeline += Encode({"SET", key, "v"}) + Encode({"MGET", key, "none", key});
          expected.insert(expected.end(), {"+OK\r\n", "*3\r\n$1\r\nv\r\n$-1\r\n$1\r\nv\r\n"});
        }
        for (int round = 0;; ++round) {
          client.Send(pipeline);
          for (const std::string& reply : expected) {
            std::string got = client.Read();
            if (got.empty()) return;  // the end: in order up to here
            ASSERT_EQ(got, reply);
          }
          if (round == 20) ++busy;
        }
      });
    }
    EXPECT_TRUE(Eventually([&] { return busy == 4; }));
    program.Signal(SIGTERM);
    ExpectCleanEnd(program, directory);
    for (std::thread& thread : threads) thread.join();
  }
}

TEST(Signals, TermEndsItAlthoughAClientDoesNotRead) {
  TempDirectory directory;
  int port = FreePort();
  Program program(Args(port, directory, "2"));
  program.AwaitReady();
  Client slow = Client::Tcp(port);
  ASSERT_EQ(slow.Call({"SET", "big", std::string(8 << 20, 'v')}), "+OK\r\n");
  std::string pipeline;
  for (int i = 0; i < 30; ++i) pipeline += Encode({"GET", "big"});
  slow.Send(pipeline);
  usleep(100'000);
  program.Signal(SIGTERM);
  ExpectCleanEnd(program, directory);
}

TEST(Signals, TermEndsItWhileClientsArePaused) {
  TempDirectory directory;
  int port = FreePort();
  Program program(Args(port, directory, "2"));
  program.AwaitReady();
  Client client = Client::Tcp(port);
  Client waiting = Client::Tcp(port);
  EXPECT_EQ(client.Call({"CLIENT", "PAUSE", "100000"}), "+OK\r\n");
  waiting.Send(Encode({"SET", "a", "1"}));
  usleep(50'000);
  program.Signal(SIGTERM);
  ExpectCleanEnd(program, directory);
}

TEST(Signals, TermWaitsForDebugSleep) {
  TempDirectory directory;
  int port = FreePort();
  Program program(Args(port, directory, "2"));
  program.AwaitReady();
  Client client = Client::Tcp(port);
  client.Send(Encode({"DEBUG", "SLEEP", "0.5"}));
  usleep(100'000);
  program.Signal(SIGTERM);
  ExpectCleanEnd(program, directory);
}

TEST(Shutdown, EndsTheServerWithoutAReply) {
  for (const char* shards : {"1", "4"}) {
    for (std::vector<std::string> words :
         {std::vector<std::string>{}, {"NOSAVE"}, {"nosave", "now"}, {"NOSAVE", "NOW", "FORCE"}}) {
      TempDirectory directory;
      int port = FreePort();
      Program program(Args(port, directory, shards));
      program.AwaitReady();
      Client client = Client::Tcp(port);
      std::string command = "SHUTDOWN";
      for (const std::string& word : words) command += " " + word;
      EXPECT_EQ(client.Call({"PING"}), "+PONG\r\n");
      client.Send(command + "\r\nPING\r\n");
      EXPECT_EQ(client.Read(), "") << command;
      ExpectCleanEnd(program, directory);
      EXPECT_TRUE(Matches(program.Output(), "# User requested shutdown\\.\\.\\.$"));
    }
  }
}

TEST(Shutdown, RefusesWhatItDoesNotKnow) {
  ServerProcess server({"--shards", "2"});
  Client client = Client::Tcp(server.port());
  EXPECT_EQ(client.Call({"SHUTDOWN", "LATER"}), "-ERR syntax error\r\n");
  EXPECT_EQ(client.Call({"SHUTDOWN", "SAVE", "NOSAVE"}), "-ERR syntax error\r\n");
  EXPECT_EQ(client.Call({"SHUTDOWN", "ABORT", "NOW"}), "-ERR syntax error\r\n");
  EXPECT_EQ(client.Call({"SHUTDOWN", "ABORT"}), "-ERR No shutdown in progress.\r\n");
  EXPECT_EQ(client.Call({"PING"}), "+PONG\r\n");
}

}  // namespace
}  // namespace nuthatch::tests
