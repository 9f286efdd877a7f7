// Reclaimer: frees what is no longer reachable, a slice at a time: big values and whole databases.
//
// Owned by a Keyspace. Giving back touched memory costs about 20 us a megabyte (the kernel takes
// the pages), and freeing a million entries 50 ms: so neither is done at once. A long string gives
// its pages back slice by slice before the block itself is freed.
//
// Invariant: pending_bytes() counts, by size class, exactly what has been given and is not yet
// freed.
#pragma once

#include <cstdint>
#include <deque>

#include "server/keyspace/database.h"
#include "server/keyspace/entry.h"

namespace nuthatch::keyspace {

class Reclaimer {
 public:
  // Values below this are freed at once.
  static constexpr size_t kBigValue = 64 * 1024;

  Reclaimer() = default;
  ~Reclaimer();
  Reclaimer(const Reclaimer&) = delete;
  Reclaimer& operator=(const Reclaimer&) = delete;

  void FreeBlob(values::Blob* blob);
  void FreeObject(values::Object* object);
  // What the entry's value points to, if anything; not the entry.
  void FreePayload(const Entry& entry);
  void FreeDatabase(Database database);

  bool empty() const { return blobs_.empty() && objects_.empty() && databases_.empty(); }
  uint64_t pending_bytes() const { return static_cast<uint64_t>(pending_bytes_); }

  // Frees for at most about `until_ns` of the steady clock; true if there is more.
  bool Run(int64_t until_ns);

 private:
  struct DoomedBlob {
    values::Blob* blob;
    size_t returned;  // bytes at the end whose pages are given back
  };
  struct DoomedObject {
    values::Object* object;
    size_t bytes;
  };
  void RunBlob();
  void RunObject();
  void RunDatabase();

  std::deque<DoomedBlob> blobs_;
  std::deque<DoomedObject> objects_;
  std::deque<Database> databases_;
  size_t table_ = 0;   // of databases_.front()
  size_t cursor_ = 0;  // in that table
  int64_t pending_bytes_ = 0;
};

}  // namespace nuthatch::keyspace
