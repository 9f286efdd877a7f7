// Sorted sets under keys, as commands read and change them, whichever form they have: a listpack in
// the key's entry, or a SortedSet. When one becomes the other is Redis 7.0's choice.
//
// Used by functions of commands, on the thread that runs them. Who changes a set says how many
// changes it made (CountChanges); everything else that a change asks for is done in here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "server/commands/lookup.h"
#include "server/keyspace/edit.h"
#include "server/keyspace/keyspace.h"
#include "server/runtime/context.h"
#include "server/values/hashed.h"
#include "server/values/sorted_set.h"
#include "server/values/sorted_set_range.h"
#include "server/values/sorted_set_view.h"

namespace nuthatch::commands {

// The sorted set of an entry. REQUIRES: ref->type() is one. Valid until the keyspace may change.
inline values::SortedSetView ViewSortedSet(const EntryRef& ref) {
  if (ref->encoding() == keyspace::Encoding::kSkiplist) {
    return values::SortedSetView(keyspace::ObjectOf<values::SortedSet>(ref));
  }
  return values::SortedSetView(values::SortedSetListpack(ref->bytes()));
}

// What a key holds, to be read; counts as a use of the key. Converts to false where there is no
// key; then the view is an empty set.
struct SortedSetRead : values::SortedSetView {
  SortedSetRead() = default;
  explicit SortedSetRead(const values::SortedSetView& view) : SortedSetView(view) {}
  explicit operator bool() const { return large() != nullptr || small() != nullptr; }
};
// nullopt after the error reply for another type.
std::optional<SortedSetRead> ReadSortedSetOrReply(CommandContext& context, const Key& key);

// The sorted set of a key, to be changed. `context` and `key` outlive it; while it lives, nobody
// else touches the keyspace. A key comes with the first member and goes with the last one.
class SortedSetKey {
 public:
  // Looks the key up, as a write.
  SortedSetKey(CommandContext& context, const Key& key)
      : context_(context),
        keys_(context.keyspace_of(key)),
        key_(key),
        ref_(FindForWrite(context, keys_, key)) {}

  // False after the error reply for another type. REQUIRED before anything else.
  bool IsSortedSetOrReply() const {
    return !ref_ || IsTypeOrReply(context_, ref_, keyspace::Type::kSortedSet);
  }
  // Whether there is a key.
  explicit operator bool() const { return static_cast<bool>(ref_); }
  // To be read; valid until the next change.
  values::SortedSetView view() const {
    return ref_ ? ViewSortedSet(ref_) : values::SortedSetView();
  }

  // Which additions are left out (NX, XX, GT, LT), and whether the score is an increment (INCR).
  struct AddRule {
    bool only_new = false;
    bool only_existing = false;
    bool only_greater = false;  // of those that are there; new ones are added
    bool only_less = false;
    bool increment = false;
  };
  enum class Outcome : uint8_t {
    kAdded,
    kUpdated,
    kUnchanged,   // it has this score
    kLeftOut,     // by the rule
    kNotANumber,  // the sum would be none; nothing has changed
  };
  struct Added {
    Outcome outcome;
    double score = 0;  // that the member has now, if it was not left out
  };
  // Adds a member, or gives it another score. REQUIRES: score isn't NaN; the member is no view of
  // the set.
  Added Add(const values::Hashed& member, double score, const AddRule& rule);
  Added Add(const values::Hashed& member, double score) { return Add(member, score, AddRule()); }
  // Hints for members that are about to be added or removed, a few dozen at most.
  void Prefetch(std::span<const values::Hashed> members) const { view().Prefetch(members); }

  // False if it isn't there.
  bool Remove(const values::Hashed& member);
  // Removes the members of these ranks; ranks.end <= view().size().
  void RemoveRanks(values::RankRange ranks);

 private:
  values::SortedSet* large();
  Added AddToSmall(const values::Hashed& member, double score, const AddRule& rule);
  Added AddToLarge(const values::Hashed& member, double score, const AddRule& rule);
  Added AddFirst(const values::Hashed& member, double score);
  bool FitsSmall(const values::SortedSetListpack& small, size_t member_size) const;
  void Enlarge();
  void EraseKey();

  CommandContext& context_;
  Keyspace& keys_;
  const Key& key_;
  EntryRef ref_;
  // While a large set is being changed: its accounts are brought up to date in the end.
  std::optional<keyspace::ObjectEdit<values::SortedSet>> edit_;
};

// What a *STORE command does with its result: puts it under the key, in the form that its size asks
// for, in place of what was there and of its deadline; an empty one deletes the key. Counts the
// change. Returns how many members there are. Members of `set` are no views of the keyspace.
size_t StoreSortedSet(CommandContext& context, const Key& key,
                      std::unique_ptr<values::SortedSet> set);

}  // namespace nuthatch::commands
