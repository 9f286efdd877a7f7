// Wing and Gong's search ("Testing and verifying concurrent objects", 1993), depth first with
// Lowe's memory of configurations ("Testing for linearizability", 2017), fitted to pipelines:
//
// - The operations of one connection are totally ordered by precedence. So the set of operations
//   that were put in order already is told by one number a connection, and a configuration is
//   those numbers and the state. An operation can come next when it stands at the front of its
//   connection and was invoked no later than the earliest return of all fronts.
// - An operation whose reply says that it changed nothing (a read, a refusal) is taken at once
//   where it fits: in any linearization that has it later, it can be moved here. Only operations
//   that write branch.
// - Workloads write values that differ. A step that takes a value away from a key is a dead end
//   when a reply to come shows it there and nothing to come can bring it back. What can bring a
//   value is known beforehand: SET and its like by their argument, INCR by its reply, APPEND every
//   value of the right end and length, DEL and its like nothing (which is shown, too), and RENAME
//   and COPY what is still to be found in the state or to be written.
//
// No partition by keys: for real-time precedence it would be sound (Herlihy and Wing's locality),
// but not with the order of pipelines. Two connections that send [SET a 1, GET b] and [SET b 1, GET
// a] together and both read nil are wrong, and each key by itself looks right.
//
// Cost: exponential at worst (many writes at the same time that nobody reads), hence the limit;
// with workload.h's rounds the configurations looked at are mostly fewer than the operations. Tried
// and dropped: candidates with telling replies first, and beginning anew with shuffled candidates.

#include "tests/linearizability/checker.h"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

#include "server/base/check.h"
#include "tests/linearizability/configuration.h"
#include "tests/linearizability/demands.h"
#include "tests/linearizability/model.h"

namespace nuthatch::linearizability {
namespace {

class Search {
 public:
  Search(const Contents& initial, const History& history, const CheckOptions& options);
  Verdict Run();

 private:
  struct Step {
    const Operation* operation;
    uint32_t index;  // in the history
    bool effectless;
  };
  // A configuration on the way down, what is still to be tried from it, and how long the order was
  // there. A candidate is a connection times two, plus one to leave its optional operation out.
  struct Frame {
    Configuration at;
    uint32_t order_size;
    uint8_t next = 0;
    uint8_t candidate_count = 0;
    std::array<uint8_t, kMaxConnections * 2> candidates;
  };

  void CollectSteps(const History& history);
  void CollectDemands();

  const Step* Front(const Configuration& at, size_t connection) const {
    const auto& steps = steps_[connection];
    return at.done[connection] < steps.size() ? &steps[at.done[connection]] : nullptr;
  }
  int64_t EarliestReturn(const Configuration& at) const;
  bool IsComplete(const Configuration& at) const;
  bool Fits(const Step& step, State& state);
  void TakeEffectless(Configuration& at);
  bool Descend(const Frame& frame, uint8_t candidate, Configuration& child);
  void Push(const Configuration& at);
  void NoteLongest(const Configuration& at);
  Verdict Finish(Result result);
  std::string Stuck();

