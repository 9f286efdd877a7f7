// The checker: is there one order of all operations of a history that explains every reply?
//
// The order must keep precedence: a comes before b when a returned before b was invoked, and also
// when both were sent on one connection and a was sent first, even if they were in flight together
// (the order inside a pipeline). checker.cc opens with the algorithm.
//
// A function of its arguments; any thread may call it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/linearizability/operation.h"

namespace nuthatch::linearizability {

// A history has at most this many connections, and this many operations on each.
constexpr size_t kMaxConnections = 32;
constexpr size_t kMaxPerConnection = 65535;

struct CheckOptions {
  // Distinct configurations looked at before the answer is "undecided"; each takes about 60 bytes.
  size_t max_configurations = 2'000'000;
};

enum class Result : uint8_t { kLegal, kIllegal, kUndecided };

struct Verdict {
  Result result = Result::kLegal;
  // Indexes into the history: a whole linearization when legal, else the longest beginning of one
  // that was found.
  std::vector<uint32_t> order;
  Contents contents;          // what the keys hold after `order`
  size_t configurations = 0;  // distinct ones looked at
  std::string reason;         // one line, when illegal or undecided
};

// `initial` says what each key holds before the history; its size is the number of keys.
// REQUIRES: the invariants of a History, and the limits above.
Verdict Check(const Contents& initial, const History& history, const CheckOptions& options = {});

}  // namespace nuthatch::linearizability
