// What the replies of a history need of the state, and what can bring it about: known before the
// search begins, so that the search sees early that a step leads nowhere.
//
// Built once a history, then only read. One owner, one thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/linearizability/configuration.h"
#include "tests/linearizability/model.h"

namespace nuthatch::linearizability {

// Places in each connection's order (exclusive): up to where something is still to come.
struct Until {
  std::array<uint16_t, kMaxConnections> place{};

  void Note(size_t connection, size_t at) {
    place[connection] = std::max(place[connection], static_cast<uint16_t>(at + 1));
  }
  bool IsAfter(const Configuration& configuration) const {
    for (size_t c = 0; c < kMaxConnections; ++c) {
      if (place[c] > configuration.done[c]) return true;
    }
    return false;
  }
};

struct Demand {
  Until needed;   // by replies that show the value
  Until written;  // by operations that can write it
};

// Demands by value; kAbsent, for a key that must not be there, may be one of them.
class DemandTable {
 public:
  // Makes the demand if there is none yet.
  Demand& For(ValueId value) {
    if (index_.size() <= value) index_.resize(value + 1, -1);
    if (index_[value] < 0) {
      index_[value] = static_cast<int32_t>(demands_.size());
      demands_.emplace_back();
      values_.push_back(value);
    }
    return demands_[index_[value]];
  }
  Demand* Find(ValueId value) {
    return value < index_.size() && index_[value] >= 0 ? &demands_[index_[value]] : nullptr;
  }
  const Demand* Find(ValueId value) const { return const_cast<DemandTable*>(this)->Find(value); }
  // Those there is a demand for, each once.
  const std::vector<ValueId>& values() const { return values_; }
  // One more than the largest value there is a demand for.
  size_t size() const { return index_.size(); }

 private:
  std::vector<int32_t> index_;  // by value; -1: nobody needs it
  std::vector<Demand> demands_;
  std::vector<ValueId> values_;  // of demands_
};

class Demands {
 public:
  // Interns into `values`, which outlives this.
  Demands(size_t keys, Values& values) : values_(values), at_key_(keys), moved_to_key_(keys) {}

  // First every operation that is not optional is told to NoteNeeds, then every one that is not
  // effectless to NoteWrites; `place` is its place in the connection's order.
  void NoteNeeds(const Operation& operation, size_t connection, size_t place);
  void NoteWrites(const Operation& operation, size_t connection, size_t place);

  // The text of a value that a reply shows, but that was not there at first and that nobody wrote;
  // empty when there is none.
  std::string FindUnwritten(const Configuration& first) const;

  // True when `step`, from the state `before` to `after`, is a dead end: a reply to come needs a
  // value (or nothing) in a key, and nothing to come can bring it there any more.
  bool IsLost(const State& before, const Command& step, const Configuration& after) const;

 private:
  void NoteNeedsOfExec(const Operation& operation, size_t connection, size_t place);
  void NoteNeeded(uint8_t key, ValueId value, size_t connection, size_t place);
  void NoteWritten(uint8_t key, ValueId value, size_t connection, size_t place);
  // False when what is needed in the key isn't there and can't come any more.
  bool IsMet(uint8_t key, ValueId value, const Configuration& at) const;
  void NoteAppend(const Operation& operation, size_t connection, size_t place);

  Values& values_;
  DemandTable anywhere_;             // values, wherever they are shown
  std::vector<DemandTable> at_key_;  // by key: values, and absence
  std::vector<Until> moved_to_key_;  // by key: what RENAME and COPY bring
};

}  // namespace nuthatch::linearizability
