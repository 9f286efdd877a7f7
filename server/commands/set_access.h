// Sets as commands see them, whichever form they have: an intset in the key's entry, or a SetValue.
//
// SetReader reads one, SetKey changes the one of a key, StoreSet makes one of what was built. On
// the stack of a command; no threads. A reader is good, like any view, until the next call that may
// change its keyspace; a SetKey as long as nobody else changes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "server/base/random.h"
#include "server/commands/lookup.h"
#include "server/commands/member_batch.h"
#include "server/commands/set_builder.h"
#include "server/keyspace/edit.h"
#include "server/values/intset.h"
#include "server/values/set_operations.h"
#include "server/values/set_value.h"

namespace nuthatch::commands {

// `count` different numbers below `size`, in the order in which they were picked; each choice is as
// likely as any other. O(count), or O(size) if that is less than a few times more.
// REQUIRES: count <= size < 2^32.
std::vector<uint32_t> PickIndices(size_t size, size_t count, base::Random& random);

class SetReader final : public values::SetView {
 public:
  // An empty set.
  SetReader() = default;
  // With a context, walks let it breathe. REQUIRES: `ref` is none, which reads as an empty set, or
  // a set.
  explicit SetReader(const EntryRef& ref, CommandContext* context = nullptr);

  bool is_intset() const { return table_ == nullptr; }
  size_t size() const override { return is_intset() ? intset_.Count() : table_->size(); }
  bool Has(std::string_view member) const;
  // Bit i says whether members[i] is there. REQUIRES: at most kMaxBatch of them.
  uint64_t Contains(std::span<const values::Hashed> members) const override;
  uint64_t Contains(std::span<const std::string_view> members) const;

  // Visits every member in batches, until it returns false; an intset's in ascending order.
  void ForEach(const Visitor& visit) const override;
  // Visits every member (std::string_view) in the same order.
  template <typename Visit>
  void VisitEach(Visit&& visit) const;
  // As SSCAN goes through a set: visits about `count` members and returns the next cursor; an
  // intset is visited as a whole. 0 starts, and 0 returned says the end. See TableValue.
  template <typename Visit>
  uint64_t Scan(uint64_t cursor, size_t count, Visit&& visit) const;

  // A fair choice, as text that may be in `text`. REQUIRES: size() > 0.
  std::string_view RandomMember(base::Random& random, keyspace::NumberText& text) const;
  // Visits `count` different members, or all in the order of VisitEach() if there are no more. Each
  // choice is as likely as any other; its order means nothing.
  template <typename Visit>
  void Sample(size_t count, base::Random& random, Visit&& visit) const;

 private:
  static constexpr char kNothing[values::Intset::kHeaderSize] = {2};
  static constexpr size_t kMembersBetweenBreaths = 1024;

  void Breathe() const {
    if (context_ != nullptr) context_->Breathe();
  }
  std::string_view IntegerAt(size_t index, keyspace::NumberText& text) const {
    return TextOf(intset_.At(index), text);
  }

  values::Intset intset_{{kNothing, sizeof kNothing}};
  const values::SetValue* table_ = nullptr;  // if it is one; then intset_ is empty
  CommandContext* context_ = nullptr;
};

// The set of a key, to be changed, or the lack of one: the first member makes it, the last one
// takes it away. Whatever changes is told to who watches the key.
class SetKey {
 public:
  using Visitor = std::function<void(std::string_view)>;

  // `ref` is what a lookup of `key` has just given. REQUIRES: none, or a set.
  SetKey(CommandContext& context, const Key& key, EntryRef ref)
      : context_(&context), keys_(&context.keyspace_of(key)), key_(&key), ref_(ref) {}
  // Looks the key up, to be changed; nothing after an error reply, where it is no set.
  static std::optional<SetKey> OpenOrReply(CommandContext& context, const Key& key);

  // Whether there is a set.
  explicit operator bool() const { return static_cast<bool>(ref_); }
  SetReader reader() const { return SetReader(ref_, context_); }

  // Return how many were new, or were there. The members must not be views of the keyspace.
  size_t Add(std::span<const std::string_view> members);
  size_t Remove(std::span<const std::string_view> members);

  // Takes out a random member, having shown it to `visit`. REQUIRES: there is a set.
  void Pop(base::Random& random, const Visitor& visit);
  // Takes out so many random members, having shown each to `visit`, in an order that is random
  // unless most of the set goes. REQUIRES: there are more than that, and count > 0.
  void PopSeveral(size_t count, base::Random& random, const Visitor& visit);
  // Takes the key away.
  void Erase();

 private:
  values::SetValue& table() const { return static_cast<values::SetValue&>(*ref_->object()); }
  bool is_intset() const { return ref_->kind() != keyspace::ValueKind::kObject; }
  int db() const { return context_->db(); }
  void Make(std::span<const std::string_view> members);
  size_t AddToIntset(std::span<const std::string_view> members);
  size_t AddToTable(std::span<const std::string_view> members);
  size_t RemoveFromIntset(std::span<const std::string_view> members);
  size_t RemoveFromTable(std::span<const std::string_view> members);
  // The table has changed; the key took `before` bytes.
  void NoteTable(uint64_t before);
  void PopFew(size_t count, base::Random& random, const Visitor& visit);
  void PopMost(size_t count, base::Random& random, const Visitor& visit);

  CommandContext* context_;
  Keyspace* keys_;
  const Key* key_;
  EntryRef ref_;
};

// Makes `key` the set that was built, in the place of whatever is there, or takes it away if there
// is nothing in the set; counts the change. Returns the set's size. The builder is used up.
size_t StoreSet(CommandContext& context, const Key& key, SetBuilder& built);

// --- SetReader ---

template <typename Visit>
void SetReader::VisitEach(Visit&& visit) const {
  size_t visited = 0;
  auto step = [&](std::string_view member) {
    visit(member);
    if (++visited % kMembersBetweenBreaths == 0) Breathe();
  };
  if (!is_intset()) return table_->ForEach(step);
  keyspace::NumberText text;
  for (size_t i = 0; i < intset_.Count(); ++i) step(IntegerAt(i, text));
}

template <typename Visit>
uint64_t SetReader::Scan(uint64_t cursor, size_t count, Visit&& visit) const {
  if (!is_intset()) return table_->Scan(cursor, count, visit);
  VisitEach(visit);
  return 0;
}

template <typename Visit>
void SetReader::Sample(size_t count, base::Random& random, Visit&& visit) const {
  if (count >= size()) return VisitEach(visit);
  if (!is_intset()) return table_->Sample(count, random, visit);
  keyspace::NumberText text;
  for (uint32_t index : PickIndices(size(), count, random)) visit(IntegerAt(index, text));
}

}  // namespace nuthatch::commands
