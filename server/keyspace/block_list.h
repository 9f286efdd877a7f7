// BlockList: who waits for which keys of one shard (BLPOP and its kin), in the order of arrival,
// and until when; and which of these keys have changed since anybody looked.
//
// Part of a Keyspace, used by whoever holds that. It knows nothing of commands: what a waiter
// wants, and how it is served, is the runtime's (runtime/blocking.h).
//
// Invariants: a waiter stands at most once on a key. A place of a waiter that is gone is passed
// over and removed by whoever meets it, or by Sweep().
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "server/keyspace/key.h"

namespace nuthatch::keyspace {

// One command that waits.
class Waiter {
 public:
  Waiter() = default;
  virtual ~Waiter() = default;
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  // Whether it waits no more. Any thread.
  virtual bool gone() const = 0;
};

class BlockList {
 public:
  struct Place {
    std::shared_ptr<Waiter> waiter;
    uint32_t key_index = 0;  // which of its command's keys this is
  };
  struct ReadyKey {
    int db;
    std::string name;
    uint64_t hash;
    uint16_t slot;
    Key key() const { return {name, hash, slot}; }
  };

  bool empty() const { return lines_.empty(); }

  // Puts the waiter behind all others on the key; nothing if it stands there already.
  void Add(int db, const Key& key, const std::shared_ptr<Waiter>& waiter, uint32_t key_index);
  void Remove(int db, const Key& key, const Waiter& waiter);
  // The i-th on the key, or null. Good until the next call that isn't const.
  const Place* At(int db, const Key& key, size_t i) const;
  // REQUIRES: At(db, key, i).
  void RemoveAt(int db, const Key& key, size_t i);

  // The waiter is to be woken at `deadline_ms`.
  void AddDeadline(int64_t deadline_ms, const std::shared_ptr<Waiter>& waiter);
  void RemoveDeadline(int64_t deadline_ms, const Waiter& waiter);
  // One whose deadline is at or before `now_ms`, or null; the deadline is removed.
  std::shared_ptr<Waiter> TakeDue(int64_t now_ms);
  // Waiters with a deadline.
  size_t deadline_count() const { return deadlines_.size(); }

  // The key has changed, or may have.
  void NoteChange(int db, const Key& key);
  // All keys of the database have.
  void NoteReplaced(int db);
  bool HasReady() const { return !ready_.empty(); }
  // The key that changed first; nullopt if none is left.
  std::optional<ReadyKey> TakeReady();

  // Removes the places and deadlines of waiters that are gone.
  void Sweep();
  // Visits every place's waiter: one that stands on several keys several times. `visit` changes
  // nothing here.
  template <typename Visit>
  void ForEach(Visit&& visit) const {
    for (const auto& [hash, line] : lines_) {
      for (const Place& place : line.places) visit(place.waiter);
    }
  }

 private:
  struct Line {
    ReadyKey key;
    bool ready = false;
    std::deque<Place> places;
  };
  // By a hash of database and name; several lines may have the same.
  using Lines = std::unordered_multimap<uint64_t, Line>;

  static uint64_t Hash(int db, const Key& key) {
    return key.hash + static_cast<uint64_t>(db) * 0x9E3779B97F4A7C15U;
  }
  Lines::iterator Find(int db, const Key& key);
  Lines::const_iterator Find(int db, const Key& key) const;
  void MarkReady(Line& line);

  Lines lines_;
  std::deque<ReadyKey> ready_;
  std::multimap<int64_t, std::shared_ptr<Waiter>> deadlines_;
};

}  // namespace nuthatch::keyspace
