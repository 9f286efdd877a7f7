#include "server/commands/zset_access.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "server/values/byte_store.h"
#include "server/values/listpack_edit.h"
#include "server/values/sorted_set_listpack.h"

namespace nuthatch::commands {

using keyspace::CompactEdit;
using keyspace::Encoding;
using keyspace::Ttl;
using keyspace::Type;
using values::Hashed;
using values::HeapBytes;
using values::RankRange;
using values::SortedSet;
using values::SortedSetListpack;

std::optional<SortedSetRead> ReadSortedSetOrReply(CommandContext& context, const Key& key) {
  EntryRef ref = FindForRead(context, key);
  if (!ref) return SortedSetRead();
  if (!IsTypeOrReply(context, ref, Type::kSortedSet)) return std::nullopt;
  return SortedSetRead(ViewSortedSet(ref));
}

// --- Adding ---

namespace {

// What the rule makes of a member that has the score `current`: its new score, or why there is
// none.
SortedSetKey::Added Decide(double current, double score, const SortedSetKey::AddRule& rule) {
  using Outcome = SortedSetKey::Outcome;
  if (rule.only_new) return {Outcome::kLeftOut};
  if (rule.increment) {
    score += current;
    if (std::isnan(score)) return {Outcome::kNotANumber};
  }
  if ((rule.only_less && score >= current) || (rule.only_greater && score <= current)) {
    return {Outcome::kLeftOut};
  }
  // The score that was asked for is what INCR replies, be it 0 for -0.
  return {score == current ? Outcome::kUnchanged : Outcome::kUpdated, score};
}

}  // namespace

SortedSetKey::Added SortedSetKey::Add(const Hashed& member, double score, const AddRule& rule) {
  if (!ref_) {
    if (rule.only_existing) return {Outcome::kLeftOut};
    return AddFirst(member, score);
  }
  if (ref_->encoding() != Encoding::kSkiplist) return AddToSmall(member, score, rule);
  return AddToLarge(member, score, rule);
}

SortedSetKey::Added SortedSetKey::AddToSmall(const Hashed& member, double score,
                                             const AddRule& rule) {
  SortedSetListpack small(ref_->bytes());
  size_t at = small.Find(member.bytes);
  if (at != small.End()) {
    Added decided = Decide(small.ScoreAt(at), score, rule);
    if (decided.outcome == Outcome::kUpdated) {
      CompactEdit edit(keys_, context_.db(), key_, ref_);
      values::sorted_set_listpack::SetScore(edit, at, decided.score);
    }
    return decided;
  }
  if (rule.only_existing) return {Outcome::kLeftOut};
  if (!FitsSmall(small, member.bytes.size())) {
    Enlarge();
    return AddToLarge(member, score, rule);
  }
  CompactEdit edit(keys_, context_.db(), key_, ref_);
  values::sorted_set_listpack::Insert(edit, member.bytes, score);
  return {Outcome::kAdded, score};
}

SortedSetKey::Added SortedSetKey::AddToLarge(const Hashed& member, double score,
                                             const AddRule& rule) {
  const SortedSet& set = keyspace::ObjectOf<SortedSet>(ref_);
  if (const SortedSet::Element* element = set.FindHashed(member.hash, member.bytes)) {
    Added decided = Decide(element->score(), score, rule);
    if (decided.outcome == Outcome::kUpdated) large()->Update(element, decided.score);
    return decided;
  }
  if (rule.only_existing) return {Outcome::kLeftOut};
  large()->InsertHashed(member.hash, member.bytes, score);
  return {Outcome::kAdded, score};
}

SortedSetKey::Added SortedSetKey::AddFirst(const Hashed& member, double score) {
  const config::Config& config = context_.config();
  if (config.zset_max_listpack_entries == 0 ||
      member.bytes.size() > config.zset_max_listpack_value) {
    auto set = std::make_unique<SortedSet>();
    set->InsertHashed(member.hash, member.bytes, score);
    ref_ = keys_.SetObject(context_.db(), key_, ref_, Type::kSortedSet, Encoding::kSkiplist,
                           std::move(set), Ttl::None());
  } else {
    HeapBytes bytes;
    values::listpack::MakeEmpty(bytes);
    values::sorted_set_listpack::Append(bytes, member.bytes, score);
    ref_ = keys_.SetCompact(context_.db(), key_, ref_, Type::kSortedSet, Encoding::kListpack,
                            bytes.view(), Ttl::None());
  }
  return {Outcome::kAdded, score};
}

bool SortedSetKey::FitsSmall(const SortedSetListpack& small, size_t member_size) const {
  const config::Config& config = context_.config();
  return small.size() + 1 <= config.zset_max_listpack_entries &&
         member_size <= config.zset_max_listpack_value &&
         values::listpack::SafeToAdd(small.pack().bytes().size(), member_size);
}

void SortedSetKey::Enlarge() {
  ref_ = keys_.SetObject(context_.db(), key_, ref_, Type::kSortedSet, Encoding::kSkiplist,
                         values::MakeSortedSet(SortedSetListpack(ref_->bytes())), Ttl::Keep());
}

SortedSet* SortedSetKey::large() {
  if (!edit_.has_value()) edit_.emplace(keys_, context_.db(), key_, ref_);
  return &**edit_;
}

// --- Removing ---

bool SortedSetKey::Remove(const Hashed& member) {
  if (!ref_) return false;
  if (ref_->encoding() == Encoding::kSkiplist) {
    const SortedSet& set = keyspace::ObjectOf<SortedSet>(ref_);
    const SortedSet::Element* element = set.FindHashed(member.hash, member.bytes);
    if (element == nullptr) return false;
    if (set.size() == 1) {
      EraseKey();
    } else {
      large()->Remove(element);
    }
    return true;
  }
  SortedSetListpack small(ref_->bytes());
  size_t at = small.Find(member.bytes);
  if (at == small.End()) return false;
  if (small.size() == 1) {
    EraseKey();
  } else {
    CompactEdit edit(keys_, context_.db(), key_, ref_);
    values::sorted_set_listpack::Remove(edit, at);
  }
  return true;
}

void SortedSetKey::RemoveRanks(RankRange ranks) {
  if (ranks.size() == 0) return;
  if (ranks.size() == view().size()) return EraseKey();
  if (ref_->encoding() == Encoding::kSkiplist) return large()->RemoveRanks(ranks);
  CompactEdit edit(keys_, context_.db(), key_, ref_);
  values::sorted_set_listpack::RemoveRanks(edit, ranks);
}

void SortedSetKey::EraseKey() {
  edit_.reset();
  keys_.Erase(context_.db(), key_, ref_);
  ref_ = {};
}

// --- Storing ---

namespace {

bool FitsListpack(const config::Config& config, const SortedSet& set) {
  if (set.size() > config.zset_max_listpack_entries) return false;
  size_t total = 0;
  size_t longest = 0;
  for (SortedSet::Position at = set.First(); at; at.Next()) {
    total += at.member().size();
    longest = std::max(longest, at.member().size());
  }
  return longest <= config.zset_max_listpack_value && values::listpack::SafeToAdd(0, total);
}

}  // namespace

size_t StoreSortedSet(CommandContext& context, const Key& key, std::unique_ptr<SortedSet> set) {
  Keyspace& keys = context.keyspace_of(key);
  EntryRef ref = FindForWrite(context, keys, key);
  size_t size = set->size();
  if (size == 0) {
    if (ref) {
      keys.Erase(context.db(), key, ref);
      CountChanges(context);
    }
    return 0;
  }
  if (FitsListpack(context.config(), *set)) {
    keys.SetCompact(context.db(), key, ref, Type::kSortedSet, Encoding::kListpack,
                    values::MakeSortedSetListpack(*set).view(), Ttl::None());
  } else {
    keys.SetObject(context.db(), key, ref, Type::kSortedSet, Encoding::kSkiplist, std::move(set),
                   Ttl::None());
  }
  CountChanges(context);
  return size;
}

}  // namespace nuthatch::commands
