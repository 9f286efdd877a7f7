// SortLookup: what the patterns of SORT name, for one element after the other. Keys are looked up
// in batches: their names are made and hashed, their tables, buckets and entries prefetched, then
// they are read.
//
// On the stack of a command that holds every shard's keyspace, where a pattern names keys.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/commands/lookup.h"
#include "server/commands/sort_options.h"
#include "server/keyspace/entry.h"
#include "server/values/listpack.h"

namespace nuthatch::commands {

class SortLookup {
 public:
  SortLookup(CommandContext& context, std::span<const SortPattern> patterns)
      : context_(context),
        patterns_(patterns),
        batch_(std::max<size_t>(1, kPrefetchBatch / std::max<size_t>(1, patterns.size()))),
        names_(batch_ * patterns.size()),
        keys_(names_.size()) {}

  // For each of `count` elements, and for each pattern in turn: take(i, value), with element i's
  // value, or nullopt; its bytes are good during the call. element(i) gives an element, whose bytes
  // are no views of a keyspace.
  template <typename ElementAt, typename Take>
  void ForEach(size_t count, const ElementAt& element, const Take& take) {
    for (size_t begin = 0; begin < count; begin += batch_) {
      const size_t end = std::min(count, begin + batch_);
      size_t slot = 0;
      for (size_t i = begin; i < end; ++i) {
        for (const SortPattern& pattern : patterns_) Name(pattern, element(i), slot++);
      }
      Prefetch(slot);
      slot = 0;
      for (size_t i = begin; i < end; ++i) {
        for (const SortPattern& pattern : patterns_) take(i, Read(pattern, element(i), slot++));
      }
      if (++batches_ % kBatchesBetweenBreaths == 0) context_.Breathe();
    }
  }

 private:
  static constexpr size_t kBatchesBetweenBreaths = 64;

  void Name(const SortPattern& pattern, std::string_view element, size_t slot);
  void Prefetch(size_t slots) const;
  std::optional<std::string_view> Read(const SortPattern& pattern, std::string_view element,
                                       size_t slot);
  std::optional<std::string_view> FieldOf(const EntryRef& ref, std::string_view field);

  CommandContext& context_;
  std::span<const SortPattern> patterns_;
  size_t batch_;  // of elements
  std::vector<std::string> names_;
  std::vector<std::optional<Key>> keys_;
  keyspace::NumberText integer_;
  values::NumberText number_;
  size_t batches_ = 0;
};

}  // namespace nuthatch::commands
