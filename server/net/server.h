// Server: the node as a whole: its shards, and the control thread that accepts connections, handles
// signals and keeps the clock. The control thread never waits for a shard while it runs.
//
// Made by main.cc; Run() is the control thread. What commands may use of it is runtime::Node, with
// the thread-safety said there.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <uv.h>

#include "server/net/connection_set.h"
#include "server/net/listener.h"
#include "server/net/rate_meter.h"
#include "server/runtime/node.h"
#include "server/runtime/shard.h"
#include "server/runtime/wall_clock.h"

namespace nuthatch::net {

class Server : public runtime::Node {
 public:
  struct Options {
    std::shared_ptr<const config::Config> config;
    const runtime::CommandTable* commands = nullptr;
    std::string executable;  // absolute path
    std::string program;     // as it was started, for the process's title
  };
  explicit Server(Options options);
  ~Server() override;

  // Binds the listeners. The error is the last line of the log of a start that fails.
  base::Result<void> Listen();
  // Starts the shards and serves until a signal or SHUTDOWN ends it. Returns the process's exit
  // code.
  int Run();

  // runtime::Node
  const runtime::CommandTable& commands() const override { return *commands_; }
  size_t shard_count() const override { return shards_.size(); }
  runtime::Shard& shard(size_t index) override { return *shards_[index]; }
  const std::string& run_id() const override { return run_id_; }
  int64_t start_unix_ms() const override { return start_unix_ms_; }
  const std::string& executable() const override { return executable_; }
  const std::string& config_file() const override;
  std::shared_ptr<const config::Config> config() const override;
  std::optional<runtime::ConfigFailure> ReplaceConfig(
      std::shared_ptr<const config::Config> config) override;
  uint64_t version() const override { return version_.load(std::memory_order_acquire); }
  bool RequestShutdown(const runtime::ShutdownRequest& request) override;
  void SleepControl(int64_t microseconds) override;
  void SetActiveExpiry(bool on) override;

 private:
  using Listeners = std::vector<std::unique_ptr<Listener>>;

  // Runs `call` on the control thread; any thread.
  void CallControl(std::function<void()> call);
  void RunCalls();
  // The error is the log's last line; those before it are written.
  base::Result<Listeners> OpenTcp(const config::Config& config);
  base::Result<void> Rebind(const config::Config& config);
  void OnAccept(const Accepted& accepted);
  void Refuse(const Accepted& accepted, std::string_view text);
  // Shows the title of proc-title-template.
  void ShowTitle(const config::Config& config);
  void OnTimer();
  void MeasureTraffic();
  void FollowWallClock();
  void OnSignal(int number);
  void StartHandles();
  void StopShards();

  std::string executable_;
  std::string program_;
  const runtime::CommandTable* commands_;
  std::string run_id_;
  int64_t start_unix_ms_;
  runtime::WallClock clock_;

  mutable std::mutex config_mutex_;
  std::shared_ptr<const config::Config> config_;  // by config_mutex_
  std::string config_file_;
  std::atomic<uint64_t> version_{0};

  uv_loop_t loop_;
  uv_async_t async_;
  uv_timer_t timer_;
  uv_signal_t sigterm_;
  uv_signal_t sigint_;
  std::mutex calls_mutex_;
  std::vector<std::function<void()>> calls_;  // by calls_mutex_
  Listeners tcp_listeners_;
  std::unique_ptr<Listener> unix_listener_;
  std::vector<std::unique_ptr<runtime::Shard>> shards_;
  std::unique_ptr<ClientMemory> client_memory_;
  std::deque<Traffic> traffic_;  // one a shard
  RateMeter commands_meter_;
  RateMeter input_meter_;
  RateMeter output_meter_;
  bool stopping_ = false;
  std::atomic<bool> stepping_clock_{false};
};

}  // namespace nuthatch::net
