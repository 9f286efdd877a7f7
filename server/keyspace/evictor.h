// Evictor: applies the keyspace's eviction policy to it, and shows it the keys.
//
// One for each Keyspace, used by whoever may use that. The policy ranks, the evictor filters
// (database, volatile, pinned; what has expired goes first) and holds the time budget.
//
// A KeyRef's `where` is database and slot; its `hash` the key's hash, or, where the entry was not
// touched, only the upper bits of it that the table knows (the low ones are 0).
#pragma once

#include <cstdint>

#include "eviction/view.h"
#include "server/keyspace/keyspace.h"

namespace nuthatch::keyspace {

class Evictor final : public eviction::View {
 public:
  explicit Evictor(Keyspace& keyspace) : keyspace_(keyspace) {}

  enum class Outcome : uint8_t {
    kFreed,    // as much as was asked for
    kTimeUp,   // the budget is over; there may be more
    kNothing,  // there is nothing (more) to evict
  };
  struct Result {
    Outcome outcome = Outcome::kFreed;
    uint64_t bytes = 0;  // freed, by the keyspace's own count; big values count as freed at once
    uint64_t keys = 0;   // evicted or expired
  };
  // Evicts until `bytes` are freed or about `budget_ns` is over.
  Result Evict(uint64_t bytes, int64_t now_ms, int64_t budget_ns);

  // About ten times a second.
  void Tick(int64_t now_ms);

  // --- eviction::View ---
  size_t Count(const eviction::Scope& scope) const override;
  size_t Sample(const eviction::Scope& scope, eviction::Fields fields, base::Random& random,
                std::span<eviction::Candidate> out) override;
  size_t Walk(eviction::WalkPosition& position, const eviction::Scope& scope,
              eviction::Fields fields, std::span<eviction::Candidate> out, bool* wrapped) override;
  bool Find(const eviction::KeyRef& ref, const eviction::Scope& scope, eviction::Fields fields,
            eviction::Candidate& out) override;
  void Store(const eviction::Candidate& candidate, eviction::Changed changed) override;

 private:
  struct Place {
    int db;
    size_t local;
  };
  uint64_t WhereOf(Place place) const;
  Place PlaceOf(uint64_t where) const;
  Database& DatabaseAt(int db) const { return keyspace_.databases_[static_cast<size_t>(db)]; }
  size_t CountIn(int db, const eviction::Scope& scope) const;
  int PickDatabase(const eviction::Scope& scope, base::Random& random) const;
  size_t PickTable(const Database& database, bool volatile_only, base::Random& random) const;
  bool Describe(Place place, const SlotTable& table, SlotTable::Ref ref,
                const eviction::Scope& scope, eviction::Fields fields,
                eviction::Candidate& out) const;
  bool NextPlace(Place& place, const eviction::Scope& scope) const;
  size_t WalkBucket(eviction::WalkPosition& position, const eviction::Scope& scope,
                    eviction::Fields fields, std::span<eviction::Candidate> out, bool& wrapped);
  bool Remove(const eviction::Candidate& victim);

  Keyspace& keyspace_;
  int64_t now_ms_ = 0;
};

}  // namespace nuthatch::keyspace
