// TestServer: shards without threads, mailboxes or sockets, to run commands against in a test.
//
// Commands run on the calling thread, through the shards' executors, just as their rows say: whole
// in one shard, fragment by fragment, or holding all shards. The clock stands still until
// Advance().
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/keyspace/keyspace.h"
#include "server/runtime/client.h"
#include "server/runtime/command_table.h"
#include "server/runtime/stats.h"

namespace nuthatch::runtime {
class FakeNode;
}  // namespace nuthatch::runtime

namespace nuthatch::commands {

class TestServer {
 public:
  using Settings = std::vector<std::pair<std::string_view, std::string_view>>;

  // `settings` as for CONFIG SET.
  explicit TestServer(int shards = 1, const Settings& settings = {});
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  // Runs one command; its words stand between single spaces ("SET key value"). The answer in short:
  // OK, 12, "bulk", nil, [1, "a"], ("of a set"), {"map": 1}, or the text of an error behind a
  // '-'.
  std::string Ask(std::string_view line);
  // The same for words of any bytes.
  std::string AskWords(const std::vector<std::string>& words);
  // The reply as it is.
  std::string Raw(const std::vector<std::string>& words);

  void Select(int db) { caller_.db = db; }
  void UseProtocol(int version) { caller_.protocol = version; }
  void SetNoTouch(bool on) { caller_.no_touch = on; }
  void Advance(int64_t ms) { now_ms_ += ms; }
  int64_t now_ms() const { return now_ms_; }

  // What commands at home see and change.
  runtime::ClientState& client() { return client_; }
  const runtime::CommandTable& commands() const;
  keyspace::Keyspace& keyspace(size_t shard);
  // Summed over the shards.
  uint64_t Sum(uint64_t runtime::ShardStats::*counter) const;

 private:
  std::unique_ptr<runtime::FakeNode> node_;
  runtime::CallerInfo caller_;
  runtime::ClientState client_;
  int64_t now_ms_ = 1'700'000'000'000;
};

}  // namespace nuthatch::commands
