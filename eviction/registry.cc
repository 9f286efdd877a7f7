#include "eviction/registry.h"

#include <algorithm>
#include <cctype>

namespace nuthatch::eviction {

// Defined in the policy's own file.
std::unique_ptr<Policy> MakeLru(const Parameters& parameters);
std::unique_ptr<Policy> MakeLfu(const Parameters& parameters);
std::unique_ptr<Policy> MakeRandom(const Parameters& parameters);
std::unique_ptr<Policy> MakeTtl(const Parameters& parameters);
std::unique_ptr<Policy> MakeNone(const Parameters& parameters);
std::unique_ptr<Policy> MakeLrm(const Parameters& parameters);
std::unique_ptr<Policy> MakeS3Fifo(const Parameters& parameters);
std::unique_ptr<Policy> MakeAuto(const Parameters& parameters);
std::unique_ptr<Policy> MakeS3FifoSize(const Parameters& parameters);
std::unique_ptr<Policy> MakeSieve(const Parameters& parameters);
std::unique_ptr<Policy> MakeTinyLfu(const Parameters& parameters);

namespace {

constexpr PolicyRow kRows[] = {
    {.base = "lru", .allkeys = true, .volatiles = true, .make = MakeLru},
    {.base = "lfu",
     .allkeys = true,
     .volatiles = true,
     .access = AccessMeaning::kFrequency,
     .make = MakeLfu},
    {.base = "random", .allkeys = true, .volatiles = true, .make = MakeRandom},
    {.base = "ttl", .volatiles = true, .make = MakeTtl},
    {.base = "none", .evicts = false, .make = MakeNone},
    {.base = "lrm", .allkeys = true, .volatiles = true, .beyond_redis_7 = true, .make = MakeLrm},
    {.base = "s3fifo",
     .allkeys = true,
     .volatiles = true,
     .beyond_redis_7 = true,
     .uses_tag = true,
     .tracks_removal = true,
     .make = MakeS3Fifo},
    {.base = "auto",
     .allkeys = true,
     .volatiles = true,
     .beyond_redis_7 = true,
     .uses_tag = true,
     .tracks_removal = true,
     .make = MakeAuto},
    {.base = "s3fifo-size",
     .allkeys = true,
     .volatiles = true,
     .beyond_redis_7 = true,
     .uses_tag = true,
     .tracks_removal = true,
     .make = MakeS3FifoSize},
    {.base = "sieve",
     .allkeys = true,
     .volatiles = true,
     .beyond_redis_7 = true,
     .uses_tag = true,
     .tracks_removal = true,
     .make = MakeSieve},
    {.base = "tinylfu",
     .allkeys = true,
     .volatiles = true,
     .beyond_redis_7 = true,
     .uses_tag = true,
     .tracks_removal = true,
     .make = MakeTinyLfu},
};

constexpr std::string_view kAllkeys = "allkeys-";
constexpr std::string_view kVolatile = "volatile-";
constexpr std::string_view kNoEviction = "noeviction";

}  // namespace

std::span<const PolicyRow> PolicyRows() { return kRows; }

const PolicyRow* FindPolicyRow(std::string_view base) {
  for (const PolicyRow& row : kRows) {
    if (row.base == base) return &row;
  }
  return nullptr;
}

std::optional<PolicyChoice> ParsePolicyName(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const PolicyChoice& choice : PolicyChoices()) {
    if (PolicyName(choice) == lower) return choice;
  }
  return std::nullopt;
}

std::string PolicyName(const PolicyChoice& choice) {
  if (!choice.row->evicts) return std::string(kNoEviction);
  return std::string(choice.volatile_only ? kVolatile : kAllkeys).append(choice.row->base);
}

std::vector<PolicyChoice> PolicyChoices() {
  std::vector<PolicyChoice> choices;
  for (bool beyond : {false, true}) {
    auto add = [&](bool PolicyRow::*exists, bool volatile_only) {
      for (const PolicyRow& row : kRows) {
        if (row.beyond_redis_7 != beyond || !(row.*exists)) continue;
        choices.push_back({.row = &row, .volatile_only = volatile_only});
      }
    };
    add(&PolicyRow::volatiles, true);
    add(&PolicyRow::allkeys, false);
    for (const PolicyRow& row : kRows) {
      if (row.beyond_redis_7 == beyond && !row.evicts) choices.push_back({.row = &row});
    }
  }
  return choices;
}

}  // namespace nuthatch::eviction
