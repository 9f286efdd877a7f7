#include "server/commands/set_builder.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "server/base/check.h"
#include "server/base/numbers.h"
#include "server/config/config.h"
#include "server/values/byte_store.h"

namespace nuthatch::commands {

using values::Hashed;
using values::Intset;
using values::SetValue;

size_t SetBuilder::MostIntegers(const config::Config& config) {
  constexpr uint64_t kMost = uint64_t{1} << 30;
  return std::min(config.set_max_intset_entries, kMost);
}

size_t SetBuilder::size() const {
  if (table_ != nullptr) return table_->size();
  Sort();
  return integers_.size() - gone_count_;
}

void SetBuilder::Sort() const {
  if (sorted_ == integers_.size()) return;
  auto waiting = integers_.begin() + static_cast<std::ptrdiff_t>(sorted_);
  std::sort(waiting, integers_.end());
  std::inplace_merge(integers_.begin(), waiting, integers_.end());
  integers_.erase(std::unique(integers_.begin(), integers_.end()), integers_.end());
  sorted_ = integers_.size();
}

void SetBuilder::Settle() const {
  Sort();
  if (gone_count_ == 0) return;
  size_t kept = 0;
  for (size_t i = 0; i < sorted_; ++i) {
    if (!gone_[i]) integers_[kept++] = integers_[i];
  }
  integers_.resize(kept);
  sorted_ = kept;
  gone_.clear();
  gone_count_ = 0;
}

bool SetBuilder::IsSortedIn(int64_t member) const {
  auto end = integers_.begin() + static_cast<std::ptrdiff_t>(sorted_);
  return std::binary_search(integers_.begin(), end, member);
}

void SetBuilder::MakeTable() {
  Settle();
  table_ = std::make_unique<SetValue>();
  MemberBatch batch;
  auto insert = [&] {
    table_->InsertEach(batch.members());
    batch.Clear();
  };
  for (int64_t member : integers_) {
    batch.Add(member);
    if (batch.full()) insert();
  }
  insert();
  std::vector<int64_t>().swap(integers_);
  sorted_ = 0;
}

void SetBuilder::AddInteger(int64_t member) {
  // What waits is merged when it is as much as what is sorted.
  constexpr size_t kLeastMerged = 4096;
  if (gone_count_ > 0) Settle();
  // Near the limit it matters whether what waits are doubles.
  if (integers_.size() >= most_integers_ / 2) {
    if (IsSortedIn(member)) return;
    if (integers_.size() >= most_integers_) {
      Settle();
      if (IsSortedIn(member)) return;
    }
    if (integers_.size() >= most_integers_) {
      MakeTable();
      keyspace::NumberText text;
      table_->Insert(Hashed(TextOf(member, text)));
      return;
    }
  }
  integers_.push_back(member);
  width_ = std::max(width_, Intset::WidthOf(member));
  if (integers_.size() - sorted_ > std::max(kLeastMerged, sorted_)) Sort();
}

void SetBuilder::Add(std::span<const Hashed> members) {
  while (table_ == nullptr && !members.empty()) {
    if (std::optional<int64_t> integer = base::ParseInt64(members.front().bytes)) {
      AddInteger(*integer);
      members = members.subspan(1);
    } else {
      MakeTable();
    }
  }
  if (!members.empty()) table_->InsertEach(members);
}

void SetBuilder::Add(std::string_view member) {
  if (table_ == nullptr) {
    if (std::optional<int64_t> integer = base::ParseInt64(member)) return AddInteger(*integer);
    MakeTable();
  }
  table_->Insert(Hashed(member));
}

void SetBuilder::Remove(std::span<const Hashed> members) {
  if (table_ != nullptr) {
    table_->EraseEach(members);
    return;
  }
  Sort();
  gone_.resize(integers_.size());
  for (const Hashed& member : members) {
    std::optional<int64_t> integer = base::ParseInt64(member.bytes);
    if (!integer.has_value()) continue;
    auto found = std::lower_bound(integers_.begin(), integers_.end(), *integer);
    if (found == integers_.end() || *found != *integer) continue;
    auto index = static_cast<size_t>(found - integers_.begin());
    if (!gone_[index]) ++gone_count_;
    gone_[index] = true;
  }
}

EntryRef SetBuilder::Store(Keyspace& keys, int db, const Key& key, EntryRef found,
                           keyspace::Ttl ttl) {
  if (table_ != nullptr) {
    CHECK(!table_->empty());
    return keys.SetObject(db, key, found, keyspace::Type::kSet, keyspace::Encoding::kHashtable,
                          std::move(table_), ttl);
  }
  Settle();
  CHECK(!integers_.empty());
  values::HeapBytes bytes;
  values::intset::MakeOf(bytes, integers_, width_);
  return keys.SetCompact(db, key, found, keyspace::Type::kSet, keyspace::Encoding::kIntset,
                         bytes.view(), ttl);
}

void SetBuilder::Drop(CommandContext& context) {
  constexpr size_t kPieces = 1024;
  if (table_ == nullptr) return;
  while (!table_->FreeSome(kPieces)) context.Breathe();
  table_.reset();
}

}  // namespace nuthatch::commands
