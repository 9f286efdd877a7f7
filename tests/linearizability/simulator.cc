#include "tests/linearizability/simulator.h"

#include <algorithm>
#include <utility>

#include "server/base/check.h"

namespace nuthatch::linearizability {

// One command on its way.
struct Simulator::Task {
  Operation operation;
  bool done = false;               // the reply is complete
  size_t fragments_left = 0;       // of a scatter: not yet run; of a rendezvous: not yet arrived
  std::vector<std::string> parts;  // MGET: the reply to each key
  int64_t count = 0;               // DEL, EXISTS
};

struct Simulator::Fragment {
  std::shared_ptr<Task> task;
};

struct Simulator::Shard {
  std::deque<Fragment> mailbox;
  std::deque<Fragment> batch;              // taken out of the mailbox, not yet run
  std::shared_ptr<Task> parked;            // the rendezvous that it waits in
  std::deque<std::shared_ptr<Task>> held;  // only with hold_outside_mailbox
  // A posting that is under way, with fragments_one_by_one: where the rest goes.
  std::shared_ptr<Task> posting;
  std::deque<size_t> posting_to;
  std::vector<size_t> clients;
};

struct Simulator::Client {
  std::deque<Batch> batches;                // to be written
  std::deque<std::shared_ptr<Task>> input;  // written, not yet parsed by the shard
  std::deque<std::shared_ptr<Task>> in_flight;
  History history;
};

namespace {

bool IsRendezvous(Verb verb) {
  return verb == Verb::kRename || verb == Verb::kRenameNx || verb == Verb::kCopy ||
         verb == Verb::kCopyReplace || verb == Verb::kMsetNx;
}

}  // namespace

Simulator::Simulator(const SimulatorOptions& options, size_t connections, uint64_t seed)
    : options_(options), random_(seed), shards_(options.shards), clients_(connections) {
  for (size_t i = 0; i < connections; ++i) shards_[i % options.shards].clients.push_back(i);
}

Simulator::~Simulator() = default;

History Simulator::Run(const Round& round) {
  size_t alone = random_.Below(clients_.size());
  std::vector<std::vector<Batch>> one(clients_.size());
  one[alone] = {round.start};
  RunPhase(one);
  RunPhase(round.body);
  one[alone] = {round.look};
  RunPhase(one);
  History history;
  for (Client& client : clients_) {
    for (Operation& operation : client.history) history.push_back(std::move(operation));
    client.history.clear();
  }
  return history;
}

// Steps random actors until every client has all its replies. Weights differ, so that some actors
// are late by a lot.
void Simulator::RunPhase(const std::vector<std::vector<Batch>>& body) {
  for (size_t i = 0; i < body.size(); ++i) {
    clients_[i].batches.assign(body[i].begin(), body[i].end());
  }
  constexpr uint32_t kWeights[] = {1, 4, 16};
  size_t actors = clients_.size() + shards_.size();
  uint64_t total = 0;
  weights_.clear();
  for (size_t i = 0; i < actors; ++i) {
    weights_.push_back(kWeights[random_.Below(3)]);
    total += weights_.back();
  }
  constexpr size_t kTriesPerOperation = 100'000;
  size_t idle = 0;
  while (true) {
    bool finished = std::all_of(clients_.begin(), clients_.end(), [](const Client& client) {
      return client.batches.empty() && client.in_flight.empty();
    });
    if (finished) return;
    uint64_t ticket = random_.Below(total);
    size_t actor = 0;
    while (ticket >= weights_[actor]) ticket -= weights_[actor++];
    idle = StepActor(actor) ? 0 : idle + 1;
    CHECK(idle < kTriesPerOperation);  // a deadlock of the design would show here
  }
}

bool Simulator::StepActor(size_t actor) {
  ++now_;
  return actor < clients_.size() ? StepClient(actor) : StepShard(actor - clients_.size());
}

bool Simulator::StepClient(size_t client) {
  if (random_.Below(2) == 0) return Write(client) || Read(client);
  return Read(client) || Write(client);
}

bool Simulator::Write(size_t index) {
  Client& client = clients_[index];
  if (client.batches.empty()) return false;
  if (client.in_flight.size() > client.batches.front().in_flight_allowed) return false;
  for (Command& command : client.batches.front().commands) {
    auto task = std::make_shared<Task>();
    task->operation.connection = static_cast<uint32_t>(index);
    task->operation.invoke_ns = now_;
    task->operation.command = std::move(command);
    client.input.push_back(task);
    client.in_flight.push_back(task);
  }
  client.batches.pop_front();
  return true;
}

bool Simulator::Read(size_t index) {
  Client& client = clients_[index];
  bool any = false;
  while (!client.in_flight.empty() && client.in_flight.front()->done) {
    Operation& operation = client.in_flight.front()->operation;
    operation.return_ns = now_;
    client.history.push_back(std::move(operation));
    client.in_flight.pop_front();
    any = true;
  }
  return any;
}

bool Simulator::StepShard(size_t index) {
  Shard& shard = shards_[index];
  if (shard.posting != nullptr) {  // in the middle of a posting nothing else happens here
    shards_[shard.posting_to.front()].mailbox.push_back({shard.posting});
    shard.posting_to.pop_front();
    if (shard.posting_to.empty()) shard.posting = nullptr;
    return true;
  }
  if (random_.Below(2) == 0) return ProcessOne(index) || ParseOne(index);
  return ParseOne(index) || ProcessOne(index);
}

bool Simulator::ParseOne(size_t index) {
  Shard& shard = shards_[index];
  if (shard.clients.empty()) return false;
  size_t from = random_.Below(shard.clients.size());
  for (size_t i = 0; i < shard.clients.size(); ++i) {
    Client& client = clients_[shard.clients[(from + i) % shard.clients.size()]];
    if (client.input.empty()) continue;
    auto task = client.input.front();
    client.input.pop_front();
    Dispatch(index, task);
    return true;
  }
  return false;
}

// Runs or posts a command that has just been parsed.
void Simulator::Dispatch(size_t home, const std::shared_ptr<Task>& task) {
  std::vector<size_t> targets;
  for (uint8_t key : task->operation.command.keys) targets.push_back(ShardOf(key));
  std::sort(targets.begin(), targets.end());
  targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  task->fragments_left = targets.size();
  task->parts.resize(task->operation.command.keys.size());
  if (targets.size() > 1 || targets[0] != home) return Post(home, task, targets);
  Shard& shard = shards_[home];
  if (options_.hold_outside_mailbox && (shard.parked != nullptr || !shard.held.empty())) {
    shard.held.push_back(task);
    return;
  }
  bool clear = shard.mailbox.empty() && shard.batch.empty();
  if (shard.parked == nullptr && (clear || options_.local_past_mailbox)) {
    return RunFragment(home, {task});
  }
  Post(home, task, targets);
}

void Simulator::Post(size_t home, const std::shared_ptr<Task>& task,
                     const std::vector<size_t>& targets) {
  // A rendezvous is posted whole even with the mistake: one by one it would deadlock, not misread.
  if (options_.fragments_one_by_one && !IsRendezvous(task->operation.command.verb)) {
    shards_[home].posting = task;
    shards_[home].posting_to.assign(targets.begin(), targets.end());
    return;
  }
  for (size_t target : targets) shards_[target].mailbox.push_back({task});
}

bool Simulator::ProcessOne(size_t index) {
  Shard& shard = shards_[index];
  if (shard.parked != nullptr) return false;
  if (shard.batch.empty()) shard.batch.swap(shard.mailbox);
  if (!shard.batch.empty()) {
    Fragment fragment = shard.batch.front();
    shard.batch.pop_front();
    Task& task = *fragment.task;
    if (task.fragments_left > 1 && IsRendezvous(task.operation.command.verb)) {
      Arrive(index, fragment.task);
    } else {
      RunFragment(index, fragment);
    }
    return true;
  }
  if (shard.held.empty()) return false;
  auto task = shard.held.front();
  shard.held.pop_front();
  RunFragment(index, {task});
  return true;
}

// A shard that isn't the last to arrive at a rendezvous.
void Simulator::Arrive(size_t index, const std::shared_ptr<Task>& task) {
  shards_[index].parked = task;
  --task->fragments_left;
}

// Runs the shard's part of a scatter or a one-shard command, or a whole rendezvous.
void Simulator::RunFragment(size_t index, const Fragment& fragment) {
  Task& task = *fragment.task;
  const Command& command = task.operation.command;
  if (IsRendezvous(command.verb)) {
    task.operation.reply = Apply(command, values_, state_);
    task.done = true;
    for (Shard& shard : shards_) {
      if (shard.parked == fragment.task) shard.parked = nullptr;
    }
    return;
  }
  Command part{command.verb, {}, {}};
  for (size_t i = 0; i < command.keys.size(); ++i) {
    if (ShardOf(command.keys[i]) != index) continue;
    part.keys.push_back(command.keys[i]);
    if (i < command.values.size()) part.values.push_back(command.values[i]);
    if (command.verb == Verb::kMget) {
      task.parts[i] = Apply({Verb::kGet, {command.keys[i]}, {}}, values_, state_);
    }
  }
  std::string reply = Apply(part, values_, state_);
  bool counts = command.verb == Verb::kDel || command.verb == Verb::kExists;
  if (counts) task.count += reply[1] - '0';
  if (--task.fragments_left > 0) return;
  if (counts) reply = IntegerReply(task.count);
  if (command.verb == Verb::kMget) {
    reply = ArrayHeader(task.parts.size());
    for (const std::string& value : task.parts) reply += value;
  }
  task.operation.reply = std::move(reply);
  task.done = true;
}

}  // namespace nuthatch::linearizability
