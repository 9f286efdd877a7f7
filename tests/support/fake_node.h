// FakeNode: a node without sockets, signals or a control thread: shards, a command table and a
// configuration, for tests and benchmarks of what lies below server/net.
//
// Its shards may be used without their threads (by one thread that plays all of them), or be
// started one by one; whatever was done with them is ended with the node.
#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/config/config.h"
#include "server/runtime/command_table.h"
#include "server/runtime/node.h"
#include "server/runtime/shard.h"
#include "server/runtime/wall_clock.h"

namespace nuthatch::runtime {

// Connections of a shard that has none.
class NoConnections : public ShardService {
 public:
  bool ServeConnections(uint64_t) override { return false; }
  bool HasReady() const override { return false; }
  void FlushOutput() override {}
  void Cron() override {}
  void CloseAll() override {}
  void OnPauseEnd() override {}
  size_t count() const override { return 0; }
  void ForEach(const std::function<void(ClientState&)>&) override {}
  bool Unblock(uint64_t, bool) override { return false; }
  void Update(uint64_t) override {}
  void Pause(int64_t, bool) override {}
};

class FakeNode : public Node {
 public:
  // The rows of `groups` outlive the node.
  FakeNode(size_t shards, std::initializer_list<std::span<const CommandSpec>> groups,
           std::shared_ptr<const config::Config> config = config::DefaultConfig())
      : config_(std::move(config)), started_(shards) {
    for (std::span<const CommandSpec> group : groups) table_.Register(group);
    for (size_t i = 0; i < shards; ++i) {
      Shard::Options options;
      options.node = this;
      options.clock = &clock_;
      options.index = i;
      options.count = shards;
      shards_.push_back(std::make_unique<Shard>(options));
    }
  }
  ~FakeNode() override { End(); }

  WallClock& clock() { return clock_; }

  void Start(size_t index, Shard::MakeService make_service) {
    started_[index] = true;
    shards_[index]->Start(std::move(make_service));
  }

  // Ends all shards as a server does. Those that were never started are for that: only a loop that
  // has run can be closed.
  void End() {
    if (std::exchange(ended_, true)) return;
    for (size_t i = 0; i < shards_.size(); ++i) {
      if (started_[i]) continue;
      Start(i, [](Shard*, uv_loop_t*) { return std::make_unique<NoConnections>(); });
    }
    for (auto& shard : shards_) shard->Stop();
    for (auto& shard : shards_) {
      while (!shard->quiet()) std::this_thread::yield();
    }
    for (auto& shard : shards_) shard->End();
    for (auto& shard : shards_) shard->Join();
  }

  // Node
  const CommandTable& commands() const override { return table_; }
  size_t shard_count() const override { return shards_.size(); }
  Shard& shard(size_t index) override { return *shards_[index]; }
  const std::string& run_id() const override { return text_; }
  int64_t start_unix_ms() const override { return 0; }
  const std::string& executable() const override { return text_; }
  const std::string& config_file() const override { return text_; }
  std::shared_ptr<const config::Config> config() const override {
    std::lock_guard guard(mutex_);
    return config_;
  }
  std::optional<ConfigFailure> ReplaceConfig(
      std::shared_ptr<const config::Config> config) override {
    {
      std::lock_guard guard(mutex_);
      config_ = std::move(config);
    }
    for (auto& shard : shards_) shard->mailbox().Lock();
    uint64_t version = version_.fetch_add(1) + 1;
    for (auto& shard : shards_) shard->mailbox().set_version(version);
    for (auto& shard : shards_) shard->mailbox().Unlock();
    return std::nullopt;
  }
  uint64_t version() const override { return version_.load(); }
  bool RequestShutdown(const ShutdownRequest&) override { return false; }
  void SleepControl(int64_t) override {}
  void SetActiveExpiry(bool on) override {
    for (auto& shard : shards_) shard->set_active_expiry(on);
  }

 private:
  std::string text_;
  WallClock clock_;
  CommandTable table_;
  mutable std::mutex mutex_;
  std::shared_ptr<const config::Config> config_;  // by mutex_
  std::atomic<uint64_t> version_{0};
  std::vector<bool> started_;
  bool ended_ = false;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace nuthatch::runtime
