#include "tests/oracle/campaign.h"

#include <algorithm>
#include <cstdio>

#include "server/base/clock.h"
#include "tests/oracle/shrink.h"

namespace nuthatch::oracle {
namespace {

constexpr size_t kPart = 10'000;      // commands between two fresh starts
constexpr size_t kCheckEvery = 3000;  // commands between two state checks

class Campaign {
 public:
  Campaign(Duel* duel, const CampaignOptions& options)
      : duel_(duel),
        options_(options),
        generator_(duel->catalogue(), duel->payloads(), options.seed) {}

  base::Result<CampaignResult> Run() {
    int64_t start = base::MonotonicNs();
    int64_t shown = start;
    while (result_.commands < options_.commands &&
           result_.failures.size() < options_.max_signatures) {
      auto reset = duel_->Reset();
      if (!reset.ok()) return base::Error(reset.error());
      RunPart();
      int64_t now = base::MonotonicNs();
      if (now - shown > 10'000'000'000) {
        shown = now;
        std::printf("  %lu commands, %zu failures\n", result_.commands, result_.failures.size());
        std::fflush(stdout);
      }
    }
    result_.seconds = static_cast<double>(base::MonotonicNs() - start) / 1e9;
    return std::move(result_);
  }

 private:
  // Appends one pipeline of random length for one connection.
  void AppendPipeline() {
    base::Random& random = generator_.random();
    size_t connections = duel_->options().connections;
    auto connection = static_cast<uint8_t>(random.Below(3) == 0 ? random.Below(connections) : 0);
    size_t length = 1 + random.Below(random.Below(4) == 0 ? 8 : 500);
    size_t begin = history_.size();
    while (history_.size() < begin + length) generator_.AppendGroup(&history_);
    for (size_t i = begin; i < history_.size(); ++i) {
      size_t other = history_[i].by_other ? 1 : 0;
      history_[i].connection = static_cast<uint8_t>((connection + other) % connections);
    }
    history_.back().cut_after = true;
  }

  void RunPart() {
    history_.clear();
    size_t unchecked = 0;
    while (history_.size() < kPart && result_.commands < options_.commands) {
      size_t begin = history_.size();
      AppendPipeline();
      size_t length = history_.size() - begin;
      auto difference = duel_->Run(std::span<const Step>(history_).subspan(begin));
      if (difference) {
        Fail(*difference, begin + difference->step + 1);
        return;
      }
      result_.commands += length;
      unchecked += length;
      if (unchecked < kCheckEvery && history_.size() < kPart) continue;
      unchecked = 0;
      if (auto state = duel_->CheckState()) {
        Fail(*state, history_.size());
        return;
      }
    }
  }

  // What the sequence did to one key.
  void PrintStepsWith(const std::string& key) {
    if (key.empty()) return;
    std::printf("the steps with %s were\n", Quote(key).c_str());
    for (const Step& step : history_) {
      if (std::find(step.argv.begin(), step.argv.end(), key) == step.argv.end()) continue;
      std::printf("@conn %d  %s\n", step.connection, AsLine(step.argv).c_str());
    }
  }

  void Fail(const Difference& difference, size_t steps) {
    result_.commands += 1;
    std::string signature = difference.Signature();
    if (result_.failures[signature]++ > 0) return;
    // The group stays whole, for what is glued may belong to what failed.
    while (steps < history_.size() && history_[steps].glued) ++steps;
    history_.resize(steps);
    std::string obituary = duel_->TestedObituary();
    std::printf("\nDIFFERENCE %s\n", signature.c_str());
    if (!obituary.empty()) std::printf("the tested server was %s\n", obituary.c_str());
    std::fflush(stdout);
    Shrunk shrunk = Shrink(duel_, history_, difference);
    if (shrunk.reproduced) {
      std::printf("shrunk from %zu to %zu steps in %zu trials\n", steps, shrunk.steps.size(),
                  shrunk.trials);
      if (result_.shortest == 0 || shrunk.steps.size() < result_.shortest) {
        result_.shortest = shrunk.steps.size();
      }
    } else {
      PrintStepsWith(difference.key);
      std::printf("NOT REPRODUCED when replayed; the last steps were\n");
    }
    const Difference& final = shrunk.difference;
    std::printf("%s", AsScript(shrunk.steps).c_str());
    if (final.in_state) std::printf("@state   # %s\n", AsLine(final.argv).c_str());
    std::printf("# %s\n# tested:    %s\n# reference: %s\n", final.reason.c_str(),
                Quote(final.ours).c_str(), Quote(final.theirs).c_str());
    std::fflush(stdout);
  }

  Duel* duel_;
  CampaignOptions options_;
  Generator generator_;
  Steps history_;
  CampaignResult result_;
};

}  // namespace

base::Result<CampaignResult> RunCampaign(Duel* duel, const CampaignOptions& options) {
  return Campaign(duel, options).Run();
}

}  // namespace nuthatch::oracle
