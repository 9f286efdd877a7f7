#include "tools/replay/replay.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <unordered_set>
#include <utility>

#include <fmt/core.h>

#include "tools/replay/progress.h"

namespace nuthatch::replay {

namespace {

constexpr uint32_t kMostValueBytes = 512U << 20U;  // of the protocol
constexpr size_t kLoadDepth = 64;
// A pause is cut into such pieces, so that a stop is heard.
constexpr int64_t kLongestPauseNs = 100'000'000;

int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::string KeyName(uint64_t key) { return fmt::format("key:{:012}", key); }

double Percent(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

base::Result<void> WithoutReply(const base::Result<Reply>& reply) {
  if (!reply.ok()) return base::Error(reply.error());
  return {};
}

}  // namespace

double ReplayResult::hit_ratio() const { return Percent(hits, requests); }
double ReplayResult::byte_hit_ratio() const { return Percent(bytes_hit, bytes_requested); }

eviction::Trace FirstKeys(const eviction::Trace& trace, uint64_t count) {
  eviction::Trace keys;
  std::unordered_set<uint64_t> seen;
  for (const eviction::TraceRecord& record : trace) {
    if (keys.size() == count) break;
    if (seen.insert(record.key).second) keys.push_back(record);
  }
  return keys;
}

Replay::Replay(const ReplaySettings& settings, const eviction::Trace& trace,
               std::vector<Server>& servers, const std::atomic<bool>& stop)
    : settings_(settings), trace_(trace), servers_(servers), stop_(stop), missed_(servers.size()) {}

Replay::~Replay() {
  for (size_t i = 0; i < before_.size(); ++i) Restore(servers_[i], before_[i]);
}

std::string_view Replay::ValueOf(const eviction::TraceRecord& record) const {
  return {value_.data(), ValueSize(record, settings_.pipeline.default_size)};
}

base::Result<void> Replay::Prepare() {
  uint32_t longest = 0;
  for (const eviction::TraceRecord& record : trace_) {
    longest = std::max(longest, ValueSize(record, settings_.pipeline.default_size));
  }
  if (longest > kMostValueBytes) {
    return base::Error(fmt::format("the trace has a value of {} bytes; the protocol's limit is {}",
                                   longest, kMostValueBytes));
  }
  value_.assign(longest, 'v');
  base::Result<void> refused = Refuse();
  if (!refused.ok()) return refused;
  base::Result<void> remembered = Remember();
  if (!remembered.ok()) return remembered;
  if (!settings_.percent) return {};

  double keys = static_cast<double>(eviction::CountUniqueKeys(trace_)) * *settings_.percent / 100;
  eviction::Trace load = FirstKeys(trace_, std::max<uint64_t>(1, static_cast<uint64_t>(keys)));
  for (Server& server : servers_) {
    base::Result<void> measured = MeasureRoom(server, load);
    if (!measured.ok()) return measured;
  }
  return {};
}

base::Result<void> Replay::Refuse() {
  for (Server& server : servers_) {
    base::Result<uint64_t> keys = server.CountKeys();
    if (!keys.ok()) return base::Error(keys.error());
    if (keys.value() > 0 && !settings_.may_flush) {
      return base::Error(fmt::format(
          "{} holds {} keys, and a replay deletes all of them: say --flush if that may be",
          server.name(), keys.value()));
    }
  }
  return {};
}

base::Result<void> Replay::Remember() {
  for (Server& server : servers_) {
    Before before;
    if (changes_settings()) {
      base::Result<std::optional<std::string>> policy = server.Info("memory", "maxmemory_policy");
      if (!policy.ok()) return base::Error(policy.error());
      before.policy = policy.value().value_or("");
      base::Result<uint64_t> maxmemory = server.InfoNumber("memory", "maxmemory");
      if (!maxmemory.ok()) return base::Error(maxmemory.error());
      before.maxmemory = maxmemory.value();
    }
    before_.push_back(std::move(before));
  }
  return {};
}

base::Result<void> Replay::MeasureRoom(Server& server, const eviction::Trace& keys) {
  PipelineLimits limits = settings_.pipeline;
  limits.depth = kLoadDepth;
  base::Result<void> done = WithoutReply(server.Call({"CONFIG", "SET", "maxmemory", "0"}));
  if (done.ok()) done = WithoutReply(server.Call({"FLUSHALL"}));
  if (!done.ok()) return done;
  Progress progress("measure " + server.name(), keys.size(), "keys");
  for (size_t first = 0; first < keys.size();) {
    if (stop_) return base::Error("interrupted");
    size_t end = PipelineEnd(keys, first, limits);
    for (size_t i = first; i < end; ++i) {
      server.AppendSet(KeyName(keys[i].key), ValueOf(keys[i]), settings_.ttl_s);
    }
    for (size_t i = first; i < end; ++i) {
      done = WithoutReply(server.Receive());
      if (!done.ok()) return done;
    }
    first = end;
    progress.Update(first);
  }
  base::Result<uint64_t> used = server.InfoNumber("memory", "used_memory");
  if (!used.ok()) return base::Error(used.error());
  room_.push_back(used.value());
  return {};
}

base::Result<void> Replay::Begin(Server& server, size_t index, const std::string& policy) {
  base::Result<void> done = WithoutReply(server.Call({"FLUSHALL"}));
  if (done.ok() && !policy.empty()) {
    done = WithoutReply(server.Call({"CONFIG", "SET", "maxmemory-policy", policy}));
  }
  if (done.ok() && settings_.percent) {
    done = WithoutReply(server.Call({"CONFIG", "SET", "maxmemory", std::to_string(room_[index])}));
  }
  return done;
}

base::Result<std::vector<ReplayResult>> Replay::Run(const std::string& policy) {
  std::vector<ReplayResult> results(servers_.size());
  for (size_t i = 0; i < servers_.size(); ++i) {
    base::Result<void> begun = Begin(servers_[i], i, policy);
    if (!begun.ok()) return base::Error(begun.error());
  }
  int64_t start_ns = NowNs();
  {
    Progress progress(policy.empty() ? "replay" : policy, trace_.size(), "requests");
    for (size_t first = 0; first < trace_.size();) {
      size_t end = PipelineEnd(trace_, first, settings_.pipeline);
      if (settings_.pace != 0) WaitForPace(first, start_ns);
      if (stop_) return base::Error("interrupted");
      base::Result<void> done = RunPipeline(first, end, results);
      if (!done.ok()) return base::Error(done.error());
      first = end;
      progress.Update(first);
    }
  }
  double seconds = static_cast<double>(std::max<int64_t>(1, NowNs() - start_ns)) / 1e9;
  for (size_t i = 0; i < servers_.size(); ++i) {
    results[i].seconds = seconds;
    base::Result<void> done = Complete(servers_[i], policy, results[i]);
    if (!done.ok()) return base::Error(done.error());
  }
  return results;
}

void Replay::WaitForPace(size_t sent, int64_t start_ns) {
  while (!stop_) {
    int64_t delay_ns = PaceDelayNs(sent, settings_.pace, NowNs() - start_ns);
    if (delay_ns == 0) return;
    std::this_thread::sleep_for(std::chrono::nanoseconds(std::min(delay_ns, kLongestPauseNs)));
  }
}

base::Result<void> Replay::RunPipeline(size_t first, size_t end,
                                       std::vector<ReplayResult>& results) {
  keys_.clear();
  for (size_t i = first; i < end; ++i) keys_.push_back(KeyName(trace_[i].key));
  for (Server& server : servers_) {
    for (const std::string& key : keys_) server.Append({"GET", key});
    base::Result<void> sent = server.Send();
    if (!sent.ok()) return sent;
  }
  for (size_t s = 0; s < servers_.size(); ++s) {
    missed_[s].clear();
    for (size_t i = 0; i < keys_.size(); ++i) {
      base::Result<Reply> reply = servers_[s].Receive();
      if (!reply.ok()) return base::Error(reply.error());
      uint64_t bytes = ValueSize(trace_[first + i], settings_.pipeline.default_size);
      ++results[s].requests;
      results[s].bytes_requested += bytes;
      if (reply.value()->type == REDIS_REPLY_NIL) {
        missed_[s].push_back(i);
      } else {
        ++results[s].hits;
        results[s].bytes_hit += bytes;
      }
    }
    for (size_t i : missed_[s]) {
      servers_[s].AppendSet(keys_[i], ValueOf(trace_[first + i]), settings_.ttl_s);
    }
    base::Result<void> sent = servers_[s].Send();
    if (!sent.ok()) return sent;
  }
  for (size_t s = 0; s < servers_.size(); ++s) {
    for (size_t i = 0; i < missed_[s].size(); ++i) {
      base::Result<void> done = WithoutReply(servers_[s].Receive());
      if (!done.ok()) return done;
    }
  }
  return {};
}

base::Result<void> Replay::Complete(Server& server, const std::string& policy,
                                    ReplayResult& result) {
  result.server = server.name();
  result.policy = policy;
  if (policy.empty()) {
    base::Result<std::optional<std::string>> set = server.Info("memory", "maxmemory_policy");
    if (!set.ok()) return base::Error(set.error());
    result.policy = set.value().value_or("unknown");
  }
  base::Result<uint64_t> used = server.InfoNumber("memory", "used_memory");
  if (!used.ok()) return base::Error(used.error());
  result.used_memory = used.value();
  base::Result<uint64_t> keys = server.CountKeys();
  if (!keys.ok()) return base::Error(keys.error());
  result.keys = keys.value();
  return {};
}

// Whatever fails here has failed before, and was said.
void Replay::Restore(Server& server, const Before& before) {
  if (!settings_.keep) (void)server.Call({"FLUSHALL"});
  if (settings_.percent) {
    (void)server.Call({"CONFIG", "SET", "maxmemory", std::to_string(before.maxmemory)});
  }
  if (!settings_.policies.empty() && !before.policy.empty()) {
    (void)server.Call({"CONFIG", "SET", "maxmemory-policy", before.policy});
  }
}

}  // namespace nuthatch::replay
