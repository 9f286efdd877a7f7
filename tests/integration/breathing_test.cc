// Commands that take long and let sockets be served meanwhile.
#include <string>

#include <gtest/gtest.h>

#include "tests/integration/client.h"
#include "tests/integration/server_process.h"

namespace nuthatch::tests {
namespace {

class LongCommand : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Shards, LongCommand, testing::Values("1", "4"));

// The reply of a command that breathes once was flushed from under it, with those before it.
TEST_P(LongCommand, LeavesTheRepliesOfItsPipelineInOrder) {
  ServerProcess server({"--shards", GetParam()});
  Client client = Client::Tcp(server.port());
  std::string text(4000, 'x');
  ASSERT_EQ(client.Call({"MSET", "{a}1", text, "{a}2", text}), "+OK\r\n");
  std::string pipeline;
  // More than is taken from a connection at once, so that replies wait to be written.
  constexpr int kBefore = 500;
  for (int i = 0; i < 5; ++i) {
    for (int j = 0; j < kBefore; ++j) pipeline += Encode({"ECHO", "before"});
    pipeline += Encode({"LCS", "{a}1", "{a}2", "LEN"});
    pipeline += Encode({"LCS", "{a}1", "{a}2", "IDX"});
    pipeline += Encode({"ECHO", "behind"});
  }
  client.Send(pipeline);
  for (int i = 0; i < 5; ++i) {
    for (int j = 0; j < kBefore; ++j) ASSERT_EQ(client.Read(), "$6\r\nbefore\r\n");
    ASSERT_EQ(client.Read(), ":4000\r\n");
    ASSERT_EQ(client.Read(),
              "*4\r\n$7\r\nmatches\r\n*1\r\n*2\r\n*2\r\n:0\r\n:3999\r\n*2\r\n:0\r\n:3999\r\n"
              "$3\r\nlen\r\n:4000\r\n");
    ASSERT_EQ(client.Read(), "$6\r\nbehind\r\n");
  }
}

// Bits are counted, searched and combined part by part.
TEST_P(LongCommand, WorksThroughLongBitmaps) {
  ServerProcess server({"--shards", GetParam()});
  Client client = Client::Tcp(server.port());
  // 10,000,001 bytes: more than two parts.
  ASSERT_EQ(client.Call({"SETBIT", "one", "80000000", "1"}), ":0\r\n");
  EXPECT_EQ(client.Call({"BITPOS", "one", "1"}), ":80000000\r\n");
  EXPECT_EQ(client.Call({"BITCOUNT", "one"}), ":1\r\n");
  EXPECT_EQ(client.Call({"BITOP", "NOT", "rest", "one"}), ":10000001\r\n");
  EXPECT_EQ(client.Call({"BITCOUNT", "rest"}), ":80000007\r\n");
  EXPECT_EQ(client.Call({"BITCOUNT", "rest", "1", "79999999", "BIT"}), ":79999999\r\n");
  EXPECT_EQ(client.Call({"BITPOS", "rest", "0"}), ":80000000\r\n");
  EXPECT_EQ(client.Call({"BITPOS", "rest", "0", "0", "79999999", "BIT"}), ":-1\r\n");
  EXPECT_EQ(client.Call({"BITOP", "OR", "all", "one", "rest", "one"}), ":10000001\r\n");
  EXPECT_EQ(client.Call({"BITCOUNT", "all"}), ":80000008\r\n");
  EXPECT_EQ(client.Call({"BITPOS", "all", "0"}), ":80000008\r\n");
  EXPECT_EQ(client.Call({"BITOP", "XOR", "none", "one", "rest", "all"}), ":10000001\r\n");
  EXPECT_EQ(client.Call({"BITPOS", "none", "1"}), ":-1\r\n");
}

// Others are read and answered as soon as it is done, and it finds its own data unchanged.
TEST_P(LongCommand, KeepsTheKeyspaceToItself) {
  ServerProcess server({"--shards", GetParam()});
  Client slow = Client::Tcp(server.port());
  Client other = Client::Tcp(server.port());
  std::string text(6000, 'y');
  ASSERT_EQ(slow.Call({"MSET", "{a}1", text, "{a}2", text}), "+OK\r\n");
  slow.Send(Encode({"LCS", "{a}1", "{a}2", "LEN"}));
  other.Send(Encode({"SET", "{a}1", "z"}) + Encode({"DEL", "{a}2"}) + Encode({"PING"}));
  std::string length = slow.Read();
  EXPECT_TRUE(length == ":6000\r\n" || length == ":0\r\n") << length;
  EXPECT_EQ(other.Read(), "+OK\r\n");
  EXPECT_EQ(other.Read(), ":1\r\n");
  EXPECT_EQ(other.Read(), "+PONG\r\n");
}

}  // namespace
}  // namespace nuthatch::tests
