// ConnectionSet: the connections that one shard serves. Owned by the shard and used by its thread
// only.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include <uv.h>

#include "server/net/connection.h"
#include "server/runtime/shard.h"

namespace nuthatch::net {

class ConnectionSet : public runtime::ShardService {
 public:
  ConnectionSet(runtime::Shard* shard, uv_loop_t* loop);
  ~ConnectionSet() override;

  runtime::Shard& shard() { return *shard_; }

  // Takes an accepted socket over.
  void Adopt(const Accepted& accepted);
  void MarkReady(Connection* connection);
  void MarkDirty(Connection* connection);
  void OnClosing(Connection* connection);

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
  void Pause(int64_t until_ms, bool writes_only) override {
    shard_->SetPause(until_ms, writes_only);
  }

 private:
  void Reap();

  runtime::Shard* shard_;
  uv_loop_t* loop_;
  std::map<uint64_t, Connection*> by_id_;  // open ones
  std::vector<std::unique_ptr<Connection>> closing_;
  std::deque<Connection*> ready_;
  std::vector<Connection*> dirty_;
};

}  // namespace nuthatch::net
