// Replay: a trace through one server, or several in lockstep, as a cache-aside client sends it:
// GET, and SET on a miss.
//
// Several servers get the same requests pipeline by pipeline, each its own SETs, so that all of
// them see the same pace. Requests are pipelined as far as that changes no answer (pipeline.h).
//
// The servers are emptied (FLUSHALL) before each run and at the end, and get their own maxmemory
// and maxmemory-policy back; both are only changed if the settings ask for it. One owner, one
// thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "eviction/trace.h"
#include "server/base/result.h"
#include "tools/replay/pipeline.h"
#include "tools/replay/server.h"

namespace nuthatch::replay {

struct ReplaySettings {
  PipelineLimits pipeline;
  std::optional<double> percent;      // of the unique keys have room; none: as maxmemory is
  std::vector<std::string> policies;  // none: the policy that is set
  uint64_t pace = 0;                  // requests a second; 0: as fast as it goes
  uint64_t ttl_s = 0;                 // of each SET; 0: none
  bool may_flush = false;             // also servers that hold keys
  bool keep = false;                  // leave the keys of the last run there
};

// What one server made of the trace under one policy.
struct ReplayResult {
  std::string server;
  std::string policy;
  uint64_t requests = 0;
  uint64_t hits = 0;
  uint64_t bytes_requested = 0;
  uint64_t bytes_hit = 0;
  uint64_t used_memory = 0;  // at the end
  uint64_t keys = 0;         // at the end
  double seconds = 0;
  uint64_t misses() const { return requests - hits; }
  // In percent.
  double hit_ratio() const;
  double byte_hit_ratio() const;
  double requests_per_second() const { return static_cast<double>(requests) / seconds; }
};

// The first `count` different keys of the trace, as their first requests.
eviction::Trace FirstKeys(const eviction::Trace& trace, uint64_t count);

class Replay {
 public:
  // Everything outlives it. `stop` ends a run early, with an error.
  Replay(const ReplaySettings& settings, const eviction::Trace& trace, std::vector<Server>& servers,
         const std::atomic<bool>& stop);
  // Empties the servers and restores their settings, unless Prepare refused to begin.
  ~Replay();
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  // Refuses if a server holds keys and may not be flushed; remembers the settings, and measures the
  // room: so many keys are loaded, and used_memory is what maxmemory will be.
  base::Result<void> Prepare();
  // Bytes of maxmemory for each server; empty without `percent`.
  const std::vector<uint64_t>& room() const { return room_; }

  // One run; a row a server. An empty policy leaves it as it is. REQUIRES: Prepare() succeeded.
  base::Result<std::vector<ReplayResult>> Run(const std::string& policy);

 private:
  struct Before {
    std::string policy;
    uint64_t maxmemory = 0;
  };

  base::Result<void> Refuse();
  base::Result<void> Remember();
  base::Result<void> MeasureRoom(Server& server, const eviction::Trace& keys);
  base::Result<void> Begin(Server& server, size_t index, const std::string& policy);
  // Sends the requests [first, end) to all servers, and counts what they answer.
  base::Result<void> RunPipeline(size_t first, size_t end, std::vector<ReplayResult>& results);
  base::Result<void> Complete(Server& server, const std::string& policy, ReplayResult& result);
  void WaitForPace(size_t sent, int64_t start_ns);
  void Restore(Server& server, const Before& before);

  std::string_view ValueOf(const eviction::TraceRecord& record) const;
  bool changes_settings() const { return settings_.percent || !settings_.policies.empty(); }

  const ReplaySettings& settings_;
  const eviction::Trace& trace_;
  std::vector<Server>& servers_;
  const std::atomic<bool>& stop_;
  std::string value_;           // the longest; the others are its beginnings
  std::vector<Before> before_;  // of those servers that are ours by now
  std::vector<uint64_t> room_;
  std::vector<std::string> keys_;            // of the pipeline under way
  std::vector<std::vector<size_t>> missed_;  // a server: places in keys_
};

}  // namespace nuthatch::replay
