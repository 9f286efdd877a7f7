// What the access bits of a key say under the policy of the configuration.
#pragma once

#include "eviction/registry.h"
#include "server/config/config.h"

namespace nuthatch::commands {

// The policy of the configuration. Its names are the registry's: there is one.
inline const eviction::PolicyRow& PolicyOf(const config::Config& config) {
  return *eviction::ParsePolicyName(config.maxmemory_policy_name)->row;
}

// Whether the bits are a frequency; else they are a time.
inline bool CountsUses(const config::Config& config) {
  return PolicyOf(config).access == eviction::AccessMeaning::kFrequency;
}

}  // namespace nuthatch::commands
