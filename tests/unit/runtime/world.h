// World: what the runtime's tests let commands work on: a table of commands of their own, and a map
// of strings for each shard in place of its keyspace, which nobody but who holds that shard may
// touch (ThreadSanitizer sees to that).
//
// One at a time. Made before the shards, and destroyed after them.
//
//   put k v, get k           one shard                 mput k v ..., mget k ...   scatter
//   copy from to             rendezvous                put! k v                   put, a barrier
//   count                    scatter over all          total                      rendezvous of all
//   sum k [all]              one shard, or all of them
//   say x, here              home; here: the shard     where k                    the shard of the
//   key time k                   its time                  times k ..., time2 k k     scatter,
//   rendezvous hold k gate, breathe k gate, hold! gate            says it has come, then goes on
//   when the gate
//                                                      opens: blocking, breathing, at home
//   hook!                                              at home, a barrier: calls hook()
//   login k                  needs no password         secure password            at home: replaces
//                                                                                 the configuration
//   fill k n                 n bytes of reply          reply on|off|skip, quit    at home
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "server/runtime/command_spec.h"
#include "tests/support/shard_harness.h"

namespace nuthatch::runtime {

class World {
 public:
  static constexpr size_t kGates = 3;

  explicit World(size_t shards);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  static std::span<const CommandSpec> Commands();
  // A number as an argument of hold and breathe.
  static std::string GateName(size_t gate) { return std::to_string(gate); }

  // Of one shard: whoever holds it.
  struct Part {
    alignas(64) std::map<std::string, std::string, std::less<>> values;
    int64_t last_time = INT64_MIN;
    bool time_fell = false;
    std::vector<std::string> puts;  // values, in the order in which they were put
  };
  Part& part(size_t shard) { return parts_[shard]; }
  // Any thread.
  Gate& gate(size_t index) { return gates_[index]; }
  Gate& came(size_t index) { return came_[index]; }
  // Set before it is called.
  std::function<void()>& hook() { return hook_; }

 private:
  std::vector<Part> parts_;
  std::array<Gate, kGates> gates_;
  std::array<Gate, kGates> came_;
  std::function<void()> hook_;
};

}  // namespace nuthatch::runtime
