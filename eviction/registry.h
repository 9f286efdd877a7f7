// The registry of eviction policies: one row a policy. The row buys it the contract tests, the
// golden miss counts, the benchmark, and its names in maxmemory-policy.
//
// "allkeys-" and "volatile-" are a filter (Scope), not a policy. Constant data; any thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eviction/policy.h"

namespace nuthatch::eviction {

// What the access bits mean under a policy, and so which of OBJECT IDLETIME and OBJECT FREQ works.
enum class AccessMeaning : uint8_t { kClock, kFrequency };

struct PolicyRow {
  std::string_view base;   // "lru"; "none" is called noeviction
  bool allkeys = false;    // allkeys-<base> exists
  bool volatiles = false;  // volatile-<base> exists
  bool evicts = true;
  bool beyond_redis_7 = false;  // its names come after those that Redis 7 has
  AccessMeaning access = AccessMeaning::kClock;
  bool uses_tag = false;
  // The calls OnRemove and OnUpdate mean something: a caller may leave them out otherwise.
  bool tracks_removal = false;
  std::unique_ptr<Policy> (*make)(const Parameters& parameters) = nullptr;
};

// All policies, those of Redis 7 first.
std::span<const PolicyRow> PolicyRows();
// Null if there is none.
const PolicyRow* FindPolicyRow(std::string_view base);

// A value of maxmemory-policy.
struct PolicyChoice {
  const PolicyRow* row = nullptr;
  bool volatile_only = false;

  Scope scope() const { return {.volatile_only = volatile_only}; }
  std::unique_ptr<Policy> Make(const Parameters& parameters) const { return row->make(parameters); }
  friend bool operator==(const PolicyChoice&, const PolicyChoice&) = default;
};

// "allkeys-lru", "noeviction", ...; in any case, as Redis reads it.
std::optional<PolicyChoice> ParsePolicyName(std::string_view name);
std::string PolicyName(const PolicyChoice& choice);
// All choices: first those of Redis 7 in the order in which its error lists their names, then the
// others.
std::vector<PolicyChoice> PolicyChoices();

}  // namespace nuthatch::eviction
