// ZSetOperand: a key that ZUNION and its kin work on: a sorted set, a set whose members all have
// the score 1, or nothing.
//
// A view: valid until one of the keyspaces concerned may change. On the stack of a command.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "server/commands/lookup.h"
#include "server/commands/set_access.h"
#include "server/values/hashed.h"
#include "server/values/sorted_set_view.h"

namespace nuthatch::commands {

class ZSetOperand {
 public:
  // The most members that are walked or asked for at a time.
  static constexpr size_t kMaxBatch = 64;

  // Nothing: an empty set.
  ZSetOperand() = default;
  // REQUIRES: a sorted set or a set.
  explicit ZSetOperand(const EntryRef& ref);

  // Whether a command may work on it.
  static bool IsOne(const EntryRef& ref) {
    return ref->type() == keyspace::Type::kSortedSet || ref->type() == keyspace::Type::kSet;
  }

  size_t size() const;

  // Visits all members with their scores in batches whose bytes are good during the call; false
  // ends the walk.
  using Visitor = std::function<bool(std::span<const values::Hashed>, const double* scores)>;
  void ForEach(const Visitor& visit) const;

  // Bit i says whether members[i] is there; its score is in scores[i] then. REQUIRES: at most
  // kMaxBatch of them.
  uint64_t Find(std::span<const values::Hashed> members, double* scores) const;

 private:
  std::optional<values::SortedSetView> sorted_;
  SetReader set_;  // of no set, it is empty
};

}  // namespace nuthatch::commands
