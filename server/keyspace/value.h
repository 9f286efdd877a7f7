// Value: a value with its deadline and access bits, taken out of a keyspace (RENAME, MOVE, COPY).
//
// Owns what it holds; moves between keyspaces and threads. It is the entry block that the value
// lived in; the name in it means nothing any more.
#pragma once

#include <utility>

#include "server/keyspace/entry.h"

namespace nuthatch::keyspace {

class Value {
 public:
  Value() = default;
  // `fresh`: a copy, whose access bits mean nothing yet.
  explicit Value(Entry* entry, bool fresh = false) : entry_(entry), fresh_(fresh) {}
  ~Value() { Reset(); }
  Value(const Value&) = delete;
  Value& operator=(const Value&) = delete;
  Value(Value&& other) noexcept
      : entry_(std::exchange(other.entry_, nullptr)), fresh_(other.fresh_) {}
  Value& operator=(Value&& other) noexcept {
    std::swap(entry_, other.entry_);
    std::swap(fresh_, other.fresh_);
    return *this;
  }

  explicit operator bool() const { return entry_ != nullptr; }
  // Type, encoding, deadline_ms(), Text() and access(). REQUIRES: there is a value.
  const Entry& operator*() const { return *entry_; }
  const Entry* operator->() const { return entry_; }
  bool fresh() const { return fresh_; }
  Entry* Release() { return std::exchange(entry_, nullptr); }

 private:
  void Reset() {
    if (entry_ == nullptr) return;
    if (entry_->kind() == ValueKind::kBlob) values::Blob::Release(entry_->blob());
    if (entry_->kind() == ValueKind::kObject) delete entry_->object();
    Entry::Release(entry_);
    entry_ = nullptr;
  }

  Entry* entry_ = nullptr;
  bool fresh_ = false;
};

}  // namespace nuthatch::keyspace
