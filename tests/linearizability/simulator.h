// The sharded design in small, with its three known mistakes as switches: shards with mailboxes,
// posting under all locks, scatters, rendezvous and parked shards, connections with pipelines and
// ordered replies. No threads and no clock: a seeded scheduler lets one actor (a client or a shard)
// take one atomic step at a time, so that a seed is an interleaving and a failure comes back.
//
// It tests the checker and the workloads: they must find nothing in the right design, and each of
// the mistakes when it is planted. One owner, one thread.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "server/base/random.h"
#include "tests/linearizability/model.h"
#include "tests/linearizability/workload.h"

namespace nuthatch::linearizability {

struct SimulatorOptions {
  size_t shards = 4;
  // At most so many commands of a pipeline are dispatched together: run together where all are
  // local, posted together where not.
  size_t max_posting = 1;
  // A command of the own shard runs at once although something stands in the mailbox.
  bool local_past_mailbox = false;
  // A posting's parts are put into the mailboxes one by one, not under all locks.
  bool fragments_one_by_one = false;
  // A command of the own shard that meets it parked waits in a list beside the mailbox.
  bool hold_outside_mailbox = false;
};

class Simulator {
 public:
  // Connection i is served by shard i mod shards; key i lives in shard i mod shards.
  Simulator(const SimulatorOptions& options, size_t connections, uint64_t seed);
  ~Simulator();

  // Runs the round to its end and returns what the clients recorded; time is counted in steps.
  History Run(const Round& round);

 private:
  struct Task;
  struct Shard;
  struct Client;

  void RunPhase(const std::vector<std::vector<Batch>>& body);
  bool StepActor(size_t actor);
  bool StepClient(size_t client);
  bool StepShard(size_t shard);
  bool Write(size_t client);
  bool Read(size_t client);
  bool ParseOne(size_t shard);
  bool ProcessOne(size_t shard);
  using Tasks = std::vector<std::shared_ptr<Task>>;
  void Dispatch(size_t home, const Tasks& tasks);
  void Post(size_t home, const Tasks& tasks);
  void RunFragment(size_t shard, const std::shared_ptr<Task>& task);
  void Arrive(size_t shard, const std::shared_ptr<Task>& task);

  size_t ShardOf(uint8_t key) const { return key % options_.shards; }

  const SimulatorOptions options_;
  base::Random random_;
  Values values_;
  State state_{};
  int64_t now_ = 0;
  std::vector<Shard> shards_;
  std::vector<Client> clients_;
  std::vector<uint32_t> weights_;  // by actor: how often it takes a step
};

}  // namespace nuthatch::linearizability
