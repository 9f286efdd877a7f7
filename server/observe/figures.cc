#include "server/observe/figures.h"

#include <algorithm>
#include <any>
#include <string_view>

#include "eviction/registry.h"
#include "server/base/numbers.h"
#include "server/runtime/node.h"
#include "server/runtime/shard.h"

namespace nuthatch::observe {
namespace {

using runtime::CommandContext;
using runtime::CommandStats;
using runtime::LatencyHistogram;
using runtime::ShardStats;

void AddCounters(const ShardStats& from, ShardStats& to) {
  constexpr uint64_t ShardStats::*kSums[] = {
      &ShardStats::commands_processed,
      &ShardStats::connections_received,
      &ShardStats::error_replies,
      &ShardStats::keyspace_hits,
      &ShardStats::keyspace_misses,
      &ShardStats::hits_before_policy,
      &ShardStats::misses_before_policy,
      &ShardStats::net_input_bytes,
      &ShardStats::net_output_bytes,
      &ShardStats::reads_processed,
      &ShardStats::writes_processed,
      &ShardStats::client_query_buffer_limit_disconnections,
      &ShardStats::client_output_buffer_limit_disconnections,
      &ShardStats::evicted_clients,
      &ShardStats::dirty,
      &ShardStats::posted_messages,
      &ShardStats::turns,
  };
  for (auto field : kSums) to.*field += from.*field;
  to.loop_stall_cpu_max_us = std::max(to.loop_stall_cpu_max_us, from.loop_stall_cpu_max_us);
  to.loop_stall_max_us = std::max(to.loop_stall_max_us, from.loop_stall_max_us);
  for (const auto& [kind, count] : from.errors) to.errors[kind] += count;
}

void AddCommands(const ShardStats& from, ShardStats& to) {
  if (to.commands.size() < from.commands.size()) to.commands.resize(from.commands.size());
  for (size_t i = 0; i < from.commands.size(); ++i) {
    CommandStats& sum = to.commands[i];
    sum.calls += from.commands[i].calls;
    sum.nanoseconds += from.commands[i].nanoseconds;
    sum.rejected_calls += from.commands[i].rejected_calls;
    sum.failed_calls += from.commands[i].failed_calls;
  }
}

void AddLatencies(const ShardStats& from, ShardStats& to) {
  if (to.latencies.size() < from.latencies.size()) to.latencies.resize(from.latencies.size());
  for (size_t i = 0; i < from.latencies.size(); ++i) {
    if (from.latencies[i] == nullptr) continue;
    if (to.latencies[i] == nullptr) to.latencies[i] = std::make_unique<LatencyHistogram>();
    from.latencies[i]->MergeInto(*to.latencies[i]);
  }
}

void TakeClients(CommandContext& context, Figures& figures) {
  figures.clients_with_timeout = context.shard().keyspace().block_list().deadline_count();
  context.shard().clients().ForEach([&](runtime::ClientState& client) {
    figures.largest_input =
        std::max<uint64_t>(figures.largest_input, client.query_buffer + client.query_buffer_free);
    figures.largest_output = std::max<uint64_t>(figures.largest_output, client.output_bytes);
    figures.client_memory += client.total_memory;
    figures.blocked_clients += client.blocked ? 1 : 0;
  });
}

void TakeKeyspace(CommandContext& context, Figures& figures) {
  keyspace::Keyspace& keyspace = context.shard().keyspace();
  keyspace::MemoryFigures memory = keyspace.memory();
  figures.entry_bytes = memory.entries;
  figures.table_bytes = memory.tables;
  figures.pending_bytes = memory.pending;
  for (int db = 0; db < keyspace.databases(); ++db) {
    size_t keys = keyspace.Count(db);
    if (keys == 0) continue;
    DatabaseFigures& database = figures.databases[db];
    database.keys = keys;
    database.expires = keyspace.VolatileCount(db);
    database.table_bytes = keyspace.memory(db).tables;
    if (database.expires > 0) {
      database.ttl_sum_ms = static_cast<double>(keyspace.AverageTtlMs(db, context.now_ms())) *
                            static_cast<double>(database.expires);
    }
  }
}

// A name that tells of the policy's state, not of a count.
constexpr std::string_view kStatePrefix = "tuner_";

void TakePolicy(CommandContext& context, PolicyFigures& figures) {
  const keyspace::Keyspace& keyspace = context.shard().keyspace();
  figures.name = eviction::PolicyName(keyspace.policy_choice());
  figures.metadata_bytes = keyspace.policy().metadata_bytes();
  for (auto& [name, value] : keyspace.policy().Info()) figures.lines.push_back({name, {value}});
}

}  // namespace

void PolicyFigures::Add(const PolicyFigures& other) {
  // A sum begins empty.
  if (name.empty()) {
    *this = other;
    return;
  }
  // While a change of policy reaches the shards one by one, those that have another are left out.
  if (name != other.name) return;
  metadata_bytes += other.metadata_bytes;
  for (size_t i = 0; i < lines.size() && i < other.lines.size(); ++i) {
    std::vector<std::string>& values = lines[i].values;
    if (lines[i].name.starts_with(kStatePrefix)) {
      values.insert(values.end(), other.lines[i].values.begin(), other.lines[i].values.end());
    } else {
      int64_t sum = base::ParseInt64(values[0]).value_or(0) +
                    base::ParseInt64(other.lines[i].values[0]).value_or(0);
      values[0] = std::to_string(sum);
    }
  }
}

uint64_t Figures::keys() const {
  uint64_t sum = 0;
  for (const auto& [db, database] : databases) sum += database.keys;
  return sum;
}

void Figures::Add(const Figures& other) {
  AddCounters(other.stats, stats);
  AddCommands(other.stats, stats);
  AddLatencies(other.stats, stats);
  expired_keys += other.expired_keys;
  evicted_keys += other.evicted_keys;
  blessed_keys += other.blessed_keys;
  eviction.Add(other.eviction);
  policy.Add(other.policy);
  clients += other.clients;
  largest_input = std::max(largest_input, other.largest_input);
  largest_output = std::max(largest_output, other.largest_output);
  client_memory += other.client_memory;
  blocked_clients += other.blocked_clients;
  clients_with_timeout += other.clients_with_timeout;
  entry_bytes += other.entry_bytes;
  table_bytes += other.table_bytes;
  pending_bytes += other.pending_bytes;
  for (const auto& [db, database] : other.databases) {
    DatabaseFigures& sum = databases[db];
    sum.keys += database.keys;
    sum.expires += database.expires;
    sum.ttl_sum_ms += database.ttl_sum_ms;
    sum.table_bytes += database.table_bytes;
  }
}

void Take(CommandContext& context, unsigned sets) {
  auto figures = std::make_shared<Figures>();
  runtime::Shard& shard = context.shard();
  AddCounters(shard.stats(), figures->stats);
  if ((sets & kCommandFigures) != 0) AddCommands(shard.stats(), figures->stats);
  if ((sets & kLatencyFigures) != 0) AddLatencies(shard.stats(), figures->stats);
  figures->expired_keys = shard.keyspace().stats().expired;
  figures->evicted_keys = shard.keyspace().stats().evicted;
  for (int db = 0; db < shard.keyspace().databases(); ++db) {
    figures->blessed_keys += shard.keyspace().PinnedCount(db);
  }
  figures->eviction = shard.memory_limit().stats();
  figures->clients = shard.clients().count();
  if ((sets & kClientFigures) != 0) TakeClients(context, *figures);
  if ((sets & kKeyspaceFigures) != 0) TakeKeyspace(context, *figures);
  if ((sets & kEvictionFigures) != 0) TakePolicy(context, figures->policy);
  context.part().extra = std::move(figures);
}

Figures Sum(std::span<runtime::ScatterPart> parts) {
  Figures sum;
  for (const runtime::ScatterPart& part : parts) {
    if (auto* figures = std::any_cast<std::shared_ptr<Figures>>(&part.extra)) sum.Add(**figures);
  }
  return sum;
}

}  // namespace nuthatch::observe
