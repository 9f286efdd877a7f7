// How the server starts: command line, configuration files, what stops a start, and what a running
// one leaves in the file system and the log.
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/integration/client.h"
#include "tests/integration/program.h"
#include "tests/integration/server_process.h"

namespace nuthatch::tests {
namespace {

// The words of a start that meets nothing of this machine's.
std::vector<std::string> Args(int port, const TempDirectory& directory,
                              std::vector<std::string> more = {}) {
  std::vector<std::string> all = {"--port", std::to_string(port), "--bind", "127.0.0.1",
                                  "--dir",  directory.Path(),     "--save", ""};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

std::string ConfigGet(int port, std::string_view name) {
  std::string reply = Client::Tcp(port).Call({"CONFIG", "GET", name});
  std::string head = "*2\r\n$" + std::to_string(name.size()) + "\r\n" + std::string(name) + "\r\n$";
  if (!reply.starts_with(head)) return "?" + reply;
  size_t begin = reply.find("\r\n", head.size()) + 2;
  return reply.substr(begin, reply.size() - begin - 2);
}

// Whether a server answers there.
bool Answers(int port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  bool connected = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return connected && Client::Tcp(port).Call({"PING"}) == "+PONG\r\n";
}

TEST(Start, PrintsItsVersion) {
  for (const char* option : {"--version", "-v"}) {
    Program program({option});
    EXPECT_EQ(program.Wait(), 0);
    EXPECT_TRUE(Matches(program.Output(), "^Nuthatch server v=[0-9.]+ .*7\\.0\\.15"))
        << program.Output();
  }
}

TEST(Start, PrintsHelp) {
  for (const char* option : {"--help", "-h"}) {
    Program program({option});
    EXPECT_GE(program.Wait(), 0);
    EXPECT_TRUE(Matches(program.Output(), "^Usage: .*nuthatch ")) << program.Output();
  }
}

TEST(Start, TakesItsConfigurationFromStandardInput) {
  int port = FreePort();
  TempDirectory directory;
  Program program({"-"}, {.input = "port " + std::to_string(port) +
                                   "\nbind 127.0.0.1\nmaxmemory 100mb\nsave \"\"\n"});
  program.AwaitReady();
  EXPECT_EQ(ConfigGet(port, "maxmemory"), "104857600");
}

TEST(Start, LetsTheCommandLineOverrideTheFileAndStandardInputBoth) {
  int port = FreePort();
  TempDirectory directory;
  std::string file =
      directory.Write("redis.conf", "maxmemory 1gb\nmaxmemory-samples 3\nhz 20\ntimeout 7\n");
  std::vector<std::string> args = Args(port, directory, {"--hz", "40", "-"});
  args.insert(args.begin(), file);
  Program program(args, {.input = "maxmemory-samples 4\nhz 30\n"});
  program.AwaitReady();
  EXPECT_EQ(ConfigGet(port, "timeout"), "7");
  EXPECT_EQ(ConfigGet(port, "maxmemory"), "1073741824");
  EXPECT_EQ(ConfigGet(port, "maxmemory-samples"), "4");
  EXPECT_EQ(ConfigGet(port, "hz"), "40");
}

TEST(Start, ReadsIncludedFilesInTheirPlace) {
  int port = FreePort();
  TempDirectory directory;
  directory.Write("one.conf", "maxmemory 1mb\nhz 11\n");
  directory.Write("two.conf", "hz 12\ninclude " + directory.Path("three.conf") + "\n");
  directory.Write("three.conf", "timeout 33\n");
  std::string file =
      directory.Write("redis.conf", "hz 10\ninclude " + directory.Path("one.conf") + "\ninclude " +
                                        directory.Path("t*o.conf") + "\nmaxmemory 2mb\n");
  std::vector<std::string> args = Args(port, directory);
  args.insert(args.begin(), file);
  Program program(args);
  program.AwaitReady();
  EXPECT_EQ(ConfigGet(port, "hz"), "12");
  EXPECT_EQ(ConfigGet(port, "timeout"), "33");
  EXPECT_EQ(ConfigGet(port, "maxmemory"), "2097152");
}

TEST(Start, RunsUnderTheNameRedisServer) {
  int port = FreePort();
  TempDirectory directory;
  std::string link = directory.Path("redis-server");
  ASSERT_EQ(symlink(NUTHATCH_BINARY, link.c_str()), 0);
  Program program(Args(port, directory), {.binary = link});
  program.AwaitReady();
  EXPECT_EQ(Client::Tcp(port).Call({"PING"}), "+PONG\r\n");
  program.Signal(SIGTERM);
  EXPECT_EQ(program.Wait(), 0);
}

TEST(Start, StopsAtAMisspeltDirectiveWithRedissMessage) {
  TempDirectory directory;
  std::string file = directory.Write("redis.conf", "# a comment\n\nmaxmemroy 100mb\nhz 10\n");
  Program program({file});
  EXPECT_EQ(program.Wait(), 1);
  EXPECT_TRUE(Matches(program.Output(),
                      "^\\*\\*\\* FATAL CONFIG FILE ERROR \\([A-Za-z]+ [0-9.]+\\) \\*\\*\\*$"))
      << program.Output();
  EXPECT_NE(program.Output().find("Reading the configuration file, at line 3\n"
                                  ">>> 'maxmemroy 100mb'\n"
                                  "Bad directive or wrong number of arguments\n"),
            std::string::npos)
      << program.Output();
  Program option({"--port", std::to_string(FreePort()), "--bogus", "1"});
  EXPECT_EQ(option.Wait(), 1);
  EXPECT_NE(option.Output().find("Reading the configuration file, at line 3\n"
                                 ">>> 'bogus \"1\"'\n"
                                 "Bad directive or wrong number of arguments\n"),
            std::string::npos)
      << option.Output();
}

TEST(Start, StopsAtABadValueWithRedissMessage) {
  for (auto [line, cause] :
       {std::pair{"port 99999", "argument must be between 0 and 65535 inclusive"},
        {"maxmemory much", "argument must be a memory value"},
        {"daemonize maybe", "argument must be 'yes' or 'no'"},
        {"dir /does/not/exist", "No such file or directory"},
        {"hz \"10", "Unbalanced quotes in configuration line"}}) {
    TempDirectory directory;
    Program program({directory.Write("redis.conf", std::string(line) + "\n")});
    EXPECT_EQ(program.Wait(), 1);
    EXPECT_NE(program.Output().find(cause), std::string::npos) << line << "\n" << program.Output();
  }
}

TEST(Start, SaysThatAConfigurationFileIsMissing) {
  Program program({"/does/not/exist.conf"});
  EXPECT_EQ(program.Wait(), 1);
  EXPECT_NE(program.Output().find("Fatal error, can't open config file '/does/not/exist.conf': No "
                                  "such file or directory"),
            std::string::npos)
      << program.Output();
}

TEST(Start, RefusesWhatWouldProtectAccessOrDataAndDoesNotWorkYet) {
  TempDirectory directory;
  for (std::string line :
       {"aclfile /tmp/users.acl", "user alice on >secret ~* +@all", "tls-port 6390",
        "tls-cert-file /tmp/cert.pem", "rename-command FLUSHALL \"\"", "appendonly yes",
        "replicaof 127.0.0.1 6400", "slaveof 127.0.0.1 6400", "cluster-enabled yes"}) {
    std::string name = line.substr(0, line.find(' '));
    std::vector<std::string> args = Args(FreePort(), directory);
    args.insert(args.begin(), directory.Write("redis.conf", line + "\n"));
    Program program(args);
    EXPECT_EQ(program.Wait(), 1) << line;
    EXPECT_TRUE(Matches(program.Output(), "does not support .*'(replicaof|" + name + ")'"))
        << line << "\n"
        << program.Output();
    EXPECT_EQ(program.Output().find("Ready to accept"), std::string::npos) << line;
  }
}

TEST(Start, AcceptsTheHarmlessValuesOfRefusedDirectives) {
  int port = FreePort();
  TempDirectory directory;
  std::vector<std::string> args = Args(port, directory);
  args.insert(args.begin(), directory.Write("redis.conf",
                                            "aclfile \"\"\ntls-port 0\nappendonly no\n"
                                            "replicaof no one\ncluster-enabled no\n"));
  Program program(args);
  program.AwaitReady();
  EXPECT_EQ(ConfigGet(port, "appendonly"), "no");
}

TEST(Start, OnlyWarnsOfSavePoints) {
  int port = FreePort();
  TempDirectory directory;
  Program program({"--port", std::to_string(port), "--bind", "127.0.0.1", "--dir", directory.Path(),
                   "--save", "3600 1 300 100"});
  program.AwaitReady();
  EXPECT_TRUE(Matches(program.Output(), "^\\d+:M .* # .*save")) << program.Output();
  EXPECT_EQ(ConfigGet(port, "save"), "3600 1 300 100");
}

TEST(Start, WritesItsPidFileAndRemovesIt) {
  int port = FreePort();
  TempDirectory directory;
  std::string file = directory.Path("server.pid");
  Program program(Args(port, directory, {"--pidfile", file}));
  program.AwaitReady();
  EXPECT_EQ(ReadFile(file), std::to_string(program.pid()) + "\n");
  program.Signal(SIGTERM);
  EXPECT_EQ(program.Wait(), 0);
  EXPECT_NE(access(file.c_str(), F_OK), 0);
}

TEST(Start, GoesIntoTheBackground) {
  int port = FreePort();
  TempDirectory directory;
  std::string file = directory.Path("server.pid");
  std::string log = directory.Path("log");
  Program program(
      Args(port, directory, {"--daemonize", "yes", "--pidfile", file, "--logfile", log}));
  EXPECT_EQ(program.Wait(), 0) << program.Output();
  ASSERT_TRUE(Eventually([&] {
    return ReadFile(log).find("Ready to accept connections") != std::string::npos;
  })) << ReadFile(log);
  pid_t pid = static_cast<pid_t>(std::stol(ReadFile(file)));
  EXPECT_NE(pid, program.pid());
  EXPECT_EQ(getsid(pid), pid) << "it has no session of its own";
  EXPECT_EQ(Client::Tcp(port).Call({"PING"}), "+PONG\r\n");
  char target[64] = "";
  EXPECT_GT(readlink(("/proc/" + std::to_string(pid) + "/fd/1").c_str(), target, 63), 0);
  EXPECT_STREQ(target, "/dev/null");
  kill(pid, SIGTERM);
  EXPECT_TRUE(Eventually([&] { return kill(pid, 0) != 0; }));
  EXPECT_NE(access(file.c_str(), F_OK), 0);
}

TEST(Start, WritesItsLogInRedissFormat) {
  int port = FreePort();
  TempDirectory directory;
  std::string log = directory.Path("server.log");
  Program program(Args(port, directory, {"--logfile", log, "--always-show-logo", "no"}));
  ASSERT_TRUE(Eventually([&] {
    return Matches(ReadFile(log), "^\\d+:M .* \\* Ready to accept connections$");
  })) << ReadFile(log);
  program.Signal(SIGTERM);
  EXPECT_EQ(program.Wait(), 0);
  EXPECT_EQ(program.Output(), "");
  std::string text = ReadFile(log);
  while (!text.empty()) {
    std::string line = text.substr(0, text.find('\n'));
    text.erase(0, line.size() + 1);
    EXPECT_TRUE(
        Matches(line,
                "^(\\d+:[CM] \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d\\.\\d{3} [-.*#] .+"
                "|\\d+:signal-handler \\(\\d+\\) .+)$"))
        << line;
  }
}

TEST(Start, WritesWhatTheLogLevelAsksFor) {
  TempDirectory directory;
  int port = FreePort();
  Program quiet(Args(port, directory, {"--loglevel", "warning"}));
  quiet.AwaitOutput(" # ");
  ASSERT_TRUE(Eventually([&] { return Answers(port); }));
  quiet.Signal(SIGTERM);
  EXPECT_EQ(quiet.Wait(), 0);
  EXPECT_EQ(quiet.Output().find(" * "), std::string::npos) << quiet.Output();
}

TEST(Start, SaysThatThePortIsTakenAsRedisDoes) {
  TempDirectory directory;
  int port = FreePort();
  Program first(Args(port, directory));
  first.AwaitReady();
  Program second(Args(port, directory));
  EXPECT_EQ(second.Wait(), 1);
  std::string text = std::to_string(port);
  EXPECT_TRUE(Matches(second.Output(),
                      "^\\d+:M .* # Warning: Could not create server TCP listening "
                      "socket 127\\.0\\.0\\.1:" +
                          text + ": bind: Address already in use$"))
      << second.Output();
  EXPECT_TRUE(Matches(second.Output(),
                      "^\\d+:M .* # Failed listening on port " + text + " \\(TCP\\), aborting\\.$"))
      << second.Output();
  EXPECT_EQ(Client::Tcp(port).Call({"PING"}), "+PONG\r\n");
}

TEST(Start, LeavesThePidFileOfTheServerThatHasThePort) {
  TempDirectory directory;
  int port = FreePort();
  std::string file = directory.Path("server.pid");
  Program first(Args(port, directory, {"--pidfile", file}));
  first.AwaitReady();
  Program second(Args(port, directory, {"--pidfile", file}));
  EXPECT_EQ(second.Wait(), 1);
  EXPECT_EQ(ReadFile(file), std::to_string(first.pid()) + "\n");
}

TEST(Start, DoesNotRunWithoutAnywhereToListen) {
  TempDirectory directory;
  Program nothing({"--port", "0", "--dir", directory.Path(), "--save", ""});
  EXPECT_EQ(nothing.Wait(), 1);
  EXPECT_TRUE(Matches(nothing.Output(), "# Configured to not listen anywhere, exiting\\.$"))
      << nothing.Output();
  Program optional({"--port", std::to_string(FreePort()), "--bind", "-10.255.255.254", "--dir",
                    directory.Path(), "--save", ""});
  EXPECT_EQ(optional.Wait(), 1);
}

TEST(Start, SaysThatTheUnixSocketCannotBeMade) {
  TempDirectory directory;
  Program program({"--port", "0", "--unixsocket", "/does/not/exist/socket", "--dir",
                   directory.Path(), "--save", ""});
  EXPECT_EQ(program.Wait(), 1);
  EXPECT_TRUE(
      Matches(program.Output(), "# Failed opening Unix socket: bind: No such file or directory$"))
      << program.Output();
}

TEST(Start, TakesAsManyClientsAsItMayOpenFiles) {
  TempDirectory directory;
  int port = FreePort();
  Program program(Args(port, directory, {"--maxclients", "5000"}), {.most_files = 1000});
  program.AwaitReady();
  EXPECT_TRUE(Matches(program.Output(),
                      "# You requested maxclients of 5000 requiring at least 5032 "
                      "max file descriptors\\.$"))
      << program.Output();
  EXPECT_TRUE(Matches(program.Output(), "maxclients has been reduced to 968 to compensate"))
      << program.Output();
  EXPECT_EQ(ConfigGet(port, "maxclients"), "968");
}

TEST(Start, DoesWithoutAnOptionalAddressButNotWithoutANamedOne) {
  TempDirectory directory;
  int port = FreePort();
  Program optional({"--port", std::to_string(port), "--bind", "127.0.0.1", "-10.255.255.254",
                    "--dir", directory.Path(), "--save", ""});
  optional.AwaitReady();
  EXPECT_EQ(Client::Tcp(port).Call({"PING"}), "+PONG\r\n");
  Program named({"--port", std::to_string(FreePort()), "--bind", "127.0.0.1", "10.255.255.254",
                 "--dir", directory.Path(), "--save", ""});
  EXPECT_EQ(named.Wait(), 1);
  EXPECT_NE(named.Output().find("bind: Cannot assign requested address"), std::string::npos)
      << named.Output();
}

TEST(Start, GivesTheUnixSocketItsPermissions) {
  TempDirectory directory;
  std::string socket = directory.Path("redis.sock");
  directory.Write("redis.sock", "left behind by a crash");
  Program program({"--port", "0", "--unixsocket", socket, "--unixsocketperm", "700", "--dir",
                   directory.Path(), "--save", ""});
  program.AwaitOutput("The server is now ready to accept connections at " + socket);
  struct stat info {};
  ASSERT_EQ(stat(socket.c_str(), &info), 0);
  EXPECT_TRUE(S_ISSOCK(info.st_mode));
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  EXPECT_EQ(Client::Unix(socket).Call({"PING"}), "+PONG\r\n");
  program.Signal(SIGTERM);
  EXPECT_EQ(program.Wait(), 0);
  EXPECT_NE(access(socket.c_str(), F_OK), 0) << "the socket was left behind";
}

TEST(Start, TellsSystemdThatItIsReady) {
  TempDirectory directory;
  std::string path = directory.Path("notify");
  int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  Program program(Args(FreePort(), directory, {"--supervised", "systemd"}),
                  {.environment = {"NOTIFY_SOCKET=" + path}});
  program.AwaitReady();
  std::string told;
  EXPECT_TRUE(Eventually([&] {
    char bytes[1024];
    ssize_t got = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got > 0) told.append(bytes, static_cast<size_t>(got)).append("\n");
    return Matches(told, "^READY=1$");
  })) << told;
  close(fd);
}

TEST(Start, TakesDebiansConfigurationUnchanged) {
  std::string debian = ReadFile("/etc/redis/redis.conf");
  if (debian.empty()) GTEST_SKIP() << "no /etc/redis/redis.conf that may be read here";
  int port = FreePort();
  TempDirectory directory;
  // The paths and the port are this test's: they may be taken.
  std::string text;
  for (size_t begin = 0; begin < debian.size();) {
    size_t end = debian.find('\n', begin);
    std::string line = debian.substr(begin, end - begin);
    begin = end == std::string::npos ? debian.size() : end + 1;
    if (line.starts_with("dir ")) line = "dir " + directory.Path();
    if (line.starts_with("pidfile ")) line = "pidfile " + directory.Path("redis.pid");
    if (line.starts_with("logfile ")) line = "logfile " + directory.Path("redis.log");
    if (line.starts_with("port ")) line = "port " + std::to_string(port);
    text += line + "\n";
  }
  Program program({directory.Write("redis.conf", text)});
  EXPECT_EQ(program.Wait(), 0) << program.Output();
  std::string log = directory.Path("redis.log");
  ASSERT_TRUE(Eventually([&] {
    return ReadFile(log).find("Ready to accept connections") != std::string::npos;
  })) << ReadFile(log)
      << program.Output();
  {
    Client client = Client::Tcp(port);
    EXPECT_EQ(client.Call({"CONFIG", "REWRITE"}), "+OK\r\n");
    EXPECT_EQ(client.Call({"CONFIG", "SET", "maxmemory", "200mb"}), "+OK\r\n");
    EXPECT_EQ(ConfigGet(port, "tcp-keepalive"), "300");
    EXPECT_EQ(client.Call({"CONFIG", "REWRITE"}), "+OK\r\n");
  }
  // Every comment and every directive is still in its place; the new one was added.
  std::string rewritten = ReadFile(directory.Path("redis.conf"));
  size_t place = 0;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = text.find('\n', begin);
    std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    if (line.size() < 3 || line[0] != '#') continue;
    // Redis cuts blanks off the ends, too.
    line.erase(line.find_last_not_of(" \t") + 1).append("\n");
    size_t found = rewritten.find(line, place);
    ASSERT_NE(found, std::string::npos) << "a comment went: " << line;
    place = found + line.size();
  }
  EXPECT_TRUE(Matches(rewritten, "^maxmemory 200mb$"));
  EXPECT_TRUE(Matches(rewritten, "^port " + std::to_string(port) + "$"));
  pid_t pid = static_cast<pid_t>(std::stol(ReadFile(directory.Path("redis.pid"))));
  kill(pid, SIGTERM);
  EXPECT_TRUE(Eventually([&] { return kill(pid, 0) != 0; }));
  // The rewritten file starts it again.
  Program again({directory.Path("redis.conf"), "--daemonize", "no", "--logfile", ""});
  again.AwaitReady();
  EXPECT_EQ(ConfigGet(port, "maxmemory"), "209715200");
}

// What `ps` shows of a process, without the zero bytes behind it.
std::string Title(pid_t pid) {
  std::string text = ReadFile("/proc/" + std::to_string(pid) + "/cmdline");
  return text.substr(0, text.find('\0'));
}

TEST(Start, ShowsATitle) {
  ServerProcess server({"--proc-title-template", "{title} <{listen-addr}> {port}"});
  std::string port = std::to_string(server.port());
  EXPECT_EQ(Title(server.pid()),
            std::string(NUTHATCH_BINARY) + " <127.0.0.1:" + port + "> " + port);
  Client client = Client::Tcp(server.port());
  EXPECT_EQ(client.Call({"CONFIG", "SET", "proc-title-template", "TEST {server-mode}"}), "+OK\r\n");
  EXPECT_EQ(Title(server.pid()), "TEST");
  EXPECT_EQ(client.Call({"CONFIG", "SET", "proc-title-template", std::string(100'000, 'x')}),
            "+OK\r\n");
  EXPECT_TRUE(Title(server.pid()).starts_with("xxxx"));
  EXPECT_EQ(client.Call({"PING"}), "+PONG\r\n");
}

TEST(Start, LeavesTheTitleAloneWhereToldTo) {
  ServerProcess server({"--set-proc-title", "no"});
  EXPECT_EQ(Title(server.pid()), NUTHATCH_BINARY);
}

}  // namespace
}  // namespace nuthatch::tests
