#include "server/values/sorted_set.h"

#include <algorithm>
#include <utility>

namespace nuthatch::values {
namespace {

// What a bucket of the table holds, about: so many pieces FreeSome() counts for one.
constexpr size_t kBucketPieces = 6;
// What the destructor frees at a time.
constexpr size_t kAllPieces = size_t{1} << 20;

}  // namespace

SortedSet::~SortedSet() {
  while (!FreeSome(kAllPieces)) {
  }
}

SortedSet::ElementTable::Ref SortedSet::FindRef(uint64_t hash, std::string_view member) const {
  return table_.Find(hash, [&](const Element& element) { return element.member() == member; });
}

const SortedSetElement* SortedSet::FindHashed(uint64_t hash, std::string_view member) const {
  ElementTable::Ref ref = FindRef(hash, member);
  return ref ? ref.entry() : nullptr;
}

SortedSetElement* SortedSet::MakeElement(uint64_t hash, std::string_view member, double score) {
  Element* element = Element::Make(member, score);
  table_.Insert(hash, element, 0, table_bytes_);
  element_bytes_ += element->MemoryBytes();
  return element;
}

void SortedSet::ReleaseElement(Element* element) {
  element_bytes_ -= element->MemoryBytes();
  Element::Release(element);
}

SortedSet::Outcome SortedSet::Add(std::string_view member, double score) {
  uint64_t hash = Hash(member);
  if (const Element* element = FindHashed(hash, member)) {
    return Update(element, score) ? Outcome::kUpdated : Outcome::kUnchanged;
  }
  tree_.Insert(MakeElement(hash, member, score));
  return Outcome::kAdded;
}

const SortedSetElement* SortedSet::InsertHashed(uint64_t hash, std::string_view member,
                                                double score) {
  Element* element = MakeElement(hash, member, score);
  tree_.Insert(element);
  return element;
}

bool SortedSet::Update(const Element* element, double score) {
  if (element->score() == score) return false;
  tree_.Move(const_cast<Element*>(element), score);  // NOLINT: it is ours
  return true;
}

bool SortedSet::Remove(std::string_view member) {
  uint64_t hash = Hash(member);
  ElementTable::Ref ref = FindRef(hash, member);
  if (!ref) return false;
  Element* element = ref.entry();
  table_.Erase(ref, hash, table_bytes_);
  tree_.Remove(element);
  ReleaseElement(element);
  return true;
}

void SortedSet::Remove(const Element* element) { CHECK(Remove(element->member())); }

// --- Ranges ---

SortedSet::RankRange SortedSet::Within(const ScoreRange& range) const {
  if (range.min > range.max) return {};
  size_t begin = tree_.SeekScore(range.min, range.min_exclusive).rank;
  size_t end = tree_.SeekScore(range.max, !range.max_exclusive).rank;
  return {begin, std::max(begin, end)};
}

SortedSet::RankRange SortedSet::Within(const LexRange& range) const {
  auto rank = [&](const LexBound& bound, bool after_equal) -> size_t {
    switch (bound.kind) {
      case LexBound::Kind::kLowest:
        return 0;
      case LexBound::Kind::kHighest:
        return size();
      default:
        return tree_.SeekMember(bound.member, after_equal).rank;
    }
  };
  size_t begin = rank(range.min, range.min.kind == LexBound::Kind::kExclusive);
  size_t end = rank(range.max, range.max.kind == LexBound::Kind::kInclusive);
  return {begin, std::max(begin, end)};
}

SortedSet::Position SortedSet::FirstWithin(const ScoreRange& range) const {
  Position position = tree_.SeekScore(range.min, range.min_exclusive).position;
  if (!position) return {};
  double score = position.score();
  bool inside = range.max_exclusive ? score < range.max : score <= range.max;
  return inside ? position : Position();
}

SortedSet::Position SortedSet::LastWithin(const ScoreRange& range) const {
  Position position = tree_.SeekScore(range.max, !range.max_exclusive).position;
  if (size() == 0) return {};
  position.Previous();
  if (!position) return {};
  double score = position.score();
  bool inside = range.min_exclusive ? score > range.min : score >= range.min;
  return inside ? position : Position();
}

SortedSet::Position SortedSet::FirstWithin(const LexRange& range) const {
  RankRange ranks = Within(range);
  return ranks.size() > 0 ? At(ranks.begin) : Position();
}

SortedSet::Position SortedSet::LastWithin(const LexRange& range) const {
  RankRange ranks = Within(range);
  return ranks.size() > 0 ? At(ranks.end - 1) : Position();
}

// The buckets of a run are brought near before the first of them is needed.
void SortedSet::RemoveRanks(RankRange ranks) {
  tree_.RemoveRange(ranks.begin, ranks.end, [&](Element* const* elements, unsigned count) {
    uint64_t hashes[SortedSetShape::kLeafEntries];
    for (unsigned i = 0; i < count; ++i) base::Prefetch(elements[i]);
    for (unsigned i = 0; i < count; ++i) {
      hashes[i] = Hash(elements[i]->member());
      table_.PrefetchBucket(hashes[i]);
    }
    for (unsigned i = 0; i < count; ++i) {
      Element* element = elements[i];
      ElementTable::Ref ref =
          table_.Find(hashes[i], [&](const Element& other) { return &other == element; });
      CHECK(ref);
      table_.Erase(ref, hashes[i], table_bytes_);
      ReleaseElement(element);
    }
  });
}

// --- The rest ---

std::unique_ptr<Object> SortedSet::Duplicate() const {
  SortedSetBuilder builder;
  for (Position at = First(); at; at.Next()) builder.AddNew(at.member(), at.score());
  return builder.Finish();
}

size_t SortedSet::MemoryBytes() const {
  return base::SizeClass(sizeof(SortedSet)) + static_cast<size_t>(table_bytes_) + element_bytes_ +
         tree_.MemoryBytes();
}

// First the table with the elements, which are near their buckets' turn, then the tree, whose nodes
// are freed without a look at elements.
bool SortedSet::FreeSome(size_t pieces) {
  if (table_.buckets() > 0) {
    size_t buckets = pieces / kBucketPieces + 1;
    table_.Destroy(
        &free_cursor_, buckets, [this](Element* element) { ReleaseElement(element); },
        table_bytes_);
    return false;
  }
  return tree_.FreeSome(pieces);
}

void SortedSet::CheckInvariants() const {
  table_.CheckInvariants();
  tree_.CheckInvariants();
  CHECK(table_.size() == tree_.size());
  size_t bytes = 0;
  for (Position at = First(); at; at.Next()) {
    CHECK(Find(at.member()) == at.element());
    bytes += at.element()->MemoryBytes();
  }
  CHECK(bytes == element_bytes_);
}

// --- SortedSetBuilder ---

bool SortedSetBuilder::Add(std::string_view member, double score) {
  uint64_t hash = SortedSet::Hash(member);
  if (set_->FindHashed(hash, member) != nullptr) return false;
  Append(hash, member, score);
  return true;
}

void SortedSetBuilder::AddNew(std::string_view member, double score) {
  Append(SortedSet::Hash(member), member, score);
}

void SortedSetBuilder::Append(uint64_t hash, std::string_view member, double score) {
  Item item{score, set_->MakeElement(hash, member, score)};
  if (!items_.empty()) {
    bool ascends = items_.back() < item;
    ascending_ = ascending_ && ascends;
    descending_ = descending_ && !ascends;
  }
  items_.push_back(item);
}

std::unique_ptr<SortedSet> SortedSetBuilder::Finish() {
  if (merged_) {
    for (Item& item : items_) item.score = item.element->score();
    ascending_ = descending_ = false;
  }
  if (!ascending_) {
    if (descending_) {
      std::reverse(items_.begin(), items_.end());
    } else {
      std::sort(items_.begin(), items_.end());
    }
  }
  std::vector<SortedSetElement*> elements;
  elements.reserve(items_.size());
  for (const Item& item : items_) elements.push_back(item.element);
  set_->tree_.Build(elements.data(), elements.size());
  return std::move(set_);
}

}  // namespace nuthatch::values
