#include "tests/linearizability/shrink.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "tests/linearizability/model.h"

namespace nuthatch::linearizability {

namespace {

// A trial that needs more configurations than this, and than a few times what the whole history
// needs, is not worth its time: its operations stay. All trials together may take so many that it
// is some seconds.
constexpr size_t kMaxConfigurations = 20'000;
constexpr size_t kTimesTheHistory = 3;
constexpr size_t kMaxConfigurationsInAll = 3'000'000;

struct Limits {
  size_t each;  // configurations, for one trial
  size_t left;  // for all that are to come
};

// Large pieces of writes make the search hard and mostly fail.
constexpr size_t kWritesAtOnce = 4;

// Makes the operations of `piece` optional if the history is still illegal then.
bool LeaveOut(const Contents& initial, std::span<const size_t> piece, History& history,
              Limits& limits) {
  History trial = history;
  bool any = false;
  for (size_t i : piece) {
    any |= !trial[i].optional;
    trial[i].optional = true;
  }
  CheckOptions options;
  options.max_configurations = std::min(limits.each, limits.left);
  if (!any || limits.left == 0) return false;
  Verdict verdict = Check(initial, trial, options);
  limits.left -= std::min(limits.left, verdict.configurations);
  if (verdict.result != Result::kIllegal) return false;
  history = std::move(trial);
  return true;
}

// Pieces of halving size, beginning with `size`, as in delta debugging. With pieces of
// one it goes on until nothing changes: one that leaves can make way for another.
void LeaveOutAll(const Contents& initial, std::vector<size_t> candidates, size_t size,
                 History& history, Limits& limits) {
  while (!candidates.empty()) {
    bool changed = false;
    for (size_t from = 0; from < candidates.size(); from += size) {
      size_t count = std::min(size, candidates.size() - from);
      changed |= LeaveOut(initial, std::span(candidates).subspan(from, count), history, limits);
    }
    if (size == 1 && !changed) return;
    size = std::max<size_t>(size / 2, 1);
    std::erase_if(candidates, [&](size_t i) { return history[i].optional; });
  }
}

void NoteShown(std::string_view reply, std::set<std::string>& shown) {
  if (reply.starts_with('*')) {
    for (std::string_view element : ElementsOf(reply)) NoteShown(element, shown);
    return;
  }
  for (const auto& bulk : BulksOf(reply)) {
    if (bulk) shown.insert(*bulk);
  }
}

// The values that the replies of the operations that are left show.
std::set<std::string> ValuesShown(const History& history) {
  std::set<std::string> shown;
  for (const Operation& operation : history) {
    if (operation.optional) continue;
    NoteShown(operation.reply, shown);
  }
  return shown;
}

bool Writes(const Operation& operation, const std::set<std::string>& values) {
  if (operation.command.verb == Verb::kExec) {
    std::vector<std::string_view> replies = ElementsOf(operation.reply);
    for (size_t i = 0; i < std::min(replies.size(), operation.command.parts.size()); ++i) {
      Operation part{.command = operation.command.parts[i], .reply = std::string(replies[i])};
      if (Writes(part, values)) return true;
    }
    return false;
  }
  if (operation.command.verb == Verb::kIncr) return values.contains(ReplyToText(operation.reply));
  return std::any_of(operation.command.values.begin(), operation.command.values.end(),
                     [&](const std::string& value) { return values.contains(value); });
}

}  // namespace

History Shrink(const Contents& initial, History history) {
  // First what changed nothing: without it the search has less to do, while a write that may or may
  // not have happened doubles it.
  std::vector<size_t> effectless;
  std::vector<size_t> writes;
  for (size_t i = 0; i < history.size(); ++i) {
    bool reads = IsEffectless(history[i].command, history[i].reply);
    (reads ? effectless : writes).push_back(i);
  }
  size_t whole = Check(initial, history).configurations;
  Limits limits{std::max(kMaxConfigurations, whole * kTimesTheHistory), kMaxConfigurationsInAll};
  LeaveOutAll(initial, effectless, std::max<size_t>(effectless.size() / 2, 1), history, limits);
  LeaveOutAll(initial, writes, kWritesAtOnce, history, limits);
  return history;
}

std::string Timeline(const Contents& initial, const History& history) {
  std::string out = "start:";
  for (size_t key = 0; key < initial.size(); ++key) {
    out += fmt::format(" {}={}", static_cast<char>('a' + key),
                       initial[key] ? fmt::format("\"{}\"", *initial[key]) : "(nil)");
  }
  out += "\n  connection[place]   invoked us .. returned us   command -> reply\n";
  std::vector<size_t> place(history.size());
  std::vector<size_t> next(kMaxConnections);
  for (size_t i = 0; i < history.size(); ++i) place[i] = next[history[i].connection]++;
  std::vector<size_t> order(history.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return history[a].invoke_ns < history[b].invoke_ns; });
  std::set<std::string> seen = ValuesShown(history);
  int64_t start_ns = history.empty() ? 0 : history[order[0]].invoke_ns;
  size_t left_out = 0;
  for (size_t i : order) {
    const Operation& operation = history[i];
    bool context = operation.optional && Writes(operation, seen);
    if (operation.optional && !context) {
      ++left_out;
      continue;
    }
    out += fmt::format("{} c{}[{}]  {:10.1f} .. {:10.1f}   {} -> {}\n", context ? '?' : ' ',
                       operation.connection, place[i],
                       static_cast<double>(operation.invoke_ns - start_ns) / 1e3,
                       static_cast<double>(operation.return_ns - start_ns) / 1e3,
                       ToText(operation.command), ReplyToText(operation.reply));
  }
  out +=
      fmt::format("  ({} operations left out: whether they happened doesn't matter)\n", left_out);
  return out;
}

}  // namespace nuthatch::linearizability
