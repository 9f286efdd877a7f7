// Config: the values of all directives at one moment.
//
// An immutable snapshot, shared by all threads through std::shared_ptr<const Config>; a change
// makes a new one (see edit.h) and replaces the pointer inside a rendezvous of all shards. The
// public fields are what code reads; Text() is what CONFIG GET shows. Both are written by the rows
// of directives.h only.
//
// Invariants: Text(i) read back by the directive's own parser gives the same field; the fields keep
// the limits of their rows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nuthatch::config {

// In the order of Redis's error text. Names beyond Redis's eight get values from kFirstOwnPolicy on
// (see SetMaxmemoryPolicies() in directives.h).
enum class MaxmemoryPolicy : uint8_t {
  kVolatileLru,
  kVolatileLfu,
  kVolatileRandom,
  kVolatileTtl,
  kAllkeysLru,
  kAllkeysLfu,
  kAllkeysRandom,
  kNoeviction,
};
inline constexpr int kFirstOwnPolicy = 8;

enum class Supervised : uint8_t { kNo, kUpstart, kSystemd, kAuto };
// enable-debug-command and its like: for nobody, for everybody, for local connections.
enum class CommandAccess : uint8_t { kNo, kYes, kLocal };
enum class SanitizeDumpPayload : uint8_t { kNo, kYes, kClients };
enum class PropagationErrorBehavior : uint8_t { kIgnore, kPanic, kPanicOnReplicas };
enum class OomScoreAdj : uint8_t { kNo, kRelative, kAbsolute };
// Same order as base::LogLevel.
enum class LogLevel : uint8_t { kDebug, kVerbose, kNotice, kWarning };

// Bits of shutdown_on_sigint and shutdown_on_sigterm; 0 is "default".
enum ShutdownFlags : uint8_t {
  kShutdownSave = 1,
  kShutdownNosave = 2,
  kShutdownNow = 4,
  kShutdownForce = 8,
};

// Indexes of client_output_buffer_limits.
enum ClientClass : uint8_t { kClientNormal, kClientReplica, kClientPubsub, kClientClasses };

// 0 bytes: no limit.
struct OutputBufferLimit {
  uint64_t hard_bytes = 0;
  uint64_t soft_bytes = 0;
  int64_t soft_seconds = 0;
};

struct SavePoint {
  int64_t seconds = 0;
  int64_t changes = 0;
};

// Classes of keyspace events, as bits of notify_keyspace_events. kNotifyAll is what 'A' stands for.
enum NotifyFlags : uint32_t {
  kNotifyKeyspace = 1U << 0,
  kNotifyKeyevent = 1U << 1,
  kNotifyGeneric = 1U << 2,
  kNotifyString = 1U << 3,
  kNotifyList = 1U << 4,
  kNotifySet = 1U << 5,
  kNotifyHash = 1U << 6,
  kNotifyZset = 1U << 7,
  kNotifyExpired = 1U << 8,
  kNotifyEvicted = 1U << 9,
  kNotifyStream = 1U << 10,
  kNotifyKeyMiss = 1U << 11,
  kNotifyModule = 1U << 13,
  kNotifyNew = 1U << 14,
  kNotifyAll = kNotifyGeneric | kNotifyString | kNotifyList | kNotifySet | kNotifyHash |
               kNotifyZset | kNotifyExpired | kNotifyEvicted | kNotifyStream | kNotifyModule,
};

class Config {
 public:
  // Network.
  std::vector<std::string> bind;  // "-" before an address: it may be missing
  uint16_t port = 0;              // 0: no TCP
  std::string unixsocket;         // empty: none
  uint32_t unixsocketperm = 0;    // mode bits; 0: leave as created
  int32_t tcp_backlog = 0;
  int32_t tcp_keepalive = 0;  // seconds; 0: off
  uint32_t maxclients = 0;
  int32_t timeout = 0;  // seconds; 0: never
  bool protected_mode = false;
  std::string requirepass;  // empty: none
  uint32_t socket_mark_id = 0;
  uint64_t proto_max_bulk_len = 0;         // bytes
  uint64_t client_query_buffer_limit = 0;  // bytes
  std::array<OutputBufferLimit, kClientClasses> client_output_buffer_limits;
  // Bytes; negative: that many percent of maxmemory; 0: no limit.
  int64_t maxmemory_clients = 0;

  // Process.
  int32_t shards = 0;  // as configured, 0: one a core; see EffectiveShards()
  bool daemonize = false;
  std::string pidfile;
  Supervised supervised = Supervised::kNo;
  bool set_proc_title = false;
  std::string proc_title_template;
  bool always_show_logo = false;
  bool disable_thp = false;
  bool crash_log_enabled = false;
  bool crash_memcheck_enabled = false;
  bool use_exit_on_panic = false;
  OomScoreAdj oom_score_adj = OomScoreAdj::kNo;
  std::array<int32_t, 3> oom_score_adj_values{};  // primary, replica, child
  std::string ignore_warnings;
  uint8_t shutdown_on_sigint = 0;   // ShutdownFlags
  uint8_t shutdown_on_sigterm = 0;  // ShutdownFlags
  int32_t shutdown_timeout = 0;     // seconds
  int32_t io_threads = 0;
  std::string dir;  // absolute; the process's directory once main has applied it

