// Sessions on real shards: what arrives at one is run, posted and answered.
#include "server/runtime/session.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/shard_harness.h"
#include "tests/unit/runtime/world.h"

namespace nuthatch::runtime {
namespace {

constexpr std::string_view kOk = "+OK\r\n";

class SessionTest : public testing::Test {
 protected:
  // Waits until so many postings of that client are in flight.
  void AwaitInFlight(MemoryClient& client, size_t postings) {
    shards_.Await(0, [&] { return client.session().postings_in_flight() == postings; });
  }
  size_t InFlight(MemoryClient& client) {
    return shards_.Figure(0, [&] { return client.session().postings_in_flight(); });
  }
  // Lets shard 0 do what it can do.
  void Settle() {
    for (int i = 0; i < 4; ++i) shards_.On(0, [] {});
  }
  // Sends commands with small replies until large pipelines are posted whole.
  void WarmUp(MemoryClient& client) {
    std::string pipeline;
    constexpr int kCommands = 2000;
    for (int i = 0; i < kCommands; ++i) pipeline += MemoryClient::Encode({"get", on1_});
    client.Send(pipeline);
    client.Next(kCommands);
  }
  std::string Bulk(std::string_view text) {
    return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
  }

  World world_{3};
  ShardHarness shards_{3, World::Commands()};
  const std::string on0_ = shards_.KeyOn(0);
  const std::string on1_ = shards_.KeyOn(1);
  const std::string on2_ = shards_.KeyOn(2);
};

TEST_F(SessionTest, AnswersInOrderWhenPostingsComeBackOutOfOrder) {
  MemoryClient& client = shards_.Connect(0);
  WarmUp(client);
  shards_.Hold(1);
  client.Command({"fill", on1_, "1"});
  AwaitInFlight(client, 1);
  client.Command({"fill", on2_, "2"});
  client.Command({"say", "three"});
  client.Command({"fill", on0_, "4"});
  // The second posting is back, and what ran at home is there.
  AwaitInFlight(client, 1);
  shards_.Await(0, [&] { return client.session().queued_bytes() > 0; });
  Settle();
  EXPECT_FALSE(client.HasReply());
  shards_.Release(1);
  EXPECT_EQ(client.Next(4), Bulk("x") + Bulk("xx") + Bulk("three") + Bulk("xxxx"));
  AwaitInFlight(client, 0);
  EXPECT_EQ(shards_.Figure(0, [&] { return client.session().queued_bytes(); }), 0U);
  EXPECT_TRUE(shards_.Figure(0, [&] { return client.session().idle(); }));
}

TEST_F(SessionTest, AnswersAPipelineOverAllShardsInOrder) {
  MemoryClient& client = shards_.Connect(0);
  std::string pipeline;
  std::string expected;
  for (int i = 1; i <= 500; ++i) {
    std::string key = shards_.KeyOn(static_cast<size_t>(i) % 3, i);
    std::string value = std::to_string(i);
    pipeline += MemoryClient::Encode({"put", key, value});
    pipeline += MemoryClient::Encode({"get", key});
    pipeline += MemoryClient::Encode({"say", value});
    pipeline += MemoryClient::Encode({"mget", on0_, key, on2_});
    expected +=
        std::string(kOk) + Bulk(value) + Bulk(value) + "*3\r\n$-1\r\n" + Bulk(value) + "$-1\r\n";
  }
  client.Send(pipeline);
  EXPECT_TRUE(client.Next(2000) == expected);
}

TEST_F(SessionTest, ReadsACommandThatComesByteByByte) {
  MemoryClient& client = shards_.Connect(0);
  for (char c : MemoryClient::Encode({"put", on1_, "value"})) client.Send({&c, 1});
  EXPECT_EQ(client.Next(), kOk);
  EXPECT_EQ(client.Ask({"get", on1_}), Bulk("value"));
}

TEST_F(SessionTest, KeepsWhatWasReadForPostingsThatAreInFlight) {
  MemoryClient& client = shards_.Connect(0);
  WarmUp(client);
  shards_.Hold(1);
  // More than one input chunk, each with commands in flight.
  std::vector<std::string> values;
  for (int i = 0; i < 10; ++i) {
    values.emplace_back(7'000, static_cast<char>('a' + i));
    client.Command({"put", shards_.KeyOn(1, i), values.back()});
    AwaitInFlight(client, static_cast<size_t>(i) + 1);
  }
  shards_.Release(1);
  client.Next(10);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(client.Ask({"get", shards_.KeyOn(1, i)}) == Bulk(values[i]));
  }
}

// --- Barriers ---

TEST_F(SessionTest, HoldsWhatIsBehindABarrierUntilItsReplyIsThere) {
  MemoryClient& client = shards_.Connect(0);
  WarmUp(client);
  shards_.Hold(1);
  client.Send(MemoryClient::Encode({"put!", on1_, "1"}) +
              MemoryClient::Encode({"put", on2_, "behind"}) +
              MemoryClient::Encode({"put", on0_, "behind"}));
  AwaitInFlight(client, 1);
  Settle();
  // Neither posted nor run at home.
  EXPECT_EQ(InFlight(client), 1U);
  EXPECT_FALSE(shards_.Figure(0, [&] { return client.session().idle(); }));
  MemoryClient& other = shards_.Connect(2);
  EXPECT_EQ(other.Ask({"mget", on0_, on2_}), "*2\r\n$-1\r\n$-1\r\n");
  shards_.Release(1);
  EXPECT_EQ(client.Next(3), "+OK\r\n+OK\r\n+OK\r\n");
  EXPECT_EQ(other.Ask({"mget", on0_, on2_}), "*2\r\n" + Bulk("behind") + Bulk("behind"));
}

TEST_F(SessionTest, PostsWhatStandsBeforeABarrierTogetherWithIt) {
  MemoryClient& client = shards_.Connect(0);
  WarmUp(client);
  shards_.Hold(1);
  client.Send(MemoryClient::Encode({"put", on2_, "1"}) + MemoryClient::Encode({"put!", on1_, "2"}) +
              MemoryClient::Encode({"put", on2_, "3"}));
  MemoryClient& other = shards_.Connect(2);
  while (other.Ask({"get", on2_}) != Bulk("1")) {
  }
  Settle();
  EXPECT_EQ(other.Ask({"get", on2_}), Bulk("1"));
  shards_.Release(1);
  EXPECT_EQ(client.Next(3), "+OK\r\n+OK\r\n+OK\r\n");
  EXPECT_EQ(other.Ask({"get", on2_}), Bulk("3"));
}

// --- Bounds ---

TEST_F(SessionTest, BoundsWhatIsInFlight) {
  MemoryClient& client = shards_.Connect(0);
  WarmUp(client);
  shards_.Hold(1);
  constexpr int kCommands = 100'000;
  std::string pipeline;
  for (int i = 0; i < kCommands; ++i) pipeline += MemoryClient::Encode({"put", on1_, "value"});
  client.Send(pipeline);
  size_t sent = pipeline.size();
  shards_.Await(0, [&] { return !client.session().WantsInput(); });
  Settle();
  EXPECT_LE(InFlight(client), 16U);
  EXPECT_GE(InFlight(client), 1U);
  // Beyond the bounds it is not read.
  EXPECT_GT(client.unread(), sent / 2);
  EXPECT_LT(shards_.Figure(0, [&] { return client.session().input_bytes(); }), 2U << 20);
  shards_.Release(1);
  std::string replies = client.Next(kCommands);
  EXPECT_EQ(replies.size(), kCommands * kOk.size());
  EXPECT_EQ(client.unread(), 0U);
}

TEST_F(SessionTest, BoundsThePostingsInFlight) {
  MemoryClient& client = shards_.Connect(0);
  WarmUp(client);
  shards_.Hold(1);
  // A barrier that runs at once ends each batch, so that each put is a posting of its own.
  for (int i = 0; i < 40; ++i) {
    client.Send(MemoryClient::Encode({"put", on1_, std::to_string(i)}));
    client.Send("say inline\r\n");
  }
  AwaitInFlight(client, 16);
  Settle();
  EXPECT_EQ(InFlight(client), 16U);
  EXPECT_GT(shards_.Figure(0, [&] { return client.session().input_bytes(); }), 0U);
  shards_.Release(1);
  for (int i = 0; i < 40; ++i) EXPECT_EQ(client.Next(2), std::string(kOk) + Bulk("inline"));
  shards_.On(1, [&] {
    std::vector<std::string>& puts = world_.part(1).puts;
    ASSERT_EQ(puts.size(), 40U);
    for (int i = 0; i < 40; ++i) EXPECT_EQ(puts[i], std::to_string(i));
  });
}

TEST_F(SessionTest, BoundsTheBytesInFlight) {
  MemoryClient& client = shards_.Connect(0);
  WarmUp(client);
  shards_.Hold(1);
  constexpr size_t kValueBytes = size_t{12} << 20;
  std::string command = MemoryClient::Encode({"put", on1_, std::string(kValueBytes, 'v')});
  for (int i = 0; i < 8; ++i) client.Send(command);
  // 64 MB are passed by the sixth.
  AwaitInFlight(client, 6);
  Settle();
  EXPECT_EQ(InFlight(client), 6U);
  shards_.Release(1);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(client.Next(), kOk);
}

TEST_F(SessionTest, StopsForAClientThatDoesNotRead) {
  MemoryClient& client = shards_.Connect(0);
  shards_.On(0, [&] { client.set_reads(false); });
  constexpr size_t kReplyBytes = size_t{1} << 20;
  constexpr int kCommands = 80;
  for (const std::string* key : {&on0_, &on1_}) {
    std::string pipeline;
    for (int i = 0; i < kCommands; ++i) {
      pipeline += MemoryClient::Encode({"fill", *key, std::to_string(kReplyBytes)});
    }
    client.Send(pipeline);
    shards_.Await(0, [&] {
      return !client.session().WantsInput() && client.session().postings_in_flight() == 0;
    });
    Settle();
    size_t waiting = shards_.Figure(
        0, [&] { return client.session().output().size() + client.session().queued_bytes(); });
    EXPECT_GT(waiting, size_t{32} << 20);
    EXPECT_LT(waiting, size_t{72} << 20);
    EXPECT_GT(shards_.Figure(0, [&] { return client.session().input_bytes(); }), 0U);
    shards_.On(0, [&] { client.set_reads(true); });
    for (int i = 0; i < kCommands; ++i) EXPECT_GT(client.Next().size(), kReplyBytes);
    shards_.On(0, [&] { client.set_reads(false); });
  }
}

TEST_F(SessionTest, ReadsACommandThatIsLargerThanItsUsualInput) {
  MemoryClient& client = shards_.Connect(0);
  std::string value(size_t{5} << 20, 'v');
  EXPECT_EQ(client.Ask({"put", on1_, value}), kOk);
  EXPECT_TRUE(client.Ask({"get", on1_}) == Bulk(value));
  EXPECT_EQ(shards_.Figure(0, [&] { return client.session().input_capacity(); }), 0U);
}

// --- Inline commands ---

TEST_F(SessionTest, RunsInlineCommandsAmongOthers) {
  MemoryClient& client = shards_.Connect(0);
  client.Send("put " + on1_ + " \"a b\\x41\"\r\n\r\n" + MemoryClient::Encode({"get", on1_}) +
              "say 'it''s'\r\nsay last\r\n");
  EXPECT_EQ(client.Next(2), std::string(kOk) + Bulk("a bA"));
  // A quoted word must be followed by a space: the connection ends.
  EXPECT_EQ(client.Next(), "-ERR Protocol error: unbalanced quotes in request\r\n");
  client.AwaitClosed();
}

// The words of an inline command are unescaped where they stand. When it has to wait, it is given
// back as it was sent.
TEST_F(SessionTest, GivesAnInlineCommandBackAsItWasSent) {
  MemoryClient& client = shards_.Connect(0);
  WarmUp(client);
  shards_.On(0, [&] { client.session().client().authenticated = false; });
  EXPECT_EQ(client.Ask({"secure", "password"}), kOk);
  shards_.Hold(1);
  client.Command({"login", on1_});
  AwaitInFlight(client, 1);
  // It would be refused; that waits for what is in flight.
  client.Send("put " + on2_ + " \"\\x22 \\\\ \\x41\\n\"\r\nget " + on2_ + "\r\n");
  shards_.Await(0, [&] { return client.session().input_bytes() > 0; });
  Settle();
  shards_.On(0, [&] { client.session().client().authenticated = true; });
  shards_.Release(1);
  client.Next();
  EXPECT_EQ(client.Next(2), std::string(kOk) + Bulk("\" \\ A\n"));
}

// --- Protocol errors ---

TEST_F(SessionTest, TellsAProtocolErrorBehindPendingReplies) {
  MemoryClient& client = shards_.Connect(0);
  WarmUp(client);
  shards_.Hold(1);
  client.Send(MemoryClient::Encode({"put", on1_, "1"}) + MemoryClient::Encode({"say", "2"}) +
              "*1\r\n!3\r\n" + MemoryClient::Encode({"put", on2_, "never"}));
  AwaitInFlight(client, 1);
  Settle();
  EXPECT_FALSE(client.HasReply());
  shards_.Release(1);
  EXPECT_EQ(client.Next(3),
            std::string(kOk) + Bulk("2") + "-ERR Protocol error: expected '$', got '!'\r\n");
  client.AwaitClosed();
  EXPECT_FALSE(shards_.Figure(0, [&] { return client.session().WantsInput(); }));
  EXPECT_EQ(shards_.Connect(2).Ask({"get", on2_}), "$-1\r\n");
}

TEST_F(SessionTest, MeetsAProtocolErrorAgainBehindWhatHadToWait) {
  MemoryClient& client = shards_.Connect(0);
  WarmUp(client);
  shards_.On(0, [&] { client.session().client().authenticated = false; });
  EXPECT_EQ(client.Ask({"secure", "password"}), kOk);
  shards_.Hold(1);
  client.Send(MemoryClient::Encode({"login", on1_}) + MemoryClient::Encode({"get", on2_}) +
              "*1\r\n!\r\n");
  AwaitInFlight(client, 1);
  Settle();
  shards_.Release(1);
  client.Next();
  EXPECT_EQ(client.Next(2),
            "-NOAUTH Authentication required.\r\n-ERR Protocol error: expected '$', got '!'\r\n");
  client.AwaitClosed();
}

TEST_F(SessionTest, RunsNothingBehindQuit) {
  MemoryClient& client = shards_.Connect(0);
  WarmUp(client);
  shards_.Hold(1);
  client.Send(MemoryClient::Encode({"put", on1_, "1"}) + MemoryClient::Encode({"quit"}) +
              MemoryClient::Encode({"put", on2_, "never"}));
  AwaitInFlight(client, 1);
  shards_.Release(1);
  EXPECT_EQ(client.Next(2), "+OK\r\n+OK\r\n");
  client.AwaitClosed();
  EXPECT_FALSE(client.HasReply());
  EXPECT_EQ(shards_.Connect(2).Ask({"get", on2_}), "$-1\r\n");
}

TEST_F(SessionTest, ThrowsRepliesAwayWhenItsConnectionIsGone) {
  MemoryClient& client = shards_.Connect(0);
  shards_.Hold(1);
  client.Command({"put", on1_, "1"});
  AwaitInFlight(client, 1);
  shards_.On(0, [&] { client.session().Abandon(); });
  shards_.Release(1);
  AwaitInFlight(client, 0);
  EXPECT_FALSE(client.HasReply());
  EXPECT_EQ(shards_.Figure(0, [&] { return client.session().queued_bytes(); }), 0U);
  EXPECT_EQ(shards_.Connect(2).Ask({"get", on1_}), Bulk("1"));
}

// --- CLIENT REPLY ---

TEST_F(SessionTest, AnswersNothingWhileRepliesAreOff) {
  MemoryClient& client = shards_.Connect(0);
  client.Send(MemoryClient::Encode({"reply", "off"}) + MemoryClient::Encode({"say", "1"}) +
              MemoryClient::Encode({"put", on0_, "2"}) + MemoryClient::Encode({"put", on1_, "3"}) +
              MemoryClient::Encode({"mput", on0_, "4", on1_, "4", on2_, "4"}) +
              MemoryClient::Encode({"unknown"}) + MemoryClient::Encode({"reply", "on"}) +
              MemoryClient::Encode({"mget", on0_, on1_, on2_}));
  EXPECT_EQ(client.Next(2), std::string(kOk) + "*3\r\n" + Bulk("4") + Bulk("4") + Bulk("4"));
  EXPECT_FALSE(client.HasReply());
}

TEST_F(SessionTest, SkipsTheNextReplyOnly) {
  MemoryClient& client = shards_.Connect(0);
  // At home, on this shard, on another, on several.
  for (const std::vector<std::string_view>& skipped :
       std::vector<std::vector<std::string_view>>{{"say", "hidden"},
                                                  {"fill", on0_, "9"},
                                                  {"fill", on1_, "9"},
                                                  {"mget", on0_, on1_},
                                                  {"copy", on1_, on2_},
                                                  {"unknown"}}) {
    client.Command({"reply", "skip"});
    client.Command(skipped);
    EXPECT_EQ(client.Ask({"say", skipped[0]}), Bulk(skipped[0]));
    // The same in one pipeline, behind a posting.
    client.Send(MemoryClient::Encode({"fill", on1_, "1"}) +
                MemoryClient::Encode({"reply", "skip"}) + MemoryClient::Encode(skipped) +
                MemoryClient::Encode({"fill", on2_, "2"}));
    EXPECT_EQ(client.Next(2), Bulk("x") + Bulk("xx"));
  }
  EXPECT_FALSE(client.HasReply());
}

TEST_F(SessionTest, SkipsAProtocolErrorToo) {
  for (std::string_view mode : {"skip", "off"}) {
    MemoryClient& client = shards_.Connect(0);
    client.Send(MemoryClient::Encode({"reply", mode}) + "*1\r\n!\r\n");
    client.AwaitClosed();
    EXPECT_FALSE(client.HasReply()) << mode;
  }
}

}  // namespace
}  // namespace nuthatch::runtime
