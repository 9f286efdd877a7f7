#include "server/commands/client_list.h"

#include <algorithm>
#include <any>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "server/base/clock.h"
#include "server/commands/args.h"
#include "server/commands/errors.h"
#include "server/resp/replies.h"
#include "server/runtime/context.h"
#include "server/runtime/node.h"
#include "server/runtime/shard.h"

namespace nuthatch::commands {
namespace {

using runtime::ClientState;
using runtime::CommandContext;

int64_t SteadyMs() { return base::MonotonicNs() / 1'000'000; }

// The letters of the field `flags`, in Redis's order.
std::string FlagsOf(const ClientState& client, bool touched) {
  std::string flags;
  const runtime::MultiState* multi = client.multi.get();
  if (multi != nullptr && (multi->open || multi->executing)) flags += 'x';
  if (client.blocked) flags += 'b';
  if (touched) flags += 'd';
  if (client.close_after_reply) flags += 'c';
  if (client.close_now) flags += 'A';
  if (client.unix_socket) flags += 'U';
  if (client.no_evict) flags += 'e';
  if (client.no_touch) flags += 'T';
  return flags.empty() ? std::string(1, 'N') : flags;
}

std::string LastCommandOf(const ClientState& client) {
  if (client.last_command == nullptr) return "NULL";
  std::string name;
  if (client.last_container != nullptr) name.append(client.last_container->name).append("|");
  return name.append(client.last_command->name);
}

struct QueueFigures {
  int64_t commands = -1;
  size_t memory = 0;
};

QueueFigures QueueOf(const ClientState& client) {
  const runtime::MultiState* multi = client.multi.get();
  if (multi == nullptr) return {};
  if (multi->executing) {
    return {static_cast<int64_t>(multi->executing_commands), multi->executing_memory};
  }
  if (!multi->open) return {};
  return {static_cast<int64_t>(multi->queue.size()), multi->queue.multi_memory()};
}

// Of the very command that runs the connection doesn't know yet: its name, and its bytes, which
// Redis counts as they stand in the query buffer (an inline command counts as if it were none).
ClientState Running(const ClientState& client, const CommandContext& context) {
  // Of EXEC the connection knows, and only its name came with it.
  if (context.in_exec()) {
    static constexpr std::string_view kRequest = "*1\r\n$4\r\nexec\r\n";
    static constexpr std::string_view kName = "exec";
    static constexpr runtime::CommandSpec kExec{.name = kName};
    ClientState self = client;
    self.last_command = &kExec;
    self.last_container = nullptr;
    self.argv_memory += kName.size();
    self.query_buffer += kRequest.size();
    return self;
  }
  static constexpr runtime::CommandSpec kContainer{.name = "client"};
  ClientState self = client;
  self.last_command = &context.spec();
  self.last_container = &kContainer;
  size_t request = fmt::formatted_size("*{}\r\n", context.argc());
  for (std::string_view arg : context.args()) {
    request += fmt::formatted_size("${}\r\n", arg.size()) + arg.size() + 2;
    self.argv_memory += arg.size();
  }
  self.query_buffer += request;
  return self;
}

// Which connections CLIENT LIST shows.
struct ListFilter {
  std::optional<ClientType> type;
  std::vector<uint64_t> ids;  // empty: all; in the order that was asked for
  bool by_ids = false;
};

// The error's text, or nothing. The same on each shard, so fragments leave errors to the end.
std::optional<std::string> ParseList(std::span<const std::string_view> args, ListFilter& filter) {
  if (args.size() == 2) return std::nullopt;
  if (args.size() == 4 && IsWord(args[2], "type")) {
    filter.type = ParseClientType(args[3]);
    if (!filter.type.has_value()) return errors::UnknownClientType(args[3]);
    return std::nullopt;
  }
  if (args.size() > 3 && IsWord(args[2], "id")) {
    filter.by_ids = true;
    for (std::string_view text : args.subspan(3)) {
      std::optional<int64_t> id = base::ParseInt64(text);
      if (!id.has_value()) return std::string(errors::kInvalidClientId);
      filter.ids.push_back(static_cast<uint64_t>(*id));
    }
    return std::nullopt;
  }
  return std::string(errors::kSyntax);
}

// A connection's line. Whether one of its watched keys was changed is seen when all shards have
// come to CLIENT LIST: then there are two, one for each case.
struct Line {
  std::string text;
  std::string touched;
  keyspace::WatcherRef watcher;
  const std::string& Now() const {
    return watcher != nullptr && watcher->touched.load(std::memory_order_acquire) ? touched : text;
  }
};

using Lines = std::map<uint64_t, Line>;

// Which connections CLIENT KILL ends.
struct KillFilter {
  bool old_form = false;
  std::optional<std::string_view> address;
  std::optional<std::string_view> local_address;
  std::optional<std::string_view> user;
  std::optional<uint64_t> id;
  std::optional<ClientType> type;
  bool skip_caller = true;