  // Log.
  std::string logfile;  // empty: stdout
  LogLevel loglevel = LogLevel::kNotice;
  bool syslog_enabled = false;
  std::string syslog_ident;
  int32_t syslog_facility = 0;  // as <syslog.h> numbers them

  // Keyspace.
  int32_t databases = 0;
  int32_t hz = 0;
  bool dynamic_hz = false;
  int32_t active_expire_effort = 0;  // 1..10
  bool activerehashing = false;
  bool lazyfree_lazy_eviction = false;
  bool lazyfree_lazy_expire = false;
  bool lazyfree_lazy_server_del = false;
  bool lazyfree_lazy_user_del = false;
  bool lazyfree_lazy_user_flush = false;
  bool replica_lazy_flush = false;
  uint32_t notify_keyspace_events = 0;  // NotifyFlags

  // Memory and eviction.
  uint64_t maxmemory = 0;  // bytes; 0: no limit
  MaxmemoryPolicy maxmemory_policy = MaxmemoryPolicy::kNoeviction;
  std::string maxmemory_policy_name;
  int32_t maxmemory_samples = 0;
  int32_t maxmemory_eviction_tenacity = 0;  // 0..100
  int32_t lfu_log_factor = 0;
  int32_t lfu_decay_time = 0;  // minutes
  bool replica_ignore_maxmemory = false;
  bool jemalloc_bg_thread = false;

  // Thresholds of the compact encodings.
  uint64_t hash_max_listpack_entries = 0;
  uint64_t hash_max_listpack_value = 0;  // bytes
  uint64_t set_max_intset_entries = 0;
  uint64_t zset_max_listpack_entries = 0;
  uint64_t zset_max_listpack_value = 0;  // bytes
  int32_t list_max_listpack_size = 0;    // elements; negative: Redis's classes of bytes
  int32_t list_compress_depth = 0;
  uint64_t hll_sparse_max_bytes = 0;
  uint64_t stream_node_max_bytes = 0;
  int64_t stream_node_max_entries = 0;

  // Observation.
  int64_t slowlog_log_slower_than = 0;  // microseconds; negative: off; 0: every command
  uint64_t slowlog_max_len = 0;
  bool latency_tracking = false;
  std::vector<double> latency_tracking_info_percentiles;
  int64_t latency_monitor_threshold = 0;  // milliseconds; 0: off
  uint64_t tracking_table_max_keys = 0;
  uint64_t acllog_max_len = 0;

  // Commands and scripts.
  int64_t busy_reply_threshold = 0;  // milliseconds
  CommandAccess enable_debug_command = CommandAccess::kNo;
  CommandAccess enable_module_command = CommandAccess::kNo;
  CommandAccess enable_protected_configs = CommandAccess::kNo;
  bool lua_enable_deprecated_api = false;
  SanitizeDumpPayload sanitize_dump_payload = SanitizeDumpPayload::kNo;
  PropagationErrorBehavior propagation_error_behavior = PropagationErrorBehavior::kIgnore;

  // Snapshots.
  std::string dbfilename;
  std::vector<SavePoint> save;
  bool rdbcompression = false;
  bool rdbchecksum = false;
  bool rdb_save_incremental_fsync = false;
  bool stop_writes_on_bgsave_error = false;
  bool appendonly = false;

  // Replication.
  std::string replicaof_host;  // empty: a primary
  uint16_t replicaof_port = 0;
  uint64_t repl_backlog_size = 0;  // bytes
  int64_t repl_backlog_ttl = 0;    // seconds
  int32_t repl_timeout = 0;        // seconds
  int32_t repl_ping_replica_period = 0;
  bool repl_disable_tcp_nodelay = false;
  bool replica_read_only = false;
  bool replica_serve_stale_data = false;
  int32_t replica_priority = 0;
  int32_t min_replicas_to_write = 0;
  int32_t min_replicas_max_lag = 0;  // seconds
  std::string masterauth;
  std::string masteruser;

  // Cluster.
  bool cluster_enabled = false;
  int64_t cluster_node_timeout = 0;  // milliseconds

  // The file that the server was started with, as an absolute path; empty: none.
  std::string config_file;

  // The value of directive `index` (of Directives()) in the form of CONFIG GET.
  const std::string& Text(size_t index) const { return texts_[index]; }

 private:
  friend class ConfigWriter;
  std::vector<std::string> texts_;
};

// Every directive at its default; `dir` is the directory of the process at the first call. Any
// thread; the same object each time.
const std::shared_ptr<const Config>& DefaultConfig();

// CONFIG GET: the name and value of each directive that one of `patterns` means, each once. A
// pattern without * ? [ is the full name of a directive (in any case, aliases and hidden ones too)
// and comes back as it was written.
std::vector<std::pair<std::string, std::string>> GetDirectives(
    const Config& config, const std::vector<std::string_view>& patterns);

// Lines for the log, level warning, on what the configuration asks for and does not get.
std::vector<std::string> StartupWarnings(const Config& config);

// `shards`, or with 0 the cores that this process may use (affinity, and the quota of its control
// group), from 1 to kMaxShards.
inline constexpr int kMaxShards = 128;
int EffectiveShards(const Config& config);

// proc-title-template filled in; nullopt-like empty text where the template is malformed. `title`
// is what {title} stands for (the program's path).
std::string ExpandProcTitle(const Config& config, std::string_view text, std::string_view title);

}  // namespace nuthatch::config
