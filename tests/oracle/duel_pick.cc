// Random picks on both servers; see pick.h.
#include <algorithm>
#include <set>

#include "tests/oracle/duel.h"

namespace nuthatch::oracle {
namespace {

// A key that no generator makes.
constexpr char kScratch[] = "\x01 scratch of the oracle";

constexpr std::string_view kQueued = "+QUEUED\r\n";

Difference DifferenceOf(const Step& step, std::string ours, std::string theirs,
                        std::string reason) {
  Difference difference;
  difference.argv = step.argv;
  difference.ours = std::move(ours);
  difference.theirs = std::move(theirs);
  difference.reason = std::move(reason);
  return difference;
}

}  // namespace

// The reply to a command that one side alone gets, as bytes; what is no reply says why.
std::string Duel::RawReply(size_t side, size_t connection, const Argv& argv) {
  std::string out;
  AppendCommand(argv, &out);
  Traffic traffic = {&sides_[side].links[connection], out, 1, {}, {}};
  Exchange({&traffic, 1}, options_.timeout_ms);
  return traffic.replies.empty() ? traffic.problem : std::string(traffic.replies[0]);
}

std::optional<Difference> Duel::RunPick(const Step& step) {
  const Picker& picker = *PickerOf(step.argv);
  const bool takes = picker.takes && !TakesAll(step.argv);
  if (step.argv.size() < 2) return RunChunk({&step, 1});
  if (reply_states_[step.connection] != ReplyState::kOn) {
    return takes ? std::nullopt : RunChunk({&step, 1});
  }
  Step look;
  look.argv = LookOf(picker, step.argv);
  look.connection = step.connection;
  if (auto difference = RunChunk({&look, 1})) return difference;
  auto replies = Twins(step.connection)[1]->Taken();
  if (replies.empty()) return std::nullopt;  // both have closed
  if (replies[0] == kQueued && takes) return std::nullopt;
  auto all = ParseReply(replies[0]);
  if (replies[0] == kQueued || !all || all->is_error()) return RunChunk({&step, 1});

  const Picks picks(picker, *all);
  const int64_t count = step.argv.size() == 2 ? 1 : PickCount(step.argv).value_or(-1);
  const bool some = count > 0 && static_cast<uint64_t>(count) < picks.elements.size();
  if (takes && some && step.argv.size() <= 3) return Take(step, picks);
  if (auto difference = RunChunk({&step, 1})) return difference;
  auto ours = Twins(step.connection)[0]->Taken();
  auto reply = ours.empty() ? std::nullopt : ParseReply(ours[0]);
  if (!reply) return std::nullopt;
  auto verdict = picks.Judge(picker, step.argv, *reply);
  std::string theirs(Twins(step.connection)[1]->Taken()[0]);
  // What goes whole goes in the order of an intset, if it is one.
  if (!verdict && picker.takes) {
    verdict = CompareReplies(Mode::kMembers, ours[0], theirs, context());
  }
  if (!verdict) return std::nullopt;
  return DifferenceOf(step, std::string(ours[0]), theirs, *verdict);
}

// Takes elements of a set from the tested server, and the same from the reference. There SREM does
// it, but where SPOP moves what stays to a new set (less than a fifth of what goes): the reference
// gets a new set, too.
std::optional<Difference> Duel::Take(const Step& step, const Picks& picks) {
  constexpr size_t kMoveFactor = 5;
  const std::string& key = step.argv[1];
  auto reference = [&](const Argv& argv) { return RawReply(1, step.connection, argv); };
  // What the reference does besides would be counted as changes, too.
  if (auto changes = CompareChanges({"INFO", "persistence"})) return changes;
  reference({"COPY", key, kScratch, "REPLACE"});
  MarkChanges();
  Argv of_copy = step.argv;
  of_copy[1] = kScratch;
  std::string theirs = reference(of_copy);
  std::string ours = RawReply(0, step.connection, step.argv);
  if (auto changes = CompareChanges(step.argv)) return changes;
  reference({"DEL", kScratch});
  auto reply = ParseReply(ours);
  if (!reply) return DifferenceOf(step, ours, theirs, "no reply");
  auto verdict = CompareReplies(Mode::kPick, ours, theirs, context());
  if (!verdict) verdict = picks.Judge(*PickerOf(step.argv), step.argv, *reply);
  if (verdict) return DifferenceOf(step, ours, theirs, *verdict);

  std::vector<std::string> taken = Leaves(*reply);
  const std::set<std::string> gone(taken.begin(), taken.end());
  const size_t left = picks.elements.size() - gone.size();
  if (left * kMoveFactor > gone.size()) {
    Argv remove = {"SREM", key};
    remove.insert(remove.end(), gone.begin(), gone.end());
    reference(remove);
  } else {
    Argv make = {"SADD", key};
    for (const auto& [member, value] : picks.elements) {
      if (!gone.contains(member)) make.push_back(member);
    }
    auto deadline = Call(Twins(step.connection)[1], {"PEXPIRETIME", key});
    reference({"DEL", key});
    reference(make);
    if (deadline.ok() && !deadline.value().text.starts_with('-')) {
      reference({"PEXPIREAT", key, deadline.value().text});
    }
  }
  MarkChanges();
  // Both have run the same command last, which CLIENT LIST tells.
  Step last;
  last.argv = {"SCARD", key};
  last.connection = step.connection;
  return RunChunk({&last, 1});
}

}  // namespace nuthatch::oracle
