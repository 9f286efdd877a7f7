// A run of random commands: parts of some thousand commands, each from a fresh start, with state
// checks in between; failures are shrunk, grouped by signature and printed as they are found.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "tests/oracle/duel.h"
#include "tests/oracle/generator.h"

namespace nuthatch::oracle {

struct CampaignOptions {
  uint64_t seed = 1;
  uint64_t commands = 20'000;
  size_t max_signatures = 10;  // stop after so many different failures
};

struct CampaignResult {
  uint64_t commands = 0;
  double seconds = 0;
  std::map<std::string, uint64_t> failures;  // by signature, how often
  size_t shortest = 0;                       // steps of the shortest shrunk failure
};

// An error means that a server can't be reached or started any more.
base::Result<CampaignResult> RunCampaign(Duel* duel, const CampaignOptions& options);

}  // namespace nuthatch::oracle
