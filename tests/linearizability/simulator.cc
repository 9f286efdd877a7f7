#include "tests/linearizability/simulator.h"

#include <algorithm>
#include <utility>

#include "server/base/check.h"

namespace nuthatch::linearizability {

// One command on its way.
struct Simulator::Task {
  Operation operation;
  bool done = false;               // the reply is complete
  std::vector<size_t> targets;     // shards, ascending
  size_t fragments_left = 0;       // of a scatter: not yet run; of a rendezvous: not yet arrived
  std::vector<std::string> parts;  // MGET: the reply to each key
  int64_t count = 0;               // DEL, EXISTS
};

struct Simulator::Shard {
  std::deque<std::shared_ptr<Task>> mailbox;
  std::deque<std::shared_ptr<Task>> batch;  // taken out of the mailbox, not yet run
  std::shared_ptr<Task> parked;             // the rendezvous that it waits in
  std::deque<std::shared_ptr<Task>> held;   // only with hold_outside_mailbox
  // A posting that is under way, with fragments_one_by_one: the parts that are still to be put.
  std::deque<std::pair<size_t, Tasks>> posting;
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
         verb == Verb::kCopyReplace || verb == Verb::kMsetNx || verb == Verb::kExec ||
         verb == Verb::kLmove || verb == Verb::kBlmove;
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
  if (!shard.posting.empty()) {  // in the middle of a posting nothing else happens here
    auto& [target, tasks] = shard.posting.front();
    for (const auto& task : tasks) shards_[target].mailbox.push_back(task);
    shard.posting.pop_front();
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
    Tasks tasks;
    for (size_t left = 1 + random_.Below(options_.max_posting); left > 0 && !client.input.empty();
         --left) {
      tasks.push_back(client.input.front());
      client.input.pop_front();
    }
    Dispatch(index, tasks);
    return true;
  }
  return false;
}

// Runs or posts commands of one connection that have just been parsed.
void Simulator::Dispatch(size_t home, const Tasks& tasks) {
  bool local = true;
  for (const auto& task : tasks) {
    for (uint8_t key : task->operation.command.keys) task->targets.push_back(ShardOf(key));
    std::sort(task->targets.begin(), task->targets.end());
    task->targets.erase(std::unique(task->targets.begin(), task->targets.end()),
                        task->targets.end());
    // An EXEC of nothing.
    if (task->targets.empty()) task->targets.push_back(home);
    task->fragments_left = task->targets.size();
    task->parts.resize(task->operation.command.keys.size());
    local &= task->targets.size() == 1 && task->targets[0] == home;
  }
  Shard& shard = shards_[home];
  if (local && options_.hold_outside_mailbox && (shard.parked != nullptr || !shard.held.empty())) {
    shard.held.insert(shard.held.end(), tasks.begin(), tasks.end());
    return;
  }
  bool clear = shard.mailbox.empty() && shard.batch.empty();
  if (local && shard.parked == nullptr && (clear || options_.local_past_mailbox)) {
    for (const auto& task : tasks) RunFragment(home, task);
    return;
  }
  Post(home, tasks);
}

void Simulator::Post(size_t home, const Tasks& tasks) {
  std::vector<Tasks> parts(shards_.size());
  bool rendezvous = false;
  for (const auto& task : tasks) {
    rendezvous |= IsRendezvous(task->operation.command.verb);
    for (size_t target : task->targets) parts[target].push_back(task);
  }
  // A rendezvous is posted whole even with the mistake: one by one it would deadlock, not misread.
  bool one_by_one = options_.fragments_one_by_one && !rendezvous;
  for (size_t target = 0; target < parts.size(); ++target) {
    if (parts[target].empty()) continue;
    if (one_by_one) {
      shards_[home].posting.emplace_back(target, std::move(parts[target]));
    } else {
      auto& mailbox = shards_[target].mailbox;
      mailbox.insert(mailbox.end(), parts[target].begin(), parts[target].end());
    }
  }
}

bool Simulator::ProcessOne(size_t index) {
  Shard& shard = shards_[index];
  if (shard.parked != nullptr) return false;
  if (shard.batch.empty()) shard.batch.swap(shard.mailbox);
  auto& source = shard.batch.empty() ? shard.held : shard.batch;
  if (source.empty()) return false;
  auto task = source.front();
  source.pop_front();
  if (task->fragments_left > 1 && IsRendezvous(task->operation.command.verb)) {
    Arrive(index, task);
  } else {
    RunFragment(index, task);
  }
  return true;
}

// A shard that isn't the last to arrive at a rendezvous.
void Simulator::Arrive(size_t index, const std::shared_ptr<Task>& task) {
  shards_[index].parked = task;
  --task->fragments_left;
}

// Runs the shard's part of a scatter or a one-shard command, or a whole rendezvous.
void Simulator::RunFragment(size_t index, const std::shared_ptr<Task>& fragment) {
  Task& task = *fragment;
  const Command& command = task.operation.command;
  if (IsRendezvous(command.verb)) {
    task.operation.reply = Apply(command, values_, state_);
    task.done = true;
    for (Shard& shard : shards_) {
      if (shard.parked == fragment) shard.parked = nullptr;
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
