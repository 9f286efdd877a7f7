// What the arguments of SORT and SORT_RO ask for, and what its patterns mean.
//
// Plain data over views of the arguments; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/runtime/command_table.h"

namespace nuthatch::commands {

// The argument of BY or GET. For Redis it is a text that a zero byte ends, but where it is copied.
class SortPattern {
 public:
  explicit SortPattern(std::string_view text);

  // "#": the element itself.
  bool is_element() const { return kind_ == Kind::kElement; }
  // Whether it has a place for the element, and so names a key; otherwise it names nothing.
  bool names_keys() const { return kind_ == Kind::kKeys; }
  // REQUIRES, here and below: names_keys().
  void NameKey(std::string_view element, std::string* name) const;
  // Behind "->": the field of a hash. Without it, the key is a string.
  std::optional<std::string_view> field() const { return field_; }

 private:
  enum class Kind : uint8_t { kElement, kKeys, kNothing };
  Kind kind_ = Kind::kNothing;
  std::string_view prefix_;
  std::string_view suffix_;
  std::optional<std::string_view> field_;
};

struct SortOptions {
  bool descending = false;
  bool alpha = false;
  int64_t offset = 0;
  int64_t count = -1;  // negative: all
  // Without a place for the element: not to be sorted.
  std::optional<SortPattern> by;
  std::vector<SortPattern> gets;
  std::optional<size_t> store;  // the position of the destination's name
};

// The text of the error, or nothing. `may_store`: SORT, not SORT_RO.
std::string_view ParseSort(std::span<const std::string_view> args, bool may_store,
                           SortOptions* options);

// The key that is sorted, and SORT's destination, as COMMAND GETKEYS of Redis finds it: with an
// option for another's argument, it may be wrong (see SortNeedsAll).
bool SortKeys(std::span<const std::string_view> args, runtime::KeyPositions& out);
bool SortRoKeys(std::span<const std::string_view> args, runtime::KeyPositions& out);

// Whether elements make names of keys, which may live anywhere; or the destination is none of
// SortKeys().
bool SortNeedsAll(std::span<const std::string_view> args);
bool SortRoNeedsAll(std::span<const std::string_view> args);

}  // namespace nuthatch::commands
