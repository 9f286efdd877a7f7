// The sequential model: what one command does to the state and what it answers, as Redis 7.0 does.
//
// A pure function over a state of interned values, so that states are small, compared and hashed by
// a few words. One owner, one thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tests/linearizability/operation.h"

namespace nuthatch::linearizability {

// A value's number in a Values; kAbsent for a key that doesn't exist.
using ValueId = uint32_t;
constexpr ValueId kAbsent = 0;

// Interned strings. Invariant: equal strings have equal numbers, and a number stays.
class Values {
 public:
  Values() : texts_(1) {}
  ValueId Intern(std::string_view text);
  // REQUIRES: id != kAbsent.
  const std::string& Text(ValueId id) const { return texts_[id]; }
  size_t size() const { return texts_.size(); }

 private:
  std::vector<std::string> texts_;
  std::unordered_map<std::string, ValueId> ids_;
};

using State = std::array<ValueId, kMaxKeys>;

// Whether it is a command of lists.
bool IsOfLists(Verb verb);

// Runs `command` on `state`, which it changes, and returns the reply.
std::string Apply(const Command& command, Values& values, State& state);

// True when an operation that answered `reply` changed nothing, in whatever state it ran: what only
// reads, and what says that it refused.
bool IsEffectless(const Command& command, std::string_view reply);

// What the keys hold, as a look at all of them tells: MGET, or an EXEC of LRANGEs.
Contents SeenBy(const Operation& look);

State ToState(const Contents& contents, Values& values);
Contents ToContents(const State& state, size_t keys, const Values& values);

}  // namespace nuthatch::linearizability
