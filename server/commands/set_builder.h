// SetBuilder: a set that a command makes, in the form that Redis 7.0 gives a set to which these
// members are added one after the other: an intset until a member is no integer, or there are more
// than set-max-intset-entries of them; from then on a SetValue, whatever is removed again.
//
// On the stack of a command; no threads. While it is an intset, members wait unsorted behind the
// sorted ones until they are worth a merge: so building one takes O(n log n), whatever the limit,
// where a member at a time would take O(n^2). Invariant: an intset has no more different members
// than it may have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "server/commands/lookup.h"
#include "server/commands/member_batch.h"
#include "server/values/intset.h"
#include "server/values/set_operations.h"
#include "server/values/set_value.h"

namespace nuthatch::commands {

class SetBuilder final : public values::SetSink {
 public:
  explicit SetBuilder(const config::Config& config) : most_integers_(MostIntegers(config)) {}
  SetBuilder(const SetBuilder&) = delete;
  SetBuilder& operator=(const SetBuilder&) = delete;

  // The most members of an intset: set-max-intset-entries, but never more than Redis lets grow to
  // a gigabyte.
  static size_t MostIntegers(const config::Config& config);

  size_t size() const override;
  void Add(std::span<const values::Hashed> members) override;
  void Remove(std::span<const values::Hashed> members) override;
  void Add(std::string_view member);

  // Visits each member (std::string_view), those of an intset in ascending order.
  template <typename Visit>
  void ForEach(Visit&& visit) const {
    if (table_ != nullptr) return table_->ForEach(visit);
    Settle();
    keyspace::NumberText text;
    for (int64_t member : integers_) visit(TextOf(member, text));
  }

  // Makes the key this set, in the place of what was found; the builder is used up.
  // REQUIRES: size() > 0.
  EntryRef Store(Keyspace& keys, int db, const Key& key, EntryRef found, keyspace::Ttl ttl);
  // Frees a set that is not stored, breathing meanwhile; the builder is used up.
  void Drop(CommandContext& context);

 private:
  void AddInteger(int64_t member);
  // Sorts in what waits; takes out what was removed.
  void Sort() const;
  void Settle() const;
  bool IsSortedIn(int64_t member) const;
  void MakeTable();

  size_t most_integers_;
  size_t width_ = 2;  // of the widest integer there has been
  // As an intset. Those before sorted_ ascend and differ; while some of these are gone_, none wait.
  mutable std::vector<int64_t> integers_;
  mutable size_t sorted_ = 0;
  mutable std::vector<bool> gone_;
  mutable size_t gone_count_ = 0;
  std::unique_ptr<values::SetValue> table_;
};

}  // namespace nuthatch::commands
