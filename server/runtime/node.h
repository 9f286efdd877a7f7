// Node: what all shards share, as commands see it. The shards themselves, the control thread and
// the current snapshots.
//
// Made in main.cc; lives as long as the process. Thread-safety is said at each member.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/result.h"
#include "server/config/config.h"
#include "server/runtime/client.h"
#include "server/runtime/command_table.h"

namespace nuthatch::runtime {

class Shard;

// Why a new configuration could not take effect.
struct ConfigFailure {
  std::string_view directive;
  std::string cause;
};

// How SHUTDOWN, or a signal, asks the node to end.
struct ShutdownRequest {
  bool save = false;
  bool nosave = false;
  bool now = false;
  bool force = false;
};

// One shard's connections, as CLIENT LIST and CLIENT KILL see them. Implemented by net/; used on
// that shard's thread.
class ClientRegistry {
 public:
  virtual ~ClientRegistry() = default;
  virtual size_t count() const = 0;
  // Calls `visit` for each connection in order of id, its buffer figures brought up to date;
  // `visit` may set close_now or close_after_reply, or change any other field, and must not do
  // more.
  virtual void ForEach(const std::function<void(ClientState&)>& visit) = 0;
  // Brings one connection's buffer figures up to date; nothing happens if it isn't here.
  virtual void Update(uint64_t client_id) = 0;
  // Ends the wait of a connection's blocking command, with the error of CLIENT UNBLOCK or as if its
  // time were up. False if it isn't here, or doesn't wait.
  virtual bool Unblock(uint64_t client_id, bool with_error) = 0;
  // CLIENT PAUSE ends at `until_ms` (monotonic); 0 lifts it. While paused, commands with `write`
  // (or all) wait.
  virtual void Pause(int64_t until_ms, bool writes_only) = 0;
};

class Node {
 public:
  virtual ~Node() = default;

  // --- Fixed after the start; any thread ---
  virtual const CommandTable& commands() const = 0;
  virtual size_t shard_count() const = 0;
  virtual Shard& shard(size_t index) = 0;
  virtual const std::string& run_id() const = 0;  // 40 hex digits
  virtual int64_t start_unix_ms() const = 0;
  virtual const std::string& executable() const = 0;
  virtual const std::string& config_file() const = 0;  // absolute path, or empty

  // --- Snapshots ---
  // The current configuration. Any thread; a command reads context.config() instead.
  virtual std::shared_ptr<const config::Config> config() const = 0;
  // Replaces it and makes what can change at run time take effect. REQUIRES: within a
  // kRendezvousAll command. On failure (a port that can't be bound, ...) nothing changes.
  virtual std::optional<ConfigFailure> ReplaceConfig(
      std::shared_ptr<const config::Config> config) = 0;

  // Raised with every replacement; what was decided under an older version has to be decided again.
  // Any thread.
  virtual uint64_t version() const = 0;

  // --- Requests; any thread, they return at once ---
  // False (with a line in the log) if the node can't end now.
  virtual bool RequestShutdown(const ShutdownRequest& request) = 0;
  // Makes every thread, control too, sleep (DEBUG SLEEP): called by each shard's fragment for
  // itself and once for control.
  virtual void SleepControl(int64_t microseconds) = 0;
  // Active expiry on or off (DEBUG SET-ACTIVE-EXPIRE). Within a kRendezvousAll command.
  virtual void SetActiveExpiry(bool on) = 0;

  // DEBUG SET-SKIP-CHECKSUM-VALIDATION: RESTORE takes payloads with any checksum. Any thread.
  std::atomic<bool> skip_checksums{false};

  // Numbers that grow for the node as a whole; any thread.
  std::atomic<uint64_t> next_client_id{1};
  std::atomic<int64_t> next_slow_log_id{0};
  // Figures of the control thread; any thread.
  std::atomic<uint64_t> rejected_connections{0};
  std::atomic<uint64_t> connected_clients{0};
  // How the shards share maxmemory (memory_limit.h): the sum of their debts, and of the bytes that
  // wait to be freed. Any thread.
  std::atomic<uint64_t> owed_bytes{0};
  std::atomic<uint64_t> pending_free_bytes{0};
  // A sample of process memory's largest figure, and of operations a second; kept by the control
  // thread's cron.
  std::atomic<uint64_t> peak_memory{0};
  std::atomic<uint64_t> ops_per_second{0};
  std::atomic<uint64_t> input_kbps_x100{0};
  std::atomic<uint64_t> output_kbps_x100{0};
};

}  // namespace nuthatch::runtime
