// MemberBatch: up to a batch of members with their hashes, those of intsets with the text that they
// are known by.
//
// On the stack of who walks a set. The bytes of members that were strings are not copied; those of
// integers are good until Clear().
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "server/base/numbers.h"
#include "server/keyspace/entry.h"
#include "server/values/hashed.h"
#include "server/values/set_operations.h"

namespace nuthatch::commands {

inline std::string_view TextOf(int64_t member, keyspace::NumberText& text) {
  return {text.bytes, base::FormatInt64(member, text.bytes)};
}

class MemberBatch {
 public:
  static constexpr size_t kSize = values::SetView::kMaxBatch;

  // REQUIRES: !full().
  void Add(int64_t member) {
    keyspace::NumberText& text = texts_[count_];
    members_[count_++] = values::Hashed(TextOf(member, text));
  }
  bool full() const { return count_ == kSize; }
  bool empty() const { return count_ == 0; }
  std::span<const values::Hashed> members() const { return {members_, count_}; }
  void Clear() { count_ = 0; }

 private:
  values::Hashed members_[kSize];
  keyspace::NumberText texts_[kSize];
  size_t count_ = 0;
};

}  // namespace nuthatch::commands
