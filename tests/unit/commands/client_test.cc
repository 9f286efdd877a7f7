// What Redis 7.0 doesn't know of CLIENT, and what needs no other connection; the rest is compared
// with Redis (tests/oracle) or done by real clients (tests/integration).
#include <gtest/gtest.h>

#include "server/commands/client_list.h"
#include "tests/unit/commands/test_server.h"

namespace nuthatch::commands {
namespace {

TEST(Client, NoTouchIsSwitchedOnAndOff) {
  TestServer server;
  EXPECT_EQ(server.Ask("CLIENT NO-TOUCH ON"), "OK");
  EXPECT_TRUE(server.client().no_touch);
  EXPECT_EQ(server.Ask("CLIENT NO-TOUCH off"), "OK");
  EXPECT_FALSE(server.client().no_touch);
  EXPECT_EQ(server.Ask("CLIENT NO-TOUCH x"), "-ERR syntax error");
}

TEST(Client, SetInfoNamesTheLibrary) {
  TestServer server;
  EXPECT_EQ(server.Ask("CLIENT SETINFO lib-name redis-py"), "OK");
  EXPECT_EQ(server.Ask("CLIENT SETINFO LIB-VER 4.5"), "OK");
  EXPECT_EQ(server.client().lib_name, "redis-py");
  EXPECT_EQ(server.client().lib_ver, "4.5");
  EXPECT_EQ(server.Ask("CLIENT SETINFO nosuch x"), "-ERR Unrecognized option 'nosuch'");
}

TEST(Client, ReplyModeFollowsTheLastWord) {
  TestServer server;
  EXPECT_EQ(server.Raw({"CLIENT", "REPLY", "SKIP"}), "");
  EXPECT_EQ(server.client().reply_mode, runtime::ReplyMode::kSkipNext);
  EXPECT_EQ(server.Raw({"CLIENT", "REPLY", "OFF"}), "");
  EXPECT_EQ(server.Raw({"CLIENT", "REPLY", "SKIP"}), "");
  EXPECT_EQ(server.client().reply_mode, runtime::ReplyMode::kOff);
  EXPECT_EQ(server.Ask("CLIENT REPLY ON"), "OK");
  EXPECT_EQ(server.client().reply_mode, runtime::ReplyMode::kOn);
  EXPECT_EQ(server.Ask("CLIENT REPLY x"), "-ERR syntax error");
}

TEST(Client, NamesHoldNoSpaces) {
  TestServer server;
  EXPECT_EQ(server.Ask("CLIENT GETNAME"), "nil");
  EXPECT_EQ(server.Ask("CLIENT SETNAME me"), "OK");
  EXPECT_EQ(server.Ask("CLIENT GETNAME"), "\"me\"");
  constexpr const char* kBadName =
      "-ERR Client names cannot contain spaces, newlines or special characters.";
  EXPECT_EQ(server.AskWords({"CLIENT", "SETNAME", "a b"}), kBadName);
  EXPECT_EQ(server.AskWords({"CLIENT", "SETNAME", "a\n"}), kBadName);
  EXPECT_EQ(server.AskWords({"CLIENT", "SETNAME", "\xff"}), kBadName);
  EXPECT_EQ(server.AskWords({"CLIENT", "SETNAME", ""}), "OK");
  EXPECT_EQ(server.Ask("CLIENT GETNAME"), "nil");
}

TEST(Client, NobodyIsTracking) {
  TestServer server;
  EXPECT_EQ(server.Ask("CLIENT UNBLOCK x y"),
            "-ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
  EXPECT_EQ(server.Ask("CLIENT GETREDIR"), "-1");
  EXPECT_EQ(server.Ask("CLIENT TRACKINGINFO"),
            "[\"flags\", [\"off\"], \"redirect\", -1, \"prefixes\", []]");
}

TEST(Client, ALineHasTheFieldsOfRedisInTheirOrder) {
  runtime::ClientState client;
  client.id = 5;
  client.fd = 9;
  client.address = "1.2.3.4:5";
  client.local_address = "6.7.8.9:10";
  client.name = "me";
  client.db = 2;
  client.protocol = 3;
  client.no_evict = true;
  client.unix_socket = true;
  client.created_ms = 10'000;
  client.last_interaction_ms = 18'500;
  client.lib_name = "lib";
  client.lib_ver = "1";
  EXPECT_EQ(FormatClient(client, 20'000, false),
            "id=5 addr=1.2.3.4:5 laddr=6.7.8.9:10 fd=9 name=me age=10 idle=1 flags=Ue db=2 sub=0 "
            "psub=0 ssub=0 multi=-1 qbuf=0 qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 "
            "oll=0 omem=0 tot-mem=0 events=r cmd=NULL user=default redir=-1 resp=3 lib-name=lib "
            "lib-ver=1");
}

}  // namespace
}  // namespace nuthatch::commands
