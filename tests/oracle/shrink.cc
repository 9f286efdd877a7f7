#include "tests/oracle/shrink.h"

#include <algorithm>
#include <cctype>

namespace nuthatch::oracle {
namespace {

using Groups = std::vector<Steps>;

constexpr size_t kMaxTrials = 1500;

Groups GroupsOf(const Steps& steps) {
  Groups groups;
  for (const Step& step : steps) {
    if (!step.glued || groups.empty()) groups.emplace_back();
    groups.back().push_back(step);
  }
  return groups;
}

Steps StepsOf(const Groups& groups) {
  Steps steps;
  for (const Steps& group : groups) steps.insert(steps.end(), group.begin(), group.end());
  return steps;
}

class Shrinker {
 public:
  Shrinker(Duel* duel, const Difference& difference)
      : duel_(duel), wanted_(difference.Signature()), difference_(difference) {}

  // Whether `groups` still fail the same way; remembers how.
  bool Fails(const Groups& groups) {
    if (trials_ >= kMaxTrials) return false;
    ++trials_;
    if (!duel_->Reset().ok()) return false;
    auto difference = duel_->Run(StepsOf(groups));
    if (!difference) difference = duel_->CheckState();
    if (!difference || difference->Signature() != wanted_) return false;
    difference_ = *difference;
    return true;
  }

  // The shortest tail, by powers of four, that fails.
  void CutHead(Groups* groups) {
    for (size_t tail = 4; tail < groups->size(); tail *= 4) {
      Groups candidate(groups->end() - static_cast<long>(tail), groups->end());
      if (!Fails(candidate)) continue;
      *groups = std::move(candidate);
      return;
    }
  }

  void Minimize(Groups* groups) {
    size_t parts = 2;
    while (groups->size() > 1) {
      bool removed = false;
      size_t size = (groups->size() + parts - 1) / parts;
      for (size_t begin = 0; begin < groups->size() && !removed; begin += size) {
        Groups candidate(groups->begin(), groups->begin() + static_cast<long>(begin));
        size_t end = std::min(begin + size, groups->size());
        candidate.insert(candidate.end(), groups->begin() + static_cast<long>(end), groups->end());
        if (candidate.empty() || !Fails(candidate)) continue;
        *groups = std::move(candidate);
        removed = true;
      }
      if (removed) {
        parts = std::max<size_t>(parts - 1, 2);
      } else if (size == 1) {
        return;
      } else {
        parts = std::min(parts * 2, groups->size());
      }
    }
  }

  // One connection, plain form, fewer arguments, short values.
  void Simplify(Groups* groups) {
    Groups plain = *groups;
    for (Steps& group : plain) {
      for (Step& step : group) {
        step.connection = 0;
        step.inline_form = false;
      }
    }
    if (Fails(plain)) *groups = plain;
    for (size_t g = 0; g < groups->size(); ++g) {
      for (size_t s = 0; s < (*groups)[g].size(); ++s) SimplifyStep(groups, g, s);
    }
  }

  size_t trials() const { return trials_; }
  const Difference& difference() const { return difference_; }

 private:
  void SimplifyStep(Groups* groups, size_t g, size_t s) {
    for (size_t i = (*groups)[g][s].argv.size(); i-- > 1;) {
      Groups candidate = *groups;
      Argv& argv = candidate[g][s].argv;
      argv.erase(argv.begin() + static_cast<long>(i));
      if (Fails(candidate)) {
        *groups = std::move(candidate);
        continue;
      }
      candidate = *groups;
      std::string& word = candidate[g][s].argv[i];
      if (word.size() < 30) continue;
      word.resize(word.size() / 2);
      if (Fails(candidate)) *groups = std::move(candidate);
    }
  }

  Duel* duel_;
  std::string wanted_;
  Difference difference_;
  size_t trials_ = 0;
};

}  // namespace

Shrunk Shrink(Duel* duel, const Steps& steps, const Difference& difference) {
  Shrinker shrinker(duel, difference);
  Groups groups = GroupsOf(steps);
  Shrunk shrunk;
  shrunk.reproduced = shrinker.Fails(groups) || shrinker.Fails(groups);
  if (shrunk.reproduced) {
    shrinker.CutHead(&groups);
    shrinker.Minimize(&groups);
    shrinker.Simplify(&groups);
  } else if (groups.size() > 30) {
    groups.erase(groups.begin(), groups.end() - 30);
  }
  shrunk.steps = StepsOf(groups);
  shrunk.difference = shrinker.difference();
  shrunk.trials = shrinker.trials();
  return shrunk;
}

std::string AsLine(const Argv& argv) {
  std::string line;
  for (const std::string& word : argv) {
    if (!line.empty()) line += ' ';
    bool plain = !word.empty() && word.size() < 400;
    for (char c : word) {
      auto byte = static_cast<unsigned char>(c);
      plain &= std::isalnum(byte) != 0 ||
               std::string_view("-_.:{}|*+?,/@!~=<>()").find(c) != std::string_view::npos;
    }
    plain &= line.empty() ? !word.starts_with('@') : true;
    line += plain ? word : Quote(word, 400);
  }
  return line;
}

std::string AsScript(const Steps& steps) {
  std::string text;
  size_t connection = 0;
  for (const Step& step : steps) {
    if (step.connection != connection) {
      connection = step.connection;
      text += "@conn " + std::to_string(connection) + "\n";
    }
    if (step.scan_loop) text += "@scan ";
    text += AsLine(step.argv) + "\n";
    if (step.wait_ms > 0) text += "@wait " + std::to_string(step.wait_ms) + "\n";
  }
  return text;
}

}  // namespace nuthatch::oracle
