// The checker against many histories with known answers: of the simulated design, right and with
// each mistake planted, with replies forged, and against a search without any cleverness.

#include "tests/linearizability/simulator.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/linearizability/checker.h"
#include "tests/linearizability/history_builder.h"
#include "tests/linearizability/shrink.h"

namespace nuthatch::linearizability {
namespace {

// What the last operation, a look at all keys, saw.
Contents SeenAtTheEnd(const History& history) {
  auto latest = std::max_element(
      history.begin(), history.end(),
      [](const Operation& a, const Operation& b) { return a.return_ns < b.return_ns; });
  return BulksOf(latest->reply);
}

// Runs rounds until one is illegal; returns how many were legal before, or `rounds`.
size_t RoundsUntilViolation(const SimulatorOptions& options, const WorkloadOptions& workload,
                            uint64_t seed, size_t rounds, std::string* timeline = nullptr) {
  Simulator simulator(options, workload.connections, seed);
  base::Random random(seed);
  Contents contents(workload.keys);
  for (size_t i = 0; i < rounds; ++i) {
    History history = simulator.Run(MakeRound(workload, random));
    Verdict verdict = Check(contents, history);
    EXPECT_NE(verdict.result, Result::kUndecided) << verdict.reason;
    if (verdict.result == Result::kIllegal) {
      if (timeline != nullptr) *timeline = Timeline(contents, Shrink(contents, history));
      return i;
    }
    contents = verdict.contents;
  }
  return rounds;
}

TEST(Simulator, IsLinearizableAsDesigned) {
  for (size_t shards : {1, 2, 4}) {
    for (uint64_t seed = 1; seed <= 4; ++seed) {
      SimulatorOptions options;
      options.shards = shards;
      options.max_posting = seed <= 2 ? 1 : 8;
      WorkloadOptions workload;
      workload.connections = 4 + 2 * seed;
      workload.keys = 1 + shards + seed % 2;
      workload.max_pipeline = 10;
      std::string timeline;
      EXPECT_EQ(RoundsUntilViolation(options, workload, seed, 500, &timeline), 500u)
          << shards << " shards, seed " << seed << "\n"
          << timeline;
    }
  }
}

struct Mistake {
  const char* name;
  SimulatorOptions options;
  Shape shape;  // the one that draws it out
};

std::vector<Mistake> Mistakes() {
  return {
      {"local past mailbox", {.local_past_mailbox = true}, Shape::kMessagePassing},
      {"fragments one by one", {.fragments_one_by_one = true}, Shape::kTornMset},
      {"hold outside mailbox", {.hold_outside_mailbox = true}, Shape::kParked},
  };
}

TEST(Simulator, EachMistakeIsFoundByItsShape) {
  for (Mistake& mistake : Mistakes()) {
    for (size_t shards : {2, 4}) {
      for (uint64_t seed = 1; seed <= 5; ++seed) {
        WorkloadOptions workload;
        workload.shape = mistake.shape;
        mistake.options.shards = shards;
        mistake.options.max_posting = seed % 2 == 0 ? 8 : 1;
        EXPECT_LT(RoundsUntilViolation(mistake.options, workload, seed, 300), 300u)
            << mistake.name << ", " << shards << " shards, seed " << seed;
      }
    }
  }
}

TEST(Shrink, LeavesFewOperationsOfARealViolation) {
  for (Mistake& mistake : Mistakes()) {
    WorkloadOptions workload;
    workload.shape = mistake.shape;
    std::string timeline;
    RoundsUntilViolation(mistake.options, workload, 1, 300, &timeline);
    EXPECT_FALSE(timeline.empty());
    EXPECT_LT(std::count(timeline.begin(), timeline.end(), '\n'), 30) << timeline;
  }
}

TEST(Simulator, EachMistakeIsFoundByRandomCommands) {
  for (Mistake& mistake : Mistakes()) {
    for (size_t shards : {2, 4}) {
      WorkloadOptions workload;
      workload.shape = Shape::kMix;
      mistake.options.shards = shards;
      EXPECT_LT(RoundsUntilViolation(mistake.options, workload, 7, 1000), 1000u)
          << mistake.name << ", " << shards << " shards";
    }
  }
}

TEST(Simulator, MistakesNeedASecondShard) {
  for (Mistake& mistake : Mistakes()) {
    mistake.options.shards = 1;
    EXPECT_EQ(RoundsUntilViolation(mistake.options, {}, 3, 200), 200u) << mistake.name;
  }
}

// Tries every order that keeps precedence, nothing else.
bool BruteForce(const History& history, std::vector<bool>& used, size_t placed, const State& state,
                Values& values) {
  if (placed == history.size()) return true;
  for (size_t i = 0; i < history.size(); ++i) {
    if (used[i]) continue;
    bool first = true;
    for (size_t j = 0; j < history.size() && first; ++j) {
      bool before = history[j].return_ns < history[i].invoke_ns ||
                    (history[j].connection == history[i].connection && j < i);
      first = used[j] || !before;
    }
    if (!first) continue;
    State next = state;
    if (Apply(history[i].command, values, next) != history[i].reply) continue;
    used[i] = true;
    if (BruteForce(history, used, placed + 1, next, values)) return true;
    used[i] = false;
  }
  return false;
}

bool IsLegalByBruteForce(const Contents& initial, const History& history) {
  Values values;
  std::vector<bool> used(history.size());
  State state = ToState(initial, values);
  return BruteForce(history, used, 0, state, values);
}

// Replaces a reply by that of another operation of the same verb, or by a near one.
void Forge(History& history, base::Random& random) {
  Operation& victim = history[random.Below(history.size())];
  std::vector<std::string> others = {NilReply(), IntegerReply(0), IntegerReply(1), Ok()};
  for (const Operation& other : history) {
    if (other.command.verb == victim.command.verb) others.push_back(other.reply);
  }
  victim.reply = others[random.Below(others.size())];
}

// Small rounds whose answer brute force can give: replies are forged in half of them, and the
// designs are right and wrong, so that both answers come often.
TEST(Checker, AgreesWithBruteForce) {
  size_t legal = 0;
  size_t illegal = 0;
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    base::Random random(seed);
    WorkloadOptions workload;
    workload.connections = 3;
    workload.keys = 2 + random.Below(2);
    workload.max_pipeline = 2;
    workload.max_batches = 1;
    SimulatorOptions options;
    options.shards = 2;
    options.local_past_mailbox = random.Below(3) == 0;
    options.fragments_one_by_one = random.Below(3) == 0;
    Simulator simulator(options, workload.connections, seed);
    History history = simulator.Run(MakeRound(workload, random));
    for (uint64_t i = random.Below(3); i > 0; --i) Forge(history, random);
    Contents initial(workload.keys);
    bool expected = IsLegalByBruteForce(initial, history);
    (expected ? legal : illegal) += 1;
    ASSERT_EQ(Check(initial, history).result, expected ? Result::kLegal : Result::kIllegal)
        << "seed " << seed << "\n"
        << Timeline(initial, history);
  }
  EXPECT_GT(legal, 1000u);
  EXPECT_GT(illegal, 1000u);
}

// A legal verdict carries its proof: the order, which is checked here step by step.
TEST(Checker, GivesAnOrderThatExplainsEveryReply) {
  base::Random random(5);
  WorkloadOptions workload;
  Simulator simulator({.shards = 4}, workload.connections, 5);
  Contents contents(workload.keys);
  for (int round = 0; round < 100; ++round) {
    History history = simulator.Run(MakeRound(workload, random));
    Verdict verdict = Check(contents, history);
    ASSERT_EQ(verdict.result, Result::kLegal);
    ASSERT_EQ(verdict.order.size(), history.size());
    Values values;
    State state = ToState(contents, values);
    int64_t latest_invoke = 0;
    std::vector<int64_t> last_index(workload.connections, -1);
    for (uint32_t index : verdict.order) {
      const Operation& operation = history[index];
      EXPECT_EQ(Apply(operation.command, values, state), operation.reply);
      EXPECT_GE(operation.return_ns, latest_invoke);  // nobody before it was invoked after its end
      latest_invoke = std::max(latest_invoke, operation.invoke_ns);
      EXPECT_GT(static_cast<int64_t>(index), last_index[operation.connection]);
      last_index[operation.connection] = index;
    }
    contents = verdict.contents;
  }
}

// A forged reply to a read is nearly always seen, since values differ.
TEST(Checker, SeesForgedReads) {
  size_t forged = 0;
  size_t seen = 0;
  WorkloadOptions workload;
  workload.shape = Shape::kMix;
  base::Random random(11);
  Simulator simulator({.shards = 4}, workload.connections, 11);
  Contents contents(workload.keys);
  for (int round = 0; round < 300; ++round) {
    History history = simulator.Run(MakeRound(workload, random));
    Contents initial = contents;
    contents = SeenAtTheEnd(history);
    std::vector<size_t> reads;
    for (size_t i = 0; i < history.size(); ++i) {
      if (history[i].reply.starts_with('$')) reads.push_back(i);
    }
    if (reads.size() < 2) continue;
    Operation& victim = history[reads[random.Below(reads.size())]];
    const std::string& other = history[reads[random.Below(reads.size())]].reply;
    if (victim.reply == other) continue;
    victim.reply = other;
    ++forged;
    seen += Check(initial, history).result == Result::kIllegal ? 1 : 0;
  }
  EXPECT_GT(forged, 100u);
  EXPECT_GT(seen * 10, forged * 8);
}

// Pipelines of sixteen on eight connections, hundreds of operations without a quiescent moment. The
// right design is always decided; where a mistake is planted a history may be too hard now and
// then.
TEST(Checker, DecidesLongHistories) {
  for (bool mistake : {false, true}) {
    WorkloadOptions workload;
    workload.max_pipeline = 16;
    workload.max_batches = 12;
    Simulator simulator({.shards = 4, .local_past_mailbox = mistake}, workload.connections, 13);
    base::Random random(13);
    Contents contents(workload.keys);
    size_t count[3] = {};
    for (int round = 0; round < 40; ++round) {
      History history = simulator.Run(MakeRound(workload, random));
      CheckOptions options;
      options.max_configurations = mistake ? 100'000 : 2'000'000;
      ++count[static_cast<size_t>(Check(contents, history, options).result)];
      contents = SeenAtTheEnd(history);
    }
    EXPECT_EQ(count[static_cast<size_t>(Result::kIllegal)] > 0, mistake);
    EXPECT_LE(count[static_cast<size_t>(Result::kUndecided)], mistake ? 4u : 0u);
  }
}

}  // namespace
}  // namespace nuthatch::linearizability
