// The categories of commands that ACL rules and COMMAND INFO name.
//
// Constant data and pure functions; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "server/runtime/command_spec.h"

namespace nuthatch::runtime {

// Bits of CommandSpec::acl_categories, in the order in which Redis lists the categories.
enum AclCategory : uint64_t {
  kAclKeyspace = 1ull << 0,
  kAclRead = 1ull << 1,
  kAclWrite = 1ull << 2,
  kAclSet = 1ull << 3,
  kAclSortedSet = 1ull << 4,
  kAclList = 1ull << 5,
  kAclHash = 1ull << 6,
  kAclString = 1ull << 7,
  kAclBitmap = 1ull << 8,
  kAclHyperLogLog = 1ull << 9,
  kAclGeo = 1ull << 10,
  kAclStream = 1ull << 11,
  kAclPubsub = 1ull << 12,
  kAclAdmin = 1ull << 13,
  kAclFast = 1ull << 14,
  kAclSlow = 1ull << 15,
  kAclBlocking = 1ull << 16,
  kAclDangerous = 1ull << 17,
  kAclConnection = 1ull << 18,
  kAclTransaction = 1ull << 19,
  kAclScripting = 1ull << 20,
};

// Name i belongs to bit i.
inline constexpr std::array<std::string_view, 21> kAclCategoryNames = {
    "keyspace", "read",   "write",       "set",       "sortedset",  "list",        "hash",
    "string",   "bitmap", "hyperloglog", "geo",       "stream",     "pubsub",      "admin",
    "fast",     "slow",   "blocking",    "dangerous", "connection", "transaction", "scripting"};

// The row's own categories together with those that its flags imply.
constexpr uint64_t AclCategoriesOf(const CommandSpec& spec) {
  uint64_t bits = spec.acl_categories;
  if ((spec.flags & kWrite) != 0) bits |= kAclWrite;
  // A script that only reads may still run anything that reads, so it isn't counted as a read.
  if ((spec.flags & kReadonly) != 0 && (bits & kAclScripting) == 0) bits |= kAclRead;
  if ((spec.flags & kAdmin) != 0) bits |= kAclAdmin | kAclDangerous;
  if ((spec.flags & kPubsub) != 0) bits |= kAclPubsub;
  if ((spec.flags & kBlocking) != 0) bits |= kAclBlocking;
  bits |= (spec.flags & kFast) != 0 ? kAclFast : kAclSlow;
  return bits;
}

// The bit of that category, in any case of letters; 0 if there is none.
constexpr uint64_t AclCategoryByName(std::string_view name) {
  for (size_t i = 0; i < kAclCategoryNames.size(); ++i) {
    std::string_view candidate = kAclCategoryNames[i];
    if (candidate.size() != name.size()) continue;
    bool same = true;
    for (size_t j = 0; j < name.size() && same; ++j) {
      char c = name[j] >= 'A' && name[j] <= 'Z' ? static_cast<char>(name[j] + 32) : name[j];
      same = c == candidate[j];
    }
    if (same) return uint64_t{1} << i;
  }
  return 0;
}

}  // namespace nuthatch::runtime
