// The sections about the server as a whole. Field names and their order are Redis's; what doesn't
// exist yet (scripts, replicas, snapshots, ...) is shown as Redis shows it where it isn't used.
#include <algorithm>
#include <cinttypes>

#include <fmt/format.h>
#include <unistd.h>

#include "server/base/clock.h"
#include "server/base/version.h"
#include "server/observe/info.h"
#include "server/observe/process.h"

namespace nuthatch::observe {
namespace {

// Redis's clock of idle times: seconds in 24 bits.
constexpr int64_t kLruClockMask = (1 << 24) - 1;

constexpr std::string_view kNoReplicationId = "0000000000000000000000000000000000000000";

}  // namespace

std::string ServerSection(const InfoSource& source) {
  const runtime::Node& node = source.node;
  int64_t now_us = base::WallUs();
  int64_t uptime_s = now_us / 1'000'000 - node.start_unix_ms() / 1000;
  return fmt::format(
      "# Server\r\n"
      "redis_version:{}\r\n"
      "nuthatch_version:{}\r\n"
      "redis_git_sha1:00000000\r\n"
      "redis_git_dirty:0\r\n"
      "redis_build_id:0000000000000000\r\n"
      "redis_mode:standalone\r\n"
      "os:{}\r\n"
      "arch_bits:{}\r\n"
      "monotonic_clock:POSIX clock_gettime\r\n"
      "multiplexing_api:epoll\r\n"
      "atomicvar_api:c11-builtin\r\n"
      "gcc_version:{}.{}.{}\r\n"
      "process_id:{}\r\n"
      "process_supervised:{}\r\n"
      "run_id:{}\r\n"
      "tcp_port:{}\r\n"
      "server_time_usec:{}\r\n"
      "uptime_in_seconds:{}\r\n"
      "uptime_in_days:{}\r\n"
      "hz:{}\r\n"
      "configured_hz:{}\r\n"
      "lru_clock:{}\r\n"
      "executable:{}\r\n"
      "config_file:{}\r\n"
      "io_threads_active:0\r\n",
      base::kRedisVersion, base::kVersion, SystemName(), sizeof(void*) * 8, __GNUC__,
      __GNUC_MINOR__, __GNUC_PATCHLEVEL__, getpid(),
      source.config.supervised == config::Supervised::kSystemd   ? "systemd"
      : source.config.supervised == config::Supervised::kUpstart ? "upstart"
                                                                 : "no",
      node.run_id(), source.config.port, now_us, uptime_s, uptime_s / 86400, source.config.hz,
      source.config.hz, (now_us / 1'000'000) & kLruClockMask, node.executable(),
      node.config_file());
}

std::string ClientsSection(const InfoSource& source) {
  return fmt::format(
      "# Clients\r\n"
      "connected_clients:{}\r\n"
      "cluster_connections:0\r\n"
      "maxclients:{}\r\n"
      "client_recent_max_input_buffer:{}\r\n"
      "client_recent_max_output_buffer:{}\r\n"
      "blocked_clients:{}\r\n"
      "tracking_clients:0\r\n"
      "clients_in_timeout_table:{}\r\n",
      source.figures.clients, source.config.maxclients, source.figures.largest_input,
      source.figures.largest_output, source.figures.blocked_clients,
      source.figures.clients_with_timeout);
}

std::string PersistenceSection(const InfoSource& source) {
  return fmt::format(
      "# Persistence\r\n"
      "loading:0\r\n"
      "async_loading:0\r\n"
      "current_cow_peak:0\r\n"
      "current_cow_size:0\r\n"
      "current_cow_size_age:0\r\n"
      "current_fork_perc:0.00\r\n"
      "current_save_keys_processed:0\r\n"
      "current_save_keys_total:0\r\n"
      "rdb_changes_since_last_save:{}\r\n"
      "rdb_bgsave_in_progress:0\r\n"
      "rdb_last_save_time:{}\r\n"
      "rdb_last_bgsave_status:ok\r\n"
      "rdb_last_bgsave_time_sec:-1\r\n"
      "rdb_current_bgsave_time_sec:-1\r\n"
      "rdb_saves:0\r\n"
      "rdb_last_cow_size:0\r\n"
      "rdb_last_load_keys_expired:0\r\n"
      "rdb_last_load_keys_loaded:0\r\n"
      "aof_enabled:0\r\n"
      "aof_rewrite_in_progress:0\r\n"
      "aof_rewrite_scheduled:0\r\n"
      "aof_last_rewrite_time_sec:-1\r\n"
      "aof_current_rewrite_time_sec:-1\r\n"
      "aof_last_bgrewrite_status:ok\r\n"
      "aof_rewrites:0\r\n"
      "aof_rewrites_consecutive_failures:0\r\n"
      "aof_last_write_status:ok\r\n"
      "aof_last_cow_size:0\r\n"
      "module_fork_in_progress:0\r\n"
      "module_fork_last_cow_size:0\r\n",
      source.figures.stats.dirty, source.node.start_unix_ms() / 1000);
}

std::string StatsSection(const InfoSource& source) {
  const runtime::ShardStats& stats = source.figures.stats;
  const runtime::Node& node = source.node;
  std::string text = fmt::format(
      "# Stats\r\n"
      "total_connections_received:{}\r\n"
      "total_commands_processed:{}\r\n"
      "instantaneous_ops_per_sec:{}\r\n"
      "total_net_input_bytes:{}\r\n"
      "total_net_output_bytes:{}\r\n"
      "total_net_repl_input_bytes:0\r\n"
      "total_net_repl_output_bytes:0\r\n"
      "instantaneous_input_kbps:{:.2f}\r\n"
      "instantaneous_output_kbps:{:.2f}\r\n"
      "instantaneous_input_repl_kbps:0.00\r\n"
      "instantaneous_output_repl_kbps:0.00\r\n"
      "rejected_connections:{}\r\n"
      "sync_full:0\r\n"
      "sync_partial_ok:0\r\n"
      "sync_partial_err:0\r\n"
      "expired_keys:{}\r\n"
      "expired_stale_perc:0.00\r\n"
      "expired_time_cap_reached_count:0\r\n"
      "expire_cycle_cpu_milliseconds:0\r\n"
      "evicted_keys:{}\r\n"
      "evicted_clients:{}\r\n"
      "total_eviction_exceeded_time:0\r\n"
      "current_eviction_exceeded_time:0\r\n"
      "keyspace_hits:{}\r\n"
      "keyspace_misses:{}\r\n",
      stats.connections_received, stats.commands_processed, node.ops_per_second.load(),
      stats.net_input_bytes, stats.net_output_bytes,
      static_cast<double>(node.input_kbps_x100.load()) / 100,
      static_cast<double>(node.output_kbps_x100.load()) / 100, node.rejected_connections.load(),
      source.figures.expired_keys, source.figures.evicted_keys, stats.evicted_clients,
      stats.keyspace_hits, stats.keyspace_misses);
  text += fmt::format(
      "pubsub_channels:0\r\n"
      "pubsub_patterns:0\r\n"
      "pubsubshard_channels:0\r\n"
      "latest_fork_usec:0\r\n"
      "total_forks:0\r\n"
      "migrate_cached_sockets:0\r\n"
      "slave_expires_tracked_keys:0\r\n"
      "active_defrag_hits:0\r\n"
      "active_defrag_misses:0\r\n"
      "active_defrag_key_hits:0\r\n"
      "active_defrag_key_misses:0\r\n"
      "total_active_defrag_time:0\r\n"
      "current_active_defrag_time:0\r\n"
      "tracking_total_keys:0\r\n"
      "tracking_total_items:0\r\n"
      "tracking_total_prefixes:0\r\n"
      "unexpected_error_replies:0\r\n"
      "total_error_replies:{}\r\n"
      "dump_payload_sanitizations:0\r\n"
      "total_reads_processed:{}\r\n"
      "total_writes_processed:{}\r\n"
      "io_threaded_reads_processed:0\r\n"
      "io_threaded_writes_processed:0\r\n"
      "reply_buffer_shrinks:0\r\n"
      "reply_buffer_expands:0\r\n",
      stats.error_replies, stats.reads_processed, stats.writes_processed);
  // What Redis 7.0 doesn't have; blessed_keys is Redis 8.12's.
  text += fmt::format(
      "client_query_buffer_limit_disconnections:{}\r\n"
      "client_output_buffer_limit_disconnections:{}\r\n"
      "blessed_keys:{}\r\n"
      "shards:{}\r\n"
      "posted_messages:{}\r\n"
      "loop_turns:{}\r\n"
      "loop_stall_cpu_max_us:{}\r\n"
      "loop_stall_max_us:{}\r\n",
      stats.client_query_buffer_limit_disconnections,
      stats.client_output_buffer_limit_disconnections, source.figures.blessed_keys,
      source.node.shard_count(), stats.posted_messages, stats.turns, stats.loop_stall_cpu_max_us,
      stats.loop_stall_max_us);
  return text;
}

std::string ReplicationSection(const InfoSource& source) {
  return fmt::format(
      "# Replication\r\n"
      "role:master\r\n"
      "connected_slaves:0\r\n"
      "master_failover_state:no-failover\r\n"
      "master_replid:{}\r\n"
      "master_replid2:{}\r\n"
      "master_repl_offset:0\r\n"
      "second_repl_offset:-1\r\n"
      "repl_backlog_active:0\r\n"
      "repl_backlog_size:{}\r\n"
      "repl_backlog_first_byte_offset:0\r\n"
      "repl_backlog_histlen:0\r\n",
      source.node.run_id(), kNoReplicationId, source.config.repl_backlog_size);
}

std::string CpuSection() {
  CpuTimes process = ProcessCpu();
  CpuTimes thread = ThreadCpu();
  return fmt::format(
      "# CPU\r\n"
      "used_cpu_sys:{:.6f}\r\n"
      "used_cpu_user:{:.6f}\r\n"
      "used_cpu_sys_children:0.000000\r\n"
      "used_cpu_user_children:0.000000\r\n"
      "used_cpu_sys_main_thread:{:.6f}\r\n"
      "used_cpu_user_main_thread:{:.6f}\r\n",
      process.system, process.user, thread.system, thread.user);
}

std::string KeyspaceSection(const InfoSource& source) {
  std::string text = "# Keyspace\r\n";
  for (const auto& [db, database] : source.figures.databases) {
    text += fmt::format("db{}:keys={},expires={},avg_ttl={}\r\n", db, database.keys,
                        database.expires, database.AverageTtlMs());
  }
  return text;
}

}  // namespace nuthatch::observe
