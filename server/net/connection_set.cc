#include "server/net/connection_set.h"

#include <algorithm>

#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/runtime/node.h"
#include "server/runtime/ticks.h"

namespace nuthatch::net {

ConnectionSet::ConnectionSet(runtime::Shard* shard, uv_loop_t* loop, Traffic* traffic,
                             ClientMemory* memory)
    : shard_(shard), loop_(loop), traffic_(traffic), memory_(memory) {}

ConnectionSet::~ConnectionSet() { CHECK(by_id_.empty()); }

void ConnectionSet::Adopt(const Accepted& accepted) {
  auto connection = std::make_unique<Connection>(this, loop_, accepted);
  runtime::ClientState& client = connection->client();
  client.id = accepted.client_id;
  client.created_ms = client.last_interaction_ms = base::MonotonicNs() / 1'000'000;
  client.authenticated = shard_->config().requirepass.empty();
  ++shard_->stats().connections_received;
  Connection* raw = connection.release();
  by_id_.emplace(raw->client().id, raw);
  raw->Open();
}

void ConnectionSet::MarkReady(Connection* connection) {
  if (connection->in_ready) return;
  connection->in_ready = true;
  ready_.push_back(connection);
}

void ConnectionSet::MarkDirty(Connection* connection) {
  if (connection->in_dirty) return;
  connection->in_dirty = true;
  dirty_.push_back(connection);
}

void ConnectionSet::OnClosing(Connection* connection) {
  memory_->Add(-connection->counted_memory);
  connection->counted_memory = 0;
  by_id_.erase(connection->client().id);
  closing_.emplace_back(connection);
  shard_->connection_count().fetch_sub(1, std::memory_order_relaxed);
  shard_->node().connected_clients.fetch_sub(1, std::memory_order_relaxed);
}

bool ConnectionSet::ServeConnections(uint64_t end_ticks) {
  // Those that are left when the time is over come first in the next turn, or when a command
  // breathes: then this runs inside of itself.
  for (size_t left = ready_.size(); left > 0 && !ready_.empty(); --left) {
    Connection* connection = ready_.front();
    ready_.pop_front();
    connection->in_ready = false;
    if (connection->closing()) continue;
    if (connection->Serve(end_ticks)) MarkReady(connection);
    if (runtime::Ticks::Now() >= end_ticks) break;
  }
  return !ready_.empty();
}

void ConnectionSet::FlushOutput() {
  std::vector<Connection*> dirty;
  dirty.swap(dirty_);
  for (Connection* connection : dirty) {
    if (connection->session().serving()) {
      // A command of it breathes, and holds on to the output.
      dirty_.push_back(connection);
      continue;
    }
    connection->in_dirty = false;
    connection->Flush();
  }
  if (!closing_.empty()) Reap();
}

void ConnectionSet::Reap() {
  std::erase_if(closing_, [](const std::unique_ptr<Connection>& connection) {
    return connection->Reapable();
  });
}

void ConnectionSet::Count(Connection* connection) {
  if (connection->closing()) return;
  connection->UpdateFigures();
  // Who is exempt does not count, as in Redis.
  bool exempt = connection->client().no_evict;
  int64_t bytes = exempt ? 0 : static_cast<int64_t>(connection->client().total_memory);
  if (bytes == connection->counted_memory) return;
  memory_->RaiseLargest(shard_->index(), bytes);
  memory_->Add(bytes - connection->counted_memory);
  connection->counted_memory = bytes;
}

void ConnectionSet::CountAll() {
  int64_t limit = ClientMemory::Limit(shard_->config());
  if (limit == 0 && !counts_memory_) return;
  counts_memory_ = limit != 0;
  int64_t largest = 0;
  for (auto& [id, connection] : by_id_) {
    if (limit != 0) {
      Count(connection);
    } else {
      memory_->Add(-connection->counted_memory);
      connection->counted_memory = 0;
    }
    largest = std::max(largest, connection->counted_memory);
  }
  memory_->ShowLargest(shard_->index(), largest);
  if (limit != 0 && memory_->total() > limit) EvictClients();
}

void ConnectionSet::EvictClients() {
  int64_t limit = ClientMemory::Limit(shard_->config());
  if (limit == 0) return;
  while (memory_->total() > limit) {
    auto largest = std::max_element(by_id_.begin(), by_id_.end(), [](const auto& a, const auto& b) {
      return a.second->counted_memory < b.second->counted_memory;
    });
    int64_t bytes = largest == by_id_.end() ? 0 : largest->second->counted_memory;
    memory_->ShowLargest(shard_->index(), bytes);
    if (bytes == 0 || memory_->OthersHaveLarger(shard_->index(), bytes)) return;
    Connection* connection = largest->second;
    base::LogNotice("Evicting client: id={} addr={} tot-mem={}", connection->client().id,
                    connection->client().address, bytes);
    ++shard_->stats().evicted_clients;
    connection->Close();
  }
}

void ConnectionSet::Cron() {
  CountAll();
  const runtime::ShardStats& stats = shard_->stats();
  traffic_->commands.store(stats.commands_processed, std::memory_order_relaxed);
  traffic_->input_bytes.store(stats.net_input_bytes, std::memory_order_relaxed);
  traffic_->output_bytes.store(stats.net_output_bytes, std::memory_order_relaxed);
  const config::Config& config = shard_->config();
  const int64_t timeout_ms = static_cast<int64_t>(config.timeout) * 1000;
  // Flush() holds output against its limits; a client that is stuck would not be flushed.
  const bool soft_limit = config.client_output_buffer_limits[config::kClientNormal].soft_bytes != 0;
  if (timeout_ms <= 0 && !soft_limit) return;
  int64_t now_ms = base::MonotonicNs() / 1'000'000;
  std::vector<Connection*> idle;
  for (auto& [id, connection] : by_id_) {
    if (soft_limit) MarkDirty(connection);
    if (timeout_ms > 0 && connection->session().idle() &&
        now_ms - connection->client().last_interaction_ms > timeout_ms)
      idle.push_back(connection);
  }
  for (Connection* connection : idle) {
    base::Log(base::LogLevel::kVerbose, "Closing idle client");
    connection->Close();
  }
}

void ConnectionSet::CloseAll() {
  while (!by_id_.empty()) by_id_.begin()->second->Close();
}

void ConnectionSet::OnPauseEnd() {
  for (auto& [id, connection] : by_id_) {
    connection->session().Unpause();
    MarkReady(connection);
  }
}

void ConnectionSet::Update(uint64_t client_id) {
  auto found = by_id_.find(client_id);
  if (found != by_id_.end()) found->second->UpdateFigures();
}

bool ConnectionSet::Unblock(uint64_t client_id, bool with_error) {
  auto found = by_id_.find(client_id);
  if (found == by_id_.end()) return false;
  return found->second->session().EndWait(with_error ? runtime::WaitEnd::kError
                                                     : runtime::WaitEnd::kTimeout);
}

void ConnectionSet::ForEach(const std::function<void(runtime::ClientState&)>& visit) {
  for (auto& [id, connection] : by_id_) {
    connection->UpdateFigures();
    visit(connection->client());
    if (connection->client().close_now || connection->client().close_after_reply)
      MarkDirty(connection);
  }
}

}  // namespace nuthatch::net