  const CheckOptions options_;
  const size_t keys_;
  Values values_;
  Configuration root_;
  std::vector<std::vector<Step>> steps_;  // by connection
  Demands demands_;
  std::vector<Frame> frames_;
  std::vector<uint32_t> order_;
  std::vector<uint32_t> longest_;
  Configuration longest_at_;
  Seen seen_;
};

size_t CountConnections(const History& history) {
  size_t count = 1;
  for (const Operation& operation : history) {
    count = std::max<size_t>(count, operation.connection + 1);
  }
  CHECK(count <= kMaxConnections);
  return count;
}

Search::Search(const Contents& initial, const History& history, const CheckOptions& options)
    : options_(options),
      keys_(initial.size()),
      steps_(CountConnections(history)),
      demands_(initial.size(), values_),
      seen_(steps_.size(), initial.size()) {
  root_.state = ToState(initial, values_);
  CollectSteps(history);
  CollectDemands();
}

void Search::CollectSteps(const History& history) {
  for (uint32_t i = 0; i < history.size(); ++i) {
    const Operation& operation = history[i];
    auto& steps = steps_[operation.connection];
    CHECK(operation.invoke_ns <= operation.return_ns);
    if (!steps.empty()) {
      CHECK(steps.back().operation->invoke_ns <= operation.invoke_ns);
      CHECK(steps.back().operation->return_ns <= operation.return_ns);
    }
    for (uint8_t key : operation.command.keys) CHECK(key < keys_);
    steps.push_back({&operation, i, IsEffectless(operation.command, operation.reply)});
    CHECK(steps.size() <= kMaxPerConnection);
  }
}

void Search::CollectDemands() {
  for (size_t c = 0; c < steps_.size(); ++c) {
    for (size_t i = 0; i < steps_[c].size(); ++i) {
      const Operation& operation = *steps_[c][i].operation;
      if (!operation.optional) demands_.NoteNeeds(operation, c, i);
    }
  }
  for (size_t c = 0; c < steps_.size(); ++c) {
    for (size_t i = 0; i < steps_[c].size(); ++i) {
      if (!steps_[c][i].effectless) demands_.NoteWrites(*steps_[c][i].operation, c, i);
    }
  }
}

int64_t Search::EarliestReturn(const Configuration& at) const {
  int64_t earliest = std::numeric_limits<int64_t>::max();
  for (size_t c = 0; c < steps_.size(); ++c) {
    if (const Step* step = Front(at, c)) {
      earliest = std::min(earliest, step->operation->return_ns);
    }
  }
  return earliest;
}

bool Search::IsComplete(const Configuration& at) const {
  for (size_t c = 0; c < steps_.size(); ++c) {
    if (Front(at, c) != nullptr) return false;
  }
  return true;
}

// Runs the step on `state`; true when the model answers what was recorded.
bool Search::Fits(const Step& step, State& state) {
  return Apply(step.operation->command, values_, state) == step.operation->reply;
}

// Takes reads and refusals as long as one fits; optional ones are dropped, they never matter.
void Search::TakeEffectless(Configuration& at) {
  bool more = true;
  while (more) {
    more = false;
    int64_t earliest = EarliestReturn(at);
    for (size_t c = 0; c < steps_.size(); ++c) {
      const Step* step = Front(at, c);
      if (step == nullptr || !step->effectless) continue;
      if (!step->operation->optional) {
        State state = at.state;  // one that doesn't fit may change it
        if (step->operation->invoke_ns > earliest || !Fits(*step, state)) continue;
        order_.push_back(step->index);
      }
      ++at.done[c];
      more = true;
    }
  }
}

// The configuration that follows when `candidate` comes next; false when it can't.
bool Search::Descend(const Frame& frame, uint8_t candidate, Configuration& child) {
  size_t connection = candidate / 2;
  const Step* step = Front(frame.at, connection);
  child = frame.at;
  ++child.done[connection];
  if (candidate % 2 == 0) {
    if (step->operation->invoke_ns > EarliestReturn(frame.at)) return false;
    if (!Fits(*step, child.state)) return false;
    if (demands_.IsLost(frame.at.state, step->operation->command, child)) return false;
    order_.push_back(step->index);
  }
  TakeEffectless(child);
  NoteLongest(child);
  return true;
}

// Candidates in the order of their return: what has to come soonest is tried first.
void Search::Push(const Configuration& at) {
  Frame& frame = frames_.emplace_back();
  frame.at = at;
  frame.order_size = static_cast<uint32_t>(order_.size());
  std::array<std::pair<int64_t, uint8_t>, kMaxConnections> fronts;
  size_t count = 0;
  for (size_t c = 0; c < steps_.size(); ++c) {
    const Step* step = Front(at, c);
    if (step == nullptr || step->effectless) continue;
    fronts[count++] = {step->operation->return_ns, static_cast<uint8_t>(c)};
  }
  std::sort(fronts.begin(), fronts.begin() + count);
  for (size_t i = 0; i < count; ++i) {
    uint8_t candidate = static_cast<uint8_t>(fronts[i].second * 2);
    frame.candidates[frame.candidate_count++] = candidate;
    if (Front(at, fronts[i].second)->operation->optional) {
      frame.candidates[frame.candidate_count++] = candidate + 1;
    }
  }
}

void Search::NoteLongest(const Configuration& at) {
  if (order_.size() < longest_.size()) return;
  longest_ = order_;
  longest_at_ = at;
}

Verdict Search::Finish(Result result) {
  Verdict verdict;
  verdict.result = result;
  verdict.order = longest_;
  verdict.contents = ToContents(longest_at_.state, keys_, values_);
  verdict.configurations = seen_.size();
  if (result == Result::kIllegal) verdict.reason = Stuck();
  if (result == Result::kUndecided) {
    verdict.reason = fmt::format("undecided after {} configurations", verdict.configurations);
  }
  return verdict;
}

// What stands at the fronts where the longest beginning ends, and what the model would answer.
std::string Search::Stuck() {
  std::string out =
      "no order explains all replies; in the longest that explains some, next would be";
  for (size_t c = 0; c < steps_.size(); ++c) {
    const Step* step = Front(longest_at_, c);
    if (step == nullptr) continue;
    State state = longest_at_.state;
    std::string reply = Apply(step->operation->command, values_, state);
    out += fmt::format(" | c{} {} -> {}", c, ToText(step->operation->command),
                       ReplyToText(step->operation->reply));
    if (reply != step->operation->reply) out += fmt::format(" (model: {})", ReplyToText(reply));
  }
  return out;
}

Verdict Search::Run() {
  longest_at_ = root_;
  if (std::string missing = demands_.FindUnwritten(root_); !missing.empty()) {
    Verdict verdict = Finish(Result::kIllegal);
    verdict.reason = fmt::format("a reply shows \"{}\", which nobody wrote", missing);
    return verdict;
  }
  Configuration at = root_;
  TakeEffectless(at);
  NoteLongest(at);
  if (IsComplete(at)) return Finish(Result::kLegal);
  seen_.Insert(at);
  Push(at);
  while (!frames_.empty()) {
    Frame& frame = frames_.back();
    order_.resize(frame.order_size);
    if (frame.next == frame.candidate_count) {
      frames_.pop_back();
      continue;
    }
    Configuration child;
    if (!Descend(frame, frame.candidates[frame.next++], child)) continue;
    if (IsComplete(child)) {
      // The longest so far may be another of the same length, with operations left out.
      longest_ = order_;
      longest_at_ = child;
      return Finish(Result::kLegal);
    }
    if (!seen_.Insert(child)) continue;
    if (seen_.size() >= options_.max_configurations) return Finish(Result::kUndecided);
    Push(child);
  }
  return Finish(Result::kIllegal);
}

}  // namespace

Verdict Check(const Contents& initial, const History& history, const CheckOptions& options) {
  return Search(initial, history, options).Run();
}

}  // namespace nuthatch::linearizability
