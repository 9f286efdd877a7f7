// What Redis 7.0 doesn't know of CLIENT; the rest is compared with it (tests/oracle).
#include <gtest/gtest.h>

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
  EXPECT_EQ(server.Ask({"CLIENT SETINFO nosuch x"}), "-ERR Unrecognized option 'nosuch'");
}

}  // namespace
}  // namespace nuthatch::commands
