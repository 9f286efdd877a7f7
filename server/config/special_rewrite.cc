// The lines that CONFIG REWRITE writes for the directives with a form of their own.
#include "server/config/special.h"
#include "server/config/values.h"

namespace nuthatch::config {

namespace {

std::string QuoteIfNeeded(const std::string& word) {
  return NeedsQuotes(word) ? Quote(word) : word;
}

}  // namespace

std::vector<RewrittenLine> RewriteBind(const Config& config, bool changed) {
  if (config.bind.empty()) return {{"bind \"\"", changed}};
  // A single word is split once more when it is read.
  if (config.bind.size() == 1 && NeedsQuotes(config.bind[0])) {
    return {{"bind " + Quote(Quote(config.bind[0])), changed}};
  }
  std::string line = "bind";
  for (const std::string& address : config.bind) line += ' ' + QuoteIfNeeded(address);
  return {{line, changed}};
}

std::vector<RewrittenLine> RewriteDir(const Config& config, bool /*changed*/) {
  // Always: the default is wherever the server was started.
  return {{"dir " + Quote(config.dir), true}};
}

std::vector<RewrittenLine> RewriteNotifyKeyspaceEvents(const Config& config, bool changed) {
  const std::string& text = config.Text(*FindDirective("notify-keyspace-events"));
  return {{"notify-keyspace-events " + Quote(text), changed}};
}

std::vector<RewrittenLine> RewriteOutputBufferLimits(const Config& config, bool /*changed*/) {
  constexpr const char* kNames[] = {"normal", "replica", "pubsub"};
  std::vector<RewrittenLine> lines;
  for (size_t i = 0; i < kClientClasses; ++i) {
    const OutputBufferLimit& limit = config.client_output_buffer_limits[i];
    const OutputBufferLimit& initial = DefaultConfig()->client_output_buffer_limits[i];
    bool changed = limit.hard_bytes != initial.hard_bytes ||
                   limit.soft_bytes != initial.soft_bytes ||
                   limit.soft_seconds != initial.soft_seconds;
    lines.push_back({std::string("client-output-buffer-limit ") + kNames[i] + ' ' +
                         FormatMemory(limit.hard_bytes) + ' ' + FormatMemory(limit.soft_bytes) +
                         ' ' + std::to_string(limit.soft_seconds),
                     changed});
  }
  return lines;
}

std::vector<RewrittenLine> RewritePercentiles(const Config& config, bool changed) {
  const std::string& text = config.Text(*FindDirective("latency-tracking-info-percentiles"));
  return {{"latency-tracking-info-percentiles " + (text.empty() ? "\"\"" : text), changed}};
}

std::vector<RewrittenLine> RewriteReplBacklogSize(const Config& config, bool changed) {
  return {{"repl-backlog-size " + FormatMemory(config.repl_backlog_size), changed}};
}

std::vector<RewrittenLine> RewriteReplicaof(const Config& config, bool changed) {
  if (config.replicaof_host.empty()) return {};
  return {{"replicaof " + QuoteIfNeeded(config.replicaof_host) + ' ' +
               std::to_string(config.replicaof_port),
           changed}};
}

std::vector<RewrittenLine> RewriteSave(const Config& config, bool /*changed*/) {
  if (config.save.empty()) return {{"save \"\"", true}};
  std::vector<RewrittenLine> lines;
  for (const SavePoint& point : config.save) {
    // Always and all of them: one line that stands in the file replaces all the defaults.
    lines.push_back(
        {"save " + std::to_string(point.seconds) + ' ' + std::to_string(point.changes), true});
  }
  return lines;
}

}  // namespace nuthatch::config
