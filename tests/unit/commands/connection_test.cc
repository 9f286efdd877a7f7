#include <gtest/gtest.h>

#include "tests/unit/commands/test_server.h"

namespace nuthatch::commands {
namespace {

constexpr const char* kWrongPass = "-WRONGPASS invalid username-password pair or user is disabled.";

TEST(Auth, NeedsThePasswordWhenThereIsOne) {
  TestServer server(1, {{"requirepass", "secret"}});
  server.client().authenticated = false;
  EXPECT_EQ(server.Ask("AUTH wrong"), kWrongPass);
  EXPECT_EQ(server.Ask("AUTH default wrong"), kWrongPass);
  EXPECT_EQ(server.Ask("AUTH other secret"), kWrongPass);
  EXPECT_EQ(server.Ask("AUTH secre"), kWrongPass);
  EXPECT_EQ(server.Ask("AUTH secretsecret"), kWrongPass);
  EXPECT_EQ(server.Ask("AUTH "), kWrongPass);
  EXPECT_FALSE(server.client().authenticated);
  EXPECT_EQ(server.Ask("AUTH secret"), "OK");
  EXPECT_TRUE(server.client().authenticated);
  EXPECT_EQ(server.Ask("AUTH a b c"), "-ERR syntax error");
}

TEST(Auth, AcceptsAnyPasswordOfTheDefaultUserWhenThereIsNone) {
  TestServer server;
  EXPECT_EQ(server.Ask("AUTH default x"), "OK");
  EXPECT_EQ(server.Ask("AUTH other x"), kWrongPass);
  EXPECT_EQ(server.Ask("AUTH x"),
            "-ERR AUTH <password> called without any password configured for the default user. "
            "Are you sure your configuration is correct?");
}

TEST(Hello, ChangesTheProtocolOfItsOwnReply) {
  TestServer server;
  server.client().authenticated = true;
  EXPECT_EQ(server.Raw({"HELLO", "3"}).substr(0, 4), "%7\r\n");
  EXPECT_EQ(server.client().protocol, 3);
  EXPECT_EQ(server.Raw({"HELLO", "2"}).substr(0, 5), "*14\r\n");
  EXPECT_EQ(server.client().protocol, 2);
}

TEST(Hello, KeepsItsProtocolWhenItFails) {
  TestServer server(1, {{"requirepass", "secret"}});
  server.client().authenticated = false;
  EXPECT_EQ(server.Ask("HELLO 3").substr(0, 13), "-NOAUTH HELLO");
  EXPECT_EQ(server.Ask("HELLO 3 AUTH default wrong SETNAME me"), kWrongPass);
  EXPECT_EQ(server.Ask("HELLO 3 SETNAME me AUTH default"),
            "-ERR Syntax error in HELLO option 'AUTH'");
  EXPECT_EQ(server.Ask("HELLO 4"), "-NOPROTO unsupported protocol version");
  EXPECT_EQ(server.Ask("HELLO x"), "-ERR Protocol version is not an integer or out of range");
  EXPECT_EQ(server.client().protocol, 2);
  // What stood before the wrong option was done.
  EXPECT_EQ(server.client().name, "me");
  EXPECT_EQ(server.Raw({"HELLO", "3", "AUTH", "default", "secret", "SETNAME", "you"}).front(), '%');
  EXPECT_EQ(server.client().name, "you");
  EXPECT_TRUE(server.client().authenticated);
}

TEST(Ping, AnswersOrEchoes) {
  TestServer server;
  EXPECT_EQ(server.Ask("PING"), "PONG");
  EXPECT_EQ(server.Ask("PING a"), "\"a\"");
  EXPECT_EQ(server.Ask("PING a b"), "-ERR wrong number of arguments for 'ping' command");
  EXPECT_EQ(server.Ask("ECHO a"), "\"a\"");
}

TEST(Select, ChangesTheDatabase) {
  TestServer server;
  EXPECT_EQ(server.Ask("SELECT 15"), "OK");
  EXPECT_EQ(server.client().db, 15);
  EXPECT_EQ(server.Ask("SELECT 16"), "-ERR DB index is out of range");
  EXPECT_EQ(server.Ask("SELECT -1"), "-ERR DB index is out of range");
  EXPECT_EQ(server.Ask("SELECT x"), "-ERR value is not an integer or out of range");
  EXPECT_EQ(server.client().db, 15);
}

TEST(Reset, BringsTheConnectionToItsBeginning) {
  TestServer server(1, {{"requirepass", "secret"}});
  runtime::ClientState& client = server.client();
  client.authenticated = true;
  client.db = 3;
  client.protocol = 3;
  client.name = "me";
  client.reply_mode = runtime::ReplyMode::kOff;
  EXPECT_EQ(server.Ask("RESET"), "RESET");
  EXPECT_EQ(client.db, 0);
  EXPECT_EQ(client.protocol, 2);
  EXPECT_EQ(client.name, "");
  EXPECT_EQ(client.reply_mode, runtime::ReplyMode::kOn);
  EXPECT_FALSE(client.authenticated);
}

TEST(Quit, ClosesBehindItsReply) {
  TestServer server;
  EXPECT_EQ(server.Ask("QUIT"), "OK");
  EXPECT_TRUE(server.client().close_after_reply);
}

}  // namespace
}  // namespace nuthatch::commands
