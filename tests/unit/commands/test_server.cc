#include "tests/unit/commands/test_server.h"

#include <algorithm>
#include <span>

#include <gtest/gtest.h>

#include "server/commands/groups.h"
#include "server/config/config.h"
#include "server/config/edit.h"
#include "server/runtime/executor.h"
#include "server/runtime/policy_names.h"
#include "server/runtime/posting.h"
#include "server/runtime/shard.h"
#include "tests/support/fake_node.h"

namespace nuthatch::commands {

using runtime::CommandEntry;
using runtime::Several;
using runtime::Where;

namespace {

// DEBUG is allowed, which CONFIG SET can't do.
std::shared_ptr<const config::Config> MakeConfig(const TestServer::Settings& settings) {
  runtime::RegisterPolicyNames();
  auto base = std::make_shared<config::Config>(*config::DefaultConfig());
  base->enable_debug_command = config::CommandAccess::kYes;
  if (settings.empty()) return base;
  config::ConfigEdit edit(base);
  auto result = edit.Set(settings, config::Caller{.local = true, .loading = false});
  EXPECT_TRUE(result.ok());
  return edit.config();
}

std::vector<std::string> SplitAtSpaces(std::string_view line) {
  std::vector<std::string> words;
  while (true) {
    size_t space = line.find(' ');
    words.emplace_back(line.substr(0, space));
    if (space == std::string_view::npos) return words;
    line.remove_prefix(space + 1);
  }
}

// Takes the first reply off `raw` and says it in short.
std::string InShort(std::string_view& raw) {
  size_t end = raw.find("\r\n");
  if (end == std::string_view::npos) return "<cut short>";
  char type = raw.front();
  std::string line(raw.substr(1, end - 1));
  raw.remove_prefix(end + 2);
  auto count = [&] { return std::stoll(line); };
  auto list = [&](long long values, const char* brackets) {
    std::string text(1, brackets[0]);
    for (long long i = 0; i < values; ++i) {
      if (i > 0) text += brackets[0] == '{' && i % 2 == 1 ? ": " : ", ";
      text += InShort(raw);
    }
    return text + brackets[1];
  };
  switch (type) {
    case '-':
      return "-" + line;
    case '_':
      return "nil";
    case '$': {
      if (count() < 0) return "nil";
      std::string text(raw.substr(0, static_cast<size_t>(count())));
      raw.remove_prefix(text.size() + 2);
      return '"' + text + '"';
    }
    case '*':
      return count() < 0 ? "nil" : list(count(), "[]");
    case '~':
      return list(count(), "()");
    case '%':
      return list(2 * count(), "{}");
    default:
      return line;
  }
}

// The row of that call, through its container if there is one.
const CommandEntry* FindEntry(const runtime::CommandTable& table,
                              const std::vector<std::string_view>& args) {
  const CommandEntry* entry = table.Find(args[0]);
  if (entry == nullptr || entry->subcommands.empty()) return entry;
  return args.size() < 2 ? nullptr : runtime::CommandTable::FindSubcommand(*entry, args[1]);
}

bool ArityFits(const runtime::CommandSpec& spec, size_t argc) {
  auto wanted = static_cast<size_t>(std::abs(spec.arity));
  return spec.arity > 0 ? argc == wanted : argc >= wanted;
}

}  // namespace

TestServer::TestServer(int shards, const Settings& settings)
    : node_(std::make_unique<runtime::FakeNode>(
          static_cast<size_t>(shards),
          std::initializer_list<std::span<const runtime::CommandSpec>>{
              BitmapCommands(), ClientCommands(), CommandCommands(), ConfigCommands(),
              ConnectionCommands(), DebugCommands(), GenericCommands(), GeoCommands(),
              HashCommands(), HyperLogLogCommands(), KeyspaceCommands(), ListCommands(),
              ServerCommands(), SetCommands(), SortedSetCommands(), StreamCommands(),
              StringCommands(), TransactionCommands()},
          MakeConfig(settings))) {}

TestServer::~TestServer() = default;

std::string TestServer::Ask(std::string_view line) { return AskWords(SplitAtSpaces(line)); }

std::string TestServer::AskWords(const std::vector<std::string>& words) {
  std::string raw = Raw(words);
  std::string_view rest = raw;
  std::string text = InShort(rest);
  EXPECT_TRUE(rest.empty()) << "more than one reply: " << raw;
  return text;
}

std::string TestServer::Raw(const std::vector<std::string>& words) {
  std::vector<std::string_view> args(words.begin(), words.end());
  const CommandEntry* entry = FindEntry(node_->commands(), args);
  if (entry == nullptr) return "-unknown\r\n";
  const runtime::CommandSpec& spec = *entry->spec;
  if (!ArityFits(spec, args.size())) return "-arity\r\n";

  runtime::Posting posting;
  posting.args = args;
  runtime::KeyPositions positions;
  if (!spec.key_specs.empty()) {
    runtime::FindKeysToRun(spec, args, positions);
    EXPECT_FALSE(positions.positions().empty());
    for (const auto& position : positions.positions()) {
      posting.keys.push_back(keyspace::Key::Of(args[position.position]));
    }
  }
  runtime::PostingItem item;
  item.caller = posting.CallerIndex(caller_);
  item.command.entry = entry;
  item.command.arg_count = static_cast<uint32_t>(args.size());
  item.command.key_count = static_cast<uint32_t>(posting.keys.size());
  std::vector<bool> concerned(node_->shard_count(), spec.where != Where::kByKeys);
  for (const keyspace::Key& key : posting.keys) concerned[key.slot % concerned.size()] = true;
  size_t shards = static_cast<size_t>(std::count(concerned.begin(), concerned.end(), true));
  auto first =
      static_cast<size_t>(std::find(concerned.begin(), concerned.end(), true) - concerned.begin());

  runtime::Transaction transaction;
  for (size_t i = 0; i < concerned.size(); ++i) node_->shard(i).executor().Begin(now_ms_);
  bool scatter = spec.where == Where::kScatterAll || spec.several == Several::kScatter;
  runtime::ClientState* client = spec.where == Where::kHome ? &client_ : nullptr;
  if (shards <= 1 || (!scatter && spec.where == Where::kHome) || concerned.size() == 1) {
    node_->shard(shards == 0 ? 0 : first)
        .executor()
        .Run(*entry, posting.args, posting.keys, caller_, client, transaction.reply);
  } else if (scatter) {
    transaction.parts.resize(concerned.size());
    for (size_t i = 0; i < concerned.size(); ++i) {
      if (concerned[i]) node_->shard(i).executor().RunFragment(item, posting, transaction);
    }
    node_->shard(first).executor().RunCombine(item, posting, transaction);
  } else {
    transaction.rendezvous = true;
    node_->shard(first).executor().RunRendezvous(item, posting, transaction);
  }
  return std::string(transaction.reply.view());
}

const runtime::CommandTable& TestServer::commands() const { return node_->commands(); }

keyspace::Keyspace& TestServer::keyspace(size_t shard) { return node_->shard(shard).keyspace(); }

uint64_t TestServer::Sum(uint64_t runtime::ShardStats::*counter) const {
  uint64_t sum = 0;
  for (size_t i = 0; i < node_->shard_count(); ++i) sum += node_->shard(i).stats().*counter;
  return sum;
}

}  // namespace nuthatch::commands
