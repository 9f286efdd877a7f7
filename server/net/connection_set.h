// ConnectionSet: the connections that one shard serves. Owned by the shard and used by its thread
// only.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include <uv.h>

#include "server/net/client_memory.h"
#include "server/net/connection.h"
#include "server/runtime/shard.h"

namespace nuthatch::net {

// What a shard has done so far, brought up to date by its ConnectionSet's Cron(). Any thread.
struct Traffic {
  std::atomic<uint64_t> commands{0};
  std::atomic<uint64_t> input_bytes{0};
  std::atomic<uint64_t> output_bytes{0};
};

class ConnectionSet : public runtime::ShardService {
 public:
  // `traffic` and `memory` outlive this.
  ConnectionSet(runtime::Shard* shard, uv_loop_t* loop, Traffic* traffic, ClientMemory* memory);
  ~ConnectionSet() override;

  runtime::Shard& shard() { return *shard_; }

  // Takes an accepted socket over.
  void Adopt(const Accepted& accepted);
  void MarkReady(Connection* connection);
  void MarkDirty(Connection* connection);
  void OnClosing(Connection* connection);
  // The memory of a connection may have changed. With maxmemory-clients, the largest connections
  // may be closed then, perhaps this one.
  void Recount(Connection* connection) {
    if (shard_->config().maxmemory_clients == 0) return;
    Count(connection);
    if (memory_->total() > ClientMemory::Limit(shard_->config())) EvictClients();
  }

  // runtime::ShardService
  bool ServeConnections(uint64_t end_ticks) override;
  bool HasReady() const override { return !ready_.empty(); }
  void FlushOutput() override;
  void Cron() override;
  void CloseAll() override;
  void OnPauseEnd() override;

  // runtime::ClientRegistry
  size_t count() const override { return by_id_.size(); }
  void Update(uint64_t client_id) override;
  void ForEach(const std::function<void(runtime::ClientState&)>& visit) override;
  bool Unblock(uint64_t client_id, bool with_error) override;
  void Pause(int64_t until_ms, bool writes_only) override {
    shard_->SetPause(until_ms, writes_only);
  }

 private:
  void Reap();
  void Count(Connection* connection);
  // Brings all connections' figures up to date, or takes them back if nothing is limited.
  void CountAll();
  void EvictClients();

  runtime::Shard* shard_;
  uv_loop_t* loop_;
  Traffic* traffic_;
  ClientMemory* memory_;
  bool counts_memory_ = false;             // connections are counted in memory_
  std::map<uint64_t, Connection*> by_id_;  // open ones
  std::vector<std::unique_ptr<Connection>> closing_;
  std::deque<Connection*> ready_;
  std::vector<Connection*> dirty_;
};

}  // namespace nuthatch::net