  bool Matches(const ClientState& client, uint64_t caller) const {
    if (address.has_value() && client.address != *address) return false;
    if (local_address.has_value() && client.local_address != *local_address) return false;
    if (type.has_value() && *type != ClientType::kNormal) return false;
    if (id.has_value() && client.id != *id) return false;
    if (user.has_value() && client.user != *user) return false;
    return !(skip_caller && client.id == caller);
  }
};

// Reads one pair of option and value; the error's text, or nothing.
std::optional<std::string> ParseKillOption(std::string_view option, std::string_view value,
                                           KillFilter& filter) {
  if (IsWord(option, "id")) {
    std::optional<int64_t> id = base::ParseInt64(value);
    if (!id.has_value() || *id < 1) return std::string(errors::kClientIdNotPositive);
    filter.id = static_cast<uint64_t>(*id);
  } else if (IsWord(option, "type")) {
    filter.type = ParseClientType(value);
    if (!filter.type.has_value()) return errors::UnknownClientType(value);
  } else if (IsWord(option, "addr")) {
    filter.address = errors::Shown(value);
  } else if (IsWord(option, "laddr")) {
    filter.local_address = errors::Shown(value);
  } else if (IsWord(option, "user")) {
    if (value != "default") return errors::NoSuchUser(value);
    filter.user = value;
  } else if (IsWord(option, "skipme")) {
    if (!IsWord(value, "yes") && !IsWord(value, "no")) return std::string(errors::kSyntax);
    filter.skip_caller = IsWord(value, "yes");
  } else {
    return std::string(errors::kSyntax);
  }
  return std::nullopt;
}

std::optional<std::string> ParseKill(std::span<const std::string_view> args, KillFilter& filter) {
  if (args.size() == 3) {
    filter.old_form = true;
    filter.address = errors::Shown(args[2]);
    filter.skip_caller = false;
    return std::nullopt;
  }
  for (size_t i = 2; i < args.size(); i += 2) {
    if (i + 1 == args.size()) return std::string(errors::kSyntax);
    if (auto error = ParseKillOption(args[i], args[i + 1], filter)) return error;
  }
  return std::nullopt;
}

}  // namespace

std::optional<ClientType> ParseClientType(std::string_view name) {
  if (IsWord(name, "normal")) return ClientType::kNormal;
  if (IsWord(name, "slave") || IsWord(name, "replica")) return ClientType::kReplica;
  if (IsWord(name, "pubsub")) return ClientType::kPubsub;
  if (IsWord(name, "master")) return ClientType::kPrimary;
  return std::nullopt;
}

std::string FormatClient(const ClientState& client, int64_t now_ms, bool touched) {
  const QueueFigures multi = QueueOf(client);
  // One buffer holds the replies, so there is no list of them: what waits counts as `omem`.
  return fmt::format(
      "id={} addr={} laddr={} fd={} name={} age={} idle={} flags={} db={} sub=0 psub=0 ssub=0 "
      "multi={} qbuf={} qbuf-free={} argv-mem={} multi-mem={} rbs=0 rbp=0 obl=0 oll={} omem={} "
      "tot-mem={} events={} cmd={} user={} redir=-1 resp={} lib-name={} lib-ver={}",
      client.id, client.address, client.local_address, client.fd, client.name,
      (now_ms - client.created_ms) / 1000, (now_ms - client.last_interaction_ms) / 1000,
      FlagsOf(client, touched), client.db, multi.commands, client.query_buffer,
      client.query_buffer_free, client.argv_memory, multi.memory, client.output_list_length,
      client.output_bytes, client.total_memory, client.output_bytes > 0 ? "rw" : "r",
      LastCommandOf(client), client.user, client.protocol, client.lib_name, client.lib_ver);
}

bool IsTouched(const ClientState& client) {
  return client.multi != nullptr && client.multi->watches.touched();
}

void ClientInfo(CommandContext& context) {
  context.shard().clients().Update(context.client().id);
  ClientState self = Running(context.client(), context);
  context.reply().Verbatim("txt", FormatClient(self, SteadyMs(), IsTouched(self)) + "\n");
}

void ClientListFragment(CommandContext& context) {
  ListFilter filter;
  if (ParseList(context.args(), filter).has_value()) return;
  Lines lines;
  if (filter.type.has_value() && *filter.type != ClientType::kNormal) return;
  int64_t now_ms = SteadyMs();
  context.shard().clients().ForEach([&](ClientState& client) {
    if (filter.by_ids &&
        std::find(filter.ids.begin(), filter.ids.end(), client.id) == filter.ids.end()) {
      return;
    }
    const bool self = client.id == context.caller().client_id;
    const ClientState& shown = self ? Running(client, context) : client;
    Line& line = lines[client.id];
    line.text = FormatClient(shown, now_ms, false);
    if (client.multi == nullptr || client.multi->watches.empty()) return;
    line.touched = FormatClient(shown, now_ms, true);
    line.watcher = client.multi->watches.watcher();
  });
  context.part().extra = std::move(lines);
}

void ClientListCombine(CommandContext& context) {
  ListFilter filter;
  if (auto error = ParseList(context.args(), filter)) {
    context.reply().Error(*error);
    return;
  }
  Lines all;
  for (runtime::ScatterPart& part : context.parts()) {
    if (auto* lines = std::any_cast<Lines>(&part.extra)) all.merge(*lines);
  }
  std::string text;
  if (filter.by_ids) {
    for (uint64_t id : filter.ids) {
      if (auto found = all.find(id); found != all.end())
        text.append(found->second.Now()).append("\n");
    }
  } else {
    for (const auto& [id, line] : all) text.append(line.Now()).append("\n");
  }
  context.reply().Verbatim("txt", text);
}

void ClientKillFragment(CommandContext& context) {
  KillFilter filter;
  if (ParseKill(context.args(), filter).has_value()) return;
  uint64_t caller = context.caller().client_id;
  context.shard().clients().ForEach([&](ClientState& client) {
    if (client.close_now || !filter.Matches(client, caller)) return;
    // The caller's own connection still gets its answer.
    (client.id == caller ? client.close_after_reply : client.close_now) = true;
    ++context.part().number;
  });
}

void ClientKillCombine(CommandContext& context) {
  KillFilter filter;
  if (auto error = ParseKill(context.args(), filter)) {
    context.reply().Error(*error);
    return;
  }
  int64_t killed = 0;
  for (const runtime::ScatterPart& part : context.parts()) killed += part.number;
  if (!filter.old_form) {
    context.reply().Integer(killed);
  } else if (killed == 0) {
    context.reply().Error(errors::kNoSuchClient);
  } else {
    context.reply().Raw(resp::kOkReply);
  }
}

}  // namespace nuthatch::commands
