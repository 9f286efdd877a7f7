// MEMORY.
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "server/commands/args.h"
#include "server/commands/errors.h"
#include "server/commands/help.h"
#include "server/observe/figures.h"
#include "server/observe/groups.h"
#include "server/observe/memory_doctor.h"
#include "server/observe/memory_figures.h"
#include "server/resp/replies.h"
#include "server/runtime/node.h"
#include "server/runtime/shard.h"

namespace nuthatch::observe {
namespace {

using namespace runtime;  // NOLINT(google-build-using-namespace): a table of rows in its words

// A key's share of its table: a pointer of 8 bytes at the usual filling.
constexpr int64_t kTableShare = 10;

void MemoryUsage(CommandContext& context) {
  for (size_t i = 3; i < context.argc(); i += 2) {
    if (!commands::IsWord(context.arg(i), "samples") || i + 1 == context.argc()) {
      context.reply().Error(commands::errors::kSyntax);
      return;
    }
    // How many elements of a value are looked at: values know their bytes.
    auto samples = commands::IntegerOrReply(context, context.arg(i + 1));
    if (!samples.has_value()) return;
    if (*samples < 0) {
      context.reply().Error(commands::errors::kSyntax);
      return;
    }
  }
  const keyspace::Key& key = context.key(0);
  keyspace::EntryRef entry =
      context.keyspace_of(key).Find(context.db(), key, context.now_ms(), keyspace::Touch::kNone);
  if (!entry) {
    context.reply().Null();
    return;
  }
  context.reply().Integer(static_cast<int64_t>(entry->MemoryBytes()) + kTableShare);
}

void MemoryFragment(CommandContext& context) { Take(context, kClientFigures | kKeyspaceFigures); }

void WriteDatabases(const Figures& figures, resp::ReplyWriter& reply) {
  for (const auto& [db, database] : figures.databases) {
    reply.Bulk(fmt::format("db.{}", db));
    reply.Map(3);
    reply.Bulk("overhead.hashtable.main");
    reply.Integer(static_cast<int64_t>(database.table_bytes));
    // Deadlines stand in the entries, and slots are tables: no tables of their own.
    reply.Bulk("overhead.hashtable.expires");
    reply.Integer(0);
    reply.Bulk("overhead.hashtable.slot-to-keys");
    reply.Integer(0);
  }
}

void MemoryStatsCombine(CommandContext& context) {
  Figures figures = Sum(context.parts());
  MemoryFigures memory = MeasureMemory(figures, context.node());
  resp::ReplyWriter& reply = context.reply();
  uint64_t keys = figures.keys();
  auto number = [&reply](std::string_view name, uint64_t value) {
    reply.Bulk(name);
    reply.Integer(static_cast<int64_t>(value));
  };
  auto ratio = [&reply](std::string_view name, double value) {
    reply.Bulk(name);
    reply.Double(value);
  };
  reply.Map(27 + figures.databases.size());
  number("peak.allocated", memory.peak);
  number("total.allocated", memory.used);
  number("startup.allocated", memory.startup);
  number("replication.backlog", 0);
  number("clients.slaves", 0);
  number("clients.normal", figures.client_memory);
  number("cluster.links", 0);
  number("aof.buffer", 0);
  number("lua.caches", 0);
  number("functions.caches", 0);
  WriteDatabases(figures, reply);
  number("overhead.total", memory.overhead);
  number("keys.count", keys);
  number("keys.bytes-per-key",
         keys == 0 || memory.used < memory.startup ? 0 : (memory.used - memory.startup) / keys);
  number("dataset.bytes", memory.dataset);
  ratio("dataset.percentage", memory.dataset_percent);
  ratio("peak.percentage", memory.peak_percent);
  number("allocator.allocated", memory.allocator.allocated);
  number("allocator.active", memory.allocator.active);
  number("allocator.resident", memory.allocator.resident);
  ratio("allocator-fragmentation.ratio", memory.fragmentation_ratio);
  number("allocator-fragmentation.bytes", memory.fragmentation_bytes);
  ratio("allocator-rss.ratio", memory.allocator_rss_ratio);
  number("allocator-rss.bytes", static_cast<uint64_t>(memory.allocator_rss_bytes));
  ratio("rss-overhead.ratio", memory.rss_overhead_ratio);
  number("rss-overhead.bytes", static_cast<uint64_t>(memory.rss_overhead_bytes));
  ratio("fragmentation", memory.total_ratio);
  number("fragmentation.bytes", static_cast<uint64_t>(memory.total_bytes));
}

void MemoryDoctorCombine(CommandContext& context) {
  Figures figures = Sum(context.parts());
  context.reply().Verbatim("txt", DiagnoseMemory(figures, MeasureMemory(figures, context.node())));
}

void MemoryMallocStats(CommandContext& context) {
  std::string report = AllocatorReport();
  if (report.empty()) {
    context.reply().Bulk("Stats not supported for the current allocator");
  } else {
    context.reply().Verbatim("txt", report);
  }
}

void MemoryPurge(CommandContext& context) {
  base::PurgeMemory();
  context.reply().Raw(resp::kOkReply);
}

constexpr std::string_view kHelp[] = {
    "DOCTOR",
    "    Return memory problems reports.",
    "MALLOC-STATS",
    "    Return internal statistics report from the memory allocator.",
    "PURGE",
    "    Attempt to purge dirty pages for reclamation by the allocator.",
    "STATS",
    "    Return information about the memory usage of the server.",
    "USAGE <key> [SAMPLES <count>]",
    "    Return memory in bytes used by <key> and its value. Nested values are",
    "    sampled up to <count> times (default: 5, 0 means sample all)."};

void MemoryHelp(CommandContext& context) { commands::WriteHelp(context, "MEMORY", kHelp); }

constexpr std::string_view kMemoryDoctorTips[] = {
    "nondeterministic_output", "request_policy:all_shards", "response_policy:special"};

constexpr std::string_view kMemoryMallocStatsTips[] = {
    "nondeterministic_output", "request_policy:all_shards", "response_policy:special"};

constexpr std::string_view kMemoryPurgeTips[] = {"request_policy:all_shards",
                                                 "response_policy:all_succeeded"};

constexpr std::string_view kMemoryStatsTips[] = {
    "nondeterministic_output", "request_policy:all_shards", "response_policy:special"};

constexpr KeySpec kMemoryUsageKeys[] = {
    {.flags = kKeyRO, .begin = KeySpec::Begin::kIndex, .index = 2, .find = KeySpec::Find::kRange}};

constexpr ArgSpec kMemoryUsageArgs[] = {
    {.name = "key", .type = ArgType::kKey, .key_spec = 0},
    {.name = "count", .type = ArgType::kInteger, .token = "SAMPLES", .flags = kArgOptional}};

constexpr CommandSpec kMemorySubcommands[] = {
    {.name = "doctor",
     .arity = 2,
     .where = Where::kScatterAll,
     .scatter = {MemoryFragment, MemoryDoctorCombine},
     .summary = "Outputs memory problems report",
     .complexity = "O(1)",
     .since = "4.0.0",
     .group = "server",
     .tips = kMemoryDoctorTips},
    {.name = "help",
     .arity = 2,
     .flags = kLoading | kStale,
     .run = MemoryHelp,
     .summary = "Show helpful text about the different subcommands",
     .complexity = "O(1)",
     .since = "4.0.0",
     .group = "server"},
    {.name = "malloc-stats",
     .arity = 2,
     .run = MemoryMallocStats,
     .summary = "Show allocator internal stats",
     .complexity = "Depends on how much memory is allocated, could be slow",
     .since = "4.0.0",
     .group = "server",
     .tips = kMemoryMallocStatsTips},
    {.name = "purge",
     .arity = 2,
     .run = MemoryPurge,
     .summary = "Ask the allocator to release memory",
     .complexity = "Depends on how much memory is allocated, could be slow",
     .since = "4.0.0",
     .group = "server",
     .tips = kMemoryPurgeTips},
    {.name = "stats",
     .arity = 2,
     .where = Where::kScatterAll,
     .scatter = {MemoryFragment, MemoryStatsCombine},
     .summary = "Show memory usage details",
     .complexity = "O(1)",
     .since = "4.0.0",
     .group = "server",
     .tips = kMemoryStatsTips},
    {.name = "usage",
     .arity = -3,
     .flags = kReadonly,
     .key_specs = kMemoryUsageKeys,
     .where = Where::kByKeys,
     .run = MemoryUsage,
     .summary = "Estimate the memory usage of a key",
     .complexity = "O(N) where N is the number of samples.",
     .since = "4.0.0",
     .group = "server",
     .args = kMemoryUsageArgs}};

constexpr CommandSpec kRows[] = {{.name = "memory",
                                  .arity = -2,
                                  .subcommands = kMemorySubcommands,
                                  .summary = "A container for memory diagnostics commands",
                                  .complexity = "Depends on subcommand.",
                                  .since = "4.0.0",
                                  .group = "server"}};

}  // namespace

std::span<const CommandSpec> MemoryCommands() { return kRows; }

}  // namespace nuthatch::observe
