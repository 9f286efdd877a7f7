// World: a set of keys and of connections to a real server, on which rounds run and are recorded.
//
// Owned and used by one thread; worlds with different key prefixes are independent of each other,
// so that several threads can load one server. Plain sockets and poll().
//
// Invariant: between two rounds no command is without its reply.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/random.h"
#include "server/base/result.h"
#include "tests/linearizability/workload.h"

namespace nuthatch::linearizability {

class World {
 public:
  // `prefix` begins the names of its `keys` keys.
  World(std::string_view prefix, size_t keys, uint64_t seed);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Connects `connections` sockets to 127.0.0.1:port.
  base::Result<void> Connect(uint16_t port, size_t connections);

  // Runs the round and returns what was recorded, the start first and the look last. An error is a
  // broken connection, bytes that are not RESP, or a reply that did not come in time.
  // REQUIRES: Connect() succeeded; the round is for as many connections.
  base::Result<History> Run(const Round& round);

 private:
  struct Link {
    int fd = -1;
    std::deque<Batch> batches;        // to be sent
    std::deque<Operation> in_flight;  // sent, without a reply
    size_t replies_before = 0;        // of the first in flight, that have come already
    std::string input;                // the beginning of a reply
    History history;
  };

  base::Result<void> RunPhase(const std::vector<std::vector<Batch>>& body);
  base::Result<void> SendWhatMayGo(size_t index);
  base::Result<void> Receive(size_t index);
  base::Result<void> WaitForReplies();
  void Dawdle();

  const std::vector<std::string> names_;
  base::Random random_;
  std::vector<Link> links_;
};

// A connected socket, which the caller closes.
base::Result<int> ConnectTo(uint16_t port);

// True when a server on 127.0.0.1:port answers PING with PONG.
bool AnswersPing(uint16_t port);

}  // namespace nuthatch::linearizability
