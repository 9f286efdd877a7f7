#include "server/commands/set_access.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <numeric>
#include <unordered_set>
#include <utility>

#include "server/base/check.h"
#include "server/base/numbers.h"
#include "server/values/hashed.h"

namespace nuthatch::commands {

using keyspace::CompactEdit;
using keyspace::NumberText;
using keyspace::Ttl;
using values::Hashed;
using values::Intset;
using values::SetValue;

namespace {

// Members of a command that are hashed and prefetched together.
constexpr size_t kArgumentBatch = 16;
constexpr size_t kBatchesBetweenBreaths = 64;

// Calls visit(batch) for one batch of hashed members after the other.
template <typename Visit>
void HashEach(CommandContext& context, std::span<const std::string_view> members,
              const Visit& visit) {
  size_t batches = 0;
  while (!members.empty()) {
    Hashed batch[kArgumentBatch];
    size_t count = std::min(members.size(), kArgumentBatch);
    for (size_t i = 0; i < count; ++i) batch[i] = Hashed(members[i]);
    visit(std::span<const Hashed>(batch, count));
    members = members.subspan(count);
    if (++batches % kBatchesBetweenBreaths == 0) context.Breathe();
  }
}

}  // namespace

// Few of many: numbers until enough of them differ. Otherwise a shuffle that ends when enough are
// in their places.
std::vector<uint32_t> PickIndices(size_t size, size_t count, base::Random& random) {
  constexpr size_t kFewOf = 8;
  CHECK(count <= size && size <= UINT32_MAX);
  std::vector<uint32_t> picks;
  if (count < size / kFewOf) {
    std::unordered_set<uint32_t> taken;
    taken.reserve(count);
    picks.reserve(count);
    while (picks.size() < count) {
      auto index = static_cast<uint32_t>(random.Below(size));
      if (taken.insert(index).second) picks.push_back(index);
    }
    return picks;
  }
  picks.resize(size);
  std::iota(picks.begin(), picks.end(), 0);
  for (size_t i = 0; i < count; ++i) std::swap(picks[i], picks[i + random.Below(size - i)]);
  picks.resize(count);
  return picks;
}

// --- SetReader ---

SetReader::SetReader(const EntryRef& ref, CommandContext* context) : context_(context) {
  if (!ref) return;
  DCHECK(ref->type() == keyspace::Type::kSet);
  if (ref->kind() == keyspace::ValueKind::kObject) {
    table_ = &keyspace::ObjectOf<SetValue>(ref);
  } else {
    intset_ = Intset(ref->bytes());
  }
}

bool SetReader::Has(std::string_view member) const {
  if (!is_intset()) return table_->Contains(Hashed(member));
  std::optional<int64_t> integer = base::ParseInt64(member);
  return integer.has_value() && intset_.Contains(*integer);
}

uint64_t SetReader::Contains(std::span<const Hashed> members) const {
  if (!is_intset()) return table_->Contains(members);
  uint64_t found = 0;
  for (size_t i = 0; i < members.size(); ++i) {
    found |= static_cast<uint64_t>(Has(members[i].bytes)) << i;
  }
  return found;
}

uint64_t SetReader::Contains(std::span<const std::string_view> members) const {
  DCHECK(members.size() <= kMaxBatch);
  uint64_t found = 0;
  if (is_intset()) {
    for (size_t i = 0; i < members.size(); ++i) {
      found |= static_cast<uint64_t>(Has(members[i])) << i;
    }
    return found;
  }
  Hashed hashed[kMaxBatch];
  std::transform(members.begin(), members.end(), hashed,
                 [](std::string_view member) { return Hashed(member); });
  return table_->Contains({hashed, members.size()});
}

void SetReader::ForEach(const Visitor& visit) const {
  constexpr size_t kBetweenBreaths = kMembersBetweenBreaths / kMaxBatch;
  size_t batches = 0;
  auto give = [&](std::span<const Hashed> members) {
    if (++batches % kBetweenBreaths == 0) Breathe();
    return visit(members);
  };
  if (!is_intset()) return values::LargeSetView(*table_).ForEach(give);
  MemberBatch batch;
  for (size_t i = 0; i < intset_.Count(); ++i) {
    batch.Add(intset_.At(i));
    if (!batch.full()) continue;
    if (!give(batch.members())) return;
    batch.Clear();
  }
  if (!batch.empty()) give(batch.members());
}

std::string_view SetReader::RandomMember(base::Random& random, NumberText& text) const {
  if (!is_intset()) return table_->RandomMember(random);
  return TextOf(intset_.RandomMember(random), text);
}

// --- SetKey ---

std::optional<SetKey> SetKey::OpenOrReply(CommandContext& context, const Key& key) {
  EntryRef ref = FindForWrite(context, key);
  if (ref && !IsTypeOrReply(context, ref, keyspace::Type::kSet)) return std::nullopt;
  return SetKey(context, key, ref);
}

void SetKey::Erase() {
  keys_->Erase(db(), *key_, ref_);
  ref_ = {};
}

void SetKey::NoteTable(uint64_t before) {
  keys_->NoteChange(db(), *key_);
  keys_->AccountObject(db(), *key_, ref_, before);
}

void SetKey::Make(std::span<const std::string_view> members) {
  if (members.size() == 1 && SetBuilder::MostIntegers(context_->config()) > 0) {
    // An intset of one, without a detour over the heap.
    if (std::optional<int64_t> integer = base::ParseInt64(members.front())) {
      uint32_t width = static_cast<uint32_t>(Intset::WidthOf(*integer));
      constexpr uint32_t kOne = 1;
      char bytes[Intset::kHeaderSize + sizeof *integer];
      std::memcpy(bytes, &width, sizeof width);
      std::memcpy(bytes + sizeof width, &kOne, sizeof kOne);
      std::memcpy(bytes + Intset::kHeaderSize, &*integer, sizeof *integer);
      ref_ = keys_->SetCompact(db(), *key_, ref_, keyspace::Type::kSet, keyspace::Encoding::kIntset,
                               {bytes, Intset::kHeaderSize + width}, Ttl::None());
      return;
    }
  }
  SetBuilder built(context_->config());
  HashEach(*context_, members, [&](std::span<const Hashed> batch) { built.Add(batch); });
  ref_ = built.Store(*keys_, db(), *key_, ref_, Ttl::None());
}

size_t SetKey::Add(std::span<const std::string_view> members) {
  if (members.empty()) return 0;
  if (!ref_) {
    Make(members);
    return reader().size();
  }
  return is_intset() ? AddToIntset(members) : AddToTable(members);
}

size_t SetKey::AddToIntset(std::span<const std::string_view> members) {
  const size_t most = SetBuilder::MostIntegers(context_->config());
  std::optional<CompactEdit> edit;
  size_t added = 0;
  for (; !members.empty(); members = members.subspan(1)) {
    std::optional<int64_t> integer = base::ParseInt64(members.front());
    if (!integer.has_value()) break;
    Intset view(ref_->bytes());
    if (view.Contains(*integer)) continue;
    if (view.Count() >= most) break;
    if (!edit.has_value()) edit.emplace(*keys_, db(), *key_, ref_);
    values::intset::Add(*edit, *integer);
    ++added;
  }
  if (members.empty()) return added;
  // The next one doesn't fit an intset.
  auto table = std::make_unique<SetValue>();
  reader().ForEach([&table](std::span<const Hashed> batch) {
    table->InsertEach(batch);
    return true;
  });
  HashEach(*context_, members,
           [&](std::span<const Hashed> batch) { added += table->InsertEach(batch); });
  ref_ = keys_->SetObject(db(), *key_, ref_, keyspace::Type::kSet, keyspace::Encoding::kHashtable,
                          std::move(table), Ttl::Keep());
  return added;
}

size_t SetKey::AddToTable(std::span<const std::string_view> members) {
  const uint64_t before = ref_->MemoryBytes();
  size_t added = 0;
  if (members.size() == 1) {
    added = table().Insert(Hashed(members.front())) ? 1 : 0;
  } else {
    HashEach(*context_, members,
             [&](std::span<const Hashed> batch) { added += table().InsertEach(batch); });
  }
  if (added > 0) NoteTable(before);
  return added;
}

size_t SetKey::Remove(std::span<const std::string_view> members) {
  if (!ref_) return 0;
  return is_intset() ? RemoveFromIntset(members) : RemoveFromTable(members);
}

size_t SetKey::RemoveFromIntset(std::span<const std::string_view> members) {
  std::vector<uint32_t> indices;
  Intset view(ref_->bytes());
  for (std::string_view member : members) {
    std::optional<int64_t> integer = base::ParseInt64(member);
    if (!integer.has_value()) continue;
    size_t index = view.LowerBound(*integer);
    if (index == view.Count() || view.At(index) != *integer) continue;
    indices.push_back(static_cast<uint32_t>(index));
  }
  if (indices.empty()) return 0;
  std::ranges::sort(indices);
  indices.erase(std::unique(indices.begin(), indices.end()), indices.end());
  if (indices.size() == view.Count()) {
    Erase();
  } else {
    CompactEdit edit(*keys_, db(), *key_, ref_);
    values::intset::RemoveEachAt(edit, indices);
  }
  return indices.size();
}

size_t SetKey::RemoveFromTable(std::span<const std::string_view> members) {
  const uint64_t before = ref_->MemoryBytes();
  size_t removed = 0;
  if (members.size() == 1) {
    removed = table().Erase(Hashed(members.front())) ? 1 : 0;
  } else {
    HashEach(*context_, members,
             [&](std::span<const Hashed> batch) { removed += table().EraseEach(batch); });
  }
  if (removed > 0) NoteTable(before);
  if (table().empty()) Erase();
  return removed;
}

void SetKey::Pop(base::Random& random, const Visitor& visit) {
  if (!is_intset()) {
    const uint64_t before = ref_->MemoryBytes();
    SetValue::Place place = table().RandomPlace(random);
    visit(SetValue::MemberAt(place));
    table().EraseAt(place);
    NoteTable(before);
    if (table().empty()) Erase();
    return;
  }
  Intset view(ref_->bytes());
  size_t index = random.Below(view.Count());
  NumberText text;
  visit(TextOf(view.At(index), text));
  if (view.Count() == 1) return Erase();
  CompactEdit edit(*keys_, db(), *key_, ref_);
  values::intset::RemoveAt(edit, index);
}

// Redis moves what is to stay to a new set when it is less than a fifth of what goes. So a set that
// was a table can become an intset, and an intset narrower.
void SetKey::PopSeveral(size_t count, base::Random& random, const Visitor& visit) {
  constexpr size_t kMoveFactor = 5;
  const size_t size = reader().size();
  CHECK(count > 0 && count < size);
  (size - count) * kMoveFactor > count ? PopFew(count, random, visit)
                                       : PopMost(count, random, visit);
}

void SetKey::PopFew(size_t count, base::Random& random, const Visitor& visit) {
  constexpr size_t kBetweenBreaths = 1024;
  if (!is_intset()) {
    const uint64_t before = ref_->MemoryBytes();
    for (size_t i = 1; i <= count; ++i) {
      SetValue::Place place = table().RandomPlace(random);
      visit(SetValue::MemberAt(place));
      table().EraseAt(place);
      if (i % kBetweenBreaths == 0) context_->Breathe();
    }
    return NoteTable(before);
  }
  Intset view(ref_->bytes());
  std::vector<uint32_t> indices = PickIndices(view.Count(), count, random);
  NumberText text;
  for (uint32_t index : indices) visit(TextOf(view.At(index), text));
  std::ranges::sort(indices);
  CompactEdit edit(*keys_, db(), *key_, ref_);
  values::intset::RemoveEachAt(edit, indices);
}

void SetKey::PopMost(size_t count, base::Random& random, const Visitor& visit) {
  SetBuilder kept(context_->config());
  const size_t left = reader().size() - count;
  if (is_intset()) {
    Intset view(ref_->bytes());
    std::vector<uint32_t> indices = PickIndices(view.Count(), left, random);
    std::ranges::sort(indices);
    auto next = indices.begin();
    NumberText text;
    for (uint32_t i = 0; i < view.Count(); ++i) {
      std::string_view member = TextOf(view.At(i), text);
      if (next != indices.end() && *next == i) {
        kept.Add(member);
        ++next;
      } else {
        visit(member);
      }
    }
  } else {
    const uint64_t before = ref_->MemoryBytes();
    for (size_t i = 0; i < left; ++i) {
      SetValue::Place place = table().RandomPlace(random);
      kept.Add(SetValue::MemberAt(place));
      table().EraseAt(place);
    }
    reader().VisitEach(visit);
    NoteTable(before);
  }
  ref_ = kept.Store(*keys_, db(), *key_, ref_, Ttl::Keep());
}

size_t StoreSet(CommandContext& context, const Key& key, SetBuilder& built) {
  Keyspace& keys = context.keyspace_of(key);
  EntryRef found = FindForWrite(context, keys, key);
  const size_t size = built.size();
  if (size > 0) {
    built.Store(keys, context.db(), key, found, Ttl::None());
  } else if (found) {
    keys.Erase(context.db(), key, found);
  } else {
    return 0;
  }
  CountChanges(context);
  return size;
}

}  // namespace nuthatch::commands
