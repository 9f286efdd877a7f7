// The state check: everything that the keyspaces hold, asked on the control connections.
#include <algorithm>

#include "tests/oracle/duel.h"

namespace nuthatch::oracle {
namespace {

constexpr int kDatabases = 16;

std::vector<std::string> SortedTexts(const Reply& reply) {
  std::vector<std::string> texts;
  for (const Reply& item : reply.items) texts.push_back(item.text);
  std::sort(texts.begin(), texts.end());
  return texts;
}

// What shows the value of a key of that type. Payloads of DUMP hang on hash seeds for some.
Argv LookAt(std::string_view type, const std::string& key) {
  if (type == "+set\r\n") return {"SMEMBERS", key};
  if (type == "+stream\r\n") return {"XINFO", "STREAM", key, "FULL", "COUNT", "0"};
  return {"DUMP", key};
}

}  // namespace

// Sends `requests` (which are `commands`) to both controls; the first difference by their modes.
std::optional<Difference> Duel::CompareState(std::string_view requests,
                                             std::span<const Argv> commands) {
  Traffic sides[2] = {{&sides_[0].control, requests, commands.size(), {}, {}},
                      {&sides_[1].control, requests, commands.size(), {}, {}}};
  Converse(sides);
  int database = 0;
  for (size_t i = 0; i < commands.size(); ++i) {
    std::string_view replies[2];
    for (size_t k = 0; k < 2; ++k) {
      replies[k] = i < sides[k].replies.size() ? sides[k].replies[i] : sides[k].problem;
    }
    if (commands[i][0] == "SELECT") database = std::stoi(commands[i][1]);
    bool missing = i >= sides[0].replies.size() || i >= sides[1].replies.size();
    if (replies[0] == replies[1] && !missing) continue;
    auto verdict = missing ? std::optional<std::string>("no reply")
                           : CompareReplies(ModeOf(commands[i]), replies[0], replies[1], context());
    if (!verdict) continue;
    Difference difference;
    difference.argv = commands[i];
    difference.ours = replies[0];
    difference.theirs = replies[1];
    difference.reason = *verdict + ", database " + std::to_string(database);
    difference.in_state = true;
    if (commands[i].size() > 1) difference.key = commands[i].back();
    if (commands[i][0] == "KEYS" && !missing) {
      for (Side& side : sides_) (void)Call(&side.control, {"SELECT", std::to_string(database)});
      ExamineKeys(&difference);
    }
    return difference;
  }
  return std::nullopt;
}

// Asks both servers about the keys that only one of them listed.
void Duel::ExamineKeys(Difference* difference) {
  auto ours = ParseReply(difference->ours);
  auto theirs = ParseReply(difference->theirs);
  if (!ours || !theirs) return;
  auto a = SortedTexts(*ours);
  auto b = SortedTexts(*theirs);
  std::vector<std::string> odd;
  std::set_symmetric_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(odd));
  for (const std::string& key : odd) {
    difference->key = key;
    for (const Argv& argv : {Argv{"DBSIZE"}, Argv{"PEXPIRETIME", key}, Argv{"EXISTS", key}}) {
      auto our = Call(&sides_[0].control, argv);
      auto their = Call(&sides_[1].control, argv);
      difference->reason += "; " + argv[0] + " " + Quote(key) + " is " +
                            (our.ok() ? our.value().text : our.error()) + " for " +
                            (their.ok() ? their.value().text : their.error());
    }
  }
}

std::optional<Difference> Duel::CheckState() {
  // A script may have had all connections killed.
  for (Side& side : sides_) {
    auto alive = Call(&side.control, {"PING"});
    if (alive.ok()) continue;
    auto link = Link::Connect(side.port);
    if (link.ok()) side.control = std::move(link.value());
  }
  auto changes = CompareChanges({"INFO", "persistence"});
  MarkChanges();
  if (changes) {
    changes->in_state = true;
    return changes;
  }
  std::vector<Argv> commands;
  for (int database = 0; database < kDatabases; ++database) {
    commands.push_back({"SELECT", std::to_string(database)});
    commands.push_back({"DBSIZE"});
    commands.push_back({"KEYS", "*"});
  }
  std::string requests;
  for (const Argv& argv : commands) AppendCommand(argv, &requests);
  if (auto difference = CompareState(requests, commands)) return difference;
  // Both have the same keys now: the reference's replies say which. Then the same for their types.
  std::vector<Argv> types;
  auto replies = sides_[1].control.Taken();
  for (size_t i = 2; i < replies.size(); i += 3) {
    auto keys = ParseReply(replies[i]);
    if (!keys || keys->items.empty()) continue;
    types.push_back(commands[i - 2]);
    for (const std::string& key : SortedTexts(*keys)) types.push_back({"TYPE", key});
  }
  if (types.empty()) return std::nullopt;
  std::string type_requests;
  for (const Argv& argv : types) AppendCommand(argv, &type_requests);
  if (auto difference = CompareState(type_requests, types)) return difference;
  std::vector<Argv> looks;
  replies = sides_[1].control.Taken();
  for (size_t i = 0; i < types.size(); ++i) {
    if (types[i][0] == "SELECT") {
      looks.push_back(types[i]);
      continue;
    }
    const std::string& key = types[i][1];
    looks.push_back({"OBJECT", "ENCODING", key});
    looks.push_back(LookAt(replies[i], key));
    looks.push_back({"PEXPIRETIME", key});
  }
  std::string look_requests;
  for (const Argv& argv : looks) AppendCommand(argv, &look_requests);
  return CompareState(look_requests, looks);
}

}  // namespace nuthatch::oracle
