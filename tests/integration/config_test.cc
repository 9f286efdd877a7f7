// What CONFIG SET changes about a running server's sockets and clients, and CONFIG REWRITE.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/integration/client.h"
#include "tests/integration/program.h"
#include "tests/integration/server_process.h"

namespace nuthatch::tests {
namespace {

// Whether anybody listens there.
bool Listens(const char* ip, int port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  inet_pton(AF_INET, ip, &address.sin_addr);
  address.sin_port = htons(static_cast<uint16_t>(port));
  bool connected = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return connected;
}

int LocalPort(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

std::string Failed(std::string_view name, std::string_view cause) {
  return "-ERR CONFIG SET failed (possibly related to argument '" + std::string(name) + "') - " +
         std::string(cause) + "\r\n";
}

TEST(ConfigSet, MovesToAnotherPortAndKeepsItsClients) {
  for (const char* shards : {"1", "4"}) {
    ServerProcess server({"--shards", shards});
    Client client = Client::Tcp(server.port());
    int port = FreePort();
    EXPECT_EQ(client.Call({"CONFIG", "SET", "port", std::to_string(port)}), "+OK\r\n");
    EXPECT_EQ(Client::Tcp(port).Call({"SET", "a", "1"}), "+OK\r\n");
    EXPECT_FALSE(Listens("127.0.0.1", server.port()));
    EXPECT_EQ(client.Call({"GET", "a"}), "$1\r\n1\r\n");
    EXPECT_EQ(client.Call({"CONFIG", "SET", "port", "0"}), "+OK\r\n");
    EXPECT_FALSE(Listens("127.0.0.1", port));
    EXPECT_EQ(client.Call({"CONFIG", "SET", "port", std::to_string(server.port())}), "+OK\r\n");
    EXPECT_TRUE(Listens("127.0.0.1", server.port()));
  }
}

TEST(ConfigSet, StaysWhereItIsWhenThePortIsTaken) {
  ServerProcess other;
  ServerProcess server({"--shards", "2"});
  Client client = Client::Tcp(server.port());
  std::string taken = std::to_string(other.port());
  std::string cause = "Unable to listen on this port. Check server logs.";
  EXPECT_EQ(client.Call({"CONFIG", "SET", "port", taken}), Failed("port", cause));
  EXPECT_EQ(client.Call({"CONFIG", "SET", "hz", "77", "PORT", taken}), Failed("port", cause));
  EXPECT_EQ(client.Call({"CONFIG", "GET", "hz"}), "*2\r\n$2\r\nhz\r\n$2\r\n10\r\n");
  EXPECT_EQ(Client::Tcp(server.port()).Call({"PING"}), "+PONG\r\n");
  EXPECT_TRUE(Matches(server.Log(),
                      "# Warning: Could not create server TCP listening socket "
                      "127\\.0\\.0\\.1:" +
                          taken + ": bind: Address already in use$"))
      << server.Log();
}

TEST(ConfigSet, BindsOtherAddresses) {
  ServerProcess server({"--shards", "2"});
  Client client = Client::Tcp(server.port());
  EXPECT_FALSE(Listens("127.0.0.2", server.port()));
  EXPECT_EQ(client.Call({"CONFIG", "SET", "bind", "127.0.0.1 127.0.0.2"}), "+OK\r\n");
  EXPECT_TRUE(Listens("127.0.0.2", server.port()));
  EXPECT_TRUE(Listens("127.0.0.1", server.port()));
  EXPECT_EQ(client.Call({"CONFIG", "SET", "bind", "10.255.255.254"}),
            Failed("bind", "Failed to bind to specified addresses."));
  EXPECT_TRUE(Listens("127.0.0.2", server.port()));
  EXPECT_EQ(client.Call({"CONFIG", "GET", "bind"}),
            "*2\r\n$4\r\nbind\r\n$19\r\n127.0.0.1 127.0.0.2\r\n");
  EXPECT_EQ(client.Call({"CONFIG", "SET", "bind", "127.0.0.1"}), "+OK\r\n");
  EXPECT_FALSE(Listens("127.0.0.2", server.port()));
}

TEST(ConfigSet, ChangesMaxclients) {
  ServerProcess server({"--shards", "2", "--maxclients", "2"});
  Client one = Client::Tcp(server.port());
  Client two = Client::Tcp(server.port());
  EXPECT_EQ(one.Call({"PING"}), "+PONG\r\n");
  EXPECT_EQ(two.Call({"PING"}), "+PONG\r\n");
  EXPECT_EQ(Client::Tcp(server.port()).Read(), "-ERR max number of clients reached\r\n");
  EXPECT_EQ(one.Call({"CONFIG", "SET", "maxclients", "3"}), "+OK\r\n");
  {
    Client three = Client::Tcp(server.port());
    EXPECT_EQ(three.Call({"PING"}), "+PONG\r\n");
    // Fewer than there are: nobody is thrown out, nobody comes in.
    EXPECT_EQ(one.Call({"CONFIG", "SET", "maxclients", "1"}), "+OK\r\n");
    EXPECT_EQ(three.Call({"PING"}), "+PONG\r\n");
  }
  EXPECT_EQ(Client::Tcp(server.port()).Read(), "-ERR max number of clients reached\r\n");
}

TEST(ConfigSet, RefusesMoreClientsThanFilesMayBeOpen) {
  TempDirectory directory;
  int port = FreePort();
  Program program({"--port", std::to_string(port), "--bind", "127.0.0.1", "--dir", directory.Path(),
                   "--save", "", "--maxclients", "100"},
                  {.most_files = 1000});
  program.AwaitReady();
  Client client = Client::Tcp(port);
  EXPECT_EQ(client.Call({"CONFIG", "SET", "maxclients", "900"}), "+OK\r\n");
  EXPECT_EQ(client.Call({"CONFIG", "SET", "maxclients", "5000"}),
            Failed("maxclients",
                   "The operating system is not able to handle the specified number "
                   "of clients, try with 968"));
  EXPECT_EQ(client.Call({"CONFIG", "GET", "maxclients"}),
            "*2\r\n$10\r\nmaxclients\r\n$3\r\n900\r\n");
}

TEST(ConfigSet, ClosesIdleClientsAfterTheTimeout) {
  for (const char* shards : {"1", "2"}) {
    ServerProcess server({"--shards", shards});
    Client idle = Client::Tcp(server.port());
    Client busy = Client::Tcp(server.port());
    Client late = Client::Tcp(server.port());
    EXPECT_EQ(idle.Call({"PING"}), "+PONG\r\n");
    EXPECT_EQ(busy.Call({"CONFIG", "SET", "timeout", "1"}), "+OK\r\n");
    auto start = std::chrono::steady_clock::now();
    std::thread keep_busy([&] {
      for (int i = 0; i < 30; ++i) {
        EXPECT_EQ(busy.Call({"PING"}), "+PONG\r\n");
        usleep(100'000);
      }
    });
    EXPECT_TRUE(idle.ReachesEnd());
    EXPECT_TRUE(late.ReachesEnd());
    EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(900));
    keep_busy.join();
    EXPECT_EQ(busy.Call({"PING"}), "+PONG\r\n");
  }
}

// Seconds until the kernel's keepalive timer of the server's side of `client`'s connection; -1: it
// has none.
int KeepAliveSeconds(const Client& client, int server_port) {
  char local[8], remote[8];
  std::snprintf(local, sizeof local, ":%04X", server_port);
  std::snprintf(remote, sizeof remote, ":%04X", LocalPort(client.fd()));
  std::ifstream table("/proc/net/tcp");
  std::string slot, from, to, state, queues, timer;
  while (table >> slot >> from >> to >> state >> queues >> timer) {
    std::string rest;
    std::getline(table, rest);
    if (!from.ends_with(local) || !to.ends_with(remote)) continue;
    if (!timer.starts_with("02:")) return -1;
    return static_cast<int>(std::stoul(timer.substr(3), nullptr, 16) /
                            static_cast<unsigned long>(sysconf(_SC_CLK_TCK)));
  }
  return -2;
}

TEST(ConfigSet, SetsTheKeepAliveOfConnections) {
  ServerProcess server({"--tcp-keepalive", "60"});
  Client client = Client::Tcp(server.port());
  EXPECT_EQ(client.Call({"PING"}), "+PONG\r\n");
  int seconds = KeepAliveSeconds(client, server.port());
  EXPECT_GT(seconds, 30);
  EXPECT_LE(seconds, 60);
  EXPECT_EQ(client.Call({"CONFIG", "SET", "tcp-keepalive", "0"}), "+OK\r\n");
  Client without = Client::Tcp(server.port());
  EXPECT_EQ(without.Call({"PING"}), "+PONG\r\n");
  EXPECT_EQ(KeepAliveSeconds(without, server.port()), -1);
}

TEST(ConfigSet, EntersAnotherDirectory) {
  ServerProcess server({"--enable-protected-configs", "yes"});
  TempDirectory other;
  Client client = Client::Tcp(server.port());
  EXPECT_EQ(client.Call({"CONFIG", "SET", "dir", "/does/not/exist"}),
            Failed("dir", "No such file or directory"));
  EXPECT_EQ(client.Call({"CONFIG", "SET", "dir", other.Path()}), "+OK\r\n");
  char directory[4096] = "";
  std::string link = "/proc/" + std::to_string(server.pid()) + "/cwd";
  ASSERT_GT(readlink(link.c_str(), directory, sizeof directory - 1), 0);
  EXPECT_EQ(directory, other.Path());
}

TEST(ConfigSet, ChangesTheLogLevel) {
  ServerProcess server;
  Client client = Client::Tcp(server.port());
  EXPECT_EQ(client.Call({"CONFIG", "SET", "loglevel", "warning"}), "+OK\r\n");
  size_t before = server.Log().size();
  EXPECT_EQ(client.Call({"DEBUG", "LOG", "a line"}), "+OK\r\n");
  EXPECT_TRUE(Matches(server.Log().substr(before), "# DEBUG LOG: a line$")) << server.Log();
}

TEST(ConfigRewrite, NeedsAFile) {
  ServerProcess server;
  EXPECT_EQ(Client::Tcp(server.port()).Call({"CONFIG", "REWRITE"}),
            "-ERR The server is running without a config file\r\n");
}

TEST(ConfigRewrite, KeepsCommentsAndChangesValuesInTheirPlace) {
  TempDirectory directory;
  int port = FreePort();
  std::string file =
      directory.Write("redis.conf", "# first comment\nport " + std::to_string(port) +
                                        "\nbind 127.0.0.1\nsave \"\"\n\n# about memory\nmaxmemory "
                                        "100mb\ndir " +
                                        directory.Path() + "\n# the end\n");
  Program program({file});
  program.AwaitReady();
  Client client = Client::Tcp(port);
  EXPECT_EQ(client.Call({"CONFIG", "SET", "maxmemory", "3gb", "timeout", "42"}), "+OK\r\n");
  EXPECT_EQ(client.Call({"CONFIG", "REWRITE"}), "+OK\r\n");
  std::string text = ReadFile(file);
  std::string kept = "# first comment\nport " + std::to_string(port) +
                     "\nbind 127.0.0.1\nsave \"\"\n\n# about memory\nmaxmemory 3gb\ndir \"" +
                     directory.Path() + "\"\n# the end\n";
  EXPECT_TRUE(text.starts_with(kept)) << text;
  EXPECT_TRUE(Matches(text, "^# Generated by CONFIG REWRITE\\n(.*\\n)*timeout 42$")) << text;
}

// An address of this machine that is not of the loopback interface; empty if there is none.
std::string OutsideAddress() {
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return "";
  std::string found;
  for (ifaddrs* one = all; one != nullptr && found.empty(); one = one->ifa_next) {
    if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != AF_INET) continue;
    char text[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &reinterpret_cast<sockaddr_in*>(one->ifa_addr)->sin_addr, text, sizeof text);
    if (!std::string_view(text).starts_with("127.")) found = text;
  }
  freeifaddrs(all);
  return found;
}

TEST(ProtectedMode, TurnsAwayWhoComesFromOutsideWithoutAPassword) {
  std::string outside = OutsideAddress();
  if (outside.empty()) GTEST_SKIP() << "this machine has the loopback interface only";
  ServerProcess server({"--bind", "127.0.0.1", outside});
  {
    Client stranger = Client::Tcp(server.port(), outside);
    std::string text = stranger.Read();
    EXPECT_TRUE(text.starts_with(
        "-DENIED Redis is running in protected mode because protected mode is enabled and no "
        "password is set for the default user. In this mode connections are only accepted from the "
        "loopback interface. If you want to connect from external computers to Redis you may adopt "
        "one of the following solutions: 1) Just disable protected mode sending the command "
        "'CONFIG SET protected-mode no' from the loopback interface"))
        << text;
    EXPECT_TRUE(
        text.ends_with("NOTE: You only need to do one of the above things in order for the "
                       "server to start accepting connections from the outside.\r\n"))
        << text;
    EXPECT_TRUE(stranger.ReachesEnd());
  }
  Client client = Client::Tcp(server.port());
  EXPECT_EQ(client.Call({"CONFIG", "SET", "protected-mode", "no"}), "+OK\r\n");
  EXPECT_EQ(Client::Tcp(server.port(), outside).Call({"PING"}), "+PONG\r\n");
  EXPECT_EQ(client.Call({"CONFIG", "SET", "protected-mode", "yes", "requirepass", "secret"}),
            "+OK\r\n");
  EXPECT_EQ(Client::Tcp(server.port(), outside).Call({"PING"}),
            "-NOAUTH Authentication required.\r\n");
}

// What stands behind it in the same pipeline is decided under the new limit.
TEST(ConfigSet, GivesANewLimitToTheVeryNextCommand) {
  for (const char* shards : {"1", "2"}) {
    ServerProcess server({"--shards", shards});
    Client client = Client::Tcp(server.port());
    client.Send(Encode({"CONFIG", "SET", "maxmemory", "100gb"}) + Encode({"SET", "a", "1"}) +
                Encode({"CONFIG", "SET", "maxmemory", "1"}) + Encode({"SET", "a", "2"}) +
                Encode({"CONFIG", "SET", "maxmemory", "0"}) + Encode({"SET", "a", "3"}));
    EXPECT_EQ(client.Read(), "+OK\r\n");
    EXPECT_EQ(client.Read(), "+OK\r\n");
    EXPECT_EQ(client.Read(), "+OK\r\n");
    EXPECT_EQ(client.Read(), "-OOM command not allowed when used memory > 'maxmemory'.\r\n");
    EXPECT_EQ(client.Read(), "+OK\r\n");
    EXPECT_EQ(client.Read(), "+OK\r\n");
  }
}

}  // namespace
}  // namespace nuthatch::tests
